//! The compiler.
#![forbid(unsafe_code)]

pub mod emit;
pub mod graph;
mod hash;
pub mod passes;
pub mod plan;
pub mod shape;

//! The compiler.
#![forbid(unsafe_code)]

pub mod diag;
pub mod emit;
pub mod front;
pub mod graph;
mod hash;
pub mod passes;
pub mod plan;
pub mod shape;

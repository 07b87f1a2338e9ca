//! The compiler.
#![forbid(unsafe_code)]

pub mod graph;
pub mod shape;

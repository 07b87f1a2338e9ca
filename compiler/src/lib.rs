//! The compiler.
#![forbid(unsafe_code)]

pub mod diag;
pub mod graph;
pub mod passes;
pub mod shape;

//! The compiler.
#![forbid(unsafe_code)]

pub mod diag;
pub mod front;
pub mod graph;
pub mod passes;
pub mod shape;

//! The front end for specs: YAML text -> [`spec::Spec`] -> [`crate::graph::Graph`].
//!
//! Everything a user can get wrong in a spec is reported here, all at once, with a place. Never: knows ONNX, a target,
//! a weight.

pub mod expand;
mod fields;
mod layers;
pub(crate) mod names;
mod rows;
mod set;
pub mod spec;
pub mod text;
mod tree;
mod values;
pub mod yaml;

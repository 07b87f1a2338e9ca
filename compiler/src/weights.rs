//! Weights: from a file or a seed to the packed blob a network runs on.
//!
//! In: a plan (or a graph) that names its parameters, and a [`WeightSource`]. Out: the blob's bytes, or one
//! [`Diagnostic`](crate::diag::Diagnostic) that lists all that is wrong. Never: opens a file, knows YAML or ONNX.
//!
//! ```text
//! safetensors -- read_safetensors --> Tensors -- rename_for --+
//! ONNX initialisers ----------------> Tensors ----------------+--> WeightSource -- pack --> blob
//! seed:N -- parse_seed ---------------------------------------+
//! ```

mod blob;
mod check;
#[cfg(test)]
pub(crate) mod example;
mod fold;
mod half;
pub(crate) mod layer;
mod names;
mod retensor;
mod safetensors;
pub mod seed;
mod source;
mod transfer;
mod words;

pub(crate) use check::check;
pub(crate) use half::{bf16_to_f32, f16_to_f32};
pub(crate) use retensor::retensor;
pub(crate) use transfer::transfer;

pub use blob::pack;
pub use names::torchvision_names;
pub use safetensors::write::write as write_safetensors;
pub use safetensors::{MAX_HEADER_BYTES, read as read_safetensors};
pub use seed::{parse as parse_seed, values as seeded_values};
pub use source::{Absent, Tensor, Tensors, WeightSource};

//! Reads a safetensors file; [`write`] writes one.
//!
//! In: its bytes. Out: its tensors as f32, or one [`Diagnostic`] that names the tensor and the numbers of both sides. The
//! package `safetensors` decides what is sound; where it refuses, [`explain`] says why. Never: panics, or takes more
//! memory than a few times the file.
//!
//! ```text
//! | header's length: u64 | header: JSON, name -> {dtype, shape, data_offsets} | the tensors' bytes, without gaps |
//! ```

mod explain;
pub(super) mod write;

use super::half::{bf16_to_f32, f16_to_f32};
use super::source::{Tensor, Tensors};
use super::words::quoted;
use crate::diag::{Code, Diagnostic};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

/// The longest header that is read; a MobileNet's has some 30 KiB.
pub const MAX_HEADER_BYTES: usize = 1 << 20;

/// The tensors of a safetensors file. Elements of type F16 and BF16 are widened, those of F64 rounded. PyTorch's counters
/// `num_batches_tracked` are left out.
///
/// # Errors
/// When the file is cut off or contradicts itself, or a tensor's elements are of a type that holds no weights.
pub fn read(bytes: &[u8]) -> Result<Tensors, Diagnostic> {
    let header = explain::header(bytes)?;
    let file = SafeTensors::deserialize(bytes).map_err(|e| explain::refusal(bytes, header, &e))?;
    explain::unique(header)?;
    let views = || {
        let all = file.iter();
        all.filter(|(name, _)| {
            *name != "num_batches_tracked" && !name.ends_with(".num_batches_tracked")
        })
    };
    let mut others: Vec<_> = views()
        .filter(|(_, view)| converter(view.dtype()).is_none())
        .map(|(name, view)| (name, view.dtype()))
        .collect();
    if !others.is_empty() {
        others.sort_unstable();
        return Err(other_types(&others));
    }
    let mut tensors = Tensors::new();
    for (name, view) in views() {
        tensors.insert(name, tensor(&view));
    }
    Ok(tensors)
}

fn tensor(view: &TensorView<'_>) -> Tensor {
    let convert = converter(view.dtype()).expect("checked: other types were reported");
    Tensor::new(view.shape(), convert(view.data()))
}

type Convert = fn(&[u8]) -> Vec<f32>;

/// What makes numbers of little-endian bytes, if the type holds weights. The bytes may lie anywhere.
fn converter(dtype: Dtype) -> Option<Convert> {
    fn each<const N: usize>(bytes: &[u8], number: fn([u8; N]) -> f32) -> Vec<f32> {
        bytes
            .as_chunks()
            .0
            .iter()
            .map(|word| number(*word))
            .collect()
    }
    match dtype {
        Dtype::F32 => Some(|bytes| each(bytes, f32::from_le_bytes)),
        Dtype::F16 => Some(|bytes| each(bytes, |b| f16_to_f32(u16::from_le_bytes(b)))),
        Dtype::BF16 => Some(|bytes| each(bytes, |b| bf16_to_f32(u16::from_le_bytes(b)))),
        Dtype::F64 => Some(|bytes| each(bytes, |b| f64::from_le_bytes(b) as f32)),
        _ => None,
    }
}

fn other_types(tensors: &[(&str, Dtype)]) -> Diagnostic {
    let (name, dtype) = tensors[0];
    let more = match tensors.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more like it"),
    };
    let message = format!(
        "tensor {} has elements of type {dtype}, but weights are F32, F16, BF16 or F64{more}",
        quoted(name)
    );
    Diagnostic::error(Code::ElementType, message)
        .help("save the weights of the float model, before it was quantised")
}

#[cfg(test)]
mod tests;

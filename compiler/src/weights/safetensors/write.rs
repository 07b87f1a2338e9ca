//! Writes a safetensors file.
//!
//! In: tensors. Out: the file's bytes, the same for the same tensors: F32, little-endian, by name. Never: changes a number.

use crate::weights::Tensors;
use safetensors::tensor::{Dtype, View};
use std::borrow::Cow;

/// The bytes of a file that holds `tensors`.
///
/// # Panics
/// When a name is longer than any file's header; names of layers never are.
#[must_use]
pub fn write(tensors: &Tensors) -> Vec<u8> {
    let all = tensors.iter().map(|(name, tensor)| {
        let words = tensor.data().iter().flat_map(|x| x.to_le_bytes());
        let bytes = Bytes {
            shape: tensor.shape(),
            data: words.collect(),
        };
        (name, bytes)
    });
    safetensors::serialize(all, None).expect("shapes and data agree in every tensor")
}

/// A tensor as the package wants it.
struct Bytes<'t> {
    shape: &'t [usize],
    data: Vec<u8>,
}

impl View for Bytes<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.data)
    }

    fn data_len(&self) -> usize {
        self.data.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::weights::Tensor;

    #[test]
    fn what_is_written_is_read_bit_for_bit() {
        let mut tensors = Tensors::new();
        let numbers = vec![0.1, -0.0, f32::MIN_POSITIVE / 4.0, f32::MAX];
        tensors.insert("row1.1.expand.weight", Tensor::new([2, 2, 1, 1], numbers));
        tensors.insert("a.bias", Tensor::new([0; 1], vec![]));
        let bytes = write(&tensors);
        let back = read(&bytes).expect("it is sound");
        let bits = |tensors: &Tensors| -> Vec<(String, Vec<usize>, Vec<u32>)> {
            let all = tensors.iter();
            let bits = |data: &[f32]| data.iter().map(|x| x.to_bits()).collect();
            all.map(|(name, t)| (name.to_owned(), t.shape().to_vec(), bits(t.data())))
                .collect()
        };
        assert_eq!(bits(&back), bits(&tensors));
        assert_eq!(write(&back), bytes, "the same bytes for the same tensors");
    }
}

//! Arrays of a model: their shape, their element type, and their numbers when asked for.
//!
//! In: what a file or a folded node holds. Out: f32 or i64 elements, converted when they are needed and not before: most
//! of a model's bytes are weights, which are read once. Never: holds numbers that do not fill the shape.

use crate::weights::{bf16_to_f32, f16_to_f32};
use bytes::Bytes;
use std::rc::Rc;

/// The element types of ONNX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ElementType {
    F32,
    U8,
    I8,
    U16,
    I16,
    I32,
    I64,
    Bool,
    F16,
    F64,
    U32,
    U64,
    Bf16,
}

impl ElementType {
    /// The type of this number in `TensorProto.DataType`; none for strings, complex numbers and types under a byte.
    pub(crate) const fn from_number(number: i32) -> Option<Self> {
        Some(match number {
            1 => Self::F32,
            2 => Self::U8,
            3 => Self::I8,
            4 => Self::U16,
            5 => Self::I16,
            6 => Self::I32,
            7 => Self::I64,
            9 => Self::Bool,
            10 => Self::F16,
            11 => Self::F64,
            12 => Self::U32,
            13 => Self::U64,
            16 => Self::Bf16,
            _ => return None,
        })
    }

    /// How many bits of a number it keeps; none for types of whole numbers.
    pub(crate) const fn significant_bits(self) -> Option<u32> {
        match self {
            Self::F64 => Some(53),
            Self::F32 => Some(24),
            Self::F16 => Some(11),
            Self::Bf16 => Some(8),
            _ => None,
        }
    }

    /// Its name, as NumPy and messages have it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::U8 => "uint8",
            Self::I8 => "int8",
            Self::U16 => "uint16",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::Bool => "bool",
            Self::F16 => "float16",
            Self::F64 => "float64",
            Self::U32 => "uint32",
            Self::U64 => "uint64",
            Self::Bf16 => "bfloat16",
        }
    }

    /// Bytes of one element.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 | Self::F16 | Self::Bf16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::I64 | Self::F64 | Self::U64 => 8,
        }
    }

    /// Whether elements are floating-point numbers.
    pub(crate) const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F16 | Self::F64 | Self::Bf16)
    }
}

/// The numbers, as they came.
#[derive(Clone, Debug)]
enum Data {
    /// Little-endian elements of the tensor's type.
    Raw(Bytes),
    F32(Rc<[f32]>),
    F64(Rc<[f64]>),
    I64(Rc<[i64]>),
}

/// An array of constant numbers. Cloning shares them.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    dims: Vec<usize>,
    element: ElementType,
    data: Data,
}

impl Tensor {
    /// A tensor of raw little-endian elements; none if they do not fill the shape.
    pub(crate) fn raw(dims: Vec<usize>, element: ElementType, bytes: Bytes) -> Option<Self> {
        let expected = count(&dims)?.checked_mul(element.bytes())?;
        (bytes.len() == expected).then_some(Self {
            dims,
            element,
            data: Data::Raw(bytes),
        })
    }

    /// A tensor of floating-point numbers; none if they do not fill the shape.
    pub(crate) fn floats(dims: Vec<usize>, data: Vec<f32>) -> Option<Self> {
        Self::typed(dims, ElementType::F32, data.len(), || {
            Data::F32(data.into())
        })
    }

    /// A tensor of float64; none if the numbers do not fill the shape.
    pub(crate) fn doubles(dims: Vec<usize>, data: Vec<f64>) -> Option<Self> {
        Self::typed(dims, ElementType::F64, data.len(), || {
            Data::F64(data.into())
        })
    }

    /// A tensor of whole numbers of any type; none if they do not fill the shape.
    pub(crate) fn integers(dims: Vec<usize>, element: ElementType, data: Vec<i64>) -> Option<Self> {
        Self::typed(dims, element, data.len(), || Data::I64(data.into()))
    }

    fn typed(
        dims: Vec<usize>,
        element: ElementType,
        len: usize,
        data: impl FnOnce() -> Data,
    ) -> Option<Self> {
        (count(&dims)? == len).then(|| Self {
            dims,
            element,
            data: data(),
        })
    }

    /// A list of whole numbers, as shapes are given.
    pub(crate) fn list(data: Vec<i64>) -> Self {
        Self {
            dims: vec![data.len()],
            element: ElementType::I64,
            data: Data::I64(data.into()),
        }
    }

    /// The extent of each dimension.
    pub(crate) fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The type of its elements.
    pub(crate) const fn element(&self) -> ElementType {
        self.element
    }

    /// How many elements there are.
    pub(crate) fn len(&self) -> usize {
        match &self.data {
            Data::Raw(bytes) => bytes.len() / self.element.bytes(),
            Data::F32(data) => data.len(),
            Data::F64(data) => data.len(),
            Data::I64(data) => data.len(),
        }
    }

    /// The same numbers in another shape; none if they do not fill it.
    pub(crate) fn reshaped(&self, dims: Vec<usize>) -> Option<Self> {
        (count(&dims)? == self.len()).then(|| Self {
            dims,
            ..self.clone()
        })
    }

    /// The elements at these places, in a shape they fill.
    pub(crate) fn pick(&self, dims: Vec<usize>, places: &[usize]) -> Option<Self> {
        fn at<T: Copy>(data: &[T], places: &[usize]) -> Option<Rc<[T]>> {
            places.iter().map(|p| data.get(*p).copied()).collect()
        }
        let data = match &self.data {
            Data::Raw(bytes) => {
                let size = self.element.bytes();
                let mut picked = Vec::with_capacity(places.len() * size);
                for place in places {
                    let start = place.checked_mul(size)?;
                    picked.extend_from_slice(bytes.get(start..start.checked_add(size)?)?);
                }
                Data::Raw(picked.into())
            }
            Data::F32(data) => Data::F32(at(data, places)?),
            Data::F64(data) => Data::F64(at(data, places)?),
            Data::I64(data) => Data::I64(at(data, places)?),
        };
        let element = self.element;
        (count(&dims)? == places.len()).then_some(Self {
            dims,
            element,
            data,
        })
    }

    /// `parts` side by side, a piece of each in turn, `turns` times; none if their types differ.
    pub(crate) fn join(dims: Vec<usize>, turns: usize, parts: &[&Self]) -> Option<Self> {
        fn interleave<T: Copy>(parts: &[Vec<T>], turns: usize) -> Vec<T> {
            let piece = |part: &Vec<T>, turn: usize| {
                let len = part.len() / turns;
                part[turn * len..(turn + 1) * len].to_vec()
            };
            let turn = |turn| parts.iter().flat_map(move |part| piece(part, turn));
            (0..turns).flat_map(turn).collect()
        }
        let element = parts.first()?.element;
        if element.is_float() {
            let parts: Vec<_> = parts.iter().map(|p| p.to_f32()).collect();
            return Self::floats(dims, interleave(&parts, turns));
        }
        let parts: Vec<_> = parts.iter().map(|p| p.to_i64()).collect::<Option<_>>()?;
        Self::integers(dims, element, interleave(&parts, turns))
    }

    /// The elements as f32, whatever their type; whole numbers beyond 2^24 and float64 are rounded.
    pub(crate) fn to_f32(&self) -> Vec<f32> {
        match &self.data {
            Data::F32(data) => data.to_vec(),
            Data::Raw(bytes) if self.element == ElementType::F32 => {
                words(bytes).map(f32::from_le_bytes).collect()
            }
            _ => self.to_f64().into_iter().map(|x| x as f32).collect(),
        }
    }

    /// The elements as f64, whatever their type.
    pub(crate) fn to_f64(&self) -> Vec<f64> {
        match &self.data {
            Data::F32(data) => data.iter().map(|x| f64::from(*x)).collect(),
            Data::F64(data) => data.to_vec(),
            Data::I64(data) => data.iter().map(|x| *x as f64).collect(),
            Data::Raw(bytes) => match self.element {
                ElementType::F32 => words(bytes).map(|b| f32::from_le_bytes(b).into()).collect(),
                ElementType::F64 => words(bytes).map(f64::from_le_bytes).collect(),
                ElementType::F16 => words(bytes)
                    .map(|b| f16_to_f32(u16::from_le_bytes(b)).into())
                    .collect(),
                ElementType::Bf16 => words(bytes)
                    .map(|b| bf16_to_f32(u16::from_le_bytes(b)).into())
                    .collect(),
                ElementType::U8
                | ElementType::I8
                | ElementType::U16
                | ElementType::I16
                | ElementType::I32
                | ElementType::I64
                | ElementType::Bool
                | ElementType::U32
                | ElementType::U64 => raw_integers(self.element, bytes)
                    .map(|x| x as f64)
                    .collect(),
            },
        }
    }

    /// The elements, if they are whole numbers and few enough to be a shape.
    pub(crate) fn to_i64(&self) -> Option<Vec<i64>> {
        /// No list of extents, axes or indices is longer.
        const MOST: usize = 1 << 20;
        if self.element.is_float() || self.len() > MOST {
            return None;
        }
        match &self.data {
            Data::I64(data) => Some(data.to_vec()),
            Data::Raw(bytes) => Some(raw_integers(self.element, bytes).collect()),
            Data::F32(_) | Data::F64(_) => None,
        }
    }

    /// The only element, for tensors of one.
    pub(crate) fn scalar(&self) -> Option<f64> {
        (self.len() == 1).then(|| self.to_f64()[0])
    }
}

/// Whole numbers from little-endian bytes; u64 beyond i64 becomes its greatest value.
fn raw_integers(element: ElementType, bytes: &Bytes) -> impl Iterator<Item = i64> + '_ {
    let size = element.bytes();
    bytes.chunks_exact(size).map(move |chunk| {
        let mut word = [0; 8];
        word[..size].copy_from_slice(chunk);
        let value = u64::from_le_bytes(word);
        match element {
            ElementType::I8 => i64::from(value as u8 as i8),
            ElementType::I16 => i64::from(value as u16 as i16),
            ElementType::I32 => i64::from(value as u32 as i32),
            ElementType::I64 => value as i64,
            _ => i64::try_from(value).unwrap_or(i64::MAX),
        }
    })
}

fn words<const N: usize>(bytes: &Bytes) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks().0.iter().copied()
}

/// How many elements a shape has, if that is a number.
pub(crate) fn count(dims: &[usize]) -> Option<usize> {
    dims.iter().try_fold(1_usize, |n, dim| n.checked_mul(*dim))
}

/// `1x3x224x224`; `scalar` for no dimension.
pub(crate) fn dims_text(dims: &[usize]) -> String {
    if dims.is_empty() {
        return "scalar".to_owned();
    }
    let dims: Vec<_> = dims.iter().map(usize::to_string).collect();
    dims.join("x")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(element: ElementType, bytes: &[u8]) -> Tensor {
        let dims = vec![bytes.len() / element.bytes()];
        Tensor::raw(dims, element, Bytes::copy_from_slice(bytes)).expect("it fills the shape")
    }

    #[test]
    fn every_type_is_read_as_numbers() {
        let of = |element, bytes: &[u8]| raw(element, bytes).to_f64()[0];
        assert_eq!(of(ElementType::F32, &1.5_f32.to_le_bytes()), 1.5);
        assert_eq!(of(ElementType::F64, &1.5_f64.to_le_bytes()), 1.5);
        assert_eq!(of(ElementType::F16, &0x3E00_u16.to_le_bytes()), 1.5);
        assert_eq!(of(ElementType::Bf16, &0x3FC0_u16.to_le_bytes()), 1.5);
        assert_eq!(of(ElementType::U8, &[0xFF]), 255.0);
        assert_eq!(of(ElementType::I8, &[0xFF]), -1.0);
        assert_eq!(of(ElementType::U16, &[0xFF; 2]), 65535.0);
        assert_eq!(of(ElementType::I16, &[0xFF; 2]), -1.0);
        assert_eq!(of(ElementType::I32, &[0xFF; 4]), -1.0);
        assert_eq!(of(ElementType::U32, &[0xFF; 4]), 4_294_967_295.0);
        assert_eq!(of(ElementType::I64, &[0xFF; 8]), -1.0);
        assert_eq!(of(ElementType::Bool, &[1]), 1.0);
        assert_eq!(
            raw(ElementType::U64, &[0xFF; 8]).to_i64(),
            Some(vec![i64::MAX])
        );
    }

    #[test]
    fn numbers_fill_the_shape_or_there_is_no_tensor() {
        assert!(Tensor::raw(vec![2], ElementType::F32, Bytes::from_static(&[0; 7])).is_none());
        assert!(Tensor::floats(vec![2, 2], vec![0.0; 3]).is_none());
        assert!(Tensor::floats(vec![usize::MAX, 2], vec![]).is_none());
        assert!(Tensor::list(vec![1, 2]).reshaped(vec![3]).is_none());
        assert_eq!(
            Tensor::floats(vec![], vec![2.0]).and_then(|t| t.scalar()),
            Some(2.0)
        );
    }

    #[test]
    fn floats_are_no_shapes() {
        assert_eq!(raw(ElementType::F32, &[0; 4]).to_i64(), None);
        assert_eq!(raw(ElementType::I64, &[0; 8]).to_i64(), Some(vec![0]));
    }
}

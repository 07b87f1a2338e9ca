//! Arrays of float64 with any number of dimensions.
//!
//! In: extents and numbers, the last dimension innermost. Out: the same, and the places that indices stand for. Never:
//! holds more or fewer numbers than its extents say.

use super::super::tensor::Tensor;
use std::rc::Rc;

/// The most elements of an array: more than any map has.
const MOST_ELEMENTS: usize = 1 << 28;

/// An array of numbers. Cloning shares them.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    dims: Vec<usize>,
    data: Rc<Vec<f64>>,
    whole: bool,
}

impl Array {
    /// An array of floating-point numbers.
    ///
    /// # Panics
    /// When there are more or fewer numbers than the extents say.
    #[must_use]
    pub fn floats(dims: Vec<usize>, data: Vec<f64>) -> Self {
        Self::new(dims, data, false)
    }

    /// An array of whole numbers, such as bytes.
    ///
    /// # Panics
    /// When there are more or fewer numbers than the extents say.
    #[must_use]
    pub fn whole(dims: Vec<usize>, data: Vec<f64>) -> Self {
        Self::new(dims, data, true)
    }

    fn new(dims: Vec<usize>, data: Vec<f64>, whole: bool) -> Self {
        let len = dims.iter().product::<usize>();
        assert_eq!(len, data.len(), "an array of {dims:?} is full");
        let data = Rc::new(data);
        Self { dims, data, whole }
    }

    /// The extent of each dimension.
    #[must_use]
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The numbers.
    #[must_use]
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// A tensor of the file.
    pub(super) fn of(tensor: &Tensor) -> Self {
        let whole = !tensor.element().is_float();
        Self::new(tensor.dims().to_vec(), tensor.to_f64(), whole)
    }

    /// A list of whole numbers.
    pub(super) fn ints(list: &[i64]) -> Self {
        let numbers = list.iter().map(|i| *i as f64).collect();
        Self::whole(vec![list.len()], numbers)
    }

    /// Whether the numbers are whole by type.
    pub(super) const fn is_whole(&self) -> bool {
        self.whole
    }

    /// The numbers as integers; the conversion saturates.
    pub(super) fn to_ints(&self) -> Vec<i64> {
        self.data.iter().map(|x| *x as i64).collect()
    }

    /// Other numbers of the same type.
    pub(super) fn with(&self, dims: Vec<usize>, data: Vec<f64>) -> Self {
        Self::new(dims, data, self.whole)
    }

    /// The same numbers in other extents.
    pub(super) fn reshaped(&self, dims: Vec<usize>) -> Result<Self, String> {
        if count(&dims)? != self.data.len() {
            return Err(format!("{dims:?} is no shape for {:?}", self.dims));
        }
        Ok(Self {
            dims,
            ..self.clone()
        })
    }

    /// The array of these extents whose element at each index is this one's at the place that `from` gives for it.
    pub(super) fn picked(
        &self,
        dims: Vec<usize>,
        from: impl Fn(&[usize]) -> usize,
    ) -> Result<Self, String> {
        let mut data = Vec::with_capacity(count(&dims)?);
        each_index(&dims, |index| data.push(self.data[from(index)]));
        Ok(self.with(dims, data))
    }
}

/// How many elements there are.
pub(super) fn count(dims: &[usize]) -> Result<usize, String> {
    let product = dims.iter().try_fold(1_usize, |n, dim| n.checked_mul(*dim));
    let product = product.filter(|n| *n <= MOST_ELEMENTS);
    product.ok_or_else(|| format!("an array of {dims:?} is too large"))
}

/// Extents of whole numbers.
pub(super) fn extents(numbers: &[i64]) -> Result<Vec<usize>, String> {
    let extent = |n: &i64| usize::try_from(*n).map_err(|_| format!("{numbers:?} is no shape"));
    numbers.iter().map(extent).collect()
}

/// For each dimension, how many elements lie between neighbours along it.
pub(super) fn strides(dims: &[usize]) -> Vec<usize> {
    let inner = |place: usize| dims[place + 1..].iter().product();
    (0..dims.len()).map(inner).collect()
}

/// Where the element at `index` lies.
pub(super) fn place(index: &[usize], strides: &[usize]) -> usize {
    index
        .iter()
        .zip(strides)
        .map(|(i, stride)| i * stride)
        .sum()
}

/// Every index of an array of these extents, the last dimension fastest.
pub(super) fn each_index(dims: &[usize], mut visit: impl FnMut(&[usize])) {
    if dims.contains(&0) {
        return;
    }
    let mut index = vec![0; dims.len()];
    loop {
        visit(&index);
        let Some(turn) = (0..dims.len()).rev().find(|d| index[*d] + 1 < dims[*d]) else {
            return;
        };
        index[turn] += 1;
        index[turn + 1..].fill(0);
    }
}

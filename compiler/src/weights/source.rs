//! Where weights come from: named tensors in memory, or a seed.
//!
//! In: tensors of any naming. Out: f32 data by canonical name and shape. Never: reads bytes, folds, packs.

use super::{names, seed};
use crate::graph::Graph;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// An array of numbers, row-major in the layout PyTorch has it: (O, I / groups, kh, kw), (out, in) or (O).
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Tensor {
    /// A tensor of these elements.
    ///
    /// # Panics
    /// When there are more or fewer elements than the shape holds.
    pub fn new(shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Self {
        let shape = shape.into();
        let elements: usize = shape.iter().product();
        assert_eq!(
            elements,
            data.len(),
            "a tensor has as many elements as its shape"
        );
        Self { shape, data }
    }

    /// The extent of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements, the last dimension fastest.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// The elements alone.
    pub(crate) fn into_data(self) -> Vec<f32> {
        self.data
    }
}

/// Tensors by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    by_name: BTreeMap<String, Tensor>,
    /// Canonical name -> torchvision's, for the network they were renamed for.
    torchvision: BTreeMap<String, String>,
    /// Whether the names were torchvision's; messages speak the file's language.
    renamed: bool,
}

impl Tensors {
    /// No tensors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor; gives back the one that had the name before.
    pub fn insert(&mut self, name: impl Into<String>, tensor: Tensor) -> Option<Tensor> {
        self.by_name.insert(name.into(), tensor)
    }

    /// Takes the tensor of this name out.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Tensor> {
        self.by_name.remove(name)
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.by_name.get(name)
    }

    /// All tensors, by name in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.by_name.iter().map(|(name, t)| (name.as_str(), t))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Gives the tensors the canonical names of `graph`, when they carry torchvision's: of the two namings, the one that
    /// knows more of the names counts. Names that neither knows stay.
    #[must_use]
    pub fn rename_for(self, graph: &Graph) -> Self {
        let torchvision = names::torchvision_names(graph);
        let there = |name: &&String| self.by_name.contains_key(*name);
        let ours = torchvision.keys().filter(there).count();
        let renamed = torchvision.values().filter(there).count() > ours;
        let canonical: BTreeMap<&str, &str> = torchvision
            .iter()
            .filter(|_| renamed)
            .map(|(ours, theirs)| (theirs.as_str(), ours.as_str()))
            .collect();
        let rename = |(name, tensor): (String, Tensor)| match canonical.get(name.as_str()) {
            Some(ours) => ((*ours).to_owned(), tensor),
            None => (name, tensor),
        };
        let by_name = self.by_name.into_iter().map(rename).collect();
        Self {
            by_name,
            torchvision,
            renamed,
        }
    }

    /// The name that the file has, or should have, for a canonical name.
    pub(super) fn file_name<'a>(&'a self, canonical: &'a str) -> &'a str {
        match self.torchvision_name(canonical) {
            Some(theirs) if self.renamed => theirs,
            _ => canonical,
        }
    }

    /// torchvision's name for a canonical one, when they were renamed for a network that torchvision builds.
    pub(super) fn torchvision_name(&self, canonical: &str) -> Option<&str> {
        self.torchvision.get(canonical).map(String::as_str)
    }
}

/// Why a tensor is not to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absent {
    /// There is none of that name.
    Missing,
    /// The one of that name has this shape.
    Shape(Vec<usize>),
}

/// Where the weights of a network come from.
#[derive(Clone, Debug, PartialEq)]
pub enum WeightSource {
    /// Made up from a number, the same on every machine: what `seed:N` means.
    Seed(u64),
    /// Tensors of canonical names.
    Tensors(Tensors),
}

impl WeightSource {
    /// The elements of the tensor with this canonical name, which must have this shape; dimensions of 1 at the end of a
    /// shape do not count, since 1x1 convolutions and linear layers have the same elements in the same order.
    ///
    /// # Errors
    /// When there is no such tensor or it has another shape. A seed has every tensor.
    pub fn tensor(&self, name: &str, expected_shape: &[usize]) -> Result<Cow<'_, [f32]>, Absent> {
        let tensors = match self {
            Self::Seed(seed) => return Ok(seed::values(*seed, name, expected_shape).into()),
            Self::Tensors(tensors) => tensors,
        };
        let tensor = tensors.get(name).ok_or(Absent::Missing)?;
        if same_shape(tensor.shape(), expected_shape) {
            Ok(tensor.data().into())
        } else {
            Err(Absent::Shape(tensor.shape().to_vec()))
        }
    }
}

/// Whether two shapes are equal but for dimensions of 1 at the end.
pub(super) fn same_shape(a: &[usize], b: &[usize]) -> bool {
    let significant = |shape: &[usize]| shape.iter().rposition(|n| *n != 1).map_or(0, |i| i + 1);
    a[..significant(a)] == b[..significant(b)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_is_had_by_name_and_shape() {
        let mut tensors = Tensors::new();
        tensors.insert("a", Tensor::new([2, 1, 1], vec![1.0, 2.0]));
        let source = WeightSource::Tensors(tensors);
        assert_eq!(source.tensor("a", &[2]).unwrap().to_vec(), [1.0, 2.0]);
        assert_eq!(source.tensor("a", &[2, 1, 1, 1]).unwrap().len(), 2);
        assert_eq!(source.tensor("b", &[2]), Err(Absent::Missing));
        let other = Absent::Shape(vec![2, 1, 1]);
        assert_eq!(source.tensor("a", &[1, 2]), Err(other));
    }

    #[test]
    fn only_ones_at_the_end_do_not_count() {
        assert!(same_shape(&[4, 3, 1, 1], &[4, 3]));
        assert!(same_shape(&[1], &[]));
        assert!(!same_shape(&[1, 4], &[4]));
        assert!(!same_shape(&[4, 1, 3, 3], &[4, 3, 3]));
        assert!(!same_shape(&[4, 0], &[4]));
    }

    #[test]
    #[should_panic(expected = "a tensor has as many elements as its shape")]
    fn a_tensor_has_as_many_elements_as_its_shape() {
        Tensor::new([2, 2], vec![0.0; 3]);
    }
}

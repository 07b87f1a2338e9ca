//! How an array of numbers in a model's own layout lies in a map.
//!
//! In: the array's dimensions, and which axes of the map they run along. Out: the same numbers row by row with the
//! channels of a pixel together, and back. Never: knows files, operators or what the numbers mean.

use crate::shape::Shape;

/// An axis of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// Down.
    H,
    /// Across.
    W,
    /// Through a pixel.
    C,
}

impl Axis {
    /// How far `shape` extends along it.
    pub const fn of(self, shape: Shape) -> usize {
        match self {
            Self::H => shape.h,
            Self::W => shape.w,
            Self::C => shape.c,
        }
    }
}

/// The layout of an array that holds one map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The array's dimensions: `[1, 3, 224, 224]`.
    dims: Vec<usize>,
    /// The map's shape.
    shape: Shape,
    /// The map's axes from the outermost to the innermost, as the array has them.
    order: [Axis; 3],
}

impl Layout {
    /// The layout of maps in specs and in generated code: (height, width, channels).
    #[must_use]
    pub fn of_map(shape: Shape) -> Self {
        let order = [Axis::H, Axis::W, Axis::C];
        Self::new(shape.to_array().to_vec(), shape, order)
    }

    /// An array of these dimensions that holds a map of this shape, its axes in this order.
    ///
    /// # Panics
    /// When the array has more or fewer elements than the map, or an axis is named twice.
    #[must_use]
    pub fn new(dims: Vec<usize>, shape: Shape, order: [Axis; 3]) -> Self {
        assert_eq!(dims.iter().product::<usize>(), shape.len(), "one map");
        let mut axes = order;
        axes.sort();
        assert_eq!(axes, [Axis::H, Axis::W, Axis::C], "each axis once");
        Self { dims, shape, order }
    }

    /// The array's dimensions.
    #[must_use]
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// Whether the array has the map's own order.
    #[must_use]
    pub fn is_map(&self) -> bool {
        let significant = |axis: &Axis| axis.of(self.shape) > 1;
        self.order.into_iter().filter(significant).is_sorted()
    }

    /// The array's elements as the map has them.
    ///
    /// # Panics
    /// When there are more or fewer than the map has.
    #[must_use]
    pub fn to_map<T: Copy>(&self, array: &[T]) -> Vec<T> {
        assert_eq!(array.len(), self.shape.len(), "one map");
        self.places().map(|place| array[place]).collect()
    }

    /// A map's elements as the array has them.
    ///
    /// # Panics
    /// When there are more or fewer than the array has.
    #[must_use]
    pub fn from_map<T: Copy + Default>(&self, map: &[T]) -> Vec<T> {
        assert_eq!(map.len(), self.shape.len(), "one map");
        let mut array = vec![T::default(); map.len()];
        for (place, element) in self.places().zip(map) {
            array[place] = *element;
        }
        array
    }

    /// For each element of the map, in order, its place in the array.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        let Shape { h, w, c } = self.shape;
        let [sh, sw, sc] = [Axis::H, Axis::W, Axis::C].map(|axis| self.stride(axis));
        (0..h).flat_map(move |y| {
            (0..w).flat_map(move |x| (0..c).map(move |k| y * sh + x * sw + k * sc))
        })
    }

    /// Elements between two neighbours along `axis`.
    fn stride(&self, axis: Axis) -> usize {
        let inner = self.order.iter().rev().take_while(|a| **a != axis);
        inner.map(|a| a.of(self.shape)).product()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_first_is_turned_into_pixels_and_back() {
        let shape = Shape::new(1, 3, 2);
        let layout = Layout::new(vec![1, 2, 1, 3], shape, [Axis::C, Axis::H, Axis::W]);
        let map = layout.to_map(&[1, 2, 3, 10, 20, 30]);
        assert_eq!(map, [1, 10, 2, 20, 3, 30]);
        assert_eq!(layout.from_map(&map), [1, 2, 3, 10, 20, 30]);
        assert!(!layout.is_map());
    }

    #[test]
    fn a_map_is_as_it_is() {
        let layout = Layout::of_map(Shape::new(2, 2, 1));
        assert_eq!(layout.to_map(&[1, 2, 3, 4]), [1, 2, 3, 4]);
        assert!(layout.is_map());
        let vector = Layout::new(vec![1, 5], Shape::vector(5), [Axis::C, Axis::W, Axis::H]);
        assert!(vector.is_map(), "axes of one element have no order");
    }

    #[test]
    #[should_panic(expected = "each axis once")]
    fn no_axis_is_named_twice() {
        let _ = Layout::new(vec![4], Shape::vector(4), [Axis::C, Axis::C, Axis::H]);
    }
}

//! How a tensor of the model shows a map: which axes of the map each of its dimensions runs along.
//!
//! Models shuffle dimensions without computing anything: they transpose between layouts, flatten, squeeze and reshape.
//! None of that moves a number here. A map stays as it is (height, width, channels), and only its view changes:
//!
//! ```text
//! 1x64x7x7, channels first   [] [C] [H] [W]
//!   Transpose 0,2,3,1        [] [H] [W] [C]
//!   Flatten                  [] [C H W]       (of the first; of the second: [] [H W C])
//!   after a global pool      [] [C] [] []     axes of one element stand nowhere
//! ```
//!
//! In: views and shapes. Out: the views that follow, or nothing where a dimension would cut an axis. Never: knows
//! operators, touches numbers.

use crate::layout::{Axis, Layout};
use crate::shape::Shape;

/// For each dimension the axes it runs along, the outermost first; axes of one element are in none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View(Vec<Vec<Axis>>);

/// Batch, channels, height, width: what convolutions read.
const CHANNELS_FIRST: [&[Axis]; 4] = [&[], &[Axis::C], &[Axis::H], &[Axis::W]];
const CHANNELS_LAST: [&[Axis]; 4] = [&[], &[Axis::H], &[Axis::W], &[Axis::C]];

impl View {
    /// A view of a map of `shape` with these axes.
    pub(super) fn new(shape: Shape, dims: &[&[Axis]]) -> Self {
        let significant = |dim: &&[Axis]| {
            let axes = dim.iter().copied();
            axes.filter(|axis| axis.of(shape) > 1).collect()
        };
        Self(dims.iter().map(significant).collect())
    }

    /// `[1, c, h, w]`.
    pub(super) fn channels_first(shape: Shape) -> Self {
        Self::new(shape, &CHANNELS_FIRST)
    }

    /// `[1, h, w, c]`.
    pub(super) fn channels_last(shape: Shape) -> Self {
        Self::new(shape, &CHANNELS_LAST)
    }

    /// A view with these axes whose dimensions were extents of 1 or those of `shape`.
    pub(super) fn with_shape(&self, shape: Shape) -> Self {
        let dims: Vec<&[Axis]> = self.0.iter().map(Vec::as_slice).collect();
        Self::new(shape, &dims)
    }

    /// How many dimensions there are.
    pub(super) fn rank(&self) -> usize {
        self.0.len()
    }

    /// The axes of a dimension.
    pub(super) fn dim(&self, place: usize) -> &[Axis] {
        &self.0[place]
    }

    /// The extent of each dimension.
    pub(super) fn extents(&self, shape: Shape) -> Vec<usize> {
        let extent = |dim: &Vec<Axis>| dim.iter().map(|axis| axis.of(shape)).product();
        self.0.iter().map(extent).collect()
    }

    /// Whether it is what convolutions read.
    pub(super) fn is_channels_first(&self, shape: Shape) -> bool {
        *self == Self::channels_first(shape)
    }

    /// Which dimensions run down and across, for tensors of four dimensions in either layout.
    pub(super) fn spatial(&self, shape: Shape) -> Option<[usize; 2]> {
        if self.is_channels_first(shape) {
            Some([2, 3])
        } else {
            (*self == Self::new(shape, &CHANNELS_LAST)).then_some([1, 2])
        }
    }

    /// The view whose dimension i is this one's `order[i]`; none if that is no permutation.
    pub(super) fn transposed(&self, order: &[usize]) -> Option<Self> {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        let permutes = sorted.into_iter().eq(0..self.rank());
        permutes.then(|| Self(order.iter().map(|i| self.0[*i].clone()).collect()))
    }

    /// The view with dimensions of these extents over the same numbers in the same order; none where one cuts an axis.
    pub(super) fn reshaped(&self, shape: Shape, extents: &[usize]) -> Option<Self> {
        let mut axes = self.0.concat().into_iter().peekable();
        let mut dims = Vec::with_capacity(extents.len());
        for extent in extents {
            let (mut dim, mut covered) = (Vec::new(), 1);
            while covered < *extent {
                let axis = axes.next()?;
                covered *= axis.of(shape);
                dim.push(axis);
            }
            if covered != *extent {
                return None;
            }
            dims.push(dim);
        }
        axes.peek().is_none().then_some(Self(dims))
    }

    /// The view with dimensions of extent 1 put in front until there are `rank`.
    pub(super) fn promoted(&self, rank: usize) -> Self {
        let missing = rank.saturating_sub(self.rank());
        let ones = std::iter::repeat_n(Vec::new(), missing);
        Self(ones.chain(self.0.iter().cloned()).collect())
    }

    /// The view with dimension `place` along `axes`.
    pub(super) fn with_dim(&self, place: usize, axes: Vec<Axis>) -> Self {
        let mut view = self.clone();
        view.0[place] = axes;
        view
    }

    /// The view without the dimensions in `places`, which are of extent 1.
    pub(super) fn without(&self, places: &[usize]) -> Self {
        let kept = |(place, _): &(usize, &Vec<Axis>)| !places.contains(place);
        let dims = self.0.iter().enumerate().filter(kept);
        Self(dims.map(|(_, dim)| dim.clone()).collect())
    }

    /// Both views over one another, their last dimensions aligned; none where two dimensions run along different axes, or
    /// an axis would run along two: a row over a column makes a table.
    pub(super) fn over(&self, other: &Self) -> Option<Self> {
        let rank = self.rank().max(other.rank());
        let (a, b) = (self.promoted(rank), other.promoted(rank));
        let pairs = a.0.into_iter().zip(b.0);
        let joined = pairs.map(|(a, b)| match (a.is_empty(), b.is_empty()) {
            (true, _) => Some(b),
            (_, true) => Some(a),
            _ => (a == b).then_some(a),
        });
        let joined = joined.collect::<Option<Vec<_>>>().map(Self)?;
        let axes = joined.0.concat();
        let once = |axis: &Axis| axes.iter().filter(|a| *a == axis).count() == 1;
        axes.iter().all(once).then_some(joined)
    }

    /// The order of all axes, the outermost first.
    pub(super) fn order(&self) -> [Axis; 3] {
        let shown = self.0.concat();
        let missing = [Axis::H, Axis::W, Axis::C]
            .into_iter()
            .filter(|a| !shown.contains(a));
        let all: Vec<Axis> = missing.chain(shown.iter().copied()).collect();
        [all[0], all[1], all[2]]
    }

    /// The layout of an array that shows a map of `shape` so.
    pub(super) fn layout(&self, shape: Shape) -> Layout {
        Layout::new(self.extents(shape), shape, self.order())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Axis::{C, H, W};

    const SHAPE: Shape = Shape::new(7, 5, 64);

    #[test]
    fn transposing_and_flattening_only_move_axes() {
        let view = View::channels_first(SHAPE);
        assert_eq!(view.extents(SHAPE), [1, 64, 7, 5]);
        let last = view.transposed(&[0, 2, 3, 1]).expect("a permutation");
        assert_eq!(last, View::new(SHAPE, &CHANNELS_LAST));
        assert_eq!(
            (last.spatial(SHAPE), view.spatial(SHAPE)),
            (Some([1, 2]), Some([2, 3]))
        );
        let flat = view
            .reshaped(SHAPE, &[1, 64 * 35])
            .expect("it holds them all");
        assert_eq!(flat, View::new(SHAPE, &[&[], &[C, H, W]]));
        assert_eq!(flat.reshaped(SHAPE, &[1, 64, 7, 5]), Some(view.clone()));
        assert_eq!(view.transposed(&[0, 1, 1, 2]), None);
        assert_eq!(view.transposed(&[0, 1]), None);
    }

    #[test]
    fn no_dimension_cuts_an_axis() {
        let view = View::channels_first(SHAPE);
        assert_eq!(view.reshaped(SHAPE, &[1, 8, 8, 7, 5]), None);
        assert_eq!(view.reshaped(SHAPE, &[1, 64]), None);
        assert_eq!(view.reshaped(SHAPE, &[1, 64, 35, 2]), None);
    }

    #[test]
    fn axes_of_one_element_stand_nowhere() {
        let pooled = Shape::vector(64);
        let view = View::channels_first(pooled);
        assert_eq!(view, View::new(pooled, &[&[], &[C], &[], &[]]));
        assert_eq!(view.without(&[2, 3]), View::new(pooled, &[&[], &[C]]));
        assert_eq!(
            view.reshaped(pooled, &[64]),
            Some(View::new(pooled, &[&[C]]))
        );
    }

    #[test]
    fn broadcasting_aligns_the_last_dimensions() {
        let map = View::channels_first(SHAPE);
        let gates = View::channels_first(Shape::vector(64));
        assert_eq!(map.over(&gates), Some(map.clone()));
        assert_eq!(gates.without(&[0]).over(&map), Some(map.clone()));
        assert_eq!(
            map.over(&gates.without(&[2, 3])),
            None,
            "64 would lie across"
        );
        let (row, column) = (
            View::new(SHAPE, &[&[], &[C]]),
            View::new(SHAPE, &[&[C], &[]]),
        );
        assert_eq!(row.over(&column), None, "a table of 64 x 64");
        let vector = View::new(SHAPE, &[&[W]]);
        assert_eq!(map.over(&vector), Some(map));
    }

    #[test]
    fn a_view_is_the_layout_of_an_array() {
        let layout = View::channels_first(Shape::new(1, 2, 3)).layout(Shape::new(1, 2, 3));
        assert_eq!(layout.dims(), [1, 3, 1, 2]);
        assert_eq!(
            layout.from_map(&[1, 2, 3, 10, 20, 30]),
            [1, 10, 2, 20, 3, 30]
        );
    }
}

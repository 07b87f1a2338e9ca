//! The part of a map that a tile of a depthwise convolution reads: checked once, so that reading it is not.
//! In: a map, rows, columns. Out: vectors of 16 channels. Never: computes.
#![expect(
    unsafe_code,
    reason = "one check for a patch stands for those of its elements"
)]

use crate::map::Map;

/// The most rows of a patch: those under two rows of a 5x5 kernel of stride 2.
const MOST: usize = 7;

/// Rows of a map, of which some may lie outside.
pub(crate) struct Lines<'a> {
    /// Each `width * channels` long.
    rows: [Option<&'a [f32]>; MOST],
    width: usize,
    channels: usize,
}

impl<'a> Lines<'a> {
    /// `count` rows of `x` from `first` on, counted from `above` rows above the map.
    #[inline(always)]
    pub(crate) fn new(x: Map<'a>, first: usize, above: usize, count: usize) -> Self {
        let mut rows = [None; MOST];
        for (l, row) in rows[..count].iter_mut().enumerate() {
            let at = (first + l).wrapping_sub(above);
            if at < x.height() {
                let pixels = x.row(at);
                assert!(
                    pixels.len() == x.width() * x.channels(),
                    "a row has its pixels"
                );
                *row = Some(pixels);
            }
        }
        Self {
            rows,
            width: x.width(),
            channels: x.channels(),
        }
    }

    /// `span` columns of the rows from `first` on, counted from `left` columns left of the map, at the channels from
    /// `c` on: `lanes` of them, 16 or fewer. At most `edge` columns at either end may lie outside the map.
    #[inline(always)]
    pub(crate) fn patch(
        &self,
        [first, left, span, edge]: [usize; 4],
        c: usize,
        lanes: usize,
    ) -> Patch<'a, '_> {
        let outside = left.saturating_sub(first);
        let start = first + outside - left;
        let end = (first + span - left).min(self.width);
        assert!(
            outside <= edge && start <= end && end - start + outside + edge >= span,
            "columns outside the map"
        );
        assert!(
            lanes <= 16 && c <= self.channels && lanes <= self.channels - c,
            "channels outside the map"
        );
        Patch {
            rows: &self.rows,
            // Of column 0, which need not exist.
            origin: (first.wrapping_sub(left))
                .wrapping_mul(self.channels)
                .wrapping_add(c),
            stride: self.channels,
            lanes,
            inside: [outside, end - start + outside],
            edge,
            span,
        }
    }
}

/// Columns of rows at one panel of channels, numbered from the patch's first.
pub(crate) struct Patch<'a, 'l> {
    rows: &'l [Option<&'a [f32]>; MOST],
    origin: usize,
    stride: usize,
    lanes: usize,
    /// The columns that exist; all but `edge` at either end do.
    inside: [usize; 2],
    edge: usize,
    span: usize,
}

impl<'a, 'l> Patch<'a, 'l> {
    /// Row `l`, if it is inside the map.
    #[inline(always)]
    pub(crate) fn line(&self, l: usize) -> Option<Line<'a, 'l, '_>> {
        let row = self.rows[l]?;
        Some(Line { row, patch: self })
    }
}

/// A row of a patch.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a, 'l, 'p> {
    row: &'a [f32],
    patch: &'p Patch<'a, 'l>,
}

impl<'a> Line<'a, '_, '_> {
    /// Whether column `q` is inside the map: known beforehand for those that are no edge.
    #[inline(always)]
    pub(crate) fn has(&self, q: usize) -> bool {
        let Patch {
            inside, edge, span, ..
        } = *self.patch;
        (edge <= q && q + edge < span) || (inside[0] <= q && q < inside[1])
    }

    /// The channels of column `q`: as many as there are, at most 16.
    #[inline(always)]
    pub(crate) fn get(&self, q: usize) -> &'a [f32] {
        assert!(self.has(q), "a column outside the map");
        let at = self.patch.origin.wrapping_add(q * self.patch.stride);
        // SAFETY: column q is inside the map (by `has`, and for those that are no edge by the assertion in `patch`), so
        // `at` is its channel c; `lanes` channels from there on are the pixel's (asserted there), and the row has
        // all of its pixels (asserted in `new`).
        unsafe { self.row.get_unchecked(at..at + self.patch.lanes) }
    }
}

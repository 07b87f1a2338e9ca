//! The part of a map that a tile of a depthwise convolution reads: checked once, so that reading it is not.
//! In: a map, rows, columns. Out: vectors of 16 channels. Never: computes.
#![expect(
    unsafe_code,
    reason = "one check for a patch stands for those of its elements"
)]

use core::marker::PhantomData;
use core::ops::Range;
use core::slice;

use crate::map::Map;
use crate::opaque;

/// The most rows of a patch: those under two rows of a 5x5 kernel of stride 2.
const MOST: usize = 7;

/// The most columns of a patch, in threes: those under seven pixels of a 5x5 kernel of stride 2.
const THREES: usize = 6;

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

    /// `span` columns of the rows from `first` on, counted from `left` columns left of the map. At most `edge` columns at
    /// either end may lie outside the map.
    #[inline(always)]
    pub(crate) fn columns(&self, [first, left, span, edge]: [usize; 4]) -> Columns<'a, '_> {
        let outside = left.saturating_sub(first);
        let start = first + outside - left;
        let end = (first + span - left).min(self.width);
        assert!(
            outside <= edge && start <= end && end - start + outside + edge >= span,
            "columns outside the map"
        );
        assert!(edge < span && span <= 3 * THREES, "columns of no patch");
        Columns {
            lines: self,
            origin: first.wrapping_sub(left).wrapping_mul(self.channels),
            inside: [outside, end - start + outside],
            edge,
            span,
        }
    }
}

/// Columns of rows, numbered from the first; it need not exist.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a, 'l> {
    lines: &'l Lines<'a>,
    /// Where the first begins in each row.
    origin: usize,
    /// Those that exist; all but `edge` at either end do.
    inside: [usize; 2],
    edge: usize,
    span: usize,
}

impl<'a, 'l> Columns<'a, 'l> {
    /// These channels, to be taken panel by panel.
    #[inline(always)]
    pub(crate) fn channels(self, channels: &Range<usize>) -> Panels<'a, 'l> {
        assert!(
            channels.start <= channels.end && channels.end <= self.lines.channels,
            "channels outside the map"
        );
        Panels {
            columns: self,
            c: channels.start,
            left: channels.end - channels.start,
        }
    }
}

/// Columns of rows at a range of channels, of which the first are taken one panel after the other.
pub(crate) struct Panels<'a, 'l> {
    columns: Columns<'a, 'l>,
    c: usize,
    left: usize,
}

impl<'a, 'l> Panels<'a, 'l> {
    /// The next channels: `lanes` of them, 16 or fewer.
    #[inline(always)]
    pub(crate) fn take(&mut self, lanes: usize) -> Patch<'a, 'l> {
        assert!(
            lanes <= 16 && lanes <= self.left,
            "channels outside the map"
        );
        let c = self.c;
        self.c += lanes;
        self.left -= lanes;
        Patch {
            columns: self.columns,
            c,
            lanes,
        }
    }
}

/// Columns of rows at one panel of channels.
#[derive(Clone, Copy)]
pub(crate) struct Patch<'a, 'l> {
    columns: Columns<'a, 'l>,
    c: usize,
    lanes: usize,
}

impl<'a> Patch<'a, '_> {
    /// Row `l`, if it is inside the map.
    #[inline(always)]
    pub(crate) fn line(&self, l: usize) -> Option<Line<'a, '_>> {
        let row = self.columns.lines.rows[l]?;
        let origin = self.columns.origin.wrapping_add(self.c);
        let three = 3 * self.columns.lines.channels;
        let mut starts = [opaque::pointer::<0>(row.as_ptr().wrapping_add(origin)); THREES];
        let mut n = 1;
        while n < self.columns.span.div_ceil(3) {
            starts[n] = opaque::pointer::<0>(starts[n - 1].wrapping_add(three));
            n += 1;
        }
        Some(Line {
            starts,
            patch: self,
            row: PhantomData,
        })
    }
}

/// A row of a patch.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a, 'p> {
    /// Channel c of every third column, which need not exist: the row's own pointer, moved. One and two columns further is
    /// what a load adds for nothing (on x86); other distances would each lie in the stack.
    starts: [*const f32; THREES],
    patch: &'p Patch<'a, 'p>,
    row: PhantomData<&'a [f32]>,
}

impl<'a> Line<'a, '_> {
    /// Whether column `q` is inside the map: known beforehand for those that are no edge.
    #[inline(always)]
    pub(crate) fn has(&self, q: usize) -> bool {
        let Columns {
            inside, edge, span, ..
        } = self.patch.columns;
        (edge <= q && q < span.saturating_sub(edge)) || (inside[0] <= q && q < inside[1])
    }

    /// The channels of column `q`: as many as there are, at most 16.
    #[inline(always)]
    pub(crate) fn get(&self, q: usize) -> &'a [f32] {
        assert!(self.has(q), "a column outside the map");
        let stride = self.patch.columns.lines.channels;
        // SAFETY: column q is inside the map (by `has`, and for those that are no edge by the assertions in `columns`), so
        // these are its channels c to c + `lanes`, which the pixel has (asserted in `channels` and `take`), and the row has all
        // of its pixels (asserted in `new`); `starts` are the row's pointer, moved, one for each three of the span's columns
        // (asserted in `columns`), of which q is one, and the row is borrowed for 'a.
        unsafe {
            slice::from_raw_parts(
                self.starts[q / 3].wrapping_add(q % 3 * stride),
                self.patch.lanes,
            )
        }
    }
}

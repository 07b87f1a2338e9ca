//! Pointwise (1x1) convolution: a matrix product over pixels, with bias, an optional addend and the activation.

use core::ops::Range;

use crate::context::Cx;
use crate::kernels::{Tile, has_half_panel, joins_half_panel};
use crate::map::{Map, MapMut};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::half_panel;
use crate::ops::tile;
use crate::simd::{Level, PerLane, Simd};
use crate::team::{Cost, Cut, share};
use crate::weights::Filter;

/// y = act(W x + b). x: (h, w, k), y: (h, w, n), filter: [`pack::pointwise`](crate::pack::pointwise).
///
/// # Panics
/// When the shapes do not fit.
#[inline(always)]
pub fn pointwise<L: Level>(
    cx: Cx<'_, L>,
    tile: Tile,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    y: &mut MapMut<'_>,
) {
    share(cx.level, tile, act, &x, &filter, &Addend::Nothing, y);
}

/// y = act(W x + b + skip). x: (h, w, k), skip and y: (h, w, n).
///
/// # Panics
/// When the shapes do not fit.
#[inline(always)]
pub fn pointwise_residual<L: Level>(
    cx: Cx<'_, L>,
    tile: Tile,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    skip: Map<'_>,
    y: &mut MapMut<'_>,
) {
    assert!(
        skip.shape() == y.shape(),
        "a residual has the output's shape"
    );
    share(cx.level, tile, act, &x, &filter, &Addend::Map(skip), y);
}

/// y = act(W x + b + y). x: (h, w, k), y: (h, w, n).
///
/// # Panics
/// When the shapes do not fit.
#[inline(always)]
pub fn pointwise_accumulate<L: Level>(
    cx: Cx<'_, L>,
    tile: Tile,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    y: &mut MapMut<'_>,
) {
    share(cx.level, tile, act, &x, &filter, &Addend::Output, y);
}

/// Each thread makes its share of the window.
#[inline(always)]
fn share<L: Level>(
    level: L,
    tile: Tile,
    act: Activation,
    x: &Map<'_>,
    filter: &Filter<'_>,
    addend: &Addend<'_>,
    y: &mut MapMut<'_>,
) {
    let cost = Cost {
        per_element: x.channels(),
        weights: filter.panels.len() * 16,
        inputs: y.pixels() * x.channels(),
    };
    share!(L: level, Cut::Any(cost), y, |level, y| {
        run(level, tile, act, x, filter, addend, y);
    });
}

/// Cuts the window into blocks of rows whose inputs and outputs stay in the second-level cache, and each into what
/// the chosen tile is wide enough for and the panels left over.
#[inline(never)]
fn run<L: Level>(
    level: L,
    tile: Tile,
    act: Activation,
    x: &Map<'_>,
    filter: &Filter<'_>,
    addend: &Addend<'_>,
    y: &mut MapMut<'_>,
) {
    const BLOCK_FLOATS: usize = 192 * 1024;
    let [height, width, n] = y.shape();
    let k = x.channels();
    assert!(
        x.height() == height && x.width() == width,
        "pointwise: input and output are equally high and wide"
    );
    assert!(
        filter.bias.len() == n.div_ceil(16),
        "pointwise: the bias does not fit the output's channels"
    );
    assert!(
        filter.panels.len() == half_panel::panel_count(n, k),
        "pointwise: the weights do not fit the channels"
    );
    let job = Pointwise {
        epilogue: Epilogue::before_finish(act),
        x: *x,
        filter: *filter,
        addend: *addend,
    };
    let (rows, channels) = (y.window_rows(), y.window_channels());
    // Tiles of full width, those left over, those that end with half a panel.
    let has_half = has_half_panel(n) && channels.end == n && !channels.is_empty();
    let panels = (channels.end - channels.start).div_ceil(16) - usize::from(has_half);
    let width_panels = level.tile_panels(tile);
    let (split, behind) = if has_half && joins_half_panel(L::ID) {
        (channels.start, channels.start)
    } else {
        let whole = panels / width_panels * width_panels;
        [whole, panels]
            .map(|panels| (channels.start + 16 * panels).min(channels.end))
            .into()
    };
    let blocks = (width * (k + n) * (rows.end - rows.start))
        .div_ceil(BLOCK_FLOATS)
        .max(1);
    let length = (rows.end - rows.start).div_ceil(blocks).max(1);
    let mut first = rows.start;
    while first < rows.end {
        let last = addend.side_by_side(x, first..(first + length).min(rows.end));
        let mut block = y.reborrow().rows(first..last);
        if split > channels.start {
            tiles(
                level,
                width_panels,
                job,
                &mut block.reborrow().channels(channels.start..split),
            );
        }
        if split < behind {
            tiles(
                level,
                panels % width_panels,
                job,
                &mut block.reborrow().channels(split..behind),
            );
        }
        if has_half {
            let y = &mut block.reborrow().channels(behind..channels.end);
            match (channels.end - behind) / 16 {
                0 => level.pw_c8(job, y),
                1 => level.pw_c24(job, y),
                _ => level.pw_c40(job, y),
            }
        }
        finish(level, act, &mut block);
        first = last;
    }
}

#[inline]
fn tiles<L: Level>(level: L, panels: usize, job: Pointwise<'_>, y: &mut MapMut<'_>) {
    match panels {
        1 => level.pw_c16(job, y),
        2 => level.pw_c32(job, y),
        3 => level.pw_c48(job, y),
        _ => level.pw_c64(job, y),
    }
}

/// What is added to the product.
#[derive(Clone, Copy)]
pub(crate) enum Addend<'a> {
    /// Nothing.
    Nothing,
    /// Another map.
    Map(Map<'a>),
    /// What the output holds.
    Output,
}

impl<'a> Addend<'a> {
    /// The other map, where it is one.
    #[inline(always)]
    pub(super) const fn map(&self) -> Option<Map<'a>> {
        match self {
            Self::Map(map) => Some(*map),
            Self::Nothing | Self::Output => None,
        }
    }

    /// The end of those of these rows that lie in one piece, in `x` and in a map that is added: rows that are read may go
    /// on at the start of their ring.
    pub(crate) fn side_by_side(&self, x: &Map<'_>, rows: Range<usize>) -> usize {
        let end = rows.end.min(rows.start + x.side_by_side(rows.start));
        match self {
            Self::Map(skip) => end.min(rows.start + skip.side_by_side(rows.start)),
            Self::Nothing | Self::Output => end,
        }
    }
}

/// A pointwise convolution.
#[derive(Clone, Copy)]
pub struct Pointwise<'a> {
    pub(super) epilogue: Epilogue,
    pub(super) x: Map<'a>,
    pub(super) filter: Filter<'a>,
    pub(super) addend: Addend<'a>,
}

/// `y[p, c] = act(b[c] + sum over k of x[p, k] * w[k, c] + addend[p, c])`, for the window's pixels and channels.
///
/// Loops: N panels of channels; tiles of up to R pixels (see [`Tiling`]); k. While a tile is made, its share of the next
/// panels is prefetched.
#[inline(always)]
pub(crate) fn sweep<S: Simd, const R: usize, const N: usize>(
    simd: S,
    job: Pointwise<'_>,
    y: &mut MapMut<'_>,
) {
    let channels = y.window_channels();
    let (m, k) = (y.pixels(), job.x.channels());
    let x = job.x.rows(y.window_rows());
    let skip = job.addend.map();
    let mut c = channels.start;
    while c < channels.end {
        let weights = &job.filter.panels[c / 16 * k..][..N * k];
        let bias = &job.filter.bias[c / 16..][..N];
        let lanes = (channels.end - c).min(16 * N);
        let (mut p, mut ahead) = (0, N * k);
        while p < m {
            let rows = const { &Tiling::new(R, N) }.next(m - p);
            let place = [p, c - channels.start, lanes, ahead];
            ahead = further(ahead, k, N * k);
            macro_rules! of_rows {
                ($($rows:literal)*) => {
                    match rows {
                        $($rows if const { Tiling::has(R, $rows) } => {
                            let tile = One::<$rows, N> {
                                job: &job,
                                x,
                                skip,
                                panels: [weights, bias],
                                place,
                            };
                            simd.per_lane(lanes, tile, y);
                        })*
                        _ => unreachable!("no tile has so many rows"),
                    }
                };
            }
            of_rows!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
            p += rows;
        }
        c += 16 * N;
    }
}

/// Where the prefetch of the next panels goes on after a tile over `k` inputs that asked for its share of them from `ahead` on:
/// the sweep is over `count` panels, and as many follow. Behind a layer's last panels lie the next layer's. Once all are on
/// their way: at the sweep's own, which are there.
#[inline(always)]
pub(super) const fn further(ahead: usize, k: usize, count: usize) -> usize {
    if ahead == 0 || ahead + k / 2 >= 2 * count {
        0
    } else {
        ahead + k / 2
    }
}

/// How pixels are cut into tiles: by the largest one, until two of it are left at most; those are cut so that the
/// least time is lost. There is code for a few sizes only.
struct Tiling {
    largest: usize,
    first: [u8; 29],
}

impl Tiling {
    /// The sizes up to the largest tile's.
    const fn sizes(largest: usize) -> &'static [usize] {
        match largest {
            2 => &[1, 2],
            4 => &[1, 2, 4],
            6 => &[1, 2, 4, 6],
            7 => &[1, 2, 4, 7],
            8 => &[1, 2, 4, 5, 8],
            14 => &[1, 2, 4, 7, 14],
            _ => panic!("not a tile of the list"),
        }
    }

    const fn has(largest: usize, rows: usize) -> bool {
        let (sizes, mut i) = (Self::sizes(largest), 0);
        while i < sizes.len() {
            if sizes[i] == rows {
                return true;
            }
            i += 1;
        }
        false
    }

    /// A step over k of r x n takes as long as r n multiply-adds or r + n loads, at least as 8 multiply-adds, whose
    /// latency it waits for.
    const fn new(largest: usize, n: usize) -> Self {
        let sizes = Self::sizes(largest);
        let mut first = [0; 29];
        let mut costs = [0; 29];
        let mut m = 1;
        while m <= 2 * largest {
            let (mut least, mut i) = (usize::MAX, 0);
            while i < sizes.len() && sizes[i] <= m {
                let r = sizes[i];
                let loads = if r * n < r + n { r + n } else { r * n };
                let cost = costs[m - r] + if loads < 8 { 8 } else { loads };
                // The larger of equals.
                if cost <= least {
                    (least, first[m]) = (cost, r as u8);
                }
                i += 1;
            }
            costs[m] = least;
            m += 1;
        }
        Self { largest, first }
    }

    /// The rows of the next tile, with so many left.
    #[inline(always)]
    fn next(&self, left: usize) -> usize {
        if left > 2 * self.largest {
            self.largest
        } else {
            usize::from(self.first[left])
        }
    }
}

/// A tile, see [`one`].
#[derive(Clone, Copy)]
struct One<'t, 'a, const R: usize, const N: usize> {
    job: &'t Pointwise<'a>,
    x: &'t [f32],
    skip: Option<Map<'a>>,
    panels: [&'t [[f32; 16]]; 2],
    place: [usize; 4],
}

impl<const R: usize, const N: usize> PerLane for One<'_, '_, R, N> {
    const VECTORS: usize = R * N + N;
    const SINGLE: usize = R;
    type Output<'y> = MapMut<'y>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S, y: &mut MapMut<'_>) {
        let Self { job, x, skip, .. } = self;
        one::<S, R, N>(simd, job, x, skip, self.panels, self.place, y);
    }
}

/// R pixels from the window's pixel `p` on by N panels from the map's channel `c` on.
#[inline(always)]
fn one<S: Simd, const R: usize, const N: usize>(
    simd: S,
    job: &Pointwise<'_>,
    x: &[f32],
    skip: Option<Map<'_>>,
    [weights, bias]: [&[[f32; 16]]; 2],
    [p, at, lanes, ahead]: [usize; 4],
    y: &mut MapMut<'_>,
) {
    let k = job.x.channels();
    let mut sums = tile::start::<S, R, N>(simd, bias);
    tile::accumulate(simd, &mut sums, (&x[p * k..], k), (weights, k), k, ahead);
    if !matches!(job.addend, Addend::Nothing) {
        tile::add_tile(simd, &mut sums, skip, y, p, at..at + lanes);
    }
    job.epilogue.apply(simd, &mut sums);
    tile::store_tile(simd, &sums, y, p, at..at + lanes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_in_one_tile() {
        for (largest, n) in [
            (2, 1),
            (4, 1),
            (6, 1),
            (8, 1),
            (14, 1),
            (7, 2),
            (7, 3),
            (6, 4),
        ] {
            let cut = Tiling::new(largest, n);
            for m in 0..100 {
                let mut left = m;
                while left > 0 {
                    let rows = cut.next(left);
                    assert!(
                        Tiling::has(largest, rows) && rows <= left,
                        "{m} by {largest}"
                    );
                    left -= rows;
                }
            }
        }
    }

    #[test]
    fn seven_by_seven_pixels_lose_nothing() {
        let cut = Tiling::new(7, 3);
        let mut left = 49;
        while left > 0 {
            assert!(cut.next(left).is_multiple_of(7));
            left -= cut.next(left);
        }
    }
}

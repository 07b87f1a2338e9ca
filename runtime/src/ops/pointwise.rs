//! Pointwise (1x1) convolution: a matrix product over pixels, with bias, an optional addend and the activation.

use crate::context::Cx;
use crate::kernels::Tile;
use crate::map::{Map, MapMut};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::tile::{self, each};
use crate::simd::{Level, Simd};
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
    share(cx.level, tile, act, x, filter, Addend::Nothing, y);
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
    share(cx.level, tile, act, x, filter, Addend::Map(skip), y);
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
    share(cx.level, tile, act, x, filter, Addend::Output, y);
}

/// Each thread makes its share of the window.
#[inline(always)]
fn share<L: Level>(
    level: L,
    tile: Tile,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    addend: Addend<'_>,
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
#[inline(always)]
fn run<L: Level>(
    level: L,
    tile: Tile,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    addend: Addend<'_>,
    y: &mut MapMut<'_>,
) {
    const BLOCK_FLOATS: usize = 96 * 1024;
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
        filter.panels.len() == n.div_ceil(16) * k,
        "pointwise: the weights do not fit the channels"
    );
    let job = Pointwise {
        epilogue: Epilogue::before_finish(act),
        x,
        filter,
        addend,
    };
    let (rows, channels) = (y.window_rows(), y.window_channels());
    let panels = (channels.end - channels.start).div_ceil(16);
    let width_panels = level.tile_panels(tile);
    let split = (channels.start + panels / width_panels * width_panels * 16).min(channels.end);
    let blocks = (width * (k + n) * (rows.end - rows.start))
        .div_ceil(BLOCK_FLOATS)
        .max(1);
    let length = (rows.end - rows.start).div_ceil(blocks).max(1);
    let mut first = rows.start;
    while first < rows.end {
        let last = (first + length).min(rows.end);
        let mut block = y.reborrow().rows(first..last);
        if split > channels.start {
            tiles(
                level,
                width_panels,
                job,
                &mut block.reborrow().channels(channels.start..split),
            );
        }
        if split < channels.end {
            tiles(
                level,
                panels % width_panels,
                job,
                &mut block.reborrow().channels(split..channels.end),
            );
        }
        finish(level, act, &mut block);
        first = last;
    }
}

#[inline(always)]
fn tiles<L: Level>(level: L, panels: usize, job: Pointwise<'_>, y: &mut MapMut<'_>) {
    match panels {
        1 => level.pw_c16(job, y),
        2 => level.pw_c32(job, y),
        3 => level.pw_c48(job, y),
        4 => level.pw_c64(job, y),
        _ => level.pw_c80(job, y),
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

/// A pointwise convolution.
#[derive(Clone, Copy)]
pub struct Pointwise<'a> {
    epilogue: Epilogue,
    x: Map<'a>,
    filter: Filter<'a>,
    addend: Addend<'a>,
}

/// `y[p, c] = act(b[c] + sum over k of x[p, k] * w[k, c] + addend[p, c])`, for the window's pixels and channels.
///
/// Loops: N panels of channels; tiles of up to R pixels, cut evenly (49 = 13 + 12 + 12 + 12 for R = 14); k.
#[inline(always)]
pub(crate) fn panels<S: Simd, const R: usize, const N: usize>(
    simd: S,
    job: Pointwise<'_>,
    y: &mut MapMut<'_>,
) {
    let channels = y.window_channels();
    let (m, k) = (y.pixels(), job.x.channels());
    if m == 0 {
        return;
    }
    let count = m.div_ceil(R);
    let (size, larger) = (m / count, m % count);
    let first_pixel = y.window_rows().start * y.width();
    let x = &job.x.data()[first_pixel * k..][..m * k];
    let mut c = channels.start;
    while c < channels.end {
        let weights = &job.filter.panels[c / 16 * k..][..N * k];
        let bias = &job.filter.bias[c / 16..][..N];
        let mut p = 0;
        for t in 0..count {
            let rows = size + usize::from(t < larger);
            let place = Place {
                p,
                first_pixel,
                c,
                end: (c + 16 * N).min(channels.end),
                window: channels.start,
            };
            macro_rules! of_rows {
                ($($rows:literal)*) => {
                    match rows {
                        $($rows if $rows <= R => one::<S, $rows, N>(simd, &job, x, weights, bias, &place, y),)*
                        _ => unreachable!("a tile has at most R rows"),
                    }
                };
            }
            of_rows!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
            p += rows;
        }
        c += 16 * N;
    }
}

/// Where a tile lies.
struct Place {
    /// Its first pixel in the window.
    p: usize,
    /// The window's first pixel in the map.
    first_pixel: usize,
    /// Its channels in the map.
    c: usize,
    end: usize,
    /// The window's first channel in the map.
    window: usize,
}

#[inline(always)]
fn one<S: Simd, const R: usize, const N: usize>(
    simd: S,
    job: &Pointwise<'_>,
    x: &[f32],
    weights: &[[f32; 16]],
    bias: &[[f32; 16]],
    place: &Place,
    y: &mut MapMut<'_>,
) {
    let k = job.x.channels();
    let here = place.c - place.window..place.end - place.window;
    let mut sums = tile::start::<S, R, N>(simd, bias);
    tile::accumulate(simd, &mut sums, (&x[place.p * k..], k), (weights, k), k);
    match job.addend {
        Addend::Nothing => {}
        Addend::Map(skip) => {
            each!(r of rows R, {
                let pixel = &skip.data()[(place.first_pixel + place.p + r) * skip.channels()..];
                tile::add(simd, &mut sums[r], &pixel[place.c..place.end]);
            });
        }
        Addend::Output => {
            each!(r of rows R, {
                tile::add(simd, &mut sums[r], &y.pixel(place.p + r)[here.clone()]);
            });
        }
    }
    job.epilogue.apply(simd, &mut sums);
    tile::store_tile(simd, &sums, y, place.p, here);
}

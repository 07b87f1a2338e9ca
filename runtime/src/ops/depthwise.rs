//! Depthwise convolution: every channel by itself.

use crate::context::Cx;
use crate::map::{Map, MapMut, Strided};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::tile;
use crate::simd::{Level, Simd};
use crate::weights::Filter;
use crate::window::Window;

/// y = act(depthwise(x) + b). x: (h, w, c), y: (h', w', c), filter: [`pack::depthwise`](crate::pack::depthwise).
///
/// # Panics
/// When the shapes do not fit.
#[inline]
pub fn depthwise<L: Level>(
    cx: Cx<'_, L>,
    window: Window,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    y: &mut MapMut<'_>,
) {
    let [height, width] = window.output(x.height(), x.width());
    let (c, [kh, kw]) = (x.channels(), window.kernel);
    assert!(
        y.shape() == [height, width, c],
        "depthwise: the output's shape does not follow from the input's"
    );
    assert!(
        filter.bias.len() == c.div_ceil(16),
        "depthwise: the bias does not fit the channels"
    );
    assert!(
        filter.panels.len() == c.div_ceil(16) * kh * kw,
        "depthwise: the weights do not fit the channels"
    );
    let level = cx.level;
    let job = Depthwise {
        window,
        epilogue: Epilogue::before_finish(act),
        x,
        filter,
    };
    match window {
        Window {
            kernel: [3, 3],
            stride: [1, 1],
            dilation: [1, 1],
            ..
        } => level.dw_k3s1(job, y),
        Window {
            kernel: [3, 3],
            stride: [2, 2],
            dilation: [1, 1],
            ..
        } => level.dw_k3s2(job, y),
        Window {
            kernel: [5, 5],
            stride: [1, 1],
            dilation: [1, 1],
            ..
        } => level.dw_k5s1(job, y),
        Window {
            kernel: [5, 5],
            stride: [2, 2],
            dilation: [1, 1],
            ..
        } => level.dw_k5s2(job, y),
        Window {
            kernel: [7, 7],
            stride: [1, 1],
            dilation: [1, 1],
            ..
        } => level.dw_k7s1(job, y),
        Window {
            kernel: [7, 7],
            stride: [2, 2],
            dilation: [1, 1],
            ..
        } => level.dw_k7s2(job, y),
        _ => level.dw_any(job, y),
    }
    finish(level, act, y);
}

/// A depthwise convolution.
#[derive(Clone, Copy)]
pub struct Depthwise<'a> {
    window: Window,
    epilogue: Epilogue,
    x: Map<'a>,
    filter: Filter<'a>,
}

/// `y[i, j, c] = act(b[c] + sum over u, v of x[i ST + u - top, j ST + v - left, c] * w[u, v, c])`, u and v < K.
///
/// Loops: output rows; panels of channels; tiles of T neighbouring pixels; the kernel's rows; its columns.
/// ```text
///    kernel row u: K weight vectors in registers
///    input row:    [ . . . . . . . . . ]   (T - 1) ST + K columns, each loaded once
///    output:         [ t t t t t t t ]     T sums in registers
/// ```
/// Rows outside the map are left out of the loop over u. Only tiles at the left and right edge look whether a column
/// is inside, once per column; there, padding is a vector of zeros.
#[inline(always)]
pub(crate) fn fixed<S: Simd, const K: usize, const ST: usize, const T: usize>(
    simd: S,
    job: Depthwise<'_>,
    y: &mut MapMut<'_>,
) {
    tiles::<S, T>(simd, job, y, |columns, weights, sums| match columns {
        Columns::Inside(columns) => {
            let columns = Strided::new(columns.0, columns.1, (T - 1) * ST + K);
            row::<S, K, ST, T>(simd, weights, sums, |q| simd.load(columns.get(q)));
        }
        Columns::Edge(edge) => row::<S, K, ST, T>(simd, weights, sums, |q| edge.load(simd, q)),
    });
}

/// Adds one row of the kernel.
#[inline(always)]
fn row<S: Simd, const K: usize, const ST: usize, const T: usize>(
    simd: S,
    weights: &[[f32; 16]],
    sums: &mut [[S::V; 1]; T],
    load: impl Fn(usize) -> S::V,
) {
    let weights = &weights[..K];
    let mut w = [simd.splat(0.0); K];
    for v in 0..K {
        w[v] = simd.load(&weights[v]);
    }
    for t in 0..T {
        for v in 0..K {
            sums[t][0] = simd.mul_add(load(t * ST + v), w[v], sums[t][0]);
        }
    }
}

/// As [`fixed`], for any kernel, stride and dilation: each tap loads its weight and T columns.
#[inline(always)]
pub(crate) fn any<S: Simd, const T: usize>(simd: S, job: Depthwise<'_>, y: &mut MapMut<'_>) {
    let (kw, stride, dilation) = (
        job.window.kernel[1],
        job.window.stride[1],
        job.window.dilation[1],
    );
    tiles::<S, T>(simd, job, y, |columns, weights, sums| {
        for v in 0..kw {
            let w = simd.load(&weights[v]);
            match columns {
                Columns::Inside((from, pitch)) => {
                    let taps = Strided::new(&from[v * dilation * pitch..], stride * pitch, T);
                    for t in 0..T {
                        sums[t][0] = simd.mul_add(simd.load(taps.get(t)), w, sums[t][0]);
                    }
                }
                Columns::Edge(edge) => {
                    for t in 0..T {
                        let x = edge.load(simd, t * stride + v * dilation);
                        sums[t][0] = simd.mul_add(x, w, sums[t][0]);
                    }
                }
            }
        }
    });
}

/// The columns of an input row that a tile reads, numbered from its first, at one panel of channels.
#[derive(Clone, Copy)]
enum Columns<'a> {
    /// All inside the map, all 16 channels: elements from the first column's on, and their distance.
    Inside((&'a [f32], usize)),
    Edge(Edge<'a>),
}

/// Columns that may be outside the map, or have fewer than 16 channels.
#[derive(Clone, Copy)]
struct Edge<'a> {
    /// The row's elements from the panel's first channel on.
    row: &'a [f32],
    channels: usize,
    lanes: usize,
    width: usize,
    /// The first column, less the padding.
    first: isize,
}

impl Edge<'_> {
    #[inline(always)]
    fn load<S: Simd>(&self, simd: S, q: usize) -> S::V {
        let column = self.first.wrapping_add_unsigned(q) as usize;
        // A column left of the map has wrapped around to a huge number.
        if column >= self.width {
            return simd.splat(0.0);
        }
        let from = &self.row[column * self.channels..][..self.lanes];
        if let Ok(from) = from.try_into() {
            simd.load(from)
        } else {
            simd.load_part(from)
        }
    }
}

/// Walks the window in tiles of T pixels x 16 channels; `add_row(columns, weights, sums)` adds one row of the kernel.
#[inline(always)]
fn tiles<S: Simd, const T: usize>(
    simd: S,
    job: Depthwise<'_>,
    y: &mut MapMut<'_>,
    add_row: impl Fn(Columns<'_>, &[[f32; 16]], &mut [[S::V; 1]; T]),
) {
    let Depthwise {
        window,
        epilogue,
        x,
        filter,
    } = job;
    let Window {
        kernel: [kh, kw],
        stride: [down, right],
        dilation: [dilation, across],
        padding: [top, left, ..],
    } = window;
    let (width, channels) = (y.width(), y.window_channels());
    let span = (T - 1) * right + (kw - 1) * across + 1;
    let first = y.window_rows().start;
    for i in y.window_rows() {
        let taps = window.row_taps(i, x.height());
        for c in channels.clone().step_by(16) {
            let weights = &filter.panels[c / 16 * kh * kw..][..kh * kw];
            let bias = simd.load(&filter.bias[c / 16]);
            let lanes = (channels.end - c).min(16);
            let mut at = 0;
            while at < width {
                // The last tile overlaps the one before; a map narrower than a tile has one with some pixels unused.
                let j = at.min(width.saturating_sub(T));
                let start = j * right;
                let inside = lanes == 16 && start >= left && start - left + span <= x.width();
                let mut sums = [[bias]; T];
                for u in taps.clone() {
                    let row = &x.row(i * down + u * dilation - top)[c..];
                    let weights = &weights[u * kw..][..kw];
                    let columns = if inside {
                        Columns::Inside((&row[(start - left) * x.channels()..], x.channels()))
                    } else {
                        let first = start.wrapping_sub(left) as isize;
                        Columns::Edge(Edge {
                            row,
                            channels: x.channels(),
                            lanes,
                            width: x.width(),
                            first,
                        })
                    };
                    add_row(columns, weights, &mut sums);
                }
                epilogue.apply(simd, &mut sums);
                let (p, place) = ((i - first) * width + j, c - channels.start);
                for t in 0..T {
                    if t < width {
                        tile::store(simd, &sums[t], &mut y.pixel(p + t)[place..place + lanes]);
                    }
                }
                at += T;
            }
        }
    }
}

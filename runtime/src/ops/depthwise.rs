//! Depthwise convolution: every channel by itself.

use core::ops::Range;

use crate::context::Cx;
use crate::map::{Map, MapMut, VectorsMut};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::tile::{self, each};
use crate::patch::{Lines, Patch};
use crate::simd::{Level, LevelId, PerLane, Simd};
use crate::team::{Cost, Cut, share};
use crate::weights::Filter;
use crate::window::Window;

/// y = act(depthwise(x) + b). x: (h, w, c), y: (h', w', c), filter: [`pack::depthwise`](crate::pack::depthwise).
///
/// # Panics
/// When the shapes do not fit.
#[inline(always)]
pub fn depthwise<L: Level>(
    cx: Cx<'_, L>,
    window: Window,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    y: &mut MapMut<'_>,
) {
    let kernel = match window {
        // Where nothing is gained by more code.
        _ if matches!(L::ID, LevelId::Scalar) => L::Token::dw_any,
        Window {
            kernel: [3, 3],
            stride: [1, 1],
            dilation: [1, 1],
            ..
        } => L::Token::dw_k3s1,
        Window {
            kernel: [3, 3],
            stride: [2, 2],
            dilation: [1, 1],
            ..
        } => L::Token::dw_k3s2,
        Window {
            kernel: [5, 5],
            stride: [1, 1],
            dilation: [1, 1],
            ..
        } => L::Token::dw_k5s1,
        Window {
            kernel: [5, 5],
            stride: [2, 2],
            dilation: [1, 1],
            ..
        } => L::Token::dw_k5s2,
        _ => L::Token::dw_any,
    };
    let [kh, kw] = window.kernel;
    share!(L: cx.level, Cut::Any(Cost::element(kh * kw)), y, |level, y| {
        run(level, kernel, &window, act, &x, &filter, y);
    });
}

/// Once for all layers; what is inlined above is the choice of a kernel, so that those nobody chooses are left out.
#[inline(never)]
fn run<L: Level>(
    level: L,
    kernel: fn(L, Depthwise<'_>, &mut MapMut<'_>),
    window: &Window,
    act: Activation,
    x: &Map<'_>,
    filter: &Filter<'_>,
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
    let job = Depthwise {
        window: *window,
        epilogue: Epilogue::before_finish(act),
        x: *x,
        filter: *filter,
    };
    // What the kernels for one window take for granted.
    let edge = (kw - 1) / 2;
    let [_, left, ..] = window.padding;
    let right = ((width - 1) * window.stride[1] + kw).saturating_sub(left + x.width());
    if left > edge || right > edge || width < NARROW {
        level.dw_any(job, y);
    } else {
        kernel(level, job, y);
    }
    finish(level, act, y);
}

/// The pixels of tiles for last panels that are partly used, and for maps that wider tiles do not fit: those of 128x128
/// inputs end at 4 x 4.
const NARROW: usize = 4;

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
/// Loops: H output rows; tiles of T neighbouring pixels; panels of channels; the input's rows under them; columns. The
/// last two are written out.
/// ```text
///    kernel rows:  K weight vectors in registers for each output row
///    input row:    [ . . . . . . . . . ]   (T - 1) ST + K columns, each loaded once for all H rows
///    output:         [ t t t t t t t ]     H x T sums in registers
///                    [ t t t t t t t ]
/// ```
/// Rows and columns outside the map are skipped, but only the first and last (K - 1) / 2 columns of a tile are looked
/// at: what is padded more, or narrower than 4, is made pixel by pixel (see [`run`]). Tiles are N pixels wide where the
/// map is narrower than T, where T would waste more than a ninth of a row, and for a last panel that is partly used. Levels
/// with masks make such maps and panels by the same code, H rows at a time; others make such panels row by row.
#[inline(always)]
pub(crate) fn fixed<
    S: Simd,
    const K: usize,
    const ST: usize,
    const H: usize,
    const T: usize,
    const N: usize,
>(
    simd: S,
    job: Depthwise<'_>,
    y: &mut MapMut<'_>,
) {
    let (width, rows, channels) = (y.width(), y.window_rows(), y.window_channels());
    let last = channels.end - (channels.end - channels.start) % 16;
    let (whole, part) = (channels.start..last, last..channels.end);
    let wastes_little = 8 * width.next_multiple_of(T) <= 9 * width.next_multiple_of(N);
    let wide = T == N || (width >= T && wastes_little);
    let mut i = rows.start;
    while i < rows.end {
        let both = H == 1 || rows.end - i >= H;
        let height = if both { H } else { 1 };
        let lines = |i, h| Lines::new(job.x, i * ST, job.window.padding[0], (h - 1) * ST + K);
        let under = lines(i, height);
        match (wide, both) {
            (true, true) => row::<S, K, ST, H, T, true>(simd, &job, &under, i, &whole, y),
            (true, false) => row::<S, K, ST, 1, T, true>(simd, &job, &under, i, &whole, y),
            // Code for parts is hardly slower.
            _ if S::MASKS => {}
            (false, true) => row::<S, K, ST, H, N, true>(simd, &job, &under, i, &whole, y),
            (false, false) => row::<S, K, ST, 1, N, true>(simd, &job, &under, i, &whole, y),
        }
        let rest = match S::MASKS && !wide {
            true => &channels,
            false => &part,
        };
        if S::MASKS && both {
            row::<S, K, ST, H, N, false>(simd, &job, &under, i, rest, y);
        } else if !rest.is_empty() {
            for i in i..i + height {
                row::<S, K, ST, 1, N, false>(simd, &job, &lines(i, 1), i, rest, y);
            }
        }
        i += height;
    }
}

/// Output rows i to i + H, `channels`: in whole panels if WHOLE.
#[inline(always)]
fn row<
    S: Simd,
    const K: usize,
    const ST: usize,
    const H: usize,
    const T: usize,
    const WHOLE: bool,
>(
    simd: S,
    job: &Depthwise<'_>,
    lines: &Lines<'_>,
    i: usize,
    channels: &Range<usize>,
    y: &mut MapMut<'_>,
) {
    if channels.is_empty() {
        return;
    }
    let panels = channels.start / 16..channels.end.div_ceil(16);
    let weights = &job.filter.panels[panels.start * K * K..panels.end * K * K];
    let bias = &job.filter.bias[panels];
    let (width, left) = (y.width(), job.window.padding[1]);
    let mut at = 0;
    while at < width {
        // The last tile overlaps the one before.
        let j = at.min(width - T);
        at += T;
        let columns = lines.columns([j * ST, left, (T - 1) * ST + K, (K - 1) / 2]);
        let mut from = columns.channels(channels);
        let mut to = y.panels::<H>([i, j], T, channels);
        let mut rest = channels.len();
        for (weights, bias) in weights.chunks_exact(K * K).zip(bias) {
            // At most 15 where whole panels are made elsewhere: then no code for 16 is here.
            let most = if S::MASKS { 16 } else { 15 };
            let lanes = if WHOLE { 16 } else { rest.min(most) };
            rest -= lanes;
            let tile = Tile::<K, ST, H, T> {
                patch: from.take(lanes),
                weights,
                bias,
                epilogue: job.epilogue,
            };
            simd.per_lane(lanes, tile, &mut to.take(lanes));
        }
    }
}

/// Whether column (row) q is under tap v of a pixel t of the tile: q = t * stride + v with t < pixels.
const fn is_under(q: usize, v: usize, stride: usize, pixels: usize) -> bool {
    q >= v && (q - v).is_multiple_of(stride) && (q - v) / stride < pixels
}

/// Whether line l is under an output row whose kernel of K rows starts at line `first`.
const fn has_row(l: usize, first: usize, k: usize) -> bool {
    l >= first && l - first < k
}

/// A tile, see [`tile`].
#[derive(Clone, Copy)]
struct Tile<'t, 'a, const K: usize, const ST: usize, const H: usize, const T: usize> {
    patch: Patch<'a, 't>,
    weights: &'t [[f32; 16]],
    bias: &'t [f32; 16],
    epilogue: Epilogue,
}

impl<const K: usize, const ST: usize, const H: usize, const T: usize> PerLane
    for Tile<'_, '_, K, ST, H, T>
{
    const VECTORS: usize = H * T + H * K + 1;
    const SINGLE: usize = 0;
    type Output<'y> = [VectorsMut<'y>; H];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S, y: &mut Self::Output<'_>) {
        tile::<S, K, ST, H, T>(simd, &self, y);
    }
}

/// H x T pixels of a panel.
#[inline(always)]
fn tile<S: Simd, const K: usize, const ST: usize, const H: usize, const T: usize>(
    simd: S,
    work: &Tile<'_, '_, K, ST, H, T>,
    y: &mut [VectorsMut<'_>; H],
) {
    let weights = &work.weights[..K * K];
    let mut sums = [[[simd.load(work.bias)]; T]; H];
    each!(l of lines (H - 1) * ST + K, {
        if let Some(line) = work.patch.line(l) {
            // The row of the kernel that lies here for each output row.
            let mut w = [[simd.splat(0.0); K]; H];
            each!(h of pair H, {
                if const { has_row(l, h * ST, K) } {
                    each!(v of taps K, {
                        w[h][v] = simd.load(&weights[(l - h * ST) * K + v]);
                    });
                }
            });
            each!(q of columns (T - 1) * ST + K, {
                if line.has(q) {
                    let x = if const { S::MASKS } {
                        simd.load_part(line.get(q))
                    } else {
                        tile::load(simd, line.get(q))
                    };
                    each!(v of taps K, {
                        if const { is_under(q, v, ST, T) } {
                            let t = q.wrapping_sub(v) / ST;
                            each!(h of pair H, {
                                if const { has_row(l, h * ST, K) } {
                                    sums[h][t][0] = simd.mul_add(x, w[h][v], sums[h][t][0]);
                                }
                            });
                        }
                    });
                }
            });
        }
    });
    each!(h of pair H, {
        work.epilogue.apply(simd, &mut sums[h]);
        each!(t of rows T, {
            if const { S::MASKS } {
                simd.store_part(sums[h][t][0], y[h].get(t));
            } else {
                tile::store(simd, &sums[h][t], y[h].get(t));
            }
        });
    });
}

/// Any kernel, stride and dilation, pixel by pixel: the same sums in the same order.
#[inline(always)]
pub(crate) fn any<S: Simd>(simd: S, job: Depthwise<'_>, y: &mut MapMut<'_>) {
    let Depthwise { window, x, .. } = job;
    let (width, rows, channels) = (y.width(), y.window_rows(), y.window_channels());
    for i in rows.clone() {
        let us = window.row_taps(i, x.height());
        for j in 0..width {
            let vs = window.column_taps(j, x.width());
            let pixel = y.pixel((i - rows.start) * width + j);
            for (c, to) in channels.clone().step_by(16).zip(pixel.chunks_mut(16)) {
                // Twice the same, once with a constant length.
                if to.len() == 16 {
                    taps(simd, &job, [i, j, c], [&us, &vs], &mut to[..16]);
                } else {
                    taps(simd, &job, [i, j, c], [&us, &vs], to);
                }
            }
        }
    }
}

/// The taps `us` x `vs` of output (i, j), the channels from c on.
#[inline(always)]
fn taps<S: Simd>(
    simd: S,
    job: &Depthwise<'_>,
    [i, j, c]: [usize; 3],
    [us, vs]: [&Range<usize>; 2],
    to: &mut [f32],
) {
    let Depthwise { window, x, .. } = job;
    let [kh, kw] = window.kernel;
    let weights = &job.filter.panels[c / 16 * kh * kw..][..kh * kw];
    let mut sum = [[simd.load(&job.filter.bias[c / 16])]];
    for u in us.clone() {
        let row = x.row(i * window.stride[0] + u * window.dilation[0] - window.padding[0]);
        for v in vs.clone() {
            let column = j * window.stride[1] + v * window.dilation[1] - window.padding[1];
            let tap = tile::load(simd, &row[column * x.channels() + c..][..to.len()]);
            sum[0][0] = simd.mul_add(tap, simd.load(&weights[u * kw + v]), sum[0][0]);
        }
    }
    job.epilogue.apply(simd, &mut sum);
    tile::store(simd, &sum[0], to);
}

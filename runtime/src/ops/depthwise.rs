//! Depthwise convolution: every channel by itself.

use crate::context::Cx;
use crate::map::{Map, MapMut, Vectors};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::tile::{self, each};
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
    tiles::<S, Fixed<K, ST>, T>(simd, job, y);
}

/// As [`fixed`], for any kernel, stride and dilation: each tap loads its weight and T columns.
#[inline(always)]
pub(crate) fn any<S: Simd, const T: usize>(simd: S, job: Depthwise<'_>, y: &mut MapMut<'_>) {
    tiles::<S, Any, T>(simd, job, y);
}

/// How one row of a kernel is added to a tile of T sums.
trait KernelRow<S: Simd, const T: usize> {
    /// Columns of the input that a tile reads.
    fn span(window: &Window) -> usize;

    /// `columns` are those from the tile's first on, one after the other.
    fn add(
        simd: S,
        window: &Window,
        columns: impl Columns<S>,
        weights: &[[f32; 16]],
        sums: &mut [[S::V; 1]; T],
    );
}

/// The columns of an input row under a tile, at one panel of channels, numbered from the tile's first.
trait Columns<S: Simd>: Copy {
    fn load(self, simd: S, q: usize) -> S::V;
}

/// All 16 channels of columns that exist.
#[derive(Clone, Copy)]
struct Whole<'a>(Vectors<'a>);

impl<S: Simd> Columns<S> for Whole<'_> {
    #[inline(always)]
    fn load(self, simd: S, q: usize) -> S::V {
        simd.load(self.0.get(q).expect("inside the map"))
    }
}

/// All 16 channels of columns of which some are padding.
#[derive(Clone, Copy)]
struct Edge<'a>(Vectors<'a>);

impl<S: Simd> Columns<S> for Edge<'_> {
    #[inline(always)]
    fn load(self, simd: S, q: usize) -> S::V {
        // Chooses an address, not a way through the code.
        static PADDING: [f32; 16] = [0.0; 16];
        simd.load(self.0.get(q).unwrap_or(&PADDING))
    }
}

/// Fewer than 16 channels of columns of which some may be padding.
#[derive(Clone, Copy)]
struct Narrow<'a> {
    /// From the panel's first channel of the first column that exists.
    from: &'a [f32],
    stride: usize,
    lanes: usize,
    first: usize,
    count: usize,
}

impl<S: Simd> Columns<S> for Narrow<'_> {
    #[inline(always)]
    fn load(self, simd: S, q: usize) -> S::V {
        let at = q.wrapping_sub(self.first);
        if at < self.count {
            simd.load_part(&self.from[at * self.stride..][..self.lanes])
        } else {
            simd.splat(0.0)
        }
    }
}

struct Fixed<const K: usize, const ST: usize>;

impl<S: Simd, const K: usize, const ST: usize, const T: usize> KernelRow<S, T> for Fixed<K, ST> {
    #[inline(always)]
    fn span(_: &Window) -> usize {
        (T - 1) * ST + K
    }

    #[inline(always)]
    fn add(
        simd: S,
        _: &Window,
        columns: impl Columns<S>,
        weights: &[[f32; 16]],
        sums: &mut [[S::V; 1]; T],
    ) {
        let weights = &weights[..K];
        let mut w = [simd.splat(0.0); K];
        each!(v of taps K, {
            w[v] = simd.load(&weights[v]);
        });
        each!(q of columns (T - 1) * ST + K, {
            let x = columns.load(simd, q);
            each!(v of taps K, {
                // Column q is under tap v of pixel t when q = t ST + v.
                if q >= v && (q - v).is_multiple_of(ST) && (q - v) / ST < T {
                    let t = (q - v) / ST;
                    sums[t][0] = simd.mul_add(x, w[v], sums[t][0]);
                }
            });
        });
    }
}

struct Any;

impl<S: Simd, const T: usize> KernelRow<S, T> for Any {
    #[inline(always)]
    fn span(window: &Window) -> usize {
        (T - 1) * window.stride[1] + (window.kernel[1] - 1) * window.dilation[1] + 1
    }

    #[inline(always)]
    fn add(
        simd: S,
        window: &Window,
        columns: impl Columns<S>,
        weights: &[[f32; 16]],
        sums: &mut [[S::V; 1]; T],
    ) {
        for v in 0..window.kernel[1] {
            let w = simd.load(&weights[v]);
            each!(t of taps T, {
                let x = columns.load(simd, t * window.stride[1] + v * window.dilation[1]);
                sums[t][0] = simd.mul_add(x, w, sums[t][0]);
            });
        }
    }
}

/// Walks the window in tiles of T pixels x 16 channels.
#[inline(always)]
fn tiles<S: Simd, K: KernelRow<S, T>, const T: usize>(
    simd: S,
    job: Depthwise<'_>,
    y: &mut MapMut<'_>,
) {
    let Depthwise {
        window,
        epilogue,
        x,
        filter,
    } = job;
    let [kh, kw] = window.kernel;
    let (width, channels) = (y.width(), y.window_channels());
    let span = K::span(&window);
    let left = window.padding[1];
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
                at += T;
                // The columns that exist: `count` from the tile's column `outside` on, which is the map's `column`.
                let start = j * window.stride[1];
                let outside = left.saturating_sub(start).min(span);
                let column = (start + outside).saturating_sub(left).min(x.width());
                let count = (x.width() - column).min(span - outside);
                let mut sums = [[bias]; T];
                for u in taps.clone() {
                    let line =
                        x.row(i * window.stride[0] + u * window.dilation[0] - window.padding[0]);
                    let weights = &weights[u * kw..][..kw];
                    if count == 0 {
                        // All padding.
                    } else if lanes < 16 {
                        let from = &line[column * x.channels() + c..];
                        let columns = Narrow {
                            from,
                            stride: x.channels(),
                            lanes,
                            first: outside,
                            count,
                        };
                        K::add(simd, &window, columns, weights, &mut sums);
                    } else {
                        let from = &line[column * x.channels() + c..];
                        if count == span {
                            let columns = Whole(Vectors::new(from, x.channels(), 0, span));
                            K::add(simd, &window, columns, weights, &mut sums);
                        } else {
                            let columns = Edge(Vectors::new(from, x.channels(), outside, count));
                            K::add(simd, &window, columns, weights, &mut sums);
                        }
                    }
                }
                epilogue.apply(simd, &mut sums);
                let (p, place) = ((i - first) * width + j, c - channels.start);
                if width >= T {
                    tile::store_tile(simd, &sums, y, p, place..place + lanes);
                } else {
                    each!(t of taps T, {
                        if t < width {
                            tile::store(simd, &sums[t], &mut y.pixel(p + t)[place..place + lanes]);
                        }
                    });
                }
            }
        }
    }
}

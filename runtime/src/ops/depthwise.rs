//! Depthwise convolution: every channel by itself.

use core::ops::Range;

use crate::context::Cx;
use crate::map::{Map, MapMut, Vectors};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::tile::{self, each};
use crate::simd::{Level, Simd};
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
        window,
        epilogue: Epilogue::before_finish(act),
        x,
        filter,
    };
    let cut = Cut::Any(Cost::element(kh * kw));
    share!(L: cx.level, cut, y, |level, y| run(level, act, job, y));
}

/// The kernel for the window.
#[inline(always)]
fn run<L: Level>(level: L, act: Activation, job: Depthwise<'_>, y: &mut MapMut<'_>) {
    match job.window {
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
/// Loops: H output rows; panels of channels; tiles of T neighbouring pixels; the input's rows under them; columns.
/// ```text
///    kernel rows:  K weight vectors in registers for each output row
///    input row:    [ . . . . . . . . . ]   (T - 1) ST + K columns, each loaded once for all H rows
///    output:         [ t t t t t t t ]     H x T sums in registers
///                    [ t t t t t t t ]
/// ```
/// Rows outside the map are left out of the loop. Only tiles at the left and right edge look whether a column is
/// inside, once per column; there, padding is a vector of zeros.
#[inline(always)]
pub(crate) fn fixed<S: Simd, const K: usize, const ST: usize, const H: usize, const T: usize>(
    simd: S,
    job: Depthwise<'_>,
    y: &mut MapMut<'_>,
) {
    let rows = y.window_rows();
    let mut i = rows.start;
    if H > 1 {
        while i + H <= rows.end {
            tiles::<S, Fixed<K, ST>, H, T>(simd, &job, i, y);
            i += H;
        }
    }
    while i < rows.end {
        tiles::<S, Fixed<K, ST>, 1, T>(simd, &job, i, y);
        i += 1;
    }
}

/// As [`fixed`], for any kernel, stride and dilation: each tap loads its weight and T columns.
#[inline(always)]
pub(crate) fn any<S: Simd, const T: usize>(simd: S, job: Depthwise<'_>, y: &mut MapMut<'_>) {
    for i in y.window_rows() {
        tiles::<S, Any, 1, T>(simd, &job, i, y);
    }
}

/// The columns of the input under a tile, at one panel of channels, numbered from the tile's first.
trait Columns<S: Simd>: Copy {
    /// The same columns of the row `l` rows further down.
    fn line(self, l: usize) -> Self;

    fn load(self, simd: S, q: usize) -> S::V;
}

/// All 16 channels of columns that exist.
#[derive(Clone, Copy)]
struct Whole<'a>(Vectors<'a>);

impl<S: Simd> Columns<S> for Whole<'_> {
    #[inline(always)]
    fn line(self, l: usize) -> Self {
        Self(self.0.line(l))
    }

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
    fn line(self, l: usize) -> Self {
        Self(self.0.line(l))
    }

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
    pitch: usize,
    stride: usize,
    lanes: usize,
    first: usize,
    count: usize,
}

impl<S: Simd> Columns<S> for Narrow<'_> {
    #[inline(always)]
    fn line(self, l: usize) -> Self {
        Self {
            from: &self.from[l * self.pitch..],
            ..self
        }
    }

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

/// How rows of a kernel are added to a tile of H x T sums.
trait Kernel<S: Simd, const T: usize> {
    /// Columns of the input that a tile reads.
    fn span(window: &Window) -> usize;

    /// Adds the taps of an input row to one row of sums.
    fn add(
        simd: S,
        window: &Window,
        columns: impl Columns<S>,
        weights: &[[f32; 16]],
        sums: &mut [[S::V; 1]; T],
    );

    /// Adds the taps of an input row to two rows of sums, each by its own row of the kernel.
    fn add_twice(
        simd: S,
        window: &Window,
        columns: impl Columns<S>,
        weights: [&[[f32; 16]]; 2],
        sums: [&mut [[S::V; 1]; T]; 2],
    );
}

/// Whether column q is under tap v of a pixel t of the tile: q = t * stride + v with t < pixels.
const fn is_under(q: usize, v: usize, stride: usize, pixels: usize) -> bool {
    q >= v && (q - v).is_multiple_of(stride) && (q - v) / stride < pixels
}

struct Fixed<const K: usize, const ST: usize>;

impl<S: Simd, const K: usize, const ST: usize, const T: usize> Kernel<S, T> for Fixed<K, ST> {
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
                if const { is_under(q, v, ST, T) } {
                    let t = q.wrapping_sub(v) / ST;
                    sums[t][0] = simd.mul_add(x, w[v], sums[t][0]);
                }
            });
        });
    }

    #[inline(always)]
    fn add_twice(
        simd: S,
        _: &Window,
        columns: impl Columns<S>,
        [upper, lower]: [&[[f32; 16]]; 2],
        [above, below]: [&mut [[S::V; 1]; T]; 2],
    ) {
        let (upper, lower) = (&upper[..K], &lower[..K]);
        let mut w = [[simd.splat(0.0); K]; 2];
        each!(v of taps K, {
            w[0][v] = simd.load(&upper[v]);
            w[1][v] = simd.load(&lower[v]);
        });
        each!(q of columns (T - 1) * ST + K, {
            let x = columns.load(simd, q);
            each!(v of taps K, {
                if const { is_under(q, v, ST, T) } {
                    let t = q.wrapping_sub(v) / ST;
                    above[t][0] = simd.mul_add(x, w[0][v], above[t][0]);
                    below[t][0] = simd.mul_add(x, w[1][v], below[t][0]);
                }
            });
        });
    }
}

struct Any;

impl<S: Simd, const T: usize> Kernel<S, T> for Any {
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

    #[inline(always)]
    fn add_twice(
        simd: S,
        window: &Window,
        columns: impl Columns<S>,
        [upper, lower]: [&[[f32; 16]]; 2],
        [above, below]: [&mut [[S::V; 1]; T]; 2],
    ) {
        <Self as Kernel<S, T>>::add(simd, window, columns, upper, above);
        <Self as Kernel<S, T>>::add(simd, window, columns, lower, below);
    }
}

/// Output rows i to i + H: tiles of T pixels x 16 channels. H is 1 or 2.
#[inline(always)]
fn tiles<S: Simd, K: Kernel<S, T>, const H: usize, const T: usize>(
    simd: S,
    job: &Depthwise<'_>,
    i: usize,
    y: &mut MapMut<'_>,
) {
    let Depthwise {
        window,
        epilogue,
        x,
        filter,
    } = *job;
    let [kh, kw] = window.kernel;
    let (width, channels) = (y.width(), y.window_channels());
    let (span, left, top) = (K::span(&window), window.padding[1], window.padding[0]);
    let pitch = x.width() * x.channels() * window.dilation[0];
    // Input rows under the tile, numbered from the first tap of output row i, dilated apart: those inside the map.
    let down = window.stride[0];
    let taps = window.row_taps(i, x.height());
    let last = window.row_taps(i + H - 1, x.height());
    let lines = match H {
        1 => taps,
        _ if last.is_empty() => taps,
        _ if taps.is_empty() => last.start + down..last.end + down,
        _ => taps.start..last.end + down,
    };
    let first_pixel = (i - y.window_rows().start) * width;
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
            let column = start.saturating_sub(left).min(x.width());
            let count = (x.width() - column).min(span - outside);
            let mut sums = [[[bias]; T]; H];
            if !lines.is_empty() && count > 0 {
                let line = i * down + lines.start * window.dilation[0] - top;
                let from = &x.data()[(line * x.width() + column) * x.channels() + c..];
                macro_rules! add {
                    ($columns:expr) => {
                        add_lines::<S, K, H, T>(
                            simd,
                            &window,
                            $columns,
                            lines.clone(),
                            weights,
                            &mut sums,
                        )
                    };
                }
                if lanes < 16 {
                    // The last panel of few networks' few layers: not worth a copy of its own of every kernel.
                    let stride = x.channels();
                    let columns = Narrow {
                        from,
                        pitch,
                        stride,
                        lanes,
                        first: outside,
                        count,
                    };
                    add_narrow::<S, H, T>(
                        simd,
                        &window,
                        columns,
                        lines.clone(),
                        weights,
                        &mut sums,
                    );
                } else if count == span {
                    add!(Whole(Vectors::new(
                        from,
                        (pitch, lines.len()),
                        x.channels(),
                        0,
                        span
                    )));
                } else {
                    add!(Edge(Vectors::new(
                        from,
                        (pitch, lines.len()),
                        x.channels(),
                        outside,
                        count
                    )));
                }
            }
            let place = c - channels.start..c - channels.start + lanes;
            each!(h of pair H, {
                epilogue.apply(simd, &mut sums[h]);
                let p = first_pixel + h * width + j;
                if width >= T {
                    tile::store_tile(simd, &sums[h], y, p, place.clone());
                } else {
                    each!(t of taps T, {
                        if t < width {
                            tile::store(simd, &sums[h][t], &mut y.pixel(p + t)[place.clone()]);
                        }
                    });
                }
            });
        }
    }
}

/// Adds the input rows `lines` to a tile: those under its first output row only, under both, under its second only.
#[inline(always)]
fn add_lines<S: Simd, K: Kernel<S, T>, const H: usize, const T: usize>(
    simd: S,
    window: &Window,
    columns: impl Columns<S>,
    lines: Range<usize>,
    weights: &[[f32; 16]],
    sums: &mut [[[S::V; 1]; T]; H],
) {
    let [kh, kw] = window.kernel;
    let down = window.stride[0];
    let weights_of = |u: usize| &weights[u * kw..][..kw];
    let first = lines.start;
    if H == 1 {
        for u in lines {
            K::add(
                simd,
                window,
                columns.line(u - first),
                weights_of(u),
                &mut sums[0],
            );
        }
        return;
    }
    let [above, below] = sums.first_chunk_mut::<2>().expect("H is 1 or 2").each_mut();
    for u in first..lines.end.min(down).min(kh) {
        K::add(simd, window, columns.line(u - first), weights_of(u), above);
    }
    for u in first.max(down)..lines.end.min(kh) {
        let weights = [weights_of(u), weights_of(u - down)];
        K::add_twice(
            simd,
            window,
            columns.line(u - first),
            weights,
            [&mut *above, &mut *below],
        );
    }
    for u in first.max(kh).max(down)..lines.end {
        K::add(
            simd,
            window,
            columns.line(u - first),
            weights_of(u - down),
            below,
        );
    }
}

/// As [`add_lines`], tap by tap in loops: the same sums in the same order.
#[inline(always)]
fn add_narrow<S: Simd, const H: usize, const T: usize>(
    simd: S,
    window: &Window,
    columns: Narrow<'_>,
    lines: Range<usize>,
    weights: &[[f32; 16]],
    sums: &mut [[[S::V; 1]; T]; H],
) {
    let [kh, kw] = window.kernel;
    let first = lines.start;
    for u in lines {
        let line = Columns::<S>::line(columns, u - first);
        each!(h of pair H, {
            // The row of the kernel that output row h has here.
            let own = u.wrapping_sub(h * window.stride[0]);
            if own < kh {
                <Any as Kernel<S, T>>::add(simd, window, line, &weights[own * kw..][..kw], &mut sums[h]);
            }
        });
    }
}

//! Pooling: the mean of a whole map, and means and maxima of windows.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::ops::tile;
use crate::simd::{Level, Simd};
use crate::team::{Cost, Cut, share};
use crate::window::Window;

/// `y[c] = mean over pixels of x[p, c]`. x: (h, w, c), y: (1, 1, c).
///
/// # Panics
/// When the shapes do not fit.
#[inline]
pub fn global_average_pool<L: Level>(cx: Cx<'_, L>, x: Map<'_>, y: &mut MapMut<'_>) {
    assert!(
        y.shape() == [1, 1, x.channels()],
        "global pool: the output is one pixel of the input's channels"
    );
    assert!(!x.data().is_empty(), "global pool: the mean of no pixels");
    let cut = Cut::Any(Cost::element(x.height() * x.width()));
    let job = GlobalPool { x };
    share!(L: cx.level, cut, y, |level, y| level.global_pool(job, y));
}

/// `y[i, j, c] = mean of x over the window's taps inside the map (padding does not count)`. x: (h, w, c).
///
/// # Panics
/// When the shapes do not fit.
#[inline]
pub fn average_pool<L: Level>(cx: Cx<'_, L>, window: Window, x: Map<'_>, y: &mut MapMut<'_>) {
    check(&window, x, y);
    let job = Pool { window, x };
    share!(L: cx.level, cut(&window), y, |level, y| level.average_pool(job, y));
}

/// `y[i, j, c]` = maximum of x over the window's taps inside the map; NaN where one of them is. x: (h, w, c).
///
/// # Panics
/// When the shapes do not fit.
#[inline]
pub fn max_pool<L: Level>(cx: Cx<'_, L>, window: Window, x: Map<'_>, y: &mut MapMut<'_>) {
    check(&window, x, y);
    let job = Pool { window, x };
    share!(L: cx.level, cut(&window), y, |level, y| level.max_pool(job, y));
}

const fn cut(window: &Window) -> Cut {
    Cut::Any(Cost::element(window.kernel[0] * window.kernel[1]))
}

#[inline]
fn check(window: &Window, x: Map<'_>, y: &MapMut<'_>) {
    let [height, width] = window.output(x.height(), x.width());
    assert!(
        y.shape() == [height, width, x.channels()],
        "pool: the output's shape does not follow from the input's"
    );
}

/// A mean of a whole map.
#[derive(Clone, Copy)]
pub struct GlobalPool<'a> {
    x: Map<'a>,
}

/// B panels of channels at a time. Each row is summed by itself, then the rows in order: the same sums however rows
/// are shared out, and smaller errors than one long sum.
#[inline(always)]
pub(crate) fn global<S: Simd, const B: usize>(simd: S, job: GlobalPool<'_>, y: &mut MapMut<'_>) {
    if y.pixels() == 0 {
        return;
    }
    let channels = y.window_channels();
    let scale = simd.splat(1.0 / (job.x.height() * job.x.width()) as f32);
    let to = y.pixel(0);
    let mut c = channels.start;
    while c < channels.end {
        let at = c - channels.start;
        if channels.end - c >= 16 * B {
            means::<S, B>(simd, job.x, c, 16, scale, &mut to[at..at + 16 * B]);
            c += 16 * B;
        } else {
            let lanes = (channels.end - c).min(16);
            means::<S, 1>(simd, job.x, c, lanes, scale, &mut to[at..at + lanes]);
            c += 16;
        }
    }
}

#[inline(always)]
fn means<S: Simd, const B: usize>(
    simd: S,
    x: Map<'_>,
    c: usize,
    lanes: usize,
    scale: S::V,
    to: &mut [f32],
) {
    let zero = [simd.splat(0.0); B];
    let mut total = zero;
    for i in 0..x.height() {
        let mut sum = zero;
        for pixel in x.row(i).chunks_exact(x.channels()) {
            tile::add(simd, &mut sum, &pixel[c..][..16 * (B - 1) + lanes]);
        }
        for b in 0..B {
            total[b] = simd.add(total[b], sum[b]);
        }
    }
    for b in 0..B {
        total[b] = simd.mul(total[b], scale);
    }
    tile::store(simd, &total, to);
}

/// A pool over windows.
#[derive(Clone, Copy)]
pub struct Pool<'a> {
    window: Window,
    x: Map<'a>,
}

/// Means of windows.
#[inline(always)]
pub(crate) fn average<S: Simd>(simd: S, job: Pool<'_>, y: &mut MapMut<'_>) {
    windows::<S, Mean>(simd, job, y);
}

/// Maxima of windows.
#[inline(always)]
pub(crate) fn max<S: Simd>(simd: S, job: Pool<'_>, y: &mut MapMut<'_>) {
    windows::<S, Max>(simd, job, y);
}

/// How a window's taps become one. (No closures: they might not be inlined, and then miss the level's instructions.)
trait Join<S: Simd> {
    const START: f32;
    fn join(simd: S, a: S::V, b: S::V) -> S::V;
    fn end(simd: S, result: S::V, taps: usize) -> S::V;
}

struct Mean;

impl<S: Simd> Join<S> for Mean {
    const START: f32 = 0.0;

    #[inline(always)]
    fn join(simd: S, a: S::V, b: S::V) -> S::V {
        simd.add(a, b)
    }

    #[inline(always)]
    fn end(simd: S, result: S::V, taps: usize) -> S::V {
        simd.mul(result, simd.splat(1.0 / taps as f32))
    }
}

struct Max;

impl<S: Simd> Join<S> for Max {
    const START: f32 = f32::NEG_INFINITY;

    #[inline(always)]
    fn join(simd: S, a: S::V, b: S::V) -> S::V {
        simd.max(a, b)
    }

    #[inline(always)]
    fn end(_: S, result: S::V, _: usize) -> S::V {
        result
    }
}

/// One panel of one pixel at a time, its taps row by row.
#[inline(always)]
fn windows<S: Simd, J: Join<S>>(simd: S, job: Pool<'_>, y: &mut MapMut<'_>) {
    let Pool { window, x } = job;
    let (width, rows, channels) = (y.width(), y.window_rows(), y.window_channels());
    for p in 0..y.pixels() {
        let (i, j) = (rows.start + p / width, p % width);
        let (us, vs) = (
            window.row_taps(i, x.height()),
            window.column_taps(j, x.width()),
        );
        let taps = us.len() * vs.len();
        for (c, to) in channels.clone().step_by(16).zip(y.pixel(p).chunks_mut(16)) {
            let mut result = simd.splat(J::START);
            for u in us.clone() {
                let row = x.row(i * window.stride[0] + u * window.dilation[0] - window.padding[0]);
                for v in vs.clone() {
                    let column = j * window.stride[1] + v * window.dilation[1] - window.padding[1];
                    let tap = tile::load(simd, &row[column * x.channels() + c..][..to.len()]);
                    result = J::join(simd, result, tap);
                }
            }
            tile::store(simd, &[J::end(simd, result, taps)], to);
        }
    }
}

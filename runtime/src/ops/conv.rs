//! General small convolution: stems, and whatever no other kernel is for.

use crate::context::Cx;
use crate::map::{Map, MapMut, Runs};
use crate::opaque;
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::input::{Element, Input, Pixel};
use crate::ops::tile::{self, each};
use crate::simd::{Level, Simd};
use crate::team::{Cost, Cut, share};
use crate::weights::Filter;
use crate::window::Window;

/// Floats of scratch for a convolution over an input of `height` x `width` x `channels`: its kernel's rows, padded.
pub const fn conv_scratch(window: Window, _height: usize, width: usize, channels: usize) -> usize {
    window.kernel[0] * (window.padding[1] + width + window.padding[3]) * channels
}

/// y = act(conv(x) + b). x: (h, w, i), y: (h', w', o), filter: [`pack::conv`](crate::pack::conv), scratch:
/// [`conv_scratch`] floats.
///
/// # Panics
/// When the shapes do not fit, or the window lacks channels while there are groups.
#[expect(clippy::too_many_arguments, reason = "a convolution's operands")]
#[inline(always)]
pub fn conv<L: Level>(
    cx: Cx<'_, L>,
    window: Window,
    groups: usize,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    run(
        cx.level,
        kernel_for::<L::Token>(&window, groups),
        window,
        groups,
        act,
        Input::Plain(x),
        filter,
        scratch,
        y,
    );
}

/// [`conv`] of a network's input, normalised while it is read: x = p * scale + shift, channel by channel.
///
/// # Panics
/// When the shapes do not fit, or `pixels` is not one per channel.
#[expect(clippy::too_many_arguments, reason = "a convolution's operands")]
#[inline(always)]
pub fn conv_input<L: Level, T: Element>(
    cx: Cx<'_, L>,
    window: Window,
    groups: usize,
    act: Activation,
    x: Map<'_, T>,
    pixels: &[Pixel],
    filter: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    assert!(
        pixels.len() == x.channels(),
        "normalisation needs a scale and a shift for every channel"
    );
    run(
        cx.level,
        kernel_for::<L::Token>(&window, groups),
        window,
        groups,
        act,
        T::input(x, pixels),
        filter,
        scratch,
        y,
    );
}

#[expect(clippy::too_many_arguments, reason = "a convolution's operands")]
#[inline(never)]
fn run<L: Level>(
    level: L,
    kernel: fn(L::Token, Conv<'_>, &mut MapMut<'_>),
    window: Window,
    groups: usize,
    act: Activation,
    input: Input<'_>,
    filter: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    let [height, width, i] = input.shape();
    let [y_height, y_width, o] = y.shape();
    assert!(
        [y_height, y_width] == window.output(height, width),
        "conv: the output's size does not follow from the input's"
    );
    assert!(
        groups > 0 && i % groups == 0 && o % groups == 0,
        "conv: groups must divide the channels"
    );
    assert!(
        groups == 1 || y.has_all_channels(),
        "conv: with groups, the window needs every channel"
    );
    let panels = groups * (o / groups).div_ceil(16);
    let [kh, kw] = window.kernel;
    assert!(
        filter.bias.len() == panels,
        "conv: the bias does not fit the output's channels"
    );
    assert!(
        filter.panels.len() == panels * kh * kw * (i / groups),
        "conv: the weights do not fit the channels"
    );
    let scratch = scratch.as_mut_slice();
    let length = conv_scratch(window, height, width, i);
    assert!(scratch.len() >= length, "conv: the scratch is too small");
    let epilogue = Epilogue::before_finish(act);
    let cost = Cost::element(kh * kw * (i / groups));
    // A piece of scratch for every thread there is room for.
    let pieces = scratch.len().checked_div(length).unwrap_or(1);
    let mut scratch = MapMut::new(&mut scratch[..pieces * length], pieces, 1, length);
    share!(L: level, Cut::Rows(cost), &mut scratch, y, |level, scratch, y| {
        let scratch = scratch.block().expect("scratch has one channel range");
        let job = Conv {
            window,
            groups,
            epilogue,
            input,
            filter,
            scratch: &mut scratch[..length],
        };
        kernel(level, job, y);
        finish(level, act, y);
    });
}

/// Stems of MobileNets have a kernel of their own.
#[inline(always)]
fn kernel_for<L: Level>(window: &Window, groups: usize) -> fn(L, Conv<'_>, &mut MapMut<'_>) {
    match window {
        Window {
            kernel: [3, 3],
            stride: [2, 2],
            dilation: [1, 1],
            ..
        } if groups == 1 => L::conv_k3s2,
        _ => L::conv,
    }
}

/// A general convolution.
pub struct Conv<'a> {
    window: Window,
    groups: usize,
    epilogue: Epilogue,
    input: Input<'a>,
    filter: Filter<'a>,
    scratch: &'a mut [f32],
}

/// `y[i, j, o] = act(b[o] + sum over u, v, c of x[i s + u d - top, j s + v d - left, c] * w[u, v, c, o])`
///
/// Row by row: the kernel's input rows are gathered into `scratch`, normalised and with their padding, so that the
/// loops over pixels have no borders. A row is gathered once for all output rows that need it (unless dilated).
/// In a gathered row the taps v and channels c of an output pixel are one contiguous run, so a tile of R pixels by
/// N panels is the matrix product that a pointwise convolution is.
#[inline(always)]
pub(crate) fn rows<S: Simd, const R: usize, const N: usize>(
    simd: S,
    job: Conv<'_>,
    y: &mut MapMut<'_>,
) {
    gathered_rows::<S, General<R, N>>(simd, job, y);
}

/// Makes an output row from gathered input rows. (No closures: they might not be inlined, and then miss the level's
/// instructions.)
trait Row<S: Simd> {
    /// Output row `i`, whose first pixel is the window's pixel `p`.
    fn make(simd: S, job: &Conv<'_>, i: usize, p: usize, y: &mut MapMut<'_>);
}

struct General<const R: usize, const N: usize>;

impl<S: Simd, const R: usize, const N: usize> Row<S> for General<R, N> {
    #[inline(always)]
    fn make(simd: S, job: &Conv<'_>, i: usize, p: usize, y: &mut MapMut<'_>) {
        for group in 0..job.groups {
            group_row::<S, R, N>(simd, job, group, i, p, y);
        }
    }
}

#[inline(always)]
fn gathered_rows<S: Simd, W: Row<S>>(simd: S, mut job: Conv<'_>, y: &mut MapMut<'_>) {
    let [kh, _] = job.window.kernel;
    let (stride, dilation) = (job.window.stride[0], job.window.dilation[0]);
    let mut gathered = 0;
    let first = y.window_rows().start;
    for i in y.window_rows() {
        for u in 0..kh {
            let line = i * stride + u * dilation;
            if dilation > 1 || line >= gathered {
                let slot = slot(&job.window, i, u);
                gather(&mut job, slot, line);
            }
        }
        gathered = i * stride + kh;
        W::make(simd, &job, i, (i - first) * y.width(), y);
    }
}

/// As [`rows`], for a K x K kernel of stride ST without groups, T pixels by a panel at a time. Of three channels, on levels
/// with registers enough for T >= 8, all taps over a gathered row are written out, N panels at a time while more than N - 1
/// are left:
/// ```text
///    gathered row:   [ rgb rgb rgb rgb rgb rgb rgb ]   (T - 1) ST + K columns
///    for each tap and colour:
///    kernel row:     N weight vectors                  one load each
///    output:            t       t       t              T x N sums in registers, one broadcast for N multiply-adds
/// ```
/// The sum is in the same order.
#[inline(always)]
pub(crate) fn fixed<S: Simd, const K: usize, const ST: usize, const T: usize, const N: usize>(
    simd: S,
    job: Conv<'_>,
    y: &mut MapMut<'_>,
) {
    gathered_rows::<S, Strided<K, ST, T, N>>(simd, job, y);
}

struct Strided<const K: usize, const ST: usize, const T: usize, const N: usize>;

impl<S: Simd, const K: usize, const ST: usize, const T: usize, const N: usize> Row<S>
    for Strided<K, ST, T, N>
{
    #[inline(always)]
    fn make(simd: S, job: &Conv<'_>, i: usize, p: usize, y: &mut MapMut<'_>) {
        let length = job.scratch.len() / K;
        let mut rows: [&[f32]; K] = [&[]; K];
        for (u, row) in rows.iter_mut().enumerate() {
            *row = &job.scratch[slot(&job.window, i, u) * length..][..length];
        }
        let (width, channels) = (y.width(), y.window_channels());
        let narrow = width < T;
        let colours = job.input.shape()[2] == 3;
        let mut c = channels.start;
        while c < channels.end {
            let all = const { N > 1 } && colours && !narrow && channels.end - c > 16 * (N - 1);
            let step = if narrow { 1 } else { T };
            for at in (0..width).step_by(step) {
                // The last tile overlaps the one before.
                let j = at.min(width - step);
                if const { T >= 8 } && c == channels.start {
                    prefetch_below::<S, K, ST>(simd, job, i, j, step);
                }
                if all {
                    strided::<S, K, ST, T, N>(simd, job, &rows, [j, p + j], c, y);
                } else if narrow {
                    strided::<S, K, ST, 1, 1>(simd, job, &rows, [j, p + j], c, y);
                } else {
                    strided::<S, K, ST, T, 1>(simd, job, &rows, [j, p + j], c, y);
                }
            }
            c += if all { 16 * N } else { 16 };
        }
    }
}

/// Prefetches what is new under the `count` pixels from column j on in the row below output row `i`, so that it is there when
/// that row's turn comes. No cache near the core has a network's input.
#[inline(always)]
fn prefetch_below<S: Simd, const K: usize, const ST: usize>(
    simd: S,
    job: &Conv<'_>,
    i: usize,
    j: usize,
    count: usize,
) {
    let [height, _, channels] = job.input.shape();
    for line in i * ST + K..(i + 1) * ST + K {
        let line = line.wrapping_sub(job.window.padding[0]);
        if line < height {
            job.input
                .prefetch(simd, line, j * ST * channels, count * ST * channels);
        }
    }
}

/// T pixels from output column j, the window's pixel p, on; N panels from channel `first` on, more than one of three input
/// channels only.
#[inline(always)]
fn strided<S: Simd, const K: usize, const ST: usize, const T: usize, const N: usize>(
    simd: S,
    job: &Conv<'_>,
    rows: &[&[f32]; K],
    [j, p]: [usize; 2],
    first: usize,
    y: &mut MapMut<'_>,
) {
    let channels = job.input.shape()[2];
    let (stride, run, pitch) = (ST * channels, K * channels, K * K * channels);
    let panels = &job.filter.panels[first / 16 * pitch..][..N * pitch];
    let mut sums = tile::start::<S, T, N>(simd, &job.filter.bias[first / 16..]);
    for (u, row) in rows.iter().enumerate() {
        let row = &row[j * stride..];
        let panels = &panels[u * run..];
        if const { N > 1 } || const { T >= 8 } && channels == 3 {
            let mut kernel: [&[[f32; 16]]; N] = [&[]; N];
            each!(n of panels N, {
                kernel[n] = &panels[n * pitch..][..3 * K];
            });
            each!(v of taps K, {
                // Else what lies under two taps would be kept for the second.
                let columns = Runs::new(opaque::slice::<v>(row), 3, (T - 1) * ST + K, 3);
                each!(c of colours 3, {
                    let mut w = [simd.splat(0.0); N];
                    each!(n of panels N, {
                        w[n] = simd.load(&kernel[n][3 * v + c]);
                    });
                    each!(t of rows T, {
                        let x = simd.splat(columns.get(t * ST + v, c));
                        each!(n of panels N, {
                            sums[t][n] = simd.mul_add(x, w[n], sums[t][n]);
                        });
                    });
                });
            });
        } else {
            tile::accumulate(simd, &mut sums, (row, stride), (panels, pitch), run, 0);
        }
    }
    job.epilogue.apply(simd, &mut sums);
    let window = y.window_channels();
    let place = first - window.start..(first + 16 * N).min(window.end) - window.start;
    tile::store_tile(simd, &sums, y, p, place);
}

/// The place in scratch of the input row under tap `u` of output row `i`: neighbouring rows have different places.
#[inline(always)]
fn slot(window: &Window, i: usize, u: usize) -> usize {
    if window.dilation[0] == 1 {
        (i * window.stride[0] + u) % window.kernel[0]
    } else {
        u
    }
}

/// Row `line` of the padded input, to scratch.
#[inline(always)]
fn gather(job: &mut Conv<'_>, slot: usize, line: usize) {
    let [height, width, channels] = job.input.shape();
    let [top, left, _, right] = job.window.padding;
    let length = (left + width + right) * channels;
    let row = &mut job.scratch[slot * length..][..length];
    if line < top || line - top >= height {
        row.fill(0.0);
    } else {
        let (before, rest) = row.split_at_mut(left * channels);
        let (inside, after) = rest.split_at_mut(width * channels);
        before.fill(0.0);
        job.input.read_row(line - top, inside);
        after.fill(0.0);
    }
}

/// A row of one group's outputs: N panels at a time, then one by one.
#[inline(always)]
fn group_row<S: Simd, const R: usize, const N: usize>(
    simd: S,
    job: &Conv<'_>,
    group: usize,
    i: usize,
    p: usize,
    y: &mut MapMut<'_>,
) {
    let outputs = y.depth() / job.groups;
    // The group's part of the window, numbered within the group.
    let (first, end) = if job.groups == 1 {
        (y.window_channels().start, y.window_channels().end)
    } else {
        (0, outputs)
    };
    let mut c = first;
    while c < end {
        let panel = group * outputs.div_ceil(16) + c / 16;
        // In the window's part of a pixel.
        let place = group * outputs + c - y.window_channels().start;
        if end - c > 16 * (N - 1) {
            let lanes = (end - c).min(16 * N);
            pixels::<S, R, N>(simd, job, group, panel, i, p, place..place + lanes, y);
            c += 16 * N;
        } else {
            let lanes = (end - c).min(16);
            pixels::<S, R, 1>(simd, job, group, panel, i, p, place..place + lanes, y);
            c += 16;
        }
    }
}

/// A row of N panels: R pixels at a time, the last tile overlapping the one before; narrow rows by 4 and 1.
#[expect(clippy::too_many_arguments, reason = "inlined: where the row lies")]
#[inline(always)]
fn pixels<S: Simd, const R: usize, const N: usize>(
    simd: S,
    job: &Conv<'_>,
    group: usize,
    panel: usize,
    i: usize,
    p: usize,
    place: core::ops::Range<usize>,
    y: &mut MapMut<'_>,
) {
    let width = y.width();
    let mut j = 0;
    while j < width {
        if width >= R {
            let j = j.min(width - R);
            one::<S, R, N>(simd, job, group, panel, [i, j], p + j, &place, y);
        } else if width - j >= 4 && R > 4 {
            one::<S, 4, N>(simd, job, group, panel, [i, j], p + j, &place, y);
            j += 4;
            continue;
        } else {
            one::<S, 1, N>(simd, job, group, panel, [i, j], p + j, &place, y);
            j += 1;
            continue;
        }
        j += R;
    }
}

/// The tile of R pixels from output (i, j) on by N panels from `panel` on.
#[expect(clippy::too_many_arguments, reason = "inlined: where the tile lies")]
#[inline(always)]
fn one<S: Simd, const R: usize, const N: usize>(
    simd: S,
    job: &Conv<'_>,
    group: usize,
    panel: usize,
    [i, j]: [usize; 2],
    p: usize,
    place: &core::ops::Range<usize>,
    y: &mut MapMut<'_>,
) {
    let Window {
        kernel: [kh, kw],
        stride: [_, stride],
        dilation: [_, dilation],
        ..
    } = job.window;
    let channels = job.input.shape()[2];
    let inputs = channels / job.groups;
    let length = job.scratch.len() / kh;
    let pitch = kh * kw * inputs;
    let panels = &job.filter.panels[panel * pitch..];
    // Taps of a row that lie side by side are one run.
    let (runs, run) = if dilation == 1 && job.groups == 1 {
        (1, kw * inputs)
    } else {
        (kw, inputs)
    };
    let mut sums = tile::start::<S, R, N>(simd, &job.filter.bias[panel..]);
    for u in 0..kh {
        let row = &job.scratch[slot(&job.window, i, u) * length..][..length];
        for v in 0..runs {
            let x = &row[(j * stride + v * dilation) * channels + group * inputs..];
            let w = &panels[(u * runs + v) * run..];
            tile::accumulate(simd, &mut sums, (x, stride * channels), (w, pitch), run, 0);
        }
    }
    job.epilogue.apply(simd, &mut sums);
    tile::store_tile(simd, &sums, y, p, place.clone());
}

//! General small convolution: stems, and whatever no other kernel is for.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::input::{Element, Input, Pixel};
use crate::ops::tile;
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
#[inline]
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
#[inline]
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
#[inline]
fn run<L: Level>(
    level: L,
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
        level.conv(job, y);
        finish(level, act, y);
    });
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
    mut job: Conv<'_>,
    y: &mut MapMut<'_>,
) {
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
        for group in 0..job.groups {
            group_row::<S, R, N>(simd, &job, group, i, (i - first) * y.width(), y);
        }
    }
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
            tile::accumulate(simd, &mut sums, (x, stride * channels), (w, pitch), run);
        }
    }
    job.epilogue.apply(simd, &mut sums);
    tile::store_tile(simd, &sums, y, p, place.clone());
}

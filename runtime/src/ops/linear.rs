//! Fully connected layer: a matrix times a vector, a stream of weights.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::tile;
use crate::simd::{Level, Simd};
use crate::team::{Cost, Cut, share};
use crate::weights::Filter;

/// Panels of a linear layer from `i` inputs to `o` outputs.
pub const fn linear_panels(o: usize, i: usize) -> usize {
    o.div_ceil(16) * i
}

/// Inputs of a linear layer whose weights of 24 bits lie together.
pub const F24_INPUTS: usize = 4;

/// The lines those have.
pub(crate) const F24_LINES: usize = 3;

/// Panels of a linear layer from `i` inputs to `o` outputs, with weights of 24 bits.
pub const fn linear_f24_panels(o: usize, i: usize) -> usize {
    o.div_ceil(16) * i.div_ceil(F24_INPUTS) * F24_LINES
}

/// y = act(W x + b) over the flattened input. x: h * w * c = k inputs, y: n outputs (any shape of one pixel),
/// filter: [`pack::linear`](crate::pack::linear) of (n, k).
///
/// # Panics
/// When the shapes do not fit.
#[inline]
pub fn linear<L: Level>(
    cx: Cx<'_, L>,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    y: &mut MapMut<'_>,
) {
    run(cx, L::Token::linear, linear_panels, act, x, filter, y);
}

/// [`linear`] with weights of 24 bits, which come from memory in three quarters of the time. filter:
/// [`pack::linear_f24`](crate::pack::linear_f24) of (n, k).
///
/// # Panics
/// When the shapes do not fit.
#[inline]
pub fn linear_f24<L: Level>(
    cx: Cx<'_, L>,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    y: &mut MapMut<'_>,
) {
    run(
        cx,
        L::Token::linear_f24,
        linear_f24_panels,
        act,
        x,
        filter,
        y,
    );
}

#[inline]
fn run<L: Level>(
    cx: Cx<'_, L>,
    kernel: fn(L::Token, Linear<'_>, &mut MapMut<'_>),
    panels: fn(usize, usize) -> usize,
    act: Activation,
    x: Map<'_>,
    filter: Filter<'_>,
    y: &mut MapMut<'_>,
) {
    let [height, width, n] = y.shape();
    assert!(height == 1 && width == 1, "linear: the output is one pixel");
    assert!(
        filter.bias.len() == n.div_ceil(16),
        "linear: the bias does not fit the outputs"
    );
    assert!(
        filter.panels.len() == panels(n, x.data().len()),
        "linear: the weights do not fit the inputs"
    );
    let job = Linear {
        epilogue: Epilogue::before_finish(act),
        x: x.data(),
        filter,
    };
    let cost = Cost {
        per_element: x.data().len(),
        weights: filter.panels.len() * 16,
        inputs: 0,
    };
    share!(L: cx.level, Cut::Any(cost), y, |level, y| {
        kernel(level, job, y);
        finish(level, act, y);
    });
}

/// A fully connected layer.
#[derive(Clone, Copy)]
pub struct Linear<'a> {
    epilogue: Epilogue,
    x: &'a [f32],
    filter: Filter<'a>,
}

/// `y[c] = act(b[c] + sum over k of x[k] * w[k, c])`, one panel of 16 outputs after the other, so that the weights are
/// one sequential stream.
///
/// Sum k goes to accumulator k mod A; A of them hide the latency of the multiply-add. They are added in pairs at last.
#[inline(always)]
pub(crate) fn panels<S: Simd, const A: usize>(simd: S, job: Linear<'_>, y: &mut MapMut<'_>) {
    if y.pixels() == 0 {
        return;
    }
    let channels = y.window_channels();
    let k = job.x.len();
    let (steps, rest) = job.x.as_chunks::<A>();
    for (c, to) in channels.step_by(16).zip(y.pixel(0).chunks_mut(16)) {
        let weights = &job.filter.panels[c / 16 * k..][..k];
        let (blocks, tail) = weights.as_chunks::<A>();
        let mut sums = [simd.splat(0.0); A];
        sums[0] = simd.load(&job.filter.bias[c / 16]);
        for (x, w) in steps.iter().zip(blocks) {
            for a in 0..A {
                sums[a] = simd.mul_add(simd.splat(x[a]), simd.load(&w[a]), sums[a]);
            }
        }
        for (x, w) in rest.iter().zip(tail) {
            sums[0] = simd.mul_add(simd.splat(*x), simd.load(w), sums[0]);
        }
        let mut half = A;
        while half > 1 {
            let odd = half % 2;
            half = half / 2 + odd;
            for a in 0..half - odd {
                sums[a] = simd.add(sums[a], sums[a + half]);
            }
        }
        let mut sum = [[sums[0]]];
        job.epilogue.apply(simd, &mut sum);
        tile::store(simd, &sum[0], to);
    }
}

/// As [`panels`], with weights of 24 bits: four inputs have three lines, of which the fourth has a byte each.
#[inline(always)]
pub(crate) fn panels_f24<S: Simd>(simd: S, job: Linear<'_>, y: &mut MapMut<'_>) {
    if y.pixels() == 0 {
        return;
    }
    let channels = y.window_channels();
    let lines = linear_f24_panels(16, job.x.len());
    let (inputs, rest) = job.x.as_chunks::<F24_INPUTS>();
    let mut last = [0.0; F24_INPUTS];
    last[..rest.len()].copy_from_slice(rest);
    for (c, to) in channels.step_by(16).zip(y.pixel(0).chunks_mut(16)) {
        let weights = &job.filter.panels[c / 16 * lines..][..lines];
        let (blocks, tail) = weights.as_chunks::<F24_LINES>().0.split_at(inputs.len());
        let mut sums = [simd.splat(0.0); F24_INPUTS];
        sums[0] = simd.load(&job.filter.bias[c / 16]);
        for (x, w) in inputs.iter().zip(blocks) {
            four(simd, &mut sums, x, w);
        }
        for w in tail {
            four(simd, &mut sums, &last, w);
        }
        let mut sum = [[simd.add(simd.add(sums[0], sums[2]), simd.add(sums[1], sums[3]))]];
        job.epilogue.apply(simd, &mut sum);
        tile::store(simd, &sum[0], to);
    }
}

/// Four inputs times their weights, each to a sum of its own.
#[inline(always)]
fn four<S: Simd>(
    simd: S,
    sums: &mut [S::V; F24_INPUTS],
    x: &[f32; F24_INPUTS],
    lines: &[[f32; 16]; F24_LINES],
) {
    let [a, b, c] = [
        simd.load(&lines[0]),
        simd.load(&lines[1]),
        simd.load(&lines[2]),
    ];
    let fourth = simd.lowest_bytes(a, b, c);
    sums[0] = simd.mul_add(simd.splat(x[0]), simd.upper_24_bits(a), sums[0]);
    sums[1] = simd.mul_add(simd.splat(x[1]), simd.upper_24_bits(b), sums[1]);
    sums[2] = simd.mul_add(simd.splat(x[2]), simd.upper_24_bits(c), sums[2]);
    sums[3] = simd.mul_add(simd.splat(x[3]), fourth, sums[3]);
}

//! Fully connected layer: a matrix times a vector, a stream of weights.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::tile;
use crate::simd::{Level, Simd};
use crate::team::{Cost, Cut, share};
use crate::weights::Filter;

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
    let [height, width, n] = y.shape();
    assert!(height == 1 && width == 1, "linear: the output is one pixel");
    assert!(
        filter.bias.len() == n.div_ceil(16),
        "linear: the bias does not fit the outputs"
    );
    assert!(
        filter.panels.len() == n.div_ceil(16) * x.data().len(),
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
        level.linear(job, y);
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

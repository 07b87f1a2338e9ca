//! The weights of a pointwise convolution times the gates of what it reads, where they are split in two numbers of 16 bits.
//!
//! The same as [`gate_filter`](crate::gate_filter) for weights that lie in chunks of 32 inputs, whose halves share words.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::ops::pointwise_split::whole;
use crate::pack::{SPLIT_INPUTS, words};
use crate::simd::{Level, Simd};
use crate::team::{Cost, Cut, ELEMENTWISE, share};
use crate::weights::Filter;

/// W (g x) = (W g) x. gates: (1, 1, k), filter: [`pack::pointwise_split`](crate::pack::pointwise_split) of (n, k), y: (chunks
/// of 32 inputs by 16 outputs, 1, 512), its panels; [`Filter::gated`] makes a filter of them. An infinite gate makes its
/// weights NaN.
///
/// # Panics
/// When the shapes do not fit.
#[inline(never)]
pub fn gate_filter_split<L: Level>(
    cx: Cx<'_, L>,
    gates: Map<'_>,
    filter: Filter<'_>,
    y: &mut MapMut<'_>,
) {
    let gates = gates.data();
    let chunks = filter.bias.len() * gates.len().div_ceil(SPLIT_INPUTS);
    assert!(
        filter.panels.len() == chunks * SPLIT_INPUTS,
        "gates: the filter reads other channels"
    );
    assert!(
        y.shape() == [chunks, 1, 16 * SPLIT_INPUTS],
        "gates: the output's shape does not follow from the filter's"
    );
    let job = GateSplit {
        gates,
        panels: filter.panels,
    };
    let cut = Cut::Rows(Cost::element(ELEMENTWISE));
    share!(L: cx.level, cut, y, |level, y| level.gate_split(job, y));
}

/// Split panels times gates.
#[derive(Clone, Copy)]
pub struct GateSplit<'a> {
    gates: &'a [f32],
    panels: &'a [[f32; 16]],
}

/// `y[n, k, ..] = halves(whole(panels[n, k, ..]) * gate[k])`: the weights of two inputs, 16 apart, at a time.
#[inline(always)]
pub(crate) fn gate_split<S: Simd>(simd: S, job: GateSplit<'_>, y: &mut MapMut<'_>) {
    let rows = y.window_rows();
    let chunks = job.gates.len().div_ceil(SPLIT_INPUTS).max(1);
    let (from, _) = job.panels.as_chunks::<SPLIT_INPUTS>();
    let (to, _) = y.block().unwrap_or_default().as_chunks_mut::<16>();
    let (to, _) = to.as_chunks_mut::<SPLIT_INPUTS>();
    for (at, to) in rows.zip(to) {
        let mut gates = [0.0; SPLIT_INPUTS];
        let inputs = &job.gates[at % chunks * SPLIT_INPUTS..];
        for (gate, input) in gates.iter_mut().zip(inputs) {
            *gate = *input;
        }
        let (highs, lows) = to.split_at_mut(16);
        for (j, (high, low)) in highs.iter_mut().zip(lows).enumerate() {
            let weights = whole(simd, &from[at][j], &from[at][j + 16]);
            let (mut first, mut second) = ([0.0; 16], [0.0; 16]);
            simd.store(simd.mul(weights[0], simd.splat(gates[j])), &mut first);
            simd.store(simd.mul(weights[1], simd.splat(gates[j + 16])), &mut second);
            for lane in 0..16 {
                [high[lane], low[lane]] = words(first[lane], second[lane]);
            }
        }
    }
}

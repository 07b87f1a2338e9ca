//! Squeeze and excite: scale each channel by a gate computed from all channels' means.
//!
//! Whole, in one call; or the gates alone, which then scale the weights of the convolution that reads the map, so that
//! nobody passes over the map for it.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::{copy, linear, pool, tile};
use crate::simd::{Level, Simd};
use crate::team::{Cost, Cut, ELEMENTWISE, share};
use crate::weights::Filter;

/// The activations of a squeeze-and-excite block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqueezeExcite {
    /// After the reducing layer.
    pub reduce: Activation,
    /// After the expanding layer: the gate.
    pub gate: Activation,
    /// After the scaling.
    pub after: Activation,
}

/// Floats of scratch that a block of `channels`, reduced to `squeezed`, needs: the means (later the gates) and the
/// reduced layer, each from a cache line on.
pub const fn squeeze_excite_scratch(channels: usize, squeezed: usize) -> usize {
    channels.next_multiple_of(16) + squeezed.next_multiple_of(16)
}

/// How the weights of a block's two layers are packed.
#[derive(Clone, Copy)]
struct Layers<L: Level> {
    linear: fn(Cx<'_, L>, Activation, Map<'_>, Filter<'_>, &mut MapMut<'_>),
    /// Lines of a panel for so many inputs.
    lines: usize,
    inputs: usize,
}

impl<L: Level> Layers<L> {
    const PLAIN: Self = Self {
        linear: linear::linear,
        lines: 1,
        inputs: 1,
    };
    const F24: Self = Self {
        linear: linear::linear_f24,
        lines: linear::F24_LINES,
        inputs: linear::F24_INPUTS,
    };
}

/// y = after(x * gate(E reduce(R mean(x) + r) + e)). x and y: (h, w, c).
///
/// The gate is computed from all of `x`, whatever part of `y` is to be made.
///
/// # Panics
/// When the shapes do not fit.
#[inline]
pub fn squeeze_excite<L: Level>(
    cx: Cx<'_, L>,
    se: SqueezeExcite,
    x: Map<'_>,
    reduce: Filter<'_>,
    expand: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    copied(cx, Layers::PLAIN, se, x, [reduce, expand], scratch, y);
}

/// [`squeeze_excite`] with weights of 24 bits ([`pack::linear_f24`](crate::pack::linear_f24)).
///
/// # Panics
/// When the shapes do not fit.
#[inline]
pub fn squeeze_excite_f24<L: Level>(
    cx: Cx<'_, L>,
    se: SqueezeExcite,
    x: Map<'_>,
    reduce: Filter<'_>,
    expand: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    copied(cx, Layers::F24, se, x, [reduce, expand], scratch, y);
}

#[inline]
fn copied<L: Level>(
    cx: Cx<'_, L>,
    layers: Layers<L>,
    se: SqueezeExcite,
    x: Map<'_>,
    filters: [Filter<'_>; 2],
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    assert!(x.shape() == y.shape(), "squeeze-and-excite keeps the shape");
    let gates = gates(cx, layers, se, x, filters, scratch.as_mut_slice());
    copy::copy(cx, x, y);
    scale_by(cx, se.after, gates, y);
}

/// y = after(y * gate(..)), as [`squeeze_excite`] does. The window must be the whole map.
///
/// # Panics
/// When the shapes do not fit.
#[inline(never)]
pub fn squeeze_excite_in_place<L: Level>(
    cx: Cx<'_, L>,
    se: SqueezeExcite,
    reduce: Filter<'_>,
    expand: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    in_place(cx, Layers::PLAIN, se, [reduce, expand], scratch, y);
}

/// [`squeeze_excite_in_place`] with weights of 24 bits ([`pack::linear_f24`](crate::pack::linear_f24)).
///
/// # Panics
/// When the shapes do not fit.
#[inline(never)]
pub fn squeeze_excite_in_place_f24<L: Level>(
    cx: Cx<'_, L>,
    se: SqueezeExcite,
    reduce: Filter<'_>,
    expand: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    in_place(cx, Layers::F24, se, [reduce, expand], scratch, y);
}

#[inline]
fn in_place<L: Level>(
    cx: Cx<'_, L>,
    layers: Layers<L>,
    se: SqueezeExcite,
    filters: [Filter<'_>; 2],
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    let scratch = scratch.as_mut_slice();
    let gates = gates(cx, layers, se, y.as_map(), filters, scratch);
    scale_by(cx, se.after, gates, y);
}

/// The gates alone: y = gate(E reduce(R mean(x) + r) + e). x: (h, w, c), y: (1, 1, c). What would come after the scaling is
/// left out.
///
/// # Panics
/// When the shapes do not fit.
#[inline(never)]
pub fn excite<L: Level>(
    cx: Cx<'_, L>,
    se: SqueezeExcite,
    x: Map<'_>,
    reduce: Filter<'_>,
    expand: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    let scratch = scratch.as_mut_slice();
    let gates = gates(cx, Layers::PLAIN, se, x, [reduce, expand], scratch);
    y.as_mut_slice().copy_from_slice(gates);
}

/// [`excite`] with weights of 24 bits ([`pack::linear_f24`](crate::pack::linear_f24)).
///
/// # Panics
/// When the shapes do not fit.
#[inline(never)]
pub fn excite_f24<L: Level>(
    cx: Cx<'_, L>,
    se: SqueezeExcite,
    x: Map<'_>,
    reduce: Filter<'_>,
    expand: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    let scratch = scratch.as_mut_slice();
    let gates = gates(cx, Layers::F24, se, x, [reduce, expand], scratch);
    y.as_mut_slice().copy_from_slice(gates);
}

/// Computes the gates. They are left in the first floats of `scratch`.
#[inline]
fn gates<'s, L: Level>(
    cx: Cx<'_, L>,
    layers: Layers<L>,
    se: SqueezeExcite,
    x: Map<'_>,
    [reduce, expand]: [Filter<'_>; 2],
    scratch: &'s mut [f32],
) -> &'s [f32] {
    let channels = x.channels();
    assert!(
        expand.bias.len() == channels.div_ceil(16),
        "squeeze-and-excite: the expansion does not fit the channels"
    );
    // Rounded up to whole blocks of inputs: those that are too many have no weights.
    let squeezed = expand.panels.len() / expand.bias.len() / layers.lines * layers.inputs;
    assert!(
        scratch.len() >= squeeze_excite_scratch(channels, squeezed),
        "squeeze-and-excite: the scratch is too small"
    );
    let (means, rest) = scratch.split_at_mut(channels.next_multiple_of(16));
    let (means, hidden) = (&mut means[..channels], &mut rest[..squeezed]);
    pool::global_average_pool(cx, x, &mut MapMut::new(means, 1, 1, channels));
    let mut narrow = MapMut::new(hidden, 1, 1, squeezed);
    let wide = Map::new(means, 1, 1, channels);
    (layers.linear)(cx, se.reduce, wide, reduce, &mut narrow);
    let mut wide = MapMut::new(means, 1, 1, channels);
    (layers.linear)(cx, se.gate, narrow.as_map(), expand, &mut wide);
    means
}

#[inline]
fn scale_by<L: Level>(cx: Cx<'_, L>, after: Activation, gates: &[f32], y: &mut MapMut<'_>) {
    let job = Scale {
        epilogue: Epilogue::before_finish(after),
        gates,
    };
    let cut = Cut::Any(Cost::element(ELEMENTWISE));
    share!(L: cx.level, cut, y, |level, y| {
        level.scale(job, y);
        finish(level, after, y);
    });
}

/// A multiplication by one factor per channel, in place.
#[derive(Clone, Copy)]
pub struct Scale<'a> {
    epilogue: Epilogue,
    gates: &'a [f32],
}

/// `y[p, c] = act(y[p, c] * gate[c])`
#[inline(always)]
pub(crate) fn scale<S: Simd>(simd: S, job: Scale<'_>, y: &mut MapMut<'_>) {
    let gates = &job.gates[y.window_channels()];
    for p in 0..y.pixels() {
        for (gate, y) in gates.chunks(16).zip(y.pixel(p).chunks_mut(16)) {
            let mut product = [[simd.mul(tile::load(simd, gate), tile::load(simd, y))]];
            job.epilogue.apply(simd, &mut product);
            tile::store(simd, &product[0], y);
        }
    }
}

/// The weights of a pointwise convolution times the gates of what it reads: W (g x) = (W g) x. gates: (1, 1, k), filter:
/// [`pack::pointwise`](crate::pack::pointwise) of (n, k), y: (panels, 1, 16), its panels; [`Filter::gated`] makes a filter
/// of them.
///
/// # Panics
/// When the shapes do not fit.
#[inline(never)]
pub fn gate_filter<L: Level>(
    cx: Cx<'_, L>,
    gates: Map<'_>,
    filter: Filter<'_>,
    y: &mut MapMut<'_>,
) {
    let gates = gates.data();
    let (panels, whole) = (filter.panels.len(), filter.bias.len() * gates.len());
    assert!(
        y.shape() == [panels, 1, 16],
        "gates: the output's shape does not follow from the filter's"
    );
    // The last half panel has a line for every two inputs.
    let single = if panels == whole {
        whole
    } else {
        whole.saturating_sub(gates.len())
    };
    assert!(
        panels == whole || panels == single + gates.len().div_ceil(2),
        "gates: the filter reads other channels"
    );
    let job = Gate {
        gates,
        panels: filter.panels,
        single,
    };
    let cut = Cut::Rows(Cost::element(ELEMENTWISE));
    share!(L: cx.level, cut, y, |level, y| level.gate(job, y));
}

/// Panels times gates.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    gates: &'a [f32],
    panels: &'a [[f32; 16]],
    /// How many of the panels belong to one input.
    single: usize,
}

/// `y[n k, ..] = panels[n k, ..] * gate[k]`, and for those of two inputs, from panel `single` on:
/// `y[single + j, ..] = panels[single + j, ..] * (gate[2 j], gate[2 j + 1], gate[2 j], ..)`
#[inline(always)]
pub(crate) fn gate<S: Simd>(simd: S, job: Gate<'_>, y: &mut MapMut<'_>) {
    let rows = y.window_rows();
    let panels = &job.panels[rows.clone()];
    let (to, _) = y.block().unwrap_or_default().as_chunks_mut::<16>();
    let singles = job.single.clamp(rows.start, rows.end) - rows.start;
    let (panels, pairs) = panels.split_at(singles);
    let (to, to_pairs) = to.split_at_mut(singles);
    let mut k = rows.start % job.gates.len().max(1);
    for (w, to) in panels.iter().zip(to) {
        simd.store(simd.mul(simd.splat(job.gates[k]), simd.load(w)), to);
        k += 1;
        if k == job.gates.len() {
            k = 0;
        }
    }
    let first = rows.start.max(job.single) - job.single;
    for (j, (w, to)) in pairs.iter().zip(to_pairs).enumerate() {
        let mut pair = [0.0; 2];
        for (gate, from) in pair.iter_mut().zip(&job.gates[2 * (first + j)..]) {
            *gate = *from;
        }
        simd.store(simd.mul(simd.splat_pair(&pair), simd.load(w)), to);
    }
}

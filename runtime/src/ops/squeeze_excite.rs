//! Squeeze and excite: scale each channel by a gate computed from all channels' means.

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
    assert!(x.shape() == y.shape(), "squeeze-and-excite keeps the shape");
    let scratch = scratch.as_mut_slice();
    gates(cx, se, x, reduce, expand, scratch);
    copy::copy(cx, x, y);
    scale_by(cx, se.after, scratch, y);
}

/// y = after(y * gate(..)), as [`squeeze_excite`] does. The window must be the whole map.
///
/// # Panics
/// When the shapes do not fit.
#[inline]
pub fn squeeze_excite_in_place<L: Level>(
    cx: Cx<'_, L>,
    se: SqueezeExcite,
    reduce: Filter<'_>,
    expand: Filter<'_>,
    scratch: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
) {
    let scratch = scratch.as_mut_slice();
    gates(cx, se, y.as_map(), reduce, expand, scratch);
    scale_by(cx, se.after, scratch, y);
}

/// Leaves the gates in the first floats of `scratch`.
#[inline]
fn gates<L: Level>(
    cx: Cx<'_, L>,
    se: SqueezeExcite,
    x: Map<'_>,
    reduce: Filter<'_>,
    expand: Filter<'_>,
    scratch: &mut [f32],
) {
    let channels = x.channels();
    assert!(
        expand.bias.len() == channels.div_ceil(16),
        "squeeze-and-excite: the expansion does not fit the channels"
    );
    let squeezed = expand.panels.len() / expand.bias.len();
    assert!(
        scratch.len() >= squeeze_excite_scratch(channels, squeezed),
        "squeeze-and-excite: the scratch is too small"
    );
    let (means, rest) = scratch.split_at_mut(channels.next_multiple_of(16));
    let (means, hidden) = (&mut means[..channels], &mut rest[..squeezed]);
    pool::global_average_pool(cx, x, &mut MapMut::new(means, 1, 1, channels));
    let mut narrow = MapMut::new(hidden, 1, 1, squeezed);
    linear::linear(
        cx,
        se.reduce,
        Map::new(means, 1, 1, channels),
        reduce,
        &mut narrow,
    );
    linear::linear(
        cx,
        se.gate,
        narrow.as_map(),
        expand,
        &mut MapMut::new(means, 1, 1, channels),
    );
}

#[inline]
fn scale_by<L: Level>(cx: Cx<'_, L>, after: Activation, gates: &[f32], y: &mut MapMut<'_>) {
    let gates = &gates[..y.depth()];
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

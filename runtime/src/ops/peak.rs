//! Multiply-adds in registers: what the units of a level can do at most, to hold kernels against.

use crate::context::Cx;
use crate::map::MapMut;
use crate::ops::tile::{self, each};
use crate::simd::{Level, Simd};

/// y = y * scale + shift, `rounds` times over. Of a map of one pixel and 192 channels every level keeps all its units
/// busy: 2 * 192 * `rounds` floating-point operations take as long as they must, and memory is hardly touched.
#[inline]
pub fn multiply_adds<L: Level>(
    cx: Cx<'_, L>,
    rounds: usize,
    scale: f32,
    shift: f32,
    y: &mut MapMut<'_>,
) {
    cx.level.multiply_adds(
        MultiplyAdds {
            rounds,
            scale,
            shift,
            lifetime: core::marker::PhantomData,
        },
        y,
    );
}

/// Multiply-adds in place.
#[derive(Clone, Copy)]
pub struct MultiplyAdds<'a> {
    rounds: usize,
    scale: f32,
    shift: f32,
    lifetime: core::marker::PhantomData<&'a ()>,
}

/// `y[p, c] = y[p, c] * scale + shift`, again and again: A panels of channels at a time, each a chain of multiply-adds
/// of its own, enough of them to hide the latency; panels left over one by one.
#[inline(always)]
pub(crate) fn chains<S: Simd, const A: usize>(simd: S, job: MultiplyAdds<'_>, y: &mut MapMut<'_>) {
    for p in 0..y.pixels() {
        let mut blocks = y.pixel(p).chunks_exact_mut(16 * A);
        for block in &mut blocks {
            chain::<S, A>(simd, job, block);
        }
        for panel in blocks.into_remainder().chunks_mut(16) {
            chain::<S, 1>(simd, job, panel);
        }
    }
}

#[inline(always)]
fn chain<S: Simd, const A: usize>(simd: S, job: MultiplyAdds<'_>, y: &mut [f32]) {
    let (scale, shift) = (simd.splat(job.scale), simd.splat(job.shift));
    let mut panels = y.chunks_mut(16);
    let places: [&mut [f32]; A] = core::array::from_fn(|_| panels.next().unwrap_or_default());
    let mut sums = [simd.splat(0.0); A];
    each!(a of rows A, {
        sums[a] = tile::load(simd, places[a]);
    });
    for _ in 0..job.rounds {
        each!(a of rows A, {
            sums[a] = simd.mul_add(sums[a], scale, shift);
        });
    }
    each!(a of rows A, {
        tile::store(simd, &[sums[a]], places[a]);
    });
}

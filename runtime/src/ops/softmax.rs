//! Softmax over the channels of each pixel.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::ops::{activation, copy};
use crate::simd::{Level, Simd};

/// `y[p, c] = exp(x[p, c] - max) / sum over channels of exp(x[p, .] - max)`, max being pixel p's largest channel.
///
/// # Panics
/// When the shapes differ, or the window lacks channels.
#[inline]
pub fn softmax<L: Level>(cx: Cx<'_, L>, x: Map<'_>, y: &mut MapMut<'_>) {
    copy::copy(cx, x, y);
    softmax_in_place(cx, y);
}

/// y = softmax(y), as [`softmax`] does.
///
/// # Panics
/// When the window lacks channels.
#[inline]
pub fn softmax_in_place<L: Level>(cx: Cx<'_, L>, y: &mut MapMut<'_>) {
    assert!(
        y.has_all_channels(),
        "softmax: the window needs every channel"
    );
    cx.level.softmax(
        Softmax {
            lifetime: core::marker::PhantomData,
        },
        y,
    );
}

/// A softmax in place.
#[derive(Clone, Copy)]
pub struct Softmax<'a> {
    lifetime: core::marker::PhantomData<&'a ()>,
}

/// Three passes over each pixel: the maximum; exponentials and their sum; the scaling. A pixel with a NaN becomes NaN.
#[inline(always)]
pub(crate) fn pixels<S: Simd>(simd: S, _job: Softmax<'_>, y: &mut MapMut<'_>) {
    for p in 0..y.pixels() {
        let (whole, part) = y.pixel(p).as_chunks_mut::<16>();
        let mut largest = simd.splat(f32::NEG_INFINITY);
        for lanes in whole.iter() {
            largest = simd.max(largest, simd.load(lanes));
        }
        let largest = fold(
            simd,
            largest,
            part,
            |a, b| if a.is_nan() || a > b { a } else { b },
        );

        let shift = simd.splat(largest);
        let mut sum = simd.splat(0.0);
        for lanes in whole.iter_mut() {
            let power = activation::exp(simd, simd.sub(simd.load(lanes), shift));
            sum = simd.add(sum, power);
            simd.store(power, lanes);
        }
        let power = activation::exp(simd, simd.sub(simd.load_part(part), shift));
        simd.store_part(power, part);
        let sum = fold(simd, sum, part, |a, b| a + b);

        let scale = simd.splat(1.0 / sum);
        for lanes in whole {
            simd.store(simd.mul(simd.load(lanes), scale), lanes);
        }
        let last = simd.mul(simd.load_part(part), scale);
        simd.store_part(last, part);
    }
}

/// All lanes and the elements behind them, in order.
#[inline(always)]
fn fold<S: Simd>(simd: S, v: S::V, part: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; 16];
    simd.store(v, &mut lanes);
    let mut result = lanes[0];
    for value in lanes[1..].iter().chain(part) {
        result = f(result, *value);
    }
    result
}

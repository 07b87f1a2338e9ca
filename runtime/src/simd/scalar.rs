//! The portable level: arrays of 16 floats, which compilers turn into whatever vectors the target always has.

use super::{NoTiles, Simd, gather, scatter, stamp};
use crate::kernels::for_each_kernel;

/// Portable code; runs everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Scalar(());

impl Scalar {
    /// Every CPU can do this.
    pub const fn new() -> Self {
        Self(())
    }
}

impl Default for Scalar {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! rows {
    ($($rows:tt)*) => {
        stamp! { @rows Scalar [] scalar |_| 1; $($rows)* }
    };
}
for_each_kernel!(rows);

/// One operation on every lane.
macro_rules! lanes {
    (|$($v:ident),*| $value:expr) => {{
        let mut result = [0.0; 16];
        let mut lane = 0;
        while lane < 16 {
            $(let $v = $v[lane];)*
            result[lane] = $value;
            lane += 1;
        }
        result
    }};
}

impl Simd for Scalar {
    type V = [f32; 16];
    type Tiles = NoTiles;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        [value; 16]
    }

    #[inline(always)]
    fn splat_pair(self, values: &[f32; 2]) -> Self::V {
        let mut lanes = [0.0; 16];
        lanes.as_chunks_mut().0.fill(*values);
        lanes
    }

    #[inline(always)]
    fn load(self, from: &[f32; 16]) -> Self::V {
        *from
    }

    #[inline(always)]
    fn store(self, v: Self::V, to: &mut [f32; 16]) {
        *to = v;
    }

    #[inline(always)]
    fn load_part(self, from: &[f32]) -> Self::V {
        gather(from)
    }

    #[inline(always)]
    fn store_part(self, v: Self::V, to: &mut [f32]) {
        scatter(&v, to);
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        lanes!(|a, b| a + b)
    }

    #[inline(always)]
    fn add_pairs(self, v: Self::V) -> Self::V {
        let mut sums = [0.0; 16];
        for (sum, [even, odd]) in sums.iter_mut().zip(v.as_chunks().0) {
            *sum = even + odd;
        }
        sums
    }

    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        lanes!(|a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        lanes!(|a, b| a * b)
    }

    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        lanes!(|a, b| a / b)
    }

    /// Rounded twice: without an FMA instruction a fused product is a slow library call.
    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        lanes!(|a, b, c| a * b + c)
    }

    #[inline(always)]
    fn at_least(self, x: Self::V, bound: Self::V) -> Self::V {
        lanes!(|x, bound| if x < bound { bound } else { x })
    }

    #[inline(always)]
    fn at_most(self, x: Self::V, bound: Self::V) -> Self::V {
        lanes!(|x, bound| if x > bound { bound } else { x })
    }

    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        lanes!(|a, b| if a.is_nan() || a > b { a } else { b })
    }

    #[cfg(target_arch = "arm")]
    #[inline(always)]
    fn accumulate<const R: usize, const N: usize>(
        self,
        sums: &mut [[Self::V; N]; R],
        x: (&[f32], usize),
        panels: (&[[f32; 16]], usize),
        run: usize,
        _ahead: usize,
    ) {
        super::cortex_m::accumulate(sums, x, panels, run);
    }

    #[inline(always)]
    fn low_bits_to_exponent(self, v: Self::V) -> Self::V {
        lanes!(|v| f32::from_bits(v.to_bits() << 23))
    }

    #[inline(always)]
    fn upper_24_bits(self, v: Self::V) -> Self::V {
        lanes!(|v| f32::from_bits(v.to_bits() & !0xFF))
    }

    #[inline(always)]
    fn lowest_bytes(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        lanes!(|a, b, c| f32::from_bits(
            a.to_bits() << 24 | (b.to_bits() & 0xFF) << 16 | (c.to_bits() & 0xFF) << 8
        ))
    }
}

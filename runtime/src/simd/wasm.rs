//! WebAssembly with `simd128`: a vector is four 128-bit values.
//!
//! A module cannot ask what its engine has: an engine without these instructions refuses all of it. So the target's
//! features decide, when it is built.
#![expect(unsafe_code, reason = "loads and stores take pointers")]

use core::arch::wasm32::*;

use super::quads::{Quad, Quads};
use super::stamp;
use crate::kernels::for_each_kernel;

/// `simd128`.
#[derive(Clone, Copy, Debug)]
pub struct Simd128(());

impl Simd128 {
    /// This file is only compiled for targets that have it.
    pub(super) const fn new() -> Self {
        Self(())
    }
}

macro_rules! rows {
    ($($rows:tt)*) => {
        stamp! { @rows Simd128 [quads] simd128 |_| 1; $($rows)* }
    };
}
for_each_kernel!(rows);

impl Quad for Simd128 {
    type R = v128;
    /// What engines have to map values to on x86-64; Arm has more.
    const REGISTERS: usize = 16;
    const BY_LANE: bool = false;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::R {
        f32x4_splat(value)
    }

    #[inline(always)]
    fn splat_pair(self, values: &[f32; 2]) -> Self::R {
        // SAFETY: reads the 8 bytes of the array; loads ask for no alignment.
        unsafe { v128_load64_splat(values.as_ptr().cast()) }
    }

    #[inline(always)]
    fn load(self, from: &[f32; 4]) -> Self::R {
        // SAFETY: reads the 16 bytes of the array; loads ask for no alignment.
        unsafe { v128_load(from.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(self, v: Self::R, to: &mut [f32; 4]) {
        // SAFETY: writes the 16 bytes of the array; stores ask for no alignment.
        unsafe { v128_store(to.as_mut_ptr().cast(), v) }
    }

    #[inline(always)]
    fn add(self, a: Self::R, b: Self::R) -> Self::R {
        f32x4_add(a, b)
    }

    #[inline(always)]
    fn add_pairs(self, a: Self::R, b: Self::R) -> Self::R {
        f32x4_add(
            i32x4_shuffle::<0, 2, 4, 6>(a, b),
            i32x4_shuffle::<1, 3, 5, 7>(a, b),
        )
    }

    #[inline(always)]
    fn sub(self, a: Self::R, b: Self::R) -> Self::R {
        f32x4_sub(a, b)
    }

    #[inline(always)]
    fn mul(self, a: Self::R, b: Self::R) -> Self::R {
        f32x4_mul(a, b)
    }

    #[inline(always)]
    fn div(self, a: Self::R, b: Self::R) -> Self::R {
        f32x4_div(a, b)
    }

    /// Rounded twice, but for `relaxed-simd`, where most engines round once.
    #[inline(always)]
    fn mul_add(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        #[cfg(target_feature = "relaxed-simd")]
        let sum = f32x4_relaxed_madd(a, b, c);
        #[cfg(not(target_feature = "relaxed-simd"))]
        let sum = f32x4_add(f32x4_mul(a, b), c);
        sum
    }

    #[inline(always)]
    fn lane_mul_add<const L: usize>(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        let lane = match L {
            0 => i32x4_shuffle::<0, 0, 0, 0>(a, a),
            1 => i32x4_shuffle::<1, 1, 1, 1>(a, a),
            2 => i32x4_shuffle::<2, 2, 2, 2>(a, a),
            _ => i32x4_shuffle::<3, 3, 3, 3>(a, a),
        };
        self.mul_add(lane, b, c)
    }

    /// The pseudo-maximum gives its first operand where either is NaN, in one instruction on x86-64.
    #[inline(always)]
    fn at_least(self, x: Self::R, bound: Self::R) -> Self::R {
        f32x4_pmax(x, bound)
    }

    #[inline(always)]
    fn at_most(self, x: Self::R, bound: Self::R) -> Self::R {
        f32x4_pmin(x, bound)
    }

    #[inline(always)]
    fn max(self, a: Self::R, b: Self::R) -> Self::R {
        v128_bitselect(a, f32x4_pmax(b, a), f32x4_ne(a, a))
    }

    #[inline(always)]
    fn low_bits_to_exponent(self, v: Self::R) -> Self::R {
        i32x4_shl(v, 23)
    }

    #[inline(always)]
    fn upper_24_bits(self, v: Self::R) -> Self::R {
        v128_and(v, i32x4_splat(!0xFF))
    }

    #[inline(always)]
    fn lowest_bytes(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        let lowest = i32x4_splat(0xFF);
        let (b, c) = (v128_and(b, lowest), v128_and(c, lowest));
        v128_or(i32x4_shl(a, 24), v128_or(i32x4_shl(b, 16), i32x4_shl(c, 8)))
    }
}

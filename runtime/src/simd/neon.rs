//! 64-bit Arm with NEON, which every such processor has that has floats: a vector is four 128-bit registers.
#![expect(
    unsafe_code,
    reason = "loads and stores, and instructions that only a level of its own would make safe"
)]

use core::arch::aarch64::*;

use super::quads::{Quad, Quads};
use super::stamp;
use crate::kernels::for_each_kernel;

/// NEON.
#[derive(Clone, Copy, Debug)]
pub struct Neon(());

impl Neon {
    /// This file is only compiled for targets that always have it.
    pub(super) const fn new() -> Self {
        Self(())
    }
}

macro_rules! rows {
    ($($rows:tt)*) => {
        stamp! { @rows Neon [quads] neon |_| 1; $($rows)* }
    };
}
for_each_kernel!(rows);

/// An instruction on registers.
macro_rules! neon {
    ($instruction:expr) => {{
        // SAFETY: this file is only compiled for targets whose every processor has NEON.
        unsafe { $instruction }
    }};
}

impl Quad for Neon {
    type R = float32x4_t;
    const REGISTERS: usize = 32;
    const BY_LANE: bool = true;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::R {
        neon!(vdupq_n_f32(value))
    }

    #[inline(always)]
    fn splat_pair(self, values: &[f32; 2]) -> Self::R {
        // SAFETY: NEON as above; reads the 8 bytes of the array, aligned as floats are.
        unsafe {
            let pair = vld1_f32(values.as_ptr());
            vcombine_f32(pair, pair)
        }
    }

    #[inline(always)]
    fn load(self, from: &[f32; 4]) -> Self::R {
        // SAFETY: NEON as above; reads the 16 bytes of the array, aligned as a float is.
        unsafe { vld1q_f32(from.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, v: Self::R, to: &mut [f32; 4]) {
        // SAFETY: NEON as above; writes the 16 bytes of the array, aligned as a float is.
        unsafe { vst1q_f32(to.as_mut_ptr(), v) }
    }

    #[inline(always)]
    fn add(self, a: Self::R, b: Self::R) -> Self::R {
        neon!(vaddq_f32(a, b))
    }

    #[inline(always)]
    fn add_pairs(self, a: Self::R, b: Self::R) -> Self::R {
        neon!(vpaddq_f32(a, b))
    }

    #[inline(always)]
    fn sub(self, a: Self::R, b: Self::R) -> Self::R {
        neon!(vsubq_f32(a, b))
    }

    #[inline(always)]
    fn mul(self, a: Self::R, b: Self::R) -> Self::R {
        neon!(vmulq_f32(a, b))
    }

    #[inline(always)]
    fn div(self, a: Self::R, b: Self::R) -> Self::R {
        neon!(vdivq_f32(a, b))
    }

    #[inline(always)]
    fn mul_add(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        neon!(vfmaq_f32(c, a, b))
    }

    #[inline(always)]
    fn lane_mul_add<const L: usize>(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        // The instruction's lane is an `i32`, which constants of a generic function cannot be turned into.
        match L {
            0 => neon!(vfmaq_laneq_f32::<0>(c, b, a)),
            1 => neon!(vfmaq_laneq_f32::<1>(c, b, a)),
            2 => neon!(vfmaq_laneq_f32::<2>(c, b, a)),
            _ => neon!(vfmaq_laneq_f32::<3>(c, b, a)),
        }
    }

    /// The instruction keeps NaN; no bound is one.
    #[inline(always)]
    fn at_least(self, x: Self::R, bound: Self::R) -> Self::R {
        neon!(vmaxq_f32(x, bound))
    }

    #[inline(always)]
    fn at_most(self, x: Self::R, bound: Self::R) -> Self::R {
        neon!(vminq_f32(x, bound))
    }

    /// The second of two zeros, as on every level; the instruction for it would take the positive one.
    #[inline(always)]
    fn max(self, a: Self::R, b: Self::R) -> Self::R {
        neon!(vbslq_f32(
            vorrq_u32(vcgtq_f32(a, b), vmvnq_u32(vceqq_f32(a, a))),
            a,
            b
        ))
    }

    #[inline(always)]
    fn low_bits_to_exponent(self, v: Self::R) -> Self::R {
        neon!(vreinterpretq_f32_s32(vshlq_n_s32::<23>(
            vreinterpretq_s32_f32(v)
        )))
    }

    #[inline(always)]
    fn upper_24_bits(self, v: Self::R) -> Self::R {
        neon!(vreinterpretq_f32_u32(vbicq_u32(
            vreinterpretq_u32_f32(v),
            vdupq_n_u32(0xFF)
        )))
    }

    /// Two shifts that keep what is above the bits they write.
    #[inline(always)]
    fn lowest_bytes(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        neon!({
            let a = vshlq_n_u32::<24>(vreinterpretq_u32_f32(a));
            let b = vshlq_n_u32::<24>(vreinterpretq_u32_f32(b));
            let c = vshlq_n_u32::<24>(vreinterpretq_u32_f32(c));
            vreinterpretq_f32_u32(vsriq_n_u32::<16>(vsriq_n_u32::<8>(a, b), c))
        })
    }
}

//! x86-64 with AVX-512: a vector is one 512-bit register.
#![expect(
    unsafe_code,
    reason = "the instructions are safe only where the token proves the CPU has them"
)]

use core::arch::x86_64::*;

use super::amx::Amx;
use super::{Simd, stamp};
use crate::kernels::{Tile, for_each_kernel};

/// AVX-512 F, VL, BW and DQ; AMX too where [`AnyLevel::amx`](crate::AnyLevel::amx) found it.
#[derive(Clone, Copy, Debug)]
pub struct Avx512 {
    amx: Option<Amx>,
}

impl Avx512 {
    /// # Safety
    /// The CPU and the operating system must support AVX-512 F, VL, BW and DQ.
    pub(super) const unsafe fn assume() -> Self {
        Self { amx: None }
    }

    /// The same with AMX.
    pub(super) const fn with_amx(self, amx: Amx) -> Self {
        let _ = self;
        Self { amx: Some(amx) }
    }

    pub(super) const fn has_amx(self) -> bool {
        self.amx.is_some()
    }
}

macro_rules! rows {
    ($($rows:tt)*) => {
        stamp! {
            @rows Avx512 ["avx512f,avx512vl,avx512bw,avx512dq,fma"] avx512 |tile: Tile| tile.avx512.whole_panels();
            $($rows)*
        }
    };
}
for_each_kernel!(rows);

/// An instruction on registers.
macro_rules! op {
    ($instruction:expr) => {{
        // SAFETY: the CPU must have AVX-512 F; an `Avx512` exists only where detection found it.
        unsafe { $instruction }
    }};
}

impl Simd for Avx512 {
    type V = __m512;
    type Tiles = Amx;
    const MASKS: bool = true;

    #[inline(always)]
    fn tiles(self) -> Option<Amx> {
        self.amx
    }

    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        op!(_mm512_set1_ps(value))
    }

    #[inline(always)]
    fn splat_pair(self, values: &[f32; 2]) -> Self::V {
        // SAFETY: AVX-512 F as the token proves; reads the eight bytes of the array, aligned as floats are.
        unsafe {
            _mm512_castpd_ps(_mm512_set1_pd(
                values.as_ptr().cast::<f64>().read_unaligned(),
            ))
        }
    }

    #[inline(always)]
    fn load(self, from: &[f32; 16]) -> Self::V {
        // SAFETY: AVX-512 F as the token proves; reads the 64 bytes of the array, which unaligned loads may.
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, v: Self::V, to: &mut [f32; 16]) {
        // SAFETY: AVX-512 F as the token proves; writes the 64 bytes of the array, which unaligned stores may.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), v) }
    }

    #[inline(always)]
    fn load_part(self, from: &[f32]) -> Self::V {
        // SAFETY: AVX-512 F as the token proves; the mask keeps to the first `from.len()` lanes, at most 16.
        unsafe { _mm512_maskz_loadu_ps(mask(from.len()), from.as_ptr()) }
    }

    #[inline(always)]
    fn store_part(self, v: Self::V, to: &mut [f32]) {
        // SAFETY: AVX-512 F as the token proves; the mask keeps to the first `to.len()` lanes, at most 16.
        unsafe { _mm512_mask_storeu_ps(to.as_mut_ptr(), mask(to.len()), v) }
    }

    #[inline(always)]
    fn prefetch<T>(self, from: &[T], at: usize) {
        // SAFETY: a prefetch reads nothing that the program could see, and never faults, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(from.as_ptr().wrapping_add(at).cast()) }
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        op!(_mm512_add_ps(a, b))
    }

    #[inline(always)]
    fn add_pairs(self, v: Self::V) -> Self::V {
        // SAFETY: AVX-512 F as the token proves.
        unsafe {
            let sums = _mm512_add_ps(v, _mm512_permute_ps::<0b10_11_00_01>(v));
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 0, 0, 0, 0, 0, 0, 0, 0);
            _mm512_maskz_permutexvar_ps(0xFF, even, sums)
        }
    }

    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        op!(_mm512_sub_ps(a, b))
    }

    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        op!(_mm512_mul_ps(a, b))
    }

    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        op!(_mm512_div_ps(a, b))
    }

    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        op!(_mm512_fmadd_ps(a, b, c))
    }

    /// The instruction gives its second operand when either is NaN.
    #[inline(always)]
    fn at_least(self, x: Self::V, bound: Self::V) -> Self::V {
        op!(_mm512_max_ps(bound, x))
    }

    #[inline(always)]
    fn at_most(self, x: Self::V, bound: Self::V) -> Self::V {
        op!(_mm512_min_ps(bound, x))
    }

    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        op!(_mm512_mask_blend_ps(
            _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(a, a),
            _mm512_max_ps(a, b),
            a
        ))
    }

    #[inline(always)]
    fn low_bits_to_exponent(self, v: Self::V) -> Self::V {
        op!(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(
            _mm512_castps_si512(v)
        )))
    }

    #[inline(always)]
    fn upper_24_bits(self, v: Self::V) -> Self::V {
        op!(_mm512_castsi512_ps(_mm512_andnot_si512(
            _mm512_set1_epi32(0xFF),
            _mm512_castps_si512(v)
        )))
    }

    #[inline(always)]
    fn lowest_bytes(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        op!({
            let lowest = _mm512_set1_epi32(0xFF);
            let b = _mm512_and_si512(_mm512_castps_si512(b), lowest);
            let c = _mm512_and_si512(_mm512_castps_si512(c), lowest);
            let high = _mm512_slli_epi32::<24>(_mm512_castps_si512(a));
            let (middle, low) = (_mm512_slli_epi32::<16>(b), _mm512_slli_epi32::<8>(c));
            _mm512_castsi512_ps(_mm512_or_si512(high, _mm512_or_si512(middle, low)))
        })
    }
}

/// Ones for the first `lanes` lanes.
#[inline(always)]
fn mask(lanes: usize) -> __mmask16 {
    assert!(lanes <= 16, "a vector has 16 lanes");
    ((1_u32 << lanes) - 1) as __mmask16
}

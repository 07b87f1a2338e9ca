//! x86-64 with AVX2 and FMA: a vector is two 256-bit registers.
#![expect(
    unsafe_code,
    reason = "the instructions are safe only where the token proves the CPU has them"
)]

use core::arch::x86_64::*;

use super::{NoTiles, Simd, scatter, stamp};
use crate::kernels::{Tile, for_each_kernel};

/// AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx2 {
    /// # Safety
    /// The CPU and the operating system must support AVX2 and FMA.
    pub(super) const unsafe fn assume() -> Self {
        Self(())
    }
}

macro_rules! rows {
    ($($rows:tt)*) => {
        stamp! { @rows Avx2 ["avx2,fma"] avx2 |tile: Tile| tile.avx2.info().channels / 16; $($rows)* }
    };
}
for_each_kernel!(rows);

/// One instruction on both halves.
macro_rules! halves {
    (|$($v:ident),*| $instruction:expr) => {{
        let low = {
            $(let $v = $v.0;)*
            // SAFETY: the CPU must have AVX2 and FMA; an `Avx2` exists only where detection found them.
            unsafe { $instruction }
        };
        let high = {
            $(let $v = $v.1;)*
            // SAFETY: as above.
            unsafe { $instruction }
        };
        (low, high)
    }};
}

impl Simd for Avx2 {
    type V = (__m256, __m256);
    type Tiles = NoTiles;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        // SAFETY: the CPU has AVX as the token proves.
        let v = unsafe { _mm256_set1_ps(value) };
        (v, v)
    }

    #[inline(always)]
    fn splat_pair(self, values: &[f32; 2]) -> Self::V {
        // SAFETY: AVX as the token proves; reads the eight bytes of the array, aligned as floats are.
        let v = unsafe {
            _mm256_castpd_ps(_mm256_set1_pd(
                values.as_ptr().cast::<f64>().read_unaligned(),
            ))
        };
        (v, v)
    }

    #[inline(always)]
    fn load(self, from: &[f32; 16]) -> Self::V {
        let p = from.as_ptr();
        // SAFETY: AVX as the token proves; reads the two halves of the 64-byte array, which unaligned loads may.
        unsafe { (_mm256_loadu_ps(p), _mm256_loadu_ps(p.add(8))) }
    }

    #[inline(always)]
    fn store(self, v: Self::V, to: &mut [f32; 16]) {
        let p = to.as_mut_ptr();
        // SAFETY: AVX as the token proves; writes the two halves of the 64-byte array, which unaligned stores may.
        unsafe {
            _mm256_storeu_ps(p, v.0);
            _mm256_storeu_ps(p.add(8), v.1);
        }
    }

    #[inline(always)]
    fn load_part(self, from: &[f32]) -> Self::V {
        let (low, high) = masks(from.len());
        let p = from.as_ptr();
        // SAFETY: AVX as the token proves; the masks keep to the first `from.len()` lanes, at most 16.
        unsafe {
            (
                _mm256_maskload_ps(p, low),
                _mm256_maskload_ps(p.wrapping_add(8), high),
            )
        }
    }

    /// Eight lanes, the half panel that many layers end with, are one store; masked stores are slow on some CPUs.
    #[inline(always)]
    fn store_part(self, v: Self::V, to: &mut [f32]) {
        if to.len() == 8 {
            // SAFETY: AVX as the token proves; writes the eight floats of the slice.
            unsafe { _mm256_storeu_ps(to.as_mut_ptr(), v.0) }
        } else {
            let mut lanes = [0.0; 16];
            self.store(v, &mut lanes);
            scatter(&lanes, to);
        }
    }

    #[inline(always)]
    fn prefetch<T>(self, from: &[T], at: usize) {
        // SAFETY: a prefetch reads nothing that the program could see, and never faults, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(from.as_ptr().wrapping_add(at).cast()) }
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(|a, b| _mm256_add_ps(a, b))
    }

    #[inline(always)]
    fn add_pairs(self, (low, high): Self::V) -> Self::V {
        // SAFETY: AVX2 as the token proves.
        unsafe {
            // Sums 0 1 4 5 2 3 6 7.
            let sums = _mm256_castps_pd(_mm256_hadd_ps(low, high));
            let sums = _mm256_permute4x64_pd::<0b11_01_10_00>(sums);
            (_mm256_castpd_ps(sums), _mm256_setzero_ps())
        }
    }

    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(|a, b| _mm256_sub_ps(a, b))
    }

    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(|a, b| _mm256_mul_ps(a, b))
    }

    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(|a, b| _mm256_div_ps(a, b))
    }

    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        halves!(|a, b, c| _mm256_fmadd_ps(a, b, c))
    }

    /// The instruction gives its second operand when either is NaN.
    #[inline(always)]
    fn at_least(self, x: Self::V, bound: Self::V) -> Self::V {
        halves!(|x, bound| _mm256_max_ps(bound, x))
    }

    #[inline(always)]
    fn at_most(self, x: Self::V, bound: Self::V) -> Self::V {
        halves!(|x, bound| _mm256_min_ps(bound, x))
    }

    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        halves!(|a, b| _mm256_blendv_ps(
            _mm256_max_ps(a, b),
            a,
            _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a)
        ))
    }

    #[inline(always)]
    fn low_bits_to_exponent(self, v: Self::V) -> Self::V {
        halves!(|v| _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(v))))
    }

    #[inline(always)]
    fn upper_24_bits(self, v: Self::V) -> Self::V {
        halves!(|v| _mm256_castsi256_ps(_mm256_andnot_si256(
            _mm256_set1_epi32(0xFF),
            _mm256_castps_si256(v)
        )))
    }

    #[inline(always)]
    fn lowest_bytes(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        halves!(|a, b, c| {
            let lowest = _mm256_set1_epi32(0xFF);
            let b = _mm256_and_si256(_mm256_castps_si256(b), lowest);
            let c = _mm256_and_si256(_mm256_castps_si256(c), lowest);
            let high = _mm256_slli_epi32::<24>(_mm256_castps_si256(a));
            let (middle, low) = (_mm256_slli_epi32::<16>(b), _mm256_slli_epi32::<8>(c));
            _mm256_castsi256_ps(_mm256_or_si256(high, _mm256_or_si256(middle, low)))
        })
    }
}

/// All ones for the first `lanes` lanes, of both halves.
#[inline(always)]
fn masks(lanes: usize) -> (__m256i, __m256i) {
    static ONES: [i32; 32] = {
        let mut ones = [0; 32];
        let mut at = 0;
        while at < 16 {
            ones[at] = -1;
            at += 1;
        }
        ones
    };
    let from = &ONES[16 - lanes..][..16];
    // SAFETY: inlined only where the CPU has AVX, as a token proves; reads 16 integers of the slice.
    unsafe {
        (
            _mm256_loadu_si256(from.as_ptr().cast()),
            _mm256_loadu_si256(from[8..].as_ptr().cast()),
        )
    }
}

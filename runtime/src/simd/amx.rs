//! x86-64 with AMX: matrix tiles of 16 rows of 64 bytes, in assembly, since stable Rust has no functions for them.
//!
//! Tiles 0 to 3 hold sums, 4 and 5 pixels, 6 and 7 weights. They keep their contents from one piece of assembly to the
//! next: nothing else touches them, because no code is compiled for a CPU with tiles, so the compiler uses none itself; and
//! the operating system keeps them for each thread, like any register, also when a signal comes.
#![expect(
    unsafe_code,
    reason = "the instructions are safe only where the token proves the CPU has them"
)]

use core::arch::asm;
use core::arch::x86_64::*;

use super::tiles::{Product, SplitRows, SplitWeights, Sums, Tiles};

/// AMX with tiles and BF16, and the operating system's permission to use it; AVX-512 F besides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amx(());

impl Amx {
    /// # Safety
    /// The CPU must support AMX-TILE, AMX-BF16 and AVX-512 F, with palette 1: eight tiles of 16 rows of 64 bytes; and the
    /// operating system must have permitted this process to use them.
    pub(super) const unsafe fn assume() -> Self {
        Self(())
    }
}

/// Asks the operating system for the tiles' memory; whether it grants it. A permission holds for the whole process, and
/// asking for it again is no mistake.
#[cfg(target_os = "linux")]
pub(super) fn permitted() -> bool {
    const ARCH_PRCTL: usize = 158;
    const ARCH_REQ_XCOMP_PERM: usize = 0x1023;
    const XTILE_DATA: usize = 18;
    let result: usize;
    // SAFETY: the system call reads and writes no memory of this program; the instruction itself changes rcx and r11.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") XTILE_DATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result == 0
}

/// Only Linux is known how to ask.
#[cfg(not(target_os = "linux"))]
pub(super) fn permitted() -> bool {
    false
}

/// What `ldtilecfg` reads.
#[repr(C, align(64))]
struct Shape {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

impl Tiles for Amx {
    #[inline(always)]
    fn open(self, rows: usize) {
        assert!(0 < rows && rows <= 16, "a tile has at most 16 rows");
        let mut shape = Shape {
            palette: 1,
            start_row: 0,
            reserved: [0; 14],
            row_bytes: [0; 16],
            rows: [0; 16],
        };
        for tile in 0..8 {
            shape.row_bytes[tile] = 64;
            shape.rows[tile] = if tile < 6 { rows as u8 } else { 16 };
        }
        // SAFETY: the token proves AMX; reads the 64 bytes of the shape, which is one that palette 1 allows.
        unsafe {
            asm!("ldtilecfg [{shape}]", shape = in(reg) &shape, options(nostack, readonly, preserves_flags));
        }
    }

    #[inline(always)]
    fn close(self) {
        // SAFETY: the token proves AMX; touches no memory.
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) }
    }

    /// NaN stays NaN, if not in the high half, where rounding may carry its bits away, then in the low one.
    /// An infinity, and what rounds to one, becomes NaN.
    #[inline(always)]
    fn split(self, x: &[f32], high: &mut [f32; 16], low: &mut [f32; 16]) {
        let count = x.len().min(32);
        // SAFETY: AVX-512 F as the token proves; the masks keep to the first `count` floats of the slice, and the stores
        // write the 64 bytes of each array, which unaligned stores may.
        unsafe {
            let (x0, x1) = if count == 32 {
                (
                    _mm512_loadu_ps(x.as_ptr()),
                    _mm512_loadu_ps(x.as_ptr().add(16)),
                )
            } else {
                let mask = (1_u32 << count) - 1;
                (
                    _mm512_maskz_loadu_ps(mask as u16, x.as_ptr()),
                    _mm512_maskz_loadu_ps((mask >> 16) as u16, x.as_ptr().wrapping_add(16)),
                )
            };
            let half = _mm512_set1_epi32(0x8000);
            let upper = _mm512_set1_epi32(0xFFFF_0000_u32 as i32);
            let (bits0, bits1) = (_mm512_castps_si512(x0), _mm512_castps_si512(x1));
            let high0 = _mm512_and_si512(_mm512_add_epi32(bits0, half), upper);
            let high1 = _mm512_and_si512(_mm512_add_epi32(bits1, half), upper);
            let rest0 = _mm512_sub_ps(x0, _mm512_castsi512_ps(high0));
            let rest1 = _mm512_sub_ps(x1, _mm512_castsi512_ps(high1));
            // Rounding could carry a NaN's bits away: of those the low halves are cut.
            let (number0, number1) = (
                _mm512_cmp_ps_mask::<_CMP_ORD_Q>(rest0, rest0),
                _mm512_cmp_ps_mask::<_CMP_ORD_Q>(rest1, rest1),
            );
            let (low0, low1) = (_mm512_castps_si512(rest0), _mm512_castps_si512(rest1));
            let low0 = _mm512_mask_add_epi32(low0, number0, low0, half);
            let low1 = _mm512_mask_add_epi32(low1, number1, low1, half);
            let highs = _mm512_or_si512(high1, _mm512_srli_epi32::<16>(high0));
            // a | (b & c)
            let lows =
                _mm512_ternarylogic_epi32::<0xF8>(_mm512_srli_epi32::<16>(low0), low1, upper);
            _mm512_storeu_ps(high.as_mut_ptr(), _mm512_castsi512_ps(highs));
            _mm512_storeu_ps(low.as_mut_ptr(), _mm512_castsi512_ps(lows));
        }
    }

    #[inline(always)]
    fn start<const N: usize>(self, bias: &[[f32; 16]; N]) {
        // SAFETY: the token proves AMX; with a stride of 0 every row reads the 64 bytes of a panel of the bias.
        unsafe {
            if const { N == 2 } {
                asm!(
                    "tileloadd tmm0, [{bias} + {stride}*1]",
                    "tileloadd tmm1, [{bias} + {stride}*1 + 64]",
                    "tileloadd tmm2, [{bias} + {stride}*1]",
                    "tileloadd tmm3, [{bias} + {stride}*1 + 64]",
                    bias = in(reg) bias, stride = in(reg) 0_usize, options(nostack, readonly, preserves_flags),
                );
            } else {
                const { assert!(N == 1 || N == 2) };
                asm!(
                    "tileloadd tmm0, [{bias} + {stride}*1]",
                    "tileloadd tmm2, [{bias} + {stride}*1]",
                    bias = in(reg) bias, stride = in(reg) 0_usize, options(nostack, readonly, preserves_flags),
                );
            }
        }
    }

    /// ```text
    ///               weights 6    weights 7
    ///  pixels 4     sums 0       sums 1        low x high, high x high, high x low: each operand is loaded once, and
    ///  pixels 5     sums 2       sums 3        stays for the next product if that has it, too
    /// ```
    #[inline(always)]
    fn multiply_add<const N: usize>(
        self,
        product: Product,
        x: &SplitRows,
        weights: &[&SplitWeights; N],
    ) {
        const { assert!(N == 1 || N == 2) };
        // Loads stand as late as they can: a tile that is still read cannot be loaded anew.
        macro_rules! lines {
            ($($line:literal)*) => {
                asm!(
                    $($line,)* "/* {x} {w0} {w1} {stride} */",
                    x = in(reg) x, w0 = in(reg) weights[0], w1 = in(reg) weights[N - 1],
                    stride = in(reg) 64_usize, options(nostack, readonly, preserves_flags),
                )
            };
        }
        // SAFETY: the token proves AMX; whatever the tiles' shape, one reads at most 16 rows of 64 bytes, and that many
        // follow each address within the arrays: 16 highs or lows of a pixel tile (1024 bytes), or of the weights.
        unsafe {
            match product {
                Product::LowByHigh => lines!(
                    "tileloadd tmm6, [{w0} + {stride}*1]"
                    "tileloadd tmm4, [{x} + {stride}*1 + 2048]"
                    "tdpbf16ps tmm0, tmm4, tmm6"
                    "tileloadd tmm5, [{x} + {stride}*1 + 3072]"
                    "tdpbf16ps tmm2, tmm5, tmm6"
                ),
                Product::HighByHigh => lines!(
                    "tileloadd tmm4, [{x} + {stride}*1]"
                    "tdpbf16ps tmm0, tmm4, tmm6"
                    "tileloadd tmm5, [{x} + {stride}*1 + 1024]"
                    "tdpbf16ps tmm2, tmm5, tmm6"
                ),
                Product::HighByLow => lines!(
                    "tileloadd tmm6, [{w0} + {stride}*1 + 1024]"
                    "tdpbf16ps tmm0, tmm4, tmm6"
                    "tdpbf16ps tmm2, tmm5, tmm6"
                ),
            }
            if const { N == 2 } {
                match product {
                    Product::LowByHigh => lines!("tileloadd tmm7, [{w1} + {stride}*1]"),
                    Product::HighByHigh => {}
                    Product::HighByLow => lines!("tileloadd tmm7, [{w1} + {stride}*1 + 1024]"),
                }
                lines!(
                    "tdpbf16ps tmm1, tmm4, tmm7"
                    "tdpbf16ps tmm3, tmm5, tmm7"
                );
            }
        }
    }

    #[inline(always)]
    fn store<const N: usize>(self, sums: &mut Sums) {
        // SAFETY: the token proves AMX; whatever the tiles' shape, one writes at most 16 rows of 64 bytes, 128 apart, and
        // that many follow each address within the array.
        unsafe {
            if const { N == 2 } {
                asm!(
                    "tilestored [{sums} + {stride}*1], tmm0",
                    "tilestored [{sums} + {stride}*1 + 64], tmm1",
                    "tilestored [{sums} + {stride}*1 + 2048], tmm2",
                    "tilestored [{sums} + {stride}*1 + 2112], tmm3",
                    sums = in(reg) sums, stride = in(reg) 128_usize, options(nostack, preserves_flags),
                );
            } else {
                const { assert!(N == 1 || N == 2) };
                asm!(
                    "tilestored [{sums} + {stride}*1], tmm0",
                    "tilestored [{sums} + {stride}*1 + 2048], tmm2",
                    sums = in(reg) sums, stride = in(reg) 128_usize, options(nostack, preserves_flags),
                );
            }
        }
    }
}

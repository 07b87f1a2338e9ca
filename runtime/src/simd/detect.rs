//! Asks an x86-64 CPU what it and the operating system support; the only maker of the x86-64 tokens.
#![expect(
    unsafe_code,
    reason = "cpuid and xgetbv, and the promise that a token makes"
)]
#![allow(
    unused_unsafe,
    reason = "cpuid is a safe function in newer compilers only"
)]

use core::arch::x86_64::{__cpuid, __cpuid_count, __get_cpuid_max, _xgetbv};

use super::amx::{self, Amx};
use super::{Avx2, Avx512};

/// What the CPU answered.
pub(super) struct Cpu {
    avx2: bool,
    avx512: bool,
    amx: bool,
}

impl Cpu {
    pub(super) fn ask() -> Self {
        let none = Self {
            avx2: false,
            avx512: false,
            amx: false,
        };
        // SAFETY: every x86-64 CPU has the cpuid instruction.
        let (last, leaf1) = unsafe { (__get_cpuid_max(0).0, __cpuid(1)) };
        let has = |register: u32, bits: &[u32]| bits.iter().all(|bit| register >> bit & 1 == 1);
        // OSXSAVE and AVX: the operating system keeps vector registers, and xgetbv may be asked which.
        if last < 7 || !has(leaf1.ecx, &[27, 28]) {
            return none;
        }
        // SAFETY: OSXSAVE is set, so xgetbv exists; the CPU has leaf 7.
        let (kept, leaf7) = unsafe { (xcr0(), __cpuid_count(7, 0)) };
        let fma = has(leaf1.ecx, &[12]);
        // XMM and YMM state; for AVX-512 also the mask registers and both parts of ZMM.
        let avx2 = fma && has(kept, &[1, 2]) && has(leaf7.ebx, &[5]);
        // F, DQ, BW, VL.
        let avx512 = avx2 && has(kept, &[5, 6, 7]) && has(leaf7.ebx, &[16, 17, 30, 31]);
        // The tiles' shapes and contents; TILE and BF16.
        let amx =
            avx512 && has(kept, &[17, 18]) && has(leaf7.edx, &[22, 24]) && has_full_tiles(last);
        Self { avx2, avx512, amx }
    }

    pub(super) fn avx2(&self) -> Option<Avx2> {
        // SAFETY: cpuid reported AVX2 and FMA, xgetbv that the operating system keeps YMM.
        self.avx2.then(|| unsafe { Avx2::assume() })
    }

    pub(super) fn avx512(&self) -> Option<Avx512> {
        // SAFETY: cpuid reported F, DQ, BW and VL, xgetbv that the operating system keeps the masks and ZMM.
        self.avx512.then(|| unsafe { Avx512::assume() })
    }

    /// With AMX, if the operating system lets this process have it.
    pub(super) fn avx512_with_amx(&self) -> Option<Avx512> {
        let avx512 = self.avx512()?;
        // SAFETY: cpuid reported TILE, BF16 and palette 1 in full, xgetbv that the operating system keeps tiles, and it
        // has permitted this process to use them.
        let amx = (self.amx && amx::permitted()).then(|| unsafe { Amx::assume() })?;
        Some(avx512.with_amx(amx))
    }
}

/// Whether palette 1 has eight tiles of 16 rows of 64 bytes; `last` is the last leaf of cpuid.
fn has_full_tiles(last: u32) -> bool {
    if last < 0x1D {
        return false;
    }
    // SAFETY: every x86-64 CPU has the cpuid instruction, and this one the leaf.
    let palette = unsafe { __cpuid_count(0x1D, 1) };
    palette.ebx == 8 << 16 | 64 && palette.ecx & 0xFFFF == 16
}

/// Which registers the operating system keeps.
///
/// # Safety
/// The operating system must have enabled xgetbv (OSXSAVE).
#[target_feature(enable = "xsave")]
unsafe fn xcr0() -> u32 {
    // SAFETY: the caller promises OSXSAVE; register 0 always exists.
    (unsafe { _xgetbv(0) }) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_the_standard_librarys() {
        use std::is_x86_feature_detected as has;
        let cpu = Cpu::ask();
        assert_eq!(cpu.avx2, has!("avx2") && has!("fma"));
        let all = has!("avx512f") && has!("avx512vl") && has!("avx512bw") && has!("avx512dq");
        assert_eq!(cpu.avx512, cpu.avx2 && all);
    }

    #[test]
    fn amx_is_there_where_the_system_says_so() {
        let flags = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let has = |flag: &str| flags.split_whitespace().any(|word| word == flag);
        assert_eq!(Cpu::ask().amx, has("amx_tile") && has("amx_bf16"));
    }
}

//! Addresses that the compiler cannot compute beforehand.
//! In: an address. Out: the same one, of which nothing is known. Never: reads or writes what lies there.
//!
//! A tile's loads are written out: a few addresses and many distances from them, which the CPU adds at no cost. Where the
//! compiler sees how the addresses of one tile follow from those of the last, it computes all the sums before the loop,
//! more than there are registers, and loads them back one by one. Where it sees that two taps are over the same number,
//! it keeps the number until then, in the stack.
#![expect(
    unsafe_code,
    reason = "an empty line of assembly is the only thing that hides a number in a register"
)]

use core::slice;

/// The same address. Asked for twice of one address with one `WHICH`, it may be known to be the same both times.
#[inline(always)]
#[cfg_attr(
    all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")),
    expect(
        clippy::pointers_in_nomem_asm_block,
        reason = "what it points to is not asked for"
    )
)]
pub(crate) fn pointer<const WHICH: usize>(x: *const f32) -> *const f32 {
    #[cfg(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
    let x = {
        let mut x = x;
        // SAFETY: there is no instruction: nothing is read or written, and x leaves as it came.
        unsafe {
            core::arch::asm!("/* {} {} */", inout(reg) x, const WHICH, options(pure, nomem, nostack, preserves_flags));
        }
        x
    };
    x
}

/// The same slice, as by [`pointer`].
#[inline(always)]
pub(crate) fn slice<const WHICH: usize>(x: &[f32]) -> &[f32] {
    // SAFETY: it is the slice's own address.
    unsafe { slice::from_raw_parts(pointer::<WHICH>(x.as_ptr()), x.len()) }
}

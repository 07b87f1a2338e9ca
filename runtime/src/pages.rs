//! Memory on the heap, in large pages where the system has them.
//! In: a length. Out: zeroed bytes at a multiple of 64. Never: knows what lies in them.
//!
//! Weights are read once per inference, so nearly every page of them is looked up anew, and pages of 4 KiB that lie
//! scattered over the memory of a machine that has been up for a while get into each other's way in the caches as well. Pages
//! of 2 MiB do neither. On Linux they have to be asked for before the memory is first written.
#![expect(unsafe_code, reason = "memory from the allocator")]

use alloc::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use crate::ops::input::Element;

/// A large page of x86-64, and of aarch64 with small pages of 4 KiB.
const LARGE: usize = 2 << 20;

/// What is shorter than this is not worth a large page.
const WORTH: usize = LARGE / 4;

/// Whether this system is known how to ask.
const CAN_ASK: bool = cfg!(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(miri)
));

/// Bytes, zero at first.
#[derive(Debug)]
pub(crate) struct Pages {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: plain bytes that belong to this value alone.
unsafe impl Send for Pages {}
// SAFETY: as above; they change through `&mut` only.
unsafe impl Sync for Pages {}

impl Pages {
    pub(crate) fn zeroed(bytes: usize) -> Self {
        let layout = layout(bytes);
        if layout.size() == 0 {
            let start = NonNull::<Line>::dangling().cast();
            return Self { start, bytes };
        }
        // SAFETY: the layout is not of size zero.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else {
            handle_alloc_error(layout)
        };
        if CAN_ASK && layout.align() == LARGE {
            advise(start, layout.size());
        }
        // SAFETY: `layout.size()` bytes were allocated just now.
        unsafe { start.write_bytes(0, layout.size()) };
        Self { start, bytes }
    }

    pub(crate) const fn as_slice(&self) -> &[u8] {
        // SAFETY: so many bytes were allocated, all written, and `&self` borrows them.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr(), self.bytes) }
    }

    pub(crate) const fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above, borrowed exclusively.
        unsafe { core::slice::from_raw_parts_mut(self.start.as_ptr(), self.bytes) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        let layout = layout(self.bytes);
        if layout.size() > 0 {
            // SAFETY: allocated by `zeroed` with this layout.
            unsafe { dealloc(self.start.as_ptr(), layout) };
        }
    }
}

/// A cache line, which is also the widest vector.
#[repr(align(64))]
struct Line;

/// Whole large pages, or an ordinary piece.
fn layout(bytes: usize) -> Layout {
    let layout = if CAN_ASK && bytes >= WORTH {
        Layout::from_size_align(bytes.next_multiple_of(LARGE), LARGE)
    } else {
        Layout::from_size_align(bytes, align_of::<Line>())
    };
    layout.expect("what is asked for fits the address space")
}

/// Asks Linux for large pages from `start` on (`madvise`, `MADV_HUGEPAGE`). It may decline.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn advise(start: NonNull<u8>, bytes: usize) {
    // SAFETY: advice about memory that belongs to the caller, whose contents it does not change; the instruction itself
    // changes rcx and r11.
    unsafe {
        core::arch::asm!(
            "syscall",
            inlateout("rax") 28_usize => _,
            in("rdi") start.as_ptr(),
            in("rsi") bytes,
            in("rdx") 14,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
}

/// Asks Linux for large pages from `start` on (`madvise`, `MADV_HUGEPAGE`). It may decline.
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
fn advise(start: NonNull<u8>, bytes: usize) {
    // SAFETY: advice about memory that belongs to the caller, whose contents it does not change.
    unsafe {
        core::arch::asm!(
            "svc 0",
            in("x8") 233_usize,
            inlateout("x0") start.as_ptr() => _,
            in("x1") bytes,
            in("x2") 14,
            options(nostack),
        );
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
fn advise(_start: NonNull<u8>, _bytes: usize) {}

/// A value on the heap, in large pages if it is long enough and the system has them: an arena, by
/// [`Arena::in_large_pages`](crate::Arena::in_large_pages), or an input, by `LargePages::<Input>::zeros()`.
#[derive(Debug)]
pub struct LargePages<T> {
    pages: Pages,
    value: core::marker::PhantomData<T>,
}

impl<T> LargePages<T> {
    /// # Safety
    /// Zeroed memory must be a valid `T`, and `T` must not need to be dropped.
    pub(crate) unsafe fn zeroed() -> Self {
        const { assert!(align_of::<T>() <= align_of::<Line>()) };
        Self {
            pages: Pages::zeroed(size_of::<T>()),
            value: core::marker::PhantomData,
        }
    }
}

impl<T: Element, const N: usize> LargePages<[T; N]> {
    /// An array of zeros, which never passes through the stack.
    pub fn zeros() -> Self {
        // SAFETY: numbers, of which zero is one, and nothing to drop.
        unsafe { Self::zeroed() }
    }
}

impl<T> Deref for LargePages<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: as many bytes as a `T` has, aligned for it (asserted), a valid one (by `zeroed`'s contract).
        unsafe { self.pages.start.cast().as_ref() }
    }
}

impl<T> DerefMut for LargePages<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, borrowed exclusively.
        unsafe { self.pages.start.cast().as_mut() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An allocator mostly gives again what was freed last, as it was left.
    #[test]
    fn memory_that_was_used_before_is_zeroed_too() {
        for bytes in [64, 4096, WORTH - 1, WORTH, LARGE + 1] {
            for _ in 0..4 {
                let mut pages = Pages::zeroed(bytes);
                assert!(pages.as_slice().iter().all(|byte| *byte == 0), "{bytes}");
                pages.as_mut_slice().fill(7);
            }
        }
    }

    #[test]
    fn arrays_are_zeros() {
        assert!(
            LargePages::<[f32; 150_528]>::zeros()
                .iter()
                .all(|x| *x == 0.0)
        );
        assert!(LargePages::<[u8; 3]>::zeros().iter().all(|x| *x == 0));
        let mut input = LargePages::<[f32; 2]>::zeros();
        input[1] = 1.0;
        assert_eq!(*input, [0.0, 1.0]);
        assert_eq!(*LargePages::<[f32; 0]>::zeros(), [0.0; 0]);
    }

    #[test]
    fn pages_are_zeroed_aligned_and_as_long_as_asked() {
        for bytes in [0, 1, 64, WORTH - 1, WORTH, LARGE, LARGE + 1] {
            let mut pages = Pages::zeroed(bytes);
            assert_eq!(pages.as_slice().len(), bytes);
            let alignment = if CAN_ASK && bytes >= WORTH { LARGE } else { 64 };
            assert_eq!(pages.as_slice().as_ptr().addr() % alignment, 0);
            assert!(pages.as_slice().iter().all(|byte| *byte == 0));
            pages.as_mut_slice().fill(7);
            assert!(pages.as_slice().iter().all(|byte| *byte == 7));
        }
    }
}

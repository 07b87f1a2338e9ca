//! The one piece of memory a network works in, and the parts of it that threads have to themselves.
//! In: [`Slot`]s planned by the compiler. Out: maps over them. Never: decides where anything lies.
#![expect(
    unsafe_code,
    reason = "bytes seen as floats, and several disjoint maps borrowed from one arena at once"
)]

use crate::map::{Map, MapMut, Slot};

/// `BYTES` bytes, 64-byte aligned, zero at first. What lies in it between two calls of `infer` means nothing.
#[derive(Clone)]
#[repr(C, align(64))]
pub struct Arena<const BYTES: usize> {
    bytes: [u8; BYTES],
}

impl<const BYTES: usize> Arena<BYTES> {
    /// A zeroed arena; const, so that it can be a static.
    pub const fn new() -> Self {
        Self { bytes: [0; BYTES] }
    }

    /// A zeroed arena on the heap, which never passes through the stack.
    #[cfg(feature = "alloc")]
    pub fn boxed() -> alloc::boxed::Box<Self> {
        use alloc::alloc::{Layout, alloc_zeroed, handle_alloc_error};
        let layout = Layout::new::<Self>();
        if layout.size() == 0 {
            // Not `Box::new(Self::new())`, for which a debug build would reserve a whole arena of stack in every instance.
            // SAFETY: a value of size zero needs no memory, only an aligned pointer.
            return unsafe { alloc::boxed::Box::from_raw(core::ptr::NonNull::dangling().as_ptr()) };
        }
        // SAFETY: the layout is not of size zero.
        let arena = unsafe { alloc_zeroed(layout) }.cast::<Self>();
        if arena.is_null() {
            handle_alloc_error(layout);
        }
        // SAFETY: allocated just now by the global allocator with the layout of `Self`, which is plain bytes, of which
        // zero is a valid value.
        unsafe { alloc::boxed::Box::from_raw(arena) }
    }

    /// A zeroed arena on the heap in large pages, where the system has them: the fastest place.
    #[cfg(feature = "alloc")]
    pub fn in_large_pages() -> crate::LargePages<Self> {
        // SAFETY: plain bytes, of which zero is a valid value, and nothing to drop.
        unsafe { crate::LargePages::zeroed() }
    }

    /// Borrows several maps at once: some to read, some to write.
    ///
    /// # Panics
    /// When a slot leaves the arena, or a slot to write overlaps any other. The compiler never emits either.
    #[inline(always)]
    pub fn split<const R: usize, const W: usize>(
        &mut self,
        read: [Slot; R],
        write: [Slot; W],
    ) -> ([Map<'_>; R], [MapMut<'_>; W]) {
        let start = self.bytes.as_mut_ptr().cast::<f32>();
        // SAFETY: so many floats are inside the arena, which is aligned for more than floats; any bytes are floats, and any
        // floats bytes; `self` is borrowed exclusively while the result lives.
        let floats = unsafe { core::slice::from_raw_parts_mut(start, BYTES / size_of::<f32>()) };
        views(floats, &read, &write)
    }
}

/// A band's part of an arena: memory that is its own, for the maps between the steps it makes.
#[derive(Debug)]
pub struct Rings<'a> {
    floats: &'a mut [f32],
}

impl<'a> Rings<'a> {
    /// These floats, the first at a multiple of 64 bytes in its arena.
    #[inline]
    pub(crate) const fn new(floats: &'a mut [f32]) -> Self {
        Self { floats }
    }

    /// As [`Arena::split`], with slots counted from where the band's part begins.
    ///
    /// # Panics
    /// As there.
    #[inline(always)]
    pub fn split<const R: usize, const W: usize>(
        &mut self,
        read: [Slot; R],
        write: [Slot; W],
    ) -> ([Map<'_>; R], [MapMut<'_>; W]) {
        views(self.floats, &read, &write)
    }
}

/// Several maps of one piece of memory. Out of line: networks call it for every layer.
#[inline(never)]
fn views<'a, const R: usize, const W: usize>(
    memory: &'a mut [f32],
    read: &[Slot; R],
    write: &[Slot; W],
) -> ([Map<'a>; R], [MapMut<'a>; W]) {
    let bytes = size_of_val(memory);
    let mut i = 0;
    while i < W {
        assert!(write[i].end_bytes() <= bytes, "a slot leaves the arena");
        let mut j = 0;
        while j < R {
            assert!(
                disjoint(write[i], read[j]),
                "a slot to write overlaps one to read"
            );
            j += 1;
        }
        let mut j = 0;
        while j < i {
            assert!(disjoint(write[i], write[j]), "two slots to write overlap");
            j += 1;
        }
        i += 1;
    }
    let start = memory.as_mut_ptr().cast::<u8>();
    let maps = read.map(|slot| {
        assert!(slot.end_bytes() <= bytes, "a slot leaves the arena");
        // SAFETY: the slot is inside the memory (asserted), aligned for f32 (the memory is, the offset to 64 by
        // `Slot::new`), and nothing writes it while the result lives: the slots to write are disjoint from it (asserted)
        // and `memory` is borrowed exclusively.
        let data = unsafe {
            core::slice::from_raw_parts(start.add(slot.offset()).cast::<f32>(), slot.floats())
        };
        Map::in_slot(data, &slot)
    });
    let windows = write.map(|slot| {
        // SAFETY: as above; and no other slot, read or written, shares a byte with this one (asserted).
        let data = unsafe {
            core::slice::from_raw_parts_mut(start.add(slot.offset()).cast::<f32>(), slot.floats())
        };
        MapMut::in_slot(data, &slot)
    });
    (maps, windows)
}

impl<const BYTES: usize> Default for Arena<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

#[inline]
const fn disjoint(a: Slot, b: Slot) -> bool {
    a.end_bytes() <= b.offset() || b.end_bytes() <= a.offset()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Slot = Slot::new(0, 2, 2, 4);
    const B: Slot = Slot::new(64, 1, 1, 16);

    #[test]
    fn maps_lie_where_their_slots_say() {
        let mut arena = Arena::<128>::new();
        let ([], [mut a, mut b]) = arena.split([], [A, B]);
        a.as_mut_slice().fill(1.0);
        b.as_mut_slice().fill(2.0);
        let ([a, b], []) = arena.split([A, B], []);
        assert_eq!((a.data(), b.data()), (&[1.0; 16][..], &[2.0; 16][..]));
        assert_eq!((a.height(), a.width(), a.channels()), (2, 2, 4));
        assert_eq!(a.data().as_ptr().addr() % 64, 0);
    }

    #[test]
    #[should_panic(expected = "overlaps one to read")]
    fn a_written_slot_is_not_read() {
        Arena::<128>::new().split([A], [Slot::new(0, 1, 1, 1)]);
    }

    #[test]
    #[should_panic(expected = "two slots to write overlap")]
    fn written_slots_are_disjoint() {
        Arena::<128>::new().split([], [A, Slot::new(0, 1, 1, 17)]);
    }

    #[test]
    #[should_panic(expected = "leaves the arena")]
    fn a_slot_is_inside() {
        Arena::<64>::new().split([Slot::new(64, 1, 1, 1)], []);
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn a_boxed_arena_may_be_larger_than_the_stack() {
        let mut arena = Arena::<{ 64 << 20 }>::boxed();
        let ([map], []) = arena.split([Slot::new(0, 1, 1, 16 << 20)], []);
        assert!(map.data().iter().all(|v| *v == 0.0));
    }
}

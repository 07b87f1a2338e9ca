//! Views of maps: height x width x channels, channels innermost (NHWC, batch 1).
//! In: a slice or a place in an arena. Out: bounds-checked pieces of it. Never: computes.
//!
//! [`MapMut`] is the one view here that rests on a raw pointer: it stands for a *window* of a map (some rows, some
//! channels), and two windows of one map interleave in memory, which no `&mut [f32]` can express.
#![expect(
    unsafe_code,
    reason = "disjoint windows of one map interleave in memory: they share a raw pointer"
)]

use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;

use crate::strips::{Band, Strips};

/// A shared view of a whole map, or of the rows of it that a ring still holds (see [`Slot::ring`]).
#[derive(Clone, Copy, Debug)]
pub struct Map<'a, T = f32> {
    data: &'a [T],
    height: usize,
    width: usize,
    channels: usize,
    ring: Ring,
}

/// Where the rows of a map lie in memory: row `i` is the `(i + shift) % rows`-th there. With as many rows as the map has,
/// they lie in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ring {
    rows: usize,
    shift: usize,
}

impl Ring {
    /// Memory for all `height` rows.
    const fn whole(height: usize) -> Self {
        Self {
            rows: height,
            shift: 0,
        }
    }

    /// Whether it is memory for less than a whole map of `height` rows.
    #[inline(always)]
    const fn is_part_of(&self, height: usize) -> bool {
        self.rows < height
    }

    /// The place in memory of row `i` of a map of `height` rows.
    #[inline(always)]
    const fn place(&self, i: usize, height: usize) -> usize {
        if self.is_part_of(height) {
            (i + self.shift) % self.rows
        } else {
            i
        }
    }

    /// The place of the first of `rows`, which must be neighbours in memory too.
    #[inline(always)]
    const fn place_of_all(&self, first: usize, end: usize, height: usize) -> usize {
        let place = self.place(first, height);
        assert!(
            end - first <= self.rows - place,
            "rows that do not lie side by side in their ring"
        );
        place
    }
}

impl<'a, T> Map<'a, T> {
    /// The map whose elements are `data`: rows of pixels of channels.
    ///
    /// # Panics
    /// When `data` is not `height * width * channels` long.
    #[inline]
    pub const fn new(data: &'a [T], height: usize, width: usize, channels: usize) -> Self {
        assert!(
            data.len() == elements(height, width, channels),
            "a map's data must be height x width x channels long"
        );
        Self {
            data,
            height,
            width,
            channels,
            ring: Ring::whole(height),
        }
    }

    /// Height, width, channels.
    #[inline]
    pub const fn shape(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    /// Rows.
    #[inline]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// Pixels in a row.
    #[inline]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Elements in a pixel.
    #[inline]
    pub const fn channels(&self) -> usize {
        self.channels
    }

    /// All elements, row by row, pixel by pixel.
    ///
    /// # Panics
    /// When the map's memory is a ring, which never holds all of them.
    #[inline]
    pub const fn data(&self) -> &'a [T] {
        assert!(
            !self.ring.is_part_of(self.height),
            "a ring does not hold all of its map"
        );
        self.data
    }

    /// The pixels of row `i`.
    #[inline]
    pub fn row(&self, i: usize) -> &'a [T] {
        let length = self.width * self.channels;
        &self.data[self.ring.place(i, self.height) * length..][..length]
    }

    /// The pixels of several rows that are neighbours in memory.
    ///
    /// # Panics
    /// When a ring's end is between them.
    #[inline]
    pub(crate) fn rows(&self, rows: Range<usize>) -> &'a [T] {
        let length = self.width * self.channels;
        let place = self.ring.place_of_all(rows.start, rows.end, self.height);
        &self.data[place * length..][..(rows.end - rows.start) * length]
    }

    /// How many of the rows from `first` on lie side by side.
    #[inline]
    pub(crate) const fn side_by_side(&self, first: usize) -> usize {
        self.ring.rows - self.ring.place(first, self.height)
    }
}

impl<'a> Map<'a> {
    /// The map of a slot, whose memory is `data`.
    #[inline]
    pub(crate) const fn in_slot(data: &'a [f32], slot: &Slot) -> Self {
        assert!(
            data.len() == slot.floats(),
            "a slot's memory has its length"
        );
        Self {
            data,
            height: slot.height as usize,
            width: slot.width as usize,
            channels: slot.channels as usize,
            ring: slot.ring_of(),
        }
    }
}

/// The window of an output map that a kernel is to make: rows `rows()` at full width, of each pixel the channels
/// `window_channels()`.
///
/// A kernel computes exactly this window and writes nothing else. Row and channel numbers are always those of the
/// whole map. A window's first channel is a multiple of 16, so a panel of weights is never cut at its front.
#[derive(Debug)]
pub struct MapMut<'a> {
    /// The map's memory.
    start: NonNull<f32>,
    height: usize,
    width: usize,
    channels: usize,
    rows: [usize; 2],
    /// The place in memory of the window's first row; the others lie behind it.
    place: usize,
    window: [usize; 2],
    /// The exclusive borrow of the window's elements.
    lifetime: PhantomData<&'a mut [f32]>,
}

// SAFETY: a `MapMut` is an exclusive borrow of plain floats, as `&mut [f32]` is, and that is `Send`; no two live
// `MapMut`s share an element (see `new`, `rows`, `channels`, `split_rows`, `reborrow`).
unsafe impl Send for MapMut<'_> {}

// SAFETY: through a shared `MapMut` its elements can only be read (`as_map`), as through a shared `&mut [f32]`.
unsafe impl Sync for MapMut<'_> {}

impl<'a> MapMut<'a> {
    /// A window that is the whole map with these elements.
    ///
    /// # Panics
    /// When `data` is not `height * width * channels` long.
    #[inline]
    pub const fn new(data: &'a mut [f32], height: usize, width: usize, channels: usize) -> Self {
        assert!(
            data.len() == elements(height, width, channels),
            "a map's data must be height x width x channels long"
        );
        let start = match NonNull::new(data.as_mut_ptr()) {
            Some(start) => start,
            None => panic!("a slice is never at null"),
        };
        Self {
            start,
            height,
            width,
            channels,
            rows: [0, height],
            place: 0,
            window: [0, channels],
            lifetime: PhantomData,
        }
    }

    /// The slot's window of its map; `data` is the slot's memory.
    #[inline]
    pub(crate) fn in_slot(data: &'a mut [f32], slot: &Slot) -> Self {
        assert!(
            data.len() == slot.floats(),
            "a slot's memory has its length"
        );
        let [first, end] = slot.rows.map(|row| row as usize);
        let height = slot.height as usize;
        let channels = slot.channels as usize;
        Self {
            start: NonNull::from(data).cast(),
            height,
            width: slot.width as usize,
            channels,
            rows: [first, end],
            place: slot.ring_of().place_of_all(first, end, height),
            window: [0, channels],
            lifetime: PhantomData,
        }
    }

    /// Height, width and channels of the whole map.
    #[inline]
    pub const fn shape(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    /// Rows of the whole map.
    #[inline]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// Pixels in a row.
    #[inline]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Channels of the whole map.
    #[inline]
    pub const fn depth(&self) -> usize {
        self.channels
    }

    /// The rows of the window.
    #[inline]
    pub const fn window_rows(&self) -> Range<usize> {
        self.rows[0]..self.rows[1]
    }

    /// The channels of the window.
    #[inline]
    pub const fn window_channels(&self) -> Range<usize> {
        self.window[0]..self.window[1]
    }

    /// Whether the window is the whole map.
    #[inline]
    pub const fn is_whole(&self) -> bool {
        self.rows[0] == 0 && self.rows[1] == self.height && self.has_all_channels()
    }

    /// Whether the window has every channel of its rows, which then lie in one piece.
    #[inline]
    pub const fn has_all_channels(&self) -> bool {
        self.window[0] == 0 && self.window[1] == self.channels
    }

    /// Narrows the window to these rows.
    ///
    /// # Panics
    /// When they are not within the window.
    #[inline]
    #[must_use]
    pub const fn rows(mut self, rows: Range<usize>) -> Self {
        assert!(
            self.rows[0] <= rows.start && rows.start <= rows.end && rows.end <= self.rows[1],
            "rows outside the window"
        );
        self.place += rows.start - self.rows[0];
        self.rows = [rows.start, rows.end];
        self
    }

    /// Narrows the window to these channels.
    ///
    /// # Panics
    /// When they are not within the window, or the first is not a multiple of 16.
    #[inline]
    #[must_use]
    pub const fn channels(mut self, channels: Range<usize>) -> Self {
        assert!(
            self.window[0] <= channels.start
                && channels.start <= channels.end
                && channels.end <= self.window[1],
            "channels outside the window"
        );
        assert!(
            channels.start.is_multiple_of(16),
            "a window's first channel is a multiple of 16"
        );
        self.window = [channels.start, channels.end];
        self
    }

    /// Two windows: the rows before `row`, and those from it on.
    ///
    /// # Panics
    /// When `row` is not within the window.
    #[inline]
    pub const fn split_rows(self, row: usize) -> (Self, Self) {
        assert!(
            self.rows[0] <= row && row <= self.rows[1],
            "row outside the window"
        );
        let below = Self {
            rows: [row, self.rows[1]],
            place: self.place + (row - self.rows[0]),
            lifetime: PhantomData,
            ..self
        };
        let above = Self {
            rows: [self.rows[0], row],
            lifetime: PhantomData,
            ..self
        };
        (above, below)
    }

    /// The same window, borrowed for a shorter time.
    #[inline]
    pub const fn reborrow(&mut self) -> MapMut<'_> {
        MapMut {
            lifetime: PhantomData,
            ..*self
        }
    }

    /// The same window once more.
    ///
    /// # Safety
    /// While both are there, no element may be touched through one that is touched through the other.
    #[inline]
    #[cfg(feature = "std")]
    pub(crate) const unsafe fn again(&self) -> MapMut<'_> {
        MapMut {
            lifetime: PhantomData,
            ..*self
        }
    }

    /// Pixels in the window.
    #[inline(always)]
    pub(crate) const fn pixels(&self) -> usize {
        (self.rows[1] - self.rows[0]) * self.width
    }

    /// The window's channels of its pixel `p`, counted from the window's first row.
    #[inline(always)]
    pub fn pixel(&mut self, p: usize) -> &mut [f32] {
        assert!(p < self.pixels(), "pixel outside the window");
        let at = (self.place * self.width + p) * self.channels + self.window[0];
        // SAFETY: the elements are inside the memory that `start` was borrowed from: p is of a row of the window (by the
        // assertion), all rows of the window lie there from `place` on (by `new`, `in_slot` and `rows`), channels
        // window[0]..window[1] <= channels (by `channels`); they are initialised floats; and they belong to this window
        // alone, which `&mut self` borrows exclusively.
        unsafe {
            core::slice::from_raw_parts_mut(
                self.start.add(at).as_ptr(),
                self.window[1] - self.window[0],
            )
        }
    }

    /// The element of the map's memory that is channel `c` of the window's pixel `p`, after checking that the window has
    /// `lanes` channels there, of `count` pixels.
    #[inline(always)]
    fn check_vectors(&self, p: usize, count: usize, c: usize, lanes: usize) -> usize {
        assert!(
            p <= self.pixels() && count <= self.pixels() - p,
            "pixels outside the window"
        );
        assert!(
            c <= self.window[1] - self.window[0] && lanes <= self.window[1] - self.window[0] - c,
            "channels outside the window"
        );
        (self.place * self.width + p) * self.channels + self.window[0] + c
    }

    /// `lanes` channels, from the window's channel `c` on, of `count` pixels (not none) from the window's pixel `p` on.
    #[inline(always)]
    pub(crate) fn vectors(
        &mut self,
        p: usize,
        count: usize,
        c: usize,
        lanes: usize,
    ) -> VectorsMut<'_> {
        let at = self.check_vectors(p, count, c, lanes);
        assert!(count > 0, "no pixels");
        VectorsMut {
            // SAFETY: there is a pixel p, and element `at` is its channel `c`, inside the map that `start` was borrowed
            // from (see `pixel`).
            start: unsafe { self.start.add(at) },
            stride: self.channels,
            count,
            lanes,
            lifetime: PhantomData,
        }
    }

    /// H x `count` pixels, the first of them column `j` of row `i`, whose channels `channels` are to be taken panel by panel.
    #[inline(always)]
    pub(crate) fn panels<const H: usize>(
        &mut self,
        [i, j]: [usize; 2],
        count: usize,
        channels: &Range<usize>,
    ) -> PanelsMut<'_, H> {
        let ([first, end], [front, back]) = (self.rows, self.window);
        const { assert!(H > 0, "no rows") };
        assert!(count > 0, "no pixels");
        assert!(
            first <= i && i <= end && H <= end - i,
            "rows outside the window"
        );
        assert!(
            j <= self.width && count <= self.width - j,
            "columns outside the map"
        );
        assert!(
            front <= channels.start && channels.start <= channels.end && channels.end <= back,
            "channels outside the window"
        );
        let at = ((self.place + i - first) * self.width + j) * self.channels + channels.start;
        PanelsMut {
            // SAFETY: there is a pixel (i, j), whose channels these are, in the window and so inside the map that `start` was
            // borrowed from (see `pixel`); without channels, `at` is behind the pixel's last at most.
            start: unsafe { self.start.add(at) },
            row: self.width * self.channels,
            stride: self.channels,
            count,
            left: channels.end - channels.start,
            lifetime: PhantomData,
        }
    }

    /// What lies at the same place as [`vectors`](Self::vectors) in a map of the same shape, or in this one if `other`
    /// is none.
    #[inline(always)]
    pub(crate) fn vectors_of<'b>(
        &'b self,
        other: Option<Map<'b>>,
        p: usize,
        count: usize,
        c: usize,
        lanes: usize,
    ) -> Vectors<'b> {
        let at = self.check_vectors(p, count, c, lanes);
        assert!(count > 0, "no pixels");
        let (start, at) = match other {
            Some(map) => {
                assert!(map.shape() == self.shape(), "maps of different shapes");
                let [first, end] = self.rows;
                let place = map.ring.place_of_all(first, end, self.height);
                let from_start = at - self.place * self.width * self.channels;
                let at = place * self.width * self.channels + from_start;
                (NonNull::from(map.data).cast(), at)
            }
            None => (self.start, at),
        };
        Vectors {
            // SAFETY: as in `vectors`; of another map of this shape, the window's rows lie in its memory from `place` on.
            start: unsafe { start.add(at) },
            stride: self.channels,
            count,
            lanes,
            lifetime: PhantomData,
        }
    }

    /// In how few contiguous runs the window's elements lie: one, or one for each pixel.
    #[inline(always)]
    pub(crate) fn runs(&self) -> usize {
        if self.has_all_channels() {
            1
        } else {
            self.pixels()
        }
    }

    /// Run `n` of the window's elements.
    #[inline(always)]
    pub(crate) fn run(&mut self, n: usize) -> &mut [f32] {
        if self.has_all_channels() {
            self.block().expect("it has every channel")
        } else {
            self.pixel(n)
        }
    }

    /// The elements of another map, equal in shape, that lie where run `n` of the window lies in this one.
    #[inline(always)]
    pub(crate) fn same_run<'b>(&self, other: Map<'b>, n: usize) -> &'b [f32] {
        let rows = other.rows(self.window_rows());
        if self.has_all_channels() {
            rows
        } else {
            &rows[n * self.channels..][self.window[0]..self.window[1]]
        }
    }

    /// All elements of the window when it has every channel, so that they lie in one piece.
    #[inline]
    pub fn block(&mut self) -> Option<&mut [f32]> {
        if !self.has_all_channels() {
            return None;
        }
        let row = self.width * self.channels;
        // SAFETY: the window's rows lie from `place` on in the memory that `start` was borrowed from (see `pixel`),
        // initialised floats; with every channel in the window all of them belong to it alone, and `&mut self` borrows it
        // exclusively.
        Some(unsafe {
            core::slice::from_raw_parts_mut(
                self.start.add(self.place * row).as_ptr(),
                (self.rows[1] - self.rows[0]) * row,
            )
        })
    }

    /// All elements of the map.
    ///
    /// # Panics
    /// When the window is not the whole map.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        assert!(self.is_whole(), "the window is not the whole map");
        self.block().expect("a whole map has every channel")
    }

    /// A shared view of the map, to be the next kernel's input.
    ///
    /// # Panics
    /// When the window is not the whole map.
    #[inline(never)]
    pub fn as_map(&self) -> Map<'_> {
        assert!(self.is_whole(), "the window is not the whole map");
        // SAFETY: the window is the whole map that `start` was borrowed from, initialised floats, and `&self` keeps
        // them from being written while the result lives.
        let data = unsafe {
            core::slice::from_raw_parts(
                self.start.as_ptr(),
                self.height * self.width * self.channels,
            )
        };
        Map::new(data, self.height, self.width, self.channels)
    }
}

/// `count` runs of `length` elements, `stride` elements apart: checked once for all, so that reading them is not.
#[derive(Clone, Copy)]
pub(crate) struct Runs<'a> {
    from: &'a [f32],
    stride: usize,
    count: usize,
    length: usize,
}

impl<'a> Runs<'a> {
    #[inline(always)]
    pub(crate) fn new(from: &'a [f32], stride: usize, count: usize, length: usize) -> Self {
        assert!(
            length <= from.len() && (count - 1).saturating_mul(stride) <= from.len() - length,
            "strided runs leave their slice"
        );
        Self {
            from,
            stride,
            count,
            length,
        }
    }

    /// How many elements a run has.
    #[allow(dead_code, reason = "only some instruction sets take four at a time")]
    #[inline(always)]
    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// The elements `4 k..4 k + 4` of run `n`. The checks vanish where `n` is a constant and `k` counts up to a quarter
    /// of the length.
    #[allow(dead_code, reason = "only some instruction sets take four at a time")]
    #[inline(always)]
    pub(crate) fn four(&self, n: usize, k: usize) -> &'a [f32; 4] {
        assert!(
            n < self.count && k < self.length / 4,
            "past the last element"
        );
        // SAFETY: n < count and 4 k + 4 <= length, so n * stride + 4 k + 4 <= (count - 1) * stride + length <= the slice's
        // length (by `new`); an array of floats lies as they do.
        unsafe { &*self.from.as_ptr().add(n * self.stride + 4 * k).cast() }
    }

    /// Element `k` of run `n`. The checks vanish where `n` is a constant and `k` counts up to the length.
    #[inline(always)]
    pub(crate) fn get(&self, n: usize, k: usize) -> f32 {
        assert!(n < self.count && k < self.length, "past the last element");
        // SAFETY: n < count and k < length, so n * stride + k < (count - 1) * stride + length <= the slice's length (by
        // `new`).
        unsafe { *self.from.get_unchecked(n * self.stride + k) }
    }

    /// Run `n`. The check vanishes where `n` and the count are constants.
    #[inline(always)]
    pub(crate) fn run(&self, n: usize) -> &'a [f32] {
        assert!(n < self.count, "past the last run");
        // SAFETY: n < count, so n * stride + length <= (count - 1) * stride + length <= the slice's length (by `new`).
        unsafe { core::slice::from_raw_parts(self.from.as_ptr().add(n * self.stride), self.length) }
    }

    /// Elements `N * q` to `N * q + N` of run `n`. The checks vanish where `n` is a constant and `q` counts up to the
    /// length over `N`.
    #[inline(always)]
    pub(crate) fn chunk<const N: usize>(&self, n: usize, q: usize) -> &'a [f32; N] {
        assert!(
            n < self.count && q < self.length / N,
            "past the last elements"
        );
        // SAFETY: n < count and N * q + N <= length, so these N floats are in run n, which is in the slice (by `new`).
        unsafe { &*self.from.as_ptr().add(n * self.stride + N * q).cast() }
    }
}

/// Channels of `count` neighbouring pixels: checked once for all, so that reading them is not.
pub(crate) struct Vectors<'a> {
    start: NonNull<f32>,
    stride: usize,
    count: usize,
    lanes: usize,
    lifetime: PhantomData<&'a [f32]>,
}

impl<'a> Vectors<'a> {
    /// The channels of pixel `n`. The check vanishes where `n` and the count are constants.
    #[inline(always)]
    pub(crate) fn get(&self, n: usize) -> &'a [f32] {
        assert!(n < self.count, "past the last vector");
        // SAFETY: n < count, so by `MapMut::vectors_of` these floats are in the map that it borrowed.
        unsafe { core::slice::from_raw_parts(self.start.add(n * self.stride).as_ptr(), self.lanes) }
    }
}

/// Channels of H rows of `count` neighbouring pixels of a window, of which the first are taken one panel after the other.
pub(crate) struct PanelsMut<'a, const H: usize> {
    start: NonNull<f32>,
    row: usize,
    stride: usize,
    count: usize,
    left: usize,
    lifetime: PhantomData<&'a mut [f32]>,
}

impl<'a, const H: usize> PanelsMut<'a, H> {
    /// The next channels: `lanes` of them.
    #[inline(always)]
    pub(crate) fn take(&mut self, lanes: usize) -> [VectorsMut<'a>; H] {
        assert!(lanes <= self.left, "channels outside the window");
        let start = self.start;
        // SAFETY: so many channels are left, so what follows them is inside the map or just behind it.
        self.start = unsafe { start.add(lanes) };
        self.left -= lanes;
        core::array::from_fn(|h| VectorsMut {
            // SAFETY: h < H, so the row is in the window (by `MapMut::panels`). No two calls give out the same channel.
            start: unsafe { start.add(h * self.row) },
            stride: self.stride,
            count: self.count,
            lanes,
            lifetime: PhantomData,
        })
    }
}

/// Channels of `count` neighbouring pixels of a window: checked once for all, so that writing them is not.
pub(crate) struct VectorsMut<'a> {
    start: NonNull<f32>,
    stride: usize,
    count: usize,
    lanes: usize,
    lifetime: PhantomData<&'a mut [f32]>,
}

impl VectorsMut<'_> {
    /// The channels of pixel `n`. The check vanishes where `n` and the count are constants.
    #[inline(always)]
    pub(crate) fn get(&mut self, n: usize) -> &mut [f32] {
        assert!(n < self.count, "past the last vector");
        // SAFETY: n < count, so by `MapMut::vectors` or `panels` these floats are in the window that it borrowed exclusively, and
        // `&mut self` borrows them from it.
        unsafe {
            core::slice::from_raw_parts_mut(self.start.add(n * self.stride).as_ptr(), self.lanes)
        }
    }
}

impl<'a> Iterator for VectorsMut<'a> {
    type Item = &'a mut [f32];

    /// The channels of the first pixel, which is the caller's from then on.
    #[inline(always)]
    fn next(&mut self) -> Option<&'a mut [f32]> {
        if self.count == 0 {
            return None;
        }
        let first = self.start;
        self.count -= 1;
        if self.count > 0 {
            // SAFETY: there is another pixel.
            self.start = unsafe { first.add(self.stride) };
        }
        // SAFETY: there was a pixel, so by `MapMut::vectors` or `panels` these floats are in the window that it borrowed
        // exclusively, and this has given them away.
        Some(unsafe { core::slice::from_raw_parts_mut(first.as_ptr(), self.lanes) })
    }
}

/// Where a map of `f32` lies in an [`Arena`](crate::Arena), and the rows of it that are to be made.
///
/// Networks have a constant of this type for each map, and copy it at every use: its numbers are half as long as they might
/// be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// In units of [`ALIGNMENT`].
    offset: u32,
    height: u32,
    width: u32,
    channels: u32,
    /// Rows there is memory for, and the shift (see [`Ring`]).
    ring: [u32; 2],
    /// The first row that is to be made, and the end: of the whole map, of a band, or of a strip.
    rows: [u32; 2],
    /// The strips of these rows (see [`Strips`]).
    step: u32,
    lead: i32,
    /// Rows that a band needs above those in its own place.
    above: u32,
}

/// Bytes at a multiple of which a slot starts.
const ALIGNMENT: usize = 64;

/// A number of a slot.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "it is checked")]
const fn short(n: usize) -> u32 {
    assert!(n <= u32::MAX as usize, "a slot's numbers have 32 bits");
    n as u32
}

/// A number of a slot that may be negative.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "it is checked")]
const fn short_signed(n: isize) -> i32 {
    assert!(
        i32::MIN as isize <= n && n <= i32::MAX as isize,
        "a slot's numbers have 32 bits"
    );
    n as i32
}

impl Slot {
    /// A map of `height` x `width` x `channels` floats from byte `offset_bytes` on.
    ///
    /// # Panics
    /// When the offset is not a multiple of 64.
    pub const fn new(offset_bytes: usize, height: usize, width: usize, channels: usize) -> Self {
        assert!(
            offset_bytes.is_multiple_of(ALIGNMENT),
            "a slot starts at a multiple of 64 bytes"
        );
        assert!(
            elements(height, width, channels) <= (usize::MAX - offset_bytes) / 4,
            "a slot ends within the address space"
        );
        Self {
            offset: short(offset_bytes / ALIGNMENT),
            height: short(height),
            width: short(width),
            channels: short(channels),
            ring: [short(height), 0],
            rows: [0, short(height)],
            step: short(height),
            lead: 0,
            above: 0,
        }
    }

    /// The same map, made in strips: `step` rows in each, `lead` more in the first (see [`Strips`]).
    #[must_use]
    pub const fn strips(mut self, step: usize, lead: isize) -> Self {
        self.step = short(step);
        self.lead = short_signed(lead);
        self
    }

    /// The same map, of which a band needs so many rows above those in its own place.
    #[must_use]
    pub const fn halo(mut self, above: usize) -> Self {
        self.above = short(above);
        self
    }

    /// The same map as one band of the group's last map has it: with strips of the rows that it needs, in a ring of its own.
    #[inline(never)]
    #[must_use]
    pub fn of(mut self, band: Band) -> Self {
        let strips = self.made().of(band, self.above as usize);
        let ring = self.ring_of();
        if ring.is_part_of(self.height as usize) {
            self.ring[1] = short(strips.shift(ring.rows));
        }
        self.lead = short_signed(strips.lead);
        let [first, end] = strips.rows;
        self.rows(first..end)
    }

    /// The slot to be written in the rows of one of its strips alone.
    #[inline]
    #[must_use]
    pub fn strip(self, strip: usize) -> Self {
        self.rows(self.made().rows(strip))
    }

    /// The same map with memory for `rows` rows alone: row `i` lies where row `i - rows` did, in the place
    /// `(i + shift) % rows`.
    /// ```text
    ///   a ring of 4 rows, shift 1:   place 0   row 3, then 7
    ///                                place 1   row 0, then 4
    ///                                place 2   row 1, then 5
    ///                                place 3   row 2, then 6
    /// ```
    /// A window of it is some rows that lie side by side.
    ///
    /// # Panics
    /// When `rows` is none, or not less than the map has.
    #[must_use]
    pub const fn ring(mut self, rows: usize, shift: usize) -> Self {
        assert!(
            0 < rows && rows < self.height as usize,
            "a ring has rows, and less than its map"
        );
        self.ring = [short(rows), short(shift)];
        self
    }

    /// The slot to be written in these rows alone.
    ///
    /// # Panics
    /// When the map has no such rows.
    #[inline]
    #[must_use]
    pub const fn rows(mut self, rows: Range<usize>) -> Self {
        assert!(
            rows.start <= rows.end && rows.end <= self.height as usize,
            "rows outside the map"
        );
        self.rows = [short(rows.start), short(rows.end)];
        self
    }

    /// Floats in the slot.
    #[inline]
    pub const fn floats(&self) -> usize {
        self.ring[0] as usize * self.width as usize * self.channels as usize
    }

    /// How its rows lie in its memory.
    #[inline(always)]
    const fn ring_of(&self) -> Ring {
        let [rows, shift] = self.ring;
        Ring {
            rows: rows as usize,
            shift: shift as usize,
        }
    }

    /// The strips in which its rows are made.
    #[inline(always)]
    const fn made(&self) -> Strips {
        let [first, end] = self.rows;
        Strips {
            rows: [first as usize, end as usize],
            step: self.step as usize,
            lead: self.lead as isize,
        }
    }

    /// The slot's first byte.
    #[inline]
    pub(crate) const fn offset(&self) -> usize {
        self.offset as usize * ALIGNMENT
    }

    /// The byte behind the slot's last.
    #[inline]
    pub const fn end_bytes(&self) -> usize {
        self.offset() + 4 * self.floats()
    }
}

/// height x width x channels; a product that does not fit must not pass for a small one.
#[inline(always)]
const fn elements(height: usize, width: usize, channels: usize) -> usize {
    let Some(pixels) = height.checked_mul(width) else {
        panic!("a map has fewer elements than there are addresses")
    };
    let Some(elements) = pixels.checked_mul(channels) else {
        panic!("a map has fewer elements than there are addresses")
    };
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a map has fewer elements than there are addresses")]
    fn a_product_that_overflows_is_no_length() {
        MapMut::new(&mut [], 1 << 62, 1, 4);
    }

    #[test]
    #[should_panic(expected = "a slot's numbers have 32 bits")]
    fn a_slot_has_no_number_of_more_than_32_bits() {
        Slot::new(0, 1 << 32, 1, 0);
    }

    #[test]
    #[should_panic(expected = "a slot's numbers have 32 bits")]
    fn a_lead_has_32_bits_and_a_sign() {
        let _ = Slot::new(0, 9, 1, 1).strips(1, -(1 << 31) - 1);
    }

    #[test]
    fn a_band_has_strips_and_a_ring_of_its_own() {
        let slot = Slot::new(0, 8, 1, 1).ring(4, 1).strips(2, 1).halo(1);
        let below = slot.of(Band::new(4..8, 2, 0));
        for (strip, rows) in [3..7, 7..8].into_iter().enumerate() {
            let mut data = [0.0; 4];
            let window = MapMut::in_slot(&mut data, &below.strip(strip));
            assert_eq!(window.window_rows(), rows);
        }
        assert_eq!(slot.of(Band::new(0..8, 2, 0)), slot);
    }

    #[test]
    #[should_panic(expected = "a slot ends within the address space")]
    fn a_slot_that_ends_nowhere_is_none() {
        Slot::new(64, 1 << 62, 1, 1);
    }

    #[test]
    fn rows_of_a_ring_take_the_place_of_older_ones() {
        let slot = Slot::new(0, 9, 2, 1).ring(4, 1).strips(2, 1);
        let mut data = [0.0; 8];
        for (strip, rows) in [0..3, 3..5, 5..7, 7..9].into_iter().enumerate() {
            let mut window = MapMut::in_slot(&mut data, &slot.strip(strip));
            assert_eq!(window.window_rows(), rows);
            for p in 0..window.pixels() {
                window.pixel(p).fill((rows.start * 2 + p) as f32);
            }
            let map = Map::in_slot(&data, &slot);
            let first = rows.end.saturating_sub(4);
            for row in first..rows.end {
                assert_eq!(map.row(row), [(row * 2) as f32, (row * 2 + 1) as f32]);
            }
            assert_eq!(map.rows(rows.clone()).len(), 2 * rows.len());
            assert!(map.side_by_side(rows.start) >= rows.len());
        }
    }

    #[test]
    fn a_window_of_a_ring_may_be_narrowed() {
        let mut data = [0.0; 4];
        let slot = Slot::new(0, 9, 1, 1).ring(4, 1).rows(3..7);
        let window = MapMut::in_slot(&mut data, &slot);
        let (_, below) = window.split_rows(4);
        below.rows(5..6).pixel(0).fill(1.0);
        assert_eq!(data, [0.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn what_lies_beside_a_window_is_found_in_another_ring() {
        let of: std::vec::Vec<f32> = (0..6).map(|i| i as f32).collect();
        let other = Map::in_slot(&of, &Slot::new(0, 9, 2, 1).ring(3, 2));
        let mut data = [0.0; 8];
        let window = MapMut::in_slot(&mut data, &Slot::new(0, 9, 2, 1).ring(4, 0).rows(4..6));
        assert_eq!(window.same_run(other, 0), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(window.vectors_of(Some(other), 3, 1, 0, 1).get(0), [3.0]);
    }

    #[test]
    #[should_panic(expected = "rows that do not lie side by side")]
    fn a_window_of_a_ring_is_in_one_piece() {
        let slot = Slot::new(0, 9, 1, 1).ring(4, 1).rows(2..4);
        MapMut::in_slot(&mut [0.0; 4], &slot);
    }

    #[test]
    #[should_panic(expected = "a ring does not hold all of its map")]
    fn a_ring_is_no_whole_map() {
        let _ = Map::in_slot(&[0.0; 4], &Slot::new(0, 9, 1, 1).ring(4, 1)).data();
    }

    #[test]
    fn a_pixel_is_the_windows_part_of_it() {
        let mut data: std::vec::Vec<f32> = (0..2 * 3 * 20).map(|i| i as f32).collect();
        let mut window = MapMut::new(&mut data, 2, 3, 20).rows(1..2).channels(16..18);
        assert_eq!(
            window.pixel(2),
            [(5 * 20 + 16) as f32, (5 * 20 + 17) as f32]
        );
        assert!(window.block().is_none());
    }

    #[test]
    fn panels_are_taken_one_after_the_other() {
        let mut data = [0.0; 3 * 4 * 20];
        let mut window = MapMut::new(&mut data, 3, 4, 20).rows(1..3);
        let mut panels = window.panels::<2>([1, 2], 2, &(0..20));
        let (mut whole, mut part) = (panels.take(16), panels.take(4));
        whole[1].get(0).fill(1.0);
        part[0].get(1).fill(2.0);
        let place = |i: usize, j: usize, c: usize| (i * 4 + j) * 20 + c;
        assert_eq!(data[place(2, 2, 0)..place(2, 2, 16)], [1.0; 16]);
        assert_eq!(data[place(1, 3, 16)..place(1, 3, 20)], [2.0; 4]);
        let written = data.iter().filter(|&&x| x != 0.0).count();
        assert_eq!(written, 20);
    }

    #[test]
    fn vectors_are_given_away_one_by_one() {
        let mut data = [0.0; 5 * 20];
        let mut map = MapMut::new(&mut data, 1, 5, 20);
        let vectors: std::vec::Vec<_> = map.vectors(1, 3, 2, 4).collect();
        assert_eq!(vectors.len(), 3);
        for (n, vector) in vectors.into_iter().enumerate() {
            vector.fill(n as f32 + 1.0);
        }
        for (pixel, expected) in data.chunks(20).zip([0.0, 1.0, 2.0, 3.0, 0.0]) {
            assert_eq!(pixel[2..6], [expected; 4]);
            assert_eq!([pixel[1], pixel[6]], [0.0; 2]);
        }
    }

    #[test]
    #[should_panic(expected = "rows outside the window")]
    fn panels_end_where_the_windows_rows_do() {
        let mut data = [0.0; 3 * 4];
        let mut window = MapMut::new(&mut data, 3, 4, 1).rows(0..2);
        let _ = window.panels::<2>([1, 0], 4, &(0..1));
    }

    #[test]
    #[should_panic(expected = "no pixels")]
    fn panels_have_pixels() {
        let mut data = [0.0; 3 * 4];
        let _ = MapMut::new(&mut data, 3, 4, 1).panels::<1>([2, 4], 0, &(0..1));
    }

    #[test]
    fn panels_of_a_ring_lie_where_its_rows_do() {
        let slot = Slot::new(0, 5, 2, 3).ring(2, 0).rows(3..4);
        let mut data = [0.0; 2 * 2 * 3];
        let mut window = MapMut::in_slot(&mut data, &slot);
        let [mut last] = window.panels([3, 1], 1, &(0..3)).take(3);
        last.get(0).fill(1.0);
        // Row 3 is in place 1, its last pixel the memory's last.
        assert_eq!(data, [0., 0., 0., 0., 0., 0., 0., 0., 0., 1., 1., 1.]);
    }

    #[test]
    #[should_panic(expected = "columns outside the map")]
    fn panels_end_where_a_row_does() {
        let mut data = [0.0; 3 * 4];
        let _ = MapMut::new(&mut data, 3, 4, 1).panels::<1>([0, 2], 3, &(0..1));
    }

    #[test]
    #[should_panic(expected = "channels outside the window")]
    fn panels_end_where_the_windows_channels_do() {
        let mut data = [0.0; 32];
        let mut window = MapMut::new(&mut data, 1, 1, 32).channels(0..16);
        let mut panels = window.panels::<1>([0, 0], 1, &(0..16));
        let _ = (panels.take(16), panels.take(1));
    }

    #[test]
    #[should_panic(expected = "pixel outside the window")]
    fn a_pixel_below_the_window_is_out_of_reach() {
        MapMut::new(&mut [0.0; 6], 3, 2, 1).rows(0..2).pixel(4);
    }

    #[test]
    #[should_panic(expected = "rows outside the window")]
    fn a_window_never_grows() {
        let _ = MapMut::new(&mut [0.0; 6], 3, 2, 1).rows(1..2).rows(0..2);
    }

    #[test]
    #[should_panic(expected = "multiple of 16")]
    fn a_window_starts_at_a_panel() {
        let _ = MapMut::new(&mut [0.0; 32], 1, 1, 32).channels(8..32);
    }

    #[test]
    fn split_windows_write_apart() {
        let mut data = [0.0; 6];
        let (mut above, mut below) = MapMut::new(&mut data, 3, 1, 2).split_rows(1);
        above.block().expect("every channel").fill(1.0);
        below.block().expect("every channel").fill(2.0);
        assert_eq!(data, [1.0, 1.0, 2.0, 2.0, 2.0, 2.0]);
    }
}

//! What comes into a network: pixels as `f32` or `u8`, normalised on the way.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::simd::{Level, Simd};

/// Bytes of a cache line.
const LINE_BYTES: usize = 64;

/// How a channel of the input is normalised: x = p * scale + shift.
///
/// Padding is zero after it, as if the normalised map had been padded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pixel {
    /// Factor.
    pub scale: f32,
    /// Added after it.
    pub shift: f32,
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for u8 {}
}

/// The types of input elements: `f32` and `u8`.
pub trait Element: Copy + sealed::Sealed {
    /// A map of such elements with its normalisation.
    #[doc(hidden)]
    fn input<'a>(x: Map<'a, Self>, pixels: &'a [Pixel]) -> Input<'a>;
}

impl Element for f32 {
    #[inline]
    fn input<'a>(x: Map<'a, Self>, pixels: &'a [Pixel]) -> Input<'a> {
        Input::Floats(x, pixels)
    }
}

impl Element for u8 {
    #[inline]
    fn input<'a>(x: Map<'a, Self>, pixels: &'a [Pixel]) -> Input<'a> {
        Input::Bytes(x, pixels)
    }
}

/// A map to be read row by row.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// As it is.
    Plain(Map<'a>),
    /// Floats to be normalised.
    Floats(Map<'a>, &'a [Pixel]),
    /// Bytes to be normalised.
    Bytes(Map<'a, u8>, &'a [Pixel]),
}

impl Input<'_> {
    /// Height, width, channels.
    #[inline(always)]
    pub(crate) fn shape(&self) -> [usize; 3] {
        match self {
            Self::Plain(x) | Self::Floats(x, _) => x.shape(),
            Self::Bytes(x, _) => x.shape(),
        }
    }

    /// Row `i`, normalised; `to` has its length.
    #[inline(always)]
    pub(crate) fn read_row(&self, i: usize, to: &mut [f32]) {
        match self {
            Self::Plain(x) => to.copy_from_slice(x.row(i)),
            Self::Floats(x, pixels) => normalise_row(x.row(i), |p| p, pixels, to),
            Self::Bytes(x, pixels) => normalise_row(x.row(i), f32::from, pixels, to),
        }
    }

    /// Prefetches row `i`'s elements `first..first + count`; what lies behind the row's end need not exist.
    #[inline(always)]
    pub(crate) fn prefetch<S: Simd>(&self, simd: S, i: usize, first: usize, count: usize) {
        match self {
            Self::Plain(x) | Self::Floats(x, _) => prefetch(simd, x.row(i), first, count),
            Self::Bytes(x, _) => prefetch(simd, x.row(i), first, count),
        }
    }
}

#[inline(always)]
fn prefetch<S: Simd, T>(simd: S, row: &[T], first: usize, count: usize) {
    for at in (first..first + count).step_by(LINE_BYTES / size_of::<T>()) {
        simd.prefetch(row, at);
    }
}

#[inline(always)]
fn normalise_row<T: Copy>(from: &[T], float: impl Fn(T) -> f32, pixels: &[Pixel], to: &mut [f32]) {
    // Three channels are by far the most common: 48 elements are both whole pixels and whole vectors.
    if let &[r, g, b] = pixels {
        let mut scale = [0.0; 48];
        let mut shift = [0.0; 48];
        for (at, pixel) in [r, g, b].iter().cycle().take(48).enumerate() {
            (scale[at], shift[at]) = (pixel.scale, pixel.shift);
        }
        for (to, from) in to.chunks_mut(48).zip(from.chunks(48)) {
            for (((to, from), scale), shift) in to.iter_mut().zip(from).zip(&scale).zip(&shift) {
                *to = float(*from) * scale + shift;
            }
        }
    } else {
        for (to, from) in to
            .chunks_exact_mut(pixels.len())
            .zip(from.chunks_exact(pixels.len()))
        {
            for ((to, from), pixel) in to.iter_mut().zip(from).zip(pixels) {
                *to = float(*from) * pixel.scale + pixel.shift;
            }
        }
    }
}

/// y = x * scale + shift, channel by channel; for networks that do not start with a convolution.
///
/// # Panics
/// When the shapes differ, `pixels` is not one per channel, or the window lacks channels.
#[inline]
pub fn normalise<L: Level, T: Element>(
    _cx: Cx<'_, L>,
    x: Map<'_, T>,
    pixels: &[Pixel],
    y: &mut MapMut<'_>,
) {
    assert!(x.shape() == y.shape(), "normalisation keeps the shape");
    assert!(
        pixels.len() == x.channels(),
        "normalisation needs a scale and a shift for every channel"
    );
    let row = x.width() * x.channels();
    let rows = y.window_rows();
    let input = T::input(x, pixels);
    let block = y.block().expect("normalisation makes whole pixels");
    for (i, to) in rows.zip(block.chunks_exact_mut(row)) {
        input.read_row(i, to);
    }
}

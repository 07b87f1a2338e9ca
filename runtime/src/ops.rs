//! The algorithms, once each, generic over [`Simd`](crate::simd::Simd), and the functions that callers see.
//! In: maps, packed filters. Out: the window of a map. Never: names an instruction set, allocates, uses `unsafe`.
//!
//! Every file has the public functions first: they check shapes once, then enter the level. What follows is the body
//! that the kernel list stamps per level: all of it `#[inline(always)]`, without closures over vectors, so that nothing
//! is left outside the function that has the level's instructions.

#![expect(
    clippy::needless_range_loop,
    reason = "tiles are indexed as in their formulas, and unrolled"
)]

pub(crate) mod activation;
pub(crate) mod add;
pub(crate) mod conv;
pub(crate) mod copy;
pub(crate) mod depthwise;
pub(crate) mod flatten;
pub(crate) mod gate_split;
pub(crate) mod half_panel;
pub(crate) mod input;
pub(crate) mod linear;
pub(crate) mod peak;
pub(crate) mod pointwise;
pub(crate) mod pointwise_split;
pub(crate) mod pool;
pub(crate) mod softmax;
pub(crate) mod squeeze_excite;
pub(crate) mod tile;

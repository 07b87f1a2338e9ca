//! Instruction sets: the vector operations kernels are written in, the tokens that prove a CPU has them, and the
//! kernels stamped per token. Never: knows what a layer is.

#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(any(target_arch = "arm", test))]
mod cortex_m;
#[cfg(target_arch = "x86_64")]
mod detect;
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod neon;
#[cfg(any(
    all(target_arch = "aarch64", target_feature = "neon"),
    all(target_arch = "wasm32", target_feature = "simd128")
))]
mod quads;
mod scalar;
mod tiles;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;

#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub use avx512::Avx512;
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
pub use neon::Neon;
pub use scalar::Scalar;
pub(crate) use tiles::{NoTiles, Product, SplitRows, SplitWeights, Sums, Tiles};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm::Simd128;

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
use neon::Neon as Native;
#[cfg(not(any(
    all(target_arch = "aarch64", target_feature = "neon"),
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
use scalar::Scalar as Native;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use wasm::Simd128 as Native;

use crate::kernels::{Tile, for_each_kernel};
use crate::map::MapMut;
use crate::ops::{self, tile};
use crate::team::Cut;

/// Vectors of 16 `f32`, whatever the registers are: one of 512 bits, two of 256, four of 128, or plain floats.
///
/// Every method is inlined into a kernel stamped for its level, and no vector outlives it.
pub(crate) trait Simd: Copy {
    /// 16 lanes.
    type V: Copy;
    /// The level's matrix unit.
    type Tiles: Tiles;
    /// Whether a part of the lanes is loaded and stored as fast as all of them.
    const MASKS: bool = false;

    fn splat(self, value: f32) -> Self::V;
    /// Both values, again and again: lane 2 l is the first, lane 2 l + 1 the second.
    fn splat_pair(self, values: &[f32; 2]) -> Self::V;
    fn load(self, from: &[f32; 16]) -> Self::V;
    fn store(self, v: Self::V, to: &mut [f32; 16]);
    /// Loads `from.len()` (at most 16) lanes; the others are zero.
    fn load_part(self, from: &[f32]) -> Self::V;
    /// Stores the first `to.len()` (at most 16) lanes.
    fn store_part(self, v: Self::V, to: &mut [f32]);
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// Lane l is the sum of lanes 2 l and 2 l + 1 of `v`, for l < 8; the others are zero.
    fn add_pairs(self, v: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// a * b + c, rounded once where the level can.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The larger of `x` and `bound`; `x` where it is NaN.
    fn at_least(self, x: Self::V, bound: Self::V) -> Self::V;
    /// The smaller of `x` and `bound`; `x` where it is NaN.
    fn at_most(self, x: Self::V, bound: Self::V) -> Self::V;
    /// The larger of both; NaN where either is.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// Does work on the first `lanes` lanes: on all at once, or, on levels whose registers would not hold that, on some
    /// after the others.
    #[inline(always)]
    fn per_lane<W: PerLane>(self, lanes: usize, work: W, y: &mut W::Output<'_>) {
        let _ = lanes;
        work.run(self, y);
    }
    /// `tile::accumulate`, for levels whose registers hold less than a tile's 16 lanes of sums.
    #[inline(always)]
    fn accumulate<const R: usize, const N: usize>(
        self,
        sums: &mut [[Self::V; N]; R],
        x: (&[f32], usize),
        panels: (&[[f32; 16]], usize),
        run: usize,
        ahead: usize,
    ) {
        tile::accumulate_whole(self, sums, x, panels, run, ahead);
    }
    /// Asks for the line of `from[at]`, which need not exist, to be brought into the second-level cache.
    fn prefetch<T>(self, from: &[T], at: usize) {
        let _ = (from, at);
    }
    /// The matrix unit, where this CPU has one and its use was asked for.
    fn tiles(self) -> Option<Self::Tiles> {
        None
    }
    /// The bits of each lane shifted left by 23: the lowest eight bits of the fraction become the exponent.
    fn low_bits_to_exponent(self, v: Self::V) -> Self::V;
    /// The upper 24 bits of each lane, and zeros.
    fn upper_24_bits(self, v: Self::V) -> Self::V;
    /// The lowest bytes of a, b and c, from the highest on, as the upper 24 bits of each lane, and zeros.
    fn lowest_bytes(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
}

/// A register tile from its first load to its last store, with the same done to every lane.
#[allow(dead_code, reason = "only some instruction sets count registers")]
pub(crate) trait PerLane: Copy {
    /// Vectors that should be in registers together,
    const VECTORS: usize;
    /// and registers besides them.
    const SINGLE: usize;
    /// What it writes to.
    type Output<'y>;

    /// Does it to the lanes that `simd` is for.
    fn run<S: Simd>(self, simd: S, y: &mut Self::Output<'_>);
}

/// The first `to.len()` of the lanes, by pieces of fixed length: no call of memcpy. Once, not in every kernel.
#[inline(never)]
fn scatter(lanes: &[f32; 16], to: &mut [f32]) {
    let mut rest = to;
    let mut from = &lanes[..];
    macro_rules! piece {
        ($n:literal) => {
            if rest.len() >= $n {
                let (to, later) = rest.split_at_mut($n);
                let (now, after) = from.split_at($n);
                to.copy_from_slice(now);
                (rest, from) = (later, after);
            }
        };
    }
    piece!(16);
    piece!(8);
    piece!(4);
    piece!(2);
    if let ([to, ..], [now, ..]) = (rest, from) {
        *to = *now;
    }
}

/// Up to 16 floats and zeros behind them, by pieces of fixed length: no call of memcpy. Once, not in every kernel.
#[inline(never)]
fn gather(from: &[f32]) -> [f32; 16] {
    let mut lanes = [0.0; 16];
    let mut to = &mut lanes[..];
    let mut rest = from;
    macro_rules! piece {
        ($n:literal) => {
            if rest.len() >= $n {
                let (now, later) = rest.split_at($n);
                let (place, after) = to.split_at_mut($n);
                place.copy_from_slice(now);
                (rest, to) = (later, after);
            }
        };
    }
    piece!(16);
    piece!(8);
    piece!(4);
    piece!(2);
    if let ([to, ..], [now, ..]) = (to, rest) {
        *to = *now;
    }
    lanes
}

/// Which instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LevelId {
    /// Portable code.
    Scalar,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512 F, VL, BW and DQ.
    Avx512,
    /// The same with AMX, whose tiles multiply what networks were compiled to have split.
    Amx,
    /// 64-bit Arm with NEON.
    Neon,
    /// WebAssembly with `simd128`.
    Simd128,
}

impl LevelId {
    /// As in a kernel's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Amx => "amx",
            Self::Neon => "neon",
            Self::Simd128 => "simd128",
        }
    }
}

pub(crate) mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;

macro_rules! declare {
    ($($method:ident ($op:ident, $name:literal, $accuracy:expr) $module:ident::$body:ident($job:ident) $scalar:tt $avx2:tt $avx512:tt $neon:tt $simd128:tt;)*) => {
        /// A token for an instruction set: whoever holds one runs on a CPU that has it.
        ///
        /// Its hidden methods are the kernels, stamped for the level. They are no generic code, so they are compiled
        /// with this crate, whatever the optimisation of the crate that calls them.
        pub trait Level: Copy + Sealed {
            /// Which it is.
            const ID: LevelId;

            /// Whether steps are shared out among threads.
            #[doc(hidden)]
            const HAS_THREADS: bool = false;

            /// The token itself, where a step is shared out among threads: what each of them runs on.
            #[doc(hidden)]
            type Token: Level + Sync;

            #[doc(hidden)]
            fn token(self) -> Self::Token;

            /// Runs `task` on `y`: in one piece, or in disjoint pieces on several threads.
            #[doc(hidden)]
            fn share<F>(self, cut: Cut, y: &mut MapMut<'_>, task: F)
            where
                F: Fn(Self::Token, &mut MapMut<'_>) + Sync;

            /// As `share`; every thread gets at least a row of `scratch`.
            #[doc(hidden)]
            fn share_with<F>(self, cut: Cut, scratch: &mut MapMut<'_>, y: &mut MapMut<'_>, task: F)
            where
                F: Fn(Self::Token, &mut MapMut<'_>, &mut MapMut<'_>) + Sync;

            /// The panels a pointwise tile is wide.
            #[doc(hidden)]
            fn tile_panels(self, tile: Tile) -> usize;

            $(
                #[doc(hidden)]
                fn $method(self, job: ops::$module::$job<'_>, y: &mut MapMut<'_>) {
                    let _ = (job, y);
                    panic!("this level has no such kernel");
                }
            )*
        }
    };
}
for_each_kernel!(declare);

/// Implements [`Level`] for a token: each kernel as a function with the level's instructions around a body that is
/// inlined into it.
macro_rules! stamp {
    (@rows $level:ident $features:tt $column:ident $tile_panels:expr;
        $($method:ident ($op:ident, $name:literal, $accuracy:expr) $module:ident::$body:ident($job:ident) $scalar:tt $avx2:tt $avx512:tt $neon:tt $simd128:tt;)*) => {
        impl $crate::simd::sealed::Sealed for $level {}
        impl $crate::simd::Level for $level {
            const ID: $crate::simd::LevelId = $crate::simd::LevelId::$level;

            type Token = Self;

            #[inline(always)]
            fn token(self) -> Self {
                self
            }

            #[inline(always)]
            fn share<F>(self, _cut: $crate::team::Cut, y: &mut $crate::map::MapMut<'_>, task: F)
            where
                F: Fn(Self, &mut $crate::map::MapMut<'_>) + Sync,
            {
                task(self, y);
            }

            #[inline(always)]
            fn share_with<F>(
                self,
                _cut: $crate::team::Cut,
                scratch: &mut $crate::map::MapMut<'_>,
                y: &mut $crate::map::MapMut<'_>,
                task: F,
            ) where
                F: Fn(Self, &mut $crate::map::MapMut<'_>, &mut $crate::map::MapMut<'_>) + Sync,
            {
                task(self, scratch, y);
            }

            #[inline]
            fn tile_panels(self, tile: $crate::kernels::Tile) -> usize {
                $tile_panels(tile)
            }

            $($crate::simd::stamp! {
                @$column $level $features $method $module $body $job $scalar $avx2 $avx512 $neon $simd128
            })*
        }
    };
    (@scalar $level:ident $f:tt $m:ident $module:ident $b:ident $j:ident $column:tt $($other:tt)*) => {
        $crate::simd::stamp! { @one $level $f $m $module $b $j $column }
    };
    (@avx2 $level:ident $f:tt $m:ident $module:ident $b:ident $j:ident $x:tt $column:tt $($other:tt)*) => {
        $crate::simd::stamp! { @one $level $f $m $module $b $j $column }
    };
    (@avx512 $level:ident $f:tt $m:ident $module:ident $b:ident $j:ident $x:tt $y:tt $column:tt $($other:tt)*) => {
        $crate::simd::stamp! { @one $level $f $m $module $b $j $column }
    };
    (@neon $level:ident $f:tt $m:ident $module:ident $b:ident $j:ident $x:tt $y:tt $z:tt $column:tt $other:tt) => {
        $crate::simd::stamp! { @one $level $f $m $module $b $j $column }
    };
    (@simd128 $level:ident $f:tt $m:ident $module:ident $b:ident $j:ident $x:tt $y:tt $z:tt $o:tt $column:tt) => {
        $crate::simd::stamp! { @one $level $f $m $module $b $j $column }
    };
    (@one $level:ident $f:tt $method:ident $module:ident $body:ident $job:ident [-]) => {};
    (@one $level:ident [] $method:ident $module:ident $body:ident $job:ident [$tile:literal $($constant:literal),*]) => {
        fn $method(self, job: $crate::ops::$module::$job<'_>, y: &mut $crate::map::MapMut<'_>) {
            $crate::ops::$module::$body::<Self, $($constant),*>(self, job, y);
        }
    };
    (@one $level:ident [quads] $method:ident $module:ident $body:ident $job:ident [$tile:literal $($constant:literal),*]) => {
        fn $method(self, job: $crate::ops::$module::$job<'_>, y: &mut $crate::map::MapMut<'_>) {
            $crate::ops::$module::$body::<Quads<Self, 4>, $($constant),*>(Quads::all(self), job, y);
        }
    };
    (@one $level:ident [$features:literal] $method:ident $module:ident $body:ident $job:ident [$tile:literal $($constant:literal),*]) => {
        fn $method(self, job: $crate::ops::$module::$job<'_>, y: &mut $crate::map::MapMut<'_>) {
            #[target_feature(enable = $features)]
            fn stamped(simd: $level, job: $crate::ops::$module::$job<'_>, y: &mut $crate::map::MapMut<'_>) {
                $crate::ops::$module::$body::<$level, $($constant),*>(simd, job, y);
            }
            // SAFETY: the CPU must have the features named above; a token is only made where detection found them.
            unsafe { stamped(self, job, y) }
        }
    };
}
use stamp;

/// The level that every CPU of this target has: NEON on 64-bit Arm, `simd128` in WebAssembly that is built with it, else
/// portable code.
pub type Baseline = Native;

/// The token of [`Baseline`], which needs no asking: for code that is to have the kernels of no other level in it.
pub const fn baseline() -> Baseline {
    Baseline::new()
}

/// The levels this program could run on, one of them.
#[derive(Clone, Copy, Debug)]
pub enum AnyLevel {
    /// Portable code.
    Scalar(Scalar),
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// AVX-512 F, VL, BW and DQ.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    /// NEON.
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    Neon(Neon),
    /// `simd128`.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128(Simd128),
}

impl AnyLevel {
    /// The level that every CPU of this target has; see [`baseline`].
    pub const fn baseline() -> Self {
        #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
        let level = Self::Neon(baseline());
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        let level = Self::Simd128(baseline());
        #[cfg(not(any(
            all(target_arch = "aarch64", target_feature = "neon"),
            all(target_arch = "wasm32", target_feature = "simd128")
        )))]
        let level = Self::Scalar(baseline());
        level
    }

    /// The best level of this CPU. Asks the CPU, so call it once, not per layer; a constant where the target decides.
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let cpu = detect::Cpu::ask();
            if let Some(level) = cpu.avx512() {
                return Self::Avx512(level);
            }
            if let Some(level) = cpu.avx2() {
                return Self::Avx2(level);
            }
        }
        Self::baseline()
    }

    /// Every level of this CPU, slow ones first.
    pub fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let (avx2, avx512) = {
            let cpu = detect::Cpu::ask();
            (cpu.avx2().map(Self::Avx2), cpu.avx512().map(Self::Avx512))
        };
        #[cfg(not(target_arch = "x86_64"))]
        let (avx2, avx512) = (None, None);
        let scalar = Some(Self::Scalar(Scalar::new()));
        let baseline = Some(Self::baseline()).filter(|level| level.id() != LevelId::Scalar);
        [scalar, baseline, avx2, avx512].into_iter().flatten()
    }

    /// AVX-512 with AMX, where this CPU has it and the operating system lets this process use it, which is asked for
    /// here: it costs a system call. Only networks that were compiled for split products gain from it.
    pub fn amx() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            detect::Cpu::ask().avx512_with_amx().map(Self::Avx512)
        }
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// The best level of this CPU, AMX among them.
    pub fn detect_with_amx() -> Self {
        Self::amx().unwrap_or_else(Self::detect)
    }

    /// Which it is.
    pub const fn id(self) -> LevelId {
        match self {
            Self::Scalar(_) => LevelId::Scalar,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => LevelId::Avx2,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(level) if level.has_amx() => LevelId::Amx,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => LevelId::Avx512,
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Self::Neon(_) => LevelId::Neon,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Self::Simd128(_) => LevelId::Simd128,
        }
    }

    /// As in a kernel's name: `"scalar"`, `"avx2"`, `"avx512"`, `"amx"`, `"neon"`, `"simd128"`.
    pub const fn name(self) -> &'static str {
        self.id().name()
    }
}

/// Runs an expression with the token of an [`AnyLevel`]: `dispatch!(any, level => f(level))`.
///
/// The expression is compiled once for each level the target could have. Where features of the target decide, it is
/// this crate's that count, so that there is a macro for each; those of the crate that calls it may be others.
#[cfg(not(any(
    all(target_arch = "aarch64", target_feature = "neon"),
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
#[macro_export]
macro_rules! dispatch {
    ($any:expr, |$level:ident| $body:expr) => {
        $crate::dispatch!($any, $level => $body)
    };
    ($any:expr, $level:ident => $body:expr) => {
        match $any {
            $crate::AnyLevel::Scalar($level) => $body,
            #[cfg(target_arch = "x86_64")]
            $crate::AnyLevel::Avx2($level) => $body,
            #[cfg(target_arch = "x86_64")]
            $crate::AnyLevel::Avx512($level) => $body,
        }
    };
}

/// Runs an expression with the token of an [`AnyLevel`]: `dispatch!(any, level => f(level))`.
///
/// The expression is compiled once for each level the target could have.
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
#[macro_export]
macro_rules! dispatch {
    ($any:expr, |$level:ident| $body:expr) => {
        $crate::dispatch!($any, $level => $body)
    };
    ($any:expr, $level:ident => $body:expr) => {
        match $any {
            $crate::AnyLevel::Scalar($level) => $body,
            $crate::AnyLevel::Neon($level) => $body,
        }
    };
}

/// Runs an expression with the token of an [`AnyLevel`]: `dispatch!(any, level => f(level))`.
///
/// The expression is compiled once for each level the target could have.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[macro_export]
macro_rules! dispatch {
    ($any:expr, |$level:ident| $body:expr) => {
        $crate::dispatch!($any, $level => $body)
    };
    ($any:expr, $level:ident => $body:expr) => {
        match $any {
            $crate::AnyLevel::Scalar($level) => $body,
            $crate::AnyLevel::Simd128($level) => $body,
        }
    };
}

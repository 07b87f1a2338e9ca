//! The one list of kernels. It stamps them per level, and feeds selection, the sweep against the oracle and the
//! benchmarks: a kernel outside the list does not exist.
//!
//! A kernel's name is `<op>_<geometry>_<tile>_<level>`:
//! ```text
//! pw_c48_r7_avx512    pointwise, 48 output channels (three panels) at a time, tiles of up to 7 pixels, AVX-512
//! pw_c24_r8_avx512    the same for a layer's last 24 channels, a panel and a half, tiles of up to 8 pixels
//! pw_split_c16_r4_avx2 the same with weights in two halves; on AVX-512 with AMX its tiles make it, 2 x 16 pixels by 32
//! dw_k3s2_2x7_avx512  depthwise 3x3 of stride 2, 2 rows of 7 neighbouring output pixels at a time
//! conv_c32_r14_avx512 general convolution, 32 output channels x 14 output pixels
//! linear_c16_a6_avx2  fully connected, one panel at a time into 6 accumulators
//! linear_f24_c16_a4_avx2 the same with weights of 24 bits
//! ```
//! Every vector is 16 channels (a panel) on every level, so the channel count of a tile is a multiple of 16.
//! Never: computes anything itself.

use crate::simd::LevelId;

/// Calls `$emit! { rows }` with one row per kernel:
///
/// ```text
/// method (Op, "name", accuracy) module::body(Job) [scalar] [avx2] [avx512] [neon] [simd128];
/// ```
/// A level's column holds the name of its tile and the constants its body is stamped with, or `-` when the level has
/// no such kernel.
macro_rules! for_each_kernel {
    ($emit:ident) => {
        $emit! {
            pw_c16 (Pointwise, "pw_c16", Rel(2e-6)) pointwise::sweep(Pointwise) ["r2" 2, 1] ["r6" 6, 1] ["r14" 14, 1] ["r8" 8, 1] ["r4" 4, 1];
            pw_c32 (Pointwise, "pw_c32", Rel(2e-6)) pointwise::sweep(Pointwise) [-] [-] ["r7" 7, 2] [-] [-];
            pw_c48 (Pointwise, "pw_c48", Rel(2e-6)) pointwise::sweep(Pointwise) [-] [-] ["r7" 7, 3] [-] [-];
            pw_c64 (Pointwise, "pw_c64", Rel(2e-6)) pointwise::sweep(Pointwise) [-] [-] ["r6" 6, 4] [-] [-];
            pw_c8 (Pointwise, "pw_c8", Rel(2e-6)) half_panel::sweep(Pointwise) ["r2" 2, 1, 0] ["r6" 6, 1, 0] ["r8" 8, 4, 0] ["r4" 4, 1, 0] ["r2" 2, 1, 0];
            pw_c24 (Pointwise, "pw_c24", Rel(2e-6)) half_panel::sweep(Pointwise) [-] [-] ["r8" 8, 4, 1] [-] [-];
            pw_c40 (Pointwise, "pw_c40", Rel(2e-6)) half_panel::sweep(Pointwise) [-] [-] ["r7" 7, 1, 2] [-] [-];
            pw_split (PointwiseSplit, "pw_split", Rel(5e-5)) pointwise_split::sweep(PointwiseSplit) ["c16_r2" 2] ["c16_r4" 4] ["c16_r14" 14] ["c16_r4" 4] ["c16_r4" 4];
            conv (Conv, "conv", Rel(2e-6)) conv::rows(Conv) ["c16_r2" 2, 1] ["c16_r6" 6, 1] ["c32_r14" 14, 2] ["c16_r4" 4, 1] ["c16_r4" 4, 1];
            conv_k3s2 (Conv, "conv_k3s2", Rel(2e-6)) conv::fixed(Conv) ["c16_x2" 3, 2, 2, 1] ["c16_x6" 3, 2, 6, 1] ["c32_x14" 3, 2, 14, 2] ["c16_x4" 3, 2, 4, 1] ["c16_x4" 3, 2, 4, 1];
            dw_k3s1 (Depthwise, "dw_k3s1", Rel(1e-6)) depthwise::fixed(Depthwise) [-] ["x4" 3, 1, 1, 4, 4] ["2x7" 3, 1, 2, 7, 4] ["2x7" 3, 1, 2, 7, 4] ["2x4" 3, 1, 2, 4, 4];
            dw_k3s2 (Depthwise, "dw_k3s2", Rel(1e-6)) depthwise::fixed(Depthwise) [-] ["x4" 3, 2, 1, 4, 4] ["2x7" 3, 2, 2, 7, 4] ["2x7" 3, 2, 2, 7, 4] ["2x4" 3, 2, 2, 4, 4];
            dw_k5s1 (Depthwise, "dw_k5s1", Rel(1e-6)) depthwise::fixed(Depthwise) [-] ["x4" 5, 1, 1, 4, 4] ["2x7" 5, 1, 2, 7, 4] ["2x7" 5, 1, 2, 7, 4] ["x4" 5, 1, 1, 4, 4];
            dw_k5s2 (Depthwise, "dw_k5s2", Rel(1e-6)) depthwise::fixed(Depthwise) [-] ["x4" 5, 2, 1, 4, 4] ["2x7" 5, 2, 2, 7, 4] ["2x7" 5, 2, 2, 7, 4] ["x4" 5, 2, 1, 4, 4];
            dw_any (Depthwise, "dw_any", Rel(1e-6)) depthwise::any(Depthwise) ["x1"] ["x1"] ["x1"] ["x1"] ["x1"];
            linear (Linear, "linear", Rel(2e-6)) linear::panels(Linear) ["c16_a2" 2] ["c16_a6" 6] ["c16_a8" 8] ["c16_a4" 4] ["c16_a2" 2];
            linear_f24 (LinearF24, "linear_f24", Rel(2e-6)) linear::panels_f24(Linear) ["c16_a4"] ["c16_a4"] ["c16_a4"] ["c16_a4"] ["c16_a4"];
            global_pool (GlobalAveragePool, "global_pool", Rel(1e-6)) pool::global(GlobalPool) ["c16" 1] ["c64" 4] ["c64" 4] ["c32" 2] ["c32" 2];
            average_pool (AveragePool, "average_pool", Rel(1e-6)) pool::average(Pool) ["c16"] ["c16"] ["c16"] ["c16"] ["c16"];
            max_pool (MaxPool, "max_pool", Exact) pool::max(Pool) ["c16"] ["c16"] ["c16"] ["c16"] ["c16"];
            scale (SqueezeExcite, "scale", Rel(4e-6)) squeeze_excite::scale(Scale) ["c16"] ["c16"] ["c16"] ["c16"] ["c16"];
            gate (GateFilter, "gate", Rel(1e-6)) squeeze_excite::gate(Gate) ["c16"] ["c16"] ["c16"] ["c16"] ["c16"];
            gate_split (GateFilterSplit, "gate_split", Rel(1e-5)) gate_split::gate_split(GateSplit) ["c16"] ["c16"] ["c16"] ["c16"] ["c16"];
            add (Add, "add", Rel(1e-6)) add::sum(Add) ["c16"] ["c16"] ["c16"] ["c16"] ["c16"];
            activate (Activation, "activation", Rel(1e-6)) activation::activate(Activate) ["c16"] ["c16"] ["c16"] ["c16"] ["c16"];
            softmax (Softmax, "softmax", Rel(1e-6)) softmax::pixels(Softmax) ["c16"] ["c16"] ["c16"] ["c16"] ["c16"];
            multiply_adds (MultiplyAdds, "multiply_adds", Rel(1e-6)) peak::chains(MultiplyAdds) ["c48" 3] ["c96" 6] ["c192" 12] ["c64" 4] ["c32" 2];
        }
    };
}
pub(crate) use for_each_kernel;

/// What a kernel computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "each is the function of that name at the crate's root"
)]
pub enum Op {
    Pointwise,
    PointwiseSplit,
    Conv,
    Depthwise,
    Linear,
    LinearF24,
    GlobalAveragePool,
    AveragePool,
    MaxPool,
    SqueezeExcite,
    GateFilter,
    GateFilterSplit,
    Add,
    Activation,
    Softmax,
    MultiplyAdds,
}

/// How far a kernel's result may be from the same computed in `f64`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Accuracy {
    /// Not at all.
    Exact,
    /// This many units in the last place, element by element.
    Ulp(u32),
    /// This fraction of the largest magnitude in the output, or of 1 if that is more.
    Rel(f32),
}

/// With WebAssembly's `relaxed-simd` the compiler makes relaxed minima and maxima of a comparison and a choice: engines may
/// take either operand where one is NaN, or both are zeros.
pub const RELAXED: bool = cfg!(target_feature = "relaxed-simd");

impl Accuracy {
    /// Whether a kernel may give `got` for `expected` in a map whose largest magnitude is `largest`. NaN is only ever
    /// right for NaN, and nothing else is, unless [`RELAXED`].
    pub fn allows(self, got: f32, expected: f64, largest: f64) -> bool {
        if expected.is_nan() {
            return got.is_nan() || RELAXED;
        }
        if got.is_nan() {
            return false;
        }
        let exact = expected as f32;
        match self {
            Self::Exact => got.to_bits() == exact.to_bits() || RELAXED && got == exact,
            Self::Ulp(most) => ordered(got).abs_diff(ordered(exact)) <= most,
            Self::Rel(fraction) => {
                got == exact
                    || (f64::from(got) - expected).abs() <= f64::from(fraction) * largest.max(1.0)
            }
        }
    }
}

/// Floats in order as integers, both zeros as 0.
const fn ordered(x: f32) -> i32 {
    let bits = x.to_bits() as i32;
    if bits < 0 {
        i32::MIN.wrapping_sub(bits)
    } else {
        bits
    }
}

/// One kernel on one level.
#[derive(Clone, Copy, Debug)]
pub struct KernelInfo {
    /// `<op>_<geometry>_<tile>_<level>`.
    pub name: &'static str,
    /// What it computes.
    pub op: Op,
    /// Its method of [`Level`](crate::Level).
    pub method: &'static str,
    /// The instruction set.
    pub level: LevelId,
    /// The constants it is stamped with: for pointwise pixels and panels of a tile, where it ends with half a panel its
    /// pixels, fewer for those left over, and the whole panels; for the fixed depthwise kernels kernel size, stride, rows and
    /// pixels at a time, and the fewer pixels of narrow tiles; for convolutions pixels and panels of a tile, behind kernel
    /// size and stride where these are fixed.
    pub constants: &'static [usize],
    /// How exact it is.
    pub accuracy: Accuracy,
}

macro_rules! info {
    ($method:ident $op:ident $name:literal ($accuracy:expr) $level:ident $suffix:literal [-]) => {
        None
    };
    ($method:ident $op:ident $name:literal ($accuracy:expr) $level:ident $suffix:literal [$tile:literal $($constant:literal),*]) => {
        Some(KernelInfo {
            name: concat!($name, "_", $tile, "_", $suffix),
            op: Op::$op,
            method: stringify!($method),
            level: LevelId::$level,
            constants: &[$($constant),*],
            accuracy: $accuracy,
        })
    };
}

/// The columns.
const LEVELS: usize = 5;

macro_rules! table {
    ($($method:ident ($op:ident, $name:literal, $accuracy:expr) $module:ident::$body:ident($job:ident) $scalar:tt $avx2:tt $avx512:tt $neon:tt $simd128:tt;)*) => {
        const ROWS: &[[Option<KernelInfo>; LEVELS]] = {
            use Accuracy::{Exact, Rel};
            &[$([
                info!($method $op $name ($accuracy) Scalar "scalar" $scalar),
                info!($method $op $name ($accuracy) Avx2 "avx2" $avx2),
                info!($method $op $name ($accuracy) Avx512 "avx512" $avx512),
                info!($method $op $name ($accuracy) Neon "neon" $neon),
                info!($method $op $name ($accuracy) Simd128 "simd128" $simd128),
            ]),*]
        };
    };
}
for_each_kernel!(table);

const COUNT: usize = {
    let (mut count, mut at) = (0, 0);
    while at < ROWS.len() * LEVELS {
        count += ROWS[at / LEVELS][at % LEVELS].is_some() as usize;
        at += 1;
    }
    count
};

const LIST: [KernelInfo; COUNT] = {
    let mut list = [match ROWS[0][0] {
        Some(info) => info,
        None => panic!("the first kernel exists on every level"),
    }; COUNT];
    let (mut count, mut at) = (0, 0);
    while at < ROWS.len() * LEVELS {
        if let Some(info) = ROWS[at / LEVELS][at % LEVELS] {
            list[count] = info;
            count += 1;
        }
        at += 1;
    }
    list
};

/// Every kernel on every level, whatever this machine has.
pub const KERNELS: &[KernelInfo] = &LIST;

/// The register tile of a pointwise step on AVX-512: up to so many pixels by so many output channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the name is pixels x channels")]
pub enum Avx512Tile {
    R14x16,
    R7x32,
    R7x48,
    R6x64,
    R8x8,
    R8x24,
    R7x40,
}

impl Avx512Tile {
    /// Every tile of whole panels, narrow ones first.
    pub const ALL: &'static [Self] = &[Self::R14x16, Self::R7x32, Self::R7x48, Self::R6x64];

    /// Those of layers that end with half a panel, beside no, one and two whole ones.
    pub const WITH_HALF: &'static [Self] = &[Self::R8x8, Self::R8x24, Self::R7x40];

    /// The whole panels that a tile is wide, one at least: what is asked of layers without half a panel.
    pub const fn whole_panels(self) -> usize {
        let panels = self.info().channels / 16;
        if panels == 0 { 1 } else { panels }
    }

    /// Its size.
    pub const fn info(self) -> TileInfo {
        let (rows, channels) = match self {
            Self::R14x16 => (14, 16),
            Self::R7x32 => (7, 32),
            Self::R7x48 => (7, 48),
            Self::R6x64 => (6, 64),
            Self::R8x8 => (8, 8),
            Self::R8x24 => (8, 24),
            Self::R7x40 => (7, 40),
        };
        TileInfo { rows, channels }
    }
}

/// The register tile of a pointwise step on AVX2: up to so many pixels by so many output channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the name is pixels x channels")]
pub enum Avx2Tile {
    R6x16,
}

impl Avx2Tile {
    /// Every tile.
    pub const ALL: &'static [Self] = &[Self::R6x16];

    /// Its size.
    pub const fn info(self) -> TileInfo {
        match self {
            Self::R6x16 => TileInfo {
                rows: 6,
                channels: 16,
            },
        }
    }
}

/// The register tile of a pointwise step on every level that has a choice.
///
/// A tile only steers speed: results are the same bits whichever is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// On AVX-512.
    pub avx512: Avx512Tile,
    /// On AVX2.
    pub avx2: Avx2Tile,
}

impl Tile {
    /// For code that only ever runs on levels with one tile, which have nothing to choose.
    pub const ONLY: Self = Self::new(Avx512Tile::R14x16, Avx2Tile::R6x16);

    /// These tiles.
    pub const fn new(avx512: Avx512Tile, avx2: Avx2Tile) -> Self {
        Self { avx512, avx2 }
    }

    /// The tiles with the least estimated time for `m` pixels from `k` to `n` channels; the narrower of equals.
    ///
    /// The estimate counts, for every tile of r pixels x v panels: k steps, each of r v multiply-adds and r + v loads, at
    /// half the weight, and those of weights three times where the panels are too many for the first-level cache; 4
    /// operations for each of the r v results; and 16 for starting. The factors are fitted to rates measured on one
    /// machine, where tiles with fewer loads for each multiply-add were faster; why was not established. Panels left
    /// over take the tile that is as wide as they are. Integers only: the same choice on every machine. A layer that ends with
    /// [half a panel](has_half_panel) has a tile of its width.
    pub const fn choose(m: usize, k: usize, n: usize) -> Self {
        if has_half_panel(n) {
            return Self::new(Avx512Tile::WITH_HALF[n / 16], Avx2Tile::R6x16);
        }
        let mut best = Avx512Tile::ALL[0];
        let mut i = 1;
        while i < Avx512Tile::ALL.len() {
            if cost(Avx512Tile::ALL[i], m, k, n) < cost(best, m, k, n) {
                best = Avx512Tile::ALL[i];
            }
            i += 1;
        }
        Self::new(best, Avx2Tile::R6x16)
    }
}

/// Whether a pointwise layer of so many outputs ends with half a panel, whose weights lie in pairs: where the half matters,
/// beside two whole panels at most. (Beside four or seven nothing was gained.)
pub const fn has_half_panel(o: usize) -> bool {
    o <= 40 && matches!(o % 16, 1..=8)
}

/// Whether the whole panels of a layer that ends with half a panel share a tile with it; else it is a tile by itself.
pub(crate) const fn joins_half_panel(level: LevelId) -> bool {
    matches!(level, LevelId::Avx512 | LevelId::Amx)
}

const fn cost(tile: Avx512Tile, m: usize, k: usize, n: usize) -> usize {
    let panels = n.div_ceil(16);
    let width = tile.info().channels / 16;
    let mut total = panels / width * sweep_cost(tile, m, k);
    if !panels.is_multiple_of(width) {
        total += sweep_cost(Avx512Tile::ALL[panels % width - 1], m, k);
    }
    total
}

/// The cost of all pixels by one tile's width of channels.
const fn sweep_cost(tile: Avx512Tile, m: usize, k: usize) -> usize {
    let TileInfo { rows, channels } = tile.info();
    let panels = channels / 16;
    let rest = m % rows;
    let mut total = m / rows * tile_cost(rows, panels, k);
    if rest > 0 {
        total += tile_cost(rest, panels, k);
    }
    total
}

const fn tile_cost(rows: usize, panels: usize, k: usize) -> usize {
    /// Panels that stay in a first-level cache, beside the pixels.
    const NEAR: usize = 640;
    // Fewer than 8 sums wait for each other.
    let multiplies = if rows * panels < 8 { 8 } else { rows * panels };
    let weights = if k * panels > NEAR {
        3 * panels
    } else {
        panels
    };
    (2 * multiplies + rows + weights) * k + 8 * rows * panels + 32
}

/// The size of a register tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileInfo {
    /// At most so many pixels.
    pub rows: usize,
    /// Exactly so many output channels; a last panel may be partly used.
    pub channels: usize,
}

/// The tiles that a pointwise step may use on a level, narrow ones first.
pub const fn pointwise_tiles(level: LevelId) -> &'static [TileInfo] {
    match level {
        LevelId::Scalar => {
            const {
                &[TileInfo {
                    rows: 2,
                    channels: 16,
                }]
            }
        }
        LevelId::Avx2 => const { &[Avx2Tile::R6x16.info()] },
        LevelId::Neon => {
            const {
                &[TileInfo {
                    rows: 8,
                    channels: 16,
                }]
            }
        }
        LevelId::Simd128 => {
            const {
                &[TileInfo {
                    rows: 4,
                    channels: 16,
                }]
            }
        }
        LevelId::Avx512 | LevelId::Amx => {
            const {
                &[
                    Avx512Tile::R14x16.info(),
                    Avx512Tile::R7x32.info(),
                    Avx512Tile::R7x48.info(),
                    Avx512Tile::R6x64.info(),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::vec::Vec;

    #[test]
    fn names_are_unique_and_follow_the_grammar() {
        let names: BTreeSet<_> = KERNELS.iter().map(|kernel| kernel.name).collect();
        assert_eq!(names.len(), KERNELS.len());
        for kernel in KERNELS {
            assert!(
                kernel.name.ends_with(kernel.level.name()),
                "{}",
                kernel.name
            );
        }
    }

    #[test]
    fn the_tiles_offered_are_the_kernels_listed() {
        for level in [
            LevelId::Scalar,
            LevelId::Avx2,
            LevelId::Avx512,
            LevelId::Neon,
            LevelId::Simd128,
        ] {
            let listed: Vec<_> = KERNELS
                .iter()
                .filter(|kernel| kernel.op == Op::Pointwise && kernel.level == level)
                .filter(|kernel| !WITH_HALF.contains(&kernel.method))
                .map(|kernel| TileInfo {
                    rows: kernel.constants[0],
                    channels: kernel.constants[1] * 16,
                })
                .collect();
            assert_eq!(pointwise_tiles(level), listed);
        }
    }

    /// The kernels of layers that end with half a panel.
    const WITH_HALF: [&str; 3] = ["pw_c8", "pw_c24", "pw_c40"];

    #[test]
    fn the_tiles_with_half_a_panel_are_the_kernels_listed() {
        for (method, tile) in WITH_HALF.into_iter().zip(Avx512Tile::WITH_HALF) {
            let kernel = KERNELS
                .iter()
                .find(|kernel| kernel.method == method && kernel.level == LevelId::Avx512);
            let TileInfo { rows, channels } = tile.info();
            let &[most, _, panels] = kernel.expect("AVX-512 has it").constants else {
                panic!("pixels, fewer, panels")
            };
            assert_eq!([most, panels], [rows, channels / 16]);
            assert_eq!(method, std::format!("pw_c{channels}"));
        }
    }

    #[test]
    fn accuracy_is_what_it_says() {
        let next = f32::from_bits(1.0_f32.to_bits() + 1);
        assert!(Accuracy::Exact.allows(1.0, 1.0, 1.0) && !Accuracy::Exact.allows(next, 1.0, 1.0));
        assert!(!Accuracy::Exact.allows(-0.0, 0.0, 1.0));
        assert!(
            Accuracy::Ulp(1).allows(next, 1.0, 1.0) && !Accuracy::Ulp(0).allows(next, 1.0, 1.0)
        );
        assert!(
            Accuracy::Ulp(2).allows(-1e-45, 1e-45, 1.0) && Accuracy::Ulp(0).allows(-0.0, 0.0, 1.0)
        );
        assert!(
            Accuracy::Rel(0.1).allows(1.0, 2.0, 10.0) && !Accuracy::Rel(0.1).allows(1.0, 2.1, 10.0)
        );
        assert!(
            !Accuracy::Rel(1.0).allows(f32::NAN, 1.0, 1.0)
                && !Accuracy::Rel(1.0).allows(1.0, f64::NAN, 1.0)
        );
        assert!(Accuracy::Rel(1e-6).allows(f32::INFINITY, f64::INFINITY, f64::INFINITY));
    }

    #[test]
    fn a_tile_fits_the_panels() {
        assert_eq!(Tile::choose(12544, 32, 16).avx512, Avx512Tile::R14x16);
        assert_eq!(Tile::choose(3136, 96, 24).avx512, Avx512Tile::R8x24);
        assert_eq!(Tile::choose(784, 120, 40).avx512, Avx512Tile::R7x40);
        assert_eq!(Tile::choose(784, 96, 32).avx512, Avx512Tile::R7x32);
        assert_eq!(Tile::choose(12544, 48, 8).avx512, Avx512Tile::R8x8);
        assert_eq!(Tile::choose(196, 576, 96).avx512, Avx512Tile::R7x48);
        assert_eq!(Tile::choose(196, 384, 64).avx512, Avx512Tile::R6x64);
        assert_eq!(Tile::choose(196, 112, 672).avx512, Avx512Tile::R6x64);
        assert_eq!(Tile::choose(49, 512, 1024).avx512, Avx512Tile::R7x48);
    }
}

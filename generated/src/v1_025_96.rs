// v1_025_96: compiled by mnetc 0.1.0 from v1_025_96.yaml.
// Do not edit: change v1_025_96.yaml and compile again.
//
// To use it, with the crate `mnetc-runtime` 0.1.0 and this file as a module:
//     // the bytes of a file that `mnetc pack v1_025_96.yaml --weights W -o FILE` wrote, aligned by `AlignedBytes`
//     let network = V102596::from_bytes(&bytes)?;
//     let mut arena = Arena::boxed(); // with the feature `alloc`; `Arena::new()` is const, for statics
//     let mut output = Output::new();
//     network.infer(&mut arena, &input, &mut output);
// `infer` neither allocates nor fails. Threads may share a network, each with an arena of its own.
// The input is 96x96x3 (height, width, channels): numbers, prepared as they were for training.
//
// layer                 operator             channels     output    then  parameters     MACs
// stem                  convolution 3x3/2    3 -> 8       48x48x8   relu         232  497,664
// row1.1.depthwise      depthwise 3x3                     48x48x8   relu          88  165,888
// row1.1.pointwise      pointwise 1x1        8 -> 16      48x48x16  relu         160  294,912
// row2.1.depthwise      depthwise 3x3/2                   24x24x16  relu         176   82,944
// row2.1.pointwise      pointwise 1x1        16 -> 32     24x24x32  relu         576  294,912
// row3.1.depthwise      depthwise 3x3                     24x24x32  relu         352  165,888
// row3.1.pointwise      pointwise 1x1        32 -> 32     24x24x32  relu       1,088  589,824
// row4.1.depthwise      depthwise 3x3/2                   12x12x32  relu         352   41,472
// row4.1.pointwise      pointwise 1x1        32 -> 64     12x12x64  relu       2,176  294,912
// row5.1.depthwise      depthwise 3x3                     12x12x64  relu         704   82,944
// row5.1.pointwise      pointwise 1x1        64 -> 64     12x12x64  relu       4,224  589,824
// row6.1.depthwise      depthwise 3x3/2                   6x6x64    relu         704   20,736
// row6.1.pointwise      pointwise 1x1        64 -> 128    6x6x128   relu       8,448  294,912
// row7.1.depthwise      depthwise 3x3                     6x6x128   relu       1,408   41,472
// row7.1.pointwise      pointwise 1x1        128 -> 128   6x6x128   relu      16,640  589,824
// row7.2.depthwise      depthwise 3x3                     6x6x128   relu       1,408   41,472
// row7.2.pointwise      pointwise 1x1        128 -> 128   6x6x128   relu      16,640  589,824
// row7.3.depthwise      depthwise 3x3                     6x6x128   relu       1,408   41,472
// row7.3.pointwise      pointwise 1x1        128 -> 128   6x6x128   relu      16,640  589,824
// row7.4.depthwise      depthwise 3x3                     6x6x128   relu       1,408   41,472
// row7.4.pointwise      pointwise 1x1        128 -> 128   6x6x128   relu      16,640  589,824
// row7.5.depthwise      depthwise 3x3                     6x6x128   relu       1,408   41,472
// row7.5.pointwise      pointwise 1x1        128 -> 128   6x6x128   relu      16,640  589,824
// row8.1.depthwise      depthwise 3x3/2                   3x3x128   relu       1,408   10,368
// row8.1.pointwise      pointwise 1x1        128 -> 256   3x3x256   relu      33,280  294,912
// row9.1.depthwise      depthwise 3x3                     3x3x256   relu       2,816   20,736
// row9.1.pointwise      pointwise 1x1        256 -> 256   3x3x256   relu      66,048  589,824
// global_average_pool1  global average pool               1x1x256                  0        0
// linear1               linear               256 -> 1000  1x1x1000           257,000  256,000
//
// Total: 470,072 parameters, 7,745,152 multiply-adds (MACs).
// Weights 1,878,848 bytes; arena 221,184 bytes, fullest at row1.1.pointwise.
//
// Each layer below is a comment, the maps it reads and writes (`arena.split([read], [written])`), one call of a
// kernel with its filter from the weights, and the observer's turn. Batch norms are folded into filters. A kernel's
// activation comes last, after its bias and a map that is added. 1x1 layers have stride 1 and no padding; `/2` is a
// stride. `row3.2` is the second repeat of the table's third row. Where a map takes the place of another, the slot is
// that other's.

use ::mnetc_runtime::Activation::{Identity, Relu};
use ::mnetc_runtime::{
    AnyLevel, Avx2Tile, Avx512Tile, BlobLayout, Cx, FilterSlot, Level, Map, MapMut,
    Observer, Slot, Tile, Weights, WeightsError, Window, conv, depthwise, dispatch,
    global_average_pool, linear, pointwise,
};

/// Bytes of the arena: all that `infer` needs besides weights, input, output and a small stack.
#[allow(dead_code, unreachable_pub)]
pub const ARENA_BYTES: usize = 221_184;
/// Bytes of the weight blob.
#[allow(dead_code, unreachable_pub)]
pub const WEIGHT_BYTES: usize = 1_878_848;
/// Multiply-adds of one inference.
#[allow(dead_code, unreachable_pub)]
pub const MACS: u64 = 7_745_152;
/// Parameters, as the network was trained.
#[allow(dead_code, unreachable_pub)]
pub const PARAMS: u64 = 470_072;
/// Height, width and channels of the input.
#[allow(dead_code, unreachable_pub)]
pub const INPUT_SHAPE: [usize; 3] = [96, 96, 3];
/// Name, and height, width and channels, of every output.
#[allow(dead_code, unreachable_pub)]
pub const OUTPUTS: [(&str, [usize; 3]); 1] = [("logits", [1, 1, 1000])];

/// The input: 96x96x3: row by row, the channels of a pixel together.
#[allow(dead_code, unreachable_pub)]
pub type Input = [f32; 96 * 96 * 3];
/// The memory that `infer` works in. It is left as it is between calls, and needs no cleaning.
#[allow(dead_code, unreachable_pub)]
pub type Arena = ::mnetc_runtime::Arena<ARENA_BYTES>;

/// What the network gives out.
#[derive(Clone, Debug, PartialEq)]
#[allow(dead_code, unreachable_pub)]
pub struct Output {
    /// 1000 numbers.
    pub logits: [f32; 1000],
}

#[allow(dead_code, unreachable_pub)]
impl Output {
    /// All zeros.
    pub const fn new() -> Self {
        Self { logits: [0.0; 1000] }
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}

/// The network `v1_025_96`: its weights, and the instruction set it runs on.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, unreachable_pub)]
pub struct V102596<'w> {
    weights: Weights<'w>,
    level: AnyLevel,
}

/// The length that a blob must have, and the fingerprint of its layout.
const LAYOUT: BlobLayout = BlobLayout {
    panels: 29_356,
    fingerprint: 0x1bfdbd7467232b50,
};

#[allow(dead_code, unreachable_pub)]
impl<'w> V102596<'w> {
    /// The network with the weights in `bytes`, which `mnetc pack` wrote for it.
    ///
    /// # Errors
    /// When `bytes` is not such a blob, or damaged, or does not start at a multiple of 64 bytes.
    pub fn from_bytes(bytes: &'w [u8]) -> Result<Self, WeightsError> {
        let weights = Weights::from_bytes(bytes, &LAYOUT)?;
        Ok(Self {
            weights,
            level: AnyLevel::detect(),
        })
    }

    /// The same network on `level`, which this CPU has (see `AnyLevel::available`), instead of the best.
    pub fn with_level(self, level: AnyLevel) -> Self {
        Self { level, ..self }
    }

    /// The instruction set the network runs on.
    pub fn level(&self) -> AnyLevel {
        self.level
    }

    /// Runs the network on `input`, and overwrites `output`.
    pub fn infer(&self, arena: &mut Arena, input: &Input, output: &mut Output) {
        self.infer_observed(arena, input, output, &mut ());
    }

    /// Runs the network on `input` and shows `observer` the result of each of [`STEPS`].
    pub fn infer_observed(
        &self,
        arena: &mut Arena,
        input: &Input,
        output: &mut Output,
        observer: &mut impl Observer,
    ) {
        dispatch!(self.level, level => self.run(level, arena, input, output, observer));
    }

    fn run<L: Level>(
        &self,
        level: L,
        arena: &mut Arena,
        input: &Input,
        output: &mut Output,
        observer: &mut impl Observer,
    ) {
        let cx = Cx::new(level, self.weights);
        stem(cx, arena, input, observer);
        row1_1(cx, arena, observer);
        row2_1(cx, arena, observer);
        row3_1(cx, arena, observer);
        row4_1(cx, arena, observer);
        row5_1(cx, arena, observer);
        row6_1(cx, arena, observer);
        row7_1(cx, arena, observer);
        row7_2(cx, arena, observer);
        row7_3(cx, arena, observer);
        row7_4(cx, arena, observer);
        row7_5(cx, arena, observer);
        row8_1(cx, arena, observer);
        row9_1(cx, arena, observer);
        head(cx, arena, output, observer);
    }
}

/// `stem`: 96x96x3 -> 48x48x8.
fn stem<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    input: &Input,
    observer: &mut impl Observer,
) {
    // stem: convolution 3x3, stride 2, padding 1, 3 -> 8 channels, 96x96 -> 48x48, relu
    let ([], [y, scratch]) = &mut arena.split([], [maps::STEM, maps::STEM_SCRATCH]);
    let x = &Map::new(input, 96, 96, 3);
    conv(cx, K3_S2_P1, 1, Relu, *x, cx.filter(filters::STEM), scratch, y);
    observer.step(0, y.as_map());
}

/// Row 1, separable (c 64, n 1, s 1): 48x48x8 -> 48x48x16.
fn row1_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row1.1.depthwise: depthwise 3x3, stride 1, padding 1, 8 channels, 48x48, relu
    let ([x], [y]) = &mut arena.split([maps::STEM], [maps::ROW1_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW1_1_DEPTHWISE), y);
    observer.step(1, y.as_map());

    // row1.1.pointwise: pointwise 1x1, 8 -> 16 channels, 48x48, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW1_1_DEPTHWISE], [maps::ROW1_1_POINTWISE]);
    pointwise(cx, TILE_14X16, Relu, *x, cx.filter(filters::ROW1_1_POINTWISE), y);
    observer.step(2, y.as_map());
}

/// Row 2, separable (c 128, n 1, s 2): 48x48x16 -> 24x24x32.
fn row2_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row2.1.depthwise: depthwise 3x3, stride 2, padding 1, 16 channels, 48x48 -> 24x24, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW1_1_POINTWISE], [maps::ROW2_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW2_1_DEPTHWISE), y);
    observer.step(3, y.as_map());

    // row2.1.pointwise: pointwise 1x1, 16 -> 32 channels, 24x24, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW2_1_DEPTHWISE], [maps::ROW2_1_POINTWISE]);
    pointwise(cx, TILE_7X32, Relu, *x, cx.filter(filters::ROW2_1_POINTWISE), y);
    observer.step(4, y.as_map());
}

/// Row 3, separable (c 128, n 1, s 1): 24x24x32 -> 24x24x32.
fn row3_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row3.1.depthwise: depthwise 3x3, stride 1, padding 1, 32 channels, 24x24, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW2_1_POINTWISE], [maps::ROW3_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW3_1_DEPTHWISE), y);
    observer.step(5, y.as_map());

    // row3.1.pointwise: pointwise 1x1, 32 -> 32 channels, 24x24, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW3_1_DEPTHWISE], [maps::ROW3_1_POINTWISE]);
    pointwise(cx, TILE_7X32, Relu, *x, cx.filter(filters::ROW3_1_POINTWISE), y);
    observer.step(6, y.as_map());
}

/// Row 4, separable (c 256, n 1, s 2): 24x24x32 -> 12x12x64.
fn row4_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.1.depthwise: depthwise 3x3, stride 2, padding 1, 32 channels, 24x24 -> 12x12, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW3_1_POINTWISE], [maps::ROW4_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW4_1_DEPTHWISE), y);
    observer.step(7, y.as_map());

    // row4.1.pointwise: pointwise 1x1, 32 -> 64 channels, 12x12, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW4_1_DEPTHWISE], [maps::ROW4_1_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW4_1_POINTWISE), y);
    observer.step(8, y.as_map());
}

/// Row 5, separable (c 256, n 1, s 1): 12x12x64 -> 12x12x64.
fn row5_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.1.depthwise: depthwise 3x3, stride 1, padding 1, 64 channels, 12x12, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW4_1_POINTWISE], [maps::ROW5_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW5_1_DEPTHWISE), y);
    observer.step(9, y.as_map());

    // row5.1.pointwise: pointwise 1x1, 64 -> 64 channels, 12x12, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW5_1_DEPTHWISE], [maps::ROW5_1_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW5_1_POINTWISE), y);
    observer.step(10, y.as_map());
}

/// Row 6, separable (c 512, n 1, s 2): 12x12x64 -> 6x6x128.
fn row6_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.1.depthwise: depthwise 3x3, stride 2, padding 1, 64 channels, 12x12 -> 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW5_1_POINTWISE], [maps::ROW6_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW6_1_DEPTHWISE), y);
    observer.step(11, y.as_map());

    // row6.1.pointwise: pointwise 1x1, 64 -> 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW6_1_DEPTHWISE], [maps::ROW6_1_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW6_1_POINTWISE), y);
    observer.step(12, y.as_map());
}

/// Row 7, repeat 1 of 5, separable (c 512, n 5, s 1): 6x6x128 -> 6x6x128.
fn row7_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.1.depthwise: depthwise 3x3, stride 1, padding 1, 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW6_1_POINTWISE], [maps::ROW7_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_1_DEPTHWISE), y);
    observer.step(13, y.as_map());

    // row7.1.pointwise: pointwise 1x1, 128 -> 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_1_DEPTHWISE], [maps::ROW7_1_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_1_POINTWISE), y);
    observer.step(14, y.as_map());
}

/// Row 7, repeat 2 of 5, separable (c 512, n 5, s 1): 6x6x128 -> 6x6x128.
fn row7_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.2.depthwise: depthwise 3x3, stride 1, padding 1, 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_1_POINTWISE], [maps::ROW7_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_2_DEPTHWISE), y);
    observer.step(15, y.as_map());

    // row7.2.pointwise: pointwise 1x1, 128 -> 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_2_DEPTHWISE], [maps::ROW7_2_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_2_POINTWISE), y);
    observer.step(16, y.as_map());
}

/// Row 7, repeat 3 of 5, separable (c 512, n 5, s 1): 6x6x128 -> 6x6x128.
fn row7_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.3.depthwise: depthwise 3x3, stride 1, padding 1, 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_2_POINTWISE], [maps::ROW7_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_3_DEPTHWISE), y);
    observer.step(17, y.as_map());

    // row7.3.pointwise: pointwise 1x1, 128 -> 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_3_DEPTHWISE], [maps::ROW7_3_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_3_POINTWISE), y);
    observer.step(18, y.as_map());
}

/// Row 7, repeat 4 of 5, separable (c 512, n 5, s 1): 6x6x128 -> 6x6x128.
fn row7_4<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.4.depthwise: depthwise 3x3, stride 1, padding 1, 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_3_POINTWISE], [maps::ROW7_4_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_4_DEPTHWISE), y);
    observer.step(19, y.as_map());

    // row7.4.pointwise: pointwise 1x1, 128 -> 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_4_DEPTHWISE], [maps::ROW7_4_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_4_POINTWISE), y);
    observer.step(20, y.as_map());
}

/// Row 7, repeat 5 of 5, separable (c 512, n 5, s 1): 6x6x128 -> 6x6x128.
fn row7_5<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.5.depthwise: depthwise 3x3, stride 1, padding 1, 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_4_POINTWISE], [maps::ROW7_5_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_5_DEPTHWISE), y);
    observer.step(21, y.as_map());

    // row7.5.pointwise: pointwise 1x1, 128 -> 128 channels, 6x6, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_5_DEPTHWISE], [maps::ROW7_5_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_5_POINTWISE), y);
    observer.step(22, y.as_map());
}

/// Row 8, separable (c 1024, n 1, s 2): 6x6x128 -> 3x3x256.
fn row8_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row8.1.depthwise: depthwise 3x3, stride 2, padding 1, 128 channels, 6x6 -> 3x3, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_5_POINTWISE], [maps::ROW8_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW8_1_DEPTHWISE), y);
    observer.step(23, y.as_map());

    // row8.1.pointwise: pointwise 1x1, 128 -> 256 channels, 3x3, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW8_1_DEPTHWISE], [maps::ROW8_1_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW8_1_POINTWISE), y);
    observer.step(24, y.as_map());
}

/// Row 9, separable (c 1024, n 1, s 1): 3x3x256 -> 3x3x256.
fn row9_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row9.1.depthwise: depthwise 3x3, stride 1, padding 1, 256 channels, 3x3, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW8_1_POINTWISE], [maps::ROW9_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW9_1_DEPTHWISE), y);
    observer.step(25, y.as_map());

    // row9.1.pointwise: pointwise 1x1, 256 -> 256 channels, 3x3, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW9_1_DEPTHWISE], [maps::ROW9_1_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW9_1_POINTWISE), y);
    observer.step(26, y.as_map());
}

/// From `global_average_pool1` to `linear1`: 3x3x256 -> 1x1x1000.
fn head<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    output: &mut Output,
    observer: &mut impl Observer,
) {
    // global_average_pool1: global average pool, 256 channels, 3x3 -> 1x1
    let ([x], [y]) = &mut arena
        .split([maps::ROW9_1_POINTWISE], [maps::GLOBAL_AVERAGE_POOL1]);
    global_average_pool(cx, *x, y);
    observer.step(27, y.as_map());

    // linear1: linear, 256 -> 1000 channels, 1x1
    let ([x], []) = &mut arena.split([maps::GLOBAL_AVERAGE_POOL1], []);
    let y = &mut MapMut::new(&mut output.logits, 1, 1, 1000);
    linear(cx, Identity, *x, cx.filter(filters::LINEAR1), y);
    observer.step(28, y.as_map());
}

/// Name, and height, width and channels of the result, of every step an observer sees.
#[allow(dead_code, unreachable_pub)]
pub const STEPS: [(&str, [usize; 3]); 29] = [
    ("stem", [48, 48, 8]),
    ("row1.1.depthwise", [48, 48, 8]),
    ("row1.1.pointwise", [48, 48, 16]),
    ("row2.1.depthwise", [24, 24, 16]),
    ("row2.1.pointwise", [24, 24, 32]),
    ("row3.1.depthwise", [24, 24, 32]),
    ("row3.1.pointwise", [24, 24, 32]),
    ("row4.1.depthwise", [12, 12, 32]),
    ("row4.1.pointwise", [12, 12, 64]),
    ("row5.1.depthwise", [12, 12, 64]),
    ("row5.1.pointwise", [12, 12, 64]),
    ("row6.1.depthwise", [6, 6, 64]),
    ("row6.1.pointwise", [6, 6, 128]),
    ("row7.1.depthwise", [6, 6, 128]),
    ("row7.1.pointwise", [6, 6, 128]),
    ("row7.2.depthwise", [6, 6, 128]),
    ("row7.2.pointwise", [6, 6, 128]),
    ("row7.3.depthwise", [6, 6, 128]),
    ("row7.3.pointwise", [6, 6, 128]),
    ("row7.4.depthwise", [6, 6, 128]),
    ("row7.4.pointwise", [6, 6, 128]),
    ("row7.5.depthwise", [6, 6, 128]),
    ("row7.5.pointwise", [6, 6, 128]),
    ("row8.1.depthwise", [3, 3, 128]),
    ("row8.1.pointwise", [3, 3, 256]),
    ("row9.1.depthwise", [3, 3, 256]),
    ("row9.1.pointwise", [3, 3, 256]),
    ("global_average_pool1", [1, 1, 256]),
    ("linear1", [1, 1, 1000]),
];

const K3_S1_P1: Window = Window::square(3).stride(1).padding([1, 1, 1, 1]);
const K3_S2_P1: Window = Window::square(3).stride(2).padding([1, 1, 1, 1]);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_14X16: Tile = Tile::new(Avx512Tile::R14x16, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_6X64: Tile = Tile::new(Avx512Tile::R6x64, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_7X32: Tile = Tile::new(Avx512Tile::R7x32, Avx2Tile::R6x16);

/// Where each map of f32 lies in the arena: `Slot::new(offset in bytes, height, width, channels)`.
mod maps {
    use super::Slot;
    pub(super) const STEM: Slot = Slot::new(0, 48, 48, 8);
    pub(super) const STEM_SCRATCH: Slot = Slot::new(73_728, 1, 1, 882);
    pub(super) const ROW1_1_DEPTHWISE: Slot = Slot::new(147_456, 48, 48, 8);
    pub(super) const ROW1_1_POINTWISE: Slot = Slot::new(0, 48, 48, 16);
    pub(super) const ROW2_1_DEPTHWISE: Slot = Slot::new(147_456, 24, 24, 16);
    pub(super) const ROW2_1_POINTWISE: Slot = Slot::new(0, 24, 24, 32);
    pub(super) const ROW3_1_DEPTHWISE: Slot = Slot::new(73_728, 24, 24, 32);
    pub(super) const ROW3_1_POINTWISE: Slot = Slot::new(0, 24, 24, 32);
    pub(super) const ROW4_1_DEPTHWISE: Slot = Slot::new(73_728, 12, 12, 32);
    pub(super) const ROW4_1_POINTWISE: Slot = Slot::new(0, 12, 12, 64);
    pub(super) const ROW5_1_DEPTHWISE: Slot = Slot::new(36_864, 12, 12, 64);
    pub(super) const ROW5_1_POINTWISE: Slot = Slot::new(0, 12, 12, 64);
    pub(super) const ROW6_1_DEPTHWISE: Slot = Slot::new(36_864, 6, 6, 64);
    pub(super) const ROW6_1_POINTWISE: Slot = Slot::new(0, 6, 6, 128);
    pub(super) const ROW7_1_DEPTHWISE: Slot = Slot::new(18_432, 6, 6, 128);
    pub(super) const ROW7_1_POINTWISE: Slot = Slot::new(0, 6, 6, 128);
    pub(super) const ROW7_2_DEPTHWISE: Slot = Slot::new(18_432, 6, 6, 128);
    pub(super) const ROW7_2_POINTWISE: Slot = Slot::new(0, 6, 6, 128);
    pub(super) const ROW7_3_DEPTHWISE: Slot = Slot::new(18_432, 6, 6, 128);
    pub(super) const ROW7_3_POINTWISE: Slot = Slot::new(0, 6, 6, 128);
    pub(super) const ROW7_4_DEPTHWISE: Slot = Slot::new(18_432, 6, 6, 128);
    pub(super) const ROW7_4_POINTWISE: Slot = Slot::new(0, 6, 6, 128);
    pub(super) const ROW7_5_DEPTHWISE: Slot = Slot::new(18_432, 6, 6, 128);
    pub(super) const ROW7_5_POINTWISE: Slot = Slot::new(0, 6, 6, 128);
    pub(super) const ROW8_1_DEPTHWISE: Slot = Slot::new(18_432, 3, 3, 128);
    pub(super) const ROW8_1_POINTWISE: Slot = Slot::new(0, 3, 3, 256);
    pub(super) const ROW9_1_DEPTHWISE: Slot = Slot::new(9216, 3, 3, 256);
    pub(super) const ROW9_1_POINTWISE: Slot = Slot::new(0, 3, 3, 256);
    pub(super) const GLOBAL_AVERAGE_POOL1: Slot = Slot::new(9216, 1, 1, 256);
}

/// Where each filter lies in the blob: `FilterSlot::new(first panel, panels of bias, panels of weights)`. A panel is
/// 16 f32, one for each of 16 output channels.
mod filters {
    use super::FilterSlot;
    pub(super) const STEM: FilterSlot = FilterSlot::new(0, 1, 27);
    pub(super) const ROW1_1_DEPTHWISE: FilterSlot = FilterSlot::new(28, 1, 9);
    pub(super) const ROW1_1_POINTWISE: FilterSlot = FilterSlot::new(38, 1, 8);
    pub(super) const ROW2_1_DEPTHWISE: FilterSlot = FilterSlot::new(47, 1, 9);
    pub(super) const ROW2_1_POINTWISE: FilterSlot = FilterSlot::new(57, 2, 32);
    pub(super) const ROW3_1_DEPTHWISE: FilterSlot = FilterSlot::new(91, 2, 18);
    pub(super) const ROW3_1_POINTWISE: FilterSlot = FilterSlot::new(111, 2, 64);
    pub(super) const ROW4_1_DEPTHWISE: FilterSlot = FilterSlot::new(177, 2, 18);
    pub(super) const ROW4_1_POINTWISE: FilterSlot = FilterSlot::new(197, 4, 128);
    pub(super) const ROW5_1_DEPTHWISE: FilterSlot = FilterSlot::new(329, 4, 36);
    pub(super) const ROW5_1_POINTWISE: FilterSlot = FilterSlot::new(369, 4, 256);
    pub(super) const ROW6_1_DEPTHWISE: FilterSlot = FilterSlot::new(629, 4, 36);
    pub(super) const ROW6_1_POINTWISE: FilterSlot = FilterSlot::new(669, 8, 512);
    pub(super) const ROW7_1_DEPTHWISE: FilterSlot = FilterSlot::new(1189, 8, 72);
    pub(super) const ROW7_1_POINTWISE: FilterSlot = FilterSlot::new(1269, 8, 1024);
    pub(super) const ROW7_2_DEPTHWISE: FilterSlot = FilterSlot::new(2301, 8, 72);
    pub(super) const ROW7_2_POINTWISE: FilterSlot = FilterSlot::new(2381, 8, 1024);
    pub(super) const ROW7_3_DEPTHWISE: FilterSlot = FilterSlot::new(3413, 8, 72);
    pub(super) const ROW7_3_POINTWISE: FilterSlot = FilterSlot::new(3493, 8, 1024);
    pub(super) const ROW7_4_DEPTHWISE: FilterSlot = FilterSlot::new(4525, 8, 72);
    pub(super) const ROW7_4_POINTWISE: FilterSlot = FilterSlot::new(4605, 8, 1024);
    pub(super) const ROW7_5_DEPTHWISE: FilterSlot = FilterSlot::new(5637, 8, 72);
    pub(super) const ROW7_5_POINTWISE: FilterSlot = FilterSlot::new(5717, 8, 1024);
    pub(super) const ROW8_1_DEPTHWISE: FilterSlot = FilterSlot::new(6749, 8, 72);
    pub(super) const ROW8_1_POINTWISE: FilterSlot = FilterSlot::new(6829, 16, 2048);
    pub(super) const ROW9_1_DEPTHWISE: FilterSlot = FilterSlot::new(8893, 16, 144);
    pub(super) const ROW9_1_POINTWISE: FilterSlot = FilterSlot::new(9053, 16, 4096);
    pub(super) const LINEAR1: FilterSlot = FilterSlot::new(13_165, 63, 16_128);
}

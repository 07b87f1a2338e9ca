// v3_small: compiled by mnetc 0.1.0 from v3_small.yaml.
// Do not edit: change v3_small.yaml and compile again.
//
// To use it, with the crate `mnetc-runtime` 0.1.0 and this file as a module:
//     // the bytes of a file that `mnetc pack v3_small.yaml --weights W -o FILE` wrote, aligned by `AlignedBytes`
//     let network = V3Small::from_bytes(&bytes)?;
//     let mut arena = Arena::boxed(); // with the feature `alloc`; `Arena::new()` is const, for statics
//     let mut output = Output::new();
//     network.infer(&mut arena, &input, &mut output);
// `infer` neither allocates nor fails. Threads may share a network, each with an arena of its own.
// The input is 224x224x3 (height, width, channels): numbers, prepared as they were for training.
//
// layer                 operator             channels           output      then               parameters       MACs
// stem                  convolution 3x3/2    3 -> 16            112x112x16  hard_swish                464  5,419,008
// row1.1.depthwise      depthwise 3x3/2                         56x56x16    relu                      176    451,584
// row1.1.se             squeeze-and-excite   16 -> 8 -> 16      1x1x16                                280        256
// row1.1.project        projection 1x1       16 -> 16           56x56x16                              288    802,816
// row2.1.expand         expansion 1x1        16 -> 72 (x4.5)    56x56x72    relu                    1,296  3,612,672
// row2.1.depthwise      depthwise 3x3/2                         28x28x72    relu                      792    508,032
// row2.1.project        projection 1x1       72 -> 24           28x28x24                            1,776  1,354,752
// row3.1.expand         expansion 1x1        24 -> 88 (x3.67)   28x28x88    relu                    2,288  1,655,808
// row3.1.depthwise      depthwise 3x3                           28x28x88    relu                      968    620,928
// row3.1.project        projection 1x1       88 -> 24           28x28x24    + row2.1.project        2,160  1,655,808
// row4.1.expand         expansion 1x1        24 -> 96 (x4)      28x28x96    hard_swish              2,496  1,806,336
// row4.1.depthwise      depthwise 5x5/2                         14x14x96    hard_swish              2,592    470,400
// row4.1.se             squeeze-and-excite   96 -> 24 -> 96     1x1x96                              4,728      4,608
// row4.1.project        projection 1x1       96 -> 40           14x14x40                            3,920    752,640
// row5.1.expand         expansion 1x1        40 -> 240 (x6)     14x14x240   hard_swish             10,080  1,881,600
// row5.1.depthwise      depthwise 5x5                           14x14x240   hard_swish              6,480  1,176,000
// row5.1.se             squeeze-and-excite   240 -> 64 -> 240   1x1x240                            31,024     30,720
// row5.1.project        projection 1x1       240 -> 40          14x14x40    + row4.1.project        9,680  1,881,600
// row6.1.expand         expansion 1x1        40 -> 240 (x6)     14x14x240   hard_swish             10,080  1,881,600
// row6.1.depthwise      depthwise 5x5                           14x14x240   hard_swish              6,480  1,176,000
// row6.1.se             squeeze-and-excite   240 -> 64 -> 240   1x1x240                            31,024     30,720
// row6.1.project        projection 1x1       240 -> 40          14x14x40    + row5.1.project        9,680  1,881,600
// row7.1.expand         expansion 1x1        40 -> 120 (x3)     14x14x120   hard_swish              5,040    940,800
// row7.1.depthwise      depthwise 5x5                           14x14x120   hard_swish              3,240    588,000
// row7.1.se             squeeze-and-excite   120 -> 32 -> 120   1x1x120                             7,832      7,680
// row7.1.project        projection 1x1       120 -> 48          14x14x48                            5,856  1,128,960
// row8.1.expand         expansion 1x1        48 -> 144 (x3)     14x14x144   hard_swish              7,200  1,354,752
// row8.1.depthwise      depthwise 5x5                           14x14x144   hard_swish              3,888    705,600
// row8.1.se             squeeze-and-excite   144 -> 40 -> 144   1x1x144                            11,704     11,520
// row8.1.project        projection 1x1       144 -> 48          14x14x48    + row7.1.project        7,008  1,354,752
// row9.1.expand         expansion 1x1        48 -> 288 (x6)     14x14x288   hard_swish             14,400  2,709,504
// row9.1.depthwise      depthwise 5x5/2                         7x7x288     hard_swish              7,776    352,800
// row9.1.se             squeeze-and-excite   288 -> 72 -> 288   7x7x288                            41,832     41,472
// row9.1.project        projection 1x1       288 -> 96          7x7x96                             27,840  1,354,752
// row10.1.expand        expansion 1x1        96 -> 576 (x6)     7x7x576     hard_swish             56,448  2,709,504
// row10.1.depthwise     depthwise 5x5                           7x7x576     hard_swish             15,552    705,600
// row10.1.se            squeeze-and-excite   576 -> 144 -> 576  7x7x576                           166,608    165,888
// row10.1.project       projection 1x1       576 -> 96          7x7x96      + row9.1.project       55,488  2,709,504
// row11.1.expand        expansion 1x1        96 -> 576 (x6)     7x7x576     hard_swish             56,448  2,709,504
// row11.1.depthwise     depthwise 5x5                           7x7x576     hard_swish             15,552    705,600
// row11.1.se            squeeze-and-excite   576 -> 144 -> 576  7x7x576                           166,608    165,888
// row11.1.project       projection 1x1       576 -> 96          7x7x96      + row10.1.project      55,488  2,709,504
// conv1                 convolution 1x1      96 -> 576          7x7x576     hard_swish             56,448  2,709,504
// global_average_pool1  global average pool                     1x1x576                                 0          0
// linear1               linear               576 -> 1024        1x1x1024    hard_swish            590,848    589,824
// linear2               linear               1024 -> 1000       1x1x1000                        1,025,000  1,024,000
//
// Total: 2,542,856 parameters, 56,510,400 multiply-adds (MACs).
// Weights 10,202,944 bytes; arena 1,128,960 bytes, fullest at row2.1.depthwise.
//
// Each layer below is a comment, the maps it reads and writes (`arena.split([read], [written])`), one call of a
// kernel with its filter from the weights, and the observer's turn. Batch norms are folded into filters. A kernel's
// activation comes last, after its bias and a map that is added. 1x1 layers have stride 1 and no padding; `/2` is a
// stride. `row3.2` is the second repeat of the table's third row. Where a map takes the place of another, the slot is
// that other's.

use ::mnetc_runtime::Activation::{HardSigmoid, HardSwish, Identity, Relu};
use ::mnetc_runtime::{
    AnyLevel, Avx2Tile, Avx512Tile, BlobLayout, Cx, FilterSlot, Level, Map, MapMut,
    Observer, Slot, SqueezeExcite, Tile, Weights, WeightsError, Window, conv, depthwise,
    dispatch, excite, gate_filter, global_average_pool, linear, pointwise,
    pointwise_accumulate, squeeze_excite_in_place,
};

/// Bytes of the arena: all that `infer` needs besides weights, input, output and a small stack.
#[allow(dead_code, unreachable_pub)]
pub const ARENA_BYTES: usize = 1_128_960;
/// Bytes of the weight blob.
#[allow(dead_code, unreachable_pub)]
pub const WEIGHT_BYTES: usize = 10_202_944;
/// Multiply-adds of one inference.
#[allow(dead_code, unreachable_pub)]
pub const MACS: u64 = 56_510_400;
/// Parameters, as the network was trained.
#[allow(dead_code, unreachable_pub)]
pub const PARAMS: u64 = 2_542_856;
/// Height, width and channels of the input.
#[allow(dead_code, unreachable_pub)]
pub const INPUT_SHAPE: [usize; 3] = [224, 224, 3];
/// Name, and height, width and channels, of every output.
#[allow(dead_code, unreachable_pub)]
pub const OUTPUTS: [(&str, [usize; 3]); 1] = [("logits", [1, 1, 1000])];

/// The input: 224x224x3: row by row, the channels of a pixel together.
#[allow(dead_code, unreachable_pub)]
pub type Input = [f32; 224 * 224 * 3];
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

/// The network `v3_small`: its weights, and the instruction set it runs on.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, unreachable_pub)]
pub struct V3Small<'w> {
    weights: Weights<'w>,
    level: AnyLevel,
}

/// The length that a blob must have, and the fingerprint of its layout.
const LAYOUT: BlobLayout = BlobLayout {
    panels: 159_420,
    fingerprint: 0x6bdd8dd81c42150b,
};

#[allow(dead_code, unreachable_pub)]
impl<'w> V3Small<'w> {
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
        row8_1(cx, arena, observer);
        row9_1(cx, arena, observer);
        row10_1(cx, arena, observer);
        row11_1(cx, arena, observer);
        head(cx, arena, output, observer);
    }
}

/// `stem`: 224x224x3 -> 112x112x16.
fn stem<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    input: &Input,
    observer: &mut impl Observer,
) {
    // stem: convolution 3x3, stride 2, padding 1, 3 -> 16 channels, 224x224 -> 112x112, hard_swish
    let ([], [y, scratch]) = &mut arena.split([], [maps::STEM, maps::STEM_SCRATCH]);
    let x = &Map::new(input, 224, 224, 3);
    conv(cx, K3_S2_P1, 1, HardSwish, *x, cx.filter(filters::STEM), scratch, y);
    observer.step(0, y.as_map());
}

/// Row 1, bneck (k 3, exp 16, c 16, se true, nl relu, s 2): 112x112x16 -> 56x56x16.
fn row1_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row1.1.depthwise: depthwise 3x3, stride 2, padding 1, 16 channels, 112x112 -> 56x56, relu
    let ([x], [y]) = &mut arena.split([maps::STEM], [maps::ROW1_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW1_1_DEPTHWISE), y);
    observer.step(1, y.as_map());

    // row1.1.se: squeeze-and-excite, 16 -> 8 -> 16 channels, relu then hard_sigmoid, 56x56 -> 1x1, and row1.1.project's weights times these gates
    let ([x], [y, scaled, scratch]) = &mut arena
        .split(
            [maps::ROW1_1_DEPTHWISE],
            [maps::ROW1_1_SE, maps::ROW1_1_PROJECT_SCALED, maps::ROW1_1_SE_SCRATCH],
        );
    excite(
        cx,
        SE_RELU_HARD_SIGMOID,
        *x,
        cx.filter(filters::ROW1_1_SE_REDUCE),
        cx.filter(filters::ROW1_1_SE_EXPAND),
        scratch,
        y,
    );
    gate_filter(cx, y.as_map(), cx.filter(filters::ROW1_1_PROJECT), scaled);
    observer.step(2, y.as_map());

    // row1.1.project: projection 1x1, 16 -> 16 channels, 56x56
    let ([x, scaled], [y]) = &mut arena
        .split(
            [maps::ROW1_1_DEPTHWISE, maps::ROW1_1_PROJECT_SCALED],
            [maps::ROW1_1_PROJECT],
        );
    pointwise(
        cx,
        TILE_14X16,
        Identity,
        *x,
        cx.filter(filters::ROW1_1_PROJECT).gated(*scaled),
        y,
    );
    observer.step(3, y.as_map());
}

/// Row 2, bneck (k 3, exp 72, c 24, se false, nl relu, s 2): 56x56x16 -> 28x28x24.
fn row2_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row2.1.expand: expansion 1x1, 16 -> 72 channels (x4.5), 56x56, relu
    let ([x], [y]) = &mut arena.split([maps::ROW1_1_PROJECT], [maps::ROW2_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW2_1_EXPAND), y);
    observer.step(4, y.as_map());

    // row2.1.depthwise: depthwise 3x3, stride 2, padding 1, 72 channels, 56x56 -> 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW2_1_EXPAND], [maps::ROW2_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW2_1_DEPTHWISE), y);
    observer.step(5, y.as_map());

    // row2.1.project: projection 1x1, 72 -> 24 channels, 28x28
    let ([x], [y]) = &mut arena.split([maps::ROW2_1_DEPTHWISE], [maps::ROW2_1_PROJECT]);
    pointwise(cx, TILE_8X24, Identity, *x, cx.filter(filters::ROW2_1_PROJECT), y);
    observer.step(6, y.as_map());
}

/// Row 3, bneck (k 3, exp 88, c 24, se false, nl relu, s 1): 28x28x24 -> 28x28x24.
fn row3_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row3.1.expand: expansion 1x1, 24 -> 88 channels (x3.67), 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW2_1_PROJECT], [maps::ROW3_1_EXPAND]);
    pointwise(cx, TILE_7X48, Relu, *x, cx.filter(filters::ROW3_1_EXPAND), y);
    observer.step(7, y.as_map());

    // row3.1.depthwise: depthwise 3x3, stride 1, padding 1, 88 channels, 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_EXPAND], [maps::ROW3_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW3_1_DEPTHWISE), y);
    observer.step(8, y.as_map());

    // row3.1.project: projection 1x1, 88 -> 24 channels, 28x28, + row2.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_DEPTHWISE], [maps::ROW3_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_8X24,
        Identity,
        *x,
        cx.filter(filters::ROW3_1_PROJECT),
        y,
    );
    observer.step(9, y.as_map());
}

/// Row 4, bneck (k 5, exp 96, c 40, se true, nl hard_swish, s 2): 28x28x24 -> 14x14x40.
fn row4_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.1.expand: expansion 1x1, 24 -> 96 channels (x4), 28x28, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_PROJECT], [maps::ROW4_1_EXPAND]);
    pointwise(cx, TILE_7X48, HardSwish, *x, cx.filter(filters::ROW4_1_EXPAND), y);
    observer.step(10, y.as_map());

    // row4.1.depthwise: depthwise 5x5, stride 2, padding 2, 96 channels, 28x28 -> 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_EXPAND], [maps::ROW4_1_DEPTHWISE]);
    depthwise(cx, K5_S2_P2, HardSwish, *x, cx.filter(filters::ROW4_1_DEPTHWISE), y);
    observer.step(11, y.as_map());

    // row4.1.se: squeeze-and-excite, 96 -> 24 -> 96 channels, relu then hard_sigmoid, 14x14 -> 1x1, and row4.1.project's weights times these gates
    let ([x], [y, scaled, scratch]) = &mut arena
        .split(
            [maps::ROW4_1_DEPTHWISE],
            [maps::ROW4_1_SE, maps::ROW4_1_PROJECT_SCALED, maps::ROW4_1_SE_SCRATCH],
        );
    excite(
        cx,
        SE_RELU_HARD_SIGMOID,
        *x,
        cx.filter(filters::ROW4_1_SE_REDUCE),
        cx.filter(filters::ROW4_1_SE_EXPAND),
        scratch,
        y,
    );
    gate_filter(cx, y.as_map(), cx.filter(filters::ROW4_1_PROJECT), scaled);
    observer.step(12, y.as_map());

    // row4.1.project: projection 1x1, 96 -> 40 channels, 14x14
    let ([x, scaled], [y]) = &mut arena
        .split(
            [maps::ROW4_1_DEPTHWISE, maps::ROW4_1_PROJECT_SCALED],
            [maps::ROW4_1_PROJECT],
        );
    pointwise(
        cx,
        TILE_7X40,
        Identity,
        *x,
        cx.filter(filters::ROW4_1_PROJECT).gated(*scaled),
        y,
    );
    observer.step(13, y.as_map());
}

/// Row 5, bneck (k 5, exp 240, c 40, se true, nl hard_swish, s 1): 14x14x40 -> 14x14x40.
fn row5_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.1.expand: expansion 1x1, 40 -> 240 channels (x6), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_PROJECT], [maps::ROW5_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW5_1_EXPAND), y);
    observer.step(14, y.as_map());

    // row5.1.depthwise: depthwise 5x5, stride 1, padding 2, 240 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_EXPAND], [maps::ROW5_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW5_1_DEPTHWISE), y);
    observer.step(15, y.as_map());

    // row5.1.se: squeeze-and-excite, 240 -> 64 -> 240 channels, relu then hard_sigmoid, 14x14 -> 1x1, and row5.1.project's weights times these gates
    let ([x], [y, scaled, scratch]) = &mut arena
        .split(
            [maps::ROW5_1_DEPTHWISE],
            [maps::ROW5_1_SE, maps::ROW5_1_PROJECT_SCALED, maps::ROW5_1_SE_SCRATCH],
        );
    excite(
        cx,
        SE_RELU_HARD_SIGMOID,
        *x,
        cx.filter(filters::ROW5_1_SE_REDUCE),
        cx.filter(filters::ROW5_1_SE_EXPAND),
        scratch,
        y,
    );
    gate_filter(cx, y.as_map(), cx.filter(filters::ROW5_1_PROJECT), scaled);
    observer.step(16, y.as_map());

    // row5.1.project: projection 1x1, 240 -> 40 channels, 14x14, + row4.1.project
    let ([x, scaled], [y]) = &mut arena
        .split(
            [maps::ROW5_1_DEPTHWISE, maps::ROW5_1_PROJECT_SCALED],
            [maps::ROW5_1_PROJECT],
        );
    pointwise_accumulate(
        cx,
        TILE_7X40,
        Identity,
        *x,
        cx.filter(filters::ROW5_1_PROJECT).gated(*scaled),
        y,
    );
    observer.step(17, y.as_map());
}

/// Row 6, bneck (k 5, exp 240, c 40, se true, nl hard_swish, s 1): 14x14x40 -> 14x14x40.
fn row6_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.1.expand: expansion 1x1, 40 -> 240 channels (x6), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_PROJECT], [maps::ROW6_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW6_1_EXPAND), y);
    observer.step(18, y.as_map());

    // row6.1.depthwise: depthwise 5x5, stride 1, padding 2, 240 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_EXPAND], [maps::ROW6_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW6_1_DEPTHWISE), y);
    observer.step(19, y.as_map());

    // row6.1.se: squeeze-and-excite, 240 -> 64 -> 240 channels, relu then hard_sigmoid, 14x14 -> 1x1, and row6.1.project's weights times these gates
    let ([x], [y, scaled, scratch]) = &mut arena
        .split(
            [maps::ROW6_1_DEPTHWISE],
            [maps::ROW6_1_SE, maps::ROW6_1_PROJECT_SCALED, maps::ROW6_1_SE_SCRATCH],
        );
    excite(
        cx,
        SE_RELU_HARD_SIGMOID,
        *x,
        cx.filter(filters::ROW6_1_SE_REDUCE),
        cx.filter(filters::ROW6_1_SE_EXPAND),
        scratch,
        y,
    );
    gate_filter(cx, y.as_map(), cx.filter(filters::ROW6_1_PROJECT), scaled);
    observer.step(20, y.as_map());

    // row6.1.project: projection 1x1, 240 -> 40 channels, 14x14, + row5.1.project
    let ([x, scaled], [y]) = &mut arena
        .split(
            [maps::ROW6_1_DEPTHWISE, maps::ROW6_1_PROJECT_SCALED],
            [maps::ROW6_1_PROJECT],
        );
    pointwise_accumulate(
        cx,
        TILE_7X40,
        Identity,
        *x,
        cx.filter(filters::ROW6_1_PROJECT).gated(*scaled),
        y,
    );
    observer.step(21, y.as_map());
}

/// Row 7, bneck (k 5, exp 120, c 48, se true, nl hard_swish, s 1): 14x14x40 -> 14x14x48.
fn row7_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.1.expand: expansion 1x1, 40 -> 120 channels (x3), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_PROJECT], [maps::ROW7_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW7_1_EXPAND), y);
    observer.step(22, y.as_map());

    // row7.1.depthwise: depthwise 5x5, stride 1, padding 2, 120 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_EXPAND], [maps::ROW7_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW7_1_DEPTHWISE), y);
    observer.step(23, y.as_map());

    // row7.1.se: squeeze-and-excite, 120 -> 32 -> 120 channels, relu then hard_sigmoid, 14x14 -> 1x1, and row7.1.project's weights times these gates
    let ([x], [y, scaled, scratch]) = &mut arena
        .split(
            [maps::ROW7_1_DEPTHWISE],
            [maps::ROW7_1_SE, maps::ROW7_1_PROJECT_SCALED, maps::ROW7_1_SE_SCRATCH],
        );
    excite(
        cx,
        SE_RELU_HARD_SIGMOID,
        *x,
        cx.filter(filters::ROW7_1_SE_REDUCE),
        cx.filter(filters::ROW7_1_SE_EXPAND),
        scratch,
        y,
    );
    gate_filter(cx, y.as_map(), cx.filter(filters::ROW7_1_PROJECT), scaled);
    observer.step(24, y.as_map());

    // row7.1.project: projection 1x1, 120 -> 48 channels, 14x14
    let ([x, scaled], [y]) = &mut arena
        .split(
            [maps::ROW7_1_DEPTHWISE, maps::ROW7_1_PROJECT_SCALED],
            [maps::ROW7_1_PROJECT],
        );
    pointwise(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW7_1_PROJECT).gated(*scaled),
        y,
    );
    observer.step(25, y.as_map());
}

/// Row 8, bneck (k 5, exp 144, c 48, se true, nl hard_swish, s 1): 14x14x48 -> 14x14x48.
fn row8_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row8.1.expand: expansion 1x1, 48 -> 144 channels (x3), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_PROJECT], [maps::ROW8_1_EXPAND]);
    pointwise(cx, TILE_7X48, HardSwish, *x, cx.filter(filters::ROW8_1_EXPAND), y);
    observer.step(26, y.as_map());

    // row8.1.depthwise: depthwise 5x5, stride 1, padding 2, 144 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW8_1_EXPAND], [maps::ROW8_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW8_1_DEPTHWISE), y);
    observer.step(27, y.as_map());

    // row8.1.se: squeeze-and-excite, 144 -> 40 -> 144 channels, relu then hard_sigmoid, 14x14 -> 1x1, and row8.1.project's weights times these gates
    let ([x], [y, scaled, scratch]) = &mut arena
        .split(
            [maps::ROW8_1_DEPTHWISE],
            [maps::ROW8_1_SE, maps::ROW8_1_PROJECT_SCALED, maps::ROW8_1_SE_SCRATCH],
        );
    excite(
        cx,
        SE_RELU_HARD_SIGMOID,
        *x,
        cx.filter(filters::ROW8_1_SE_REDUCE),
        cx.filter(filters::ROW8_1_SE_EXPAND),
        scratch,
        y,
    );
    gate_filter(cx, y.as_map(), cx.filter(filters::ROW8_1_PROJECT), scaled);
    observer.step(28, y.as_map());

    // row8.1.project: projection 1x1, 144 -> 48 channels, 14x14, + row7.1.project
    let ([x, scaled], [y]) = &mut arena
        .split(
            [maps::ROW8_1_DEPTHWISE, maps::ROW8_1_PROJECT_SCALED],
            [maps::ROW8_1_PROJECT],
        );
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW8_1_PROJECT).gated(*scaled),
        y,
    );
    observer.step(29, y.as_map());
}

/// Row 9, bneck (k 5, exp 288, c 96, se true, nl hard_swish, s 2): 14x14x48 -> 7x7x96.
fn row9_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row9.1.expand: expansion 1x1, 48 -> 288 channels (x6), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW8_1_PROJECT], [maps::ROW9_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW9_1_EXPAND), y);
    observer.step(30, y.as_map());

    // row9.1.depthwise: depthwise 5x5, stride 2, padding 2, 288 channels, 14x14 -> 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW9_1_EXPAND], [maps::ROW9_1_DEPTHWISE]);
    depthwise(cx, K5_S2_P2, HardSwish, *x, cx.filter(filters::ROW9_1_DEPTHWISE), y);
    observer.step(31, y.as_map());

    // row9.1.se: squeeze-and-excite, 288 -> 72 -> 288 channels, relu then hard_sigmoid, 7x7
    let ([], [y, scratch]) = &mut arena
        .split([], [maps::ROW9_1_SE, maps::ROW9_1_SE_SCRATCH]);
    squeeze_excite_in_place(
        cx,
        SE_RELU_HARD_SIGMOID,
        cx.filter(filters::ROW9_1_SE_REDUCE),
        cx.filter(filters::ROW9_1_SE_EXPAND),
        scratch,
        y,
    );
    observer.step(32, y.as_map());

    // row9.1.project: projection 1x1, 288 -> 96 channels, 7x7
    let ([x], [y]) = &mut arena.split([maps::ROW9_1_SE], [maps::ROW9_1_PROJECT]);
    pointwise(cx, TILE_7X32, Identity, *x, cx.filter(filters::ROW9_1_PROJECT), y);
    observer.step(33, y.as_map());
}

/// Row 10, bneck (k 5, exp 576, c 96, se true, nl hard_swish, s 1): 7x7x96 -> 7x7x96.
fn row10_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row10.1.expand: expansion 1x1, 96 -> 576 channels (x6), 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW9_1_PROJECT], [maps::ROW10_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW10_1_EXPAND), y);
    observer.step(34, y.as_map());

    // row10.1.depthwise: depthwise 5x5, stride 1, padding 2, 576 channels, 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW10_1_EXPAND], [maps::ROW10_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW10_1_DEPTHWISE), y);
    observer.step(35, y.as_map());

    // row10.1.se: squeeze-and-excite, 576 -> 144 -> 576 channels, relu then hard_sigmoid, 7x7
    let ([], [y, scratch]) = &mut arena
        .split([], [maps::ROW10_1_SE, maps::ROW10_1_SE_SCRATCH]);
    squeeze_excite_in_place(
        cx,
        SE_RELU_HARD_SIGMOID,
        cx.filter(filters::ROW10_1_SE_REDUCE),
        cx.filter(filters::ROW10_1_SE_EXPAND),
        scratch,
        y,
    );
    observer.step(36, y.as_map());

    // row10.1.project: projection 1x1, 576 -> 96 channels, 7x7, + row9.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW10_1_SE], [maps::ROW10_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW10_1_PROJECT),
        y,
    );
    observer.step(37, y.as_map());
}

/// Row 11, bneck (k 5, exp 576, c 96, se true, nl hard_swish, s 1): 7x7x96 -> 7x7x96.
fn row11_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row11.1.expand: expansion 1x1, 96 -> 576 channels (x6), 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW10_1_PROJECT], [maps::ROW11_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW11_1_EXPAND), y);
    observer.step(38, y.as_map());

    // row11.1.depthwise: depthwise 5x5, stride 1, padding 2, 576 channels, 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW11_1_EXPAND], [maps::ROW11_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW11_1_DEPTHWISE), y);
    observer.step(39, y.as_map());

    // row11.1.se: squeeze-and-excite, 576 -> 144 -> 576 channels, relu then hard_sigmoid, 7x7
    let ([], [y, scratch]) = &mut arena
        .split([], [maps::ROW11_1_SE, maps::ROW11_1_SE_SCRATCH]);
    squeeze_excite_in_place(
        cx,
        SE_RELU_HARD_SIGMOID,
        cx.filter(filters::ROW11_1_SE_REDUCE),
        cx.filter(filters::ROW11_1_SE_EXPAND),
        scratch,
        y,
    );
    observer.step(40, y.as_map());

    // row11.1.project: projection 1x1, 576 -> 96 channels, 7x7, + row10.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW11_1_SE], [maps::ROW11_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW11_1_PROJECT),
        y,
    );
    observer.step(41, y.as_map());
}

/// From `conv1` to `linear2`: 7x7x96 -> 1x1x1000.
fn head<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    output: &mut Output,
    observer: &mut impl Observer,
) {
    // conv1: convolution 1x1, 96 -> 576 channels, 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW11_1_PROJECT], [maps::CONV1]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::CONV1), y);
    observer.step(42, y.as_map());

    // global_average_pool1: global average pool, 576 channels, 7x7 -> 1x1
    let ([x], [y]) = &mut arena.split([maps::CONV1], [maps::GLOBAL_AVERAGE_POOL1]);
    global_average_pool(cx, *x, y);
    observer.step(43, y.as_map());

    // linear1: linear, 576 -> 1024 channels, 1x1, hard_swish
    let ([x], [y]) = &mut arena.split([maps::GLOBAL_AVERAGE_POOL1], [maps::LINEAR1]);
    linear(cx, HardSwish, *x, cx.filter(filters::LINEAR1), y);
    observer.step(44, y.as_map());

    // linear2: linear, 1024 -> 1000 channels, 1x1
    let ([x], []) = &mut arena.split([maps::LINEAR1], []);
    let y = &mut MapMut::new(&mut output.logits, 1, 1, 1000);
    linear(cx, Identity, *x, cx.filter(filters::LINEAR2), y);
    observer.step(45, y.as_map());
}

/// Name, and height, width and channels of the result, of every step an observer sees.
#[allow(dead_code, unreachable_pub)]
pub const STEPS: [(&str, [usize; 3]); 46] = [
    ("stem", [112, 112, 16]),
    ("row1.1.depthwise", [56, 56, 16]),
    ("row1.1.se", [1, 1, 16]),
    ("row1.1.project", [56, 56, 16]),
    ("row2.1.expand", [56, 56, 72]),
    ("row2.1.depthwise", [28, 28, 72]),
    ("row2.1.project", [28, 28, 24]),
    ("row3.1.expand", [28, 28, 88]),
    ("row3.1.depthwise", [28, 28, 88]),
    ("row3.1.project", [28, 28, 24]),
    ("row4.1.expand", [28, 28, 96]),
    ("row4.1.depthwise", [14, 14, 96]),
    ("row4.1.se", [1, 1, 96]),
    ("row4.1.project", [14, 14, 40]),
    ("row5.1.expand", [14, 14, 240]),
    ("row5.1.depthwise", [14, 14, 240]),
    ("row5.1.se", [1, 1, 240]),
    ("row5.1.project", [14, 14, 40]),
    ("row6.1.expand", [14, 14, 240]),
    ("row6.1.depthwise", [14, 14, 240]),
    ("row6.1.se", [1, 1, 240]),
    ("row6.1.project", [14, 14, 40]),
    ("row7.1.expand", [14, 14, 120]),
    ("row7.1.depthwise", [14, 14, 120]),
    ("row7.1.se", [1, 1, 120]),
    ("row7.1.project", [14, 14, 48]),
    ("row8.1.expand", [14, 14, 144]),
    ("row8.1.depthwise", [14, 14, 144]),
    ("row8.1.se", [1, 1, 144]),
    ("row8.1.project", [14, 14, 48]),
    ("row9.1.expand", [14, 14, 288]),
    ("row9.1.depthwise", [7, 7, 288]),
    ("row9.1.se", [7, 7, 288]),
    ("row9.1.project", [7, 7, 96]),
    ("row10.1.expand", [7, 7, 576]),
    ("row10.1.depthwise", [7, 7, 576]),
    ("row10.1.se", [7, 7, 576]),
    ("row10.1.project", [7, 7, 96]),
    ("row11.1.expand", [7, 7, 576]),
    ("row11.1.depthwise", [7, 7, 576]),
    ("row11.1.se", [7, 7, 576]),
    ("row11.1.project", [7, 7, 96]),
    ("conv1", [7, 7, 576]),
    ("global_average_pool1", [1, 1, 576]),
    ("linear1", [1, 1, 1024]),
    ("linear2", [1, 1, 1000]),
];

const K3_S1_P1: Window = Window::square(3).stride(1).padding([1, 1, 1, 1]);
const K3_S2_P1: Window = Window::square(3).stride(2).padding([1, 1, 1, 1]);
const K5_S1_P2: Window = Window::square(5).stride(1).padding([2, 2, 2, 2]);
const K5_S2_P2: Window = Window::square(5).stride(2).padding([2, 2, 2, 2]);
const SE_RELU_HARD_SIGMOID: SqueezeExcite = SqueezeExcite {
    reduce: Relu,
    gate: HardSigmoid,
    after: Identity,
};
/// Pixels x channels that are held in registers, per instruction set.
const TILE_14X16: Tile = Tile::new(Avx512Tile::R14x16, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_6X64: Tile = Tile::new(Avx512Tile::R6x64, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_7X32: Tile = Tile::new(Avx512Tile::R7x32, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_7X40: Tile = Tile::new(Avx512Tile::R7x40, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_7X48: Tile = Tile::new(Avx512Tile::R7x48, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_8X24: Tile = Tile::new(Avx512Tile::R8x24, Avx2Tile::R6x16);

/// Where each map of f32 lies in the arena: `Slot::new(offset in bytes, height, width, channels)`.
mod maps {
    use super::Slot;
    pub(super) const STEM: Slot = Slot::new(0, 112, 112, 16);
    pub(super) const STEM_SCRATCH: Slot = Slot::new(802_816, 1, 1, 2034);
    pub(super) const ROW1_1_DEPTHWISE: Slot = Slot::new(802_816, 56, 56, 16);
    pub(super) const ROW1_1_SE: Slot = Slot::new(0, 1, 1, 16);
    pub(super) const ROW1_1_SE_SCRATCH: Slot = Slot::new(64, 1, 1, 32);
    pub(super) const ROW1_1_PROJECT: Slot = Slot::new(0, 56, 56, 16);
    pub(super) const ROW2_1_EXPAND: Slot = Slot::new(225_792, 56, 56, 72);
    pub(super) const ROW2_1_DEPTHWISE: Slot = Slot::new(0, 28, 28, 72);
    pub(super) const ROW2_1_PROJECT: Slot = Slot::new(551_936, 28, 28, 24);
    pub(super) const ROW3_1_EXPAND: Slot = Slot::new(0, 28, 28, 88);
    pub(super) const ROW3_1_DEPTHWISE: Slot = Slot::new(275_968, 28, 28, 88);
    pub(super) const ROW3_1_PROJECT: Slot = ROW2_1_PROJECT;
    pub(super) const ROW4_1_EXPAND: Slot = Slot::new(91_520, 28, 28, 96);
    pub(super) const ROW4_1_DEPTHWISE: Slot = Slot::new(16_256, 14, 14, 96);
    pub(super) const ROW4_1_SE: Slot = Slot::new(15_360, 1, 1, 96);
    pub(super) const ROW4_1_SE_SCRATCH: Slot = Slot::new(15_744, 1, 1, 128);
    pub(super) const ROW4_1_PROJECT: Slot = Slot::new(376_320, 14, 14, 40);
    pub(super) const ROW5_1_EXPAND: Slot = Slot::new(0, 14, 14, 240);
    pub(super) const ROW5_1_DEPTHWISE: Slot = Slot::new(188_160, 14, 14, 240);
    pub(super) const ROW5_1_SE: Slot = Slot::new(1216, 1, 1, 240);
    pub(super) const ROW5_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 304);
    pub(super) const ROW5_1_PROJECT: Slot = ROW4_1_PROJECT;
    pub(super) const ROW6_1_EXPAND: Slot = Slot::new(0, 14, 14, 240);
    pub(super) const ROW6_1_DEPTHWISE: Slot = Slot::new(188_160, 14, 14, 240);
    pub(super) const ROW6_1_SE: Slot = Slot::new(38_400, 1, 1, 240);
    pub(super) const ROW6_1_SE_SCRATCH: Slot = Slot::new(39_360, 1, 1, 304);
    pub(super) const ROW6_1_PROJECT: Slot = ROW5_1_PROJECT;
    pub(super) const ROW7_1_EXPAND: Slot = Slot::new(94_080, 14, 14, 120);
    pub(super) const ROW7_1_DEPTHWISE: Slot = Slot::new(0, 14, 14, 120);
    pub(super) const ROW7_1_SE: Slot = Slot::new(117_760, 1, 1, 120);
    pub(super) const ROW7_1_SE_SCRATCH: Slot = Slot::new(94_080, 1, 1, 160);
    pub(super) const ROW7_1_PROJECT: Slot = Slot::new(225_792, 14, 14, 48);
    pub(super) const ROW8_1_EXPAND: Slot = Slot::new(0, 14, 14, 144);
    pub(super) const ROW8_1_DEPTHWISE: Slot = Slot::new(112_896, 14, 14, 144);
    pub(super) const ROW8_1_SE: Slot = Slot::new(28_416, 1, 1, 144);
    pub(super) const ROW8_1_SE_SCRATCH: Slot = Slot::new(27_648, 1, 1, 192);
    pub(super) const ROW8_1_PROJECT: Slot = ROW7_1_PROJECT;
    pub(super) const ROW9_1_EXPAND: Slot = Slot::new(0, 14, 14, 288);
    pub(super) const ROW9_1_DEPTHWISE: Slot = Slot::new(225_792, 7, 7, 288);
    pub(super) const ROW9_1_SE: Slot = ROW9_1_DEPTHWISE;
    pub(super) const ROW9_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 368);
    pub(super) const ROW9_1_PROJECT: Slot = Slot::new(282_240, 7, 7, 96);
    pub(super) const ROW10_1_EXPAND: Slot = Slot::new(0, 7, 7, 576);
    pub(super) const ROW10_1_DEPTHWISE: Slot = Slot::new(112_896, 7, 7, 576);
    pub(super) const ROW10_1_SE: Slot = ROW10_1_DEPTHWISE;
    pub(super) const ROW10_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 720);
    pub(super) const ROW10_1_PROJECT: Slot = ROW9_1_PROJECT;
    pub(super) const ROW11_1_EXPAND: Slot = Slot::new(0, 7, 7, 576);
    pub(super) const ROW11_1_DEPTHWISE: Slot = Slot::new(112_896, 7, 7, 576);
    pub(super) const ROW11_1_SE: Slot = ROW11_1_DEPTHWISE;
    pub(super) const ROW11_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 720);
    pub(super) const ROW11_1_PROJECT: Slot = ROW10_1_PROJECT;
    pub(super) const CONV1: Slot = Slot::new(2304, 7, 7, 576);
    pub(super) const GLOBAL_AVERAGE_POOL1: Slot = Slot::new(0, 1, 1, 576);
    pub(super) const LINEAR1: Slot = Slot::new(2304, 1, 1, 1024);
    pub(super) const ROW1_1_PROJECT_SCALED: Slot = Slot::new(200_704, 16, 1, 16);
    pub(super) const ROW4_1_PROJECT_SCALED: Slot = Slot::new(0, 240, 1, 16);
    pub(super) const ROW5_1_PROJECT_SCALED: Slot = Slot::new(2176, 600, 1, 16);
    pub(super) const ROW6_1_PROJECT_SCALED: Slot = Slot::new(0, 600, 1, 16);
    pub(super) const ROW7_1_PROJECT_SCALED: Slot = Slot::new(94_720, 360, 1, 16);
    pub(super) const ROW8_1_PROJECT_SCALED: Slot = Slot::new(0, 432, 1, 16);
}

/// Where each filter lies in the blob: `FilterSlot::new(first panel, panels of bias, panels of weights)`. A panel is
/// 16 f32, one for each of 16 output channels.
mod filters {
    use super::FilterSlot;
    pub(super) const STEM: FilterSlot = FilterSlot::new(0, 1, 27);
    pub(super) const ROW1_1_DEPTHWISE: FilterSlot = FilterSlot::new(28, 1, 9);
    pub(super) const ROW1_1_SE_REDUCE: FilterSlot = FilterSlot::new(38, 1, 16);
    pub(super) const ROW1_1_SE_EXPAND: FilterSlot = FilterSlot::new(55, 1, 8);
    pub(super) const ROW1_1_PROJECT: FilterSlot = FilterSlot::new(64, 1, 16);
    pub(super) const ROW2_1_EXPAND: FilterSlot = FilterSlot::new(81, 5, 80);
    pub(super) const ROW2_1_DEPTHWISE: FilterSlot = FilterSlot::new(166, 5, 45);
    pub(super) const ROW2_1_PROJECT: FilterSlot = FilterSlot::new(216, 2, 108);
    pub(super) const ROW3_1_EXPAND: FilterSlot = FilterSlot::new(326, 6, 144);
    pub(super) const ROW3_1_DEPTHWISE: FilterSlot = FilterSlot::new(476, 6, 54);
    pub(super) const ROW3_1_PROJECT: FilterSlot = FilterSlot::new(536, 2, 132);
    pub(super) const ROW4_1_EXPAND: FilterSlot = FilterSlot::new(670, 6, 144);
    pub(super) const ROW4_1_DEPTHWISE: FilterSlot = FilterSlot::new(820, 6, 150);
    pub(super) const ROW4_1_SE_REDUCE: FilterSlot = FilterSlot::new(976, 2, 192);
    pub(super) const ROW4_1_SE_EXPAND: FilterSlot = FilterSlot::new(1170, 6, 144);
    pub(super) const ROW4_1_PROJECT: FilterSlot = FilterSlot::new(1320, 3, 240);
    pub(super) const ROW5_1_EXPAND: FilterSlot = FilterSlot::new(1563, 15, 600);
    pub(super) const ROW5_1_DEPTHWISE: FilterSlot = FilterSlot::new(2178, 15, 375);
    pub(super) const ROW5_1_SE_REDUCE: FilterSlot = FilterSlot::new(2568, 4, 960);
    pub(super) const ROW5_1_SE_EXPAND: FilterSlot = FilterSlot::new(3532, 15, 960);
    pub(super) const ROW5_1_PROJECT: FilterSlot = FilterSlot::new(4507, 3, 600);
    pub(super) const ROW6_1_EXPAND: FilterSlot = FilterSlot::new(5110, 15, 600);
    pub(super) const ROW6_1_DEPTHWISE: FilterSlot = FilterSlot::new(5725, 15, 375);
    pub(super) const ROW6_1_SE_REDUCE: FilterSlot = FilterSlot::new(6115, 4, 960);
    pub(super) const ROW6_1_SE_EXPAND: FilterSlot = FilterSlot::new(7079, 15, 960);
    pub(super) const ROW6_1_PROJECT: FilterSlot = FilterSlot::new(8054, 3, 600);
    pub(super) const ROW7_1_EXPAND: FilterSlot = FilterSlot::new(8657, 8, 320);
    pub(super) const ROW7_1_DEPTHWISE: FilterSlot = FilterSlot::new(8985, 8, 200);
    pub(super) const ROW7_1_SE_REDUCE: FilterSlot = FilterSlot::new(9193, 2, 240);
    pub(super) const ROW7_1_SE_EXPAND: FilterSlot = FilterSlot::new(9435, 8, 256);
    pub(super) const ROW7_1_PROJECT: FilterSlot = FilterSlot::new(9699, 3, 360);
    pub(super) const ROW8_1_EXPAND: FilterSlot = FilterSlot::new(10_062, 9, 432);
    pub(super) const ROW8_1_DEPTHWISE: FilterSlot = FilterSlot::new(10_503, 9, 225);
    pub(super) const ROW8_1_SE_REDUCE: FilterSlot = FilterSlot::new(10_737, 3, 432);
    pub(super) const ROW8_1_SE_EXPAND: FilterSlot = FilterSlot::new(11_172, 9, 360);
    pub(super) const ROW8_1_PROJECT: FilterSlot = FilterSlot::new(11_541, 3, 432);
    pub(super) const ROW9_1_EXPAND: FilterSlot = FilterSlot::new(11_976, 18, 864);
    pub(super) const ROW9_1_DEPTHWISE: FilterSlot = FilterSlot::new(12_858, 18, 450);
    pub(super) const ROW9_1_SE_REDUCE: FilterSlot = FilterSlot::new(13_326, 5, 1440);
    pub(super) const ROW9_1_SE_EXPAND: FilterSlot = FilterSlot::new(14_771, 18, 1296);
    pub(super) const ROW9_1_PROJECT: FilterSlot = FilterSlot::new(16_085, 6, 1728);
    pub(super) const ROW10_1_EXPAND: FilterSlot = FilterSlot::new(17_819, 36, 3456);
    pub(super) const ROW10_1_DEPTHWISE: FilterSlot = FilterSlot::new(21_311, 36, 900);
    pub(super) const ROW10_1_SE_REDUCE: FilterSlot = FilterSlot::new(22_247, 9, 5184);
    pub(super) const ROW10_1_SE_EXPAND: FilterSlot = FilterSlot::new(27_440, 36, 5184);
    pub(super) const ROW10_1_PROJECT: FilterSlot = FilterSlot::new(32_660, 6, 3456);
    pub(super) const ROW11_1_EXPAND: FilterSlot = FilterSlot::new(36_122, 36, 3456);
    pub(super) const ROW11_1_DEPTHWISE: FilterSlot = FilterSlot::new(39_614, 36, 900);
    pub(super) const ROW11_1_SE_REDUCE: FilterSlot = FilterSlot::new(40_550, 9, 5184);
    pub(super) const ROW11_1_SE_EXPAND: FilterSlot = FilterSlot::new(45_743, 36, 5184);
    pub(super) const ROW11_1_PROJECT: FilterSlot = FilterSlot::new(50_963, 6, 3456);
    pub(super) const CONV1: FilterSlot = FilterSlot::new(54_425, 36, 3456);
    pub(super) const LINEAR1: FilterSlot = FilterSlot::new(57_917, 64, 36_864);
    pub(super) const LINEAR2: FilterSlot = FilterSlot::new(94_845, 63, 64_512);
}

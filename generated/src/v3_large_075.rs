// v3_large_075: compiled by mnetc 0.1.0 from v3_large_075.yaml.
// Do not edit: change v3_large_075.yaml and compile again.
//
// To use it, with the crate `mnetc-runtime` 0.1.0 and this file as a module:
//     // the bytes of a file that `mnetc pack v3_large_075.yaml --weights W -o FILE` wrote, aligned by `AlignedBytes`
//     let network = V3Large075::from_bytes(&bytes)?;
//     let mut arena = Arena::boxed(); // with the feature `alloc`; `Arena::new()` is const, for statics
//     let mut output = Output::new();
//     network.infer(&mut arena, &input, &mut output);
// `infer` neither allocates nor fails. Threads may share a network, each with an arena of its own.
// The input is 224x224x3 (height, width, channels): numbers, prepared as they were for training.
//
// layer                 operator             channels           output      then               parameters       MACs
// stem                  convolution 3x3/2    3 -> 16            112x112x16  hard_swish                464  5,419,008
// row1.1.depthwise      depthwise 3x3                           112x112x16  relu                      176  1,806,336
// row1.1.project        projection 1x1       16 -> 16           112x112x16  + stem                    288  3,211,264
// row2.1.expand         expansion 1x1        16 -> 48 (x3)      112x112x48  relu                      864  9,633,792
// row2.1.depthwise      depthwise 3x3/2                         56x56x48    relu                      528  1,354,752
// row2.1.project        projection 1x1       48 -> 24           56x56x24                            1,200  3,612,672
// row3.1.expand         expansion 1x1        24 -> 56 (x2.33)   56x56x56    relu                    1,456  4,214,784
// row3.1.depthwise      depthwise 3x3                           56x56x56    relu                      616  1,580,544
// row3.1.project        projection 1x1       56 -> 24           56x56x24    + row2.1.project        1,392  4,214,784
// row4.1.expand         expansion 1x1        24 -> 56 (x2.33)   56x56x56    relu                    1,456  4,214,784
// row4.1.depthwise      depthwise 5x5/2                         28x28x56    relu                    1,512  1,097,600
// row4.1.se             squeeze-and-excite   56 -> 16 -> 56     1x1x56                              1,864      1,792
// row4.1.project        projection 1x1       56 -> 32           28x28x32                            1,856  1,404,928
// row5.1.expand         expansion 1x1        32 -> 88 (x2.75)   28x28x88    relu                    2,992  2,207,744
// row5.1.depthwise      depthwise 5x5                           28x28x88    relu                    2,376  1,724,800
// row5.1.se             squeeze-and-excite   88 -> 24 -> 88     1x1x88                              4,336      4,224
// row5.1.project        projection 1x1       88 -> 32           28x28x32    + row4.1.project        2,880  2,207,744
// row6.1.expand         expansion 1x1        32 -> 88 (x2.75)   28x28x88    relu                    2,992  2,207,744
// row6.1.depthwise      depthwise 5x5                           28x28x88    relu                    2,376  1,724,800
// row6.1.se             squeeze-and-excite   88 -> 24 -> 88     1x1x88                              4,336      4,224
// row6.1.project        projection 1x1       88 -> 32           28x28x32    + row5.1.project        2,880  2,207,744
// row7.1.expand         expansion 1x1        32 -> 184 (x5.75)  28x28x184   hard_swish              6,256  4,616,192
// row7.1.depthwise      depthwise 3x3/2                         14x14x184   hard_swish              2,024    324,576
// row7.1.project        projection 1x1       184 -> 64          14x14x64                           11,904  2,308,096
// row8.1.expand         expansion 1x1        64 -> 152 (x2.38)  14x14x152   hard_swish             10,032  1,906,688
// row8.1.depthwise      depthwise 3x3                           14x14x152   hard_swish              1,672    268,128
// row8.1.project        projection 1x1       152 -> 64          14x14x64    + row7.1.project        9,856  1,906,688
// row9.1.expand         expansion 1x1        64 -> 136 (x2.13)  14x14x136   hard_swish              8,976  1,705,984
// row9.1.depthwise      depthwise 3x3                           14x14x136   hard_swish              1,496    239,904
// row9.1.project        projection 1x1       136 -> 64          14x14x64    + row8.1.project        8,832  1,705,984
// row10.1.expand        expansion 1x1        64 -> 136 (x2.13)  14x14x136   hard_swish              8,976  1,705,984
// row10.1.depthwise     depthwise 3x3                           14x14x136   hard_swish              1,496    239,904
// row10.1.project       projection 1x1       136 -> 64          14x14x64    + row9.1.project        8,832  1,705,984
// row11.1.expand        expansion 1x1        64 -> 360 (x5.63)  14x14x360   hard_swish             23,760  4,515,840
// row11.1.depthwise     depthwise 3x3                           14x14x360   hard_swish              3,960    635,040
// row11.1.se            squeeze-and-excite   360 -> 88 -> 360   14x14x360                          63,808     63,360
// row11.1.project       projection 1x1       360 -> 88          14x14x88                           31,856  6,209,280
// row12.1.expand        expansion 1x1        88 -> 504 (x5.73)  14x14x504   hard_swish             45,360  8,692,992
// row12.1.depthwise     depthwise 3x3                           14x14x504   hard_swish              5,544    889,056
// row12.1.se            squeeze-and-excite   504 -> 128 -> 504  14x14x504                         129,656    129,024
// row12.1.project       projection 1x1       504 -> 88          14x14x88    + row11.1.project      44,528  8,692,992
// row13.1.expand        expansion 1x1        88 -> 504 (x5.73)  14x14x504   hard_swish             45,360  8,692,992
// row13.1.depthwise     depthwise 5x5/2                         7x7x504     hard_swish             13,608    617,400
// row13.1.se            squeeze-and-excite   504 -> 128 -> 504  7x7x504                           129,656    129,024
// row13.1.project       projection 1x1       504 -> 120         7x7x120                            60,720  2,963,520
// row14.1.expand        expansion 1x1        120 -> 720 (x6)    7x7x720     hard_swish             87,840  4,233,600
// row14.1.depthwise     depthwise 5x5                           7x7x720     hard_swish             19,440    882,000
// row14.1.se            squeeze-and-excite   720 -> 184 -> 720  7x7x720                           265,864    264,960
// row14.1.project       projection 1x1       720 -> 120         7x7x120     + row13.1.project      86,640  4,233,600
// row15.1.expand        expansion 1x1        120 -> 720 (x6)    7x7x720     hard_swish             87,840  4,233,600
// row15.1.depthwise     depthwise 5x5                           7x7x720     hard_swish             19,440    882,000
// row15.1.se            squeeze-and-excite   720 -> 184 -> 720  7x7x720                           265,864    264,960
// row15.1.project       projection 1x1       720 -> 120         7x7x120     + row14.1.project      86,640  4,233,600
// conv1                 convolution 1x1      120 -> 720         7x7x720     hard_swish             87,840  4,233,600
// global_average_pool1  global average pool                     1x1x720                                 0          0
// linear1               linear               720 -> 960         1x1x960     hard_swish            692,160    691,200
// linear2               linear               960 -> 1000        1x1x1000                          961,000    960,000
//
// Total: 3,377,576 parameters, 140,033,816 multiply-adds (MACs).
// Weights 13,695,360 bytes; arena 1,705,984 bytes, fullest at row3.1.depthwise.
//
// Each layer below is a comment, the maps it reads and writes (`arena.split([read], [written])`), one call of a
// kernel with its filter from the weights, and the observer's turn. Batch norms are folded into filters. A kernel's
// activation comes last, after its bias and a map that is added. 1x1 layers have stride 1 and no padding; `/2` is a
// stride. `row3.2` is the second repeat of the table's third row. Where a map takes the place of another, the slot is
// that other's.
// Layers in a loop over strips make a few rows at a time, each as many as the next needs and none twice. The maps
// between them are rings, which hold the last rows alone, so that all of them stay in the cache. An observer is shown
// the last layer of such a loop.

use ::mnetc_runtime::Activation::{HardSigmoid, HardSwish, Identity, Relu};
use ::mnetc_runtime::{
    AnyLevel, Avx2Tile, Avx512Tile, BlobLayout, Cx, FilterSlot, Level, Map, MapMut,
    Observer, Slot, SqueezeExcite, Tile, Weights, WeightsError, Window, conv, depthwise,
    dispatch, excite, gate_filter, global_average_pool, linear, pointwise,
    pointwise_accumulate, pointwise_residual, squeeze_excite_in_place,
};

/// Bytes of the arena: all that `infer` needs besides weights, input, output and a small stack.
#[allow(dead_code, unreachable_pub)]
pub const ARENA_BYTES: usize = 1_705_984;
/// Bytes of the weight blob.
#[allow(dead_code, unreachable_pub)]
pub const WEIGHT_BYTES: usize = 13_695_360;
/// Multiply-adds of one inference.
#[allow(dead_code, unreachable_pub)]
pub const MACS: u64 = 140_033_816;
/// Parameters, as the network was trained.
#[allow(dead_code, unreachable_pub)]
pub const PARAMS: u64 = 3_377_576;
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

/// The network `v3_large_075`: its weights, and the instruction set it runs on.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, unreachable_pub)]
pub struct V3Large075<'w> {
    weights: Weights<'w>,
    level: AnyLevel,
}

/// The length that a blob must have, and the fingerprint of its layout.
const LAYOUT: BlobLayout = BlobLayout {
    panels: 213_989,
    fingerprint: 0xac6610ffae32048d,
};

#[allow(dead_code, unreachable_pub)]
impl<'w> V3Large075<'w> {
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
        row1_1_to_row2_1(cx, arena, observer);
        row3_1(cx, arena, observer);
        row4_1(cx, arena, observer);
        row5_1(cx, arena, observer);
        row6_1(cx, arena, observer);
        row7_1(cx, arena, observer);
        row8_1(cx, arena, observer);
        row9_1(cx, arena, observer);
        row10_1(cx, arena, observer);
        row11_1(cx, arena, observer);
        row12_1(cx, arena, observer);
        row13_1(cx, arena, observer);
        row14_1(cx, arena, observer);
        row15_1(cx, arena, observer);
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

/// From `row1.1.depthwise` to `row2.1.project`: 112x112x16 -> 56x56x24. In 19 strips, 3 of its rows in each.
fn row1_1_to_row2_1<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    observer: &mut impl Observer,
) {
    for strip in 0..19 {
        // row1.1.depthwise: depthwise 3x3, stride 1, padding 1, 16 channels, 112x112, relu
        // 6 rows a strip, in a ring of 6
        let ([x], [y]) = &mut arena
            .split([maps::STEM], [maps::ROW1_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW1_1_DEPTHWISE), y);

        // row1.1.project: projection 1x1, 16 -> 16 channels, 112x112, + stem
        // 6 rows a strip, in a ring of 6
        let ([x, skip], [y]) = &mut arena
            .split(
                [maps::ROW1_1_DEPTHWISE, maps::STEM],
                [maps::ROW1_1_PROJECT.strip(strip)],
            );
        pointwise_residual(
            cx,
            TILE_14X16,
            Identity,
            *x,
            cx.filter(filters::ROW1_1_PROJECT),
            *skip,
            y,
        );

        // row2.1.expand: expansion 1x1, 16 -> 48 channels (x3), 112x112, relu
        // 6 rows a strip, in a ring of 12
        let ([x], [y]) = &mut arena
            .split([maps::ROW1_1_PROJECT], [maps::ROW2_1_EXPAND.strip(strip)]);
        pointwise(cx, TILE_7X48, Relu, *x, cx.filter(filters::ROW2_1_EXPAND), y);

        // row2.1.depthwise: depthwise 3x3, stride 2, padding 1, 48 channels, 112x112 -> 56x56, relu
        // 3 rows a strip, in a ring of 3
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_EXPAND], [maps::ROW2_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW2_1_DEPTHWISE), y);

        // row2.1.project: projection 1x1, 48 -> 24 channels, 56x56
        // 3 rows a strip
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_DEPTHWISE], [maps::ROW2_1_PROJECT.strip(strip)]);
        pointwise(cx, TILE_8X24, Identity, *x, cx.filter(filters::ROW2_1_PROJECT), y);
    }

    let ([y], []) = arena.split([maps::ROW2_1_PROJECT], []);
    observer.step(1, y);
}

/// Row 3, bneck (k 3, exp 72, c 24, se false, nl relu, s 1): 56x56x24 -> 56x56x24.
fn row3_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row3.1.expand: expansion 1x1, 24 -> 56 channels (x2.33), 56x56, relu
    let ([x], [y]) = &mut arena.split([maps::ROW2_1_PROJECT], [maps::ROW3_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW3_1_EXPAND), y);
    observer.step(2, y.as_map());

    // row3.1.depthwise: depthwise 3x3, stride 1, padding 1, 56 channels, 56x56, relu
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_EXPAND], [maps::ROW3_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW3_1_DEPTHWISE), y);
    observer.step(3, y.as_map());

    // row3.1.project: projection 1x1, 56 -> 24 channels, 56x56, + row2.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_DEPTHWISE], [maps::ROW3_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_8X24,
        Identity,
        *x,
        cx.filter(filters::ROW3_1_PROJECT),
        y,
    );
    observer.step(4, y.as_map());
}

/// Row 4, bneck (k 5, exp 72, c 40, se true, nl relu, s 2): 56x56x24 -> 28x28x32.
fn row4_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.1.expand: expansion 1x1, 24 -> 56 channels (x2.33), 56x56, relu
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_PROJECT], [maps::ROW4_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW4_1_EXPAND), y);
    observer.step(5, y.as_map());

    // row4.1.depthwise: depthwise 5x5, stride 2, padding 2, 56 channels, 56x56 -> 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_EXPAND], [maps::ROW4_1_DEPTHWISE]);
    depthwise(cx, K5_S2_P2, Relu, *x, cx.filter(filters::ROW4_1_DEPTHWISE), y);
    observer.step(6, y.as_map());

    // row4.1.se: squeeze-and-excite, 56 -> 16 -> 56 channels, relu then hard_sigmoid, 28x28 -> 1x1, and row4.1.project's weights times these gates
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
    observer.step(7, y.as_map());

    // row4.1.project: projection 1x1, 56 -> 32 channels, 28x28
    let ([x, scaled], [y]) = &mut arena
        .split(
            [maps::ROW4_1_DEPTHWISE, maps::ROW4_1_PROJECT_SCALED],
            [maps::ROW4_1_PROJECT],
        );
    pointwise(
        cx,
        TILE_7X32,
        Identity,
        *x,
        cx.filter(filters::ROW4_1_PROJECT).gated(*scaled),
        y,
    );
    observer.step(8, y.as_map());
}

/// Row 5, bneck (k 5, exp 120, c 40, se true, nl relu, s 1): 28x28x32 -> 28x28x32.
fn row5_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.1.expand: expansion 1x1, 32 -> 88 channels (x2.75), 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_PROJECT], [maps::ROW5_1_EXPAND]);
    pointwise(cx, TILE_7X48, Relu, *x, cx.filter(filters::ROW5_1_EXPAND), y);
    observer.step(9, y.as_map());

    // row5.1.depthwise: depthwise 5x5, stride 1, padding 2, 88 channels, 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_EXPAND], [maps::ROW5_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, Relu, *x, cx.filter(filters::ROW5_1_DEPTHWISE), y);
    observer.step(10, y.as_map());

    // row5.1.se: squeeze-and-excite, 88 -> 24 -> 88 channels, relu then hard_sigmoid, 28x28 -> 1x1, and row5.1.project's weights times these gates
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
    observer.step(11, y.as_map());

    // row5.1.project: projection 1x1, 88 -> 32 channels, 28x28, + row4.1.project
    let ([x, scaled], [y]) = &mut arena
        .split(
            [maps::ROW5_1_DEPTHWISE, maps::ROW5_1_PROJECT_SCALED],
            [maps::ROW5_1_PROJECT],
        );
    pointwise_accumulate(
        cx,
        TILE_7X32,
        Identity,
        *x,
        cx.filter(filters::ROW5_1_PROJECT).gated(*scaled),
        y,
    );
    observer.step(12, y.as_map());
}

/// Row 6, bneck (k 5, exp 120, c 40, se true, nl relu, s 1): 28x28x32 -> 28x28x32.
fn row6_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.1.expand: expansion 1x1, 32 -> 88 channels (x2.75), 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_PROJECT], [maps::ROW6_1_EXPAND]);
    pointwise(cx, TILE_7X48, Relu, *x, cx.filter(filters::ROW6_1_EXPAND), y);
    observer.step(13, y.as_map());

    // row6.1.depthwise: depthwise 5x5, stride 1, padding 2, 88 channels, 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_EXPAND], [maps::ROW6_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, Relu, *x, cx.filter(filters::ROW6_1_DEPTHWISE), y);
    observer.step(14, y.as_map());

    // row6.1.se: squeeze-and-excite, 88 -> 24 -> 88 channels, relu then hard_sigmoid, 28x28 -> 1x1, and row6.1.project's weights times these gates
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
    observer.step(15, y.as_map());

    // row6.1.project: projection 1x1, 88 -> 32 channels, 28x28, + row5.1.project
    let ([x, scaled], [y]) = &mut arena
        .split(
            [maps::ROW6_1_DEPTHWISE, maps::ROW6_1_PROJECT_SCALED],
            [maps::ROW6_1_PROJECT],
        );
    pointwise_accumulate(
        cx,
        TILE_7X32,
        Identity,
        *x,
        cx.filter(filters::ROW6_1_PROJECT).gated(*scaled),
        y,
    );
    observer.step(16, y.as_map());
}

/// Row 7, bneck (k 3, exp 240, c 80, se false, nl hard_swish, s 2): 28x28x32 -> 14x14x64.
fn row7_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.1.expand: expansion 1x1, 32 -> 184 channels (x5.75), 28x28, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_PROJECT], [maps::ROW7_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW7_1_EXPAND), y);
    observer.step(17, y.as_map());

    // row7.1.depthwise: depthwise 3x3, stride 2, padding 1, 184 channels, 28x28 -> 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_EXPAND], [maps::ROW7_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, HardSwish, *x, cx.filter(filters::ROW7_1_DEPTHWISE), y);
    observer.step(18, y.as_map());

    // row7.1.project: projection 1x1, 184 -> 64 channels, 14x14
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_DEPTHWISE], [maps::ROW7_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW7_1_PROJECT), y);
    observer.step(19, y.as_map());
}

/// Row 8, bneck (k 3, exp 200, c 80, se false, nl hard_swish, s 1): 14x14x64 -> 14x14x64.
fn row8_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row8.1.expand: expansion 1x1, 64 -> 152 channels (x2.38), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_PROJECT], [maps::ROW8_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW8_1_EXPAND), y);
    observer.step(20, y.as_map());

    // row8.1.depthwise: depthwise 3x3, stride 1, padding 1, 152 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW8_1_EXPAND], [maps::ROW8_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW8_1_DEPTHWISE), y);
    observer.step(21, y.as_map());

    // row8.1.project: projection 1x1, 152 -> 64 channels, 14x14, + row7.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW8_1_DEPTHWISE], [maps::ROW8_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_6X64,
        Identity,
        *x,
        cx.filter(filters::ROW8_1_PROJECT),
        y,
    );
    observer.step(22, y.as_map());
}

/// Row 9, bneck (k 3, exp 184, c 80, se false, nl hard_swish, s 1): 14x14x64 -> 14x14x64.
fn row9_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row9.1.expand: expansion 1x1, 64 -> 136 channels (x2.13), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW8_1_PROJECT], [maps::ROW9_1_EXPAND]);
    pointwise(cx, TILE_7X48, HardSwish, *x, cx.filter(filters::ROW9_1_EXPAND), y);
    observer.step(23, y.as_map());

    // row9.1.depthwise: depthwise 3x3, stride 1, padding 1, 136 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW9_1_EXPAND], [maps::ROW9_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW9_1_DEPTHWISE), y);
    observer.step(24, y.as_map());

    // row9.1.project: projection 1x1, 136 -> 64 channels, 14x14, + row8.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW9_1_DEPTHWISE], [maps::ROW9_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_6X64,
        Identity,
        *x,
        cx.filter(filters::ROW9_1_PROJECT),
        y,
    );
    observer.step(25, y.as_map());
}

/// Row 10, bneck (k 3, exp 184, c 80, se false, nl hard_swish, s 1): 14x14x64 -> 14x14x64.
fn row10_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row10.1.expand: expansion 1x1, 64 -> 136 channels (x2.13), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW9_1_PROJECT], [maps::ROW10_1_EXPAND]);
    pointwise(cx, TILE_7X48, HardSwish, *x, cx.filter(filters::ROW10_1_EXPAND), y);
    observer.step(26, y.as_map());

    // row10.1.depthwise: depthwise 3x3, stride 1, padding 1, 136 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW10_1_EXPAND], [maps::ROW10_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW10_1_DEPTHWISE), y);
    observer.step(27, y.as_map());

    // row10.1.project: projection 1x1, 136 -> 64 channels, 14x14, + row9.1.project
    let ([x], [y]) = &mut arena
        .split([maps::ROW10_1_DEPTHWISE], [maps::ROW10_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_6X64,
        Identity,
        *x,
        cx.filter(filters::ROW10_1_PROJECT),
        y,
    );
    observer.step(28, y.as_map());
}

/// Row 11, bneck (k 3, exp 480, c 112, se true, nl hard_swish, s 1): 14x14x64 -> 14x14x88.
fn row11_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row11.1.expand: expansion 1x1, 64 -> 360 channels (x5.63), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW10_1_PROJECT], [maps::ROW11_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW11_1_EXPAND), y);
    observer.step(29, y.as_map());

    // row11.1.depthwise: depthwise 3x3, stride 1, padding 1, 360 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW11_1_EXPAND], [maps::ROW11_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW11_1_DEPTHWISE), y);
    observer.step(30, y.as_map());

    // row11.1.se: squeeze-and-excite, 360 -> 88 -> 360 channels, relu then hard_sigmoid, 14x14
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
    observer.step(31, y.as_map());

    // row11.1.project: projection 1x1, 360 -> 88 channels, 14x14
    let ([x], [y]) = &mut arena.split([maps::ROW11_1_SE], [maps::ROW11_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW11_1_PROJECT), y);
    observer.step(32, y.as_map());
}

/// Row 12, bneck (k 3, exp 672, c 112, se true, nl hard_swish, s 1): 14x14x88 -> 14x14x88.
fn row12_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row12.1.expand: expansion 1x1, 88 -> 504 channels (x5.73), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW11_1_PROJECT], [maps::ROW12_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW12_1_EXPAND), y);
    observer.step(33, y.as_map());

    // row12.1.depthwise: depthwise 3x3, stride 1, padding 1, 504 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW12_1_EXPAND], [maps::ROW12_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW12_1_DEPTHWISE), y);
    observer.step(34, y.as_map());

    // row12.1.se: squeeze-and-excite, 504 -> 128 -> 504 channels, relu then hard_sigmoid, 14x14
    let ([], [y, scratch]) = &mut arena
        .split([], [maps::ROW12_1_SE, maps::ROW12_1_SE_SCRATCH]);
    squeeze_excite_in_place(
        cx,
        SE_RELU_HARD_SIGMOID,
        cx.filter(filters::ROW12_1_SE_REDUCE),
        cx.filter(filters::ROW12_1_SE_EXPAND),
        scratch,
        y,
    );
    observer.step(35, y.as_map());

    // row12.1.project: projection 1x1, 504 -> 88 channels, 14x14, + row11.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW12_1_SE], [maps::ROW12_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW12_1_PROJECT),
        y,
    );
    observer.step(36, y.as_map());
}

/// Row 13, bneck (k 5, exp 672, c 160, se true, nl hard_swish, s 2): 14x14x88 -> 7x7x120.
fn row13_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row13.1.expand: expansion 1x1, 88 -> 504 channels (x5.73), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW12_1_PROJECT], [maps::ROW13_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW13_1_EXPAND), y);
    observer.step(37, y.as_map());

    // row13.1.depthwise: depthwise 5x5, stride 2, padding 2, 504 channels, 14x14 -> 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW13_1_EXPAND], [maps::ROW13_1_DEPTHWISE]);
    depthwise(cx, K5_S2_P2, HardSwish, *x, cx.filter(filters::ROW13_1_DEPTHWISE), y);
    observer.step(38, y.as_map());

    // row13.1.se: squeeze-and-excite, 504 -> 128 -> 504 channels, relu then hard_sigmoid, 7x7
    let ([], [y, scratch]) = &mut arena
        .split([], [maps::ROW13_1_SE, maps::ROW13_1_SE_SCRATCH]);
    squeeze_excite_in_place(
        cx,
        SE_RELU_HARD_SIGMOID,
        cx.filter(filters::ROW13_1_SE_REDUCE),
        cx.filter(filters::ROW13_1_SE_EXPAND),
        scratch,
        y,
    );
    observer.step(39, y.as_map());

    // row13.1.project: projection 1x1, 504 -> 120 channels, 7x7
    let ([x], [y]) = &mut arena.split([maps::ROW13_1_SE], [maps::ROW13_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW13_1_PROJECT), y);
    observer.step(40, y.as_map());
}

/// Row 14, bneck (k 5, exp 960, c 160, se true, nl hard_swish, s 1): 7x7x120 -> 7x7x120.
fn row14_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row14.1.expand: expansion 1x1, 120 -> 720 channels (x6), 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW13_1_PROJECT], [maps::ROW14_1_EXPAND]);
    pointwise(cx, TILE_7X48, HardSwish, *x, cx.filter(filters::ROW14_1_EXPAND), y);
    observer.step(41, y.as_map());

    // row14.1.depthwise: depthwise 5x5, stride 1, padding 2, 720 channels, 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW14_1_EXPAND], [maps::ROW14_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW14_1_DEPTHWISE), y);
    observer.step(42, y.as_map());

    // row14.1.se: squeeze-and-excite, 720 -> 184 -> 720 channels, relu then hard_sigmoid, 7x7
    let ([], [y, scratch]) = &mut arena
        .split([], [maps::ROW14_1_SE, maps::ROW14_1_SE_SCRATCH]);
    squeeze_excite_in_place(
        cx,
        SE_RELU_HARD_SIGMOID,
        cx.filter(filters::ROW14_1_SE_REDUCE),
        cx.filter(filters::ROW14_1_SE_EXPAND),
        scratch,
        y,
    );
    observer.step(43, y.as_map());

    // row14.1.project: projection 1x1, 720 -> 120 channels, 7x7, + row13.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW14_1_SE], [maps::ROW14_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW14_1_PROJECT),
        y,
    );
    observer.step(44, y.as_map());
}

/// Row 15, bneck (k 5, exp 960, c 160, se true, nl hard_swish, s 1): 7x7x120 -> 7x7x120.
fn row15_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row15.1.expand: expansion 1x1, 120 -> 720 channels (x6), 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW14_1_PROJECT], [maps::ROW15_1_EXPAND]);
    pointwise(cx, TILE_7X48, HardSwish, *x, cx.filter(filters::ROW15_1_EXPAND), y);
    observer.step(45, y.as_map());

    // row15.1.depthwise: depthwise 5x5, stride 1, padding 2, 720 channels, 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW15_1_EXPAND], [maps::ROW15_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW15_1_DEPTHWISE), y);
    observer.step(46, y.as_map());

    // row15.1.se: squeeze-and-excite, 720 -> 184 -> 720 channels, relu then hard_sigmoid, 7x7
    let ([], [y, scratch]) = &mut arena
        .split([], [maps::ROW15_1_SE, maps::ROW15_1_SE_SCRATCH]);
    squeeze_excite_in_place(
        cx,
        SE_RELU_HARD_SIGMOID,
        cx.filter(filters::ROW15_1_SE_REDUCE),
        cx.filter(filters::ROW15_1_SE_EXPAND),
        scratch,
        y,
    );
    observer.step(47, y.as_map());

    // row15.1.project: projection 1x1, 720 -> 120 channels, 7x7, + row14.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW15_1_SE], [maps::ROW15_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW15_1_PROJECT),
        y,
    );
    observer.step(48, y.as_map());
}

/// From `conv1` to `linear2`: 7x7x120 -> 1x1x1000.
fn head<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    output: &mut Output,
    observer: &mut impl Observer,
) {
    // conv1: convolution 1x1, 120 -> 720 channels, 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW15_1_PROJECT], [maps::CONV1]);
    pointwise(cx, TILE_7X48, HardSwish, *x, cx.filter(filters::CONV1), y);
    observer.step(49, y.as_map());

    // global_average_pool1: global average pool, 720 channels, 7x7 -> 1x1
    let ([x], [y]) = &mut arena.split([maps::CONV1], [maps::GLOBAL_AVERAGE_POOL1]);
    global_average_pool(cx, *x, y);
    observer.step(50, y.as_map());

    // linear1: linear, 720 -> 960 channels, 1x1, hard_swish
    let ([x], [y]) = &mut arena.split([maps::GLOBAL_AVERAGE_POOL1], [maps::LINEAR1]);
    linear(cx, HardSwish, *x, cx.filter(filters::LINEAR1), y);
    observer.step(51, y.as_map());

    // linear2: linear, 960 -> 1000 channels, 1x1
    let ([x], []) = &mut arena.split([maps::LINEAR1], []);
    let y = &mut MapMut::new(&mut output.logits, 1, 1, 1000);
    linear(cx, Identity, *x, cx.filter(filters::LINEAR2), y);
    observer.step(52, y.as_map());
}

/// Name, and height, width and channels of the result, of every step an observer sees.
#[allow(dead_code, unreachable_pub)]
pub const STEPS: [(&str, [usize; 3]); 53] = [
    ("stem", [112, 112, 16]),
    ("row2.1.project", [56, 56, 24]),
    ("row3.1.expand", [56, 56, 56]),
    ("row3.1.depthwise", [56, 56, 56]),
    ("row3.1.project", [56, 56, 24]),
    ("row4.1.expand", [56, 56, 56]),
    ("row4.1.depthwise", [28, 28, 56]),
    ("row4.1.se", [1, 1, 56]),
    ("row4.1.project", [28, 28, 32]),
    ("row5.1.expand", [28, 28, 88]),
    ("row5.1.depthwise", [28, 28, 88]),
    ("row5.1.se", [1, 1, 88]),
    ("row5.1.project", [28, 28, 32]),
    ("row6.1.expand", [28, 28, 88]),
    ("row6.1.depthwise", [28, 28, 88]),
    ("row6.1.se", [1, 1, 88]),
    ("row6.1.project", [28, 28, 32]),
    ("row7.1.expand", [28, 28, 184]),
    ("row7.1.depthwise", [14, 14, 184]),
    ("row7.1.project", [14, 14, 64]),
    ("row8.1.expand", [14, 14, 152]),
    ("row8.1.depthwise", [14, 14, 152]),
    ("row8.1.project", [14, 14, 64]),
    ("row9.1.expand", [14, 14, 136]),
    ("row9.1.depthwise", [14, 14, 136]),
    ("row9.1.project", [14, 14, 64]),
    ("row10.1.expand", [14, 14, 136]),
    ("row10.1.depthwise", [14, 14, 136]),
    ("row10.1.project", [14, 14, 64]),
    ("row11.1.expand", [14, 14, 360]),
    ("row11.1.depthwise", [14, 14, 360]),
    ("row11.1.se", [14, 14, 360]),
    ("row11.1.project", [14, 14, 88]),
    ("row12.1.expand", [14, 14, 504]),
    ("row12.1.depthwise", [14, 14, 504]),
    ("row12.1.se", [14, 14, 504]),
    ("row12.1.project", [14, 14, 88]),
    ("row13.1.expand", [14, 14, 504]),
    ("row13.1.depthwise", [7, 7, 504]),
    ("row13.1.se", [7, 7, 504]),
    ("row13.1.project", [7, 7, 120]),
    ("row14.1.expand", [7, 7, 720]),
    ("row14.1.depthwise", [7, 7, 720]),
    ("row14.1.se", [7, 7, 720]),
    ("row14.1.project", [7, 7, 120]),
    ("row15.1.expand", [7, 7, 720]),
    ("row15.1.depthwise", [7, 7, 720]),
    ("row15.1.se", [7, 7, 720]),
    ("row15.1.project", [7, 7, 120]),
    ("conv1", [7, 7, 720]),
    ("global_average_pool1", [1, 1, 720]),
    ("linear1", [1, 1, 960]),
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
const TILE_7X48: Tile = Tile::new(Avx512Tile::R7x48, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_8X24: Tile = Tile::new(Avx512Tile::R8x24, Avx2Tile::R6x16);

/// Where each map of f32 lies in the arena: `Slot::new(offset in bytes, height, width, channels)`.
/// `.ring(rows, place of row 0)`: it has memory for so many rows, which new ones overwrite in turn.
/// `.strips(rows, more in the first)`: so many are made at once.
mod maps {
    use super::Slot;
    pub(super) const STEM: Slot = Slot::new(0, 112, 112, 16);
    pub(super) const STEM_SCRATCH: Slot = Slot::new(802_816, 1, 1, 2034);
    pub(super) const ROW1_1_DEPTHWISE: Slot = Slot::new(1_060_864, 112, 112, 16)
        .ring(6, 0)
        .strips(6, 0);
    pub(super) const ROW1_1_PROJECT: Slot = Slot::new(1_103_872, 112, 112, 16)
        .ring(6, 0)
        .strips(6, 0);
    pub(super) const ROW2_1_EXPAND: Slot = Slot::new(802_816, 112, 112, 48)
        .ring(12, 0)
        .strips(6, 0);
    pub(super) const ROW2_1_DEPTHWISE: Slot = Slot::new(1_146_880, 56, 56, 48)
        .ring(3, 0)
        .strips(3, 0);
    pub(super) const ROW2_1_PROJECT: Slot = Slot::new(1_404_928, 56, 56, 24)
        .strips(3, 0);
    pub(super) const ROW3_1_EXPAND: Slot = Slot::new(0, 56, 56, 56);
    pub(super) const ROW3_1_DEPTHWISE: Slot = Slot::new(702_464, 56, 56, 56);
    pub(super) const ROW3_1_PROJECT: Slot = ROW2_1_PROJECT;
    pub(super) const ROW4_1_EXPAND: Slot = Slot::new(0, 56, 56, 56);
    pub(super) const ROW4_1_DEPTHWISE: Slot = Slot::new(702_464, 28, 28, 56);
    pub(super) const ROW4_1_SE: Slot = Slot::new(7488, 1, 1, 56);
    pub(super) const ROW4_1_SE_SCRATCH: Slot = Slot::new(7168, 1, 1, 80);
    pub(super) const ROW4_1_PROJECT: Slot = Slot::new(577_024, 28, 28, 32);
    pub(super) const ROW5_1_EXPAND: Slot = Slot::new(0, 28, 28, 88);
    pub(super) const ROW5_1_DEPTHWISE: Slot = Slot::new(275_968, 28, 28, 88);
    pub(super) const ROW5_1_SE: Slot = Slot::new(11_776, 1, 1, 88);
    pub(super) const ROW5_1_SE_SCRATCH: Slot = Slot::new(11_264, 1, 1, 128);
    pub(super) const ROW5_1_PROJECT: Slot = ROW4_1_PROJECT;
    pub(super) const ROW6_1_EXPAND: Slot = Slot::new(0, 28, 28, 88);
    pub(super) const ROW6_1_DEPTHWISE: Slot = Slot::new(275_968, 28, 28, 88);
    pub(super) const ROW6_1_SE: Slot = Slot::new(11_776, 1, 1, 88);
    pub(super) const ROW6_1_SE_SCRATCH: Slot = Slot::new(11_264, 1, 1, 128);
    pub(super) const ROW6_1_PROJECT: Slot = ROW5_1_PROJECT;
    pub(super) const ROW7_1_EXPAND: Slot = Slot::new(0, 28, 28, 184);
    pub(super) const ROW7_1_DEPTHWISE: Slot = Slot::new(577_024, 14, 14, 184);
    pub(super) const ROW7_1_PROJECT: Slot = Slot::new(282_240, 14, 14, 64);
    pub(super) const ROW8_1_EXPAND: Slot = Slot::new(0, 14, 14, 152);
    pub(super) const ROW8_1_DEPTHWISE: Slot = Slot::new(119_168, 14, 14, 152);
    pub(super) const ROW8_1_PROJECT: Slot = ROW7_1_PROJECT;
    pub(super) const ROW9_1_EXPAND: Slot = Slot::new(0, 14, 14, 136);
    pub(super) const ROW9_1_DEPTHWISE: Slot = Slot::new(106_624, 14, 14, 136);
    pub(super) const ROW9_1_PROJECT: Slot = ROW8_1_PROJECT;
    pub(super) const ROW10_1_EXPAND: Slot = Slot::new(0, 14, 14, 136);
    pub(super) const ROW10_1_DEPTHWISE: Slot = Slot::new(106_624, 14, 14, 136);
    pub(super) const ROW10_1_PROJECT: Slot = ROW9_1_PROJECT;
    pub(super) const ROW11_1_EXPAND: Slot = Slot::new(0, 14, 14, 360);
    pub(super) const ROW11_1_DEPTHWISE: Slot = Slot::new(282_240, 14, 14, 360);
    pub(super) const ROW11_1_SE: Slot = ROW11_1_DEPTHWISE;
    pub(super) const ROW11_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 464);
    pub(super) const ROW11_1_PROJECT: Slot = Slot::new(790_272, 14, 14, 88);
    pub(super) const ROW12_1_EXPAND: Slot = Slot::new(0, 14, 14, 504);
    pub(super) const ROW12_1_DEPTHWISE: Slot = Slot::new(395_136, 14, 14, 504);
    pub(super) const ROW12_1_SE: Slot = ROW12_1_DEPTHWISE;
    pub(super) const ROW12_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 640);
    pub(super) const ROW12_1_PROJECT: Slot = ROW11_1_PROJECT;
    pub(super) const ROW13_1_EXPAND: Slot = Slot::new(0, 14, 14, 504);
    pub(super) const ROW13_1_DEPTHWISE: Slot = Slot::new(395_136, 7, 7, 504);
    pub(super) const ROW13_1_SE: Slot = ROW13_1_DEPTHWISE;
    pub(super) const ROW13_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 640);
    pub(super) const ROW13_1_PROJECT: Slot = Slot::new(282_240, 7, 7, 120);
    pub(super) const ROW14_1_EXPAND: Slot = Slot::new(0, 7, 7, 720);
    pub(super) const ROW14_1_DEPTHWISE: Slot = Slot::new(141_120, 7, 7, 720);
    pub(super) const ROW14_1_SE: Slot = ROW14_1_DEPTHWISE;
    pub(super) const ROW14_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 912);
    pub(super) const ROW14_1_PROJECT: Slot = ROW13_1_PROJECT;
    pub(super) const ROW15_1_EXPAND: Slot = Slot::new(0, 7, 7, 720);
    pub(super) const ROW15_1_DEPTHWISE: Slot = Slot::new(141_120, 7, 7, 720);
    pub(super) const ROW15_1_SE: Slot = ROW15_1_DEPTHWISE;
    pub(super) const ROW15_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 912);
    pub(super) const ROW15_1_PROJECT: Slot = ROW14_1_PROJECT;
    pub(super) const CONV1: Slot = Slot::new(0, 7, 7, 720);
    pub(super) const GLOBAL_AVERAGE_POOL1: Slot = Slot::new(141_120, 1, 1, 720);
    pub(super) const LINEAR1: Slot = Slot::new(0, 1, 1, 960);
    pub(super) const ROW4_1_PROJECT_SCALED: Slot = Slot::new(0, 112, 1, 16);
    pub(super) const ROW5_1_PROJECT_SCALED: Slot = Slot::new(0, 176, 1, 16);
    pub(super) const ROW6_1_PROJECT_SCALED: Slot = Slot::new(0, 176, 1, 16);
}

/// Where each filter lies in the blob: `FilterSlot::new(first panel, panels of bias, panels of weights)`. A panel is
/// 16 f32, one for each of 16 output channels.
mod filters {
    use super::FilterSlot;
    pub(super) const STEM: FilterSlot = FilterSlot::new(0, 1, 27);
    pub(super) const ROW1_1_DEPTHWISE: FilterSlot = FilterSlot::new(28, 1, 9);
    pub(super) const ROW1_1_PROJECT: FilterSlot = FilterSlot::new(38, 1, 16);
    pub(super) const ROW2_1_EXPAND: FilterSlot = FilterSlot::new(55, 3, 48);
    pub(super) const ROW2_1_DEPTHWISE: FilterSlot = FilterSlot::new(106, 3, 27);
    pub(super) const ROW2_1_PROJECT: FilterSlot = FilterSlot::new(136, 2, 72);
    pub(super) const ROW3_1_EXPAND: FilterSlot = FilterSlot::new(210, 4, 96);
    pub(super) const ROW3_1_DEPTHWISE: FilterSlot = FilterSlot::new(310, 4, 36);
    pub(super) const ROW3_1_PROJECT: FilterSlot = FilterSlot::new(350, 2, 84);
    pub(super) const ROW4_1_EXPAND: FilterSlot = FilterSlot::new(436, 4, 96);
    pub(super) const ROW4_1_DEPTHWISE: FilterSlot = FilterSlot::new(536, 4, 100);
    pub(super) const ROW4_1_SE_REDUCE: FilterSlot = FilterSlot::new(640, 1, 56);
    pub(super) const ROW4_1_SE_EXPAND: FilterSlot = FilterSlot::new(697, 4, 64);
    pub(super) const ROW4_1_PROJECT: FilterSlot = FilterSlot::new(765, 2, 112);
    pub(super) const ROW5_1_EXPAND: FilterSlot = FilterSlot::new(879, 6, 192);
    pub(super) const ROW5_1_DEPTHWISE: FilterSlot = FilterSlot::new(1077, 6, 150);
    pub(super) const ROW5_1_SE_REDUCE: FilterSlot = FilterSlot::new(1233, 2, 176);
    pub(super) const ROW5_1_SE_EXPAND: FilterSlot = FilterSlot::new(1411, 6, 144);
    pub(super) const ROW5_1_PROJECT: FilterSlot = FilterSlot::new(1561, 2, 176);
    pub(super) const ROW6_1_EXPAND: FilterSlot = FilterSlot::new(1739, 6, 192);
    pub(super) const ROW6_1_DEPTHWISE: FilterSlot = FilterSlot::new(1937, 6, 150);
    pub(super) const ROW6_1_SE_REDUCE: FilterSlot = FilterSlot::new(2093, 2, 176);
    pub(super) const ROW6_1_SE_EXPAND: FilterSlot = FilterSlot::new(2271, 6, 144);
    pub(super) const ROW6_1_PROJECT: FilterSlot = FilterSlot::new(2421, 2, 176);
    pub(super) const ROW7_1_EXPAND: FilterSlot = FilterSlot::new(2599, 12, 384);
    pub(super) const ROW7_1_DEPTHWISE: FilterSlot = FilterSlot::new(2995, 12, 108);
    pub(super) const ROW7_1_PROJECT: FilterSlot = FilterSlot::new(3115, 4, 736);
    pub(super) const ROW8_1_EXPAND: FilterSlot = FilterSlot::new(3855, 10, 640);
    pub(super) const ROW8_1_DEPTHWISE: FilterSlot = FilterSlot::new(4505, 10, 90);
    pub(super) const ROW8_1_PROJECT: FilterSlot = FilterSlot::new(4605, 4, 608);
    pub(super) const ROW9_1_EXPAND: FilterSlot = FilterSlot::new(5217, 9, 576);
    pub(super) const ROW9_1_DEPTHWISE: FilterSlot = FilterSlot::new(5802, 9, 81);
    pub(super) const ROW9_1_PROJECT: FilterSlot = FilterSlot::new(5892, 4, 544);
    pub(super) const ROW10_1_EXPAND: FilterSlot = FilterSlot::new(6440, 9, 576);
    pub(super) const ROW10_1_DEPTHWISE: FilterSlot = FilterSlot::new(7025, 9, 81);
    pub(super) const ROW10_1_PROJECT: FilterSlot = FilterSlot::new(7115, 4, 544);
    pub(super) const ROW11_1_EXPAND: FilterSlot = FilterSlot::new(7663, 23, 1472);
    pub(super) const ROW11_1_DEPTHWISE: FilterSlot = FilterSlot::new(9158, 23, 207);
    pub(super) const ROW11_1_SE_REDUCE: FilterSlot = FilterSlot::new(9388, 6, 2160);
    pub(super) const ROW11_1_SE_EXPAND: FilterSlot = FilterSlot::new(11_554, 23, 2024);
    pub(super) const ROW11_1_PROJECT: FilterSlot = FilterSlot::new(13_601, 6, 2160);
    pub(super) const ROW12_1_EXPAND: FilterSlot = FilterSlot::new(15_767, 32, 2816);
    pub(super) const ROW12_1_DEPTHWISE: FilterSlot = FilterSlot::new(18_615, 32, 288);
    pub(super) const ROW12_1_SE_REDUCE: FilterSlot = FilterSlot::new(18_935, 8, 4032);
    pub(super) const ROW12_1_SE_EXPAND: FilterSlot = FilterSlot::new(22_975, 32, 4096);
    pub(super) const ROW12_1_PROJECT: FilterSlot = FilterSlot::new(27_103, 6, 3024);
    pub(super) const ROW13_1_EXPAND: FilterSlot = FilterSlot::new(30_133, 32, 2816);
    pub(super) const ROW13_1_DEPTHWISE: FilterSlot = FilterSlot::new(32_981, 32, 800);
    pub(super) const ROW13_1_SE_REDUCE: FilterSlot = FilterSlot::new(33_813, 8, 4032);
    pub(super) const ROW13_1_SE_EXPAND: FilterSlot = FilterSlot::new(37_853, 32, 4096);
    pub(super) const ROW13_1_PROJECT: FilterSlot = FilterSlot::new(41_981, 8, 4032);
    pub(super) const ROW14_1_EXPAND: FilterSlot = FilterSlot::new(46_021, 45, 5400);
    pub(super) const ROW14_1_DEPTHWISE: FilterSlot = FilterSlot::new(51_466, 45, 1125);
    pub(super) const ROW14_1_SE_REDUCE: FilterSlot = FilterSlot::new(52_636, 12, 8640);
    pub(super) const ROW14_1_SE_EXPAND: FilterSlot = FilterSlot::new(61_288, 45, 8280);
    pub(super) const ROW14_1_PROJECT: FilterSlot = FilterSlot::new(69_613, 8, 5760);
    pub(super) const ROW15_1_EXPAND: FilterSlot = FilterSlot::new(75_381, 45, 5400);
    pub(super) const ROW15_1_DEPTHWISE: FilterSlot = FilterSlot::new(80_826, 45, 1125);
    pub(super) const ROW15_1_SE_REDUCE: FilterSlot = FilterSlot::new(81_996, 12, 8640);
    pub(super) const ROW15_1_SE_EXPAND: FilterSlot = FilterSlot::new(90_648, 45, 8280);
    pub(super) const ROW15_1_PROJECT: FilterSlot = FilterSlot::new(98_973, 8, 5760);
    pub(super) const CONV1: FilterSlot = FilterSlot::new(104_741, 45, 5400);
    pub(super) const LINEAR1: FilterSlot = FilterSlot::new(110_186, 60, 43_200);
    pub(super) const LINEAR2: FilterSlot = FilterSlot::new(153_446, 63, 60_480);
}

// v3_large: compiled by mnetc 0.1.0 from v3_large.yaml.
// Do not edit: change v3_large.yaml and compile again.
//
// To use it, with the crate `mnetc-runtime` 0.1.0 and this file as a module:
//     // the bytes of a file that `mnetc pack v3_large.yaml --weights W -o FILE` wrote, aligned by `AlignedBytes`
//     let network = V3Large::from_bytes(&bytes)?;
//     let mut arena = Arena::boxed(); // with the feature `alloc`; `Arena::new()` is const, for statics
//     let mut output = Output::new();
//     network.infer(&mut arena, &input, &mut output);
// `infer` neither allocates nor fails. Threads may share a network, each with an arena of its own.
// The input is 224x224x3 (height, width, channels): numbers, prepared as they were for training.
//
// layer                 operator             channels           output      then               parameters        MACs
// stem                  convolution 3x3/2    3 -> 16            112x112x16  hard_swish                464   5,419,008
// row1.1.depthwise      depthwise 3x3                           112x112x16  relu                      176   1,806,336
// row1.1.project        projection 1x1       16 -> 16           112x112x16  + stem                    288   3,211,264
// row2.1.expand         expansion 1x1        16 -> 64 (x4)      112x112x64  relu                    1,152  12,845,056
// row2.1.depthwise      depthwise 3x3/2                         56x56x64    relu                      704   1,806,336
// row2.1.project        projection 1x1       64 -> 24           56x56x24                            1,584   4,816,896
// row3.1.expand         expansion 1x1        24 -> 72 (x3)      56x56x72    relu                    1,872   5,419,008
// row3.1.depthwise      depthwise 3x3                           56x56x72    relu                      792   2,032,128
// row3.1.project        projection 1x1       72 -> 24           56x56x24    + row2.1.project        1,776   5,419,008
// row4.1.expand         expansion 1x1        24 -> 72 (x3)      56x56x72    relu                    1,872   5,419,008
// row4.1.depthwise      depthwise 5x5/2                         28x28x72    relu                    1,944   1,411,200
// row4.1.se             squeeze-and-excite   72 -> 24 -> 72     1x1x72                              3,552       3,456
// row4.1.project        projection 1x1       72 -> 40           28x28x40                            2,960   2,257,920
// row5.1.expand         expansion 1x1        40 -> 120 (x3)     28x28x120   relu                    5,040   3,763,200
// row5.1.depthwise      depthwise 5x5                           28x28x120   relu                    3,240   2,352,000
// row5.1.se             squeeze-and-excite   120 -> 32 -> 120   1x1x120                             7,832       7,680
// row5.1.project        projection 1x1       120 -> 40          28x28x40    + row4.1.project        4,880   3,763,200
// row6.1.expand         expansion 1x1        40 -> 120 (x3)     28x28x120   relu                    5,040   3,763,200
// row6.1.depthwise      depthwise 5x5                           28x28x120   relu                    3,240   2,352,000
// row6.1.se             squeeze-and-excite   120 -> 32 -> 120   1x1x120                             7,832       7,680
// row6.1.project        projection 1x1       120 -> 40          28x28x40    + row5.1.project        4,880   3,763,200
// row7.1.expand         expansion 1x1        40 -> 240 (x6)     28x28x240   hard_swish             10,080   7,526,400
// row7.1.depthwise      depthwise 3x3/2                         14x14x240   hard_swish              2,640     423,360
// row7.1.project        projection 1x1       240 -> 80          14x14x80                           19,360   3,763,200
// row8.1.expand         expansion 1x1        80 -> 200 (x2.5)   14x14x200   hard_swish             16,400   3,136,000
// row8.1.depthwise      depthwise 3x3                           14x14x200   hard_swish              2,200     352,800
// row8.1.project        projection 1x1       200 -> 80          14x14x80    + row7.1.project       16,160   3,136,000
// row9.1.expand         expansion 1x1        80 -> 184 (x2.3)   14x14x184   hard_swish             15,088   2,885,120
// row9.1.depthwise      depthwise 3x3                           14x14x184   hard_swish              2,024     324,576
// row9.1.project        projection 1x1       184 -> 80          14x14x80    + row8.1.project       14,880   2,885,120
// row10.1.expand        expansion 1x1        80 -> 184 (x2.3)   14x14x184   hard_swish             15,088   2,885,120
// row10.1.depthwise     depthwise 3x3                           14x14x184   hard_swish              2,024     324,576
// row10.1.project       projection 1x1       184 -> 80          14x14x80    + row9.1.project       14,880   2,885,120
// row11.1.expand        expansion 1x1        80 -> 480 (x6)     14x14x480   hard_swish             39,360   7,526,400
// row11.1.depthwise     depthwise 3x3                           14x14x480   hard_swish              5,280     846,720
// row11.1.se            squeeze-and-excite   480 -> 120 -> 480  14x14x480                         115,800     115,200
// row11.1.project       projection 1x1       480 -> 112         14x14x112                          53,984  10,536,960
// row12.1.expand        expansion 1x1        112 -> 672 (x6)    14x14x672   hard_swish             76,608  14,751,744
// row12.1.depthwise     depthwise 3x3                           14x14x672   hard_swish              7,392   1,185,408
// row12.1.se            squeeze-and-excite   672 -> 168 -> 672  14x14x672                         226,632     225,792
// row12.1.project       projection 1x1       672 -> 112         14x14x112   + row11.1.project      75,488  14,751,744
// row13.1.expand        expansion 1x1        112 -> 672 (x6)    14x14x672   hard_swish             76,608  14,751,744
// row13.1.depthwise     depthwise 5x5/2                         7x7x672     hard_swish             18,144     823,200
// row13.1.se            squeeze-and-excite   672 -> 168 -> 672  7x7x672                           226,632     225,792
// row13.1.project       projection 1x1       672 -> 160         7x7x160                           107,840   5,268,480
// row14.1.expand        expansion 1x1        160 -> 960 (x6)    7x7x960     hard_swish            155,520   7,526,400
// row14.1.depthwise     depthwise 5x5                           7x7x960     hard_swish             25,920   1,176,000
// row14.1.se            squeeze-and-excite   960 -> 240 -> 960  7x7x960                           462,000     460,800
// row14.1.project       projection 1x1       960 -> 160         7x7x160     + row13.1.project     153,920   7,526,400
// row15.1.expand        expansion 1x1        160 -> 960 (x6)    7x7x960     hard_swish            155,520   7,526,400
// row15.1.depthwise     depthwise 5x5                           7x7x960     hard_swish             25,920   1,176,000
// row15.1.se            squeeze-and-excite   960 -> 240 -> 960  7x7x960                           462,000     460,800
// row15.1.project       projection 1x1       960 -> 160         7x7x160     + row14.1.project     153,920   7,526,400
// conv1                 convolution 1x1      160 -> 960         7x7x960     hard_swish            155,520   7,526,400
// global_average_pool1  global average pool                     1x1x960                                 0           0
// linear1               linear               960 -> 1280        1x1x1280    hard_swish          1,230,080   1,228,800
// linear2               linear               1280 -> 1000       1x1x1000                        1,281,000   1,280,000
//
// Total: 5,483,032 parameters, 216,589,760 multiply-adds (MACs).
// Weights 22,004,032 bytes; arena 1,204,224 bytes, fullest at row4.1.expand.
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
pub const ARENA_BYTES: usize = 1_204_224;
/// Bytes of the weight blob.
#[allow(dead_code, unreachable_pub)]
pub const WEIGHT_BYTES: usize = 22_004_032;
/// Multiply-adds of one inference.
#[allow(dead_code, unreachable_pub)]
pub const MACS: u64 = 216_589_760;
/// Parameters, as the network was trained.
#[allow(dead_code, unreachable_pub)]
pub const PARAMS: u64 = 5_483_032;
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

/// The network `v3_large`: its weights, and the instruction set it runs on.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, unreachable_pub)]
pub struct V3Large<'w> {
    weights: Weights<'w>,
    level: AnyLevel,
}

/// The length that a blob must have, and the fingerprint of its layout.
const LAYOUT: BlobLayout = BlobLayout {
    panels: 343_812,
    fingerprint: 0x82486fb1e1d0d354,
};

#[allow(dead_code, unreachable_pub)]
impl<'w> V3Large<'w> {
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
        stem_to_row2_1(cx, arena, input, observer);
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

/// From `stem` to `row2.1.project`: 224x224x3 -> 56x56x24. In 19 strips, 3 of its rows in each.
fn stem_to_row2_1<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    input: &Input,
    observer: &mut impl Observer,
) {
    for strip in 0..19 {
        // stem: convolution 3x3, stride 2, padding 1, 3 -> 16 channels, 224x224 -> 112x112, hard_swish
        // 6 rows a strip, 7 in the first, in a ring of 12
        let ([], [y, scratch]) = &mut arena
            .split([], [maps::STEM.strip(strip), maps::STEM_SCRATCH]);
        let x = &Map::new(input, 224, 224, 3);
        conv(cx, K3_S2_P1, 1, HardSwish, *x, cx.filter(filters::STEM), scratch, y);

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

        // row2.1.expand: expansion 1x1, 16 -> 64 channels (x4), 112x112, relu
        // 6 rows a strip, in a ring of 12
        let ([x], [y]) = &mut arena
            .split([maps::ROW1_1_PROJECT], [maps::ROW2_1_EXPAND.strip(strip)]);
        pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW2_1_EXPAND), y);

        // row2.1.depthwise: depthwise 3x3, stride 2, padding 1, 64 channels, 112x112 -> 56x56, relu
        // 3 rows a strip, in a ring of 3
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_EXPAND], [maps::ROW2_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW2_1_DEPTHWISE), y);

        // row2.1.project: projection 1x1, 64 -> 24 channels, 56x56
        // 3 rows a strip
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_DEPTHWISE], [maps::ROW2_1_PROJECT.strip(strip)]);
        pointwise(cx, TILE_8X24, Identity, *x, cx.filter(filters::ROW2_1_PROJECT), y);
    }

    let ([y], []) = arena.split([maps::ROW2_1_PROJECT], []);
    observer.step(0, y);
}

/// Row 3, bneck (k 3, exp 72, c 24, se false, nl relu, s 1): 56x56x24 -> 56x56x24. In 5 strips, 12 of its rows in each.
fn row3_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    for strip in 0..5 {
        // row3.1.expand: expansion 1x1, 24 -> 72 channels (x3), 56x56, relu
        // 12 rows a strip, 13 in the first, in a ring of 24
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_PROJECT], [maps::ROW3_1_EXPAND.strip(strip)]);
        pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW3_1_EXPAND), y);

        // row3.1.depthwise: depthwise 3x3, stride 1, padding 1, 72 channels, 56x56, relu
        // 12 rows a strip, in a ring of 12
        let ([x], [y]) = &mut arena
            .split([maps::ROW3_1_EXPAND], [maps::ROW3_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW3_1_DEPTHWISE), y);

        // row3.1.project: projection 1x1, 72 -> 24 channels, 56x56, + row2.1.project
        // 12 rows a strip
        let ([x], [y]) = &mut arena
            .split([maps::ROW3_1_DEPTHWISE], [maps::ROW3_1_PROJECT.strip(strip)]);
        pointwise_accumulate(
            cx,
            TILE_8X24,
            Identity,
            *x,
            cx.filter(filters::ROW3_1_PROJECT),
            y,
        );
    }

    let ([y], []) = arena.split([maps::ROW3_1_PROJECT], []);
    observer.step(1, y);
}

/// Row 4, bneck (k 5, exp 72, c 40, se true, nl relu, s 2): 56x56x24 -> 28x28x40.
fn row4_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.1.expand: expansion 1x1, 24 -> 72 channels (x3), 56x56, relu
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_PROJECT], [maps::ROW4_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW4_1_EXPAND), y);
    observer.step(2, y.as_map());

    // row4.1.depthwise: depthwise 5x5, stride 2, padding 2, 72 channels, 56x56 -> 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_EXPAND], [maps::ROW4_1_DEPTHWISE]);
    depthwise(cx, K5_S2_P2, Relu, *x, cx.filter(filters::ROW4_1_DEPTHWISE), y);
    observer.step(3, y.as_map());

    // row4.1.se: squeeze-and-excite, 72 -> 24 -> 72 channels, relu then hard_sigmoid, 28x28 -> 1x1, and row4.1.project's weights times these gates
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
    observer.step(4, y.as_map());

    // row4.1.project: projection 1x1, 72 -> 40 channels, 28x28
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
    observer.step(5, y.as_map());
}

/// Row 5, bneck (k 5, exp 120, c 40, se true, nl relu, s 1): 28x28x40 -> 28x28x40.
fn row5_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.1.expand: expansion 1x1, 40 -> 120 channels (x3), 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_PROJECT], [maps::ROW5_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW5_1_EXPAND), y);
    observer.step(6, y.as_map());

    // row5.1.depthwise: depthwise 5x5, stride 1, padding 2, 120 channels, 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_EXPAND], [maps::ROW5_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, Relu, *x, cx.filter(filters::ROW5_1_DEPTHWISE), y);
    observer.step(7, y.as_map());

    // row5.1.se: squeeze-and-excite, 120 -> 32 -> 120 channels, relu then hard_sigmoid, 28x28 -> 1x1, and row5.1.project's weights times these gates
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
    observer.step(8, y.as_map());

    // row5.1.project: projection 1x1, 120 -> 40 channels, 28x28, + row4.1.project
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
    observer.step(9, y.as_map());
}

/// Row 6, bneck (k 5, exp 120, c 40, se true, nl relu, s 1): 28x28x40 -> 28x28x40.
fn row6_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.1.expand: expansion 1x1, 40 -> 120 channels (x3), 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_PROJECT], [maps::ROW6_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW6_1_EXPAND), y);
    observer.step(10, y.as_map());

    // row6.1.depthwise: depthwise 5x5, stride 1, padding 2, 120 channels, 28x28, relu
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_EXPAND], [maps::ROW6_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, Relu, *x, cx.filter(filters::ROW6_1_DEPTHWISE), y);
    observer.step(11, y.as_map());

    // row6.1.se: squeeze-and-excite, 120 -> 32 -> 120 channels, relu then hard_sigmoid, 28x28 -> 1x1, and row6.1.project's weights times these gates
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
    observer.step(12, y.as_map());

    // row6.1.project: projection 1x1, 120 -> 40 channels, 28x28, + row5.1.project
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
    observer.step(13, y.as_map());
}

/// Row 7, bneck (k 3, exp 240, c 80, se false, nl hard_swish, s 2): 28x28x40 -> 14x14x80.
fn row7_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.1.expand: expansion 1x1, 40 -> 240 channels (x6), 28x28, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_PROJECT], [maps::ROW7_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW7_1_EXPAND), y);
    observer.step(14, y.as_map());

    // row7.1.depthwise: depthwise 3x3, stride 2, padding 1, 240 channels, 28x28 -> 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_EXPAND], [maps::ROW7_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, HardSwish, *x, cx.filter(filters::ROW7_1_DEPTHWISE), y);
    observer.step(15, y.as_map());

    // row7.1.project: projection 1x1, 240 -> 80 channels, 14x14
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_DEPTHWISE], [maps::ROW7_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW7_1_PROJECT), y);
    observer.step(16, y.as_map());
}

/// Row 8, bneck (k 3, exp 200, c 80, se false, nl hard_swish, s 1): 14x14x80 -> 14x14x80.
fn row8_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row8.1.expand: expansion 1x1, 80 -> 200 channels (x2.5), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_PROJECT], [maps::ROW8_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW8_1_EXPAND), y);
    observer.step(17, y.as_map());

    // row8.1.depthwise: depthwise 3x3, stride 1, padding 1, 200 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW8_1_EXPAND], [maps::ROW8_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW8_1_DEPTHWISE), y);
    observer.step(18, y.as_map());

    // row8.1.project: projection 1x1, 200 -> 80 channels, 14x14, + row7.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW8_1_DEPTHWISE], [maps::ROW8_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW8_1_PROJECT),
        y,
    );
    observer.step(19, y.as_map());
}

/// Row 9, bneck (k 3, exp 184, c 80, se false, nl hard_swish, s 1): 14x14x80 -> 14x14x80.
fn row9_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row9.1.expand: expansion 1x1, 80 -> 184 channels (x2.3), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW8_1_PROJECT], [maps::ROW9_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW9_1_EXPAND), y);
    observer.step(20, y.as_map());

    // row9.1.depthwise: depthwise 3x3, stride 1, padding 1, 184 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW9_1_EXPAND], [maps::ROW9_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW9_1_DEPTHWISE), y);
    observer.step(21, y.as_map());

    // row9.1.project: projection 1x1, 184 -> 80 channels, 14x14, + row8.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW9_1_DEPTHWISE], [maps::ROW9_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW9_1_PROJECT),
        y,
    );
    observer.step(22, y.as_map());
}

/// Row 10, bneck (k 3, exp 184, c 80, se false, nl hard_swish, s 1): 14x14x80 -> 14x14x80.
fn row10_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row10.1.expand: expansion 1x1, 80 -> 184 channels (x2.3), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW9_1_PROJECT], [maps::ROW10_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW10_1_EXPAND), y);
    observer.step(23, y.as_map());

    // row10.1.depthwise: depthwise 3x3, stride 1, padding 1, 184 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW10_1_EXPAND], [maps::ROW10_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW10_1_DEPTHWISE), y);
    observer.step(24, y.as_map());

    // row10.1.project: projection 1x1, 184 -> 80 channels, 14x14, + row9.1.project
    let ([x], [y]) = &mut arena
        .split([maps::ROW10_1_DEPTHWISE], [maps::ROW10_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW10_1_PROJECT),
        y,
    );
    observer.step(25, y.as_map());
}

/// Row 11, bneck (k 3, exp 480, c 112, se true, nl hard_swish, s 1): 14x14x80 -> 14x14x112.
fn row11_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row11.1.expand: expansion 1x1, 80 -> 480 channels (x6), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW10_1_PROJECT], [maps::ROW11_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW11_1_EXPAND), y);
    observer.step(26, y.as_map());

    // row11.1.depthwise: depthwise 3x3, stride 1, padding 1, 480 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW11_1_EXPAND], [maps::ROW11_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW11_1_DEPTHWISE), y);
    observer.step(27, y.as_map());

    // row11.1.se: squeeze-and-excite, 480 -> 120 -> 480 channels, relu then hard_sigmoid, 14x14
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
    observer.step(28, y.as_map());

    // row11.1.project: projection 1x1, 480 -> 112 channels, 14x14
    let ([x], [y]) = &mut arena.split([maps::ROW11_1_SE], [maps::ROW11_1_PROJECT]);
    pointwise(cx, TILE_6X64, Identity, *x, cx.filter(filters::ROW11_1_PROJECT), y);
    observer.step(29, y.as_map());
}

/// Row 12, bneck (k 3, exp 672, c 112, se true, nl hard_swish, s 1): 14x14x112 -> 14x14x112.
fn row12_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row12.1.expand: expansion 1x1, 112 -> 672 channels (x6), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW11_1_PROJECT], [maps::ROW12_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW12_1_EXPAND), y);
    observer.step(30, y.as_map());

    // row12.1.depthwise: depthwise 3x3, stride 1, padding 1, 672 channels, 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW12_1_EXPAND], [maps::ROW12_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, HardSwish, *x, cx.filter(filters::ROW12_1_DEPTHWISE), y);
    observer.step(31, y.as_map());

    // row12.1.se: squeeze-and-excite, 672 -> 168 -> 672 channels, relu then hard_sigmoid, 14x14
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
    observer.step(32, y.as_map());

    // row12.1.project: projection 1x1, 672 -> 112 channels, 14x14, + row11.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW12_1_SE], [maps::ROW12_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_6X64,
        Identity,
        *x,
        cx.filter(filters::ROW12_1_PROJECT),
        y,
    );
    observer.step(33, y.as_map());
}

/// Row 13, bneck (k 5, exp 672, c 160, se true, nl hard_swish, s 2): 14x14x112 -> 7x7x160.
fn row13_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row13.1.expand: expansion 1x1, 112 -> 672 channels (x6), 14x14, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW12_1_PROJECT], [maps::ROW13_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW13_1_EXPAND), y);
    observer.step(34, y.as_map());

    // row13.1.depthwise: depthwise 5x5, stride 2, padding 2, 672 channels, 14x14 -> 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW13_1_EXPAND], [maps::ROW13_1_DEPTHWISE]);
    depthwise(cx, K5_S2_P2, HardSwish, *x, cx.filter(filters::ROW13_1_DEPTHWISE), y);
    observer.step(35, y.as_map());

    // row13.1.se: squeeze-and-excite, 672 -> 168 -> 672 channels, relu then hard_sigmoid, 7x7
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
    observer.step(36, y.as_map());

    // row13.1.project: projection 1x1, 672 -> 160 channels, 7x7
    let ([x], [y]) = &mut arena.split([maps::ROW13_1_SE], [maps::ROW13_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW13_1_PROJECT), y);
    observer.step(37, y.as_map());
}

/// Row 14, bneck (k 5, exp 960, c 160, se true, nl hard_swish, s 1): 7x7x160 -> 7x7x160.
fn row14_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row14.1.expand: expansion 1x1, 160 -> 960 channels (x6), 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW13_1_PROJECT], [maps::ROW14_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW14_1_EXPAND), y);
    observer.step(38, y.as_map());

    // row14.1.depthwise: depthwise 5x5, stride 1, padding 2, 960 channels, 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW14_1_EXPAND], [maps::ROW14_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW14_1_DEPTHWISE), y);
    observer.step(39, y.as_map());

    // row14.1.se: squeeze-and-excite, 960 -> 240 -> 960 channels, relu then hard_sigmoid, 7x7
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
    observer.step(40, y.as_map());

    // row14.1.project: projection 1x1, 960 -> 160 channels, 7x7, + row13.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW14_1_SE], [maps::ROW14_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW14_1_PROJECT),
        y,
    );
    observer.step(41, y.as_map());
}

/// Row 15, bneck (k 5, exp 960, c 160, se true, nl hard_swish, s 1): 7x7x160 -> 7x7x160.
fn row15_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row15.1.expand: expansion 1x1, 160 -> 960 channels (x6), 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW14_1_PROJECT], [maps::ROW15_1_EXPAND]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::ROW15_1_EXPAND), y);
    observer.step(42, y.as_map());

    // row15.1.depthwise: depthwise 5x5, stride 1, padding 2, 960 channels, 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW15_1_EXPAND], [maps::ROW15_1_DEPTHWISE]);
    depthwise(cx, K5_S1_P2, HardSwish, *x, cx.filter(filters::ROW15_1_DEPTHWISE), y);
    observer.step(43, y.as_map());

    // row15.1.se: squeeze-and-excite, 960 -> 240 -> 960 channels, relu then hard_sigmoid, 7x7
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
    observer.step(44, y.as_map());

    // row15.1.project: projection 1x1, 960 -> 160 channels, 7x7, + row14.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW15_1_SE], [maps::ROW15_1_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW15_1_PROJECT),
        y,
    );
    observer.step(45, y.as_map());
}

/// From `conv1` to `linear2`: 7x7x160 -> 1x1x1000.
fn head<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    output: &mut Output,
    observer: &mut impl Observer,
) {
    // conv1: convolution 1x1, 160 -> 960 channels, 7x7, hard_swish
    let ([x], [y]) = &mut arena.split([maps::ROW15_1_PROJECT], [maps::CONV1]);
    pointwise(cx, TILE_6X64, HardSwish, *x, cx.filter(filters::CONV1), y);
    observer.step(46, y.as_map());

    // global_average_pool1: global average pool, 960 channels, 7x7 -> 1x1
    let ([x], [y]) = &mut arena.split([maps::CONV1], [maps::GLOBAL_AVERAGE_POOL1]);
    global_average_pool(cx, *x, y);
    observer.step(47, y.as_map());

    // linear1: linear, 960 -> 1280 channels, 1x1, hard_swish
    let ([x], [y]) = &mut arena.split([maps::GLOBAL_AVERAGE_POOL1], [maps::LINEAR1]);
    linear(cx, HardSwish, *x, cx.filter(filters::LINEAR1), y);
    observer.step(48, y.as_map());

    // linear2: linear, 1280 -> 1000 channels, 1x1
    let ([x], []) = &mut arena.split([maps::LINEAR1], []);
    let y = &mut MapMut::new(&mut output.logits, 1, 1, 1000);
    linear(cx, Identity, *x, cx.filter(filters::LINEAR2), y);
    observer.step(49, y.as_map());
}

/// Name, and height, width and channels of the result, of every step an observer sees.
#[allow(dead_code, unreachable_pub)]
pub const STEPS: [(&str, [usize; 3]); 50] = [
    ("row2.1.project", [56, 56, 24]),
    ("row3.1.project", [56, 56, 24]),
    ("row4.1.expand", [56, 56, 72]),
    ("row4.1.depthwise", [28, 28, 72]),
    ("row4.1.se", [1, 1, 72]),
    ("row4.1.project", [28, 28, 40]),
    ("row5.1.expand", [28, 28, 120]),
    ("row5.1.depthwise", [28, 28, 120]),
    ("row5.1.se", [1, 1, 120]),
    ("row5.1.project", [28, 28, 40]),
    ("row6.1.expand", [28, 28, 120]),
    ("row6.1.depthwise", [28, 28, 120]),
    ("row6.1.se", [1, 1, 120]),
    ("row6.1.project", [28, 28, 40]),
    ("row7.1.expand", [28, 28, 240]),
    ("row7.1.depthwise", [14, 14, 240]),
    ("row7.1.project", [14, 14, 80]),
    ("row8.1.expand", [14, 14, 200]),
    ("row8.1.depthwise", [14, 14, 200]),
    ("row8.1.project", [14, 14, 80]),
    ("row9.1.expand", [14, 14, 184]),
    ("row9.1.depthwise", [14, 14, 184]),
    ("row9.1.project", [14, 14, 80]),
    ("row10.1.expand", [14, 14, 184]),
    ("row10.1.depthwise", [14, 14, 184]),
    ("row10.1.project", [14, 14, 80]),
    ("row11.1.expand", [14, 14, 480]),
    ("row11.1.depthwise", [14, 14, 480]),
    ("row11.1.se", [14, 14, 480]),
    ("row11.1.project", [14, 14, 112]),
    ("row12.1.expand", [14, 14, 672]),
    ("row12.1.depthwise", [14, 14, 672]),
    ("row12.1.se", [14, 14, 672]),
    ("row12.1.project", [14, 14, 112]),
    ("row13.1.expand", [14, 14, 672]),
    ("row13.1.depthwise", [7, 7, 672]),
    ("row13.1.se", [7, 7, 672]),
    ("row13.1.project", [7, 7, 160]),
    ("row14.1.expand", [7, 7, 960]),
    ("row14.1.depthwise", [7, 7, 960]),
    ("row14.1.se", [7, 7, 960]),
    ("row14.1.project", [7, 7, 160]),
    ("row15.1.expand", [7, 7, 960]),
    ("row15.1.depthwise", [7, 7, 960]),
    ("row15.1.se", [7, 7, 960]),
    ("row15.1.project", [7, 7, 160]),
    ("conv1", [7, 7, 960]),
    ("global_average_pool1", [1, 1, 960]),
    ("linear1", [1, 1, 1280]),
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
const TILE_7X40: Tile = Tile::new(Avx512Tile::R7x40, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_7X48: Tile = Tile::new(Avx512Tile::R7x48, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_8X24: Tile = Tile::new(Avx512Tile::R8x24, Avx2Tile::R6x16);

/// Where each map of f32 lies in the arena: `Slot::new(offset in bytes, height, width, channels)`.
/// `.ring(rows, place of row 0)`: it has memory for so many rows, which new ones overwrite in turn.
/// `.strips(rows, more in the first)`: so many are made at once.
mod maps {
    use super::Slot;
    pub(super) const STEM: Slot = Slot::new(344_064, 112, 112, 16)
        .ring(12, 5)
        .strips(6, 1);
    pub(super) const STEM_SCRATCH: Slot = Slot::new(559_104, 1, 1, 2034);
    pub(super) const ROW1_1_DEPTHWISE: Slot = Slot::new(430_080, 112, 112, 16)
        .ring(6, 0)
        .strips(6, 0);
    pub(super) const ROW1_1_PROJECT: Slot = Slot::new(473_088, 112, 112, 16)
        .ring(6, 0)
        .strips(6, 0);
    pub(super) const ROW2_1_EXPAND: Slot = Slot::new(0, 112, 112, 64)
        .ring(12, 0)
        .strips(6, 0);
    pub(super) const ROW2_1_DEPTHWISE: Slot = Slot::new(516_096, 56, 56, 64)
        .ring(3, 0)
        .strips(3, 0);
    pub(super) const ROW2_1_PROJECT: Slot = Slot::new(903_168, 56, 56, 24).strips(3, 0);
    pub(super) const ROW3_1_EXPAND: Slot = Slot::new(0, 56, 56, 72)
        .ring(24, 11)
        .strips(12, 1);
    pub(super) const ROW3_1_DEPTHWISE: Slot = Slot::new(387_072, 56, 56, 72)
        .ring(12, 0)
        .strips(12, 0);
    pub(super) const ROW3_1_PROJECT: Slot = ROW2_1_PROJECT.strips(12, 0);
    pub(super) const ROW4_1_EXPAND: Slot = Slot::new(0, 56, 56, 72);
    pub(super) const ROW4_1_DEPTHWISE: Slot = Slot::new(903_168, 28, 28, 72);
    pub(super) const ROW4_1_SE: Slot = Slot::new(11_968, 1, 1, 72);
    pub(super) const ROW4_1_SE_SCRATCH: Slot = Slot::new(11_520, 1, 1, 112);
    pub(super) const ROW4_1_PROJECT: Slot = Slot::new(752_640, 28, 28, 40);
    pub(super) const ROW5_1_EXPAND: Slot = Slot::new(0, 28, 28, 120);
    pub(super) const ROW5_1_DEPTHWISE: Slot = Slot::new(376_320, 28, 28, 120);
    pub(super) const ROW5_1_SE: Slot = Slot::new(19_840, 1, 1, 120);
    pub(super) const ROW5_1_SE_SCRATCH: Slot = Slot::new(19_200, 1, 1, 160);
    pub(super) const ROW5_1_PROJECT: Slot = ROW4_1_PROJECT;
    pub(super) const ROW6_1_EXPAND: Slot = Slot::new(0, 28, 28, 120);
    pub(super) const ROW6_1_DEPTHWISE: Slot = Slot::new(376_320, 28, 28, 120);
    pub(super) const ROW6_1_SE: Slot = Slot::new(19_840, 1, 1, 120);
    pub(super) const ROW6_1_SE_SCRATCH: Slot = Slot::new(19_200, 1, 1, 160);
    pub(super) const ROW6_1_PROJECT: Slot = ROW5_1_PROJECT;
    pub(super) const ROW7_1_EXPAND: Slot = Slot::new(0, 28, 28, 240);
    pub(super) const ROW7_1_DEPTHWISE: Slot = Slot::new(752_640, 14, 14, 240);
    pub(super) const ROW7_1_PROJECT: Slot = Slot::new(376_320, 14, 14, 80);
    pub(super) const ROW8_1_EXPAND: Slot = Slot::new(0, 14, 14, 200);
    pub(super) const ROW8_1_DEPTHWISE: Slot = Slot::new(156_800, 14, 14, 200);
    pub(super) const ROW8_1_PROJECT: Slot = ROW7_1_PROJECT;
    pub(super) const ROW9_1_EXPAND: Slot = Slot::new(0, 14, 14, 184);
    pub(super) const ROW9_1_DEPTHWISE: Slot = Slot::new(144_256, 14, 14, 184);
    pub(super) const ROW9_1_PROJECT: Slot = ROW8_1_PROJECT;
    pub(super) const ROW10_1_EXPAND: Slot = Slot::new(0, 14, 14, 184);
    pub(super) const ROW10_1_DEPTHWISE: Slot = Slot::new(144_256, 14, 14, 184);
    pub(super) const ROW10_1_PROJECT: Slot = ROW9_1_PROJECT;
    pub(super) const ROW11_1_EXPAND: Slot = Slot::new(0, 14, 14, 480);
    pub(super) const ROW11_1_DEPTHWISE: Slot = Slot::new(376_320, 14, 14, 480);
    pub(super) const ROW11_1_SE: Slot = ROW11_1_DEPTHWISE;
    pub(super) const ROW11_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 608);
    pub(super) const ROW11_1_PROJECT: Slot = Slot::new(1_053_696, 14, 14, 112);
    pub(super) const ROW12_1_EXPAND: Slot = Slot::new(0, 14, 14, 672);
    pub(super) const ROW12_1_DEPTHWISE: Slot = Slot::new(526_848, 14, 14, 672);
    pub(super) const ROW12_1_SE: Slot = ROW12_1_DEPTHWISE;
    pub(super) const ROW12_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 848);
    pub(super) const ROW12_1_PROJECT: Slot = ROW11_1_PROJECT;
    pub(super) const ROW13_1_EXPAND: Slot = Slot::new(0, 14, 14, 672);
    pub(super) const ROW13_1_DEPTHWISE: Slot = Slot::new(526_848, 7, 7, 672);
    pub(super) const ROW13_1_SE: Slot = ROW13_1_DEPTHWISE;
    pub(super) const ROW13_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 848);
    pub(super) const ROW13_1_PROJECT: Slot = Slot::new(376_320, 7, 7, 160);
    pub(super) const ROW14_1_EXPAND: Slot = Slot::new(0, 7, 7, 960);
    pub(super) const ROW14_1_DEPTHWISE: Slot = Slot::new(188_160, 7, 7, 960);
    pub(super) const ROW14_1_SE: Slot = ROW14_1_DEPTHWISE;
    pub(super) const ROW14_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 1200);
    pub(super) const ROW14_1_PROJECT: Slot = ROW13_1_PROJECT;
    pub(super) const ROW15_1_EXPAND: Slot = Slot::new(0, 7, 7, 960);
    pub(super) const ROW15_1_DEPTHWISE: Slot = Slot::new(188_160, 7, 7, 960);
    pub(super) const ROW15_1_SE: Slot = ROW15_1_DEPTHWISE;
    pub(super) const ROW15_1_SE_SCRATCH: Slot = Slot::new(0, 1, 1, 1200);
    pub(super) const ROW15_1_PROJECT: Slot = ROW14_1_PROJECT;
    pub(super) const CONV1: Slot = Slot::new(0, 7, 7, 960);
    pub(super) const GLOBAL_AVERAGE_POOL1: Slot = Slot::new(188_160, 1, 1, 960);
    pub(super) const LINEAR1: Slot = Slot::new(0, 1, 1, 1280);
    pub(super) const ROW4_1_PROJECT_SCALED: Slot = Slot::new(0, 180, 1, 16);
    pub(super) const ROW5_1_PROJECT_SCALED: Slot = Slot::new(0, 300, 1, 16);
    pub(super) const ROW6_1_PROJECT_SCALED: Slot = Slot::new(0, 300, 1, 16);
}

/// Where each filter lies in the blob: `FilterSlot::new(first panel, panels of bias, panels of weights)`. A panel is
/// 16 f32, one for each of 16 output channels.
mod filters {
    use super::FilterSlot;
    pub(super) const STEM: FilterSlot = FilterSlot::new(0, 1, 27);
    pub(super) const ROW1_1_DEPTHWISE: FilterSlot = FilterSlot::new(28, 1, 9);
    pub(super) const ROW1_1_PROJECT: FilterSlot = FilterSlot::new(38, 1, 16);
    pub(super) const ROW2_1_EXPAND: FilterSlot = FilterSlot::new(55, 4, 64);
    pub(super) const ROW2_1_DEPTHWISE: FilterSlot = FilterSlot::new(123, 4, 36);
    pub(super) const ROW2_1_PROJECT: FilterSlot = FilterSlot::new(163, 2, 96);
    pub(super) const ROW3_1_EXPAND: FilterSlot = FilterSlot::new(261, 5, 120);
    pub(super) const ROW3_1_DEPTHWISE: FilterSlot = FilterSlot::new(386, 5, 45);
    pub(super) const ROW3_1_PROJECT: FilterSlot = FilterSlot::new(436, 2, 108);
    pub(super) const ROW4_1_EXPAND: FilterSlot = FilterSlot::new(546, 5, 120);
    pub(super) const ROW4_1_DEPTHWISE: FilterSlot = FilterSlot::new(671, 5, 125);
    pub(super) const ROW4_1_SE_REDUCE: FilterSlot = FilterSlot::new(801, 2, 144);
    pub(super) const ROW4_1_SE_EXPAND: FilterSlot = FilterSlot::new(947, 5, 120);
    pub(super) const ROW4_1_PROJECT: FilterSlot = FilterSlot::new(1072, 3, 180);
    pub(super) const ROW5_1_EXPAND: FilterSlot = FilterSlot::new(1255, 8, 320);
    pub(super) const ROW5_1_DEPTHWISE: FilterSlot = FilterSlot::new(1583, 8, 200);
    pub(super) const ROW5_1_SE_REDUCE: FilterSlot = FilterSlot::new(1791, 2, 240);
    pub(super) const ROW5_1_SE_EXPAND: FilterSlot = FilterSlot::new(2033, 8, 256);
    pub(super) const ROW5_1_PROJECT: FilterSlot = FilterSlot::new(2297, 3, 300);
    pub(super) const ROW6_1_EXPAND: FilterSlot = FilterSlot::new(2600, 8, 320);
    pub(super) const ROW6_1_DEPTHWISE: FilterSlot = FilterSlot::new(2928, 8, 200);
    pub(super) const ROW6_1_SE_REDUCE: FilterSlot = FilterSlot::new(3136, 2, 240);
    pub(super) const ROW6_1_SE_EXPAND: FilterSlot = FilterSlot::new(3378, 8, 256);
    pub(super) const ROW6_1_PROJECT: FilterSlot = FilterSlot::new(3642, 3, 300);
    pub(super) const ROW7_1_EXPAND: FilterSlot = FilterSlot::new(3945, 15, 600);
    pub(super) const ROW7_1_DEPTHWISE: FilterSlot = FilterSlot::new(4560, 15, 135);
    pub(super) const ROW7_1_PROJECT: FilterSlot = FilterSlot::new(4710, 5, 1200);
    pub(super) const ROW8_1_EXPAND: FilterSlot = FilterSlot::new(5915, 13, 1040);
    pub(super) const ROW8_1_DEPTHWISE: FilterSlot = FilterSlot::new(6968, 13, 117);
    pub(super) const ROW8_1_PROJECT: FilterSlot = FilterSlot::new(7098, 5, 1000);
    pub(super) const ROW9_1_EXPAND: FilterSlot = FilterSlot::new(8103, 12, 960);
    pub(super) const ROW9_1_DEPTHWISE: FilterSlot = FilterSlot::new(9075, 12, 108);
    pub(super) const ROW9_1_PROJECT: FilterSlot = FilterSlot::new(9195, 5, 920);
    pub(super) const ROW10_1_EXPAND: FilterSlot = FilterSlot::new(10_120, 12, 960);
    pub(super) const ROW10_1_DEPTHWISE: FilterSlot = FilterSlot::new(11_092, 12, 108);
    pub(super) const ROW10_1_PROJECT: FilterSlot = FilterSlot::new(11_212, 5, 920);
    pub(super) const ROW11_1_EXPAND: FilterSlot = FilterSlot::new(12_137, 30, 2400);
    pub(super) const ROW11_1_DEPTHWISE: FilterSlot = FilterSlot::new(14_567, 30, 270);
    pub(super) const ROW11_1_SE_REDUCE: FilterSlot = FilterSlot::new(14_867, 8, 3840);
    pub(super) const ROW11_1_SE_EXPAND: FilterSlot = FilterSlot::new(18_715, 30, 3600);
    pub(super) const ROW11_1_PROJECT: FilterSlot = FilterSlot::new(22_345, 7, 3360);
    pub(super) const ROW12_1_EXPAND: FilterSlot = FilterSlot::new(25_712, 42, 4704);
    pub(super) const ROW12_1_DEPTHWISE: FilterSlot = FilterSlot::new(30_458, 42, 378);
    pub(super) const ROW12_1_SE_REDUCE: FilterSlot = FilterSlot::new(30_878, 11, 7392);
    pub(super) const ROW12_1_SE_EXPAND: FilterSlot = FilterSlot::new(38_281, 42, 7056);
    pub(super) const ROW12_1_PROJECT: FilterSlot = FilterSlot::new(45_379, 7, 4704);
    pub(super) const ROW13_1_EXPAND: FilterSlot = FilterSlot::new(50_090, 42, 4704);
    pub(super) const ROW13_1_DEPTHWISE: FilterSlot = FilterSlot::new(54_836, 42, 1050);
    pub(super) const ROW13_1_SE_REDUCE: FilterSlot = FilterSlot::new(55_928, 11, 7392);
    pub(super) const ROW13_1_SE_EXPAND: FilterSlot = FilterSlot::new(63_331, 42, 7056);
    pub(super) const ROW13_1_PROJECT: FilterSlot = FilterSlot::new(70_429, 10, 6720);
    pub(super) const ROW14_1_EXPAND: FilterSlot = FilterSlot::new(77_159, 60, 9600);
    pub(super) const ROW14_1_DEPTHWISE: FilterSlot = FilterSlot::new(86_819, 60, 1500);
    pub(super) const ROW14_1_SE_REDUCE: FilterSlot = FilterSlot::new(88_379, 15, 14_400);
    pub(super) const ROW14_1_SE_EXPAND: FilterSlot = FilterSlot::new(
        102_794,
        60,
        14_400,
    );
    pub(super) const ROW14_1_PROJECT: FilterSlot = FilterSlot::new(117_254, 10, 9600);
    pub(super) const ROW15_1_EXPAND: FilterSlot = FilterSlot::new(126_864, 60, 9600);
    pub(super) const ROW15_1_DEPTHWISE: FilterSlot = FilterSlot::new(136_524, 60, 1500);
    pub(super) const ROW15_1_SE_REDUCE: FilterSlot = FilterSlot::new(
        138_084,
        15,
        14_400,
    );
    pub(super) const ROW15_1_SE_EXPAND: FilterSlot = FilterSlot::new(
        152_499,
        60,
        14_400,
    );
    pub(super) const ROW15_1_PROJECT: FilterSlot = FilterSlot::new(166_959, 10, 9600);
    pub(super) const CONV1: FilterSlot = FilterSlot::new(176_569, 60, 9600);
    pub(super) const LINEAR1: FilterSlot = FilterSlot::new(186_229, 80, 76_800);
    pub(super) const LINEAR2: FilterSlot = FilterSlot::new(263_109, 63, 80_640);
}

// v2_035_96: compiled by mnetc 0.1.0 from v2_035_96.yaml.
// Do not edit: change v2_035_96.yaml and compile again.
//
// To use it, with the crate `mnetc-runtime` 0.1.0 and this file as a module:
//     // the bytes of a file that `mnetc pack v2_035_96.yaml --weights W -o FILE` wrote, aligned by `AlignedBytes`
//     let network = V203596::from_bytes(&bytes)?;
//     let mut arena = Arena::boxed(); // with the feature `alloc`; `Arena::new()` is const, for statics
//     let mut output = Output::new();
//     network.infer(&mut arena, &input, &mut output);
// `infer` neither allocates nor fails. Threads may share a network, each with an arena of its own.
// The input is 96x96x3 (height, width, channels): numbers, prepared as they were for training.
//
// layer                 operator             channels        output    then              parameters       MACs
// stem                  convolution 3x3/2    3 -> 16         48x48x16  relu6                    464    995,328
// row1.1.depthwise      depthwise 3x3                        48x48x16  relu6                    176    331,776
// row1.1.project        projection 1x1       16 -> 8         48x48x8                            144    294,912
// row2.1.expand         expansion 1x1        8 -> 48 (x6)    48x48x48  relu6                    480    884,736
// row2.1.depthwise      depthwise 3x3/2                      24x24x48  relu6                    528    248,832
// row2.1.project        projection 1x1       48 -> 8         24x24x8                            400    221,184
// row2.2.expand         expansion 1x1        8 -> 48 (x6)    24x24x48  relu6                    480    221,184
// row2.2.depthwise      depthwise 3x3                        24x24x48  relu6                    528    248,832
// row2.2.project        projection 1x1       48 -> 8         24x24x8   + row2.1.project         400    221,184
// row3.1.expand         expansion 1x1        8 -> 48 (x6)    24x24x48  relu6                    480    221,184
// row3.1.depthwise      depthwise 3x3/2                      12x12x48  relu6                    528     62,208
// row3.1.project        projection 1x1       48 -> 16        12x12x16                           800    110,592
// row3.2.expand         expansion 1x1        16 -> 96 (x6)   12x12x96  relu6                  1,728    221,184
// row3.2.depthwise      depthwise 3x3                        12x12x96  relu6                  1,056    124,416
// row3.2.project        projection 1x1       96 -> 16        12x12x16  + row3.1.project       1,568    221,184
// row3.3.expand         expansion 1x1        16 -> 96 (x6)   12x12x96  relu6                  1,728    221,184
// row3.3.depthwise      depthwise 3x3                        12x12x96  relu6                  1,056    124,416
// row3.3.project        projection 1x1       96 -> 16        12x12x16  + row3.2.project       1,568    221,184
// row4.1.expand         expansion 1x1        16 -> 96 (x6)   12x12x96  relu6                  1,728    221,184
// row4.1.depthwise      depthwise 3x3/2                      6x6x96    relu6                  1,056     31,104
// row4.1.project        projection 1x1       96 -> 24        6x6x24                           2,352     82,944
// row4.2.expand         expansion 1x1        24 -> 144 (x6)  6x6x144   relu6                  3,744    124,416
// row4.2.depthwise      depthwise 3x3                        6x6x144   relu6                  1,584     46,656
// row4.2.project        projection 1x1       144 -> 24       6x6x24    + row4.1.project       3,504    124,416
// row4.3.expand         expansion 1x1        24 -> 144 (x6)  6x6x144   relu6                  3,744    124,416
// row4.3.depthwise      depthwise 3x3                        6x6x144   relu6                  1,584     46,656
// row4.3.project        projection 1x1       144 -> 24       6x6x24    + row4.2.project       3,504    124,416
// row4.4.expand         expansion 1x1        24 -> 144 (x6)  6x6x144   relu6                  3,744    124,416
// row4.4.depthwise      depthwise 3x3                        6x6x144   relu6                  1,584     46,656
// row4.4.project        projection 1x1       144 -> 24       6x6x24    + row4.3.project       3,504    124,416
// row5.1.expand         expansion 1x1        24 -> 144 (x6)  6x6x144   relu6                  3,744    124,416
// row5.1.depthwise      depthwise 3x3                        6x6x144   relu6                  1,584     46,656
// row5.1.project        projection 1x1       144 -> 32       6x6x32                           4,672    165,888
// row5.2.expand         expansion 1x1        32 -> 192 (x6)  6x6x192   relu6                  6,528    221,184
// row5.2.depthwise      depthwise 3x3                        6x6x192   relu6                  2,112     62,208
// row5.2.project        projection 1x1       192 -> 32       6x6x32    + row5.1.project       6,208    221,184
// row5.3.expand         expansion 1x1        32 -> 192 (x6)  6x6x192   relu6                  6,528    221,184
// row5.3.depthwise      depthwise 3x3                        6x6x192   relu6                  2,112     62,208
// row5.3.project        projection 1x1       192 -> 32       6x6x32    + row5.2.project       6,208    221,184
// row6.1.expand         expansion 1x1        32 -> 192 (x6)  6x6x192   relu6                  6,528    221,184
// row6.1.depthwise      depthwise 3x3/2                      3x3x192   relu6                  2,112     15,552
// row6.1.project        projection 1x1       192 -> 56       3x3x56                          10,864     96,768
// row6.2.expand         expansion 1x1        56 -> 336 (x6)  3x3x336   relu6                 19,488    169,344
// row6.2.depthwise      depthwise 3x3                        3x3x336   relu6                  3,696     27,216
// row6.2.project        projection 1x1       336 -> 56       3x3x56    + row6.1.project      18,928    169,344
// row6.3.expand         expansion 1x1        56 -> 336 (x6)  3x3x336   relu6                 19,488    169,344
// row6.3.depthwise      depthwise 3x3                        3x3x336   relu6                  3,696     27,216
// row6.3.project        projection 1x1       336 -> 56       3x3x56    + row6.2.project      18,928    169,344
// row7.1.expand         expansion 1x1        56 -> 336 (x6)  3x3x336   relu6                 19,488    169,344
// row7.1.depthwise      depthwise 3x3                        3x3x336   relu6                  3,696     27,216
// row7.1.project        projection 1x1       336 -> 112      3x3x112                         37,856    338,688
// conv1                 convolution 1x1      112 -> 1280     3x3x1280  relu6                145,920  1,290,240
// global_average_pool1  global average pool                  1x1x1280                             0          0
// linear1               linear               1280 -> 1000    1x1x1000                     1,281,000  1,280,000
//
// Total: 1,677,128 parameters, 11,934,128 multiply-adds (MACs).
// Weights 6,749,376 bytes; arena 552,960 bytes, fullest at row2.1.depthwise.
//
// Each layer below is a comment, the maps it reads and writes (`arena.split([read], [written])`), one call of a
// kernel with its filter from the weights, and the observer's turn. Batch norms are folded into filters. A kernel's
// activation comes last, after its bias and a map that is added. 1x1 layers have stride 1 and no padding; `/2` is a
// stride. `row3.2` is the second repeat of the table's third row. Where a map takes the place of another, the slot is
// that other's.

use ::mnetc_runtime::Activation::{Identity, Relu6};
use ::mnetc_runtime::{
    AnyLevel, Avx2Tile, Avx512Tile, BlobLayout, Cx, FilterSlot, Level, Map, MapMut,
    Observer, Slot, Tile, Weights, WeightsError, Window, conv, depthwise, dispatch,
    global_average_pool, linear, pointwise, pointwise_accumulate,
};

/// Bytes of the arena: all that `infer` needs besides weights, input, output and a small stack.
#[allow(dead_code, unreachable_pub)]
pub const ARENA_BYTES: usize = 552_960;
/// Bytes of the weight blob.
#[allow(dead_code, unreachable_pub)]
pub const WEIGHT_BYTES: usize = 6_749_376;
/// Multiply-adds of one inference.
#[allow(dead_code, unreachable_pub)]
pub const MACS: u64 = 11_934_128;
/// Parameters, as the network was trained.
#[allow(dead_code, unreachable_pub)]
pub const PARAMS: u64 = 1_677_128;
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

/// The network `v2_035_96`: its weights, and the instruction set it runs on.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, unreachable_pub)]
pub struct V203596<'w> {
    weights: Weights<'w>,
    level: AnyLevel,
}

/// The length that a blob must have, and the fingerprint of its layout.
const LAYOUT: BlobLayout = BlobLayout {
    panels: 105_458,
    fingerprint: 0xb8c1fd687c2879ee,
};

#[allow(dead_code, unreachable_pub)]
impl<'w> V203596<'w> {
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
        row2_2(cx, arena, observer);
        row3_1(cx, arena, observer);
        row3_2(cx, arena, observer);
        row3_3(cx, arena, observer);
        row4_1(cx, arena, observer);
        row4_2(cx, arena, observer);
        row4_3(cx, arena, observer);
        row4_4(cx, arena, observer);
        row5_1(cx, arena, observer);
        row5_2(cx, arena, observer);
        row5_3(cx, arena, observer);
        row6_1(cx, arena, observer);
        row6_2(cx, arena, observer);
        row6_3(cx, arena, observer);
        row7_1(cx, arena, observer);
        head(cx, arena, output, observer);
    }
}

/// `stem`: 96x96x3 -> 48x48x16.
fn stem<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    input: &Input,
    observer: &mut impl Observer,
) {
    // stem: convolution 3x3, stride 2, padding 1, 3 -> 16 channels, 96x96 -> 48x48, relu6
    let ([], [y, scratch]) = &mut arena.split([], [maps::STEM, maps::STEM_SCRATCH]);
    let x = &Map::new(input, 96, 96, 3);
    conv(cx, K3_S2_P1, 1, Relu6, *x, cx.filter(filters::STEM), scratch, y);
    observer.step(0, y.as_map());
}

/// Row 1, inverted_residual (t 1, c 16, n 1, s 1): 48x48x16 -> 48x48x8.
fn row1_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row1.1.depthwise: depthwise 3x3, stride 1, padding 1, 16 channels, 48x48, relu6
    let ([x], [y]) = &mut arena.split([maps::STEM], [maps::ROW1_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW1_1_DEPTHWISE), y);
    observer.step(1, y.as_map());

    // row1.1.project: projection 1x1, 16 -> 8 channels, 48x48
    let ([x], [y]) = &mut arena.split([maps::ROW1_1_DEPTHWISE], [maps::ROW1_1_PROJECT]);
    pointwise(cx, TILE_8X8, Identity, *x, cx.filter(filters::ROW1_1_PROJECT), y);
    observer.step(2, y.as_map());
}

/// Row 2, repeat 1 of 2, inverted_residual (t 6, c 24, n 2, s 2): 48x48x8 -> 24x24x8.
fn row2_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row2.1.expand: expansion 1x1, 8 -> 48 channels (x6), 48x48, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW1_1_PROJECT], [maps::ROW2_1_EXPAND]);
    pointwise(cx, TILE_7X48, Relu6, *x, cx.filter(filters::ROW2_1_EXPAND), y);
    observer.step(3, y.as_map());

    // row2.1.depthwise: depthwise 3x3, stride 2, padding 1, 48 channels, 48x48 -> 24x24, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW2_1_EXPAND], [maps::ROW2_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu6, *x, cx.filter(filters::ROW2_1_DEPTHWISE), y);
    observer.step(4, y.as_map());

    // row2.1.project: projection 1x1, 48 -> 8 channels, 24x24
    let ([x], [y]) = &mut arena.split([maps::ROW2_1_DEPTHWISE], [maps::ROW2_1_PROJECT]);
    pointwise(cx, TILE_8X8, Identity, *x, cx.filter(filters::ROW2_1_PROJECT), y);
    observer.step(5, y.as_map());
}

/// Row 2, repeat 2 of 2, inverted_residual (t 6, c 24, n 2, s 2): 24x24x8 -> 24x24x8.
fn row2_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row2.2.expand: expansion 1x1, 8 -> 48 channels (x6), 24x24, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW2_1_PROJECT], [maps::ROW2_2_EXPAND]);
    pointwise(cx, TILE_7X48, Relu6, *x, cx.filter(filters::ROW2_2_EXPAND), y);
    observer.step(6, y.as_map());

    // row2.2.depthwise: depthwise 3x3, stride 1, padding 1, 48 channels, 24x24, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW2_2_EXPAND], [maps::ROW2_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW2_2_DEPTHWISE), y);
    observer.step(7, y.as_map());

    // row2.2.project: projection 1x1, 48 -> 8 channels, 24x24, + row2.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW2_2_DEPTHWISE], [maps::ROW2_2_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_8X8,
        Identity,
        *x,
        cx.filter(filters::ROW2_2_PROJECT),
        y,
    );
    observer.step(8, y.as_map());
}

/// Row 3, repeat 1 of 3, inverted_residual (t 6, c 32, n 3, s 2): 24x24x8 -> 12x12x16.
fn row3_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row3.1.expand: expansion 1x1, 8 -> 48 channels (x6), 24x24, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW2_2_PROJECT], [maps::ROW3_1_EXPAND]);
    pointwise(cx, TILE_7X48, Relu6, *x, cx.filter(filters::ROW3_1_EXPAND), y);
    observer.step(9, y.as_map());

    // row3.1.depthwise: depthwise 3x3, stride 2, padding 1, 48 channels, 24x24 -> 12x12, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_EXPAND], [maps::ROW3_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu6, *x, cx.filter(filters::ROW3_1_DEPTHWISE), y);
    observer.step(10, y.as_map());

    // row3.1.project: projection 1x1, 48 -> 16 channels, 12x12
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_DEPTHWISE], [maps::ROW3_1_PROJECT]);
    pointwise(cx, TILE_14X16, Identity, *x, cx.filter(filters::ROW3_1_PROJECT), y);
    observer.step(11, y.as_map());
}

/// Row 3, repeat 2 of 3, inverted_residual (t 6, c 32, n 3, s 2): 12x12x16 -> 12x12x16.
fn row3_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row3.2.expand: expansion 1x1, 16 -> 96 channels (x6), 12x12, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_PROJECT], [maps::ROW3_2_EXPAND]);
    pointwise(cx, TILE_7X48, Relu6, *x, cx.filter(filters::ROW3_2_EXPAND), y);
    observer.step(12, y.as_map());

    // row3.2.depthwise: depthwise 3x3, stride 1, padding 1, 96 channels, 12x12, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_2_EXPAND], [maps::ROW3_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW3_2_DEPTHWISE), y);
    observer.step(13, y.as_map());

    // row3.2.project: projection 1x1, 96 -> 16 channels, 12x12, + row3.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW3_2_DEPTHWISE], [maps::ROW3_2_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_14X16,
        Identity,
        *x,
        cx.filter(filters::ROW3_2_PROJECT),
        y,
    );
    observer.step(14, y.as_map());
}

/// Row 3, repeat 3 of 3, inverted_residual (t 6, c 32, n 3, s 2): 12x12x16 -> 12x12x16.
fn row3_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row3.3.expand: expansion 1x1, 16 -> 96 channels (x6), 12x12, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_2_PROJECT], [maps::ROW3_3_EXPAND]);
    pointwise(cx, TILE_7X48, Relu6, *x, cx.filter(filters::ROW3_3_EXPAND), y);
    observer.step(15, y.as_map());

    // row3.3.depthwise: depthwise 3x3, stride 1, padding 1, 96 channels, 12x12, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_3_EXPAND], [maps::ROW3_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW3_3_DEPTHWISE), y);
    observer.step(16, y.as_map());

    // row3.3.project: projection 1x1, 96 -> 16 channels, 12x12, + row3.2.project
    let ([x], [y]) = &mut arena.split([maps::ROW3_3_DEPTHWISE], [maps::ROW3_3_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_14X16,
        Identity,
        *x,
        cx.filter(filters::ROW3_3_PROJECT),
        y,
    );
    observer.step(17, y.as_map());
}

/// Row 4, repeat 1 of 4, inverted_residual (t 6, c 64, n 4, s 2): 12x12x16 -> 6x6x24.
fn row4_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.1.expand: expansion 1x1, 16 -> 96 channels (x6), 12x12, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_3_PROJECT], [maps::ROW4_1_EXPAND]);
    pointwise(cx, TILE_7X48, Relu6, *x, cx.filter(filters::ROW4_1_EXPAND), y);
    observer.step(18, y.as_map());

    // row4.1.depthwise: depthwise 3x3, stride 2, padding 1, 96 channels, 12x12 -> 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_EXPAND], [maps::ROW4_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu6, *x, cx.filter(filters::ROW4_1_DEPTHWISE), y);
    observer.step(19, y.as_map());

    // row4.1.project: projection 1x1, 96 -> 24 channels, 6x6
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_DEPTHWISE], [maps::ROW4_1_PROJECT]);
    pointwise(cx, TILE_8X24, Identity, *x, cx.filter(filters::ROW4_1_PROJECT), y);
    observer.step(20, y.as_map());
}

/// Row 4, repeat 2 of 4, inverted_residual (t 6, c 64, n 4, s 2): 6x6x24 -> 6x6x24.
fn row4_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.2.expand: expansion 1x1, 24 -> 144 channels (x6), 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_PROJECT], [maps::ROW4_2_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW4_2_EXPAND), y);
    observer.step(21, y.as_map());

    // row4.2.depthwise: depthwise 3x3, stride 1, padding 1, 144 channels, 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_2_EXPAND], [maps::ROW4_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW4_2_DEPTHWISE), y);
    observer.step(22, y.as_map());

    // row4.2.project: projection 1x1, 144 -> 24 channels, 6x6, + row4.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW4_2_DEPTHWISE], [maps::ROW4_2_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_8X24,
        Identity,
        *x,
        cx.filter(filters::ROW4_2_PROJECT),
        y,
    );
    observer.step(23, y.as_map());
}

/// Row 4, repeat 3 of 4, inverted_residual (t 6, c 64, n 4, s 2): 6x6x24 -> 6x6x24.
fn row4_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.3.expand: expansion 1x1, 24 -> 144 channels (x6), 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_2_PROJECT], [maps::ROW4_3_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW4_3_EXPAND), y);
    observer.step(24, y.as_map());

    // row4.3.depthwise: depthwise 3x3, stride 1, padding 1, 144 channels, 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_3_EXPAND], [maps::ROW4_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW4_3_DEPTHWISE), y);
    observer.step(25, y.as_map());

    // row4.3.project: projection 1x1, 144 -> 24 channels, 6x6, + row4.2.project
    let ([x], [y]) = &mut arena.split([maps::ROW4_3_DEPTHWISE], [maps::ROW4_3_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_8X24,
        Identity,
        *x,
        cx.filter(filters::ROW4_3_PROJECT),
        y,
    );
    observer.step(26, y.as_map());
}

/// Row 4, repeat 4 of 4, inverted_residual (t 6, c 64, n 4, s 2): 6x6x24 -> 6x6x24.
fn row4_4<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.4.expand: expansion 1x1, 24 -> 144 channels (x6), 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_3_PROJECT], [maps::ROW4_4_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW4_4_EXPAND), y);
    observer.step(27, y.as_map());

    // row4.4.depthwise: depthwise 3x3, stride 1, padding 1, 144 channels, 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_4_EXPAND], [maps::ROW4_4_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW4_4_DEPTHWISE), y);
    observer.step(28, y.as_map());

    // row4.4.project: projection 1x1, 144 -> 24 channels, 6x6, + row4.3.project
    let ([x], [y]) = &mut arena.split([maps::ROW4_4_DEPTHWISE], [maps::ROW4_4_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_8X24,
        Identity,
        *x,
        cx.filter(filters::ROW4_4_PROJECT),
        y,
    );
    observer.step(29, y.as_map());
}

/// Row 5, repeat 1 of 3, inverted_residual (t 6, c 96, n 3, s 1): 6x6x24 -> 6x6x32.
fn row5_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.1.expand: expansion 1x1, 24 -> 144 channels (x6), 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_4_PROJECT], [maps::ROW5_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW5_1_EXPAND), y);
    observer.step(30, y.as_map());

    // row5.1.depthwise: depthwise 3x3, stride 1, padding 1, 144 channels, 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_EXPAND], [maps::ROW5_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW5_1_DEPTHWISE), y);
    observer.step(31, y.as_map());

    // row5.1.project: projection 1x1, 144 -> 32 channels, 6x6
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_DEPTHWISE], [maps::ROW5_1_PROJECT]);
    pointwise(cx, TILE_7X32, Identity, *x, cx.filter(filters::ROW5_1_PROJECT), y);
    observer.step(32, y.as_map());
}

/// Row 5, repeat 2 of 3, inverted_residual (t 6, c 96, n 3, s 1): 6x6x32 -> 6x6x32.
fn row5_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.2.expand: expansion 1x1, 32 -> 192 channels (x6), 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_PROJECT], [maps::ROW5_2_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW5_2_EXPAND), y);
    observer.step(33, y.as_map());

    // row5.2.depthwise: depthwise 3x3, stride 1, padding 1, 192 channels, 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_2_EXPAND], [maps::ROW5_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW5_2_DEPTHWISE), y);
    observer.step(34, y.as_map());

    // row5.2.project: projection 1x1, 192 -> 32 channels, 6x6, + row5.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW5_2_DEPTHWISE], [maps::ROW5_2_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X32,
        Identity,
        *x,
        cx.filter(filters::ROW5_2_PROJECT),
        y,
    );
    observer.step(35, y.as_map());
}

/// Row 5, repeat 3 of 3, inverted_residual (t 6, c 96, n 3, s 1): 6x6x32 -> 6x6x32.
fn row5_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.3.expand: expansion 1x1, 32 -> 192 channels (x6), 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_2_PROJECT], [maps::ROW5_3_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW5_3_EXPAND), y);
    observer.step(36, y.as_map());

    // row5.3.depthwise: depthwise 3x3, stride 1, padding 1, 192 channels, 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_3_EXPAND], [maps::ROW5_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW5_3_DEPTHWISE), y);
    observer.step(37, y.as_map());

    // row5.3.project: projection 1x1, 192 -> 32 channels, 6x6, + row5.2.project
    let ([x], [y]) = &mut arena.split([maps::ROW5_3_DEPTHWISE], [maps::ROW5_3_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X32,
        Identity,
        *x,
        cx.filter(filters::ROW5_3_PROJECT),
        y,
    );
    observer.step(38, y.as_map());
}

/// Row 6, repeat 1 of 3, inverted_residual (t 6, c 160, n 3, s 2): 6x6x32 -> 3x3x56.
fn row6_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.1.expand: expansion 1x1, 32 -> 192 channels (x6), 6x6, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_3_PROJECT], [maps::ROW6_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW6_1_EXPAND), y);
    observer.step(39, y.as_map());

    // row6.1.depthwise: depthwise 3x3, stride 2, padding 1, 192 channels, 6x6 -> 3x3, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_EXPAND], [maps::ROW6_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu6, *x, cx.filter(filters::ROW6_1_DEPTHWISE), y);
    observer.step(40, y.as_map());

    // row6.1.project: projection 1x1, 192 -> 56 channels, 3x3
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_DEPTHWISE], [maps::ROW6_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW6_1_PROJECT), y);
    observer.step(41, y.as_map());
}

/// Row 6, repeat 2 of 3, inverted_residual (t 6, c 160, n 3, s 2): 3x3x56 -> 3x3x56.
fn row6_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.2.expand: expansion 1x1, 56 -> 336 channels (x6), 3x3, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_PROJECT], [maps::ROW6_2_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW6_2_EXPAND), y);
    observer.step(42, y.as_map());

    // row6.2.depthwise: depthwise 3x3, stride 1, padding 1, 336 channels, 3x3, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_2_EXPAND], [maps::ROW6_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW6_2_DEPTHWISE), y);
    observer.step(43, y.as_map());

    // row6.2.project: projection 1x1, 336 -> 56 channels, 3x3, + row6.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW6_2_DEPTHWISE], [maps::ROW6_2_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_6X64,
        Identity,
        *x,
        cx.filter(filters::ROW6_2_PROJECT),
        y,
    );
    observer.step(44, y.as_map());
}

/// Row 6, repeat 3 of 3, inverted_residual (t 6, c 160, n 3, s 2): 3x3x56 -> 3x3x56.
fn row6_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.3.expand: expansion 1x1, 56 -> 336 channels (x6), 3x3, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_2_PROJECT], [maps::ROW6_3_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW6_3_EXPAND), y);
    observer.step(45, y.as_map());

    // row6.3.depthwise: depthwise 3x3, stride 1, padding 1, 336 channels, 3x3, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_3_EXPAND], [maps::ROW6_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW6_3_DEPTHWISE), y);
    observer.step(46, y.as_map());

    // row6.3.project: projection 1x1, 336 -> 56 channels, 3x3, + row6.2.project
    let ([x], [y]) = &mut arena.split([maps::ROW6_3_DEPTHWISE], [maps::ROW6_3_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_6X64,
        Identity,
        *x,
        cx.filter(filters::ROW6_3_PROJECT),
        y,
    );
    observer.step(47, y.as_map());
}

/// Row 7, inverted_residual (t 6, c 320, n 1, s 1): 3x3x56 -> 3x3x112.
fn row7_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.1.expand: expansion 1x1, 56 -> 336 channels (x6), 3x3, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_3_PROJECT], [maps::ROW7_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW7_1_EXPAND), y);
    observer.step(48, y.as_map());

    // row7.1.depthwise: depthwise 3x3, stride 1, padding 1, 336 channels, 3x3, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_EXPAND], [maps::ROW7_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW7_1_DEPTHWISE), y);
    observer.step(49, y.as_map());

    // row7.1.project: projection 1x1, 336 -> 112 channels, 3x3
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_DEPTHWISE], [maps::ROW7_1_PROJECT]);
    pointwise(cx, TILE_6X64, Identity, *x, cx.filter(filters::ROW7_1_PROJECT), y);
    observer.step(50, y.as_map());
}

/// From `conv1` to `linear1`: 3x3x112 -> 1x1x1000.
fn head<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    output: &mut Output,
    observer: &mut impl Observer,
) {
    // conv1: convolution 1x1, 112 -> 1280 channels, 3x3, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_PROJECT], [maps::CONV1]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::CONV1), y);
    observer.step(51, y.as_map());

    // global_average_pool1: global average pool, 1280 channels, 3x3 -> 1x1
    let ([x], [y]) = &mut arena.split([maps::CONV1], [maps::GLOBAL_AVERAGE_POOL1]);
    global_average_pool(cx, *x, y);
    observer.step(52, y.as_map());

    // linear1: linear, 1280 -> 1000 channels, 1x1
    let ([x], []) = &mut arena.split([maps::GLOBAL_AVERAGE_POOL1], []);
    let y = &mut MapMut::new(&mut output.logits, 1, 1, 1000);
    linear(cx, Identity, *x, cx.filter(filters::LINEAR1), y);
    observer.step(53, y.as_map());
}

/// Name, and height, width and channels of the result, of every step an observer sees.
#[allow(dead_code, unreachable_pub)]
pub const STEPS: [(&str, [usize; 3]); 54] = [
    ("stem", [48, 48, 16]),
    ("row1.1.depthwise", [48, 48, 16]),
    ("row1.1.project", [48, 48, 8]),
    ("row2.1.expand", [48, 48, 48]),
    ("row2.1.depthwise", [24, 24, 48]),
    ("row2.1.project", [24, 24, 8]),
    ("row2.2.expand", [24, 24, 48]),
    ("row2.2.depthwise", [24, 24, 48]),
    ("row2.2.project", [24, 24, 8]),
    ("row3.1.expand", [24, 24, 48]),
    ("row3.1.depthwise", [12, 12, 48]),
    ("row3.1.project", [12, 12, 16]),
    ("row3.2.expand", [12, 12, 96]),
    ("row3.2.depthwise", [12, 12, 96]),
    ("row3.2.project", [12, 12, 16]),
    ("row3.3.expand", [12, 12, 96]),
    ("row3.3.depthwise", [12, 12, 96]),
    ("row3.3.project", [12, 12, 16]),
    ("row4.1.expand", [12, 12, 96]),
    ("row4.1.depthwise", [6, 6, 96]),
    ("row4.1.project", [6, 6, 24]),
    ("row4.2.expand", [6, 6, 144]),
    ("row4.2.depthwise", [6, 6, 144]),
    ("row4.2.project", [6, 6, 24]),
    ("row4.3.expand", [6, 6, 144]),
    ("row4.3.depthwise", [6, 6, 144]),
    ("row4.3.project", [6, 6, 24]),
    ("row4.4.expand", [6, 6, 144]),
    ("row4.4.depthwise", [6, 6, 144]),
    ("row4.4.project", [6, 6, 24]),
    ("row5.1.expand", [6, 6, 144]),
    ("row5.1.depthwise", [6, 6, 144]),
    ("row5.1.project", [6, 6, 32]),
    ("row5.2.expand", [6, 6, 192]),
    ("row5.2.depthwise", [6, 6, 192]),
    ("row5.2.project", [6, 6, 32]),
    ("row5.3.expand", [6, 6, 192]),
    ("row5.3.depthwise", [6, 6, 192]),
    ("row5.3.project", [6, 6, 32]),
    ("row6.1.expand", [6, 6, 192]),
    ("row6.1.depthwise", [3, 3, 192]),
    ("row6.1.project", [3, 3, 56]),
    ("row6.2.expand", [3, 3, 336]),
    ("row6.2.depthwise", [3, 3, 336]),
    ("row6.2.project", [3, 3, 56]),
    ("row6.3.expand", [3, 3, 336]),
    ("row6.3.depthwise", [3, 3, 336]),
    ("row6.3.project", [3, 3, 56]),
    ("row7.1.expand", [3, 3, 336]),
    ("row7.1.depthwise", [3, 3, 336]),
    ("row7.1.project", [3, 3, 112]),
    ("conv1", [3, 3, 1280]),
    ("global_average_pool1", [1, 1, 1280]),
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
/// Pixels x channels that are held in registers, per instruction set.
const TILE_7X48: Tile = Tile::new(Avx512Tile::R7x48, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_8X24: Tile = Tile::new(Avx512Tile::R8x24, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_8X8: Tile = Tile::new(Avx512Tile::R8x8, Avx2Tile::R6x16);

/// Where each map of f32 lies in the arena: `Slot::new(offset in bytes, height, width, channels)`.
mod maps {
    use super::Slot;
    pub(super) const STEM: Slot = Slot::new(0, 48, 48, 16);
    pub(super) const STEM_SCRATCH: Slot = Slot::new(147_456, 1, 1, 882);
    pub(super) const ROW1_1_DEPTHWISE: Slot = Slot::new(147_456, 48, 48, 16);
    pub(super) const ROW1_1_PROJECT: Slot = Slot::new(442_368, 48, 48, 8);
    pub(super) const ROW2_1_EXPAND: Slot = Slot::new(0, 48, 48, 48);
    pub(super) const ROW2_1_DEPTHWISE: Slot = Slot::new(442_368, 24, 24, 48);
    pub(super) const ROW2_1_PROJECT: Slot = Slot::new(221_184, 24, 24, 8);
    pub(super) const ROW2_2_EXPAND: Slot = Slot::new(0, 24, 24, 48);
    pub(super) const ROW2_2_DEPTHWISE: Slot = Slot::new(110_592, 24, 24, 48);
    pub(super) const ROW2_2_PROJECT: Slot = ROW2_1_PROJECT;
    pub(super) const ROW3_1_EXPAND: Slot = Slot::new(0, 24, 24, 48);
    pub(super) const ROW3_1_DEPTHWISE: Slot = Slot::new(110_592, 12, 12, 48);
    pub(super) const ROW3_1_PROJECT: Slot = Slot::new(138_240, 12, 12, 16);
    pub(super) const ROW3_2_EXPAND: Slot = Slot::new(0, 12, 12, 96);
    pub(super) const ROW3_2_DEPTHWISE: Slot = Slot::new(55_296, 12, 12, 96);
    pub(super) const ROW3_2_PROJECT: Slot = ROW3_1_PROJECT;
    pub(super) const ROW3_3_EXPAND: Slot = Slot::new(0, 12, 12, 96);
    pub(super) const ROW3_3_DEPTHWISE: Slot = Slot::new(55_296, 12, 12, 96);
    pub(super) const ROW3_3_PROJECT: Slot = ROW3_2_PROJECT;
    pub(super) const ROW4_1_EXPAND: Slot = Slot::new(0, 12, 12, 96);
    pub(super) const ROW4_1_DEPTHWISE: Slot = Slot::new(55_296, 6, 6, 96);
    pub(super) const ROW4_1_PROJECT: Slot = Slot::new(41_472, 6, 6, 24);
    pub(super) const ROW4_2_EXPAND: Slot = Slot::new(0, 6, 6, 144);
    pub(super) const ROW4_2_DEPTHWISE: Slot = Slot::new(20_736, 6, 6, 144);
    pub(super) const ROW4_2_PROJECT: Slot = ROW4_1_PROJECT;
    pub(super) const ROW4_3_EXPAND: Slot = Slot::new(0, 6, 6, 144);
    pub(super) const ROW4_3_DEPTHWISE: Slot = Slot::new(20_736, 6, 6, 144);
    pub(super) const ROW4_3_PROJECT: Slot = ROW4_2_PROJECT;
    pub(super) const ROW4_4_EXPAND: Slot = Slot::new(0, 6, 6, 144);
    pub(super) const ROW4_4_DEPTHWISE: Slot = Slot::new(20_736, 6, 6, 144);
    pub(super) const ROW4_4_PROJECT: Slot = ROW4_3_PROJECT;
    pub(super) const ROW5_1_EXPAND: Slot = Slot::new(0, 6, 6, 144);
    pub(super) const ROW5_1_DEPTHWISE: Slot = Slot::new(20_736, 6, 6, 144);
    pub(super) const ROW5_1_PROJECT: Slot = Slot::new(55_296, 6, 6, 32);
    pub(super) const ROW5_2_EXPAND: Slot = Slot::new(0, 6, 6, 192);
    pub(super) const ROW5_2_DEPTHWISE: Slot = Slot::new(27_648, 6, 6, 192);
    pub(super) const ROW5_2_PROJECT: Slot = ROW5_1_PROJECT;
    pub(super) const ROW5_3_EXPAND: Slot = Slot::new(0, 6, 6, 192);
    pub(super) const ROW5_3_DEPTHWISE: Slot = Slot::new(27_648, 6, 6, 192);
    pub(super) const ROW5_3_PROJECT: Slot = ROW5_2_PROJECT;
    pub(super) const ROW6_1_EXPAND: Slot = Slot::new(0, 6, 6, 192);
    pub(super) const ROW6_1_DEPTHWISE: Slot = Slot::new(27_648, 3, 3, 192);
    pub(super) const ROW6_1_PROJECT: Slot = Slot::new(24_192, 3, 3, 56);
    pub(super) const ROW6_2_EXPAND: Slot = Slot::new(0, 3, 3, 336);
    pub(super) const ROW6_2_DEPTHWISE: Slot = Slot::new(12_096, 3, 3, 336);
    pub(super) const ROW6_2_PROJECT: Slot = ROW6_1_PROJECT;
    pub(super) const ROW6_3_EXPAND: Slot = Slot::new(0, 3, 3, 336);
    pub(super) const ROW6_3_DEPTHWISE: Slot = Slot::new(12_096, 3, 3, 336);
    pub(super) const ROW6_3_PROJECT: Slot = ROW6_2_PROJECT;
    pub(super) const ROW7_1_EXPAND: Slot = Slot::new(0, 3, 3, 336);
    pub(super) const ROW7_1_DEPTHWISE: Slot = Slot::new(12_096, 3, 3, 336);
    pub(super) const ROW7_1_PROJECT: Slot = Slot::new(46_080, 3, 3, 112);
    pub(super) const CONV1: Slot = Slot::new(0, 3, 3, 1280);
    pub(super) const GLOBAL_AVERAGE_POOL1: Slot = Slot::new(46_080, 1, 1, 1280);
}

/// Where each filter lies in the blob: `FilterSlot::new(first panel, panels of bias, panels of weights)`. A panel is
/// 16 f32, one for each of 16 output channels.
mod filters {
    use super::FilterSlot;
    pub(super) const STEM: FilterSlot = FilterSlot::new(0, 1, 27);
    pub(super) const ROW1_1_DEPTHWISE: FilterSlot = FilterSlot::new(28, 1, 9);
    pub(super) const ROW1_1_PROJECT: FilterSlot = FilterSlot::new(38, 1, 8);
    pub(super) const ROW2_1_EXPAND: FilterSlot = FilterSlot::new(47, 3, 24);
    pub(super) const ROW2_1_DEPTHWISE: FilterSlot = FilterSlot::new(74, 3, 27);
    pub(super) const ROW2_1_PROJECT: FilterSlot = FilterSlot::new(104, 1, 24);
    pub(super) const ROW2_2_EXPAND: FilterSlot = FilterSlot::new(129, 3, 24);
    pub(super) const ROW2_2_DEPTHWISE: FilterSlot = FilterSlot::new(156, 3, 27);
    pub(super) const ROW2_2_PROJECT: FilterSlot = FilterSlot::new(186, 1, 24);
    pub(super) const ROW3_1_EXPAND: FilterSlot = FilterSlot::new(211, 3, 24);
    pub(super) const ROW3_1_DEPTHWISE: FilterSlot = FilterSlot::new(238, 3, 27);
    pub(super) const ROW3_1_PROJECT: FilterSlot = FilterSlot::new(268, 1, 48);
    pub(super) const ROW3_2_EXPAND: FilterSlot = FilterSlot::new(317, 6, 96);
    pub(super) const ROW3_2_DEPTHWISE: FilterSlot = FilterSlot::new(419, 6, 54);
    pub(super) const ROW3_2_PROJECT: FilterSlot = FilterSlot::new(479, 1, 96);
    pub(super) const ROW3_3_EXPAND: FilterSlot = FilterSlot::new(576, 6, 96);
    pub(super) const ROW3_3_DEPTHWISE: FilterSlot = FilterSlot::new(678, 6, 54);
    pub(super) const ROW3_3_PROJECT: FilterSlot = FilterSlot::new(738, 1, 96);
    pub(super) const ROW4_1_EXPAND: FilterSlot = FilterSlot::new(835, 6, 96);
    pub(super) const ROW4_1_DEPTHWISE: FilterSlot = FilterSlot::new(937, 6, 54);
    pub(super) const ROW4_1_PROJECT: FilterSlot = FilterSlot::new(997, 2, 144);
    pub(super) const ROW4_2_EXPAND: FilterSlot = FilterSlot::new(1143, 9, 216);
    pub(super) const ROW4_2_DEPTHWISE: FilterSlot = FilterSlot::new(1368, 9, 81);
    pub(super) const ROW4_2_PROJECT: FilterSlot = FilterSlot::new(1458, 2, 216);
    pub(super) const ROW4_3_EXPAND: FilterSlot = FilterSlot::new(1676, 9, 216);
    pub(super) const ROW4_3_DEPTHWISE: FilterSlot = FilterSlot::new(1901, 9, 81);
    pub(super) const ROW4_3_PROJECT: FilterSlot = FilterSlot::new(1991, 2, 216);
    pub(super) const ROW4_4_EXPAND: FilterSlot = FilterSlot::new(2209, 9, 216);
    pub(super) const ROW4_4_DEPTHWISE: FilterSlot = FilterSlot::new(2434, 9, 81);
    pub(super) const ROW4_4_PROJECT: FilterSlot = FilterSlot::new(2524, 2, 216);
    pub(super) const ROW5_1_EXPAND: FilterSlot = FilterSlot::new(2742, 9, 216);
    pub(super) const ROW5_1_DEPTHWISE: FilterSlot = FilterSlot::new(2967, 9, 81);
    pub(super) const ROW5_1_PROJECT: FilterSlot = FilterSlot::new(3057, 2, 288);
    pub(super) const ROW5_2_EXPAND: FilterSlot = FilterSlot::new(3347, 12, 384);
    pub(super) const ROW5_2_DEPTHWISE: FilterSlot = FilterSlot::new(3743, 12, 108);
    pub(super) const ROW5_2_PROJECT: FilterSlot = FilterSlot::new(3863, 2, 384);
    pub(super) const ROW5_3_EXPAND: FilterSlot = FilterSlot::new(4249, 12, 384);
    pub(super) const ROW5_3_DEPTHWISE: FilterSlot = FilterSlot::new(4645, 12, 108);
    pub(super) const ROW5_3_PROJECT: FilterSlot = FilterSlot::new(4765, 2, 384);
    pub(super) const ROW6_1_EXPAND: FilterSlot = FilterSlot::new(5151, 12, 384);
    pub(super) const ROW6_1_DEPTHWISE: FilterSlot = FilterSlot::new(5547, 12, 108);
    pub(super) const ROW6_1_PROJECT: FilterSlot = FilterSlot::new(5667, 4, 768);
    pub(super) const ROW6_2_EXPAND: FilterSlot = FilterSlot::new(6439, 21, 1176);
    pub(super) const ROW6_2_DEPTHWISE: FilterSlot = FilterSlot::new(7636, 21, 189);
    pub(super) const ROW6_2_PROJECT: FilterSlot = FilterSlot::new(7846, 4, 1344);
    pub(super) const ROW6_3_EXPAND: FilterSlot = FilterSlot::new(9194, 21, 1176);
    pub(super) const ROW6_3_DEPTHWISE: FilterSlot = FilterSlot::new(10_391, 21, 189);
    pub(super) const ROW6_3_PROJECT: FilterSlot = FilterSlot::new(10_601, 4, 1344);
    pub(super) const ROW7_1_EXPAND: FilterSlot = FilterSlot::new(11_949, 21, 1176);
    pub(super) const ROW7_1_DEPTHWISE: FilterSlot = FilterSlot::new(13_146, 21, 189);
    pub(super) const ROW7_1_PROJECT: FilterSlot = FilterSlot::new(13_356, 7, 2352);
    pub(super) const CONV1: FilterSlot = FilterSlot::new(15_715, 80, 8960);
    pub(super) const LINEAR1: FilterSlot = FilterSlot::new(24_755, 63, 80_640);
}

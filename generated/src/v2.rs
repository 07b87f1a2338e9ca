// v2: compiled by mnetc 0.1.0 from v2.yaml.
// Do not edit: change v2.yaml and compile again.
//
// To use it, with the crate `mnetc-runtime` 0.1.0 and this file as a module:
//     // the bytes of a file that `mnetc pack v2.yaml --weights W -o FILE` wrote, aligned by `AlignedBytes`
//     let network = V2::from_bytes(&bytes)?;
//     let mut arena = Arena::boxed(); // with the feature `alloc`; `Arena::new()` is const, for statics
//     let mut output = Output::new();
//     network.infer(&mut arena, &input, &mut output);
// `infer` neither allocates nor fails. Threads may share a network, each with an arena of its own.
// The input is 224x224x3 (height, width, channels): numbers, prepared as they were for training.
//
// layer                 operator             channels         output      then              parameters        MACs
// stem                  convolution 3x3/2    3 -> 32          112x112x32  relu6                    928  10,838,016
// row1.1.depthwise      depthwise 3x3                         112x112x32  relu6                    352   3,612,672
// row1.1.project        projection 1x1       32 -> 16         112x112x16                           544   6,422,528
// row2.1.expand         expansion 1x1        16 -> 96 (x6)    112x112x96  relu6                  1,728  19,267,584
// row2.1.depthwise      depthwise 3x3/2                       56x56x96    relu6                  1,056   2,709,504
// row2.1.project        projection 1x1       96 -> 24         56x56x24                           2,352   7,225,344
// row2.2.expand         expansion 1x1        24 -> 144 (x6)   56x56x144   relu6                  3,744  10,838,016
// row2.2.depthwise      depthwise 3x3                         56x56x144   relu6                  1,584   4,064,256
// row2.2.project        projection 1x1       144 -> 24        56x56x24    + row2.1.project       3,504  10,838,016
// row3.1.expand         expansion 1x1        24 -> 144 (x6)   56x56x144   relu6                  3,744  10,838,016
// row3.1.depthwise      depthwise 3x3/2                       28x28x144   relu6                  1,584   1,016,064
// row3.1.project        projection 1x1       144 -> 32        28x28x32                           4,672   3,612,672
// row3.2.expand         expansion 1x1        32 -> 192 (x6)   28x28x192   relu6                  6,528   4,816,896
// row3.2.depthwise      depthwise 3x3                         28x28x192   relu6                  2,112   1,354,752
// row3.2.project        projection 1x1       192 -> 32        28x28x32    + row3.1.project       6,208   4,816,896
// row3.3.expand         expansion 1x1        32 -> 192 (x6)   28x28x192   relu6                  6,528   4,816,896
// row3.3.depthwise      depthwise 3x3                         28x28x192   relu6                  2,112   1,354,752
// row3.3.project        projection 1x1       192 -> 32        28x28x32    + row3.2.project       6,208   4,816,896
// row4.1.expand         expansion 1x1        32 -> 192 (x6)   28x28x192   relu6                  6,528   4,816,896
// row4.1.depthwise      depthwise 3x3/2                       14x14x192   relu6                  2,112     338,688
// row4.1.project        projection 1x1       192 -> 64        14x14x64                          12,416   2,408,448
// row4.2.expand         expansion 1x1        64 -> 384 (x6)   14x14x384   relu6                 25,344   4,816,896
// row4.2.depthwise      depthwise 3x3                         14x14x384   relu6                  4,224     677,376
// row4.2.project        projection 1x1       384 -> 64        14x14x64    + row4.1.project      24,704   4,816,896
// row4.3.expand         expansion 1x1        64 -> 384 (x6)   14x14x384   relu6                 25,344   4,816,896
// row4.3.depthwise      depthwise 3x3                         14x14x384   relu6                  4,224     677,376
// row4.3.project        projection 1x1       384 -> 64        14x14x64    + row4.2.project      24,704   4,816,896
// row4.4.expand         expansion 1x1        64 -> 384 (x6)   14x14x384   relu6                 25,344   4,816,896
// row4.4.depthwise      depthwise 3x3                         14x14x384   relu6                  4,224     677,376
// row4.4.project        projection 1x1       384 -> 64        14x14x64    + row4.3.project      24,704   4,816,896
// row5.1.expand         expansion 1x1        64 -> 384 (x6)   14x14x384   relu6                 25,344   4,816,896
// row5.1.depthwise      depthwise 3x3                         14x14x384   relu6                  4,224     677,376
// row5.1.project        projection 1x1       384 -> 96        14x14x96                          37,056   7,225,344
// row5.2.expand         expansion 1x1        96 -> 576 (x6)   14x14x576   relu6                 56,448  10,838,016
// row5.2.depthwise      depthwise 3x3                         14x14x576   relu6                  6,336   1,016,064
// row5.2.project        projection 1x1       576 -> 96        14x14x96    + row5.1.project      55,488  10,838,016
// row5.3.expand         expansion 1x1        96 -> 576 (x6)   14x14x576   relu6                 56,448  10,838,016
// row5.3.depthwise      depthwise 3x3                         14x14x576   relu6                  6,336   1,016,064
// row5.3.project        projection 1x1       576 -> 96        14x14x96    + row5.2.project      55,488  10,838,016
// row6.1.expand         expansion 1x1        96 -> 576 (x6)   14x14x576   relu6                 56,448  10,838,016
// row6.1.depthwise      depthwise 3x3/2                       7x7x576     relu6                  6,336     254,016
// row6.1.project        projection 1x1       576 -> 160       7x7x160                           92,480   4,515,840
// row6.2.expand         expansion 1x1        160 -> 960 (x6)  7x7x960     relu6                155,520   7,526,400
// row6.2.depthwise      depthwise 3x3                         7x7x960     relu6                 10,560     423,360
// row6.2.project        projection 1x1       960 -> 160       7x7x160     + row6.1.project     153,920   7,526,400
// row6.3.expand         expansion 1x1        160 -> 960 (x6)  7x7x960     relu6                155,520   7,526,400
// row6.3.depthwise      depthwise 3x3                         7x7x960     relu6                 10,560     423,360
// row6.3.project        projection 1x1       960 -> 160       7x7x160     + row6.2.project     153,920   7,526,400
// row7.1.expand         expansion 1x1        160 -> 960 (x6)  7x7x960     relu6                155,520   7,526,400
// row7.1.depthwise      depthwise 3x3                         7x7x960     relu6                 10,560     423,360
// row7.1.project        projection 1x1       960 -> 320       7x7x320                          307,840  15,052,800
// conv1                 convolution 1x1      320 -> 1280      7x7x1280    relu6                412,160  20,070,400
// global_average_pool1  global average pool                   1x1x1280                               0           0
// linear1               linear               1280 -> 1000     1x1x1000                       1,281,000   1,280,000
//
// Total: 3,504,872 parameters, 300,774,272 multiply-adds (MACs).
// Weights 13,992,384 bytes; arena 1,304,576 bytes, fullest at row3.2.depthwise.
//
// Each layer below is a comment, the maps it reads and writes (`arena.split([read], [written])`), one call of a
// kernel with its filter from the weights, and the observer's turn. Batch norms are folded into filters. A kernel's
// activation comes last, after its bias and a map that is added. 1x1 layers have stride 1 and no padding; `/2` is a
// stride. `row3.2` is the second repeat of the table's third row. Where a map takes the place of another, the slot is
// that other's.
// Layers in a loop over strips make a few rows at a time, each as many as the next needs and none twice. The maps
// between them are rings, which hold the last rows alone, so that all of them stay in the cache. An observer is shown
// the last layer of such a loop.

use ::mnetc_runtime::Activation::{Identity, Relu6};
use ::mnetc_runtime::{
    AnyLevel, Avx2Tile, Avx512Tile, BlobLayout, Cx, FilterSlot, Level, Map, MapMut,
    Observer, Slot, Tile, Weights, WeightsError, Window, conv, depthwise, dispatch,
    global_average_pool, linear, pointwise, pointwise_accumulate,
};

/// Bytes of the arena: all that `infer` needs besides weights, input, output and a small stack.
#[allow(dead_code, unreachable_pub)]
pub const ARENA_BYTES: usize = 1_304_576;
/// Bytes of the weight blob.
#[allow(dead_code, unreachable_pub)]
pub const WEIGHT_BYTES: usize = 13_992_384;
/// Multiply-adds of one inference.
#[allow(dead_code, unreachable_pub)]
pub const MACS: u64 = 300_774_272;
/// Parameters, as the network was trained.
#[allow(dead_code, unreachable_pub)]
pub const PARAMS: u64 = 3_504_872;
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

/// The network `v2`: its weights, and the instruction set it runs on.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, unreachable_pub)]
pub struct V2<'w> {
    weights: Weights<'w>,
    level: AnyLevel,
}

/// The length that a blob must have, and the fingerprint of its layout.
const LAYOUT: BlobLayout = BlobLayout {
    panels: 218_630,
    fingerprint: 0x0e18c4c1ef35dee7,
};

#[allow(dead_code, unreachable_pub)]
impl<'w> V2<'w> {
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
        row2_2(cx, arena, observer);
        row3_1(cx, arena, observer);
        row3_1_2(cx, arena, observer);
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

/// From `stem` to `row2.1.project`: 224x224x3 -> 56x56x24. In 28 strips, 2 of its rows in each.
fn stem_to_row2_1<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    input: &Input,
    observer: &mut impl Observer,
) {
    for strip in 0..28 {
        // stem: convolution 3x3, stride 2, padding 1, 3 -> 32 channels, 224x224 -> 112x112, relu6
        // 4 rows a strip, 5 in the first, in a ring of 8
        let ([], [y, scratch]) = &mut arena
            .split([], [maps::STEM.strip(strip), maps::STEM_SCRATCH]);
        let x = &Map::new(input, 224, 224, 3);
        conv(cx, K3_S2_P1, 1, Relu6, *x, cx.filter(filters::STEM), scratch, y);

        // row1.1.depthwise: depthwise 3x3, stride 1, padding 1, 32 channels, 112x112, relu6
        // 4 rows a strip, in a ring of 4
        let ([x], [y]) = &mut arena
            .split([maps::STEM], [maps::ROW1_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW1_1_DEPTHWISE), y);

        // row1.1.project: projection 1x1, 32 -> 16 channels, 112x112
        // 4 rows a strip, in a ring of 4
        let ([x], [y]) = &mut arena
            .split([maps::ROW1_1_DEPTHWISE], [maps::ROW1_1_PROJECT.strip(strip)]);
        pointwise(cx, TILE_14X16, Identity, *x, cx.filter(filters::ROW1_1_PROJECT), y);

        // row2.1.expand: expansion 1x1, 16 -> 96 channels (x6), 112x112, relu6
        // 4 rows a strip, in a ring of 8
        let ([x], [y]) = &mut arena
            .split([maps::ROW1_1_PROJECT], [maps::ROW2_1_EXPAND.strip(strip)]);
        pointwise(cx, TILE_7X48, Relu6, *x, cx.filter(filters::ROW2_1_EXPAND), y);

        // row2.1.depthwise: depthwise 3x3, stride 2, padding 1, 96 channels, 112x112 -> 56x56, relu6
        // 2 rows a strip, in a ring of 2
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_EXPAND], [maps::ROW2_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S2_P1, Relu6, *x, cx.filter(filters::ROW2_1_DEPTHWISE), y);

        // row2.1.project: projection 1x1, 96 -> 24 channels, 56x56
        // 2 rows a strip
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_DEPTHWISE], [maps::ROW2_1_PROJECT.strip(strip)]);
        pointwise(cx, TILE_8X24, Identity, *x, cx.filter(filters::ROW2_1_PROJECT), y);
    }

    let ([y], []) = arena.split([maps::ROW2_1_PROJECT], []);
    observer.step(0, y);
}

/// Row 2, repeat 2 of 2, inverted_residual (t 6, c 24, n 2, s 2): 56x56x24 -> 56x56x24. In 10 strips, 6 of its rows in each.
fn row2_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    for strip in 0..10 {
        // row2.2.expand: expansion 1x1, 24 -> 144 channels (x6), 56x56, relu6
        // 6 rows a strip, 7 in the first, in a ring of 12
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_PROJECT], [maps::ROW2_2_EXPAND.strip(strip)]);
        pointwise(cx, TILE_7X48, Relu6, *x, cx.filter(filters::ROW2_2_EXPAND), y);

        // row2.2.depthwise: depthwise 3x3, stride 1, padding 1, 144 channels, 56x56, relu6
        // 6 rows a strip, in a ring of 6
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_2_EXPAND], [maps::ROW2_2_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW2_2_DEPTHWISE), y);

        // row2.2.project: projection 1x1, 144 -> 24 channels, 56x56, + row2.1.project
        // 6 rows a strip
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_2_DEPTHWISE], [maps::ROW2_2_PROJECT.strip(strip)]);
        pointwise_accumulate(
            cx,
            TILE_8X24,
            Identity,
            *x,
            cx.filter(filters::ROW2_2_PROJECT),
            y,
        );
    }

    let ([y], []) = arena.split([maps::ROW2_2_PROJECT], []);
    observer.step(1, y);
}

/// Row 3, repeat 1 of 3, inverted_residual (t 6, c 32, n 3, s 2): 56x56x24 -> 28x28x144. In 7 strips, 4 of its rows in each.
fn row3_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    for strip in 0..7 {
        // row3.1.expand: expansion 1x1, 24 -> 144 channels (x6), 56x56, relu6
        // 8 rows a strip, in a ring of 16
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_2_PROJECT], [maps::ROW3_1_EXPAND.strip(strip)]);
        pointwise(cx, TILE_7X48, Relu6, *x, cx.filter(filters::ROW3_1_EXPAND), y);

        // row3.1.depthwise: depthwise 3x3, stride 2, padding 1, 144 channels, 56x56 -> 28x28, relu6
        // 4 rows a strip
        let ([x], [y]) = &mut arena
            .split([maps::ROW3_1_EXPAND], [maps::ROW3_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S2_P1, Relu6, *x, cx.filter(filters::ROW3_1_DEPTHWISE), y);
    }

    let ([y], []) = arena.split([maps::ROW3_1_DEPTHWISE], []);
    observer.step(2, y);
}

/// Row 3, repeat 1 of 3, inverted_residual (t 6, c 32, n 3, s 2): 28x28x144 -> 28x28x32.
fn row3_1_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row3.1.project: projection 1x1, 144 -> 32 channels, 28x28
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_DEPTHWISE], [maps::ROW3_1_PROJECT]);
    pointwise(cx, TILE_7X32, Identity, *x, cx.filter(filters::ROW3_1_PROJECT), y);
    observer.step(3, y.as_map());
}

/// Row 3, repeat 2 of 3, inverted_residual (t 6, c 32, n 3, s 2): 28x28x32 -> 28x28x32.
fn row3_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row3.2.expand: expansion 1x1, 32 -> 192 channels (x6), 28x28, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_1_PROJECT], [maps::ROW3_2_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW3_2_EXPAND), y);
    observer.step(4, y.as_map());

    // row3.2.depthwise: depthwise 3x3, stride 1, padding 1, 192 channels, 28x28, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_2_EXPAND], [maps::ROW3_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW3_2_DEPTHWISE), y);
    observer.step(5, y.as_map());

    // row3.2.project: projection 1x1, 192 -> 32 channels, 28x28, + row3.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW3_2_DEPTHWISE], [maps::ROW3_2_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X32,
        Identity,
        *x,
        cx.filter(filters::ROW3_2_PROJECT),
        y,
    );
    observer.step(6, y.as_map());
}

/// Row 3, repeat 3 of 3, inverted_residual (t 6, c 32, n 3, s 2): 28x28x32 -> 28x28x32.
fn row3_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row3.3.expand: expansion 1x1, 32 -> 192 channels (x6), 28x28, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_2_PROJECT], [maps::ROW3_3_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW3_3_EXPAND), y);
    observer.step(7, y.as_map());

    // row3.3.depthwise: depthwise 3x3, stride 1, padding 1, 192 channels, 28x28, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_3_EXPAND], [maps::ROW3_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW3_3_DEPTHWISE), y);
    observer.step(8, y.as_map());

    // row3.3.project: projection 1x1, 192 -> 32 channels, 28x28, + row3.2.project
    let ([x], [y]) = &mut arena.split([maps::ROW3_3_DEPTHWISE], [maps::ROW3_3_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X32,
        Identity,
        *x,
        cx.filter(filters::ROW3_3_PROJECT),
        y,
    );
    observer.step(9, y.as_map());
}

/// Row 4, repeat 1 of 4, inverted_residual (t 6, c 64, n 4, s 2): 28x28x32 -> 14x14x64.
fn row4_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.1.expand: expansion 1x1, 32 -> 192 channels (x6), 28x28, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW3_3_PROJECT], [maps::ROW4_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW4_1_EXPAND), y);
    observer.step(10, y.as_map());

    // row4.1.depthwise: depthwise 3x3, stride 2, padding 1, 192 channels, 28x28 -> 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_EXPAND], [maps::ROW4_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu6, *x, cx.filter(filters::ROW4_1_DEPTHWISE), y);
    observer.step(11, y.as_map());

    // row4.1.project: projection 1x1, 192 -> 64 channels, 14x14
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_DEPTHWISE], [maps::ROW4_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW4_1_PROJECT), y);
    observer.step(12, y.as_map());
}

/// Row 4, repeat 2 of 4, inverted_residual (t 6, c 64, n 4, s 2): 14x14x64 -> 14x14x64.
fn row4_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.2.expand: expansion 1x1, 64 -> 384 channels (x6), 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_1_PROJECT], [maps::ROW4_2_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW4_2_EXPAND), y);
    observer.step(13, y.as_map());

    // row4.2.depthwise: depthwise 3x3, stride 1, padding 1, 384 channels, 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_2_EXPAND], [maps::ROW4_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW4_2_DEPTHWISE), y);
    observer.step(14, y.as_map());

    // row4.2.project: projection 1x1, 384 -> 64 channels, 14x14, + row4.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW4_2_DEPTHWISE], [maps::ROW4_2_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_6X64,
        Identity,
        *x,
        cx.filter(filters::ROW4_2_PROJECT),
        y,
    );
    observer.step(15, y.as_map());
}

/// Row 4, repeat 3 of 4, inverted_residual (t 6, c 64, n 4, s 2): 14x14x64 -> 14x14x64.
fn row4_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.3.expand: expansion 1x1, 64 -> 384 channels (x6), 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_2_PROJECT], [maps::ROW4_3_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW4_3_EXPAND), y);
    observer.step(16, y.as_map());

    // row4.3.depthwise: depthwise 3x3, stride 1, padding 1, 384 channels, 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_3_EXPAND], [maps::ROW4_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW4_3_DEPTHWISE), y);
    observer.step(17, y.as_map());

    // row4.3.project: projection 1x1, 384 -> 64 channels, 14x14, + row4.2.project
    let ([x], [y]) = &mut arena.split([maps::ROW4_3_DEPTHWISE], [maps::ROW4_3_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_6X64,
        Identity,
        *x,
        cx.filter(filters::ROW4_3_PROJECT),
        y,
    );
    observer.step(18, y.as_map());
}

/// Row 4, repeat 4 of 4, inverted_residual (t 6, c 64, n 4, s 2): 14x14x64 -> 14x14x64.
fn row4_4<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.4.expand: expansion 1x1, 64 -> 384 channels (x6), 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_3_PROJECT], [maps::ROW4_4_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW4_4_EXPAND), y);
    observer.step(19, y.as_map());

    // row4.4.depthwise: depthwise 3x3, stride 1, padding 1, 384 channels, 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_4_EXPAND], [maps::ROW4_4_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW4_4_DEPTHWISE), y);
    observer.step(20, y.as_map());

    // row4.4.project: projection 1x1, 384 -> 64 channels, 14x14, + row4.3.project
    let ([x], [y]) = &mut arena.split([maps::ROW4_4_DEPTHWISE], [maps::ROW4_4_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_6X64,
        Identity,
        *x,
        cx.filter(filters::ROW4_4_PROJECT),
        y,
    );
    observer.step(21, y.as_map());
}

/// Row 5, repeat 1 of 3, inverted_residual (t 6, c 96, n 3, s 1): 14x14x64 -> 14x14x96.
fn row5_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.1.expand: expansion 1x1, 64 -> 384 channels (x6), 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW4_4_PROJECT], [maps::ROW5_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW5_1_EXPAND), y);
    observer.step(22, y.as_map());

    // row5.1.depthwise: depthwise 3x3, stride 1, padding 1, 384 channels, 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_EXPAND], [maps::ROW5_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW5_1_DEPTHWISE), y);
    observer.step(23, y.as_map());

    // row5.1.project: projection 1x1, 384 -> 96 channels, 14x14
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_DEPTHWISE], [maps::ROW5_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW5_1_PROJECT), y);
    observer.step(24, y.as_map());
}

/// Row 5, repeat 2 of 3, inverted_residual (t 6, c 96, n 3, s 1): 14x14x96 -> 14x14x96.
fn row5_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.2.expand: expansion 1x1, 96 -> 576 channels (x6), 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_1_PROJECT], [maps::ROW5_2_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW5_2_EXPAND), y);
    observer.step(25, y.as_map());

    // row5.2.depthwise: depthwise 3x3, stride 1, padding 1, 576 channels, 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_2_EXPAND], [maps::ROW5_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW5_2_DEPTHWISE), y);
    observer.step(26, y.as_map());

    // row5.2.project: projection 1x1, 576 -> 96 channels, 14x14, + row5.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW5_2_DEPTHWISE], [maps::ROW5_2_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW5_2_PROJECT),
        y,
    );
    observer.step(27, y.as_map());
}

/// Row 5, repeat 3 of 3, inverted_residual (t 6, c 96, n 3, s 1): 14x14x96 -> 14x14x96.
fn row5_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row5.3.expand: expansion 1x1, 96 -> 576 channels (x6), 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_2_PROJECT], [maps::ROW5_3_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW5_3_EXPAND), y);
    observer.step(28, y.as_map());

    // row5.3.depthwise: depthwise 3x3, stride 1, padding 1, 576 channels, 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_3_EXPAND], [maps::ROW5_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW5_3_DEPTHWISE), y);
    observer.step(29, y.as_map());

    // row5.3.project: projection 1x1, 576 -> 96 channels, 14x14, + row5.2.project
    let ([x], [y]) = &mut arena.split([maps::ROW5_3_DEPTHWISE], [maps::ROW5_3_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW5_3_PROJECT),
        y,
    );
    observer.step(30, y.as_map());
}

/// Row 6, repeat 1 of 3, inverted_residual (t 6, c 160, n 3, s 2): 14x14x96 -> 7x7x160.
fn row6_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.1.expand: expansion 1x1, 96 -> 576 channels (x6), 14x14, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW5_3_PROJECT], [maps::ROW6_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW6_1_EXPAND), y);
    observer.step(31, y.as_map());

    // row6.1.depthwise: depthwise 3x3, stride 2, padding 1, 576 channels, 14x14 -> 7x7, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_EXPAND], [maps::ROW6_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu6, *x, cx.filter(filters::ROW6_1_DEPTHWISE), y);
    observer.step(32, y.as_map());

    // row6.1.project: projection 1x1, 576 -> 160 channels, 7x7
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_DEPTHWISE], [maps::ROW6_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW6_1_PROJECT), y);
    observer.step(33, y.as_map());
}

/// Row 6, repeat 2 of 3, inverted_residual (t 6, c 160, n 3, s 2): 7x7x160 -> 7x7x160.
fn row6_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.2.expand: expansion 1x1, 160 -> 960 channels (x6), 7x7, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_1_PROJECT], [maps::ROW6_2_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW6_2_EXPAND), y);
    observer.step(34, y.as_map());

    // row6.2.depthwise: depthwise 3x3, stride 1, padding 1, 960 channels, 7x7, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_2_EXPAND], [maps::ROW6_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW6_2_DEPTHWISE), y);
    observer.step(35, y.as_map());

    // row6.2.project: projection 1x1, 960 -> 160 channels, 7x7, + row6.1.project
    let ([x], [y]) = &mut arena.split([maps::ROW6_2_DEPTHWISE], [maps::ROW6_2_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW6_2_PROJECT),
        y,
    );
    observer.step(36, y.as_map());
}

/// Row 6, repeat 3 of 3, inverted_residual (t 6, c 160, n 3, s 2): 7x7x160 -> 7x7x160.
fn row6_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.3.expand: expansion 1x1, 160 -> 960 channels (x6), 7x7, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_2_PROJECT], [maps::ROW6_3_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW6_3_EXPAND), y);
    observer.step(37, y.as_map());

    // row6.3.depthwise: depthwise 3x3, stride 1, padding 1, 960 channels, 7x7, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_3_EXPAND], [maps::ROW6_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW6_3_DEPTHWISE), y);
    observer.step(38, y.as_map());

    // row6.3.project: projection 1x1, 960 -> 160 channels, 7x7, + row6.2.project
    let ([x], [y]) = &mut arena.split([maps::ROW6_3_DEPTHWISE], [maps::ROW6_3_PROJECT]);
    pointwise_accumulate(
        cx,
        TILE_7X48,
        Identity,
        *x,
        cx.filter(filters::ROW6_3_PROJECT),
        y,
    );
    observer.step(39, y.as_map());
}

/// Row 7, inverted_residual (t 6, c 320, n 1, s 1): 7x7x160 -> 7x7x320.
fn row7_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.1.expand: expansion 1x1, 160 -> 960 channels (x6), 7x7, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW6_3_PROJECT], [maps::ROW7_1_EXPAND]);
    pointwise(cx, TILE_6X64, Relu6, *x, cx.filter(filters::ROW7_1_EXPAND), y);
    observer.step(40, y.as_map());

    // row7.1.depthwise: depthwise 3x3, stride 1, padding 1, 960 channels, 7x7, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_EXPAND], [maps::ROW7_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu6, *x, cx.filter(filters::ROW7_1_DEPTHWISE), y);
    observer.step(41, y.as_map());

    // row7.1.project: projection 1x1, 960 -> 320 channels, 7x7
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_DEPTHWISE], [maps::ROW7_1_PROJECT]);
    pointwise(cx, TILE_7X48, Identity, *x, cx.filter(filters::ROW7_1_PROJECT), y);
    observer.step(42, y.as_map());
}

/// From `conv1` to `linear1`: 7x7x320 -> 1x1x1000.
fn head<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    output: &mut Output,
    observer: &mut impl Observer,
) {
    // conv1: convolution 1x1, 320 -> 1280 channels, 7x7, relu6
    let ([x], [y]) = &mut arena.split([maps::ROW7_1_PROJECT], [maps::CONV1]);
    pointwise(cx, TILE_7X32, Relu6, *x, cx.filter(filters::CONV1), y);
    observer.step(43, y.as_map());

    // global_average_pool1: global average pool, 1280 channels, 7x7 -> 1x1
    let ([x], [y]) = &mut arena.split([maps::CONV1], [maps::GLOBAL_AVERAGE_POOL1]);
    global_average_pool(cx, *x, y);
    observer.step(44, y.as_map());

    // linear1: linear, 1280 -> 1000 channels, 1x1
    let ([x], []) = &mut arena.split([maps::GLOBAL_AVERAGE_POOL1], []);
    let y = &mut MapMut::new(&mut output.logits, 1, 1, 1000);
    linear(cx, Identity, *x, cx.filter(filters::LINEAR1), y);
    observer.step(45, y.as_map());
}

/// Name, and height, width and channels of the result, of every step an observer sees.
#[allow(dead_code, unreachable_pub)]
pub const STEPS: [(&str, [usize; 3]); 46] = [
    ("row2.1.project", [56, 56, 24]),
    ("row2.2.project", [56, 56, 24]),
    ("row3.1.depthwise", [28, 28, 144]),
    ("row3.1.project", [28, 28, 32]),
    ("row3.2.expand", [28, 28, 192]),
    ("row3.2.depthwise", [28, 28, 192]),
    ("row3.2.project", [28, 28, 32]),
    ("row3.3.expand", [28, 28, 192]),
    ("row3.3.depthwise", [28, 28, 192]),
    ("row3.3.project", [28, 28, 32]),
    ("row4.1.expand", [28, 28, 192]),
    ("row4.1.depthwise", [14, 14, 192]),
    ("row4.1.project", [14, 14, 64]),
    ("row4.2.expand", [14, 14, 384]),
    ("row4.2.depthwise", [14, 14, 384]),
    ("row4.2.project", [14, 14, 64]),
    ("row4.3.expand", [14, 14, 384]),
    ("row4.3.depthwise", [14, 14, 384]),
    ("row4.3.project", [14, 14, 64]),
    ("row4.4.expand", [14, 14, 384]),
    ("row4.4.depthwise", [14, 14, 384]),
    ("row4.4.project", [14, 14, 64]),
    ("row5.1.expand", [14, 14, 384]),
    ("row5.1.depthwise", [14, 14, 384]),
    ("row5.1.project", [14, 14, 96]),
    ("row5.2.expand", [14, 14, 576]),
    ("row5.2.depthwise", [14, 14, 576]),
    ("row5.2.project", [14, 14, 96]),
    ("row5.3.expand", [14, 14, 576]),
    ("row5.3.depthwise", [14, 14, 576]),
    ("row5.3.project", [14, 14, 96]),
    ("row6.1.expand", [14, 14, 576]),
    ("row6.1.depthwise", [7, 7, 576]),
    ("row6.1.project", [7, 7, 160]),
    ("row6.2.expand", [7, 7, 960]),
    ("row6.2.depthwise", [7, 7, 960]),
    ("row6.2.project", [7, 7, 160]),
    ("row6.3.expand", [7, 7, 960]),
    ("row6.3.depthwise", [7, 7, 960]),
    ("row6.3.project", [7, 7, 160]),
    ("row7.1.expand", [7, 7, 960]),
    ("row7.1.depthwise", [7, 7, 960]),
    ("row7.1.project", [7, 7, 320]),
    ("conv1", [7, 7, 1280]),
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

/// Where each map of f32 lies in the arena: `Slot::new(offset in bytes, height, width, channels)`.
/// `.ring(rows, place of row 0)`: it has memory for so many rows, which new ones overwrite in turn.
/// `.strips(rows, more in the first)`: so many are made at once.
mod maps {
    use super::Slot;
    pub(super) const STEM: Slot = Slot::new(344_064, 112, 112, 32)
        .ring(8, 3)
        .strips(4, 1);
    pub(super) const STEM_SCRATCH: Slot = Slot::new(587_776, 1, 1, 2034);
    pub(super) const ROW1_1_DEPTHWISE: Slot = Slot::new(458_752, 112, 112, 32)
        .ring(4, 0)
        .strips(4, 0);
    pub(super) const ROW1_1_PROJECT: Slot = Slot::new(559_104, 112, 112, 16)
        .ring(4, 0)
        .strips(4, 0);
    pub(super) const ROW2_1_EXPAND: Slot = Slot::new(0, 112, 112, 96)
        .ring(8, 0)
        .strips(4, 0);
    pub(super) const ROW2_1_DEPTHWISE: Slot = Slot::new(516_096, 56, 56, 96)
        .ring(2, 0)
        .strips(2, 0);
    pub(super) const ROW2_1_PROJECT: Slot = Slot::new(967_680, 56, 56, 24).strips(2, 0);
    pub(super) const ROW2_2_EXPAND: Slot = Slot::new(0, 56, 56, 144)
        .ring(12, 5)
        .strips(6, 1);
    pub(super) const ROW2_2_DEPTHWISE: Slot = Slot::new(387_072, 56, 56, 144)
        .ring(6, 0)
        .strips(6, 0);
    pub(super) const ROW2_2_PROJECT: Slot = ROW2_1_PROJECT.strips(6, 0);
    pub(super) const ROW3_1_EXPAND: Slot = Slot::new(0, 56, 56, 144)
        .ring(16, 0)
        .strips(8, 0);
    pub(super) const ROW3_1_DEPTHWISE: Slot = Slot::new(516_096, 28, 28, 144)
        .strips(4, 0);
    pub(super) const ROW3_1_PROJECT: Slot = Slot::new(1_204_224, 28, 28, 32);
    pub(super) const ROW3_2_EXPAND: Slot = Slot::new(0, 28, 28, 192);
    pub(super) const ROW3_2_DEPTHWISE: Slot = Slot::new(602_112, 28, 28, 192);
    pub(super) const ROW3_2_PROJECT: Slot = ROW3_1_PROJECT;
    pub(super) const ROW3_3_EXPAND: Slot = Slot::new(0, 28, 28, 192);
    pub(super) const ROW3_3_DEPTHWISE: Slot = Slot::new(602_112, 28, 28, 192);
    pub(super) const ROW3_3_PROJECT: Slot = ROW3_2_PROJECT;
    pub(super) const ROW4_1_EXPAND: Slot = Slot::new(0, 28, 28, 192);
    pub(super) const ROW4_1_DEPTHWISE: Slot = Slot::new(602_112, 14, 14, 192);
    pub(super) const ROW4_1_PROJECT: Slot = Slot::new(752_640, 14, 14, 64);
    pub(super) const ROW4_2_EXPAND: Slot = Slot::new(0, 14, 14, 384);
    pub(super) const ROW4_2_DEPTHWISE: Slot = Slot::new(301_056, 14, 14, 384);
    pub(super) const ROW4_2_PROJECT: Slot = ROW4_1_PROJECT;
    pub(super) const ROW4_3_EXPAND: Slot = Slot::new(0, 14, 14, 384);
    pub(super) const ROW4_3_DEPTHWISE: Slot = Slot::new(301_056, 14, 14, 384);
    pub(super) const ROW4_3_PROJECT: Slot = ROW4_2_PROJECT;
    pub(super) const ROW4_4_EXPAND: Slot = Slot::new(0, 14, 14, 384);
    pub(super) const ROW4_4_DEPTHWISE: Slot = Slot::new(301_056, 14, 14, 384);
    pub(super) const ROW4_4_PROJECT: Slot = ROW4_3_PROJECT;
    pub(super) const ROW5_1_EXPAND: Slot = Slot::new(0, 14, 14, 384);
    pub(super) const ROW5_1_DEPTHWISE: Slot = Slot::new(301_056, 14, 14, 384);
    pub(super) const ROW5_1_PROJECT: Slot = Slot::new(903_168, 14, 14, 96);
    pub(super) const ROW5_2_EXPAND: Slot = Slot::new(0, 14, 14, 576);
    pub(super) const ROW5_2_DEPTHWISE: Slot = Slot::new(451_584, 14, 14, 576);
    pub(super) const ROW5_2_PROJECT: Slot = ROW5_1_PROJECT;
    pub(super) const ROW5_3_EXPAND: Slot = Slot::new(0, 14, 14, 576);
    pub(super) const ROW5_3_DEPTHWISE: Slot = Slot::new(451_584, 14, 14, 576);
    pub(super) const ROW5_3_PROJECT: Slot = ROW5_2_PROJECT;
    pub(super) const ROW6_1_EXPAND: Slot = Slot::new(0, 14, 14, 576);
    pub(super) const ROW6_1_DEPTHWISE: Slot = Slot::new(451_584, 7, 7, 576);
    pub(super) const ROW6_1_PROJECT: Slot = Slot::new(376_320, 7, 7, 160);
    pub(super) const ROW6_2_EXPAND: Slot = Slot::new(0, 7, 7, 960);
    pub(super) const ROW6_2_DEPTHWISE: Slot = Slot::new(188_160, 7, 7, 960);
    pub(super) const ROW6_2_PROJECT: Slot = ROW6_1_PROJECT;
    pub(super) const ROW6_3_EXPAND: Slot = Slot::new(0, 7, 7, 960);
    pub(super) const ROW6_3_DEPTHWISE: Slot = Slot::new(188_160, 7, 7, 960);
    pub(super) const ROW6_3_PROJECT: Slot = ROW6_2_PROJECT;
    pub(super) const ROW7_1_EXPAND: Slot = Slot::new(0, 7, 7, 960);
    pub(super) const ROW7_1_DEPTHWISE: Slot = Slot::new(188_160, 7, 7, 960);
    pub(super) const ROW7_1_PROJECT: Slot = Slot::new(376_320, 7, 7, 320);
    pub(super) const CONV1: Slot = Slot::new(0, 7, 7, 1280);
    pub(super) const GLOBAL_AVERAGE_POOL1: Slot = Slot::new(250_880, 1, 1, 1280);
}

/// Where each filter lies in the blob: `FilterSlot::new(first panel, panels of bias, panels of weights)`. A panel is
/// 16 f32, one for each of 16 output channels.
mod filters {
    use super::FilterSlot;
    pub(super) const STEM: FilterSlot = FilterSlot::new(0, 2, 54);
    pub(super) const ROW1_1_DEPTHWISE: FilterSlot = FilterSlot::new(56, 2, 18);
    pub(super) const ROW1_1_PROJECT: FilterSlot = FilterSlot::new(76, 1, 32);
    pub(super) const ROW2_1_EXPAND: FilterSlot = FilterSlot::new(109, 6, 96);
    pub(super) const ROW2_1_DEPTHWISE: FilterSlot = FilterSlot::new(211, 6, 54);
    pub(super) const ROW2_1_PROJECT: FilterSlot = FilterSlot::new(271, 2, 144);
    pub(super) const ROW2_2_EXPAND: FilterSlot = FilterSlot::new(417, 9, 216);
    pub(super) const ROW2_2_DEPTHWISE: FilterSlot = FilterSlot::new(642, 9, 81);
    pub(super) const ROW2_2_PROJECT: FilterSlot = FilterSlot::new(732, 2, 216);
    pub(super) const ROW3_1_EXPAND: FilterSlot = FilterSlot::new(950, 9, 216);
    pub(super) const ROW3_1_DEPTHWISE: FilterSlot = FilterSlot::new(1175, 9, 81);
    pub(super) const ROW3_1_PROJECT: FilterSlot = FilterSlot::new(1265, 2, 288);
    pub(super) const ROW3_2_EXPAND: FilterSlot = FilterSlot::new(1555, 12, 384);
    pub(super) const ROW3_2_DEPTHWISE: FilterSlot = FilterSlot::new(1951, 12, 108);
    pub(super) const ROW3_2_PROJECT: FilterSlot = FilterSlot::new(2071, 2, 384);
    pub(super) const ROW3_3_EXPAND: FilterSlot = FilterSlot::new(2457, 12, 384);
    pub(super) const ROW3_3_DEPTHWISE: FilterSlot = FilterSlot::new(2853, 12, 108);
    pub(super) const ROW3_3_PROJECT: FilterSlot = FilterSlot::new(2973, 2, 384);
    pub(super) const ROW4_1_EXPAND: FilterSlot = FilterSlot::new(3359, 12, 384);
    pub(super) const ROW4_1_DEPTHWISE: FilterSlot = FilterSlot::new(3755, 12, 108);
    pub(super) const ROW4_1_PROJECT: FilterSlot = FilterSlot::new(3875, 4, 768);
    pub(super) const ROW4_2_EXPAND: FilterSlot = FilterSlot::new(4647, 24, 1536);
    pub(super) const ROW4_2_DEPTHWISE: FilterSlot = FilterSlot::new(6207, 24, 216);
    pub(super) const ROW4_2_PROJECT: FilterSlot = FilterSlot::new(6447, 4, 1536);
    pub(super) const ROW4_3_EXPAND: FilterSlot = FilterSlot::new(7987, 24, 1536);
    pub(super) const ROW4_3_DEPTHWISE: FilterSlot = FilterSlot::new(9547, 24, 216);
    pub(super) const ROW4_3_PROJECT: FilterSlot = FilterSlot::new(9787, 4, 1536);
    pub(super) const ROW4_4_EXPAND: FilterSlot = FilterSlot::new(11_327, 24, 1536);
    pub(super) const ROW4_4_DEPTHWISE: FilterSlot = FilterSlot::new(12_887, 24, 216);
    pub(super) const ROW4_4_PROJECT: FilterSlot = FilterSlot::new(13_127, 4, 1536);
    pub(super) const ROW5_1_EXPAND: FilterSlot = FilterSlot::new(14_667, 24, 1536);
    pub(super) const ROW5_1_DEPTHWISE: FilterSlot = FilterSlot::new(16_227, 24, 216);
    pub(super) const ROW5_1_PROJECT: FilterSlot = FilterSlot::new(16_467, 6, 2304);
    pub(super) const ROW5_2_EXPAND: FilterSlot = FilterSlot::new(18_777, 36, 3456);
    pub(super) const ROW5_2_DEPTHWISE: FilterSlot = FilterSlot::new(22_269, 36, 324);
    pub(super) const ROW5_2_PROJECT: FilterSlot = FilterSlot::new(22_629, 6, 3456);
    pub(super) const ROW5_3_EXPAND: FilterSlot = FilterSlot::new(26_091, 36, 3456);
    pub(super) const ROW5_3_DEPTHWISE: FilterSlot = FilterSlot::new(29_583, 36, 324);
    pub(super) const ROW5_3_PROJECT: FilterSlot = FilterSlot::new(29_943, 6, 3456);
    pub(super) const ROW6_1_EXPAND: FilterSlot = FilterSlot::new(33_405, 36, 3456);
    pub(super) const ROW6_1_DEPTHWISE: FilterSlot = FilterSlot::new(36_897, 36, 324);
    pub(super) const ROW6_1_PROJECT: FilterSlot = FilterSlot::new(37_257, 10, 5760);
    pub(super) const ROW6_2_EXPAND: FilterSlot = FilterSlot::new(43_027, 60, 9600);
    pub(super) const ROW6_2_DEPTHWISE: FilterSlot = FilterSlot::new(52_687, 60, 540);
    pub(super) const ROW6_2_PROJECT: FilterSlot = FilterSlot::new(53_287, 10, 9600);
    pub(super) const ROW6_3_EXPAND: FilterSlot = FilterSlot::new(62_897, 60, 9600);
    pub(super) const ROW6_3_DEPTHWISE: FilterSlot = FilterSlot::new(72_557, 60, 540);
    pub(super) const ROW6_3_PROJECT: FilterSlot = FilterSlot::new(73_157, 10, 9600);
    pub(super) const ROW7_1_EXPAND: FilterSlot = FilterSlot::new(82_767, 60, 9600);
    pub(super) const ROW7_1_DEPTHWISE: FilterSlot = FilterSlot::new(92_427, 60, 540);
    pub(super) const ROW7_1_PROJECT: FilterSlot = FilterSlot::new(93_027, 20, 19_200);
    pub(super) const CONV1: FilterSlot = FilterSlot::new(112_247, 80, 25_600);
    pub(super) const LINEAR1: FilterSlot = FilterSlot::new(137_927, 63, 80_640);
}

// v1: compiled by mnetc 0.1.0 from v1.yaml.
// Do not edit: change v1.yaml and compile again.
//
// To use it, with the crate `mnetc-runtime` 0.1.0 and this file as a module:
//     // the bytes of a file that `mnetc pack v1.yaml --weights W -o FILE` wrote, aligned by `AlignedBytes`
//     let network = V1::from_bytes(&bytes)?;
//     let mut arena = Arena::boxed(); // with the feature `alloc`; `Arena::new()` is const, for statics
//     let mut output = Output::new();
//     network.infer(&mut arena, &input, &mut output);
// `infer` neither allocates nor fails. Threads may share a network, each with an arena of its own.
// The input is 224x224x3 (height, width, channels): numbers, prepared as they were for training.
//
// layer                 operator             channels      output      then  parameters        MACs
// stem                  convolution 3x3/2    3 -> 32       112x112x32  relu         928  10,838,016
// row1.1.depthwise      depthwise 3x3                      112x112x32  relu         352   3,612,672
// row1.1.pointwise      pointwise 1x1        32 -> 64      112x112x64  relu       2,176  25,690,112
// row2.1.depthwise      depthwise 3x3/2                    56x56x64    relu         704   1,806,336
// row2.1.pointwise      pointwise 1x1        64 -> 128     56x56x128   relu       8,448  25,690,112
// row3.1.depthwise      depthwise 3x3                      56x56x128   relu       1,408   3,612,672
// row3.1.pointwise      pointwise 1x1        128 -> 128    56x56x128   relu      16,640  51,380,224
// row4.1.depthwise      depthwise 3x3/2                    28x28x128   relu       1,408     903,168
// row4.1.pointwise      pointwise 1x1        128 -> 256    28x28x256   relu      33,280  25,690,112
// row5.1.depthwise      depthwise 3x3                      28x28x256   relu       2,816   1,806,336
// row5.1.pointwise      pointwise 1x1        256 -> 256    28x28x256   relu      66,048  51,380,224
// row6.1.depthwise      depthwise 3x3/2                    14x14x256   relu       2,816     451,584
// row6.1.pointwise      pointwise 1x1        256 -> 512    14x14x512   relu     132,096  25,690,112
// row7.1.depthwise      depthwise 3x3                      14x14x512   relu       5,632     903,168
// row7.1.pointwise      pointwise 1x1        512 -> 512    14x14x512   relu     263,168  51,380,224
// row7.2.depthwise      depthwise 3x3                      14x14x512   relu       5,632     903,168
// row7.2.pointwise      pointwise 1x1        512 -> 512    14x14x512   relu     263,168  51,380,224
// row7.3.depthwise      depthwise 3x3                      14x14x512   relu       5,632     903,168
// row7.3.pointwise      pointwise 1x1        512 -> 512    14x14x512   relu     263,168  51,380,224
// row7.4.depthwise      depthwise 3x3                      14x14x512   relu       5,632     903,168
// row7.4.pointwise      pointwise 1x1        512 -> 512    14x14x512   relu     263,168  51,380,224
// row7.5.depthwise      depthwise 3x3                      14x14x512   relu       5,632     903,168
// row7.5.pointwise      pointwise 1x1        512 -> 512    14x14x512   relu     263,168  51,380,224
// row8.1.depthwise      depthwise 3x3/2                    7x7x512     relu       5,632     225,792
// row8.1.pointwise      pointwise 1x1        512 -> 1024   7x7x1024    relu     526,336  25,690,112
// row9.1.depthwise      depthwise 3x3                      7x7x1024    relu      11,264     451,584
// row9.1.pointwise      pointwise 1x1        1024 -> 1024  7x7x1024    relu   1,050,624  51,380,224
// global_average_pool1  global average pool                1x1x1024                   0           0
// linear1               linear               1024 -> 1000  1x1x1000           1,025,000   1,024,000
//
// Total: 4,231,976 parameters, 568,740,352 multiply-adds (MACs).
// Weights 16,916,992 bytes; arena 1,490,944 bytes, fullest at row2.1.pointwise.
//
// Each layer below is a comment, the maps it reads and writes (`arena.split([read], [written])`), one call of a
// kernel with its filter from the weights, and the observer's turn. Batch norms are folded into filters. A kernel's
// activation comes last, after its bias and a map that is added. 1x1 layers have stride 1 and no padding; `/2` is a
// stride. `row3.2` is the second repeat of the table's third row. Where a map takes the place of another, the slot is
// that other's.
// Layers in a loop over strips make a few rows at a time, each as many as the next needs and none twice. The maps
// between them are rings, which hold the last rows alone, so that all of them stay in the cache. An observer is shown
// the last layer of such a loop.

use ::mnetc_runtime::Activation::{Identity, Relu};
use ::mnetc_runtime::{
    AnyLevel, Avx2Tile, Avx512Tile, BlobLayout, Cx, FilterSlot, Level, Map, MapMut,
    Observer, Slot, Tile, Weights, WeightsError, Window, conv, depthwise, dispatch,
    global_average_pool, linear, pointwise,
};

/// Bytes of the arena: all that `infer` needs besides weights, input, output and a small stack.
#[allow(dead_code, unreachable_pub)]
pub const ARENA_BYTES: usize = 1_490_944;
/// Bytes of the weight blob.
#[allow(dead_code, unreachable_pub)]
pub const WEIGHT_BYTES: usize = 16_916_992;
/// Multiply-adds of one inference.
#[allow(dead_code, unreachable_pub)]
pub const MACS: u64 = 568_740_352;
/// Parameters, as the network was trained.
#[allow(dead_code, unreachable_pub)]
pub const PARAMS: u64 = 4_231_976;
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

/// The network `v1`: its weights, and the instruction set it runs on.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, unreachable_pub)]
pub struct V1<'w> {
    weights: Weights<'w>,
    level: AnyLevel,
}

/// The length that a blob must have, and the fingerprint of its layout.
const LAYOUT: BlobLayout = BlobLayout {
    panels: 264_327,
    fingerprint: 0x943a68246d396705,
};

#[allow(dead_code, unreachable_pub)]
impl<'w> V1<'w> {
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
        row2_1_to_row4_1(cx, arena, observer);
        row4_1(cx, arena, observer);
        row5_1_to_row6_1(cx, arena, observer);
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

/// From `stem` to `row2.1.depthwise`: 224x224x3 -> 56x56x64. In 19 strips, 3 of its rows in each.
fn stem_to_row2_1<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    input: &Input,
    observer: &mut impl Observer,
) {
    for strip in 0..19 {
        // stem: convolution 3x3, stride 2, padding 1, 3 -> 32 channels, 224x224 -> 112x112, relu
        // 6 rows a strip, 7 in the first, in a ring of 12
        let ([], [y, scratch]) = &mut arena
            .split([], [maps::STEM.strip(strip), maps::STEM_SCRATCH]);
        let x = &Map::new(input, 224, 224, 3);
        conv(cx, K3_S2_P1, 1, Relu, *x, cx.filter(filters::STEM), scratch, y);

        // row1.1.depthwise: depthwise 3x3, stride 1, padding 1, 32 channels, 112x112, relu
        // 6 rows a strip, in a ring of 6
        let ([x], [y]) = &mut arena
            .split([maps::STEM], [maps::ROW1_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW1_1_DEPTHWISE), y);

        // row1.1.pointwise: pointwise 1x1, 32 -> 64 channels, 112x112, relu
        // 6 rows a strip, in a ring of 12
        let ([x], [y]) = &mut arena
            .split([maps::ROW1_1_DEPTHWISE], [maps::ROW1_1_POINTWISE.strip(strip)]);
        pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW1_1_POINTWISE), y);

        // row2.1.depthwise: depthwise 3x3, stride 2, padding 1, 64 channels, 112x112 -> 56x56, relu
        // 3 rows a strip
        let ([x], [y]) = &mut arena
            .split([maps::ROW1_1_POINTWISE], [maps::ROW2_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW2_1_DEPTHWISE), y);
    }

    let ([y], []) = arena.split([maps::ROW2_1_DEPTHWISE], []);
    observer.step(0, y);
}

/// From `row2.1.pointwise` to `row4.1.depthwise`: 56x56x64 -> 28x28x128. In 28 strips, 1 of its rows in each.
fn row2_1_to_row4_1<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    observer: &mut impl Observer,
) {
    for strip in 0..28 {
        // row2.1.pointwise: pointwise 1x1, 64 -> 128 channels, 56x56, relu
        // 2 rows a strip, 3 in the first, in a ring of 4
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_DEPTHWISE], [maps::ROW2_1_POINTWISE.strip(strip)]);
        pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW2_1_POINTWISE), y);

        // row3.1.depthwise: depthwise 3x3, stride 1, padding 1, 128 channels, 56x56, relu
        // 2 rows a strip, in a ring of 2
        let ([x], [y]) = &mut arena
            .split([maps::ROW2_1_POINTWISE], [maps::ROW3_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW3_1_DEPTHWISE), y);

        // row3.1.pointwise: pointwise 1x1, 128 -> 128 channels, 56x56, relu
        // 2 rows a strip, in a ring of 4
        let ([x], [y]) = &mut arena
            .split([maps::ROW3_1_DEPTHWISE], [maps::ROW3_1_POINTWISE.strip(strip)]);
        pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW3_1_POINTWISE), y);

        // row4.1.depthwise: depthwise 3x3, stride 2, padding 1, 128 channels, 56x56 -> 28x28, relu
        // 1 row a strip
        let ([x], [y]) = &mut arena
            .split([maps::ROW3_1_POINTWISE], [maps::ROW4_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW4_1_DEPTHWISE), y);
    }

    let ([y], []) = arena.split([maps::ROW4_1_DEPTHWISE], []);
    observer.step(1, y);
}

/// Row 4, separable (c 256, n 1, s 2): 28x28x128 -> 28x28x256.
fn row4_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row4.1.pointwise: pointwise 1x1, 128 -> 256 channels, 28x28, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW4_1_DEPTHWISE], [maps::ROW4_1_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW4_1_POINTWISE), y);
    observer.step(2, y.as_map());
}

/// From `row5.1.depthwise` to `row6.1.depthwise`: 28x28x256 -> 14x14x256. In 14 strips, 1 of its rows in each.
fn row5_1_to_row6_1<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    observer: &mut impl Observer,
) {
    for strip in 0..14 {
        // row5.1.depthwise: depthwise 3x3, stride 1, padding 1, 256 channels, 28x28, relu
        // 2 rows a strip, in a ring of 2
        let ([x], [y]) = &mut arena
            .split([maps::ROW4_1_POINTWISE], [maps::ROW5_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW5_1_DEPTHWISE), y);

        // row5.1.pointwise: pointwise 1x1, 256 -> 256 channels, 28x28, relu
        // 2 rows a strip, in a ring of 4
        let ([x], [y]) = &mut arena
            .split([maps::ROW5_1_DEPTHWISE], [maps::ROW5_1_POINTWISE.strip(strip)]);
        pointwise(cx, TILE_7X32, Relu, *x, cx.filter(filters::ROW5_1_POINTWISE), y);

        // row6.1.depthwise: depthwise 3x3, stride 2, padding 1, 256 channels, 28x28 -> 14x14, relu
        // 1 row a strip
        let ([x], [y]) = &mut arena
            .split([maps::ROW5_1_POINTWISE], [maps::ROW6_1_DEPTHWISE.strip(strip)]);
        depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW6_1_DEPTHWISE), y);
    }

    let ([y], []) = arena.split([maps::ROW6_1_DEPTHWISE], []);
    observer.step(3, y);
}

/// Row 6, separable (c 512, n 1, s 2): 14x14x256 -> 14x14x512.
fn row6_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row6.1.pointwise: pointwise 1x1, 256 -> 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW6_1_DEPTHWISE], [maps::ROW6_1_POINTWISE]);
    pointwise(cx, TILE_7X32, Relu, *x, cx.filter(filters::ROW6_1_POINTWISE), y);
    observer.step(4, y.as_map());
}

/// Row 7, repeat 1 of 5, separable (c 512, n 5, s 1): 14x14x512 -> 14x14x512.
fn row7_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.1.depthwise: depthwise 3x3, stride 1, padding 1, 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW6_1_POINTWISE], [maps::ROW7_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_1_DEPTHWISE), y);
    observer.step(5, y.as_map());

    // row7.1.pointwise: pointwise 1x1, 512 -> 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_1_DEPTHWISE], [maps::ROW7_1_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_1_POINTWISE), y);
    observer.step(6, y.as_map());
}

/// Row 7, repeat 2 of 5, separable (c 512, n 5, s 1): 14x14x512 -> 14x14x512.
fn row7_2<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.2.depthwise: depthwise 3x3, stride 1, padding 1, 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_1_POINTWISE], [maps::ROW7_2_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_2_DEPTHWISE), y);
    observer.step(7, y.as_map());

    // row7.2.pointwise: pointwise 1x1, 512 -> 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_2_DEPTHWISE], [maps::ROW7_2_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_2_POINTWISE), y);
    observer.step(8, y.as_map());
}

/// Row 7, repeat 3 of 5, separable (c 512, n 5, s 1): 14x14x512 -> 14x14x512.
fn row7_3<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.3.depthwise: depthwise 3x3, stride 1, padding 1, 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_2_POINTWISE], [maps::ROW7_3_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_3_DEPTHWISE), y);
    observer.step(9, y.as_map());

    // row7.3.pointwise: pointwise 1x1, 512 -> 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_3_DEPTHWISE], [maps::ROW7_3_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_3_POINTWISE), y);
    observer.step(10, y.as_map());
}

/// Row 7, repeat 4 of 5, separable (c 512, n 5, s 1): 14x14x512 -> 14x14x512.
fn row7_4<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.4.depthwise: depthwise 3x3, stride 1, padding 1, 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_3_POINTWISE], [maps::ROW7_4_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_4_DEPTHWISE), y);
    observer.step(11, y.as_map());

    // row7.4.pointwise: pointwise 1x1, 512 -> 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_4_DEPTHWISE], [maps::ROW7_4_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_4_POINTWISE), y);
    observer.step(12, y.as_map());
}

/// Row 7, repeat 5 of 5, separable (c 512, n 5, s 1): 14x14x512 -> 14x14x512.
fn row7_5<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row7.5.depthwise: depthwise 3x3, stride 1, padding 1, 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_4_POINTWISE], [maps::ROW7_5_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW7_5_DEPTHWISE), y);
    observer.step(13, y.as_map());

    // row7.5.pointwise: pointwise 1x1, 512 -> 512 channels, 14x14, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_5_DEPTHWISE], [maps::ROW7_5_POINTWISE]);
    pointwise(cx, TILE_6X64, Relu, *x, cx.filter(filters::ROW7_5_POINTWISE), y);
    observer.step(14, y.as_map());
}

/// Row 8, separable (c 1024, n 1, s 2): 14x14x512 -> 7x7x1024.
fn row8_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row8.1.depthwise: depthwise 3x3, stride 2, padding 1, 512 channels, 14x14 -> 7x7, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW7_5_POINTWISE], [maps::ROW8_1_DEPTHWISE]);
    depthwise(cx, K3_S2_P1, Relu, *x, cx.filter(filters::ROW8_1_DEPTHWISE), y);
    observer.step(15, y.as_map());

    // row8.1.pointwise: pointwise 1x1, 512 -> 1024 channels, 7x7, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW8_1_DEPTHWISE], [maps::ROW8_1_POINTWISE]);
    pointwise(cx, TILE_7X48, Relu, *x, cx.filter(filters::ROW8_1_POINTWISE), y);
    observer.step(16, y.as_map());
}

/// Row 9, separable (c 1024, n 1, s 1): 7x7x1024 -> 7x7x1024.
fn row9_1<L: Level>(cx: Cx<'_, L>, arena: &mut Arena, observer: &mut impl Observer) {
    // row9.1.depthwise: depthwise 3x3, stride 1, padding 1, 1024 channels, 7x7, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW8_1_POINTWISE], [maps::ROW9_1_DEPTHWISE]);
    depthwise(cx, K3_S1_P1, Relu, *x, cx.filter(filters::ROW9_1_DEPTHWISE), y);
    observer.step(17, y.as_map());

    // row9.1.pointwise: pointwise 1x1, 1024 -> 1024 channels, 7x7, relu
    let ([x], [y]) = &mut arena
        .split([maps::ROW9_1_DEPTHWISE], [maps::ROW9_1_POINTWISE]);
    pointwise(cx, TILE_7X48, Relu, *x, cx.filter(filters::ROW9_1_POINTWISE), y);
    observer.step(18, y.as_map());
}

/// From `global_average_pool1` to `linear1`: 7x7x1024 -> 1x1x1000.
fn head<L: Level>(
    cx: Cx<'_, L>,
    arena: &mut Arena,
    output: &mut Output,
    observer: &mut impl Observer,
) {
    // global_average_pool1: global average pool, 1024 channels, 7x7 -> 1x1
    let ([x], [y]) = &mut arena
        .split([maps::ROW9_1_POINTWISE], [maps::GLOBAL_AVERAGE_POOL1]);
    global_average_pool(cx, *x, y);
    observer.step(19, y.as_map());

    // linear1: linear, 1024 -> 1000 channels, 1x1
    let ([x], []) = &mut arena.split([maps::GLOBAL_AVERAGE_POOL1], []);
    let y = &mut MapMut::new(&mut output.logits, 1, 1, 1000);
    linear(cx, Identity, *x, cx.filter(filters::LINEAR1), y);
    observer.step(20, y.as_map());
}

/// Name, and height, width and channels of the result, of every step an observer sees.
#[allow(dead_code, unreachable_pub)]
pub const STEPS: [(&str, [usize; 3]); 21] = [
    ("row2.1.depthwise", [56, 56, 64]),
    ("row4.1.depthwise", [28, 28, 128]),
    ("row4.1.pointwise", [28, 28, 256]),
    ("row6.1.depthwise", [14, 14, 256]),
    ("row6.1.pointwise", [14, 14, 512]),
    ("row7.1.depthwise", [14, 14, 512]),
    ("row7.1.pointwise", [14, 14, 512]),
    ("row7.2.depthwise", [14, 14, 512]),
    ("row7.2.pointwise", [14, 14, 512]),
    ("row7.3.depthwise", [14, 14, 512]),
    ("row7.3.pointwise", [14, 14, 512]),
    ("row7.4.depthwise", [14, 14, 512]),
    ("row7.4.pointwise", [14, 14, 512]),
    ("row7.5.depthwise", [14, 14, 512]),
    ("row7.5.pointwise", [14, 14, 512]),
    ("row8.1.depthwise", [7, 7, 512]),
    ("row8.1.pointwise", [7, 7, 1024]),
    ("row9.1.depthwise", [7, 7, 1024]),
    ("row9.1.pointwise", [7, 7, 1024]),
    ("global_average_pool1", [1, 1, 1024]),
    ("linear1", [1, 1, 1000]),
];

const K3_S1_P1: Window = Window::square(3).stride(1).padding([1, 1, 1, 1]);
const K3_S2_P1: Window = Window::square(3).stride(2).padding([1, 1, 1, 1]);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_6X64: Tile = Tile::new(Avx512Tile::R6x64, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_7X32: Tile = Tile::new(Avx512Tile::R7x32, Avx2Tile::R6x16);
/// Pixels x channels that are held in registers, per instruction set.
const TILE_7X48: Tile = Tile::new(Avx512Tile::R7x48, Avx2Tile::R6x16);

/// Where each map of f32 lies in the arena: `Slot::new(offset in bytes, height, width, channels)`.
/// `.ring(rows, place of row 0)`: it has memory for so many rows, which new ones overwrite in turn.
/// `.strips(rows, more in the first)`: so many are made at once.
mod maps {
    use super::Slot;
    pub(super) const STEM: Slot = Slot::new(1_146_880, 112, 112, 32)
        .ring(12, 5)
        .strips(6, 1);
    pub(super) const STEM_SCRATCH: Slot = Slot::new(1_404_928, 1, 1, 2034);
    pub(super) const ROW1_1_DEPTHWISE: Slot = Slot::new(1_318_912, 112, 112, 32)
        .ring(6, 0)
        .strips(6, 0);
    pub(super) const ROW1_1_POINTWISE: Slot = Slot::new(802_816, 112, 112, 64)
        .ring(12, 0)
        .strips(6, 0);
    pub(super) const ROW2_1_DEPTHWISE: Slot = Slot::new(0, 56, 56, 64).strips(3, 0);
    pub(super) const ROW2_1_POINTWISE: Slot = Slot::new(1_204_224, 56, 56, 128)
        .ring(4, 1)
        .strips(2, 1);
    pub(super) const ROW3_1_DEPTHWISE: Slot = Slot::new(1_433_600, 56, 56, 128)
        .ring(2, 0)
        .strips(2, 0);
    pub(super) const ROW3_1_POINTWISE: Slot = Slot::new(1_318_912, 56, 56, 128)
        .ring(4, 0)
        .strips(2, 0);
    pub(super) const ROW4_1_DEPTHWISE: Slot = Slot::new(802_816, 28, 28, 128)
        .strips(1, 0);
    pub(super) const ROW4_1_POINTWISE: Slot = Slot::new(0, 28, 28, 256);
    pub(super) const ROW5_1_DEPTHWISE: Slot = Slot::new(1_118_208, 28, 28, 256)
        .ring(2, 0)
        .strips(2, 0);
    pub(super) const ROW5_1_POINTWISE: Slot = Slot::new(1_003_520, 28, 28, 256)
        .ring(4, 0)
        .strips(2, 0);
    pub(super) const ROW6_1_DEPTHWISE: Slot = Slot::new(802_816, 14, 14, 256)
        .strips(1, 0);
    pub(super) const ROW6_1_POINTWISE: Slot = Slot::new(0, 14, 14, 512);
    pub(super) const ROW7_1_DEPTHWISE: Slot = Slot::new(401_408, 14, 14, 512);
    pub(super) const ROW7_1_POINTWISE: Slot = Slot::new(0, 14, 14, 512);
    pub(super) const ROW7_2_DEPTHWISE: Slot = Slot::new(401_408, 14, 14, 512);
    pub(super) const ROW7_2_POINTWISE: Slot = Slot::new(0, 14, 14, 512);
    pub(super) const ROW7_3_DEPTHWISE: Slot = Slot::new(401_408, 14, 14, 512);
    pub(super) const ROW7_3_POINTWISE: Slot = Slot::new(0, 14, 14, 512);
    pub(super) const ROW7_4_DEPTHWISE: Slot = Slot::new(401_408, 14, 14, 512);
    pub(super) const ROW7_4_POINTWISE: Slot = Slot::new(0, 14, 14, 512);
    pub(super) const ROW7_5_DEPTHWISE: Slot = Slot::new(401_408, 14, 14, 512);
    pub(super) const ROW7_5_POINTWISE: Slot = Slot::new(0, 14, 14, 512);
    pub(super) const ROW8_1_DEPTHWISE: Slot = Slot::new(401_408, 7, 7, 512);
    pub(super) const ROW8_1_POINTWISE: Slot = Slot::new(0, 7, 7, 1024);
    pub(super) const ROW9_1_DEPTHWISE: Slot = Slot::new(200_704, 7, 7, 1024);
    pub(super) const ROW9_1_POINTWISE: Slot = Slot::new(0, 7, 7, 1024);
    pub(super) const GLOBAL_AVERAGE_POOL1: Slot = Slot::new(200_704, 1, 1, 1024);
}

/// Where each filter lies in the blob: `FilterSlot::new(first panel, panels of bias, panels of weights)`. A panel is
/// 16 f32, one for each of 16 output channels.
mod filters {
    use super::FilterSlot;
    pub(super) const STEM: FilterSlot = FilterSlot::new(0, 2, 54);
    pub(super) const ROW1_1_DEPTHWISE: FilterSlot = FilterSlot::new(56, 2, 18);
    pub(super) const ROW1_1_POINTWISE: FilterSlot = FilterSlot::new(76, 4, 128);
    pub(super) const ROW2_1_DEPTHWISE: FilterSlot = FilterSlot::new(208, 4, 36);
    pub(super) const ROW2_1_POINTWISE: FilterSlot = FilterSlot::new(248, 8, 512);
    pub(super) const ROW3_1_DEPTHWISE: FilterSlot = FilterSlot::new(768, 8, 72);
    pub(super) const ROW3_1_POINTWISE: FilterSlot = FilterSlot::new(848, 8, 1024);
    pub(super) const ROW4_1_DEPTHWISE: FilterSlot = FilterSlot::new(1880, 8, 72);
    pub(super) const ROW4_1_POINTWISE: FilterSlot = FilterSlot::new(1960, 16, 2048);
    pub(super) const ROW5_1_DEPTHWISE: FilterSlot = FilterSlot::new(4024, 16, 144);
    pub(super) const ROW5_1_POINTWISE: FilterSlot = FilterSlot::new(4184, 16, 4096);
    pub(super) const ROW6_1_DEPTHWISE: FilterSlot = FilterSlot::new(8296, 16, 144);
    pub(super) const ROW6_1_POINTWISE: FilterSlot = FilterSlot::new(8456, 32, 8192);
    pub(super) const ROW7_1_DEPTHWISE: FilterSlot = FilterSlot::new(16_680, 32, 288);
    pub(super) const ROW7_1_POINTWISE: FilterSlot = FilterSlot::new(17_000, 32, 16_384);
    pub(super) const ROW7_2_DEPTHWISE: FilterSlot = FilterSlot::new(33_416, 32, 288);
    pub(super) const ROW7_2_POINTWISE: FilterSlot = FilterSlot::new(33_736, 32, 16_384);
    pub(super) const ROW7_3_DEPTHWISE: FilterSlot = FilterSlot::new(50_152, 32, 288);
    pub(super) const ROW7_3_POINTWISE: FilterSlot = FilterSlot::new(50_472, 32, 16_384);
    pub(super) const ROW7_4_DEPTHWISE: FilterSlot = FilterSlot::new(66_888, 32, 288);
    pub(super) const ROW7_4_POINTWISE: FilterSlot = FilterSlot::new(67_208, 32, 16_384);
    pub(super) const ROW7_5_DEPTHWISE: FilterSlot = FilterSlot::new(83_624, 32, 288);
    pub(super) const ROW7_5_POINTWISE: FilterSlot = FilterSlot::new(83_944, 32, 16_384);
    pub(super) const ROW8_1_DEPTHWISE: FilterSlot = FilterSlot::new(100_360, 32, 288);
    pub(super) const ROW8_1_POINTWISE: FilterSlot = FilterSlot::new(100_680, 64, 32_768);
    pub(super) const ROW9_1_DEPTHWISE: FilterSlot = FilterSlot::new(133_512, 64, 576);
    pub(super) const ROW9_1_POINTWISE: FilterSlot = FilterSlot::new(134_152, 64, 65_536);
    pub(super) const LINEAR1: FilterSlot = FilterSlot::new(199_752, 63, 64_512);
}

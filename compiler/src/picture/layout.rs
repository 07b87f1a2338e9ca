//! Where everything of the SVG stands.
//!
//! In: a plan's blocks. Out: a [`Scene`] of boxes, outlines, arcs and axes, in pixels of a picture 1000 wide. Never:
//! writes text, knows a colour. Only arithmetic that is the same on every machine: no logarithm or power of the
//! platform's library.

use super::axis::Axis;
use super::blocks::{Block, IN_BLOCK, Jump, Kind, Layer};
use crate::shape::Shape;

/// Width of the picture.
pub(super) const WIDTH: f64 = 1000.0;
/// Left and right of what is drawn.
pub(super) const MARGIN: f64 = 28.0;
/// The middle of the funnel.
pub(super) const FUNNEL: f64 = 150.0;
/// Where the shapes stand.
pub(super) const SHAPES: f64 = 530.0;
/// Where the first block begins.
pub(super) const TOP: f64 = 136.0;
/// From one block to the next.
pub(super) const PITCH: f64 = 38.0;

const FUNNEL_WIDTH: f64 = 100.0;
const SHOULDER: f64 = 9.0;
const LAYERS: [f64; 2] = [232.0, 516.0];
const ALONE: [f64; 2] = [268.0, 480.0];
const GAP: f64 = 4.0;
const LAYER_HEIGHT: [f64; 2] = [12.0, 34.0];
const MACS: [f64; 2] = [630.0, 744.0];
const BYTES: [f64; 2] = [806.0, 898.0];
/// A sum's ring touches the funnel, so that the block's number stays free.
const RING: f64 = 4.0;
const FOOT: f64 = 78.0;

/// Layers of fewer channels than these are drawn as if they had so many.
const FEW: usize = 8;

/// All boxes and lines of a picture.
pub(super) struct Scene {
    pub(super) height: f64,
    pub(super) bottom: f64,
    pub(super) columns: Vec<Column>,
    pub(super) stages: Vec<Stage>,
    pub(super) lines: Vec<Line>,
    pub(super) arcs: Vec<Arc>,
    pub(super) macs: Axis,
    pub(super) bytes: Axis,
}

/// The column of one kind of layer.
pub(super) struct Column {
    pub(super) kind: Kind,
    /// What all its layers are called, if they are called one thing.
    pub(super) role: Option<String>,
    pub(super) from: f64,
    pub(super) to: f64,
}

/// Blocks that make maps of one size.
pub(super) struct Stage {
    pub(super) top: f64,
    pub(super) bottom: f64,
    /// Height and width of the maps.
    pub(super) size: [usize; 2],
}

/// A block's line in the picture.
pub(super) struct Line {
    pub(super) middle: f64,
    /// Outline of its piece of the funnel.
    pub(super) funnel: Vec<Point>,
    pub(super) layers: Vec<LayerBox>,
    /// Where its layers begin and end.
    pub(super) ends: [f64; 2],
    /// Its multiply-adds by kind of layer, one bar after the other.
    pub(super) macs: Vec<Bar>,
    pub(super) weights: Bar,
    pub(super) arena: Bar,
}

/// A layer's outline, and the middle of its text.
pub(super) struct LayerBox {
    /// Which of the block's layers it is.
    pub(super) layer: usize,
    pub(super) middle: f64,
    pub(super) outline: Vec<Point>,
}

/// A piece of a bar.
pub(super) struct Bar {
    pub(super) kind: Kind,
    pub(super) from: f64,
    pub(super) to: f64,
}

/// A map that jumps over blocks: from a point down to another, round a third.
pub(super) struct Arc {
    pub(super) from: Point,
    pub(super) to: Point,
    pub(super) bulge: f64,
    pub(super) is_skip: bool,
}

/// Across and down.
pub(super) type Point = [f64; 2];

/// The picture of blocks and the maps that jump over them.
pub(super) fn scene(blocks: &[Block], jumps: &[Jump]) -> Scene {
    let columns = columns(blocks);
    let scale = Scale::of(blocks);
    let most = |f: &dyn Fn(&Block) -> u64| blocks.iter().map(f).max().unwrap_or(0);
    let macs = Axis::new(MACS, most(&macs));
    let bytes = Axis::new(BYTES, most(&|b| b.weight_bytes.max(b.arena_bytes)));
    let line = |(place, block)| Line::new(place, block, &columns, &scale, [&macs, &bytes]);
    let lines = blocks.iter().enumerate().map(line).collect();
    let bottom = TOP + blocks.len() as f64 * PITCH;
    Scene {
        height: bottom + FOOT,
        bottom,
        lines,
        arcs: jumps.iter().map(|j| scale.arc(j, blocks)).collect(),
        stages: stages(blocks),
        columns,
        macs,
        bytes,
    }
}

fn macs(block: &Block) -> u64 {
    block.layers.iter().map(|l| l.macs).sum()
}

/// A column for each kind that some block has in its place; all are equally wide.
fn columns(blocks: &[Block]) -> Vec<Column> {
    let regular = || blocks.iter().filter_map(in_columns).flatten();
    let used: Vec<Kind> = IN_BLOCK
        .into_iter()
        .filter(|kind| regular().any(|l| l.1 == *kind))
        .collect();
    let spans = divided(LAYERS, used.len());
    used.into_iter()
        .zip(spans)
        .map(|(kind, [from, to])| Column {
            kind,
            role: common_role(blocks, kind),
            from,
            to,
        })
        .collect()
}

fn common_role(blocks: &[Block], kind: Kind) -> Option<String> {
    let layers = || blocks.iter().flat_map(|b| &b.layers);
    let mut roles = layers().filter(|l| l.kind == kind).map(|l| &l.role);
    let first = roles.next()?;
    roles.all(|role| role == first).then(|| first.clone())
}

/// `parts` equal spans with gaps between them.
fn divided([from, to]: [f64; 2], parts: usize) -> Vec<[f64; 2]> {
    let width = (to - from + GAP) / parts.max(1) as f64;
    let start = |part: usize| from + part as f64 * width;
    (0..parts)
        .map(|part| [start(part), start(part + 1) - GAP])
        .collect()
}

/// The layers of a block by kind, when they come in the order of the columns, each at most once; else nothing. A block
/// of one layer stands alone.
fn in_columns(block: &Block) -> Option<Vec<(usize, Kind)>> {
    let layers = drawn(block);
    let in_order = layers.is_sorted_by(|a, b| a.1 < b.1);
    let known = layers.iter().all(|(_, kind)| IN_BLOCK.contains(kind));
    (layers.len() > 1 && in_order && known).then_some(layers)
}

/// The layers that are drawn as boxes.
fn drawn(block: &Block) -> Vec<(usize, Kind)> {
    let layers = block.layers.iter().enumerate();
    layers
        .filter(|(_, l)| !l.is_sum)
        .map(|(place, l)| (place, l.kind))
        .collect()
}

fn stages(blocks: &[Block]) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for (place, block) in blocks.iter().enumerate() {
        let (size, bottom) = ([block.output.h, block.output.w], top(place + 1));
        match stages.last_mut() {
            Some(stage) if stage.size == size => stage.bottom = bottom,
            _ => stages.push(Stage {
                top: top(place),
                bottom,
                size,
            }),
        }
    }
    stages
}

fn top(place: usize) -> f64 {
    TOP + place as f64 * PITCH
}

impl Line {
    fn new(
        place: usize,
        block: &Block,
        columns: &[Column],
        scale: &Scale,
        [macs, bytes]: [&Axis; 2],
    ) -> Self {
        let (top, middle) = (top(place), top(place) + PITCH / 2.0);
        let layers = layer_boxes(block, columns, scale, middle);
        let ends = [&layers[0], &layers[layers.len() - 1]];
        let bar = |axis: &Axis, n| Bar {
            kind: Kind::Plain,
            from: axis.from,
            to: axis.at(n),
        };
        Self {
            middle,
            funnel: scale.funnel(block, top),
            ends: [ends[0].outline[0][0], ends[1].outline[1][0]],
            layers,
            macs: macs_bars(block, macs),
            weights: bar(bytes, block.weight_bytes),
            arena: bar(bytes, block.arena_bytes),
        }
    }
}

fn layer_boxes(block: &Block, columns: &[Column], scale: &Scale, middle: f64) -> Vec<LayerBox> {
    let span = |kind| columns.iter().find(|c| c.kind == kind);
    let spans: Vec<(usize, [f64; 2])> = match in_columns(block) {
        Some(layers) => layers
            .into_iter()
            .filter_map(|(layer, kind)| span(kind).map(|c| (layer, [c.from, c.to])))
            .collect(),
        None => {
            let layers = drawn(block);
            let room = if layers.len() == 1 { ALONE } else { LAYERS };
            let spans = divided(room, layers.len());
            layers.into_iter().map(|l| l.0).zip(spans).collect()
        }
    };
    spans
        .into_iter()
        .map(|(layer, span)| scale.layer(layer, &block.layers[layer], span, middle))
        .collect()
}

fn macs_bars(block: &Block, axis: &Axis) -> Vec<Bar> {
    let mut before = 0;
    let bars = block.layers.iter().map(|layer| {
        let from = axis.at(before);
        before += layer.macs;
        let to = axis.at(before);
        Bar {
            kind: layer.kind,
            from,
            to,
        }
    });
    bars.filter(|bar| bar.to > bar.from).collect()
}

/// What lengths of the network become in pixels.
struct Scale {
    /// Height of the greatest map.
    most_pixels: usize,
    /// Logarithms of the fewest channels made, not less than [`FEW`], and of the most.
    channels: [f64; 2],
}

impl Scale {
    fn of(blocks: &[Block]) -> Self {
        let pixels = blocks.iter().map(|b| b.input.h.max(b.output.h));
        let layers = || blocks.iter().flat_map(|b| &b.layers);
        let made = || layers().map(|l| l.channels[1].max(FEW));
        Self {
            most_pixels: pixels.max().unwrap_or(1),
            channels: [made().min(), made().max()].map(|c| log2(c.unwrap_or(1))),
        }
    }

    /// Width of the funnel at a map: the square root of the map's height, so that the small maps can be seen.
    fn width(&self, map: Shape) -> f64 {
        FUNNEL_WIDTH * (map.h as f64 / self.most_pixels as f64).sqrt()
    }

    /// A piece of the funnel: as wide as the input above, with shoulders down to the width of the output.
    fn funnel(&self, block: &Block, top: f64) -> Vec<Point> {
        let [above, below] = [block.input, block.output].map(|map| self.width(map) / 2.0);
        let heights = [(top, above), (top + SHOULDER, below), (top + PITCH, below)];
        let right = heights.map(|(y, half)| [FUNNEL + half, y]);
        let left = heights.map(|(y, half)| [FUNNEL - half, y]);
        right.into_iter().chain(left.into_iter().rev()).collect()
    }

    /// Height of a layer at its many channels: their logarithm.
    fn height(&self, channels: usize) -> f64 {
        let ([least, most], [low, high]) = (self.channels, LAYER_HEIGHT);
        let part = (log2(channels) - least).max(0.0) / (most - least).max(1.0);
        low + part * (high - low)
    }

    /// A layer's outline: left as high as its channels in, right as its channels out. Only pointwise layers slope.
    fn layer(&self, place: usize, layer: &Layer, [from, to]: [f64; 2], middle: f64) -> LayerBox {
        let [left, right] = layer.channels.map(|c| self.height(c) / 2.0);
        LayerBox {
            layer: place,
            middle: (from + to) / 2.0,
            outline: vec![
                [from, middle - left],
                [to, middle - right],
                [to, middle + right],
                [from, middle + left],
            ],
        }
    }

    /// From below the block that makes the map to the foot of the one that adds it, or the head of one that reads it.
    fn arc(&self, jump: &Jump, blocks: &[Block]) -> Arc {
        let (made, start) = match jump.from {
            Some(from) => (blocks[from].output, top(from + 1)),
            None => (blocks[0].input, top(0)),
        };
        let end = if jump.is_skip {
            top(jump.to + 1) - 7.0
        } else {
            top(jump.to) + SHOULDER + 4.0
        };
        let read = blocks[jump.to].output;
        let edge = |map: Shape| FUNNEL + self.width(map) / 2.0;
        let (from, to) = ([edge(made), start + 3.0], [edge(read) + RING, end]);
        let span = ((end - start) / PITCH).max(1.0);
        Arc {
            from,
            to,
            bulge: (from[0].max(to[0]) + 16.0 + 6.0 * span).min(LAYERS[0] - 8.0),
            is_skip: jump.is_skip,
        }
    }
}

/// The logarithm to base 2, straight between powers of two: exact there, and the same on every machine.
fn log2(n: usize) -> f64 {
    let whole = n.max(1).ilog2();
    f64::from(whole) + n.max(1) as f64 / (1_u64 << whole) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_exact_at_powers_of_two() {
        assert_eq!([1, 2, 3, 4, 1024].map(log2), [0.0, 1.0, 1.5, 2.0, 10.0]);
    }

    #[test]
    fn spans_fill_the_room_but_for_gaps() {
        assert_eq!(divided([0.0, 100.0], 1), [[0.0, 100.0]]);
        assert_eq!(divided([0.0, 100.0], 2), [[0.0, 48.0], [52.0, 100.0]]);
    }

    /// A block of layers of these kinds, as wide as this each.
    fn block(layers: &[(Kind, usize)]) -> Block {
        let layer = |&(kind, channels): &(Kind, usize)| Layer {
            kind,
            role: "layer".into(),
            long: String::new(),
            short: String::new(),
            channels: [channels; 2],
            macs: 10,
            is_sum: false,
        };
        Block {
            steps: 0..layers.len(),
            number: String::new(),
            layers: layers.iter().map(layer).collect(),
            input: Shape::new(16, 16, 8),
            output: Shape::new(4, 4, 8),
            activation: String::new(),
            outputs: String::new(),
            weight_bytes: 0,
            arena_bytes: 0,
            is_peak: false,
            tooltip: String::new(),
        }
    }

    fn froms(line: &Line) -> Vec<f64> {
        line.layers.iter().map(|l| l.outline[0][0]).collect()
    }

    #[test]
    fn layers_stand_in_columns_if_they_come_in_their_order() {
        use Kind::{Depthwise, Expansion, Projection};
        let regular = block(&[(Expansion, 8), (Depthwise, 8), (Projection, 8)]);
        let short = block(&[(Depthwise, 8), (Projection, 8)]);
        let twice = block(&[(Depthwise, 8), (Depthwise, 8)]);
        let alone = block(&[(Depthwise, 8)]);
        let scene = scene(&[regular, short, twice, alone], &[]);
        let columns: Vec<_> = scene.columns.iter().map(|c| c.from).collect();
        assert_eq!(columns, [232.0, 328.0, 424.0]);
        let lines: Vec<_> = scene.lines.iter().map(froms).collect();
        let expected = [
            vec![232.0, 328.0, 424.0],
            vec![328.0, 424.0],
            vec![232.0, 376.0],
            vec![268.0],
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn few_channels_are_low_and_many_are_high() {
        let blocks = [8, 128, 3].map(|c| block(&[(Kind::Convolution, c)]));
        let scene = scene(&blocks, &[]);
        let height = |line: &Line| line.layers[0].outline[3][1] - line.layers[0].outline[0][1];
        let heights: Vec<_> = scene.lines.iter().map(height).collect();
        assert_eq!(heights, [12.0, 34.0, 12.0]);
    }

    #[test]
    fn the_funnel_halves_where_the_map_quarters() {
        let blocks = [block(&[(Kind::Plain, 8)])];
        let scene = scene(&blocks, &[]);
        let expected = [
            [200.0, TOP],
            [175.0, TOP + SHOULDER],
            [175.0, TOP + PITCH],
            [125.0, TOP + PITCH],
            [125.0, TOP + SHOULDER],
            [100.0, TOP],
        ];
        assert_eq!(scene.lines[0].funnel, expected);
    }

    #[test]
    fn bars_of_layers_follow_each_other() {
        let blocks = [block(&[(Kind::Expansion, 8), (Kind::Projection, 8)])];
        let scene = scene(&blocks, &[]);
        let bars = scene.lines[0].macs.iter().map(|b| [b.from, b.to]);
        let middle = (MACS[0] + MACS[1]) / 2.0;
        let expected = [[MACS[0], middle], [middle, MACS[1]]];
        assert_eq!(bars.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn arcs_end_at_the_foot_of_a_sum_and_at_the_head_of_a_reader() {
        let blocks = [0; 3].map(|_| block(&[(Kind::Plain, 8)]));
        let jump = |is_skip| Jump {
            from: Some(0),
            to: 2,
            is_skip,
        };
        let scene = scene(&blocks, &[jump(true), jump(false)]);
        let ends: Vec<_> = scene.arcs.iter().map(|a| (a.from, a.to)).collect();
        let from = [175.0, TOP + PITCH + 3.0];
        let sum = [179.0, TOP + 3.0 * PITCH - 7.0];
        let reader = [179.0, TOP + 2.0 * PITCH + SHOULDER + 4.0];
        assert_eq!(ends, [(from, sum), (from, reader)]);
    }
}

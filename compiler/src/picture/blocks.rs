//! What there is to see of a network: its blocks, their layers, what they cost, who feeds whom.
//!
//! In: a plan. Out: blocks with their words and numbers. Never: knows a coordinate or a colour.

use super::flow;
use crate::emit::describe;
use crate::graph::Activation;
use crate::number::thousands;
use crate::plan::{Kernel, Plan, Step, Storage, cost};
use crate::shape::{Shape, Window};
use crate::summary::{live_bytes, peak};
use std::ops::Range;

/// What a layer is in its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A pointwise convolution before the block's depthwise one.
    Expansion,
    /// A depthwise convolution.
    Depthwise,
    /// Squeeze-and-excite.
    SqueezeExcite,
    /// A pointwise convolution after the block's depthwise one.
    Projection,
    /// A convolution that belongs to no block of this form.
    Convolution,
    /// A linear layer.
    Linear,
    /// Whatever has no weights.
    Plain,
}

/// The kinds a block of a MobileNet is made of, in their order.
pub(super) const IN_BLOCK: [Kind; 4] = [
    Kind::Expansion,
    Kind::Depthwise,
    Kind::SqueezeExcite,
    Kind::Projection,
];

/// A step, as it is drawn.
pub(super) struct Layer {
    pub(super) kind: Kind,
    /// What its origin calls it.
    pub(super) role: String,
    /// What stands in it when it stands alone: `convolution 3×3 ↓2 · 16`.
    pub(super) long: String,
    /// What stands in it below a title that says its kind: `3×3 ↓2`, `64`.
    pub(super) short: String,
    /// Channels in and out; they make its outline.
    pub(super) channels: [usize; 2],
    pub(super) macs: u64,
    /// A sum is drawn where the skip ends, not as a layer.
    pub(super) is_sum: bool,
}

/// The steps of one repeat of a row, or one step outside tables.
pub(super) struct Block {
    /// Its steps in the plan.
    pub(super) steps: Range<usize>,
    /// Number of its row, and of the repeat where the row has several: `3`, `3.2`; empty outside tables.
    pub(super) number: String,
    pub(super) layers: Vec<Layer>,
    pub(super) input: Shape,
    pub(super) output: Shape,
    /// Its activations, each once: `relu6`.
    pub(super) activation: String,
    /// The outputs it makes: `c5`.
    pub(super) outputs: String,
    pub(super) weight_bytes: u64,
    /// Bytes of the arena that are alive at its fullest step.
    pub(super) arena_bytes: u64,
    /// Whether the arena is nowhere fuller.
    pub(super) is_peak: bool,
    /// All of this in words.
    pub(super) tooltip: String,
}

/// A map that is read further down than by the next block, or added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Jump {
    /// The block that makes it; nothing for the network's input.
    pub(super) from: Option<usize>,
    /// The block that reads it.
    pub(super) to: usize,
    /// Whether it is added there.
    pub(super) is_skip: bool,
}

/// The blocks of a plan, in order.
pub(super) fn of(plan: &Plan) -> Vec<Block> {
    let mut first = 0;
    let blocks = plan.steps.chunk_by(same_block).map(|steps| {
        let range = first..first + steps.len();
        first = range.end;
        block(plan, range)
    });
    blocks.collect()
}

/// Maps that jump over a block.
pub(super) fn jumps(plan: &Plan, blocks: &[Block]) -> Vec<Jump> {
    let block_of = |step: usize| blocks.partition_point(|b| b.steps.end <= step);
    let jump = |edge: &flow::Edge| Jump {
        from: edge.from.map(block_of),
        to: block_of(edge.to),
        is_skip: edge.is_skip,
    };
    let is_jump = |j: &Jump| {
        let next = j.from.map_or(0, |from| from + 1);
        j.from != Some(j.to) && (j.is_skip || j.to > next)
    };
    let mut jumps: Vec<_> = flow::edges(plan).iter().map(jump).filter(is_jump).collect();
    jumps.dedup();
    jumps
}

fn same_block(a: &Step, b: &Step) -> bool {
    let block = describe::block(&a.origin);
    block.is_some() && block == describe::block(&b.origin)
}

fn block(plan: &Plan, range: Range<usize>) -> Block {
    let steps = &plan.steps[range.clone()];
    let arena_bytes = range.clone().map(|step| live_bytes(plan, step)).max();
    Block {
        number: number(&steps[0]),
        layers: layers(plan, steps),
        input: steps[0].input_shape,
        output: plan.map(steps[steps.len() - 1].output).shape,
        activation: activation(steps),
        outputs: outputs(plan, steps),
        weight_bytes: steps.iter().map(|s| cost::of(plan, s).weight_bytes).sum(),
        arena_bytes: arena_bytes.unwrap_or(0),
        is_peak: peak(plan).is_some_and(|(step, _)| range.contains(&step)),
        tooltip: tooltip(plan, steps),
        steps: range,
    }
}

fn number(step: &Step) -> String {
    match &step.origin.row {
        Some(row) if row.repeats > 1 => format!("{}.{}", row.number, row.repeat),
        Some(row) => row.number.to_string(),
        None => String::new(),
    }
}

fn layers(plan: &Plan, steps: &[Step]) -> Vec<Layer> {
    let is_depthwise = |s: &Step| matches!(s.kernel, Kernel::Depthwise { .. });
    let depthwise = steps.iter().position(is_depthwise);
    let layer = |(place, step): (usize, &Step)| {
        let output = plan.map(step.output).shape;
        let made = made(plan, step);
        Layer {
            kind: kind(step, depthwise.map(|d| place < d)),
            role: step.origin.role.clone(),
            long: long(step, made),
            short: step.kernel.window().map_or(made.to_string(), geometry),
            channels: [step.input_shape.c, output.c],
            macs: cost::of(plan, step).macs,
            is_sum: step.kernel == Kernel::Add && steps.len() > 1,
        }
    };
    steps.iter().enumerate().map(layer).collect()
}

/// `before`: whether the step comes before its block's depthwise convolution; nothing when the block has none.
fn kind(step: &Step, before: Option<bool>) -> Kind {
    match (&step.kernel, before) {
        (Kernel::Pointwise { .. } | Kernel::Linear { .. }, Some(true)) => Kind::Expansion,
        (Kernel::Pointwise { .. } | Kernel::Linear { .. }, Some(false)) => Kind::Projection,
        (Kernel::Pointwise { .. } | Kernel::Conv { .. }, _) => Kind::Convolution,
        (Kernel::Depthwise { .. }, _) => Kind::Depthwise,
        (Kernel::SqueezeExcite { .. }, _) => Kind::SqueezeExcite,
        (Kernel::Linear { .. }, None) => Kind::Linear,
        (
            Kernel::Normalise
            | Kernel::GlobalAveragePool
            | Kernel::AveragePool { .. }
            | Kernel::MaxPool { .. }
            | Kernel::Add
            | Kernel::Activation
            | Kernel::Softmax
            | Kernel::Flatten
            | Kernel::Copy,
            _,
        ) => Kind::Plain,
    }
}

/// Channels a layer makes; those between the two layers of a squeeze-and-excite.
fn made(plan: &Plan, step: &Step) -> usize {
    if let Kernel::SqueezeExcite { reduce, .. } = step.kernel {
        return plan.filter(reduce).kind.outputs();
    }
    plan.map(step.output).shape.c
}

fn long(step: &Step, made: usize) -> String {
    let name = match step.kernel {
        Kernel::Conv { .. } => "convolution",
        Kernel::Pointwise { .. } => "convolution 1×1",
        Kernel::SqueezeExcite { .. } => "squeeze-and-excite",
        Kernel::GlobalAveragePool => "global average pool",
        Kernel::AveragePool { .. } => "average pool",
        Kernel::MaxPool { .. } => "max pool",
        Kernel::Activation => step.activation.name(),
        Kernel::Depthwise { .. }
        | Kernel::Linear { .. }
        | Kernel::Normalise
        | Kernel::Add
        | Kernel::Softmax
        | Kernel::Flatten
        | Kernel::Copy => step.kernel.name(),
    };
    let geometry = step.kernel.window().map(geometry);
    let made = (!step.kernel.filters().is_empty()).then(|| format!("· {made}"));
    let words = [Some(name.to_owned()), geometry, made];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// `5×5 ↓2`: the kernel, the stride, the dilation as `d2`.
fn geometry(window: Window) -> String {
    let pair = |sign: &str, [h, w]: [usize; 2]| match h == w {
        _ if [h, w] == [1, 1] => String::new(),
        true => format!(" {sign}{h}"),
        false => format!(" {sign}{h}×{w}"),
    };
    let [kh, kw] = window.kernel;
    let (stride, dilation) = (pair("↓", window.stride), pair("d", window.dilation));
    format!("{kh}×{kw}{stride}{dilation}")
}

/// A block's activations, each once; `inside` where what it makes has none, as behind a linear projection.
fn activation(steps: &[Step]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for activation in steps
        .iter()
        .map(|s| s.activation)
        .filter(|a| *a != Activation::Identity)
    {
        if !names.contains(&activation.name()) {
            names.push(activation.name());
        }
    }
    let linear = steps
        .last()
        .is_some_and(|s| s.activation == Activation::Identity);
    let inside = if linear && !names.is_empty() {
        " inside"
    } else {
        ""
    };
    names.join(", ") + inside
}

fn outputs(plan: &Plan, steps: &[Step]) -> String {
    let outputs = steps
        .iter()
        .filter_map(|s| match plan.map(s.output).storage {
            Storage::Output(number) => Some(plan.outputs[number].name.as_str()),
            Storage::Input | Storage::Buffer(_) => None,
        });
    outputs.collect::<Vec<_>>().join(", ")
}

fn tooltip(plan: &Plan, steps: &[Step]) -> String {
    let costs = steps.iter().map(|s| cost::of(plan, s));
    let (macs, params, bytes) = costs.fold((0, 0, 0), |(m, p, b), c| {
        (m + c.macs, p + c.params, b + c.weight_bytes)
    });
    let [macs, params, bytes] = [macs, params, bytes].map(thousands);
    let totals = format!("{macs} MACs, {params} parameters, {bytes} bytes of weights");
    let row = steps[0].origin.row.as_ref();
    let row = row.map(|row| format!("{} ({})", row.table, row.text));
    let layers = steps.iter().map(|s| describe::step(plan, s));
    row.into_iter()
        .chain(layers)
        .chain([totals])
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Padding;
    use crate::summary::sample;

    #[test]
    fn the_blocks_of_the_sample() {
        let plan = sample::plan();
        let blocks = of(&plan);
        let line = |b: &Block| {
            let layers = b.layers.iter();
            let layers: Vec<_> = layers
                .map(|l| format!("{:?} {}", l.kind, l.short))
                .collect();
            let peak = if b.is_peak { " peak" } else { "" };
            format!(
                "[{}] {} -> {} {} {}: {}{peak}",
                b.number,
                b.input,
                b.output,
                b.activation,
                b.outputs,
                layers.join(", ")
            )
        };
        let lines: Vec<_> = blocks.iter().map(line).collect();
        let expected = [
            "[] 32x32x3 -> 16x16x16 hard_swish : Convolution 3×3 ↓2",
            "[1] 16x16x16 -> 16x16x16 hard_swish inside : Expansion 32, Depthwise 3×3, SqueezeExcite 8, Projection 16 peak",
            "[2] 16x16x16 -> 8x8x16 hard_swish inside : Expansion 48, Depthwise 3×3 ↓2, Projection 16",
            "[] 8x8x16 -> 1x1x16  : Plain 16",
            "[] 1x1x16 -> 1x1x10  logits: Linear 10",
        ];
        assert_eq!(lines, expected);
        let skip = Jump {
            from: Some(0),
            to: 1,
            is_skip: true,
        };
        assert_eq!(jumps(&plan, &blocks), [skip]);
    }

    #[test]
    fn a_window_says_what_is_not_one() {
        let window = |k, s, d| geometry(Window::square(k, s, d, Padding::NONE));
        let texts = [window(3, 1, 1), window(5, 2, 1), window(3, 1, 2)];
        assert_eq!(texts, ["3×3", "5×5 ↓2", "3×3 d2"]);
        let uneven = Window {
            kernel: [1, 3],
            stride: [1, 2],
            dilation: [1, 1],
            padding: Padding::NONE,
        };
        assert_eq!(geometry(uneven), "1×3 ↓1×2");
    }
}

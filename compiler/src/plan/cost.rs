//! Counts what a step and a network cost: parameters, multiply-adds, bytes.
//!
//! In: a plan. Out: numbers. Never: knows time; a machine is measured, not modelled.
//!
//! Parameters are what PyTorch's `parameters()` would count: weights, biases, and the scale and shift of a batch norm.
//! Multiply-adds are those of convolutions and linear layers, taps on padding included, as is usual.

use super::{Filter, FilterKind, Kernel, MapId, Plan, Step, Storage};
use crate::shape::Element;

/// What one step, or a whole network, costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Parameters.
    pub params: u64,
    /// Multiply-adds.
    pub macs: u64,
    /// Bytes of packed weights and biases, padding included, header excluded.
    pub weight_bytes: u64,
    /// Bytes of the maps that are read, and of what a map held that is worked on in place.
    pub read_bytes: u64,
    /// Bytes of the map that is made.
    pub output_bytes: u64,
}

/// What `step` costs.
pub fn of(plan: &Plan, step: &Step) -> Cost {
    let output = plan.map(step.output).shape;
    let in_place = step.overwrites.is_some().then_some(step.output);
    let read_bytes = |map: MapId| {
        let map = plan.map(map);
        let element = match (map.storage, plan.input.element) {
            (Storage::Input, Element::U8) => 1,
            _ => 4,
        };
        map.shape.len() as u64 * element
    };
    let mut cost = Cost {
        read_bytes: step.reads().chain(in_place).map(read_bytes).sum(),
        output_bytes: output.len() as u64 * 4,
        ..Cost::default()
    };
    for filter in step.kernel.filters().into_iter().map(|id| plan.filter(id)) {
        // The layers of a squeeze-and-excite and linear layers run once, all others at every output pixel.
        let once = matches!(step.kernel, Kernel::SqueezeExcite { .. });
        let runs = if once { 1 } else { output.pixels() as u64 };
        cost.params += params(filter);
        cost.macs += weights(filter) * runs;
        cost.weight_bytes += (filter.bias_panels + filter.panels) as u64 * 64;
    }
    cost
}

/// What the whole network costs; its output bytes are those of all maps together.
pub fn total(plan: &Plan) -> Cost {
    plan.steps
        .iter()
        .map(|s| of(plan, s))
        .fold(Cost::default(), |a, b| Cost {
            params: a.params + b.params,
            macs: a.macs + b.macs,
            weight_bytes: a.weight_bytes + b.weight_bytes,
            read_bytes: a.read_bytes + b.read_bytes,
            output_bytes: a.output_bytes + b.output_bytes,
        })
}

fn params(filter: &Filter) -> u64 {
    let per_channel = u64::from(filter.bias) + 2 * u64::from(filter.norm.is_some());
    weights(filter) + per_channel * filter.kind.outputs() as u64
}

fn weights(filter: &Filter) -> u64 {
    filter.kind.outputs() as u64 * filter.kind.fan_in() as u64
}

impl FilterKind {
    /// Channels made.
    pub const fn outputs(self) -> usize {
        match self {
            Self::Pointwise { outputs, .. }
            | Self::OnePixel { outputs, .. }
            | Self::OnePixelF24 { outputs, .. }
            | Self::PointwiseSplit { outputs, .. }
            | Self::Linear { outputs, .. }
            | Self::LinearF24 { outputs, .. }
            | Self::Conv { outputs, .. } => outputs,
            Self::Depthwise { channels, .. } => channels,
        }
    }

    /// Weights per channel made.
    pub const fn fan_in(self) -> usize {
        match self {
            Self::Pointwise { inputs, .. }
            | Self::OnePixel { inputs, .. }
            | Self::OnePixelF24 { inputs, .. }
            | Self::PointwiseSplit { inputs, .. } => inputs,
            Self::Linear { input, .. } | Self::LinearF24 { input, .. } => input.len(),
            Self::Conv {
                inputs,
                groups,
                kernel,
                ..
            } => inputs / groups * kernel[0] * kernel[1],
            Self::Depthwise { kernel, .. } => kernel[0] * kernel[1],
        }
    }

    /// The shape of the weight tensor as PyTorch has it: (O, I / groups, kh, kw), or (out, in) of a linear layer.
    pub fn tensor_shape(self) -> Vec<usize> {
        match self {
            Self::Pointwise { inputs, outputs }
            | Self::OnePixel { inputs, outputs }
            | Self::OnePixelF24 { inputs, outputs }
            | Self::PointwiseSplit { inputs, outputs } => {
                vec![outputs, inputs, 1, 1]
            }
            Self::Linear { input, outputs } | Self::LinearF24 { input, outputs } => {
                vec![outputs, input.len()]
            }
            Self::Depthwise {
                channels,
                kernel: [kh, kw],
            } => vec![channels, 1, kh, kw],
            Self::Conv {
                inputs,
                outputs,
                groups,
                kernel: [kh, kw],
            } => {
                vec![outputs, inputs / groups, kh, kw]
            }
        }
    }
}

//! Spares squeeze-and-excites a pass over their map: the gates scale the weights of the convolution that reads it.
//!
//! In: a plan without strips, whose arena is not laid out yet. Out: the same with kernels changed, and buffers for what
//! passes between them. Never: changes what is computed, but for rounding.
//!
//! ```text
//!   se         map *= gates(map)           se         weights times gates(map)
//!   project    weights, map                project    scaled weights, map
//! ```
//! The weights come from memory, the map from the cache: where they are not much less than the map, it is scaled as it was.
//! So it is where it stays in a first-level cache, since memory would be spent for nothing.

use super::memory::Live;
use super::{
    Excitation, FilterId, FilterKind, Kernel, Map, MapId, PANEL_BYTES, Plan, Precision, Skip,
    Storage,
};
use crate::graph::Activation;
use crate::shape::{Element, Shape};
use mnetc_runtime::pack;
use std::ops::RangeInclusive;

/// Bytes of a map that stay in a first-level cache.
const NEAR_BYTES: usize = 32 * 1024;

/// How often the weights must fit into the map. (With weights of half a map V3-Large gained nothing.)
const LESS: usize = 3;

/// Changes every squeeze-and-excite of `plan` that it can, and that gains from it.
pub(super) fn fuse(plan: &mut Plan) {
    for se in 0..plan.steps.len() {
        if let Some((reader, filter)) = plan.sole_reader(se) {
            plan.scale_filter(se, reader, filter);
        }
    }
}

impl Plan {
    /// The pointwise convolution that alone reads what squeeze-and-excite `se` makes in place, and its filter,
    /// if scaling that takes less.
    fn sole_reader(&self, se: usize) -> Option<(usize, FilterId)> {
        let step = &self.steps[se];
        let Kernel::SqueezeExcite { .. } = step.kernel else {
            return None;
        };
        step.overwrites?;
        let reader = self.steps.iter().position(|s| s.inputs == [step.output])?;
        let Kernel::Pointwise { filter, skip, .. } = self.steps[reader].kernel else {
            return None;
        };
        let read = self.steps.iter();
        let read = read.flat_map(|s| s.reads().chain(s.overwrites));
        let is_inside = matches!(self.map(step.output).storage, Storage::Buffer(_));
        let is_alone = is_inside && read.filter(|map| *map == step.output).count() == 1;
        let is_skip = skip == Skip::Map(step.output);
        let shape = step.input_shape;
        let map = shape.pixels() * pack::bias_panels(shape.c);
        let weights = self.filter(filter).panels;
        let gains = LESS * weights < map && map * PANEL_BYTES > NEAR_BYTES;
        let plain = step.activation == Activation::Identity;
        (is_alone && !is_skip && plain && gains).then_some((reader, filter))
    }

    /// Lets `se` scale the filter of `reader` in place of the map, and `reader` read both.
    fn scale_filter(&mut self, se: usize, reader: usize, filter: FilterId) {
        let panels = self.filter(filter).panels;
        let (inputs, precision, together) = match self.filter(filter).kind {
            FilterKind::Pointwise { inputs, .. } => (inputs, Precision::F32, 1),
            FilterKind::PointwiseSplit { inputs, .. } => {
                (inputs, Precision::Bf16x3, pack::SPLIT_INPUTS)
            }
            other => unreachable!("{other:?} is no pointwise layer's"),
        };
        let Some(map) = self.steps[se].overwrites.take() else {
            return;
        };
        let shape = Shape {
            h: panels / together,
            w: 1,
            c: pack::LANES * together,
        };
        let name = format!("{}.scaled", self.steps[reader].origin.name);
        let storage = self.new_buffer(shape, se..=reader);
        let scaled = MapId(self.maps.len() as u32);
        self.maps.push(Map {
            name,
            shape,
            storage,
            ring: None,
            in_band: None,
        });
        // What was the scaled map becomes the vector of gates.
        let gates = self.steps[se].output;
        let storage = self.new_buffer(Shape::vector(inputs), se..=se);
        let place = &mut self.maps[gates.index()];
        (place.shape, place.storage) = (Shape::vector(inputs), storage);
        let step = &mut self.steps[se];
        step.inputs = vec![map];
        if let Kernel::SqueezeExcite { excitation, .. } = &mut step.kernel {
            *excitation = Excitation::Filter {
                filter,
                precision,
                scaled,
            };
        }
        let step = &mut self.steps[reader];
        step.inputs = vec![map];
        if let Kernel::Pointwise { gated, .. } = &mut step.kernel {
            *gated = Some(scaled);
        }
    }

    /// A new buffer, alive during these steps.
    fn new_buffer(&mut self, shape: Shape, steps: RangeInclusive<usize>) -> Storage {
        self.buffers.push(Live {
            bytes: shape.len() * Element::F32.bytes(),
            first: *steps.start(),
            last: *steps.end(),
        });
        Storage::Buffer(self.buffers.len() - 1)
    }
}

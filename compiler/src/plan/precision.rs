//! What numbers layers multiply: floats; or floats split into two halves, and weights cut to 24 bits, where that pays.
//!
//! In: a plan without strips, whose arena is not laid out yet. Out: the same with layers changed, their filters laid out for it, scratch memory where they need it.
//! Never: changes what is computed, but for rounding.

use super::memory::Live;
use super::{FilterId, FilterKind, Kernel, Map, MapId, Plan, Storage};
use crate::shape::{Element, Shape};
use mnetc_runtime::{pack, pointwise_split_scratch};
use std::fmt;
use std::str::FromStr;

/// The numbers that layers multiply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Plain f32.
    #[default]
    F32,
    /// In pointwise layers each f32 as the sum of two bf16; three of the four products of halves, summed in f32. In linear
    /// layers and squeeze-and-excites f32, with weights of 24 bits.
    Bf16x3,
}

impl Precision {
    /// Both.
    pub const ALL: [Self; 2] = [Self::F32, Self::Bf16x3];

    /// As flags write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16x3 => "bf16x3",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|p| p.name() == text);
        named.ok_or_else(|| format!("a precision is {}", Self::ALL.map(Self::name).join(" or ")))
    }
}

const PANEL_BYTES: usize = size_of::<[f32; pack::LANES]>();

/// From so many bytes on, the weights of a layer that runs once are waited for.
const FAR_BYTES: usize = 64 * 1024;

/// Makes layers of `plan` multiply in this precision, wherever that makes them faster.
pub(super) fn choose(plan: &mut Plan, precision: Precision) {
    if precision == Precision::F32 {
        return;
    }
    for index in 0..plan.steps.len() {
        plan.split(index);
        plan.shorten(index);
    }
    let mut offset = 0;
    for filter in &mut plan.filters {
        filter.offset = offset;
        offset += filter.bias_panels + filter.panels;
    }
}

impl Plan {
    /// The precision it was planned in: plain f32 also where no layer was worth splitting.
    pub fn precision(&self) -> Precision {
        let is_split = |kernel: &Kernel| kernel.precision() == Precision::Bf16x3;
        if self.steps.iter().any(|step| is_split(&step.kernel)) {
            Precision::Bf16x3
        } else {
            Precision::F32
        }
    }

    /// Cuts the weights of a step to 24 bits, if it is one that gains.
    fn shorten(&mut self, index: usize) {
        let kernel = &mut self.steps[index].kernel;
        let ids = kernel.filters();
        let (Kernel::Linear { precision, .. } | Kernel::SqueezeExcite { precision, .. }) = kernel
        else {
            return;
        };
        let is_squeezed_to_fours = |id: &FilterId| {
            let width = self.filters[id.index()].kind.fan_in();
            width.is_multiple_of(pack::F24_INPUTS)
        };
        let panels: usize = ids.iter().map(|id| self.filters[id.index()].panels).sum();
        if panels * PANEL_BYTES < FAR_BYTES || !ids[1..].iter().all(is_squeezed_to_fours) {
            return;
        }
        *precision = Precision::Bf16x3;
        for id in ids {
            let filter = &mut self.filters[id.index()];
            filter.kind = match filter.kind {
                FilterKind::OnePixel { inputs, outputs } => {
                    FilterKind::OnePixelF24 { inputs, outputs }
                }
                FilterKind::Linear { input, outputs } => FilterKind::LinearF24 { input, outputs },
                other => unreachable!("{other:?} is no linear layer's"),
            };
            filter.panels = pack::linear_f24_panels(filter.kind.outputs(), filter.kind.fan_in());
        }
    }

    /// Splits a step, if it is one that gains.
    fn split(&mut self, index: usize) {
        let step = &mut self.steps[index];
        let Kernel::Pointwise {
            filter, precision, ..
        } = &mut step.kernel
        else {
            return;
        };
        let filter = &mut self.filters[filter.index()];
        let FilterKind::Pointwise { inputs, outputs } = filter.kind else {
            return;
        };
        if !pays(step.input_shape.pixels(), inputs, outputs) {
            return;
        }
        *precision = Precision::Bf16x3;
        filter.kind = FilterKind::PointwiseSplit { inputs, outputs };
        filter.panels = pack::pointwise_split_panels(outputs, inputs);
        let scratch = Shape::vector(pointwise_split_scratch(inputs));
        self.buffers.push(Live {
            bytes: scratch.len() * Element::F32.bytes(),
            first: index,
            last: index,
        });
        let map = MapId(self.maps.len() as u32);
        self.maps.push(Map {
            name: format!("{}.scratch", step.origin.name),
            shape: scratch,
            storage: Storage::Buffer(self.buffers.len() - 1),
            ring: None,
            in_band: None,
        });
        step.scratch = Some(map);
    }
}

/// Whether tiles make `m` pixels from `k` to `n` channels sooner than vectors.
///
/// Both in tenths of a cycle, from measurements. Vectors: for every pixel and panel the multiply-adds, two at a time and
/// not quite as often as could be, and what follows a sum. Tiles: for every block of 32 pixels and 32 inputs the products
/// with two panels, or with a last one; for every pixel and 32 inputs the splitting; for every pixel and panel what follows
/// a sum, which is read from memory; a start.
const fn pays(m: usize, k: usize, n: usize) -> bool {
    let (panels, chunks, blocks) = (n.div_ceil(16), k.div_ceil(32), m.div_ceil(32));
    let vectors = m * panels * (6 * k + 20);
    let products = blocks * chunks * (panels / 2 * 3200 + panels % 2 * 1700);
    let tiles = products + m * chunks * 130 + m * panels * 80 + 5000;
    tiles < vectors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Strategy, lower};

    #[test]
    fn names_are_read_back() {
        for precision in Precision::ALL {
            assert_eq!(precision.to_string().parse(), Ok(precision));
        }
        let message = "a precision is f32 or bf16x3".to_owned();
        assert_eq!("bf16".parse::<Precision>(), Err(message));
    }

    #[test]
    fn narrow_layers_stay_as_they_are() {
        for (m, k, n) in [
            (12544, 16, 96),
            (12544, 32, 16),
            (196, 16, 16),
            (1, 960, 1280),
        ] {
            assert!(!pays(m, k, n), "{m} {k} {n}");
        }
        for (m, k, n) in [
            (12544, 32, 64),
            (3136, 96, 24),
            (3136, 24, 144),
            (784, 144, 32),
            (784, 32, 192),
            (49, 160, 960),
        ] {
            assert!(pays(m, k, n), "{m} {k} {n}");
        }
    }

    #[test]
    fn a_plan_in_halves_has_its_filters_one_behind_the_other() {
        let plain = crate::summary::sample::plan();
        let strategy = Strategy {
            precision: Precision::Bf16x3,
            ..Strategy::default()
        };
        let plan = lower(&crate::summary::sample::graph(), strategy, 1);
        assert_eq!(plain.precision(), Precision::F32);
        let mut end = 0;
        for filter in &plan.filters {
            assert_eq!(filter.offset, end);
            end += filter.bias_panels + filter.panels;
        }
        let split = plan
            .steps
            .iter()
            .filter(|s| s.kernel.precision() == Precision::Bf16x3);
        for step in split {
            let scratch = step.scratch.expect("it has scratch");
            assert!(plan.arena_offset(scratch).is_some());
        }
        if plan.precision() == Precision::Bf16x3 {
            assert_ne!(plan.fingerprint(), plain.fingerprint());
        } else {
            assert_eq!(plan.steps, plain.steps);
        }
    }
}

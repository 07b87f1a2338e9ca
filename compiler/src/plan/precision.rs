//! What numbers layers multiply: floats; or floats split into two halves, and weights cut to 24 bits, where that pays.
//!
//! In: a plan without strips, whose arena is not laid out yet. Out: the same with layers changed, their filters laid out for it, scratch memory where they need it.
//! Never: changes what is computed, but for rounding.

use super::memory::Live;
use super::{FilterKind, Kernel, Map, MapId, PANEL_BYTES, Plan, Storage};
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
    /// The precision it was planned in: plain f32 also where no layer gained from another.
    pub fn precision(&self) -> Precision {
        if self.has_split() || self.has_short() {
            Precision::Bf16x3
        } else {
            Precision::F32
        }
    }

    /// Whether layers multiply halves, which gains from matrix tiles.
    pub fn has_split(&self) -> bool {
        let mut kernels = self.steps.iter().map(|step| &step.kernel);
        kernels.any(|k| matches!(k, Kernel::Pointwise { .. }) && is_less(k))
    }

    /// Whether layers read weights of 24 bits.
    pub fn has_short(&self) -> bool {
        let mut kernels = self.steps.iter().map(|step| &step.kernel);
        kernels.any(|k| !matches!(k, Kernel::Pointwise { .. }) && is_less(k))
    }

    /// Cuts the weights of a step to 24 bits, if it is one that gains.
    fn shorten(&mut self, index: usize) {
        let kernel = &mut self.steps[index].kernel;
        let ids = kernel.filters();
        let (Kernel::Linear { precision, .. } | Kernel::SqueezeExcite { precision, .. }) = kernel
        else {
            return;
        };
        let panels = ids.iter().map(|id| self.filters[id.index()].panels);
        if !is_waited_for(panels.sum()) {
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

fn is_less(kernel: &Kernel) -> bool {
    kernel.precision() != Precision::F32
}

/// Whether a layer that reads so many panels of weights once waits for them: what is less comes while others are multiplied.
const fn is_waited_for(panels: usize) -> bool {
    panels * PANEL_BYTES >= 64 * 1024
}

/// Whether tiles make `m` pixels from `k` to `n` channels sooner than vectors: by these figures, in three quarters of their
/// time at most. For less, a layer is not made less exact.
///
/// Both in tenths of a cycle, from measurements. Vectors: for every pixel and panel the multiply-adds, two at a time and
/// not quite as often as could be, and what follows a sum. Tiles: for every block of 32 pixels and 32 inputs the products
/// with two panels, or with a last one; for every pixel and 32 inputs the splitting; for every pixel and panel what follows
/// a sum, which is read from memory; a start.
const fn pays(m: usize, k: usize, n: usize) -> bool {
    let (panels, chunks, blocks) = (n.div_ceil(16), k.div_ceil(32), m.div_ceil(32));
    let vectors = m * panels * (6 * k + 20);
    let products = blocks * chunks * (panels / 2 * 2500 + panels % 2 * 1300);
    let tiles = products + m * chunks * 80 + m * panels * 45 + 5000;
    4 * tiles < 3 * vectors
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
    fn layers_that_gain_little_stay_as_they_are() {
        for (m, k, n) in [
            (12544, 16, 96),
            (12544, 32, 16),
            (3136, 8, 48),
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
    fn weights_are_waited_for_where_they_are_many() {
        let panels = pack::linear_panels;
        for few in [0, panels(32, 120) + panels(120, 32), panels(1000, 16)] {
            assert!(!is_waited_for(few), "{few}");
        }
        for many in [panels(120, 480) + panels(480, 120), panels(1000, 1280)] {
            assert!(is_waited_for(many), "{many}");
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
            .filter(|s| s.kernel.name() == "pointwise_split");
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

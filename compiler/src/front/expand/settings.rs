//! What a spec leaves open, filled in: the defaults of the grammar in one place.
//!
//! In: a spec. Out: values without gaps. Never: knows a layer's shape.

use super::widths::make_divisible;
use crate::front::spec::{Activation, BatchNorm, Gate, Opt, Padding, Placement, Spec, Width};
use crate::graph;

/// What is added to the variance where nothing is written: PyTorch's.
const EPSILON: f64 = 1e-5;

/// The values that hold where a layer says nothing.
pub(super) struct Settings {
    alpha: f64,
    pub(super) divisor: u32,
    pub(super) minimum: u32,
    pub(super) activation: Activation,
    batch_norm: BatchNorm,
    pub(super) padding: Padding,
    pub(super) se: SeSettings,
}

/// The same for squeeze-and-excite.
pub(super) struct SeSettings {
    pub(super) ratio: f64,
    pub(super) divisor: u32,
    pub(super) gate: Gate,
    pub(super) activation: Activation,
    pub(super) placement: Placement,
}

impl Settings {
    pub(super) fn of(spec: &Spec) -> Self {
        let (defaults, se) = (&spec.defaults, &spec.defaults.se);
        let divisor = or(spec.rounding.divisor, 8);
        Self {
            alpha: or(spec.width_multiplier, 1.0),
            divisor,
            minimum: or(spec.rounding.minimum, divisor),
            activation: or(defaults.activation, Activation::None),
            batch_norm: or(defaults.batch_norm, BatchNorm::On),
            padding: or(defaults.padding, Padding::Symmetric),
            se: SeSettings {
                ratio: or(se.ratio, 0.25),
                divisor: or(se.divisor, 8),
                gate: or(se.gate, Gate::HardSigmoid),
                activation: or(se.activation, Activation::Relu),
                placement: or(se.placement, Placement::AfterActivation),
            },
        }
    }

    /// Channels of a layer that asks for `c`.
    pub(super) fn width(&self, c: u32, rule: Width) -> usize {
        let c = f64::from(c);
        match rule {
            Width::Scaled => make_divisible(c * self.alpha, self.divisor, self.minimum),
            Width::AtLeastOne => {
                make_divisible(c * self.alpha.max(1.0), self.divisor, self.minimum)
            }
            Width::Fixed => c as usize,
        }
    }

    /// Epsilon of a layer's batch norm; nothing when it has none.
    pub(super) fn epsilon(&self, written: Opt<BatchNorm>) -> Option<f64> {
        match (or(written, self.batch_norm), self.batch_norm) {
            (BatchNorm::Off, _) => None,
            (BatchNorm::Epsilon(epsilon), _) | (BatchNorm::On, BatchNorm::Epsilon(epsilon)) => {
                Some(epsilon)
            }
            (BatchNorm::On, BatchNorm::On | BatchNorm::Off) => Some(EPSILON),
        }
    }
}

/// The graph's name for the function that makes a gate.
pub(super) fn gate(written: Gate) -> graph::Activation {
    match written {
        Gate::HardSigmoid => graph::Activation::HardSigmoid,
        Gate::Sigmoid => graph::Activation::Sigmoid,
    }
}

/// What was written, or the default.
pub(super) fn or<T>(written: Opt<T>, default: T) -> T {
    written.map_or(default, |written| written.value)
}

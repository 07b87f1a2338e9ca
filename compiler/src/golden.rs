//! Computes what every step of a plan should make of the runtime's made-up input: what `self_test` holds a target against.
//!
//! In: a graph, its plan, its weights. Out: per step the sum and the largest magnitude of its result, each with a tolerance.
//! Never: runs a kernel; the reference computes, in `f64`.

use crate::diag::{Code, Diagnostic};
use crate::graph::{Graph, Input};
use crate::plan::{Kernel, Plan, Precision, Step};
use crate::reference::{self, Map, Pixels};
use crate::shape::Element;
use crate::weights::WeightSource;
use mnetc_runtime::golden::{fill_bytes, fill_floats};

/// What a right result may be off by: a sum as a part of the sum of all magnitudes, the largest magnitude as a part of
/// itself. Right kernels stay twenty times closer.
const TOLERANCE: f64 = 1e-5;
/// The same where layers multiply halves, or weights of 24 bits.
const SPLIT_TOLERANCE: f64 = 1e-4;

/// What every step makes of the made-up input.
#[derive(Clone, Debug, PartialEq)]
pub struct Goldens {
    /// The range of the input's numbers; nothing when it takes bytes.
    pub range: Option<[f32; 2]>,
    /// In the order of the plan's steps.
    pub steps: Vec<Golden>,
}

/// What one step makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Golden {
    /// The sum of all elements, and how far it may be off.
    pub sum: [f32; 2],
    /// The largest magnitude, and how far it may be off.
    pub largest: [f32; 2],
}

/// What to say when there are none to compute with.
pub fn no_weights() -> Diagnostic {
    let facts = "a self-test needs the weights while compiling: it holds every layer against what they make";
    Diagnostic::error(Code::NoWeights, facts)
        .help("name them, as in --weights FILE.safetensors, or seed:N for made-up numbers")
}

/// Evaluates `graph`, which `plan` was made of after all passes, step by step.
///
/// # Errors
/// When the weights do not fit the graph.
pub fn compute(graph: &Graph, plan: &Plan, weights: &WeightSource) -> Result<Goldens, Diagnostic> {
    let (length, range) = (plan.input.shape.len(), range(&plan.input));
    let (mut bytes, mut floats) = (vec![], vec![]);
    let pixels = match range {
        Some([low, high]) => {
            floats.resize(length, 0.0);
            fill_floats(&mut floats, low, high);
            Pixels::F32(&floats)
        }
        None => {
            bytes.resize(length, 0);
            fill_bytes(&mut bytes);
            Pixels::U8(&bytes)
        }
    };
    let values = reference::evaluate(graph, weights, pixels)?;
    let tolerance = match plan.precision() {
        Precision::F32 => TOLERANCE,
        Precision::Bf16x3 => SPLIT_TOLERANCE,
    };
    let mut nodes = graph.nodes().iter();
    let mut golden = |step: &Step| {
        let map = match step.kernel {
            Kernel::Normalise => values.value(Graph::INPUT),
            Kernel::Copy => values.output(&step.origin.name),
            _ => {
                let node = nodes.find(|n| n.origin.name == step.origin.name);
                node.and_then(|n| match step.kernel.makes_gates() {
                    true => values.gates(n.output),
                    false => values.value(n.output),
                })
            }
        };
        Golden::of(map.expect("steps are nodes, in their order"), tolerance)
    };
    let steps = plan.steps.iter().map(&mut golden).collect();
    Ok(Goldens { range, steps })
}

/// The numbers that the network takes: bytes, numbers around zero, or what it normalises to such.
fn range(input: &Input) -> Option<[f32; 2]> {
    let steepest = input.normalise.iter().map(|pixel| pixel.scale.abs());
    match (input.element, steepest.max_by(f32::total_cmp)) {
        (Element::U8, _) => None,
        (Element::F32, None) => Some([-1.0, 1.0]),
        (Element::F32, Some(scale)) if scale < 0.5 => Some([0.0, 255.0]),
        (Element::F32, Some(_)) => Some([0.0, 1.0]),
    }
}

impl Golden {
    fn of(map: &Map, tolerance: f64) -> Self {
        let sum: f64 = map.data.iter().sum();
        let magnitudes = || map.data.iter().map(|x| x.abs());
        let (total, largest) = (magnitudes().sum::<f64>(), magnitudes().fold(0.0, f64::max));
        let with_tolerance =
            |value: f64, scale: f64| [value, rounded(scale * tolerance)].map(|x| x as f32);
        Self {
            sum: with_tolerance(sum, total),
            largest: with_tolerance(largest, largest),
        }
    }
}

/// Two digits of a tolerance, which needs no more to be read.
fn rounded(tolerance: f64) -> f64 {
    let text = format!("{tolerance:.1e}");
    text.parse().unwrap_or(tolerance)
}

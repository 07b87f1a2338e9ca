//! What every layer and output of a network is to be, by an evaluation that knows nothing of generated code.
//!
//! In: a network, weights, an input. Out: float64 numbers for the steps of a plan, and for outputs. Never: runs generated
//! code.

use super::super::model::Network;
use super::super::{Failure, files, input, npy};
use mnetc::diag::{Code, Diagnostic};
use mnetc::files::Beside;
use mnetc::graph::{Graph, ValueId};
use mnetc::import::{self, Array, Shown};
use mnetc::layout::Layout;
use mnetc::passes;
use mnetc::plan::{Kernel, Plan};
use mnetc::reference::{self, Pixels};
use mnetc::shape::Element;
use mnetc::weights::WeightSource;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// What is evaluated, and on what.
pub(super) struct Given<'a> {
    pub(super) network: &'a Network,
    /// Those of a spec; an ONNX model is evaluated with its own.
    pub(super) weights: &'a WeightSource,
    /// Raw elements, row by row, the channels of a pixel together.
    pub(super) input: &'a [u8],
}

/// What the network is to make. All maps are row by row, the channels of a pixel together.
pub(super) struct Expected {
    /// What this is, as a sentence has it.
    pub(super) against: String,
    /// For each step of the plan what it is to make, if the model has that.
    pub(super) layers: Vec<Option<Value>>,
    /// The outputs.
    pub(super) outputs: Vec<Vec<f64>>,
}

/// A value of the model.
pub(super) struct Value {
    /// The node of an ONNX model that makes it.
    pub(super) node: Option<Node>,
    pub(super) numbers: Vec<f64>,
}

/// A node of an ONNX model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Node {
    /// What the model calls it.
    pub(super) node: String,
    /// Its operator.
    pub(super) op: String,
    /// What the model calls what it makes.
    pub(super) value: String,
}

impl Expected {
    /// The layers of the plan that stand for no value of the model.
    pub(super) fn without(&self, plan: &Plan) -> Vec<String> {
        let steps = plan.steps.iter().zip(&self.layers);
        // Copies are outputs, which are compared as such.
        let without = steps.filter(|(step, value)| value.is_none() && step.kernel != Kernel::Copy);
        without.map(|(step, _)| step.origin.name.clone()).collect()
    }
}

/// By the graph of the ONNX model in `path`, as it is written.
pub(super) fn of_model(path: &Path, given: &Given<'_>, plan: &Plan) -> Result<Expected, Failure> {
    let network = given.network;
    let shown: Vec<Option<&Shown>> = written(&network.graph, plan)
        .into_iter()
        .map(|value| network.values.get(&value?))
        .collect();
    let keep: BTreeSet<String> = shown.iter().flatten().map(|s| s.value.clone()).collect();
    let (dims, element) = (network.input.dims().to_vec(), network.graph.input.element);
    let numbers = numbers(given.input, element);
    let numbers = network.input.from_map(&numbers);
    let array = match element {
        Element::F32 => Array::floats(dims, numbers),
        Element::U8 => Array::whole(dims, numbers),
    };
    let name = files::display(path);
    let evaluated = import::evaluate(&name, files::read(path)?, &Beside::new(path), array, &keep)?;
    let layer = |shown: Option<&Shown>| {
        let shown = shown?;
        let array = evaluated.values.get(&shown.value)?;
        Some(Value {
            node: Some(Node {
                node: shown.node.clone(),
                op: shown.op.clone(),
                value: shown.value.clone(),
            }),
            numbers: as_map(array, &shown.layout),
        })
    };
    let outputs = evaluated.outputs.iter().zip(&network.outputs);
    Ok(Expected {
        against: format!("{name} as it is written"),
        layers: shown.into_iter().map(layer).collect(),
        outputs: outputs
            .map(|(array, layout)| as_map(array, layout))
            .collect(),
    })
}

/// The numbers of an array as the map has them. What has another shape than the importer says agrees with nothing.
fn as_map(array: &Array, layout: &Layout) -> Vec<f64> {
    if array.dims() == layout.dims() {
        layout.to_map(array.data())
    } else {
        vec![f64::NAN; layout.dims().iter().product()]
    }
}

/// By the table of a spec, layer by layer.
pub(super) fn of_spec(given: &Given<'_>, plan: &Plan) -> Result<Expected, Failure> {
    let graph = &given.network.graph;
    let floats: Vec<f32>;
    let pixels = match graph.input.element {
        Element::U8 => Pixels::U8(given.input),
        Element::F32 => {
            floats = words(given.input).collect();
            Pixels::F32(&floats)
        }
    };
    let evaluation = reference::evaluate(graph, given.weights, pixels)?;
    let layer = |value: Option<ValueId>| {
        let numbers = evaluation.value(value?)?.data.clone();
        Some(Value {
            node: None,
            numbers,
        })
    };
    let output = |output: &mnetc::graph::Output| {
        let map = evaluation
            .value(output.value)
            .expect("every value was evaluated");
        map.data.clone()
    };
    Ok(Expected {
        against: format!("the table of {}", graph.name),
        layers: written(graph, plan).into_iter().map(layer).collect(),
        outputs: graph.outputs.iter().map(output).collect(),
    })
}

/// For each step of the plan the value of `graph`, which the passes have not seen, that it makes.
fn written(graph: &Graph, plan: &Plan) -> Vec<Option<ValueId>> {
    let mut rewritten = graph.clone();
    passes::run(&mut rewritten);
    // Steps and nodes are of one origin, and those of the same origin in one order.
    let mut made: BTreeMap<_, VecDeque<ValueId>> = BTreeMap::new();
    for node in rewritten.nodes() {
        let origin = (node.origin.name.clone(), node.origin.role.clone());
        let value = rewritten.as_written(node.output);
        made.entry(origin).or_default().push_back(value);
    }
    let value = |step: &mnetc::plan::Step| {
        if step.kernel == Kernel::Normalise {
            return Some(Graph::INPUT);
        }
        made.get_mut(&(step.origin.name.clone(), step.origin.role.clone()))?
            .pop_front()
    };
    plan.steps.iter().map(value).collect()
}

/// Raw elements as numbers.
fn numbers(raw: &[u8], element: Element) -> Vec<f64> {
    match element {
        Element::U8 => raw.iter().map(|byte| f64::from(*byte)).collect(),
        Element::F32 => words(raw).map(f64::from).collect(),
    }
}

fn words(raw: &[u8]) -> impl Iterator<Item = f32> + '_ {
    raw.as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
}

/// What files say the outputs are: their names and numbers.
pub(super) fn of_files(
    paths: &[PathBuf],
    network: &Network,
) -> Result<Vec<(String, Vec<f64>)>, Failure> {
    let outputs = network.outputs.len();
    if !paths.is_empty() && paths.len() != outputs {
        let names: Vec<_> = network
            .graph
            .outputs
            .iter()
            .map(|o| o.name.as_str())
            .collect();
        let message = format!(
            "--expected names {} arrays, {} has {outputs} outputs: {}",
            paths.len(),
            network.graph.name,
            names.join(", ")
        );
        let help = "give one .npy for each output, in this order";
        return Err(Diagnostic::error(Code::Setting, message).help(help).into());
    }
    let file = |(path, layout): (&PathBuf, &Layout)| {
        let (array, name) = (input::array(path)?, files::display(path));
        let fitting = input::shapes(layout.dims());
        if !fitting.contains(&array.shape) {
            let wanted: Vec<_> = fitting.iter().map(|shape| npy::tuple(shape)).collect();
            let message = format!(
                "{name} does not fit the output: its shape is {}, the output's {}",
                npy::tuple(&array.shape),
                wanted.join(" or ")
            );
            let help = "save what the model gives out for the same input";
            return Err(Diagnostic::error(Code::Array, message).help(help).into());
        }
        let numbers: Vec<f64> = match array.elements {
            npy::Elements::F32(numbers) => numbers.into_iter().map(f64::from).collect(),
            npy::Elements::F64(numbers) => numbers,
            npy::Elements::U8(numbers) => numbers.into_iter().map(f64::from).collect(),
        };
        Ok((name, layout.to_map(&numbers)))
    };
    paths.iter().zip(&network.outputs).map(file).collect()
}

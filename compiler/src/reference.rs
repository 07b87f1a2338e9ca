//! Evaluates a graph node by node in plain loops and f64: the oracle of `verify` and of the tests.
//!
//! In: a graph before or after its passes, weights, an input. Out: every value of the graph. Never: looks at a plan, folds
//! a batch norm, or is quick at the cost of being plain.

mod ops;

use crate::diag::Diagnostic;
use crate::graph::{BatchNorm, Conv, Excite, Graph, Linear, Node, Op, SqueezeExcite, ValueId};
use crate::shape::Shape;
use crate::weights::layer::{Layer, name};
use crate::weights::{WeightSource, check};
use std::collections::{BTreeMap, BTreeSet};

/// A map of f64, (h, w, c) with the channels of a pixel side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Its shape.
    pub shape: Shape,
    /// Its elements.
    pub data: Vec<f64>,
}

/// What is fed to the network, (h, w, c) as in [`Map`], before it is normalised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pixels<'a> {
    /// Numbers.
    F32(&'a [f32]),
    /// Camera pixels.
    U8(&'a [u8]),
}

/// All values of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    values: BTreeMap<ValueId, Map>,
    /// The gates that made a squeeze-and-excite's output.
    gates: BTreeMap<ValueId, Map>,
    outputs: BTreeMap<String, ValueId>,
    layers: BTreeMap<String, ValueId>,
}

impl Evaluation {
    /// A value of the graph; the input is the normalised one. None only for the values of another graph, or of nodes that
    /// a pass removed.
    pub fn value(&self, id: ValueId) -> Option<&Map> {
        self.values.get(&id)
    }

    /// The gates of the squeeze-and-excite that makes this value.
    pub fn gates(&self, id: ValueId) -> Option<&Map> {
        self.gates.get(&id)
    }

    /// What the network gives out under `name`.
    pub fn output(&self, name: &str) -> Option<&Map> {
        self.value(*self.outputs.get(name)?)
    }

    /// What the layer of this name makes: of the nodes whose origin has the name, the last. Before the passes that is
    /// behind the layer's batch norm and activation, if they bear its name.
    pub fn layer(&self, name: &str) -> Option<&Map> {
        self.value(*self.layers.get(name)?)
    }

    /// All layers by name.
    pub fn layers(&self) -> impl Iterator<Item = (&str, &Map)> {
        self.layers
            .iter()
            .filter_map(|(name, id)| Some((name.as_str(), self.value(*id)?)))
    }
}

/// Evaluates `graph` on one input.
///
/// # Errors
/// When the weights do not fit the graph: one error that lists all of it.
///
/// # Panics
/// When the input has not as many elements as the graph's.
pub fn evaluate(
    graph: &Graph,
    source: &WeightSource,
    input: Pixels<'_>,
) -> Result<Evaluation, Diagnostic> {
    let layers = Layer::of_graph(graph);
    check(&layers, source)?;
    let mut evaluator = Evaluator::new(graph, source, &layers);
    evaluator
        .values
        .insert(Graph::INPUT, normalised(graph, input));
    let mut gates = BTreeMap::new();
    for node in graph.nodes() {
        if let Op::SqueezeExcite(se) = &node.op {
            let x = &evaluator.values[&node.inputs[0]];
            gates.insert(node.output, evaluator.gates(se, x));
        }
        let value = evaluator.node(node);
        assert_eq!(
            value.data.len(),
            graph.shape(node.output).len(),
            "a node makes as many elements as its output has"
        );
        evaluator.values.insert(node.output, value);
    }
    let layer = |n: &Node| (n.origin.name.clone(), n.output);
    let outputs = graph.outputs.iter().map(|o| (o.name.clone(), o.value));
    Ok(Evaluation {
        values: evaluator.values,
        gates,
        outputs: outputs.collect(),
        layers: graph.nodes().iter().map(layer).collect(),
    })
}

/// The input as numbers: x = p * scale + shift for each channel.
fn normalised(graph: &Graph, input: Pixels<'_>) -> Map {
    let shape = graph.input.shape;
    let mut data: Vec<f64> = match input {
        Pixels::F32(pixels) => pixels.iter().copied().map(f64::from).collect(),
        Pixels::U8(pixels) => pixels.iter().copied().map(f64::from).collect(),
    };
    assert_eq!(
        data.len(),
        shape.len(),
        "the input has the shape of the graph's"
    );
    if !graph.input.normalise.is_empty() {
        for (i, x) in data.iter_mut().enumerate() {
            let map = graph.input.normalise[i % shape.c];
            *x = *x * f64::from(map.scale) + f64::from(map.shift);
        }
    }
    Map { shape, data }
}

struct Evaluator<'a> {
    graph: &'a Graph,
    source: &'a WeightSource,
    values: BTreeMap<ValueId, Map>,
    /// Base names of the tensors of batch norms that the source has folded, and of the convolutions that have a bias in
    /// their place.
    folded: BTreeSet<&'a str>,
}

impl<'a> Evaluator<'a> {
    fn new(graph: &'a Graph, source: &'a WeightSource, layers: &[Layer<'a>]) -> Self {
        let folded = layers.iter().filter(|l| l.is_folded(source));
        let bases = |l: &Layer<'a>| {
            l.norm
                .iter()
                .map(|n| n.params.as_str())
                .chain([l.params])
                .collect::<Vec<_>>()
        };
        Self {
            graph,
            source,
            values: BTreeMap::new(),
            folded: folded.flat_map(bases).collect(),
        }
    }

    fn node(&self, node: &Node) -> Map {
        let input = |i: usize| &self.values[&node.inputs[i]];
        let x = input(0);
        let shape = self.graph.shape(node.output);
        match &node.op {
            Op::Conv(conv) => {
                let skip = (node.inputs.len() > 1).then(|| input(1));
                self.conv(conv, x, skip, shape)
            }
            Op::Linear(linear) => self.linear(linear, x),
            Op::BatchNorm(norm) => self.batch_norm(norm, x.clone()),
            Op::Activation(a) => ops::activation(*a, x.clone()),
            Op::Add(a) => ops::activation(*a, ops::add(x, input(1))),
            Op::Scale => ops::scale(x, input(1)),
            Op::GlobalAveragePool => ops::global_average_pool(x),
            Op::AveragePool(window) => ops::average_pool(*window, x, shape),
            Op::MaxPool(window) => ops::max_pool(*window, x, shape),
            Op::Pad(padding) => ops::pad(*padding, x, shape),
            Op::Flatten => ops::flatten(x),
            Op::Softmax => ops::softmax(x),
            Op::SqueezeExcite(se) => self.squeeze_excite(se, x),
        }
    }

    /// activation(norm(conv(x) + bias) + skip)
    fn conv(&self, conv: &Conv, x: &Map, skip: Option<&Map>, shape: Shape) -> Map {
        let [kh, kw] = conv.window.kernel;
        let (inputs, o) = (x.shape.c / conv.groups, conv.channels);
        let weight = self.tensor(&conv.params, "weight", &[o, inputs, kh, kw]);
        let has_bias = conv.bias || self.folded.contains(conv.params.as_str());
        let bias = self.bias(has_bias, &conv.params, o);
        let mut y = ops::conv(conv.window, conv.groups, x, &weight, &bias, shape);
        if let Some(norm) = &conv.norm {
            y = self.batch_norm(norm, y);
        }
        if let Some(skip) = skip {
            y = ops::add(&y, skip);
        }
        ops::activation(conv.activation, y)
    }

    fn linear(&self, linear: &Linear, x: &Map) -> Map {
        let (o, i) = (linear.channels, x.shape.len());
        let weight = self.tensor(&linear.params, "weight", &[o, i]);
        let bias = self.bias(linear.bias, &linear.params, o);
        ops::activation(linear.activation, ops::linear(x, &weight, &bias))
    }

    fn squeeze_excite(&self, se: &SqueezeExcite, x: &Map) -> Map {
        ops::activation(se.activation, ops::scale(x, &self.gates(se, x)))
    }

    fn gates(&self, se: &SqueezeExcite, x: &Map) -> Map {
        let excite = |e: &Excite, x: &Map| {
            let weight = self.tensor(&e.params, "weight", &[e.channels, x.shape.c]);
            let bias = self.bias(e.bias, &e.params, e.channels);
            ops::activation(e.activation, ops::linear(x, &weight, &bias))
        };
        let squeezed = excite(&se.reduce, &ops::global_average_pool(x));
        excite(&se.expand, &squeezed)
    }

    fn batch_norm(&self, norm: &BatchNorm, x: Map) -> Map {
        if self.folded.contains(norm.params.as_str()) {
            return x;
        }
        let part = |part| self.tensor(&norm.params, part, &[x.shape.c]);
        let (weight, bias, mean, var) = (part("weight"), part("bias"), part("mean"), part("var"));
        ops::batch_norm(x, norm.epsilon, &weight, &bias, &mean, &var)
    }

    fn bias(&self, has_one: bool, params: &str, channels: usize) -> Vec<f64> {
        if has_one {
            self.tensor(params, "bias", &[channels])
        } else {
            vec![0.0; channels]
        }
    }

    fn tensor(&self, base: &str, part: &str, shape: &[usize]) -> Vec<f64> {
        let found = self.source.tensor(&name(base, part), shape);
        let found = found.expect("checked: the source has every tensor of every layer");
        found.iter().copied().map(f64::from).collect()
    }
}

#[cfg(test)]
mod tests;

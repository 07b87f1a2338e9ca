//! The network as operators on shaped maps.
//!
//! A [`Graph`] is made by [`build::Builder`] alone, so every value has a shape that was checked; [`verify`] states what
//! must hold after every pass, [`text`] prints it. Tensors are not here: an operator names its parameters, and
//! [`crate::weights`] finds them. Never: knows YAML, ONNX or a target.

pub mod build;
pub mod text;
pub mod verify;

use crate::shape::{Element, Padding, Shape, Window};
pub use mnetc_runtime::Activation;
use std::collections::BTreeMap;

/// Names a value of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValueId(pub(crate) u32);

/// Names a node of a graph, in topological order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl ValueId {
    /// The value's place in tables that are indexed by value.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl NodeId {
    /// The node's place in [`Graph::nodes`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A map that flows between operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its shape.
    pub shape: Shape,
    /// The type of its elements.
    pub element: Element,
}

/// Where a node comes from, for names, comments and messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The layer's canonical name: `stem`, `row3.2.expand`, `linear1`.
    pub name: String,
    /// What the layer is in its block: `expansion`, `depthwise`, `projection`, `convolution`, `classifier`.
    pub role: String,
    /// The table row it was expanded from.
    pub row: Option<Row>,
}

/// A row of a table and which of its repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The row's number, from 1 over all tables of the network.
    pub number: usize,
    /// Which repeat, from 1.
    pub repeat: usize,
    /// How many repeats the row has.
    pub repeats: usize,
    /// The table's operator: `inverted_residual`, `bneck`, `separable`.
    pub table: String,
    /// The row as the table has it, for comments: `t 6, c 32, n 3, s 2`.
    pub text: String,
}

/// What is fed to the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Its shape.
    pub shape: Shape,
    /// Its element type.
    pub element: Element,
    /// Per channel, how a pixel becomes a number: x = p * scale + shift. Empty: taken as it is.
    pub normalise: Vec<PixelMap>,
}

/// x = p * scale + shift, for one input channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelMap {
    /// Factor.
    pub scale: f32,
    /// Summand.
    pub shift: f32,
}

/// A map the network gives out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name, a Rust identifier.
    pub name: String,
    /// The value.
    pub value: ValueId,
}

/// Batch normalisation with fixed statistics: y = (x - mean) / sqrt(var + epsilon) * weight + bias.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNorm {
    /// Added to the variance.
    pub epsilon: f64,
    /// Base name of its four tensors: `stem.bn`.
    pub params: String,
}

/// A convolution, with what was fused into it: y = activation(norm(conv(x) + bias) + skip).
///
/// Its inputs are `[x]` or, with a fused residual, `[x, skip]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    /// The sliding window.
    pub window: Window,
    /// Groups the channels fall into; as many as channels for a depthwise convolution.
    pub groups: usize,
    /// Channels made.
    pub channels: usize,
    /// Whether it has a bias of its own.
    pub bias: bool,
    /// The batch norm folded into it.
    pub norm: Option<BatchNorm>,
    /// The activation fused into it.
    pub activation: Activation,
    /// Base name of its tensors.
    pub params: String,
}

impl Conv {
    /// A convolution with nothing fused into it.
    pub fn new(
        window: Window,
        groups: usize,
        channels: usize,
        bias: bool,
        params: impl Into<String>,
    ) -> Self {
        let (norm, activation, params) = (None, Activation::Identity, params.into());
        Self {
            window,
            groups,
            channels,
            bias,
            norm,
            activation,
            params,
        }
    }

    /// Whether each channel is convolved by itself, one channel out for one in.
    pub fn is_depthwise(&self, input: Shape) -> bool {
        self.groups == input.c && self.channels == input.c && input.c > 1
    }

    /// Whether it is a matrix product at each pixel.
    pub fn is_pointwise(&self) -> bool {
        self.groups == 1 && self.window.is_pointwise()
    }
}

/// A linear layer over the whole flattened map: y = activation(W x + b).
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// Channels made.
    pub channels: usize,
    /// Whether it has a bias.
    pub bias: bool,
    /// The activation fused into it.
    pub activation: Activation,
    /// Base name of its tensors.
    pub params: String,
}

/// One of the two small layers of a squeeze-and-excite: a matrix product on the pooled vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Excite {
    /// Channels made.
    pub channels: usize,
    /// Whether it has a bias.
    pub bias: bool,
    /// Its activation.
    pub activation: Activation,
    /// Base name of its tensors.
    pub params: String,
}

/// Squeeze-and-excite: y = activation(x * expand(reduce(mean(x)))).
///
/// Hu, Shen, Sun: Squeeze-and-Excitation Networks, 2018, section 3; in MobileNetV3 with a hard sigmoid gate.
#[derive(Clone, Debug, PartialEq)]
pub struct SqueezeExcite {
    /// From the channels' means to the squeezed vector.
    pub reduce: Excite,
    /// From the squeezed vector to the gates; its activation is the gate.
    pub expand: Excite,
    /// The activation fused into it, for networks that excite before activating.
    pub activation: Activation,
}

/// What a node computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Convolution: inputs `[x]` or `[x, skip]`.
    Conv(Conv),
    /// Linear layer: inputs `[x]`.
    Linear(Linear),
    /// Batch normalisation, before it is folded: inputs `[x]`.
    BatchNorm(BatchNorm),
    /// Activation, before it is fused: inputs `[x]`.
    Activation(Activation),
    /// Elementwise sum, with a fused activation: inputs `[a, b]`.
    Add(Activation),
    /// Each channel times its gate: inputs `[x, gates]`.
    Scale,
    /// Mean over all pixels: inputs `[x]`.
    GlobalAveragePool,
    /// Mean over a window, padding left out of the count: inputs `[x]`.
    AveragePool(Window),
    /// Greatest value in a window: inputs `[x]`.
    MaxPool(Window),
    /// Zeros around a map, before they are folded into the next window: inputs `[x]`.
    Pad(Padding),
    /// All elements as one pixel: inputs `[x]`.
    Flatten,
    /// Softmax over the channels of each pixel: inputs `[x]`.
    Softmax,
    /// A whole squeeze-and-excite: inputs `[x]`.
    SqueezeExcite(SqueezeExcite),
}

/// An operator applied to values.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What is computed.
    pub op: Op,
    /// From which values.
    pub inputs: Vec<ValueId>,
    /// Into which value; each value has one producer, or is the network's input.
    pub output: ValueId,
    /// Where it comes from.
    pub origin: Origin,
}

/// A network: nodes in topological order over shaped values.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The network's name, an identifier stem.
    pub name: String,
    /// What is fed to it.
    pub input: Input,
    /// What it gives out, at least one, in the order they were named.
    pub outputs: Vec<Output>,
    pub(crate) values: Vec<Value>,
    pub(crate) nodes: Vec<Node>,
    /// Values that hold, since a pass fused what followed into their producer, what another value held before.
    pub(crate) holds: BTreeMap<ValueId, ValueId>,
}

impl Graph {
    /// The value that is the network's input.
    pub const INPUT: ValueId = ValueId(0);

    /// The nodes, each after those it reads from.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The nodes' ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// A value.
    pub fn value(&self, id: ValueId) -> Value {
        self.values[id.index()]
    }

    /// A value's shape.
    pub fn shape(&self, id: ValueId) -> Shape {
        self.value(id).shape
    }

    /// The shape of a node's first input.
    pub fn input_shape(&self, node: &Node) -> Shape {
        self.shape(node.inputs[0])
    }

    /// The node that makes a value; none for the network's input.
    pub fn producer(&self, value: ValueId) -> Option<NodeId> {
        let place = self.nodes.iter().position(|n| n.output == value)?;
        Some(NodeId(place as u32))
    }

    /// Whether a value is given out.
    pub fn is_output(&self, value: ValueId) -> bool {
        self.outputs.iter().any(|o| o.value == value)
    }

    /// What `value` holds, by the name it had before all passes: where a batch norm was folded into a convolution, the
    /// convolution's output holds what the batch norm's held.
    pub fn as_written(&self, value: ValueId) -> ValueId {
        self.holds.get(&value).copied().unwrap_or(value)
    }

    /// How often a value is read by nodes or given out.
    pub fn uses(&self, value: ValueId) -> usize {
        let read = self
            .nodes
            .iter()
            .flat_map(|n| &n.inputs)
            .filter(|v| **v == value)
            .count();
        read + self.outputs.iter().filter(|o| o.value == value).count()
    }

    /// The node that makes `value`, when nothing but one node reads the value: what may be fused into that producer.
    pub(crate) fn sole_producer(&self, value: ValueId) -> Option<NodeId> {
        if self.uses(value) != 1 || self.is_output(value) {
            return None;
        }
        self.producer(value)
    }

    /// The node that reads `value`, when it is the only use.
    pub(crate) fn sole_reader(&self, value: ValueId) -> Option<NodeId> {
        if self.uses(value) != 1 {
            return None;
        }
        let place = self.nodes.iter().position(|n| n.inputs.contains(&value))?;
        Some(NodeId(place as u32))
    }

    /// Lets every reader of `node`'s output read `value` instead, which holds the same from now on, unless it is a map
    /// that was flattened; the node is dead afterwards.
    pub(crate) fn replace_with(&mut self, node: NodeId, value: ValueId) {
        let old = self.node(node).output;
        if self.shape(old) == self.shape(value) {
            self.holds.insert(value, self.as_written(old));
        }
        for input in self
            .nodes
            .iter_mut()
            .flat_map(|n| &mut n.inputs)
            .filter(|v| **v == old)
        {
            *input = value;
        }
        for output in self.outputs.iter_mut().filter(|o| o.value == old) {
            output.value = value;
        }
    }

    /// Lets every reader of `node`'s output read its first input instead; the node is dead afterwards.
    pub(crate) fn bypass(&mut self, node: NodeId) {
        self.replace_with(node, self.node(node).inputs[0]);
    }

    /// Removes the nodes that `which` names and nothing reads.
    pub(crate) fn remove_unread(&mut self, which: impl Fn(&Op) -> bool) {
        let unread = |n: &Node| which(&n.op) && self.uses(n.output) == 0;
        let gone: Vec<bool> = self.nodes.iter().map(unread).collect();
        self.retain(|id| !gone[id.index()]);
    }

    /// Keeps the nodes for which `keep` holds.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(NodeId) -> bool) {
        let mut id = 0;
        self.nodes.retain(|_| {
            id += 1;
            keep(NodeId(id - 1))
        });
    }
}

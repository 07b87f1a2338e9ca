//! Layers outside tables.
//!
//! In: a node behind all passes. Out: its entry of `layers`; two where a sum was fused into a convolution. Never: knows
//! rows.

use super::Network;
use super::defaults::{Norms, Word};
use super::text::{Line, flow, list, number};
use crate::graph::{Activation, Conv, Linear, Node, NodeId, Op, SqueezeExcite, ValueId};
use crate::shape::{Padding, Shape, Window};

/// The keys of a layer, in the order they are written.
type Keys = Vec<(&'static str, String)>;

impl Network<'_> {
    /// A layer, which follows the one that makes `previous`.
    pub(super) fn single(&self, id: NodeId, previous: ValueId) -> Vec<Line> {
        let node = self.graph.node(id);
        let note = self.notes.single(self.graph, id);
        if let (Op::Conv(conv), Some(skip)) = (&node.op, node.inputs.get(1)) {
            let plain = Conv {
                activation: Activation::Identity,
                ..conv.clone()
            };
            let (word, mut keys) = self.conv(&plain, self.graph.input_shape(node));
            keys.extend(self.from(node.inputs[0], previous));
            let mut sum: Keys = vec![("from", self.name_of(*skip))];
            sum.extend(activation(conv.activation, Activation::Identity));
            sum.extend(self.marks(node.output));
            return vec![
                Line::noted(entry(word, &keys), note),
                Line::plain(entry("add", &sum)),
            ];
        }
        let text = match &node.op {
            Op::Add(function) => self.add(node, *function, previous),
            op => {
                let (word, mut keys) = self.keys(op, self.graph.input_shape(node));
                keys.extend(self.from(node.inputs[0], previous));
                keys.extend(self.marks(node.output));
                match (op, &keys[..]) {
                    (Op::Activation(_), [(_, function)]) => format!("  - {word}: {function}"),
                    _ => entry(word, &keys),
                }
            }
        };
        vec![Line::noted(text, note)]
    }

    fn keys(&self, op: &Op, input: Shape) -> (&'static str, Keys) {
        match op {
            Op::Conv(conv) => self.conv(conv, input),
            Op::Linear(layer) => ("linear", linear(layer)),
            Op::Activation(Activation::Sigmoid) => ("sigmoid", vec![]),
            Op::Activation(function) => {
                let function = function.name().to_owned();
                ("activation", vec![("function", function)])
            }
            Op::GlobalAveragePool => ("global_average_pool", vec![]),
            Op::AveragePool(window) => ("average_pool", pool(*window, input)),
            Op::MaxPool(window) => ("max_pool", pool(*window, input)),
            Op::Flatten => ("flatten", vec![]),
            Op::Softmax => ("softmax", vec![]),
            Op::SqueezeExcite(se) => ("squeeze_excite", self.gates(se)),
            Op::Add(_) | Op::BatchNorm(_) | Op::Scale | Op::Pad(_) => {
                unreachable!("sums are written elsewhere, and no kernel computes the others")
            }
        }
    }

    /// The sum with the layer before; of two others, where neither is that.
    fn add(&self, node: &Node, function: Activation, previous: ValueId) -> String {
        let from = match node.inputs[..] {
            [a, b] if a == previous => self.name_of(b),
            [a, b] if b == previous => self.name_of(a),
            ref both => list(both.iter().map(|value| self.name_of(*value))),
        };
        let mut keys: Keys = vec![("from", from)];
        keys.extend(activation(function, Activation::Identity));
        keys.extend(self.marks(node.output));
        entry("add", &keys)
    }

    fn conv(&self, conv: &Conv, input: Shape) -> (&'static str, Keys) {
        let depthwise = conv.is_depthwise(input);
        let mut keys = sides(conv.window);
        if !depthwise {
            keys.push(("c", conv.channels.to_string()));
            if conv.groups != 1 {
                keys.push(("groups", conv.groups.to_string()));
            }
            if !conv.channels.is_multiple_of(self.defaults.divisor) {
                keys.push(("width", "fixed".to_owned()));
            }
        }
        keys.extend(self.norm(conv, input));
        keys.extend(activation(conv.activation, self.defaults.activation));
        keys.extend(padding(conv.window, input, self.defaults.padding));
        (if depthwise { "depthwise" } else { "conv" }, keys)
    }

    /// What is said of batch norm and bias.
    fn norm(&self, conv: &Conv, input: Shape) -> Keys {
        let mut keys = Keys::new();
        let normed = match (&conv.norm, self.defaults.norms) {
            (Some(norm), Norms::Written(epsilon)) if norm.epsilon == epsilon => true,
            (Some(norm), _) => {
                let epsilon = vec![("epsilon", number(norm.epsilon))];
                keys.push(("batch_norm", flow(&epsilon)));
                true
            }
            (None, Norms::Folded) if conv.bias && input.pixels() > 1 => return keys,
            (None, Norms::Absent) => false,
            (None, Norms::Folded | Norms::Written(_)) => {
                keys.push(("batch_norm", "false".to_owned()));
                false
            }
        };
        if conv.bias == normed {
            keys.push(("bias", conv.bias.to_string()));
        }
        keys
    }

    fn gates(&self, se: &SqueezeExcite) -> Keys {
        let mut keys: Keys = vec![("c", se.reduce.channels.to_string())];
        let parts = [
            ("inner", se.reduce.activation, self.defaults.se.inner),
            ("gate", se.expand.activation, self.defaults.se.gate),
            ("activation", se.activation, Activation::Identity),
        ];
        for (key, function, default) in parts {
            if function != default {
                keys.push((key, function.name().to_owned()));
            }
        }
        keys
    }
}

/// `  - conv: {k: 3, c: 8}`, `  - flatten`.
fn entry(word: &str, keys: &Keys) -> String {
    if keys.is_empty() {
        format!("  - {word}")
    } else {
        format!("  - {word}: {}", flow(keys))
    }
}

fn activation(function: Activation, default: Activation) -> Option<(&'static str, String)> {
    (function != default).then(|| ("activation", function.name().to_owned()))
}

fn linear(layer: &Linear) -> Keys {
    let mut keys: Keys = vec![("c", layer.channels.to_string())];
    keys.extend(activation(layer.activation, Activation::Identity));
    if !layer.bias {
        keys.push(("bias", "false".to_owned()));
    }
    keys
}

fn pool(window: Window, input: Shape) -> Keys {
    let mut keys = sides(window);
    keys.extend(padding(window, input, Word::Valid));
    keys
}

/// `k`, and `s` and `d` where they are not 1. A single stride is 1 or 2, two may be any.
fn sides(window: Window) -> Keys {
    let text = |[down, across]: [usize; 2], most: usize| match down == across && down <= most {
        true => down.to_string(),
        false => list([down, across]),
    };
    let mut keys: Keys = vec![("k", text(window.kernel, usize::MAX))];
    if window.stride != [1, 1] {
        keys.push(("s", text(window.stride, 2)));
    }
    if window.dilation != [1, 1] {
        keys.push(("d", text(window.dilation, usize::MAX)));
    }
    keys
}

/// What is said of the padding of a window over `input`, where `default` does not say it.
pub(super) fn padding(
    window: Window,
    input: Shape,
    default: Word,
) -> Option<(&'static str, String)> {
    if default.says(window, input) {
        return None;
    }
    let words = [Word::Symmetric, Word::Same, Word::Valid];
    let word = words.into_iter().find(|word| word.says(window, input));
    let text = word.map_or_else(|| explicit(window.padding), |word| word.text().to_owned());
    Some(("padding", text))
}

fn explicit(padding: Padding) -> String {
    list(padding.to_array())
}

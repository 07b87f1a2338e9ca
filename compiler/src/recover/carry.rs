//! Gives a network the names of its spec.
//!
//! In: a graph with its tensors, and the graph that its spec makes. Out: the second, with the first one's tensors and names
//! of outputs; nothing if they are not the same network. Never: changes a weight, but for batch norms that the spec has no
//! place for: those are folded, as they would be later.

use super::input;
use crate::graph::{
    Conv, Excite, Graph, Input, Linear, Node, Op, Output, PixelMap, SqueezeExcite, ValueId,
};
use crate::passes;
use crate::weights::{Tensors, retensor};
use std::collections::BTreeMap;

/// A network under the names of its spec.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The network, before all passes; its outputs have the order and the names they had, unless they were numbers.
    pub graph: Graph,
    /// Its tensors, in the shapes and under the names of the graph's layers.
    pub tensors: Tensors,
    /// Layer -> what it was called before.
    pub layers: BTreeMap<String, String>,
    /// Map, as it was before all passes -> the one that holds the same now, before all passes.
    pub maps: BTreeMap<ValueId, ValueId>,
}

/// `tensors`, which are of `from`, and its outputs, given to `to`; `from` is behind all passes, `to` before.
///
/// Nothing where the two are not the same layers, reading from each other in the same way, in the same order.
#[must_use]
pub fn carry(from: &Graph, tensors: Tensors, to: Graph) -> Option<Carried> {
    let mut fused = to.clone();
    passes::run(&mut fused);
    let values = same(from, &fused)?;
    let mut graph = to;
    graph.outputs = from
        .outputs
        .iter()
        .map(|output| {
            let value = values.get(&output.value)?;
            let place = fused.outputs.iter().position(|o| o.value == *value)?;
            let named = &graph.outputs[place];
            let name = match is_number(&output.name) {
                true => named.name.clone(),
                false => output.name.clone(),
            };
            let value = named.value;
            Some(Output { name, value })
        })
        .collect::<Option<_>>()?;
    let (tensors, params) = retensor(from, tensors, &fused)?;
    let pairs = fused.nodes().iter().zip(from.nodes());
    let names = pairs.map(|(now, before)| (now.origin.name.clone(), before.origin.name.clone()));
    let layers = params.into_iter().chain(names).collect();
    let maps = values
        .iter()
        .map(|(before, now)| (from.as_written(*before), fused.as_written(*now)))
        .collect();
    Some(Carried {
        graph,
        tensors,
        layers,
        maps,
    })
}

/// Whether a name was made of a number, as PyTorch calls what nobody named: `net_495`.
fn is_number(name: &str) -> bool {
    let rest = name.strip_prefix("net_");
    rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

/// The value of `b` for each of `a`, if they are the same network but for names and weights.
fn same(a: &Graph, b: &Graph) -> Option<BTreeMap<ValueId, ValueId>> {
    let counts = |g: &Graph| (g.nodes().len(), g.outputs.len());
    if !same_input(&a.input, &b.input) || counts(a) != counts(b) {
        return None;
    }
    let mut values = BTreeMap::from([(Graph::INPUT, Graph::INPUT)]);
    for (x, y) in a.nodes().iter().zip(b.nodes()) {
        let inputs: Vec<ValueId> = x
            .inputs
            .iter()
            .map(|value| values.get(value).copied())
            .collect::<Option<_>>()?;
        let turned = matches!(x.op, Op::Add(_)) && inputs.iter().rev().eq(&y.inputs);
        if !(inputs == y.inputs || turned) || !same_op(x, y) {
            return None;
        }
        values.insert(x.output, y.output);
    }
    Some(values)
}

/// Whether pixels become the same numbers, but for how a spec rounds them.
fn same_input(a: &Input, b: &Input) -> bool {
    let near =
        |x: &PixelMap, y: &PixelMap| input::near(y.scale, x.scale) && input::near(y.shift, x.shift);
    let mut maps = a.normalise.iter().zip(&b.normalise);
    (a.shape, a.element, a.normalise.len()) == (b.shape, b.element, b.normalise.len())
        && maps.all(|(x, y)| near(x, y))
}

fn same_op(a: &Node, b: &Node) -> bool {
    bare(&a.op) == bare(&b.op)
}

/// An operator without its parameters.
fn bare(op: &Op) -> Op {
    match op.clone() {
        Op::Conv(conv) => Op::Conv(Conv {
            bias: false,
            norm: None,
            params: String::new(),
            ..conv
        }),
        Op::Linear(linear) => Op::Linear(Linear {
            bias: false,
            params: String::new(),
            ..linear
        }),
        Op::SqueezeExcite(se) => {
            let bare = |excite: Excite| Excite {
                bias: false,
                params: String::new(),
                ..excite
            };
            Op::SqueezeExcite(SqueezeExcite {
                reduce: bare(se.reduce),
                expand: bare(se.expand),
                ..se
            })
        }
        other => other,
    }
}

//! Fuses the sum of a residual connection into the pointwise convolution that makes its later operand.
//!
//! In and out: a verified graph. Never: fuses into a convolution with an activation, which would then come before the
//! sum, or into one whose plain result is read elsewhere.

use crate::graph::{Activation, Graph, NodeId, Op, ValueId};

pub(super) fn run(graph: &mut Graph) {
    for id in graph.ids() {
        let node = graph.node(id);
        if node.op != Op::Add(Activation::Identity) {
            continue;
        }
        let (a, b) = (node.inputs[0], node.inputs[1]);
        let Some((conv, skip)) = projection(graph, a, b) else {
            continue;
        };
        let made = graph.node(conv).output;
        graph.nodes[conv.index()].inputs.push(skip);
        graph.replace_with(id, made);
    }
    graph.remove_unread(|op| matches!(op, Op::Add(_)));
}

/// Of the two operands: the convolution that can take the other one as its skip. The skip must be made before it.
fn projection(graph: &Graph, a: ValueId, b: ValueId) -> Option<(NodeId, ValueId)> {
    let candidate = |made: ValueId, skip: ValueId| {
        let conv = graph.sole_producer(made)?;
        let earlier = graph.producer(skip).is_none_or(|producer| producer < conv);
        (earlier && takes_skip(graph, conv)).then_some((conv, skip))
    };
    candidate(b, a).or_else(|| candidate(a, b))
}

fn takes_skip(graph: &Graph, conv: NodeId) -> bool {
    let node = graph.node(conv);
    let Op::Conv(conv) = &node.op else {
        return false;
    };
    conv.is_pointwise() && conv.activation == Activation::Identity && node.inputs.len() == 1
}

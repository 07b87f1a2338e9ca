//! Fuses each activation into the operator that feeds it.
//!
//! In and out: a verified graph. Never: fuses into an operator that has an activation, or whose plain result is read
//! elsewhere.

use crate::graph::{Activation, Graph, Op};

pub(super) fn run(graph: &mut Graph) {
    for id in graph.ids() {
        let Op::Activation(activation) = graph.node(id).op else {
            continue;
        };
        let Some(producer) = graph.sole_producer(graph.node(id).inputs[0]) else {
            continue;
        };
        let Some(slot) = epilogue(&mut graph.nodes[producer.index()].op) else {
            continue;
        };
        if *slot == Activation::Identity {
            *slot = activation;
            graph.bypass(id);
        }
    }
    graph.remove_unread(|op| matches!(op, Op::Activation(_)));
}

/// Where an operator keeps the activation of its epilogue.
fn epilogue(op: &mut Op) -> Option<&mut Activation> {
    match op {
        Op::Conv(conv) => Some(&mut conv.activation),
        Op::Linear(linear) => Some(&mut linear.activation),
        Op::Add(activation) => Some(activation),
        Op::SqueezeExcite(se) => Some(&mut se.activation),
        Op::BatchNorm(_)
        | Op::Activation(_)
        | Op::Scale
        | Op::GlobalAveragePool
        | Op::AveragePool(_)
        | Op::MaxPool(_)
        | Op::Pad(_)
        | Op::Flatten
        | Op::Softmax => None,
    }
}

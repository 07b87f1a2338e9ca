//! Folds zeros around a map into the window that slides over it.
//!
//! In and out: a verified graph. Never: folds into a pool, for which zeros of a map count and padding does not.

use crate::graph::{Graph, Op};

pub(super) fn run(graph: &mut Graph) {
    for id in graph.ids() {
        let Op::Conv(conv) = &graph.node(id).op else {
            continue;
        };
        let Some(pad) = graph.sole_producer(graph.node(id).inputs[0]) else {
            continue;
        };
        let Op::Pad(padding) = graph.node(pad).op else {
            continue;
        };
        let (mut conv, input) = (conv.clone(), graph.node(pad).inputs[0]);
        conv.window.padding = conv.window.padding.plus(padding);
        let node = &mut graph.nodes[id.index()];
        (node.op, node.inputs[0]) = (Op::Conv(conv), input);
    }
    graph.remove_unread(|op| matches!(op, Op::Pad(_)));
}

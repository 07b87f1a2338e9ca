//! Drops flattening where it changes nothing: of a single pixel, and before a linear layer, which reads all elements of
//! a map anyway.
//!
//! In and out: a verified graph. Never: drops a flattening that an output shows.

use crate::graph::{Graph, Op};
use crate::shape::Shape;

pub(super) fn run(graph: &mut Graph) {
    for id in graph.ids() {
        let node = graph.node(id);
        if node.op != Op::Flatten {
            continue;
        }
        let input = graph.input_shape(node);
        let feeds_linear = graph
            .sole_reader(node.output)
            .is_some_and(|reader| matches!(graph.node(reader).op, Op::Linear(_)));
        if input == Shape::vector(input.c) || feeds_linear {
            graph.bypass(id);
        }
    }
    graph.remove_unread(|op| matches!(op, Op::Flatten));
}

//! Folds each batch norm into the convolution that feeds it.
//!
//! Ioffe, Szegedy: Batch Normalization, 2015, section 3.1: with fixed statistics it is affine per channel, so
//! w' = w * s and b' = (b - mean) * s + bias with s = weight / sqrt(var + epsilon). Here the convolution only takes the
//! norm's name and epsilon; [`crate::weights`] computes w' and b'.
//!
//! In and out: a verified graph. Never: changes a shape, reads a tensor.

use crate::graph::{Graph, Op};

pub(super) fn run(graph: &mut Graph) {
    for id in graph.ids() {
        let Op::BatchNorm(norm) = &graph.node(id).op else {
            continue;
        };
        let norm = norm.clone();
        let Some(conv) = graph.sole_producer(graph.node(id).inputs[0]) else {
            continue;
        };
        let Op::Conv(conv) = &mut graph.nodes[conv.index()].op else {
            continue;
        };
        if conv.norm.is_none() {
            conv.norm = Some(norm);
            graph.bypass(id);
        }
    }
    graph.remove_unread(|op| matches!(op, Op::BatchNorm(_)));
}

//! Removes nodes that nothing reads.
//!
//! In and out: a verified graph. Never: changes what the network gives out.

use crate::graph::Graph;
use std::collections::BTreeSet;

pub(super) fn run(graph: &mut Graph) {
    let mut read: BTreeSet<_> = graph.outputs.iter().map(|o| o.value).collect();
    let mut live = BTreeSet::new();
    for id in graph.ids().collect::<Vec<_>>().into_iter().rev() {
        let node = graph.node(id);
        if read.contains(&node.output) {
            live.insert(id);
            read.extend(&node.inputs);
        }
    }
    graph.retain(|id| live.contains(&id));
}

//! Makes one operator of a squeeze-and-excite: pool, two small layers with their activations, and the scaling.
//!
//! Found from the scaling backwards, by what feeds what, so that neither names nor the order of nodes matter. The two
//! layers may be 1x1 convolutions or linear layers.
//!
//! In and out: a verified graph. Never: takes a layer whose result is read elsewhere.

use crate::graph::{Activation, Excite, Graph, NodeId, Op, SqueezeExcite, ValueId};

pub(super) fn run(graph: &mut Graph) {
    for id in graph.ids() {
        if graph.node(id).op != Op::Scale {
            continue;
        }
        let (x, gates) = (graph.node(id).inputs[0], graph.node(id).inputs[1]);
        let Some(se) = squeeze_excite(graph, x, gates) else {
            continue;
        };
        let node = &mut graph.nodes[id.index()];
        node.op = Op::SqueezeExcite(se);
        node.inputs.truncate(1);
    }
    // The layers that made the gates still name the parameters that the new node names.
    super::remove_dead::run(graph);
}

/// The block that makes `gates` of `x`, if that is what makes them.
fn squeeze_excite(graph: &Graph, x: ValueId, gates: ValueId) -> Option<SqueezeExcite> {
    let (expand, squeezed) = excite(graph, gates)?;
    let (reduce, pooled) = excite(graph, squeezed)?;
    let pool = graph.node(graph.sole_producer(pooled)?);
    let pools_x = pool.op == Op::GlobalAveragePool && pool.inputs == [x];
    pools_x.then_some(SqueezeExcite {
        reduce,
        expand,
        activation: Activation::Identity,
    })
}

/// The small layer that makes `value`, and what it reads.
fn excite(graph: &Graph, value: ValueId) -> Option<(Excite, ValueId)> {
    let mut producer = graph.sole_producer(value)?;
    let mut activation = Activation::Identity;
    if let Op::Activation(a) = graph.node(producer).op {
        activation = a;
        producer = graph.sole_producer(graph.node(producer).inputs[0])?;
    }
    let (channels, bias, params) = layer(graph, producer)?;
    let layer = Excite {
        channels,
        bias,
        activation,
        params,
    };
    Some((layer, graph.node(producer).inputs[0]))
}

fn layer(graph: &Graph, id: NodeId) -> Option<(usize, bool, String)> {
    let op = &graph.node(id).op;
    if let Op::Linear(linear) = op {
        return Some((linear.channels, linear.bias, linear.params.clone()));
    }
    let Op::Conv(conv) = op else { return None };
    let plain = conv.is_pointwise() && conv.norm.is_none();
    plain.then(|| (conv.channels, conv.bias, conv.params.clone()))
}

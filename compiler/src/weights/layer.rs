//! Which tensors a layer needs.
//!
//! In: a filter of a plan or the nodes of a graph. Out: names and shapes of tensors, by contract: `BASE.weight`,
//! `BASE.bias`, and `weight`, `bias`, `mean`, `var` of the batch norm. Never: looks at a number.

use super::WeightSource;
use crate::graph::{BatchNorm, Excite, Graph, Node, Op};
use crate::plan::Filter;

/// The parts of a batch norm, in PyTorch's order.
pub(super) const NORM_PARTS: [&str; 4] = ["weight", "bias", "mean", "var"];

/// A layer as far as its tensors go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layer<'a> {
    /// Base name of its tensors.
    pub(crate) params: &'a str,
    /// The shape of its weight as PyTorch has it; none for a batch norm behind no convolution.
    pub(crate) weight: Option<Vec<usize>>,
    /// Channels it makes.
    pub(crate) channels: usize,
    /// Whether it has a bias of its own.
    pub(crate) bias: bool,
    /// The batch norm that follows it.
    pub(crate) norm: Option<&'a BatchNorm>,
}

/// A tensor that a layer needs.
pub(super) type Need = (String, Vec<usize>);

impl<'a> Layer<'a> {
    /// What a filter is packed from.
    pub(super) fn of_filter(filter: &'a Filter) -> Self {
        Layer {
            params: &filter.params,
            weight: Some(filter.kind.tensor_shape()),
            channels: filter.kind.outputs(),
            bias: filter.bias,
            norm: filter.norm.as_ref(),
        }
    }

    /// The layers of a graph, before or after its passes, in order.
    pub(crate) fn of_graph(graph: &'a Graph) -> Vec<Self> {
        let mut layers: Vec<Self> = Vec::new();
        for node in graph.nodes() {
            let followed = match &node.op {
                Op::BatchNorm(norm) => {
                    behind(graph, node, &mut layers).map(|l| l.norm = Some(norm))
                }
                _ => None,
            };
            if followed.is_none() {
                layers.extend(of_node(graph, node));
            }
        }
        layers
    }

    /// Whether `source` has a bias for it in place of all tensors of its batch norm, which was folded long ago.
    pub(crate) fn is_folded(&self, source: &WeightSource) -> bool {
        let WeightSource::Tensors(tensors) = source else {
            return false;
        };
        let Some(norm) = self.norm.filter(|_| self.weight.is_some()) else {
            return false;
        };
        let has = |part: &&str| tensors.get(&name(&norm.params, part)).is_some();
        !NORM_PARTS.iter().any(has) && tensors.get(&self.bias_name()).is_some()
    }

    /// The tensors it needs from `source`, in order.
    pub(super) fn needs(&self, source: &WeightSource) -> Vec<Need> {
        let folded = self.is_folded(source);
        let mut needs = Vec::new();
        if let Some(shape) = &self.weight {
            needs.push((self.weight_name(), shape.clone()));
        }
        if self.bias || folded {
            needs.push((self.bias_name(), vec![self.channels]));
        }
        if let Some(norm) = self.norm.filter(|_| !folded) {
            let part = |part: &&str| (name(&norm.params, part), vec![self.channels]);
            needs.extend(NORM_PARTS.iter().map(part));
        }
        needs
    }

    /// The name of its weight.
    pub(crate) fn weight_name(&self) -> String {
        name(self.params, "weight")
    }

    /// The name of its bias.
    pub(crate) fn bias_name(&self) -> String {
        name(self.params, "bias")
    }
}

/// `BASE.PART`.
pub(crate) fn name(base: &str, part: &str) -> String {
    format!("{base}.{part}")
}

/// The layer that `norm` follows, if nothing stands between them.
fn behind<'l, 'a>(
    graph: &'a Graph,
    norm: &Node,
    layers: &'l mut [Layer<'a>],
) -> Option<&'l mut Layer<'a>> {
    let producer = graph.producer(norm.inputs[0])?;
    let Op::Conv(conv) = &graph.node(producer).op else {
        return None;
    };
    let layer = layers.iter_mut().find(|l| l.params == conv.params)?;
    layer.norm.is_none().then_some(layer)
}

fn of_node<'a>(graph: &'a Graph, node: &'a Node) -> Vec<Layer<'a>> {
    let input = graph.input_shape(node);
    match &node.op {
        Op::Conv(conv) => {
            let [kh, kw] = conv.window.kernel;
            vec![Layer {
                params: &conv.params,
                weight: Some(vec![conv.channels, input.c / conv.groups, kh, kw]),
                channels: conv.channels,
                bias: conv.bias,
                norm: conv.norm.as_ref(),
            }]
        }
        Op::Linear(linear) => vec![Layer {
            params: &linear.params,
            weight: Some(vec![linear.channels, input.len()]),
            channels: linear.channels,
            bias: linear.bias,
            norm: None,
        }],
        Op::BatchNorm(norm) => vec![Layer {
            params: &norm.params,
            weight: None,
            channels: input.c,
            bias: false,
            norm: Some(norm),
        }],
        Op::SqueezeExcite(se) => vec![
            excite(&se.reduce, input.c),
            excite(&se.expand, se.reduce.channels),
        ],
        Op::Activation(_)
        | Op::Add(_)
        | Op::Scale
        | Op::GlobalAveragePool
        | Op::AveragePool(_)
        | Op::MaxPool(_)
        | Op::Pad(_)
        | Op::Flatten
        | Op::Softmax => vec![],
    }
}

fn excite(layer: &Excite, inputs: usize) -> Layer<'_> {
    Layer {
        params: &layer.params,
        weight: Some(vec![layer.channels, inputs, 1, 1]),
        channels: layer.channels,
        bias: layer.bias,
        norm: None,
    }
}

//! Cuts a graph of fused layers into units: blocks of MobileNets, and single layers.
//!
//! ```text
//! x -> [expansion 1x1, f] -> depthwise, f -> [gates] -> projection 1x1 (+ x)      inverted residual, bneck
//! x -> depthwise, f -> pointwise 1x1, f                                           separable
//! ```
//! The parts follow each other in the graph, and nothing else reads what flows between them; the expansion may be given
//! out.
//!
//! In: a graph behind all passes. Out: units that cover it, in its order. Never: words anything.

use crate::graph::{Activation, Conv, Graph, Node, NodeId, Op, SqueezeExcite, ValueId};
use crate::shape::Shape;
use std::collections::BTreeMap;

/// One entry of `layers`, or one repeat of a row.
#[derive(Clone, Debug)]
pub(super) enum Unit {
    /// A repeat of a row.
    Block(Block),
    /// A layer.
    Single(NodeId),
}

/// A block of a MobileNet.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The map it reads.
    pub(super) input: ValueId,
    /// The map it makes.
    pub(super) output: ValueId,
    pub(super) expand: Option<NodeId>,
    pub(super) depthwise: NodeId,
    pub(super) gates: Option<NodeId>,
    pub(super) project: NodeId,
    /// Whether the projection is linear, as in V2 and V3.
    pub(super) linear: bool,
    /// The activation of expansion and depthwise convolution; V1's of both.
    pub(super) function: Activation,
    /// Whether gates come before the activation.
    pub(super) gates_first: bool,
}

impl Unit {
    pub(super) fn block(&self) -> Option<&Block> {
        match self {
            Self::Block(block) => Some(block),
            Self::Single(_) => None,
        }
    }

    /// The map it makes.
    pub(super) fn output(&self, graph: &Graph) -> ValueId {
        match self {
            Self::Block(block) => block.output,
            Self::Single(id) => graph.node(*id).output,
        }
    }

    /// The maps that it must name: those it reads, but for what the layer before it makes.
    pub(super) fn reads_by_name(&self, graph: &Graph, previous: ValueId) -> Vec<ValueId> {
        let node = match self {
            Self::Block(block) => return others(&[block.input], previous),
            Self::Single(id) => graph.node(*id),
        };
        match (&node.op, &node.inputs[..]) {
            // The layer before is one operand, whichever of the two it is.
            (Op::Add(_), [a, b]) if *a == previous => vec![*b],
            (Op::Add(_), [a, b]) if *b == previous => vec![*a],
            // A sum fused into a convolution is written behind it.
            (Op::Conv(_), [x, skip]) => {
                let mut read = others(&[*x], previous);
                read.push(*skip);
                read
            }
            (_, read) => others(read, previous),
        }
    }
}

fn others(read: &[ValueId], previous: ValueId) -> Vec<ValueId> {
    read.iter().copied().filter(|v| *v != previous).collect()
}

/// The units of a graph.
pub(super) fn units(graph: &Graph) -> Vec<Unit> {
    let finder = Finder::new(graph);
    let (mut units, mut at) = (Vec::new(), 0);
    while at < graph.nodes().len() {
        match finder.block(at) {
            Some((block, parts)) => {
                units.push(Unit::Block(block));
                at += parts;
            }
            None => {
                units.push(Unit::Single(NodeId(at as u32)));
                at += 1;
            }
        }
    }
    units
}

/// The parts of a block as single layers.
pub(super) fn parts(block: &Block) -> Vec<Unit> {
    let all = [
        block.expand,
        Some(block.depthwise),
        block.gates,
        Some(block.project),
    ];
    all.into_iter().flatten().map(Unit::Single).collect()
}

struct Finder<'g> {
    graph: &'g Graph,
    /// The places of the nodes that read a map.
    readers: BTreeMap<ValueId, Vec<usize>>,
}

impl<'g> Finder<'g> {
    fn new(graph: &'g Graph) -> Self {
        let mut readers: BTreeMap<ValueId, Vec<usize>> = BTreeMap::new();
        for (place, node) in graph.nodes().iter().enumerate() {
            for input in &node.inputs {
                readers.entry(*input).or_default().push(place);
            }
        }
        Self { graph, readers }
    }

    fn node(&self, at: usize) -> Option<&'g Node> {
        self.graph.nodes().get(at)
    }

    fn conv(&self, at: usize) -> Option<(&'g Node, &'g Conv)> {
        let node = self.node(at)?;
        match &node.op {
            Op::Conv(conv) => Some((node, conv)),
            _ => None,
        }
    }

    /// Whether the node at `next` alone reads `value`.
    fn feeds(&self, value: ValueId, next: usize) -> bool {
        self.readers.get(&value).is_some_and(|all| all == &[next])
    }

    /// The same, and nothing is given out.
    fn feeds_alone(&self, value: ValueId, next: usize) -> bool {
        self.feeds(value, next) && !self.graph.is_output(value)
    }

    /// The block that starts at a node, and how many nodes it has.
    fn block(&self, start: usize) -> Option<(Block, usize)> {
        let input = *self.node(start)?.inputs.first()?;
        let mut at = start;
        let expansion = self.expansion(at);
        at += usize::from(expansion.is_some());
        let x = expansion.map_or(input, |(node, _)| node.output);
        let (depthwise, dw) = self.depthwise(at, x)?;
        at += 1;
        let gates = self.gates(at, depthwise.output);
        at += usize::from(gates.is_some());
        let y = gates.map_or(depthwise.output, |(node, _)| node.output);
        let (node, project) = self.conv(at).filter(|(_, conv)| conv.is_pointwise())?;
        let skipped = match node.inputs[..] {
            [read] if read == y => false,
            [read, skip] if read == y && skip == input => true,
            _ => return None,
        };
        let gating = gates.map(|(_, se)| se.activation);
        let (function, gates_first) =
            functions(expansion.map(|(_, e)| e.activation), dw.activation, gating)?;
        let linear = project.activation == Activation::Identity;
        let plain = expansion.is_none() && gates.is_none() && !skipped;
        let separable = plain && project.activation == function;
        if !linear && !separable {
            return None;
        }
        let place = |at: usize| NodeId(at as u32);
        let block = Block {
            input,
            output: node.output,
            expand: expansion.map(|_| place(start)),
            depthwise: place(start + usize::from(expansion.is_some())),
            gates: gates.map(|_| place(at - 1)),
            project: place(at),
            linear,
            function,
            gates_first,
        };
        Some((block, at + 1 - start))
    }

    /// A pointwise convolution that changes the number of channels, for the next node alone.
    fn expansion(&self, at: usize) -> Option<(&'g Node, &'g Conv)> {
        let (node, conv) = self.conv(at)?;
        let widens = conv.channels != self.graph.input_shape(node).c;
        let feeds = self.feeds(node.output, at + 1) && node.inputs.len() == 1;
        (conv.is_pointwise() && widens && feeds).then_some((node, conv))
    }

    /// A depthwise convolution of `x` as rows have it, for the next node alone.
    fn depthwise(&self, at: usize, x: ValueId) -> Option<(&'g Node, &'g Conv)> {
        let (node, conv) = self.conv(at)?;
        let window = conv.window;
        let square = [window.kernel, window.stride, window.dilation]
            .iter()
            .all(|[v, h]| v == h);
        let fits = square
            && window.stride[0] <= 2
            && conv.is_depthwise(self.graph.shape(x))
            && node.inputs == [x]
            && self.feeds_alone(node.output, at + 1);
        fits.then_some((node, conv))
    }

    /// A squeeze-and-excite of `x`, for the next node alone.
    fn gates(&self, at: usize, x: ValueId) -> Option<(&'g Node, &'g SqueezeExcite)> {
        let node = self.node(at)?;
        match &node.op {
            Op::SqueezeExcite(se)
                if node.inputs == [x] && self.feeds_alone(node.output, at + 1) =>
            {
                Some((node, se))
            }
            _ => None,
        }
    }
}

/// The one activation of a block, and whether gates come before it.
fn functions(
    expansion: Option<Activation>,
    depthwise: Activation,
    gates: Option<Activation>,
) -> Option<(Activation, bool)> {
    let none = Activation::Identity;
    let (function, first) = match gates {
        Some(behind) if depthwise == none && behind != none => (behind, true),
        Some(behind) if behind != none => return None,
        _ => (depthwise, false),
    };
    let agree = expansion.is_none_or(|expansion| expansion == function);
    (agree && function != none).then_some((function, first))
}

impl Block {
    pub(super) fn conv<'g>(&self, graph: &'g Graph, id: NodeId) -> &'g Conv {
        match &graph.node(id).op {
            Op::Conv(conv) => conv,
            _ => unreachable!("a block is made of convolutions, but for its gates"),
        }
    }

    pub(super) fn gating<'g>(&self, graph: &'g Graph) -> Option<&'g SqueezeExcite> {
        match &graph.node(self.gates?).op {
            Op::SqueezeExcite(se) => Some(se),
            _ => None,
        }
    }

    /// The map it reads.
    pub(super) fn shape(&self, graph: &Graph) -> Shape {
        graph.shape(self.input)
    }

    /// Channels of the depthwise convolution.
    pub(super) fn inner(&self, graph: &Graph) -> usize {
        self.conv(graph, self.depthwise).channels
    }

    /// Channels it makes.
    pub(super) fn channels(&self, graph: &Graph) -> usize {
        self.conv(graph, self.project).channels
    }

    /// Whether its input is added to what it makes.
    pub(super) fn skips(&self, graph: &Graph) -> bool {
        graph.node(self.project).inputs.len() == 2
    }

    /// The stride of its depthwise convolution.
    pub(super) fn stride(&self, graph: &Graph) -> usize {
        self.conv(graph, self.depthwise).window.stride[0]
    }

    /// How often as wide as its input it is inside, where that is a whole number.
    pub(super) fn factor(&self, graph: &Graph) -> Option<usize> {
        let (inner, input) = (self.inner(graph), self.shape(graph).c);
        inner.is_multiple_of(input).then(|| inner / input)
    }
}

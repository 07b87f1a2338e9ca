//! What most layers of a network have in common: `rounding` and `defaults`.
//!
//! In: a graph and its units. Out: the defaults, and the units that rows can say: a block whose gates are no sigmoids
//! becomes single layers. Never: words a layer.

use super::blocks::{self, Block, Unit};
use super::text::{flow, number};
use crate::front::expand;
use crate::graph::{Activation, Conv, Graph, NodeId, Op, SqueezeExcite};
use crate::shape::{Padding, Shape, Window};

/// The words for a padding, by how much they say; the first is what holds where nothing is written.
const WORDS: [Word; 3] = [Word::Symmetric, Word::Same, Word::Valid];

/// A word for a padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Symmetric,
    Same,
    Valid,
}

impl Word {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Symmetric => "symmetric",
            Self::Same => "same",
            Self::Valid => "valid",
        }
    }

    /// Whether a window over `input` has the padding it stands for.
    pub(super) fn says(self, window: Window, input: Shape) -> bool {
        let Window {
            kernel,
            stride,
            dilation,
            padding,
        } = window;
        match self {
            Self::Symmetric => {
                let whole = (0..2).all(|i| (dilation[i] * (kernel[i] - 1)).is_multiple_of(2));
                whole && padding == Padding::symmetric(kernel, dilation)
            }
            Self::Same => padding == Padding::same(input, kernel, stride, dilation),
            Self::Valid => padding == Padding::NONE,
        }
    }
}

/// How batch norm stands with a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Norms {
    /// The model has batch norms, most of them with this epsilon.
    Written(f64),
    /// It has blocks, whose batch norms were folded long ago: so were those of other convolutions over maps.
    Folded,
    /// It has none.
    Absent,
}

/// The same for all layers that say nothing else.
#[derive(Clone, Debug)]
pub(super) struct Defaults {
    /// Channels of scaled layers are multiples of it.
    pub(super) divisor: usize,
    pub(super) activation: Activation,
    pub(super) norms: Norms,
    pub(super) padding: Word,
    pub(super) se: Gates,
}

/// The same for squeeze-and-excite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gates {
    /// Squeezed channels as a share of the others, and what they are a multiple of.
    pub(super) width: (f64, usize),
    pub(super) gate: Activation,
    pub(super) inner: Activation,
    /// Before the activation, in blocks with an expansion.
    pub(super) first: bool,
}

/// PyTorch's, and the grammar's where nothing is written.
const EPSILON: f64 = 1e-5;

const WIDTH: (f64, usize) = (0.25, 8);

/// What rows can have as their gates.
const SIGMOIDS: [Activation; 2] = [Activation::HardSigmoid, Activation::Sigmoid];

/// The units as rows can say them, and their defaults.
pub(super) fn of(graph: &Graph, units: Vec<Unit>) -> (Vec<Unit>, Defaults) {
    let gates = gates(graph, &units);
    let sayable = |block: &Block| {
        let se = block.gating(graph);
        se.is_none_or(|se| SIGMOIDS.contains(&se.expand.activation))
    };
    let units: Vec<Unit> = units
        .into_iter()
        .flat_map(|unit| match unit {
            Unit::Block(block) if !sayable(&block) => blocks::parts(&block),
            unit => vec![unit],
        })
        .collect();
    let defaults = Defaults {
        divisor: divisor(graph, &units),
        activation: activation(graph, &units),
        norms: norms(graph, &units),
        padding: padding(graph),
        se: gates,
    };
    (units, defaults)
}

fn blocks_of(units: &[Unit]) -> impl Iterator<Item = &Block> {
    units.iter().filter_map(Unit::block)
}

/// The convolutions that are layers of their own.
fn singles<'a>(graph: &'a Graph, units: &'a [Unit]) -> impl Iterator<Item = (NodeId, &'a Conv)> {
    units.iter().filter_map(|unit| match unit {
        Unit::Single(id) => match &graph.node(*id).op {
            Op::Conv(conv) => Some((*id, conv)),
            _ => None,
        },
        Unit::Block(_) => None,
    })
}

/// What most are; of several as frequent the first.
fn most<T: PartialEq>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for one in all {
        match counts.iter_mut().find(|(other, _)| *other == one) {
            Some((_, count)) => *count += 1,
            None => counts.push((one, 1)),
        }
    }
    let greatest = counts.iter().map(|(_, count)| *count).max()?;
    let first = counts.into_iter().find(|(_, count)| *count == greatest);
    first.map(|(one, _)| one)
}

/// The greatest of 8, 4, 2 and 1 that divides the channels of rows and of what comes first; those of all layers where
/// there are no rows.
fn divisor(graph: &Graph, units: &[Unit]) -> usize {
    let mut channels: Vec<usize> = blocks_of(units)
        .flat_map(|block| {
            // Factors are exact: only V3's expansions are rounded.
            let inner = block.factor(graph).is_none().then(|| block.inner(graph));
            [Some(block.channels(graph)), inner]
        })
        .flatten()
        .collect();
    // The stem is as wide as rows are; what comes later may be a head, which has its own width.
    let stem = units.first().into_iter().filter_map(|unit| match unit {
        Unit::Single(id) => Some(graph.shape(graph.node(*id).output).c),
        Unit::Block(_) => None,
    });
    channels.extend(stem);
    if blocks_of(units).next().is_none() {
        let of_maps =
            singles(graph, units).filter(|(id, _)| graph.input_shape(graph.node(*id)).pixels() > 1);
        channels.extend(of_maps.map(|(_, conv)| conv.channels));
    }
    let divides = |d: &usize| channels.iter().all(|c| c.is_multiple_of(*d));
    [8, 4, 2].into_iter().find(divides).unwrap_or(1)
}

/// That of most rows of V1 and V2, which have no column for it; else that of most other convolutions.
fn activation(graph: &Graph, units: &[Unit]) -> Activation {
    let functions = || blocks_of(units).map(|block| block.function);
    let uniform = functions().all(|function| Some(function) == functions().next());
    let of_rows = uniform.then(|| functions().next()).flatten();
    let of_layers = singles(graph, units).map(|(_, conv)| conv.activation);
    let most_layers = most(of_layers.filter(|function| *function != Activation::Identity));
    of_rows
        .or(most_layers)
        .or(most(functions()))
        .unwrap_or(Activation::Identity)
}

fn norms(graph: &Graph, units: &[Unit]) -> Norms {
    let epsilons = graph.nodes().iter().filter_map(|node| match &node.op {
        Op::Conv(conv) => conv.norm.as_ref().map(|norm| norm.epsilon),
        _ => None,
    });
    match most(epsilons) {
        Some(epsilon) => Norms::Written(epsilon),
        None if blocks_of(units).next().is_some() => Norms::Folded,
        None => Norms::Absent,
    }
}

/// The word that says the padding of the most convolutions.
fn padding(graph: &Graph) -> Word {
    let windows: Vec<(Window, Shape)> = graph
        .nodes()
        .iter()
        .filter_map(|node| match &node.op {
            Op::Conv(conv) => Some((conv.window, graph.input_shape(node))),
            _ => None,
        })
        .collect();
    let said = |word: Word| {
        let all = windows.iter();
        all.filter(|(window, input)| word.says(*window, *input))
            .count()
    };
    let mut best = Word::Symmetric;
    for word in WORDS {
        if said(word) > said(best) {
            best = word;
        }
    }
    best
}

fn gates(graph: &Graph, units: &[Unit]) -> Gates {
    let all: Vec<(&Block, &SqueezeExcite)> = blocks_of(units)
        .filter_map(|block| Some((block, block.gating(graph)?)))
        .collect();
    let of_rows = all.iter().map(|(_, se)| se.expand.activation);
    let gate = most(of_rows.filter(|gate| SIGMOIDS.contains(gate)));
    let inner = most(all.iter().map(|(_, se)| se.reduce.activation));
    let expanded = || all.iter().filter(|(block, _)| block.expand.is_some());
    let first = expanded().filter(|(block, _)| block.gates_first).count() * 2 > expanded().count();
    let widths: Vec<(usize, usize)> = all
        .iter()
        .map(|(block, se)| (block.inner(graph), se.reduce.channels))
        .collect();
    Gates {
        width: share(&widths),
        gate: gate.unwrap_or(Activation::HardSigmoid),
        inner: inner.unwrap_or(Activation::Relu),
        first,
    }
}

/// The share and divisor that make all squeezed widths of the others; the grammar's where none does.
fn share(widths: &[(usize, usize)]) -> (f64, usize) {
    let shares = [0.25, 0.5, 0.125, 0.0625, 1.0];
    let divisors = [8, 4, 2, 1];
    let pairs = shares.iter().flat_map(|s| divisors.map(|d| (*s, d)));
    let makes_all = |pair: &(f64, usize)| {
        widths
            .iter()
            .all(|(inner, w)| squeezed(*inner, *pair) == *w)
    };
    std::iter::once(WIDTH)
        .chain(pairs)
        .find(makes_all)
        .unwrap_or(WIDTH)
}

/// The width that `se: true` makes.
fn squeezed(inner: usize, (share, divisor): (f64, usize)) -> usize {
    expand::squeezed(inner, share, divisor as u32)
}

impl Defaults {
    /// Whether `se: true` says this width.
    pub(super) fn says_width(&self, inner: usize, width: usize) -> bool {
        squeezed(inner, self.se.width) == width
    }

    /// The lines `rounding` and `defaults`, as far as they say anything.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.divisor != 8 {
            lines.push(format!("rounding: {{divisor: {}}}", self.divisor));
        }
        let mut keys: Vec<(&str, String)> = Vec::new();
        if self.activation != Activation::Identity {
            keys.push(("activation", self.activation.name().to_owned()));
        }
        match self.norms {
            Norms::Written(epsilon) if epsilon != EPSILON => {
                keys.push(("batch_norm", format!("{{epsilon: {}}}", number(epsilon))));
            }
            Norms::Written(_) | Norms::Folded => {}
            Norms::Absent => keys.push(("batch_norm", "false".to_owned())),
        }
        if self.padding != Word::Symmetric {
            keys.push(("padding", self.padding.text().to_owned()));
        }
        let se = self.se.keys();
        if !se.is_empty() {
            keys.push(("se", flow(&se)));
        }
        if !keys.is_empty() {
            lines.push(format!("defaults: {}", flow(&keys)));
        }
        lines
    }
}

impl Gates {
    fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = Vec::new();
        let (share, divisor) = self.width;
        if share != WIDTH.0 {
            keys.push(("ratio", number(share)));
        }
        if divisor != WIDTH.1 {
            keys.push(("divisor", divisor.to_string()));
        }
        if self.gate != Activation::HardSigmoid {
            keys.push(("gate", self.gate.name().to_owned()));
        }
        if self.inner != Activation::Relu {
            keys.push(("activation", self.inner.name().to_owned()));
        }
        if self.first {
            keys.push(("placement", "before_activation".to_owned()));
        }
        keys
    }
}

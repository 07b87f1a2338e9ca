//! [`Graph`] -> the table a person would have written of it: a spec in YAML.
//!
//! ```text
//! Graph behind its passes -- blocks --> units -- defaults, table, layer --> lines -- text --> YAML
//! YAML -- front --> Graph of the spec -- carry --> the same network, under the spec's names, with its tensors
//! ```
//! What is looked at is the graph of fused layers, in the order they run: an expansion, a depthwise convolution, gates and
//! a projection that feed each other are a row, whatever they are called and however they were written. What is in no row
//! is a layer of its own, and reads by `from` what is not the layer before it. So every graph has a spec, and the spec makes
//! its layers in the same order.
//!
//! In: a graph behind all passes, and what its layers were called. Out: text, and, once the front has read it, the
//! network it makes with the tensors of the first. Never: reads a file, knows ONNX, guesses a width multiplier: channels
//! are what they are.

mod blocks;
mod carry;
mod defaults;
mod input;
mod layer;
mod notes;
mod table;
mod text;

use crate::graph::{Activation, Graph, Op, ValueId};
use blocks::{Block, Unit};
use defaults::Defaults;
use std::collections::{BTreeMap, BTreeSet};
use text::Line;

pub use carry::{Carried, carry};
pub use notes::Notes;

/// The spec of `graph`, which is behind all passes.
///
/// Its layers come in the order of the graph's nodes, and its maps are given out under the graph's names; a network that
/// gives one map out gives out what its last layer makes.
///
/// # Errors
/// What it does that no spec says, as the end of a sentence.
pub fn spec(graph: &Graph, notes: &Notes) -> Result<String, String> {
    let taps = taps(graph)?;
    let (units, defaults) = defaults::of(graph, blocks::units(graph));
    let network = Network {
        graph,
        names: names(graph, &units),
        taps,
        defaults,
        notes,
    };
    let mut lines = network.head();
    lines.extend(network.body(&units));
    Ok(text::print(&lines))
}

/// Map -> the name under which it is given out. The last layer's needs none where it is all there is.
fn taps(graph: &Graph) -> Result<BTreeMap<ValueId, String>, String> {
    let mut taps = BTreeMap::new();
    for output in &graph.outputs {
        if output.value == Graph::INPUT {
            return Err(format!("gives its input out, as `{}`", output.name));
        }
        if let Some(first) = taps.insert(output.value, output.name.clone()) {
            return Err(format!(
                "gives one map out twice, as `{first}` and `{}`",
                output.name
            ));
        }
    }
    if taps.len() == 1 {
        taps.clear();
    }
    Ok(taps)
}

/// What `from` calls the network's input.
const INPUT: &str = "input";

/// Names for maps that another layer reads than the next, numbered in the order they are made: what a `block` makes; a
/// `branch`, which has no activation and waits for the other side of a sum; a `skip`, which goes round something.
fn names(graph: &Graph, units: &[Unit]) -> BTreeMap<ValueId, String> {
    let mut named = BTreeSet::new();
    let mut previous = Graph::INPUT;
    for unit in units {
        named.extend(unit.reads_by_name(graph, previous));
        previous = unit.output(graph);
    }
    let mut names = BTreeMap::from([(Graph::INPUT, INPUT.to_owned())]);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for unit in units
        .iter()
        .filter(|unit| named.contains(&unit.output(graph)))
    {
        let kind = match unit {
            Unit::Block(_) => "block",
            Unit::Single(id) => match &graph.node(*id).op {
                Op::Conv(conv) if conv.activation == Activation::Identity => "branch",
                _ => "skip",
            },
        };
        let count = counts.entry(kind).or_default();
        *count += 1;
        names.insert(unit.output(graph), format!("{kind}{count}"));
    }
    names
}

/// A graph on its way to text.
struct Network<'g> {
    graph: &'g Graph,
    /// The maps that are read by name.
    names: BTreeMap<ValueId, String>,
    /// The maps that are given out by name.
    taps: BTreeMap<ValueId, String>,
    defaults: Defaults,
    notes: &'g Notes,
}

impl Network<'_> {
    /// Everything above `layers`.
    fn head(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self.notes.title().into_iter().map(Line::plain).collect();
        lines.push(Line::plain(format!("name: {}", self.graph.name)));
        lines.push(Line::plain(input::line(&self.graph.input)));
        lines.extend(self.defaults.lines().into_iter().map(Line::plain));
        lines.push(Line::plain("layers:"));
        lines
    }

    /// The layers; rows that follow each other are one table.
    fn body(&self, units: &[Unit]) -> Vec<Line> {
        let mut lines = Vec::new();
        let (mut rest, mut previous) = (units, Graph::INPUT);
        while let Some(first) = rest.first() {
            let run = self.run(rest);
            let (now, later) = rest.split_at(run);
            match first {
                Unit::Single(id) => lines.extend(self.single(*id, previous)),
                Unit::Block(_) => {
                    let blocks: Vec<&Block> = now.iter().filter_map(Unit::block).collect();
                    lines.extend(self.table(&blocks, previous));
                }
            }
            previous = now.last().map_or(previous, |unit| unit.output(self.graph));
            rest = later;
        }
        lines
    }

    /// How many of the units are one entry: a layer is alone, blocks of a family follow each other.
    fn run(&self, units: &[Unit]) -> usize {
        let Some(Unit::Block(first)) = units.first() else {
            return 1;
        };
        let follows = |pair: &[Unit]| match pair {
            [Unit::Block(a), Unit::Block(b)] => b.input == a.output && b.linear == first.linear,
            _ => false,
        };
        1 + units.windows(2).take_while(|pair| follows(pair)).count()
    }

    /// The key `from` of a layer that reads `value`, unless that is what the layer before makes.
    fn from(&self, value: ValueId, previous: ValueId) -> Option<(&'static str, String)> {
        (value != previous).then(|| ("from", self.name_of(value)))
    }

    fn name_of(&self, value: ValueId) -> String {
        let name = self.names.get(&value);
        name.expect("every map that is read by name has one")
            .clone()
    }

    /// The keys `tap` and `name` of the layer that makes `value`.
    fn marks(&self, value: ValueId) -> Vec<(&'static str, String)> {
        let (tap, name) = (self.taps.get(&value), self.names.get(&value));
        let keys = [("tap", tap), ("name", name)];
        let given = keys
            .into_iter()
            .filter_map(|(key, name)| Some((key, name?.clone())));
        given.collect()
    }
}

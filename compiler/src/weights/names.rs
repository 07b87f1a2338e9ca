//! The names torchvision gives the tensors of its MobileNets.
//!
//! In: a graph, before or after its passes, whose nodes say from which row of which table they come. Out: canonical name ->
//! torchvision's name; nothing where the structure is none of torchvision's. Never: reads a file.
//!
//! ```text
//!                    MobileNetV2 (table inverted_residual)          MobileNetV3 (table bneck)
//! stem               features.0.0, .1                               features.0.0, .1
//! block i, from 1    features.{i}.conv.{j}                          features.{i}.block.{j}
//!   expand             conv.0.0, .1                                   block.0.0, .1
//!   depthwise          conv.{j}.0, .1                                 block.{j}.0, .1
//!   se                                                                block.{j}.fc1, .fc2
//!   project            conv.{j}, conv.{j + 1}                         block.{j}.0, .1
//! last convolution   features.{i}.0, .1                             features.{i}.0, .1
//! linear layers      classifier.1                                   classifier.0, classifier.3
//! ```
//! where the first path of a pair is the convolution's and the second its batch norm's; `mean` and `var` of a batch norm are
//! `running_mean` and `running_var`.

use super::layer::{Layer, NORM_PARTS, name};
use crate::graph::{Graph, Op, Row};
use std::collections::BTreeMap;

/// Canonical tensor name -> torchvision's, for every tensor the network may be given: a convolution with a batch norm has
/// the names of both the batch norm's tensors and the bias that may stand in their place. Empty where torchvision builds
/// no such network.
pub fn torchvision_names(graph: &Graph) -> BTreeMap<String, String> {
    let mut names = Names::default();
    match structure(graph).and_then(|s| names.network(&s)) {
        Some(()) => names.0,
        None => BTreeMap::new(),
    }
}

/// A network as torchvision's classes see it.
struct Structure<'a> {
    stem: Layer<'a>,
    table: Table,
    /// Each repeat of each row.
    blocks: Vec<Vec<Layer<'a>>>,
    last: Option<Layer<'a>>,
    linears: Vec<Layer<'a>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Table {
    InvertedResidual,
    Bneck,
}

/// Sorts the layers of a graph into stem, blocks, last convolution and linear layers, if they come in that order.
fn structure(graph: &Graph) -> Option<Structure<'_>> {
    let rows = rows(graph);
    let mut layers = Layer::of_graph(graph).into_iter().peekable();
    let stem = layers.next_if(|l| is_conv(l) && !rows.contains_key(l.params))?;
    let mut blocks: Vec<Vec<Layer<'_>>> = Vec::new();
    let (mut place, mut table) = (None, None);
    while let Some(layer) = layers.next_if(|l| rows.contains_key(l.params)) {
        let row = rows[layer.params];
        let this = match row.table.as_str() {
            "inverted_residual" => Table::InvertedResidual,
            "bneck" => Table::Bneck,
            _ => return None,
        };
        if *table.get_or_insert(this) != this {
            return None;
        }
        if place.replace((row.number, row.repeat)) != Some((row.number, row.repeat)) {
            blocks.push(Vec::new());
        }
        blocks.last_mut()?.push(layer);
    }
    let last = layers.next_if(is_conv);
    let linears: Vec<_> = layers.collect();
    let only_linears = linears
        .iter()
        .all(|l| !rows.contains_key(l.params) && is_linear(l));
    only_linears.then_some(Structure {
        stem,
        table: table?,
        blocks,
        last,
        linears,
    })
}

/// Base name of a layer's tensors -> the row it comes from.
fn rows(graph: &Graph) -> BTreeMap<&str, &Row> {
    let rows = graph.nodes().iter().filter_map(|node| {
        let row = node.origin.row.as_ref()?;
        Some(bases(&node.op).into_iter().map(move |base| (base, row)))
    });
    rows.flatten().collect()
}

/// Base names of the tensors of convolutions and linear layers in `op`.
fn bases(op: &Op) -> Vec<&str> {
    match op {
        Op::Conv(conv) => vec![&conv.params],
        Op::Linear(linear) => vec![&linear.params],
        Op::SqueezeExcite(se) => vec![&se.reduce.params, &se.expand.params],
        Op::BatchNorm(_)
        | Op::Activation(_)
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

fn is_conv(layer: &Layer<'_>) -> bool {
    layer.weight.as_ref().is_some_and(|shape| shape.len() == 4)
}

fn is_linear(layer: &Layer<'_>) -> bool {
    layer.weight.as_ref().is_some_and(|shape| shape.len() == 2)
}

#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn network(&mut self, s: &Structure<'_>) -> Option<()> {
        self.pair(&s.stem, "features.0");
        for (block, i) in s.blocks.iter().zip(1..) {
            match s.table {
                Table::InvertedResidual => {
                    self.inverted_residual(block, &format!("features.{i}.conv"))?;
                }
                Table::Bneck => {
                    self.bneck(block, &format!("features.{i}.block"))?;
                }
            }
        }
        if let Some(last) = &s.last {
            self.pair(last, &format!("features.{}", s.blocks.len() + 1));
        }
        let places: &[usize] = match (s.table, s.linears.len()) {
            (_, 0) => &[],
            (Table::InvertedResidual, 1) => &[1],
            (Table::Bneck, 2) => &[0, 3],
            _ => return None,
        };
        for (linear, place) in s.linears.iter().zip(places) {
            self.layer(linear, &format!("classifier.{place}"), "");
        }
        Some(())
    }

    fn inverted_residual(&mut self, block: &[Layer<'_>], path: &str) -> Option<()> {
        for (layer, j) in block.iter().zip(0..) {
            let here = format!("{path}.{j}");
            match part(layer)? {
                Part::Expand | Part::Depthwise => self.pair(layer, &here),
                Part::Project => self.layer(layer, &here, &format!("{path}.{}", j + 1)),
                Part::SqueezeReduce | Part::SqueezeExpand => return None,
            }
        }
        Some(())
    }

    fn bneck(&mut self, block: &[Layer<'_>], path: &str) -> Option<()> {
        let mut j = 0;
        for layer in block {
            let here = format!("{path}.{j}");
            match part(layer)? {
                Part::Expand | Part::Depthwise | Part::Project => self.pair(layer, &here),
                Part::SqueezeReduce => {
                    self.layer(layer, &format!("{here}.fc1"), "");
                    continue;
                }
                Part::SqueezeExpand => self.layer(layer, &format!("{here}.fc2"), ""),
            }
            j += 1;
        }
        Some(())
    }

    /// A convolution and its batch norm in a sequence of their own.
    fn pair(&mut self, layer: &Layer<'_>, path: &str) {
        self.layer(layer, &format!("{path}.0"), &format!("{path}.1"));
    }

    /// The tensors of a layer at `path`, its batch norm at `norm_path`.
    fn layer(&mut self, layer: &Layer<'_>, path: &str, norm_path: &str) {
        self.0.insert(layer.weight_name(), name(path, "weight"));
        if layer.bias || layer.norm.is_some() {
            self.0.insert(layer.bias_name(), name(path, "bias"));
        }
        let Some(norm) = layer.norm else { return };
        let theirs = ["weight", "bias", "running_mean", "running_var"];
        for (ours, theirs) in NORM_PARTS.iter().zip(theirs) {
            self.0
                .insert(name(&norm.params, ours), name(norm_path, theirs));
        }
    }
}

/// What a layer is in its block.
enum Part {
    Expand,
    Depthwise,
    SqueezeReduce,
    SqueezeExpand,
    Project,
}

fn part(layer: &Layer<'_>) -> Option<Part> {
    let mut path = layer.params.rsplit('.');
    match (path.next()?, path.next()?) {
        ("reduce", "se") => Some(Part::SqueezeReduce),
        ("expand", "se") => Some(Part::SqueezeExpand),
        ("expand", _) => Some(Part::Expand),
        ("depthwise", _) => Some(Part::Depthwise),
        ("project", _) => Some(Part::Project),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

//! Names: of layers, by which weights are found and `add` refers to results, and of outputs.
//!
//! In: names as written. Out: names that are unique. Never: adds a node.

use super::{Expander, Named, Step};
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::front::spec::{Activation, Layer, LayerKind, Spanned};
use crate::graph::{Graph, ValueId};
use std::collections::BTreeSet;

/// What `from` calls what the network is fed, unless a layer has that name.
const INPUT: &str = "input";

/// The maps given out so far, in order.
#[derive(Default)]
pub(super) struct Outputs(Vec<(String, ValueId, Span)>);

impl Outputs {
    /// Names and values, in order.
    pub(super) fn take(&mut self) -> Vec<(String, ValueId)> {
        std::mem::take(&mut self.0)
            .into_iter()
            .map(|(name, value, _)| (name, value))
            .collect()
    }
}

impl Expander<'_> {
    /// A layer's canonical name: as written, else by kind and number; the first layer, if a convolution, is the stem.
    pub(super) fn base(&mut self, layer: &Layer) -> String {
        if let Some(name) = &layer.name {
            return name.value.clone();
        }
        let kind = kind_name(&layer.kind);
        let stem = kind == "conv" && self.names.is_empty() && self.rows == 0;
        if stem {
            return "stem".to_owned();
        }
        let count = self.counts.entry(kind).or_insert(0);
        *count += 1;
        format!("{kind}{count}")
    }

    /// The result of an earlier layer or row; reports that there is none.
    pub(super) fn earlier(&mut self, name: &Spanned<String>) -> Option<Named> {
        if let Some(named) = self.names.get(&name.value) {
            return Some(*named);
        }
        if name.value == INPUT {
            let (value, span) = (Graph::INPUT, None);
            return Some(Named { value, span });
        }
        self.unknown_name(name);
        None
    }

    fn unknown_name(&mut self, name: &Spanned<String>) {
        let known: Vec<&str> = self.names.keys().map(String::as_str).collect();
        let facts = format!("no earlier layer has the name `{}`", name.value);
        let error = Diagnostic::error(Code::UnknownName, facts).at(name.span);
        self.diags
            .push(match crate::diag::nearest(&name.value, &known) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!(
                    "give the layer that is meant the key `name: {}`",
                    name.value
                )),
            });
    }

    /// Remembers the result of the layer just built under its name.
    pub(super) fn record(&mut self, name: &str, span: Option<Span>) {
        let named = Named {
            value: self.x,
            span,
        };
        let Some(earlier) = self.names.insert(name.to_owned(), named) else {
            return;
        };
        let Some(place) = span.or(earlier.span) else {
            return;
        };
        let facts = format!("two layers have the name `{name}`");
        let error = Diagnostic::error(Code::DuplicateName, facts).at(place);
        let error = match earlier.span.filter(|first| *first != place) {
            Some(first) => error.label(first, "first here"),
            None => error.note(format!(
                "a layer without a name of its own is called `{name}`"
            )),
        };
        self.diags.push(error.help("write another name"));
    }

    /// Gives a map out.
    pub(super) fn tap(&mut self, tap: &Spanned<String>, value: ValueId) {
        if let Some((.., first)) = self.outputs.0.iter().find(|(name, ..)| *name == tap.value) {
            let facts = format!("two outputs have the name `{}`", tap.value);
            let error = Diagnostic::error(Code::DuplicateName, facts)
                .at(tap.span)
                .label(*first, "first here");
            self.diags.push(error.help("write another name"));
        }
        self.outputs.0.push((tap.value.clone(), value, tap.span));
    }

    /// What the last layer makes is an output: under its taps' names, else under one that says what it is.
    pub(super) fn main_output(&mut self) -> Step {
        if self.outputs.0.iter().any(|(_, value, _)| *value == self.x) {
            return Some(());
        }
        let layers = &self.spec.layers;
        let computing = layers.iter().rfind(|layer| computes(&layer.kind));
        let last = computing.or(layers.last())?;
        let name = match &last.kind {
            LayerKind::Linear(_) => "logits",
            LayerKind::Softmax => "probabilities",
            LayerKind::Activation(function) if function.value == Activation::Sigmoid => {
                "probabilities"
            }
            _ => "output",
        };
        if let Some((.., tap)) = self.outputs.0.iter().find(|(taken, ..)| taken == name) {
            let facts = format!(
                "two outputs have the name `{name}`: this one and the result of the last layer"
            );
            let error = Diagnostic::error(Code::DuplicateName, facts)
                .at(*tap)
                .label(last.span, "the last layer");
            self.diags.push(error.help("write another name"));
            return None;
        }
        self.outputs.0.push((name.to_owned(), self.x, last.span));
        Some(())
    }
}

/// Reports each layer whose result nothing reads or gives out: with `from`, one may be passed over.
pub(super) fn unread(results: &[(ValueId, Span)], graph: &Graph, diags: &mut Diagnostics) {
    let given = graph.outputs.iter().map(|output| output.value);
    let inputs = graph.nodes().iter().flat_map(|node| &node.inputs).copied();
    let read: BTreeSet<ValueId> = inputs.chain(given).collect();
    for (value, span) in results {
        if !read.contains(value) {
            let facts = "nothing reads what this layer makes";
            let error = Diagnostic::error(Code::Unread, facts).at(*span);
            let help =
                "drop it, or let it be read: give it a `tap`, or a `name` that a later `from` has";
            diags.push(error.help(help));
        }
    }
}

fn computes(kind: &LayerKind) -> bool {
    !matches!(kind, LayerKind::Dropout(_) | LayerKind::Flatten)
}

fn kind_name(kind: &LayerKind) -> &'static str {
    match kind {
        LayerKind::Conv(_) => "conv",
        LayerKind::Depthwise(_) => "depthwise",
        LayerKind::Linear(_) => "linear",
        LayerKind::Table(_) => "table",
        LayerKind::GlobalAveragePool => "global_average_pool",
        LayerKind::AveragePool(_) => "average_pool",
        LayerKind::MaxPool(_) => "max_pool",
        LayerKind::Flatten => "flatten",
        LayerKind::Dropout(_) => "dropout",
        LayerKind::Softmax => "softmax",
        LayerKind::Activation(_) => "activation",
        LayerKind::SqueezeExcite(_) => "squeeze_excite",
        LayerKind::Add(_) => "add",
        LayerKind::Unreadable => "unreadable",
    }
}

//! The front end for ONNX: a model file -> [`Graph`] and its tensors.
//!
//! ```text
//! bytes -- wire --> messages -- decode, inline, contrib --> Model -- dims, lower --> Graph + Tensors + layouts
//! ```
//! Everything that stands in the way of a model is reported at once, node by node, with the nearest layer there is.
//! Exporters write the same network in many ways; what they compute is looked at, never how it is written:
//!
//! - Nodes on constants are computed (`fold`), and what nothing depends on is not looked at.
//! - Transposes, reshapes and the like move no number: they change how a map is shown (`view`).
//! - Arithmetic is recognised by its values (`function`), or is a scale and a shift per channel that go into a layer.
//! - Everything else is one layer for one node (`lower`); the passes fuse them.
//!
//! In: bytes, and a [`Resolver`] for the files beside them. Out: an [`Imported`] model, or diagnostics. Never: opens a
//! file, knows YAML, a target or a kernel.

mod census;
mod contrib;
mod decode;
mod dims;
mod evaluate;
mod external;
mod fold;
mod function;
mod inline;
mod lower;
mod model;
mod quantised;
mod tensor;
mod value;
mod view;
mod wire;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::front::names;
use crate::graph::{Graph, NodeId, ValueId};
use crate::layout::Layout;
use crate::shape::Element;
use crate::weights::{self, Tensors};
use bytes::Bytes;
pub use dims::Sizes;
pub use evaluate::{Array, Evaluated, evaluate};
pub use external::{NoFiles, Resolver};
use model::{Info, Model};
use std::collections::BTreeMap;
use tensor::ElementType;

/// A model that was imported.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The network, one operator per layer, before any pass.
    pub graph: Graph,
    /// Its tensors, under the names the graph has for them.
    pub tensors: Tensors,
    /// How the model's own input lies in memory.
    pub input: Layout,
    /// How each of its outputs does, in the graph's order.
    pub outputs: Vec<Layout>,
    /// Layer of the graph -> what the model calls the node it comes from, and that node's operator.
    pub nodes: BTreeMap<String, (String, String)>,
    /// Map of the graph -> what the model has that is the same. Not all maps are in it: arithmetic is recognised as a
    /// whole, and what it is made of may be no value of the model.
    pub values: BTreeMap<ValueId, Shown>,
    /// What messages call the model.
    file: String,
}

/// A value of a model that is a map of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub value: String,
    /// What the model calls the node that makes it.
    pub node: String,
    /// That node's operator.
    pub op: String,
    /// How it lies in memory.
    pub layout: Layout,
}

/// Imports the model in `bytes`; messages call it `file`, and the graph is named after it.
///
/// # Errors
/// Everything that stands in the way.
pub fn import(
    file: &str,
    bytes: impl Into<Bytes>,
    sizes: &Sizes,
    resolver: &dyn Resolver,
) -> Result<Imported, Diagnostics> {
    let model = decode::decode(file, bytes.into(), resolver)?;
    let (input, element) = input(file, &model)?;
    let pinned = dims::pin(file, &model, input, sizes)?;
    let name = names::usable_struct(stem(file), "network");
    let lowered = lower::lower(file, &name, &model, element, &pinned)?;
    let named = |(layer, index): (String, usize)| {
        let node = &model.nodes[index];
        (layer, (node.label().to_owned(), node.op.clone()))
    };
    let shown = |(map, (index, layout)): (ValueId, (usize, Layout))| {
        let node = &model.nodes[index];
        let shown = Shown {
            value: node.outputs.first().cloned().unwrap_or_default(),
            node: node.label().to_owned(),
            op: node.op.clone(),
            layout,
        };
        (map, shown)
    };
    Ok(Imported {
        graph: lowered.graph,
        tensors: lowered.tensors,
        input: lowered.input,
        outputs: lowered.outputs,
        nodes: lowered.nodes.into_iter().map(named).collect(),
        values: lowered.values.into_iter().map(shown).collect(),
        file: file.to_owned(),
    })
}

impl Imported {
    /// What messages call it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Its tensors under the names of another network that has the same layers in the same order.
    ///
    /// # Errors
    /// Where their layers differ.
    pub fn tensors_for(&self, graph: &Graph) -> Result<Tensors, Diagnostic> {
        weights::transfer(&self.file, &self.graph, &self.tensors, graph)
    }

    /// The refusal of nodes of `graph`, which was rewritten since, that no kernel computes.
    pub fn refuse(&self, graph: &Graph, without_kernel: &[NodeId]) -> Diagnostics {
        let mut diags = Diagnostics::new();
        for node in without_kernel.iter().map(|id| graph.node(*id)) {
            let unnamed = (node.origin.name.clone(), node.origin.role.clone());
            let (label, op) = self.nodes.get(&node.origin.name).unwrap_or(&unnamed);
            let (file, (reason, help)) = (&self.file, lower::without_kernel(&node.op));
            let facts = format!(
                "{file}: `{label}` ({op} of {}) {reason}",
                graph.input_shape(node)
            );
            diags.push(Diagnostic::error(Code::OnnxNode, facts).help(help));
        }
        diags
    }
}

/// The one input, and the type of its elements here.
fn input<'m>(file: &str, model: &'m Model) -> Result<(&'m Info, Element), Diagnostic> {
    let refuse =
        |facts: String, help: &str| Err(Diagnostic::error(Code::OnnxInput, facts).help(help));
    let [input] = &model.inputs[..] else {
        let names: Vec<_> = model
            .inputs
            .iter()
            .map(|i| format!("`{}`", i.name))
            .collect();
        let has = match names.len() {
            0 => "no input".to_owned(),
            n => format!("{n} inputs: {}", names.join(", ")),
        };
        let help = "export it with the picture as its only input";
        return refuse(format!("{file} has {has}; a network here has one"), help);
    };
    match input.element {
        Some(ElementType::F32 | ElementType::F16 | ElementType::F64 | ElementType::Bf16) => {
            Ok((input, Element::F32))
        }
        Some(ElementType::U8) => Ok((input, Element::U8)),
        other => {
            let has = other.map_or("no tensor of numbers", ElementType::name);
            let facts = format!("{file} takes {has} as its input `{}`", input.name);
            refuse(facts, "a network here takes float32, or bytes (uint8)")
        }
    }
}

/// The name of a file without its folder and its ending.
fn stem(file: &str) -> &str {
    let name = crate::file_name(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

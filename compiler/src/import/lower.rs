//! [`Model`] -> [`Graph`]: one visit to each node, in order, by what it computes on which maps.
//!
//! Nothing here looks at names or at which node stands next to which. Nodes on constants are computed; nodes that only
//! show a map differently change its [`View`]; arithmetic waits until somebody reads it, when it is known which activation,
//! scale or sum all of it together is. What stands in the way is collected, node by node, and the visit goes on.
//!
//! In: a model and the shape of its input. Out: a graph with its tensors, or every node in the way. Never: reads a file,
//! rewrites the graph; the passes fuse what is written here plainly.

mod behind;
mod elementwise;
mod layers;
mod make;
mod outputs;
mod pools;
mod views;
mod words;

pub(super) use words::without_kernel;

use super::dims::Pinned;
use super::fold;
use super::function;
use super::model::{Attribute, Extent, Model, Node};
use super::tensor::{Tensor, dims_text};
use super::value::{Handle, Kind, Value};
use super::view::View;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::build::{BuildError, Builder};
use crate::graph::{Graph, Input, ValueId};
use crate::layout::Layout;
use crate::shape::{Element, Padding, Shape};
use crate::weights::Tensors;
use make::Names;
use std::collections::{BTreeMap, BTreeSet};

/// More than any network has by an order of magnitude; keeps work on odd files bounded.
const MOST_NODES: usize = 20_000;

/// The same for what the passes, which look at pairs of layers, are given.
const MOST_LAYERS: usize = 4_000;

/// The most values a node reads.
const MOST_INPUTS: usize = 100;

/// The most elements that folding constants may make in all, and that weights may have.
const MOST_ELEMENTS: usize = 1 << 26;

/// What lowering makes.
pub(super) struct Lowered {
    pub(super) graph: Graph,
    pub(super) tensors: Tensors,
    pub(super) input: Layout,
    pub(super) outputs: Vec<Layout>,
    /// Name of a layer in the graph -> the node it comes from.
    pub(super) nodes: BTreeMap<String, usize>,
    /// Map of the graph -> the node whose first output is the same, and how that lies in memory.
    pub(super) values: BTreeMap<ValueId, (usize, Layout)>,
}

/// Lowers `model` to a graph called `name`; `file` is what messages call the model.
pub(super) fn lower(
    file: &str,
    name: &str,
    model: &Model,
    element: Element,
    pinned: &Pinned,
) -> Result<Lowered, Diagnostics> {
    let live = live(model);
    if live.len() > MOST_NODES {
        return Err(too_many(file, live.len(), "nodes", MOST_NODES).into());
    }
    let input = Input {
        shape: pinned.shape,
        element,
        normalise: vec![],
    };
    let builder = Builder::new(name, input).map_err(|error| {
        let facts = format!("{file} takes {}: {}", pinned.shape, words::built(&error));
        let help = "choose another size with --input-size";
        Diagnostic::error(Code::OnnxInput, facts).help(help)
    })?;
    let mut lowering = Lowering::new(file, model, builder, &live);
    lowering.input(element, pinned);
    for index in live {
        lowering.node(index);
    }
    let outputs = lowering.outputs();
    lowering.diags.check()?;
    let values = lowering.shown_values();
    let graph = lowering.builder.finish();
    if graph.nodes().len() > MOST_LAYERS {
        return Err(too_many(file, graph.nodes().len(), "layers", MOST_LAYERS).into());
    }
    let layout = pinned.view.layout(pinned.shape);
    let (tensors, nodes) = (lowering.tensors, lowering.nodes);
    Ok(Lowered {
        graph,
        tensors,
        input: layout,
        outputs,
        nodes,
        values,
    })
}

fn too_many(file: &str, count: usize, what: &str, most: usize) -> Diagnostic {
    let facts = format!("{file} has {count} {what}; a network has at most {most}");
    Diagnostic::error(Code::OnnxTooLarge, facts).help("is it the right file?")
}

/// The nodes that something given out depends on, in order.
fn live(model: &Model) -> Vec<usize> {
    let mut read: BTreeSet<&str> = model.outputs.iter().map(String::as_str).collect();
    let mut live = Vec::new();
    for (index, node) in model.nodes.iter().enumerate().rev() {
        if node.outputs.iter().any(|name| read.contains(name.as_str())) {
            live.push(index);
            read.extend(
                node.inputs
                    .iter()
                    .map(String::as_str)
                    .filter(|name| !name.is_empty()),
            );
        }
    }
    live.reverse();
    live
}

/// How far a function may be from an activation in a model whose constants are of these types.
fn tolerance(model: &Model) -> f64 {
    let attributes = model.nodes.iter().flat_map(|node| node.attributes.values());
    let in_nodes = attributes.filter_map(|attribute| match attribute {
        Attribute::Tensor(tensor) => Some(tensor),
        _ => None,
    });
    let constants = model.constants.values().chain(in_nodes);
    let bits = |tensor: &Tensor| tensor.element().significant_bits();
    function::tolerance(constants.filter_map(bits).min())
}

/// What is known of a name.
#[derive(Clone, Debug)]
enum Known {
    Constant(Tensor),
    Value(Handle),
    /// What makes it stands in the way, or reads what does; the former was reported.
    Unknown(Behind),
}

/// What is known behind a node in the way.
#[derive(Clone, Debug)]
struct Behind {
    /// Whether it depends on the input, as maps do, and not on constants alone.
    flows: bool,
    /// Its extents.
    dims: Option<Vec<usize>>,
}

/// Whether something depends on the input.
fn flows(known: &Known) -> bool {
    match known {
        Known::Value(_) => true,
        Known::Constant(_) => false,
        Known::Unknown(behind) => behind.flows,
    }
}

/// Why a node cannot be lowered.
enum Refusal {
    /// For this reason, which continues the sentence that names the node; and what to do.
    Here(String, String),
    /// For a reason that was reported.
    Reported,
}

type Lower<T> = Result<T, Refusal>;

/// A refusal of the node at hand.
fn refused<T>(reason: impl Into<String>, help: impl Into<String>) -> Lower<T> {
    Err(Refusal::Here(reason.into(), help.into()))
}

impl From<BuildError> for Refusal {
    fn from(error: BuildError) -> Self {
        let help = "no network has such a layer: check how the model was exported";
        Self::Here(words::built(&error), help.to_owned())
    }
}

/// How a node is lowered: its number, itself, what it reads.
type LowerNode<'m> = fn(&mut Lowering<'m>, usize, &Node, &Inputs) -> Lower<Handle>;

/// How nodes of an operator are lowered that are no functions of each element.
fn operator<'m>(op: &str) -> Option<LowerNode<'m>> {
    Some(match op {
        "Conv" => Lowering::conv,
        "Gemm" => Lowering::gemm,
        "MatMul" => Lowering::matmul,
        "BatchNormalization" => Lowering::batch_norm,
        "GlobalAveragePool" => Lowering::global_average_pool,
        "GlobalMaxPool" => Lowering::global_max_pool,
        "ReduceMean" => Lowering::reduce_mean,
        "AveragePool" => Lowering::average_pool,
        "MaxPool" => Lowering::max_pool,
        "Pad" => Lowering::pad,
        "Softmax" => Lowering::softmax,
        "Identity" => Lowering::identity,
        "Dropout" => Lowering::dropout,
        "Cast" | "CastLike" => Lowering::cast,
        "Transpose" => Lowering::transpose,
        "Reshape" => Lowering::reshape,
        "Flatten" => Lowering::flatten,
        "Squeeze" => Lowering::squeeze,
        "Unsqueeze" => Lowering::unsqueeze,
        _ => return None,
    })
}

/// Why there is no layer for a node whatever it reads, and what to do; nothing where there may be one.
fn impossible(node: &Node) -> Option<(String, String)> {
    if let Some(refusal) = words::unsupported(node) {
        return Some(refusal);
    }
    let known = operator(&node.op).is_some()
        || elementwise::function(&node.op).is_some()
        || fold::folds(&node.op);
    (!known).then(|| words::unknown(node))
}

/// A model on its way into a graph.
struct Lowering<'m> {
    file: &'m str,
    model: &'m Model,
    builder: Builder,
    values: Vec<Value>,
    names: BTreeMap<&'m str, Known>,
    /// How often each name is read by nodes that compute, or given out.
    uses: BTreeMap<&'m str, usize>,
    /// Names for layers of the graph.
    layer_names: Names,
    tensors: Tensors,
    nodes: BTreeMap<String, usize>,
    /// Maps that were flattened for a reader, with the node whose output they show, and how.
    flattened: BTreeMap<ValueId, (usize, Layout)>,
    /// How far functions may be from the activations they are.
    tolerance: f64,
    /// Elements of all constants that were computed and of all weights.
    elements: usize,
    /// Nodes that were reported.
    reported: BTreeSet<usize>,
    diags: Diagnostics,
}

impl<'m> Lowering<'m> {
    fn new(file: &'m str, model: &'m Model, builder: Builder, live: &[usize]) -> Self {
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for node in live.iter().map(|index| &model.nodes[*index]) {
            // Asking for a shape reads no number.
            let reads = !matches!(node.op.as_str(), "Shape" | "Size");
            for name in node.inputs.iter().filter(|_| reads) {
                *uses.entry(name).or_default() += 1;
            }
        }
        for name in &model.outputs {
            *uses.entry(name).or_default() += 1;
        }
        let constants = model.constants.iter();
        let names =
            constants.map(|(name, tensor)| (name.as_str(), Known::Constant(tensor.clone())));
        Self {
            file,
            model,
            builder,
            values: Vec::new(),
            names: names.collect(),
            uses,
            layer_names: Names::default(),
            tensors: Tensors::new(),
            nodes: BTreeMap::new(),
            flattened: BTreeMap::new(),
            tolerance: tolerance(model),
            elements: 0,
            reported: BTreeSet::new(),
            diags: Diagnostics::new(),
        }
    }

    fn input(&mut self, element: Element, pinned: &Pinned) {
        let info = &self.model.inputs[0];
        let kind = Kind::Map {
            map: Graph::INPUT,
            padding: Padding::NONE,
        };
        let uses = self.uses.get(info.name.as_str()).copied().unwrap_or(0);
        let handle = self.add(Value {
            shape: pinned.shape,
            view: pinned.view.clone(),
            kind,
            uses,
            node: None,
            bytes: element == Element::U8,
            made: None,
            depth: 0,
            broken: false,
        });
        self.names.insert(&info.name, Known::Value(handle));
    }

    /// Lowers a node, or reports why not.
    fn node(&mut self, index: usize) {
        let model = self.model;
        let node = &model.nodes[index];
        let known = match self.try_node(index, node) {
            Ok(known) => known,
            Err(refusal) => {
                if let Refusal::Here(reason, help) = refusal {
                    self.report(index, &reason, &help);
                }
                Known::Unknown(self.behind(node))
            }
        };
        let first = node.outputs.first().map(String::as_str);
        for name in first
            .into_iter()
            .chain(node.extra_outputs())
            .filter(|name| !name.is_empty())
        {
            let further = || {
                Known::Unknown(Behind {
                    flows: true,
                    dims: None,
                })
            };
            let known = if Some(name) == first {
                known.clone()
            } else {
                further()
            };
            if self.names.insert(name, known).is_some() {
                let reason = format!("makes `{name}`, which was made before");
                self.report(
                    index,
                    &reason,
                    "export the model again: no exporter writes such a graph",
                );
            }
        }
    }

    fn try_node(&mut self, index: usize, node: &'m Node) -> Lower<Known> {
        if node.inputs.len() > MOST_INPUTS {
            let reason = format!("reads {} values", node.inputs.len());
            return refused(reason, "is it the right file?");
        }
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for name in &node.inputs {
            inputs.push(match (name.as_str(), self.names.get(name.as_str())) {
                ("", _) => None,
                (_, Some(known)) => Some(known.clone()),
                (name, None) => {
                    let reason = format!("reads `{name}`, which nothing before it makes");
                    return refused(reason, "export the model again: its nodes are not in order");
                }
            });
        }
        if let Some(taken) = node
            .extra_outputs()
            .find(|name| self.uses.contains_key(name))
        {
            if let Some((reason, help)) = words::unsupported(node) {
                return refused(reason, help);
            }
            let reason = format!("gives out `{taken}` besides its result");
            return refused(
                reason,
                "no layer here has a second result: export the model for inference",
            );
        }
        if let (Some(Known::Value(x)), "Shape" | "Size") =
            (inputs.first().cloned().flatten(), node.op.as_str())
        {
            return self.shape_of(node, x).map(Known::Constant);
        }
        if let (
            Some(Some(Known::Unknown(Behind {
                dims: Some(dims), ..
            }))),
            "Shape",
        ) = (inputs.first(), node.op.as_str())
        {
            let shape = fold::shape(node, dims);
            return shape.map(Known::Constant).or(Err(Refusal::Reported));
        }
        if inputs
            .iter()
            .flatten()
            .any(|known| matches!(known, Known::Unknown(_)))
        {
            // Whether there is such a layer at all is all that can be said; of constants it might be computed.
            let might_fold = fold::folds(&node.op) && !inputs.iter().flatten().any(flows);
            return match impossible(node).filter(|_| !might_fold) {
                Some((reason, help)) => refused(reason, help),
                None => Err(Refusal::Reported),
            };
        }
        if let (Some(Some(Known::Constant(x))), "CastLike") = (inputs.first(), node.op.as_str()) {
            // Like a map, so like a float.
            return Ok(Known::Constant(x.clone()));
        }
        let constant = |known: &Option<Known>| match known {
            Some(Known::Constant(tensor)) => Some(tensor.clone()),
            _ => None,
        };
        if !inputs
            .iter()
            .flatten()
            .any(|known| matches!(known, Known::Value(_)))
        {
            let constants: Vec<_> = inputs.iter().map(constant).collect();
            return self.constant(node, &constants).map(Known::Constant);
        }
        let inputs = Inputs(inputs);
        let handle = self.operator(index, node, &inputs)?;
        Ok(Known::Value(handle))
    }

    /// What is known of the result of a node that is not lowered.
    fn behind(&self, node: &Node) -> Behind {
        let known = |name: &String| self.names.get(name.as_str()).cloned();
        let inputs = Inputs(node.inputs.iter().map(known).collect());
        let dims: Vec<_> = node.inputs.iter().map(|name| self.dims(name)).collect();
        let asks = matches!(node.op.as_str(), "Shape" | "Size");
        Behind {
            flows: !asks && inputs.0.iter().flatten().any(flows),
            dims: behind::extents(node, &inputs, &dims),
        }
    }

    /// The extents of what is called `name`, as far as they are known.
    fn dims(&self, name: &str) -> Option<Vec<usize>> {
        match self.names.get(name)? {
            Known::Value(x) => Some(self.extents(*x)),
            Known::Constant(tensor) => Some(tensor.dims().to_vec()),
            Known::Unknown(behind) => behind.dims.clone(),
        }
    }

    /// Computes a node on constants.
    fn constant(&mut self, node: &Node, inputs: &[Option<Tensor>]) -> Lower<Tensor> {
        match fold::fold(node, inputs) {
            Some(Ok(tensor)) => {
                self.count(tensor.len())?;
                Ok(tensor)
            }
            Some(Err(reason)) => refused(
                format!("cannot be computed: {reason}"),
                "simplify the model with onnxsim, or export it again",
            ),
            None => {
                let (reason, help) = words::unsupported(node).unwrap_or_else(|| {
                    let reason = "computes something of constants alone".to_owned();
                    (
                        reason,
                        "simplify the model with onnxsim, which computes such nodes".to_owned(),
                    )
                });
                refused(reason, help)
            }
        }
    }

    /// Keeps the memory of all numbers bounded.
    fn count(&mut self, elements: usize) -> Lower<()> {
        self.elements = self.elements.saturating_add(elements);
        if self.elements > MOST_ELEMENTS {
            let reason =
                format!("brings the model's constants to more than {MOST_ELEMENTS} elements");
            return refused(reason, "is it the right file?");
        }
        Ok(())
    }

    fn shape_of(&self, node: &Node, x: Handle) -> Lower<Tensor> {
        let extents = self.extents(x);
        if node.op == "Size" {
            return Ok(Tensor::list(vec![self.value(x).shape.len() as i64])
                .reshaped(vec![])
                .expect("one element"));
        }
        fold::shape(node, &extents).or_else(|reason| refused(reason, "export the model again"))
    }

    /// Lowers a node that reads at least one map.
    fn operator(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        if let Some((reason, help)) = words::unsupported(node) {
            return refused(reason, help);
        }
        if let Some(read) = elementwise::function(&node.op) {
            let function = read(self.model.opset, node, inputs)?;
            return self.apply(index, function, inputs);
        }
        match operator(&node.op) {
            Some(lower) => lower(self, index, node, inputs),
            None => {
                let (reason, help) = words::unknown(node);
                refused(reason, help)
            }
        }
    }

    /// The maps of the graph that are what some node gives out. Parts of a node are not: of a sum of three, the first two.
    fn shown_values(&mut self) -> BTreeMap<ValueId, (usize, Layout)> {
        let mut shown = std::mem::take(&mut self.flattened);
        for known in self.names.values() {
            let Known::Value(handle) = known else {
                continue;
            };
            let value = self.value(*handle);
            let map = match value.kind {
                Kind::Map { map, padding } if padding == Padding::NONE => Some(map),
                _ => value.made,
            };
            if let (Some(map), Some(node)) = (map, value.node) {
                shown.insert(map, (node, value.view.layout(value.shape)));
            }
        }
        shown
    }

    fn report(&mut self, index: usize, reason: &str, help: &str) {
        if !self.reported.insert(index) {
            return;
        }
        let node = &self.model.nodes[index];
        let shapes: Vec<_> = node
            .inputs
            .iter()
            .filter_map(|name| self.shape_text(name))
            .collect();
        let of = if shapes.is_empty() {
            String::new()
        } else {
            format!(" of {}", shapes.join(", "))
        };
        let (file, label, op) = (self.file, node.label(), &node.op);
        let facts = format!("{file}: `{label}` ({op}{of}) {reason}");
        self.diags
            .push(Diagnostic::error(Code::OnnxNode, facts).help(help));
    }

    /// The shape of what is called `name`, as far as it is known.
    fn shape_text(&self, name: &str) -> Option<String> {
        match self.dims(name) {
            Some(dims) => Some(dims_text(&dims)),
            None => {
                let extent = |extent: &Extent| match extent {
                    Extent::Fixed(n) => n.to_string(),
                    Extent::Named(_) => "?".to_owned(),
                };
                let dims = self.model.shapes.get(name)?;
                let dims: Vec<_> = dims.iter().map(extent).collect();
                Some(dims.join("x"))
            }
        }
    }

    fn value(&self, handle: Handle) -> &Value {
        &self.values[handle.0]
    }

    /// The extents of a value's dimensions, as the model has them.
    fn extents(&self, handle: Handle) -> Vec<usize> {
        let value = self.value(handle);
        value.view.extents(value.shape)
    }

    fn add(&mut self, value: Value) -> Handle {
        self.values.push(value);
        Handle(self.values.len() - 1)
    }

    /// Adds what node `index` makes.
    fn made_by(&mut self, index: usize, shape: Shape, view: View, kind: Kind) -> Handle {
        let name = self.model.nodes[index]
            .outputs
            .first()
            .map_or("", String::as_str);
        let uses = self.uses.get(name).copied().unwrap_or(0);
        self.add(Value {
            shape,
            view,
            kind,
            uses,
            node: Some(index),
            bytes: false,
            made: None,
            depth: 0,
            broken: false,
        })
    }

    /// The value a chain of views shows.
    fn shown(&self, handle: Handle) -> Handle {
        match self.value(handle).kind {
            Kind::Same { base, .. } => base,
            Kind::Map { .. } | Kind::Layer(_) | Kind::Apply { .. } => handle,
        }
    }

    /// The value a chain of views shows, if nothing else reads it on the way.
    fn shown_alone(&self, handle: Handle) -> Option<Handle> {
        let value = self.value(handle);
        let alone = match value.kind {
            Kind::Same { alone, .. } => alone && value.uses == 1,
            Kind::Map { .. } | Kind::Layer(_) | Kind::Apply { .. } => value.uses == 1,
        };
        alone.then(|| self.shown(handle))
    }
}

/// What a node reads, by place; left out, a constant, or a value.
struct Inputs(Vec<Option<Known>>);

impl Inputs {
    fn get(&self, place: usize) -> Option<&Known> {
        self.0.get(place).and_then(Option::as_ref)
    }

    /// A value.
    fn value(&self, place: usize) -> Lower<Handle> {
        match self.get(place) {
            Some(Known::Value(handle)) => Ok(*handle),
            _ => refused(
                format!("reads a constant where a map is to flow (input {place})"),
                "export the model again, with weights as constants and maps as inputs",
            ),
        }
    }

    /// A constant that must be there.
    fn constant(&self, place: usize, what: &str) -> Lower<&Tensor> {
        match self.optional(place, what)? {
            Some(tensor) => Ok(tensor),
            None => refused(format!("has no {what}"), "export the model again"),
        }
    }

    /// A constant that may be left out.
    fn optional(&self, place: usize, what: &str) -> Lower<Option<&Tensor>> {
        match self.get(place) {
            None => Ok(None),
            Some(Known::Constant(tensor)) => Ok(Some(tensor)),
            Some(Known::Value(_) | Known::Unknown(_)) => refused(
                format!("computes its {what} as it runs"),
                format!(
                    "a layer's {what} must be constant: export the model for inference, with fixed sizes"
                ),
            ),
        }
    }

    /// A list that older versions have as an attribute and newer ones as an input.
    fn list(&self, node: &Node, attribute: &str, place: usize) -> Lower<Option<Vec<i64>>> {
        if let Some(list) = node.ints(attribute) {
            return Ok(Some(list.to_vec()));
        }
        let Some(tensor) = self.optional(place, attribute)? else {
            return Ok(None);
        };
        match tensor.to_i64() {
            Some(list) => Ok(Some(list)),
            None => refused(
                format!("has `{attribute}` that are no whole numbers"),
                "export the model again",
            ),
        }
    }
}

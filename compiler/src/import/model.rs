//! An ONNX model with everything decoded that the importer reads: nodes, constants, and what is fed in and given out.
//!
//! In: what [`super::decode`] read. Out: typed access to a node's inputs and attributes. Never: knows what an operator
//! computes.

use super::tensor::{ElementType, Tensor};
use std::collections::BTreeMap;

/// A model.
#[derive(Debug)]
pub(super) struct Model {
    /// The version of the standard operators.
    pub(super) opset: i64,
    /// The nodes, in the file's order, which is topological; calls of functions are inlined.
    pub(super) nodes: Vec<Node>,
    /// Initialisers by name.
    pub(super) constants: BTreeMap<String, Tensor>,
    /// What is fed in, without initialisers.
    pub(super) inputs: Vec<Info>,
    /// The names of what is given out.
    pub(super) outputs: Vec<String>,
    /// Shapes that the file states for values, for messages.
    pub(super) shapes: BTreeMap<String, Vec<Extent>>,
}

/// An input of a model.
#[derive(Clone, Debug)]
pub(super) struct Info {
    /// Its name.
    pub(super) name: String,
    /// Its element type; none for what is no tensor of numbers.
    pub(super) element: Option<ElementType>,
    /// Its dimensions; none where the file does not say.
    pub(super) dims: Option<Vec<Extent>>,
}

/// How far a dimension extends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// This far.
    Fixed(usize),
    /// As far as whoever feeds it chooses, under this name; empty for no name.
    Named(String),
}

/// A node.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its name; may be empty, need not be unique.
    pub(super) name: String,
    /// Its operator.
    pub(super) op: String,
    /// Whose operator it is; empty for the standard's.
    pub(super) domain: String,
    /// Names of what it reads; empty for what is left out.
    pub(super) inputs: Vec<String>,
    /// Names of what it makes; empty for what is left out.
    pub(super) outputs: Vec<String>,
    /// Its attributes.
    pub(super) attributes: BTreeMap<String, Attribute>,
}

/// An attribute's value.
#[derive(Clone, Debug)]
pub(super) enum Attribute {
    Int(i64),
    Float(f32),
    Text(String),
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    Tensor(Tensor),
    /// A graph, strings, or another kind that no operator here reads.
    Other,
}

impl Node {
    /// Whether it makes more than its first output.
    pub(super) fn extra_outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs
            .iter()
            .skip(1)
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }

    /// A whole number.
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        match self.attributes.get(name)? {
            Attribute::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// A number.
    pub(super) fn float(&self, name: &str) -> Option<f32> {
        match self.attributes.get(name)? {
            Attribute::Float(f) => Some(*f),
            _ => None,
        }
    }

    /// A word.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name)? {
            Attribute::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list of whole numbers.
    pub(super) fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attributes.get(name)? {
            Attribute::Ints(ints) => Some(ints),
            _ => None,
        }
    }

    /// How messages call it: by its name, else by what it makes.
    pub(super) fn label(&self) -> &str {
        let made = || self.outputs.iter().find(|o| !o.is_empty());
        match self.name.as_str() {
            "" => made().map_or("?", String::as_str),
            name => name,
        }
    }
}

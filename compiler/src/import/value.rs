//! Values of the model on their way into a graph.
//!
//! A value is lazy where it pays to wait: a layer until it is known what is folded into it, elementwise arithmetic until
//! it is known which activation all of it together is. [`super::lower`] makes a map of a value when somebody reads it.
//!
//! In and out: the types alone. Never: knows the graph under construction.

use super::function::Function;
use super::view::View;
use crate::graph::ValueId;
use crate::shape::{Padding, Shape, Window};
use std::rc::Rc;

/// Names a value; values that are made of others come after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Handle(pub(super) usize);

/// A value that is not constant.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// Height, width and channels.
    pub(super) shape: Shape,
    /// How the model's tensor shows them.
    pub(super) view: View,
    /// How it is made.
    pub(super) kind: Kind,
    /// How often the model reads it or gives it out.
    pub(super) uses: usize,
    /// The node that makes it; none for the input.
    pub(super) node: Option<usize>,
    /// Whether its elements are bytes; only the input's are.
    pub(super) bytes: bool,
    /// The map it became.
    pub(super) made: Option<ValueId>,
    /// How many functions are applied one after another to make it.
    pub(super) depth: usize,
    /// Whether it cannot be made, which was reported.
    pub(super) broken: bool,
}

/// How a value is made.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// It is a map, with zeros around it that are still to be added.
    Map { map: ValueId, padding: Padding },
    /// It has the elements of another one, which is no such value itself, under another view. Alone: nothing else reads
    /// that one, nor any view between the two.
    Same { base: Handle, alone: bool },
    /// A convolution or linear layer, with what was folded into it so far.
    Layer(Box<Layer>),
    /// A function of each element.
    Apply {
        function: Function,
        operands: Vec<Operand>,
    },
}

/// What a function is applied to.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    /// A value of the same shape, or one of its gates.
    Value(Handle),
    /// One number.
    Scalar(f64),
    /// One number for each channel.
    Channels(Rc<[f64]>),
}

/// A layer with weights.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) operator: Operator,
    /// The map it reads.
    pub(super) input: ValueId,
    /// Channels it makes.
    pub(super) channels: usize,
    /// The shape of its weight, as PyTorch has it.
    pub(super) weight_shape: Vec<usize>,
    /// Its weight, one filter after another.
    pub(super) weight: Rc<[f32]>,
    /// Its bias.
    pub(super) bias: Option<Rc<[f32]>>,
    /// The batch norm behind it.
    pub(super) norm: Option<Norm>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Operator {
    Conv { window: Window, groups: usize },
    Linear,
}

/// A batch norm with its tensors.
#[derive(Clone, Debug)]
pub(super) struct Norm {
    pub(super) epsilon: f64,
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
    pub(super) mean: Vec<f32>,
    pub(super) var: Vec<f32>,
}

/// y = x * scale + shift, for each channel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Affine {
    pub(super) scale: Vec<f64>,
    pub(super) shift: Vec<f64>,
}

impl Affine {
    /// y = x.
    pub(super) fn identity(channels: usize) -> Self {
        Self {
            scale: vec![1.0; channels],
            shift: vec![0.0; channels],
        }
    }

    /// This one applied to what `function` makes of x and a constant; none if that is not affine.
    pub(super) fn after(
        mut self,
        function: Function,
        constant: &Operand,
        constant_first: bool,
    ) -> Option<Self> {
        for (c, (scale, shift)) in self.scale.iter_mut().zip(&mut self.shift).enumerate() {
            let k = match constant {
                Operand::Scalar(k) => *k,
                Operand::Channels(each) => *each.get(c)?,
                Operand::Value(_) => return None,
            };
            let (factor, summand) = match (function, constant_first) {
                (Function::Add, _) => (1.0, k),
                (Function::Sub, false) => (1.0, -k),
                (Function::Sub, true) => (-1.0, k),
                (Function::Mul, _) => (k, 0.0),
                (Function::Div, false) => (1.0 / k, 0.0),
                _ => return None,
            };
            *shift += *scale * summand;
            *scale *= factor;
        }
        Some(self)
    }
}

impl Layer {
    /// Folds y = x * scale + shift into it.
    pub(super) fn fold(&mut self, affine: &Affine) {
        if let Some(norm) = &mut self.norm {
            for (c, (weight, bias)) in norm.weight.iter_mut().zip(&mut norm.bias).enumerate() {
                *weight = (f64::from(*weight) * affine.scale[c]) as f32;
                *bias = (f64::from(*bias) * affine.scale[c] + affine.shift[c]) as f32;
            }
            return;
        }
        let per_channel = (self.weight.len() / self.channels).max(1);
        if affine.scale.iter().any(|s| *s != 1.0) {
            let scaled = self.weight.chunks(per_channel).zip(&affine.scale);
            self.weight = scaled
                .flat_map(|(filter, s)| filter.iter().map(move |w| (f64::from(*w) * s) as f32))
                .collect();
        }
        let bias = |c: usize| self.bias.as_ref().map_or(0.0, |bias| f64::from(bias[c]));
        let folded =
            (0..self.channels).map(|c| (bias(c) * affine.scale[c] + affine.shift[c]) as f32);
        self.bias = Some(folded.collect());
    }
}

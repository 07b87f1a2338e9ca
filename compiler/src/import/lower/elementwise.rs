//! Arithmetic on each element: which function, and on what.
//!
//! In: a node and its inputs. Out: a value that waits to be recognised. Never: recognises it; that is done when it is read.

use super::super::function::Function;
use super::super::model::Node;
use super::super::tensor::Tensor;
use super::super::value::{Handle, Kind, Operand, Value};
use super::super::view::View;
use super::{Inputs, Known, Lower, Lowering, refused};
use crate::layout::Axis;
use crate::shape::Shape;

/// How a function is read off a node: the version of the operators, the node, what it reads.
type Read = fn(i64, &Node, &Inputs) -> Lower<Function>;

/// How the function that nodes of an operator apply is read off them; none for operators that do something else.
pub(super) fn function(op: &str) -> Option<Read> {
    Some(match op {
        "Add" | "Sum" => |_, _, _| Ok(Function::Add),
        "Sub" => |_, _, _| Ok(Function::Sub),
        "Mul" => |_, _, _| Ok(Function::Mul),
        "Div" => |_, _, _| Ok(Function::Div),
        "Min" => |_, _, _| Ok(Function::Min),
        "Max" => |_, _, _| Ok(Function::Max),
        "Neg" => |_, _, _| Ok(Function::Neg),
        "Relu" => |_, _, _| Ok(Function::Relu),
        "Sigmoid" => |_, _, _| Ok(Function::Sigmoid),
        "HardSwish" => |_, _, _| Ok(Function::HardSwish),
        "HardSigmoid" => hard_sigmoid,
        "Clip" => clip,
        _ => return None,
    })
}

/// What is left out is not MobileNet's: the standard's default for alpha is 0.2.
fn hard_sigmoid(_opset: i64, node: &Node, _inputs: &Inputs) -> Lower<Function> {
    let number = |name: &str, default: f32| f64::from(node.float(name).unwrap_or(default));
    Ok(Function::HardSigmoid(
        number("alpha", 0.2),
        number("beta", 0.5),
    ))
}

/// Bounds are attributes until opset 10, inputs from 11 on; either may be left out.
fn clip(opset: i64, node: &Node, inputs: &Inputs) -> Lower<Function> {
    let bound = |name: &str, place: usize, default: f64| -> Lower<f64> {
        if opset < 11 {
            return Ok(node.float(name).map_or(default, f64::from));
        }
        match inputs.optional(place, "bounds")?.map(Tensor::scalar) {
            None => Ok(default),
            Some(Some(bound)) => Ok(bound),
            Some(None) => refused(
                "has a bound that is no single number",
                "export the model again",
            ),
        }
    };
    let low = bound("min", 1, f64::NEG_INFINITY)?;
    let high = bound("max", 2, f64::INFINITY)?;
    Ok(Function::Clip(low, high))
}

/// The most functions that wait to be recognised one after another.
const DEEPEST: usize = 64;

/// What a function of two is applied to, and what that looks like.
struct Joined {
    operands: Vec<Operand>,
    view: View,
    shape: Shape,
}

impl Lowering<'_> {
    /// Applies `function` to the node's inputs: to one, or to the first two, then to that and each further one.
    pub(super) fn apply(
        &mut self,
        index: usize,
        function: Function,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        let takes_one = matches!(
            function,
            Function::Relu
                | Function::Clip(..)
                | Function::Sigmoid
                | Function::HardSigmoid(..)
                | Function::HardSwish
                | Function::Neg
        );
        if takes_one || inputs.0.len() == 1 {
            let x = self.numbers(inputs.value(0)?)?;
            if !takes_one {
                return self.same(index, x);
            }
            let (shape, view) = (self.value(x).shape, self.value(x).view.clone());
            let operands = vec![Operand::Value(x)];
            return self.applied(index, shape, view, function, operands);
        }
        let mut known: Vec<Known> = inputs.0.iter().flatten().cloned().collect();
        let mut result = known.remove(0);
        let last = known.len() - 1;
        for (place, next) in known.into_iter().enumerate() {
            let joined = self.join(&result, &next)?;
            let Joined {
                operands,
                view,
                shape,
            } = joined;
            let handle = self.applied(index, shape, view, function, operands)?;
            if place < last {
                self.values[handle.0].uses = 1;
            }
            result = Known::Value(handle);
        }
        match result {
            Known::Value(handle) => Ok(handle),
            Known::Constant(_) | Known::Unknown(_) => {
                refused("has one input", "export the model again")
            }
        }
    }

    /// A function of operands. Long chains are made on the way, so that none is ever followed far.
    fn applied(
        &mut self,
        index: usize,
        shape: Shape,
        view: View,
        function: Function,
        operands: Vec<Operand>,
    ) -> Lower<Handle> {
        let values = operands.iter().filter_map(|operand| match operand {
            Operand::Value(x) => Some(self.shown(*x)),
            Operand::Scalar(_) | Operand::Channels(_) => None,
        });
        let values: Vec<Handle> = values.collect();
        let mut depth = 1 + values
            .iter()
            .map(|x| self.value(*x).depth)
            .max()
            .unwrap_or(0);
        if depth > DEEPEST {
            for x in values {
                self.map(x)?;
            }
            depth = 1;
        }
        let handle = self.made_by(index, shape, view, Kind::Apply { function, operands });
        self.values[handle.0].depth = depth;
        Ok(handle)
    }

    /// `x`, whose elements must be numbers by now.
    pub(super) fn numbers(&self, x: Handle) -> Lower<Handle> {
        if self.value(x).bytes {
            return refused(
                "computes with bytes",
                "convert the input first (Cast to float32), or export a model that takes float32",
            );
        }
        Ok(x)
    }

    fn join(&mut self, a: &Known, b: &Known) -> Lower<Joined> {
        match (a, b) {
            (Known::Value(a), Known::Value(b)) => self.join_values(*a, *b),
            (Known::Value(x), Known::Constant(k)) => {
                let (x, operand, view) = self.join_constant(*x, k)?;
                let operands = vec![Operand::Value(x), operand];
                Ok(self.joined(operands, x, view))
            }
            (Known::Constant(k), Known::Value(x)) => {
                let (x, operand, view) = self.join_constant(*x, k)?;
                let operands = vec![operand, Operand::Value(x)];
                Ok(self.joined(operands, x, view))
            }
            _ => refused("joins two constants", "simplify the model with onnxsim"),
        }
    }

    fn joined(&self, operands: Vec<Operand>, x: Handle, view: View) -> Joined {
        let shape = self.value(x).shape;
        Joined {
            operands,
            view,
            shape,
        }
    }

    fn join_values(&mut self, a: Handle, b: Handle) -> Lower<Joined> {
        let (a, b) = (self.numbers(a)?, self.numbers(b)?);
        let (left, right) = (self.value(a), self.value(b));
        let shape = match (left.shape, right.shape) {
            (x, y) if x == y => x,
            (x, gates) if gates == Shape::vector(x.c) => x,
            (gates, x) if gates == Shape::vector(x.c) => x,
            (x, y) => {
                let reason = format!(
                    "joins maps of different shapes, {x} and {y} (height x width x channels)"
                );
                return refused(
                    reason,
                    "only maps of one shape are added, and channels scaled by one gate each",
                );
            }
        };
        let Some(view) = left.view.over(&right.view) else {
            return refused(
                "joins maps that lie across one another: the channels of one meet rows or columns of the other",
                "bring both into one layout first",
            );
        };
        let operands = vec![Operand::Value(a), Operand::Value(b)];
        Ok(Joined {
            operands,
            view,
            shape,
        })
    }

    /// `x`, and what a constant over it comes to: one number, or one for each channel.
    fn join_constant(&mut self, x: Handle, constant: &Tensor) -> Lower<(Handle, Operand, View)> {
        let x = self.numbers(x)?;
        let value = self.value(x);
        let view = value.view.promoted(constant.dims().len());
        let extents = view.extents(value.shape);
        let missing = extents.len() - constant.dims().len();
        let long: Vec<usize> = (missing..extents.len())
            .filter(|i| constant.dims()[i - missing] != 1)
            .collect();
        if long
            .iter()
            .any(|i| constant.dims()[i - missing] != extents[*i])
        {
            return refused(
                format!(
                    "spreads a map over a constant of shape {:?}",
                    constant.dims()
                ),
                "only maps of one shape are joined",
            );
        }
        self.count(constant.len())?;
        let numbers = constant.to_f64();
        let first = numbers.first().copied().unwrap_or(0.0);
        if numbers.iter().all(|n| *n == first) {
            return Ok((x, Operand::Scalar(first), view));
        }
        let value = self.value(x);
        match long[..] {
            [place] if view.dim(place) == [Axis::C] => {
                Ok((x, Operand::Channels(numbers.into()), view))
            }
            [place] if is_flat(&view, place, value) => {
                let x = self.flattened(x)?;
                let view = View::new(self.value(x).shape, &flat_dims(extents.len(), place));
                Ok((x, Operand::Channels(numbers.into()), view))
            }
            _ => refused(
                "joins a map with a constant that differs from pixel to pixel",
                "a constant is one number, or one for each channel",
            ),
        }
    }
}

/// Whether all of a map lies in one dimension, channels first.
fn is_flat(view: &View, place: usize, value: &Value) -> bool {
    let all = View::new(value.shape, &[&[Axis::C, Axis::H, Axis::W]]);
    view.dim(place) == all.dim(0)
}

/// Dimensions of which one holds the channels of a single pixel.
fn flat_dims(rank: usize, place: usize) -> Vec<&'static [Axis]> {
    let dim = |i: usize| if i == place { &[Axis::C][..] } else { &[] };
    (0..rank).map(dim).collect()
}

//! Makes maps of values: here it is decided what arithmetic is, and what is folded into what.
//!
//! ```text
//! a function of one value        -> the activation it equals, of the earliest value it is a function of
//! a line from 0 to 1 of a layer  -> hard_sigmoid, the line's slope and start in the layer's weights
//! a product and a sum per channel -> into the layer that makes the value, into how the input is read, or a layer of its own
//! the sum of two maps            -> addition
//! the product of a map and gates -> scaling
//! ```
//!
//! In: values. Out: nodes of the graph, tensors under the layers' names. Never: asks what a node of the model is called.

use super::super::function::{self, Function};
use super::super::value::{Affine, Handle, Kind, Layer, Operand, Operator};
use super::super::view::View;
use super::{Lower, Lowering, Refusal, refused};
use crate::graph::{Activation, BatchNorm, Conv, Graph, Linear, Origin, PixelMap, ValueId};
use crate::layout::Axis;
use crate::shape::{Padding, Shape, Window};
use crate::weights::Tensor;
use std::collections::BTreeMap;

/// The most values that one activation is written with.
const MOST_PARTS: usize = 16;

/// Counts layers by kind, as names of specs do; the first layer, if a convolution, is the stem.
#[derive(Default)]
pub(super) struct Names {
    counts: BTreeMap<&'static str, usize>,
}

impl Names {
    fn next(&mut self, kind: &'static str) -> String {
        if kind == "conv" && self.counts.is_empty() {
            self.counts.insert("stem", 1);
            return "stem".to_owned();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        format!("{kind}{count}")
    }
}

impl Lowering<'_> {
    /// The map of a value.
    pub(super) fn map(&mut self, handle: Handle) -> Lower<ValueId> {
        let handle = self.shown(handle);
        let value = self.value(handle);
        if let Some(made) = value.made {
            return Ok(made);
        }
        if value.broken {
            return Err(Refusal::Reported);
        }
        match self.make(handle) {
            Ok(made) => {
                self.values[handle.0].made = Some(made);
                Ok(made)
            }
            Err(refusal) => {
                self.values[handle.0].broken = true;
                if let (Refusal::Here(reason, help), Some(node)) =
                    (&refusal, self.value(handle).node)
                {
                    self.report(node, reason, help);
                }
                Err(Refusal::Reported)
            }
        }
    }

    fn make(&mut self, handle: Handle) -> Lower<ValueId> {
        let value = self.value(handle);
        let node = value.node;
        match value.kind.clone() {
            Kind::Map { map, padding } if padding == Padding::NONE => Ok(map),
            Kind::Map { map, padding } => {
                let origin = self.origin_of(node, "pad", "padding");
                Ok(self.builder.pad(map, padding, origin)?)
            }
            Kind::Same { base, .. } => self.map(base),
            Kind::Layer(layer) => self.layer(node, *layer),
            Kind::Apply { function, operands } => self.recognise(handle, function, &operands),
        }
    }

    fn recognise(
        &mut self,
        handle: Handle,
        function: Function,
        operands: &[Operand],
    ) -> Lower<ValueId> {
        if let Some((root, activation)) = self.activation(handle) {
            let x = self.map(root)?;
            let origin = self.origin_of(self.value(handle).node, "activation", "activation");
            return Ok(self.builder.activation(x, activation, origin));
        }
        if let Some((root, factor, summand)) = self.ramp(handle) {
            let channels = self.value(root).shape.c;
            let affine = Affine {
                scale: vec![factor; channels],
                shift: vec![summand; channels],
            };
            let x = self.affine_of(handle, root, &affine)?;
            let origin = self.origin_of(self.value(handle).node, "activation", "activation");
            return Ok(self.builder.activation(x, Activation::HardSigmoid, origin));
        }
        if let Some((root, affine)) = self.affine(handle) {
            return self.affine_of(handle, root, &affine);
        }
        match (function, operands) {
            (Function::Add, [Operand::Value(a), Operand::Value(b)]) => self.sum(handle, *a, *b),
            (Function::Mul, [Operand::Value(a), Operand::Value(b)]) => {
                self.product_of(handle, *a, *b)
            }
            _ => self.unrecognised(handle, function),
        }
    }

    fn sum(&mut self, handle: Handle, a: Handle, b: Handle) -> Lower<ValueId> {
        let (left, right) = (self.value(a).shape, self.value(b).shape);
        if left != right {
            return refused(
                format!(
                    "adds maps of different shapes, {left} and {right} (height x width x channels)"
                ),
                "only maps of one shape are added; a sum of one number per channel is no layer here",
            );
        }
        let (a, b) = (self.map(a)?, self.map(b)?);
        let origin = self.origin_of(self.value(handle).node, "add", "add");
        Ok(self.builder.add(a, b, origin)?)
    }

    /// Gates are made of what they scale, so the map among the two is the one that was there first.
    fn product_of(&mut self, handle: Handle, a: Handle, b: Handle) -> Lower<ValueId> {
        let (a, b) = (self.map(a)?, self.map(b)?);
        let of_one_shape = self.builder.shape(a) == self.builder.shape(b);
        let a_is_map = if of_one_shape {
            a < b
        } else {
            self.builder.shape(b).pixels() == 1
        };
        let (x, gates) = if a_is_map { (a, b) } else { (b, a) };
        if a == b || self.builder.shape(gates).pixels() != 1 {
            return refused(
                "multiplies two maps element by element, which no layer here does",
                "the nearest is a squeeze-and-excite, which scales each channel by one gate",
            );
        }
        let origin = self.origin_of(
            self.value(handle).node,
            "squeeze_excite",
            "squeeze-and-excite",
        );
        Ok(self.builder.scale(x, gates, origin)?)
    }

    fn unrecognised(&mut self, handle: Handle, function: Function) -> Lower<ValueId> {
        let region = self.region(handle);
        let nearest = region.iter().find_map(|root| {
            let values = self.values_of(handle, *root, &region, &function::points())?;
            Some(function::nearest(&values))
        });
        let does = function.words();
        let Some((nearest, off)) = nearest else {
            let help = "the arithmetic there is: activations, a scale and a shift per channel, sums of maps, gates";
            return refused(format!("{does}, which no layer here does"), help);
        };
        let name = nearest.name();
        refused(
            format!(
                "{does}, which makes no activation; {name} is the nearest, and differs by up to {off:.3} between -10 and 10"
            ),
            format!("train the network with {name}, or export it with its parameters unchanged"),
        )
    }

    /// The activation that `handle` is of an earlier value: of the earliest there is.
    fn activation(&self, handle: Handle) -> Option<(Handle, Activation)> {
        let region = self.region(handle);
        region.iter().find_map(|root| {
            let at = |points: &[f64]| self.values_of(handle, *root, &region, points);
            let plausible = function::plausible(&at(&function::PROBES)?, self.tolerance);
            let values = plausible.then(|| at(&function::points())).flatten()?;
            Some((*root, function::activation(&values, self.tolerance)?))
        })
    }

    /// The layer of which `handle` is hard_sigmoid(a x + b), and a and b, where the layer can take those into its weights:
    /// nothing else reads it.
    fn ramp(&self, handle: Handle) -> Option<(Handle, f64, f64)> {
        let region = self.region(handle);
        let is_layer = |root: &&Handle| {
            let value = self.value(**root);
            matches!(value.kind, Kind::Layer(_))
                && value.made.is_none()
                && self.read_once(handle, **root)
        };
        region.iter().filter(is_layer).find_map(|root| {
            let values = self.values_of(handle, *root, &region, &function::points())?;
            let (factor, summand) = function::ramp(&values, self.tolerance)?;
            Some((*root, factor, summand))
        })
    }

    /// Whether `handle` is a chain of functions of one value each from `root` on, each read by the next alone.
    fn read_once(&self, handle: Handle, root: Handle) -> bool {
        let mut at = handle;
        for _ in 0..MOST_PARTS {
            let Kind::Apply { operands, .. } = &self.value(at).kind else {
                return false;
            };
            let mut values = operands.iter().filter_map(|operand| match operand {
                Operand::Value(x) => Some(*x),
                Operand::Scalar(_) | Operand::Channels(_) => None,
            });
            let (Some(inner), None) = (values.next(), values.next()) else {
                return false;
            };
            match self.shown_alone(inner) {
                Some(inner) if inner == root => return true,
                Some(inner) => at = inner,
                None => return false,
            }
        }
        false
    }

    /// The values that `handle` may be a function of, itself excepted, the earliest first.
    fn region(&self, handle: Handle) -> Vec<Handle> {
        let mut region = vec![handle];
        let mut next = 0;
        while let Some(value) = region.get(next).map(|handle| self.value(*handle)) {
            next += 1;
            let Kind::Apply { operands, .. } = &value.kind else {
                continue;
            };
            for operand in operands {
                let Operand::Value(inner) = operand else {
                    continue;
                };
                let inner = self.shown(*inner);
                if !region.contains(&inner) && region.len() < MOST_PARTS {
                    region.push(inner);
                }
            }
        }
        region.retain(|h| *h != handle);
        region.sort();
        region
    }

    /// The values of `handle` as a function of `root` at these points; none if it depends on anything else, or differs
    /// from channel to channel.
    fn values_of(
        &self,
        handle: Handle,
        root: Handle,
        region: &[Handle],
        points: &[f64],
    ) -> Option<Vec<f64>> {
        if self.value(handle).shape != self.value(root).shape {
            return None;
        }
        let mut known = BTreeMap::from([(root, points.to_vec())]);
        let later = region.iter().copied().filter(|h| *h > root);
        for part in later.chain([handle]) {
            if let Some(values) = self.values_at(part, points.len(), &known) {
                known.insert(part, values);
            }
        }
        known.remove(&handle)
    }

    fn values_at(
        &self,
        part: Handle,
        count: usize,
        known: &BTreeMap<Handle, Vec<f64>>,
    ) -> Option<Vec<f64>> {
        let Kind::Apply { function, operands } = &self.value(part).kind else {
            return None;
        };
        enum Argument<'k> {
            Each(&'k [f64]),
            All(f64),
        }
        let argument = |operand: &Operand| match operand {
            Operand::Value(inner) => known.get(&self.shown(*inner)).map(|v| Argument::Each(v)),
            Operand::Scalar(k) => Some(Argument::All(*k)),
            Operand::Channels(_) => None,
        };
        let arguments: Vec<_> = operands.iter().map(argument).collect::<Option<_>>()?;
        let at = |i: usize| {
            let value = |argument: &Argument<'_>| match argument {
                Argument::Each(values) => values[i],
                Argument::All(k) => *k,
            };
            let mut x = [0.0; 2];
            for (slot, argument) in x.iter_mut().zip(&arguments) {
                *slot = value(argument);
            }
            function.at(&x)
        };
        Some((0..count).map(at).collect())
    }

    /// `handle` as a scale and a shift per channel of an earlier value that nothing else reads.
    fn affine(&self, handle: Handle) -> Option<(Handle, Affine)> {
        let mut affine = Affine::identity(self.value(handle).shape.c);
        let (mut at, mut steps) = (handle, 0);
        while let Kind::Apply { function, operands } = &self.value(at).kind {
            let (inner, constant, constant_first) = match &operands[..] {
                [Operand::Value(x), constant] => (*x, constant, false),
                [constant, Operand::Value(x)] => (*x, constant, true),
                [Operand::Value(x)] if *function == Function::Neg => {
                    (*x, &Operand::Scalar(-1.0), false)
                }
                _ => break,
            };
            let function = if *function == Function::Neg {
                Function::Mul
            } else {
                *function
            };
            let Some(longer) = affine.clone().after(function, constant, constant_first) else {
                break;
            };
            (affine, at, steps) = (longer, inner, steps + 1);
            match self.shown_alone(inner) {
                // A scale may be the last part of an activation, which is recognised as a whole.
                Some(shown)
                    if steps < MOST_PARTS
                        && self.activation(shown).is_none()
                        && self.ramp(shown).is_none() =>
                {
                    at = shown;
                }
                _ => break,
            }
        }
        (steps > 0).then_some((at, affine))
    }

    fn affine_of(&mut self, handle: Handle, root: Handle, affine: &Affine) -> Lower<ValueId> {
        let node = self.value(handle).node;
        if let Some(alone) = self.shown_alone(root) {
            let value = self.value(alone);
            match &value.kind {
                Kind::Layer(layer) if value.made.is_none() => {
                    let mut layer = layer.clone();
                    layer.fold(affine);
                    return self.layer(value.node, *layer);
                }
                Kind::Map { map, padding } if *map == Graph::INPUT && *padding == Padding::NONE => {
                    return Ok(self.normalised(affine));
                }
                _ => {}
            }
        }
        let input = self.map(root)?;
        let channels = affine.scale.len();
        let layer = Layer {
            operator: Operator::Conv {
                window: Window::POINTWISE,
                groups: channels,
            },
            input,
            channels,
            weight_shape: vec![channels, 1, 1, 1],
            weight: affine.scale.iter().map(|s| *s as f32).collect(),
            bias: Some(affine.shift.iter().map(|s| *s as f32).collect()),
            norm: None,
        };
        self.layer(node, layer)
    }

    /// The input, read with a scale and a shift per channel.
    fn normalised(&mut self, affine: &Affine) -> ValueId {
        let each = affine.scale.iter().zip(&affine.shift);
        let maps = each.map(|(scale, shift)| PixelMap {
            scale: *scale as f32,
            shift: *shift as f32,
        });
        self.builder.normalise(maps.collect());
        Graph::INPUT
    }

    /// Adds a layer to the graph and its tensors to the weights.
    fn layer(&mut self, node: Option<usize>, layer: Layer) -> Lower<ValueId> {
        let input = self.builder.shape(layer.input);
        let (params, made) = match layer.operator {
            Operator::Linear => {
                let origin = self.origin_of(node, "linear", "linear");
                let (params, bias) = (origin.name.clone(), layer.bias.is_some());
                let linear = Linear {
                    channels: layer.channels,
                    bias,
                    activation: Activation::Identity,
                    params: params.clone(),
                };
                (params, self.builder.linear(layer.input, linear, origin)?)
            }
            Operator::Conv { window, groups } => {
                let (params, bias) = (String::new(), layer.bias.is_some());
                let mut conv = Conv::new(window, groups, layer.channels, bias, params);
                let (kind, role) = if conv.is_depthwise(input) {
                    ("depthwise", "depthwise")
                } else {
                    ("conv", "convolution")
                };
                let origin = self.origin_of(node, kind, role);
                conv.params.clone_from(&origin.name);
                (
                    origin.name.clone(),
                    self.builder.conv(layer.input, conv, origin)?,
                )
            }
        };
        let mut insert = |part: &str, shape: Vec<usize>, data: Vec<f32>| {
            self.tensors
                .insert(format!("{params}.{part}"), Tensor::new(shape, data));
        };
        let channels = vec![layer.channels];
        insert("weight", layer.weight_shape, layer.weight.to_vec());
        if let Some(bias) = &layer.bias {
            insert("bias", channels.clone(), bias.to_vec());
        }
        let Some(norm) = layer.norm else {
            return Ok(made);
        };
        let parts = [
            ("bn.weight", norm.weight),
            ("bn.bias", norm.bias),
            ("bn.mean", norm.mean),
            ("bn.var", norm.var),
        ];
        for (part, data) in parts {
            insert(part, channels.clone(), data);
        }
        let batch_norm = BatchNorm {
            epsilon: norm.epsilon,
            params: format!("{params}.bn"),
        };
        let origin = Origin {
            name: params,
            role: "batch norm".to_owned(),
            row: None,
        };
        Ok(self.builder.batch_norm(made, batch_norm, origin))
    }

    /// `x` as one pixel, its elements in the order channels, rows, columns.
    pub(super) fn flattened(&mut self, x: Handle) -> Lower<Handle> {
        let value = self.value(x);
        let (shape, node, uses) = (value.shape, value.node, value.uses);
        let extents = value.view.extents(shape);
        let in_order = View::new(shape, &[&[Axis::C, Axis::H, Axis::W]]);
        let Some(place) =
            (0..extents.len()).find(|place| value.view.dim(*place) == in_order.dim(0))
        else {
            return refused(
                "reads a map flattened with its channels last",
                "only linear layers read that: flatten with the channels first",
            );
        };
        let input = self.map(x)?;
        let origin = self.origin_of(node, "flatten", "flatten");
        let map = self.builder.flatten(input, origin);
        let shape = Shape::vector(shape.len());
        let none = vec![&[][..]; extents.len()];
        let view = View::new(shape, &none)
            .with_dim(place, vec![Axis::C])
            .with_shape(shape);
        if let Some(node) = node {
            self.flattened.insert(map, (node, view.layout(shape)));
        }
        let padding = Padding::NONE;
        Ok(self.add(super::Value {
            shape,
            view,
            kind: Kind::Map { map, padding },
            uses,
            node,
            bytes: false,
            made: None,
            depth: 0,
            broken: false,
        }))
    }

    /// The origin of a layer that node `index` makes.
    pub(super) fn origin(&mut self, index: usize, kind: &'static str, role: &str) -> Origin {
        self.origin_of(Some(index), kind, role)
    }

    fn origin_of(&mut self, node: Option<usize>, kind: &'static str, role: &str) -> Origin {
        let name = self.layer_names.next(kind);
        if let Some(node) = node {
            self.nodes.insert(name.clone(), node);
        }
        Origin {
            name,
            role: role.to_owned(),
            row: None,
        }
    }
}

//! Layers with weights: convolutions, matrix products, batch norms.
//!
//! In: a node, the map it reads, its constants. Out: a layer with its tensors as PyTorch has them, not yet in the graph:
//! what follows may be folded into it. Never: adds to the graph.

use super::super::function::Function;
use super::super::model::Node;
use super::super::tensor::{Tensor, dims_text};
use super::super::value::{Affine, Handle, Kind, Layer, Norm, Operand, Operator};
use super::super::view::View;
use super::{Inputs, Lower, Lowering, refused};
use crate::graph::ValueId;
use crate::layout::{Axis, Layout};
use crate::shape::{Padding, Shape, Window};
use std::rc::Rc;

/// A window as a node describes it, before its padding is resolved.
pub(super) struct Slide {
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
}

impl Lowering<'_> {
    pub(super) fn conv(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let x = inputs.value(0)?;
        let weight = inputs.constant(1, "weight")?;
        let bias = inputs.optional(2, "bias")?;
        let (shape, groups) = (self.value(x).shape, node.int("group").unwrap_or(1));
        let &[channels, per_group, kh, kw] = weight.dims() else {
            let reason = format!(
                "has a weight of shape {}, not of four dimensions",
                dims_text(weight.dims())
            );
            return refused(
                reason,
                "only convolutions over height and width are compiled",
            );
        };
        self.channels_first(x)?;
        let groups = usize::try_from(groups).unwrap_or(0);
        if per_group.checked_mul(groups) != Some(shape.c) || channels == 0 {
            let reason = format!(
                "has a weight of shape {} in {groups} groups, which does not fit {} channels",
                dims_text(weight.dims()),
                shape.c
            );
            return refused(reason, "export the model again");
        }
        let slide = slide(node, [kh, kw])?;
        let (input, pending) = self.padded_map(x)?;
        let window = window(node, &slide, shape)?;
        let window = Window {
            padding: window.padding.plus(pending),
            ..window
        };
        let Some([h, w]) = window.output(self.builder.shape(input)) else {
            let error = crate::graph::build::BuildError::WindowDoesNotFit {
                window,
                input: shape,
            };
            return Err(error.into());
        };
        let layer = Layer {
            operator: Operator::Conv { window, groups },
            input,
            channels,
            weight_shape: weight.dims().to_vec(),
            weight: self.numbers_of(weight)?.into(),
            bias: bias.map(|b| self.bias(b, channels, 1.0)).transpose()?,
            norm: None,
        };
        let shape = Shape::new(h, w, channels);
        Ok(self.made_by(
            index,
            shape,
            View::channels_first(shape),
            Kind::Layer(Box::new(layer)),
        ))
    }

    /// Refuses maps whose dimensions are not batch, channels, height, width.
    pub(super) fn channels_first(&self, x: Handle) -> Lower<()> {
        let value = self.value(x);
        if value.view.is_channels_first(value.shape) {
            return Ok(());
        }
        let reason = if value.view.rank() == 4 {
            "slides over a map that is not laid out as batch, channels, height, width"
        } else {
            "slides over something other than maps: it has not four dimensions"
        };
        refused(
            reason,
            "convolutions and pools run over height and width of a map; export the model again",
        )
    }

    /// alpha A B + beta C, where A is a vector and B the weight.
    pub(super) fn gemm(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        if node.int("transA").unwrap_or(0) != 0 {
            return refused(
                "turns its input over (transA)",
                "export the model with a plain linear layer",
            );
        }
        let (weight, bias) = (inputs.constant(1, "weight")?, inputs.optional(2, "bias")?);
        let turned = node.int("transB").unwrap_or(0) != 0;
        let alpha = node.float("alpha").unwrap_or(1.0);
        let beta = f64::from(node.float("beta").unwrap_or(1.0));
        let x = inputs.value(0)?;
        if self.value(x).view.rank() != 2 {
            return refused(
                "multiplies something other than vectors",
                "flatten the map first",
            );
        }
        let handle = self.product(index, x, weight, turned, alpha)?;
        let Kind::Layer(layer) = &self.value(handle).kind else {
            return Ok(handle);
        };
        let channels = layer.channels;
        let bias = bias.map(|b| self.bias(b, channels, beta)).transpose()?;
        if let Kind::Layer(layer) = &mut self.values[handle.0].kind {
            layer.bias = bias;
        }
        Ok(handle)
    }

    pub(super) fn matmul(&mut self, index: usize, _node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let (x, weight) = (inputs.value(0)?, inputs.constant(1, "weight")?);
        self.product(index, x, weight, false, 1.0)
    }

    /// The product of the last dimension of `x` with a matrix: a linear layer where that is the whole map, a 1x1
    /// convolution where it is the channels of each pixel.
    fn product(
        &mut self,
        index: usize,
        x: Handle,
        weight: &Tensor,
        turned: bool,
        alpha: f32,
    ) -> Lower<Handle> {
        let x = self.numbers(x)?;
        let &[rows, columns] = weight.dims() else {
            let reason = format!(
                "multiplies with {}, which is no matrix",
                dims_text(weight.dims())
            );
            return refused(reason, "a linear layer's weight has two dimensions");
        };
        let (inputs, channels) = if turned {
            (columns, rows)
        } else {
            (rows, columns)
        };
        let (shape, view) = (self.value(x).shape, self.value(x).view.clone());
        let last = view.rank().checked_sub(1);
        let Some(last) = last.filter(|last| view.extents(shape)[*last] == inputs && channels > 0)
        else {
            let reason = format!(
                "multiplies with {}, which does not fit",
                dims_text(weight.dims())
            );
            return refused(reason, "export the model again");
        };
        let axes = view.dim(last).to_vec();
        let whole = inputs == shape.len();
        if !whole && axes != [Axis::C] {
            return refused(
                "multiplies along rows or columns of a map, which no layer here does",
                "linear layers run over channels, or over the whole map",
            );
        }
        let input = self.map(x)?;
        let numbers = self.numbers_of(weight)?;
        let order = if whole {
            Some(view.layout(shape))
        } else {
            None
        };
        let weight = filters(
            &numbers,
            channels,
            inputs,
            turned,
            alpha,
            shape,
            order.as_ref(),
        );
        let (operator, weight_shape, shape) = if whole {
            (
                Operator::Linear,
                vec![channels, inputs],
                Shape::vector(channels),
            )
        } else {
            let (window, groups) = (Window::POINTWISE, 1);
            let operator = Operator::Conv { window, groups };
            (
                operator,
                vec![channels, inputs, 1, 1],
                shape.with_channels(channels),
            )
        };
        let view = view.with_dim(last, vec![Axis::C]).with_shape(shape);
        let layer = Layer {
            operator,
            input,
            channels,
            weight_shape,
            weight,
            bias: None,
            norm: None,
        };
        Ok(self.made_by(index, shape, view, Kind::Layer(Box::new(layer))))
    }

    pub(super) fn batch_norm(
        &mut self,
        index: usize,
        node: &Node,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        if let Some(refusal) = super::words::training(node) {
            return Err(refusal.into());
        }
        let x = self.numbers(inputs.value(0)?)?;
        let (shape, view) = (self.value(x).shape, self.value(x).view.clone());
        let second = if view.rank() > 1 { view.dim(1) } else { &[] };
        if second != View::new(shape, &[&[Axis::C]]).dim(0) {
            return refused(
                "normalises along another dimension than channels",
                "batch norm has one scale for each channel; export the model again",
            );
        }
        let mut part = |place: usize, what: &str| -> Lower<Vec<f32>> {
            let numbers = inputs.constant(place, what)?;
            if numbers.len() != shape.c {
                let reason = format!(
                    "has {} numbers as its {what}, for {} channels",
                    numbers.len(),
                    shape.c
                );
                return refused(reason, "export the model again");
            }
            self.numbers_of(numbers)
        };
        let norm = Norm {
            epsilon: node.float("epsilon").map_or(1e-5, decimal),
            weight: part(1, "scale")?,
            bias: part(2, "shift")?,
            mean: part(3, "mean")?,
            var: part(4, "variance")?,
        };
        if let Some(bad) = norm
            .var
            .iter()
            .position(|v| f64::from(*v) + norm.epsilon <= 0.0 || v.is_nan())
        {
            let reason = format!(
                "has the variance {} in channel {bad}, which is not positive",
                norm.var[bad]
            );
            return refused(
                reason,
                "the weights are damaged, or were saved before training",
            );
        }
        match self.convolution_behind(x) {
            Some(layer) => {
                let layer = Layer {
                    norm: Some(norm),
                    ..layer
                };
                Ok(self.made_by(index, shape, view, Kind::Layer(Box::new(layer))))
            }
            None => Ok(self.affine_norm(index, x, &norm)),
        }
    }

    /// The convolution that makes `x` for one reader alone, if it can take a batch norm. Those on a single pixel take it
    /// as arithmetic: squeeze-and-excite has layers without batch norm.
    fn convolution_behind(&self, x: Handle) -> Option<Layer> {
        let value = self.value(self.shown_alone(x)?);
        let Kind::Layer(layer) = &value.kind else {
            return None;
        };
        let takes = matches!(layer.operator, Operator::Conv { .. })
            && layer.norm.is_none()
            && value.made.is_none()
            && value.shape.pixels() > 1;
        takes.then(|| (**layer).clone())
    }

    /// A batch norm as a product and a sum.
    fn affine_norm(&mut self, index: usize, x: Handle, norm: &Norm) -> Handle {
        let channels = norm.weight.len();
        let scale =
            |c: usize| f64::from(norm.weight[c]) / (f64::from(norm.var[c]) + norm.epsilon).sqrt();
        let shift = |c: usize| f64::from(norm.bias[c]) - f64::from(norm.mean[c]) * scale(c);
        let affine = Affine {
            scale: (0..channels).map(scale).collect(),
            shift: (0..channels).map(shift).collect(),
        };
        let (shape, view) = (self.value(x).shape, self.value(x).view.clone());
        let mut apply = |function, x, each: Vec<f64>| {
            let operands = vec![Operand::Value(x), Operand::Channels(each.into())];
            self.made_by(
                index,
                shape,
                view.clone(),
                Kind::Apply { function, operands },
            )
        };
        let product = apply(Function::Mul, x, affine.scale);
        let sum = apply(Function::Add, product, affine.shift);
        self.values[product.0].uses = 1;
        sum
    }

    /// A constant's numbers as f32.
    pub(super) fn numbers_of(&mut self, tensor: &Tensor) -> Lower<Vec<f32>> {
        if !tensor.element().is_float() {
            let reason = format!("has weights of type {}", tensor.element().name());
            return refused(reason, "export the float model");
        }
        self.count(tensor.len())?;
        Ok(tensor.to_f32())
    }

    /// A bias of one number for each channel, or one for all.
    fn bias(&mut self, tensor: &Tensor, channels: usize, factor: f64) -> Lower<Rc<[f32]>> {
        let numbers = self.numbers_of(tensor)?;
        if numbers.len() != channels && numbers.len() != 1 {
            let reason = format!(
                "has a bias of {} numbers, for {channels} channels",
                numbers.len()
            );
            return refused(reason, "export the model again");
        }
        let scaled = |b: &f32| (f64::from(*b) * factor) as f32;
        let each = numbers.iter().cycle().take(channels);
        Ok(each.map(scaled).collect())
    }

    /// The map behind `x` and the zeros still to be added around it.
    pub(super) fn padded_map(&mut self, x: Handle) -> Lower<(ValueId, Padding)> {
        if let Kind::Map { map, padding } = self.value(self.shown(x)).kind {
            return Ok((map, padding));
        }
        Ok((self.map(x)?, Padding::NONE))
    }
}

/// The number somebody wrote: 1e-3, not the f32 nearest to it.
fn decimal(x: f32) -> f64 {
    x.to_string().parse().unwrap_or_else(|_| x.into())
}

/// One filter after another, its numbers in the order PyTorch flattens a map: channels, rows, columns.
fn filters(
    numbers: &[f32],
    channels: usize,
    inputs: usize,
    turned: bool,
    alpha: f32,
    shape: Shape,
    order: Option<&Layout>,
) -> Rc<[f32]> {
    let at = |o: usize, i: usize| {
        let w = if turned {
            numbers[o * inputs + i]
        } else {
            numbers[i * channels + o]
        };
        if alpha == 1.0 { w } else { w * alpha }
    };
    // For each element in PyTorch's order, its place among the matrix's rows.
    let places: Vec<usize> = match order {
        None => (0..inputs).collect(),
        Some(layout) => {
            let pytorch = View::channels_first(shape).layout(shape);
            pytorch.from_map(&layout.places().collect::<Vec<_>>())
        }
    };
    let filter = |o: usize| places.iter().map(move |i| at(o, *i));
    (0..channels).flat_map(filter).collect()
}

/// Kernel, stride and dilation of a node. Along a side of one tap there are no steps between taps, whatever is stated: a
/// dilation there is 1, so that windows that are the same are equal.
pub(super) fn slide(node: &Node, kernel: [usize; 2]) -> Lower<Slide> {
    let pair = |name: &str| -> Lower<[usize; 2]> {
        let given = node.ints(name).unwrap_or(&[1, 1]);
        let numbers: Option<Vec<usize>> = given
            .iter()
            .map(|n| usize::try_from(*n).ok().filter(|n| *n > 0))
            .collect();
        match numbers.as_deref() {
            Some([a, b]) => Ok([*a, *b]),
            _ => refused(
                format!("has {name} {given:?}, not two numbers"),
                "export the model again",
            ),
        }
    };
    let stated = node
        .ints("kernel_shape")
        .map(|k| k.iter().map(|n| *n as usize).collect::<Vec<_>>());
    if stated.is_some_and(|stated| stated != kernel) {
        return refused(
            "states another kernel than its weight has",
            "export the model again",
        );
    }
    let stated = pair("dilations")?;
    Ok(Slide {
        kernel,
        stride: pair("strides")?,
        dilation: [0, 1].map(|side| if kernel[side] == 1 { 1 } else { stated[side] }),
    })
}

/// The window of a node over a map of `shape`, its padding resolved.
pub(super) fn window(node: &Node, slide: &Slide, shape: Shape) -> Lower<Window> {
    let padding = match node.text("auto_pad").unwrap_or("NOTSET") {
        "NOTSET" | "" => stated_padding(node.ints("pads").unwrap_or(&[0; 4]))?,
        "VALID" => Padding::NONE,
        "SAME_UPPER" => same(shape, slide, false),
        "SAME_LOWER" => same(shape, slide, true),
        other => {
            return refused(
                format!("pads by the unknown rule `{other}`"),
                "export the model again",
            );
        }
    };
    let Slide {
        kernel,
        stride,
        dilation,
    } = *slide;
    Ok(Window {
        kernel,
        stride,
        dilation,
        padding,
    })
}

fn stated_padding(pads: &[i64]) -> Lower<Padding> {
    let sides: Option<Vec<usize>> = pads.iter().map(|p| usize::try_from(*p).ok()).collect();
    match sides.as_deref() {
        Some(&[top, left, bottom, right]) => Ok(Padding {
            top,
            left,
            bottom,
            right,
        }),
        _ => refused(
            format!("has pads {pads:?}, not four sizes"),
            "padding only adds rows and columns",
        ),
    }
}

/// TensorFlow's padding for an output of ceil(in / stride); the odd pixel goes to the end, or, with `first`, to the start.
fn same(shape: Shape, slide: &Slide, first: bool) -> Padding {
    let sides = |extent: usize, i: usize| {
        let span = slide.dilation[i]
            .saturating_mul(slide.kernel[i].saturating_sub(1))
            .saturating_add(1);
        let covered = (extent.div_ceil(slide.stride[i]) - 1)
            .saturating_mul(slide.stride[i])
            .saturating_add(span);
        let total = covered.saturating_sub(extent);
        let (less, more) = (total / 2, total - total / 2);
        if first { (more, less) } else { (less, more) }
    };
    let ((top, bottom), (left, right)) = (sides(shape.h, 0), sides(shape.w, 1));
    Padding {
        top,
        left,
        bottom,
        right,
    }
}

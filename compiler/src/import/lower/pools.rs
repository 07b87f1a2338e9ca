//! Layers without weights: pools, means, padding, softmax.
//!
//! In: a node and the map it reads. Out: a map. Never: waits; nothing is folded into these.

use super::super::fold;
use super::super::model::Node;
use super::super::value::{Handle, Kind, Layer, Operator};
use super::super::view::View;
use super::layers::{slide, window};
use super::{Inputs, Lower, Lowering, refused};
use crate::graph::ValueId;
use crate::layout::Axis;
use crate::shape::{Padding, Shape, Window};

impl Lowering<'_> {
    pub(super) fn global_average_pool(
        &mut self,
        index: usize,
        _node: &Node,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        let x = self.numbers(inputs.value(0)?)?;
        let rank = self.value(x).view.rank();
        self.mean(index, x, &(2..rank).collect::<Vec<_>>(), true)
    }

    pub(super) fn global_max_pool(
        &mut self,
        index: usize,
        _node: &Node,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        let x = self.numbers(inputs.value(0)?)?;
        let rank = self.value(x).view.rank();
        self.greatest(index, x, &(2..rank).collect::<Vec<_>>(), true)
    }

    pub(super) fn reduce_mean(
        &mut self,
        index: usize,
        node: &Node,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        match self.reduced(node, inputs)? {
            (x, None, _) => self.same(index, x),
            (x, Some(places), keep) => self.mean(index, x, &places, keep),
        }
    }

    pub(super) fn reduce_max(
        &mut self,
        index: usize,
        node: &Node,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        match self.reduced(node, inputs)? {
            (x, None, _) => self.same(index, x),
            (x, Some(places), keep) => self.greatest(index, x, &places, keep),
        }
    }

    /// What a node reduces: a map, over which of its dimensions, if over any, and whether they stay.
    fn reduced(&self, node: &Node, inputs: &Inputs) -> Lower<(Handle, Option<Vec<usize>>, bool)> {
        let x = self.numbers(inputs.value(0)?)?;
        let rank = self.value(x).view.rank();
        let keep = node.int("keepdims").unwrap_or(1) != 0;
        let listed = inputs
            .list(node, "axes", 1)?
            .filter(|list| !list.is_empty());
        let places = match listed {
            None if node.int("noop_with_empty_axes") == Some(1) => None,
            None => Some((0..rank).collect()),
            Some(list) => Some(fold::axes(&list, rank).or_else(|reason| {
                refused(format!("reduces {reason}"), "export the model again")
            })?),
        };
        Ok((x, places, keep))
    }

    /// The axes of a map that dimensions show.
    fn reduced_axes(&self, x: Handle, places: &[usize]) -> Vec<Axis> {
        let view = &self.value(x).view;
        places
            .iter()
            .flat_map(|place| view.dim(*place))
            .copied()
            .collect()
    }

    /// The greatest over all pixels, or over the rows or the columns alone.
    fn greatest(&mut self, index: usize, x: Handle, places: &[usize], keep: bool) -> Lower<Handle> {
        let (shape, view) = (self.value(x).shape, self.value(x).view.clone());
        let axes = self.reduced_axes(x, places);
        if axes.contains(&Axis::C) {
            return refused(
                "takes the greatest of all channels, which no layer here does",
                "a global max pool is the nearest: the greatest over height and width",
            );
        }
        let input = self.map(x)?;
        let side = |axis: Axis, extent| if axes.contains(&axis) { extent } else { 1 };
        let window = Window {
            kernel: [side(Axis::H, shape.h), side(Axis::W, shape.w)],
            ..Window::POINTWISE
        };
        let origin = self.origin(index, "max_pool", "max pool");
        let made = self.builder.max_pool(input, window, origin)?;
        let view = view.with_shape(self.builder.shape(made));
        let view = if keep { view } else { view.without(places) };
        Ok(self.map_by(index, made, view))
    }

    /// The mean over dimensions: over all pixels, or over the rows or the columns alone.
    fn mean(&mut self, index: usize, x: Handle, places: &[usize], keep: bool) -> Lower<Handle> {
        let (shape, view) = (self.value(x).shape, self.value(x).view.clone());
        let axes = self.reduced_axes(x, places);
        if axes.contains(&Axis::C) {
            return refused(
                "takes the mean over channels, which no layer here does",
                "a global average pool is the nearest: the mean over height and width",
            );
        }
        let input = self.map(x)?;
        let (rows, columns) = (axes.contains(&Axis::H), axes.contains(&Axis::W));
        let made = if (rows || shape.h == 1) && (columns || shape.w == 1) {
            let origin = self.origin(index, "global_average_pool", "global average pool");
            self.builder.global_average_pool(input, origin)
        } else {
            let kernel = [
                if rows { shape.h } else { 1 },
                if columns { shape.w } else { 1 },
            ];
            let window = Window {
                kernel,
                ..Window::POINTWISE
            };
            let origin = self.origin(index, "average_pool", "average pool");
            self.builder.average_pool(input, window, origin)?
        };
        let shape = self.builder.shape(made);
        let view = view.with_shape(shape);
        let view = if keep { view } else { view.without(places) };
        Ok(self.map_by(index, made, view))
    }

    pub(super) fn average_pool(
        &mut self,
        index: usize,
        node: &Node,
        inputs: &Inputs,
    ) -> Lower<Handle> {
        let x = self.numbers(inputs.value(0)?)?;
        self.channels_first(x)?;
        let (shape, window) = (self.value(x).shape, self.pool_window(node, x)?);
        if window.kernel == [shape.h, shape.w]
            && window.padding == Padding::NONE
            && window.dilation == [1, 1]
        {
            return self.mean(index, x, &[2, 3], true);
        }
        let counts_padding =
            node.int("count_include_pad").unwrap_or(0) != 0 && window.padding != Padding::NONE;
        if counts_padding {
            return self.average_with_padding(index, x, window);
        }
        let input = self.map(x)?;
        let origin = self.origin(index, "average_pool", "average pool");
        let made = self.builder.average_pool(input, window, origin)?;
        Ok(self.pooled(index, made))
    }

    /// A mean in which padding counts as zeros is a depthwise convolution with equal weights.
    fn average_with_padding(&mut self, index: usize, x: Handle, window: Window) -> Lower<Handle> {
        let shape = self.value(x).shape;
        let [kh, kw] = window.kernel;
        let weight = vec![1.0 / window.taps() as f32; shape.c.saturating_mul(window.taps())];
        self.count(weight.len())?;
        let Some([h, w]) = window.output(shape) else {
            return refused(
                "has a window larger than its input",
                "choose a larger input",
            );
        };
        let layer = Layer {
            operator: Operator::Conv {
                window,
                groups: shape.c,
            },
            input: self.map(x)?,
            channels: shape.c,
            weight_shape: vec![shape.c, 1, kh, kw],
            weight: weight.into(),
            bias: None,
            norm: None,
        };
        let shape = Shape::new(h, w, shape.c);
        Ok(self.made_by(
            index,
            shape,
            View::channels_first(shape),
            Kind::Layer(Box::new(layer)),
        ))
    }

    pub(super) fn max_pool(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let x = self.numbers(inputs.value(0)?)?;
        self.channels_first(x)?;
        let window = self.pool_window(node, x)?;
        let input = self.map(x)?;
        let origin = self.origin(index, "max_pool", "max pool");
        let made = self.builder.max_pool(input, window, origin)?;
        Ok(self.pooled(index, made))
    }

    /// The window of a pool over `x`.
    fn pool_window(&self, node: &Node, x: Handle) -> Lower<Window> {
        let shape = self.value(x).shape;
        let kernel = node.ints("kernel_shape").unwrap_or_default();
        let sizes: Option<Vec<usize>> = kernel
            .iter()
            .map(|k| usize::try_from(*k).ok().filter(|k| *k > 0))
            .collect();
        let Some(&[kh, kw]) = sizes.as_deref() else {
            return refused(
                format!("has the kernel {kernel:?}, not two sizes"),
                "only pools over height and width are compiled",
            );
        };
        pool_window(node, [kh, kw], shape)
    }

    /// Zeros around a map; whoever slides over it takes them into its window.
    pub(super) fn pad(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let x = self.numbers(inputs.value(0)?)?;
        let (shape, view) = (self.value(x).shape, self.value(x).view.clone());
        let mode = node.text("mode").unwrap_or("constant");
        let constant = inputs
            .optional(2, "value")?
            .map_or(node.float("value").unwrap_or(0.0), |t| {
                t.scalar().unwrap_or(0.0) as f32
            });
        let Some(amounts) = inputs.list(node, "pads", 1)? else {
            return refused("does not say how much it pads", "export the model again");
        };
        if amounts.iter().all(|n| *n == 0) {
            return self.same(index, x);
        }
        if mode != "constant" || constant != 0.0 {
            let how = match mode {
                "constant" => format!("with {constant}"),
                mode => format!("by the rule `{mode}`"),
            };
            let reason = format!("pads {how}; layers here pad with zeros");
            return refused(reason, "train the network with zero padding");
        }
        let rank = view.rank();
        let along = match inputs
            .optional(3, "axes")?
            .map(super::super::tensor::Tensor::to_i64)
        {
            None => Ok((0..rank).collect()),
            Some(Some(list)) => fold::axes(&list, rank),
            Some(None) => Err("no axes".to_owned()),
        };
        let (Some([down, across]), Ok(along)) = (view.spatial(shape), along) else {
            return refused(
                "pads something other than maps",
                "only rows and columns of zeros are added",
            );
        };
        if (1..along.len()).any(|i| along[..i].contains(&along[i])) {
            return refused("pads one dimension twice", "export the model again");
        }
        let mut padding = Padding::NONE;
        for (i, place) in along.iter().enumerate() {
            let (before, after) = (amounts.get(i), amounts.get(i + along.len()));
            let amount = |n: Option<&i64>| n.and_then(|n| usize::try_from(*n).ok());
            match (amount(before), amount(after)) {
                (Some(0), Some(0)) => {}
                (Some(before), Some(after)) if *place == down => {
                    (padding.top, padding.bottom) = (before, after);
                }
                (Some(before), Some(after)) if *place == across => {
                    (padding.left, padding.right) = (before, after);
                }
                _ => {
                    let reason =
                        format!("pads by {amounts:?}, which is not rows and columns around a map");
                    return refused(reason, "only rows and columns of zeros are added");
                }
            }
        }
        let (map, pending) = self.padded_map(x)?;
        let padding = pending.plus(padding);
        let Some([h, w]) = Window::square(1, 1, 1, padding).output(self.builder.shape(map)) else {
            return refused("pads a map away", "export the model again");
        };
        let shape = Shape::new(h, w, shape.c);
        // The side that is no side of length 1 any more is seen again.
        let view = if down == 2 {
            View::channels_first(shape)
        } else {
            View::channels_last(shape)
        };
        Ok(self.made_by(index, shape, view, Kind::Map { map, padding }))
    }

    pub(super) fn softmax(&mut self, index: usize, node: &Node, inputs: &Inputs) -> Lower<Handle> {
        let mut x = self.numbers(inputs.value(0)?)?;
        let rank = self.value(x).view.rank();
        // Until opset 12 it ran over all dimensions from the axis on.
        let old = self.model.opset < 13;
        let axis = node.int("axis").unwrap_or(if old { 1 } else { -1 });
        let Some(axis) = fold::from_end(axis, rank) else {
            return refused(
                "runs along an axis that is not there",
                "export the model again",
            );
        };
        let over = if old { axis..rank } else { axis..axis + 1 };
        let axes = |this: &Self, x: Handle| -> Vec<Axis> {
            over.clone()
                .flat_map(|place| this.value(x).view.dim(place).to_vec())
                .collect()
        };
        let channels = |shape: Shape| View::new(shape, &[&[Axis::C]]).dim(0).to_vec();
        if axes(self, x).len() > 1 {
            x = self.flattened(x)?;
        }
        if axes(self, x) != channels(self.value(x).shape) {
            return refused(
                "runs over rows or columns, not over channels",
                "softmax here runs over the channels of each pixel",
            );
        }
        let (input, view) = (self.map(x)?, self.value(x).view.clone());
        let origin = self.origin(index, "softmax", "softmax");
        let made = self.builder.softmax(input, origin);
        Ok(self.map_by(index, made, view))
    }

    /// What a pool makes of a map laid out channels first.
    fn pooled(&mut self, index: usize, made: ValueId) -> Handle {
        let view = View::channels_first(self.builder.shape(made));
        self.map_by(index, made, view)
    }

    /// A map that node `index` made.
    fn map_by(&mut self, index: usize, map: ValueId, view: View) -> Handle {
        let (shape, padding) = (self.builder.shape(map), Padding::NONE);
        self.made_by(index, shape, view, Kind::Map { map, padding })
    }
}

/// A pool's window; where it rounds its output up, what the last windows reach beyond the map is padding.
pub(super) fn pool_window(node: &Node, kernel: [usize; 2], shape: Shape) -> Lower<Window> {
    let slide = slide(node, kernel)?;
    let mut window = window(node, &slide, shape)?;
    if node.int("ceil_mode").unwrap_or(0) != 0 {
        let ([eh, ew], padding) = (window.extent(), window.padding);
        let bottom = rounded_up(shape.h, padding.top, padding.bottom, eh, window.stride[0]);
        let right = rounded_up(shape.w, padding.left, padding.right, ew, window.stride[1]);
        (window.padding.bottom, window.padding.right) = (bottom, right);
    }
    Ok(window)
}

/// The padding at the end that lets ceil((extent + padding - span) / stride) + 1 windows fit, but none that starts in it.
fn rounded_up(extent: usize, before: usize, after: usize, span: usize, stride: usize) -> usize {
    let all = extent.saturating_add(before).saturating_add(after);
    let Some(room) = all.checked_sub(span) else {
        return after;
    };
    let mut last = room.div_ceil(stride).saturating_mul(stride);
    if last >= extent + before {
        last -= stride;
    }
    let needed = last.saturating_add(span).saturating_sub(extent + before);
    needed.max(after)
}

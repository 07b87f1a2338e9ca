//! Builds a [`Graph`]: the only way to add a node.
//!
//! In: operators over values already there. Out: values whose shapes were inferred and checked, or a [`BuildError`] with
//! the numbers of both sides. Never: words a message for a user; the front knows where in his file the fault stands.

use super::{
    Activation, BatchNorm, Conv, Graph, Input, Linear, Node, Op, Origin, Output, PixelMap, Value,
    ValueId,
};
use crate::shape::{Element, Padding, Shape, Window};
use std::collections::BTreeMap;

/// The most elements a single map may have: 2^28, a gibibyte of f32.
pub const MAX_ELEMENTS: usize = 1 << 28;

/// Why a node cannot be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// Not one window fits the input.
    WindowDoesNotFit {
        /// The window.
        window: Window,
        /// The map it should slide over.
        input: Shape,
    },
    /// A window of a pool would see padding alone, of which there is neither mean nor maximum.
    PoolsPadding {
        /// The window.
        window: Window,
        /// The map it should slide over.
        input: Shape,
    },
    /// Two maps that must have one shape have two.
    ShapesDiffer {
        /// The first operand's.
        left: Shape,
        /// The second operand's.
        right: Shape,
    },
    /// A number of channels is zero.
    NoChannels,
    /// The groups do not divide the channels.
    Groups {
        /// The groups.
        groups: usize,
        /// Channels in.
        input: usize,
        /// Channels out.
        output: usize,
    },
    /// A map or a filter would have more than [`MAX_ELEMENTS`] elements.
    TooLarge {
        /// How many, when that number can be written.
        elements: Option<usize>,
    },
    /// A map with a height or width of zero.
    EmptyMap(Shape),
    /// Stride, dilation or kernel size of zero.
    EmptyWindow(Window),
}

/// A graph under construction.
#[derive(Debug)]
pub struct Builder {
    graph: Graph,
}

type Built = Result<ValueId, BuildError>;

impl Builder {
    /// A network that has only its input.
    ///
    /// # Errors
    /// When the input has no element or too many.
    pub fn new(name: impl Into<String>, input: Input) -> Result<Self, BuildError> {
        let Shape { h, w, c } = input.shape;
        if h == 0 || w == 0 {
            return Err(BuildError::EmptyMap(input.shape));
        }
        check_channels(c)?;
        check_size(&[h, w, c])?;
        let values = vec![Value {
            shape: input.shape,
            element: input.element,
        }];
        let (outputs, nodes) = (Vec::new(), Vec::new());
        Ok(Self {
            graph: Graph {
                name: name.into(),
                input,
                outputs,
                values,
                nodes,
                holds: BTreeMap::new(),
            },
        })
    }

    /// The network's input.
    pub fn input(&self) -> ValueId {
        Graph::INPUT
    }

    /// Reads the input as x = p * scale + shift, one map for each channel.
    pub fn normalise(&mut self, maps: Vec<PixelMap>) {
        self.graph.input.normalise = maps;
    }

    /// The shape of a value.
    pub fn shape(&self, value: ValueId) -> Shape {
        self.graph.shape(value)
    }

    /// Adds a convolution of `x`.
    ///
    /// # Errors
    /// When no window fits, the groups do not divide the channels, or the result is empty or too large.
    pub fn conv(&mut self, x: ValueId, conv: Conv, origin: Origin) -> Built {
        let input = self.shape(x);
        check_channels(conv.channels)?;
        let divides = |channels: usize| conv.groups != 0 && channels.is_multiple_of(conv.groups);
        if !divides(input.c) || !divides(conv.channels) {
            let (groups, output) = (conv.groups, conv.channels);
            return Err(BuildError::Groups {
                groups,
                input: input.c,
                output,
            });
        }
        let output = slide(conv.window, input, conv.channels)?;
        let [kh, kw] = conv.window.kernel;
        check_size(&[conv.channels, input.c / conv.groups, kh, kw])?;
        Ok(self.push(Op::Conv(conv), vec![x], output, origin))
    }

    /// Adds a linear layer over all elements of `x`.
    ///
    /// # Errors
    /// When it has no channels or too many weights.
    pub fn linear(&mut self, x: ValueId, linear: Linear, origin: Origin) -> Built {
        check_channels(linear.channels)?;
        check_size(&[linear.channels, self.shape(x).len()])?;
        let output = Shape::vector(linear.channels);
        Ok(self.push(Op::Linear(linear), vec![x], output, origin))
    }

    /// Adds a batch normalisation of `x`.
    pub fn batch_norm(&mut self, x: ValueId, norm: BatchNorm, origin: Origin) -> ValueId {
        self.keep_shape(Op::BatchNorm(norm), x, origin)
    }

    /// Adds an activation of `x`; none for [`Activation::Identity`].
    pub fn activation(&mut self, x: ValueId, activation: Activation, origin: Origin) -> ValueId {
        match activation {
            Activation::Identity => x,
            _ => self.keep_shape(Op::Activation(activation), x, origin),
        }
    }

    /// Adds a softmax over the channels of each pixel of `x`.
    pub fn softmax(&mut self, x: ValueId, origin: Origin) -> ValueId {
        self.keep_shape(Op::Softmax, x, origin)
    }

    /// Adds the sum of two maps of one shape.
    ///
    /// # Errors
    /// When the shapes differ.
    pub fn add(&mut self, a: ValueId, b: ValueId, origin: Origin) -> Built {
        let (left, right) = (self.shape(a), self.shape(b));
        if left != right {
            return Err(BuildError::ShapesDiffer { left, right });
        }
        Ok(self.push(Op::Add(Activation::Identity), vec![a, b], left, origin))
    }

    /// Adds the product of each channel of `x` with its gate, a map of one pixel.
    ///
    /// # Errors
    /// When there is not one gate per channel.
    pub fn scale(&mut self, x: ValueId, gates: ValueId, origin: Origin) -> Built {
        let (left, right) = (self.shape(x), self.shape(gates));
        if right != Shape::vector(left.c) {
            return Err(BuildError::ShapesDiffer { left, right });
        }
        Ok(self.push(Op::Scale, vec![x, gates], left, origin))
    }

    /// Adds the mean of `x` over all pixels.
    pub fn global_average_pool(&mut self, x: ValueId, origin: Origin) -> ValueId {
        let output = Shape::vector(self.shape(x).c);
        self.push(Op::GlobalAveragePool, vec![x], output, origin)
    }

    /// Adds the mean of `x` over a window; zeros around the map do not count.
    ///
    /// # Errors
    /// When no window fits, or one sees padding alone.
    pub fn average_pool(&mut self, x: ValueId, window: Window, origin: Origin) -> Built {
        check_pool(window, self.shape(x))?;
        let output = slide(window, self.shape(x), self.shape(x).c)?;
        Ok(self.push(Op::AveragePool(window), vec![x], output, origin))
    }

    /// Adds the greatest value of `x` in a window.
    ///
    /// # Errors
    /// When no window fits, or one sees padding alone.
    pub fn max_pool(&mut self, x: ValueId, window: Window, origin: Origin) -> Built {
        check_pool(window, self.shape(x))?;
        let output = slide(window, self.shape(x), self.shape(x).c)?;
        Ok(self.push(Op::MaxPool(window), vec![x], output, origin))
    }

    /// Adds zeros around `x`.
    ///
    /// # Errors
    /// When the padded map is too large.
    pub fn pad(&mut self, x: ValueId, padding: Padding, origin: Origin) -> Built {
        let window = Window::square(1, 1, 1, padding);
        let output = slide(window, self.shape(x), self.shape(x).c)?;
        Ok(self.push(Op::Pad(padding), vec![x], output, origin))
    }

    /// Makes all elements of `x` the channels of one pixel.
    pub fn flatten(&mut self, x: ValueId, origin: Origin) -> ValueId {
        let output = Shape::vector(self.shape(x).len());
        self.push(Op::Flatten, vec![x], output, origin)
    }

    /// Gives `value` out under `name`.
    pub fn output(&mut self, name: impl Into<String>, value: ValueId) {
        self.graph.outputs.push(Output {
            name: name.into(),
            value,
        });
    }

    /// The finished graph.
    pub fn finish(self) -> Graph {
        self.graph
    }

    fn keep_shape(&mut self, op: Op, x: ValueId, origin: Origin) -> ValueId {
        let shape = self.shape(x);
        self.push(op, vec![x], shape, origin)
    }

    fn push(&mut self, op: Op, inputs: Vec<ValueId>, shape: Shape, origin: Origin) -> ValueId {
        let output = ValueId(self.graph.values.len() as u32);
        self.graph.values.push(Value {
            shape,
            element: Element::F32,
        });
        self.graph.nodes.push(Node {
            op,
            inputs,
            output,
            origin,
        });
        output
    }
}

/// The shape `op` must make of its inputs' shapes; the rule that [`super::verify`] holds every graph to.
pub(super) fn output_shape(op: &Op, inputs: &[Shape]) -> Result<Shape, BuildError> {
    let x = inputs[0];
    match op {
        Op::Conv(conv) => slide(conv.window, x, conv.channels),
        Op::Linear(linear) => Ok(Shape::vector(linear.channels)),
        Op::AveragePool(window) | Op::MaxPool(window) => slide(*window, x, x.c),
        Op::Pad(padding) => slide(Window::square(1, 1, 1, *padding), x, x.c),
        Op::GlobalAveragePool => Ok(Shape::vector(x.c)),
        Op::Flatten => Ok(Shape::vector(x.len())),
        Op::BatchNorm(_)
        | Op::Activation(_)
        | Op::Add(_)
        | Op::Scale
        | Op::Softmax
        | Op::SqueezeExcite(_) => Ok(x),
    }
}

fn slide(window: Window, input: Shape, channels: usize) -> Result<Shape, BuildError> {
    let sizes = [window.kernel, window.stride, window.dilation];
    if sizes.as_flattened().contains(&0) {
        return Err(BuildError::EmptyWindow(window));
    }
    let spans = [&window.padding.to_array()[..], sizes.as_flattened()].concat();
    if let Some(&elements) = spans.iter().find(|n| **n > MAX_ELEMENTS) {
        return Err(BuildError::TooLarge {
            elements: Some(elements),
        });
    }
    let [h, w] = window
        .output(input)
        .ok_or(BuildError::WindowDoesNotFit { window, input })?;
    check_size(&[h, w, channels])?;
    Ok(Shape::new(h, w, channels))
}

/// Each window must see a pixel: the first, which starts in the padding above, and the last, whatever its start.
fn check_pool(window: Window, input: Shape) -> Result<(), BuildError> {
    let pads = window.padding;
    let Some(output) = window.output(input) else {
        return Ok(()); // `slide` says that no window fits
    };
    let sees = |axis: usize, before: usize, extent: usize| {
        let taps = |position: usize| {
            let start = position * window.stride[axis];
            (0..window.kernel[axis]).map(move |tap| start + tap * window.dilation[axis])
        };
        let inside = |position| taps(position).any(|p| (before..before + extent).contains(&p));
        inside(0) && inside(output[axis] - 1)
    };
    if sees(0, pads.top, input.h) && sees(1, pads.left, input.w) {
        return Ok(());
    }
    Err(BuildError::PoolsPadding { window, input })
}

fn check_channels(channels: usize) -> Result<(), BuildError> {
    if channels == 0 {
        Err(BuildError::NoChannels)
    } else {
        Ok(())
    }
}

fn check_size(extents: &[usize]) -> Result<(), BuildError> {
    let elements = extents
        .iter()
        .try_fold(1usize, |n, &extent| n.checked_mul(extent));
    match elements {
        Some(n) if n <= MAX_ELEMENTS => Ok(()),
        elements => Err(BuildError::TooLarge { elements }),
    }
}

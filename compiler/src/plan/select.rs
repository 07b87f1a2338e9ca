//! Picks a kernel, and its tile on each level, for every node, and says where its maps lie.
//!
//! In: a graph after all passes. Out: a plan whose arena is not laid out yet, and the live range of every buffer.
//! A step works in place when its kernel can, the map it overwrites lies in the arena and nothing reads that map later.
//! Never: looks at tensors or offsets.

use super::memory::{Live, MemoryPlan};
use super::{
    Excitation, Filter, FilterId, FilterKind, Kernel, Map, MapId, Output, Plan, Precision, Skip,
    Step, Storage,
};
use crate::graph::{
    Activation, BatchNorm, Conv, Excite, Graph, Node, Op, Origin, SqueezeExcite, ValueId,
};
use crate::shape::{Element, Shape, Window};
use mnetc_runtime::{Tile, pack};

/// All steps of `graph`, in order, and the buffers they work in.
pub(super) fn steps(graph: &Graph) -> (Plan, Vec<Live>) {
    let mut lowering = Lowering::new(graph);
    lowering.normalise_input();
    for (index, node) in graph.nodes().iter().enumerate() {
        lowering.node(index, node);
    }
    lowering.copy_repeated_outputs();
    (lowering.plan, lowering.buffers)
}

struct Lowering<'g> {
    graph: &'g Graph,
    plan: Plan,
    buffers: Vec<Live>,
    /// The map that holds each value, once it is made.
    maps: Vec<Option<MapId>>,
    /// For each value, the last node that reads it; `usize::MAX` while it is given out.
    last_read: Vec<usize>,
}

/// What a step works on.
struct Operands {
    inputs: Vec<MapId>,
    output: MapId,
    input_shape: Shape,
    /// Elements of scratch memory.
    scratch: Option<usize>,
}

impl<'g> Lowering<'g> {
    fn new(graph: &'g Graph) -> Self {
        let values = graph.values.len();
        let mut last_read = vec![0; values];
        for (index, node) in graph.nodes().iter().enumerate() {
            node.inputs
                .iter()
                .for_each(|v| last_read[v.index()] = index);
        }
        graph
            .outputs
            .iter()
            .for_each(|o| last_read[o.value.index()] = usize::MAX);
        let outputs = graph.outputs.iter();
        let outputs = outputs.map(|o| Output {
            name: o.name.clone(),
            shape: graph.shape(o.value),
        });
        let input = Map {
            name: "input".into(),
            shape: graph.input.shape,
            storage: Storage::Input,
            ring: None,
            in_band: None,
        };
        let mut maps = vec![None; values];
        maps[Graph::INPUT.index()] = Some(MapId(0));
        let plan = Plan {
            name: graph.name.clone(),
            input: graph.input.clone(),
            outputs: outputs.collect(),
            steps: vec![],
            strategy: super::Strategy::default(),
            groups: vec![],
            maps: vec![input],
            filters: vec![],
            buffers: vec![],
            memory: MemoryPlan {
                offsets: vec![],
                bytes: 0,
            },
            threads: 1,
        };
        Self {
            graph,
            plan,
            buffers: vec![],
            maps,
            last_read,
        }
    }

    /// Whether the input is not plain f32, so that whoever reads it must convert.
    fn converts_input(&self) -> bool {
        self.graph.input.element != Element::F32 || !self.graph.input.normalise.is_empty()
    }

    /// Convolutions convert the input while they load it. If anything else reads it, it is converted once, up front.
    fn normalise_input(&mut self) {
        let converts_itself = |n: &Node| matches!(n.op, Op::Conv(_)) && n.inputs.len() == 1;
        let readers = || {
            self.graph
                .nodes()
                .iter()
                .filter(|n| n.inputs.contains(&Graph::INPUT))
        };
        let given_out = self.graph.is_output(Graph::INPUT);
        if !self.converts_input() || (!given_out && readers().all(converts_itself)) {
            return;
        }
        let shape = self.graph.input.shape;
        let origin = Origin {
            name: "normalise".into(),
            role: "normalisation".into(),
            row: None,
        };
        let output = self.new_buffer_map("normalise", shape);
        let operands = Operands {
            inputs: vec![MapId(0)],
            output,
            input_shape: shape,
            scratch: None,
        };
        self.push(Kernel::Normalise, Activation::Identity, operands, origin);
        self.maps[Graph::INPUT.index()] = Some(output);
    }

    fn node(&mut self, index: usize, node: &Node) {
        match &node.op {
            Op::Conv(conv) => self.conv(index, node, conv),
            Op::Linear(linear) => {
                let kind = FilterKind::Linear {
                    input: self.graph.input_shape(node),
                    outputs: linear.channels,
                };
                let filter = self.filter(&linear.params, kind, linear.bias, None);
                let precision = Precision::F32;
                let kernel = Kernel::Linear { filter, precision };
                self.simple(kernel, linear.activation, node);
            }
            Op::SqueezeExcite(se) => self.squeeze_excite(index, node, se),
            Op::Add(activation) => self.add(index, node, *activation),
            Op::Activation(activation) => {
                self.maybe_in_place(index, Kernel::Activation, *activation, node, None);
            }
            Op::Softmax => {
                self.maybe_in_place(index, Kernel::Softmax, Activation::Identity, node, None);
            }
            Op::Flatten => self.simple(Kernel::Flatten, Activation::Identity, node),
            Op::GlobalAveragePool => {
                self.simple(Kernel::GlobalAveragePool, Activation::Identity, node);
            }
            Op::AveragePool(window) => {
                self.simple(
                    Kernel::AveragePool { window: *window },
                    Activation::Identity,
                    node,
                );
            }
            Op::MaxPool(window) => {
                self.simple(
                    Kernel::MaxPool { window: *window },
                    Activation::Identity,
                    node,
                );
            }
            Op::BatchNorm(_) | Op::Scale | Op::Pad(_) => {
                let line = crate::graph::text::node(self.graph, node);
                panic!("bug in mnetc: no kernel computes what the passes left: {line}")
            }
        }
    }

    fn conv(&mut self, index: usize, node: &Node, conv: &Conv) {
        let input = self.graph.input_shape(node);
        let reads_raw_input =
            self.maps[node.inputs[0].index()] == Some(MapId(0)) && self.converts_input();
        if conv.is_pointwise() && !reads_raw_input {
            return self.pointwise(index, node, conv);
        }
        let (bias, norm, kernel) = (conv.bias, conv.norm.clone(), conv.window.kernel);
        if conv.is_depthwise(input) && !reads_raw_input {
            let kind = FilterKind::Depthwise {
                channels: input.c,
                kernel,
            };
            let filter = self.filter(&conv.params, kind, bias, norm);
            let kernel = Kernel::Depthwise {
                window: conv.window,
                filter,
            };
            return self.simple(kernel, conv.activation, node);
        }
        let (inputs, outputs, groups) = (input.c, conv.channels, conv.groups);
        let kind = FilterKind::Conv {
            inputs,
            outputs,
            groups,
            kernel,
        };
        let filter = self.filter(&conv.params, kind, bias, norm);
        let (window, normalise) = (conv.window, reads_raw_input);
        let kernel = Kernel::Conv {
            window,
            groups,
            normalise,
            filter,
        };
        let scratch =
            mnetc_runtime::conv_scratch(runtime_window(window), input.h, input.w, input.c);
        let inputs = vec![self.map_of(node.inputs[0])];
        let output = self.new_map(node);
        let operands = Operands {
            inputs,
            output,
            input_shape: input,
            scratch: Some(scratch),
        };
        self.push(kernel, conv.activation, operands, node.origin.clone());
    }

    fn pointwise(&mut self, index: usize, node: &Node, conv: &Conv) {
        let (input, outputs) = (self.graph.input_shape(node), conv.channels);
        let (inputs, skip) = (input.c, node.inputs.get(1).copied());
        let mut filter = |kind| self.filter(&conv.params, kind, conv.bias, conv.norm.clone());
        if input.pixels() == 1 && skip.is_none() {
            let precision = Precision::F32;
            let filter = filter(FilterKind::OnePixel { inputs, outputs });
            let kernel = Kernel::Linear { filter, precision };
            return self.simple(kernel, conv.activation, node);
        }
        let filter = filter(FilterKind::Pointwise { inputs, outputs });
        let tile = Tile::choose(input.pixels(), input.c, outputs);
        let x = self.map_of(node.inputs[0]);
        let (skip, output) = match skip {
            None => (Skip::None, self.new_map(node)),
            Some(skip) if skip != node.inputs[0] && self.can_overwrite(index, skip, node) => {
                (Skip::InPlace, self.overwriting_map(skip, node))
            }
            Some(skip) => (Skip::Map(self.map_of(skip)), self.new_map(node)),
        };
        let kernel = Kernel::Pointwise {
            tile,
            filter,
            skip,
            precision: Precision::F32,
            gated: None,
        };
        let operands = Operands {
            inputs: vec![x],
            output,
            input_shape: input,
            scratch: None,
        };
        self.push(kernel, conv.activation, operands, node.origin.clone());
    }

    fn squeeze_excite(&mut self, index: usize, node: &Node, se: &SqueezeExcite) {
        let channels = self.graph.input_shape(node).c;
        let squeezed = se.reduce.channels;
        let mut layer = |e: &Excite, inputs: usize| {
            let kind = FilterKind::OnePixel {
                inputs,
                outputs: e.channels,
            };
            self.filter(&e.params, kind, e.bias, None)
        };
        let (reduce, expand) = (layer(&se.reduce, channels), layer(&se.expand, squeezed));
        let (reduce_activation, gate) = (se.reduce.activation, se.expand.activation);
        let kernel = Kernel::SqueezeExcite {
            reduce,
            reduce_activation,
            expand,
            gate,
            excitation: Excitation::Map,
            precision: Precision::F32,
        };
        let scratch = mnetc_runtime::squeeze_excite_scratch(channels, squeezed);
        self.maybe_in_place(index, kernel, se.activation, node, Some(scratch));
    }

    fn add(&mut self, index: usize, node: &Node, activation: Activation) {
        let (a, b) = (node.inputs[0], node.inputs[1]);
        let shape = self.graph.shape(a);
        let overwritten = [b, a]
            .into_iter()
            .find(|v| a != b && self.can_overwrite(index, *v, node));
        let (inputs, output) = match overwritten {
            Some(old) => {
                let other = if old == a { b } else { a };
                (vec![self.map_of(other)], self.overwriting_map(old, node))
            }
            None => (vec![self.map_of(a), self.map_of(b)], self.new_map(node)),
        };
        let operands = Operands {
            inputs,
            output,
            input_shape: shape,
            scratch: None,
        };
        self.push(Kernel::Add, activation, operands, node.origin.clone());
    }

    /// A step with one input that works in place if it may.
    fn maybe_in_place(
        &mut self,
        index: usize,
        kernel: Kernel,
        activation: Activation,
        node: &Node,
        scratch: Option<usize>,
    ) {
        let (x, shape) = (node.inputs[0], self.graph.input_shape(node));
        let (inputs, output) = if self.can_overwrite(index, x, node) {
            (vec![], self.overwriting_map(x, node))
        } else {
            (vec![self.map_of(x)], self.new_map(node))
        };
        let operands = Operands {
            inputs,
            output,
            input_shape: shape,
            scratch,
        };
        self.push(kernel, activation, operands, node.origin.clone());
    }

    /// A step with one input, one output and nothing else.
    fn simple(&mut self, kernel: Kernel, activation: Activation, node: &Node) {
        let inputs = vec![self.map_of(node.inputs[0])];
        let (output, shape) = (self.new_map(node), self.graph.input_shape(node));
        let operands = Operands {
            inputs,
            output,
            input_shape: shape,
            scratch: None,
        };
        self.push(kernel, activation, operands, node.origin.clone());
    }

    /// A value that is given out under several names lies in the first; the others are copies. So is the input.
    fn copy_repeated_outputs(&mut self) {
        for (number, output) in self.graph.outputs.iter().enumerate() {
            let made = self.map_of(output.value);
            if self.plan.map(made).storage == Storage::Output(number) {
                continue;
            }
            let shape = self.graph.shape(output.value);
            let (name, storage) = (output.name.clone(), Storage::Output(number));
            let origin = Origin {
                name: name.clone(),
                role: "copy".into(),
                row: None,
            };
            let map = self.add_map(Map {
                name,
                shape,
                storage,
                ring: None,
                in_band: None,
            });
            let operands = Operands {
                inputs: vec![made],
                output: map,
                input_shape: shape,
                scratch: None,
            };
            self.push(Kernel::Copy, Activation::Identity, operands, origin);
        }
    }

    /// Whether `node`, the `index`-th, may write its result where `old` lies.
    fn can_overwrite(&self, index: usize, old: ValueId, node: &Node) -> bool {
        let in_arena = matches!(self.plan.map(self.map_of(old)).storage, Storage::Buffer(_));
        in_arena && self.last_read[old.index()] == index && !self.graph.is_output(node.output)
    }

    /// The map of `node`'s output in the buffer where `old` lies.
    fn overwriting_map(&mut self, old: ValueId, node: &Node) -> MapId {
        let storage = self.plan.map(self.map_of(old)).storage;
        self.value_map(node, storage)
    }

    /// A map for `node`'s output: the network's output of that name, or a new buffer.
    fn new_map(&mut self, node: &Node) -> MapId {
        let output = self
            .graph
            .outputs
            .iter()
            .position(|o| o.value == node.output);
        let shape = self.graph.shape(node.output);
        let storage = output.map_or_else(|| self.new_buffer(shape.len()), Storage::Output);
        self.value_map(node, storage)
    }

    fn value_map(&mut self, node: &Node, storage: Storage) -> MapId {
        let (name, shape) = (node.origin.name.clone(), self.graph.shape(node.output));
        let map = self.add_map(Map {
            name,
            shape,
            storage,
            ring: None,
            in_band: None,
        });
        self.maps[node.output.index()] = Some(map);
        map
    }

    fn new_buffer_map(&mut self, name: &str, shape: Shape) -> MapId {
        let storage = self.new_buffer(shape.len());
        self.add_map(Map {
            name: name.into(),
            shape,
            storage,
            ring: None,
            in_band: None,
        })
    }

    fn new_buffer(&mut self, elements: usize) -> Storage {
        let step = self.plan.steps.len();
        self.buffers.push(Live {
            bytes: elements * Element::F32.bytes(),
            first: step,
            last: step,
        });
        Storage::Buffer(self.buffers.len() - 1)
    }

    fn add_map(&mut self, map: Map) -> MapId {
        self.plan.maps.push(map);
        MapId(self.plan.maps.len() as u32 - 1)
    }

    fn map_of(&self, value: ValueId) -> MapId {
        self.maps[value.index()].expect("topological: a value is made before it is read")
    }

    fn push(&mut self, kernel: Kernel, activation: Activation, operands: Operands, origin: Origin) {
        let Operands {
            inputs,
            output,
            input_shape,
            scratch,
        } = operands;
        let scratch_name = format!("{}.scratch", origin.name);
        let scratch = scratch.map(|n| self.new_buffer_map(&scratch_name, Shape::vector(n)));
        let storage = self.plan.map(output).storage;
        let earlier = &self.plan.maps[..output.index()];
        let overwritten = earlier.iter().rposition(|m| m.storage == storage);
        let overwrites = overwritten.map(|place| MapId(place as u32));
        let index = self.plan.steps.len();
        let step = Step {
            kernel,
            activation,
            inputs,
            output,
            overwrites,
            scratch,
            input_shape,
            origin,
        };
        for map in step.reads().chain([output]) {
            if let Storage::Buffer(buffer) = self.plan.map(map).storage {
                self.buffers[buffer].last = index;
            }
        }
        self.plan.steps.push(step);
    }

    fn filter(
        &mut self,
        params: &str,
        kind: FilterKind,
        bias: bool,
        norm: Option<BatchNorm>,
    ) -> FilterId {
        let (params, offset) = (params.to_owned(), self.plan.panels());
        let (bias_panels, panels) = panels(kind);
        self.plan.filters.push(Filter {
            params,
            kind,
            bias,
            norm,
            offset,
            bias_panels,
            panels,
        });
        FilterId(self.plan.filters.len() as u32 - 1)
    }
}

/// Panels of bias and of weights that a filter is packed into.
const fn panels(kind: FilterKind) -> (usize, usize) {
    let o = kind.outputs();
    match kind {
        FilterKind::Pointwise { inputs, .. } => {
            (pack::bias_panels(o), pack::pointwise_panels(o, inputs))
        }
        FilterKind::OnePixel { inputs, .. } => {
            (pack::bias_panels(o), pack::linear_panels(o, inputs))
        }
        FilterKind::OnePixelF24 { inputs, .. } => {
            (pack::bias_panels(o), pack::linear_f24_panels(o, inputs))
        }
        FilterKind::PointwiseSplit { inputs, .. } => (
            pack::bias_panels(o),
            pack::pointwise_split_panels(o, inputs),
        ),
        FilterKind::Linear { input, .. } => {
            (pack::bias_panels(o), pack::linear_panels(o, input.len()))
        }
        FilterKind::LinearF24 { input, .. } => (
            pack::bias_panels(o),
            pack::linear_f24_panels(o, input.len()),
        ),
        FilterKind::Depthwise {
            kernel: [kh, kw], ..
        } => (pack::bias_panels(o), pack::depthwise_panels(o, kh, kw)),
        FilterKind::Conv {
            inputs,
            groups,
            kernel: [kh, kw],
            ..
        } => (
            pack::conv_bias_panels(o, groups),
            pack::conv_panels(o, inputs, kh, kw, groups),
        ),
    }
}

/// The window as the runtime has it.
pub(crate) fn runtime_window(window: Window) -> mnetc_runtime::Window {
    mnetc_runtime::Window {
        kernel: window.kernel,
        stride: window.stride,
        dilation: window.dilation,
        padding: window.padding.to_array(),
    }
}

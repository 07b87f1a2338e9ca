//! Writes a network as ONNX, as an exporter would that folds nothing: one node for each operator, batch norms as they are.
//!
//! In: a graph before its passes, and a seed. Out: a model with the weights that the seed means. Never: knows a spec.

use mnetc::graph::{Activation, BatchNorm, Conv, Graph, Input, Linear, Node, Op, ValueId};
use mnetc::shape::{Element, Shape, Window};
use mnetc::weights::seeded_values;
use mnetc_onnx_encoder::{Attr, Dim, FLOAT, Net, UINT8};
use std::collections::BTreeMap;

/// The model of `graph`, with the weights of `seed:SEED`.
pub(crate) fn model(graph: &Graph, seed: u64) -> Net {
    let mut writer = Writer {
        net: Net::new(17),
        graph,
        seed,
        values: BTreeMap::new(),
    };
    writer.input(&graph.input);
    for node in graph.nodes() {
        let value = writer.node(node);
        writer.values.insert(node.output, value);
    }
    for output in &graph.outputs {
        let value = &writer.values[&output.value];
        let (value, name) = (value.clone(), format!("{}_map", output.name));
        writer.net.named("Identity", &[&value], &[&name], &[]);
        writer.net.output(&name);
    }
    writer.net
}

struct Writer<'g> {
    net: Net,
    graph: &'g Graph,
    seed: u64,
    /// What the model calls a map.
    values: BTreeMap<ValueId, String>,
}

impl Writer<'_> {
    fn input(&mut self, input: &Input) {
        let Shape { h, w, c } = input.shape;
        let dims = [1, c, h, w].map(|n| Dim::Fixed(n as i64));
        let element = match input.element {
            Element::F32 => FLOAT,
            Element::U8 => UINT8,
        };
        let mut x = self.net.typed_input("pixels", element, &dims);
        if input.element == Element::U8 {
            x = self
                .net
                .op("Cast", &[&x], &[("to", Attr::Int(FLOAT.into()))]);
        }
        if !input.normalise.is_empty() {
            let dims = [1, c as i64, 1, 1];
            let scale: Vec<f32> = input.normalise.iter().map(|map| map.scale).collect();
            let shift: Vec<f32> = input.normalise.iter().map(|map| map.shift).collect();
            let (scale, shift) = (
                self.net.floats(&dims, &scale),
                self.net.floats(&dims, &shift),
            );
            x = self.net.op("Mul", &[&x, &scale], &[]);
            x = self.net.op("Add", &[&x, &shift], &[]);
        }
        self.values.insert(Graph::INPUT, x);
    }

    /// Tensor `name` of the seed, as a constant.
    fn tensor(&mut self, name: &str, shape: &[usize]) -> String {
        let dims: Vec<i64> = shape.iter().map(|n| *n as i64).collect();
        let numbers = seeded_values(self.seed, name, shape);
        self.net.floats(&dims, &numbers)
    }

    fn node(&mut self, node: &Node) -> String {
        let inputs: Vec<String> = node.inputs.iter().map(|v| self.values[v].clone()).collect();
        let (x, shape) = (inputs[0].clone(), self.graph.input_shape(node));
        match &node.op {
            Op::Conv(conv) => self.conv(conv, &x, shape),
            Op::Linear(linear) => self.linear(linear, &x, shape),
            Op::BatchNorm(norm) => self.batch_norm(norm, &x, shape.c),
            Op::Activation(function) => self.activation(*function, &x),
            Op::Add(function) => {
                let sum = self.net.op("Add", &[&x, &inputs[1]], &[]);
                self.activation(*function, &sum)
            }
            Op::Scale => self.net.op("Mul", &[&x, &inputs[1]], &[]),
            Op::GlobalAveragePool => self.net.op("GlobalAveragePool", &[&x], &[]),
            Op::AveragePool(window) => self.slide("AveragePool", &[&x], *window, &[]),
            Op::MaxPool(window) => self.slide("MaxPool", &[&x], *window, &[]),
            Op::Flatten => {
                let flat = self.net.op("Flatten", &[&x], &[]);
                let dims = self.net.ints(&[1, -1, 1, 1]);
                self.net.op("Reshape", &[&flat, &dims], &[])
            }
            Op::Softmax => self.net.op("Softmax", &[&x], &[("axis", Attr::Int(1))]),
            Op::Pad(_) | Op::SqueezeExcite(_) => panic!("no spec expands to {:?}", node.op),
        }
    }

    fn slide(
        &mut self,
        op: &str,
        inputs: &[&str],
        window: Window,
        more: &[(&str, Attr<'_>)],
    ) -> String {
        let ints = |all: &[usize]| -> Vec<i64> { all.iter().map(|n| *n as i64).collect() };
        let (kernel, strides) = (ints(&window.kernel), ints(&window.stride));
        let (dilations, pads) = (ints(&window.dilation), ints(&window.padding.to_array()));
        let mut attributes = vec![
            ("kernel_shape", Attr::Ints(&kernel)),
            ("strides", Attr::Ints(&strides)),
            ("pads", Attr::Ints(&pads)),
        ];
        if window.dilation != [1, 1] {
            attributes.push(("dilations", Attr::Ints(&dilations)));
        }
        attributes.extend(more.iter().cloned());
        self.net.op(op, inputs, &attributes)
    }

    fn conv(&mut self, conv: &Conv, x: &str, input: Shape) -> String {
        let [kh, kw] = conv.window.kernel;
        let shape = [conv.channels, input.c / conv.groups, kh, kw];
        let weight = self.tensor(&format!("{}.weight", conv.params), &shape);
        let group = ("group", Attr::Int(conv.groups as i64));
        if !conv.bias {
            return self.slide("Conv", &[x, &weight], conv.window, &[group]);
        }
        let bias = self.tensor(&format!("{}.bias", conv.params), &[conv.channels]);
        self.slide("Conv", &[x, &weight, &bias], conv.window, &[group])
    }

    /// The result as a map of one pixel again.
    fn linear(&mut self, linear: &Linear, x: &str, input: Shape) -> String {
        let flat = self.net.op("Flatten", &[x], &[]);
        let shape = [linear.channels, input.len()];
        let weight = self.tensor(&format!("{}.weight", linear.params), &shape);
        let mut inputs = vec![flat, weight];
        if linear.bias {
            inputs.push(self.tensor(&format!("{}.bias", linear.params), &[linear.channels]));
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let y = self.net.op("Gemm", &inputs, &[("transB", Attr::Int(1))]);
        let dims = self.net.ints(&[1, -1, 1, 1]);
        self.net.op("Reshape", &[&y, &dims], &[])
    }

    fn batch_norm(&mut self, norm: &BatchNorm, x: &str, channels: usize) -> String {
        let parts = ["weight", "bias", "mean", "var"];
        let tensors =
            parts.map(|part| self.tensor(&format!("{}.{part}", norm.params), &[channels]));
        let mut inputs = vec![x];
        inputs.extend(tensors.iter().map(String::as_str));
        let epsilon = ("epsilon", Attr::Float(norm.epsilon as f32));
        self.net.op("BatchNormalization", &inputs, &[epsilon])
    }

    fn activation(&mut self, function: Activation, x: &str) -> String {
        match function {
            Activation::Identity => x.to_owned(),
            Activation::Relu => self.net.op("Relu", &[x], &[]),
            Activation::Relu6 => {
                let (zero, six) = (self.net.scalar(0.0), self.net.scalar(6.0));
                self.net.op("Clip", &[x, &zero, &six], &[])
            }
            Activation::HardSwish => self.net.op("HardSwish", &[x], &[]),
            Activation::HardSigmoid => {
                let alpha = ("alpha", Attr::Float(1.0 / 6.0));
                self.net.op("HardSigmoid", &[x], &[alpha])
            }
            Activation::Sigmoid => self.net.op("Sigmoid", &[x], &[]),
            Activation::Swish => {
                let gate = self.net.op("Sigmoid", &[x], &[]);
                self.net.op("Mul", &[x, &gate], &[])
            }
        }
    }
}

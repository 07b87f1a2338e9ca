//! The forms of squeeze-and-excite.

use crate::support::Family;
use mnetc_onnx_encoder::{Attr, Net};

const DIMS: [i64; 4] = [1, 3, 2, 3];
const GATE: [(&str, Attr<'_>); 2] = [
    ("alpha", Attr::Float(1.0 / 6.0)),
    ("beta", Attr::Float(0.5)),
];

/// A convolution from 3 to 8 channels.
fn conv(net: &mut Net, x: &str) -> String {
    let (w, b) = (net.weight(21, &[8, 3, 1, 1]), net.weight(22, &[8]));
    net.op("Conv", &[x, &w, &b], &[])
}

/// Weights of the two layers: 8 to 2 to 8.
struct Layers {
    reduce: [String; 2],
    expand: [String; 2],
}

impl Layers {
    fn conv(net: &mut Net) -> Self {
        Self {
            reduce: [net.weight(23, &[2, 8, 1, 1]), net.weight(24, &[2])],
            expand: [net.weight(25, &[8, 2, 1, 1]), net.weight(26, &[8])],
        }
    }

    fn matrices(net: &mut Net) -> Self {
        Self {
            reduce: [net.weight(23, &[2, 8]), net.weight(24, &[2])],
            expand: [net.weight(25, &[8, 2]), net.weight(26, &[8])],
        }
    }

    /// Both layers as `op`, with a relu between.
    fn apply(
        &self,
        net: &mut Net,
        op: &str,
        pooled: &str,
        attributes: &[(&str, Attr<'_>)],
    ) -> String {
        let x = net.op(op, &[pooled, &self.reduce[0], &self.reduce[1]], attributes);
        let x = net.op("Relu", &[&x], &[]);
        net.op(op, &[&x, &self.expand[0], &self.expand[1]], attributes)
    }
}

/// Gates by 1x1 convolutions of `pooled`.
fn gates(net: &mut Net, pooled: &str) -> String {
    let layers = Layers::conv(net);
    let x = layers.apply(net, "Conv", pooled, &[]);
    net.op("HardSigmoid", &[&x], &GATE)
}

pub(super) fn families() -> Vec<Family> {
    vec![
        after_activation(),
        before_activation(),
        with_sigmoid(),
        of_one_pixel(),
    ]
}

fn after_activation() -> Family {
    let relu = |net: &mut Net, x: &str| {
        let x = conv(net, x);
        net.op("Relu", &[&x], &[])
    };
    let transposed = [("transB", Attr::Int(1))];
    Family::new(
        "squeeze_excite",
        "pointwise relu, squeeze_excite(relu, hard_sigmoid)",
    )
    .form("global pool, convolutions", 11, &DIMS, |net, x| {
        let x = relu(net, x);
        let pooled = net.op("GlobalAveragePool", &[&x], &[]);
        let gates = gates(net, &pooled);
        net.op("Mul", &[&x, &gates], &[])
    })
    .form("gates first, mean by attribute", 13, &DIMS, |net, x| {
        let x = relu(net, x);
        let pooled = net.op(
            "ReduceMean",
            &[&x],
            &[("axes", Attr::Ints(&[2, 3])), ("keepdims", Attr::Int(1))],
        );
        let gates = gates(net, &pooled);
        net.op("Mul", &[&gates, &x], &[])
    })
    .form(
        "mean by input, counted from the end",
        18,
        &DIMS,
        |net, x| {
            let x = relu(net, x);
            let axes = net.ints(&[-1, -2]);
            let pooled = net.op(
                "ReduceMean",
                &[&x, &axes],
                &[("noop_with_empty_axes", Attr::Int(0))],
            );
            let gates = gates(net, &pooled);
            net.op("Mul", &[&gates, &x], &[])
        },
    )
    .form("average pool of the whole map", 11, &DIMS, |net, x| {
        let x = relu(net, x);
        let pooled = net.op(
            "AveragePool",
            &[&x],
            &[("kernel_shape", Attr::Ints(&[2, 3]))],
        );
        let gates = gates(net, &pooled);
        net.op("Mul", &[&x, &gates], &[])
    })
    .form("decomposed gate", 13, &DIMS, |net, x| {
        let x = relu(net, x);
        let pooled = net.op("GlobalAveragePool", &[&x], &[]);
        let layers = Layers::conv(net);
        let gate = layers.apply(net, "Conv", &pooled, &[]);
        let three = net.scalar(3.0);
        let gate = net.op("Add", &[&gate, &three], &[]);
        let (zero, six) = (net.scalar(0.0), net.scalar(6.0));
        let gate = net.op("Clip", &[&gate, &zero, &six], &[]);
        let gate = net.op("Div", &[&gate, &six], &[]);
        net.op("Mul", &[&x, &gate], &[])
    })
    .form("Gemm between reshapes", 13, &DIMS, |net, x| {
        let x = relu(net, x);
        let pooled = net.op("GlobalAveragePool", &[&x], &[]);
        let shape = net.ints(&[1, 8]);
        let pooled = net.op("Reshape", &[&pooled, &shape], &[]);
        let layers = Layers::matrices(net);
        let gate = layers.apply(net, "Gemm", &pooled, &transposed);
        let gate = net.op("HardSigmoid", &[&gate], &GATE);
        let shape = net.ints(&[-1, 8, 1, 1]);
        let gate = net.op("Reshape", &[&gate, &shape], &[]);
        net.op("Mul", &[&x, &gate], &[])
    })
    .form("MatMul and Add between squeezes", 13, &DIMS, |net, x| {
        let x = relu(net, x);
        let pooled = net.op(
            "ReduceMean",
            &[&x],
            &[("axes", Attr::Ints(&[2, 3])), ("keepdims", Attr::Int(0))],
        );
        let layers = Layers::matrices(net);
        let product = |net: &mut Net, x: &str, layer: &[String; 2]| {
            let w = net.op("Transpose", &[&layer[0]], &[("perm", Attr::Ints(&[1, 0]))]);
            let x = net.op("MatMul", &[x, &w], &[]);
            net.op("Add", &[&layer[1], &x], &[])
        };
        let gate = product(net, &pooled, &layers.reduce);
        let gate = net.op("Relu", &[&gate], &[]);
        let gate = product(net, &gate, &layers.expand);
        let axes = net.ints(&[2, 3]);
        let gate = net.op("Unsqueeze", &[&gate, &axes], &[]);
        let gate = net.op("HardSigmoid", &[&gate], &GATE);
        net.op("Mul", &[&gate, &x], &[])
    })
    .form("channels last", 13, &DIMS, |net, x| {
        let x = relu(net, x);
        let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 2, 3, 1]))]);
        let pooled = net.op(
            "ReduceMean",
            &[&x],
            &[("axes", Attr::Ints(&[1, 2])), ("keepdims", Attr::Int(1))],
        );
        let pooled = net.op(
            "Transpose",
            &[&pooled],
            &[("perm", Attr::Ints(&[0, 3, 1, 2]))],
        );
        let gates = gates(net, &pooled);
        let gates = net.op(
            "Transpose",
            &[&gates],
            &[("perm", Attr::Ints(&[0, 2, 3, 1]))],
        );
        let y = net.op("Mul", &[&x, &gates], &[]);
        net.op("Transpose", &[&y], &[("perm", Attr::Ints(&[0, 3, 1, 2]))])
    })
}

fn before_activation() -> Family {
    Family::new(
        "squeeze_excite before the activation",
        "pointwise, squeeze_excite(relu, hard_sigmoid) hard_swish",
    )
    .form("hard swish", 14, &DIMS, |net, x| {
        let x = conv(net, x);
        let pooled = net.op("GlobalAveragePool", &[&x], &[]);
        let gates = gates(net, &pooled);
        let y = net.op("Mul", &[&x, &gates], &[]);
        net.op("HardSwish", &[&y], &[])
    })
    .form("decomposed hard swish", 11, &DIMS, |net, x| {
        let x = conv(net, x);
        let pooled = net.op("GlobalAveragePool", &[&x], &[]);
        let gates = gates(net, &pooled);
        let y = net.op("Mul", &[&gates, &x], &[]);
        let gate = net.op("HardSigmoid", &[&y], &GATE);
        net.op("Mul", &[&y, &gate], &[])
    })
}

fn with_sigmoid() -> Family {
    Family::new(
        "squeeze_excite with swish and sigmoid",
        "pointwise swish, squeeze_excite(swish, sigmoid)",
    )
    .form("convolutions", 13, &DIMS, |net, x| {
        let swish = |net: &mut Net, x: &str| {
            let gate = net.op("Sigmoid", &[x], &[]);
            net.op("Mul", &[x, &gate], &[])
        };
        let x = conv(net, x);
        let x = swish(net, &x);
        let pooled = net.op("GlobalAveragePool", &[&x], &[]);
        let layers = Layers::conv(net);
        let y = net.op(
            "Conv",
            &[&pooled, &layers.reduce[0], &layers.reduce[1]],
            &[],
        );
        let y = swish(net, &y);
        let y = net.op("Conv", &[&y, &layers.expand[0], &layers.expand[1]], &[]);
        let gates = net.op("Sigmoid", &[&y], &[]);
        net.op("Mul", &[&gates, &x], &[])
    })
}

fn of_one_pixel() -> Family {
    Family::new(
        "squeeze_excite of one pixel",
        "linear relu, squeeze_excite(relu, hard_sigmoid)",
    )
    .form("gates first", 13, &[1, 3, 1, 1], |net, x| {
        let x = conv(net, x);
        let x = net.op("Relu", &[&x], &[]);
        let pooled = net.op("GlobalAveragePool", &[&x], &[]);
        let gates = gates(net, &pooled);
        net.op("Mul", &[&gates, &x], &[])
    })
}

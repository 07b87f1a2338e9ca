//! The forms of padding, of layouts, of residual sums, and of what does nothing.

use super::activations::conv;
use crate::support::Family;
use mnetc_onnx_encoder::{Attr, Net};

const DIMS: [i64; 4] = [1, 3, 5, 6];

/// A 3x3 convolution of stride 2 from 3 to 4 channels.
fn strided(net: &mut Net, x: &str, attributes: &[(&str, Attr<'_>)]) -> String {
    let (w, b) = (net.weight(61, &[4, 3, 3, 3]), net.weight(62, &[4]));
    let stride = ("strides", Attr::Ints(&[2, 2]));
    let attributes: Vec<_> = std::iter::once(stride)
        .chain(attributes.iter().cloned())
        .collect();
    net.op("Conv", &[x, &w, &b], &attributes)
}

/// A 3x3 depthwise convolution of stride 2 on 3 channels.
fn depthwise(net: &mut Net, x: &str, attributes: &[(&str, Attr<'_>)]) -> String {
    let w = net.weight(63, &[3, 1, 3, 3]);
    let fixed = [("strides", Attr::Ints(&[2, 2])), ("group", Attr::Int(3))];
    let attributes: Vec<_> = fixed
        .into_iter()
        .chain(attributes.iter().cloned())
        .collect();
    net.op("Conv", &[x, &w], &attributes)
}

/// Zeros below and to the right, as an attribute until version 10 and as inputs later.
fn pad(net: &mut Net, x: &str, opset: i64) -> String {
    let amounts = [0, 0, 0, 0, 0, 0, 1, 1];
    match opset {
        ..=10 => net.op(
            "Pad",
            &[x],
            &[
                ("pads", Attr::Ints(&amounts)),
                ("mode", Attr::Text("constant")),
            ],
        ),
        11..=17 => {
            let (amounts, zero) = (net.ints(&amounts), net.scalar(0.0));
            net.op("Pad", &[x, &amounts, &zero], &[])
        }
        _ => {
            let (amounts, axes) = (net.ints(&[0, 0, 1, 1]), net.ints(&[-2, -1]));
            net.op("Pad", &[x, &amounts, "", &axes], &[])
        }
    }
}

pub(super) fn families() -> Vec<Family> {
    vec![
        asymmetric(),
        asymmetric_depthwise(),
        same(),
        dilated(),
        channels_last(),
        residual(),
        nothing(),
        shared(),
        outputs_of_maps(),
    ]
}

fn asymmetric() -> Family {
    Family::new("padding", "conv relu")
        .form("of the convolution", 11, &DIMS, |net, x| {
            let x = strided(net, x, &[("pads", Attr::Ints(&[0, 0, 1, 1]))]);
            net.op("Relu", &[&x], &[])
        })
        .form("node with an attribute", 10, &DIMS, |net, x| {
            let x = pad(net, x, 10);
            let x = strided(net, &x, &[]);
            net.op("Relu", &[&x], &[])
        })
        .form("node with inputs", 13, &DIMS, |net, x| {
            let x = pad(net, x, 13);
            let x = strided(net, &x, &[("auto_pad", Attr::Text("VALID"))]);
            net.op("Relu", &[&x], &[])
        })
        .form("node with axes", 18, &DIMS, |net, x| {
            let x = pad(net, x, 18);
            let x = strided(net, &x, &[]);
            net.op("Relu", &[&x], &[])
        })
        .form("node of channels last", 13, &[1, 5, 6, 3], |net, x| {
            let (amounts, zero) = (net.ints(&[0, 0, 0, 0, 0, 1, 1, 0]), net.scalar(0.0));
            let x = net.op("Pad", &[x, &amounts, &zero], &[]);
            let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 3, 1, 2]))]);
            let x = strided(net, &x, &[]);
            net.op("Relu", &[&x], &[])
        })
}

fn asymmetric_depthwise() -> Family {
    Family::new("padding of depthwise", "depthwise")
        .form("of the convolution", 11, &DIMS, |net, x| {
            depthwise(net, x, &[("pads", Attr::Ints(&[0, 0, 1, 1]))])
        })
        .form("node", 13, &DIMS, |net, x| {
            let x = pad(net, x, 13);
            depthwise(net, &x, &[])
        })
        .form("node and convolution", 13, &DIMS, |net, x| {
            let x = pad(net, x, 13);
            depthwise(net, &x, &[("pads", Attr::Ints(&[1, 1, 0, 0]))])
        })
}

fn same() -> Family {
    Family::new("padding as TensorFlow does", "conv")
        .form("upper", 11, &DIMS, |net, x| {
            strided(net, x, &[("auto_pad", Attr::Text("SAME_UPPER"))])
        })
        .form("lower", 11, &DIMS, |net, x| {
            strided(net, x, &[("auto_pad", Attr::Text("SAME_LOWER"))])
        })
        .form("valid", 11, &DIMS, |net, x| {
            strided(net, x, &[("auto_pad", Attr::Text("VALID"))])
        })
}

fn dilated() -> Family {
    Family::new("dilation and groups", "conv").form("convolution", 11, &[1, 4, 6, 7], |net, x| {
        let w = net.weight(64, &[6, 2, 3, 2]);
        let dilations = ("dilations", Attr::Ints(&[2, 1]));
        net.op(
            "Conv",
            &[x, &w],
            &[
                ("group", Attr::Int(2)),
                dilations,
                ("pads", Attr::Ints(&[2, 1, 1, 0])),
            ],
        )
    })
}

/// As tf2onnx writes Keras networks: the input's channels last, transposes around what has no such form.
fn channels_last() -> Family {
    let first = || ("perm", Attr::Ints(&[0, 3, 1, 2]));
    let last = || ("perm", Attr::Ints(&[0, 2, 3, 1]));
    Family::new(
        "channels last",
        "conv relu6, depthwise relu6, global_average_pool, linear",
    )
    .form("one transpose", 13, &[1, 5, 6, 3], |net, x| {
        let x = net.op("Transpose", &[x], &[first()]);
        head(net, &x)
    })
    .form("pairs that cancel", 13, &[1, 5, 6, 3], |net, x| {
        let x = net.op("Identity", &[x], &[]);
        let x = net.op("Transpose", &[&x], &[first()]);
        let x = net.op("Transpose", &[&x], &[last()]);
        let x = net.op("Transpose", &[&x], &[first()]);
        head(net, &x)
    })
}

fn head(net: &mut Net, x: &str) -> String {
    let (zero, six) = (net.scalar(0.0), net.scalar(6.0));
    let x = strided(net, x, &[("auto_pad", Attr::Text("SAME_UPPER"))]);
    // The activation stands between transposes.
    let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 2, 3, 1]))]);
    let x = net.op("Clip", &[&x, &zero, &six], &[]);
    let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 3, 1, 2]))]);
    let w = net.weight(65, &[4, 1, 3, 3]);
    let x = net.op(
        "Conv",
        &[&x, &w],
        &[("group", Attr::Int(4)), ("pads", Attr::Ints(&[1, 1, 1, 1]))],
    );
    let x = net.op("Clip", &[&x, &zero, &six], &[]);
    let x = net.op("GlobalAveragePool", &[&x], &[]);
    let x = net.op("Squeeze", &[&x], &[]);
    let w = net.weight(66, &[4, 5]);
    let shape = net.ints(&[1, 4]);
    let x = net.op("Reshape", &[&x, &shape], &[]);
    net.op("MatMul", &[&x, &w], &[])
}

fn residual() -> Family {
    let block = |net: &mut Net, x: &str, op: &str, swapped: bool| {
        let x = conv(net, x);
        let x = net.op("Relu", &[&x], &[]);
        let w = net.weight(67, &[4, 4, 1, 1]);
        let y = net.op("Conv", &[&x, &w], &[]);
        let operands = if swapped { [&y, &x] } else { [&x, &y] };
        net.op(op, &[operands[0], operands[1]], &[])
    };
    Family::new("residual", "pointwise relu, pointwise+skip")
        .form("skip first", 13, &DIMS, |net, x| {
            block(net, x, "Add", false)
        })
        .form("skip last", 13, &DIMS, |net, x| block(net, x, "Add", true))
        .form("sum", 8, &DIMS, |net, x| block(net, x, "Sum", false))
        .form("channels last", 13, &DIMS, |net, x| {
            let last = || ("perm", Attr::Ints(&[0, 2, 3, 1]));
            let x = conv(net, x);
            let x = net.op("Relu", &[&x], &[]);
            let w = net.weight(67, &[4, 4, 1, 1]);
            let y = net.op("Conv", &[&x, &w], &[]);
            let (x, y) = (
                net.op("Transpose", &[&x], &[last()]),
                net.op("Transpose", &[&y], &[last()]),
            );
            net.op("Add", &[&x, &y], &[])
        })
}

fn nothing() -> Family {
    Family::new("what does nothing", "pointwise relu")
        .form("nodes", 13, &DIMS, |net, x| {
            let (one, zero) = (net.scalar(1.0), net.floats(&[4, 1, 1], &[0.0; 4]));
            let x = net.op("Identity", &[x], &[]);
            let x = net.op("Cast", &[&x], &[("to", Attr::Int(1))]);
            let x = conv(net, &x);
            let x = net.op("Mul", &[&x, &one], &[]);
            let x = net.op("Add", &[&zero, &x], &[]);
            let x = net.op("Relu", &[&x], &[]);
            let x = net.op("Div", &[&x, &one], &[]);
            let x = net.op("Sub", &[&x, &zero], &[]);
            net.op("Dropout", &[&x], &[])
        })
        .form(
            "dropout with an attribute, and dead nodes",
            11,
            &DIMS,
            |net, x| {
                let x = conv(net, x);
                let dead = net.op("LeakyRelu", &[&x], &[]);
                net.op("Shape", &[&dead], &[]);
                net.op("Constant", &[], &[("value_ints", Attr::Ints(&[1, 2]))]);
                let x = net.op("Relu", &[&x], &[]);
                net.op("Dropout", &[&x], &[("ratio", Attr::Float(0.2))])
            },
        )
        .form("shared constants by another name", 13, &DIMS, |net, x| {
            let (w, b) = (net.weight(11, &[4, 3, 1, 1]), net.weight(12, &[4]));
            let (w, b) = (
                net.op("Identity", &[&w], &[]),
                net.op("Identity", &[&b], &[]),
            );
            let x = net.op("Conv", &[x, &w, &b], &[]);
            net.op("Relu", &[&x], &[])
        })
}

/// What is read twice is not changed for one reader.
fn shared() -> Family {
    Family::new("a map with two readers", "pointwise, depthwise relu, add").form(
        "scaled for one",
        13,
        &DIMS,
        |net, x| {
            let x = conv(net, x);
            let factors = net.weight(68, &[4, 1, 1]);
            let y = net.op("Mul", &[&x, &factors], &[]);
            let y = net.op("Relu", &[&y], &[]);
            net.op("Add", &[&x, &y], &[])
        },
    )
}

fn outputs_of_maps() -> Family {
    Family::new("a map as the output", "pointwise, flatten").form(
        "flattened",
        13,
        &DIMS,
        |net, x| {
            let x = conv(net, x);
            net.op("Flatten", &[&x], &[])
        },
    )
}

//! The forms of padding, of layouts, of residual sums, and of what does nothing.

use super::activations::conv;
use crate::support::Family;
use mnetc_onnx_encoder::{Attr, BOOL, Net, raw};

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
        same_of_five(),
        dilated(),
        channels_last(),
        residual(),
        residuals(),
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

/// 5x5 with stride 2 on even sides: one pixel less in front than behind.
fn same_of_five() -> Family {
    let depthwise = |net: &mut Net, x: &str, padding: (&'static str, Attr<'static>)| {
        let w = net.weight(69, &[3, 1, 5, 5]);
        let fixed = [
            ("strides", Attr::Ints(&[2, 2])),
            ("group", Attr::Int(3)),
            padding,
        ];
        net.op("Conv", &[x, &w], &fixed)
    };
    let dims = [1, 3, 6, 8];
    Family::new("padding of a kernel of five", "depthwise")
        .form("stated", 11, &dims, |net, x| {
            depthwise(net, x, ("pads", Attr::Ints(&[1, 1, 2, 2])))
        })
        .form("as TensorFlow does", 11, &dims, |net, x| {
            depthwise(net, x, ("auto_pad", Attr::Text("SAME_UPPER")))
        })
        .form("node of channels last", 13, &[1, 6, 8, 3], |net, x| {
            let amounts = net.ints(&[0, 1, 1, 0, 0, 2, 2, 0]);
            let x = net.op("Pad", &[x, &amounts], &[]);
            let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 3, 1, 2]))]);
            depthwise(net, &x, ("auto_pad", Attr::Text("VALID")))
        })
        .form("node with computed amounts", 13, &dims, |net, x| {
            let x = traced_padding(net, x);
            depthwise(net, &x, ("pads", Attr::Ints(&[0; 4])))
        })
}

/// How timm's "same" padding is traced: per side max((ceil(n / 2) - 1) * 2 + 5 - n, 0), half of it in front; then from the
/// last dimension to the first, turned round for ONNX.
fn traced_padding(net: &mut Net, x: &str) -> String {
    let (zero, one, two, five) = (
        net.scalar(0.0),
        net.scalar(1.0),
        net.scalar(2.0),
        net.scalar(5.0),
    );
    let first = net.ints(&[0]);
    let mut amounts = Vec::new();
    for extent in [8.0, 6.0] {
        let (half, extent) = (net.scalar(extent / 2.0), net.scalar(extent));
        let steps = net.op("Ceil", &[&half], &[]);
        let steps = net.op("Sub", &[&steps, &one], &[]);
        let covered = net.op("Mul", &[&steps, &two], &[]);
        let covered = net.op("Add", &[&covered, &five], &[]);
        let missing = net.op("Sub", &[&covered, &extent], &[]);
        let missing = net.op("Clip", &[&missing, &zero, ""], &[]);
        let before = net.op("Div", &[&missing, &two], &[]);
        let before = net.op("Cast", &[&before], &[("to", Attr::Int(7))]);
        let before = net.op("Cast", &[&before], &[("to", Attr::Int(1))]);
        let after = net.op("Sub", &[&missing, &before], &[]);
        amounts.push(net.op("Unsqueeze", &[&before, &first], &[]));
        amounts.push(net.op("Unsqueeze", &[&after, &first], &[]));
    }
    let names: Vec<&str> = amounts.iter().map(String::as_str).collect();
    let axis = || ("axis", Attr::Int(0));
    let listed = net.op("Concat", &names, &[axis()]);
    let listed = net.op("Cast", &[&listed], &[("to", Attr::Int(7))]);
    let rest = net.ints(&[4]);
    let rest = net.op("ConstantOfShape", &[&rest], &[]);
    let rest = net.op("Cast", &[&rest], &[("to", Attr::Int(7))]);
    let all = net.op("Concat", &[&listed, &rest], &[axis()]);
    let pairs = net.ints(&[-1, 2]);
    let all = net.op("Reshape", &[&all, &pairs], &[]);
    let (from, to, along, back) = (
        net.ints(&[-1]),
        net.ints(&[i64::MIN]),
        net.ints(&[0]),
        net.ints(&[-1]),
    );
    let turned = net.op("Slice", &[&all, &from, &to, &along, &back], &[]);
    let turned = net.op("Transpose", &[&turned], &[("perm", Attr::Ints(&[1, 0]))]);
    let flat = net.ints(&[-1]);
    let turned = net.op("Reshape", &[&turned, &flat], &[]);
    net.op(
        "Pad",
        &[x, &turned, &zero],
        &[("mode", Attr::Text("constant"))],
    )
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

/// The skip forks from a sum, and, at first, from a convolution without activation.
fn residuals() -> Family {
    let blocks = |net: &mut Net, x: &str, swapped: bool| {
        let mut x = conv(net, x);
        for seed in [80, 90] {
            let (expand, project) = (
                net.weight(seed, &[6, 4, 1, 1]),
                net.weight(seed + 1, &[4, 6, 1, 1]),
            );
            let y = net.op("Conv", &[&x, &expand], &[]);
            let y = net.op("Relu", &[&y], &[]);
            let y = net.op("Conv", &[&y, &project], &[]);
            x = if swapped {
                net.op("Add", &[&y, &x], &[])
            } else {
                net.op("Add", &[&x, &y], &[])
            };
        }
        x
    };
    let steps = "pointwise, pointwise relu, pointwise+skip, pointwise relu, pointwise+skip";
    Family::new("residual of a residual", steps)
        .form("skip first", 13, &DIMS, |net, x| blocks(net, x, false))
        .form("skip last", 13, &DIMS, |net, x| blocks(net, x, true))
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
        .form("dropout with inputs and a mask", 13, &DIMS, |net, x| {
            let x = conv(net, x);
            let x = net.op("Relu", &[&x], &[]);
            let (ratio, training) = (net.scalar(0.2), net.constant(raw(&[], BOOL, vec![0])));
            net.named("Dropout", &[&x, &ratio, &training], &["kept", "mask"], &[]);
            "kept".to_owned()
        })
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

//! The forms of classifiers, and of what follows them.

use crate::support::Family;
use mnetc_onnx_encoder::{Attr, Net, numbers};

const DIMS: [i64; 4] = [1, 6, 2, 2];

/// The mean of each channel, as `[1, 6]`.
fn pooled(net: &mut Net, x: &str) -> String {
    let x = net.op("GlobalAveragePool", &[x], &[]);
    net.op("Flatten", &[&x], &[])
}

/// The same weight as (6, 5) and (5, 6).
fn weight(net: &mut Net, transposed: bool) -> String {
    let rows: Vec<f32> = numbers(51, 30).collect();
    if transposed {
        return net.floats(&[5, 6], &rows);
    }
    let columns: Vec<f32> = (0..30).map(|i| rows[i % 5 * 6 + i / 5]).collect();
    net.floats(&[6, 5], &columns)
}

pub(super) fn families() -> Vec<Family> {
    vec![
        linear(),
        two(),
        softmax(),
        sigmoid(),
        per_pixel(),
        softmax_per_pixel(),
    ]
}

fn linear() -> Family {
    Family::new("classifier", "global_average_pool, linear")
        .form("Gemm, transposed", 11, &DIMS, |net, x| {
            let (x, w, b) = (pooled(net, x), weight(net, true), net.weight(52, &[5]));
            net.op(
                "Gemm",
                &[&x, &w, &b],
                &[("transB", Attr::Int(1)), ("alpha", Attr::Float(1.0))],
            )
        })
        .form("Gemm", 11, &DIMS, |net, x| {
            let (x, w, b) = (pooled(net, x), weight(net, false), net.weight(52, &[5]));
            net.op("Gemm", &[&x, &w, &b], &[])
        })
        .form("Gemm with factors", 11, &DIMS, |net, x| {
            let (x, w, b) = (pooled(net, x), weight(net, false), net.weight(52, &[1, 5]));
            net.op(
                "Gemm",
                &[&x, &w, &b],
                &[("alpha", Attr::Float(0.5)), ("beta", Attr::Float(2.0))],
            )
        })
        .form("MatMul and Add", 13, &DIMS, |net, x| {
            let (x, w, b) = (pooled(net, x), weight(net, false), net.weight(52, &[5]));
            let x = net.op("MatMul", &[&x, &w], &[]);
            net.op("Add", &[&x, &b], &[])
        })
        .form("MatMul and Add, bias first", 13, &DIMS, |net, x| {
            let (x, w, b) = (pooled(net, x), weight(net, false), net.weight(52, &[1, 5]));
            let x = net.op("MatMul", &[&x, &w], &[]);
            net.op("Add", &[&b, &x], &[])
        })
        .form("no bias", 13, &DIMS, |net, x| {
            let (x, w) = (pooled(net, x), weight(net, false));
            net.op("MatMul", &[&x, &w], &[])
        })
        .form("convolution, then flatten", 11, &DIMS, |net, x| {
            let x = net.op("GlobalAveragePool", &[x], &[]);
            let (w, b) = (net.weight(53, &[5, 6, 1, 1]), net.weight(52, &[5]));
            let x = net.op(
                "Conv",
                &[&x, &w, &b],
                &[("kernel_shape", Attr::Ints(&[1, 1]))],
            );
            net.op("Flatten", &[&x], &[])
        })
        .form("convolution, then reshape", 13, &DIMS, |net, x| {
            let x = net.op("GlobalAveragePool", &[x], &[]);
            let (w, b) = (net.weight(53, &[5, 6, 1, 1]), net.weight(52, &[5]));
            let x = net.op("Conv", &[&x, &w, &b], &[]);
            let shape = net.ints(&[-1, 5]);
            net.op("Reshape", &[&x, &shape], &[])
        })
        .form("convolution, then squeeze", 11, &DIMS, |net, x| {
            let x = net.op("GlobalAveragePool", &[x], &[]);
            let (w, b) = (net.weight(53, &[5, 6, 1, 1]), net.weight(52, &[5]));
            let x = net.op("Conv", &[&x, &w, &b], &[]);
            net.op("Squeeze", &[&x], &[])
        })
        .form("convolution alone", 11, &DIMS, |net, x| {
            let x = net.op("GlobalAveragePool", &[x], &[]);
            let (w, b) = (net.weight(53, &[5, 6, 1, 1]), net.weight(52, &[5]));
            net.op("Conv", &[&x, &w, &b], &[])
        })
}

/// MobileNetV3's two layers.
fn two() -> Family {
    let second = |net: &mut Net, x: &str| {
        let (w, b) = (net.weight(54, &[3, 5]), net.weight(55, &[3]));
        net.op("Gemm", &[x, &w, &b], &[("transB", Attr::Int(1))])
    };
    Family::new(
        "two layers",
        "global_average_pool, linear hard_swish, linear",
    )
    .form("linear, dropout, linear", 14, &DIMS, |net, x| {
        let (x, w, b) = (pooled(net, x), weight(net, true), net.weight(52, &[5]));
        let x = net.op("Gemm", &[&x, &w, &b], &[("transB", Attr::Int(1))]);
        let x = net.op("HardSwish", &[&x], &[]);
        let x = net.op("Dropout", &[&x], &[]);
        second(net, &x)
    })
    .form("convolution, flatten, linear", 14, &DIMS, |net, x| {
        let x = net.op("GlobalAveragePool", &[x], &[]);
        let (w, b) = (net.weight(53, &[5, 6, 1, 1]), net.weight(52, &[5]));
        let x = net.op("Conv", &[&x, &w, &b], &[]);
        let x = net.op("HardSwish", &[&x], &[]);
        let x = net.op("Flatten", &[&x], &[]);
        second(net, &x)
    })
}

fn softmax() -> Family {
    let logits = |net: &mut Net, x: &str| {
        let (x, w) = (pooled(net, x), weight(net, false));
        net.op("MatMul", &[&x, &w], &[])
    };
    Family::new("softmax of classes", "global_average_pool, linear, softmax")
        .form(
            "until version 12, from the first axis",
            11,
            &DIMS,
            |net, x| {
                let x = logits(net, x);
                net.op("Softmax", &[&x], &[])
            },
        )
        .form("over the last axis", 13, &DIMS, |net, x| {
            let x = logits(net, x);
            net.op("Softmax", &[&x], &[])
        })
        .form("axis named", 17, &DIMS, |net, x| {
            let x = logits(net, x);
            net.op("Softmax", &[&x], &[("axis", Attr::Int(1))])
        })
}

fn sigmoid() -> Family {
    Family::new("probabilities", "global_average_pool, linear sigmoid").form(
        "sigmoid",
        13,
        &DIMS,
        |net, x| {
            let (x, w) = (pooled(net, x), weight(net, false));
            let x = net.op("MatMul", &[&x, &w], &[]);
            net.op("Sigmoid", &[&x], &[])
        },
    )
}

/// A matrix product at each pixel is a 1x1 convolution.
fn per_pixel() -> Family {
    Family::new("a linear layer on channels", "pointwise relu")
        .form("MatMul, channels last", 13, &DIMS, |net, x| {
            let x = net.op("Transpose", &[x], &[("perm", Attr::Ints(&[0, 2, 3, 1]))]);
            let (w, b) = (weight(net, false), net.weight(52, &[5]));
            let x = net.op("MatMul", &[&x, &w], &[]);
            let x = net.op("Add", &[&x, &b], &[]);
            net.op("Relu", &[&x], &[])
        })
        .form("MatMul on flattened pixels", 13, &DIMS, |net, x| {
            let x = net.op("Transpose", &[x], &[("perm", Attr::Ints(&[0, 2, 3, 1]))]);
            let shape = net.ints(&[4, 6]);
            let x = net.op("Reshape", &[&x, &shape], &[]);
            let w = weight(net, false);
            let x = net.op("MatMul", &[&x, &w], &[]);
            net.op("Relu", &[&x], &[])
        })
}

fn softmax_per_pixel() -> Family {
    Family::new("softmax of each pixel", "softmax").form("channels first", 13, &DIMS, |net, x| {
        net.op("Softmax", &[x], &[("axis", Attr::Int(1))])
    })
}

//! The forms of pooling and flattening.

use super::activations::conv;
use crate::support::Family;
use mnetc_onnx_encoder::{Attr, Net};

const DIMS: [i64; 4] = [1, 3, 2, 3];

/// A linear layer from `inputs` to 5.
fn gemm(net: &mut Net, x: &str, inputs: i64) -> String {
    let (w, b) = (net.weight(41, &[5, inputs]), net.weight(42, &[5]));
    net.op("Gemm", &[x, &w, &b], &[("transB", Attr::Int(1))])
}

pub(super) fn families() -> Vec<Family> {
    vec![
        global(),
        greatest(),
        flattened(),
        flattened_last(),
        partial(),
        windows(),
        with_padding(),
    ]
}

/// Forms of `x.mean([2, 3])` and of `torch.flatten(x, 1)`, in front of a linear layer.
fn global() -> Family {
    let pooled = |net: &mut Net, x: &str| {
        let x = conv(net, x);
        net.op("GlobalAveragePool", &[&x], &[])
    };
    Family::new("global pool", "pointwise, global_average_pool, linear")
        .form("flatten", 11, &DIMS, |net, x| {
            let x = pooled(net, x);
            let x = net.op("Flatten", &[&x], &[("axis", Attr::Int(1))]);
            gemm(net, &x, 4)
        })
        .form("reshape to the rest", 11, &DIMS, |net, x| {
            let (x, shape) = (pooled(net, x), net.ints(&[1, -1]));
            let x = net.op("Reshape", &[&x, &shape], &[]);
            gemm(net, &x, 4)
        })
        .form("reshape that copies the batch", 11, &DIMS, |net, x| {
            let (x, shape) = (pooled(net, x), net.ints(&[0, -1]));
            let x = net.op("Reshape", &[&x, &shape], &[]);
            gemm(net, &x, 4)
        })
        .form("reshape to the batch's shape", 18, &DIMS, |net, x| {
            let x = pooled(net, x);
            let batch = net.op(
                "Shape",
                &[&x],
                &[("start", Attr::Int(0)), ("end", Attr::Int(1))],
            );
            let rest = net.ints(&[-1]);
            let shape = net.op("Concat", &[&batch, &rest], &[("axis", Attr::Int(0))]);
            let x = net.op("Reshape", &[&x, &shape], &[("allowzero", Attr::Int(1))]);
            gemm(net, &x, 4)
        })
        .form(
            "view by shape, gather, unsqueeze, concat",
            12,
            &DIMS,
            |net, x| {
                let x = pooled(net, x);
                let shape = net.op("Shape", &[&x], &[]);
                let zero = net.constant(mnetc_onnx_encoder::raw(
                    &[],
                    mnetc_onnx_encoder::INT64,
                    vec![0; 8],
                ));
                let batch = net.op("Gather", &[&shape, &zero], &[("axis", Attr::Int(0))]);
                let batch = net.op("Unsqueeze", &[&batch], &[("axes", Attr::Ints(&[0]))]);
                let rest = net.ints(&[-1]);
                let shape = net.op("Concat", &[&batch, &rest], &[("axis", Attr::Int(0))]);
                let x = net.op("Reshape", &[&x, &shape], &[]);
                gemm(net, &x, 4)
            },
        )
        .form("everything picked, in order", 18, &DIMS, |net, x| {
            // How the dynamo exporter writes `as_strided`.
            let (x, flat) = (pooled(net, x), net.ints(&[-1]));
            let x = net.op("Reshape", &[&x, &flat], &[]);
            let four = (0..4_i64).flat_map(i64::to_le_bytes).collect();
            let places = net.constant(mnetc_onnx_encoder::raw(
                &[1, 4],
                mnetc_onnx_encoder::INT64,
                four,
            ));
            let x = net.op("Gather", &[&x, &places], &[("axis", Attr::Int(0))]);
            gemm(net, &x, 4)
        })
        .form("a piece that is the whole", 13, &DIMS, |net, x| {
            let x = pooled(net, x);
            let (from, to, along) = (net.ints(&[0]), net.ints(&[i64::MAX]), net.ints(&[1]));
            let x = net.op("Slice", &[&x, &from, &to, &along], &[]);
            let x = net.op("Flatten", &[&x], &[]);
            gemm(net, &x, 4)
        })
        .form("squeeze by attribute", 11, &DIMS, |net, x| {
            let x = pooled(net, x);
            let x = net.op("Squeeze", &[&x], &[("axes", Attr::Ints(&[2, 3]))]);
            gemm(net, &x, 4)
        })
        .form("squeeze by input", 13, &DIMS, |net, x| {
            let (x, axes) = (pooled(net, x), net.ints(&[-2, -1]));
            let x = net.op("Squeeze", &[&x, &axes], &[]);
            gemm(net, &x, 4)
        })
        .form("mean that drops its dimensions", 13, &DIMS, |net, x| {
            let x = conv(net, x);
            let x = net.op(
                "ReduceMean",
                &[&x],
                &[("axes", Attr::Ints(&[-1, -2])), ("keepdims", Attr::Int(0))],
            );
            gemm(net, &x, 4)
        })
        .form("mean by input", 18, &DIMS, |net, x| {
            let (x, axes) = (conv(net, x), net.ints(&[2, 3]));
            let x = net.op("ReduceMean", &[&x, &axes], &[("keepdims", Attr::Int(0))]);
            gemm(net, &x, 4)
        })
        .form("mean of flattened pixels", 13, &DIMS, |net, x| {
            let (x, shape) = (conv(net, x), net.ints(&[0, 4, -1]));
            let x = net.op("Reshape", &[&x, &shape], &[]);
            let x = net.op(
                "ReduceMean",
                &[&x],
                &[("axes", Attr::Ints(&[2])), ("keepdims", Attr::Int(0))],
            );
            gemm(net, &x, 4)
        })
        .form("average pool of the whole map", 11, &DIMS, |net, x| {
            let x = conv(net, x);
            let kernel = ("kernel_shape", Attr::Ints(&[2, 3]));
            let x = net.op(
                "AveragePool",
                &[&x],
                &[kernel, ("auto_pad", Attr::Text("VALID"))],
            );
            let x = net.op("Flatten", &[&x], &[]);
            gemm(net, &x, 4)
        })
        .form("channels last", 13, &DIMS, |net, x| {
            let x = conv(net, x);
            let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 2, 3, 1]))]);
            let x = net.op(
                "ReduceMean",
                &[&x],
                &[("axes", Attr::Ints(&[1, 2])), ("keepdims", Attr::Int(0))],
            );
            gemm(net, &x, 4)
        })
}

/// Forms of the greatest number of each channel.
fn greatest() -> Family {
    Family::new("global max pool", "pointwise, max_pool, linear")
        .form("global max pool", 11, &DIMS, |net, x| {
            let x = conv(net, x);
            let x = net.op("GlobalMaxPool", &[&x], &[]);
            let x = net.op("Flatten", &[&x], &[]);
            gemm(net, &x, 4)
        })
        .form("greatest by attribute", 13, &DIMS, |net, x| {
            let x = conv(net, x);
            let over = [("axes", Attr::Ints(&[-1, -2])), ("keepdims", Attr::Int(0))];
            let x = net.op("ReduceMax", &[&x], &over);
            gemm(net, &x, 4)
        })
        .form("greatest by input, channels last", 18, &DIMS, |net, x| {
            let (x, axes) = (conv(net, x), net.ints(&[1, 2]));
            let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 2, 3, 1]))]);
            let x = net.op("ReduceMax", &[&x, &axes], &[("keepdims", Attr::Int(0))]);
            gemm(net, &x, 4)
        })
        .form("max pool of the whole map", 13, &DIMS, |net, x| {
            let x = conv(net, x);
            let kernel = ("kernel_shape", Attr::Ints(&[2, 3]));
            let x = net.op("MaxPool", &[&x], &[kernel]);
            let shape = net.ints(&[-1, 4]);
            let x = net.op("Reshape", &[&x, &shape], &[]);
            gemm(net, &x, 4)
        })
}

fn flattened() -> Family {
    Family::new("a linear layer over a map", "pointwise, linear")
        .form("flatten", 11, &DIMS, |net, x| {
            let x = conv(net, x);
            let x = net.op("Flatten", &[&x], &[]);
            gemm(net, &x, 24)
        })
        .form("reshape", 13, &DIMS, |net, x| {
            let (x, shape) = (conv(net, x), net.ints(&[-1, 24]));
            let x = net.op("Reshape", &[&x, &shape], &[]);
            gemm(net, &x, 24)
        })
}

/// Keras flattens with the channels last.
fn flattened_last() -> Family {
    Family::new(
        "a linear layer over a map, channels last",
        "pointwise, linear",
    )
    .form("transpose, reshape, MatMul", 13, &DIMS, |net, x| {
        let (x, shape) = (conv(net, x), net.ints(&[-1, 24]));
        let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 2, 3, 1]))]);
        let x = net.op("Reshape", &[&x, &shape], &[]);
        let (w, b) = (net.weight(43, &[24, 5]), net.weight(42, &[5]));
        let x = net.op("MatMul", &[&x, &w], &[]);
        net.op("Add", &[&x, &b], &[])
    })
}

fn partial() -> Family {
    Family::new("a mean over rows alone", "pointwise, average_pool").form(
        "mean",
        13,
        &DIMS,
        |net, x| {
            let x = conv(net, x);
            net.op(
                "ReduceMean",
                &[&x],
                &[("axes", Attr::Ints(&[2])), ("keepdims", Attr::Int(1))],
            )
        },
    )
}

fn windows() -> Family {
    Family::new("pools over windows", "max_pool, average_pool")
        .form("rounded down", 11, &[1, 3, 7, 6], |net, x| {
            let kernel = || ("kernel_shape", Attr::Ints(&[3, 2]));
            let pads = ("pads", Attr::Ints(&[1, 0, 1, 1]));
            let x = net.op(
                "MaxPool",
                &[x],
                &[kernel(), ("strides", Attr::Ints(&[2, 1])), pads],
            );
            net.op(
                "AveragePool",
                &[&x],
                &[
                    ("kernel_shape", Attr::Ints(&[2, 2])),
                    ("pads", Attr::Ints(&[0, 1, 1, 0])),
                ],
            )
        })
        .form("rounded up", 11, &[1, 3, 7, 6], |net, x| {
            let rounds = || ("ceil_mode", Attr::Int(1));
            let kernel = ("kernel_shape", Attr::Ints(&[2, 3]));
            let x = net.op(
                "MaxPool",
                &[x],
                &[kernel, ("strides", Attr::Ints(&[2, 2])), rounds()],
            );
            let kernel = ("kernel_shape", Attr::Ints(&[3, 2]));
            net.op(
                "AveragePool",
                &[&x],
                &[kernel, ("strides", Attr::Ints(&[2, 2])), rounds()],
            )
        })
        .form("padded as TensorFlow does", 11, &[1, 3, 7, 6], |net, x| {
            let kernel = || ("kernel_shape", Attr::Ints(&[2, 2]));
            let same = |rule| ("auto_pad", Attr::Text(rule));
            let x = net.op(
                "MaxPool",
                &[x],
                &[
                    kernel(),
                    same("SAME_UPPER"),
                    ("strides", Attr::Ints(&[2, 2])),
                ],
            );
            net.op("AveragePool", &[&x], &[kernel(), same("SAME_LOWER")])
        })
}

fn with_padding() -> Family {
    Family::new("a pool that counts its padding", "depthwise").form(
        "average pool",
        11,
        &[1, 3, 3, 4],
        |net, x| {
            let kernel = ("kernel_shape", Attr::Ints(&[3, 3]));
            let pads = ("pads", Attr::Ints(&[1, 1, 1, 1]));
            net.op(
                "AveragePool",
                &[x],
                &[kernel, pads, ("count_include_pad", Attr::Int(1))],
            )
        },
    )
}

//! The forms of batch norm, and of a scale and a shift per channel.

use super::activations::conv;
use crate::support::Family;
use mnetc_onnx_encoder::{Attr, Net, numbers};

const DIMS: [i64; 4] = [1, 3, 2, 3];

/// Scale, shift, mean and variance of 4 channels.
fn parts(net: &mut Net) -> [String; 4] {
    let (scale, shift, mean) = (
        net.weight(31, &[4]),
        net.weight(32, &[4]),
        net.weight(33, &[4]),
    );
    let var: Vec<f32> = numbers(34, 4).map(|x| 1.0 + x / 2.0).collect();
    [scale, shift, mean, net.floats(&[4], &var)]
}

fn batch_norm(net: &mut Net, x: &str, attributes: &[(&str, Attr<'_>)]) -> String {
    let [scale, shift, mean, var] = parts(net);
    net.op(
        "BatchNormalization",
        &[x, &scale, &shift, &mean, &var],
        attributes,
    )
}

/// What that batch norm is as a product and a sum, of these shapes.
fn affine(net: &mut Net, dims: &[i64]) -> [String; 2] {
    let [scale, shift, mean]: [Vec<f32>; 3] = [31, 32, 33].map(|seed| numbers(seed, 4).collect());
    let var: Vec<f32> = numbers(34, 4).map(|x| 1.0 + x / 2.0).collect();
    let factor: Vec<f32> = scale
        .iter()
        .zip(&var)
        .map(|(s, v)| s / (v + 1e-3).sqrt())
        .collect();
    let summand: Vec<f32> = (0..4).map(|c| shift[c] - mean[c] * factor[c]).collect();
    [net.floats(dims, &factor), net.floats(dims, &summand)]
}

pub(super) fn families() -> Vec<Family> {
    vec![
        folded(),
        without_bias(),
        behind_padding(),
        alone(),
        last_on_one_pixel(),
    ]
}

fn folded() -> Family {
    let epsilon = || ("epsilon", Attr::Float(1e-3));
    Family::new("batch norm", "pointwise relu")
        .form("node", 9, &DIMS, |net, x| {
            let x = conv(net, x);
            let x = batch_norm(net, &x, &[epsilon()]);
            net.op("Relu", &[&x], &[])
        })
        .form(
            "node with the attributes of old versions",
            7,
            &DIMS,
            |net, x| {
                let x = conv(net, x);
                let old = [("momentum", Attr::Float(0.9)), ("spatial", Attr::Int(1))];
                let x = batch_norm(net, &x, &[&[epsilon()], &old[..]].concat());
                net.op("Relu", &[&x], &[])
            },
        )
        .form(
            "node with the attributes of new versions",
            15,
            &DIMS,
            |net, x| {
                let x = conv(net, x);
                let x = batch_norm(net, &x, &[epsilon(), ("training_mode", Attr::Int(0))]);
                net.op("Relu", &[&x], &[])
            },
        )
        .form("product and sum", 13, &DIMS, |net, x| {
            let x = conv(net, x);
            let [factor, summand] = affine(net, &[1, 4, 1, 1]);
            let x = net.op("Mul", &[&x, &factor], &[]);
            let x = net.op("Add", &[&x, &summand], &[]);
            net.op("Relu", &[&x], &[])
        })
        .form(
            "product and sum, constants first and short",
            13,
            &DIMS,
            |net, x| {
                let x = conv(net, x);
                let [factor, summand] = affine(net, &[4, 1, 1]);
                let x = net.op("Mul", &[&factor, &x], &[]);
                let x = net.op("Add", &[&summand, &x], &[]);
                net.op("Relu", &[&x], &[])
            },
        )
        .form("product and sum, channels last", 13, &DIMS, |net, x| {
            let x = conv(net, x);
            let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 2, 3, 1]))]);
            let [factor, summand] = affine(net, &[4]);
            let x = net.op("Mul", &[&x, &factor], &[]);
            let x = net.op("Add", &[&x, &summand], &[]);
            let x = net.op("Relu", &[&x], &[]);
            net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 3, 1, 2]))])
        })
        .form(
            "node on a convolution without bias and a sum",
            13,
            &DIMS,
            |net, x| {
                let (w, b) = (net.weight(11, &[4, 3, 1, 1]), net.weight(12, &[4]));
                let x = net.op("Conv", &[x, &w], &[]);
                let shape = net.ints(&[1, 4, 1, 1]);
                let b = net.op("Reshape", &[&b, &shape], &[]);
                let x = net.op("Add", &[&x, &b], &[]);
                let [factor, summand] = affine(net, &[1, 4, 1, 1]);
                let x = net.op("Mul", &[&x, &factor], &[]);
                let negative = net.op("Neg", &[&summand], &[]);
                let x = net.op("Sub", &[&x, &negative], &[]);
                net.op("Relu", &[&x], &[])
            },
        )
}

fn without_bias() -> Family {
    Family::new("batch norm of a convolution without bias", "pointwise relu").form(
        "node",
        9,
        &DIMS,
        |net, x| {
            let w = net.weight(11, &[4, 3, 1, 1]);
            let x = net.op("Conv", &[x, &w], &[]);
            let x = batch_norm(net, &x, &[]);
            net.op("Relu", &[&x], &[])
        },
    )
}

/// The zeros around a map are normalised, too.
fn behind_padding() -> Family {
    Family::new(
        "batch norm behind padding",
        "pointwise relu, depthwise, depthwise",
    )
    .form("node", 13, &DIMS, |net, x| {
        let x = conv(net, x);
        let x = net.op("Relu", &[&x], &[]);
        let amounts = net.ints(&[0, 0, 1, 0, 0, 0, 0, 2]);
        let x = net.op("Pad", &[&x, &amounts], &[]);
        let x = batch_norm(net, &x, &[]);
        let w = net.weight(36, &[4, 1, 2, 2]);
        net.op("Conv", &[&x, &w], &[("group", Attr::Int(4))])
    })
}

fn alone() -> Family {
    Family::new(
        "batch norm behind a sum",
        "pointwise relu, pointwise+skip, depthwise relu",
    )
    .form("node", 9, &DIMS, |net, x| {
        let x = conv(net, x);
        let x = net.op("Relu", &[&x], &[]);
        let w = net.weight(35, &[4, 4, 1, 1]);
        let y = net.op("Conv", &[&x, &w], &[]);
        let y = net.op("Add", &[&x, &y], &[]);
        let y = batch_norm(net, &y, &[]);
        net.op("Relu", &[&y], &[])
    })
}

fn last_on_one_pixel() -> Family {
    Family::new(
        "batch norm of one pixel",
        "global_average_pool, linear relu",
    )
    .form("node", 9, &DIMS, |net, x| {
        let x = net.op("GlobalAveragePool", &[x], &[]);
        let x = conv(net, &x);
        let x = batch_norm(net, &x, &[]);
        net.op("Relu", &[&x], &[])
    })
}

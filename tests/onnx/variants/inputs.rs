//! The forms of preprocessing in front of the first layer.

use crate::support::{Family, Form};
use mnetc_onnx_encoder::{Attr, Dim, FLOAT, Net, UINT8};

const DIMS: [i64; 4] = [1, 3, 4, 5];

/// A padded 3x3 convolution: its zeros are zeros behind the preprocessing.
fn stem(net: &mut Net, x: &str) -> String {
    let w = net.weight(71, &[4, 3, 3, 3]);
    net.op("Conv", &[x, &w], &[("pads", Attr::Ints(&[1, 1, 1, 1]))])
}

pub(super) fn families() -> Vec<Family> {
    vec![normalised(), bytes(), not_first(), vectors()]
}

fn normalised() -> Family {
    let channels = [1, 3, 1, 1];
    let (mean, std) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
    Family::new("preprocessing", "conv+normalise")
        .form("subtract and divide", 13, &DIMS, |net, x| {
            let (mean, std) = (net.floats(&channels, &mean), net.floats(&channels, &std));
            let x = net.op("Sub", &[x, &mean], &[]);
            let x = net.op("Div", &[&x, &std], &[]);
            stem(net, &x)
        })
        .form("scale to -1..1", 13, &DIMS, |net, x| {
            let (scale, one) = (net.scalar(1.0 / 127.5), net.scalar(1.0));
            let x = net.op("Mul", &[x, &scale], &[]);
            let x = net.op("Sub", &[&x, &one], &[]);
            stem(net, &x)
        })
        .form("scale, then a negative sum", 13, &DIMS, |net, x| {
            let (scale, one) = (net.floats(&[1], &[1.0 / 127.5]), net.scalar(-1.0));
            let x = net.op("Mul", &[&scale, x], &[]);
            let x = net.op("Add", &[&one, &x], &[]);
            stem(net, &x)
        })
        .form(
            "scale and shift, channels last",
            13,
            &[1, 4, 5, 3],
            |net, x| {
                let (scale, shift) = (net.floats(&[3], &std), net.floats(&[1, 1, 1, 3], &mean));
                let x = net.op("Mul", &[x, &scale], &[]);
                let x = net.op("Add", &[&x, &shift], &[]);
                let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 3, 1, 2]))]);
                stem(net, &x)
            },
        )
        .form("batch norm", 13, &DIMS, |net, x| {
            let (one, zero) = (net.floats(&[3], &[1.0; 3]), net.floats(&[3], &[0.0; 3]));
            let (mean, var) = (
                net.floats(&[3], &mean),
                net.floats(&[3], &std.map(|s| s * s)),
            );
            let x = net.op("BatchNormalization", &[x, &one, &zero, &mean, &var], &[]);
            stem(net, &x)
        })
}

fn bytes() -> Family {
    let mut family = Family::new("bytes", "conv+normalise");
    let mut form = |name: &str, dims: [i64; 4], write: &dyn Fn(&mut Net, &str) -> String| {
        let mut net = Net::new(13);
        let x = net.typed_input("x", UINT8, &dims.map(Dim::Fixed));
        let x = net.op("Cast", &[&x], &[("to", Attr::Int(i64::from(FLOAT)))]);
        let y = write(&mut net, &x);
        net.output(&y);
        let name = name.to_owned();
        family.forms.push(Form { name, net });
    };
    form("cast", DIMS, &stem);
    form("cast and scale, channels last", [1, 4, 5, 3], &|net, x| {
        let scale = net.scalar(1.0 / 255.0);
        let x = net.op("Transpose", &[x], &[("perm", Attr::Ints(&[0, 3, 1, 2]))]);
        let x = net.op("Mul", &[&x, &scale], &[]);
        stem(net, &x)
    });
    family
}

/// Where something else reads the input as it is, the preprocessing is a layer.
fn not_first() -> Family {
    Family::new("preprocessing for one reader", "depthwise, add").form(
        "sum",
        13,
        &DIMS,
        |net, x| {
            let mean = net.floats(&[3, 1, 1], &[0.5, 0.25, 0.125]);
            let y = net.op("Sub", &[x, &mean], &[]);
            net.op("Add", &[x, &y], &[])
        },
    )
}

fn vectors() -> Family {
    Family::new("vectors", "linear relu, linear").form("two layers", 13, &[1, 7], |net, x| {
        let (w, b) = (net.weight(72, &[7, 4]), net.weight(73, &[4]));
        let x = net.op("Gemm", &[x, &w, &b], &[]);
        let x = net.op("Relu", &[&x], &[]);
        let w = net.weight(74, &[4, 2]);
        net.op("MatMul", &[&x, &w], &[])
    })
}

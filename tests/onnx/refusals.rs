//! What is refused, and how: all that stands in the way at once, each with the nearest layer there is and what to do.

use crate::support::{import, text};
use insta::assert_snapshot;
use mnetc_onnx_encoder::{Attr, Dim, FLOAT, Net, UINT8, info, raw};

const DIMS: [i64; 4] = [1, 4, 6, 6];

/// What is said of a model with this body.
fn said(opset: i64, write: impl FnOnce(&mut Net, &str) -> String) -> String {
    let mut net = Net::new(opset);
    let x = net.input(&DIMS.map(Dim::Fixed));
    let y = write(&mut net, &x);
    net.output(&y);
    refused(&net)
}

fn refused(net: &Net) -> String {
    let said = text(&import(net).expect_err("it cannot be compiled"));
    assert_eq!(
        said.matches("error[").count(),
        said.matches("= help: ").count(),
        "a help each: {said}"
    );
    said
}

#[test]
fn every_node_in_the_way_is_named() {
    let text = said(13, |net, x| {
        let x = net.op("LeakyRelu", &[x], &[]);
        let w = net.weight(1, &[4, 4, 1, 1]);
        let x = net.op("Conv", &[&x, &w], &[]);
        let x = net.op("InstanceNormalization", &[&x], &[]);
        let x = net.op("Relu", &[&x], &[]);
        net.op("FancyPool", &[&x], &[])
    });
    assert_snapshot!("every_node", text);
}

/// Behind a node in the way shapes are still known, and what takes maps apart or joins them is in the way, too; what
/// computes on shapes is not.
#[test]
fn nodes_behind_one_in_the_way_are_judged_too() {
    let text = said(13, |net, x| {
        let x = net.op("LeakyRelu", &[x], &[]);
        let w = net.weight(1, &[8, 4, 3, 3]);
        let stride = ("strides", Attr::Ints(&[2, 2]));
        let x = net.op(
            "Conv",
            &[&x, &w],
            &[stride, ("pads", Attr::Ints(&[1, 1, 1, 1]))],
        );
        let shape = net.op("Shape", &[&x], &[]);
        let first = net.ints(&[0]);
        let batch = net.op("Gather", &[&shape, &first], &[]);
        let rest = net.ints(&[-1]);
        let flat = net.op("Concat", &[&batch, &rest], &[("axis", Attr::Int(0))]);
        net.named(
            "Split",
            &[&x],
            &["left", "right"],
            &[("axis", Attr::Int(1))],
        );
        let y = net.op("Concat", &[&x, &x], &[("axis", Attr::Int(1))]);
        let y = net.op("MaxPool", &[&y], &[("kernel_shape", Attr::Ints(&[2, 2]))]);
        let y = net.op("Gelu", &[&y], &[]);
        let joined = net.op("Concat", &["left", "right"], &[("axis", Attr::Int(1))]);
        net.output(&joined);
        let y = net.op("Reshape", &[&y, &flat], &[]);
        net.op("Erf", &[&y], &[])
    });
    assert_snapshot!("behind", text);
}

#[test]
fn operators_that_networks_have_elsewhere_come_with_the_nearest_layer() {
    let single = |op: &'static str| said(13, |net, x| net.op(op, &[x], &[]));
    let texts: Vec<_> = [
        "Gelu",
        "Resize",
        "ArgMax",
        "If",
        "LSTM",
        "ReduceMax",
        "LogSoftmax",
        "Einsum",
    ]
    .map(single)
    .into();
    assert_snapshot!("operators", texts.join("\n"));
    let concat = said(13, |net, x| {
        net.op("Concat", &[x, x], &[("axis", Attr::Int(1))])
    });
    let foreign = said(13, |net, x| {
        let y = net.op("BiasGelu", &[x], &[]);
        net.graph().node[0].domain = "com.microsoft".to_owned();
        y
    });
    assert_snapshot!("foreign", format!("{concat}\n{foreign}"));
}

#[test]
fn forms_that_no_layer_has_say_what_is_the_nearest() {
    let texts = [
        said(9, |net, x| net.op("HardSigmoid", &[x], &[])),
        said(13, |net, x| {
            let six = net.scalar(6.0);
            net.op("Clip", &[x, "", &six], &[])
        }),
        said(13, |net, x| {
            let (low, high) = (net.scalar(-1.0), net.scalar(1.0));
            net.op("Clip", &[x, &low, &high], &[])
        }),
        said(13, |net, x| net.op("Mul", &[x, x], &[])),
        said(13, |net, x| {
            let pooled = net.op("GlobalAveragePool", &[x], &[]);
            net.op("Mul", &[x, &pooled], &[])
        }),
        said(13, |net, x| {
            let pooled = net.op("GlobalAveragePool", &[x], &[]);
            net.op("Add", &[x, &pooled], &[])
        }),
        said(13, |net, x| {
            let turned = net.op("Transpose", &[x], &[("perm", Attr::Ints(&[0, 1, 3, 2]))]);
            net.op("Add", &[x, &turned], &[])
        }),
        said(13, |net, x| {
            let shape = net.ints(&[1, 2, 2, 6, 6]);
            net.op("Reshape", &[x, &shape], &[])
        }),
        said(13, |net, x| {
            let amounts = net.ints(&[0, 0, 1, 1, 0, 0, 1, 1]);
            let x = net.op("Pad", &[x, &amounts], &[]);
            net.op("MaxPool", &[&x], &[("kernel_shape", Attr::Ints(&[3, 3]))])
        }),
        said(13, |net, x| {
            let amounts = net.ints(&[0, 0, 1, 1, 0, 0, 1, 1]);
            net.op("Pad", &[x, &amounts], &[("mode", Attr::Text("reflect"))])
        }),
        said(13, |net, x| {
            net.op("ReduceMean", &[x], &[("axes", Attr::Ints(&[1]))])
        }),
        said(13, |net, x| net.op("Softmax", &[x], &[])),
        said(13, |net, x| {
            let k = net.weight(3, &[6, 6]);
            net.op("Add", &[x, &k], &[])
        }),
    ];
    assert_snapshot!("forms", texts.join("\n"));
}

#[test]
fn layers_that_do_not_fit_say_why() {
    let texts = [
        said(13, |net, x| {
            let w = net.weight(1, &[4, 3, 1, 1]);
            net.op("Conv", &[x, &w], &[])
        }),
        said(13, |net, x| {
            let w = net.weight(1, &[4, 4, 9, 9]);
            net.op("Conv", &[x, &w], &[])
        }),
        said(13, |net, x| {
            let w = net.weight(1, &[4, 4, 3]);
            net.op("Conv", &[x, &w], &[])
        }),
        said(13, |net, x| {
            let w = net.weight(1, &[4, 4, 3, 3]);
            net.op("Conv", &[x, &w], &[("pads", Attr::Ints(&[-1, 0, 0, 0]))])
        }),
        said(13, |net, x| net.op("Conv", &[x, x], &[])),
        said(13, |net, x| {
            let x = net.op("Flatten", &[x], &[]);
            let w = net.weight(1, &[4, 4]);
            net.op("MatMul", &[&x, &w], &[])
        }),
        said(15, |net, x| {
            let k = net.weight(1, &[4]);
            net.op(
                "BatchNormalization",
                &[x, &k, &k, &k, &k],
                &[("training_mode", Attr::Int(1))],
            )
        }),
        said(13, |net, x| {
            let shape = net.ints(&[8, -1]);
            net.op("Reshape", &[x, &shape], &[])
        }),
        said(13, |net, _| net.op("Relu", &["missing"], &[])),
    ];
    assert_snapshot!("layers", texts.join("\n"));
}

#[test]
fn quantised_models_are_called_what_they_are() {
    let tensor_form = said(13, |net, x| {
        let (scale, zero) = (net.scalar(0.1), net.constant(raw(&[], UINT8, vec![0])));
        let q = net.op("QuantizeLinear", &[x, &scale, &zero], &[]);
        let x = net.op("DequantizeLinear", &[&q, &scale, &zero], &[]);
        net.op("Relu", &[&x], &[])
    });
    let operator_form = said(13, |net, x| net.op("QLinearConv", &[x], &[]));
    let dynamic = said(13, |net, x| {
        let x = net.op("DynamicQuantizeLinear", &[x], &[]);
        net.op("ConvInteger", &[&x], &[])
    });
    assert_snapshot!(
        "quantised",
        [tensor_form, operator_form, dynamic].join("\n")
    );
}

#[test]
fn inputs_and_outputs_that_no_network_has() {
    let body = |dims: &[i64], element: i32, change: &dyn Fn(&mut Net)| {
        let mut net = Net::new(13);
        let dims: Vec<_> = dims.iter().map(|n| Dim::Fixed(*n)).collect();
        let x = net.typed_input("x", element, &dims);
        let y = net.op("Relu", &[&x], &[]);
        net.output(&y);
        change(&mut net);
        refused(&net)
    };
    let texts = [
        body(&DIMS, FLOAT, &|net| {
            net.typed_input("mask", FLOAT, &[Dim::Fixed(1)]);
        }),
        body(&DIMS, FLOAT, &|net| net.graph().input.clear()),
        body(&DIMS, 7, &|_| {}),
        body(&[1, 2, 3, 4, 5], FLOAT, &|_| {}),
        body(&[8, 3, 4, 4], FLOAT, &|_| {}),
        body(&DIMS, FLOAT, &|net| net.graph().output.clear()),
        body(&DIMS, FLOAT, &|net| {
            net.graph().output[0].name = "nothing".to_owned();
        }),
        body(&DIMS, FLOAT, &|net| {
            net.graph().input[0] = info("x", FLOAT, None);
        }),
        body(&DIMS, UINT8, &|_| {}),
    ];
    assert_snapshot!("inputs", texts.join("\n"));
}

//! The forms of activations, each behind a 1x1 convolution.

use crate::support::Family;
use mnetc_onnx_encoder::{Attr, INT64, Net, raw};

const DIMS: [i64; 4] = [1, 3, 2, 3];

/// A convolution from 3 to 4 channels.
pub(super) fn conv(net: &mut Net, x: &str) -> String {
    let (w, b) = (net.weight(11, &[4, 3, 1, 1]), net.weight(12, &[4]));
    net.op("Conv", &[x, &w, &b], &[])
}

/// A family of forms that follow a convolution.
struct Forms(Family);

impl Forms {
    fn of(name: &'static str, steps: &'static str) -> Self {
        Self(Family::new(name, steps))
    }

    fn form(self, name: &str, opset: i64, write: impl FnOnce(&mut Net, &str) -> String) -> Self {
        Self(self.0.form(name, opset, &DIMS, |net, x| {
            let x = conv(net, x);
            write(net, &x)
        }))
    }
}

fn clip(net: &mut Net, x: &str, low: f32, high: f32) -> String {
    let (low, high) = (net.scalar(low), net.scalar(high));
    net.op("Clip", &[x, &low, &high], &[])
}

/// A constant node.
fn constant(net: &mut Net, value: f32) -> String {
    let tensor = raw(&[], 1, value.to_le_bytes().to_vec());
    net.op(
        "Constant",
        &[],
        &[("value", Attr::Tensor(Box::new(tensor)))],
    )
}

/// An operator on a map and one number.
fn with(net: &mut Net, op: &str, x: &str, number: f32) -> String {
    let number = net.scalar(number);
    net.op(op, &[x, &number], &[])
}

/// An operator of ONNX Runtime's optimiser.
fn fused(net: &mut Net, op: &str, inputs: &[&str], attributes: &[(&str, Attr<'_>)]) -> String {
    let y = net.op(op, inputs, attributes);
    let node = net.graph().node.last_mut().expect("it was added");
    node.domain = "com.microsoft".to_owned();
    y
}

/// `FusedConv` of the 1x1 convolution with this activation.
fn fused_conv(net: &mut Net, x: &str, activation: &[(&str, Attr<'_>)]) -> String {
    let (w, b) = (net.weight(11, &[4, 3, 1, 1]), net.weight(12, &[4]));
    fused(net, "FusedConv", &[x, &w, &b], activation)
}

/// Clip(x + 3, 0, 6).
fn shifted(net: &mut Net, x: &str) -> String {
    let x = with(net, "Add", x, 3.0);
    clip(net, &x, 0.0, 6.0)
}

pub(super) fn families() -> Vec<Family> {
    [
        relu6(),
        relu(),
        hard_swish(),
        hard_sigmoid(),
        ramps(),
        smooth(),
        fused_layers(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn relu6() -> Vec<Family> {
    let forms = Forms::of("relu6", "pointwise relu6")
        .form("clip with attributes", 10, |net, x| {
            net.op(
                "Clip",
                &[x],
                &[("min", Attr::Float(0.0)), ("max", Attr::Float(6.0))],
            )
        })
        .form("clip with initialisers", 11, |net, x| {
            clip(net, x, 0.0, 6.0)
        })
        .form("clip with constant nodes", 13, |net, x| {
            let (low, high) = (constant(net, 0.0), constant(net, 6.0));
            net.op("Clip", &[x, &low, &high], &[])
        })
        .form("clip with cast constants", 17, |net, x| {
            let (low, high) = (
                net.ints(&[0]),
                net.constant(raw(&[], INT64, 6_i64.to_le_bytes().to_vec())),
            );
            let low = net.op("Cast", &[&low], &[("to", Attr::Int(1))]);
            let high = net.op("Cast", &[&high], &[("to", Attr::Int(1))]);
            net.op("Clip", &[x, &low, &high], &[])
        })
        .form("relu then min", 13, |net, x| {
            let x = net.op("Relu", &[x], &[]);
            with(net, "Min", &x, 6.0)
        })
        .form("max then min, constants first", 13, |net, x| {
            let (zero, six) = (net.scalar(0.0), net.floats(&[1], &[6.0]));
            let x = net.op("Max", &[&zero, x], &[]);
            net.op("Min", &[&six, &x], &[])
        })
        .form("relu then clip without a lower bound", 13, |net, x| {
            let (x, six) = (net.op("Relu", &[x], &[]), net.scalar(6.0));
            net.op("Clip", &[&x, "", &six], &[])
        });
    vec![forms.0]
}

fn relu() -> Vec<Family> {
    let forms = Forms::of("relu", "pointwise relu")
        .form("relu", 7, |net, x| net.op("Relu", &[x], &[]))
        .form("clip without an upper bound", 11, |net, x| {
            let zero = net.scalar(0.0);
            net.op("Clip", &[x, &zero], &[])
        })
        .form("clip with the greatest upper bound", 13, |net, x| {
            clip(net, x, 0.0, f32::MAX)
        })
        .form("max", 13, |net, x| with(net, "Max", x, 0.0));
    vec![forms.0]
}

fn hard_swish() -> Vec<Family> {
    let hard_sigmoid = [
        ("alpha", Attr::Float(1.0 / 6.0)),
        ("beta", Attr::Float(0.5)),
    ];
    let forms = Forms::of("hard_swish", "pointwise hard_swish")
        .form("hard swish", 14, |net, x| net.op("HardSwish", &[x], &[]))
        .form("times hard sigmoid", 11, |net, x| {
            let gate = net.op("HardSigmoid", &[x], &hard_sigmoid);
            net.op("Mul", &[x, &gate], &[])
        })
        .form("hard sigmoid first", 11, |net, x| {
            let gate = net.op("HardSigmoid", &[x], &hard_sigmoid[..1]);
            net.op("Mul", &[&gate, x], &[])
        })
        .form("add, clip, div, mul", 11, |net, x| {
            let gate = shifted(net, x);
            let gate = with(net, "Div", &gate, 6.0);
            net.op("Mul", &[x, &gate], &[])
        })
        .form("add, clip, mul by a sixth, mul", 13, |net, x| {
            let gate = shifted(net, x);
            let gate = with(net, "Mul", &gate, 1.0 / 6.0);
            net.op("Mul", &[&gate, x], &[])
        })
        .form("mul before div", 13, |net, x| {
            let gate = shifted(net, x);
            let product = net.op("Mul", &[x, &gate], &[]);
            with(net, "Div", &product, 6.0)
        })
        .form("clip of a sixth of x", 13, |net, x| {
            let gate = with(net, "Div", x, 6.0);
            let gate = with(net, "Add", &gate, 0.5);
            let gate = clip(net, &gate, 0.0, 1.0);
            net.op("Mul", &[&gate, x], &[])
        })
        .form("relu6 of a relu", 13, |net, x| {
            let gate = with(net, "Add", x, 3.0);
            let gate = net.op("Relu", &[&gate], &[]);
            let gate = with(net, "Min", &gate, 6.0);
            let (sixth, gate) = (net.floats(&[1, 1, 1, 1], &[1.0 / 6.0]), gate);
            let scaled = net.op("Mul", &[&sixth, x], &[]);
            net.op("Mul", &[&scaled, &gate], &[])
        })
        .form("constants of any rank", 13, |net, x| {
            let three = net.floats(&[1, 1, 1, 1], &[3.0]);
            let shifted = net.op("Add", &[&three, x], &[]);
            let gate = clip(net, &shifted, 0.0, 6.0);
            let product = net.op("Mul", &[&gate, x], &[]);
            let six = net.floats(&[1], &[6.0]);
            net.op("Div", &[&product, &six], &[])
        });
    vec![forms.0]
}

fn hard_sigmoid() -> Vec<Family> {
    let forms = Forms::of("hard_sigmoid", "pointwise hard_sigmoid")
        .form("hard sigmoid", 9, |net, x| {
            net.op("HardSigmoid", &[x], &[("alpha", Attr::Float(1.0 / 6.0))])
        })
        .form("add, clip, div", 11, |net, x| {
            let x = shifted(net, x);
            with(net, "Div", &x, 6.0)
        })
        .form("clip, then a sixth", 11, |net, x| {
            let x = shifted(net, x);
            with(net, "Mul", &x, 1.0 / 6.0)
        });
    vec![forms.0]
}

/// Lines from 0 to 1 of another slope or start: both go into the convolution.
fn ramps() -> Vec<Family> {
    let slopes = Forms::of("hard_sigmoid of another slope", "pointwise hard_sigmoid")
        .form("the standard's default", 9, |net, x| {
            net.op("HardSigmoid", &[x], &[])
        })
        .form("as Paddle has it", 11, |net, x| {
            let slope = ("alpha", Attr::Float(0.2));
            net.op("HardSigmoid", &[x], &[slope, ("beta", Attr::Float(0.5))])
        })
        .form("clip of a product and a sum", 11, |net, x| {
            let x = with(net, "Mul", x, 0.2);
            let x = with(net, "Add", &x, 0.5);
            clip(net, &x, 0.0, 1.0)
        });
    let shifted = Forms::of("hard_sigmoid without its 3", "pointwise hard_sigmoid")
        .form("clip, then a sixth", 13, |net, x| {
            let x = clip(net, x, 0.0, 6.0);
            with(net, "Mul", &x, 1.0 / 6.0)
        })
        .form("between reshapes", 13, |net, x| {
            let flat = net.ints(&[4, 6]);
            let x = net.op("Reshape", &[x, &flat], &[]);
            let x = clip(net, &x, 0.0, 6.0);
            let x = with(net, "Div", &x, 6.0);
            let shape = net.ints(&[1, 4, 2, 3]);
            net.op("Reshape", &[&x, &shape], &[])
        });
    let beside = Forms::of(
        "a sixth of relu6 of what others read",
        "pointwise, activation relu6, depthwise, add",
    )
    .form("sum", 13, |net, x| {
        let y = clip(net, x, 0.0, 6.0);
        let y = with(net, "Mul", &y, 1.0 / 6.0);
        net.op("Add", &[x, &y], &[])
    });
    vec![slopes.0, shifted.0, beside.0]
}

/// What ONNX Runtime's optimiser writes in place of a layer and its activation.
fn fused_layers() -> Vec<Family> {
    let clip = || ("activation_params", Attr::Floats(&[0.0, 6.0]));
    let gate = || ("activation_params", Attr::Floats(&[1.0 / 6.0, 0.5]));
    vec![
        Family::new("fused relu", "pointwise relu").form("FusedConv", 13, &DIMS, |net, x| {
            fused_conv(net, x, &[("activation", Attr::Text("Relu"))])
        }),
        Family::new("fused relu6", "pointwise relu6").form("FusedConv", 10, &DIMS, |net, x| {
            fused_conv(net, x, &[("activation", Attr::Text("Clip")), clip()])
        }),
        Family::new("fused hard_sigmoid", "pointwise hard_sigmoid").form(
            "FusedConv",
            13,
            &DIMS,
            |net, x| fused_conv(net, x, &[("activation", Attr::Text("HardSigmoid")), gate()]),
        ),
        Family::new("fused sum", "pointwise relu, pointwise+skip relu").form(
            "FusedConv of two maps",
            13,
            &DIMS,
            |net, x| {
                let x = fused_conv(net, x, &[("activation", Attr::Text("Relu"))]);
                let (w, b) = (net.weight(13, &[4, 4, 1, 1]), net.weight(14, &[4]));
                let relu = ("activation", Attr::Text("Relu"));
                fused(net, "FusedConv", &[&x, &w, &b, &x], &[relu])
            },
        ),
        Family::new("fused linear layer", "linear relu").form(
            "FusedGemm",
            13,
            &[1, 3],
            |net, x| {
                let (w, b) = (net.weight(13, &[4, 3]), net.weight(14, &[4]));
                let relu = ("activation", Attr::Text("Relu"));
                fused(
                    net,
                    "FusedGemm",
                    &[x, &w, &b],
                    &[relu, ("transB", Attr::Int(1))],
                )
            },
        ),
        Family::new("fused swish", "pointwise swish").form("QuickGelu", 13, &DIMS, |net, x| {
            let x = conv(net, x);
            fused(net, "QuickGelu", &[&x], &[("alpha", Attr::Float(1.0))])
        }),
    ]
}

fn smooth() -> Vec<Family> {
    let sigmoid = Forms::of("sigmoid", "pointwise sigmoid")
        .form("sigmoid", 9, |net, x| net.op("Sigmoid", &[x], &[]));
    let swish = Forms::of("swish", "pointwise swish")
        .form("times sigmoid", 9, |net, x| {
            let gate = net.op("Sigmoid", &[x], &[]);
            net.op("Mul", &[x, &gate], &[])
        })
        .form("sigmoid first", 9, |net, x| {
            let gate = net.op("Sigmoid", &[x], &[]);
            net.op("Mul", &[&gate, x], &[])
        });
    vec![sigmoid.0, swish.0]
}

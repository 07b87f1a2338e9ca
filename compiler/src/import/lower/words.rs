//! Words for what cannot be lowered: the reason, the nearest layer there is, and what to do.
//!
//! In: nodes, errors of the builder. Out: text that continues a sentence whose subject is the node. Never: decides what
//! can be lowered.

use super::super::model::Node;
use crate::graph::Op;
use crate::graph::build::BuildError;

const CUT: &str =
    "cut the model in front of it (onnx.utils.extract_model) and do this step in your program";

/// Why there is no layer for an operator, and what to do; nothing for operators that there are layers for, in some form.
pub(super) fn unsupported(node: &Node) -> Option<(String, String)> {
    if !node.domain.is_empty() {
        return Some(foreign(node));
    }
    let (reason, help) = match node.op.as_str() {
        "LeakyRelu" | "PRelu" | "Elu" | "Selu" | "Celu" | "Gelu" | "Mish" | "Softplus"
        | "Softsign" | "Tanh" | "ThresholdedRelu" | "Erf" | "Sqrt" | "Exp" | "Log" | "Pow"
        | "Abs" | "Reciprocal" => (
            "is a function that no layer here applies",
            "the functions there are: relu, relu6, hard_swish, hard_sigmoid, sigmoid, swish; relu is the nearest for most",
        ),
        "LogSoftmax" | "Hardmax" => (
            "is no layer here; softmax is the nearest",
            "end the model with Softmax, or cut it in front of this node",
        ),
        "InstanceNormalization"
        | "LayerNormalization"
        | "GroupNormalization"
        | "LRN"
        | "LpNormalization"
        | "MeanVarianceNormalization" => (
            "normalises by statistics of each picture; batch norm, with fixed statistics, is the nearest",
            "train the network with batch norm",
        ),
        "Resize" | "Upsample" | "ConvTranspose" | "GridSample" | "DepthToSpace" => {
            ("makes a map larger, which no MobileNet layer does", CUT)
        }
        "SpaceToDepth" => (
            "rearranges pixels into channels, which no layer here does",
            CUT,
        ),
        "Concat" | "Split" | "GatherND" | "Expand" | "Tile" | "ScatterND" | "Where" => {
            return Some(apart());
        }
        "ArgMax" | "TopK" | "NonMaxSuppression" | "ArgMin" | "Greater" | "Less" | "Equal"
        | "Not" | "And" | "Or" => ("picks from results, which is no layer", CUT),
        "LSTM" | "GRU" | "RNN" | "Attention" | "Einsum" => {
            ("is no layer of a convolutional network", CUT)
        }
        "If" | "Loop" | "Scan" | "SequenceConstruct" => (
            "decides as it runs what is computed; networks here have one fixed order",
            "export the model for inference, or simplify it with onnxsim",
        ),
        "ReduceSum" | "ReduceL2" | "ReduceMin" | "ReduceProd" | "LpPool" | "GlobalLpPool" => (
            "reduces a map otherwise than by its mean; a global average pool is the nearest",
            "use a global average pool",
        ),
        _ => return None,
    };
    Some((reason.to_owned(), help.to_owned()))
}

/// Why a node that only trains is refused, and what to do; nothing for any other.
pub(super) fn training(node: &Node) -> Option<(String, String)> {
    let trains = node.int("training_mode").unwrap_or(0) != 0;
    let (per_element, help) = (
        node.int("spatial") == Some(0),
        "export the model in evaluation mode: model.eval() in PyTorch",
    );
    let refused = node.op == "BatchNormalization" && (trains || per_element);
    let reason = "normalises by statistics of the batch, as in training";
    refused.then(|| (reason.to_owned(), help.to_owned()))
}

/// Why pieces of maps are refused, and what to do.
pub(super) fn apart() -> (String, String) {
    let reason = "takes maps apart or joins them; adding maps of one shape is the nearest";
    let help = "MobileNets only add: cut the model in front of this node, or leave this branch out";
    (reason.to_owned(), help.to_owned())
}

/// Why a layer whose weight depends on the input is refused, and what to do; nothing for operators without weight.
pub(super) fn with_weight(node: &Node) -> Option<(String, String)> {
    let (reason, help) = match node.op.as_str() {
        "MatMul" | "Gemm" => (
            "multiplies two maps with one another, as attention does, which no layer here does",
            "a linear layer, whose weight is constant, is the nearest: use a network without attention",
        ),
        "Conv" => (
            "computes its weight as it runs",
            "a layer's weight must be constant: export the model for inference, with fixed sizes",
        ),
        _ => return None,
    };
    Some((reason.to_owned(), help.to_owned()))
}

fn foreign(node: &Node) -> (String, String) {
    let domain = &node.domain;
    let help = if domain.starts_with("com.microsoft") {
        "give the model as it was before ONNX Runtime optimised it"
    } else {
        "export the model with standard operators alone"
    };
    (
        format!("is an operator of `{domain}`, not of the standard"),
        help.to_owned(),
    )
}

/// Why an operator that nobody here knows is refused.
pub(super) fn unknown(node: &Node) -> (String, String) {
    let reason = format!("is no layer of a MobileNet: no `{}` is compiled", node.op);
    (reason, CUT.to_owned())
}

/// Why an operator that the passes left over has no kernel, and what to do.
pub(in super::super) fn without_kernel(op: &Op) -> (&'static str, &'static str) {
    match op {
        Op::Scale => (
            "scales channels by gates that are no squeeze-and-excite: a global average pool of the same map, two layers, a gate",
            "the nearest is a squeeze-and-excite behind the same map, as MobileNetV3 has it",
        ),
        Op::Pad(_) => (
            "adds zeros that no convolution reads at once",
            "pad in front of a convolution alone; pools count no padding",
        ),
        Op::BatchNorm(_) => (
            "normalises what no convolution makes",
            "put batch norms right behind convolutions",
        ),
        Op::Conv(_)
        | Op::Linear(_)
        | Op::Activation(_)
        | Op::Add(_)
        | Op::GlobalAveragePool
        | Op::AveragePool(_)
        | Op::MaxPool(_)
        | Op::Flatten
        | Op::Softmax
        | Op::SqueezeExcite(_) => (
            "has no kernel",
            "this is a mistake of mnetc: please report it",
        ),
    }
}

/// What is impossible about a layer.
pub(super) fn built(error: &BuildError) -> String {
    match error {
        BuildError::WindowDoesNotFit { window, input } => {
            format!("has a window ({window}) larger than its input with padding, {input}")
        }
        BuildError::PoolsPadding { window, input } => {
            format!("pools padding alone somewhere: its window is {window}, its input {input}")
        }
        BuildError::ShapesDiffer { left, right } => {
            format!("needs maps of one shape: one is {left}, the other {right}")
        }
        BuildError::NoChannels => "makes no channels".to_owned(),
        BuildError::Groups {
            groups,
            input,
            output,
        } => format!(
            "has {groups} groups, which do not divide its channels, {input} in and {output} out"
        ),
        BuildError::TooLarge { elements } => match elements {
            Some(n) => format!("would make {n} elements, which is too large"),
            None => "would make more elements than can be counted".to_owned(),
        },
        BuildError::EmptyMap(shape) => format!("has an empty map, {shape}"),
        BuildError::EmptyWindow(window) => format!("has a window of nothing ({window})"),
    }
}

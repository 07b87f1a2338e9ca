//! Prints a [`Graph`] as text, one node a line, for `mnetc dump`, goldens and bug reports.
//!
//! In: a graph, sound or not. Out: text that is the same for the same graph. Never: fails.
//!
//! ```text
//! graph v2: 224x224x3 f32
//!   %1 = conv %0, "stem" k3 s2 p1 +norm(1e-5) relu6 -> 112x112x32
//!   output logits = %9
//! ```

use super::{Activation, BatchNorm, Conv, Excite, Graph, Node, Op, ValueId};
use std::fmt::Write;

/// The whole graph.
pub fn print(graph: &Graph) -> String {
    let mut text = format!(
        "graph {}: {} {}\n",
        graph.name,
        graph.input.shape,
        graph.input.element.name()
    );
    if !graph.input.normalise.is_empty() {
        let maps: Vec<_> = graph
            .input
            .normalise
            .iter()
            .map(|p| format!("x*{}+{}", p.scale, p.shift))
            .collect();
        let _ = writeln!(text, "  normalise {}", maps.join(", "));
    }
    for line in graph.nodes().iter().map(|n| node(graph, n)) {
        let _ = writeln!(text, "  {line}");
    }
    for output in &graph.outputs {
        let _ = writeln!(text, "  output {} = {}", output.name, value(output.value));
    }
    text
}

/// One node: what it makes, from what, into which shape.
pub fn node(graph: &Graph, node: &Node) -> String {
    let inputs: Vec<_> = node.inputs.iter().map(|v| value(*v)).collect();
    let (made, inputs, shape) = (
        value(node.output),
        inputs.join(", "),
        graph.shape(node.output),
    );
    let (name, details) = operator(graph, node);
    format!("{made} = {name} {inputs}{details} -> {shape}")
}

fn value(id: ValueId) -> String {
    format!("%{}", id.index())
}

fn operator(graph: &Graph, node: &Node) -> (&'static str, String) {
    match &node.op {
        Op::Conv(conv) => conv_text(graph, node, conv),
        Op::Linear(l) => (
            "linear",
            format!(
                ", \"{}\"{}{}",
                l.params,
                bias(l.bias),
                activation(l.activation)
            ),
        ),
        Op::BatchNorm(n) => (
            "batch_norm",
            format!(", \"{}\" epsilon {}", n.params, n.epsilon),
        ),
        Op::Activation(a) => ("activation", activation(*a)),
        Op::Add(a) => ("add", activation(*a)),
        Op::Scale => ("scale", String::new()),
        Op::GlobalAveragePool => ("global_average_pool", String::new()),
        Op::AveragePool(w) => ("average_pool", format!(" {w}")),
        Op::MaxPool(w) => ("max_pool", format!(" {w}")),
        Op::Pad(p) => ("pad", format!(" {:?}", p.to_array())),
        Op::Flatten => ("flatten", String::new()),
        Op::Softmax => ("softmax", String::new()),
        Op::SqueezeExcite(se) => {
            let (reduce, expand) = (excite(&se.reduce), excite(&se.expand));
            (
                "squeeze_excite",
                format!(", {reduce}, {expand}{}", activation(se.activation)),
            )
        }
    }
}

fn conv_text(graph: &Graph, node: &Node, conv: &Conv) -> (&'static str, String) {
    let input = graph.input_shape(node);
    let name = match (conv.is_depthwise(input), conv.is_pointwise()) {
        (true, _) => "depthwise",
        (false, true) => "pointwise",
        (false, false) => "conv",
    };
    let groups = match conv.groups {
        1 => String::new(),
        _ if conv.is_depthwise(input) => String::new(),
        groups => format!(" g{groups}"),
    };
    let norm = conv
        .norm
        .as_ref()
        .map_or(String::new(), |BatchNorm { epsilon, .. }| {
            format!(" +norm({epsilon})")
        });
    let skip = if node.inputs.len() > 1 { " +skip" } else { "" };
    let (params, window, bias, act) = (
        &conv.params,
        conv.window,
        bias(conv.bias),
        activation(conv.activation),
    );
    (
        name,
        format!(", \"{params}\" {window}{groups}{bias}{norm}{skip}{act}"),
    )
}

fn excite(e: &Excite) -> String {
    format!(
        "\"{}\" {}{}{}",
        e.params,
        e.channels,
        bias(e.bias),
        activation(e.activation)
    )
}

fn bias(bias: bool) -> &'static str {
    if bias { " +bias" } else { "" }
}

fn activation(activation: Activation) -> String {
    match activation {
        Activation::Identity => String::new(),
        other => format!(" {}", other.name()),
    }
}

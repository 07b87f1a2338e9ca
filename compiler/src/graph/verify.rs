//! What holds for every graph, checked after every pass.
//!
//! In: a [`Graph`]. Out: nothing, or the broken invariants in words. A broken invariant is a bug of the compiler, never
//! of its user.
//!
//! - G1: each value has at most one producer, and the input has none
//! - G2: a node's inputs precede it
//! - G3: an operator has as many inputs as it takes
//! - G4: the output's shape is what the operator makes of its inputs' shapes
//! - G5: operands that must have one shape have one
//! - G6: every output of the network is made
//! - G7: parameters are named, and no two nodes share a name

use super::{Excite, Graph, Node, Op, ValueId, build, text};
use crate::shape::Shape;
use std::collections::BTreeSet;

/// The invariants `graph` breaks, each with the node at fault.
pub fn faults(graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    let mut made = BTreeSet::from([Graph::INPUT]);
    let mut names = BTreeSet::new();
    for node in graph.nodes() {
        let broken = broken_by(graph, node, &made, &mut names);
        faults.extend(
            broken
                .into_iter()
                .map(|b| format!("{b}: {}", text::node(graph, node))),
        );
        if !made.insert(node.output) {
            faults.push(format!("G1: made twice: {}", text::node(graph, node)));
        }
    }
    let missing = graph.outputs.iter().filter(|o| !made.contains(&o.value));
    faults.extend(missing.map(|o| format!("G6: output `{}` is never made", o.name)));
    if graph.outputs.is_empty() {
        faults.push("G6: the network gives nothing out".into());
    }
    faults
}

/// Panics when `graph` breaks an invariant, saying after which stage and printing the graph.
pub fn check(graph: &Graph, stage: &str) {
    let faults = faults(graph);
    assert!(
        faults.is_empty(),
        "bug in mnetc: after {stage} the graph breaks\n  {}\n{}",
        faults.join("\n  "),
        text::print(graph)
    );
}

fn broken_by(
    graph: &Graph,
    node: &Node,
    made: &BTreeSet<ValueId>,
    names: &mut BTreeSet<String>,
) -> Vec<&'static str> {
    let mut broken = Vec::new();
    if !node.inputs.iter().all(|v| made.contains(v)) {
        broken.push("G2: reads what is not made yet");
    }
    if !takes(&node.op, node.inputs.len()) {
        broken.push("G3: wrong number of inputs");
        return broken;
    }
    let shapes: Vec<Shape> = node.inputs.iter().map(|v| graph.shape(*v)).collect();
    let output = graph.shape(node.output);
    if build::output_shape(&node.op, &shapes) != Ok(output) {
        broken.push("G4: the output has another shape");
    }
    if !operands_agree(&node.op, &shapes, output) {
        broken.push("G5: operands have different shapes");
    }
    for name in params(&node.op) {
        if name.is_empty() || !names.insert(name.to_owned()) {
            broken.push("G7: parameters without a name of their own");
        }
    }
    broken
}

fn takes(op: &Op, inputs: usize) -> bool {
    match op {
        Op::Conv(_) => inputs == 1 || inputs == 2,
        Op::Add(_) | Op::Scale => inputs == 2,
        Op::Linear(_)
        | Op::BatchNorm(_)
        | Op::Activation(_)
        | Op::GlobalAveragePool
        | Op::AveragePool(_)
        | Op::MaxPool(_)
        | Op::Pad(_)
        | Op::Flatten
        | Op::Softmax
        | Op::SqueezeExcite(_) => inputs == 1,
    }
}

fn operands_agree(op: &Op, inputs: &[Shape], output: Shape) -> bool {
    match op {
        Op::Conv(_) => inputs.get(1).is_none_or(|skip| *skip == output),
        Op::Add(_) => inputs[0] == inputs[1],
        Op::Scale => inputs[1] == Shape::vector(inputs[0].c),
        Op::SqueezeExcite(se) => se.expand.channels == inputs[0].c,
        Op::Linear(_)
        | Op::BatchNorm(_)
        | Op::Activation(_)
        | Op::GlobalAveragePool
        | Op::AveragePool(_)
        | Op::MaxPool(_)
        | Op::Pad(_)
        | Op::Flatten
        | Op::Softmax => true,
    }
}

fn params(op: &Op) -> Vec<&str> {
    match op {
        Op::Conv(conv) => {
            let norm = conv.norm.iter().map(|n| n.params.as_str());
            std::iter::once(conv.params.as_str()).chain(norm).collect()
        }
        Op::Linear(linear) => vec![&linear.params],
        Op::BatchNorm(norm) => vec![&norm.params],
        Op::SqueezeExcite(se) => [&se.reduce, &se.expand]
            .map(|e: &Excite| e.params.as_str())
            .to_vec(),
        Op::Activation(_)
        | Op::Add(_)
        | Op::Scale
        | Op::GlobalAveragePool
        | Op::AveragePool(_)
        | Op::MaxPool(_)
        | Op::Pad(_)
        | Op::Flatten
        | Op::Softmax => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Activation, Conv, Input, Linear, NodeId, Origin, build::Builder};
    use crate::shape::{Element, Padding, Window};

    fn origin(name: &str) -> Origin {
        Origin {
            name: name.into(),
            role: String::new(),
            row: None,
        }
    }

    /// conv -> relu -> add with itself -> linear; sound.
    fn sound() -> Graph {
        let input = Input {
            shape: Shape::new(8, 8, 3),
            element: Element::F32,
            normalise: vec![],
        };
        let mut b = Builder::new("net", input).unwrap();
        let window = Window::square(3, 1, 1, Padding::all(1));
        let x = b
            .conv(
                b.input(),
                Conv::new(window, 1, 4, true, "stem"),
                origin("stem"),
            )
            .unwrap();
        let x = b.activation(x, Activation::Relu, origin("relu"));
        let x = b.add(x, x, origin("add")).unwrap();
        let head = Linear {
            channels: 2,
            bias: true,
            activation: Activation::Identity,
            params: "head".into(),
        };
        let x = b.linear(x, head, origin("head")).unwrap();
        b.output("logits", x);
        b.finish()
    }

    fn codes(graph: &Graph) -> Vec<String> {
        let mut codes: Vec<_> = faults(graph).iter().map(|f| f[..2].to_owned()).collect();
        codes.dedup();
        codes
    }

    #[test]
    fn a_sound_graph_has_no_fault() {
        assert_eq!(faults(&sound()), Vec::<String>::new());
    }

    #[test]
    fn each_invariant_is_found_when_it_alone_is_broken() {
        let broken = |breaking: &dyn Fn(&mut Graph)| {
            let mut graph = sound();
            breaking(&mut graph);
            codes(&graph)
        };
        assert_eq!(
            broken(&|g| {
                let again = g.nodes[1].clone();
                g.nodes.insert(2, again);
            }),
            ["G1"]
        );
        assert_eq!(broken(&|g| g.nodes.swap(1, 2)), ["G2"]);
        assert_eq!(broken(&|g| g.nodes[1].inputs.push(Graph::INPUT)), ["G3"]);
        assert_eq!(broken(&|g| g.values[4].shape.c = 3), ["G4"]);
        assert_eq!(broken(&|g| g.nodes[2].inputs[1] = Graph::INPUT), ["G5"]);
        assert_eq!(broken(&|g| g.retain(|id| id != NodeId(3))), ["G6"]);
        assert_eq!(broken(&|g| g.outputs.clear()), ["G6"]);
        assert_eq!(
            broken(&|g| {
                if let Op::Linear(linear) = &mut g.nodes[3].op {
                    linear.params = "stem".into();
                }
            }),
            ["G7"]
        );
    }

    #[test]
    #[should_panic(expected = "bug in mnetc: after the test the graph breaks")]
    fn check_panics_with_the_stage() {
        let mut graph = sound();
        graph.nodes.swap(1, 2);
        check(&graph, "the test");
    }
}

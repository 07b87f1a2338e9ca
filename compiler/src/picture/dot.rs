//! Writes DOT, the language of graphviz.
//!
//! In: a plan. Out: a node per step, a cluster per block of a table, an edge per map that is read. Never: lays anything
//! out; that is graphviz's work.

use super::blocks::{self, Block, Kind};
use super::flow::{self, Edge};
use crate::emit::describe;
use crate::graph::Activation;
use crate::plan::{Plan, Step, Storage};

/// Defaults of the graph, its nodes and its edges.
const HEAD: &str = "  rankdir=TB; nodesep=0.3; ranksep=0.3; fontname=\"Helvetica\"; fontsize=11;
  node [shape=box, style=\"rounded,filled\", color=\"#59636e\", fillcolor=\"#ffffff\", fontname=\"Helvetica\", fontsize=10];
  edge [color=\"#59636e\", fontname=\"Helvetica\", fontsize=9];
";

pub(super) fn text(plan: &Plan) -> String {
    let blocks = blocks::of(plan);
    let parts = [
        format!("digraph {} {{\n", quoted(&plan.name)),
        HEAD.to_owned(),
        input(plan),
        blocks.iter().map(|b| block(plan, b)).collect(),
        (0..plan.outputs.len()).map(|o| output(plan, o)).collect(),
        flow::edges(plan).iter().map(|e| edge(plan, e)).collect(),
        "}\n".to_owned(),
    ];
    parts.concat()
}

fn input(plan: &Plan) -> String {
    let (shape, element) = (plan.input.shape, plan.input.element.name());
    let label = quoted(&format!("input\n{shape} {element}"));
    format!("  input [label={label}, shape=ellipse];\n")
}

/// An output's ellipse, and the edge from the step that makes it.
fn output(plan: &Plan, number: usize) -> String {
    let output = &plan.outputs[number];
    let label = quoted(&format!("{}\n{}", output.name, output.shape));
    let node = format!("  output{number} [label={label}, shape=ellipse];\n");
    let makes = |s: &Step| plan.map(s.output).storage == Storage::Output(number);
    let maker = plan.steps.iter().position(makes);
    let edge = maker.map(|step| format!("  step{step} -> output{number};\n"));
    node + &edge.unwrap_or_default()
}

/// The nodes of a block; round those of a row, a box with the row's text.
fn block(plan: &Plan, block: &Block) -> String {
    let row = plan.steps[block.steps.start].origin.row.as_ref();
    let nodes = |indent: &str| -> String {
        let layers = block.steps.clone().zip(&block.layers);
        layers
            .map(|(step, layer)| format!("{indent}{}", node(plan, step, layer.kind)))
            .collect()
    };
    let Some(row) = row else {
        return nodes("  ");
    };
    let (start, number) = (block.steps.start, &block.number);
    let label = quoted(&format!("row {number}: {} ({})", row.table, row.text));
    format!(
        "  subgraph cluster_step{start} {{\n    label={label}; labeljust=l; style=rounded; color=\"#d1d9e0\";\n{}  }}\n",
        nodes("    ")
    )
}

fn node(plan: &Plan, index: usize, kind: Kind) -> String {
    let step = &plan.steps[index];
    let (operator, shape) = (describe::operator(step), plan.map(step.output).shape);
    let activation = match step.activation {
        Activation::Identity => String::new(),
        activation => format!(", {}", activation.name()),
    };
    let label = quoted(&format!(
        "{}\n{operator}{activation}\n{shape}",
        step.origin.name
    ));
    let colour = colour(kind);
    format!("step{index} [label={label}, fillcolor=\"{colour}\"];\n")
}

/// The colours of the SVG on light pages.
const fn colour(kind: Kind) -> &'static str {
    match kind {
        Kind::Expansion => "#9fcdf0",
        Kind::Depthwise => "#f9c88a",
        Kind::SqueezeExcite => "#f0a9c4",
        Kind::Projection => "#a5d8b4",
        Kind::Convolution | Kind::Linear => "#c6b8ee",
        Kind::Plain => "#d5dae0",
    }
}

/// An edge with the shape that flows; a skip is bold and does not pull its ends together.
fn edge(plan: &Plan, edge: &Edge) -> String {
    let to = edge.to;
    let (from, shape) = match edge.from {
        Some(step) => {
            let made = plan.map(plan.steps[step].output).shape;
            (format!("step{step}"), made)
        }
        None => ("input".to_owned(), plan.input.shape),
    };
    let skip = if edge.is_skip {
        ", style=bold, color=\"#c2407a\", constraint=false"
    } else {
        ""
    };
    let sign = if edge.is_skip { "+ " } else { "" };
    format!("  {from} -> step{to} [label=\"{sign}{shape}\"{skip}];\n")
}

/// A quoted string of DOT. A backslash would start one of graphviz's escapes, so it is doubled.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n").replace('\r', " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    #[test]
    fn names_are_quoted() {
        assert_eq!(quoted("a \"b\"\\\n/c"), r#""a \"b\"\\\n/c""#);
    }

    #[test]
    fn the_sample_as_a_graph() {
        sample::assert_is_file(&text(&sample::plan()), "picture/sample.dot");
    }
}

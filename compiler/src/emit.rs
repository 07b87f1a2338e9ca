//! Writes a plan as one Rust source file.
//!
//! In: a [`Plan`] and where its weights are. Out: the text of a module. Nothing can fail here: whatever a user can get
//! wrong was reported before. Never: decides anything; every choice is in the plan.
//!
//! [`model`] makes the file's sections of the steps that [`step`] writes, with the words of [`describe`] and the
//! identifiers of [`names`]; [`print`] turns tokens into text.

mod blocks;
mod constants;
pub mod describe;
mod head;
mod model;
pub mod names;
mod print;
mod step;

use crate::plan::Plan;

/// Where generated code finds its weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Embed<'a> {
    /// Nowhere: only `from_bytes` is written.
    No,
    /// In a file of this name, next to the source.
    File(&'a str),
}

/// What the header of the file says about where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance<'a> {
    /// The file name of the spec or model, without its folder.
    pub source: &'a str,
    /// Words about the weights: `seed:7`, `v2.safetensors`, or nothing.
    pub weights: Option<&'a str>,
}

/// The source text of `plan`.
pub fn source(plan: &Plan, provenance: Provenance<'_>, embed: Embed<'_>) -> String {
    print::module(&model::module(plan, provenance, embed))
}

/// A file in the making: a head of comment lines, then sections with a blank line between them.
struct Module {
    head: Vec<String>,
    sections: Vec<proc_macro2::TokenStream>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::build::Builder;
    use crate::graph::{Activation, BatchNorm, Conv, Input, Linear, Origin, Row, ValueId};
    use crate::shape::{Element, Padding, Shape, Window};

    fn origin(name: &str, role: &str, row: Option<Row>) -> Origin {
        Origin {
            name: name.into(),
            role: role.into(),
            row,
        }
    }

    fn layer(
        b: &mut Builder,
        x: ValueId,
        name: &str,
        role: &str,
        window: Window,
        groups: usize,
        c: usize,
        act: Activation,
        row: Option<Row>,
    ) -> ValueId {
        let o = origin(name, role, row);
        let x = b
            .conv(x, Conv::new(window, groups, c, false, name), o.clone())
            .unwrap();
        let norm = BatchNorm {
            epsilon: 1e-5,
            params: format!("{name}.bn"),
        };
        let x = b.batch_norm(x, norm, o.clone());
        b.activation(x, act, o)
    }

    #[test]
    fn show() {
        let input = Input {
            shape: Shape::new(32, 32, 3),
            element: Element::F32,
            normalise: vec![],
        };
        let mut b = Builder::new("tiny", input).unwrap();
        let row = Some(Row {
            number: 1,
            repeat: 1,
            repeats: 1,
            table: "bneck".into(),
            text: "k 3, exp 32, c 16".into(),
        });
        let x = layer(
            &mut b,
            ValueId(0),
            "stem",
            "convolution",
            Window::square(3, 2, 1, Padding::all(1)),
            1,
            16,
            Activation::Relu6,
            None,
        );
        let y = layer(
            &mut b,
            x,
            "row1.1.expand",
            "expansion",
            Window::POINTWISE,
            1,
            32,
            Activation::HardSwish,
            row.clone(),
        );
        let y = layer(
            &mut b,
            y,
            "row1.1.depthwise",
            "depthwise",
            Window::square(3, 1, 1, Padding::all(1)),
            32,
            32,
            Activation::HardSwish,
            row.clone(),
        );
        let o = origin("row1.1.se", "squeeze-and-excite", row.clone());
        let g = b.global_average_pool(y, o.clone());
        let g = b
            .conv(
                g,
                Conv::new(Window::POINTWISE, 1, 8, true, "row1.1.se.reduce"),
                o.clone(),
            )
            .unwrap();
        let g = b.activation(g, Activation::Relu, o.clone());
        let g = b
            .conv(
                g,
                Conv::new(Window::POINTWISE, 1, 32, true, "row1.1.se.expand"),
                o.clone(),
            )
            .unwrap();
        let g = b.activation(g, Activation::HardSigmoid, o.clone());
        let y = b.scale(y, g, o).unwrap();
        let y = layer(
            &mut b,
            y,
            "row1.1.project",
            "projection",
            Window::POINTWISE,
            1,
            16,
            Activation::Linear,
            row.clone(),
        );
        let x = b.add(x, y, origin("row1.1.add", "residual", row)).unwrap();
        let x = b.global_average_pool(x, origin("pool", "pool", None));
        let x = b
            .linear(
                x,
                Linear {
                    channels: 10,
                    bias: true,
                    activation: Activation::Linear,
                    params: "linear1".into(),
                },
                origin("linear1", "linear", None),
            )
            .unwrap();
        b.output("logits", x);
        let mut g = b.finish();
        println!("{}", crate::graph::text::print(&g));
        crate::passes::run(&mut g);
        println!("{}", crate::graph::text::print(&g));
        let plan = crate::plan::lower(&g);
        println!(
            "{}\n{}",
            crate::plan::text::steps(&plan),
            crate::plan::text::memory(&plan)
        );
        println!(
            "{}",
            source(
                &plan,
                Provenance {
                    source: "tiny.yaml",
                    weights: None
                },
                Embed::File("tiny.weights")
            )
        );
    }
}

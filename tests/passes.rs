//! What does each pass do to the graph? Before and after, as text.
//!
//! `cases/passes/PASS.yaml` is a network that the pass changes; padding, which no spec leaves unfolded, is built by hand.

use insta::assert_snapshot;
use mnetc::diag::{Sources, Style, render};
use mnetc::graph::build::Builder;
use mnetc::graph::{Activation, Conv, Graph, Input, Origin, text};
use mnetc::passes::{PASSES, run_until};
use mnetc::shape::{Element, Padding, Shape, Window};
use mnetc_tests::root;

fn graph(pass: &str) -> Graph {
    let path = root().join(format!("tests/cases/passes/{pass}.yaml"));
    let spec = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut sources = Sources::new();
    let id = sources.add(format!("{pass}.yaml"), spec);
    let graph = mnetc::pipeline::graph(&mut sources, id, &[]);
    graph.unwrap_or_else(|diags| panic!("{}", render(&diags, &sources, Style::Plain)))
}

/// The graph before and after `pass`, all earlier passes having run.
fn before_and_after(mut graph: Graph, pass: &str) -> String {
    let place = PASSES
        .iter()
        .position(|p| p.name == pass)
        .expect("a pass of this name");
    if place > 0 {
        run_until(&mut graph, PASSES[place - 1].name);
    }
    let before = text::print(&graph);
    run_until(&mut graph, pass);
    let after = text::print(&graph);
    assert_ne!(before, after, "{pass} changes something");
    format!("before\n{before}\nafter {pass}\n{after}")
}

fn padded() -> Graph {
    let origin = |name: &str| Origin {
        name: name.into(),
        role: "padding".into(),
        row: None,
    };
    let input = Input {
        shape: Shape::new(9, 9, 3),
        element: Element::F32,
        normalise: vec![],
    };
    let mut b = Builder::new("fold_padding", input).expect("an input");
    let below_right = Padding {
        top: 0,
        left: 0,
        bottom: 1,
        right: 1,
    };
    let padded = b
        .pad(b.input(), below_right, origin("pad"))
        .expect("it fits");
    let window = Window::square(3, 2, 1, Padding::all(1));
    let stem = Conv::new(window, 1, 4, true, "stem");
    let x = b.conv(padded, stem, origin("stem")).expect("it fits");
    let x = b.activation(x, Activation::Relu, origin("relu"));
    // Zeros before a pool count, padding of a pool does not: this one stays.
    let padded = b.pad(x, below_right, origin("pad2")).expect("it fits");
    let pool = Window::square(2, 2, 1, Padding::NONE);
    let x = b
        .average_pool(padded, pool, origin("pool"))
        .expect("it fits");
    b.output("output", x);
    b.finish()
}

macro_rules! pass {
    ($($name:ident),*) => {
        $(#[test]
        fn $name() {
            assert_snapshot!(before_and_after(graph(stringify!($name)), stringify!($name)));
        })*
    };
}

pass!(
    fold_flatten,
    fold_batch_norm,
    fuse_squeeze_excite,
    fuse_residual,
    fuse_activation
);

#[test]
fn fold_padding() {
    assert_snapshot!(before_and_after(padded(), "fold_padding"));
}

#[test]
fn remove_dead() {
    // No spec has nodes that nothing reads, so the graph is dead in part from the start.
    let origin = Origin {
        name: "unread".into(),
        role: "activation".into(),
        row: None,
    };
    let input = Input {
        shape: Shape::new(2, 2, 1),
        element: Element::F32,
        normalise: vec![],
    };
    let mut b = Builder::new("remove_dead", input).expect("an input");
    let pooled = b.global_average_pool(b.input(), origin.clone());
    b.softmax(pooled, origin.clone());
    let x = b.activation(b.input(), Activation::Relu, origin);
    b.output("output", x);
    let mut graph = b.finish();
    let before = text::print(&graph);
    run_until(&mut graph, "remove_dead");
    assert_snapshot!(format!(
        "before\n{before}\nafter remove_dead\n{}",
        text::print(&graph)
    ));
}

#[test]
fn every_pass_has_a_test() {
    let source = include_str!("passes.rs");
    let untested: Vec<_> = PASSES
        .iter()
        .filter(|p| !source.contains(p.name))
        .map(|p| p.name)
        .collect();
    assert_eq!(untested, Vec::<&str>::new());
}

//! What does generated code look like? Small networks, in full.

use insta::assert_snapshot;
use mnetc::plan::{Optimize, Strategy};
use mnetc::{Options, Weights};
use mnetc_tests::root;

fn source(case: &str, options: &Options) -> String {
    let path = root().join(format!("tests/cases/emit/{case}.yaml"));
    let spec = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let compiled = mnetc::compile(&format!("{case}.yaml"), &spec, options);
    compiled
        .unwrap_or_else(|failure| panic!("{failure}"))
        .source
}

macro_rules! case {
    ($($name:ident),*) => {
        $(#[test]
        fn $name() {
            assert_snapshot!(source(stringify!($name), &Options::default()));
        })*
    };
}

case!(
    separable,
    inverted_residual,
    bneck,
    taps,
    camera,
    plain_layers
);

#[test]
fn threads() {
    let options = Options {
        threads: 4,
        ..Default::default()
    };
    let (one, four) = (
        source("separable", &Options::default()),
        source("separable", &options),
    );
    let added = four.lines().filter(|line| !one.contains(line));
    assert_snapshot!(added.collect::<Vec<_>>().join("\n"));
}

#[test]
fn strips() {
    let options = Options {
        strategy: Strategy {
            optimize: Optimize::Ram,
            ..Strategy::default()
        },
        ..Default::default()
    };
    assert_snapshot!(source("inverted_residual", &options));
}

#[test]
fn embedded_weights() {
    let weights = Weights::Seed(1);
    let options = Options {
        weights,
        embed: Some("separable.weights".into()),
        ..Default::default()
    };
    assert_snapshot!(source("separable", &options));
}

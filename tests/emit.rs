//! What does generated code look like? Small networks, in full.

use insta::assert_snapshot;
use mnetc::plan::{Optimize, Precision, Strategy, Target};
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

/// What differs from code in f32.
#[test]
fn precision() {
    let path = root().join("tests/cases/odd/squeezes.yaml");
    let spec = std::fs::read_to_string(path).expect("it is there");
    let [plain, split] = Precision::ALL.map(|precision| {
        let options = Options {
            strategy: Strategy {
                precision,
                ..Strategy::default()
            },
            ..Default::default()
        };
        let compiled = mnetc::compile("squeezes.yaml", &spec, &options);
        compiled
            .unwrap_or_else(|failure| panic!("{failure}"))
            .source
    });
    let added = split.lines().filter(|line| !plain.contains(line));
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

/// What differs from code for any machine.
#[test]
fn targets() {
    let any = source("inverted_residual", &Options::default());
    let mut text = String::new();
    for target in Target::ALL {
        let options = Options {
            strategy: Strategy {
                target,
                ..Strategy::default()
            },
            ..Default::default()
        };
        let source = source("inverted_residual", &options);
        let added = source.lines().filter(|line| !any.contains(line));
        let lines: Vec<_> = added.collect();
        text += &format!("== {target}\n{}\n", lines.join("\n"));
    }
    assert_snapshot!(text);
}

#[test]
fn what_a_target_can_never_use_is_refused() {
    for (target, threads, precision, said) in [
        (
            Target::CortexM,
            2,
            Precision::F32,
            "error[R002]: cortex-m has one thread, so no inference is shared among 2",
        ),
        (
            Target::Wasm,
            4,
            Precision::F32,
            "error[R002]: wasm has one thread, so no inference is shared among 4",
        ),
        (
            Target::Aarch64,
            1,
            Precision::Bf16x3,
            "error[R002]: aarch64 has no AMX, which bf16x3 is for",
        ),
    ] {
        let options = Options {
            threads,
            strategy: Strategy {
                precision,
                ..target.strategy()
            },
            ..Default::default()
        };
        let failure = mnetc::compile("x.yaml", "", &options).expect_err("it is refused");
        let failure = failure.to_string();
        assert_eq!(failure.lines().next(), Some(said));
    }
}

#[test]
fn one_blob_serves_every_target() {
    let path = root().join("arch-specs/v1_025_96.yaml");
    let spec = std::fs::read_to_string(path).expect("it is there");
    let blobs = Target::ALL.map(|target| {
        let options = Options {
            weights: Weights::Seed(1),
            strategy: target.strategy(),
            ..Default::default()
        };
        let compiled = mnetc::compile("v1.yaml", &spec, &options);
        let compiled = compiled.unwrap_or_else(|failure| panic!("{failure}"));
        (compiled.blob, compiled.plan.memory.bytes)
    });
    let any = &blobs[0];
    assert!(
        blobs
            .iter()
            .all(|(blob, _)| *blob == any.0 && blob.is_some())
    );
    // A Cortex-M has less memory than time.
    assert!(
        blobs[4].1 < any.1 / 2,
        "{} bytes instead of {}",
        blobs[4].1,
        any.1
    );
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

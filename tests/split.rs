//! Networks whose layers multiply halves, and weights of 24 bits: are they as near the plain ones as they are to be, on matrix
//! tiles and without; and the same bits at any time, on any number of threads?

use mnetc::plan::{Kernel, Plan, Precision, Squeeze, Step, Strategy};
use mnetc::{Compiled, Options};
use mnetc_runtime::{AnyLevel, Pool};
use mnetc_tests::{Case, Run, Tensor, cases, root, zoo};

/// What outputs may be off by, as a part of the largest.
const TOLERANCE: f32 = 5e-5;

/// This CPU's levels, AMX among them.
fn levels() -> Vec<AnyLevel> {
    AnyLevel::available().chain(AnyLevel::amx()).collect()
}

/// The same network without halves.
fn plain(case: &Case) -> Case {
    let name = case.name.trim_end_matches("_split");
    let mut cases = cases::goldens().into_iter().chain(cases::odd());
    cases.find(|c| c.name == name).expect("it is among them")
}

fn error(got: &Tensor, expected: &Tensor) -> f32 {
    let largest = expected.data.iter().fold(0.0, |a: f32, x| a.max(x.abs()));
    let pairs = got.data.iter().zip(&expected.data);
    pairs.fold(0.0, |a: f32, (x, y)| a.max((x - y).abs())) / largest
}

fn bits(run: &Run) -> Vec<u32> {
    let tensors = run.steps.iter().chain(&run.outputs);
    tensors
        .flat_map(|t| t.data.iter().map(|x| x.to_bits()))
        .collect()
}

#[test]
fn outputs_are_near_those_of_plain_floats() {
    for case in cases::split() {
        assert_eq!(case.precision, Precision::Bf16x3, "{}", case.name);
        let (blob, input) = (case.blob(5), case.seeded_input(5));
        let plain = plain(&case);
        let expected = (plain.run)(AnyLevel::detect(), &plain.blob(5), &input);
        for level in levels() {
            let got = (case.run)(level, &blob, &input);
            for (got, expected) in got.outputs.iter().zip(&expected.outputs) {
                let error = error(got, expected);
                // None at all would mean that nothing was split or cut.
                assert!(
                    error > 0.0 && error < TOLERANCE,
                    "{} on {}: {} is off by {error}",
                    case.name,
                    level.name(),
                    got.name
                );
            }
        }
    }
}

#[test]
fn results_are_the_same_bits_again_and_on_any_number_of_threads() {
    let pools = [2, 3, 7].map(|n| Pool::new(n).expect("threads can be started"));
    for case in cases::split() {
        let (blob, input) = (case.blob(5), case.seeded_input(5));
        for level in levels() {
            let alone = bits(&(case.run)(level, &blob, &input));
            let (name, on) = (case.name, level.name());
            assert!(
                bits(&(case.run)(level, &blob, &input)) == alone,
                "{name} on {on}, again"
            );
            for pool in &pools {
                let shared = bits(&(case.run_with)(pool, level, &blob, &input));
                assert!(
                    shared == alone,
                    "{name} on {on}, {} threads",
                    pool.threads()
                );
            }
        }
    }
}

fn compiled(spec: &str, precision: Precision, squeeze: Squeeze) -> Compiled {
    let strategy = Strategy {
        precision,
        squeeze,
        ..Strategy::default()
    };
    let options = Options {
        strategy,
        ..Options::default()
    };
    mnetc::compile("network.yaml", spec, &options).unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn the_network_of_squeezes_has_every_kernel() {
    let path = root().join("tests/cases/odd/squeezes.yaml");
    let spec = std::fs::read_to_string(path).expect("it is there");
    let [folded, whole] = [Squeeze::Folded, Squeeze::Whole]
        .map(|squeeze| compiled(&spec, Precision::Bf16x3, squeeze).source);
    for name in [
        "pointwise_split",
        "gate_filter_split",
        "linear_f24",
        "squeeze_excite_f24",
        "excite_f24",
    ] {
        assert!(folded.contains(&format!(" {name}(")), "{name}");
    }
    assert!(whole.contains(" squeeze_excite_in_place_f24("));
}

/// Tiles are asked for by layers that they gain, and by no others.
#[test]
fn networks_without_split_layers_ask_for_no_tiles() {
    let path = root().join("examples/digits/data/digits.yaml");
    let spec = std::fs::read_to_string(path).expect("it is there");
    let compiled = compiled(&spec, Precision::Bf16x3, Squeeze::Folded);
    assert!(compiled.plan.has_short() && !compiled.plan.has_split());
    assert!(!compiled.source.contains("detect_with_amx"));
}

#[test]
fn layers_that_wait_for_memory_read_weights_of_24_bits() {
    let zoo = zoo();
    let (_, spec) = zoo
        .iter()
        .find(|(name, _)| name == "v3_large")
        .expect("it is among them");
    let plan = |precision| compiled(spec, precision, Squeeze::Folded).plan;
    let (plain, split) = (plan(Precision::F32), plan(Precision::Bf16x3));
    let mut short = vec![];
    for step in &split.steps {
        let name = &step.origin.name;
        let before = plain.steps.iter().find(|s| s.origin.name == *name);
        let panels = |plan: &Plan, step: &Step| -> usize {
            step.kernel
                .filters()
                .iter()
                .map(|id| plan.filter(*id).panels)
                .sum()
        };
        let (before, after) = (
            panels(&plain, before.expect("the same steps")),
            panels(&split, step),
        );
        if step.kernel.name().ends_with("_f24") {
            // Whole fours of inputs all of them.
            assert_eq!(after * 4, before * 3, "{name}");
            short.push(name.as_str());
        } else if !matches!(step.kernel, Kernel::Pointwise { .. }) {
            assert_eq!(after, before, "{name}");
        }
    }
    let expected = "row11.1.se row12.1.se row13.1.se row14.1.se row15.1.se linear1 linear2";
    assert_eq!(short.join(" "), expected);
}

#[test]
fn a_blob_of_the_other_precision_is_refused() {
    for case in cases::split() {
        let other = plain(&case);
        let found = std::panic::catch_unwind(|| {
            (case.run)(AnyLevel::detect(), &other.blob(5), &case.seeded_input(5))
        });
        assert!(found.is_err(), "{}", case.name);
    }
}

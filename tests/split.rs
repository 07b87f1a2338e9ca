//! Networks whose layers multiply halves: are they as near the plain ones as they are to be, on matrix tiles and without;
//! and the same bits at any time, on any number of threads?

use mnetc::plan::Precision;
use mnetc_runtime::{AnyLevel, Pool};
use mnetc_tests::{Case, Run, Tensor, cases};

/// What outputs may be off by, as a part of the largest.
const TOLERANCE: f32 = 5e-5;

/// This CPU's levels, AMX among them.
fn levels() -> Vec<AnyLevel> {
    AnyLevel::available().chain(AnyLevel::amx()).collect()
}

/// The same network without halves.
fn plain(case: &Case) -> Case {
    let name = case.name.trim_end_matches("_split");
    let mut cases = cases::goldens().into_iter();
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
                // None at all would mean that nothing was split.
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

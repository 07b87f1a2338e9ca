//! Does generated code compute what PyTorch computes? For every golden, on every level this CPU has: all outputs, and the
//! intermediate maps that the golden holds.

use mnetc_runtime::AnyLevel;
use mnetc_tests::{Case, Golden, Run, Tensor, cases, difference};

/// f32 against float64, relative to the largest output.
const TOLERANCE: f64 = 1e-5;

/// The same of maps inside, relative to their own largest number: V2's `conv1` makes of errors of 5e-6 twice as much.
const TOLERANCE_INSIDE: f64 = 2e-5;

#[test]
fn outputs_and_maps_are_pytorchs_on_every_level() {
    let mut faults = Vec::new();
    let networks = cases::goldens();
    let mut count = 0;
    for case in networks {
        let golden = Golden::read(case.name);
        let (blob, input) = (case.blob(golden.seed), case.seeded_input(golden.seed));
        for level in AnyLevel::available() {
            let run = (case.run)(level, &blob, &input);
            faults.extend(compare(&case, &golden, &run, level));
            count += 1;
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count >= 22, "every golden was run");
}

#[test]
fn seeded_inputs_are_the_oracles() {
    for case in cases::goldens() {
        let golden = Golden::read(case.name);
        let input = case.seeded_input(golden.seed);
        let first: Vec<f32> = match case.takes_bytes {
            true => input[..16].iter().map(|b| f32::from(*b)).collect(),
            false => input[..64]
                .as_chunks::<4>()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b))
                .collect(),
        };
        assert_eq!(first, golden.tensors["input.first"].data, "{}", case.name);
    }
}

fn compare(case: &Case, golden: &Golden, run: &Run, level: AnyLevel) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, expected) in golden
        .tensors
        .iter()
        .filter(|(name, _)| *name != "input.first")
    {
        let Some(got) = find(run, name) else {
            faults.push(format!("{}: nothing computes {name}", case.name));
            continue;
        };
        let d = difference(&expected.pick(got), &expected.data);
        let is_output = name == "output" || name.starts_with("tap.");
        let most = if is_output {
            TOLERANCE
        } else {
            TOLERANCE_INSIDE
        };
        if d.relative > most {
            let (name, level) = (format!("{}: {name}", case.name), level.name());
            faults.push(format!(
                "{name} is off by {:.1e} on {level} (element {})",
                d.relative, d.index
            ));
        }
    }
    faults
}

/// A golden's `output` is the last, `tap.NAME` the output of that name; all others are steps.
fn find<'r>(run: &'r Run, name: &str) -> Option<&'r Tensor> {
    if name == "output" {
        return run.outputs.last();
    }
    match name.strip_prefix("tap.") {
        Some(tap) => run.outputs.iter().find(|t| t.name == tap),
        None => run.steps.iter().find(|t| t.name == name),
    }
}

#[test]
fn the_largest_difference_is_relative_to_the_largest_number() {
    let d = difference(&[1.0, -8.0, 3.0], &[1.0, -8.0, 2.0]);
    assert_eq!((d.relative, d.index), (0.125, 2));
}

#[test]
fn nan_is_infinitely_far() {
    assert_eq!(
        difference(&[f32::NAN, 0.0], &[1.0, 0.0]).relative,
        f64::INFINITY
    );
}

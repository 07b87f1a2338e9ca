//! Do networks that no paper has compute what they say? Generated code against the reference evaluator, on every level:
//! a single pixel, skips from the network's input, maps that are given out and read again, bytes that no stem reads.

use mnetc::reference::{Pixels, evaluate};
use mnetc::weights::WeightSource;
use mnetc_runtime::AnyLevel;
use mnetc_tests::{Case, Run, cases, difference};

const SEED: u64 = 11;

/// f32 against float64, relative to the largest output.
const TOLERANCE: f64 = 1e-5;

/// The outputs, by name, in float64.
fn expected(case: &Case) -> Vec<(String, Vec<f32>)> {
    let mut sources = mnetc::diag::Sources::new();
    let id = sources.add(case.name, case.spec);
    let graph = mnetc::pipeline::graph(&mut sources, id, &[]).expect("it was compiled before");
    let bytes = case.seeded_input(SEED);
    let numbers = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b));
    let numbers: Vec<f32> = numbers.collect();
    let input = if case.takes_bytes {
        Pixels::U8(&bytes)
    } else {
        Pixels::F32(&numbers)
    };
    let values =
        evaluate(&graph, &WeightSource::Seed(SEED), input).expect("a seed has every tensor");
    let output = |name: &String| {
        let map = values.output(name).expect("it was computed");
        (name.clone(), map.data.iter().map(|x| *x as f32).collect())
    };
    graph.outputs.iter().map(|o| output(&o.name)).collect()
}

fn compare(
    case: &Case,
    run: &Run,
    expected: &[(String, Vec<f32>)],
    level: AnyLevel,
) -> Vec<String> {
    let names: Vec<_> = run.outputs.iter().map(|o| &o.name).collect();
    assert!(
        names
            .iter()
            .copied()
            .eq(expected.iter().map(|(name, _)| name)),
        "{}: {names:?}",
        case.name
    );
    let pairs = run.outputs.iter().zip(expected);
    let off = pairs.map(|(got, (name, expected))| (name, difference(&got.data, expected).relative));
    let off = off.filter(|(_, relative)| *relative > TOLERANCE);
    off.map(|(name, r)| {
        format!(
            "{}: {name} is off by {r:.1e} on {}",
            case.name,
            level.name()
        )
    })
    .collect()
}

#[test]
fn odd_networks_compute_what_they_say_on_every_level() {
    let mut faults = Vec::new();
    for case in cases::odd() {
        let (blob, input, expected) = (case.blob(SEED), case.seeded_input(SEED), expected(&case));
        for level in AnyLevel::available() {
            faults.extend(compare(
                &case,
                &(case.run)(level, &blob, &input),
                &expected,
                level,
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

//! Is a squeeze-and-excite whose gates are in the weights of a layer what it is with a scaled map? Every network that has a
//! golden, and the odd ones, on every level this CPU has; the same bits on any number of threads, in strips and in bands.

use mnetc::Options;
use mnetc::plan::{Optimize, Strategy};
use mnetc_runtime::{AnyLevel, Pool};
use mnetc_tests::{Run, cases, difference, zoo};
use std::collections::BTreeMap;

/// Rounding of one network against rounding of the other, relative to the largest element of a map.
const TOLERANCE: f64 = 2e-5;

/// The maps of a run by name, outputs among them.
fn maps(run: &Run) -> BTreeMap<&str, &[f32]> {
    let maps = run.steps.iter().chain(&run.outputs);
    maps.map(|map| (&*map.name, &*map.data)).collect()
}

#[test]
fn gates_in_the_weights_make_what_a_scaled_map_makes() {
    let (mut count, mut gates) = (0, 0);
    for (folded, whole) in cases::folded() {
        let (blob, input) = (whole.blob(5), whole.seeded_input(5));
        for level in AnyLevel::available() {
            let expected = (whole.run)(level, &blob, &input);
            let got = (folded.run)(level, &blob, &input);
            let expected = maps(&expected);
            for (name, map) in maps(&got) {
                let expected = expected[name];
                if map.len() != expected.len() {
                    // Gates, where there was a scaled map.
                    let pixels = expected.len().is_multiple_of(map.len());
                    assert!(name.ends_with(".se") && pixels, "{name}");
                    gates += 1;
                    continue;
                }
                let off = difference(map, expected).relative;
                let (network, level) = (folded.name, level.name());
                assert!(
                    off <= TOLERANCE,
                    "{network}: {name} is off by {off:.1e} on {level}"
                );
                count += 1;
            }
        }
    }
    assert!(count >= 100 && gates >= 10, "{count} maps, {gates} gates");
}

#[test]
fn threads_strips_and_bands_change_no_bit() {
    let pools = [1, 2, 3, 4, 7].map(|n| Pool::new(n).expect("threads can be started"));
    let variants: BTreeMap<_, _> = cases::folded()
        .into_iter()
        .map(|(folded, whole)| (folded.name, (folded, whole)))
        .collect();
    let mut in_groups = 0;
    for (variant, (folded, whole)) in &variants {
        let name = ["_in_strips", "_in_bands"]
            .into_iter()
            .find_map(|suffix| variant.strip_suffix(suffix));
        in_groups += usize::from(name.is_some());
        let alone = &variants[name.unwrap_or(variant)].0;
        let (blob, input) = (whole.blob(5), whole.seeded_input(5));
        for level in AnyLevel::available() {
            let expected = (alone.run)(level, &blob, &input);
            let case = format!("{variant} on {}", level.name());
            assert_same(&(folded.run)(level, &blob, &input), &expected, &case);
            for pool in &pools {
                let case = format!("{case}, {} threads", pool.threads());
                assert_same(
                    &(folded.run_with)(pool, level, &blob, &input),
                    &expected,
                    &case,
                );
            }
        }
    }
    assert!(
        in_groups >= 4,
        "{in_groups} networks run in strips or bands"
    );
}

/// The squeeze-and-excites of a network whose gates scale weights.
fn folded(name: &str, spec: &str, optimize: Optimize) -> Vec<String> {
    let options = Options {
        strategy: Strategy {
            optimize,
            ..Strategy::default()
        },
        ..Default::default()
    };
    let compiled = mnetc::compile(name, spec, &options);
    let compiled = compiled.unwrap_or_else(|failure| panic!("{failure}"));
    let steps = compiled.plan.steps.iter();
    let steps = steps.filter(|step| step.kernel.makes_gates());
    steps.map(|step| step.origin.name.clone()).collect()
}

#[test]
fn gates_scale_weights_that_are_much_less_than_the_map() {
    let networks = zoo();
    let (name, spec) = networks
        .iter()
        .find(|(name, _)| name == "v3_large")
        .expect("in the zoo");
    let fast = folded(name, spec, Optimize::Speed);
    assert_eq!(fast, ["row4.1.se", "row5.1.se", "row6.1.se"]);
    assert!(folded(name, spec, Optimize::Ram).is_empty());
}

#[test]
fn a_map_that_is_seen_is_scaled() {
    let spec = |se: &str, activation: &str| {
        format!(
            "name: seen\ninput: {{height: 32, width: 32, channels: 32}}\nlayers:\n  \
             - depthwise: {{k: 3, activation: relu}}\n  \
             - squeeze_excite: {{c: 8, activation: {activation}{se}}}\n  \
             - conv: {{k: 1, c: 16, activation: none}}\n"
        )
    };
    let folded = |se, activation| folded("seen", &spec(se, activation), Optimize::Speed).len();
    assert_eq!(folded("", "none"), 1);
    assert_eq!(folded(", tap: middle", "none"), 0);
    assert_eq!(folded("", "relu"), 0);
}

/// All maps of `a` are in `b`, bit by bit.
fn assert_same(a: &Run, b: &Run, case: &str) {
    let b = maps(b);
    for (name, map) in maps(a) {
        let bits = |map: &[f32]| map.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert!(bits(map) == bits(b[name]), "{case}: {name}");
    }
}

//! Are results the same bits in strips as without? Every network that has a golden, and the odd ones, planned for speed and
//! for little memory, on every level this CPU has, on one thread and on several; and is the arena smaller for it?

use mnetc::plan::strips::Group;
use mnetc::plan::{MapId, Optimize, Plan, Step, Storage, Strategy, Strips};
use mnetc::{Compiled, Options};
use mnetc_runtime::{AnyLevel, Band, Part, Pool};
use mnetc_tests::{Run, Tensor, cases, zoo};
use std::collections::BTreeMap;
use std::ops::Range;

/// The names of steps and outputs of `strips` that are not the bits of `whole`.
fn differences(strips: &Run, whole: &Run) -> Vec<String> {
    let is_same = |a: &Tensor, b: &Tensor| {
        let bits = |t: &Tensor| t.data.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        a.name == b.name && bits(a) == bits(b)
    };
    let found = |map: &Tensor| whole.steps.iter().any(|step| is_same(map, step));
    let steps = strips.steps.iter().filter(|map| !found(map));
    let outputs = strips.outputs.iter().zip(&whole.outputs);
    let outputs = outputs.filter(|(a, b)| !is_same(a, b)).map(|(a, _)| a);
    steps.chain(outputs).map(|map| map.name.clone()).collect()
}

#[test]
fn results_do_not_depend_on_strips() {
    let pools = [1, 2, 3, 4, 7].map(|n| Pool::new(n).expect("threads can be started"));
    let (mut faults, mut count) = (Vec::new(), 0);
    for (strips, whole) in cases::in_strips() {
        let (blob, input) = (whole.blob(5), whole.seeded_input(5));
        for level in AnyLevel::available().chain(AnyLevel::amx()) {
            let expected = (whole.run)(level, &blob, &input);
            let alone = (strips.run)(level, &blob, &input);
            assert!(alone.steps.len() < expected.steps.len(), "{}", strips.name);
            let shared = pools
                .iter()
                .map(|pool| (strips.run_with)(pool, level, &blob, &input));
            for (threads, run) in [alone].into_iter().chain(shared).enumerate() {
                for name in differences(&run, &expected) {
                    let level = level.name();
                    faults.push(format!("{}: {name}: {level}, pool {threads}", strips.name));
                }
                count += 1;
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count >= 200, "{count} runs");
}

fn compile(name: &str, strips: Strips, optimize: Optimize) -> Compiled {
    let (_, spec) = zoo()
        .into_iter()
        .find(|(n, _)| n == name)
        .expect("in the zoo");
    let options = Options {
        strategy: Strategy {
            strips,
            optimize,
            ..Strategy::default()
        },
        ..Default::default()
    };
    mnetc::compile(name, &spec, &options).unwrap_or_else(|failure| panic!("{failure}"))
}

/// The arena's bytes: without strips, for speed, for little memory.
fn arenas(name: &str) -> [usize; 3] {
    let arena = |strips, optimize| compile(name, strips, optimize).plan.memory.bytes;
    [
        arena(Strips::Off, Optimize::Speed),
        arena(Strips::Auto, Optimize::Speed),
        arena(Strips::Auto, Optimize::Ram),
    ]
}

/// A map's memory, as strips fill it: which row lies in each place.
struct Memory {
    places: Vec<Option<usize>>,
    shift: usize,
}

impl Memory {
    fn of(plan: &Plan, map: MapId, strips: &mnetc_runtime::Strips) -> Self {
        let map = plan.map(map);
        let (rows, shift) = match map.ring {
            Some(ring) if map.in_band.is_some() => (ring.rows, strips.shift(ring.rows)),
            Some(ring) => (ring.rows, ring.shift),
            None => (map.shape.h, 0),
        };
        Self {
            places: vec![None; rows],
            shift,
        }
    }

    fn place(&self, row: usize) -> usize {
        (row + self.shift) % self.places.len()
    }
}

/// The rows of `map` that are read for `rows` of the step's output.
fn read(plan: &Plan, step: &Step, map: MapId, rows: Range<usize>) -> Range<usize> {
    match step.kernel.window() {
        Some(window) if step.inputs.contains(&map) && !rows.is_empty() => {
            let (stride, top) = (window.stride[0], window.padding.to_array()[0]);
            let under = (window.kernel[0] - 1) * window.dilation[0] + 1;
            let end = ((rows.end - 1) * stride + under).saturating_sub(top);
            (rows.start * stride).saturating_sub(top)..end.min(plan.map(map).shape.h)
        }
        _ => rows,
    }
}

/// The strips of each map of a group, in each of so many bands of its last map, and how many strips the band has; without
/// bands, of all of it.
fn strips(plan: &Plan, group: &Group, part: Part) -> (Vec<mnetc_runtime::Strips>, usize) {
    let last = plan.map(plan.steps[group.last()].output).shape.h;
    let band = Band::new(
        part.of(last),
        group.rows[group.rows.len() - 1].step,
        group.ahead(),
    );
    let each = group.steps().zip(&group.rows).map(|(index, rows)| {
        let height = plan.map(plan.steps[index].output).shape.h;
        let strips = mnetc_runtime::Strips::new(height, rows.step, rows.lead);
        match group.bands {
            None => strips,
            Some(_) => strips.of(band, rows.above),
        }
    });
    let count = match group.bands {
        None => group.strips,
        Some(_) => band.strips().len(),
    };
    (each.collect(), count)
}

/// Runs the strips of a part of a group, row numbers for rows; says what is wrong.
fn follow(plan: &Plan, group: &Group, part: Part) -> Vec<String> {
    let (each, count) = strips(plan, group, part);
    let outputs = group.steps().map(|step| plan.steps[step].output);
    let mut memory: BTreeMap<_, _> = outputs
        .zip(&each)
        .map(|(map, strips)| (map, Memory::of(plan, map, strips)))
        .collect();
    let mut faults = Vec::new();
    for strip in 0..count {
        for (index, strips) in group.steps().zip(&each) {
            let step = &plan.steps[index];
            let rows = strips.rows(strip);
            for map in step.reads().filter(|map| *map != step.output) {
                let Some(from) = memory.get(&map) else {
                    continue;
                };
                let read = read(plan, step, map, rows.clone());
                let is_there = |row: usize| from.places[from.place(row)] == Some(row);
                let missing = read.clone().filter(|row| !is_there(*row));
                faults.extend(missing.map(|row| format!("{} reads row {row}", step.origin.name)));
            }
            let made = memory.get_mut(&step.output).expect("it is made here");
            for row in rows.clone() {
                let place = made.place(row);
                made.places[place] = Some(row);
            }
            if !rows.is_empty() && made.place(rows.end - 1) < made.place(rows.start) {
                faults.push(format!(
                    "{} writes {rows:?} in two pieces",
                    step.origin.name
                ));
            }
        }
    }
    let last = plan.steps[group.last()].output;
    let made: Vec<usize> = memory[&last].places.iter().copied().flatten().collect();
    let asked = part.of(plan.map(last).shape.h);
    if !made.iter().copied().eq(asked.clone()) {
        faults.push(format!(
            "{}: {made:?} are not {asked:?}",
            plan.map(last).name
        ));
    }
    faults
}

/// Plans of the zoo, at three sizes of input each.
fn plans(optimize: Optimize, threads: usize) -> impl Iterator<Item = (String, Plan)> {
    let inputs = ["input=224", "input=97x131", "input=33"];
    let all = zoo()
        .into_iter()
        .flat_map(move |(name, spec)| inputs.map(|i| (name.clone(), spec.clone(), i)));
    all.filter_map(move |(name, spec, input)| {
        let options = Options {
            sets: vec![input.into()],
            threads,
            strategy: Strategy {
                optimize,
                ..Strategy::default()
            },
            ..Default::default()
        };
        let compiled = mnetc::compile(&name, &spec, &options).ok()?;
        Some((format!("{name} {input}"), compiled.plan))
    })
}

#[test]
fn rows_are_there_when_they_are_read() {
    let mut groups = 0;
    for optimize in [Optimize::Speed, Optimize::Ram] {
        for (name, plan) in plans(optimize, 1) {
            for group in &plan.groups {
                assert_eq!(group.bands, None);
                assert_eq!(
                    follow(&plan, group, Part::WHOLE),
                    Vec::<String>::new(),
                    "{name}"
                );
                groups += 1;
            }
        }
    }
    assert!(groups > 200, "{groups} groups");
}

#[test]
fn rows_are_there_when_bands_read_them() {
    let mut bands = 0;
    for threads in [2, 7] {
        for (name, plan) in plans(Optimize::Speed, threads) {
            for group in &plan.groups {
                assert_eq!(
                    group.bands.map(|bands| bands.count),
                    Some(threads),
                    "{name}"
                );
                for count in [1, 2, 3, 7].into_iter().filter(|count| *count <= threads) {
                    for index in 0..count {
                        let faults = follow(&plan, group, Part { index, count });
                        assert_eq!(faults, Vec::<String>::new(), "{name}: {index} of {count}");
                        bands += 1;
                    }
                }
            }
        }
    }
    assert!(bands > 500, "{bands} bands");
}

#[test]
fn bands_have_memory_of_their_own() {
    for (name, plan) in plans(Optimize::Speed, 3) {
        for group in &plan.groups {
            let bands = group.bands.expect("three threads share it");
            let steps = &plan.steps[group.steps()];
            let made = steps
                .iter()
                .flat_map(|step| [Some(step.output), step.scratch]);
            let own: Vec<_> = made
                .flatten()
                .filter(|map| *map != steps[steps.len() - 1].output)
                .map(|map| plan.map(map))
                .collect();
            let mut places: Vec<_> = own
                .iter()
                .map(|map| {
                    let place = map.in_band.expect("a band has it to itself");
                    assert_eq!(map.storage, Storage::Buffer(bands.buffer), "{name}");
                    place..place + map.memory_bytes()
                })
                .collect();
            places.sort_by_key(|place| place.start);
            assert!(
                places.windows(2).all(|two| two[0].end <= two[1].start),
                "{name}"
            );
            assert!(
                places.last().is_none_or(|last| last.end <= bands.bytes),
                "{name}"
            );
            assert_eq!(plan.buffers[bands.buffer].bytes, 3 * bands.bytes, "{name}");
            // What all bands read stays where it is until all have read it.
            let last = &steps[steps.len() - 1];
            assert_eq!(last.overwrites, None, "{name}");
        }
    }
}

#[test]
fn arenas_shrink() {
    assert_eq!(arenas("v1"), [4_816_896, 1_490_944, 1_126_400]);
    assert_eq!(arenas("v1_025_96"), [221_184, 221_184, 86_016]);
    assert_eq!(arenas("v2"), [6_021_120, 1_304_576, 603_136]);
    assert_eq!(arenas("v3_large"), [4_014_080, 1_204_224, 727_552]);
    assert_eq!(arenas("v3_small"), [1_128_960, 1_128_960, 355_712]);
}

#[test]
fn no_arena_for_little_memory_is_larger_than_another() {
    for (name, _) in zoo() {
        let [whole, speed, ram] = arenas(&name);
        assert!(
            ram <= speed && speed <= whole,
            "{name}: {whole}, {speed}, {ram}"
        );
    }
}

#[test]
fn maps_that_stay_in_the_cache_are_whole() {
    for name in ["v1_025_96", "v2_035_96"] {
        let plan = compile(name, Strips::Auto, Optimize::Speed).plan;
        assert_eq!(plan.groups, [], "{name}");
    }
}

//! Does the arena stay off the stack, and can it be a static? Asked of debug builds above all.

use mnetc_generated::{v1_025_96, v2};
use mnetc_runtime::{AlignedBytes, AnyLevel};
use mnetc_tests::zoo;
use std::sync::Mutex;

/// A stack far smaller than any arena of these.
const STACK: usize = 128 * 1024;

fn blob(name: &str) -> AlignedBytes {
    let (_, spec) = zoo()
        .into_iter()
        .find(|(n, _)| n == name)
        .expect("in the zoo");
    let options = mnetc::Options {
        weights: mnetc::Weights::Seed(0),
        ..Default::default()
    };
    let compiled = mnetc::compile(name, &spec, &options).expect("the zoo compiles");
    AlignedBytes::copy_of(&compiled.blob.expect("a seed gives weights"))
}

fn on_a_small_stack(f: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(f);
    thread
        .expect("a thread starts")
        .join()
        .expect("it does not overflow its stack");
}

#[test]
fn v2_runs_on_a_small_stack_with_its_arena_on_the_heap() {
    let blob = blob("v2");
    on_a_small_stack(move || {
        let network = v2::V2::from_bytes(&blob).expect("packed for it");
        let input = vec![0.25; v2::INPUT_SHAPE.iter().product()].into_boxed_slice();
        let input: Box<v2::Input> = input.try_into().expect("an input of its size");
        let (mut arena, mut output) = (v2::Arena::boxed(), Box::new(v2::Output::new()));
        for level in AnyLevel::available() {
            network
                .with_level(level)
                .infer(&mut arena, &input, &mut output);
            assert!(output.logits.iter().all(|x| x.is_finite()));
        }
    });
}

#[test]
fn an_arena_can_be_a_static() {
    static ARENA: Mutex<v1_025_96::Arena> = Mutex::new(v1_025_96::Arena::new());
    static OUTPUT: Mutex<v1_025_96::Output> = Mutex::new(v1_025_96::Output::new());
    let blob = blob("v1_025_96");
    let network = v1_025_96::V102596::from_bytes(&blob).expect("packed for it");
    let input = vec![0.25; v1_025_96::INPUT_SHAPE.iter().product()].into_boxed_slice();
    let input: Box<v1_025_96::Input> = input.try_into().expect("an input of its size");
    let mut output = OUTPUT.lock().expect("no one panicked");
    network.infer(
        &mut ARENA.lock().expect("no one panicked"),
        &input,
        &mut output,
    );
    assert!(output.logits.iter().any(|x| *x != 0.0));
}

#[test]
fn the_arena_is_as_long_as_promised() {
    assert_eq!(size_of::<v2::Arena>(), v2::ARENA_BYTES);
    assert_eq!(align_of::<v2::Arena>(), 64);
}

//! Are the numbers those of the papers and of torchvision? Parameters, multiply-adds, memory.

use mnetc::plan::{cost, memory};
use mnetc::{Compiled, Options};
use mnetc_tests::zoo;

fn compile(name: &str, sets: &[&str]) -> Compiled {
    let (_, spec) = zoo()
        .into_iter()
        .find(|(n, _)| n == name)
        .expect("in the zoo");
    let sets = sets.iter().map(|s| (*s).to_owned()).collect();
    let options = Options {
        sets,
        ..Default::default()
    };
    mnetc::compile(name, &spec, &options).unwrap_or_else(|failure| panic!("{failure}"))
}

fn counts(name: &str, sets: &[&str]) -> (u64, u64) {
    let total = cost::total(&compile(name, sets).plan);
    (total.macs, total.params)
}

#[test]
fn parameters_and_multiply_adds_are_the_published() {
    let alpha = |a: &'static str, size: &'static str| [a, size];
    let v1 = |a, size| counts("v1", &alpha(a, size));
    assert_eq!(counts("v1", &[]), (568_740_352, 4_231_976));
    assert_eq!(
        v1("width_multiplier=0.75", "input=192"),
        (239_273_472, 2_585_560)
    );
    assert_eq!(
        v1("width_multiplier=0.5", "input=160"),
        (76_524_800, 1_331_592)
    );
    assert_eq!(
        v1("width_multiplier=0.25", "input=128"),
        (13_570_048, 470_072)
    );
    assert_eq!(counts("v1_025_96", &[]), (7_745_152, 470_072));
    assert_eq!(counts("v2", &[]), (300_774_272, 3_504_872));
    assert_eq!(counts("v2_140", &[]), (582_195_824, 6_108_776));
    assert_eq!(counts("v2_035_96", &[]), (11_934_128, 1_677_128));
    assert_eq!(counts("v3_large", &[]), (216_589_760, 5_483_032));
    assert_eq!(counts("v3_large_075", &[]), (140_033_816, 3_377_576));
    assert_eq!(counts("v3_small", &[]), (56_510_400, 2_542_856));
    assert_eq!(counts("v3_large_dilated", &[]), (224_427_040, 2_569_352));
}

/// The dilated V3-Small with a reduced tail, as torchvision builds it.
#[test]
fn the_dilated_small_network_too() {
    let case = mnetc_tests::cases::goldens()
        .into_iter()
        .find(|c| c.name == "v3_small_dilated_96");
    let spec = case.expect("it has a golden").spec;
    let spec = spec.replace("linear: {c: 10}", "linear: {c: 1000}");
    let options = Options {
        sets: vec!["input=224".into()],
        ..Default::default()
    };
    let compiled =
        mnetc::compile("dilated", &spec, &options).unwrap_or_else(|failure| panic!("{failure}"));
    let total = cost::total(&compiled.plan);
    assert_eq!((total.macs, total.params), (59_131_552, 1_099_672));
}

#[test]
fn no_arena_of_the_zoo_is_longer_than_what_is_alive_at_once() {
    for (name, _) in zoo() {
        let plan = compile(&name, &[]).plan;
        let (peak, _) = memory::peak(&plan.buffers);
        assert_eq!(plan.memory.bytes, peak, "{name}");
    }
}

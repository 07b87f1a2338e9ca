//! Does a network's self-test find what is wrong, where it is wrong, and nothing where all is right?

use mnetc::{Options, Weights, plan::Plan};
use mnetc_runtime::{AlignedBytes, AnyLevel, WrongStep, blob};
use mnetc_tests::root;

macro_rules! tested {
    ($name:ident, $network:ident) => {
        #[rustfmt::skip]
        #[allow(clippy::allow_attributes_without_reason, reason = "the compiler keeps its output short")]
        mod $name {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".tested.rs"));

            pub(super) const WEIGHTS_FILE: &str = concat!(env!("OUT_DIR"), "/", stringify!($name), ".weights");

            pub(super) fn self_test(blob: &[u8], level: AnyLevel) -> Result<(), WrongStep> {
                let network = $network::from_bytes(blob).expect("an intact blob").with_level(level);
                let (mut arena, mut output) = (Arena::boxed(), Output::new());
                let mut input: Box<Input> = vec![Default::default(); INPUT_SHAPE.iter().product()]
                    .try_into()
                    .expect("as long as the input is");
                network.self_test(&mut arena, &mut input, &mut output)
            }
        }
    };
}
tested!(digits, Digits);
tested!(v1_025_96, V102596);
tested!(v2_035_96, V203596);

fn read(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn all_is_right_on_every_level() {
    type SelfTest = fn(&[u8], AnyLevel) -> Result<(), WrongStep>;
    let networks: [(_, SelfTest); 3] = [
        (digits::WEIGHTS_FILE, digits::self_test),
        (v1_025_96::WEIGHTS_FILE, v1_025_96::self_test),
        (v2_035_96::WEIGHTS_FILE, v2_035_96::self_test),
    ];
    for (file, self_test) in networks {
        let blob = AlignedBytes::copy_of(&read(file));
        for level in AnyLevel::available() {
            assert_eq!(
                self_test(&blob, level),
                Ok(()),
                "{file} on {}",
                level.name()
            );
        }
    }
}

/// The plan behind the digits' self-test.
fn plan() -> Plan {
    let spec = root().join("examples/digits/data/digits.yaml");
    let spec = std::fs::read_to_string(spec).expect("the digits are there");
    let options = Options {
        weights: Weights::Seed(1),
        ..Options::default()
    };
    let compiled = mnetc::compile("digits.yaml", &spec, &options);
    compiled.unwrap_or_else(|failure| panic!("{failure}")).plan
}

/// What the digits' self-test says when a line of 16 numbers of a filter, counted from its bias on, was lost.
fn damaged(good: &[u8], plan: &Plan, filter: usize, line: usize) -> Result<(), WrongStep> {
    let mut payload = good[blob::HEADER_BYTES..].to_vec();
    let at = (plan.filters[filter].offset + line) * 64;
    payload[at..at + 64].fill(0x3f);
    let mut bytes = blob::header(&payload, plan.fingerprint()).to_vec();
    bytes.extend(payload);
    digits::self_test(&AlignedBytes::copy_of(&bytes), AnyLevel::detect())
}

/// Lines lost in every filter in turn, as by a worn flash cell, under a digest that is right: its bias, and every weight that
/// the made-up input reaches, for what a rectifier has made zero hides the weights it meets.
#[test]
fn a_damaged_panel_is_found_at_its_layer() {
    let (plan, good) = (plan(), read(digits::WEIGHTS_FILE));
    let (mut seen, mut hidden) = (0, 0);
    for (index, filter) in plan.filters.iter().enumerate() {
        let reads = |id: &mnetc::plan::FilterId| id.index() == index;
        let mut steps = plan.steps.iter();
        let step = steps.position(|step| step.kernel.filters().iter().any(reads));
        for line in [
            0,
            filter.bias_panels,
            filter.bias_panels + filter.panels / 2,
        ] {
            match damaged(&good, &plan, index, line) {
                Err(wrong) => {
                    assert_eq!(Some(wrong.index), step, "{} {wrong:?}", filter.params);
                    let name = &plan.steps[wrong.index].origin.name;
                    assert_eq!(wrong.expected.step, name);
                    seen += 1;
                }
                Ok(()) => {
                    assert_ne!(line, 0, "the bias of {} is always met", filter.params);
                    hidden += 1;
                }
            }
        }
    }
    assert!(hidden * 8 < seen, "{hidden} of {seen} lines are hidden");
}

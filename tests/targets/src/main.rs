//! Runs golden networks on every level of the machine this was built for: outputs against PyTorch's, every layer against
//! the reference.
//!
//! ```text
//! mnetc-targets                        checks all networks on all levels
//! mnetc-targets NETWORK LEVEL TIMES    only runs one, as often as that, and says how long it took
//! ```
//! In: what the build script compiled. Out: a line per network and level; exit code 1 if one is wrong.

#![expect(clippy::print_stdout, reason = "a report is what it is for")]

use mnetc_runtime::AnyLevel;
use std::process::ExitCode;
use std::time::Instant;

/// f32 against float64, relative to the largest output.
const TOLERANCE: f64 = 1e-5;

/// The largest error of all outputs, or the layer that is wrong.
type Check = fn(AnyLevel) -> Result<f64, String>;
/// So many inferences.
type Infer = fn(AnyLevel, usize);

macro_rules! network {
    ($name:ident, $type:ident, $element:ty, [$($output:ident [$($stride:literal),*],)*]) => {
        #[rustfmt::skip]
        #[allow(clippy::allow_attributes_without_reason, reason = "the compiler keeps its output short")]
        mod $name {
            use crate::{Elements, largest_error};

            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));

            fn input() -> Box<Input> {
                let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".input"));
                let input = <$element>::elements(bytes).into_boxed_slice();
                input.try_into().expect("an input of its size")
            }

            pub(crate) fn check(level: AnyLevel) -> Result<f64, String> {
                let network = $type::new().with_level(level);
                let (mut arena, mut input) = (Arena::boxed(), input());
                let mut output = Box::new(Output::new());
                network.infer(&mut arena, &input, &mut output);
                let mut shapes = OUTPUTS.iter().map(|(_, shape)| *shape);
                let errors = [$(largest_error(
                    &output.$output,
                    shapes.next().expect("a shape for each output"),
                    [$($stride),*],
                    include_bytes!(concat!(
                        env!("OUT_DIR"), "/", stringify!($name), ".", stringify!($output)
                    )),
                )),*];
                let tested = network.self_test(&mut arena, &mut input, &mut output);
                tested.map_err(|wrong| format!("layer `{}` is wrong", wrong.expected.step))?;
                Ok(errors.into_iter().fold(0.0, f64::max))
            }

            pub(crate) fn infer(level: AnyLevel, times: usize) {
                let network = $type::new().with_level(level);
                let (mut arena, input) = (Arena::boxed(), input());
                let mut output = Box::new(Output::new());
                for _ in 0..times {
                    network.infer(&mut arena, &input, &mut output);
                }
            }
        }
    };
}

/// The digits, compiled for this target alone.
macro_rules! own {
    ($target:literal) => {
        #[rustfmt::skip]
        #[allow(clippy::allow_attributes_without_reason, reason = "the compiler keeps its output short")]
        mod own {
            include!(concat!(env!("OUT_DIR"), "/own.rs"));

            pub(crate) const TARGET: &str = $target;

            /// The level it runs on; the layer that is wrong, if one is.
            pub(crate) fn check() -> (&'static str, Result<(), WrongStep>) {
                let network = Digits::new();
                let (mut arena, mut output) = (Arena::boxed(), Output::new());
                let mut input: Input = [0; INPUT_SHAPE[0] * INPUT_SHAPE[1] * INPUT_SHAPE[2]];
                let tested = network.self_test(&mut arena, &mut input, &mut output);
                (network.level().name(), tested)
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/networks.rs"));

/// What inputs are made of.
trait Elements: Sized {
    fn elements(bytes: &[u8]) -> Vec<Self>;
}

impl Elements for u8 {
    fn elements(bytes: &[u8]) -> Vec<Self> {
        bytes.to_vec()
    }
}

impl Elements for f32 {
    fn elements(bytes: &[u8]) -> Vec<Self> {
        let words = bytes.as_chunks::<4>().0.iter();
        words.map(|word| Self::from_le_bytes(*word)).collect()
    }
}

/// How far an output is from what was kept of the expected one: every so-many-th element along each axis.
fn largest_error(
    got: &[f32],
    [h, w, c]: [usize; 3],
    [down, right, deep]: [usize; 3],
    expected: &[u8],
) -> f64 {
    let expected = f32::elements(expected);
    let mut kept = Vec::new();
    for i in (0..h).step_by(down) {
        for j in (0..w).step_by(right) {
            kept.extend((0..c).step_by(deep).map(|k| got[(i * w + j) * c + k]));
        }
    }
    assert_eq!(
        kept.len(),
        expected.len(),
        "as many elements as the golden has"
    );
    let largest = expected.iter().fold(0.0, |m: f32, e| m.max(e.abs()));
    let errors = kept
        .iter()
        .zip(&expected)
        .map(|(g, e)| f64::from((g - e).abs()));
    let worst = errors.map(|e| if e.is_nan() { f64::INFINITY } else { e });
    worst.fold(0.0, f64::max) / f64::from(largest).max(f64::MIN_POSITIVE)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        [] => check(),
        [network, level, times] => match time(network, level, times) {
            Some(()) => ExitCode::SUCCESS,
            None => {
                println!("no such network or level, or not a number of times");
                ExitCode::from(2)
            }
        },
        _ => {
            println!("usage: mnetc-targets [NETWORK LEVEL TIMES]");
            ExitCode::from(2)
        }
    }
}

fn check() -> ExitCode {
    let mut right = true;
    for (name, check, _) in NETWORKS {
        for level in AnyLevel::available() {
            let level_name = level.name();
            match check(level) {
                Ok(error) if error <= TOLERANCE => {
                    println!("{name} on {level_name}: right, largest error {error:.1e}");
                }
                Ok(error) => {
                    println!("{name} on {level_name}: WRONG, largest error {error:.1e}");
                    right = false;
                }
                Err(wrong) => {
                    println!("{name} on {level_name}: WRONG, {wrong}");
                    right = false;
                }
            }
        }
    }
    let (level, tested) = own::check();
    let words = match tested {
        Ok(()) => "right".to_owned(),
        Err(wrong) => format!("WRONG, layer `{}`", wrong.expected.step),
    };
    println!("digits for {} on {level}: {words}", own::TARGET);
    if right && tested.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn time(network: &str, level: &str, times: &str) -> Option<()> {
    let (name, _, infer) = NETWORKS.iter().find(|(name, ..)| *name == network)?;
    let level = AnyLevel::available().find(|known| known.name() == level)?;
    let times: usize = times.parse().ok()?;
    let start = Instant::now();
    infer(level, times);
    let each = start.elapsed().as_secs_f64() * 1e3 / times.max(1) as f64;
    println!("{name} on {}: {each:.2} ms", level.name());
    Some(())
}

//! Runs two networks and reports over semihosting: is every layer right, which class, how many instructions, in all and layer by
//! layer, how much stack.
#![no_std]
#![no_main]

mod networks;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::entry;
use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};
use cortex_m_semihosting::hprintln;
use mnetc_runtime::{Map, Observer, WrongStep};
use networks::{digits, v1};

/// A handwritten three, 32x32 grey pixels.
static THREE: &[u8; 32 * 32] = include_bytes!("../data/three.grey");

/// Instructions in a tick of the system timer: QEMU's boards run it at 25 MHz, and `-icount shift=0` makes an instruction take
/// 1 ns.
const PER_TICK: u32 = 40;

#[entry]
fn main() -> ! {
    // Statics of `main` are its alone: no `unsafe`, and nothing of this size ever passes through the stack.
    static mut ARENA: v1::Arena = v1::Arena::new();
    static mut INPUT: v1::Input = [0; 96 * 96 * 3];
    static mut OUTPUT: v1::Output = v1::Output::new();
    static mut DIGITS_ARENA: digits::Arena = digits::Arena::new();
    static mut DIGITS_INPUT: digits::Input = [0; 32 * 32];
    static mut DIGITS_OUTPUT: digits::Output = digits::Output::new();

    let mut timer = cortex_m::Peripherals::take().expect("taken once").SYST;
    let network = v1::V102596::new();
    hprintln!(
        "v1_025_96: {} multiply-adds on {}",
        v1::MACS,
        network.level().name()
    );
    let instructions = count(&mut timer, || network.infer(ARENA, INPUT, OUTPUT));
    hprintln!(
        "v1_025_96: class {}, {} instructions",
        best(&OUTPUT.logits),
        instructions
    );
    // Here and not at the end: what is looked for is the stack of `infer`, and printing needs less.
    let stack = stack_used();
    let mut layers = Layers {
        before: 0,
        ticks: [0; v1::STEPS.len()],
    };
    timer.clear_current();
    layers.before = SYST::get_current();
    network.infer_observed(ARENA, INPUT, OUTPUT, &mut layers);
    for (step, ticks) in v1::STEPS.iter().zip(layers.ticks) {
        hprintln!("  {:<22} {:>9}", step.0, ticks * PER_TICK);
    }
    let v1_right = right("v1_025_96", network.self_test(ARENA, INPUT, OUTPUT));

    let network = digits::Digits::new();
    DIGITS_INPUT.copy_from_slice(THREE);
    let instructions = count(&mut timer, || {
        network.infer(DIGITS_ARENA, DIGITS_INPUT, DIGITS_OUTPUT)
    });
    hprintln!(
        "digits: class {}, {} instructions",
        best(&DIGITS_OUTPUT.logits),
        instructions
    );
    let class_right = best(&DIGITS_OUTPUT.logits) == 3;
    let digits_right = right(
        "digits",
        network.self_test(DIGITS_ARENA, DIGITS_INPUT, DIGITS_OUTPUT),
    );

    hprintln!(
        "arena: {} bytes planned, {} taken",
        v1::ARENA_BYTES,
        size_of_val(ARENA)
    );
    hprintln!("weights: {} bytes planned, in flash", v1::WEIGHT_BYTES);
    hprintln!("stack: {} bytes at most", stack);
    let planned = v1::ARENA_BYTES == size_of_val(ARENA);
    let all_right = v1_right && digits_right && class_right && planned;
    debug::exit(if all_right {
        EXIT_SUCCESS
    } else {
        EXIT_FAILURE
    });
    loop {}
}

/// The instructions of every step.
struct Layers {
    before: u32,
    ticks: [u32; v1::STEPS.len()],
}

impl Observer for Layers {
    fn step(&mut self, index: usize, _: Map<'_>) {
        let now = SYST::get_current();
        self.ticks[index] = self.before.wrapping_sub(now) % (1 << 24);
        self.before = now;
    }
}

/// Prints what a self-test found.
fn right(network: &str, found: Result<(), WrongStep>) -> bool {
    match found {
        Ok(()) => hprintln!("{}: self-test right", network),
        Err(wrong) => hprintln!(
            "{}: self-test WRONG at {}: sum {} instead of {}, largest {} instead of {}",
            network,
            wrong.expected.step,
            wrong.sum,
            wrong.expected.sum,
            wrong.largest,
            wrong.expected.largest
        ),
    }
    found.is_ok()
}

/// The class of the largest number.
fn best(logits: &[f32]) -> usize {
    let classes = logits.iter().enumerate();
    classes
        .max_by(|a, b| a.1.total_cmp(b.1))
        .map_or(0, |(class, _)| class)
}

/// The instructions that something takes, to within a tick.
fn count(timer: &mut SYST, run: impl FnOnce()) -> u32 {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(0x00ff_ffff);
    timer.clear_current();
    timer.enable_counter();
    let before = SYST::get_current();
    run();
    let after = SYST::get_current();
    assert!(!timer.has_wrapped(), "more than 671 million instructions");
    before.wrapping_sub(after) % (1 << 24) * PER_TICK
}

/// Bytes of the stack that were ever written since `cortex-m-rt` painted it.
fn stack_used() -> usize {
    unsafe extern "C" {
        static mut _stack_end: u32;
        static mut _stack_start: u32;
    }
    const PAINT: u32 = cortex_m_rt::STACK_PAINT_VALUE;
    let (end, start) = (&raw const _stack_end, &raw const _stack_start);
    let mut at = end;
    // SAFETY: the linker's symbols enclose the stack, which is memory of this program.
    while at < start && unsafe { at.read_volatile() } == PAINT {
        at = at.wrapping_add(1);
    }
    start as usize - at as usize
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    hprintln!("{}", info);
    debug::exit(EXIT_FAILURE);
    loop {}
}

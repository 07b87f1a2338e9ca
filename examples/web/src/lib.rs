//! A network as a WebAssembly module: plain functions on plain numbers, no allocation, no imports.
//!
//! In: pixels at `input()`, and, unless they are part of the module, weights at `weights()`. Out: scores where `infer()` says.
//! Never: knows what a browser is.
//!
//! Everything lies in statics, so the module's memory is what the network was planned to need, and never grows. Addresses are
//! bytes in the module's memory; they stay what they are.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[rustfmt::skip]
mod network {
    include!(concat!(env!("OUT_DIR"), "/network.rs"));
}

/// What the build script says of the network.
#[rustfmt::skip]
mod facts {
    use super::{Pixels, network};
    use mnetc_runtime::WeightsError;
    include!(concat!(env!("OUT_DIR"), "/facts.rs"));
}

use core::cell::UnsafeCell;
use facts::Network;
use mnetc_runtime::{Aligned, AnyLevel, WeightsError};

/// What the input is made of.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "a network has one of them")]
enum Pixels {
    /// f32, which the caller prepares as they were for training.
    Prepared,
    /// A byte for each channel of a pixel; the network prepares them itself.
    Bytes,
    /// The same as f32.
    FloatsOfBytes,
}

/// As many bytes as are fetched: none, where the weights are part of the module.
const FETCHED: usize = if facts::EMBEDDED {
    0
} else {
    network::WEIGHT_BYTES
};

/// A static of a module with one thread.
struct Own<T>(UnsafeCell<T>);

// SAFETY: a module has one thread. Whoever takes references of it in `load`, `infer` or `self_test` lets go before they return.
unsafe impl<T> Sync for Own<T> {}

impl<T> Own<T> {
    const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    const fn at(&self) -> *mut T {
        self.0.get()
    }
}

// All zeros, so none of it is in the file.
static WEIGHTS: Own<Aligned<[u8; FETCHED]>> = Own::new(Aligned([0; FETCHED]));
static ARENA: Own<network::Arena> = Own::new(network::Arena::new());
static INPUT: Own<network::Input> = Own::new(facts::BLANK);
static OUTPUT: Own<network::Output> = Own::new(network::Output::new());
static NETWORK: Own<Option<Network>> = Own::new(None);

/// Where the pixels go, row by row, the channels of a pixel together.
#[unsafe(no_mangle)]
pub extern "C" fn input() -> *mut u8 {
    INPUT.at().cast()
}

/// Bytes of the input.
#[unsafe(no_mangle)]
pub extern "C" fn input_bytes() -> usize {
    size_of::<network::Input>()
}

/// 0: f32 that the caller prepares; 1: bytes; 2: bytes as f32.
#[unsafe(no_mangle)]
pub extern "C" fn pixels() -> u32 {
    facts::PIXELS as u32
}

/// Rows of the input.
#[unsafe(no_mangle)]
pub extern "C" fn height() -> usize {
    network::INPUT_SHAPE[0]
}

/// Pixels in a row of the input.
#[unsafe(no_mangle)]
pub extern "C" fn width() -> usize {
    network::INPUT_SHAPE[1]
}

/// Channels of the input: 1 is grey, 3 is red, green and blue.
#[unsafe(no_mangle)]
pub extern "C" fn channels() -> usize {
    network::INPUT_SHAPE[2]
}

/// Where the weights go before `load`.
#[unsafe(no_mangle)]
pub extern "C" fn weights() -> *mut u8 {
    WEIGHTS.at().cast()
}

/// Bytes of weights to be fetched: 0, where they are part of the module.
#[unsafe(no_mangle)]
pub extern "C" fn weights_to_fetch() -> usize {
    FETCHED
}

/// Bytes of weights, wherever they are.
#[unsafe(no_mangle)]
pub extern "C" fn weight_bytes() -> usize {
    network::WEIGHT_BYTES
}

/// Bytes of the memory that `infer` works in.
#[unsafe(no_mangle)]
pub extern "C" fn arena_bytes() -> usize {
    network::ARENA_BYTES
}

/// Multiply-adds of an inference.
#[unsafe(no_mangle)]
pub extern "C" fn multiply_adds() -> f64 {
    network::MACS as f64
}

/// The network's name, in UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn name() -> *const u8 {
    facts::NAME.as_ptr()
}

/// Bytes of the name.
#[unsafe(no_mangle)]
pub extern "C" fn name_bytes() -> usize {
    facts::NAME.len()
}

/// The name of the instruction set that kernels are compiled for.
#[unsafe(no_mangle)]
pub extern "C" fn level() -> *const u8 {
    AnyLevel::detect().name().as_ptr()
}

/// Bytes of that name.
#[unsafe(no_mangle)]
pub extern "C" fn level_bytes() -> usize {
    AnyLevel::detect().name().len()
}

/// How many scores there are, one for each class.
#[unsafe(no_mangle)]
pub extern "C" fn classes() -> usize {
    // SAFETY: as in `infer`.
    facts::scores(unsafe { &*OUTPUT.at() }).len()
}

/// Whether scores are probabilities as they are (1), or softmax makes probabilities of them (0).
#[unsafe(no_mangle)]
pub extern "C" fn probabilities() -> u32 {
    facts::PROBABILITIES.into()
}

/// Checks the weights. 0: the network is ready; otherwise what is wrong with them, as `WeightsError` counts.
#[unsafe(no_mangle)]
pub extern "C" fn load() -> u32 {
    // SAFETY: the module has one thread, and nothing in it writes the weights; whoever called writes them before, and then only
    // to load again, when no inference runs and this reference is replaced.
    let bytes: &'static [u8] = unsafe { &(*WEIGHTS.at()).0 };
    let (network, code) = match facts::load(bytes) {
        Ok(network) => (Some(network), 0),
        Err(error) => (None, code(error)),
    };
    // SAFETY: one thread, and no function that borrows it is running.
    unsafe { *NETWORK.at() = network };
    code
}

const fn code(error: WeightsError) -> u32 {
    match error {
        WeightsError::TooShort { .. } => 1,
        WeightsError::NotABlob => 2,
        WeightsError::Version { .. } => 3,
        WeightsError::Element { .. } => 4,
        WeightsError::OtherNetwork => 5,
        WeightsError::Length { .. } => 6,
        WeightsError::Damaged => 7,
        WeightsError::Misaligned => 8,
        _ => 9,
    }
}

/// Runs the network on the pixels at `input()`. Returns where the scores are, f32 each; 0 before `load` has succeeded.
#[unsafe(no_mangle)]
pub extern "C" fn infer() -> *const f32 {
    // SAFETY: the module has one thread and no function of it calls another one's way back in here, so nothing else borrows
    // these statics while this runs; any bytes are an input.
    let (network, arena, input, output) = unsafe {
        (
            &*NETWORK.at(),
            &mut *ARENA.at(),
            &*INPUT.at(),
            &mut *OUTPUT.at(),
        )
    };
    let Some(network) = network else {
        return core::ptr::null();
    };
    network.infer(arena, input, output);
    facts::scores(output).as_ptr()
}

/// Holds every layer against the reference, where the module was compiled with a self-test. -1: all are right; -2: there is no
/// self-test, or no network; otherwise the number of the first step that is wrong.
#[unsafe(no_mangle)]
pub extern "C" fn self_test() -> i32 {
    // SAFETY: as in `infer`.
    let (network, arena, input, output) = unsafe {
        (
            &*NETWORK.at(),
            &mut *ARENA.at(),
            &mut *INPUT.at(),
            &mut *OUTPUT.at(),
        )
    };
    network.as_ref().map_or(-2, |network| {
        facts::self_test(network, arena, input, output)
    })
}

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

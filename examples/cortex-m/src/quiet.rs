//! Two networks and nothing else: what a product would link. Nothing of `core::fmt` may be in it.
#![no_std]
#![no_main]

mod networks;

use cortex_m_rt::entry;
use networks::{digits, v1};

#[entry]
fn main() -> ! {
    static mut ARENA: v1::Arena = v1::Arena::new();
    static mut INPUT: v1::Input = [0; 96 * 96 * 3];
    static mut OUTPUT: v1::Output = v1::Output::new();
    static mut DIGITS_ARENA: digits::Arena = digits::Arena::new();
    static mut DIGITS_INPUT: digits::Input = [0; 32 * 32];
    static mut DIGITS_OUTPUT: digits::Output = digits::Output::new();

    v1::V102596::new().infer(ARENA, INPUT, OUTPUT);
    digits::Digits::new().infer(DIGITS_ARENA, DIGITS_INPUT, DIGITS_OUTPUT);
    let right = v1::V102596::new().self_test(ARENA, INPUT, OUTPUT).is_ok();
    // A result that somebody reads: or all of it would be optimised away.
    core::hint::black_box((&OUTPUT.logits, &DIGITS_OUTPUT.logits, right));
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {
        cortex_m::asm::bkpt();
    }
}

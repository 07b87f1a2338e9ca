//! Does inference allocate? An allocator that panics while a network runs says no.

use mnetc_runtime::AnyLevel;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Whether this thread must not allocate now.
    static FORBIDDEN: Cell<bool> = const { Cell::new(false) };
}

/// The system's allocator, but not while it is forbidden.
struct Guard;

#[global_allocator]
static GUARD: Guard = Guard;

fn refuse_if_forbidden() {
    // Allowed again before the panic, which allocates.
    if FORBIDDEN.replace(false) {
        panic!("inference allocated");
    }
}

#[expect(unsafe_code, reason = "an allocator is unsafe by its trait")]
// SAFETY: every call goes to the system's allocator as it came, or panics before.
unsafe impl GlobalAlloc for Guard {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        refuse_if_forbidden();
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Runs `f`, in which nothing may allocate.
fn without_allocating(f: impl FnOnce()) {
    FORBIDDEN.set(true);
    f();
    FORBIDDEN.set(false);
}

macro_rules! infers_without_allocating {
    ($name:ident, $type:ident) => {
        #[test]
        fn $name() {
            use mnetc_tests::cases::$name as network;
            let case = network::case();
            let blob = case.blob(1);
            let mut arena = network::Arena::boxed();
            let input = vec![0.5; case.input_len].into_boxed_slice();
            let input: Box<network::Input> = input.try_into().expect("an input of its size");
            let mut output = Box::new(network::Output::new());
            for level in AnyLevel::available() {
                without_allocating(|| {
                    let network = network::$type::from_bytes(&blob)
                        .expect("packed for it")
                        .with_level(level);
                    network.infer(&mut arena, &input, &mut output);
                });
            }
        }
    };
}

infers_without_allocating!(v1_025_96, V102596);
infers_without_allocating!(v2_97x75, V297x75);
infers_without_allocating!(v3_large_dilated_96, V3LargeDilated96);
infers_without_allocating!(v3_small_se_before_64, V3SmallSeBefore64);
infers_without_allocating!(layers, Layers);

#[test]
#[should_panic(expected = "inference allocated")]
fn the_guard_would_notice() {
    without_allocating(|| drop(std::hint::black_box(vec![1])));
}

//! Are results the same bits on any number of threads? Every network that has a golden, and the odd ones, step by step, on
//! every level this CPU has; more threads than cores among them.

use mnetc_runtime::{AnyLevel, Pool};
use mnetc_tests::{Run, cases};

/// The names of steps and outputs that are not the same bits.
fn differences(a: &Run, b: &Run) -> Vec<String> {
    let of = |run: &Run| run.steps.iter().chain(&run.outputs).cloned().collect();
    let (a, b): (Vec<_>, Vec<_>) = (of(a), of(b));
    assert_eq!(a.len(), b.len());
    let bits = |data: &[f32]| data.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    let pairs = a.into_iter().zip(b);
    pairs
        .filter(|(a, b)| bits(&a.data) != bits(&b.data))
        .map(|(a, _)| a.name)
        .collect()
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let pools = [1, 2, 3, 4, 7].map(|n| Pool::new(n).expect("threads can be started"));
    let mut faults = Vec::new();
    for case in cases::goldens().into_iter().chain(cases::odd()) {
        let (blob, input) = (case.blob(5), case.seeded_input(5));
        for level in AnyLevel::available() {
            let alone = (case.run)(level, &blob, &input);
            for pool in &pools {
                let shared = (case.run_with)(pool, level, &blob, &input);
                for name in differences(&alone, &shared) {
                    let (threads, level) = (pool.threads(), level.name());
                    faults.push(format!("{}: {name}: {threads} threads, {level}", case.name));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn one_pool_serves_callers_that_come_at_once() {
    let pool = Pool::new(2).expect("threads can be started");
    let networks = cases::odd();
    std::thread::scope(|scope| {
        for case in networks.iter().take(4) {
            let pool = &pool;
            scope.spawn(move || {
                let (blob, input) = (case.blob(5), case.seeded_input(5));
                let level = AnyLevel::detect();
                let alone = (case.run)(level, &blob, &input);
                for _ in 0..20 {
                    let shared = (case.run_with)(pool, level, &blob, &input);
                    assert_eq!(differences(&alone, &shared), Vec::<String>::new());
                }
            });
        }
    });
}

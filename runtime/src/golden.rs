//! Does a network compute what its compiler expected? Holds every step of it against sums made beforehand.
//!
//! In: what the compiler's reference, in `f64`, made of each step on a made-up input. Out: that input, and the first step
//! whose result is another. Never: allocates, formats, or knows how a step is computed.
//!
//! The input is made from a fixed generator, so it takes no memory of its own: Knuth's linear congruential generator
//! `s = s * 1664525 + 1013904223 (mod 2^32)` from `s = 1`, of which the upper 24 bits are a number in [0, 1).

use crate::map::Map;
use crate::observe::Observer;

/// What a step should make of the made-up input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Golden {
    /// The step's name.
    pub step: &'static str,
    /// The sum of all elements of its result.
    pub sum: f32,
    /// How far the sum may be off.
    pub sum_within: f32,
    /// The largest magnitude in its result.
    pub largest: f32,
    /// How far the largest magnitude may be off.
    pub largest_within: f32,
}

impl Golden {
    /// A step's name, the sum of its result, how far that may be off; the largest magnitude, and how far that may be.
    pub const fn new(
        step: &'static str,
        [sum, sum_within]: [f32; 2],
        [largest, largest_within]: [f32; 2],
    ) -> Self {
        Self {
            step,
            sum,
            sum_within,
            largest,
            largest_within,
        }
    }

    /// Whether a step may make this. Nothing is right that is not a number.
    fn allows(&self, sum: f32, largest: f32) -> bool {
        let near = |got: f32, expected: f32, within: f32| {
            let apart = if got < expected {
                expected - got
            } else {
                got - expected
            };
            apart <= within
        };
        near(sum, self.sum, self.sum_within) && near(largest, self.largest, self.largest_within)
    }
}

/// The first step that made something else than it should.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WrongStep {
    /// Its place in the network's `STEPS`; their number when the network ended too early.
    pub index: usize,
    /// What it should have made, and its name.
    pub expected: Golden,
    /// The sum of what it made.
    pub sum: f32,
    /// The largest magnitude in what it made.
    pub largest: f32,
}

/// Watches a network on the made-up input.
#[derive(Clone, Copy, Debug)]
pub struct SelfTest<'g> {
    expected: &'g [Golden],
    seen: usize,
    wrong: Option<WrongStep>,
}

impl<'g> SelfTest<'g> {
    /// Holds each step against the one of `expected` at its place.
    pub const fn new(expected: &'g [Golden]) -> Self {
        Self {
            expected,
            seen: 0,
            wrong: None,
        }
    }

    /// What was found, once the network has run.
    ///
    /// # Errors
    /// The first step that made something else.
    pub fn result(&self) -> Result<(), WrongStep> {
        match (self.wrong, self.expected.get(self.seen)) {
            (Some(wrong), _) => Err(wrong),
            (None, Some(missing)) => Err(WrongStep {
                index: self.seen,
                expected: *missing,
                sum: 0.0,
                largest: 0.0,
            }),
            (None, None) => Ok(()),
        }
    }
}

impl Observer for SelfTest<'_> {
    fn step(&mut self, index: usize, output: Map<'_>) {
        self.seen += 1;
        let Some(expected) = self.expected.get(index) else {
            return;
        };
        if self.wrong.is_some() {
            return;
        }
        let (sum, largest) = digest(output.data());
        if !expected.allows(sum, largest) {
            self.wrong = Some(WrongStep {
                index,
                expected: *expected,
                sum,
                largest,
            });
        }
    }
}

/// The sum and the largest magnitude; the sum compensated (Kahan 1965), for a microcontroller has no `f64` to speak of.
fn digest(values: &[f32]) -> (f32, f32) {
    let (mut sum, mut lost, mut largest) = (0.0_f32, 0.0_f32, 0.0_f32);
    for value in values {
        let term = value - lost;
        let next = sum + term;
        lost = (next - sum) - term;
        sum = next;
        let magnitude = value.abs();
        if magnitude > largest || magnitude.is_nan() {
            largest = magnitude;
        }
    }
    (sum, largest)
}

/// Fills an input of floats with numbers in [low, high).
pub fn fill_floats(input: &mut [f32], low: f32, high: f32) {
    let mut state = 1;
    for x in input {
        let unit = (next(&mut state) >> 8) as f32 * (1.0 / (1 << 24) as f32);
        *x = low + unit * (high - low);
    }
}

/// Fills an input of camera pixels.
pub fn fill_bytes(input: &mut [u8]) {
    let mut state = 1;
    for x in input {
        *x = (next(&mut state) >> 24) as u8;
    }
}

fn next(state: &mut u32) -> u32 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    *state
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: [Golden; 2] = [
        Golden::new("a", [3.0, 0.01], [2.0, 0.01]),
        Golden::new("b", [-1.0, 0.01], [1.0, 0.01]),
    ];

    fn shown(maps: &[&[f32]]) -> Result<(), (usize, &'static str)> {
        let mut test = SelfTest::new(&EXPECTED);
        for (index, map) in maps.iter().enumerate() {
            test.step(index, Map::new(map, 1, 1, map.len()));
        }
        test.result()
            .map_err(|wrong| (wrong.index, wrong.expected.step))
    }

    #[test]
    fn the_first_wrong_step_is_named() {
        assert_eq!(shown(&[&[1.0, 2.0], &[-1.0]]), Ok(()));
        assert_eq!(shown(&[&[1.005, 2.0], &[-1.0]]), Ok(()));
        assert_eq!(shown(&[&[1.0, 2.0], &[-1.1]]), Err((1, "b")));
        assert_eq!(
            shown(&[&[1.5, 1.5], &[7.0]]),
            Err((0, "a")),
            "the sum alone is right"
        );
        assert_eq!(shown(&[&[f32::NAN, 2.0], &[-1.0]]), Err((0, "a")));
        assert_eq!(shown(&[&[f32::NAN, f32::INFINITY], &[-1.0]]), Err((0, "a")));
        assert_eq!(
            shown(&[&[1.0, 2.0]]),
            Err((1, "b")),
            "the network ended early"
        );
    }

    #[test]
    fn sums_do_not_lose_small_terms() {
        let mut values = std::vec![1e-4_f32; 1_000_000];
        values.push(1000.0);
        values.rotate_right(1);
        assert_eq!(digest(&values), (1100.0, 1000.0));
    }

    #[test]
    fn inputs_are_always_the_same() {
        let (mut floats, mut bytes) = ([0.0; 3], [0; 3]);
        fill_floats(&mut floats, -1.0, 1.0);
        fill_bytes(&mut bytes);
        // 1664525 + 1013904223 = 1015568748; 1015568748 >> 8 = 3967065.
        assert_eq!(floats[0], -1.0 + 3_967_065.0 / 8_388_608.0);
        assert_eq!(bytes[0], 60);
        assert!(floats[1] != floats[0] && floats.iter().all(|x| (-1.0..1.0).contains(x)));
    }
}

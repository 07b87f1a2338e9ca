//! A scale from zero, with round numbers on it.
//!
//! In: the greatest number, the places it is drawn between. Out: where a number stands, ticks and their labels. Never:
//! draws.

use crate::number::short;

/// A scale from zero.
pub(super) struct Axis {
    pub(super) from: f64,
    pub(super) to: f64,
    most: u64,
    /// Round numbers on it.
    pub(super) ticks: Vec<u64>,
}

impl Axis {
    /// From zero to `most`, drawn between two places.
    pub(super) fn new([from, to]: [f64; 2], most: u64) -> Self {
        let step = tick(most);
        let ticks = (0..=most / step).map(|i| i * step).collect();
        Self {
            from,
            to,
            most: most.max(1),
            ticks,
        }
    }

    /// Where `n` is on it.
    pub(super) fn at(&self, n: u64) -> f64 {
        self.from + (self.to - self.from) * (n as f64 / self.most as f64)
    }

    /// `0`, `10`, `20 M`: the unit stands at the last tick if it is that of all. Ticks are round, so zeros behind the point
    /// say nothing.
    pub(super) fn labels(&self, unit: &str) -> Vec<String> {
        let short = |tick: &u64| match short(*tick).split_once(' ') {
            Some((number, letter)) => (rounded(number), format!(" {letter}{unit}")),
            None => (tick.to_string(), format!(" {unit}")),
        };
        let labels: Vec<_> = self.ticks.iter().map(short).collect();
        let last = labels.len() - 1;
        let one_unit = labels.iter().skip(1).all(|l| l.1 == labels[last].1);
        let text = |(place, (number, unit)): (usize, &(String, String))| {
            let with_unit = place == last || (place > 0 && !one_unit);
            format!("{number}{}", if with_unit { unit } else { "" })
        };
        let texts = labels.iter().enumerate().map(text);
        texts.map(|t| t.trim_end().to_owned()).collect()
    }
}

/// The smallest of 1, 2, 5, 10, 20, ... of which fewer than four fit into `most`.
fn tick(most: u64) -> u64 {
    let mut power = 1;
    loop {
        for step in [power, 2 * power, 5 * power] {
            if most / step < 4 {
                return step;
            }
        }
        power *= 10;
    }
}

fn rounded(number: &str) -> String {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.').into(),
        false => number.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let cases = [
            (0, 1),
            (3, 1),
            (4, 2),
            (7, 2),
            (8, 5),
            (19, 5),
            (20, 10),
            (5_164_992, 2_000_000),
        ];
        for (most, expected) in cases {
            assert_eq!(tick(most), expected, "up to {most}");
        }
        assert_eq!(Axis::new([0.0, 1.0], 7).ticks, [0, 2, 4, 6]);
    }

    #[test]
    fn the_unit_stands_at_the_last_tick() {
        let labels = |ticks: &[u64], unit| {
            let mut axis = Axis::new([0.0, 1.0], 0);
            axis.ticks = ticks.to_vec();
            axis.labels(unit).join(" | ")
        };
        assert_eq!(labels(&[0, 10_000_000, 20_000_000], ""), "0 | 10 | 20 M");
        assert_eq!(labels(&[0, 500_000, 1_000_000], "B"), "0 | 500 kB | 1 MB");
        assert_eq!(labels(&[0, 100, 200], "B"), "0 | 100 | 200 B");
        assert_eq!(labels(&[0], "B"), "0 B");
    }
}

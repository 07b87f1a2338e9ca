//! Compares numbers with an oracle's, relative to the oracle's largest.

/// How far two arrays are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The largest absolute difference, divided by the largest magnitude expected.
    pub relative: f64,
    /// Where it is.
    pub index: usize,
}

/// The largest difference between `got` and `expected`; NaN anywhere counts as infinitely far.
///
/// # Panics
/// When the lengths differ, or there is nothing to compare.
pub fn difference(got: &[f32], expected: &[f32]) -> Difference {
    assert_eq!(got.len(), expected.len(), "as many numbers as expected");
    assert!(!expected.is_empty(), "something to compare");
    let largest = expected
        .iter()
        .fold(0.0_f64, |m, e| m.max(f64::from(e.abs())));
    let apart = got
        .iter()
        .zip(expected)
        .map(|(g, e)| (f64::from(*g) - f64::from(*e)).abs());
    let apart = apart.map(|d| if d.is_nan() { f64::INFINITY } else { d });
    let (index, worst) =
        apart.enumerate().fold(
            (0, 0.0),
            |worst, this| if this.1 > worst.1 { this } else { worst },
        );
    Difference {
        relative: worst / largest.max(f64::MIN_POSITIVE),
        index,
    }
}

//! How far numbers of float32 are off.
//!
//! In: what was computed, and what is expected in float64. Out: a few numbers about the differences. Never: decides how
//! far is too far.

/// About the differences between two lists of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Difference {
    /// The largest, divided by the largest magnitude expected; infinite where one is NaN or infinite and the other not.
    pub(super) relative: f64,
    /// The largest in units of the spacing of float32 numbers at the largest magnitude expected.
    pub(super) ulp: f64,
    /// The median over numbers that are not to be zero, each in units of the spacing at what it is to be.
    pub(super) median_ulp: f64,
    /// Where the largest is.
    pub(super) place: usize,
    /// What was computed there.
    pub(super) got: f64,
    /// What is expected there.
    pub(super) expected: f64,
}

/// Compares as many numbers as there are.
pub(super) fn difference(got: &[f32], expected: &[f64]) -> Difference {
    let pairs = || {
        got.iter()
            .zip(expected)
            .map(|(got, expected)| (f64::from(*got), *expected))
    };
    let finite = expected.iter().map(|e| e.abs()).filter(|e| e.is_finite());
    let largest = finite.fold(0.0, f64::max);
    let (mut place, mut worst) = (0, 0.0);
    for (i, (got, expected)) in pairs().enumerate() {
        let off = apart(got, expected);
        if off > worst {
            (place, worst) = (i, off);
        }
    }
    let ulps = pairs().filter(|(_, expected)| *expected != 0.0);
    let mut ulps: Vec<f64> = ulps.map(|(g, e)| apart(g, e) / spacing(e)).collect();
    let median_ulp = if ulps.is_empty() {
        0.0
    } else {
        let middle = ulps.len() / 2;
        *ulps.select_nth_unstable_by(middle, f64::total_cmp).1
    };
    let (got, expected) = pairs().nth(place).unwrap_or((0.0, 0.0));
    Difference {
        // Where all is to be zero, whatever is not is infinitely far off.
        relative: if worst == 0.0 { 0.0 } else { worst / largest },
        ulp: worst / spacing(largest),
        median_ulp,
        place,
        got,
        expected,
    }
}

/// The distance of two numbers; NaN is as far from every number as can be, and at no distance from NaN.
fn apart(got: f64, expected: f64) -> f64 {
    if got == expected || (got.is_nan() && expected.is_nan()) {
        return 0.0;
    }
    let off = (got - expected).abs();
    if off.is_nan() { f64::INFINITY } else { off }
}

/// The distance between two neighbours of float32 where `x` lies.
fn spacing(x: f64) -> f64 {
    /// Below 2^-126 the numbers lie as close as they ever do.
    const LEAST: i32 = -126;
    let exponent = if x == 0.0 {
        LEAST
    } else {
        x.abs().log2().floor() as i32
    };
    2.0_f64.powi(exponent.clamp(LEAST, 127) - 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spacing_is_float32s() {
        for x in [1.0_f32, 1.5, 6.0, 1e-3, 123_456.7, 1e-40, f32::MAX / 2.0] {
            let next = f32::from_bits(x.to_bits() + 1);
            assert_eq!(spacing(f64::from(x)), f64::from(next) - f64::from(x), "{x}");
        }
    }

    #[test]
    fn errors_are_relative_to_the_largest_number() {
        let ulp = 2.0_f32.powi(-21);
        let d = difference(&[1.0, -4.0 + ulp, 0.0], &[1.0, -4.0, 0.0]);
        assert_eq!((d.relative, d.ulp, d.place), (f64::from(ulp) / 4.0, 1.0, 1));
        assert_eq!((d.got, d.expected), (-4.0 + f64::from(ulp), -4.0));
        let d = difference(
            &[1.0 + 2.0_f32.powi(-22), 2.0, 4.0 + 4.0 * ulp],
            &[1.0, 2.0, 4.0],
        );
        assert_eq!((d.ulp, d.median_ulp), (4.0, 2.0));
    }

    #[test]
    fn what_is_no_number_is_infinitely_far_off_a_number() {
        let relative = |got: f32, expected: f64| difference(&[1.0, got], &[1.0, expected]).relative;
        assert_eq!(relative(f32::NAN, 1.0), f64::INFINITY);
        assert_eq!(relative(1.0, f64::NAN), f64::INFINITY);
        assert_eq!(relative(f32::INFINITY, 1.0), f64::INFINITY);
        assert_eq!(relative(f32::NAN, f64::NAN), 0.0);
        assert_eq!(relative(f32::INFINITY, f64::INFINITY), 0.0);
        assert_eq!(difference(&[1e-9], &[0.0]).relative, f64::INFINITY);
        assert_eq!(difference(&[0.0], &[0.0]).relative, 0.0);
    }
}

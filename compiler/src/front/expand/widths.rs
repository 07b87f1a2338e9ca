//! Arithmetic of widths: rounding, the width multiplier, factors.
//!
//! In and out: numbers. Never: knows a layer.

/// Rounds to a multiple of `divisor`, at least `minimum`, never below nine tenths of `v`.
///
/// `max(minimum, floor((v + divisor / 2) / divisor) * divisor)`, one step up when that is below `0.9 v`.
pub(super) fn make_divisible(v: f64, divisor: u32, minimum: u32) -> usize {
    let divisor = f64::from(divisor);
    let nearest = ((v + divisor / 2.0).trunc() / divisor).floor() * divisor;
    let rounded = nearest.max(f64::from(minimum));
    let rounded = if rounded < 0.9 * v {
        rounded + divisor
    } else {
        rounded
    };
    // Saturates: what is too large is refused by the builder, with its number of elements.
    rounded as usize
}

/// `t` times the channels: exact when that is whole, else made divisible.
pub(super) fn times(channels: usize, t: f64, divisor: u32, minimum: u32) -> usize {
    let product = channels as f64 * t;
    if product.fract() == 0.0 && product >= 1.0 {
        product as usize
    } else {
        make_divisible(product, divisor, minimum)
    }
}

/// Width of the vector between the two layers of a squeeze-and-excite.
pub(crate) fn squeezed(expanded: usize, ratio: f64, divisor: u32) -> usize {
    make_divisible((expanded as f64 * ratio).floor(), divisor, divisor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_torchvision_does() {
        let round = |v| make_divisible(v, 8, 8);
        assert_eq!(round(32.0 * 0.35), 16); // 11.2 -> 8, below 0.9 of it
        assert_eq!(round(16.0 * 0.35), 8);
        assert_eq!(round(24.0 * 1.4), 32); // 33.6 -> 32
        assert_eq!(round(96.0 * 1.4), 136); // 134.4
        assert_eq!(round(576.0 * 0.35), 200);
        assert_eq!(round(20.0), 24);
        assert_eq!(make_divisible(3.0, 4, 16), 16);
    }

    #[test]
    fn factors_are_exact_when_they_can_be() {
        assert_eq!(times(32, 6.0, 8, 8), 192);
        assert_eq!(times(40, 2.5, 8, 8), 100);
        assert_eq!(times(36, 1.3, 8, 8), 48); // 46.8
        assert_eq!(times(1, 0.001, 8, 8), 8);
    }

    #[test]
    fn squeezed_widths_of_v3() {
        let widths = [16, 72, 88, 96, 120, 240, 480, 576, 672, 960].map(|c| squeezed(c, 0.25, 8));
        assert_eq!(widths, [8, 24, 24, 24, 32, 64, 120, 144, 168, 240]);
    }
}

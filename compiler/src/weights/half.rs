//! The two 16-bit floating-point types as f32, which holds every value of both.
//!
//! In: bits. Out: the same number as f32. Never: rounds.

/// IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction.
pub(crate) fn f16_to_f32(bits: u16) -> f32 {
    let bits = u32::from(bits);
    let (sign, exponent, fraction) = ((bits >> 15) << 31, (bits >> 10) & 0x1F, bits & 0x3FF);
    match exponent {
        // Subnormal: the fraction counts multiples of 2^-24, whose bits are an exponent of 127 - 24.
        0 => f32::from_bits(sign | (fraction as f32 * f32::from_bits((127 - 24) << 23)).to_bits()),
        31 => f32::from_bits(sign | 0x7F80_0000 | (fraction << 13)),
        _ => f32::from_bits(sign | ((exponent + 127 - 15) << 23) | (fraction << 13)),
    }
}

/// bfloat16: the upper half of an f32.
pub(crate) fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number 16 bits stand for, by the definition: (-1)^s * 2^(e - bias) * 1.f, or 0.f at the least exponent.
    fn by_definition(bits: u16, fraction_bits: i32, bias: i32) -> f64 {
        let scale = 2f64.powi(fraction_bits);
        let fraction = f64::from(bits & ((1 << fraction_bits) - 1));
        let exponent = i32::from((bits & 0x7FFF) >> fraction_bits);
        let magnitude = match exponent {
            0 => 2f64.powi(1 - bias) * (fraction / scale),
            e if e == 2 * bias + 1 && fraction == 0.0 => f64::INFINITY,
            e if e == 2 * bias + 1 => f64::NAN,
            e => 2f64.powi(e - bias) * (1.0 + fraction / scale),
        };
        if bits >> 15 == 1 {
            -magnitude
        } else {
            magnitude
        }
    }

    fn agrees(converted: f32, expected: f64, bits: u16) {
        let converted = f64::from(converted);
        let same = converted.to_bits() == expected.to_bits();
        let same = same || (converted.is_nan() && expected.is_nan());
        assert!(same, "0x{bits:04x}: {converted} instead of {expected}");
    }

    #[test]
    fn every_f16_is_what_the_definition_says() {
        for bits in 0..=u16::MAX {
            agrees(f16_to_f32(bits), by_definition(bits, 10, 15), bits);
        }
    }

    #[test]
    fn every_bf16_is_what_the_definition_says() {
        for bits in 0..=u16::MAX {
            agrees(bf16_to_f32(bits), by_definition(bits, 7, 127), bits);
        }
    }
}

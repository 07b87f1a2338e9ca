//! Weights made up from a number: what `--weights seed:N` means. Any language can make the same ones.
//!
//! In: a seed, a tensor's canonical name and its shape. Out: its elements, the same on every machine to the bit. Never:
//! depends on the network, on other tensors or on the order they are asked for.
//!
//! With splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014) and FNV-1a, both of 64 bits:
//!
//! ```text
//! s    = first output of splitmix64 started at N, xor FNV-1a of the tensor's name
//! z(i) = output i + 1 of splitmix64 started at s, for element i in row-major order
//! u    = (z >> 40) * 2^-24                       in [0, 1), exact in f32
//! weight of a convolution or linear layer        (2u - 1) * f32(sqrt(6 / fan_in))
//! weight of a batch norm                         0.5 + u
//! variance of a batch norm                       0.75 + u
//! every bias, mean of a batch norm               (2u - 1) * 0.2
//! ```

use super::words::quoted;
use crate::diag::{Code, Diagnostic};
use crate::hash::fnv1a;

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Reads `seed:N`; nothing when `argument` does not start with `seed:`.
///
/// # Errors
/// When what follows is no whole number below 2^64.
pub fn parse(argument: &str) -> Option<Result<u64, Diagnostic>> {
    let number = argument.strip_prefix("seed:")?;
    let fault = |_| {
        let number = quoted(number);
        Diagnostic::error(Code::Seed, format!("{number} is no seed"))
            .help("write a whole number from 0 to 18446744073709551615, as in seed:7")
    };
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    let number = if digits { number } else { "" };
    Some(number.parse().map_err(fault))
}

/// The elements of the tensor `name`, whose ending says what it is.
pub fn values(seed: u64, name: &str, shape: &[usize]) -> Vec<f32> {
    let uniform = uniform(seed, name, shape.iter().product());
    let part = name.rsplit('.').next().unwrap_or(name);
    match (part, shape) {
        ("weight", [_]) => uniform.map(|u| 0.5 + u).collect(),
        ("var", _) => uniform.map(|u| 0.75 + u).collect(),
        ("weight", _) => {
            let fan_in: usize = shape.iter().skip(1).product();
            let bound = (6.0 / fan_in as f64).sqrt() as f32;
            uniform.map(|u| (2.0 * u - 1.0) * bound).collect()
        }
        _ => uniform.map(|u| (2.0 * u - 1.0) * 0.2).collect(),
    }
}

/// The numbers u(0), u(1), ... of the tensor `name`: in [0, 1), multiples of 2^-24.
pub fn uniform(seed: u64, name: &str, elements: usize) -> impl Iterator<Item = f32> + use<> {
    const STEP: f32 = 1.0 / (1 << 24) as f32;
    let state = splitmix64(seed, 1) ^ fnv1a(name.as_bytes());
    (1..=elements as u64).map(move |i| (splitmix64(state, i) >> 40) as f32 * STEP)
}

/// Output `index`, from 1, of splitmix64 started at `state`.
const fn splitmix64(state: u64, index: u64) -> u64 {
    let z = state.wrapping_add(index.wrapping_mul(GAMMA));
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::example::shown;

    /// Steele, Lea, Flood's generator, as published for the seed 0.
    #[test]
    fn splitmix64_is_the_published_generator() {
        let outputs = [1, 2, 3].map(|i| splitmix64(0, i));
        assert_eq!(
            outputs,
            [
                0xE220_A839_7B1D_CDAF,
                0x6E78_9E6A_A1B9_65F4,
                0x06C4_5D18_8009_454F
            ]
        );
    }

    /// Computed by a program of its own, in another language, with whole numbers of any size.
    #[test]
    fn ten_values_that_other_programs_make_too() {
        let bits =
            |seed, name, shape: &[usize], index: usize| values(seed, name, shape)[index].to_bits();
        assert_eq!(bits(0, "stem.weight", &[32, 3, 3, 3], 0), 0x3d95_bd68);
        assert_eq!(bits(0, "stem.weight", &[32, 3, 3, 3], 863), 0xbec5_0476);
        assert_eq!(bits(0, "stem.bn.weight", &[32], 0), 0x3fa7_5502);
        assert_eq!(bits(0, "stem.bn.bias", &[32], 1), 0xbdc7_456d);
        assert_eq!(bits(0, "stem.bn.mean", &[32], 2), 0x3e24_bd42);
        assert_eq!(bits(0, "stem.bn.var", &[32], 31), 0x3fcf_3b89);
        let depthwise = "row1.1.depthwise.weight";
        assert_eq!(bits(1, depthwise, &[32, 1, 3, 3], 100), 0xbe25_640b);
        assert_eq!(bits(1, "row4.1.se.reduce.bias", &[24], 5), 0xbd9c_b5d7);
        let last = 1000 * 1280 - 1;
        assert_eq!(bits(0, "linear1.weight", &[1000, 1280], last), 0xbc76_2f38);
        assert_eq!(bits(u64::MAX, "linear1.bias", &[1000], 999), 0xbdc4_919d);
    }

    #[test]
    fn a_seed_is_a_whole_number() {
        assert_eq!(parse("seed:18446744073709551615"), Some(Ok(u64::MAX)));
        assert_eq!(parse("weights.safetensors"), None);
        for wrong in ["", "-1", "+1", "1.5", "18446744073709551616", "seed"] {
            let mistake = parse(&format!("seed:{wrong}")).unwrap().unwrap_err();
            let message = format!(
                "error[W008]: `{wrong}` is no seed\n |\n \
                 = help: write a whole number from 0 to 18446744073709551615, as in seed:7\n"
            );
            assert_eq!(shown(&mistake), message);
        }
    }
}

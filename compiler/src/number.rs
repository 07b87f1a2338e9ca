//! Writes numbers for people, and reads amounts of memory as they write them.
//!
//! In: counts, text. Out: digits in groups of three, or three digits and a unit; counts. Never: rounds through floating
//! point.

/// `300774272` -> `300,774,272`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three digits, rounded half up, and the letter of a power of ten: `10838016` -> `10.8 M`. Numbers below a thousand are
/// written whole.
pub fn short(n: u64) -> String {
    if n < 1000 {
        return n.to_string();
    }
    let units = [(1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")];
    for (unit, letter) in units {
        for decimals in [2, 1, 0] {
            let scale = 10_u128.pow(decimals);
            let scaled = (u128::from(n) * scale + unit / 2) / unit;
            if scaled < 1000 {
                return format!("{} {letter}", fixed(scaled, scale, decimals as usize));
            }
        }
    }
    format!("{} G", n / 1_000_000_000)
}

/// `scaled / scale` with that many decimals.
fn fixed(scaled: u128, scale: u128, decimals: usize) -> String {
    match decimals {
        0 => scaled.to_string(),
        _ => format!("{}.{:0decimals$}", scaled / scale, scaled % scale),
    }
}

/// `256KiB` in bytes; fractions of a unit are fine, fractions of a byte are cut off.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let digits = text
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b'.')
        .count();
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit.trim_start() {
        "B" => 1,
        "KB" => 1000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let scale = 10u64.pow(u32::try_from(fraction.len()).ok()?);
    let part = fraction.parse::<u64>().ok()?.checked_mul(unit)? / scale;
    let total = whole
        .parse::<u64>()
        .ok()?
        .checked_mul(unit)?
        .checked_add(part)?;
    (total <= 1 << 53).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_memory() {
        assert_eq!(bytes("256KiB"), Some(262_144));
        assert_eq!(bytes("1.5 MiB"), Some(1_572_864));
        assert_eq!(bytes("2MB"), Some(2_000_000));
        assert_eq!(bytes("64KB"), Some(64_000));
        assert_eq!(bytes("7B"), Some(7));
        for wrong in [
            "",
            "256",
            "KiB",
            "-1B",
            "1.B",
            "1e3B",
            "99999999999999999999B",
            "9999999999999MiB",
            "1GiB",
            "1.2.3B",
        ] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        let written = [0, 7, 999, 1000, 65_536, 300_774_272].map(thousands);
        let expected = ["0", "7", "999", "1,000", "65,536", "300,774,272"];
        assert_eq!(written, expected);
    }

    #[test]
    fn short_numbers_have_three_digits() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1000, "1.00 k"),
            (9_994, "9.99 k"),
            (9_995, "10.0 k"),
            (64_350, "64.4 k"),
            (999_499, "999 k"),
            (999_500, "1.00 M"),
            (10_838_016, "10.8 M"),
            (4_014_080, "4.01 M"),
            (1_234_567_890, "1.23 G"),
            (7_000_000_000_000, "7000 G"),
        ];
        for (n, expected) in cases {
            assert_eq!(short(n), expected);
        }
    }
}

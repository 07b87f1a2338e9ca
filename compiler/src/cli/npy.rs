//! The `.npy` format of NumPy, as much of it as arrays of numbers in C order need.
//!
//! In and out: bytes. Never: guesses; what is not exactly understood is refused.
//!
//! ```text
//! \x93NUMPY  major minor  header length (u16 in version 1, u32 in 2 and 3)
//! {'descr': '<f4', 'fortran_order': False, 'shape': (224, 224, 3), }   padded with spaces, ends in a newline
//! data
//! ```

/// An array.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    /// Length along each axis, the first axis outermost.
    pub(super) shape: Vec<usize>,
    /// The elements, the last axis innermost.
    pub(super) elements: Elements,
}

/// The elements of an array.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Elements {
    /// `<f4`.
    F32(Vec<f32>),
    /// `<f8`.
    F64(Vec<f64>),
    /// `|u1`.
    U8(Vec<u8>),
}

const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads an array.
///
/// # Errors
/// In words, what about the bytes is wrong or not supported.
pub(super) fn read(bytes: &[u8]) -> Result<Array, String> {
    let (header, data) = split(bytes)?;
    let Header { descr, shape } = header_of(header)?;
    let count = shape.iter().try_fold(1_usize, |all, n| all.checked_mul(*n));
    let count =
        count.ok_or_else(|| format!("an array of shape {} has no memory", tuple(&shape)))?;
    let size = match descr {
        "<f4" => 4,
        "<f8" => 8,
        "|u1" | "<u1" => 1,
        other => {
            return Err(format!(
                "its elements are '{other}', not '<f4' (float32), '<f8' (float64) or '|u1' (uint8)"
            ));
        }
    };
    if count.checked_mul(size) != Some(data.len()) {
        let (shape, length) = (tuple(&shape), data.len());
        return Err(format!(
            "shape {shape} needs {count} elements of {size} bytes, but {length} bytes follow"
        ));
    }
    let elements = match size {
        4 => Elements::F32(
            data.as_chunks()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b))
                .collect(),
        ),
        8 => Elements::F64(
            data.as_chunks()
                .0
                .iter()
                .map(|b| f64::from_le_bytes(*b))
                .collect(),
        ),
        _ => Elements::U8(data.to_vec()),
    };
    Ok(Array { shape, elements })
}

/// Writes an array of f32.
pub(super) fn write(shape: &[usize], data: &[f32]) -> Vec<u8> {
    let mut header = format!(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}",
        tuple(shape)
    );
    // The data starts at a multiple of 64: ten bytes stand before the header, a newline ends it.
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let length = u16::try_from(header.len()).expect("a header of three axes is short");
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend(length.to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(data.iter().flat_map(|v| v.to_le_bytes()));
    bytes
}

/// A shape as Python writes it: `(1, 2)`, `(3,)`, `()`.
pub(super) fn tuple(shape: &[usize]) -> String {
    let numbers: Vec<_> = shape.iter().map(usize::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    format!("({}{comma})", numbers.join(", "))
}

/// The header's text and the data.
fn split(bytes: &[u8]) -> Result<(&str, &[u8]), String> {
    let cut = || "it ends within its header".to_owned();
    let rest = bytes
        .strip_prefix(MAGIC)
        .ok_or("it does not start as a .npy file does")?;
    let ([major, _minor], rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let (length, rest) = match major {
        1 => {
            let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        2 | 3 => {
            let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
        other => {
            return Err(format!(
                "it has version {other} of the format, not 1, 2 or 3"
            ));
        }
    };
    let (header, data) = rest.split_at_checked(length).ok_or_else(cut)?;
    let header = std::str::from_utf8(header).map_err(|_| "its header is not text")?;
    Ok((header, data))
}

struct Header<'a> {
    descr: &'a str,
    shape: Vec<usize>,
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }`, with keys in any order.
fn header_of(text: &str) -> Result<Header<'_>, String> {
    let odd = || format!("its header cannot be read: {}", text.trim_end());
    let mut rest = text
        .trim_end()
        .strip_prefix('{')
        .and_then(|t| t.strip_suffix('}'))
        .ok_or_else(odd)?
        .trim();
    let (mut descr, mut order, mut shape) = (None, None, None);
    while !rest.is_empty() {
        let (key, after) = quoted(rest).ok_or_else(odd)?;
        let value = after
            .trim_start()
            .strip_prefix(':')
            .ok_or_else(odd)?
            .trim_start();
        let after = match key {
            "descr" => quoted(value).map(|(text, after)| (descr.replace(text).is_none(), after)),
            "fortran_order" => {
                word(value).map(|(word, after)| (order.replace(word).is_none(), after))
            }
            "shape" => {
                lengths(value).map(|(lengths, after)| (shape.replace(lengths).is_none(), after))
            }
            _ => None,
        };
        let (true, after) = after.ok_or_else(odd)? else {
            return Err(odd());
        };
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return Err(odd()),
        };
    }
    match (descr, order, shape) {
        (Some(descr), Some("False"), Some(shape)) => Ok(Header { descr, shape }),
        (Some(_), Some("True"), Some(_)) => {
            Err("it is in Fortran order: save it with numpy.ascontiguousarray".to_owned())
        }
        _ => Err(odd()),
    }
}

/// `'text'rest`.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

/// `Word rest`.
fn word(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    Some(text.split_at(end)).filter(|(word, _)| !word.is_empty())
}

/// `(1, 2)rest`.
fn lengths(text: &str) -> Option<(Vec<usize>, &str)> {
    let (inner, after) = text.strip_prefix('(')?.split_once(')')?;
    let inner = inner.trim();
    let inner = inner.strip_suffix(',').unwrap_or(inner);
    if inner.is_empty() {
        return Some((Vec::new(), after));
    }
    let lengths = inner
        .split(',')
        .map(|n| n.trim().parse().ok())
        .collect::<Option<_>>()?;
    Some((lengths, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(header.len())
            .expect("a short header")
            .to_le_bytes();
        [MAGIC, &[1, 0], &length, header.as_bytes(), data].concat()
    }

    #[test]
    fn what_is_written_reads_back() {
        for shape in [vec![2, 1, 3], vec![6], vec![1, 6]] {
            let data = [0.0, -1.5, f32::MAX, 1e-40, 4.0, 5.0];
            let bytes = write(&shape, &data);
            assert_eq!((bytes.len() - 24) % 64, 0, "the data is aligned");
            assert_eq!(
                read(&bytes),
                Ok(Array {
                    shape,
                    elements: Elements::F32(data.to_vec())
                })
            );
        }
        let bytes = write(&[], &[7.0]);
        assert_eq!(read(&bytes).map(|a| a.shape), Ok(vec![]));
    }

    #[test]
    fn bytes_are_as_numpy_writes_them() {
        let expected =
            b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
        let bytes = write(&[1], &[1.0]);
        assert_eq!(bytes[..expected.len()], expected[..]);
        assert!(bytes[expected.len()..127].iter().all(|b| *b == b' '));
        assert_eq!(bytes[127..], *b"\n\x00\x00\x80\x3f");
    }

    #[test]
    fn types_versions_and_spellings() {
        let bytes = file(
            "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n",
            &[1, 2],
        );
        assert_eq!(
            read(&bytes).map(|a| a.elements),
            Ok(Elements::U8(vec![1, 2]))
        );
        let bytes = file(
            "{\"shape\":(1,1),\"fortran_order\":False,\"descr\":\"<f8\"}",
            &0.5_f64.to_le_bytes(),
        );
        assert_eq!(
            read(&bytes),
            Ok(Array {
                shape: vec![1, 1],
                elements: Elements::F64(vec![0.5])
            })
        );
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}";
        let length = u32::try_from(header.len())
            .expect("a short header")
            .to_le_bytes();
        let bytes = [MAGIC, &[2, 0], &length, header.as_bytes(), &[9]].concat();
        assert_eq!(read(&bytes).map(|a| a.elements), Ok(Elements::U8(vec![9])));
    }

    #[test]
    fn whatever_else_is_refused_in_words() {
        let header = |header: &str| read(&file(header, &[0; 4])).expect_err(header);
        let cases = [
            (read(b"").expect_err("empty"), "does not start as"),
            (read(b"PK\x03\x04").expect_err("a zip"), "does not start as"),
            (
                read(b"\x93NUMPY").expect_err("cut"),
                "ends within its header",
            ),
            (
                read(b"\x93NUMPY\x01\x00\xff").expect_err("cut"),
                "ends within its header",
            ),
            (
                read(b"\x93NUMPY\x01\x00\xff\x00{").expect_err("cut"),
                "ends within its header",
            ),
            (
                read(b"\x93NUMPY\x09\x00\x00\x00").expect_err("version"),
                "version 9",
            ),
            (
                read(b"\x93NUMPY\x01\x00\x01\x00\xff").expect_err("text"),
                "not text",
            ),
            (
                header("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}"),
                "'>f4'",
            ),
            (
                header("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}"),
                "Fortran",
            ),
            (
                header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}"),
                "4 bytes follow",
            ),
            (
                header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"),
                "cannot be read",
            ),
            (
                header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,,)}"),
                "cannot be read",
            ),
            (
                header("{'descr': '<f4', 'fortran_order': False}"),
                "cannot be read",
            ),
            (
                header("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"),
                "cannot be read",
            ),
            (
                header("{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}"),
                "cannot be read",
            ),
            (
                header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"),
                "cannot be read",
            ),
            (
                header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}"),
                "cannot be read",
            ),
            (header("{"), "cannot be read"),
            (header(""), "cannot be read"),
        ];
        for (error, words) in cases {
            assert!(error.contains(words), "{error}");
        }
        let max = usize::MAX;
        let error = header(&format!(
            "{{'descr': '<f4', 'fortran_order': False, 'shape': ({max}, {max})}}"
        ));
        assert!(error.contains("no memory"), "{error}");
    }

    #[test]
    fn damage_never_panics() {
        let good = write(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let mut state = 1_u64;
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            for _ in 0..3 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let place = (state >> 33) as usize % bytes.len();
                bytes[place] = (state >> 20) as u8;
            }
            bytes.truncate(bytes.len() - (state >> 60) as usize);
            let _ = read(&bytes);
        }
    }
}

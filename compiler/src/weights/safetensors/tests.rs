//! Sound files are read, broken ones answered with one error each; then two thousand damaged ones.

use super::*;
use crate::weights::example::{shown, tensors, v2};
use ::safetensors::tensor::serialize;
use std::time::{Duration, Instant};

/// A file with this header and these bytes behind it.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), data].concat()
}

fn message(bytes: &[u8]) -> String {
    shown(&read(bytes).expect_err("the file is broken"))
}

const DAMAGED: &str =
    " |\n = help: copy or download the file again; it must be one that safetensors wrote\n";

#[track_caller]
fn refused(header: &str, data: usize, expected: &str) {
    let expected = format!("error[{expected}\n{DAMAGED}");
    assert_eq!(message(&file(header, &vec![0; data])), expected);
}

#[test]
fn every_float_type_is_read_wherever_its_bytes_lie() {
    // One byte of metadata more or less moves all data off every alignment.
    for space in ["", " ", "  ", "   "] {
        let header = format!(
            r#"{space}{{"__metadata__":{{"format":"pt"}},"a.num_batches_tracked":{{"dtype":"I64","shape":[],"data_offsets":[0,8]}},
            "h":{{"dtype":"F16","shape":[3],"data_offsets":[8,14]}},"b":{{"dtype":"BF16","shape":[1,1],"data_offsets":[14,16]}},
            "f":{{"dtype":"F32","shape":[2],"data_offsets":[16,24]}},"d":{{"dtype":"F64","shape":[],"data_offsets":[24,32]}},
            "none":{{"dtype":"F32","shape":[0,5],"data_offsets":[32,32]}}}}"#
        );
        let mut data = vec![1; 8];
        let halves = [0x3C00_u16, 0xC000, 0x0001, 0x3FC0];
        data.extend(halves.iter().flat_map(|h| h.to_le_bytes()));
        data.extend([1.5_f32, -0.1].iter().flat_map(|f| f.to_le_bytes()));
        data.extend(0.1_f64.to_le_bytes());
        let tensors = read(&file(&header, &data)).unwrap();
        let data = |name| tensors.get(name).unwrap().data().to_vec();
        assert_eq!(data("h"), [1.0, -2.0, 2f32.powi(-24)]);
        assert_eq!(data("b"), [1.5]);
        assert_eq!(data("f"), [1.5, -0.1]);
        assert_eq!(data("d"), [0.1]);
        assert_eq!(tensors.get("none").unwrap().shape(), [0, 5]);
        assert_eq!(tensors.len(), 5);
    }
}

#[test]
fn what_is_no_safetensors_file_is_refused() {
    assert_eq!(
        message(b"abc"),
        format!(
            "error[W001]: the file has 3 bytes, but a safetensors file starts with 8 for its header's length\n{DAMAGED}"
        )
    );
    assert_eq!(
        message(b"PK\x03\x04\x00\x00\x08\x08 a zip, as torch.save writes"),
        "error[W001]: the file starts with a header's length of 578712552184433488 bytes, but no more than 1048576 are read\n \
         |\n = help: give a safetensors file; PyTorch's .pt and .pth files are saved as such with `save_file`\n"
    );
    refused(
        "{not JSON}",
        0,
        "W001]: the header is not what safetensors writes: key must be a string at line 1 column 2",
    );
    refused(
        "[1, 2]",
        0,
        "W001]: the header is not what safetensors writes: invalid type: sequence, expected a map from names to \
         tensors at line 1 column 0",
    );
    refused(
        r#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        4,
        "W001]: the header is not what safetensors writes: invalid value: integer `-1`, expected u64 at line 1 column 31",
    );
    refused(
        r#"{"a":{"dtype":"F32","shape":"größe\n","data_offsets":[0,4]}}"#,
        4,
        "W001]: the header is not what safetensors writes: invalid type: string \"größe\\n\", expected a sequence at line 1 \
         column 39",
    );
    let latin1 = [&2u64.to_le_bytes()[..], b"\xE4\xF6"].concat();
    assert_eq!(
        message(&latin1),
        format!(
            "error[W001]: the header is not what safetensors writes: expected value at line 1 column 1\n{DAMAGED}"
        )
    );
}

#[test]
fn a_file_that_is_cut_off_says_where() {
    let whole = file(
        r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        &[0; 8],
    );
    let cut = |end: usize| message(&whole[..end]);
    assert_eq!(
        cut(40),
        format!("error[W002]: the header ends at byte 62, but the file at byte 40\n{DAMAGED}")
    );
    assert_eq!(
        cut(65),
        format!(
            "error[W002]: the tensors end at byte 8 behind the header, but the file at byte 3\n{DAMAGED}"
        )
    );
    let long = [&whole[..], b"?"].concat();
    assert_eq!(
        message(&long),
        format!(
            "error[W002]: the tensors end at byte 8 behind the header, but the file at byte 9\n{DAMAGED}"
        )
    );
    for end in 0..whole.len() {
        read(&whole[..end]).expect_err("every cut is noticed");
    }
    assert!(read(&whole).is_ok());
}

#[test]
fn places_that_contradict_each_other_are_named() {
    let two = |a: &str, b: &str| {
        format!(
            r#"{{"a":{{"dtype":"F32","shape":[2],"data_offsets":{a}}},"b":{{"dtype":"F32","shape":[2],"data_offsets":{b}}}}}"#
        )
    };
    refused(
        &two("[0,8]", "[4,12]"),
        12,
        "W003]: tensor `b` starts at byte 4, inside `a`, which ends at byte 8",
    );
    refused(
        &two("[0,8]", "[12,20]"),
        20,
        "W003]: tensor `b` starts at byte 12, but what is before it ends at byte 8",
    );
    refused(
        &two("[8,0]", "[8,16]"),
        16,
        "W003]: tensor `a` ends at byte 0, before it starts at byte 8",
    );
    refused(
        &two("[0,8]", "[8,4]"),
        16,
        "W003]: tensor `b` ends at byte 4, before it starts at byte 8",
    );
    refused(
        &two("[0,8]", "[8,18446744073709551615]"),
        16,
        "W003]: tensor `b`, F32 2, needs 8 bytes, but its place has 18446744073709551607",
    );
    refused(
        &two("[0,8]", "[8,12]"),
        12,
        "W003]: tensor `b`, F32 2, needs 8 bytes, but its place has 4",
    );
    refused(
        &two("[0,8]", "[8,16]"),
        12,
        "W002]: the tensors end at byte 16 behind the header, but the file at byte 12",
    );
    refused(
        &two("[0,8]", "[8,16]").replace("\"b\"", "\"a\""),
        16,
        "W003]: tensor `a` is there twice",
    );
    // Of two equal entries either would do, but whoever wrote them meant something else.
    refused(
        &two("[0,8]", "[0,8]").replace("\"b\"", "\"a\""),
        8,
        "W003]: tensor `a` is there twice",
    );
}

#[test]
fn shapes_and_types_that_cannot_be_are_named() {
    let one = |dtype: &str, shape: &str| {
        format!(r#"{{"stem.weight":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,8]}}}}"#)
    };
    refused(
        &one("F32", "[4294967296,4294967296,3]"),
        8,
        "W003]: tensor `stem.weight`, F32 4294967296x4294967296x3, has no size in bytes",
    );
    refused(
        &one("F4", "[3]"),
        8,
        "W003]: tensor `stem.weight`, F4 3, has no size in bytes",
    );
    refused(
        &one("F32\\n", "[2]"),
        8,
        "W004]: tensor `stem.weight` has elements of type `F32\\n`, which safetensors does not know",
    );
    assert_eq!(
        message(&file(&one("I8", "[8]"), &[0; 8])),
        "error[W004]: tensor `stem.weight` has elements of type I8, but weights are F32, F16, BF16 or F64\n |\n \
         = help: save the weights of the float model, before it was quantised\n"
    );
    let entry = |name: char, at: usize| {
        let end = at + 1;
        format!(r#""{name}":{{"dtype":"U8","shape":[1],"data_offsets":[{at},{end}]}}"#)
    };
    let letters: Vec<String> = ('a'..='z')
        .rev()
        .zip(0..)
        .map(|(n, at)| entry(n, at))
        .collect();
    let header = format!("{{{}}}", letters.join(","));
    assert_eq!(
        message(&file(&header, &[0; 26])).lines().next(),
        Some(
            "error[W004]: tensor `a` has elements of type U8, but weights are F32, F16, BF16 or F64, and 25 more like it"
        )
    );
}

#[test]
fn a_header_is_not_longer_than_any_network_needs() {
    let header = " ".repeat(MAX_HEADER_BYTES - 2) + "{}";
    assert_eq!(read(&file(&header, &[])), Ok(Tensors::new()));
    let message = message(&file(&format!(" {header}"), &[]));
    let expected = "error[W001]: the file starts with a header's length of 1048577 bytes, but no more than 1048576 are read";
    assert_eq!(message.lines().next(), Some(expected));
}

#[test]
fn a_header_nested_without_end_is_refused() {
    for (name, fault) in [
        (
            "__metadata__",
            "EOF while parsing a list at line 1 column 100016",
        ),
        (
            "a",
            "invalid type: sequence, expected a string at line 1 column 6",
        ),
    ] {
        let nested = format!(r#"{{"{name}":{}"#, "[".repeat(100_000));
        let message = message(&file(&nested, &[]));
        let expected = format!("error[W001]: the header is not what safetensors writes: {fault}");
        assert_eq!(message.lines().next(), Some(&*expected));
    }
}

/// The weights of a network as a file.
fn sound() -> Vec<u8> {
    let tensors = tensors(&v2(), 0);
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, t)| {
            let bytes = t.data().iter().flat_map(|x| x.to_le_bytes()).collect();
            (name.to_owned(), t.shape().to_vec(), bytes)
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap();
        (name.as_str(), view)
    });
    serialize(views, None).unwrap()
}

#[test]
fn what_safetensors_writes_is_read() {
    assert_eq!(read(&sound()), Ok(tensors(&v2(), 0)));
}

struct Random(u64);

impl Random {
    /// Marsaglia's xorshift; a number below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }

    /// A damaged copy of `sound`, which has a header of `header` bytes.
    fn damaged(&mut self, sound: &[u8], header: usize) -> Vec<u8> {
        const WORDS: [&str; 16] = [
            "18446744073709551615",
            "18446744073709551616",
            "9223372036854775807",
            "4294967296",
            "-1",
            "0",
            "1e9",
            "null",
            "\"F33\"",
            "\"I64\"",
            "\"F64\"",
            "[]",
            "{}",
            "\"stem.weight\"",
            "\u{0}",
            "]]]]",
        ];
        let mut bytes = sound.to_vec();
        for _ in 0..=self.below(3) {
            let at = 8 + self.below(header);
            match self.below(8) {
                0 => bytes.truncate(self.below(sound.len())),
                1 => bytes.extend(vec![0; 1 + self.below(100)]),
                2 => bytes.truncate(at),
                3 => {
                    let end = bytes.len().min(8);
                    let length = [0, 1, header - 1, header + 1, 1 << 20, usize::MAX, 1 << 62];
                    let length = length[self.below(length.len())].to_le_bytes();
                    bytes[..end].copy_from_slice(&length[..end]);
                }
                4 | 5 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                6 if at < bytes.len() => {
                    let word = WORDS[self.below(WORDS.len())].as_bytes();
                    let end = (at + word.len()).min(bytes.len());
                    bytes[at..end].copy_from_slice(&word[..end - at]);
                }
                _ => self.replace_a_value(&mut bytes, header, &WORDS),
            }
        }
        bytes
    }

    /// Puts a word where a number, a text or a list was, and makes the header's length fit.
    fn replace_a_value(&mut self, bytes: &mut Vec<u8>, header: usize, words: &[&str]) {
        let Some(text) = bytes.get(8..8 + header) else {
            return;
        };
        let colons: Vec<usize> = (0..header).filter(|i| b":[,".contains(&text[*i])).collect();
        if colons.is_empty() {
            return;
        }
        let start = 8 + colons[self.below(colons.len())] + 1;
        let length = bytes[start..8 + header]
            .iter()
            .position(|b| b",]}".contains(b))
            .unwrap_or(0);
        let word = words[self.below(words.len())].bytes();
        let old = start..start + length;
        let longer = header + word.len() - length;
        bytes.splice(old, word);
        bytes[..8].copy_from_slice(&(longer as u64).to_le_bytes());
    }
}

/// Damage of every kind, the same on every machine; `MNETC_MUTATIONS=100000` for more of it. Each file loads or is
/// refused, soon, and with no more memory than twice its size.
#[test]
fn damaged_files_are_refused_or_read() {
    let sound = sound();
    let header = u64::from_le_bytes(sound[..8].try_into().unwrap()) as usize;
    let count = std::env::var("MNETC_MUTATIONS").map_or(2_000, |n| n.parse().unwrap());
    let (mut random, mut refused) = (Random(0x9E37_79B9_7F4A_7C15), 0);
    let mut codes = std::collections::BTreeSet::new();
    for case in 0..count {
        let bytes = random.damaged(&sound, header);
        let start = Instant::now();
        match read(&bytes) {
            Ok(tensors) => {
                let elements: usize = tensors.iter().map(|(_, t)| t.data().len()).sum();
                assert!(elements * 2 <= bytes.len(), "case {case}");
            }
            Err(mistake) => {
                refused += 1;
                codes.insert(mistake.code);
                assert!(
                    mistake.message.len() < 400,
                    "case {case}: {}",
                    mistake.message
                );
                assert!(
                    mistake.message.chars().all(|c| !c.is_control()),
                    "case {case}"
                );
            }
        }
        assert!(start.elapsed() < Duration::from_secs(5), "case {case}");
    }
    assert!(
        refused > count / 2,
        "only {refused} of {count} were refused"
    );
    let all = [
        Code::NotSafetensors,
        Code::WrongLength,
        Code::BadTensor,
        Code::ElementType,
    ];
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), all);
}

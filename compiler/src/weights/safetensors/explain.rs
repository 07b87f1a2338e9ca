//! Says in words why a safetensors file is refused.
//!
//! In: the file's bytes and what the package `safetensors` made of them. Out: one [`Diagnostic`] with names and numbers.
//! Never: accepts a file; what finds no fault here has the package's own words.

use super::super::words::{quoted, shape_text};
use super::MAX_HEADER_BYTES;
use crate::diag::{Code, Diagnostic};
use ::safetensors::SafeTensorError;
use ::safetensors::tensor::Dtype;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// Bytes of the header's length.
const LENGTH_BYTES: usize = 8;

const DAMAGED: &str = "copy or download the file again; it must be one that safetensors wrote";

/// The header's text.
pub(super) fn header(bytes: &[u8]) -> Result<&[u8], Diagnostic> {
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() else {
        let found = bytes.len();
        let message = format!(
            "the file has {found} bytes, but a safetensors file starts with 8 for its header's length"
        );
        return Err(Diagnostic::error(Code::NotSafetensors, message).help(DAMAGED));
    };
    let length = u64::from_le_bytes(*length);
    if length > MAX_HEADER_BYTES as u64 {
        let message = format!(
            "the file starts with a header's length of {length} bytes, but no more than {MAX_HEADER_BYTES} are read"
        );
        let help = "give a safetensors file; PyTorch's .pt and .pth files are saved as such with `save_file`";
        return Err(Diagnostic::error(Code::NotSafetensors, message).help(help));
    }
    rest.get(..length as usize).ok_or_else(|| {
        let (needed, found) = (LENGTH_BYTES as u64 + length, bytes.len());
        let message = format!("the header ends at byte {needed}, but the file at byte {found}");
        Diagnostic::error(Code::WrongLength, message).help(DAMAGED)
    })
}

/// Why the package refused the file.
pub(super) fn refusal(bytes: &[u8], header: &[u8], error: &SafeTensorError) -> Diagnostic {
    let fault = match serde_json::from_slice::<Entries>(header) {
        Ok(Entries(entries)) => {
            let data = bytes.len() - header.len() - LENGTH_BYTES;
            twice(&entries)
                .or_else(|| types(&entries))
                .or_else(|| places(entries, data))
        }
        Err(json) => {
            let message = format!(
                "the header is not what safetensors writes: {}",
                short(&json)
            );
            Some(Diagnostic::error(Code::NotSafetensors, message))
        }
    };
    let other = || {
        let message = format!("the file is no sound safetensors file: {}", short(error));
        Diagnostic::error(Code::NotSafetensors, message)
    };
    fault.unwrap_or_else(other).help(DAMAGED)
}

/// Refuses a header that gives a name twice: which of the two is meant nobody knows.
pub(super) fn unique(header: &[u8]) -> Result<(), Diagnostic> {
    match serde_json::from_slice::<Entries>(header) {
        Ok(Entries(entries)) => twice(&entries).map_or(Ok(()), |d| Err(d.help(DAMAGED))),
        Err(_) => Ok(()),
    }
}

/// The first name that is there for the second time.
fn twice(entries: &[(String, Entry)]) -> Option<Diagnostic> {
    let mut names = BTreeSet::new();
    let (name, _) = entries.iter().find(|(name, _)| !names.insert(name))?;
    let message = format!("tensor {} is there twice", quoted(name));
    Some(Diagnostic::error(Code::BadTensor, message))
}

/// A tensor as the header has it.
#[derive(serde::Deserialize)]
#[serde(expecting = "a tensor")]
struct Entry {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

impl Entry {
    /// Bytes that the shape and type need; none when no memory has so many, or the type is of parts of bytes.
    fn bytes(&self) -> Option<u64> {
        let elements = self.shape.iter().try_fold(1u64, |n, d| n.checked_mul(*d))?;
        let bits = elements.checked_mul(dtype(&self.dtype)?.bitsize() as u64)?;
        bits.is_multiple_of(8).then_some(bits / 8)
    }

    fn describe(&self) -> String {
        let shape: Vec<usize> = self.shape.iter().map(|n| *n as usize).collect();
        format!("{} {}", self.dtype, shape_text(&shape))
    }
}

/// All tensors of a header, in its order, names given twice included.
struct Entries(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;
        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from names to tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        entries.push((name, map.next_value()?));
                    }
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor)
    }
}

fn dtype(name: &str) -> Option<Dtype> {
    serde_json::from_value(name.into()).ok()
}

/// The first tensor of a type that does not exist.
fn types(entries: &[(String, Entry)]) -> Option<Diagnostic> {
    let (name, entry) = entries.iter().find(|(_, e)| dtype(&e.dtype).is_none())?;
    let (name, found) = (quoted(name), quoted(&entry.dtype));
    let message =
        format!("tensor {name} has elements of type {found}, which safetensors does not know");
    Some(Diagnostic::error(Code::ElementType, message))
}

/// The first tensor, in the order of their places, that does not lie where its neighbours end, or does not fill its
/// place; or a last one that does not end with the file's `data` bytes.
fn places(mut entries: Vec<(String, Entry)>, data: usize) -> Option<Diagnostic> {
    entries.sort_by_key(|(_, e)| e.data_offsets);
    let fault = |message: String| Some(Diagnostic::error(Code::BadTensor, message));
    let mut end_before = 0;
    let mut name_before = None;
    for (name, entry) in &entries {
        let (start, end) = entry.data_offsets;
        let (shown, what) = (quoted(name), entry.describe());
        if end < start {
            return fault(format!(
                "tensor {shown} ends at byte {end}, before it starts at byte {start}"
            ));
        }
        if start < end_before {
            let before = quoted(name_before.unwrap_or_default());
            return fault(format!(
                "tensor {shown} starts at byte {start}, inside {before}, which ends at byte {end_before}"
            ));
        }
        if start > end_before {
            return fault(format!(
                "tensor {shown} starts at byte {start}, but what is before it ends at byte {end_before}"
            ));
        }
        match entry.bytes() {
            Some(bytes) if bytes == end - start => {}
            Some(bytes) => {
                let place = end - start;
                return fault(format!(
                    "tensor {shown}, {what}, needs {bytes} bytes, but its place has {place}"
                ));
            }
            None => {
                return fault(format!("tensor {shown}, {what}, has no size in bytes"));
            }
        }
        (end_before, name_before) = (end, Some(name.as_str()));
    }
    if end_before == data as u64 {
        return None;
    }
    let message = format!(
        "the tensors end at byte {end_before} behind the header, but the file at byte {data}"
    );
    Some(Diagnostic::error(Code::WrongLength, message))
}

/// Somebody else's words, on one line that is not too long.
fn short(words: &dyn fmt::Display) -> String {
    let words = words.to_string().replace(char::is_control, " ");
    let cut: String = words.chars().take(160).collect();
    let dots = if cut.len() < words.len() { "..." } else { "" };
    format!("{cut}{dots}")
}

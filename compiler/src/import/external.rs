//! Tensor data that lies in a file beside the model.
//!
//! In: what a tensor says about the place of its data, and a [`Resolver`] that has the files. Out: the bytes, or why they
//! cannot be had. Never: opens a file; never asks for one whose name leads out of the model's folder.

use super::wire;
use bytes::Bytes;
use std::collections::BTreeMap;

/// Gives the content of files that lie beside a model.
pub trait Resolver {
    /// The file at `path`, which is relative to the model's folder, has `/` between its parts, and no `..`.
    ///
    /// # Errors
    /// In words, why it cannot be read, without its name.
    fn file(&self, path: &str) -> Result<Bytes, String>;
}

/// No files: for models in memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Resolver for NoFiles {
    fn file(&self, _path: &str) -> Result<Bytes, String> {
        Err("no files belong to a model in memory".to_owned())
    }
}

/// The files asked for so far.
pub(super) struct Files<'r> {
    resolver: &'r dyn Resolver,
    read: BTreeMap<String, Result<Bytes, String>>,
}

/// Why a tensor's data cannot be had.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The file as a whole cannot be read, for this reason; the same for all its tensors.
    File(String, String),
    /// What the tensor says is wrong.
    Entry(String),
}

impl<'r> Files<'r> {
    pub(super) fn new(resolver: &'r dyn Resolver) -> Self {
        Self {
            resolver,
            read: BTreeMap::new(),
        }
    }

    /// The bytes that `entries` name; `expected` of them.
    pub(super) fn data(
        &mut self,
        entries: &[wire::Entry],
        expected: usize,
    ) -> Result<Bytes, Fault> {
        let place = Place::of(entries).map_err(Fault::Entry)?;
        let resolver = self.resolver;
        let read = self.read.entry(place.location.to_owned());
        let file = read.or_insert_with(|| resolver.file(place.location));
        let file = file.clone();
        let file = file.map_err(|reason| Fault::File(place.location.to_owned(), reason))?;
        let length = place.length.unwrap_or(expected);
        if length != expected {
            let facts = format!("its data has {length} bytes, its shape and type {expected}");
            return Err(Fault::Entry(facts));
        }
        let end = place.offset.checked_add(length);
        match end.filter(|end| *end <= file.len()) {
            Some(end) => Ok(file.slice(place.offset..end)),
            None => {
                let (offset, size, name) = (place.offset, file.len(), place.location);
                Err(Fault::Entry(format!(
                    "its {length} bytes from {offset} on lie outside {name}, which has {size}"
                )))
            }
        }
    }
}

/// Where data lies.
struct Place<'e> {
    location: &'e str,
    offset: usize,
    length: Option<usize>,
}

impl<'e> Place<'e> {
    fn of(entries: &'e [wire::Entry]) -> Result<Self, String> {
        let (mut location, mut offset, mut length) = (None, None, None);
        for wire::Entry { key, value } in entries {
            let slot = match key.as_str() {
                "location" => &mut location,
                "offset" => &mut offset,
                "length" => &mut length,
                "checksum" => continue,
                other => {
                    return Err(format!(
                        "it names its data by an unknown key `{}`",
                        clip(other)
                    ));
                }
            };
            if slot.replace(value.as_str()).is_some() {
                return Err(format!("it names the {key} of its data twice"));
            }
        }
        let location = location.ok_or("it names no file for its data")?;
        if !is_inside(location) {
            let location = clip(location);
            return Err(format!(
                "its data would lie in `{location}`, which is no file in the model's folder"
            ));
        }
        let number = |text: Option<&str>, what: &str| {
            let parse = |text: &str| {
                let fault = || format!("the {what} of its data, `{}`, is no number", clip(text));
                text.parse::<usize>().map_err(|_| fault())
            };
            text.map(parse).transpose()
        };
        Ok(Self {
            location,
            offset: number(offset, "offset")?.unwrap_or(0),
            length: number(length, "length")?,
        })
    }
}

/// Whether a path, taken from a folder, stays in it on every system: relative, plain parts only.
fn is_inside(path: &str) -> bool {
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    !path.contains(['\0', '\\', ':']) && path.split('/').all(plain)
}

/// A text short enough for a message.
fn clip(text: &str) -> String {
    const MOST: usize = 80;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One;

    impl Resolver for One {
        fn file(&self, path: &str) -> Result<Bytes, String> {
            match path {
                "w/x.data" => Ok(Bytes::from_static(&[0, 1, 2, 3, 4, 5, 6, 7])),
                _ => Err("no such file".to_owned()),
            }
        }
    }

    fn data(entries: &[(&str, &str)], expected: usize) -> Result<Vec<u8>, String> {
        let entry = |(key, value): &(&str, &str)| wire::Entry {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        let entries: Vec<_> = entries.iter().map(entry).collect();
        match Files::new(&One).data(&entries, expected) {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(Fault::Entry(facts)) => Err(facts),
            Err(Fault::File(file, reason)) => Err(format!("{file}: {reason}")),
        }
    }

    #[test]
    fn a_piece_of_the_file_is_given() {
        let place = [("location", "w/x.data"), ("offset", "4"), ("length", "2")];
        assert_eq!(data(&place, 2), Ok(vec![4, 5]));
        assert_eq!(data(&place[..2], 4), Ok(vec![4, 5, 6, 7]));
        assert_eq!(data(&[place[0], ("checksum", "x")], 1), Ok(vec![0]));
    }

    #[test]
    fn pieces_outside_the_file_are_refused() {
        let at = |offset| data(&[("location", "w/x.data"), ("offset", offset)], 2);
        let expected = "its 2 bytes from 7 on lie outside w/x.data, which has 8";
        assert_eq!(at("7"), Err(expected.to_owned()));
        assert!(
            at("18446744073709551615")
                .expect_err("outside")
                .contains("lie outside")
        );
        assert!(at("-1").expect_err("negative").contains("is no number"));
        let length = [("location", "w/x.data"), ("length", "3")];
        let expected = "its data has 3 bytes, its shape and type 2";
        assert_eq!(data(&length, 2), Err(expected.to_owned()));
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for path in [
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a/..",
            "./x",
            "a//x",
            "",
            "C:\\x",
            "a\\..\\x",
            "x\0",
        ] {
            let fault = data(&[("location", path)], 1).expect_err(path);
            assert!(
                fault.contains("no file in the model's folder"),
                "{path}: {fault}"
            );
        }
        assert_eq!(
            data(&[("location", "y")], 1),
            Err("y: no such file".to_owned())
        );
    }

    #[test]
    fn keys_are_known_and_given_once() {
        assert!(data(&[("location", "x"), ("path", "y")], 1).is_err());
        assert!(data(&[("location", "x"), ("location", "y")], 1).is_err());
        assert!(data(&[("offset", "1")], 1).is_err());
    }
}

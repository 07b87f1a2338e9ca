//! Writes files so that a failure leaves nothing behind.
//!
//! In: paths and bytes. Out: all files, complete, or none. Never: writes over a file the caller reads from.
//!
//! Every file is written next to its place under a temporary name; [`Outputs::commit`] renames them all at the end, in
//! the order they were added. Whatever is not renamed is removed when the list is dropped.

use super::files::{self, is_dash};
use super::{Failure, terminal};
use mnetc::diag::{Code, Diagnostic};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Files to be written together.
pub(super) struct Outputs {
    inputs: Vec<PathBuf>,
    files: Vec<Output>,
}

enum Output {
    /// Written under the first name, to be renamed to the second.
    File(PathBuf, PathBuf),
    /// Standard output, or a device or pipe, which cannot be renamed to.
    Stream(PathBuf, Vec<u8>),
}

impl Outputs {
    /// Nothing yet; no file may lie where one of `inputs` lies.
    pub(super) fn beside<'a>(inputs: impl IntoIterator<Item = &'a Path>) -> Self {
        let inputs = inputs.into_iter().filter_map(|path| fs::canonicalize(path).ok());
        Self { inputs: inputs.collect(), files: Vec::new() }
    }

    /// Prepares `path`, which gets `bytes`.
    pub(super) fn add(&mut self, path: &Path, bytes: Vec<u8>) -> Result<(), Failure> {
        // Behind a link lies the file that is meant.
        let place = fs::canonicalize(path);
        if place.as_ref().is_ok_and(|place| self.inputs.contains(place)) {
            let facts = format!("writing {} would overwrite what is read", path.display());
            let help = "give the output another name";
            return Err(Diagnostic::error(Code::CannotWrite, facts).help(help).into());
        }
        let special = fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir());
        if is_dash(path) || special {
            self.files.push(Output::Stream(path.to_owned(), bytes));
            return Ok(());
        }
        let place = place.unwrap_or_else(|_| path.to_owned());
        let temporary = self.temporary(&place).ok_or_else(|| failure(path, &io::ErrorKind::IsADirectory.into()))?;
        if place.is_dir() {
            return Err(failure(path, &io::ErrorKind::IsADirectory.into()));
        }
        let file = File::create_new(&temporary).map_err(|error| failure(path, &error))?;
        self.files.push(Output::File(temporary, place));
        write(file, &bytes).map_err(|error| failure(path, &error))
    }

    /// Puts all files in their places.
    pub(super) fn commit(mut self) -> Result<(), Failure> {
        while !self.files.is_empty() {
            match self.files.remove(0) {
                Output::File(temporary, place) => fs::rename(&temporary, &place).map_err(|error| {
                    let _ = fs::remove_file(&temporary);
                    failure(&place, &error)
                })?,
                Output::Stream(path, bytes) if is_dash(&path) => terminal::print(bytes)?,
                Output::Stream(path, bytes) => {
                    let file = File::options().write(true).open(&path);
                    let written = file.and_then(|file| write(file, &bytes));
                    written.map_err(|error| failure(&path, &error))?;
                }
            }
        }
        Ok(())
    }

    /// A name next to `place` that no other process and no other file of this list uses.
    fn temporary(&self, place: &Path) -> Option<PathBuf> {
        let name = place.file_name()?.to_string_lossy();
        let (process, number) = (std::process::id(), self.files.len());
        Some(place.with_file_name(format!(".{name}.{process}-{number}.tmp")))
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        for output in &self.files {
            if let Output::File(temporary, _) = output {
                let _ = fs::remove_file(temporary);
            }
        }
    }
}

/// Writes one file.
pub(super) fn write_one(path: &Path, bytes: Vec<u8>, inputs: &[&Path]) -> Result<(), Failure> {
    let mut outputs = Outputs::beside(inputs.iter().copied());
    outputs.add(path, bytes)?;
    outputs.commit()
}

fn write(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.flush()
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    let (reason, help) = match error.kind() {
        io::ErrorKind::NotFound => ("its folder does not exist".to_owned(), "make the folder first"),
        io::ErrorKind::IsADirectory => (files::reason(error), "name a file in it"),
        _ => (files::reason(error), "check that its folder can be written and has room"),
    };
    let facts = format!("{} cannot be written: {reason}", path.display());
    Diagnostic::error(Code::CannotWrite, facts).help(help).into()
}

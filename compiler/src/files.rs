//! Reads and writes files for the command and for build scripts: all of it, or nothing.
//!
//! In: paths. Out: bytes and text, or a [`Failure`] that names the file and what to do; written files appear whole, after
//! everything else went well. Never: knows what is in a file.

use crate::Failure;
use crate::diag::{Code, Diagnostic, Diagnostics, Sources};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The most bytes of a file that is read: 1 GiB, far more than any MobileNet has.
const MOST_BYTES: u64 = 1 << 30;

/// The bytes of a file.
///
/// # Errors
/// When it cannot be read, or is larger than a gibibyte.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|e| cannot_read(path, &e))?;
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("{} is larger than {MOST_BYTES} bytes", path.display());
        return Err(failure(
            Diagnostic::error(Code::CannotRead, message).help("is it the right file?"),
        ));
    }
    Ok(bytes)
}

/// The text of a file.
///
/// # Errors
/// When it cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    text(&path.display().to_string(), read(path)?)
}

/// Bytes as text; messages call them `name`.
///
/// # Errors
/// When they are not UTF-8.
pub fn text(name: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let message = format!("{name} is not text: byte {at} is not UTF-8");
        failure(Diagnostic::error(Code::NotText, message).help("a spec is a YAML file in UTF-8"))
    })
}

/// Writes files so that each appears whole or not at all: all are written next to their places first, under other
/// names, and renamed in the order given once every one of them is there.
///
/// # Errors
/// When one cannot be written; what was written under other names is removed again.
pub fn write_all(files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>) -> Result<(), Failure> {
    let mut prepared: Vec<Prepared> = Vec::new();
    for (path, bytes) in files {
        prepared.push(Prepared::write(path, &bytes)?);
    }
    prepared.into_iter().try_for_each(Prepared::put)
}

/// A file written under another name next to its place. Dropped before it is put there, it is removed.
struct Prepared {
    path: PathBuf,
    temporary: PathBuf,
    put: bool,
}

impl Prepared {
    fn write(path: PathBuf, bytes: &[u8]) -> Result<Self, Failure> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(name);
        let prepared = Self {
            path,
            temporary,
            put: false,
        };
        if prepared.path.is_dir() {
            let error = io::Error::from(io::ErrorKind::IsADirectory);
            return Err(cannot_write(&prepared.path, &error));
        }
        let written = File::create(&prepared.temporary).and_then(|mut f| f.write_all(bytes));
        match written {
            Ok(()) => Ok(prepared),
            Err(e) => Err(cannot_write(&prepared.path, &e)),
        }
    }

    fn put(mut self) -> Result<(), Failure> {
        fs::rename(&self.temporary, &self.path).map_err(|e| cannot_write(&self.path, &e))?;
        self.put = true;
        Ok(())
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        if !self.put {
            // It may never have been made, and a failure to remove it is no news beside the one that led here.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// A failure that no text is to blame for.
pub fn failure(diagnostic: Diagnostic) -> Failure {
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(diagnostic);
    Failure {
        sources: Sources::new(),
        diagnostics,
    }
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot read {}: {}", path.display(), words(error));
    let help = match error.kind() {
        io::ErrorKind::NotFound => "check the path; it is taken from the current folder",
        io::ErrorKind::IsADirectory => "name a file in that folder",
        _ => "check the file and its permissions",
    };
    failure(Diagnostic::error(Code::CannotRead, message).help(help))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot write {}: {}", path.display(), words(error));
    let help = match error.kind() {
        io::ErrorKind::NotFound => "make its folder first",
        io::ErrorKind::IsADirectory => "name a file in that folder",
        _ => "check the folder and its permissions",
    };
    failure(Diagnostic::error(Code::CannotWrite, message).help(help))
}

/// What the system says, without its error number.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

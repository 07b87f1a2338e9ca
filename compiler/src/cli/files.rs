//! Reads files and standard input; the library's [`mnetc::files`] with `-`.
//!
//! In: a path, or `-`. Out: bytes or text. Never: writes.

use super::Failure;
use mnetc::diag::{Code, Diagnostic};
use mnetc::files;
use std::io::{self, Read};
use std::path::Path;

/// What diagnostics and generated code call standard input.
pub(super) const STDIN: &str = "<stdin>";

/// Whether a path stands for standard input or output.
pub(super) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The name under which a path is reported.
pub(super) fn display(path: &Path) -> String {
    if is_dash(path) {
        return STDIN.to_owned();
    }
    path.display().to_string()
}

/// What a path's name ends in, in lower case, without the dot.
pub(super) fn extension(path: &Path) -> Option<String> {
    let extension = path.extension().filter(|_| !is_dash(path))?;
    Some(extension.to_string_lossy().to_ascii_lowercase())
}

/// All bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if !is_dash(path) {
        return Ok(files::read(path)?);
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| {
        Diagnostic::error(Code::CannotRead, format!("cannot read {STDIN}: {error}"))
    })?;
    Ok(bytes)
}

/// All text of a file.
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    Ok(files::text(&display(path), read(path)?)?)
}

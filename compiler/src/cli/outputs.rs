//! Writes what a verb made: files, all or none, or standard output.
//!
//! In: paths, or `-`, and bytes. Out: files. Never: writes over a file the verb reads from.

use super::files::is_dash;
use super::{Failure, terminal};
use mnetc::diag::{Code, Diagnostic};
use mnetc::files;
use std::fs;
use std::path::{Path, PathBuf};

/// A path, or `-`, and what is to stand there.
pub(super) type Output = (PathBuf, Vec<u8>);

/// Writes all `outputs`, or none when one of them cannot be written. `inputs` are what the verb read.
pub(super) fn write(outputs: Vec<Output>, inputs: &[&Path]) -> Result<(), Failure> {
    for (path, _) in &outputs {
        let place = fs::canonicalize(path).ok();
        let is_place = |input: &&&Path| fs::canonicalize(input).ok() == place;
        if place.is_some() && inputs.iter().any(|input| is_place(&input)) {
            let message = format!("cannot write {}: it is what was read", path.display());
            return Err(Diagnostic::error(Code::CannotWrite, message)
                .help("give the output another name")
                .into());
        }
    }
    let (files, streams): (Vec<_>, Vec<_>) =
        outputs.into_iter().partition(|(path, _)| !is_dash(path));
    files::write_all(files)?;
    streams
        .into_iter()
        .try_for_each(|(_, bytes)| terminal::print(bytes))
}

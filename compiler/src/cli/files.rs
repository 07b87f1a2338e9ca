//! Reads files, and says in one diagnostic why one cannot be read.
//!
//! In: a path, or `-` for standard input. Out: bytes or text. Never: writes.

use super::Failure;
use mnetc::diag::{Code, Diagnostic, nearest};
use std::fs;
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

/// All bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if !is_dash(path) {
        return fs::read(path).map_err(|error| unreadable(path, &error));
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    Ok(bytes)
}

/// All text of a file.
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let facts = format!("{} is not text: byte {at} is not UTF-8", display(path));
        let help = "save it as UTF-8, or check that it is the file you mean";
        Diagnostic::error(Code::CannotRead, facts).help(help).into()
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let facts = format!("{} cannot be read: {}", display(path), reason(error));
    let diagnostic = Diagnostic::error(Code::CannotRead, facts);
    let help = match error.kind() {
        io::ErrorKind::NotFound => neighbour(path).map_or_else(
            || "check the path; it is taken from the current folder on".to_owned(),
            |name| format!("did you mean `{name}`?"),
        ),
        io::ErrorKind::IsADirectory => "name a file in it".to_owned(),
        _ => "check that it is a file you may read".to_owned(),
    };
    diagnostic.help(help).into()
}

/// An error in our words where the system's are odd.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        _ => error.to_string(),
    }
}

/// The file next to where `path` should be that has the nearest name.
fn neighbour(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let name = |entry: fs::DirEntry| entry.file_name().into_string().ok();
    let mut names: Vec<String> = entries.flatten().filter_map(name).collect();
    names.sort();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = nearest(path.file_name()?.to_str()?, &names)?;
    Some(path.with_file_name(found).display().to_string())
}

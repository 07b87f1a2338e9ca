//! Reads and writes files for the command and for build scripts: all of it, or nothing.
//!
//! In: paths. Out: bytes and text, or a [`Failure`] that names the file and what to do; written files appear whole, after
//! everything else went well. Never: knows what is in a file.

mod beside;

use crate::Failure;
use crate::diag::{Code, Diagnostic, Diagnostics, Sources};
pub use beside::Beside;
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

/// Checks that a file is there and can be opened, before long work that ends with reading it.
///
/// # Errors
/// When it cannot be opened, or is a folder.
pub fn check(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(cannot_read(
            path,
            &io::Error::from(io::ErrorKind::IsADirectory),
        ));
    }
    File::open(path)
        .map(drop)
        .map_err(|e| cannot_read(path, &e))
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
/// names, and renamed in the order given once every one of them is there. A link stays, and what it names is written.
/// A device or a pipe is never replaced by a file; it is written to, when its turn comes.
///
/// # Errors
/// When one cannot be written; what was written under other names is removed again.
pub fn write_all(files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>) -> Result<(), Failure> {
    let mut prepared: Vec<Prepared> = Vec::new();
    for (path, bytes) in files {
        prepared.push(Prepared::write(path, bytes)?);
    }
    prepared.into_iter().try_for_each(Prepared::put)
}

/// Something to be put in its place.
enum Prepared {
    /// A file, complete, under another name.
    File(Temporary),
    /// A device or a pipe, and what it gets: nothing can be renamed to it.
    Stream(PathBuf, Vec<u8>),
}

impl Prepared {
    fn write(path: PathBuf, bytes: Vec<u8>) -> Result<Self, Failure> {
        // Behind a link lies the file that is meant.
        let path = fs::canonicalize(&path).unwrap_or(path);
        match fs::metadata(&path) {
            Ok(there) if there.is_dir() => {
                let error = io::Error::from(io::ErrorKind::IsADirectory);
                Err(cannot_write(&path, &error))
            }
            Ok(there) if !there.is_file() => Ok(Self::Stream(path, bytes)),
            _ => Temporary::write(path, &bytes).map(Self::File),
        }
    }

    fn put(self) -> Result<(), Failure> {
        match self {
            Self::File(file) => file.put(),
            Self::Stream(path, bytes) => {
                let stream = File::options().write(true).open(&path);
                let written = stream.and_then(|mut stream| stream.write_all(&bytes));
                written.map_err(|e| cannot_write(&path, &e))
            }
        }
    }
}

/// A file written under another name next to its place. Dropped before it is put there, it is removed.
struct Temporary {
    path: PathBuf,
    temporary: PathBuf,
    put: bool,
}

impl Temporary {
    fn write(path: PathBuf, bytes: &[u8]) -> Result<Self, Failure> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(name);
        let mut file = File::create(&temporary).map_err(|e| cannot_write(&path, &e))?;
        let prepared = Self {
            path,
            temporary,
            put: false,
        };
        let written = file.write_all(bytes);
        written.map_err(|e| cannot_write(&prepared.path, &e))?;
        Ok(prepared)
    }

    fn put(mut self) -> Result<(), Failure> {
        fs::rename(&self.temporary, &self.path).map_err(|e| cannot_write(&self.path, &e))?;
        self.put = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.put {
            // A failure to remove it is no news beside the one that led here.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Failures that no text is to blame for.
pub fn all(diagnostics: Diagnostics) -> Failure {
    Failure {
        sources: Sources::new(),
        diagnostics,
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::process::Command;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("mnetc-files-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the folder can be made");
        folder
    }

    #[test]
    fn a_pipe_is_written_to_and_stays() {
        let folder = folder("pipe");
        let pipe = folder.join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()));
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe)
        });
        assert!(write_all([(pipe.clone(), b"abc".to_vec())]).is_ok());
        // Looked at before the reader is waited for: were the pipe replaced, nobody would ever write to it.
        assert!(
            fs::metadata(&pipe)
                .expect("it is there")
                .file_type()
                .is_fifo()
        );
        assert_eq!(reader.join().expect("it ends").expect("it is read"), b"abc");
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }

    #[test]
    fn a_link_stays_and_its_file_is_written() {
        let folder = folder("link");
        let (file, link) = (folder.join("file"), folder.join("link"));
        fs::write(&file, "old").expect("it can be written");
        symlink(&file, &link).expect("it can be linked");
        assert!(write_all([(link.clone(), b"new".to_vec())]).is_ok());
        assert!(
            fs::symlink_metadata(&link)
                .expect("it is there")
                .is_symlink()
        );
        assert_eq!(fs::read(&file).expect("it is there"), b"new");
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }

    #[test]
    fn nothing_is_left_when_one_file_cannot_be_written() {
        let folder = folder("one");
        let files = [folder.join("a"), folder.join("none/b")].map(|path| (path, vec![1]));
        assert!(write_all(files).is_err());
        assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 0);
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}

//! Reads files that lie beside another one, such as a model's weights.
//!
//! In: a relative path that somebody else wrote into the file. Out: bytes, or why not. Never: follows a link, or reads
//! anything that does not lie in the folder: what a file names is not what its user chose to read.

use super::MOST_BYTES;
use crate::import::Resolver;
use bytes::Bytes;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The files beside one.
#[derive(Clone, Debug)]
pub struct Beside {
    folder: PathBuf,
}

impl Beside {
    /// The files beside `file`.
    #[must_use]
    pub fn new(file: &Path) -> Self {
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        Self {
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
        }
    }

    /// The path of a file beside it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Resolver for Beside {
    fn file(&self, path: &str) -> Result<Bytes, String> {
        let words = |error: io::Error| super::words(&error);
        let mut place = self.folder.clone();
        for part in path.split('/') {
            place.push(part);
            let there = fs::symlink_metadata(&place).map_err(words)?;
            if there.is_symlink() {
                return Err("it is a link, which is not followed".to_owned());
            }
        }
        let (folder, inside) = (fs::canonicalize(&self.folder), fs::canonicalize(&place));
        if !inside.map_err(words)?.starts_with(folder.map_err(words)?) {
            return Err("it lies outside the model's folder".to_owned());
        }
        let file = File::open(&place).map_err(words)?;
        let there = file.metadata().map_err(words)?;
        if !there.is_file() {
            return Err("it is no file".to_owned());
        }
        if has_other_names(&there) {
            return Err("it is a hard link: copy the file itself".to_owned());
        }
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(words)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(format!("it is larger than {MOST_BYTES} bytes"));
        }
        Ok(bytes.into())
    }
}

#[cfg(unix)]
fn has_other_names(file: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(file) > 1
}

#[cfg(not(unix))]
const fn has_other_names(_file: &Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_plain_files_of_the_folder_are_read() {
        let folder = std::env::temp_dir().join(format!("mnetc-beside-{}", std::process::id()));
        let inside = folder.join("model");
        fs::create_dir_all(inside.join("w")).expect("the folder can be made");
        let put = |path: &Path| fs::write(path, "data").expect("it can be written");
        put(&folder.join("secret"));
        put(&inside.join("w/x.data"));
        put(&inside.join("one"));
        fs::hard_link(inside.join("one"), inside.join("two")).expect("it can be linked");
        symlink(folder.join("secret"), inside.join("link")).expect("it can be linked");
        symlink(&folder, inside.join("up")).expect("it can be linked");
        let beside = Beside::new(&inside.join("m.onnx"));
        let refused = |path| beside.file(path).expect_err("it must not be read");
        assert_eq!(beside.file("w/x.data").as_deref(), Ok(&b"data"[..]));
        assert_eq!(refused("link"), "it is a link, which is not followed");
        assert_eq!(refused("up/secret"), "it is a link, which is not followed");
        assert_eq!(refused("../secret"), "it lies outside the model's folder");
        assert_eq!(refused("one"), "it is a hard link: copy the file itself");
        assert_eq!(refused("w"), "it is no file");
        assert_eq!(refused("none"), "no such file or directory");
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}

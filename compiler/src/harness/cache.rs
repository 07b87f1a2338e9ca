//! Where built programs are kept: one folder, shared by all processes of a user.
//!
//! In: keys that stand for content. Out: paths of programs, and workshops to build them in. Never: knows what is built.
//!
//! ```text
//! $MNETC_CACHE, else $XDG_CACHE_HOME/mnetc, else ~/.cache/mnetc, else mnetc in the folder for temporary files
//! |- programs/KEY/program   a finished program, moved here in one step
//! |- programs/KEY/used      touched whenever the program is asked for
//! `- workshop-KEY/          sources and cargo's target folder for one runtime and one rustc; the kernels are compiled
//!    `- lock                here once, then every program. One process at a time holds the lock
//! ```
//!
//! It stays small by itself: whoever adds a program removes all but the [`PROGRAMS`] used last, and the workshops that
//! were not used for [`WORKSHOP_DAYS`] days. It is always safe to delete the folder.

use super::{Trouble, at};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Programs that are kept.
const PROGRAMS: usize = 32;

/// Days after which a workshop that nobody used is removed.
const WORKSHOP_DAYS: u64 = 30;

/// The folder.
pub(super) struct Cache {
    root: PathBuf,
}

/// A folder to build in, for this process alone until it is dropped.
pub(super) struct Workshop {
    folder: PathBuf,
    _lock: File,
}

impl Workshop {
    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Cache {
    /// The user's cache.
    pub(super) fn open() -> Result<Self, Trouble> {
        let root = root(|name| env::var_os(name).map(PathBuf::from), env::home_dir());
        let programs = root.join("programs");
        fs::create_dir_all(&programs).map_err(at(&programs))?;
        let root = fs::canonicalize(&root).map_err(at(&root))?;
        Ok(Self { root })
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The program of this key, if it was built before.
    pub(super) fn find(&self, key: &str) -> Option<PathBuf> {
        let folder = self.program_folder(key);
        let program = folder.join("program");
        if !program.is_file() {
            return None;
        }
        // A cache that cannot be written still serves.
        let _ = touch(&folder.join("used"));
        Some(program)
    }

    /// Waits for the workshop of this key and takes it.
    pub(super) fn workshop(&self, key: &str) -> Result<Workshop, Trouble> {
        let folder = self.root.join(format!("workshop-{key}"));
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(at(&path))?;
        lock.lock().map_err(at(&path))?;
        lock.set_modified(SystemTime::now()).map_err(at(&path))?;
        Ok(Workshop {
            folder,
            _lock: lock,
        })
    }

    /// Keeps a copy of the program `built` under this key.
    pub(super) fn keep(&self, key: &str, built: &Path) -> Result<PathBuf, Trouble> {
        let folder = self.program_folder(key);
        let new = self
            .root
            .join(format!("programs/.{key}-{}", std::process::id()));
        fs::create_dir_all(&new).map_err(at(&new))?;
        fs::copy(built, new.join("program")).map_err(at(&new))?;
        touch(&new.join("used")).map_err(at(&new))?;
        fs::rename(&new, &folder).map_err(at(&folder))?;
        self.prune();
        Ok(folder.join("program"))
    }

    fn program_folder(&self, key: &str) -> PathBuf {
        self.root.join("programs").join(key)
    }

    /// Removes what nobody used for long. What cannot be removed now is removed another time.
    fn prune(&self) {
        let mut programs = folders(&self.root.join("programs"), "used");
        programs.sort_by_key(|(used, _)| std::cmp::Reverse(*used));
        for (_, old) in programs.into_iter().skip(PROGRAMS) {
            let _ = fs::remove_dir_all(old);
        }
        let days = Duration::from_secs(WORKSHOP_DAYS * 24 * 60 * 60);
        let Some(limit) = SystemTime::now().checked_sub(days) else {
            return;
        };
        for (used, workshop) in folders(&self.root, "lock") {
            if used < limit {
                let _ = fs::remove_dir_all(workshop);
            }
        }
    }
}

/// The cache's place, given the environment.
fn root(variable: impl Fn(&str) -> Option<PathBuf>, home: Option<PathBuf>) -> PathBuf {
    let set = |name| variable(name).filter(|path| !path.as_os_str().is_empty());
    // The specification of XDG_CACHE_HOME has relative paths ignored.
    let xdg = set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let home = home.filter(|path| path.is_dir());
    set("MNETC_CACHE")
        .or_else(|| xdg.map(|path| path.join("mnetc")))
        .or_else(|| home.map(|path| path.join(".cache/mnetc")))
        .unwrap_or_else(|| env::temp_dir().join("mnetc"))
}

/// Sets a file's time of modification to now, making the file if need be.
fn touch(path: &Path) -> std::io::Result<()> {
    fs::write(path, "\n")
}

/// The folders in `parent` that hold a file named `stamp`, with that file's time of modification.
fn folders(parent: &Path, stamp: &str) -> Vec<(SystemTime, PathBuf)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let used = fs::metadata(entry.path().join(stamp)).and_then(|m| m.modified());
            Some((used.ok()?, entry.path()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(set: &[(&str, &str)], home: Option<&str>) -> PathBuf {
        let variable = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into());
        root(variable, home.map(PathBuf::from))
    }

    #[test]
    fn the_first_place_that_is_named_is_taken() {
        let all = [("MNETC_CACHE", "here"), ("XDG_CACHE_HOME", "/x")];
        assert_eq!(place(&all, Some("/")), Path::new("here"));
        assert_eq!(place(&all[1..], Some("/")), Path::new("/x/mnetc"));
        assert_eq!(
            place(&[("XDG_CACHE_HOME", "x")], Some("/")),
            Path::new("/.cache/mnetc")
        );
        assert_eq!(
            place(&[("MNETC_CACHE", "")], Some("/")),
            Path::new("/.cache/mnetc")
        );
        assert_eq!(place(&[], None), env::temp_dir().join("mnetc"));
        assert_eq!(
            place(&[], Some("/no such home")),
            env::temp_dir().join("mnetc")
        );
    }

    fn cache(name: &str) -> Cache {
        let root = env::temp_dir().join(format!("mnetc-cache-{name}-{}", std::process::id()));
        fs::create_dir_all(root.join("programs")).expect("the folder can be made");
        Cache { root }
    }

    #[test]
    fn a_program_is_found_after_it_was_kept() {
        let cache = cache("keep");
        let built = cache.root.join("built");
        fs::write(&built, "program").expect("the file can be written");
        assert_eq!(cache.find("k"), None);
        let kept = cache.keep("k", &built).expect("it can be kept");
        assert_eq!(cache.find("k"), Some(kept.clone()));
        assert_eq!(fs::read(kept).expect("it is there"), b"program");
        fs::remove_dir_all(cache.root).expect("the folder can be removed");
    }

    #[test]
    fn only_the_programs_used_last_stay() {
        let cache = cache("prune");
        let built = cache.root.join("built");
        fs::write(&built, "program").expect("the file can be written");
        let day = Duration::from_secs(24 * 60 * 60);
        for i in 0..PROGRAMS as u32 {
            let key = format!("{i:02}");
            cache.keep(&key, &built).expect("it can be kept");
            let used = cache.program_folder(&key).join("used");
            let used = File::options().write(true).open(used).expect("it is there");
            used.set_modified(SystemTime::now() - day * (i + 1))
                .expect("times can be set");
        }
        let old = cache.workshop("old").expect("it can be made").folder;
        let stamp = File::options()
            .write(true)
            .open(old.join("lock"))
            .expect("it is there");
        stamp
            .set_modified(SystemTime::now() - day * 31)
            .expect("times can be set");
        cache.workshop("new").expect("it can be made");
        cache.keep("new", &built).expect("it can be kept");
        assert_eq!(cache.find("31"), None);
        assert!(cache.find("30").is_some() && cache.find("new").is_some());
        assert!(!old.exists() && cache.root.join("workshop-new").exists());
        fs::remove_dir_all(cache.root).expect("the folder can be removed");
    }
}

//! What several tests share: the networks that were compiled for them, goldens, and comparison.
//!
//! Never: asserts what a test is there to ask.

mod compare;
mod golden;
mod run;
mod sizes;

pub use compare::{Difference, difference};
pub use golden::{Golden, Thinned};
pub use run::{Case, Run, Tensor};
pub use sizes::sizes_of;

use std::path::PathBuf;

/// What the macro `network!` needs.
#[doc(hidden)]
pub mod private {
    pub use crate::run::{FromBytes, Recorder, tensors};
}

/// The networks that the build script compiled: one module each, [`cases::goldens`], [`cases::odd`] and
/// [`cases::split`].
#[expect(missing_docs, reason = "written by the build script")]
#[allow(
    clippy::allow_attributes_without_reason,
    reason = "the compiler keeps its output short"
)]
pub mod cases {
    use crate::Case;
    include!(concat!(env!("OUT_DIR"), "/cases.rs"));
}

/// The project's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The specs of the zoo, sorted: name and text.
pub fn zoo() -> Vec<(String, String)> {
    let folder = root().join("arch-specs");
    let files = std::fs::read_dir(folder)
        .expect("the zoo is there")
        .map(|e| e.expect("readable").path());
    let mut files: Vec<_> = files
        .filter(|f| f.extension().is_some_and(|e| e == "yaml"))
        .collect();
    files.sort();
    let named = |f: PathBuf| {
        let name = f.file_stem().expect("named").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(f).expect("readable"))
    };
    files.into_iter().map(named).collect()
}

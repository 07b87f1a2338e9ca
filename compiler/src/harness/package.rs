//! The throw-away crate, as files.
//!
//! In: a network. Out: paths and contents, their key, and the files in a folder. Never: runs anything.
//!
//! ```text
//! Cargo.toml  src/main.rs = driver.rs  src/glue.rs  src/network.rs  src/network.weights
//! runtime/Cargo.toml  runtime/src/...
//! ```

use super::cargo::Toolchain;
use super::{Network, Trouble, WEIGHTS_FILE, at};
use mnetc::emit::names;
use mnetc::plan::Plan;
use mnetc_runtime::SOURCES;
use mnetc_runtime::blob::digest;
use std::borrow::Cow;
use std::fs;
use std::path::Path;

const DRIVER: &str = include_str!("driver.rs");

/// Paths and contents.
pub(super) struct Package<'a> {
    runtime: Vec<File<'a>>,
    network: Vec<File<'a>>,
}

struct File<'a> {
    path: String,
    content: Cow<'a, [u8]>,
}

impl<'a> Package<'a> {
    /// The package that runs `network`.
    pub(super) fn of(network: &Network<'a>) -> Self {
        let sources = SOURCES
            .iter()
            .map(|(path, text)| file(format!("runtime/src/{path}"), text.as_bytes()));
        let manifest = file("runtime/Cargo.toml", runtime_manifest().into_bytes());
        Self {
            runtime: std::iter::once(manifest).chain(sources).collect(),
            network: vec![
                file("src/main.rs", DRIVER.as_bytes()),
                file("src/glue.rs", glue(network.plan).into_bytes()),
                file("src/network.rs", network.source.as_bytes()),
                file(format!("src/{WEIGHTS_FILE}"), network.blob),
            ],
        }
    }

    /// Stands for the runtime and the toolchain.
    pub(super) fn kernels_key(&self, toolchain: &Toolchain) -> String {
        key(&self.runtime, toolchain.version())
    }

    /// Stands for everything the program is made of.
    pub(super) fn key(&self, toolchain: &Toolchain) -> String {
        key(&self.network, &self.kernels_key(toolchain))
    }

    /// Writes the files that are not there yet as they should be, so that cargo finds the runtime untouched.
    pub(super) fn write_to(&self, folder: &Path, key: &str) -> Result<(), Trouble> {
        let manifest = file("Cargo.toml", manifest(key).into_bytes());
        for File { path, content } in self.runtime.iter().chain(&self.network).chain([&manifest]) {
            let path = folder.join(path);
            if fs::read(&path).is_ok_and(|there| there == **content) {
                continue;
            }
            let parent = path.parent().expect("every file is in the folder");
            fs::create_dir_all(parent).map_err(at(parent))?;
            fs::write(&path, content).map_err(at(&path))?;
        }
        Ok(())
    }
}

fn file<'a>(path: impl Into<String>, content: impl Into<Cow<'a, [u8]>>) -> File<'a> {
    File {
        path: path.into(),
        content: content.into(),
    }
}

/// A digest of paths, contents and `more`.
fn key(files: &[File<'_>], more: &str) -> String {
    let mut all = more.as_bytes().to_vec();
    for File { path, content } in files {
        all.extend(format!("\n{path} {}\n", content.len()).bytes());
        all.extend(&**content);
    }
    format!("{:016x}", digest(&all))
}

/// The description holds the key: cargo then never takes the last network's artefacts for this one's, even where
/// files carry coarse times.
fn manifest(key: &str) -> String {
    format!(
        r#"[package]
name = "network"
description = "{key}"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
mnetc-runtime = {{ path = "runtime", features = ["alloc", "std"] }}

[workspace]
"#
    )
}

fn runtime_manifest() -> String {
    format!(
        r#"[package]
name = "mnetc-runtime"
version = "{}"
edition = "2024"
publish = false

[features]
alloc = []
sources = []
std = []
"#,
        env!("CARGO_PKG_VERSION")
    )
}

/// What the driver cannot know: the names of the network's struct and of its outputs.
fn glue(plan: &Plan) -> String {
    let name = names::type_name(&plan.name);
    let count = plan.outputs.len();
    let outputs: Vec<_> = plan
        .outputs
        .iter()
        .map(|o| format!("&output.{}", o.name))
        .collect();
    format!(
        "//! The names of this network.\n\n\
         use crate::network::{{{name}, Output}};\n\n\
         /// The network, with its weights.\n\
         pub type Network = {name}<'static>;\n\n\
         /// All outputs, in their order.\n\
         pub fn outputs(output: &Output) -> [&[f32]; {count}] {{\n    [{}]\n}}\n{}",
        outputs.join(", "),
        infer(plan)
    )
}

/// How the network runs: by itself, or on the threads of a pool.
fn infer(plan: &Plan) -> String {
    let (threads, make, with, pool) = match plan.threads {
        1 => ("()", "Ok(())".to_owned(), "", ""),
        n => (
            "mnetc_runtime::Pool",
            format!("Threads::new({n})"),
            "_with",
            "threads, ",
        ),
    };
    let unused = if plan.threads == 1 { "_" } else { "" };
    format!(
        "
/// Threads that share an inference.
pub const THREADS: usize = {};

/// What shares an inference.
pub type Threads = {threads};

/// The threads of the plan.
pub fn threads() -> std::io::Result<Threads> {{
    {make}
}}

/// An inference.
pub fn infer(
    {unused}threads: &Threads,
    network: &Network,
    arena: &mut crate::network::Arena,
    input: &crate::network::Input,
    output: &mut Output,
    observer: &mut impl mnetc_runtime::Observer,
) {{
    network.infer_observed{with}({pool}arena, input, output, observer);
}}
",
        plan.threads
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_for_paths_contents_and_more() {
        let key = |path: &str, content: &'static [u8], more| key(&[file(path, content)], more);
        let base = key("a", b"x", "1");
        assert_eq!(base, key("a", b"x", "1"));
        for other in [
            key("b", b"x", "1"),
            key("a", b"y", "1"),
            key("a", b"x", "2"),
        ] {
            assert_ne!(base, other);
        }
    }
}

//! Builds the code the compiler generated, and runs it.
//!
//! In: a plan, its source text and its blob. Out: a [`Program`] that answers inputs and measures itself. Never: looks
//! into the source, times anything itself, prints.
//!
//! The program is a throw-away crate: the generated source, the runtime's own sources and `driver.rs`, built
//! by cargo offline and with what a user gets by default: profile `release`, no `RUSTFLAGS`, no `target-cpu`. [`cache`]
//! keeps it, so that the same network is built once.

mod cache;
mod cargo;
mod package;
mod program;
mod trace;

use cache::Cache;
use cargo::Toolchain;
use mnetc::plan::Plan;
use package::Package;
pub(crate) use program::{Inference, Program, StepTimes};
use std::fmt;
use std::io;
use std::path::PathBuf;

/// What is to run.
pub(crate) struct Network<'a> {
    /// The plan it was generated from.
    pub(crate) plan: &'a Plan,
    /// The generated source; includes its weights from [`WEIGHTS_FILE`].
    pub(crate) source: &'a str,
    /// The weights.
    pub(crate) blob: &'a [u8],
}

/// The name under which the generated source is to include its weights.
pub(crate) const WEIGHTS_FILE: &str = "network.weights";

/// Builds `network`, or finds it built. Calls `slow` before a build, which takes seconds.
///
/// # Errors
/// When there is no cargo, no place to build in, or the build fails.
pub(crate) fn build(network: &Network<'_>, slow: impl FnOnce()) -> Result<Program, Trouble> {
    let cache = Cache::open()?;
    let toolchain = Toolchain::find(cache.root())?;
    let package = Package::of(network);
    let kernels = package.kernels_key(&toolchain);
    let key = package.key(&toolchain);
    let path = match cache.find(&key) {
        Some(path) => path,
        None => {
            let workshop = cache.workshop(&kernels)?;
            // Another process may have built it while this one waited for the workshop.
            match cache.find(&key) {
                Some(path) => path,
                None => {
                    slow();
                    package.write_to(workshop.folder(), &key)?;
                    let built = toolchain.build(workshop.folder())?;
                    cache.keep(&key, &built)?
                }
            }
        }
    };
    Ok(Program::new(path, network.plan))
}

/// Why generated code could not be built or run.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// A program that is needed could not be started.
    Start {
        /// Its name.
        program: String,
        /// Why.
        error: io::Error,
    },
    /// The build failed.
    Build {
        /// All that cargo said.
        output: String,
    },
    /// A file or folder of the cache could not be made or used.
    Cache {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The program did not answer.
    Run {
        /// What it said instead.
        output: String,
    },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { program, error } => write!(f, "`{program}` cannot be started: {error}"),
            Self::Build { .. } => f.write_str("the generated code does not build"),
            Self::Cache { path, error } => write!(f, "{} cannot be used: {error}", path.display()),
            Self::Run { output } => {
                let output = output.trim();
                let words = if output.is_empty() {
                    "it said nothing"
                } else {
                    output
                };
                write!(f, "the generated code did not answer: {words}")
            }
        }
    }
}

impl Trouble {
    /// What to do about it.
    pub(crate) const fn help(&self) -> &'static str {
        match self {
            Self::Start { .. } => {
                "install Rust, and put cargo and rustc on PATH, or name cargo in the variable CARGO"
            }
            Self::Build { .. } => {
                "this is a mistake of mnetc, unless the messages above say otherwise: please report it with the spec"
            }
            Self::Cache { .. } => "name a folder that can be written in the variable MNETC_CACHE",
            Self::Run { .. } => "this is a mistake of mnetc: please report it with the spec",
        }
    }
}

/// A trouble with this file of the cache.
fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Trouble {
    let path = path.into();
    move |error| Trouble::Cache { path, error }
}

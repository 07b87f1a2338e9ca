//! For build scripts: compiles a network into `OUT_DIR` and tells cargo which files it read.
//!
//! In: a path and options. Out: `NAME.rs`, and `NAME.weights` next to it, in the output folder; lines for cargo on
//! standard output. Never: writes anything when anything failed.

use crate::budget::{Limit, Limits};
use crate::diag::{Code, Diagnostic};
use crate::files::Beside;
use crate::import::{Resolver, Sizes};
use crate::plan::Strategy;
pub use crate::plan::{Optimize, Precision, Strips, Target};
use crate::{Compiled, Failure, Options, Weights, files, pipeline};
use bytes::Bytes;
use std::fmt;
use std::path::{Path, PathBuf};

/// What to compile and how, in a build script.
///
/// ```no_run
/// // build.rs
/// mnetc::build::Config::new()
///     .weights("models/v3_large.safetensors")
///     .compile("models/v3_large.yaml")
///     .unwrap();
/// ```
/// ```ignore
/// // src/main.rs
/// #[rustfmt::skip]
/// mod v3_large { include!(concat!(env!("OUT_DIR"), "/v3_large.rs")); }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config {
    sets: Vec<String>,
    weights: Option<WeightsFrom>,
    sizes: Sizes,
    threads: usize,
    embed: Option<bool>,
    file_stem: Option<String>,
    out_dir: Option<PathBuf>,
    limits: Limits,
    strategy: Strategy,
    optimize: Option<Optimize>,
    self_test: bool,
}

#[derive(Clone, Debug)]
enum WeightsFrom {
    File(PathBuf),
    Seed(u64),
}

impl Config {
    /// No weights, nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Compiles the weights of this file in: safetensors, or an ONNX model with the same layers in the same order. An ONNX
    /// model that is compiled has its own.
    #[must_use]
    pub fn weights(mut self, file: impl Into<PathBuf>) -> Self {
        self.weights = Some(WeightsFrom::File(file.into()));
        self
    }

    /// Compiles made-up weights in, the same for the same seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.weights = Some(WeightsFrom::Seed(seed));
        self
    }

    /// Whether generated code includes the weights; if not, they are only written, for `from_bytes`. Default: yes.
    #[must_use]
    pub fn embed(mut self, embed: bool) -> Self {
        self.embed = Some(embed);
        self
    }

    /// Puts a value over what the spec says, as `--set KEY=VALUE` does: `set("width_multiplier", "0.5")`.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.sets.push(format!("{key}={value}"));
        self
    }

    /// The threads an inference may be shared among. With more than one, generated code has `infer_with`, which needs the
    /// runtime's feature `std`, and the arena has memory for so many. Default: 1.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Which layers run in strips, a few rows at a time. Default: those whose maps do not fit the cache, or
    /// that several threads had better share at once.
    #[must_use]
    pub fn strips(mut self, strips: Strips) -> Self {
        self.strategy.strips = strips;
        self
    }

    /// The machines to compile for. Any but [`Target::Any`] leaves out what they can never use, and refuses options that are of no
    /// use there; weights are packed alike for all. Default: any.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.strategy.target = target;
        self
    }

    /// What counts most: the time of an inference, or the size of its arena. Default: the arena on a Cortex-M, else time.
    #[must_use]
    pub fn optimize(mut self, optimize: Optimize) -> Self {
        self.optimize = Some(optimize);
        self
    }

    /// The numbers that layers multiply. With [`Precision::Bf16x3`] the generated code uses AMX where the CPU and the
    /// operating system offer it, and is as exact, but its pointwise layers slower than plain f32, where they do not. Default: plain f32.
    #[must_use]
    pub fn precision(mut self, precision: Precision) -> Self {
        self.strategy.precision = precision;
        self
    }

    /// Height and width of an ONNX model's input, where the model leaves them open.
    #[must_use]
    pub fn input_size(mut self, height: usize, width: usize) -> Self {
        self.sizes.input = Some([height, width]);
        self
    }

    /// The extent of a dimension that an ONNX model leaves open, by the name it has for it.
    #[must_use]
    pub fn dim(mut self, name: impl Into<String>, extent: usize) -> Self {
        self.sizes.dims.insert(name.into(), extent);
        self
    }

    /// Names the output `STEM.rs`. Default: the spec's own file name.
    #[must_use]
    pub fn file_stem(mut self, stem: impl Into<String>) -> Self {
        self.file_stem = Some(stem.into());
        self
    }

    /// Writes to this folder. Default: cargo's `OUT_DIR`.
    #[must_use]
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Refuses a network whose arena, input and outputs together need more than so many bytes. It goes before the `budget`
    /// of a spec.
    #[must_use]
    pub fn ram_budget(mut self, bytes: u64) -> Self {
        self.limits.ram = Some(Limit::new(bytes));
        self
    }

    /// Refuses a network whose weights are more than so many bytes. It goes before the `budget` of a spec.
    #[must_use]
    pub fn flash_budget(mut self, bytes: u64) -> Self {
        self.limits.flash = Some(Limit::new(bytes));
        self
    }

    /// Whether generated code has a `self_test`, which says on its machine which layer is the first to be wrong. It needs
    /// weights here: the reference evaluator runs the network once while it is compiled, some seconds for a large one in a
    /// debug build. Default: no.
    #[must_use]
    pub fn self_test(mut self, self_test: bool) -> Self {
        self.self_test = self_test;
        self
    }

    /// Compiles a spec, or an ONNX model (.onnx). Returns the path of the source file.
    ///
    /// # Errors
    /// When a file cannot be read or written, and with everything that is wrong with the spec or the weights. The
    /// error's `Debug` shows it all, with carets, since build scripts end in `.unwrap()`.
    pub fn compile(&self, model: impl AsRef<Path>) -> Result<PathBuf, Error> {
        let written = self.try_compile(model.as_ref());
        if let Err(error) = &written {
            tell_cargo(&format!("error={}", error.summary()));
        }
        written
    }

    fn try_compile(&self, model: &Path) -> Result<PathBuf, Error> {
        rerun_if_changed(model);
        let weights = self.read_weights()?;
        let stem = match &self.file_stem {
            Some(stem) => stem.clone(),
            None => model
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        };
        let folder = match &self.out_dir {
            Some(folder) => folder.clone(),
            None => out_dir()?,
        };
        let blob_name = format!("{stem}.weights");
        let options = Options {
            sets: self.sets.clone(),
            weights,
            embed: self.embed.unwrap_or(true).then(|| blob_name.clone()),
            threads: self.threads,
            limits: self.limits,
            strategy: Strategy {
                optimize: self
                    .optimize
                    .unwrap_or_else(|| self.strategy.target.optimize()),
                ..self.strategy
            },
            self_test: self.self_test,
            standalone: false,
        };
        let name = model.to_string_lossy();
        let Compiled { source, blob, .. } = if is_onnx(model) {
            let bytes = files::read(model)?;
            let resolver = Told(Beside::new(model));
            crate::compile_onnx(&name, bytes, &self.sizes, &resolver, &options)?
        } else {
            self.check_spec(model)?;
            crate::compile(&name, &files::read_text(model)?, &options)?
        };
        let path = folder.join(format!("{stem}.rs"));
        let blob = blob.map(|bytes| (folder.join(blob_name), bytes));
        files::write_all(
            blob.into_iter()
                .chain([(path.clone(), source.into_bytes())]),
        )?;
        Ok(path)
    }

    /// Refuses what only models have.
    fn check_spec(&self, spec: &Path) -> Result<(), Error> {
        if self.sizes.input.is_none() && self.sizes.dims.is_empty() {
            return Ok(());
        }
        let message = format!("{} is a spec, whose sizes are its own", spec.display());
        let help = "change them with `set(\"input\", \"224x224\")`";
        Err(files::failure(Diagnostic::error(Code::OnnxDimension, message).help(help)).into())
    }

    fn read_weights(&self) -> Result<Weights, Error> {
        match &self.weights {
            None => Ok(Weights::None),
            Some(WeightsFrom::Seed(seed)) => Ok(Weights::Seed(*seed)),
            Some(WeightsFrom::File(path)) if is_onnx(path) => {
                rerun_if_changed(path);
                let resolver = Told(Beside::new(path));
                let (name, bytes) = (path.to_string_lossy(), files::read(path)?);
                let imported = pipeline::import(&name, bytes, &Sizes::default(), &resolver);
                Ok(Weights::Onnx(Box::new(imported.map_err(files::all)?)))
            }
            Some(WeightsFrom::File(path)) => {
                rerun_if_changed(path);
                let (name, bytes) = (path.to_string_lossy().into_owned(), files::read(path)?);
                Ok(Weights::Safetensors { name, bytes })
            }
        }
    }
}

fn is_onnx(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("onnx"))
}

/// The files beside a model, of each of which cargo is told.
struct Told(Beside);

impl Resolver for Told {
    fn file(&self, path: &str) -> Result<Bytes, String> {
        rerun_if_changed(&self.0.path(path));
        self.0.file(path)
    }
}

/// Where cargo wants a build script to write.
fn out_dir() -> Result<PathBuf, Error> {
    let folder = std::env::var_os("OUT_DIR").map(PathBuf::from);
    folder.ok_or_else(|| {
        let message = "OUT_DIR is not set: this is not a build script";
        files::failure(
            Diagnostic::error(Code::CannotWrite, message).help("name a folder with `out_dir`"),
        )
        .into()
    })
}

fn rerun_if_changed(path: &Path) {
    tell_cargo(&format!("rerun-if-changed={}", path.display()));
}

#[expect(
    clippy::print_stdout,
    reason = "standard output is how a build script talks to cargo"
)]
fn tell_cargo(line: &str) {
    println!("cargo::{line}");
}

/// Why nothing was compiled. `Debug` and `Display` both show every mistake, with carets.
pub struct Error(Box<Failure>);

impl Error {
    /// The first mistake, in one line.
    fn summary(&self) -> String {
        self.0.summary()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, fs, process};

    #[test]
    fn a_target_has_an_aim_unless_another_is_given() {
        let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/../arch-specs/v1_025_96.yaml");
        let folder = env::temp_dir().join(format!("mnetc-config-{}", process::id()));
        fs::create_dir_all(&folder).expect("a writable folder");
        let arena = |config: Config| {
            let path = config.out_dir(&folder).compile(spec).expect("a good spec");
            let source = fs::read_to_string(path).expect("a source");
            let line = source.lines().find(|line| line.contains("ARENA_BYTES"));
            line.expect("a size").to_owned()
        };
        let small = arena(Config::new().target(Target::CortexM));
        let fast = arena(
            Config::new()
                .target(Target::CortexM)
                .optimize(Optimize::Speed),
        );
        assert_eq!(small, arena(Config::new().optimize(Optimize::Ram)));
        assert_eq!(fast, arena(Config::new()));
        assert_ne!(small, fast);
        fs::remove_dir_all(folder).expect("a folder of this test alone");
    }
}

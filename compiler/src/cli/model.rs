//! MODEL and `--set`: the arguments of every verb that reads a spec.
//!
//! In: a path, or `-`, and settings. Out: the graph, or all that is wrong with the spec. Never: lowers it.

use super::{Failure, files};
use mnetc::diag::{Code, Diagnostic, SourceId, Sources};
use mnetc::graph::Graph;
use mnetc::pipeline;
use std::path::{Path, PathBuf};

/// One model.
#[derive(clap::Args)]
pub(super) struct Model {
    /// The network: a spec in YAML (.yaml, .yml), or `-` for one on standard input
    #[arg(value_name = "MODEL")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) sets: Sets,
}

/// Settings put over what a spec says.
#[derive(clap::Args)]
pub(super) struct Sets {
    /// Change a value of the spec, several by repeating: `--set width_multiplier=0.5 input=160`
    ///
    /// KEY is a key of the spec, with dots for keys within keys: `rounding.divisor=4`. `input=160` and `input=160x128`
    /// stand for height and width.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) values: Vec<String>,
}

impl Model {
    /// What the model is called in headers of generated files.
    pub(super) fn name(&self) -> String {
        let name = self
            .path
            .file_name()
            .filter(|_| !files::is_dash(&self.path));
        name.map_or(files::STDIN.to_owned(), |name| {
            name.to_string_lossy().into_owned()
        })
    }

    /// The network.
    pub(super) fn graph(&self, sources: &mut Sources) -> Result<Graph, Failure> {
        graph(&self.path, &self.sets, sources)
    }

    /// The spec's text, as a source.
    pub(super) fn source(&self, sources: &mut Sources) -> Result<SourceId, Failure> {
        source(&self.path, sources)
    }
}

/// The network in a file.
pub(super) fn graph(path: &Path, sets: &Sets, sources: &mut Sources) -> Result<Graph, Failure> {
    let spec = source(path, sources)?;
    Ok(pipeline::graph(sources, spec, &sets.values)?)
}

fn source(path: &Path, sources: &mut Sources) -> Result<SourceId, Failure> {
    check_kind(path)?;
    let text = files::read_text(path)?;
    Ok(sources.add(files::display(path), text))
}

/// Refuses what is certainly no spec before it is read as one.
fn check_kind(path: &Path) -> Result<(), Failure> {
    let (facts, help) = match files::extension(path).as_deref() {
        // Nothing, as in the names of pipes.
        None | Some("yaml" | "yml") => return Ok(()),
        Some("onnx") => (
            "ONNX files are not read yet".to_owned(),
            "write the network as a table in YAML, and give its weights as .safetensors",
        ),
        // A folder is reported as one, whatever its name.
        Some(_) if path.is_dir() => return Ok(()),
        Some(other) => (
            format!("a model is a .yaml file, this is a .{other}"),
            "write the network as a table in YAML",
        ),
    };
    let facts = format!("{} is no model: {facts}", path.display());
    Err(Diagnostic::error(Code::WrongKind, facts).help(help).into())
}

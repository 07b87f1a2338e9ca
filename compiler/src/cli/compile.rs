//! `mnetc compile`: a table in, Rust out.
//!
//! In: a network, perhaps weights. Out: a source file, and a blob next to it. Never: leaves one without the other.

use super::files::{self, is_dash};
use super::model::{Budget, Model};
use super::strategy::Planned;
use super::weights::Weights;
use super::{Failure, outputs};
use mnetc::diag::{Code, Diagnostic, Sources};
use mnetc::emit::{Embed, Parts, Provenance};
use mnetc::{golden, pipeline};
use std::path::{Component, Path, PathBuf, absolute};

/// Compile a spec or an ONNX model into one Rust source file
///
/// The source needs nothing but the crate mnetc-runtime; with --standalone not even that. Of a spec without --weights only the source is written; it takes
/// a blob from `mnetc pack` at run time (`from_bytes`). With --weights, or of an ONNX model, the packed weights are written
/// next to it, and included when it is built (`new`).
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc compile v3_large.yaml -o src/v3_large.rs
  mnetc compile mobilenetv2.onnx -o src/mobilenetv2.rs
  mnetc compile v3_large.yaml -o src/v3_large.rs --weights v3_large.safetensors
  mnetc compile v2.yaml --set width_multiplier=0.5 input=160 -o v2_050_160.rs --weights seed:7
  mnetc compile v1.yaml -o v1.rs --ram-budget 256KiB --flash-budget 1MiB
  mnetc compile v1.yaml -o v1.rs --optimize ram
  mnetc compile v1.yaml -o v1.rs --target cortex-m --weights v1.safetensors
  mnetc compile v1.yaml -o v1.rs --weights v1.safetensors --self-test
  mnetc compile v2.yaml -o v2.rs --standalone && rustc --edition 2024 --crate-type lib -O v2.rs
  mnetc compile - -o - < v2.yaml | less")]
pub(super) struct Args {
    #[command(flatten)]
    model: Model,
    /// Where the source goes; `-` is standard output
    #[arg(short, long, value_name = "OUT.rs")]
    output: PathBuf,
    /// Weights to compile in: a .safetensors file, an .onnx model with the same layers, or seed:N for made-up numbers
    /// [default: an ONNX model's own]
    #[arg(long, value_name = "FILE|seed:N")]
    weights: Option<Weights>,
    /// Where the packed weights go [default: OUT.weights]; the source includes them from there
    #[arg(long, value_name = "FILE")]
    weights_out: Option<PathBuf>,
    /// Threads an inference may be shared among: with more than one the source has `infer_with`, which needs the runtime's
    /// feature `std`, and memory for so many
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::threads, conflicts_with = "standalone")]
    threads: usize,
    /// Add a `self_test`: it runs the network on a made-up input where it is called, and names the first layer that makes
    /// something else than the reference made here, with the same weights
    #[arg(long)]
    self_test: bool,
    /// Put the part of the runtime that the network needs into the file: it then compiles with no crate at all, and holds
    /// the runtime's few lines of `unsafe`
    #[arg(long)]
    standalone: bool,
    #[command(flatten)]
    planned: Planned,
    #[command(flatten)]
    budget: Budget,
}

impl Args {
    /// What is read.
    fn inputs(&self) -> Vec<&Path> {
        let weights = self.weights.as_ref().and_then(Weights::path);
        std::iter::once(&*self.model.path).chain(weights).collect()
    }
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    files::check_stdin(args.inputs())?;
    let strategy = args.planned.strategy(args.threads)?;
    let blob_path = blob_path(args)?;
    let mut network = args.model.network(sources)?;
    let weights = Weights::choose(args.weights.as_ref(), &mut network)?;
    let plan = pipeline::plan_for_threads(network.graph.clone(), strategy, args.threads);
    args.budget.check(&plan, &network)?;
    let goldens = args.self_test.then(|| match &weights {
        Some(weights) => pipeline::goldens(network.graph, &plan, weights),
        None => Err(golden::no_weights().into()),
    });
    let goldens = goldens.transpose()?;
    let mut outputs = Vec::new();
    let mut embed = None;
    // The blob comes first: a new source never stands next to an old blob.
    if let (Some(path), Some(weights)) = (blob_path, weights) {
        embed = Some(include_path(&args.output, &path)?);
        outputs.push((path, pipeline::blob(&plan, &weights)?));
    }
    let (name, weights_name) = (args.model.name(), args.weights.as_ref().map(Weights::name));
    let provenance = Provenance {
        source: &name,
        weights: weights_name.as_deref(),
    };
    let embed = embed.as_deref().map_or(Embed::No, Embed::File);
    let parts = Parts {
        embed,
        goldens: goldens.as_ref(),
        standalone: args.standalone,
    };
    let source = pipeline::source(&plan, provenance, parts);
    outputs.push((args.output.clone(), source.into_bytes()));
    outputs::write(outputs, &args.inputs())
}

/// Where the blob goes, if there is one.
fn blob_path(args: &Args) -> Result<Option<PathBuf>, Failure> {
    if args.weights.is_none() && !args.model.is_onnx() {
        return match &args.weights_out {
            None => Ok(None),
            Some(_) => Err(Failure::Usage(
                "--weights-out needs --weights: a spec has none of its own".to_owned(),
            )),
        };
    }
    let path = match &args.weights_out {
        Some(path) if is_dash(path) => {
            return Err(Failure::Usage(
                "weights are bytes: name a file in --weights-out".to_owned(),
            ));
        }
        Some(path) => path.clone(),
        None if is_dash(&args.output) => {
            let message = "with -o -, name a file for the weights in --weights-out";
            return Err(Failure::Usage(message.to_owned()));
        }
        None => args.output.with_extension("weights"),
    };
    if absolute(&path).ok() == absolute(&args.output).ok() {
        let message = format!("source and weights would both go to {}", path.display());
        return Err(Failure::Usage(message));
    }
    Ok(Some(path))
}

/// The path from the source's folder to the blob, as `include_bytes!` takes it: with `/` on every system.
///
/// Source on standard output counts as lying in the current folder.
fn include_path(source: &Path, blob: &Path) -> Result<String, Failure> {
    let relative = match (absolute(source), absolute(blob)) {
        (Ok(source), Ok(blob)) => relative(source.parent().unwrap_or(&source), &blob),
        _ => blob.to_owned(),
    };
    let text = relative
        .to_str()
        .map(|text| text.replace(std::path::MAIN_SEPARATOR, "/"));
    text.ok_or_else(|| {
        let facts = format!(
            "the path {} is not Unicode, so no source can include it",
            blob.display()
        );
        let help = "give the weights another name with --weights-out";
        Diagnostic::error(Code::CannotWrite, facts)
            .help(help)
            .into()
    })
}

/// The way from `folder` to `path`, both absolute; `path` itself when there is none.
fn relative(folder: &Path, path: &Path) -> PathBuf {
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), path.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if shared == 0 || from[shared..].contains(&Component::ParentDir) {
        return path.to_owned();
    }
    let up = from[shared..].iter().map(|_| Component::ParentDir);
    up.chain(to[shared..].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_includes_its_blob_from_where_it_lies() {
        for (source, blob, expected) in [
            ("v2.rs", "v2.weights", "v2.weights"),
            ("src/v2.rs", "src/v2.weights", "v2.weights"),
            ("src/v2.rs", "data/v2.weights", "../data/v2.weights"),
            ("a/b/v2.rs", "v2.weights", "../../v2.weights"),
            ("v2.rs", "./data/v2.weights", "data/v2.weights"),
            ("-", "data/v2.weights", "data/v2.weights"),
        ] {
            let path = include_path(source.as_ref(), blob.as_ref()).ok();
            assert_eq!(path.as_deref(), Some(expected), "{source} {blob}");
        }
    }
}

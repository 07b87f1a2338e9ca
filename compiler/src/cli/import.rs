//! `mnetc import`: an ONNX model in, the paper's table out.
//!
//! In: a model. Out: its spec, and its weights under the spec's names. Never: leaves one without the other.

use super::files::{self, is_dash};
use super::model::{self, Chosen};
use super::{Failure, outputs};
use mnetc::diag::{Code, Diagnostic};
use mnetc::weights;
use std::path::{Path, PathBuf, absolute};

/// Write an ONNX model as the table a person would have written, with its weights
///
/// Blocks of MobileNets become rows, equal ones repeats; whatever else the model is made of becomes layers that read each
/// other by name. Compiled with these weights, the spec makes what the model itself does, byte for byte. A comment behind
/// each row says what its layers are called in the model.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc import mobilenetv3.onnx -o v3.yaml --weights-out v3.safetensors
  mnetc compile v3.yaml --weights v3.safetensors -o src/v3.rs
  mnetc import mobilenetv3.onnx -o - | less")]
pub(super) struct Args {
    /// The model (.onnx)
    #[arg(value_name = "MODEL.onnx")]
    model: PathBuf,
    #[command(flatten)]
    chosen: Chosen,
    /// Where the spec goes; `-` is standard output
    #[arg(short, long, value_name = "SPEC.yaml")]
    output: PathBuf,
    /// Where the weights go; without it they stay in the model
    #[arg(long, value_name = "FILE.safetensors")]
    weights_out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    check(args)?;
    let imported = model::import(&args.model, &args.chosen.sizes())?;
    let spec = imported.spec()?.to_owned();
    let mut written = Vec::new();
    // The weights come first: a new spec never stands next to old weights.
    if let Some(path) = &args.weights_out {
        written.push((path.clone(), weights::write_safetensors(&imported.tensors)));
    }
    written.push((args.output.clone(), spec.into_bytes()));
    outputs::write(written, &[&args.model])
}

/// Refuses what can be told before the model is read.
fn check(args: &Args) -> Result<(), Failure> {
    if !model::is_onnx(&args.model) && !args.model.is_dir() {
        return Err(no_onnx(&args.model));
    }
    let Some(weights) = &args.weights_out else {
        return Ok(());
    };
    if is_dash(weights) {
        let message = "weights are bytes: name a file in --weights-out";
        return Err(Failure::Usage(message.to_owned()));
    }
    if absolute(weights).ok() == absolute(&args.output).ok() {
        let message = format!("spec and weights would both go to {}", weights.display());
        return Err(Failure::Usage(message));
    }
    Ok(())
}

fn no_onnx(path: &Path) -> Failure {
    let facts = match files::extension(path).as_deref() {
        _ if is_dash(path) => "a model has a name: weights may lie beside it".to_owned(),
        Some("yaml" | "yml") => "it is a spec already".to_owned(),
        Some(other) => format!("a model is an .onnx file, this is a .{other}"),
        None => "a model is an .onnx file, this has no ending".to_owned(),
    };
    let facts = format!("cannot import {}: {facts}", files::display(path));
    let help = "export the network as ONNX";
    let error = Diagnostic::error(Code::WrongKind, facts);
    error.help(help).into()
}

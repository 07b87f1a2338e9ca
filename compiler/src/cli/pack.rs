//! `mnetc pack`: the weight blob alone.
//!
//! In: a spec and weights. Out: a blob. Never: writes a source.

use super::model::Model;
use super::strategy::Multiply;
use super::weights::Weights;
use super::{Failure, files, outputs};
use mnetc::diag::Sources;
use mnetc::pipeline;
use std::path::PathBuf;

/// Write the weights of a network as the blob its compiled code takes at run time
///
/// The blob fits the source that `mnetc compile` writes of the same spec and settings, for whatever target, by the same version
/// of mnetc; `from_bytes` refuses any other.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc pack v3_large.yaml --weights v3_large.safetensors -o v3_large.weights
  mnetc pack mobilenetv2.onnx -o mobilenetv2.weights")]
pub(super) struct Args {
    #[command(flatten)]
    model: Model,
    /// The weights: a .safetensors file, an .onnx model with the same layers, or seed:N for made-up numbers
    /// [default: an ONNX model's own]
    #[arg(long, value_name = "FILE|seed:N")]
    weights: Option<Weights>,
    #[command(flatten)]
    multiply: Multiply,
    /// Where the blob goes; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    let inputs: Vec<_> = std::iter::once(&*args.model.path)
        .chain(args.weights.as_ref().and_then(Weights::path))
        .collect();
    files::check_stdin(inputs.iter().copied())?;
    let mut network = args.model.network(sources)?;
    let Some(weights) = Weights::choose(args.weights.as_ref(), &mut network)? else {
        let message = "a spec has no weights of its own: name them with --weights";
        return Err(Failure::Usage(message.to_owned()));
    };
    let plan = pipeline::plan_for(network.graph, args.multiply.strategy());
    let blob = pipeline::blob(&plan, &weights)?;
    outputs::write(vec![(args.output.clone(), blob)], &inputs)
}

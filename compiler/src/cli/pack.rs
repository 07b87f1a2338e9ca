//! `mnetc pack`: the weight blob alone.

use super::model::Model;
use super::weights::Weights;
use super::{Failure, outputs};
use mnetc::diag::Sources;
use mnetc::pipeline;
use std::path::PathBuf;

/// Write the weights of a network as the blob its compiled code takes at run time
///
/// The blob fits the source that `mnetc compile` writes of the same spec and settings, by the same version of mnetc;
/// `from_bytes` refuses any other.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc pack v3_large.yaml --weights v3_large.safetensors -o v3_large.weights")]
pub(super) struct Args {
    #[command(flatten)]
    model: Model,
    /// The weights: a .safetensors file, or seed:N for made-up numbers
    #[arg(long, value_name = "FILE|seed:N")]
    weights: Weights,
    /// Where the blob goes; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    let graph = args.model.graph(sources)?;
    let weights = args.weights.load(&graph)?;
    let blob = pipeline::blob(&pipeline::plan(graph), &weights)?;
    let inputs = [Some(&*args.model.path), args.weights.path()];
    let inputs: Vec<_> = inputs.into_iter().flatten().collect();
    outputs::write(vec![(args.output.clone(), blob)], &inputs)
}

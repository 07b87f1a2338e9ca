//! `mnetc check`: says what is wrong with specs, and nothing else.
//!
//! In: specs. Out: diagnostics. Never: stops at the first file that is wrong.

use super::model::{self, Budget, Settings};
use super::strategy::Planned;
use super::{Failure, files};
use mnetc::diag::{Diagnostics, Sources};
use mnetc::pipeline;
use std::path::{Path, PathBuf};

/// Read specs and report everything that is wrong with them
///
/// Parses, expands, checks shapes and the budget of memory. Prints nothing when all is well. Every mistake of every file is reported, each
/// with its line.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc check arch-specs/*.yaml
  mnetc check v2.yaml --set input=32      # does it still fit at 32x32?
  mnetc check v1.yaml --ram-budget 256KiB # and into this memory? if not, what does?
  mnetc check v1.yaml --ram-budget 256KiB --target cortex-m")]
pub(super) struct Args {
    /// The networks: specs in YAML, ONNX models, or `-` for a spec on standard input
    #[arg(value_name = "MODEL", required = true)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    planned: Planned,
    #[command(flatten)]
    budget: Budget,
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    files::check_stdin(args.models.iter().map(PathBuf::as_path))?;
    let mut all = Diagnostics::new();
    for path in &args.models {
        match check(path, args, sources) {
            Ok(()) => {}
            Err(Failure::Input(diagnostics)) => all.extend(diagnostics.iter().cloned()),
            Err(other) => return Err(other),
        }
    }
    Ok(all.check()?)
}

fn check(path: &Path, args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    let network = model::network(path, &args.settings, sources)?;
    let plan = pipeline::plan_for(network.graph.clone(), args.planned.strategy(1)?);
    args.budget.check(&plan, &network)
}

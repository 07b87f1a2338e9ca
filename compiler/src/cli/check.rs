//! `mnetc check`: says what is wrong with specs, and nothing else.

use super::Failure;
use super::model::{self, Sets};
use mnetc::diag::{Diagnostics, Sources};
use std::path::PathBuf;

/// Read specs and report everything that is wrong with them
///
/// Parses, expands and checks shapes. Prints nothing when all is well. Every mistake of every file is reported, each
/// with its line.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc check arch-specs/*.yaml
  mnetc check v2.yaml --set input=32      # does it still fit at 32x32?")]
pub(super) struct Args {
    /// The networks: specs in YAML, or `-` for one on standard input
    #[arg(value_name = "MODEL", required = true)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    sets: Sets,
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    let mut all = Diagnostics::new();
    for path in &args.models {
        match model::graph(path, &args.sets, sources) {
            Ok(_) => {}
            Err(Failure::Input(diagnostics)) => all.extend(diagnostics.iter().cloned()),
            Err(other) => return Err(other),
        }
    }
    Ok(all.check()?)
}

//! `mnetc check`: says what is wrong with specs, and nothing else.
//!
//! In: specs. Out: diagnostics. Never: stops at the first file that is wrong.

use super::model::{self, Settings};
use super::{Failure, files};
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
    /// The networks: specs in YAML, ONNX models, or `-` for a spec on standard input
    #[arg(value_name = "MODEL", required = true)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    files::check_stdin(args.models.iter().map(PathBuf::as_path))?;
    let mut all = Diagnostics::new();
    for path in &args.models {
        match model::network(path, &args.settings, sources) {
            Ok(_) => {}
            Err(Failure::Input(diagnostics)) => all.extend(diagnostics.iter().cloned()),
            Err(other) => return Err(other),
        }
    }
    Ok(all.check()?)
}

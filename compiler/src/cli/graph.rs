//! `mnetc graph`: a picture of the network.
//!
//! In: a spec. Out: SVG or DOT. Never: draws; the library does.

use super::files::{self, is_dash};
use super::model::Model;
use super::strategy::Planned;
use super::{Failure, outputs};
use mnetc::diag::Sources;
use mnetc::{picture, pipeline};
use std::path::PathBuf;

/// Draw the network: SVG to look at, DOT for graphviz
///
/// Draws one box per fused layer with its operator and output shape; with --memory where each map lies in the arena, and
/// when.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc graph v3_large.yaml -o v3_large.svg
  mnetc graph v3_large.yaml -o arena.svg --memory
  mnetc graph v3_large.yaml -o - --format dot | dot -Tpdf -o v3_large.pdf")]
pub(super) struct Args {
    #[command(flatten)]
    model: Model,
    /// Where the picture goes; `-` is standard output
    #[arg(short, long, value_name = "FILE.svg|FILE.dot")]
    output: PathBuf,
    /// Its format [default: what the file's name ends in]
    #[arg(long)]
    format: Option<Format>,
    /// Draw the arena over time instead: what lies where at each step, and for how long; SVG only
    #[arg(long)]
    memory: bool,
    #[command(flatten)]
    planned: Planned,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// A picture, for browsers and documents.
    Svg,
    /// A description of nodes and edges, for graphviz.
    Dot,
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    let format = args.format.map_or_else(|| format_of(args), Ok)?;
    let strategy = args.planned.strategy(1)?;
    let plan = pipeline::plan_for(args.model.graph(sources)?, strategy);
    if args.memory && matches!(format, Format::Dot) {
        return Err(Failure::Usage(
            "--memory draws an SVG: graphviz has no such picture".to_owned(),
        ));
    }
    let text = match format {
        Format::Svg if args.memory => picture::memory(&plan),
        Format::Svg => picture::svg(&plan),
        Format::Dot => picture::dot(&plan),
    };
    outputs::write(
        vec![(args.output.clone(), text.into_bytes())],
        &[&args.model.path],
    )
}

fn format_of(args: &Args) -> Result<Format, Failure> {
    match files::extension(&args.output).as_deref() {
        Some("svg") => Ok(Format::Svg),
        Some("dot" | "gv") => Ok(Format::Dot),
        _ if is_dash(&args.output) => Err(Failure::Usage(
            "with -o -, choose --format svg or dot".to_owned(),
        )),
        _ => {
            let message = format!(
                "{} ends in neither .svg nor .dot: choose --format",
                args.output.display()
            );
            Err(Failure::Usage(message))
        }
    }
}

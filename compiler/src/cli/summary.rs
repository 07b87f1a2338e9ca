//! `mnetc summary`: what a network costs, layer by layer.
//!
//! In: a spec. Out: a table or JSON. Never: counts; the library does.

use super::model::Model;
use super::strategy::Planned;
use super::{Failure, terminal};
use mnetc::diag::Sources;
use mnetc::{pipeline, summary};

/// Count a network's parameters, multiply-adds and bytes, layer by layer
///
/// Per fused layer: its row, operator, output shape (height x width x channels), parameters, multiply-adds (MACs) and
/// bytes of weights. Totals: parameters, MACs, bytes of weights, bytes of the arena that `infer` works in and the row
/// at which it is fullest. Needs no weights.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc summary v2.yaml
  mnetc summary v2.yaml --set width_multiplier=0.5 input=160 --memory
  mnetc summary v2.yaml --format json | jq .arena_bytes")]
pub(super) struct Args {
    #[command(flatten)]
    model: Model,
    /// As a table for terminals, for Markdown, or as JSON
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Also show what lies where in the arena at each step; not with JSON, which is one object
    #[arg(long)]
    memory: bool,
    /// Threads that share an inference
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::threads)]
    threads: usize,
    #[command(flatten)]
    planned: Planned,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Aligned columns.
    Table,
    /// A table in Markdown.
    Markdown,
    /// One object.
    Json,
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    if args.memory && matches!(args.format, Format::Json) {
        return Err(Failure::Usage(
            "--memory draws a picture: JSON has no place for it".to_owned(),
        ));
    }
    let strategy = args.planned.strategy(args.threads)?;
    let plan = pipeline::plan_for_threads(args.model.graph(sources)?, strategy, args.threads);
    let format = match args.format {
        Format::Table => summary::Format::Table,
        Format::Markdown => summary::Format::Markdown,
        Format::Json => summary::Format::Json,
    };
    let mut text = summary::render(&plan, format);
    if args.memory {
        text += "\n";
        text += &summary::memory(&plan);
    }
    terminal::print(text)
}

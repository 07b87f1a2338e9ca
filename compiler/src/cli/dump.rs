//! `mnetc dump`: the intermediate forms as text.
//!
//! In: a spec and the name of a stage. Out: text. Never: runs a stage behind it.

use super::model::Model;
use super::strategy::Planned;
use super::{Failure, terminal};
use clap::builder::PossibleValuesParser;
use mnetc::diag::{Diagnostics, Sources};
use mnetc::passes::{self, PASSES};
use mnetc::{front, graph, pipeline, plan};

/// Print what the compiler makes of a spec, up to a stage
///
/// `spec` is the table as it was read, `graph` the network with one operator per layer, then the passes that rewrite it
/// in their order, `plan` the kernel calls, `memory` the arena. Dumping after one pass and the next shows what the
/// second did.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc dump v2.yaml --after plan
  diff <(mnetc dump v2.yaml --after graph) <(mnetc dump v2.yaml --after fold_batch_norm)")]
pub(super) struct Args {
    #[command(flatten)]
    model: Model,
    /// The last stage to run
    #[arg(long, value_name = "STAGE", value_parser = PossibleValuesParser::new(stages()))]
    after: String,
    /// Threads that share an inference
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::threads)]
    threads: usize,
    #[command(flatten)]
    planned: Planned,
}

fn stages() -> Vec<&'static str> {
    let passes = PASSES.iter().map(|pass| pass.name);
    ["spec", "graph"]
        .into_iter()
        .chain(passes)
        .chain(["plan", "memory"])
        .collect()
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    if args.after == "spec" {
        return spec(args, sources);
    }
    let mut graph = args.model.graph(sources)?;
    let strategy = args.planned.strategy(args.threads)?;
    let plan = |graph| pipeline::plan_for_threads(graph, strategy, args.threads);
    let text = match args.after.as_str() {
        "graph" => graph::text::print(&graph),
        "plan" => plan::text::steps(&plan(graph)),
        "memory" => plan::text::memory(&plan(graph)),
        pass => {
            passes::run_until(&mut graph, pass);
            graph::text::print(&graph)
        }
    };
    terminal::print(text)
}

fn spec(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    let id = args.model.source(sources)?;
    let mut diagnostics = Diagnostics::new();
    let spec = front::yaml::parse(sources, id, &args.model.settings.sets, &mut diagnostics);
    diagnostics.check()?;
    spec.map_or(Ok(()), |spec| {
        terminal::print(front::text::print(&spec, sources))
    })
}

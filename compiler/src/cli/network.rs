//! Compiles a model and builds the code, for `run` and `bench`.
//!
//! In: a graph and its weights. Out: a program that runs it, and its plan. Never: reads an input.

use super::Failure;
use super::terminal::{self, Progress};
use crate::harness::{self, Network, Program, Trouble};
use mnetc::diag::{Code, Diagnostic};
use mnetc::emit::{Embed, Provenance};
use mnetc::graph::Graph;
use mnetc::pipeline;
use mnetc::plan::{Plan, Strategy};
use mnetc::weights::WeightSource;

/// A network, ready to run.
pub(super) struct Built {
    /// Its plan.
    pub(super) plan: Plan,
    /// Its program.
    pub(super) program: Program,
}

/// Compiles `graph` for this many threads, good at what `strategy` says, and builds it, unless it was built before.
pub(super) fn build(
    graph: Graph,
    weights: &WeightSource,
    threads: usize,
    strategy: Strategy,
) -> Result<Built, Failure> {
    let plan = pipeline::plan_for_threads(graph, strategy, threads);
    let blob = pipeline::blob(&plan, weights)?;
    // The name instead of the file's: what is built, and whether it is built again, depends on neither.
    let provenance = Provenance {
        source: &plan.name,
        weights: None,
    };
    let source = pipeline::source(&plan, provenance, Embed::File(harness::WEIGHTS_FILE));
    let network = Network {
        plan: &plan,
        source: &source,
        blob: &blob,
    };
    let mut progress = Progress::new();
    let doing = format!("building {} (the first time, the kernels too)", plan.name);
    let slow = || progress.show(&doing);
    let program = harness::build(&network, slow);
    progress.clear();
    Ok(Built {
        program: program?,
        plan,
    })
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        if let Trouble::Build { output } = &trouble {
            terminal::say(output);
        }
        Diagnostic::error(Code::Build, trouble.to_string())
            .help(trouble.help())
            .into()
    }
}

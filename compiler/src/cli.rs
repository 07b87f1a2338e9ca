//! The command line: one file per verb in here, and what verbs share.
//!
//! In: arguments. Out: files, text on standard output, diagnostics on standard error, an exit code. Never: computes
//! anything about a network; verbs only join files, the library's stages and each other's words.

mod arguments;
mod bench;
mod check;
mod compile;
mod completions;
mod dump;
mod files;
mod graph;
mod import;
mod input;
mod level;
mod man;
mod model;
mod network;
mod npy;
mod npz;
mod outputs;
mod pack;
mod photo;
mod preset;
mod ranking;
mod resample;
mod run;
mod strategy;
mod summary;
mod terminal;
mod verify;
mod weights;

use clap::Parser;
use mnetc::diag::{Diagnostic, Diagnostics, Sources};
use std::process::ExitCode;

const ABOUT: &str = "Compiles MobileNets, written as the table in the paper or exported as ONNX, into Rust.

MODEL is a spec: a YAML file that holds the network's table, or `-` for one on standard input; or an ONNX model \
(.onnx), which has its weights. `--set KEY=VALUE` changes a value of a spec for this call, as in \
`--set width_multiplier=0.5 input=160`; `--input-size HxW` and `--dim NAME=N` choose what an ONNX model leaves open.";

const EXIT_CODES: &str = "Exit code: 0 done, 1 the input is at fault (what is wrong stands on standard error), 2 the \
command line is. Nothing is written when anything failed.

Environment:
  NO_COLOR     no colours in diagnostics
  MNETC_CACHE  folder for the programs that `run`, `verify` and `bench` build (default: the user's cache folder)
  CARGO        the cargo that builds them (default: the one on PATH)";

#[derive(Parser)]
#[command(name = "mnetc", version, about = "Compiles MobileNets into Rust", long_about = ABOUT, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    Compile(compile::Args),
    Check(check::Args),
    Summary(summary::Args),
    Import(import::Args),
    Pack(pack::Args),
    Run(run::Args),
    Verify(verify::Args),
    Bench(bench::Args),
    Graph(graph::Args),
    Dump(dump::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Why a verb stopped.
enum Failure {
    /// The input is at fault.
    Input(Diagnostics),
    /// The command line is at fault in a way the parser of arguments does not see.
    Usage(String),
    /// Nobody reads standard output any more.
    Closed,
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Input(diagnostics)
    }
}

impl From<mnetc::Failure> for Failure {
    /// Of failures that no text is to blame for: whatever reads a spec reports through the verb's own sources.
    fn from(failure: mnetc::Failure) -> Self {
        Self::Input(failure.diagnostics)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Input(diagnostic.into())
    }
}

/// Parses the arguments, calls the verb, reports.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse_from(arguments::spread_sets(std::env::args_os()));
    let mut sources = Sources::new();
    match call(&cli.verb, &mut sources) {
        Ok(()) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Input(diagnostics)) => {
            terminal::report(&diagnostics, &sources);
            ExitCode::FAILURE
        }
        Err(Failure::Usage(message)) => usage_error(&message),
    }
}

fn call(verb: &Verb, sources: &mut Sources) -> Result<(), Failure> {
    match verb {
        Verb::Compile(args) => compile::run(args, sources),
        Verb::Check(args) => check::run(args, sources),
        Verb::Summary(args) => summary::run(args, sources),
        Verb::Import(args) => import::run(args),
        Verb::Pack(args) => pack::run(args, sources),
        Verb::Run(args) => run::run(args, sources),
        Verb::Verify(args) => verify::run(args, sources),
        Verb::Bench(args) => bench::run(args, sources),
        Verb::Graph(args) => graph::run(args, sources),
        Verb::Dump(args) => dump::run(args, sources),
        Verb::Completions(args) => completions::run(args),
        Verb::Man(args) => man::run(args),
    }
}

/// A number of threads, as an argument.
fn threads(text: &str) -> Result<usize, String> {
    const MOST: usize = 64;
    text.parse()
        .ok()
        .filter(|n| (1..=MOST).contains(n))
        .ok_or_else(|| format!("threads are 1 to {MOST}"))
}

fn usage_error(message: &str) -> ExitCode {
    use clap::CommandFactory;
    let error = Cli::command().error(clap::error::ErrorKind::ValueValidation, message);
    // Nothing is left to be done when standard error is closed.
    let _ = error.print();
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_and_argument_is_described() {
        for verb in Cli::command().get_subcommands() {
            assert!(verb.get_about().is_some(), "{}", verb.get_name());
            for argument in verb.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {}",
                    verb.get_name(),
                    argument.get_id()
                );
            }
        }
    }
}

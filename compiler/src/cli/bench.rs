//! `mnetc bench`: how fast a network is.
//!
//! In: a network, perhaps weights and an input. Out: times, perhaps the outputs. Never: times; the generated program does.

mod report;
mod table;

use super::model::Model;
use super::network::{self, Built};
use super::strategy::Goals;
use super::terminal::{self, Progress};
use super::weights::Weights;
use super::{Failure, files, input, level, npy, npz, outputs};
use mnetc::diag::{Code, Diagnostic, Sources};
use mnetc::layout::Layout;
use mnetc::weights::WeightSource;
use report::{Layers, Level, Report};
use std::path::{Path, PathBuf};

/// Build a network and time the generated code
///
/// Times the generated code itself, built with cargo as a user gets it: profile release, no RUSTFLAGS, no target-cpu;
/// weights, arena and input are in large pages where the system has them. At least ten runs and a tenth of a second of
/// warming up come first. The program is kept, so that the next bench of the same network builds nothing. Times are medians,
/// in milliseconds, of one inference.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc bench v3_large.yaml
  mnetc bench v3_large.yaml --layers
  mnetc bench v2.yaml --layers --compare-levels
  mnetc bench v2.yaml --json | tail -n 1 | jq .median_ms
  mnetc bench v2.yaml --weights v2.safetensors --input x.npy --dump-output y.npy")]
pub(super) struct Args {
    #[command(flatten)]
    model: Model,
    /// The weights: a .safetensors file, an .onnx model with the same layers, or seed:N for made-up numbers; times hardly
    /// depend on them [default: an ONNX model's own, seed:0 for specs]
    #[arg(long, value_name = "FILE|seed:N")]
    weights: Option<Weights>,
    /// Threads that share an inference
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::threads)]
    threads: usize,
    /// Inferences that are timed
    #[arg(long, value_name = "K", default_value_t = 100, value_parser = at_least_one)]
    iterations: usize,
    /// The input: a .npy array of float32, float64 or uint8 in the model's own shape, or (height, width, channels) for a
    /// spec [default: made-up numbers, the same every time]
    #[arg(long, value_name = "X.npy")]
    input: Option<PathBuf>,
    /// Write the output for that input: float32 in the model's own shape, or (height, width, channels) for a spec; several
    /// outputs make an .npz
    #[arg(long, value_name = "Y.npy|Y.npz")]
    dump_output: Option<PathBuf>,
    /// The instruction set to run on: scalar, avx2, avx512, neon; with bf16x3 also amx [default: the best this machine has]
    #[arg(long, value_name = "NAME")]
    level: Option<String>,
    /// Also time each layer: microseconds, GFLOP/s, their share of the most that the level's multiply-adds reach in registers
    /// (measured at once before), and the bytes it reads and writes. Each layer makes its whole map for this, also where the
    /// network runs in strips
    #[arg(long)]
    layers: bool,
    #[command(flatten)]
    goals: Goals,
    /// Also time the network on every instruction set this machine has
    #[arg(long)]
    compare_levels: bool,
    /// Print JSON: one object on one line, the last
    #[arg(long)]
    json: bool,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| "that is not a number from 1 on".to_owned())
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    let model = std::iter::once(&*args.model.path);
    let inputs: Vec<_> = model
        .chain(args.weights.as_ref().and_then(Weights::path))
        .chain(args.input.as_deref())
        .collect();
    files::check_stdin(inputs.iter().copied())?;
    let precision = args.goals.precision();
    let mut network = args.model.network(sources)?;
    let weights = Weights::choose(args.weights.as_ref(), &mut network)?;
    let weights = weights.unwrap_or(WeightSource::Seed(0));
    let (graph, layouts) = (network.graph, network.outputs);
    let level = level::named(args.level.as_deref(), precision)?;
    let input = input::elements(args.input.as_deref(), &graph.input, &network.input)?;
    let output_names: Vec<_> = graph.outputs.iter().map(|o| o.name.as_str()).collect();
    check_output_file(args.dump_output.as_deref(), &output_names)?;
    let whole = args.layers.then(|| graph.clone());
    let built = network::build(graph, &weights, args.threads, args.goals.strategy())?;
    // A layer in a strip cannot be timed by itself.
    let whole = whole.filter(|_| !built.plan.groups.is_empty());
    let strategy = args.goals.without_strips();
    let whole = whole.map(|graph| network::build(graph, &weights, args.threads, strategy));
    let whole = whole.transpose()?;
    let mut progress = Progress::new();
    progress.show(&format!("timing {}", built.plan.name));
    if let Some(path) = &args.dump_output {
        let outputs = outputs_of(&built, &layouts, level, &input)?;
        dump_output(&built, outputs, path, &inputs)?;
    }
    let layers = whole.as_ref().unwrap_or(&built);
    let report = measure(args, [&built, layers], level, &input)?;
    progress.clear();
    terminal::print(if args.json {
        report.json()
    } else {
        report.text()
    })
}

/// Times the first network as a whole, the second layer by layer.
fn measure(
    args: &Args,
    [built, whole]: [&Built; 2],
    level: &'static str,
    input: &[u8],
) -> Result<Report, Failure> {
    let Built { plan, program } = built;
    let precision = args.goals.precision();
    let timed = |level| {
        let times = program.time(level, args.iterations, input)?;
        let layers = if args.layers {
            let peak = whole.program.rate(level)?;
            let steps = whole.program.steps(level, args.iterations, input)?;
            Some(Layers::of(&whole.plan, peak, &steps))
        } else {
            None
        };
        Ok::<_, Failure>(Level::of(level, &times, layers))
    };
    let levels = if args.compare_levels {
        level::all(precision)
            .map(timed)
            .collect::<Result<Vec<_>, _>>()?
    } else {
        vec![timed(level)?]
    };
    Ok(Report {
        model: plan.name.clone(),
        threads: args.threads,
        precision,
        iterations: args.iterations,
        compare: args.compare_levels,
        main: levels.iter().position(|l| l.level == level).unwrap_or(0),
        levels,
    })
}

/// Refuses a file that cannot hold the outputs: several do not fit one array.
fn check_output_file(path: Option<&Path>, outputs: &[&str]) -> Result<(), Failure> {
    if path.is_some_and(files::is_dash) {
        let message = "standard output gets the times: name a file in --dump-output";
        return Err(Failure::Usage(message.to_owned()));
    }
    let Some(path) = path.filter(|path| !is_npz(path) && outputs.len() > 1) else {
        return Ok(());
    };
    let (path, count) = (path.display(), outputs.len());
    let message = format!(
        "{path} holds one array, the network has {count} outputs: {}",
        outputs.join(", ")
    );
    let help = "name a .npz file, which holds an array for each";
    Err(Diagnostic::error(Code::Setting, message).help(help).into())
}

fn is_npz(path: &Path) -> bool {
    files::extension(path).as_deref() == Some("npz")
}

/// The outputs for `input` as arrays, in the model's own layouts.
fn outputs_of(
    built: &Built,
    layouts: &[Layout],
    level: &str,
    input: &[u8],
) -> Result<Vec<Vec<u8>>, Failure> {
    let values = built.program.infer(level)?.answer(input)?;
    let array = |(layout, values): (&Layout, &Vec<f32>)| {
        npy::write(layout.dims(), &layout.from_map(values))
    };
    Ok(layouts.iter().zip(&values).map(array).collect())
}

fn dump_output(
    built: &Built,
    arrays: Vec<Vec<u8>>,
    path: &Path,
    inputs: &[&Path],
) -> Result<(), Failure> {
    let names = built.plan.outputs.iter().map(|o| o.name.as_str());
    let mut arrays: Vec<_> = names.zip(arrays).collect();
    let bytes = if is_npz(path) {
        npz::write(&arrays)
    } else {
        arrays.remove(0).1
    };
    outputs::write(vec![(path.to_owned(), bytes)], inputs)
}

//! `mnetc verify`: whether generated code computes what the model says.
//!
//! In: a network, weights, an input. Out: how far each layer and output is off, on every instruction set. Never: trusts
//! what the compiler makes of the model: what is expected comes from elsewhere ([`expected`]).

mod compare;
mod expected;
mod report;

use super::model::Model;
use super::network::{self, Built};
use super::photo::{self, Crop};
use super::preset::Preprocessing;
use super::strategy::Goals;
use super::terminal::{self, Progress};
use super::weights::Weights;
use super::{Failure, files, input, level};
use compare::difference;
use expected::{Expected, Given};
use mnetc::diag::{Code, Diagnostic, Sources};
use mnetc::graph::Input;
use mnetc::layout::Layout;
use mnetc::plan::Precision;
use mnetc::weights::WeightSource;
use report::{Compared, Level, Report};
use std::path::{Path, PathBuf};

/// Compare the generated code with the model, layer by layer
///
/// Builds and runs the generated code, and holds what every layer makes against an evaluation of the model in float64
/// that shares nothing with the compiler: of an ONNX model, its graph as it is written, node by node, before anything is
/// folded, fused or rearranged; of a spec, its table, layer by layer. A layer is compared with the value of the model that
/// it stands for; layers that have none are listed.
///
/// For each layer: the error, which is the largest difference divided by the largest magnitude of the map; the same in
/// ulp, the spacing of float32 numbers at that magnitude; the median of all elements, each in the spacing at itself, zeros
/// left out; and where the largest difference is. Errors pass from layer to layer, so the first layer that is marked is
/// the one to look at.
///
/// The tolerance holds for every layer and output. Rounding in float32 makes errors of 1e-6 in the outputs of these
/// networks, and of up to some 3e-5 in their inner layers; where an exporter wrote 1/6 with five digits, 2e-5 more. A wrong
/// weight makes 1e-3 and up. In bf16x3 errors are some ten times as large, up to 5e-5 in outputs. Exit code 1 if anything is farther off.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc verify mobilenetv2.onnx
  mnetc verify mobilenetv2.onnx --input x.npy --expected y.npy --tolerance 1e-5
  mnetc verify mobilenetv2.onnx --image cat.jpg --preset imagenet --level avx2
  mnetc verify mobilenetv2.onnx --weights other.onnx      # in which layers do they differ?
  mnetc verify v3_large.yaml --weights v3_large.safetensors --json")]
pub(super) struct Args {
    #[command(flatten)]
    model: Model,
    /// The weights to compile: a .safetensors file, an .onnx model with the same layers, or seed:N for made-up numbers; an
    /// ONNX model is evaluated with its own all the same [default: an ONNX model's own, seed:0 for specs]
    #[arg(long, value_name = "FILE|seed:N")]
    weights: Option<Weights>,
    #[command(flatten)]
    goals: Goals,
    /// The input: a .npy array in the model's own shape, or (height, width, channels) for a spec [default: made-up numbers
    /// in -1 to 1, the same every time]
    #[arg(long, value_name = "X.npy", conflicts_with = "image")]
    input: Option<PathBuf>,
    /// The input: a picture (PNG, JPEG, BMP, PNM), prepared as `mnetc run` does
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    #[command(flatten)]
    preprocessing: Preprocessing,
    /// Look at the middle of the picture only
    #[arg(long, value_enum, requires = "image")]
    crop: Option<Crop>,
    /// What the outputs are to be besides: .npy arrays in the model's own shape, one for each output, in order
    #[arg(long, value_name = "Y.npy", num_args = 1..)]
    expected: Vec<PathBuf>,
    /// The largest error that is right [default: 1e-4; in bf16x3 2e-3; of models that keep numbers in float16 2e-3, since
    /// theirs may be off by 2^-11 themselves]
    #[arg(long, value_name = "T", value_parser = tolerance)]
    tolerance: Option<f64>,
    /// The instruction set to run on: scalar, avx2, avx512, neon; with bf16x3 also amx [default: all this machine has]
    #[arg(long, value_name = "NAME")]
    level: Option<String>,
    /// Print JSON: one object on one line
    #[arg(long)]
    json: bool,
}

/// Rounding in float32 stays well below it, what is wrong well above.
const TOLERANCE: f64 = 1e-4;
/// The same where layers multiply halves, or weights of 24 bits, in the inner layers of networks that cut sums off at 6.
const SPLIT_TOLERANCE: f64 = 2e-3;

fn tolerance(text: &str) -> Result<f64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|t: &f64| t.is_finite() && *t >= 0.0);
    number.ok_or_else(|| "that is no number from 0 on".to_owned())
}

impl Args {
    /// What is read.
    fn files(&self) -> impl Iterator<Item = &Path> {
        let weights = self.weights.as_ref().and_then(Weights::path);
        let arrays = self.input.iter().chain(&self.image).chain(&self.expected);
        let arrays = arrays.map(PathBuf::as_path);
        std::iter::once(&*self.model.path)
            .chain(weights)
            .chain(arrays)
    }

    /// Raw elements of the input.
    fn elements(&self, input: &Input, layout: &Layout) -> Result<Vec<u8>, Failure> {
        let Some(image) = &self.image else {
            if self.preprocessing.is_given() {
                let message =
                    "--preset, --mean, --std and --scale prepare pictures: name one with --image";
                return Err(Failure::Usage(message.to_owned()));
            }
            return input::elements(self.input.as_deref(), input, layout);
        };
        photo::check_channels(input.shape)?;
        let converter = self.preprocessing.for_input(input)?;
        Ok(converter.convert(photo::read(image, input.shape, self.crop)?))
    }
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    files::check_stdin(args.files())?;
    let precision = args.goals.precision();
    let levels = match &args.level {
        Some(name) => vec![level::named(Some(name), precision)?],
        None => level::all(precision).collect(),
    };
    let mut network = args.model.network(sources)?;
    let weights = Weights::choose(args.weights.as_ref(), &mut network)?;
    let weights = weights.unwrap_or(WeightSource::Seed(0));
    let input = args.elements(&network.graph.input, &network.input)?;
    let outputs = expected::of_files(&args.expected, &network)?;
    // Layers are looked at in a program in which each makes its whole map, outputs in the one that users get.
    let [whole, usual] = [args.goals.whole(), args.goals.strategy()];
    let built = network::build(network.graph.clone(), &weights, 1, whole)?;
    let quick = network::build(network.graph.clone(), &weights, 1, usual)?;
    let mut progress = Progress::new();
    progress.show(&format!("evaluating {}", network.graph.name));
    let given = Given {
        network: &network,
        weights: &weights,
        input: &input,
    };
    let expected = if args.model.is_onnx() {
        expected::of_model(&args.model.path, &given, &built.plan)?
    } else {
        expected::of_spec(&given, &built.plan)?
    };
    let mut compared = Vec::new();
    for level in levels {
        progress.show(&format!("running {} on {level}", network.graph.name));
        let programs = [&built, &quick];
        compared.push(run_on(level, programs, &expected, &outputs, &input)?);
    }
    progress.clear();
    let usual = match precision {
        Precision::F32 => TOLERANCE,
        Precision::Bf16x3 => SPLIT_TOLERANCE,
    };
    let report = Report {
        model: built.plan.name.clone(),
        against: expected.against.clone(),
        tolerance: args.tolerance.unwrap_or(usual.max(4.0 * expected.rounding)),
        levels: compared,
        without: expected.without(&built.plan),
    };
    terminal::print(if args.json {
        report.json()
    } else {
        report.text()
    })?;
    match report.fault() {
        None => Ok(()),
        Some(fault) => Err(Diagnostic::error(Code::Differs, fault)
            .help("the layers before it agree, so look there first; --tolerance allows more")
            .into()),
    }
}

/// How far everything is off on one instruction set: the layers of the first program, the outputs of the second.
fn run_on(
    level: &'static str,
    [built, quick]: [&Built; 2],
    expected: &Expected,
    files: &[(String, Vec<f64>)],
    input: &[u8],
) -> Result<Level, Failure> {
    let trace = built.program.trace(level, input)?;
    let answers = quick.program.trace(level, input)?.outputs;
    let plan = &built.plan;
    let layer = |(number, got): &(usize, Vec<f32>)| {
        let (step, value) = (plan.steps.get(*number)?, expected.layers.get(*number)?);
        let value = value.as_ref()?;
        Some(Compared {
            name: step.origin.name.clone(),
            shape: plan.map(step.output).shape,
            node: value.node.clone(),
            difference: difference(got, &value.numbers),
        })
    };
    let output = |(index, name, numbers): (usize, &String, &Vec<f64>)| Compared {
        name: name.clone(),
        shape: plan.outputs[index].shape,
        node: None,
        difference: difference(&answers[index], numbers),
    };
    let outputs = plan.outputs.iter().zip(&expected.outputs).enumerate();
    let outputs = outputs.map(|(index, (o, numbers))| (index, &o.name, numbers));
    let files = files
        .iter()
        .enumerate()
        .map(|(index, (name, numbers))| (index, name, numbers));
    Ok(Level {
        level,
        layers: trace.steps.iter().filter_map(layer).collect(),
        outputs: outputs.map(output).collect(),
        files: files.map(output).collect(),
    })
}

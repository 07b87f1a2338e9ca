//! `mnetc run`: what a network sees in pictures.
//!
//! In: a spec, weights, pictures. Out: ranked classes. Never: computes a layer; the generated code does.

use super::model::Model;
use super::network::{self, Built};
use super::photo::{self, Crop};
use super::preset::{Converter, Preprocessing};
use super::ranking::{self, Classes, Ranked};
use super::strategy::Goals;
use super::terminal::{self, Progress};
use super::weights::Weights;
use super::{Failure, files, level};
use crate::harness::Inference;
use mnetc::diag::{Code, Diagnostic, Sources};
use mnetc::pipeline;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Compile, build and run a network on pictures, and print the classes it sees
///
/// Runs the generated code itself, built with cargo and kept, so that the next run of the same network builds nothing.
///
/// Every picture (PNG, JPEG, BMP, PNM) is made grey or RGB as the input has one or three channels, and resized to the
/// input's size: the whole picture, unless --crop center keeps the largest part of its middle that has the input's
/// aspect ratio. Resizing averages under a triangle, as Pillow's BILINEAR and torchvision with antialiasing do. Transparency
/// is dropped, of 16-bit samples the high byte is taken, and the orientation that a camera notes (EXIF) is not applied: as
/// Pillow and TensorFlow read the pictures that networks are trained on. Turn such a picture first. Inputs of type u8 take its bytes; so do specs whose `input` has `mean`, `std` or `scale`. For all
/// others a preset, or --scale, --mean and --std, say how a byte p becomes a number: x = (p * scale - mean) / std.
///
/// Prints for each picture its name, then rank, probability, class and label. Scores of networks that end in neither
/// softmax nor sigmoid are made probabilities by softmax. Of several outputs the last vector counts.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc run digits.yaml --weights digits.safetensors --image 3.png 5.png
  mnetc run v2.yaml --weights v2.safetensors --preset imagenet --labels imagenet.txt --image cat.jpg --top 3
  mnetc run mobilenetv2.onnx --preset tf --labels imagenet.txt --image cat.jpg
  mnetc run v2.yaml --weights v2.safetensors --scale 1/255 --mean 0.5 --std 0.5 --image cat.jpg --json")]
pub(super) struct Args {
    #[command(flatten)]
    model: Model,
    /// The weights: a .safetensors file, an .onnx model with the same layers, or seed:N for made-up numbers
    /// [default: an ONNX model's own]
    #[arg(long, value_name = "FILE|seed:N")]
    weights: Option<Weights>,
    #[command(flatten)]
    goals: Goals,
    /// The pictures; `-` is one on standard input
    #[arg(long = "image", value_name = "FILE", required = true, num_args = 1..)]
    images: Vec<PathBuf>,
    /// Names of the classes: one a line, class 0 first
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// How many classes to print per picture
    #[arg(long, value_name = "K", default_value_t = 5)]
    top: usize,
    #[command(flatten)]
    preprocessing: Preprocessing,
    /// Look at the middle of each picture only, in the input's aspect ratio, instead of squeezing all of it
    #[arg(long, value_enum)]
    crop: Option<Crop>,
    /// Threads that share an inference
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::threads)]
    threads: usize,
    /// Print JSON: one object per picture and line
    #[arg(long)]
    json: bool,
}

/// One line of JSON.
#[derive(Serialize)]
struct Answer<'a> {
    image: &'a str,
    classes: &'a [Ranked],
}

pub(super) fn run(args: &Args, sources: &mut Sources) -> Result<(), Failure> {
    let files = args
        .images
        .iter()
        .chain(&args.labels)
        .chain([&args.model.path])
        .map(PathBuf::as_path);
    files::check_stdin(files.chain(args.weights.as_ref().and_then(Weights::path)))?;
    let mut network = args.model.network(sources)?;
    let Some(weights) = Weights::choose(args.weights.as_ref(), &mut network)? else {
        let message = format!("{} is to run, but has no weights", network.graph.name);
        let help = "give them with --weights FILE.safetensors";
        return Err(Diagnostic::error(Code::NoWeights, message)
            .help(help)
            .into());
    };
    let graph = network.graph;
    photo::check_channels(graph.input.shape)?;
    let converter = args.preprocessing.for_input(&graph.input)?;
    // A build takes seconds; a mistyped path should not.
    let mut read = args
        .images
        .iter()
        .chain(&args.labels)
        .filter(|path| !files::is_dash(path));
    read.try_for_each(|path| mnetc::files::check(path))?;
    let classes = Classes::of(&pipeline::plan(graph.clone()))?;
    let labels = args
        .labels
        .as_ref()
        .map(|path| ranking::labels(path, classes.count))
        .transpose()?;
    let built = network::build(graph, &weights, args.threads, args.goals.strategy())?;
    let mut inference = built
        .program
        .infer(level::named(None, args.goals.precision())?)?;
    let mut progress = Progress::new();
    for (number, path) in args.images.iter().enumerate() {
        if args.images.len() > 1 {
            progress.show(&format!("picture {} of {}", number + 1, args.images.len()));
        }
        let scores = infer(path, args, &built, &converter, &mut inference)?;
        let ranking = classes.rank(&scores[classes.output], labels.as_deref(), args.top);
        progress.clear();
        terminal::print(text(path, &ranking, args.json))?;
    }
    Ok(())
}

fn infer(
    path: &Path,
    args: &Args,
    built: &Built,
    converter: &Converter,
    inference: &mut Inference,
) -> Result<Vec<Vec<f32>>, Failure> {
    let pixels = photo::read(path, built.plan.input.shape, args.crop)?;
    Ok(inference.answer(&converter.convert(pixels))?)
}

fn text(path: &Path, ranking: &[Ranked], json: bool) -> String {
    let image = files::display(path);
    if json {
        let answer = Answer {
            image: &image,
            classes: ranking,
        };
        return serde_json::to_string(&answer).expect("numbers and text have a JSON") + "\n";
    }
    format!("{image}\n{}", ranking::lines(ranking))
}

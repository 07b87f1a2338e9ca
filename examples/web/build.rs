//! Compiles the model that the environment names, and says what the module must know of it.
//!
//! In: `MNETC_MODEL` (a spec or an ONNX file) and, where wanted, `MNETC_WEIGHTS` (a file, or `seed:N`), `MNETC_SET`
//! (`KEY=VALUE ...`, for specs), `MNETC_INPUT_SIZE` (`HxW`, for models that leave it open), `MNETC_EMBED` (the weights become
//! part of the module) and `MNETC_SELF_TEST`. Nothing named: the digits. Out: `network.rs`, `network.weights` and `facts.rs` in
//! `OUT_DIR`. Never: knows the page.

use mnetc::emit::names;
use mnetc::files::{self, Beside};
use mnetc::graph::Activation;
use mnetc::import::Sizes;
use mnetc::plan::{Kernel, Plan, Storage, Target};
use mnetc::shape::Element;
use mnetc::{Compiled, Failure, Options, Weights, pipeline};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// Compiled when no model is named.
const DIGITS: [&str; 2] = [
    "../digits/data/digits.yaml",
    "../digits/data/digits.safetensors",
];

fn main() -> ExitCode {
    match compile() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={}", error.lines().next().unwrap_or_default());
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compile() -> Result<(), String> {
    let named = variable("MNETC_MODEL");
    let weights = variable("MNETC_WEIGHTS");
    let (model, weights) = match named {
        Some(model) => (model, weights),
        None => (DIGITS[0].to_owned(), Some(DIGITS[1].to_owned())),
    };
    let embed = variable("MNETC_EMBED").is_some();
    let options = Options {
        sets: variable("MNETC_SET")
            .map(|sets| sets.split_whitespace().map(str::to_owned).collect())
            .unwrap_or_default(),
        weights: weights.as_deref().map_or(Ok(Weights::None), read_weights)?,
        embed: embed.then(|| "network.weights".to_owned()),
        self_test: variable("MNETC_SELF_TEST").is_some(),
        strategy: Target::Wasm.strategy(),
        ..Options::default()
    };
    let Compiled { source, blob, plan } = network(Path::new(&model), &options)?;
    let Some(blob) = blob else {
        return Err(format!(
            "{model} has no weights of its own: name them in MNETC_WEIGHTS"
        ));
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for (name, bytes) in [
        ("network.rs", source.as_bytes()),
        ("network.weights", &blob),
        (
            "facts.rs",
            facts(&plan, embed, options.self_test)?.as_bytes(),
        ),
    ] {
        fs::write(out.join(name), bytes).map_err(|e| format!("{name} cannot be written: {e}"))?;
    }
    Ok(())
}

/// The variable, unless it is empty. Cargo runs this script again when it changes.
fn variable(name: &str) -> Option<String> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn network(model: &Path, options: &Options) -> Result<Compiled, String> {
    rerun_if_changed(model);
    let name = model.to_string_lossy();
    if !is_onnx(model) {
        let text = files::read_text(model).map_err(told)?;
        return mnetc::compile(&name, &text, options).map_err(told);
    }
    let mut sizes = Sizes::default();
    if let Some(size) = variable("MNETC_INPUT_SIZE") {
        let sides = size
            .split_once('x')
            .and_then(|(h, w)| Some([h.parse().ok()?, w.parse().ok()?]));
        sizes.input = Some(sides.ok_or(format!(
            "MNETC_INPUT_SIZE is {size}, and no size such as 224x224"
        ))?);
    }
    let bytes = files::read(model).map_err(told)?;
    mnetc::compile_onnx(&name, bytes, &sizes, &Beside::new(model), options).map_err(told)
}

fn read_weights(text: &str) -> Result<Weights, String> {
    if let Some(seed) = text.strip_prefix("seed:") {
        let seed = seed
            .parse()
            .map_err(|e| format!("{text} is no seed: {e}"))?;
        return Ok(Weights::Seed(seed));
    }
    let path = Path::new(text);
    rerun_if_changed(path);
    let bytes = files::read(path).map_err(told)?;
    if !is_onnx(path) {
        return Ok(Weights::Safetensors {
            name: text.to_owned(),
            bytes,
        });
    }
    let imported = pipeline::import(text, bytes, &Sizes::default(), &Beside::new(path));
    Ok(Weights::Onnx(Box::new(
        imported.map_err(|e| told(files::all(e)))?,
    )))
}

fn is_onnx(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("onnx"))
}

fn rerun_if_changed(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

fn told(failure: Failure) -> String {
    failure.to_string()
}

/// What differs from network to network and the source does not say in one way: the name of its type, which output holds the
/// classes, and what its input is made of.
fn facts(plan: &Plan, embed: bool, self_test: bool) -> Result<String, String> {
    let shape = plan.input.shape;
    if !matches!(shape.c, 1 | 3) {
        return Err(format!(
            "a picture has 1 or 3 channels, the input {shape} has {}",
            shape.c
        ));
    }
    let classes = plan
        .outputs
        .iter()
        .rposition(|output| output.shape.pixels() == 1);
    let Some(classes) = classes else {
        return Err(format!(
            "{} has no classes to name: none of its outputs is a vector",
            plan.name
        ));
    };
    let network = names::type_name(&plan.name);
    let output = &plan.outputs[classes].name;
    let (zero, pixels) = match (plan.input.element, plan.input.normalise.is_empty()) {
        (Element::U8, _) => ("0", "Bytes"),
        (Element::F32, false) => ("0.0", "FloatsOfBytes"),
        (Element::F32, true) => ("0.0", "Prepared"),
    };
    let load = if embed {
        "Ok(Network::new())"
    } else {
        "Network::from_bytes(bytes)"
    };
    let self_test = match self_test {
        true => {
            "match network.self_test(arena, input, output) {
        Ok(()) => -1,
        Err(wrong) => network::STEPS.iter().position(|s| s.0 == wrong.expected.step).map_or(0, |i| i as i32),
    }"
        }
        false => "{ let _ = (network, arena, input, output); -2 }",
    };
    Ok(format!(
        "pub const NAME: &str = {name:?};
pub const BLANK: network::Input = [{zero}; {length}];
pub const PIXELS: Pixels = Pixels::{pixels};
pub const PROBABILITIES: bool = {probabilities};
pub const EMBEDDED: bool = {embed};
pub type Network = network::{network}<'static>;
pub fn load(bytes: &'static [u8]) -> Result<Network, WeightsError> {{
    let _ = bytes;
    {load}
}}
pub fn scores(output: &network::Output) -> &[f32] {{
    &output.{output}
}}
pub fn self_test(
    network: &Network,
    arena: &mut network::Arena,
    input: &mut network::Input,
    output: &mut network::Output,
) -> i32 {{
    {self_test}
}}
",
        name = plan.name,
        length = shape.h * shape.w * shape.c,
        probabilities = are_probabilities(plan, classes),
    ))
}

/// Whether the numbers of an output are probabilities as they are, or scores that softmax makes probabilities of.
fn are_probabilities(plan: &Plan, output: usize) -> bool {
    let storage = Storage::Output(output);
    let stored = plan
        .steps
        .iter()
        .map(|step| step.output)
        .find(|map| plan.map(*map).storage == storage);
    let mut map = stored.expect("a step makes every output");
    loop {
        let maker = plan
            .steps
            .iter()
            .rev()
            .find(|step| step.output == map)
            .expect("a step makes it");
        match (&maker.kernel, &maker.inputs[..]) {
            (Kernel::Copy | Kernel::Flatten, [from]) => map = *from,
            _ => {
                return maker.kernel == Kernel::Softmax
                    || matches!(
                        maker.activation,
                        Activation::Sigmoid | Activation::HardSigmoid
                    );
            }
        }
    }
}

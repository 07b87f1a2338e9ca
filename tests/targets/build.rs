//! Compiles golden networks with their seeded weights and self-tests, for a program that needs no files.
//!
//! In: `MNETC_GOLDENS`, names of files in `tests/goldens` or `all`; without it three small networks that have every kind of
//! layer between them. Out: in `OUT_DIR`, a source file per network, its weights, input and expected outputs, and
//! `networks.rs`, which lists them; and a network more that is compiled for this target alone.

use mnetc::emit::names::type_name;
use mnetc::plan::Target;
use mnetc::weights::seed;
use mnetc::{Options, Weights};
use safetensors::SafeTensors;
use safetensors::tensor::Metadata;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Small, and with every kind of layer between them.
const FEW: &str = "v1_025_96 v2_035_96 v3_small_035_96";

/// Compiled for the target alone.
const DIGITS: &str = "../../examples/digits/data/digits.yaml";

fn main() {
    println!("cargo::rerun-if-env-changed=MNETC_GOLDENS");
    println!("cargo::rerun-if-changed=../goldens");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let wanted = env::var("MNETC_GOLDENS").unwrap_or_else(|_| FEW.into());
    let names = match wanted.as_str() {
        "all" => all(),
        names => names.split_whitespace().map(String::from).collect(),
    };
    let modules: String = names.iter().map(|name| network(&out, name)).collect();
    let checks: Vec<_> = names
        .iter()
        .map(|name| format!("({name:?}, {name}::check as Check, {name}::infer as Infer)"))
        .collect();
    let list = format!(
        "{modules}/// Every network.\npub(crate) const NETWORKS: [(&str, Check, Infer); {}] = [{}];\n",
        names.len(),
        checks.join(", ")
    );
    let list = list + &own(&out);
    fs::write(out.join("networks.rs"), list).expect("OUT_DIR can be written");
}

/// Compiles the digits for the one target this is built for, and returns the module that tests them.
fn own(out: &Path) -> String {
    let target = match env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
        Ok("aarch64") => Target::Aarch64,
        Ok("wasm32") => Target::Wasm,
        Ok("x86_64") => Target::X86_64,
        _ => Target::Any,
    };
    let options = Options {
        weights: Weights::Seed(1),
        embed: Some("own.weights".into()),
        strategy: target.strategy(),
        self_test: true,
        ..Options::default()
    };
    println!("cargo::rerun-if-changed={DIGITS}");
    let spec = fs::read_to_string(DIGITS).unwrap_or_else(|e| panic!("{DIGITS}: {e}"));
    let compiled = mnetc::compile("digits.yaml", &spec, &options);
    let compiled = compiled.unwrap_or_else(|failure| panic!("{failure}"));
    fs::write(out.join("own.rs"), compiled.source).expect("OUT_DIR can be written");
    let blob = compiled.blob.expect("a seed is weights");
    fs::write(out.join("own.weights"), blob).expect("OUT_DIR can be written");
    format!("own!({:?});\n", target.name())
}

/// The names of all goldens.
fn all() -> Vec<String> {
    let files = fs::read_dir("../goldens").expect("goldens are there");
    let mut names: Vec<_> = files
        .map(|file| file.expect("readable").path())
        .filter(|file| file.extension().is_some_and(|e| e == "safetensors"))
        .map(|file| {
            file.file_stem()
                .expect("named")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// Writes a network's files, and returns the module that runs it.
fn network(out: &Path, name: &str) -> String {
    let path = format!("../goldens/{name}.safetensors");
    let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("a golden is a safetensors file");
    let seed = text(&metadata, "seed").parse().expect("a number");
    let options = Options {
        weights: Weights::Seed(seed),
        embed: Some(format!("{name}.weights")),
        self_test: true,
        ..Options::default()
    };
    let compiled = mnetc::compile(&format!("{name}.yaml"), text(&metadata, "spec"), &options)
        .unwrap_or_else(|failure| panic!("{failure}"));
    let write = |file: &str, bytes: &[u8]| {
        fs::write(out.join(format!("{name}.{file}")), bytes).expect("OUT_DIR can be written");
    };
    write("rs", compiled.source.as_bytes());
    write("weights", &compiled.blob.expect("a seed is weights"));

    let shape: Vec<usize> = list(text(&metadata, "input_shape"));
    let length = shape.iter().product();
    let input_seed = text(&metadata, "input_seed").parse().expect("a number");
    let uniform = seed::uniform(input_seed, "input", length);
    let input: Vec<u8> = match text(&metadata, "input_type") {
        "u8" => uniform.map(|u| (u * 256.0) as u8).collect(),
        _ => uniform
            .flat_map(|u| (2.0 * u - 1.0).to_le_bytes())
            .collect(),
    };
    write("input", &input);

    let file = SafeTensors::deserialize(&bytes).expect("a golden is a safetensors file");
    let strides: serde_json::Value =
        serde_json::from_str(text(&metadata, "strides")).expect("JSON");
    let mut outputs = String::new();
    for output in &compiled.plan.outputs {
        let tap = format!("tap.{}", output.name);
        let (key, tensor) = match file.tensor(&tap) {
            Ok(tensor) => (tap.as_str(), tensor),
            Err(_) => (
                "output",
                file.tensor("output").expect("a golden has its outputs"),
            ),
        };
        write(&output.name, tensor.data());
        let mut strides: Vec<usize> = list(&strides[key].to_string());
        while strides.len() < 3 {
            strides.insert(0, 1);
        }
        outputs += &format!("{} {strides:?}, ", output.name);
    }
    let (type_name, element) = (
        type_name(&compiled.plan.name),
        compiled.plan.input.element.name(),
    );
    format!("network!({name}, {type_name}, {element}, [{outputs}]);\n")
}

fn text<'m>(metadata: &'m Metadata, key: &str) -> &'m str {
    let all = metadata.metadata().as_ref().expect("a golden has metadata");
    all.get(key)
        .unwrap_or_else(|| panic!("a golden has a {key}"))
}

fn list(json: &str) -> Vec<usize> {
    serde_json::from_str::<Vec<usize>>(json).expect("a list of numbers")
}

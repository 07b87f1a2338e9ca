//! Compiles the network of every golden, and the digits, into Rust that the tests run.
//!
//! In: `goldens/*.safetensors`, whose metadata holds a spec each, and the digits' spec. Out: in `OUT_DIR`, a source file
//! per network and `cases.rs`, which lists them all.

use mnetc::diag::{Sources, Style, render};
use mnetc::emit::{Embed, Provenance};
use mnetc::files::Beside;
use mnetc::pipeline;
use mnetc::plan::{Optimize, Plan, Precision, Squeeze, Strategy, Strips, Target};
use mnetc::{Options, Weights};
use safetensors::SafeTensors;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "support/sizes.rs"]
#[expect(unreachable_pub, reason = "it is public in the library of the tests")]
mod sizes;

/// Threads for which there is memory.
const THREADS: usize = 7;

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let digits = root.join("../examples/digits/data/digits.yaml");
    let goldens = goldens(&root.join("goldens"));
    let odd = ["emit", "odd"]
        .map(|cases| specs(&root.join("cases").join(cases)))
        .concat();
    let mut list = String::new();
    for (name, spec) in goldens
        .iter()
        .chain(&odd)
        .chain([&("digits".to_owned(), read(&digits))])
    {
        list += &case(&out, name, spec, Precision::F32);
    }
    let mut split = goldens.clone();
    split.retain_mut(|(name, spec)| {
        let is_one = SPLIT.contains(&name.as_str());
        if is_one {
            name.push_str("_split");
            list += &case(&out, name, spec, Precision::Bf16x3);
        }
        is_one
    });
    let mut in_strips = Vec::new();
    let plain = goldens
        .iter()
        .chain(&odd)
        .map(|network| (network, Precision::F32));
    let halves = split.iter().map(|network| (network, Precision::Bf16x3));
    for ((name, spec), precision) in plain.chain(halves) {
        for (suffix, optimize, threads) in IN_STRIPS {
            let variant = format!("{name}_for_{suffix}");
            let strategy = Strategy {
                optimize,
                precision,
                squeeze: Squeeze::Whole,
                ..Strategy::default()
            };
            let in_groups = |plan: &Plan| !plan.groups.is_empty();
            let names = [&*variant, name];
            if let Some(module) = variant_of(&out, names, spec, (strategy, threads), in_groups) {
                list += &module;
                in_strips.push((variant, name.clone()));
            }
        }
    }
    // With gates in weights, which those networks have not.
    let squeezes = odd.iter().find(|(name, _)| name == "squeezes");
    let (name, spec) = squeezes.expect("it is among the odd ones");
    let strategy = Strategy {
        strips: Strips::Off,
        precision: Precision::Bf16x3,
        ..Strategy::default()
    };
    let names = ["squeezes_split", name];
    let module = variant_of(&out, names, spec, (strategy, THREADS), |_| true);
    list += &module.expect("any plan is wanted");
    split.push((names[0].to_owned(), spec.clone()));
    let mut folded = Vec::new();
    for (name, spec) in goldens.iter().chain(&odd) {
        for (suffix, strips, threads) in FOLDED {
            let variant = format!("{name}_{suffix}");
            let strategy = Strategy {
                strips,
                ..Strategy::default()
            };
            // Without a group it is the one without strips, but for where scratch lies.
            let is_folded = |plan: &Plan| {
                let in_groups = strips == Strips::Off || !plan.groups.is_empty();
                in_groups && plan.steps.iter().any(|s| s.kernel.makes_gates())
            };
            let names = [&*variant, name];
            if let Some(module) = variant_of(&out, names, spec, (strategy, threads), is_folded) {
                list += &module;
                folded.push((variant, name.clone()));
            }
        }
    }
    let exported = exports(&root.join("goldens/onnx"));
    for (name, path) in &exported {
        list += &export(&out, name, path).unwrap_or_else(|refusal| panic!("{refusal}"));
    }
    let mut elsewhere =
        env::var_os("MNETC_EXPORTS").map_or(vec![], |folder| exports(folder.as_ref()));
    elsewhere.retain_mut(|(name, path)| {
        name.insert_str(0, "export_");
        // The test that asked for it tells why it is refused.
        export(&out, name, path).is_ok_and(|module| {
            list += &module;
            true
        })
    });
    list += &function("exports", "that an exporter wrote", &exported);
    list += &function(
        "exports_elsewhere",
        "in the folder `MNETC_EXPORTS`, if it is set",
        &elsewhere,
    );
    for name in SELF_TESTED {
        let spec = read(&root.join(format!("../{name}.yaml")));
        self_tested(&out, name.rsplit('/').next().expect("a name"), &spec);
    }
    list += &function("goldens", "that has a golden", &goldens);
    list += &function("odd", "that has none", &odd);
    list += &pairs(
        "in_strips",
        "that can run in strips, so and without",
        &in_strips,
    );
    list += &pairs(
        "folded",
        "with gates in the weights of a layer, so and without",
        &folded,
    );
    list += &function("split", "that multiplies halves", &split);
    fs::write(out.join("cases.rs"), list).expect("OUT_DIR can be written");
    println!("cargo::rerun-if-changed=goldens\ncargo::rerun-if-changed=cases");
    println!("cargo::rerun-if-env-changed=MNETC_EXPORTS");
}

/// The ways in which networks are compiled in strips, with the threads they are planned for: each layer of a strip is
/// shared by itself but in bands.
const IN_STRIPS: [(&str, Optimize, usize); 3] = [
    ("speed", Optimize::Speed, 1),
    ("speed_in_bands", Optimize::Speed, 4),
    ("ram", Optimize::Ram, THREADS),
];

/// How networks are planned whose gates may be in the weights of a layer: the strips, the threads that bands are for.
const FOLDED: [(&str, Strips, usize); 3] = [
    ("folded", Strips::Off, THREADS),
    ("folded_in_strips", Strips::Auto, 1),
    ("folded_in_bands", Strips::Auto, 3),
];

/// Networks that are compiled in bf16x3 besides.
const SPLIT: [&str; 3] = ["v1_025_96", "v2_97x75", "v3_large_075_96"];

/// Networks that are compiled with a self-test, on the weights of seed 1.
const SELF_TESTED: [&str; 3] = [
    "examples/digits/data/digits",
    "arch-specs/v1_025_96",
    "arch-specs/v2_035_96",
];

/// Writes the source of one spec with a self-test, and its weights; in strips, where that makes the arena smaller, but for
/// the digits.
fn self_tested(out: &Path, name: &str, spec: &str) {
    let options = Options {
        weights: Weights::Seed(1),
        strategy: match name {
            "digits" => WHOLE,
            _ => Strategy {
                optimize: Optimize::Ram,
                ..Strategy::default()
            },
        },
        self_test: true,
        ..Options::default()
    };
    let compiled = mnetc::compile(&format!("{name}.yaml"), spec, &options);
    let compiled = compiled.unwrap_or_else(|failure| panic!("{failure}"));
    let blob = compiled.blob.expect("a seed is weights");
    fs::write(out.join(format!("{name}.tested.rs")), compiled.source)
        .expect("OUT_DIR can be written");
    fs::write(out.join(format!("{name}.weights")), blob).expect("OUT_DIR can be written");
}

/// A function that lists variants of networks, each with the network it is one of.
fn pairs(name: &str, which: &str, variants: &[(String, String)]) -> String {
    let pairs: Vec<_> = variants
        .iter()
        .map(|(variant, name)| format!("({variant}::case(), {name}::case())"))
        .collect();
    format!(
        "/// Every network {which}.\npub fn {name}() -> Vec<(Case, Case)> {{ vec![{}] }}\n",
        pairs.join(", ")
    )
}

/// A function that lists some networks.
fn function<T>(name: &str, which: &str, networks: &[(String, T)]) -> String {
    let cases: Vec<_> = networks
        .iter()
        .map(|(name, _)| format!("{name}::case()"))
        .collect();
    format!(
        "/// Every network {which}.\npub fn {name}() -> Vec<Case> {{ vec![{}] }}\n",
        cases.join(", ")
    )
}

/// The specs of a folder: name and text.
fn specs(folder: &Path) -> Vec<(String, String)> {
    let files = fs::read_dir(folder)
        .expect("cases are there")
        .map(|e| e.expect("readable").path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    let named = |f: &PathBuf| {
        (
            f.file_stem().expect("named").to_string_lossy().into_owned(),
            read(f),
        )
    };
    files.iter().map(named).collect()
}

fn goldens(folder: &Path) -> Vec<(String, String)> {
    let files = fs::read_dir(folder)
        .expect("goldens are there")
        .map(|e| e.expect("readable").path());
    let mut files: Vec<_> = files
        .filter(|f| f.extension().is_some_and(|e| e == "safetensors"))
        .collect();
    files.sort();
    let network = |file: &PathBuf| {
        let bytes = fs::read(file).expect("readable");
        let (_, metadata) =
            SafeTensors::read_metadata(&bytes).expect("a golden is a safetensors file");
        let spec = metadata
            .metadata()
            .as_ref()
            .and_then(|m| m.get("spec"))
            .expect("a golden has a spec");
        let name = file
            .file_stem()
            .expect("named")
            .to_string_lossy()
            .into_owned();
        (name, spec.clone())
    };
    files.iter().map(network).collect()
}

/// Every layer's whole map can be looked at.
const WHOLE: Strategy = Strategy {
    target: Target::Any,
    strips: Strips::Off,
    optimize: Optimize::Speed,
    precision: Precision::F32,
    squeeze: Squeeze::Whole,
};

/// Writes the source of one spec, planned so for some threads, and returns the module that runs it, if the plan is one that is
/// wanted.
fn variant_of(
    out: &Path,
    [name, file]: [&str; 2],
    spec: &str,
    (strategy, threads): (Strategy, usize),
    is_wanted: impl Fn(&Plan) -> bool,
) -> Option<String> {
    let mut sources = Sources::new();
    let id = sources.add(file, spec);
    let graph = pipeline::graph(&mut sources, id, &[]).expect("it is compiled without, too");
    let mut plan = pipeline::plan_for_threads(graph, strategy, threads);
    // A pool may have more threads than there is memory for.
    plan.threads = THREADS;
    let provenance = Provenance {
        source: file,
        weights: None,
    };
    let source = pipeline::source(&plan, provenance, Embed::No);
    is_wanted(&plan).then(|| module(out, name, &plan, &source, spec))
}

/// Writes the source of one spec, and returns the module that runs it.
fn case(out: &Path, name: &str, spec: &str, precision: Precision) -> String {
    let options = Options {
        threads: THREADS,
        strategy: Strategy { precision, ..WHOLE },
        ..Options::default()
    };
    let compiled = mnetc::compile(&format!("{name}.yaml"), spec, &options)
        .unwrap_or_else(|failure| panic!("{failure}"));
    module(out, name, &compiled.plan, &compiled.source, spec)
}

/// The exported models in a folder: name and path.
fn exports(folder: &Path) -> Vec<(String, PathBuf)> {
    let files = fs::read_dir(folder)
        .expect("exports are there")
        .map(|e| e.expect("readable").path());
    let mut files: Vec<_> = files
        .filter(|f| f.extension().is_some_and(|e| e == "onnx"))
        .collect();
    files.sort();
    let named = |f: PathBuf| {
        (
            f.file_stem().expect("named").to_string_lossy().into_owned(),
            f,
        )
    };
    files.into_iter().map(named).collect()
}

/// Writes the source of one ONNX model, and returns the module that runs it, or why it is refused.
fn export(out: &Path, name: &str, path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).expect("readable");
    let imported = pipeline::import(
        &format!("{name}.onnx"),
        bytes,
        &sizes::sizes_of(path),
        &Beside::new(path),
    );
    let imported = imported.map_err(|diags| render(&diags, &Sources::new(), Style::Plain))?;
    let plan = pipeline::plan_for_threads(imported.graph, WHOLE, THREADS);
    let provenance = Provenance {
        source: name,
        weights: None,
    };
    let source = pipeline::source(&plan, provenance, Embed::No);
    Ok(module(out, name, &plan, &source, ""))
}

/// Writes a source file, and returns the module that runs it.
fn module(out: &Path, name: &str, plan: &Plan, source: &str, spec: &str) -> String {
    fs::write(out.join(format!("{name}.rs")), source).expect("OUT_DIR can be written");
    let fields: Vec<_> = plan.outputs.iter().map(|o| o.name.as_str()).collect();
    let (struct_name, fields) = (mnetc::emit::names::type_name(&plan.name), fields.join(", "));
    let element = plan.input.element.name();
    let precision = plan.precision();
    format!(
        "crate::network!({name}, {struct_name}, {element}, [{fields}], {spec:?}, {precision:?});\n"
    )
}

fn read(path: &Path) -> String {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

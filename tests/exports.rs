//! Do models that others exported compute what ONNX Runtime computes? Exports of narrow networks, on every level; all that
//! the oracle can write, when somebody asks for it; and, where they are at hand, trained networks on photographs.

use mnetc::diag::{Sources, Style, render};
use mnetc::files::Beside;
use mnetc::import::Imported;
use mnetc::pipeline;
use mnetc::weights::WeightSource;
use mnetc_runtime::{AlignedBytes, AnyLevel};
use mnetc_tests::{Case, cases, difference, root, sizes_of};
use safetensors::{Dtype, SafeTensors};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// f32 against ONNX Runtime's f32, relative to the largest output.
const TOLERANCE: f64 = 1e-5;

/// The same for networks of full width with random weights, in which rounding errors grow.
const TOLERANCE_WIDE: f64 = 1e-4;

fn import(path: &Path) -> Result<Imported, String> {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let name = path.to_string_lossy();
    let imported = pipeline::import(&name, bytes, &sizes_of(path), &Beside::new(path));
    imported.map_err(|diags| render(&diags, &Sources::new(), Style::Plain))
}

/// What an export was fed and what ONNX Runtime answered, both as the model has them.
struct Answer {
    /// The input's elements, and their bytes.
    input: (Dtype, Vec<u8>),
    /// Outputs in order.
    outputs: Vec<Vec<f32>>,
}

impl Answer {
    /// Reads it from beside the model; exports of pictures of one size share `input.safetensors`.
    fn of(model: &Path) -> Self {
        let read =
            |path: &Path| fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let own = read(&model.with_extension("safetensors"));
        let own = SafeTensors::deserialize(&own).expect("a safetensors file");
        let shared;
        let tensor = match own.tensor("input") {
            Ok(tensor) => tensor,
            Err(_) => {
                shared = read(&model.with_file_name("input.safetensors"));
                SafeTensors::deserialize(&shared)
                    .expect("a safetensors file")
                    .tensor("input")
                    .expect("an input")
            }
        };
        let input = (tensor.dtype(), tensor.data().to_vec());
        let mut names: Vec<&str> = own
            .names()
            .into_iter()
            .filter(|name| *name != "input")
            .collect();
        names.sort_unstable();
        let output = |name: &&str| floats(own.tensor(name).expect("it is listed").data());
        Self {
            input,
            outputs: names.iter().map(output).collect(),
        }
    }

    /// The input as the generated code takes it, in bytes.
    fn input_for(&self, imported: &Imported) -> Vec<u8> {
        match &self.input {
            (Dtype::U8, bytes) => imported.input.to_map(bytes),
            (_, bytes) => {
                let map = imported.input.to_map(&floats(bytes));
                map.iter().flat_map(|x| x.to_le_bytes()).collect()
            }
        }
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (each, _) = bytes.as_chunks::<4>();
    each.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

/// How far a case is from its answer on each level, over all outputs.
fn differences(case: &Case, imported: Imported, answer: &Answer) -> Vec<(&'static str, f64)> {
    let (input, layouts) = (answer.input_for(&imported), imported.outputs);
    let plan = pipeline::plan(imported.graph);
    let blob = pipeline::blob(&plan, &WeightSource::Tensors(imported.tensors))
        .expect("a model has its weights");
    let blob = AlignedBytes::copy_of(&blob);
    let on = |level: AnyLevel| {
        let run = (case.run)(level, &blob, &input);
        assert_eq!(
            run.outputs.len(),
            answer.outputs.len(),
            "{}: as many outputs",
            case.name
        );
        let outputs = run.outputs.iter().zip(&layouts).zip(&answer.outputs);
        let off = outputs.map(|((got, layout), expected)| {
            difference(&layout.from_map(&got.data), expected).relative
        });
        (level.name(), off.fold(0.0, f64::max))
    };
    AnyLevel::available().map(on).collect()
}

#[test]
fn exports_compute_what_onnx_runtime_computes_on_every_level() {
    let (mut faults, mut count) = (String::new(), 0);
    for case in cases::exports() {
        let path = root().join(format!("tests/goldens/onnx/{}.onnx", case.name));
        let imported = import(&path).unwrap_or_else(|refusal| panic!("{refusal}"));
        for (level, off) in differences(&case, imported, &Answer::of(&path)) {
            if off > TOLERANCE {
                let _ = writeln!(faults, "{} is off by {off:.1e} on {level}", case.name);
            }
            count += 1;
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(count >= 5, "every export was run");
}

/// `MNETC_EXPORTS=DIR cargo test --release -p mnetc-tests --test exports -- --ignored --nocapture`, where `DIR` is what
/// `oracle/exports.py DIR` wrote.
#[test]
#[ignore = "needs the folder MNETC_EXPORTS, which oracle/exports.py writes"]
fn all_exports_compute_what_onnx_runtime_computes_on_every_level() {
    let folder = PathBuf::from(env::var_os("MNETC_EXPORTS").expect("MNETC_EXPORTS names a folder"));
    let files = fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|e| e.expect("readable").path());
    let mut models: Vec<_> = files
        .filter(|f| f.extension().is_some_and(|e| e == "onnx"))
        .collect();
    models.sort();
    let cases = cases::exports_elsewhere();
    let mut faults = String::new();
    for path in &models {
        let name = path.file_stem().expect("named").to_string_lossy();
        let (imported, case) = (
            import(path),
            cases
                .iter()
                .find(|case| case.name.strip_prefix("export_") == Some(&name)),
        );
        let line = match (imported, case) {
            (Ok(imported), Some(case)) => {
                let each = differences(case, imported, &Answer::of(path));
                let close = each.iter().all(|(_, off)| *off <= TOLERANCE_WIDE);
                let each: Vec<_> = each
                    .iter()
                    .map(|(level, off)| format!("{level} {off:.1e}"))
                    .collect();
                (close, each.join(", "))
            }
            (Ok(_), None) => (false, "was not built".to_owned()),
            (Err(refusal), _) => (false, refusal),
        };
        eprintln!("{} {name}: {}", if line.0 { "ok" } else { "NOT" }, line.1);
        if !line.0 {
            let _ = writeln!(faults, "{name}: {}", line.1);
        }
    }
    assert!(!models.is_empty(), "the folder holds exports");
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn trained_models_of_other_people_are_read() {
    let folder = root().join("../shared/models");
    let models = ["v1_025_imagenet_128", "v2_imagenet_224", "vww_96_float"];
    if !folder.is_dir() {
        eprintln!("SKIPPED trained models: {} is not there", folder.display());
        return;
    }
    for (model, macs) in models.into_iter().zip([13_550_000, 300_000_000, 7_480_000]) {
        let path = folder.join(format!("{model}.onnx"));
        let imported = import(&path).unwrap_or_else(|refusal| panic!("{refusal}"));
        let plan = pipeline::plan(imported.graph);
        let counted = mnetc::plan::cost::total(&plan).macs;
        assert!(
            counted.abs_diff(macs) < macs / 50,
            "{model}: {counted} multiply-adds"
        );
        pipeline::blob(&plan, &WeightSource::Tensors(imported.tensors))
            .expect("a model has its weights");
    }
}

//! Do models that others exported compute what ONNX Runtime computes? Exports of narrow networks, on every level; all that
//! the oracle can write, when somebody asks for it; and, where they are at hand, trained networks on photographs.

use mnetc::budget::{Limit, Limits};
use mnetc::diag::{Sources, Style, render};
use mnetc::files::Beside;
use mnetc::import::{self, Array, Imported, NoFiles, Sizes};
use mnetc::weights::WeightSource;
use mnetc::{Options, pipeline};
use mnetc_runtime::{AlignedBytes, AnyLevel};
use mnetc_tests::{Case, cases, difference, root, sizes_of};
use safetensors::{Dtype, SafeTensors};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// f32 against ONNX Runtime's f32, relative to the largest output.
const TOLERANCE: f64 = 1e-5;

/// Layer by layer in a model in float16, which has 1/6 with eleven bits: generated code has it exactly.
const TOLERANCE_FP16: f64 = 1e-3;

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

    /// The input as the model takes it.
    fn array(&self, imported: &Imported) -> Array {
        let dims = imported.input.dims().to_vec();
        match &self.input {
            (Dtype::U8, bytes) => Array::whole(dims, bytes.iter().map(|b| f64::from(*b)).collect()),
            (_, bytes) => {
                let numbers = floats(bytes);
                Array::floats(dims, numbers.into_iter().map(f64::from).collect())
            }
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

/// The layers of every export, each against the value of the model it stands for, as evaluated node by node.
#[test]
fn every_layer_computes_what_the_model_says_on_every_level() {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for case in cases::exports() {
        let path = root().join(format!("tests/goldens/onnx/{}.onnx", case.name));
        let imported = import(&path).unwrap_or_else(|refusal| panic!("{refusal}"));
        let answer = Answer::of(&path);
        let tolerance = if case.name.ends_with("_fp16") {
            TOLERANCE_FP16
        } else {
            TOLERANCE
        };
        let mut rewritten = imported.graph.clone();
        mnetc::passes::run(&mut rewritten);
        let node = |n: &mnetc::graph::Node| {
            let shown = imported.values.get(&rewritten.as_written(n.output));
            let shown =
                shown.unwrap_or_else(|| panic!("{} is a value of {}", n.origin.name, case.name));
            (n.origin.name.clone(), shown)
        };
        let values: BTreeMap<_, _> = rewritten.nodes().iter().map(node).collect();
        let keep = values.values().map(|shown| shown.value.clone()).collect();
        let array = answer.array(&imported);
        let bytes = fs::read(&path).expect("it was read before");
        let evaluated = import::evaluate(case.name, bytes, &Beside::new(&path), array, &keep);
        let evaluated =
            evaluated.unwrap_or_else(|d| panic!("{}", render(&d, &Sources::new(), Style::Plain)));
        let input = answer.input_for(&imported);
        let weights = WeightSource::Tensors(imported.tensors.clone());
        let blob = pipeline::blob(&pipeline::plan(imported.graph.clone()), &weights);
        let blob = AlignedBytes::copy_of(&blob.expect("a model has its weights"));
        for level in AnyLevel::available() {
            for step in (case.run)(level, &blob, &input).steps {
                let shown = values[&step.name];
                let value = &evaluated.values[&shown.value];
                assert_eq!(value.dims(), shown.layout.dims(), "{}", shown.value);
                let expected: Vec<f32> = shown
                    .layout
                    .to_map(value.data())
                    .into_iter()
                    .map(|x| x as f32)
                    .collect();
                let d = difference(&step.data, &expected);
                if d.relative > tolerance {
                    let (model, layer, level) = (case.name, &step.name, level.name());
                    faults.push(format!(
                        "{model}: {layer} is off by {:.1e} on {level}",
                        d.relative
                    ));
                }
                compared += 1;
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(compared > 150, "every layer was compared: {compared}");
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

/// Its widths cannot change, its input can.
#[test]
fn a_model_over_its_budget_is_told_which_input_fits() {
    let path = root().join("tests/goldens/onnx/v2_script11.onnx");
    let bytes = fs::read(&path).expect("readable");
    let help = |ram: u64| {
        let options = Options {
            limits: Limits {
                ram: Some(Limit::new(ram)),
                flash: None,
            },
            ..Options::default()
        };
        let sizes = Sizes::default();
        let compiled = mnetc::compile_onnx("v2.onnx", bytes.clone(), &sizes, &NoFiles, &options);
        let failure = compiled.expect_err("it does not fit");
        let error = failure
            .diagnostics
            .iter()
            .next()
            .expect("there is one")
            .clone();
        error.help.expect("there is help")
    };
    assert_eq!(
        help(40_000),
        "it fits with `--optimize ram --input-size 40x32` (37,160 bytes of RAM); or raise the budget"
    );
    assert_eq!(
        help(100),
        "a model's widths are its own: export a narrower or smaller one, or raise the budget"
    );
}

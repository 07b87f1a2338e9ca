//! Do models that others exported compute what ONNX Runtime computes? torch's exports of narrow networks, on every level;
//! and, where they are at hand, trained networks on photographs.

use mnetc::budget::{Limit, Limits};
use mnetc::diag::{Sources, Style, render};
use mnetc::files::Beside;
use mnetc::import::{Imported, NoFiles, Sizes};
use mnetc::weights::WeightSource;
use mnetc::{Options, pipeline};
use mnetc_runtime::{AlignedBytes, AnyLevel};
use mnetc_tests::{cases, difference, root};
use safetensors::SafeTensors;
use std::path::Path;

/// f32 against ONNX Runtime's f32, relative to the largest output.
const TOLERANCE: f64 = 1e-5;

fn import(path: &Path) -> Imported {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let name = path.to_string_lossy();
    let imported = pipeline::import(&name, bytes, &Sizes::default(), &Beside::new(path));
    imported.unwrap_or_else(|diags| panic!("{}", render(&diags, &Sources::new(), Style::Plain)))
}

fn tensor(file: &str, name: &str) -> Vec<f32> {
    let path = root()
        .join("tests/goldens/onnx")
        .join(format!("{file}.safetensors"));
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let data = file.tensor(name).expect("it is there").data();
    data.as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect()
}

#[test]
fn exports_compute_what_onnx_runtime_computes_on_every_level() {
    let picture = tensor("input", "input");
    let (mut faults, mut count) = (Vec::new(), 0);
    for case in cases::exports() {
        let imported = import(&root().join(format!("tests/goldens/onnx/{}.onnx", case.name)));
        let input: Vec<u8> = imported
            .input
            .to_map(&picture)
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        let weights = WeightSource::Tensors(imported.tensors);
        let plan = pipeline::plan(imported.graph);
        let blob = pipeline::blob(&plan, &weights).expect("a model has its weights");
        let (blob, expected) = (AlignedBytes::copy_of(&blob), tensor(case.name, "logits"));
        for level in AnyLevel::available() {
            let run = (case.run)(level, &blob, &input);
            let d = difference(&run.outputs[0].data, &expected);
            if d.relative > TOLERANCE {
                faults.push(format!(
                    "{} is off by {:.1e} on {}",
                    case.name,
                    d.relative,
                    level.name()
                ));
            }
            count += 1;
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count >= 5, "every export was run");
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
        let imported = import(&folder.join(format!("{model}.onnx")));
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
    let bytes = std::fs::read(&path).expect("readable");
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
        "it fits with `--input-size 16x16` (18,472 bytes of RAM); or raise the budget"
    );
    assert_eq!(
        help(100),
        "a model's widths are its own: export a narrower or smaller one, or raise the budget"
    );
}

//! Do models that others exported compute what ONNX Runtime computes? torch's exports of narrow networks, on every level;
//! and, where they are at hand, trained networks on photographs.

use mnetc::diag::{Sources, Style, render};
use mnetc::files::Beside;
use mnetc::import::{self, Array, Imported, Sizes};
use mnetc::pipeline;
use mnetc::weights::WeightSource;
use mnetc_runtime::{AlignedBytes, AnyLevel};
use mnetc_tests::{cases, difference, root};
use safetensors::SafeTensors;
use std::collections::BTreeMap;
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

/// The layers of every export, each against the value of the model it stands for, as evaluated node by node.
#[test]
fn every_layer_computes_what_the_model_says_on_every_level() {
    let picture = tensor("input", "input");
    let (mut faults, mut compared) = (Vec::new(), 0);
    for case in cases::exports() {
        let path = root().join(format!("tests/goldens/onnx/{}.onnx", case.name));
        let imported = import(&path);
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
        let array = Array::floats(
            imported.input.dims().to_vec(),
            picture.iter().map(|x| f64::from(*x)).collect(),
        );
        let bytes = std::fs::read(&path).expect("it was read before");
        let evaluated = import::evaluate(case.name, bytes, &Beside::new(&path), array, &keep);
        let evaluated =
            evaluated.unwrap_or_else(|d| panic!("{}", render(&d, &Sources::new(), Style::Plain)));
        let input: Vec<u8> = imported
            .input
            .to_map(&picture)
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
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
                if d.relative > TOLERANCE {
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

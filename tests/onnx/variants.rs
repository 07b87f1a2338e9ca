//! All forms of all families: the same steps, and ONNX Runtime's numbers.

mod activations;
mod classifiers;
mod inputs;
mod maps;
mod norms;
mod pools;
mod squeeze_excite;

use crate::support::{Family, as_written, evaluated, imported, input, steps};
use mnetc_onnx_encoder::Net;
use mnetc_tests::{difference, root};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

/// f64 against ONNX Runtime's f32.
const TOLERANCE: f64 = 2e-6;

fn families() -> Vec<Family> {
    [
        activations::families(),
        squeeze_excite::families(),
        norms::families(),
        pools::families(),
        classifiers::families(),
        maps::families(),
        inputs::families(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_form_of_a_network_compiles_to_the_same_steps() {
    let mut faults = String::new();
    let mut count = 0;
    for family in families() {
        for form in &family.forms {
            let steps = steps(&imported(&form.net));
            if steps != family.steps {
                let (family_name, expected) = (family.name, family.steps);
                let _ = writeln!(
                    faults,
                    "{family_name}, {}:\n  is   {steps}\n  not  {expected}",
                    form.name
                );
            }
            count += 1;
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(count > 90, "all families are there: {count} forms");
}

#[test]
fn every_form_computes_what_onnx_runtime_computed() {
    if let Some(folder) = std::env::var_os("MNETC_WRITE_MODELS") {
        return write_models(folder.as_ref());
    }
    compare("", |net| evaluated(&imported(net)));
}

/// The evaluator that `verify` holds generated code against shares nothing with the importer, and computes the same.
#[test]
fn every_form_as_it_is_written_is_what_onnx_runtime_computed() {
    compare("as written, ", as_written);
}

/// What `compute` makes of every form, against the goldens.
fn compare(how: &str, compute: impl Fn(&Net) -> Vec<f32>) {
    let expected = goldens();
    let mut faults = String::new();
    for family in families() {
        for form in &family.forms {
            let name = format!("{}/{}", family.name, form.name);
            let Some(expected) = expected.get(&name) else {
                let _ = writeln!(faults, "{name} has no golden: see oracle/forms.py");
                continue;
            };
            let got = compute(&form.net);
            if got.len() != expected.len() {
                let (is, golden) = (got.len(), expected.len());
                let _ = writeln!(faults, "{how}{name} gives out {is} numbers, not {golden}");
                continue;
            }
            let off = difference(&got, expected).relative;
            if off > TOLERANCE {
                let _ = writeln!(faults, "{how}{name} is off by {off:.1e}");
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// Name of a form -> all its outputs, one after another.
fn goldens() -> BTreeMap<String, Vec<f32>> {
    let path = root().join("tests/goldens/onnx/forms.txt");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let line = |line: &str| {
        let (name, numbers) = line.split_once(": ").expect("a name and numbers");
        let numbers = numbers.split(' ').map(|n| n.parse().expect("a number"));
        (name.to_owned(), numbers.collect())
    };
    text.lines().map(line).collect()
}

/// Writes every model and its input for the oracle.
fn write_models(folder: &std::path::Path) {
    fs::create_dir_all(folder).expect("the folder can be made");
    let mut index = String::new();
    for (number, (name, form)) in families()
        .into_iter()
        .flat_map(|family| {
            family
                .forms
                .into_iter()
                .map(move |form| (family.name, form))
        })
        .enumerate()
    {
        let _ = writeln!(index, "{number} {name}/{}", form.name);
        let len = imported(&form.net).graph.input.shape.len();
        let bytes: Vec<u8> = input(len).iter().flat_map(|x| x.to_le_bytes()).collect();
        fs::write(folder.join(format!("{number}.onnx")), form.net.bytes())
            .expect("it can be written");
        fs::write(folder.join(format!("{number}.input")), bytes).expect("it can be written");
    }
    fs::write(folder.join("index.txt"), index).expect("it can be written");
}

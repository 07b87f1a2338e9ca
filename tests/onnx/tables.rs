//! Does `mnetc import` write the table a person would have written, and is that table the model?
//!
//! Real exports and networks that are no MobileNets: their tables are snapshots. Tables of the papers, written as ONNX: what
//! is recovered has their rows, names and tensors. Everything: a spec with its weights makes the model's blob, byte for byte.

use crate::support::{imported, steps, text};
use crate::{export, variants};
use insta::assert_snapshot;
use mnetc::diag::Sources;
use mnetc::files::Beside;
use mnetc::graph::Graph;
use mnetc::import::{Imported, Sizes};
use mnetc::weights::{WeightSource, read_safetensors, write_safetensors};
use mnetc::{pipeline, plan};
use mnetc_onnx_encoder::{Attr, Net};
use mnetc_tests::{root, zoo};
use std::fs;
use std::path::PathBuf;

const SEED: u64 = 5;

fn graph(name: &str, spec: &str) -> Graph {
    let mut sources = Sources::new();
    let id = sources.add(name, spec);
    let graph = pipeline::graph(&mut sources, id, &[]);
    graph.unwrap_or_else(|diags| panic!("{name}: {}\n{spec}", text(&diags)))
}

fn spec(model: &Imported) -> String {
    let spec = model.spec().unwrap_or_else(|e| panic!("{}", e.message));
    spec.to_owned()
}

/// Compiles the spec with the weights as they are written to files, and the model itself; the spec.
fn round_trip(name: &str, model: Imported) -> String {
    let (spec, written) = (spec(&model), write_safetensors(&model.tensors));
    let direct = pipeline::plan(model.graph);
    let weights = WeightSource::Tensors(model.tensors);
    let blob = pipeline::blob(&direct, &weights).expect("a model has its weights");

    let graph = graph(name, &spec);
    let read = read_safetensors(&written).expect("it is sound");
    let weights = WeightSource::Tensors(read.rename_for(&graph));
    let recovered = pipeline::plan(graph);
    let again = pipeline::blob(&recovered, &weights).expect("the spec has the model's weights");
    assert!(again == blob, "{name}: another blob of\n{spec}");

    let facts = |plan: &plan::Plan| {
        let steps: Vec<_> = plan
            .steps
            .iter()
            .map(|s| (s.kernel.clone(), s.activation))
            .collect();
        (steps, plan.memory.bytes, plan::cost::total(plan).macs)
    };
    assert_eq!(facts(&recovered), facts(&direct), "{name}:\n{spec}");
    spec
}

/// The models that others exported: name and path.
fn exports() -> Vec<(String, PathBuf)> {
    let folder = root().join("tests/goldens/onnx");
    let files = fs::read_dir(folder).expect("exports are there");
    let mut files: Vec<_> = files.map(|e| e.expect("readable").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "onnx"));
    files.sort();
    let named = |f: PathBuf| {
        (
            f.file_stem().expect("named").to_string_lossy().into_owned(),
            f,
        )
    };
    files.into_iter().map(named).collect()
}

#[test]
fn tables_of_real_exports() {
    let exports = exports();
    assert!(exports.len() >= 5, "{exports:?}");
    for (name, path) in exports {
        let bytes = fs::read(&path).expect("readable");
        let file = format!("{name}.onnx");
        let model = pipeline::import(&file, bytes, &Sizes::default(), &Beside::new(&path));
        let model = model.unwrap_or_else(|diags| panic!("{}", text(&diags)));
        assert_snapshot!(format!("export_{name}"), round_trip(&name, model));
    }
}

#[test]
fn the_papers_tables_come_back() {
    for (name, spec) in zoo() {
        let written = graph(&name, &spec);
        let model = imported(&export::model(&written, SEED));
        let written = pipeline::plan(written);
        let recovered = pipeline::plan(model.graph.clone());
        let names = |plan: &plan::Plan| -> Vec<String> {
            plan.filters.iter().map(|f| f.params.clone()).collect()
        };
        assert_eq!(names(&recovered), names(&written), "{name}");
        let own = pipeline::blob(&written, &WeightSource::Seed(SEED)).expect("a seed has all");
        let weights = WeightSource::Tensors(model.tensors.clone());
        let theirs = pipeline::blob(&recovered, &weights).expect("a model has its weights");
        assert!(own == theirs, "{name}: another blob");
        round_trip(&name, model);
    }
}

/// The specs of a folder: name and text.
fn specs(folder: &str) -> Vec<(String, String)> {
    let files = fs::read_dir(root().join(folder)).expect("cases are there");
    let mut files: Vec<_> = files.map(|e| e.expect("readable").path()).collect();
    files.sort();
    let read = |f: PathBuf| {
        let name = f.file_stem().expect("named").to_string_lossy().into_owned();
        (name, fs::read_to_string(f).expect("readable"))
    };
    files.into_iter().map(read).collect()
}

#[test]
fn odd_networks_have_tables_too() {
    let mut count = 0;
    for (name, spec) in ["tests/cases/odd", "tests/cases/emit"].map(specs).concat() {
        let written = graph(&name, &spec);
        let model = imported(&export::model(&written, SEED));
        if name == "flatten_only" {
            // Nothing is computed: in a model, flattening is another view of the input.
            let error = model.spec().expect_err("a spec computes something");
            assert!(
                error.message.contains("gives its input out"),
                "{}",
                error.message
            );
            continue;
        }
        let expected = pipeline::plan(written);
        assert_eq!(model.graph.outputs.len(), expected.outputs.len(), "{name}");
        let macs = plan::cost::total(&pipeline::plan(model.graph.clone())).macs;
        assert_eq!(macs, plan::cost::total(&expected).macs, "{name}");
        round_trip(&name, model);
        count += 1;
    }
    assert!(count > 10, "{count}");
}

#[test]
fn every_form_of_every_variant_has_a_table() {
    let mut count = 0;
    for family in variants::families() {
        for form in &family.forms {
            let name = format!("{}, {}", family.name, form.name);
            let model = imported(&form.net);
            assert_eq!(steps(&model), family.steps, "{name}");
            round_trip(&name, model);
            count += 1;
        }
    }
    assert!(count > 90, "all families are there: {count} forms");
}

/// A convolution with a bias.
fn conv(
    net: &mut Net,
    x: &str,
    seed: u64,
    dims: [i64; 4],
    attributes: &[(&str, Attr<'_>)],
) -> String {
    let (w, b) = (net.weight(seed, &dims), net.weight(seed + 1, &dims[..1]));
    net.op("Conv", &[x, &w, &b], attributes)
}

const SAME: (&str, Attr<'static>) = ("pads", Attr::Ints(&[1, 1, 1, 1]));
const STRIDE: (&str, Attr<'static>) = ("strides", Attr::Ints(&[2, 2]));

fn input(net: &mut Net, dims: [i64; 4]) -> String {
    net.input(&dims.map(mnetc_onnx_encoder::Dim::Fixed))
}

fn head(net: &mut Net, x: &str, inputs: i64) -> String {
    let pooled = net.op("GlobalAveragePool", &[x], &[]);
    let flat = net.op("Flatten", &[&pooled], &[]);
    let (w, b) = (net.weight(91, &[5, inputs]), net.weight(92, &[5]));
    net.op("Gemm", &[&flat, &w, &b], &[("transB", Attr::Int(1))])
}

/// He et al., 2016: a block whose skip is the identity, and one whose skip is a convolution.
#[test]
fn a_residual_network() {
    let mut net = Net::new(17);
    let x = input(&mut net, [1, 3, 32, 32]);
    let x = conv(
        &mut net,
        &x,
        1,
        [16, 3, 7, 7],
        &[("pads", Attr::Ints(&[3, 3, 3, 3])), STRIDE],
    );
    let x = net.op("Relu", &[&x], &[]);
    let kernel = ("kernel_shape", Attr::Ints(&[3, 3]));
    let x = net.op("MaxPool", &[&x], &[kernel, SAME, STRIDE]);
    let a = conv(&mut net, &x, 3, [16, 16, 3, 3], &[SAME]);
    let a = net.op("Relu", &[&a], &[]);
    let a = conv(&mut net, &a, 5, [16, 16, 3, 3], &[SAME]);
    let x = net.op("Add", &[&a, &x], &[]);
    let x = net.op("Relu", &[&x], &[]);
    let a = conv(&mut net, &x, 7, [32, 16, 3, 3], &[SAME, STRIDE]);
    let a = net.op("Relu", &[&a], &[]);
    let a = conv(&mut net, &a, 9, [32, 32, 3, 3], &[SAME]);
    let b = conv(&mut net, &x, 11, [32, 16, 1, 1], &[STRIDE]);
    let x = net.op("Add", &[&a, &b], &[]);
    let x = net.op("Relu", &[&x], &[]);
    let y = head(&mut net, &x, 32);
    net.output(&y);
    assert_snapshot!(round_trip("residual", imported(&net)));
}

/// Simonyan, Zisserman, 2015: no block at all.
#[test]
fn a_plain_network() {
    let mut net = Net::new(17);
    let mut x = input(&mut net, [1, 3, 16, 16]);
    for (seed, [outputs, inputs]) in [(1, [8, 3]), (3, [16, 8]), (5, [16, 16])] {
        x = conv(&mut net, &x, seed, [outputs, inputs, 3, 3], &[SAME]);
        x = net.op("Relu", &[&x], &[]);
        let kernel = ("kernel_shape", Attr::Ints(&[2, 2]));
        x = net.op("MaxPool", &[&x], &[kernel, STRIDE]);
    }
    let flat = net.op("Flatten", &[&x], &[]);
    let (w, b) = (net.weight(7, &[64, 10]), net.weight(8, &[10]));
    let y = net.op("MatMul", &[&flat, &w], &[]);
    let y = net.op("Add", &[&y, &b], &[]);
    let y = net.op("Softmax", &[&y], &[]);
    net.output(&y);
    assert_snapshot!(round_trip("plain", imported(&net)));
}

/// Two heads on one map, one of which reads an inner map again; windows and strides that are not square.
#[test]
fn branches_and_heads() {
    let mut net = Net::new(17);
    let x = input(&mut net, [1, 3, 24, 24]);
    let x = conv(
        &mut net,
        &x,
        1,
        [12, 3, 1, 7],
        &[("pads", Attr::Ints(&[0, 3, 0, 3]))],
    );
    let x = net.op("Sigmoid", &[&x], &[]);
    let wide = ("strides", Attr::Ints(&[4, 4]));
    let y = conv(&mut net, &x, 3, [12, 12, 3, 3], &[wide]);
    let kernel = ("kernel_shape", Attr::Ints(&[4, 4]));
    let z = net.op(
        "AveragePool",
        &[&x],
        &[kernel, ("strides", Attr::Ints(&[4, 4]))],
    );
    let sum = net.op("Add", &[&z, &y], &[]);
    net.named("Add", &[&sum, &sum], &["scores"], &[]);
    let pooled = net.op("GlobalAveragePool", &[&y], &[]);
    let flat = net.op("Flatten", &[&pooled], &[]);
    let w = net.weight(5, &[12, 3]);
    net.named("MatMul", &[&flat, &w], &["boxes"], &[]);
    net.output("boxes");
    net.output("scores");
    let model = imported(&net);
    let names: Vec<_> = model
        .graph
        .outputs
        .iter()
        .map(|o| o.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["boxes", "scores"],
        "compiled directly, they keep their order"
    );
    assert_snapshot!(round_trip("branches", model));
}

/// What rows cannot say becomes single layers around them: gates of another kind, a map inside a block that is given out.
#[test]
fn blocks_that_are_no_rows() {
    let mut net = Net::new(17);
    let x = input(&mut net, [1, 3, 16, 16]);
    let mut x = conv(&mut net, &x, 1, [8, 3, 3, 3], &[SAME, STRIDE]);
    for seed in [11, 31, 51] {
        let wide = conv(&mut net, &x, seed, [24, 8, 1, 1], &[]);
        let wide = net.op("Relu", &[&wide], &[]);
        let group = ("group", Attr::Int(24));
        let deep = conv(&mut net, &wide, seed + 2, [24, 1, 3, 3], &[SAME, group]);
        let deep = net.op("Relu", &[&deep], &[]);
        if seed == 31 {
            net.named("Identity", &[&deep], &["inside"], &[]);
            net.output("inside");
        }
        let narrow = conv(&mut net, &deep, seed + 4, [8, 24, 1, 1], &[]);
        x = net.op("Add", &[&x, &narrow], &[]);
    }
    let y = head(&mut net, &x, 8);
    net.named("Identity", &[&y], &["classes"], &[]);
    net.output("classes");
    assert_snapshot!(round_trip("split", imported(&net)));
}

/// A kernel of one tap has no steps between its taps, whatever its `dilations` say: such a pointwise convolution is one, and
/// a depthwise convolution before it makes it a row.
#[test]
fn dilations_of_a_single_tap_are_none() {
    let mut net = Net::new(17);
    let x = input(&mut net, [1, 8, 12, 12]);
    let group = ("group", Attr::Int(8));
    let x = conv(&mut net, &x, 1, [8, 1, 3, 3], &[SAME, group]);
    let x = net.op("Relu", &[&x], &[]);
    let dilations = ("dilations", Attr::Ints(&[1, 17]));
    let x = conv(&mut net, &x, 3, [16, 8, 1, 1], &[dilations]);
    let x = net.op("Relu", &[&x], &[]);
    let y = head(&mut net, &x, 16);
    net.output(&y);
    let spec = round_trip("single tap", imported(&net));
    assert!(spec.contains("- [16, 1, 1]"), "{spec}");
}

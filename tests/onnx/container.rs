//! The file around the network: types and places of tensor data, functions, versions, open dimensions.

use crate::support::{evaluated, import, imported, text};
use bytes::Bytes;
use mnetc::import::{Imported, NoFiles, Resolver, Sizes};
use mnetc::pipeline;
use mnetc_onnx_encoder::proto::{FunctionProto, TensorProto};
use mnetc_onnx_encoder::{Attr, Dim, FLOAT, INT64, Net, attribute, external, info, node, raw};

/// y = W x for 4 numbers of which the weight is this tensor.
fn with_weight(weight: TensorProto) -> Net {
    let mut net = Net::new(13);
    let x = net.input(&[Dim::Fixed(1), Dim::Fixed(2)]);
    let w = net.constant(weight);
    let y = net.op("MatMul", &[&x, &w], &[]);
    net.output(&y);
    net
}

/// A 2x2 tensor of this type without data.
fn empty(element: i32) -> TensorProto {
    raw(&[2, 2], element, vec![])
}

/// The weights as they arrived: one output's after another, so the matrix is turned.
fn weights(net: &Net) -> Vec<f32> {
    imported(net)
        .tensors
        .get("linear1.weight")
        .expect("a linear layer")
        .data()
        .to_vec()
}

const EXPECTED: [f32; 4] = [1.5, 3.0, -2.0, 0.5];

#[test]
fn weights_are_read_from_raw_bytes_of_every_float_type() {
    let f32s: Vec<u8> = [1.5_f32, -2.0, 3.0, 0.5]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let f64s: Vec<u8> = [1.5_f64, -2.0, 3.0, 0.5]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let f16s: Vec<u8> = [0x3E00_u16, 0xC000, 0x4200, 0x3800]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let bf16s: Vec<u8> = [0x3FC0_u16, 0xC000, 0x4040, 0x3F00]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    for (element, bytes) in [(FLOAT, f32s), (11, f64s), (10, f16s), (16, bf16s)] {
        assert_eq!(
            weights(&with_weight(raw(&[2, 2], element, bytes))),
            EXPECTED,
            "type {element}"
        );
    }
}

#[test]
fn weights_are_read_from_the_field_of_every_float_type() {
    let typed = |element, fill: &dyn Fn(&mut TensorProto)| {
        let mut tensor = empty(element);
        fill(&mut tensor);
        // The encoder leaves out what is empty.
        weights(&with_weight(tensor))
    };
    assert_eq!(
        typed(FLOAT, &|t| t.float_data = vec![1.5, -2.0, 3.0, 0.5]),
        EXPECTED
    );
    assert_eq!(
        typed(11, &|t| t.double_data = vec![1.5, -2.0, 3.0, 0.5]),
        EXPECTED
    );
    assert_eq!(
        typed(10, &|t| t.int32_data = vec![0x3E00, 0xC000, 0x4200, 0x3800]),
        EXPECTED
    );
    assert_eq!(
        typed(16, &|t| t.int32_data = vec![0x3FC0, 0xC000, 0x4040, 0x3F00]),
        EXPECTED
    );
}

#[test]
fn lists_are_read_in_every_type_of_whole_numbers() {
    for (element, bytes) in [
        (
            INT64,
            [6_i64, -1]
                .iter()
                .flat_map(|x| x.to_le_bytes())
                .collect::<Vec<_>>(),
        ),
        (
            6,
            [6_i32, -1].iter().flat_map(|x| x.to_le_bytes()).collect(),
        ),
        (3, vec![6, 0xFF]),
    ] {
        let mut net = Net::new(13);
        let x = net.input(&[1, 2, 3, 1].map(Dim::Fixed));
        let shape = net.constant(raw(&[2], element, bytes));
        let y = net.op("Reshape", &[&x, &shape], &[]);
        let y = net.op("Relu", &[&y], &[]);
        net.output(&y);
        assert_eq!(imported(&net).outputs[0].dims(), [6, 1], "type {element}");
    }
    let mut net = Net::new(13);
    let x = net.input(&[1, 2, 3, 1].map(Dim::Fixed));
    let mut shape = raw(&[2], INT64, vec![]);
    shape.int64_data = vec![-1, 3];
    let shape = net.constant(shape);
    let y = net.op("Reshape", &[&x, &shape], &[]);
    let y = net.op("Relu", &[&y], &[]);
    net.output(&y);
    assert_eq!(imported(&net).outputs[0].dims(), [2, 3]);
}

/// Files in memory.
struct Files(&'static [(&'static str, &'static [u8])]);

impl Resolver for Files {
    fn file(&self, path: &str) -> Result<Bytes, String> {
        let file = self.0.iter().find(|(name, _)| *name == path);
        file.map(|(_, data)| Bytes::from_static(data))
            .ok_or("no such file".to_owned())
    }
}

fn with_files(net: &Net) -> Result<Imported, String> {
    /// 4 zeros, then 1.5, -2, 3 and 0.5 as float32.
    const DATA: &[u8] = &[
        0, 0, 0, 0, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0x40, 0x40, 0, 0, 0, 0x3F,
    ];
    let files = Files(&[("w/model.data", DATA)]);
    pipeline::import("model.onnx", net.bytes(), &Sizes::default(), &files).map_err(|d| text(&d))
}

#[test]
fn weights_are_read_from_files_beside_the_model() {
    let place = [
        ("location", "w/model.data"),
        ("offset", "4"),
        ("length", "16"),
    ];
    let net = with_weight(external(&[2, 2], &place));
    let tensors = with_files(&net).expect("the file is there").tensors;
    assert_eq!(
        tensors.get("linear1.weight").map(|t| t.data()),
        Some(&EXPECTED[..])
    );
}

#[test]
fn a_missing_file_of_weights_is_named_once() {
    let mut net = with_weight(external(&[2, 2], &[("location", "other.data")]));
    let (b, y) = (
        net.constant(external(
            &[2],
            &[("location", "other.data"), ("offset", "16")],
        )),
        "t2".to_owned(),
    );
    let y = net.op("Add", &[&y, &b], &[]);
    net.graph().output.clear();
    net.output(&y);
    let said = with_files(&net).expect_err("the file is missing");
    let expected =
        "error[N005]: model.onnx keeps weights in other.data, which cannot be read: no such file\n";
    assert!(said.starts_with(expected), "{said}");
    assert_eq!(said.matches("error[").count(), 1, "{said}");
}

#[test]
fn files_outside_the_folder_are_refused() {
    for path in ["../model.data", "/w/model.data", "w/../../x"] {
        let said =
            with_files(&with_weight(external(&[2, 2], &[("location", path)]))).expect_err(path);
        assert!(
            said.contains("error[N004]") && said.contains("no file in the model's folder"),
            "{said}"
        );
    }
}

#[test]
fn initialisers_may_be_inputs_too() {
    let mut net = with_weight(raw(&[2, 2], FLOAT, vec![0; 16]));
    let weight = info("c1", FLOAT, Some(&[2, 2].map(Dim::Fixed)));
    net.graph().input.insert(0, weight);
    assert_eq!(imported(&net).input.dims(), [1, 2]);
}

#[test]
fn functions_of_the_model_are_inlined() {
    let mut function = FunctionProto::new();
    (function.name, function.domain) = ("Gate".to_owned(), "pkg.torch".to_owned());
    (function.input, function.output) = (vec!["a".to_owned()], vec!["r".to_owned()]);
    let mut gate = node("HardSigmoid", &["a"], &["g"], &[]);
    let mut alpha = attribute("alpha", &Attr::Float(0.0));
    alpha.ref_attr_name = "slope".to_owned();
    gate.attribute = vec![alpha];
    function.node = vec![gate, node("Mul", &["a", "g"], &["r"], &[])];
    let mut net = Net::new(13);
    net.opset("pkg.torch", 1);
    net.model.functions.push(function);
    let x = net.input(&[1, 2, 2, 2].map(Dim::Fixed));
    let mut call = node("Gate", &[&x], &["y"], &[("slope", Attr::Float(1.0 / 6.0))]);
    call.domain = "pkg.torch".to_owned();
    net.graph().node.push(call);
    net.output("y");
    assert_eq!(
        crate::support::steps(&imported(&net)),
        "activation hard_swish"
    );
}

fn open(dims: &[Dim<'_>]) -> Net {
    let mut net = Net::new(13);
    let x = net.input(dims);
    let w = net.weight(1, &[2, 3, 3, 3]);
    let x = net.op("Conv", &[&x, &w], &[("strides", Attr::Ints(&[2, 2]))]);
    let x = net.op("GlobalAveragePool", &[&x], &[]);
    let y = net.op("Flatten", &[&x], &[]);
    net.output(&y);
    net
}

fn sized(net: &Net, sizes: &Sizes) -> Result<Vec<usize>, String> {
    let imported = pipeline::import("model.onnx", net.bytes(), sizes, &NoFiles);
    imported
        .map(|i| i.input.dims().to_vec())
        .map_err(|d| text(&d))
}

#[test]
fn open_dimensions_are_chosen() {
    let net = open(&[
        Dim::Named("N"),
        Dim::Fixed(3),
        Dim::Named("h"),
        Dim::Named("w"),
    ]);
    let said = sized(&net, &Sizes::default()).expect_err("the size is open");
    assert!(
        said.contains("`x` is Nx3xhxw") && said.contains("--input-size 224x224"),
        "{said}"
    );
    let input = Sizes {
        input: Some([9, 7]),
        ..Sizes::default()
    };
    assert_eq!(sized(&net, &input), Ok(vec![1, 3, 9, 7]));
    let dims = |dims: &[(&str, usize)]| Sizes {
        dims: dims
            .iter()
            .map(|(name, n)| ((*name).to_owned(), *n))
            .collect(),
        input: None,
    };
    assert_eq!(
        sized(&net, &dims(&[("h", 9), ("w", 8)])),
        Ok(vec![1, 3, 9, 8])
    );
    assert_eq!(
        sized(&net, &dims(&[("h", 9), ("w", 8), ("N", 1)])),
        Ok(vec![1, 3, 9, 8])
    );
    let said = sized(&net, &dims(&[("h", 9), ("w", 8), ("N", 4)])).expect_err("a batch");
    assert!(said.contains("takes batches of 4"), "{said}");
    let said = sized(&net, &dims(&[("height", 9)])).expect_err("no such name");
    assert!(
        said.contains("no open dimension `height`") && said.contains("it has N, h, w"),
        "{said}"
    );
    let fixed = open(&[1, 3, 9, 9].map(Dim::Fixed));
    assert_eq!(
        sized(&fixed, &input),
        Ok(vec![1, 3, 9, 7]),
        "a fixed size gives way"
    );
}

#[test]
fn every_version_from_7_to_26_is_read() {
    for opset in 5..=28 {
        let mut net = Net::new(opset);
        let x = net.input(&[1, 3, 4, 4].map(Dim::Fixed));
        let w = net.weight(1, &[2, 3, 3, 3]);
        let x = net.op("Conv", &[&x, &w], &[]);
        let y = net.op("Relu", &[&x], &[]);
        net.output(&y);
        match import(&net) {
            Ok(imported) => {
                assert!((7..=26).contains(&opset), "opset {opset}");
                assert_eq!(crate::support::steps(&imported), "conv relu");
            }
            Err(diags) => {
                let said = text(&diags);
                assert!(!(7..=26).contains(&opset), "{said}");
                let expected = format!("error[N002]: model.onnx has opset {opset}; opsets 7 to 26");
                assert!(said.starts_with(&expected), "{said}");
            }
        }
    }
}

#[test]
fn operators_are_the_standards_by_either_name() {
    let mut net = Net::new(13);
    net.model.opset_import[0].domain = "ai.onnx".to_owned();
    let x = net.input(&[1, 3, 4, 4].map(Dim::Fixed));
    let y = net.op("Relu", &[&x], &[]);
    net.graph().node[0].domain = "ai.onnx".to_owned();
    net.output(&y);
    assert_eq!(crate::support::steps(&imported(&net)), "activation relu");
}

#[test]
fn pieces_outside_a_file_of_weights_are_refused() {
    for (offset, length, says) in [
        (
            "8",
            "16",
            "its 16 bytes from 8 on lie outside w/model.data, which has 20",
        ),
        ("18446744073709551615", "16", "lie outside"),
        ("4", "12", "its data has 12 bytes, its shape and type 16"),
        ("-4", "16", "is no number"),
    ] {
        let place = [
            ("location", "w/model.data"),
            ("offset", offset),
            ("length", length),
        ];
        let said = with_files(&with_weight(external(&[2, 2], &place))).expect_err(offset);
        assert!(
            said.contains("error[N004]") && said.contains(says),
            "{said}"
        );
    }
}

#[test]
fn files_that_are_no_models_are_refused_in_words() {
    let said = |bytes: &[u8]| {
        let imported = pipeline::import("m.onnx", bytes.to_vec(), &Sizes::default(), &NoFiles);
        text(&imported.expect_err("no model"))
    };
    assert!(said(b"").starts_with("error[N001]: m.onnx is no ONNX model: it is empty\n"));
    assert!(said(b"version https://git-lfs.github.com/spec/v1\n").contains("a pointer of Git LFS"));
    assert!(said(b"<html>").starts_with("error[N001]"));
    let mut old = Net::new(6);
    old.model.ir_version = 3;
    assert!(said(&old.bytes()).contains("has opset 6; opsets 7 to 26 are read"));
    old.model.ir_version = 2;
    assert!(said(&old.bytes()).contains("version 2 of the format"));
    let mut none = Net::new(13);
    none.model.opset_import.clear();
    assert!(said(&none.bytes()).contains("names no opset"));
    none.model.graph.clear();
    assert!(said(&none.bytes()).contains("it has no graph"));
}

#[test]
fn tensors_that_contradict_themselves_are_all_named() {
    let mut net = with_weight(raw(&[2, 2], FLOAT, vec![0; 15]));
    net.constant(raw(&[-1], FLOAT, vec![]));
    net.constant(raw(&[1], 8, vec![]));
    let said = text(&import(&net).expect_err("damaged"));
    for part in [
        "tensor `c1` in model.onnx cannot be read: it has 15 bytes, its shape and type 16",
        "tensor `c3` in model.onnx cannot be read: its shape [-1] has no size",
        "tensor `c4` in model.onnx cannot be read: its elements are of type 8, which holds no weights",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_network_is_named_after_its_file() {
    let net = open(&[1, 3, 9, 9].map(Dim::Fixed));
    let name = |file: &str| {
        let imported = pipeline::import(file, net.bytes(), &Sizes::default(), &NoFiles);
        imported.expect("it is imported").graph.name
    };
    assert_eq!(name("models/MobileNet V2-1.0.onnx"), "mobilenet_v2_1_0");
    assert_eq!(name("812.onnx"), "net_812");
    assert_eq!(name("output.onnx"), "net_output");
    assert!(!evaluated(&imported(&net)).is_empty());
}

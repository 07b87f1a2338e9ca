//! Every verb takes an ONNX model where it takes a spec: one test for each. (`verify` has a file of its own, build scripts
//! have `tests/build.rs`.)

mod command;

use command::{done, fails, files, folder, mnetc, output, text, typed_npy};
use safetensors::SafeTensors;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with a model in it, as torch exported it: 48x40, ten classes.
fn with_model(test: &str) -> PathBuf {
    let folder = folder(test);
    fs::copy(golden("v1_script17.onnx"), folder.join("v1.onnx")).expect("it can be copied");
    folder
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/goldens/onnx")
        .join(name)
}

/// The numbers of a golden, as bytes.
fn tensor(file: &str, name: &str) -> Vec<u8> {
    let bytes = fs::read(golden(file)).expect("it is there");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    file.tensor(name).expect("it is there").data().to_vec()
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect()
}

#[test]
fn compile_and_pack_write_the_same_weights() {
    let folder = with_model("onnx_compile");
    done(&folder, "compile v1.onnx -o v1.rs");
    done(&folder, "pack v1.onnx -o packed");
    let source = fs::read_to_string(folder.join("v1.rs")).expect("it was written");
    assert!(
        source.starts_with("// v1: compiled by mnetc ") && source.contains("v1.onnx"),
        "{source}"
    );
    assert!(
        source.contains("include_bytes!(\"v1.weights\")"),
        "{source}"
    );
    let bytes = |name: &str| fs::read(folder.join(name)).expect("it was written");
    assert_eq!(bytes("v1.weights"), bytes("packed"));
    fails(&folder, "compile v1.onnx -o -", 2);
}

#[test]
fn check_and_its_sizes() {
    let folder = with_model("onnx_check");
    assert_eq!(done(&folder, "check v1.onnx tiny.yaml"), "");
    let said = fails(&folder, "check v1.onnx --dim batch=2", 1);
    assert!(said.contains("error[N007]"), "{said}");
    let said = fails(&folder, "check v1.onnx --set input=64", 2);
    assert!(said.contains("--input-size"), "{said}");
}

#[test]
fn summary_counts_its_layers() {
    let folder = with_model("onnx_summary");
    let json = done(&folder, "summary v1.onnx --format json");
    let json: Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(
        (&json["name"], &json["layers"][0]["name"]),
        (&"v1".into(), &"stem".into())
    );
    assert_eq!(json["layers"].as_array().expect("a list").len(), 29);
    assert!(done(&folder, "summary v1.onnx --memory").contains("stem"));
}

#[test]
fn graph_draws_it() {
    let folder = with_model("onnx_graph");
    done(&folder, "graph v1.onnx -o v1.svg");
    done(&folder, "graph v1.onnx -o v1.dot");
    assert_eq!(
        files(&folder),
        ["tiny.yaml", "v1.dot", "v1.onnx", "v1.svg", "wrong.yaml"]
    );
}

#[test]
fn dump_prints_all_stages_but_the_spec() {
    let folder = with_model("onnx_dump");
    for stage in ["graph", "fuse_activation", "plan", "memory"] {
        assert!(done(&folder, &format!("dump v1.onnx --after {stage}")).len() > 100);
    }
    assert!(fails(&folder, "dump v1.onnx --after spec", 1).contains("error[F004]"));
}

/// As `compare.py` of the peers calls it.
#[test]
fn bench_reads_and_writes_arrays_as_the_model_has_them() {
    let folder = with_model("onnx_bench");
    let input = typed_npy(
        "<f4",
        "(1, 3, 48, 40)",
        &tensor("input.safetensors", "input"),
    );
    fs::write(folder.join("x.npy"), input).expect("it can be written");
    let arguments =
        "bench v1.onnx --threads 1 --iterations 3 --input x.npy --dump-output y.npy --json";
    let printed = done(&folder, arguments);
    let json: Value =
        serde_json::from_str(printed.lines().last().expect("a line")).expect("it is JSON");
    assert!(json["median_ms"].as_f64() > Some(0.0), "{json}");
    let bytes = fs::read(folder.join("y.npy")).expect("it was written");
    assert!(String::from_utf8_lossy(&bytes[..128]).contains("'shape': (1, 10)"));
    let (got, expected) = (
        numbers(&bytes[128..]),
        numbers(&tensor("v1_script17.safetensors", "logits")),
    );
    let greatest = expected.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
    assert_eq!(got.len(), expected.len());
    for (a, b) in got.iter().zip(&expected) {
        assert!((a - b).abs() <= 1e-5 * greatest, "{a} {b}");
    }
}

#[test]
fn run_names_classes() {
    let folder = with_model("onnx_run");
    fs::write(
        folder.join("p.ppm"),
        [&b"P6 2 1 255\n"[..], &[250, 20, 30, 0, 100, 255]].concat(),
    )
    .expect("it can be written");
    let printed = done(
        &folder,
        "run v1.onnx --image p.ppm --preset imagenet --top 3",
    );
    assert_eq!(printed.lines().count(), 4, "{printed}");
    let output =
        output(mnetc(&folder, "run v1.onnx --top 3 --image").arg(golden("input.safetensors")));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("error[R003]"));
}

#[test]
fn run_refuses_inputs_that_no_picture_fits() {
    let folder = folder("no_picture");
    let two = command::TINY.replace("channels: 3", "channels: 2");
    fs::write(folder.join("two.yaml"), two).expect("it can be written");
    let said = fails(&folder, "run two.yaml --weights seed:1 --image two.yaml", 1);
    assert!(
        said.contains("R003") && said.contains("the input 8x8x2 has 2"),
        "{said}"
    );
}

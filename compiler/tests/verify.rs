//! `mnetc verify`: what is right passes on every instruction set, and what is wrong is found where it is wrong.

mod command;

use command::{done, fails, folder, mnetc, npy, output, text, typed_npy};
use mnetc::files::Beside;
use mnetc::import::Sizes;
use mnetc_runtime::AnyLevel;
use safetensors::SafeTensors;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The exports in `tests/goldens/onnx`.
fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens/onnx")
}

/// Writes a tensor of a golden as a `.npy` file of this shape.
fn save(golden: &str, tensor: &str, shape: &str, to: &Path) {
    let bytes = fs::read(goldens().join(golden)).expect("the golden is there");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let data = file.tensor(tensor).expect("it is there").data();
    fs::write(to, typed_npy("<f4", shape, data)).expect("it can be written");
}

fn json(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn a_spec_agrees_with_its_table_on_every_level() {
    let folder = folder("verify_spec");
    let json = json(&done(&folder, "verify tiny.yaml --weights seed:5 --json"));
    assert_eq!(
        (&json["model"], &json["passes"]),
        (&"tiny".into(), &true.into())
    );
    let levels: Vec<_> = AnyLevel::available().map(AnyLevel::name).collect();
    let reported = json["levels"].as_array().expect("a list");
    assert_eq!(
        reported
            .iter()
            .map(|l| l["level"].as_str())
            .collect::<Vec<_>>(),
        levels.iter().map(|l| Some(*l)).collect::<Vec<_>>()
    );
    for level in reported {
        let layers = level["layers"].as_array().expect("a list");
        assert_eq!(layers.len(), 7, "{level}");
        for layer in layers {
            assert!(layer["error"].as_f64() < Some(1e-5), "{layer}");
            assert!(
                layer["ulp"].as_f64() < Some(100.0) && layer["median_ulp"].as_f64().is_some(),
                "{layer}"
            );
        }
        assert_eq!(level["outputs"][0]["name"], "logits");
    }
    assert_eq!(json["not_compared"], serde_json::json!([]));
    let one = done(&folder, "verify tiny.yaml --weights seed:5 --level scalar");
    assert!(
        one.starts_with("tiny on scalar, against the table of tiny\n"),
        "{one}"
    );
    assert!(one.contains("scalar: largest error of 7 layers "), "{one}");
}

#[test]
fn exports_agree_with_themselves_and_with_onnx_runtime() {
    let folder = folder("verify_exports");
    save(
        "input.safetensors",
        "input",
        "(3, 48, 40)",
        &folder.join("x.npy"),
    );
    for (model, classes) in [
        ("v3_small_dynamo18", 10),
        ("v3_small_script17_training", 10),
    ] {
        save(
            &format!("{model}.safetensors"),
            "logits",
            &format!("(1, {classes})"),
            &folder.join("y.npy"),
        );
        let path = goldens().join(format!("{model}.onnx"));
        let mut verify = mnetc(
            &folder,
            "verify --input x.npy --expected y.npy --json --tolerance 1e-5",
        );
        let output = output(verify.arg(path));
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let json = json(&text(&output.stdout));
        assert_eq!(
            (&json["passes"], &json["not_compared"]),
            (&true.into(), &serde_json::json!([]))
        );
        let stem = &json["levels"][0]["layers"][0];
        let (node, op) = (stem["node"].as_str().expect("a name"), &stem["op"]);
        assert!(
            !node.is_empty() && (op == "Mul" || op == "HardSwish"),
            "{stem}"
        );
        assert_eq!(json["levels"][0]["files"][0]["name"], "y.npy");
    }
}

/// What was rounded to float16 is off by that much; 1/6, which is recognised, among it.
#[test]
fn models_in_float16_are_held_to_what_they_can_keep() {
    let folder = folder("verify_float16");
    let path = goldens().join("keras_v3_small_fp16.onnx");
    let verify = |more: &str| {
        let mut verify = mnetc(&folder, &format!("verify --level scalar --json {more}"));
        let output = output(verify.arg(&path));
        (output.status.code(), json(&text(&output.stdout)))
    };
    let (code, json) = verify("");
    assert_eq!((code, &json["tolerance"]), (Some(0), &0.001_953_125.into()));
    assert_eq!(verify("--tolerance 1e-4").0, Some(1));
}

/// One weight of one layer is another: the layers before it agree, and it is named.
#[test]
fn a_wrong_weight_is_found_at_its_layer() {
    let folder = folder("verify_wrong");
    let path = goldens().join("v2_script11.onnx");
    let mut bytes = fs::read(&path).expect("it is there");
    let imported = mnetc::pipeline::import(
        "v2.onnx",
        bytes.clone(),
        &Sizes::default(),
        &Beside::new(&path),
    );
    let imported = imported.expect("it is read");
    let raw: Vec<u8> = imported
        .tensors
        .get("row4.1.expand.weight")
        .expect("it is there")
        .data()
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let places: Vec<usize> = (0..bytes.len() - raw.len())
        .filter(|i| bytes[*i..].starts_with(&raw))
        .collect();
    assert_eq!(places.len(), 1, "the weights stand in the file once");
    // The first weight with its sign turned.
    bytes[places[0] + 3] ^= 0x80;
    fs::write(
        folder.join("v2.onnx"),
        fs::read(&path).expect("it is there"),
    )
    .expect("it can be written");
    fs::write(folder.join("other.onnx"), bytes).expect("it can be written");
    let output = output(&mut mnetc(
        &folder,
        "verify v2.onnx --weights other.onnx --level scalar",
    ));
    let (table, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{table}{said}");
    assert!(
        said.starts_with("error[R007]: v2 on scalar: layer `row4.1.expand` is off by "),
        "{said}"
    );
    let marked: Vec<_> = table
        .lines()
        .filter(|l| l.ends_with("<- too far off"))
        .collect();
    assert!(marked[0].starts_with("row4.1.expand "), "{table}");
    let json = json(&done(
        &folder,
        "verify v2.onnx --weights v2.onnx --level scalar --json",
    ));
    assert_eq!(json["passes"], true, "the right weights pass: {json}");
}

#[test]
fn other_outputs_than_expected_are_reported() {
    let folder = folder("verify_files");
    fs::write(folder.join("zeros.npy"), npy("(4,)", &[0; 4])).expect("it can be written");
    fs::write(folder.join("map.npy"), npy("(1, 1, 4)", &[0; 4])).expect("it can be written");
    fs::write(folder.join("x.npy"), npy("(8, 8, 3)", &[7; 192])).expect("it can be written");
    let verify = |arguments: &str, code: i32| {
        let output = output(&mut mnetc(
            &folder,
            &format!("verify tiny.yaml {arguments}"),
        ));
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments}: {}",
            text(&output.stderr)
        );
        text(&output.stderr)
    };
    let said = verify("--input x.npy --expected map.npy", 1);
    assert!(
        said.contains("R007") && said.contains("held against `map.npy` is off by inf"),
        "{said}"
    );
    let said = fails(&folder, "verify tiny.yaml --expected zeros.npy", 1);
    assert!(
        said.contains("R005") && said.contains("its shape is (4,), the output's (1, 1, 4)"),
        "{said}"
    );
    let said = fails(&folder, "verify tiny.yaml --expected map.npy map.npy", 1);
    assert!(
        said.contains("R002") && said.contains("names 2 arrays, tiny has 1 outputs: logits"),
        "{said}"
    );
    verify("--tolerance -1", 2);
    verify("--tolerance inf", 2);
    verify("--preset unit", 2);
    verify("--input x.npy --image x.npy", 2);
    verify("--crop center", 2);
    assert!(verify("--level mmx", 1).contains("R002"));
    assert!(
        verify("--tolerance 0", 1).contains("R007"),
        "rounding is seen"
    );
}

#[test]
fn a_picture_can_be_the_input() {
    let folder = folder("verify_picture");
    let pixels: Vec<u8> = (0..192).collect();
    fs::write(
        folder.join("p.ppm"),
        [b"P6 8 8 255\n", &pixels[..]].concat(),
    )
    .expect("it can be written");
    fs::write(folder.join("p.npy"), npy("(8, 8, 3)", &pixels)).expect("it can be written");
    let of = |arguments: &str| {
        done(
            &folder,
            &format!("verify tiny.yaml {arguments} --level scalar"),
        )
    };
    assert_eq!(of("--image p.ppm"), of("--input p.npy"), "the same bytes");
    assert_ne!(of("--image p.ppm"), of(""));
}

//! What trained networks see in photographs, through the command: against what ONNX Runtime saw.
//!
//! Networks and pictures are other people's, and lie beside the project where they are at hand, in `../shared/models`.

mod command;

use command::{done, fails, folder};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The networks and pictures, if they are there; says so if not.
fn models() -> Option<PathBuf> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/models");
    let there = models.is_dir();
    if !there {
        eprintln!("SKIPPED photographs: ../shared/models is not there");
    }
    there.then_some(models)
}

/// A folder with all networks and pictures in it.
fn gallery(test: &str, models: &Path) -> PathBuf {
    let folder = folder(test);
    for entry in fs::read_dir(models).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a file");
        fs::copy(&path, folder.join(name)).expect("it can be copied");
    }
    folder
}

fn read(folder: &Path, name: &str) -> Value {
    let text = fs::read_to_string(folder.join(name)).expect("it is there");
    serde_json::from_str(&text).expect("it is JSON")
}

/// A class, its probability, its label.
type Class = (u64, f64, Value);

/// The answers of `mnetc run`: for each picture its name, and classes.
fn answers(printed: &str) -> Vec<(String, Vec<Class>)> {
    let class = |class: &Value| {
        let number = class["class"].as_u64().expect("a number");
        let probability = class["probability"].as_f64().expect("a number");
        (number, probability, class["label"].clone())
    };
    let answer = |line: &str| {
        let answer: Value = serde_json::from_str(line).expect("it is JSON");
        let classes = answer["classes"].as_array().expect("a list");
        let image = answer["image"].as_str().expect("a name");
        (image.to_owned(), classes.iter().map(class).collect())
    };
    printed.lines().map(answer).collect()
}

/// How far a probability may be off: decoders of JPEG differ.
fn tolerance(image: &str) -> f64 {
    if image.ends_with(".jpg") { 0.02 } else { 0.01 }
}

#[test]
fn photographs_are_what_onnx_runtime_sees_in_them() {
    let Some(models) = models() else { return };
    let folder = gallery("photographs", &models);
    let expected = read(&folder, "expected.json");
    for model in ["v2_imagenet_224.onnx", "v1_025_imagenet_128.onnx"] {
        let pictures = expected[model].as_object().expect("pictures");
        let images: Vec<_> = pictures.keys().map(String::as_str).collect();
        assert!(images.len() >= 6, "{images:?}");
        let images = images.join(" ");
        let printed = done(
            &folder,
            &format!(
                "run {model} --preset tf --labels imagenet_labels.txt --json --top 1001 --image {images}"
            ),
        );
        let answers = answers(&printed);
        assert_eq!(answers.len(), pictures.len());
        for (image, classes) in answers {
            let expected = pictures[&image].as_array().expect("classes");
            let first = (&expected[0]["class"], &expected[0]["label"]);
            assert_eq!(
                (&classes[0].0.into(), &classes[0].2),
                first,
                "{model} {image}"
            );
            for class in expected {
                let number = class["class"].as_u64().expect("a number");
                let found = classes.iter().find(|(n, _, _)| *n == number);
                let (_, probability, label) = found.expect("all classes are listed");
                let off = (probability - class["p"].as_f64().expect("a number")).abs();
                assert!(
                    off <= tolerance(&image),
                    "{model} {image} {label}: off by {off}"
                );
            }
        }
    }
}

#[test]
fn a_network_with_channels_last_sees_persons() {
    let Some(models) = models() else { return };
    let folder = gallery("persons", &models);
    let expected = read(&folder, "expected.json");
    fs::write(folder.join("labels"), "nobody\nsomebody\n\n").expect("it can be written");
    let run = "run vww_96_float.onnx --labels labels --json --preset unit --image cat.bmp grace_hopper.bmp";
    for (image, classes) in answers(&done(&folder, run)) {
        let expected = expected["vww_96_float.onnx"][&image]
            .as_array()
            .expect("two")
            .clone();
        for (class, probability, label) in classes {
            let off = (probability - expected[class as usize].as_f64().expect("a number")).abs();
            assert!(off <= tolerance(&image), "{image} {label}: off by {off}");
            assert_eq!(label, ["nobody", "somebody"][class as usize]);
        }
    }
}

/// Formats, crops, own numbers and labels, on one network.
#[test]
fn every_way_to_give_a_picture() {
    let Some(models) = models() else { return };
    let folder = gallery("ways", &models);
    let picture = image::open(folder.join("cat.bmp")).expect("it is a picture");
    for name in ["cat.png", "cat.ppm"] {
        picture.save(folder.join(name)).expect("it can be written");
    }
    let run = |arguments: &str| done(&folder, &format!("run vww_96_float.onnx {arguments}"));
    let of = |arguments: &str| answers(&run(&format!("--json {arguments}")));
    let all = of("--image cat.bmp cat.png cat.ppm");
    assert_eq!(
        (&all[0].1, &all[0].1),
        (&all[1].1, &all[2].1),
        "one picture in three formats"
    );
    let cat = |arguments: &str| of(&format!("--image cat.bmp {arguments}")).remove(0).1;
    assert_eq!(cat("--scale 1/255"), cat("--preset unit"));
    assert_eq!(cat("--scale 1/127.5 --mean 1"), cat("--preset tf"));
    assert_eq!(
        cat("--scale 1/255 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"),
        cat("--preset imagenet")
    );
    assert_ne!(cat("--preset tf"), cat("--preset unit"));

    // The middle of a picture that is wider than high is what is left when the sides are cut off by hand.
    let (width, height) = (picture.width(), picture.height());
    let side = width.min(height);
    let middle = picture.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    middle
        .save(folder.join("middle.png"))
        .expect("it can be written");
    assert_eq!(cat("--crop center"), of("--image middle.png").remove(0).1);
    assert_ne!(cat("--crop center"), cat(""));

    assert_eq!(run("--image cat.bmp --top 1").lines().count(), 2);
    let failure = |arguments: &str| fails(&folder, &format!("run {arguments}"), 1);
    let said = failure("vww_96_float.onnx --image cat.bmp --labels imagenet_labels.txt");
    assert!(
        said.contains("R004") && said.contains("1001 lines, the network 2 classes"),
        "{said}"
    );
    fs::write(folder.join("short"), "one\n").expect("it can be written");
    let said = failure("vww_96_float.onnx --image cat.bmp --labels short");
    assert!(
        said.contains("R004") && said.contains("background"),
        "{said}"
    );
    let said = failure("vww_96_float.onnx --image expected.json");
    assert!(
        said.contains("R003") && said.contains("PNG, JPEG, BMP or PNM"),
        "{said}"
    );
    assert!(failure("vww_96_float.onnx --image none.png").contains("F001"));
}

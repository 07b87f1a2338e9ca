//! Does the compiled digits network read what PyTorch reads? Every image that training never saw.

use mnetc::{Options, Weights};
use mnetc_runtime::{AlignedBytes, AnyLevel};
use mnetc_tests::{cases, difference, root};
use safetensors::SafeTensors;

fn file(name: &str) -> Vec<u8> {
    let path = root().join("examples/digits/data").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn blob(spec: &str) -> AlignedBytes {
    let weights = Weights::Safetensors {
        name: "digits.safetensors".into(),
        bytes: file("digits.safetensors"),
    };
    let options = Options {
        weights,
        ..Default::default()
    };
    let compiled =
        mnetc::compile("digits.yaml", spec, &options).unwrap_or_else(|failure| panic!("{failure}"));
    AlignedBytes::copy_of(&compiled.blob.expect("weights were given"))
}

/// 8x8 levels from 0 to 16 as 32x32 bytes: each level times 15, each pixel four by four.
fn enlarge(levels: &[u8]) -> Vec<u8> {
    (0..32 * 32)
        .map(|i| 15 * levels[(i / 32 / 4) * 8 + (i % 32) / 4])
        .collect()
}

fn best(logits: &[f32]) -> u8 {
    let best = (0..10).max_by(|a: &usize, b: &usize| logits[*a].total_cmp(&logits[*b]));
    best.expect("ten digits") as u8
}

#[test]
fn every_prediction_is_pytorchs_on_every_level() {
    let case = cases::digits::case();
    let blob = blob(case.spec);
    let held_out = file("held_out.safetensors");
    let held_out = SafeTensors::deserialize(&held_out).expect("a safetensors file");
    let bytes = |name: &str| held_out.tensor(name).expect("it is there").data();
    let (images, labels, predictions) = (bytes("images"), bytes("labels"), bytes("predictions"));
    let logits = bytes("logits")
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b));
    let logits: Vec<f32> = logits.collect();
    assert_eq!(labels.len(), 359);
    for level in AnyLevel::available() {
        let mut right = 0;
        for (i, image) in images.chunks_exact(64).enumerate() {
            let run = (case.run)(level, &blob, &enlarge(image));
            let got = &run.outputs[0].data;
            let d = difference(got, &logits[i * 10..(i + 1) * 10]);
            assert!(
                d.relative < 1e-5,
                "image {i} on {}: {:e}",
                level.name(),
                d.relative
            );
            assert_eq!(best(got), predictions[i], "image {i} on {}", level.name());
            right += usize::from(predictions[i] == labels[i]);
        }
        assert_eq!(right, 355, "right of 359 on {}", level.name());
    }
}

//! Real, trained networks and photographs, where they are at hand: beside the project, in `../shared/models`.

use crate::support::steps;
use mnetc::files::Beside;
use mnetc::import::{Imported, Sizes};
use mnetc::pipeline;
use mnetc_tests::root;
use std::path::PathBuf;

/// The folder, if it is there; says so if not.
fn models() -> Option<PathBuf> {
    let folder = root().join("../shared/models");
    let there = folder.is_dir();
    if !there {
        eprintln!("SKIPPED real ONNX networks: ../shared/models is not there");
    }
    there.then_some(folder)
}

fn imported(path: &std::path::Path) -> Imported {
    let bytes = std::fs::read(path).expect("readable");
    let name = path.file_name().expect("a file").to_string_lossy();
    let imported = pipeline::import(&name, bytes, &Sizes::default(), &Beside::new(path));
    imported.unwrap_or_else(|diags| panic!("{}", crate::support::text(&diags)))
}

#[test]
fn real_networks_are_all_layers_and_nothing_else() {
    let Some(folder) = models() else { return };
    let separable = "depthwise relu6, pointwise relu6, ".repeat(13);
    let v1 = format!("conv relu6, {separable}global_average_pool, ");
    assert_eq!(
        steps(&imported(&folder.join("v1_025_imagenet_128.onnx"))),
        v1.clone() + "linear, softmax"
    );
    let vww = v1.replace("relu6", "relu") + "linear, softmax";
    assert_eq!(steps(&imported(&folder.join("vww_96_float.onnx"))), vww);
    let v2 = imported(&folder.join("v2_imagenet_224.onnx"));
    let kernels = steps(&v2);
    assert_eq!(kernels.matches("depthwise relu6").count(), 17, "{kernels}");
    assert_eq!(kernels.matches("pointwise+skip").count(), 10, "{kernels}");
    assert!(
        kernels.ends_with("global_average_pool, linear, softmax"),
        "{kernels}"
    );
    assert_eq!(
        (v2.input.dims(), v2.outputs[0].dims()),
        (&[1, 3, 224, 224][..], &[1, 1001][..])
    );
}

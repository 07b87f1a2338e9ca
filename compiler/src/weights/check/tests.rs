//! What a user reads when weights do not fit: one error, all of it.

use super::check;
use crate::graph::Graph;
use crate::weights::example::{Net, Squeeze, shown, tensors, v2, v3};
use crate::weights::layer::Layer;
use crate::weights::{Tensor, Tensors, WeightSource};

fn message(graph: &Graph, tensors: Tensors) -> String {
    let source = WeightSource::Tensors(tensors);
    let mistake = check(&Layer::of_graph(graph), &source).expect_err("the tensors are wrong");
    shown(&mistake)
}

/// The tensors of `graph`, each named and kept as `name` says.
fn named(graph: &Graph, name: impl Fn(&str) -> Option<String>) -> Tensors {
    let mut renamed = Tensors::new();
    for (old, tensor) in tensors(graph, 0).iter() {
        if let Some(new) = name(old) {
            renamed.insert(new, tensor.clone());
        }
    }
    renamed
}

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::new(shape, vec![0.0; shape.iter().product()])
}

#[test]
fn sound_weights_pass() {
    for graph in [v2(), v3(Squeeze::After)] {
        let layers = Layer::of_graph(&graph);
        let source = WeightSource::Tensors(tensors(&graph, 0));
        assert_eq!(check(&layers, &source), Ok(()));
        assert_eq!(check(&layers, &WeightSource::Seed(1)), Ok(()));
    }
}

#[test]
fn all_misfits_are_one_error() {
    let graph = v2();
    let mut wrong = named(&graph, |name| {
        (name != "row2.1.expand.bn.var").then(|| name.to_owned())
    });
    wrong.insert("stem.weight", zeros(&[8, 3, 5, 5]));
    wrong.insert("fc.weight\u{7}", zeros(&[]));
    assert_eq!(
        message(&graph, wrong),
        "\
error[W005]: the weights do not fit the network: 1 of another shape, 1 missing, 1 unknown
 |
 = note: `stem.weight` is 8x3x5x5, expected 8x3x3x3
 = note: `row2.1.expand.bn.var` 24 is missing
 = note: `fc.weight\\u{7}` scalar belongs to no layer
 = help: give the weights of this very table: equal width multiplier, expansions, squeeze widths and classes
"
    );
}

#[test]
fn every_tensor_that_does_not_fit_is_listed() {
    let graph = v2();
    let wrong = named(&graph, |name| {
        name.starts_with("row").then(|| format!("x{name}"))
    });
    let message = message(&graph, wrong);
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(
        lines[0],
        "error[W005]: the weights do not fit the network: 52 missing, 40 unknown"
    );
    assert_eq!(lines.len(), 1 + 1 + 52 + 40 + 1);
    assert_eq!(lines[2], " = note: `stem.weight` 8x3x3x3 is missing");
}

#[test]
fn a_file_of_something_else_is_listed_up_to_a_thousand_lines() {
    let graph = v2();
    let mut wrong = named(&graph, |name| Some(name.to_owned()));
    for i in 0..1200 {
        wrong.insert(format!("layer{i}"), Tensor::new([1], vec![0.0]));
    }
    let message = message(&graph, wrong);
    assert_eq!(message.lines().count(), 1 + 1 + 1000 + 1 + 1);
    assert!(
        message.contains(" = note: and 200 more unknown"),
        "{message}"
    );
}

fn help(graph: &Graph, tensors: Tensors) -> String {
    let message = message(graph, tensors.rename_for(graph));
    let (_, help) = message.split_once("= help: ").unwrap();
    help.trim_end().to_owned()
}

#[test]
fn another_number_of_classes_is_told() {
    let graph = v2();
    let mut wrong = tensors(&graph, 0);
    wrong.insert("linear1.weight", zeros(&[1000, 20]));
    wrong.insert("linear1.bias", zeros(&[1000]));
    assert_eq!(
        help(&graph, wrong),
        "the weights were made for another number of classes: give `linear1` c: 1000"
    );
}

#[test]
fn the_names_of_others_are_told() {
    let graph = v2();
    let advice = |name: &dyn Fn(&str) -> String| help(&graph, named(&graph, |n| Some(name(n))));
    assert_eq!(
        advice(&|n| format!("module.{n}")),
        "every name carries the prefix `module.`: save the weights without it"
    );
    assert_eq!(
        advice(&|n| format!("blocks.0.0.conv_dw.{n}")),
        "every name carries the prefix `blocks.0.0.conv_dw.`: save the weights without it"
    );
    assert_eq!(
        advice(&|n| format!("blocks.0.0.conv_dw{n}")),
        "the names look like timm's: rename them to mnetc's own, or export the model to ONNX and give that as weights"
    );
    assert_eq!(
        advice(&|n| format!("{n}/kernel:0")),
        "the names look like Keras's: export the model to ONNX and give that as weights"
    );
    assert_eq!(
        advice(&|n| format!("features.7{n}")),
        "the names look like torchvision's, but the network is not built the way torchvision builds it: compare the \
         tables, or rename the tensors to mnetc's own names"
    );
    assert_eq!(
        advice(&|n| format!("x{n}")),
        "none of the network's tensors is there: give the weights of this network, named as mnetc or torchvision \
         names them"
    );
    let theirs = crate::weights::torchvision_names(&graph);
    assert_eq!(
        advice(&|n| format!("module.{}", theirs[n])),
        "every name carries the prefix `module.`: save the weights without it"
    );
}

#[test]
fn a_file_with_torchvisions_names_is_told_in_those() {
    let graph = v2();
    let theirs = crate::weights::torchvision_names(&graph);
    let mut file = named(&graph, |n| Some(theirs[n].clone()));
    file.insert("classifier.1.bias", zeros(&[6]));
    let message = message(&graph, file.rename_for(&graph));
    let line = message.lines().nth(2);
    assert_eq!(
        line,
        Some(" = note: `classifier.1.bias` (`linear1.bias`) is 6, expected 5")
    );
}

#[test]
fn a_bias_beside_a_batch_norm_is_unknown() {
    let graph = v2();
    let mut wrong = tensors(&graph, 0);
    wrong.insert("conv1.bias", zeros(&[20]));
    assert_eq!(
        message(&graph, wrong),
        "\
error[W005]: the weights do not fit the network: 1 unknown
 |
 = note: `conv1.bias` 20 belongs to no layer
 = help: `conv1` takes a bias in place of its batch norm, not beside it
"
    );
}

#[test]
fn a_bias_in_place_of_a_batch_norm_fits() {
    let graph = v2();
    let mut folded = named(&graph, |n| {
        (!n.starts_with("conv1.bn.")).then(|| n.to_owned())
    });
    folded.insert("conv1.bias", zeros(&[20]));
    let source = WeightSource::Tensors(folded);
    assert_eq!(check(&Layer::of_graph(&graph), &source), Ok(()));
}

#[test]
fn a_batch_norm_by_itself_needs_its_tensors() {
    let mut net = Net::new(2, 2, 3);
    net.norm("first");
    let graph = net.finish();
    let needs: Vec<String> = tensors(&graph, 0)
        .iter()
        .map(|(n, _)| n.to_owned())
        .collect();
    let parts = ["bias", "mean", "var", "weight"];
    assert_eq!(needs, parts.map(|part| format!("first.bn.{part}")));
}

#[test]
fn weights_that_are_no_numbers_are_named() {
    let graph = v2();
    let mut wrong = tensors(&graph, 0);
    wrong.insert(
        "linear1.bias",
        Tensor::new([5], vec![0.0, 1.0, f32::NAN, 2.0, f32::INFINITY]),
    );
    wrong.insert("stem.bn.mean", Tensor::new([8], vec![f32::NEG_INFINITY; 8]));
    assert_eq!(
        message(&graph, wrong),
        "\
error[W006]: weights are NaN, infinite or too large for f32 in 2 tensors
 |
 = note: `stem.bn.mean` has 8 of 8, the first at 0: -inf
 = note: `linear1.bias` has 2 of 5, the first at 2: NaN
 = help: take a checkpoint from before the training diverged
"
    );
}

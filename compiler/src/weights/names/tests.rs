//! The names of torchvision's modules, written down from its class definitions, and which naming a file uses.

use super::*;
use crate::passes;
use crate::weights::example::{Block, Net, Squeeze, tensors, v2, v3};
use crate::weights::{Tensor, Tensors, WeightSource};

/// Where torchvision keeps each layer's convolution and batch norm.
fn paths(graph: &Graph) -> Vec<String> {
    let names = torchvision_names(graph);
    let path = |name: &str| {
        let theirs = names.get(name)?;
        theirs.rsplit_once('.').map(|(path, _)| path.to_owned())
    };
    let layers = Layer::of_graph(graph);
    let lines = layers.iter().filter_map(|l| {
        let (base, conv) = (l.params, path(&l.weight_name())?);
        Some(match path(&format!("{base}.bn.mean")) {
            Some(norm) => format!("{base} {conv} {norm}"),
            None => format!("{base} {conv}"),
        })
    });
    lines.collect()
}

#[test]
fn mobilenet_v2_as_torchvision_builds_it() {
    let mut graph = v2();
    for _ in 0..2 {
        assert_eq!(
            paths(&graph),
            [
                "stem features.0.0 features.0.1",
                "row1.1.depthwise features.1.conv.0.0 features.1.conv.0.1",
                "row1.1.project features.1.conv.1 features.1.conv.2",
                "row2.1.expand features.2.conv.0.0 features.2.conv.0.1",
                "row2.1.depthwise features.2.conv.1.0 features.2.conv.1.1",
                "row2.1.project features.2.conv.2 features.2.conv.3",
                "row2.2.expand features.3.conv.0.0 features.3.conv.0.1",
                "row2.2.depthwise features.3.conv.1.0 features.3.conv.1.1",
                "row2.2.project features.3.conv.2 features.3.conv.3",
                "conv1 features.4.0 features.4.1",
                "linear1 classifier.1",
            ]
        );
        passes::run(&mut graph);
    }
}

#[test]
fn mobilenet_v3_as_torchvision_builds_it() {
    let mut graph = v3(Squeeze::After);
    for _ in 0..2 {
        assert_eq!(
            paths(&graph),
            [
                "stem features.0.0 features.0.1",
                "row1.1.depthwise features.1.block.0.0 features.1.block.0.1",
                "row1.1.se.reduce features.1.block.1.fc1",
                "row1.1.se.expand features.1.block.1.fc2",
                "row1.1.project features.1.block.2.0 features.1.block.2.1",
                "row2.1.expand features.2.block.0.0 features.2.block.0.1",
                "row2.1.depthwise features.2.block.1.0 features.2.block.1.1",
                "row2.1.project features.2.block.2.0 features.2.block.2.1",
                "row3.1.expand features.3.block.0.0 features.3.block.0.1",
                "row3.1.depthwise features.3.block.1.0 features.3.block.1.1",
                "row3.1.se.reduce features.3.block.2.fc1",
                "row3.1.se.expand features.3.block.2.fc2",
                "row3.1.project features.3.block.3.0 features.3.block.3.1",
                "conv1 features.4.0 features.4.1",
                "linear1 classifier.0",
                "linear2 classifier.3",
            ]
        );
        passes::run(&mut graph);
    }
}

#[test]
fn all_tensors_of_a_layer_are_named() {
    let names = torchvision_names(&v2());
    let of = |prefix: &str| {
        let found = names.iter().filter(|(ours, _)| ours.starts_with(prefix));
        let pair = |(ours, theirs): (&String, &String)| format!("{ours} {theirs}");
        found.map(pair).collect::<Vec<_>>()
    };
    assert_eq!(
        of("row1.1.project"),
        [
            "row1.1.project.bias features.1.conv.1.bias",
            "row1.1.project.bn.bias features.1.conv.2.bias",
            "row1.1.project.bn.mean features.1.conv.2.running_mean",
            "row1.1.project.bn.var features.1.conv.2.running_var",
            "row1.1.project.bn.weight features.1.conv.2.weight",
            "row1.1.project.weight features.1.conv.1.weight",
        ]
    );
    assert_eq!(
        of("linear1"),
        [
            "linear1.bias classifier.1.bias",
            "linear1.weight classifier.1.weight"
        ]
    );
}

/// A stem and blocks, without what torchvision's networks have behind them.
fn trunk(tables: &[&str], squeeze: Squeeze) -> Net {
    let mut net = Net::new(8, 8, 3);
    net.conv("stem", 3, 1, 1, 8);
    for (table, number) in tables.iter().zip(1..) {
        let block = Block {
            k: 3,
            exp: 16,
            c: 8,
            s: 1,
            se: squeeze,
            act: crate::graph::Activation::Relu,
        };
        net.block(table, number, 1, block);
    }
    net
}

#[test]
fn a_trunk_without_a_head_has_names() {
    let graph = trunk(&["bneck"], Squeeze::No).finish();
    assert_eq!(paths(&graph).len(), 4);
}

#[test]
fn what_torchvision_does_not_build_has_no_names() {
    let unnamed = |net: Net| assert_eq!(paths(&net.finish()), Vec::<String>::new());
    unnamed(trunk(&["separable"], Squeeze::No));
    unnamed(trunk(&["bneck", "inverted_residual"], Squeeze::No));
    unnamed(trunk(&["inverted_residual"], Squeeze::After(4)));
    unnamed(trunk(&[], Squeeze::No));
    let mut two_convs = trunk(&["bneck"], Squeeze::No);
    two_convs.conv("conv1", 1, 1, 1, 8);
    two_convs.conv("conv2", 1, 1, 1, 8);
    unnamed(two_convs);
    let mut one_linear = trunk(&["bneck"], Squeeze::No);
    one_linear.linear("linear1", 4);
    unnamed(one_linear);
    let mut no_stem = Net::new(8, 8, 3);
    no_stem.linear("linear1", 4);
    unnamed(no_stem);
}

#[test]
fn the_naming_that_knows_more_names_counts() {
    let graph = v3(Squeeze::After);
    let (canonical, names) = (tensors(&graph, 0), torchvision_names(&graph));
    let file = |theirs: usize| {
        let mut file = Tensors::new();
        for (i, (name, tensor)) in canonical.iter().enumerate() {
            let name = if i < theirs { &names[name] } else { name };
            file.insert(name, tensor.clone());
        }
        file.rename_for(&graph)
    };
    let all = |tensors: &Tensors| {
        let found = tensors.iter().filter(|(n, _)| canonical.get(n).is_some());
        found.count()
    };
    let n = canonical.len();
    assert_eq!(all(&file(n)), n);
    assert_eq!(all(&file(0)), n);
    assert_eq!(all(&file(n - 1)), n);
    assert_eq!(all(&file(1)), n - 1);
}

#[test]
fn a_folded_file_with_torchvisions_names_fits() {
    let graph = v2();
    let mut file = Tensors::new();
    for layer in Layer::of_graph(&graph) {
        let path = |name: String| torchvision_names(&graph)[&name].clone();
        let shape = layer.weight.clone().unwrap();
        let weight = vec![0.0; shape.iter().product()];
        file.insert(path(layer.weight_name()), Tensor::new(shape, weight));
        let bias = Tensor::new([layer.channels], vec![0.0; layer.channels]);
        file.insert(path(layer.bias_name()), bias);
    }
    let source = WeightSource::Tensors(file.rename_for(&graph));
    assert_eq!(
        crate::weights::check(&Layer::of_graph(&graph), &source),
        Ok(())
    );
}

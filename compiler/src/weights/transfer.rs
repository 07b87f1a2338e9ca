//! Gives the tensors of one network to another that has the same layers in the same order under other names.
//!
//! In: the layers of both, and the tensors of the first. Out: the tensors under the second's names, or one diagnostic that
//! lists where the layers differ. Never: looks at a name, changes a number.

use super::layer::{Layer, NORM_PARTS, name};
use super::source::{Tensor, Tensors, same_shape};
use super::words::{quoted, shape_text};
use crate::diag::{Code, Diagnostic};
use crate::graph::{BatchNorm, Graph};

/// The most differences that are listed.
const MAX_LINES: usize = 20;

/// `tensors`, which are of `from`, under the names of `to`; messages call the first network `file`.
///
/// A batch norm may have been folded in the first and not in the second, not the other way round.
pub(crate) fn transfer(
    file: &str,
    from: &Graph,
    tensors: &Tensors,
    to: &Graph,
) -> Result<Tensors, Diagnostic> {
    let (mut theirs, ours) = (Layer::of_graph(from), Layer::of_graph(to));
    for layer in &mut theirs {
        as_given(layer, tensors);
    }
    let faults = faults(&theirs, &ours);
    if !faults.is_empty() {
        let facts = format!("the weights of {file} do not fit the network: its layers are others");
        let mut fault = Diagnostic::error(Code::DoesNotFit, facts);
        let more = faults.len().saturating_sub(MAX_LINES);
        fault.notes.extend(faults.into_iter().take(MAX_LINES));
        if more > 0 {
            fault.notes.push(format!("and {more} more"));
        }
        return Err(fault.help(format!(
            "compile {file} itself, or compare `mnetc summary` of both"
        )));
    }
    let mut transferred = Tensors::new();
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let mut put = |theirs: String, ours: String| {
            if let Some(tensor) = tensors.get(&theirs) {
                transferred.insert(ours, tensor.clone());
            }
        };
        put(theirs.weight_name(), ours.weight_name());
        put(theirs.bias_name(), ours.bias_name());
        if let (Some(theirs), Some(ours)) = (theirs.norm, ours.norm) {
            for part in NORM_PARTS {
                put(name(&theirs.params, part), name(&ours.params, part));
            }
        }
        let folded = theirs.norm.is_none() && ours.norm.is_some();
        if (folded || ours.bias) && !theirs.bias {
            let zeros = Tensor::new([ours.channels], vec![0.0; ours.channels]);
            transferred.insert(ours.bias_name(), zeros);
        }
    }
    Ok(transferred)
}

/// The layer as its tensors have it: a bias in place of a batch norm is a bias.
fn as_given(layer: &mut Layer<'_>, tensors: &Tensors) {
    let has = |base: &str, part: &str| tensors.get(&name(base, part)).is_some();
    let bias = has(layer.params, "bias");
    let normed = |norm: &&BatchNorm| NORM_PARTS.iter().any(|part| has(&norm.params, part));
    layer.norm = layer.norm.filter(|norm| !bias || normed(norm));
    layer.bias |= bias;
}

/// Where the layers differ, in order.
fn faults(theirs: &[Layer<'_>], ours: &[Layer<'_>]) -> Vec<String> {
    let text = |layer: &Layer<'_>| {
        layer
            .weight
            .as_deref()
            .map_or("none".to_owned(), shape_text)
    };
    let pairs = theirs.iter().zip(ours).enumerate();
    let mut faults: Vec<String> = pairs
        .filter_map(|(place, (theirs, ours))| {
            let (place, ours_name) = (place + 1, quoted(ours.params));
            match (&theirs.weight, &ours.weight) {
                (Some(a), Some(b)) if !same_shape(a, b) => Some(format!(
                    "layer {place}, {ours_name}: its weight is {}, expected {}",
                    text(theirs),
                    text(ours)
                )),
                _ if theirs.norm.is_some() && ours.norm.is_none() => Some(format!(
                    "layer {place}, {ours_name}: it has a batch norm, where the network has none"
                )),
                _ => None,
            }
        })
        .collect();
    if theirs.len() != ours.len() {
        faults.push(format!(
            "it has {} layers with weights, the network {}",
            theirs.len(),
            ours.len()
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::build::Builder;
    use crate::graph::{Conv, Input, Origin};
    use crate::shape::{Element, Shape, Window};

    /// One 1x1 convolution called `params`.
    fn network(params: &str, channels: usize, bias: bool, norm: bool) -> Graph {
        let input = Input {
            shape: Shape::new(2, 2, 3),
            element: Element::F32,
            normalise: vec![],
        };
        let origin = || Origin {
            name: params.to_owned(),
            role: String::new(),
            row: None,
        };
        let mut builder = Builder::new("n", input).expect("it is not empty");
        let conv = Conv::new(Window::POINTWISE, 1, channels, bias, params);
        let mut x = builder
            .conv(builder.input(), conv, origin())
            .expect("it fits");
        if norm {
            let norm = BatchNorm {
                epsilon: 1e-5,
                params: format!("{params}.bn"),
            };
            x = builder.batch_norm(x, norm, origin());
        }
        builder.output("y", x);
        builder.finish()
    }

    fn tensors(names: &[&str]) -> Tensors {
        let mut tensors = Tensors::new();
        for name in names {
            tensors.insert(*name, Tensor::new([1], vec![2.0]));
        }
        tensors
    }

    fn names(tensors: &Tensors) -> Vec<&str> {
        tensors.iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn tensors_get_the_other_networks_names() {
        let (from, to) = (network("a", 4, false, true), network("b", 4, false, true));
        let given = tensors(&[
            "a.weight",
            "a.bn.weight",
            "a.bn.bias",
            "a.bn.mean",
            "a.bn.var",
        ]);
        let moved = transfer("m.onnx", &from, &given, &to).expect("they fit");
        assert_eq!(
            names(&moved),
            [
                "b.bn.bias",
                "b.bn.mean",
                "b.bn.var",
                "b.bn.weight",
                "b.weight"
            ]
        );
    }

    #[test]
    fn a_batch_norm_may_have_been_folded() {
        let to = network("b", 4, false, true);
        let folded = tensors(&["a.weight", "a.bias"]);
        let moved = transfer("m", &network("a", 4, true, false), &folded, &to).expect("they fit");
        assert_eq!(names(&moved), ["b.bias", "b.weight"]);
        let moved = transfer(
            "m",
            &network("a", 4, false, false),
            &tensors(&["a.weight"]),
            &to,
        )
        .expect("they fit");
        assert_eq!(moved.get("b.bias").map(|t| t.data()), Some(&[0.0; 4][..]));
    }

    #[test]
    fn a_bias_in_place_of_a_batch_norm_is_a_bias() {
        let from = network("a", 4, false, true);
        let folded = tensors(&["a.weight", "a.bias"]);
        for to in [network("b", 4, true, false), network("b", 4, true, true)] {
            let moved = transfer("m", &from, &folded, &to).expect("they fit");
            assert_eq!(names(&moved), ["b.bias", "b.weight"]);
            assert_eq!(moved.get("b.bias").map(|t| t.data()), Some(&[2.0][..]));
        }
    }

    #[test]
    fn other_layers_are_listed() {
        let fails = |from: &Graph, to: &Graph| {
            transfer("m", from, &Tensors::new(), to)
                .expect_err("they differ")
                .notes
        };
        let (four, five) = (network("a", 4, true, false), network("b", 5, true, false));
        assert_eq!(
            fails(&four, &five),
            ["layer 1, `b`: its weight is 4x3x1x1, expected 5x3x1x1"]
        );
        let normed = network("a", 4, false, true);
        assert_eq!(
            fails(&normed, &four),
            ["layer 1, `a`: it has a batch norm, where the network has none"]
        );
    }
}

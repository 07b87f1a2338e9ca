//! Gives the tensors of one network to the same network under other names.
//!
//! In: two graphs behind all passes that differ in nothing but names, biases and batch norms. Out: tensors under the second's
//! names, in the shapes it has for them; and which layer got which one's. Never: changes a number where both have the same
//! parts; where the second has no place for a batch norm or a bias, it is folded as packing folds it.

use super::fold::{Folded, fold};
use super::layer::{Layer, NORM_PARTS, name};
use super::source::{Tensor, Tensors, WeightSource, same_shape};
use crate::graph::Graph;

/// Layer of the second -> layer of the first.
pub(crate) type Params = Vec<(String, String)>;

/// `tensors`, which are of `from`, for `to`; nothing where their layers differ, or a batch norm cannot be folded.
pub(crate) fn retensor(
    from: &Graph,
    mut tensors: Tensors,
    to: &Graph,
) -> Option<(Tensors, Params)> {
    let (theirs, ours) = (Layer::of_graph(from), Layer::of_graph(to));
    if theirs.len() != ours.len() {
        return None;
    }
    let (mut given, mut params) = (Tensors::new(), Params::new());
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let own = taken(theirs, &mut tensors);
        give(theirs, own, ours, &mut given)?;
        params.push((ours.params.to_owned(), theirs.params.to_owned()));
    }
    Some((given, params))
}

/// The tensors of one layer.
fn taken(layer: &Layer<'_>, tensors: &mut Tensors) -> Tensors {
    let mut names = vec![layer.weight_name(), layer.bias_name()];
    if let Some(norm) = layer.norm {
        names.extend(NORM_PARTS.iter().map(|part| name(&norm.params, part)));
    }
    let mut own = Tensors::new();
    for name in names {
        if let Some(tensor) = tensors.remove(&name) {
            own.insert(name, tensor);
        }
    }
    own
}

fn give(theirs: &Layer<'_>, mut own: Tensors, ours: &Layer<'_>, given: &mut Tensors) -> Option<()> {
    let (expected, weight) = (ours.weight.clone()?, theirs.weight.as_ref()?);
    if !same_shape(&expected, weight) || theirs.channels != ours.channels {
        return None;
    }
    let same_norm = match (theirs.norm, ours.norm) {
        (Some(a), Some(b)) => a.epsilon == b.epsilon,
        (a, b) => a.is_none() && b.is_none(),
    };
    let as_it_is = same_norm && (ours.bias || !theirs.bias);
    let (weight, bias) = if as_it_is || theirs.norm.is_none() {
        let weight = own.remove(&theirs.weight_name())?.into_data();
        let bias = own.remove(&theirs.bias_name()).map(Tensor::into_data);
        (weight, bias)
    } else {
        let source = WeightSource::Tensors(std::mem::take(&mut own));
        let Folded { weight, bias } = fold(theirs, &source).ok()?;
        (weight.into_owned(), Some(bias))
    };
    let folded = !as_it_is && ours.norm.is_some();
    given.insert(ours.weight_name(), Tensor::new(expected, weight));
    let zeros = || vec![0.0; ours.channels];
    if ours.bias || folded {
        let bias = Tensor::new([ours.channels], bias.unwrap_or_else(zeros));
        given.insert(ours.bias_name(), bias);
    } else if bias.is_some() {
        return None;
    }
    if let (Some(theirs), Some(ours), true) = (theirs.norm, ours.norm, as_it_is) {
        for part in NORM_PARTS {
            let tensor = own.remove(&name(&theirs.params, part))?;
            given.insert(name(&ours.params, part), tensor);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::build::Builder;
    use crate::graph::{BatchNorm, Conv, Input, Origin};
    use crate::passes;
    use crate::shape::{Element, Shape, Window};

    /// One 1x1 convolution of two channels, behind all passes.
    fn network(params: &str, bias: bool, epsilon: Option<f64>) -> Graph {
        let input = Input {
            shape: Shape::new(2, 2, 1),
            element: Element::F32,
            normalise: vec![],
        };
        let origin = || Origin {
            name: params.to_owned(),
            role: String::new(),
            row: None,
        };
        let mut builder = Builder::new("n", input).expect("it is not empty");
        let conv = Conv::new(Window::POINTWISE, 1, 2, bias, params);
        let conv = builder.conv(builder.input(), conv, origin());
        let mut x = conv.expect("it fits");
        if let Some(epsilon) = epsilon {
            let params = format!("{params}.bn");
            x = builder.batch_norm(x, BatchNorm { epsilon, params }, origin());
        }
        builder.output("y", x);
        let mut graph = builder.finish();
        passes::run(&mut graph);
        graph
    }

    fn tensors(list: &[(&str, [f32; 2])]) -> Tensors {
        let mut tensors = Tensors::new();
        for (name, data) in list {
            tensors.insert(*name, Tensor::new([2], data.to_vec()));
        }
        tensors
    }

    fn list(tensors: &Tensors) -> Vec<(&str, Vec<f32>)> {
        let all = tensors.iter();
        all.map(|(name, t)| (name, t.data().to_vec())).collect()
    }

    const NORM: [(&str, [f32; 2]); 4] = [
        ("a.bn.weight", [2.0, 4.0]),
        ("a.bn.bias", [0.5, 0.25]),
        ("a.bn.mean", [1.0, 2.0]),
        ("a.bn.var", [3.0, 3.0]),
    ];

    #[test]
    fn tensors_stay_as_they_are_where_they_have_a_place() {
        let (a, b) = (
            network("a", false, Some(1e-3)),
            network("b", false, Some(1e-3)),
        );
        let given = tensors(&[&[("a.weight", [1.0, 2.0])][..], &NORM].concat());
        let (moved, params) = retensor(&a, given, &b).expect("they are the same");
        assert_eq!(params, [("b".to_owned(), "a".to_owned())]);
        assert_eq!(list(&moved)[0], ("b.bn.bias", vec![0.5, 0.25]));
        assert_eq!(moved.len(), 5);
        let weight = moved.get("b.weight").expect("it was moved");
        assert_eq!(
            (weight.shape(), weight.data()),
            (&[2, 1, 1, 1][..], &[1.0, 2.0][..])
        );
    }

    #[test]
    fn what_has_no_place_is_folded() {
        // (x - mean) / sqrt(3 + 1) * weight + bias, behind a convolution with a bias.
        let a = network("a", true, Some(1.0));
        let given = [
            &[("a.weight", [1.0, 2.0]), ("a.bias", [3.0, 2.0])][..],
            &NORM,
        ]
        .concat();
        let folded = [("b.bias", vec![2.5, 0.25]), ("b.weight", vec![1.0, 4.0])];
        for b in [network("b", false, Some(1e-3)), network("b", true, None)] {
            let (moved, _) = retensor(&a, tensors(&given), &b).expect("they are the same");
            assert_eq!(list(&moved), folded);
        }
    }

    #[test]
    fn a_folded_batch_norm_is_a_bias() {
        let b = network("b", false, Some(1e-3));
        let given = tensors(&[("a.weight", [1.0, 2.0]), ("a.bias", [3.0, 4.0])]);
        let (moved, _) = retensor(&network("a", true, None), given, &b).expect("the same");
        assert_eq!(
            list(&moved),
            [("b.bias", vec![3.0, 4.0]), ("b.weight", vec![1.0, 2.0])]
        );
        let given = tensors(&[("a.weight", [1.0, 2.0])]);
        let (moved, _) = retensor(&network("a", false, None), given, &b).expect("the same");
        assert_eq!(list(&moved)[0], ("b.bias", vec![0.0, 0.0]));
    }

    #[test]
    fn a_bias_without_a_place_is_refused() {
        let given = tensors(&[("a.weight", [1.0, 2.0]), ("a.bias", [3.0, 4.0])]);
        assert!(retensor(&network("a", true, None), given, &network("b", false, None)).is_none());
    }
}

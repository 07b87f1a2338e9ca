//! Folds a layer's batch norm into its weights and bias.
//!
//! With s = gamma / sqrt(var + epsilon), for each output channel: w' = w * s and b' = (b - mean) * s + beta (Ioffe, Szegedy:
//! Batch Normalization, 2015, section 3.1). Computed in f64 and rounded once. Weights too small to be normal numbers
//! become zero: arithmetic on them is slow, and nothing depends on 1e-38.
//!
//! In: a layer whose tensors were checked. Out: its weight in PyTorch's order and its bias, or why there is none. Never:
//! knows how panels are laid out.

use super::layer::{Layer, name};
use super::source::WeightSource;
use crate::graph::BatchNorm;
use std::borrow::Cow;

/// A layer's numbers with nothing left to do but packing.
pub(super) struct Folded<'s> {
    /// As PyTorch has it.
    pub(super) weight: Cow<'s, [f32]>,
    /// One for each output channel; zeros where the layer has none.
    pub(super) bias: Vec<f32>,
}

/// Folds `layer`, whose tensors are all in `source`.
pub(super) fn fold<'s>(layer: &Layer<'_>, source: &'s WeightSource) -> Result<Folded<'s>, String> {
    let tensor = |name: &str, shape: &[usize]| {
        let found = source.tensor(name, shape);
        found.expect("checked: the source has every tensor of every layer")
    };
    let folded = layer.is_folded(source);
    let shape = layer.weight.as_deref().unwrap_or(&[]);
    let mut weight = tensor(&layer.weight_name(), shape);
    let mut bias = if layer.bias || folded {
        tensor(&layer.bias_name(), &[layer.channels]).into_owned()
    } else {
        vec![0.0; layer.channels]
    };
    if let Some(norm) = layer.norm.filter(|_| !folded) {
        let part = |part: &str| tensor(&name(&norm.params, part), &[layer.channels]);
        let affine = affine(
            norm,
            &part("weight"),
            &part("bias"),
            &part("mean"),
            &part("var"),
        )?;
        apply(&affine, weight.to_mut(), &mut bias);
    }
    if weight.iter().any(|w| w.is_subnormal()) {
        flush(weight.to_mut());
    }
    flush(&mut bias);
    if weight.iter().chain(&bias).all(|x| x.is_finite()) {
        return Ok(Folded { weight, bias });
    }
    Err("the folded weights are too large for f32".into())
}

/// What a batch norm does to a channel: x * scale + (beta - mean * scale).
struct Affine {
    scale: f64,
    mean: f64,
    beta: f64,
}

fn affine(
    norm: &BatchNorm,
    gamma: &[f32],
    beta: &[f32],
    mean: &[f32],
    var: &[f32],
) -> Result<Vec<Affine>, String> {
    let channel = |c: usize| {
        let radicand = f64::from(var[c]) + norm.epsilon;
        if radicand <= 0.0 {
            let (var, epsilon) = (var[c], norm.epsilon);
            return Err(format!(
                "channel {c} has the variance {var}, which is not positive with epsilon {epsilon} added"
            ));
        }
        let (gamma, beta, mean) = (gamma[c].into(), beta[c].into(), mean[c].into());
        let gamma: f64 = gamma;
        let scale = gamma / radicand.sqrt();
        Ok(Affine { scale, mean, beta })
    };
    (0..gamma.len()).map(channel).collect()
}

fn apply(affine: &[Affine], weight: &mut [f32], bias: &mut [f32]) {
    let per_channel = weight.len() / affine.len();
    let filters = weight.chunks_exact_mut(per_channel);
    for ((Affine { scale, mean, beta }, filter), bias) in affine.iter().zip(filters).zip(bias) {
        for w in filter {
            *w = (f64::from(*w) * scale) as f32;
        }
        *bias = ((f64::from(*bias) - mean) * scale + beta) as f32;
    }
}

/// Makes zeros of numbers too small to be normal.
fn flush(numbers: &mut [f32]) {
    for x in numbers {
        if x.is_subnormal() {
            *x = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::{Tensor, Tensors};

    const EPSILON: f64 = 1e-3;

    /// Two channels of two weights each, with a bias and a batch norm.
    fn folded(change: impl FnOnce(&mut Tensors)) -> Result<(Vec<f32>, Vec<f32>), String> {
        let mut tensors = Tensors::new();
        let mut add = |name: &str, data: [f32; 2]| {
            tensors.insert(name, Tensor::new([2], data.to_vec()));
        };
        add("a.bias", [0.5, 0.25]);
        add("a.bn.weight", [2.0, -3.0]);
        add("a.bn.bias", [0.1, 0.2]);
        add("a.bn.mean", [0.3, -0.4]);
        add("a.bn.var", [4.0, 0.0]);
        let weight = vec![1.0, -2.0, 0.125, 3.0];
        tensors.insert("a.weight", Tensor::new([2, 2], weight));
        change(&mut tensors);
        let norm = BatchNorm {
            epsilon: EPSILON,
            params: "a.bn".into(),
        };
        let layer = Layer {
            params: "a",
            weight: Some(vec![2, 2, 1, 1]),
            channels: 2,
            bias: true,
            norm: Some(&norm),
        };
        let source = WeightSource::Tensors(tensors);
        fold(&layer, &source).map(|f| (f.weight.to_vec(), f.bias))
    }

    fn with(name: &'static str, data: [f32; 2]) -> Result<(Vec<f32>, Vec<f32>), String> {
        folded(|tensors| {
            tensors.insert(name, Tensor::new([2], data.to_vec()));
        })
    }

    #[test]
    fn a_batch_norm_is_folded_in_f64_and_rounded_once() {
        let (weight, bias) = folded(|_| ()).unwrap();
        let scale = [2.0 / (4.0 + EPSILON).sqrt(), -3.0 / EPSILON.sqrt()];
        let products = [scale[0], -2.0 * scale[0], 0.125 * scale[1], 3.0 * scale[1]];
        assert_eq!(weight, products.map(|w| w as f32));
        let f = |x: f32| f64::from(x);
        let first = (0.5 - f(0.3)) * scale[0] + f(0.1);
        let second = (0.25 + f(0.4)) * scale[1] + f(0.2);
        assert_eq!(bias, [first as f32, second as f32]);
    }

    #[test]
    fn a_bias_in_place_of_the_batch_norm_is_taken_as_it_is() {
        let norm = BatchNorm {
            epsilon: EPSILON,
            params: "a.bn".into(),
        };
        let mut tensors = Tensors::new();
        tensors.insert("a.weight", Tensor::new([1, 1], vec![3.0]));
        tensors.insert("a.bias", Tensor::new([1], vec![0.1]));
        let layer = Layer {
            params: "a",
            weight: Some(vec![1, 1]),
            channels: 1,
            bias: false,
            norm: Some(&norm),
        };
        let source = WeightSource::Tensors(tensors);
        let folded = fold(&layer, &source).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((&*folded.weight, &*folded.bias), (&[3.0][..], &[0.1][..]));
        assert!(matches!(folded.weight, Cow::Borrowed(_)), "needless copy");
    }

    #[test]
    fn numbers_too_small_to_be_normal_become_zero() {
        let (weight, bias) = with("a.bn.weight", [1e-38, 1.0]).unwrap();
        assert_eq!(weight[..2], [0.0, 0.0]);
        assert!(weight[2] != 0.0);
        assert_eq!(bias[0], 0.1, "the shift of a channel stays");
        let (_, bias) = with("a.bn.bias", [0.1, 0.2]).unwrap();
        assert!(bias.iter().all(|b| *b != 0.0));
        let mut tensors = Tensors::new();
        let tiny = f32::MIN_POSITIVE / 2.0;
        tensors.insert("b.weight", Tensor::new([1, 2], vec![tiny, -tiny]));
        tensors.insert("b.bias", Tensor::new([1], vec![tiny]));
        let layer = Layer {
            params: "b",
            weight: Some(vec![1, 2]),
            channels: 1,
            bias: true,
            norm: None,
        };
        let source = WeightSource::Tensors(tensors);
        let folded = fold(&layer, &source).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            (&*folded.weight, &*folded.bias),
            (&[0.0, 0.0][..], &[0.0][..])
        );
    }

    #[test]
    fn a_variance_that_is_not_positive_is_refused() {
        let expected =
            "channel 1 has the variance -0.5, which is not positive with epsilon 0.001 added";
        assert_eq!(with("a.bn.var", [1.0, -0.5]), Err(expected.into()));
        assert!(with("a.bn.var", [1.0, -0.0005]).is_ok());
    }

    #[test]
    fn what_leaves_f32_is_refused() {
        let expected = "the folded weights are too large for f32";
        assert_eq!(with("a.bn.weight", [1.0, f32::MAX]), Err(expected.into()));
        assert_eq!(
            with("a.bn.mean", [f32::MAX, f32::MAX]),
            Err(expected.into())
        );
    }
}

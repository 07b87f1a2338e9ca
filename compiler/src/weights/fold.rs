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

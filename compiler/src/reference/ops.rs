//! The textbook loops.
//!
//! In: maps and weights of f64, weights as PyTorch has them. Out: maps. Never: skips a step that the formula has.

use super::Map;
use crate::graph::Activation;
use crate::shape::{Padding, Shape, Window};

impl Map {
    fn at(&self, y: usize, x: usize, c: usize) -> f64 {
        self.data[(y * self.shape.w + x) * self.shape.c + c]
    }

    /// The map of `shape` whose element at (y, x, c) is `element(y, x, c)`.
    fn build(shape: Shape, mut element: impl FnMut(usize, usize, usize) -> f64) -> Self {
        let mut data = Vec::with_capacity(shape.len());
        for y in 0..shape.h {
            for x in 0..shape.w {
                for c in 0..shape.c {
                    data.push(element(y, x, c));
                }
            }
        }
        Self { shape, data }
    }
}

/// The input pixel under a tap of a window; none on padding.
fn tap(window: Window, input: Shape, out: [usize; 2], tap: [usize; 2]) -> Option<[usize; 2]> {
    let place = |axis: usize, padding: usize, extent: usize| {
        let padded = out[axis] * window.stride[axis] + tap[axis] * window.dilation[axis];
        padded.checked_sub(padding).filter(|i| *i < extent)
    };
    let y = place(0, window.padding.top, input.h)?;
    let x = place(1, window.padding.left, input.w)?;
    Some([y, x])
}

/// The input pixels under a window at (y, x), padding left out.
fn covered(window: Window, input: Shape, y: usize, x: usize) -> Vec<[usize; 2]> {
    let [kh, kw] = window.kernel;
    let taps = (0..kh).flat_map(|ky| (0..kw).map(move |kx| [ky, kx]));
    taps.filter_map(|t| tap(window, input, [y, x], t)).collect()
}

/// y(o) = bias(o) + sum over i, ky, kx of weight(o, i, ky, kx) * x(i under the tap)
pub(super) fn conv(
    window: Window,
    groups: usize,
    x: &Map,
    weight: &[f64],
    bias: &[f64],
    shape: Shape,
) -> Map {
    let [kh, kw] = window.kernel;
    let (inputs, outputs) = (x.shape.c / groups, shape.c / groups);
    Map::build(shape, |oy, ox, o| {
        let first = o / outputs * inputs;
        let mut sum = bias[o];
        for ky in 0..kh {
            for kx in 0..kw {
                let Some([iy, ix]) = tap(window, x.shape, [oy, ox], [ky, kx]) else {
                    continue;
                };
                for i in 0..inputs {
                    sum += weight[((o * inputs + i) * kh + ky) * kw + kx] * x.at(iy, ix, first + i);
                }
            }
        }
        sum
    })
}

/// y(o) = bias(o) + sum over i of weight(o, i) * x(i), the elements of x counted as (c, h, w), as PyTorch flattens.
pub(super) fn linear(x: &Map, weight: &[f64], bias: &[f64]) -> Map {
    let (x, inputs) = (flatten(x), x.shape.len());
    Map::build(Shape::vector(bias.len()), |_, _, o| {
        let mut sum = bias[o];
        for (i, x) in x.data.iter().enumerate() {
            sum += weight[o * inputs + i] * x;
        }
        sum
    })
}

/// All elements as one pixel, in the order (c, h, w), as PyTorch flattens.
pub(super) fn flatten(x: &Map) -> Map {
    let pixels = x.shape.pixels();
    Map::build(Shape::vector(x.shape.len()), |_, _, i| {
        x.data[i % pixels * x.shape.c + i / pixels]
    })
}

/// y = (x - mean) / sqrt(var + epsilon) * weight + bias
pub(super) fn batch_norm(
    x: Map,
    epsilon: f64,
    weight: &[f64],
    bias: &[f64],
    mean: &[f64],
    var: &[f64],
) -> Map {
    Map::build(x.shape, |i, j, c| {
        (x.at(i, j, c) - mean[c]) / (var[c] + epsilon).sqrt() * weight[c] + bias[c]
    })
}

pub(super) fn activation(activation: Activation, mut x: Map) -> Map {
    for x in &mut x.data {
        *x = activate(activation, *x);
    }
    x
}

/// `clamp` keeps NaN, as the kernels do.
fn activate(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Identity => x,
        Activation::Relu => x.clamp(0.0, f64::INFINITY),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::HardSigmoid => (x + 3.0).clamp(0.0, 6.0) / 6.0,
        Activation::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Swish => x / (1.0 + (-x).exp()),
    }
}

pub(super) fn add(a: &Map, b: &Map) -> Map {
    Map::build(a.shape, |y, x, c| a.at(y, x, c) + b.at(y, x, c))
}

/// Each channel times its gate.
pub(super) fn scale(x: &Map, gates: &Map) -> Map {
    Map::build(x.shape, |i, j, c| x.at(i, j, c) * gates.data[c])
}

pub(super) fn global_average_pool(x: &Map) -> Map {
    let whole = Window {
        kernel: [x.shape.h, x.shape.w],
        ..Window::POINTWISE
    };
    average_pool(whole, x, Shape::vector(x.shape.c))
}

/// The mean of the pixels under the window; padding is not counted.
pub(super) fn average_pool(window: Window, x: &Map, shape: Shape) -> Map {
    Map::build(shape, |oy, ox, c| {
        let pixels = covered(window, x.shape, oy, ox);
        let sum: f64 = pixels.iter().map(|[iy, ix]| x.at(*iy, *ix, c)).sum();
        sum / pixels.len() as f64
    })
}

/// The greatest of the pixels under the window, NaN if one is.
pub(super) fn max_pool(window: Window, x: &Map, shape: Shape) -> Map {
    Map::build(shape, |oy, ox, c| {
        let pixels = covered(window, x.shape, oy, ox);
        let values = pixels.iter().map(|[iy, ix]| x.at(*iy, *ix, c));
        values.fold(
            f64::NEG_INFINITY,
            |a, b| {
                if a > b || a.is_nan() { a } else { b }
            },
        )
    })
}

pub(super) fn pad(padding: Padding, x: &Map, shape: Shape) -> Map {
    let window = Window::square(1, 1, 1, padding);
    Map::build(shape, |oy, ox, c| {
        match tap(window, x.shape, [oy, ox], [0, 0]) {
            Some([iy, ix]) => x.at(iy, ix, c),
            None => 0.0,
        }
    })
}

/// y(c) = exp(x(c)) / sum over k of exp(x(k)), both divided by exp(max x) so that none overflows.
pub(super) fn softmax(x: &Map) -> Map {
    let mut y = x.clone();
    for pixel in y.data.chunks_exact_mut(x.shape.c) {
        let greatest = pixel.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = pixel.iter().map(|x| (x - greatest).exp()).sum();
        for x in pixel {
            *x = (*x - greatest).exp() / sum;
        }
    }
    y
}

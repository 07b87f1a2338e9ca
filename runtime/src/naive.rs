//! The oracle: every operation as its formula, in `f64`, over unpacked weights in PyTorch's order.
//! Never: fast, shared with a kernel.

use crate::ops::activation::Activation;
use crate::window::Window;

/// A map: height, width, channels.
pub type Shape = [usize; 3];

/// act(x), by its formula.
pub fn activation(act: Activation, x: f64) -> f64 {
    // `f64::clamp` keeps NaN, as every activation must.
    match act {
        Activation::Identity => x,
        Activation::Relu => x.clamp(0.0, f64::INFINITY),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
        Activation::HardSigmoid => (x + 3.0).clamp(0.0, 6.0) / 6.0,
        Activation::Sigmoid => 1.0 / (1.0 + exp(-x)),
        Activation::Swish => x / (1.0 + exp(-x)),
    }
}

/// e^x: the Taylor series at x / 2^k, squared k times.
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let x = x.clamp(-750.0, 750.0);
    let mut halvings = 0;
    let mut small = x;
    while !(-0.125..=0.125).contains(&small) {
        small /= 2.0;
        halvings += 1;
    }
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..16 {
        term *= small / f64::from(n);
        sum += term;
    }
    for _ in 0..halvings {
        sum *= sum;
    }
    sum
}

/// `y[i, j, o] = act(b[o] + sum over u, v, c of x[i s + u d - top, j s + v d - left, c] * w[o, c, u, v])`.
/// x: (h, w, i), weight: (o, i / groups, kh, kw), y: (h', w', o).
#[expect(clippy::too_many_arguments, reason = "a convolution's operands")]
pub fn conv(
    window: Window,
    groups: usize,
    act: Activation,
    x: &[f32],
    [h, w, inputs]: Shape,
    weight: &[f32],
    bias: &[f32],
    y: &mut [f64],
) {
    let ([kh, kw], outputs) = (window.kernel, bias.len());
    let [height, width] = window.output(h, w);
    let per_group = inputs / groups;
    for (i, j, o) in points(height, width, outputs) {
        let group = o / (outputs / groups);
        let mut sum = f64::from(bias[o]);
        for (u, v) in grid(kh, kw) {
            let Some((row, column)) = tap(&window, [i, j], [u, v], [h, w]) else {
                continue;
            };
            for c in 0..per_group {
                let pixel = x[(row * w + column) * inputs + group * per_group + c];
                sum +=
                    f64::from(pixel) * f64::from(weight[((o * per_group + c) * kh + u) * kw + v]);
            }
        }
        y[(i * width + j) * outputs + o] = activation(act, sum);
    }
}

/// A [`conv`] with one group for each channel. weight: (c, 1, kh, kw).
pub fn depthwise(
    window: Window,
    act: Activation,
    x: &[f32],
    shape: Shape,
    weight: &[f32],
    bias: &[f32],
    y: &mut [f64],
) {
    conv(window, shape[2], act, x, shape, weight, bias, y);
}

/// `y[p, o] = act(b[o] + sum over k of x[p, k] * w[o, k] + addend[p, o])`. x: (pixels, k), weight: (o, k).
pub fn pointwise(
    act: Activation,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    addend: Option<&[f32]>,
    y: &mut [f64],
) {
    let (outputs, k) = (bias.len(), weight.len() / bias.len());
    for (at, y) in y.iter_mut().enumerate() {
        let (p, o) = (at / outputs, at % outputs);
        let mut sum = f64::from(bias[o]) + addend.map_or(0.0, |addend| f64::from(addend[at]));
        for c in 0..k {
            sum += f64::from(x[p * k + c]) * f64::from(weight[o * k + c]);
        }
        *y = activation(act, sum);
    }
}

/// `y[c] = mean over pixels of x[p, c]`.
pub fn global_average_pool(x: &[f32], [h, w, c]: Shape, y: &mut [f64]) {
    for (channel, y) in y.iter_mut().enumerate() {
        let sum: f64 = (0..h * w).map(|p| f64::from(x[p * c + channel])).sum();
        *y = sum / (h * w) as f64;
    }
}

/// `y[i, j, c] = mean over the window's taps inside the map`.
pub fn average_pool(window: Window, x: &[f32], shape: Shape, y: &mut [f64]) {
    pool(
        window,
        x,
        shape,
        y,
        0.0,
        |a, b| a + b,
        |sum, taps| sum / taps,
    );
}

/// `y[i, j, c] = maximum over the window's taps inside the map`; NaN where one of them is.
pub fn max_pool(window: Window, x: &[f32], shape: Shape, y: &mut [f64]) {
    pool(
        window,
        x,
        shape,
        y,
        f64::NEG_INFINITY,
        |a, b| if a.is_nan() || a > b { a } else { b },
        |max, _| max,
    );
}

fn pool(
    window: Window,
    x: &[f32],
    [h, w, channels]: Shape,
    y: &mut [f64],
    start: f64,
    join: impl Fn(f64, f64) -> f64,
    end: impl Fn(f64, f64) -> f64,
) {
    let [height, width] = window.output(h, w);
    for (i, j, c) in points(height, width, channels) {
        let (mut result, mut taps) = (start, 0.0);
        for (u, v) in grid(window.kernel[0], window.kernel[1]) {
            if let Some((row, column)) = tap(&window, [i, j], [u, v], [h, w]) {
                result = join(result, f64::from(x[(row * w + column) * channels + c]));
                taps += 1.0;
            }
        }
        y[(i * width + j) * channels + c] = end(result, taps);
    }
}

/// `y[p, c] = exp(x[p, c] - max) / sum over channels`.
pub fn softmax(x: &[f32], channels: usize, y: &mut [f64]) {
    for (x, y) in x.chunks(channels).zip(y.chunks_mut(channels)) {
        let largest = x.iter().fold(f64::NEG_INFINITY, |a, b| {
            if a > f64::from(*b) { a } else { f64::from(*b) }
        });
        for (x, y) in x.iter().zip(&mut *y) {
            *y = exp(f64::from(*x) - largest);
        }
        let sum: f64 = y.iter().sum();
        y.iter_mut().for_each(|y| *y /= sum);
    }
}

/// The input pixel under tap (u, v) of output (i, j), if it is inside the map.
fn tap(
    window: &Window,
    [i, j]: [usize; 2],
    [u, v]: [usize; 2],
    [height, width]: [usize; 2],
) -> Option<(usize, usize)> {
    let row = (i * window.stride[0] + u * window.dilation[0]).checked_sub(window.padding[0])?;
    let column = (j * window.stride[1] + v * window.dilation[1]).checked_sub(window.padding[1])?;
    (row < height && column < width).then_some((row, column))
}

fn grid(height: usize, width: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..height).flat_map(move |i| (0..width).map(move |j| (i, j)))
}

fn points(
    height: usize,
    width: usize,
    channels: usize,
) -> impl Iterator<Item = (usize, usize, usize)> {
    grid(height, width).flat_map(move |(i, j)| (0..channels).map(move |c| (i, j, c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_the_standard_librarys() {
        for i in -700..700 {
            let x = f64::from(i) * 0.997;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-11, "{x}");
        }
        assert_eq!((exp(-1000.0), exp(0.0)), (exp(-750.0), 1.0));
    }
}

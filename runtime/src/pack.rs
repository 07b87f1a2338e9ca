//! Packed weight layouts. In: PyTorch's order. Out: panels of 16 output channels. Never: knows where panels are kept.
//!
//! A panel is `[f32; 16]`: one weight for each of 16 neighbouring output channels, a 64-byte line, one vector. The
//! last panel of a layer is padded with zeros.
//!
//! ```text
//! linear, pointwise: (O, I)                      conv: (O, I/groups, kh, kw), group by group
//!   [O/16 rounded up][I]                           [groups][O/groups/16 rounded up][kh][kw][I/groups]
//!
//!              16 output channels                             16 output channels
//!            +--------------------+                         +--------------------+
//!  input 0   | w[0][0] .. w[15][0]|             tap 0,0 in 0| w[0][0][0][0] ..   |
//!  input 1   | w[0][1] .. w[15][1]|             tap 0,0 in 1| w[0][1][0][0] ..   |
//!     :      |         :          |             tap 0,1 in 0| w[0][0][0][1] ..   |
//!  input I-1 |                    |                  :      |                    |
//!            +--------------------+                         +--------------------+
//!  then outputs 16..32, and so on               then outputs 16..32 of the group, then the next group
//!
//! pointwise, with 1 to 8, 17 to 24 or 33 to 40 outputs: the last half panel has a line for every two inputs
//!   [O/16 rounded down][I], then [I/2 rounded up]
//!  inputs 0, 1  | w[16][0] w[16][1]  w[17][0] w[17][1]  ..  w[23][0] w[23][1] |
//!  inputs 2, 3  | w[16][2] w[16][3]  ..                                       |
//!
//! depthwise: (C, 1, kh, kw)                      bias: (O)
//!   [C/16 rounded up][kh * kw]                     [O/16 rounded up], zeros behind the last
//!  tap 0     | w[0][0]   .. w[15][0]   |
//!  tap 1     | w[0][1]   .. w[15][1]   |           conv with groups: [groups][O/groups/16 rounded up]
//!
//! pointwise, split: (O, I); each word, a float in type only, has the halves of two weights: upper 16 bits, lower 16 bits
//!   [O/16 rounded up][I/32 rounded up][high, low][16]
//!
//!               16 output channels
//!            +-------------------------------------------------------+
//!  high 0    | w[0][16], w[0][0]    ..    w[15][16], w[15][0]        |
//!  high 1    | w[0][17], w[0][1]                                     |  the high halves of inputs 0..32
//!     :      |                                                       |
//!  high 15   | w[0][31], w[0][15]                                    |
//!  low 0     | w[0][16], w[0][0]                                     |
//!     :      |                                                       |  their low halves
//!  low 15    |                                                       |
//!            +-------------------------------------------------------+
//!  then inputs 32..64, and so on, zeros behind the last; then outputs 16..32
//!
//! linear, 24 bits: (O, I); each weight is the upper 24 bits of a float, rounded to nearest; four inputs have three lines
//!   [O/16 rounded up][I/4 rounded up][3][16]
//!
//!               16 output channels, each a word of four bytes
//!            +------------------------------------------------------------------+
//!  line 0    | w[0][0], in the lowest byte w[0][3]'s highest  ..  w[15][0], ..  |
//!  line 1    | w[0][1], there w[0][3]'s middle one                              |  inputs 0..4
//!  line 2    | w[0][2], there w[0][3]'s lowest                                  |
//!            +------------------------------------------------------------------+
//!  then inputs 4..8, and so on, zeros behind the last; then outputs 16..32
//! ```
//! A half is the upper 16 bits of a float: `high` of the weight, rounded to nearest; `low` of what is left, rounded again.

use crate::ops::half_panel;
use crate::ops::linear::F24_LINES;

/// Channels in a panel.
pub const LANES: usize = 16;

/// Panels of the bias of `o` outputs.
pub const fn bias_panels(o: usize) -> usize {
    o.div_ceil(LANES)
}

pub use crate::kernels::has_half_panel;
pub use crate::ops::linear::{F24_INPUTS, linear_f24_panels, linear_panels};

/// Panels of a pointwise layer from `i` inputs to `o` outputs.
pub const fn pointwise_panels(o: usize, i: usize) -> usize {
    half_panel::panel_count(o, i)
}

/// Panels of a depthwise layer of `c` channels with a `kh` x `kw` kernel.
pub const fn depthwise_panels(c: usize, kh: usize, kw: usize) -> usize {
    c.div_ceil(LANES) * kh * kw
}

/// Panels of a convolution from `i` to `o` channels in `groups` groups with a `kh` x `kw` kernel.
pub const fn conv_panels(o: usize, i: usize, kh: usize, kw: usize, groups: usize) -> usize {
    groups * (o / groups).div_ceil(LANES) * kh * kw * (i / groups)
}

/// Panels of the bias of a convolution to `o` channels in `groups` groups.
pub const fn conv_bias_panels(o: usize, groups: usize) -> usize {
    groups * (o / groups).div_ceil(LANES)
}

/// Packs a bias: (O).
///
/// # Panics
/// When `panels` is not [`bias_panels`] long.
pub fn bias(bias: &[f32], panels: &mut [[f32; 16]]) {
    assert!(
        panels.len() == bias_panels(bias.len()),
        "panels of the wrong length"
    );
    for (panel, values) in panels.iter_mut().zip(bias.chunks(LANES)) {
        *panel = [0.0; LANES];
        panel[..values.len()].copy_from_slice(values);
    }
}

/// Packs a convolution's bias: (O), every group by itself.
///
/// # Panics
/// When `panels` is not [`conv_bias_panels`] long.
pub fn conv_bias(values: &[f32], groups: usize, panels: &mut [[f32; 16]]) {
    assert!(
        panels.len() == conv_bias_panels(values.len(), groups),
        "panels of the wrong length"
    );
    let outputs = values.len() / groups;
    for (group, panels) in values
        .chunks(outputs)
        .zip(panels.chunks_mut(outputs.div_ceil(LANES)))
    {
        bias(group, panels);
    }
}

/// Packs a linear layer: (O, I).
///
/// # Panics
/// When `weight` or `panels` has the wrong length.
pub fn linear(weight: &[f32], o: usize, i: usize, panels: &mut [[f32; 16]]) {
    conv(weight, o, i, 1, 1, 1, panels);
}

/// Packs a pointwise layer: (O, I).
///
/// # Panics
/// When `weight` or `panels` has the wrong length.
pub fn pointwise(weight: &[f32], o: usize, i: usize, panels: &mut [[f32; 16]]) {
    if !has_half_panel(o) {
        return linear(weight, o, i, panels);
    }
    assert!(
        panels.len() == pointwise_panels(o, i),
        "panels of the wrong length"
    );
    assert!(weight.len() == o * i, "weights of the wrong length");
    let whole = o / LANES * LANES;
    let (weight, last) = weight.split_at(whole * i);
    let (panels, lines) = panels.split_at_mut(whole / LANES * i);
    linear(weight, whole, i, panels);
    for (j, line) in lines.iter_mut().enumerate() {
        *line = [0.0; LANES];
        for (pair, weights) in line
            .as_chunks_mut::<2>()
            .0
            .iter_mut()
            .zip(last.chunks(i.max(1)))
        {
            for (value, weight) in pair.iter_mut().zip(&weights[2 * j..]) {
                *value = *weight;
            }
        }
    }
}

/// Inputs whose split weights lie together.
pub const SPLIT_INPUTS: usize = 32;

/// Panels of a pointwise layer from `i` inputs to `o` outputs, split.
pub const fn pointwise_split_panels(o: usize, i: usize) -> usize {
    o.div_ceil(LANES) * i.div_ceil(SPLIT_INPUTS) * SPLIT_INPUTS
}

/// Packs a pointwise layer, split: (O, I). Weights that are not finite, or round to what is not, stay so in no half.
///
/// # Panics
/// When `weight` or `panels` has the wrong length.
pub fn pointwise_split(weight: &[f32], o: usize, i: usize, panels: &mut [[f32; 16]]) {
    assert!(
        panels.len() == pointwise_split_panels(o, i),
        "panels of the wrong length"
    );
    assert!(weight.len() == o * i, "weights of the wrong length");
    let chunks = i.div_ceil(SPLIT_INPUTS);
    for (at, panels) in panels
        .as_chunks_mut::<SPLIT_INPUTS>()
        .0
        .iter_mut()
        .enumerate()
    {
        let (block, chunk) = (at / chunks, at % chunks);
        let (highs, lows) = panels.split_at_mut(LANES);
        for (j, (highs, lows)) in highs.iter_mut().zip(lows).enumerate() {
            for (lane, (high, low)) in highs.iter_mut().zip(lows).enumerate() {
                let (output, input) = (block * LANES + lane, chunk * SPLIT_INPUTS + j);
                let of = |input: usize| {
                    if output < o && input < i {
                        weight[output * i + input]
                    } else {
                        0.0
                    }
                };
                [*high, *low] = words(of(input), of(input + 16));
            }
        }
    }
}

/// The weights of inputs j and 16 + j of a chunk as a word of highs and one of lows.
#[inline(always)]
pub(crate) fn words(first: f32, second: f32) -> [f32; 2] {
    let ((high0, low0), (high1, low1)) = (halves(first), halves(second));
    [high1 << 16 | high0, low1 << 16 | low0].map(f32::from_bits)
}

/// The 16 bits of a float's high part, and of what is left.
#[inline(always)]
fn halves(x: f32) -> (u32, u32) {
    let high = upper_half(x);
    (high, upper_half(x - f32::from_bits(high << 16)))
}

/// The upper 16 bits of a float, rounded to nearest, ties to even. NaN, whose bits rounding may carry away, stays NaN.
#[inline(always)]
const fn upper_half(x: f32) -> u32 {
    let bits = x.to_bits();
    if x.is_nan() {
        return bits >> 16 | 0x40;
    }
    (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
}

/// Packs a linear layer with weights of 24 bits: (O, I). Weights that are not finite stay so.
///
/// # Panics
/// When `weight` or `panels` has the wrong length.
pub fn linear_f24(weight: &[f32], o: usize, i: usize, panels: &mut [[f32; 16]]) {
    assert!(
        panels.len() == linear_f24_panels(o, i),
        "panels of the wrong length"
    );
    assert!(weight.len() == o * i, "weights of the wrong length");
    let blocks = i.div_ceil(F24_INPUTS);
    for (at, lines) in panels.as_chunks_mut::<F24_LINES>().0.iter_mut().enumerate() {
        let (panel, block) = (at / blocks, at % blocks);
        let [a, b, c] = lines;
        for (lane, ((a, b), c)) in a.iter_mut().zip(b).zip(c).enumerate() {
            let output = panel * LANES + lane;
            let of = |j: usize| {
                let input = block * F24_INPUTS + j;
                if output < o && input < i {
                    upper_24_bits(weight[output * i + input])
                } else {
                    0
                }
            };
            let [.., first, second, third] = (of(3) >> 8).to_be_bytes();
            for (j, (word, byte)) in [(a, first), (b, second), (c, third)]
                .into_iter()
                .enumerate()
            {
                *word = f32::from_bits(of(j) | u32::from(byte));
            }
        }
    }
}

/// The upper 24 bits of a float, rounded to nearest, ties to even; cut off where that would be infinite.
const fn upper_24_bits(x: f32) -> u32 {
    let bits = x.to_bits();
    if x.is_nan() {
        return f32::NAN.to_bits();
    }
    let rounded = (bits + 0x7F + (bits >> 8 & 1)) & !0xFF;
    if f32::from_bits(rounded).is_finite() {
        rounded
    } else {
        bits & !0xFF
    }
}

/// Packs a depthwise layer: (C, 1, kh, kw).
///
/// # Panics
/// When `weight` or `panels` has the wrong length.
pub fn depthwise(weight: &[f32], c: usize, kh: usize, kw: usize, panels: &mut [[f32; 16]]) {
    conv(weight, c, 1, kh, kw, 1, panels);
}

/// Packs a convolution: (O, I/groups, kh, kw).
///
/// # Panics
/// When `weight` or `panels` has the wrong length, or `groups` does not divide `o` and `i`.
pub fn conv(
    weight: &[f32],
    o: usize,
    i: usize,
    kh: usize,
    kw: usize,
    groups: usize,
    panels: &mut [[f32; 16]],
) {
    assert!(
        o.is_multiple_of(groups) && i.is_multiple_of(groups),
        "groups must divide the channels"
    );
    assert!(
        panels.len() == conv_panels(o, i, kh, kw, groups),
        "panels of the wrong length"
    );
    let (outputs, inputs, taps) = (o / groups, i / groups, kh * kw);
    assert!(
        weight.len() == o * inputs * taps,
        "weights of the wrong length"
    );
    let blocks = outputs.div_ceil(LANES);
    for (at, panel) in panels.iter_mut().enumerate() {
        let (rest, input) = (at / inputs, at % inputs);
        let (rest, tap) = (rest / taps, rest % taps);
        let (group, block) = (rest / blocks, rest % blocks);
        for (lane, value) in panel.iter_mut().enumerate() {
            let output = block * LANES + lane;
            *value = if output < outputs {
                weight[((group * outputs + output) * inputs + input) * taps + tap]
            } else {
                0.0
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn a_pointwise_panel_is_sixteen_outputs_of_one_input() {
        let weight: Vec<f32> = (0..28 * 2).map(|v| v as f32).collect();
        for pack in [linear, pointwise] {
            let mut panels = vec![[9.0; 16]; linear_panels(28, 2)];
            pack(&weight, 28, 2, &mut panels);
            assert_eq!(panels.len(), 4);
            assert_eq!(panels[1][3], weight[3 * 2 + 1]);
            assert_eq!(panels[2][..2], [weight[16 * 2], weight[17 * 2]]);
            assert_eq!(panels[3][12..], [0.0; 4]);
        }
    }

    #[test]
    fn half_a_pointwise_panel_has_a_line_for_two_inputs() {
        let weight: Vec<f32> = (1..=18 * 3).map(|v| v as f32).collect();
        let mut panels = vec![[9.0; 16]; pointwise_panels(18, 3)];
        pointwise(&weight, 18, 3, &mut panels);
        assert_eq!(panels.len(), 3 + 2);
        let mut whole = vec![[9.0; 16]; linear_panels(16, 3)];
        linear(&weight[..16 * 3], 16, 3, &mut whole);
        assert_eq!(panels[..3], whole);
        let [w16, w17] = [16, 17].map(|output| &weight[output * 3..][..3]);
        assert_eq!(panels[3][..5], [w16[0], w16[1], w17[0], w17[1], 0.0]);
        assert_eq!(panels[4][..5], [w16[2], 0.0, w17[2], 0.0, 0.0]);
        assert!(panels[3..].iter().all(|line| line[4..] == [0.0; 12]));
    }

    #[test]
    fn four_weights_of_24_bits_have_three_words() {
        let weight: Vec<f32> = (0..18 * 6).map(|v| (v as f32 - 50.0) / 7.0).collect();
        let mut panels = vec![[9.0; 16]; linear_f24_panels(18, 6)];
        linear_f24(&weight, 18, 6, &mut panels);
        assert_eq!(panels.len(), 2 * 2 * 3);
        for output in 0..32 {
            for input in 0..8 {
                let lines = &panels[(output / 16 * 2 + input / 4) * 3..][..3];
                let words = [0, 1, 2].map(|line: usize| lines[line][output % 16].to_bits());
                let bits = match input % 4 {
                    3 => words.iter().fold(0, |bits, word| bits << 8 | word & 0xFF) << 8,
                    line => words[line] & !0xFF,
                };
                if output < 18 && input < 6 {
                    let weight = weight[output * 6 + input];
                    let off = (f32::from_bits(bits) - weight).abs();
                    assert!(off <= weight.abs() / 65_536.0, "{weight}, off by {off}");
                } else {
                    assert_eq!(bits, 0, "padding");
                }
            }
        }
    }

    #[test]
    fn the_greatest_weight_stays_finite_and_what_is_not_stays_so() {
        let mut panels = [[0.0; 16]; 3];
        linear_f24(&[0.0, 0.0, 0.0, f32::MAX], 1, 4, &mut panels);
        let bytes = [0, 1, 2].map(|line: usize| panels[line][0].to_bits() as u8);
        assert_eq!(bytes, [0x7F, 0x7F, 0xFF]);
        assert_eq!(
            upper_24_bits(f32::NEG_INFINITY),
            f32::NEG_INFINITY.to_bits()
        );
        for payload in [0x7F80_0001, 0x7FFF_FFFF, 0xFFFF_FFFF] {
            assert!(f32::from_bits(upper_24_bits(f32::from_bits(payload))).is_nan());
        }
    }

    #[test]
    fn a_split_weight_is_two_halves() {
        let weight: Vec<f32> = (0..18 * 33).map(|v| (v as f32 - 300.0) / 7.0).collect();
        let mut panels = vec![[9.0; 16]; pointwise_split_panels(18, 33)];
        pointwise_split(&weight, 18, 33, &mut panels);
        assert_eq!(panels.len(), 2 * 64);
        for (output, weights) in weight.chunks(33).enumerate() {
            for (input, weight) in weights.iter().enumerate() {
                let at = output / 16 * 64 + input / 32 * 32 + input % 16;
                let half = |at: usize| {
                    let bits = panels[at][output % 16].to_bits();
                    f32::from_bits(if input % 32 < 16 {
                        bits << 16
                    } else {
                        bits & 0xFFFF_0000
                    })
                };
                let (high, low) = (half(at), half(at + 16));
                assert!(
                    (weight - high).abs() <= weight.abs() / 256.0,
                    "{weight}: {high}"
                );
                assert!(
                    (weight - high - low).abs() <= weight.abs() / 131_072.0,
                    "{weight}: {low}"
                );
            }
        }
        // Nothing behind the last input and output.
        assert!(
            panels[64 + 32..]
                .iter()
                .all(|panel| panel[2..] == [0.0; 14])
        );
        assert!(panels[33..48].iter().all(|panel| *panel == [0.0; 16]));
    }

    #[test]
    fn a_convolution_is_packed_group_by_group() {
        // Three groups of one output and two inputs each, 1x2 kernel.
        let weight: Vec<f32> = (0..3 * 2 * 2).map(|v| v as f32).collect();
        let mut panels = vec![[9.0; 16]; conv_panels(3, 6, 1, 2, 3)];
        conv(&weight, 3, 6, 1, 2, 3, &mut panels);
        let lanes: Vec<f32> = panels.iter().map(|panel| panel[0]).collect();
        assert_eq!(
            lanes,
            [0.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0, 7.0, 8.0, 10.0, 9.0, 11.0]
        );
        assert!(panels.iter().all(|panel| panel[1..] == [0.0; 15]));
        let mut biases = vec![[9.0; 16]; conv_bias_panels(3, 3)];
        conv_bias(&[1.0, 2.0, 3.0], 3, &mut biases);
        assert_eq!(
            biases.iter().map(|panel| panel[0]).collect::<Vec<_>>(),
            [1.0, 2.0, 3.0]
        );
    }

    #[test]
    fn a_depthwise_panel_is_sixteen_channels_of_one_tap() {
        let weight: Vec<f32> = (0..17 * 9).map(|v| v as f32).collect();
        let mut panels = vec![[9.0; 16]; depthwise_panels(17, 3, 3)];
        depthwise(&weight, 17, 3, 3, &mut panels);
        assert_eq!(panels[4][2], weight[2 * 9 + 4]);
        assert_eq!(panels[9 + 8][..2], [weight[16 * 9 + 8], 0.0]);
    }
}

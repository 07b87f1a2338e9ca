//! The register tile that pointwise and general convolutions share: R pixels x N panels of sums.

use crate::map::Runs;
use crate::simd::Simd;

/// sums[r][n] += sum over k < run of x[r * stride + k] * panels[n * pitch + k]
///
/// ```text
///                  n: N panels of 16 channels
///                 +------+------+------+
///        k ->     | 16 w | 16 w | 16 w |    one load each
///                 +------+------+------+
///  r: +---+       +------+------+------+
///     | x | k     | sums stay in       |    one broadcast of x for N multiply-adds
///  R  | x |       | R * N registers    |
///     +---+       +------+------+------+
/// ```
/// The sum over k is in order, one multiply-add after the other, whatever R and N are.
#[inline(always)]
pub(crate) fn accumulate<S: Simd, const R: usize, const N: usize>(
    simd: S,
    sums: &mut [[S::V; N]; R],
    (x, stride): (&[f32], usize),
    (panels, pitch): (&[[f32; 16]], usize),
    run: usize,
) {
    let rows = Runs::new(x, stride, R, run);
    // Slices of one known length: the loop below needs no bounds check.
    let mut weights: [&[[f32; 16]]; N] = [&[]; N];
    for (n, weights) in weights.iter_mut().enumerate() {
        *weights = &panels[n * pitch..][..run];
    }
    for k in 0..run {
        let mut w = [simd.splat(0.0); N];
        for n in 0..N {
            w[n] = simd.load(&weights[n][k]);
        }
        for r in 0..R {
            let x = simd.splat(rows.get(r, k));
            for n in 0..N {
                sums[r][n] = simd.mul_add(x, w[n], sums[r][n]);
            }
        }
    }
}

/// Up to 16 elements, and zeros behind them.
#[inline(always)]
pub(crate) fn load<S: Simd>(simd: S, from: &[f32]) -> S::V {
    match from.as_chunks::<16>() {
        ([lanes], []) => simd.load(lanes),
        _ => simd.load_part(from),
    }
}

/// R rows of the bias of N panels.
#[inline(always)]
pub(crate) fn start<S: Simd, const R: usize, const N: usize>(
    simd: S,
    bias: &[[f32; 16]],
) -> [[S::V; N]; R] {
    let bias = &bias[..N];
    let mut row = [simd.splat(0.0); N];
    for n in 0..N {
        row[n] = simd.load(&bias[n]);
    }
    [row; R]
}

/// Stores a row of sums into a pixel's channels, of which the last panel may be partly there.
#[inline(always)]
pub(crate) fn store<S: Simd, const N: usize>(simd: S, sums: &[S::V; N], to: &mut [f32]) {
    let (whole, part) = to.as_chunks_mut::<16>();
    if part.is_empty() {
        let whole = &mut whole[..N];
        for n in 0..N {
            simd.store(sums[n], &mut whole[n]);
        }
    } else {
        let whole = &mut whole[..N - 1];
        for n in 0..N - 1 {
            simd.store(sums[n], &mut whole[n]);
        }
        simd.store_part(sums[N - 1], part);
    }
}

/// sums += a pixel's channels, of which the last panel may be partly there.
#[inline(always)]
pub(crate) fn add<S: Simd, const N: usize>(simd: S, sums: &mut [S::V; N], from: &[f32]) {
    let (whole, part) = from.as_chunks::<16>();
    if part.is_empty() {
        let whole = &whole[..N];
        for n in 0..N {
            sums[n] = simd.add(sums[n], simd.load(&whole[n]));
        }
    } else {
        let whole = &whole[..N - 1];
        for n in 0..N - 1 {
            sums[n] = simd.add(sums[n], simd.load(&whole[n]));
        }
        sums[N - 1] = simd.add(sums[N - 1], simd.load_part(part));
    }
}

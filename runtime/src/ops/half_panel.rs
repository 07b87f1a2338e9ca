//! Pointwise convolution, the channels that fill half a panel: two inputs share a vector.
//!
//! A layer of 24 channels is one panel and a half. Were the half padded to a panel, half of its multiply-adds would be for
//! nothing: a quarter of the layer's. So its weights lie in pairs ([`pack`](crate::pack)), and a pair of inputs is
//! broadcast as one:
//! ```text
//!   weights, a line for inputs k, k + 1:   | w[0][k] w[0][k+1] | w[1][k] w[1][k+1] |  ..  | w[7][k] w[7][k+1] |
//!   a pixel's inputs:                      |   x[k]    x[k+1]  |   x[k]    x[k+1]  |  ..  |   x[k]    x[k+1]  |
//!   sums:                                  |   even      odd   |   even      odd   |  ..  |   even      odd   |
//!                                               y[0] = even + odd, at the end
//! ```
//! In: as for [`pointwise`](super::pointwise). Out: a window of N whole panels and the half behind them, or of the half alone.
//! Never: says how many panels share a tile.

use crate::kernels::has_half_panel;
use crate::map::{Map, MapMut, Runs};
#[expect(unreachable_pub, reason = "as the kernel list names it")]
pub use crate::ops::pointwise::Pointwise;
use crate::ops::pointwise::{Addend, further};
use crate::ops::tile::{self, each};
use crate::simd::Simd;

/// Panels of the weights of a layer of `n` channels, from `k`.
pub(crate) const fn panel_count(n: usize, k: usize) -> usize {
    if has_half_panel(n) {
        n / 16 * k + k.div_ceil(2)
    } else {
        n.div_ceil(16) * k
    }
}

/// `y[p, c] = act(b[c] + sum over k of x[p, k] * w[k, c] + addend[p, c])`, for the window's pixels and channels, which are N
/// panels and up to 8 channels more, the layer's last.
///
/// Loops: tiles of R pixels, then of FEW, then single ones; k, where the sums of N panels are in order, those of the half
/// panel over even and over odd inputs.
#[inline(always)]
pub(crate) fn sweep<S: Simd, const R: usize, const FEW: usize, const N: usize>(
    simd: S,
    job: Pointwise<'_>,
    y: &mut MapMut<'_>,
) {
    let channels = y.window_channels();
    let (m, k) = (y.pixels(), job.x.channels());
    let x = job.x.rows(y.window_rows());
    let skip = job.addend.map();
    let lines = N * k + k.div_ceil(2);
    let weights = &job.filter.panels[channels.start / 16 * k..][..lines];
    let bias = &job.filter.bias[channels.start / 16..][..=N];
    let (mut p, mut ahead) = (0, lines);
    while p < m {
        let place = [p, channels.len(), ahead];
        ahead = further(ahead, k, lines);
        let panels = [weights, bias];
        if m - p >= R {
            one::<S, R, N>(simd, &job, x, skip, panels, place, y);
            p += R;
        } else if FEW > 1 && m - p >= FEW {
            one::<S, FEW, N>(simd, &job, x, skip, panels, place, y);
            p += FEW;
        } else {
            one::<S, 1, N>(simd, &job, x, skip, panels, place, y);
            p += 1;
        }
    }
}

/// R pixels from the window's pixel `p` on, all `lanes` channels of it.
#[inline(always)]
fn one<S: Simd, const R: usize, const N: usize>(
    simd: S,
    job: &Pointwise<'_>,
    x: &[f32],
    skip: Option<Map<'_>>,
    [weights, bias]: [&[[f32; 16]]; 2],
    [p, lanes, ahead]: [usize; 3],
    y: &mut MapMut<'_>,
) {
    let k = job.x.channels();
    let mut sums = tile::start::<S, R, N>(simd, bias);
    let mut pairs = [simd.splat(0.0); R];
    accumulate(
        simd,
        &mut sums,
        &mut pairs,
        Runs::new(&x[p * k..], k, R, k),
        weights,
        ahead,
    );
    let half_bias = simd.load(&bias[N]);
    let mut last = [[half_bias]; R];
    each!(r of rows R, {
        last[r][0] = simd.add(half_bias, simd.add_pairs(pairs[r]));
    });
    if !matches!(job.addend, Addend::Nothing) {
        tile::add_tile(simd, &mut sums, skip, y, p, 0..16 * N);
        let addend = y.vectors_of(skip, p, R, 16 * N, lanes - 16 * N);
        each!(r of rows R, {
            last[r][0] = simd.add(last[r][0], simd.load_part(addend.get(r)));
        });
    }
    job.epilogue.apply(simd, &mut sums);
    job.epilogue.apply(simd, &mut last);
    tile::store_tile(simd, &sums, y, p, 0..16 * N);
    tile::store_parts(simd, &last, y, p, 16 * N..lanes);
}

/// Inputs of a step: two pairs.
const STEPS: usize = 4;

/// sums[r][n] += sum over k of x[r][k] * panels[n][k], pairs[r] += sum over even k of (x[r][k], x[r][k + 1]) * line[k / 2],
/// where the lines lie behind the panels.
#[inline(always)]
fn accumulate<S: Simd, const R: usize, const N: usize>(
    simd: S,
    sums: &mut [[S::V; N]; R],
    pairs: &mut [S::V; R],
    rows: Runs<'_>,
    weights: &[[f32; 16]],
    ahead: usize,
) {
    let k = rows.length();
    let (panels, lines) = weights.split_at(N * k);
    // Slices of one known length: the loop below needs no bounds check.
    let mut steps: [&[[[f32; 16]; STEPS]]; N] = [&[]; N];
    for (n, steps) in steps.iter_mut().enumerate() {
        *steps = panels[n * k..][..k].as_chunks().0;
    }
    let halves = &lines.as_chunks::<2>().0[..k / STEPS];
    for q in 0..k / STEPS {
        simd.prefetch(weights, ahead + 2 * q);
        simd.prefetch(weights, ahead + 2 * q + 1);
        each!(s of pair 2, {
            let mut w = [[simd.splat(0.0); N]; 2];
            each!(n of panels N, {
                each!(u of pair 2, {
                    w[u][n] = simd.load(&steps[n][q][2 * s + u]);
                });
            });
            let half = simd.load(&halves[q][s]);
            each!(r of rows R, {
                let x = rows.chunk::<STEPS>(r, q).as_chunks::<2>().0;
                each!(u of pair 2, {
                    let x = simd.splat(x[s][u]);
                    each!(n of panels N, {
                        sums[r][n] = simd.mul_add(x, w[u][n], sums[r][n]);
                    });
                });
                // Last: of a pair that is there already the compiler would take apart what was broadcast above.
                pairs[r] = simd.mul_add(simd.splat_pair(&x[s]), half, pairs[r]);
            });
        });
    }
    for k in k / STEPS * STEPS..k {
        let mut w = [simd.splat(0.0); N];
        each!(n of panels N, {
            w[n] = simd.load(&panels[n * rows.length()..][..rows.length()][k]);
        });
        each!(r of rows R, {
            let x = simd.splat(rows.get(r, k));
            each!(n of panels N, {
                sums[r][n] = simd.mul_add(x, w[n], sums[r][n]);
            });
        });
    }
    for j in k / STEPS * 2..k.div_ceil(2) {
        let half = simd.load(&lines[j]);
        each!(r of rows R, {
            let last = if 2 * j + 1 < k { rows.get(r, 2 * j + 1) } else { 0.0 };
            let pair = simd.splat_pair(&[rows.get(r, 2 * j), last]);
            pairs[r] = simd.mul_add(pair, half, pairs[r]);
        });
    }
}

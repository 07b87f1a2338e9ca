//! The register tile that pointwise and general convolutions share: R pixels x N panels of sums.

use core::ops::Range;

use crate::map::{Map, MapMut, Runs};
use crate::simd::Simd;

/// Writes a loop out: the body once for each index, at most 14 rows, 4 panels, 7 taps or lines, 17
/// columns.
///
/// Loops over arrays of vectors must vanish before the compiler decides whether an array is worth registers. Whether it
/// unrolls them in time by itself depends on their size; where it does not, every sum is stored in the innermost loop.
macro_rules! each {
    ($i:ident of rows $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13)
    };
    ($i:ident of panels $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1 2 3)
    };
    ($i:ident of taps $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1 2 3 4 5 6)
    };
    ($i:ident of products $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1 2)
    };
    ($i:ident of colours $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1 2)
    };
    ($i:ident of pair $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1)
    };
    ($i:ident of steps $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1 2 3)
    };
    ($i:ident of quarters $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1 2 3)
    };
    ($i:ident of lines $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1 2 3 4 5 6)
    };
    ($i:ident of columns $n:expr, $body:block) => {
        each!(@ $i $n, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
    };
    (@ $i:ident $n:expr, $body:block, $($at:literal)*) => {
        // Constants all through: what is not for this tile is never even translated.
        $(if const { $at < $n } {
            #[allow(non_upper_case_globals, reason = "it reads as a loop's variable")]
            const $i: usize = $at;
            $body
        })*
    };
}
pub(crate) use each;

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
/// A line of weights is prefetched for every second step, from `ahead` panels behind the first on; there need not be any.
///
/// The sum over k is in order, one multiply-add after the other, whatever R and N are.
#[inline(always)]
pub(crate) fn accumulate<S: Simd, const R: usize, const N: usize>(
    simd: S,
    sums: &mut [[S::V; N]; R],
    x: (&[f32], usize),
    panels: (&[[f32; 16]], usize),
    run: usize,
    ahead: usize,
) {
    simd.accumulate(sums, x, panels, run, ahead);
}

/// Steps over k that are written out: tiles of few pixels and many panels lose a tenth to a loop of single steps.
const STEPS: usize = 4;

/// [`accumulate`] with all sums of a tile in registers at once.
#[inline(always)]
pub(crate) fn accumulate_whole<S: Simd, const R: usize, const N: usize>(
    simd: S,
    sums: &mut [[S::V; N]; R],
    (x, stride): (&[f32], usize),
    (panels, pitch): (&[[f32; 16]], usize),
    run: usize,
    ahead: usize,
) {
    let rows = Runs::new(x, stride, R, run);
    // Slices of one known length: the loops below need no bounds check.
    let mut steps: [&[[[f32; 16]; STEPS]]; N] = [&[]; N];
    let mut last: [&[[f32; 16]]; N] = [&[]; N];
    for (n, (steps, last)) in steps.iter_mut().zip(&mut last).enumerate() {
        (*steps, *last) = panels[n * pitch..][..run].as_chunks();
    }
    let count = run / STEPS;
    for q in 0..count {
        simd.prefetch(panels, ahead + 2 * q);
        simd.prefetch(panels, ahead + 2 * q + 1);
        let mut w = [&[[0.0; 16]; STEPS]; N];
        each!(n of panels N, {
            w[n] = &steps[n][q];
        });
        each!(u of steps STEPS, {
            let mut v = [simd.splat(0.0); N];
            each!(n of panels N, {
                v[n] = simd.load(&w[n][u]);
            });
            each!(r of rows R, {
                let x = simd.splat(rows.chunk::<STEPS>(r, q)[u]);
                each!(n of panels N, {
                    sums[r][n] = simd.mul_add(x, v[n], sums[r][n]);
                });
            });
        });
    }
    for k in 0..run % STEPS {
        let mut w = [simd.splat(0.0); N];
        each!(n of panels N, {
            w[n] = simd.load(&last[n][k]);
        });
        each!(r of rows R, {
            let x = simd.splat(rows.get(r, STEPS * count + k));
            each!(n of panels N, {
                sums[r][n] = simd.mul_add(x, w[n], sums[r][n]);
            });
        });
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
    let mut sums = [[simd.splat(0.0); N]; R];
    each!(n of panels N, {
        let bias = simd.load(&bias[n]);
        each!(r of rows R, {
            sums[r][n] = bias;
        });
    });
    sums
}

/// Stores a row of sums into a pixel's channels, of which the last panel may be partly there.
#[inline(always)]
pub(crate) fn store<S: Simd, const N: usize>(simd: S, sums: &[S::V; N], to: &mut [f32]) {
    let (whole, part) = to.as_chunks_mut::<16>();
    if part.is_empty() {
        let whole = &mut whole[..N];
        each!(n of panels N, {
            simd.store(sums[n], &mut whole[n]);
        });
    } else {
        let whole = &mut whole[..N - 1];
        each!(n of panels N - 1, {
            simd.store(sums[n], &mut whole[n]);
        });
        simd.store_part(sums[N - 1], part);
    }
}

/// sums += a pixel's channels, of which the last panel may be partly there.
#[inline(always)]
pub(crate) fn add<S: Simd, const N: usize>(simd: S, sums: &mut [S::V; N], from: &[f32]) {
    let (whole, part) = from.as_chunks::<16>();
    if part.is_empty() {
        let whole = &whole[..N];
        each!(n of panels N, {
            sums[n] = simd.add(sums[n], simd.load(&whole[n]));
        });
    } else {
        let whole = &whole[..N - 1];
        each!(n of panels N - 1, {
            sums[n] = simd.add(sums[n], simd.load(&whole[n]));
        });
        sums[N - 1] = simd.add(sums[N - 1], simd.load_part(part));
    }
}

/// Runs the body for each panel `$n` of a tile `$channels` wide: with the constant 16 as `$lanes`, or, for a last panel
/// that is partly there, with what is left.
macro_rules! panels {
    ($n:ident of $panels:expr, $lanes:ident of $channels:expr, $body:block) => {
        each!($n of panels $panels, {
            if const { $n + 1 < $panels } || $channels == 16 * $panels {
                #[allow(non_upper_case_globals, reason = "it reads as a variable")]
                const $lanes: usize = 16;
                $body
            } else {
                let $lanes = ($channels - 16 * $n).min(15);
                $body
            }
        });
    };
}

/// sums += the same place of the map `from`, or of the output itself if there is none: R neighbouring pixels of the window from
/// its pixel `p` on, its channels `place`.
#[inline(always)]
pub(crate) fn add_tile<S: Simd, const R: usize, const N: usize>(
    simd: S,
    sums: &mut [[S::V; N]; R],
    from: Option<Map<'_>>,
    y: &MapMut<'_>,
    p: usize,
    place: Range<usize>,
) {
    panels!(n of N, wide of place.len(), {
        let addend = y.vectors_of(from, p, R, place.start + 16 * n, wide);
        each!(r of rows R, {
            sums[r][n] = simd.add(sums[r][n], load(simd, addend.get(r)));
        });
    });
}

/// Stores a tile: R neighbouring pixels of the window from its pixel `p` on, its channels `place`.
#[inline(always)]
pub(crate) fn store_tile<S: Simd, const R: usize, const N: usize>(
    simd: S,
    sums: &[[S::V; N]; R],
    y: &mut MapMut<'_>,
    p: usize,
    place: Range<usize>,
) {
    panels!(n of N, wide of place.len(), {
        let mut to = y.vectors(p, R, place.start + 16 * n, wide);
        each!(r of rows R, {
            store(simd, &[sums[r][n]], to.get(r));
        });
    });
}

/// The same of one panel, at most, without code of its own for all of it.
#[inline(always)]
pub(crate) fn store_parts<S: Simd, const R: usize>(
    simd: S,
    sums: &[[S::V; 1]; R],
    y: &mut MapMut<'_>,
    p: usize,
    place: Range<usize>,
) {
    let mut to = y.vectors(p, R, place.start, place.len());
    each!(r of rows R, {
        simd.store_part(sums[r][0], to.get(r));
    });
}

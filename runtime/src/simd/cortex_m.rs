//! Register tiles for Arm's single-precision unit (Cortex-M4F, M7): 32 registers of one float each.
//!
//! In and out: sums, inputs and panels as [`tile::accumulate`](crate::ops::tile::accumulate) has them. Never: another order of
//! summation than there; only which sums are in registers together differs.
//!
//! A row of 16 sums and 16 weights would fill the registers, and two rows spill: every sum would be loaded and stored in the
//! innermost loop. Here half a panel is done at a time, so that two rows of 8 sums, 8 weights and an input make 25.

use crate::map::Runs;
use crate::ops::tile::each;

/// Lanes that are in registers together.
const LANES: usize = 8;

/// `sums[r][n] += sum over k < run of x[r * stride + k] * panels[n * pitch + k]`
#[inline(always)]
pub(super) fn accumulate<const R: usize, const N: usize>(
    sums: &mut [[[f32; 16]; N]; R],
    (x, stride): (&[f32], usize),
    (panels, pitch): (&[[f32; 16]], usize),
    run: usize,
) {
    let rows = Runs::new(x, stride, R, run);
    for n in 0..N {
        let weights = &panels[n * pitch..][..run];
        half::<R, N, 0>(sums, n, rows, (weights, run));
        half::<R, N, 1>(sums, n, rows, (weights, run));
    }
}

/// The lanes `H * 8..H * 8 + 8` of the sums.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "the checks vanish for a range, not for an enumerated slice"
)]
fn half<const R: usize, const N: usize, const H: usize>(
    sums: &mut [[[f32; 16]; N]; R],
    n: usize,
    rows: Runs<'_>,
    (weights, run): (&[[f32; 16]], usize),
) {
    // Of one known length, with the rows: the loop below needs no bounds check.
    let weights = &weights[..run];
    let mut part = [[0.0; LANES]; R];
    each!(r of rows R, {
        part[r] = sums[r][n].as_chunks::<LANES>().0[H];
    });
    for k in 0..run {
        let w = weights[k].as_chunks::<LANES>().0[H];
        each!(r of rows R, {
            let x = rows.get(r, k);
            let s = part[r];
            part[r] = [
                x * w[0] + s[0],
                x * w[1] + s[1],
                x * w[2] + s[2],
                x * w[3] + s[3],
                x * w[4] + s[4],
                x * w[5] + s[5],
                x * w[6] + s[6],
                x * w[7] + s[7],
            ];
        });
    }
    each!(r of rows R, {
        sums[r][n].as_chunks_mut::<LANES>().0[H] = part[r];
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::tile::accumulate_whole;
    use crate::simd::Scalar;
    use std::vec::Vec;

    #[test]
    fn halves_are_the_same_sums() {
        let number = |i: usize| ((i * 7919) % 1000) as f32 / 500.0 - 1.0;
        let x: Vec<f32> = (0..40).map(number).collect();
        let panels: Vec<[f32; 16]> = (0..26)
            .map(|p| core::array::from_fn(|l| number(p * 16 + l)))
            .collect();
        let mut whole = [[[0.5; 16]; 2]; 3];
        let mut halves = whole;
        accumulate_whole(Scalar::new(), &mut whole, (&x, 11), (&panels, 13), 13, 0);
        accumulate(&mut halves, (&x, 11), (&panels, 13), 13);
        assert_eq!(whole, halves);
        assert_ne!(whole[2][1][15], 0.5);
    }
}

//! Vectors of 16 lanes for instruction sets whose registers hold four: NEON and WebAssembly.
//!
//! In: operations on one register. Out: those of [`Simd`], on all lanes or on some of them. Never: names an instruction.
//!
//! ```text
//!   lanes of a panel     0 1 2 3 | 4 5 6 7 | 8 9 . . | . . . 15
//!   a whole vector       [       |         |         |        ]   4 registers, COUNT = 4
//!   halves of a tile     [       |        ][         |        ]   2 registers, COUNT = 2
//!   quarters             [      ][        ][        ][        ]   1 register, COUNT = 1
//! ```
//! A tile whose vectors do not fit the registers at once is done in parts: all pixels of some lanes, then of the next
//! lanes. No lane ever meets another, so that the sums are the same ones.

use super::{NoTiles, PerLane, Simd};
use crate::map::Runs;
use crate::ops::tile::each;

/// An instruction set, by its operations on a register of four lanes.
pub(crate) trait Quad: Copy {
    /// A register.
    type R: Copy;
    /// How many registers there are.
    const REGISTERS: usize;
    /// Whether a product can take one lane of a register for all of its factors.
    const BY_LANE: bool;

    fn splat(self, value: f32) -> Self::R;
    /// Lanes a, b, a, b.
    fn splat_pair(self, values: &[f32; 2]) -> Self::R;
    fn load(self, from: &[f32; 4]) -> Self::R;
    fn store(self, v: Self::R, to: &mut [f32; 4]);
    fn add(self, a: Self::R, b: Self::R) -> Self::R;
    /// Lanes a0 + a1, a2 + a3, b0 + b1, b2 + b3.
    fn add_pairs(self, a: Self::R, b: Self::R) -> Self::R;
    fn sub(self, a: Self::R, b: Self::R) -> Self::R;
    fn mul(self, a: Self::R, b: Self::R) -> Self::R;
    fn div(self, a: Self::R, b: Self::R) -> Self::R;
    fn mul_add(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R;
    /// Lane `L` of a, times b, + c.
    fn lane_mul_add<const L: usize>(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R;
    fn at_least(self, x: Self::R, bound: Self::R) -> Self::R;
    fn at_most(self, x: Self::R, bound: Self::R) -> Self::R;
    fn max(self, a: Self::R, b: Self::R) -> Self::R;
    fn low_bits_to_exponent(self, v: Self::R) -> Self::R;
    fn upper_24_bits(self, v: Self::R) -> Self::R;
    fn lowest_bytes(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R;
}

/// The lanes of a vector from register `first` on that `COUNT` registers hold: one, two or four.
#[derive(Clone, Copy)]
pub(crate) struct Quads<T, const COUNT: usize> {
    set: T,
    first: usize,
}

impl<T: Quad> Quads<T, 4> {
    /// All lanes.
    #[inline(always)]
    pub(super) const fn all(set: T) -> Self {
        Self { set, first: 0 }
    }

    /// The lanes that exist, `COUNT` registers after the other.
    #[inline(always)]
    fn parts<const COUNT: usize, W: PerLane>(self, lanes: usize, work: W, y: &mut W::Output<'_>) {
        let mut first = 0;
        while 4 * first < lanes {
            let set = self.set;
            work.run(Quads::<T, COUNT> { set, first }, y);
            first += COUNT;
        }
    }
}

impl<T: Quad, const COUNT: usize> Quads<T, COUNT> {
    /// Of the four registers, the first that is meant; the compiler sees that `COUNT` follow from there on.
    #[inline(always)]
    const fn first(self) -> usize {
        self.first & (4 - COUNT)
    }

    /// The lanes among the first `length` that are meant.
    #[inline(always)]
    fn place(self, length: usize) -> core::ops::Range<usize> {
        let start = (4 * self.first()).min(length);
        start..(start + 4 * COUNT).min(length)
    }

    /// `sums[r][n] += sum over steps of x[r * stride + k] * panels[n * pitch + k]`, four k at a time, whose x of one
    /// row lie in a register.
    #[inline(always)]
    fn accumulate_by_lane<const R: usize, const N: usize>(
        self,
        sums: &mut [[[T::R; COUNT]; N]; R],
        rows: Runs<'_>,
        weights: [&[[f32; 16]]; N],
    ) {
        let steps = rows.length() / 4;
        let mut blocks: [&[[[f32; 16]; 4]]; N] = [&[]; N];
        for (blocks, weights) in blocks.iter_mut().zip(weights) {
            *blocks = &weights.as_chunks::<4>().0[..steps];
        }
        for step in 0..steps {
            let mut x = [self.set.splat(0.0); R];
            each!(r of rows R, {
                x[r] = self.set.load(rows.four(r, step));
            });
            each!(k of quarters 4, {
                let mut w = [self.splat(0.0); N];
                each!(n of panels N, {
                    w[n] = self.load(&blocks[n][step][k]);
                });
                each!(r of rows R, {
                    each!(n of panels N, {
                        each!(q of quarters COUNT, {
                            sums[r][n][q] = self.set.lane_mul_add::<k>(x[r], w[n][q], sums[r][n][q]);
                        });
                    });
                });
            });
        }
    }
}

/// One operation on every register.
macro_rules! registers {
    ($self:ident, |$($v:ident),*| $operation:ident) => {{
        let mut result = [$self.set.splat(0.0); COUNT];
        each!(q of quarters COUNT, {
            result[q] = $self.set.$operation($($v[q]),*);
        });
        result
    }};
}

impl<T: Quad, const COUNT: usize> Simd for Quads<T, COUNT> {
    type V = [T::R; COUNT];
    type Tiles = NoTiles;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        [self.set.splat(value); COUNT]
    }

    #[inline(always)]
    fn splat_pair(self, values: &[f32; 2]) -> Self::V {
        [self.set.splat_pair(values); COUNT]
    }

    #[inline(always)]
    fn load(self, from: &[f32; 16]) -> Self::V {
        let quads = from.as_chunks::<4>().0;
        let mut v = [self.set.splat(0.0); COUNT];
        each!(q of quarters COUNT, {
            v[q] = self.set.load(&quads[self.first() + q]);
        });
        v
    }

    #[inline(always)]
    fn store(self, v: Self::V, to: &mut [f32; 16]) {
        let quads = to.as_chunks_mut::<4>().0;
        each!(q of quarters COUNT, {
            self.set.store(v[q], &mut quads[self.first() + q]);
        });
    }

    #[inline(always)]
    fn load_part(self, from: &[f32]) -> Self::V {
        let (quads, rest) = from[self.place(from.len())].as_chunks::<4>();
        let mut v = [self.set.splat(0.0); COUNT];
        each!(q of quarters COUNT, {
            if q < quads.len() {
                v[q] = self.set.load(&quads[q]);
            } else if q == quads.len() {
                v[q] = self.set.load(&gather(rest));
            }
        });
        v
    }

    #[inline(always)]
    fn store_part(self, v: Self::V, to: &mut [f32]) {
        let place = self.place(to.len());
        let (quads, rest) = to[place].as_chunks_mut::<4>();
        each!(q of quarters COUNT, {
            if q < quads.len() {
                self.set.store(v[q], &mut quads[q]);
            } else if q == quads.len() {
                let mut lanes = [0.0; 4];
                self.set.store(v[q], &mut lanes);
                scatter(&lanes, rest);
            }
        });
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        registers!(self, |a, b| add)
    }

    /// Only all registers together have all pairs.
    #[inline(always)]
    fn add_pairs(self, v: Self::V) -> Self::V {
        let mut sums = [self.set.splat(0.0); COUNT];
        each!(q of quarters COUNT / 2, {
            sums[q] = self.set.add_pairs(v[2 * q], v[2 * q + 1]);
        });
        sums
    }

    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        registers!(self, |a, b| sub)
    }

    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        registers!(self, |a, b| mul)
    }

    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        registers!(self, |a, b| div)
    }

    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        registers!(self, |a, b, c| mul_add)
    }

    #[inline(always)]
    fn at_least(self, x: Self::V, bound: Self::V) -> Self::V {
        registers!(self, |x, bound| at_least)
    }

    #[inline(always)]
    fn at_most(self, x: Self::V, bound: Self::V) -> Self::V {
        registers!(self, |x, bound| at_most)
    }

    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        registers!(self, |a, b| max)
    }

    /// As many registers at a time as leave the work's vectors in them.
    #[inline(always)]
    fn per_lane<W: PerLane>(self, lanes: usize, work: W, y: &mut W::Output<'_>) {
        let all = Quads::all(self.set);
        let room = const { T::REGISTERS.saturating_sub(W::SINGLE) / W::VECTORS };
        match room {
            0 | 1 => all.parts::<1, W>(lanes, work, y),
            2 | 3 => all.parts::<2, W>(lanes, work, y),
            _ => all.parts::<4, W>(lanes, work, y),
        }
    }

    #[inline(always)]
    fn accumulate<const R: usize, const N: usize>(
        self,
        sums: &mut [[Self::V; N]; R],
        (x, stride): (&[f32], usize),
        (panels, pitch): (&[[f32; 16]], usize),
        run: usize,
        _ahead: usize,
    ) {
        let rows = Runs::new(x, stride, R, run);
        let mut weights: [&[[f32; 16]]; N] = [&[]; N];
        for (n, weights) in weights.iter_mut().enumerate() {
            *weights = &panels[n * pitch..][..run];
        }
        let mut done = 0;
        if T::BY_LANE {
            self.accumulate_by_lane(sums, rows, weights);
            done = run / 4 * 4;
        }
        for k in done..run {
            let mut w = [self.splat(0.0); N];
            each!(n of panels N, {
                w[n] = self.load(&weights[n][k]);
            });
            each!(r of rows R, {
                let x = self.set.splat(rows.get(r, k));
                each!(n of panels N, {
                    each!(q of quarters COUNT, {
                        sums[r][n][q] = self.set.mul_add(w[n][q], x, sums[r][n][q]);
                    });
                });
            });
        }
    }

    #[inline(always)]
    fn low_bits_to_exponent(self, v: Self::V) -> Self::V {
        registers!(self, |v| low_bits_to_exponent)
    }

    #[inline(always)]
    fn upper_24_bits(self, v: Self::V) -> Self::V {
        registers!(self, |v| upper_24_bits)
    }

    #[inline(always)]
    fn lowest_bytes(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        registers!(self, |a, b, c| lowest_bytes)
    }
}

/// Fewer than four floats, and zeros behind them.
#[inline(always)]
fn gather(from: &[f32]) -> [f32; 4] {
    match *from {
        [a] => [a, 0.0, 0.0, 0.0],
        [a, b] => [a, b, 0.0, 0.0],
        [a, b, c] => [a, b, c, 0.0],
        _ => [0.0; 4],
    }
}

/// The first of four lanes, fewer than four.
#[inline(always)]
fn scatter([a, b, c, _]: &[f32; 4], to: &mut [f32]) {
    match to {
        [x] => *x = *a,
        [x, y] => [*x, *y] = [*a, *b],
        [x, y, z] => [*x, *y, *z] = [*a, *b, *c],
        _ => {}
    }
}

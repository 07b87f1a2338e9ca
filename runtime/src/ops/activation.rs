//! Activations: as a layer of their own, and as the last step of other kernels.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::ops::copy;
use crate::ops::tile::{self, each};
use crate::simd::{Level, Simd};
use crate::team::{Cost, Cut, ELEMENTWISE, share};

/// What a layer does to each sum. NaN stays NaN in all of them (with WebAssembly's `relaxed-simd` only where the engine
/// happens to keep it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x
    Identity,
    /// max(x, 0)
    Relu,
    /// min(max(x, 0), 6)
    Relu6,
    /// x min(max(x + 3, 0), 6) / 6
    HardSwish,
    /// min(max(x + 3, 0), 6) / 6
    HardSigmoid,
    /// 1 / (1 + exp(-x))
    Sigmoid,
    /// x / (1 + exp(-x))
    Swish,
}

impl Activation {
    /// The activation's name, as tables write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "none",
            Self::Relu => "relu",
            Self::Relu6 => "relu6",
            Self::HardSwish => "hard_swish",
            Self::HardSigmoid => "hard_sigmoid",
            Self::Sigmoid => "sigmoid",
            Self::Swish => "swish",
        }
    }
}

/// y = act(x), element by element.
///
/// # Panics
/// When the shapes differ.
#[inline]
pub fn activation<L: Level>(cx: Cx<'_, L>, act: Activation, x: Map<'_>, y: &mut MapMut<'_>) {
    copy::copy(cx, x, y);
    activation_in_place(cx, act, y);
}

/// y = act(y), element by element.
#[inline]
pub fn activation_in_place<L: Level>(cx: Cx<'_, L>, act: Activation, y: &mut MapMut<'_>) {
    if act != Activation::Identity {
        let job = Activate {
            act,
            lifetime: core::marker::PhantomData,
        };
        let cut = Cut::Any(Cost::element(ELEMENTWISE));
        share!(L: cx.level, cut, y, |level, y| level.activate(job, y));
    }
}

/// Applies what a kernel's [`Epilogue`] left out.
#[inline]
pub(crate) fn finish<L: Level>(level: L, act: Activation, y: &mut MapMut<'_>) {
    if Epilogue::of(act).is_none() {
        level.activate(
            Activate {
                act,
                lifetime: core::marker::PhantomData,
            },
            y,
        );
    }
}

/// The activations that are cheap enough to apply to sums in registers.
#[derive(Clone, Copy)]
pub(crate) struct Epilogue {
    low: f32,
    high: f32,
    hard_swish: bool,
}

impl Epilogue {
    const NOTHING: Self = Self {
        low: f32::NEG_INFINITY,
        high: f32::INFINITY,
        hard_swish: false,
    };

    /// Those with exponentials, or rare, are applied to stored results instead: see [`finish`].
    #[inline]
    const fn of(act: Activation) -> Option<Self> {
        match act {
            Activation::Identity => Some(Self::NOTHING),
            Activation::Relu => Some(Self {
                low: 0.0,
                ..Self::NOTHING
            }),
            Activation::Relu6 => Some(Self {
                low: 0.0,
                high: 6.0,
                ..Self::NOTHING
            }),
            Activation::HardSwish => Some(Self {
                hard_swish: true,
                ..Self::NOTHING
            }),
            Activation::HardSigmoid | Activation::Sigmoid | Activation::Swish => None,
        }
    }

    /// What a kernel applies by itself for `act`; the rest is [`finish`]'s.
    #[inline]
    pub(crate) const fn before_finish(act: Activation) -> Self {
        match Self::of(act) {
            Some(epilogue) => epilogue,
            None => Self::NOTHING,
        }
    }

    /// Applies it to every vector of a tile.
    #[inline(always)]
    pub(crate) fn apply<S: Simd, const R: usize, const N: usize>(
        &self,
        simd: S,
        sums: &mut [[S::V; N]; R],
    ) {
        if self.hard_swish {
            Self::hard_swish(simd, sums);
        } else {
            self.clamp(simd, sums);
        }
    }

    /// Whether it is [`hard_swish`](Self::hard_swish), and no [`clamp`](Self::clamp).
    #[inline(always)]
    pub(crate) const fn is_hard_swish(&self) -> bool {
        self.hard_swish
    }

    /// x min(max(x / 6 + 1/2, 0), 1)
    #[inline(always)]
    pub(crate) fn hard_swish<S: Simd, const R: usize, const N: usize>(
        simd: S,
        sums: &mut [[S::V; N]; R],
    ) {
        each!(r of rows R, {
            each!(n of panels N, {
                sums[r][n] = simd.mul(sums[r][n], hard_sigmoid(simd, sums[r][n]));
            });
        });
    }

    /// min(max(x, low), high)
    #[inline(always)]
    pub(crate) fn clamp<S: Simd, const R: usize, const N: usize>(
        &self,
        simd: S,
        sums: &mut [[S::V; N]; R],
    ) {
        let (low, high) = (simd.splat(self.low), simd.splat(self.high));
        each!(r of rows R, {
            each!(n of panels N, {
                sums[r][n] = simd.at_most(simd.at_least(sums[r][n], low), high);
            });
        });
    }
}

/// min(max(x / 6 + 1/2, 0), 1)
#[inline(always)]
fn hard_sigmoid<S: Simd>(simd: S, x: S::V) -> S::V {
    let shifted = simd.mul_add(x, simd.splat(1.0 / 6.0), simd.splat(0.5));
    simd.at_most(simd.at_least(shifted, simd.splat(0.0)), simd.splat(1.0))
}

/// 1 / (1 + exp(-x))
#[inline(always)]
fn sigmoid<S: Simd>(simd: S, x: S::V) -> S::V {
    let one = simd.splat(1.0);
    simd.div(one, simd.add(one, exp(simd, simd.sub(simd.splat(0.0), x))))
}

/// e^x to a relative error of 2e-7 for x in [-87.3, 88.3]; x outside is moved to its nearest end; NaN stays NaN.
///
/// x = n ln 2 + r with n whole and |r| <= ln(2) / 2, so e^x = 2^n e^r. e^r = 1 + r + r^2 p(r), p of degree 5 (Cephes'
/// expf). n is rounded by adding 1.5 * 2^23, where floats are whole numbers; with 127 added too, the sum's low bits
/// are the exponent field of 2^n. ln 2 is subtracted in two pieces so that n ln 2 loses nothing.
#[inline(always)]
pub(crate) fn exp<S: Simd>(simd: S, x: S::V) -> S::V {
    const ROUND: f32 = 12_582_912.0 + 127.0;
    let x = simd.at_most(simd.at_least(x, simd.splat(-87.3)), simd.splat(88.3));
    let whole = simd.mul_add(x, simd.splat(core::f32::consts::LOG2_E), simd.splat(ROUND));
    let n = simd.sub(whole, simd.splat(ROUND));
    let r = simd.mul_add(n, simd.splat(-0.693_359_4), x);
    let r = simd.mul_add(n, simd.splat(2.121_944_4e-4), r);
    let mut p = simd.splat(1.987_569_1e-4);
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ] {
        p = simd.mul_add(p, r, simd.splat(coefficient));
    }
    let power = simd.mul_add(simd.mul(r, r), p, simd.add(r, simd.splat(1.0)));
    simd.mul(power, simd.low_bits_to_exponent(whole))
}

/// An [`activation_in_place`].
#[derive(Clone, Copy)]
pub struct Activate<'a> {
    act: Activation,
    lifetime: core::marker::PhantomData<&'a ()>,
}

/// y = act(y). y: (h, w, c). Accuracy: in the kernel list.
#[inline(always)]
pub(crate) fn activate<S: Simd>(simd: S, job: Activate<'_>, y: &mut MapMut<'_>) {
    macro_rules! each {
        (|$x:ident| $value:expr) => {
            for n in 0..y.runs() {
                for lanes in y.run(n).chunks_mut(16) {
                    let $x = tile::load(simd, lanes);
                    tile::store(simd, &[$value], lanes);
                }
            }
        };
    }
    let (zero, six) = (simd.splat(0.0), simd.splat(6.0));
    match job.act {
        Activation::Identity => {}
        Activation::Relu => each!(|x| simd.at_least(x, zero)),
        Activation::Relu6 => each!(|x| simd.at_most(simd.at_least(x, zero), six)),
        Activation::HardSwish => each!(|x| simd.mul(x, hard_sigmoid(simd, x))),
        Activation::HardSigmoid => each!(|x| hard_sigmoid(simd, x)),
        Activation::Sigmoid => each!(|x| sigmoid(simd, x)),
        Activation::Swish => each!(|x| simd.mul(x, sigmoid(simd, x))),
    }
}

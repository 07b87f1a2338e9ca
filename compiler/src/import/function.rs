//! Functions of single numbers, and which activation they are.
//!
//! Exporters write one activation in a dozen ways: `HardSwish`; `x * HardSigmoid(x)`; `x * Clip(x + 3, 0, 6) / 6`, with the
//! factors in any order and place. All of them are the same function of a number, so that is what is compared: its values,
//! at points close enough together that no two functions of a few such parts agree at all of them by chance.
//!
//! In: functions and their values. Out: an activation, or the one that comes closest. Never: knows nodes or tensors.

use crate::graph::Activation;

/// A function that is applied to each number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    Relu,
    /// Not below the first, not above the second.
    Clip(f64, f64),
    Sigmoid,
    /// max(0, min(1, alpha x + beta)).
    HardSigmoid(f64, f64),
    HardSwish,
    Neg,
}

impl Function {
    /// Its value at one or two numbers.
    pub(super) fn at(self, x: &[f64]) -> f64 {
        let second = x.get(1).copied().unwrap_or(0.0);
        let x = x[0];
        match self {
            Self::Add => x + second,
            Self::Sub => x - second,
            Self::Mul => x * second,
            Self::Div => x / second,
            Self::Min => x.min(second),
            Self::Max => x.max(second),
            Self::Relu => x.max(0.0),
            Self::Clip(low, high) => x.max(low).min(high),
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::HardSigmoid(alpha, beta) => (alpha * x + beta).clamp(0.0, 1.0),
            Self::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::Neg => -x,
        }
    }
}

impl Function {
    /// What a node that applies it does.
    pub(super) fn words(self) -> String {
        match self {
            Self::Add => "adds".to_owned(),
            Self::Sub => "subtracts".to_owned(),
            Self::Mul => "multiplies".to_owned(),
            Self::Div => "divides".to_owned(),
            Self::Min => "takes the lesser number".to_owned(),
            Self::Max => "takes the greater number".to_owned(),
            Self::Neg => "negates".to_owned(),
            Self::Relu => "applies relu".to_owned(),
            Self::Clip(low, high) => format!("clips to {low} .. {high}"),
            Self::Sigmoid => "applies sigmoid".to_owned(),
            Self::HardSigmoid(alpha, beta) => {
                format!(
                    "applies a hard sigmoid of alpha {} and beta {}",
                    alpha as f32, beta as f32
                )
            }
            Self::HardSwish => "applies hard_swish".to_owned(),
        }
    }
}

/// Where functions are compared: every 1/16 between -10 and 10, and far out.
pub(super) fn points() -> Vec<f64> {
    let near = (-160..=160).map(|i| f64::from(i) / 16.0);
    let far = [-1e4, -100.0, -25.0, 25.0, 100.0, 1e4, 1e-3, -1e-3];
    near.chain(far).collect()
}

/// How far apart two values may be, relative to the greater of 1 and the value, where constants keep so many bits.
///
/// Exporters round 1/6 to five digits, and converters to float16 to eleven bits; an activation has two such constants.
pub(super) fn tolerance(significant_bits: Option<u32>) -> f64 {
    let rounding = significant_bits.map_or(0.0, |bits| 0.5_f64.powi(bits.min(53) as i32));
    (2.0 * rounding).max(3e-5)
}

const KNOWN: [Activation; 7] = [
    Activation::Identity,
    Activation::Relu,
    Activation::Relu6,
    Activation::HardSwish,
    Activation::HardSigmoid,
    Activation::Sigmoid,
    Activation::Swish,
];

/// A few points, at which most functions that are no activation already differ from all.
pub(super) const PROBES: [f64; 4] = [-2.0, 0.75, 4.0, 9.0];

/// Whether some activation has these values at the [`PROBES`].
pub(super) fn plausible(values: &[f64], tolerance: f64) -> bool {
    KNOWN
        .into_iter()
        .any(|known| distance(&PROBES, values, known) <= tolerance)
}

/// The activation that has these `values` at the [`points`].
pub(super) fn activation(values: &[f64], tolerance: f64) -> Option<Activation> {
    let points = points();
    KNOWN
        .into_iter()
        .find(|known| distance(&points, values, *known) <= tolerance)
}

/// The factor and the summand behind which hard_sigmoid has these `values` at the [`points`]: whatever rises from 0 to 1
/// along one straight line is a hard_sigmoid of a x + b. None for anything else.
pub(super) fn ramp(values: &[f64], tolerance: f64) -> Option<(f64, f64)> {
    let points = points();
    let rises = |v: &f64| (1e-6..=1.0 - 1e-6).contains(v);
    let mut inside = points.iter().zip(values).filter(|(_, v)| rises(v));
    let (x0, v0) = inside.next()?;
    let (x1, v1) = inside.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    let slope = (v1 - v0) / (x1 - x0);
    let start = v0 - slope * x0;
    let straight = Function::HardSigmoid(slope, start);
    let off = |(x, v): (&f64, &f64)| (straight.at(&[*x]) - v).abs();
    let fits = slope > 0.0 && points.iter().zip(values).all(|pair| off(pair) <= tolerance);
    // What exporters round is meant to be exact: no weight changes for 0.16666667.
    let exact = |x: f64, whole: f64| {
        if (x - whole).abs() <= tolerance {
            whole
        } else {
            x
        }
    };
    let summand = 6.0 * start - 3.0;
    fits.then(|| (exact(6.0 * slope, 1.0), exact(summand, summand.round())))
}

/// The activation that comes closest to these `values` on the whole, and how far it is off between -10 and 10.
pub(super) fn nearest(values: &[f64]) -> (Activation, f64) {
    let known = KNOWN.into_iter().skip(1);
    let points = points();
    let sums = known.map(|known| (known, apart(&points, values, known).sum::<f64>()));
    let (nearest, _) = sums
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
        .expect("there are activations");
    let near = points.iter().zip(values).filter(|(x, _)| x.abs() <= 10.0);
    let (near, values): (Vec<f64>, Vec<f64>) = near.unzip();
    (nearest, distance(&near, &values, nearest))
}

fn distance(points: &[f64], values: &[f64], known: Activation) -> f64 {
    // A NaN is as far off as can be.
    let farther = |most: f64, d: f64| if d > most || d.is_nan() { d } else { most };
    apart(points, values, known).fold(0.0, farther)
}

/// How far off each value is, relative to the greater of 1 and the value.
fn apart(points: &[f64], values: &[f64], known: Activation) -> impl Iterator<Item = f64> {
    points.iter().zip(values).map(move |(x, value)| {
        let expected = value_of(known, *x);
        (value - expected).abs() / expected.abs().max(1.0)
    })
}

fn value_of(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Identity => x,
        Activation::Relu => x.max(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::HardSigmoid => Function::HardSigmoid(1.0 / 6.0, 0.5).at(&[x]),
        Activation::HardSwish => Function::HardSwish.at(&[x]),
        Activation::Sigmoid => Function::Sigmoid.at(&[x]),
        Activation::Swish => x * Function::Sigmoid.at(&[x]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(f: impl Fn(f64) -> f64) -> Option<Activation> {
        activation(
            &points().into_iter().map(f).collect::<Vec<_>>(),
            tolerance(Some(24)),
        )
    }

    #[test]
    fn forms_of_one_function_are_that_function() {
        let clip = |x: f64, low, high| Function::Clip(low, high).at(&[x]);
        assert_eq!(
            of(|x| x * clip(x + 3.0, 0.0, 6.0) / 6.0),
            Some(Activation::HardSwish)
        );
        assert_eq!(
            of(|x| clip(x / 6.0 + 0.5, 0.0, 1.0) * x),
            Some(Activation::HardSwish)
        );
        assert_eq!(
            of(|x| 0.16667 * clip(x + 3.0, 0.0, 6.0)),
            Some(Activation::HardSigmoid)
        );
        assert_eq!(
            of(|x| clip(clip(x, 0.0, 1e30), -1e30, 6.0)),
            Some(Activation::Relu6)
        );
        assert_eq!(
            of(|x| clip(x, 0.0, f64::from(f32::MAX))),
            Some(Activation::Relu)
        );
        assert_eq!(of(|x| x / (1.0 + (-x).exp())), Some(Activation::Swish));
        assert_eq!(of(|x| x * 1.0), Some(Activation::Identity));
    }

    #[test]
    fn constants_of_few_bits_are_still_a_sixth() {
        // 1/6 in float16, and in bfloat16.
        for (bits, sixth) in [(11, 0.166_625_98), (8, 0.166_992_19)] {
            let gated = |x: &f64| x * Function::Clip(0.0, 6.0).at(&[x + 3.0]) * sixth;
            let values: Vec<f64> = points().iter().map(gated).collect();
            let found = activation(&values, tolerance(Some(bits)));
            assert_eq!(found, Some(Activation::HardSwish), "{bits} bits");
            assert_eq!(activation(&values, tolerance(Some(24))), None);
        }
    }

    #[test]
    fn what_differs_somewhere_is_another_function() {
        let hard_sigmoid = |alpha| move |x: f64| Function::HardSigmoid(alpha, 0.5).at(&[x]);
        assert_eq!(
            of(hard_sigmoid(0.2)),
            None,
            "the default of ONNX is not MobileNet's"
        );
        assert_eq!(of(|x| x.clamp(0.0, 1.0)), None);
        assert_eq!(of(|x| x.max(0.01 * x)), None);
        assert_eq!(of(|x| x.clamp(0.0, 6.001)), None);
        assert_eq!(of(|_| f64::NAN), None);
    }

    #[test]
    fn what_rises_from_0_to_1_is_a_hard_sigmoid_of_something() {
        let ramp = |f: &dyn Fn(f64) -> f64| {
            ramp(
                &points().into_iter().map(f).collect::<Vec<_>>(),
                tolerance(Some(24)),
            )
        };
        let hard_sigmoid = |alpha, beta| move |x: f64| Function::HardSigmoid(alpha, beta).at(&[x]);
        assert_eq!(ramp(&hard_sigmoid(1.0 / 6.0, 0.5)), Some((1.0, 0.0)));
        let (factor, summand) = ramp(&hard_sigmoid(0.2, 0.5)).expect("a ramp");
        assert!(
            (factor - 1.2).abs() < 1e-12 && summand == 0.0,
            "{factor}, {summand}"
        );
        // What the converter to TFLite leaves of relu6(x + 3) / 6 when it has put the 3 into a bias.
        let shifted = |x: f64| x.clamp(0.0, 6.0) * f64::from(0.166_666_67_f32);
        assert_eq!(ramp(&shifted), Some((1.0, -3.0)));
        assert_eq!(ramp(&|x| x.clamp(0.0, 1.0)), Some((6.0, -3.0)));
        assert_eq!(ramp(&|x| x.clamp(0.0, 6.0)), None);
        assert_eq!(ramp(&|x| 1.0 / (1.0 + (-x).exp())), None);
        assert_eq!(ramp(&|x| 1.0 - x.clamp(0.0, 1.0)), None);
        assert_eq!(ramp(&|_| f64::NAN), None);
        assert_eq!(ramp(&|_| 0.5), None);
    }

    #[test]
    fn the_nearest_is_named() {
        let values: Vec<_> = points()
            .iter()
            .map(|x| Function::HardSigmoid(0.2, 0.5).at(&[*x]))
            .collect();
        let (activation, off) = nearest(&values);
        assert_eq!(activation, Activation::HardSigmoid);
        assert!((0.08..0.09).contains(&off), "{off}");
    }
}

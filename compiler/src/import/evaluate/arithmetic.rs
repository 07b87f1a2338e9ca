//! Functions of each element, alone or with those of other arrays over it.
//!
//! In: arrays. Out: an array of the extents they have over one another. Never: drops a NaN.

use super::super::tensor::ElementType;
use super::array::{Array, count, place, strides};
use super::{Args, Computed};

/// `Relu`, `Clip`, ...: y = f(x).
pub(super) fn of_one(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let (node, old_clip) = (args.node, args.opset < 11);
    let attribute = |name: &str, default: f64| node.float(name).map_or(default, f64::from);
    // Bounds of a clip were attributes before version 11 of the operators.
    let bound = |name: &str, place: usize, default: f64| match args.optional(place) {
        Some(bound) if !old_clip => bound.data().first().copied().unwrap_or(default),
        None if !old_clip => default,
        _ => attribute(name, default),
    };
    let (low, high) = (
        bound("min", 1, f64::NEG_INFINITY),
        bound("max", 2, f64::INFINITY),
    );
    let hard = |x: f64, alpha: f64, beta: f64| at_most(1.0, at_least(0.0, alpha * x + beta));
    let data = x.data().iter().copied();
    let data: Vec<f64> = match node.op.as_str() {
        "Relu" => data.map(|x| at_least(0.0, x)).collect(),
        "Clip" => data.map(|x| at_most(high, at_least(low, x))).collect(),
        "Sigmoid" => data.map(|x| 1.0 / (1.0 + (-x).exp())).collect(),
        "HardSigmoid" => {
            let (alpha, beta) = (attribute("alpha", 0.2), attribute("beta", 0.5));
            data.map(|x| hard(x, alpha, beta)).collect()
        }
        "HardSwish" => data.map(|x| x * hard(x, 1.0 / 6.0, 0.5)).collect(),
        "Neg" => data.map(|x| -x).collect(),
        "Sqrt" => data.map(f64::sqrt).collect(),
        "Reciprocal" => data.map(f64::recip).collect(),
        "Abs" => data.map(f64::abs).collect(),
        "Floor" => data.map(f64::floor).collect(),
        "Ceil" => data.map(f64::ceil).collect(),
        "Exp" => data.map(f64::exp).collect(),
        op => return Err(format!("{op} is no function of one number")),
    };
    Ok(x.with(x.dims().to_vec(), data))
}

fn at_least(low: f64, x: f64) -> f64 {
    if x < low { low } else { x }
}

fn at_most(high: f64, x: f64) -> f64 {
    if x > high { high } else { x }
}

/// `Add`, `Sub`, ...: f(a, b); of more arrays, f(f(a, b), c).
pub(super) fn of_several(args: &Args<'_>) -> Computed {
    let mut result = args.array(0)?.clone();
    for next in 1..args.inputs.len() {
        result = of_two(args, &result, args.array(next)?)?;
    }
    Ok(result)
}

fn of_two(args: &Args<'_>, a: &Array, b: &Array) -> Computed {
    let whole = a.is_whole() && b.is_whole();
    let remainder_of_dividend = args.node.int("fmod").unwrap_or(0) != 0;
    let function: fn(f64, f64) -> f64 = match args.node.op.as_str() {
        "Add" | "Sum" => |a, b| a + b,
        "Sub" => |a, b| a - b,
        "Mul" => |a, b| a * b,
        "Div" if whole => |a, b| (a / b).trunc(),
        "Div" => |a, b| a / b,
        "Min" => |a, b| if a.is_nan() { a } else { at_most(a, b) },
        "Max" => |a, b| if a.is_nan() { a } else { at_least(a, b) },
        "Mod" if remainder_of_dividend => |a, b| a % b,
        "Mod" => |a, b| a - b * (a / b).floor(),
        "Pow" => f64::powf,
        op => return Err(format!("{op} is no function of two numbers")),
    };
    let dims = over_one_another(a.dims(), b.dims())?;
    let (from_a, from_b) = (spread(a, &dims)?, spread(b, &dims)?);
    let pairs = from_a.data().iter().zip(from_b.data());
    Ok(a.with(dims, pairs.map(|(a, b)| function(*a, *b)).collect()))
}

/// The extents of two arrays over one another, their last dimensions aligned: extents of 1 give way.
pub(super) fn over_one_another(a: &[usize], b: &[usize]) -> Result<Vec<usize>, String> {
    let rank = a.len().max(b.len());
    let extent = |dims: &[usize], place: usize| match (place + dims.len()).checked_sub(rank) {
        Some(place) => dims[place],
        None => 1,
    };
    let joined = |place: usize| match (extent(a, place), extent(b, place)) {
        (1, n) | (n, 1) => Ok(n),
        (n, m) if n == m => Ok(n),
        _ => Err(format!("{a:?} and {b:?} do not fit over one another")),
    };
    (0..rank).map(joined).collect()
}

/// `x` repeated along the dimensions in which it has one element and `dims` more.
pub(super) fn spread(x: &Array, dims: &[usize]) -> Computed {
    if x.dims() == dims {
        return Ok(x.clone());
    }
    if over_one_another(x.dims(), dims)? != dims {
        return Err(format!("{:?} does not spread over {dims:?}", x.dims()));
    }
    let missing = dims.len() - x.dims().len();
    let own = strides(x.dims());
    let step = |d: usize| match d.checked_sub(missing) {
        Some(d) if x.dims()[d] != 1 => own[d],
        _ => 0,
    };
    let steps: Vec<usize> = (0..dims.len()).map(step).collect();
    count(dims)?;
    x.picked(dims.to_vec(), |index| place(index, &steps))
}

/// The same numbers of another type. Floating-point numbers become whole by dropping what stands behind the point.
pub(super) fn cast(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let to = args.node.int("to").and_then(|to| i32::try_from(to).ok());
    let to_whole = match (to.and_then(ElementType::from_number), args.optional(1)) {
        (Some(ElementType::Bool), _) => {
            let data = x.data().iter().map(|x| f64::from(*x != 0.0)).collect();
            return Ok(Array::whole(x.dims().to_vec(), data));
        }
        (Some(to), _) => !to.is_float(),
        (None, Some(like)) => like.is_whole(),
        (None, None) => return Err("it casts to what holds no numbers".to_owned()),
    };
    let dims = x.dims().to_vec();
    Ok(match to_whole {
        true => Array::whole(dims, x.data().iter().map(|x| x.trunc()).collect()),
        false => Array::floats(dims, x.data().to_vec()),
    })
}

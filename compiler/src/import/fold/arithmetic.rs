//! Arithmetic on constants, element by element, with broadcasting.
//!
//! In: constants. Out: a constant; whole numbers stay whole. Never: divides whole numbers by zero.

use super::super::tensor::{ElementType, Tensor};
use super::{Args, Folded, bounded, made, rearrange};

/// `Add`, `Sub`, ... of two tensors; `Min` and `Max` of any number.
pub(super) fn binary(args: &Args<'_>) -> Folded {
    let mut result = args.tensor(0)?.clone();
    for place in 1..args.inputs.len() {
        result = pair(&args.node.op, &result, args.tensor(place)?)?;
    }
    Ok(result)
}

fn pair(op: &str, a: &Tensor, b: &Tensor) -> Folded {
    let dims = rearrange::broadcast(a.dims(), b.dims())?;
    bounded(&dims)?;
    let spread = |x: &Tensor| {
        let spread = rearrange::spread(x.dims(), &dims);
        x.pick(dims.clone(), &spread)
            .ok_or_else(|| "it is too large".to_owned())
    };
    let (a, b) = (spread(a)?, spread(b)?);
    match (a.to_i64(), b.to_i64()) {
        (Some(x), Some(y)) => {
            let pairs = x.into_iter().zip(y);
            let whole = pairs.map(|(x, y)| whole(op, x, y)).collect::<Option<_>>();
            let whole = whole.ok_or("it divides by zero or overflows")?;
            made(Tensor::integers(dims, a.element(), whole))
        }
        _ => {
            let pairs = a.to_f64().into_iter().zip(b.to_f64());
            made(Tensor::floats(
                dims,
                pairs.map(|(x, y)| number(op, x, y) as f32).collect(),
            ))
        }
    }
}

/// `Equal`, `Less`, ... of two tensors.
pub(super) fn compare(args: &Args<'_>) -> Folded {
    let (a, b) = (args.tensor(0)?, args.tensor(1)?);
    let dims = rearrange::broadcast(a.dims(), b.dims())?;
    bounded(&dims)?;
    let spread = |x: &Tensor| {
        let numbers = x.to_f64();
        rearrange::spread(x.dims(), &dims)
            .into_iter()
            .map(move |place| numbers[place])
    };
    let holds: fn(f64, f64) -> bool = match args.node.op.as_str() {
        "Equal" => |x, y| x == y,
        "Greater" => |x, y| x > y,
        "Less" => |x, y| x < y,
        "GreaterOrEqual" => |x, y| x >= y,
        _ => |x, y| x <= y,
    };
    let answers = spread(a)
        .zip(spread(b))
        .map(|(x, y)| i64::from(holds(x, y)));
    let answers = answers.collect();
    made(Tensor::integers(dims, ElementType::Bool, answers))
}

/// `Clip`; its bounds are attributes in old versions, inputs in new ones, and either may be left out.
pub(super) fn clip(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    bounded(x.dims())?;
    let bound = |name: &str, place: usize, default: f64| match args.optional(place) {
        Some(bound) => bound.scalar().ok_or("its bound is no single number"),
        None => Ok(args.node.float(name).map_or(default, f64::from)),
    };
    let low = bound("min", 1, f64::NEG_INFINITY)?;
    let high = bound("max", 2, f64::INFINITY)?;
    let clipped = x.to_f64().into_iter().map(|x| x.max(low).min(high));
    let dims = x.dims().to_vec();
    if x.element().is_float() {
        made(Tensor::floats(dims, clipped.map(|x| x as f32).collect()))
    } else {
        let whole = clipped.map(|x| x as i64).collect();
        made(Tensor::integers(dims, x.element(), whole))
    }
}

fn whole(op: &str, x: i64, y: i64) -> Option<i64> {
    match op {
        "Add" => x.checked_add(y),
        "Sub" => x.checked_sub(y),
        "Mul" => x.checked_mul(y),
        "Div" => x.checked_div(y),
        "Mod" => x.checked_rem_euclid(y),
        "Min" => Some(x.min(y)),
        "Max" => Some(x.max(y)),
        _ => x.checked_pow(u32::try_from(y).ok()?),
    }
}

fn number(op: &str, x: f64, y: f64) -> f64 {
    match op {
        "Add" => x + y,
        "Sub" => x - y,
        "Mul" => x * y,
        "Div" => x / y,
        "Mod" => x % y,
        "Min" => x.min(y),
        "Max" => x.max(y),
        _ => x.powf(y),
    }
}

/// `Neg`, `Sqrt`, ...
pub(super) fn unary(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    bounded(x.dims())?;
    let dims = x.dims().to_vec();
    let function: fn(f64) -> f64 = match args.node.op.as_str() {
        "Neg" => |x| -x,
        "Sqrt" => f64::sqrt,
        "Reciprocal" => f64::recip,
        "Abs" => f64::abs,
        "Floor" => f64::floor,
        "Relu" => |x| x.max(0.0),
        "Ceil" => f64::ceil,
        _ => f64::exp,
    };
    let values = x.to_f64().into_iter().map(function);
    if x.element().is_float() {
        made(Tensor::floats(dims, values.map(|x| x as f32).collect()))
    } else {
        made(Tensor::integers(
            dims,
            x.element(),
            values.map(|x| x as i64).collect(),
        ))
    }
}

//! Computes nodes whose inputs are all constants: the arithmetic on shapes that exporters leave in a graph, and
//! rearrangements of weights.
//!
//! In: a node and its constant inputs. Out: its constant outputs; nothing for operators that are not computed here, and
//! words where a computed one cannot be. Never: makes a tensor of unbounded size.

mod arithmetic;
mod rearrange;

pub(super) use rearrange::{broadcast, flatten_axis, with_ones};

use super::model::{Attribute, Node};
use super::tensor::{ElementType, Tensor, count};

/// The most elements of a computed tensor: more than the largest filter of any MobileNet.
pub(super) const MOST_ELEMENTS: usize = 1 << 22;

/// How the first output of a node is made of its inputs.
type Computation = fn(&Args<'_>) -> Folded;

/// The operators that are computed.
const COMPUTED: &[(&str, Computation)] = &[
    ("Constant", constant),
    ("ConstantOfShape", constant_of_shape),
    ("Identity", same),
    ("Dropout", same),
    ("Cast", cast),
    ("CastLike", cast),
    ("Shape", |args| shape(args.node, args.tensor(0)?.dims())),
    ("Size", |args| single(args.tensor(0)?.len() as i64)),
    ("Range", range),
    ("Gather", rearrange::gather),
    ("Slice", rearrange::slice),
    ("Concat", rearrange::concat),
    ("Transpose", rearrange::transpose),
    ("Reshape", rearrange::reshape),
    ("Flatten", rearrange::flatten),
    ("Squeeze", rearrange::squeeze),
    ("Unsqueeze", rearrange::unsqueeze),
    ("Expand", rearrange::expand),
    ("Add", arithmetic::binary),
    ("Sub", arithmetic::binary),
    ("Mul", arithmetic::binary),
    ("Div", arithmetic::binary),
    ("Min", arithmetic::binary),
    ("Max", arithmetic::binary),
    ("Mod", arithmetic::binary),
    ("Pow", arithmetic::binary),
    ("Equal", arithmetic::compare),
    ("Greater", arithmetic::compare),
    ("Less", arithmetic::compare),
    ("GreaterOrEqual", arithmetic::compare),
    ("LessOrEqual", arithmetic::compare),
    ("Where", rearrange::choose),
    ("Clip", arithmetic::clip),
    ("Relu", arithmetic::unary),
    ("Neg", arithmetic::unary),
    ("Sqrt", arithmetic::unary),
    ("Reciprocal", arithmetic::unary),
    ("Abs", arithmetic::unary),
    ("Floor", arithmetic::unary),
    ("Ceil", arithmetic::unary),
    ("Exp", arithmetic::unary),
];

/// What a node that cannot be computed ends with: why.
pub(super) type Folded = Result<Tensor, String>;

fn computation(op: &str) -> Option<Computation> {
    let found = COMPUTED.iter().find(|(name, _)| *name == op)?;
    Some(found.1)
}

/// The first output of `node` from its inputs, of which those left out are none.
pub(super) fn fold(node: &Node, inputs: &[Option<Tensor>]) -> Option<Folded> {
    let computation = computation(&node.op).filter(|_| node.domain.is_empty())?;
    Some(computation(&Args { node, inputs }))
}

/// Whether nodes of this operator are computed, on constants.
pub(super) fn folds(op: &str) -> bool {
    computation(op).is_some()
}

/// A node with its inputs.
pub(super) struct Args<'a> {
    node: &'a Node,
    inputs: &'a [Option<Tensor>],
}

impl Args<'_> {
    /// An input that must be there.
    fn tensor(&self, place: usize) -> Result<&Tensor, String> {
        self.optional(place)
            .ok_or_else(|| format!("it has no input {place}"))
    }

    /// An input that may be left out.
    fn optional(&self, place: usize) -> Option<&Tensor> {
        self.inputs.get(place).and_then(Option::as_ref)
    }

    /// An input of whole numbers.
    fn ints(&self, place: usize) -> Result<Vec<i64>, String> {
        let ints = self.tensor(place)?.to_i64();
        ints.ok_or_else(|| format!("its input {place} is no list of whole numbers"))
    }

    /// A list that older versions have as an attribute and newer ones as an input.
    fn list(&self, attribute: &str, place: usize) -> Result<Option<Vec<i64>>, String> {
        match (self.node.ints(attribute), self.optional(place)) {
            (Some(list), _) => Ok(Some(list.to_vec())),
            (None, Some(_)) => self.ints(place).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// `place` counted from the end where it is negative; none outside `0..len`.
pub(super) fn from_end(place: i64, len: usize) -> Option<usize> {
    let len_signed = i64::try_from(len).ok()?;
    let place = if place < 0 {
        place.checked_add(len_signed)?
    } else {
        place
    };
    usize::try_from(place).ok().filter(|place| *place < len)
}

/// The dimensions a node's `axes` name; an error in words if one is not there.
pub(super) fn axes(list: &[i64], rank: usize) -> Result<Vec<usize>, String> {
    let axis = |a: &i64| from_end(*a, rank).ok_or_else(|| format!("axis {a} of {rank} dimensions"));
    list.iter().map(axis).collect()
}

/// The extents a reshape asks for: 0 copies, -1 takes the rest.
pub(super) fn extents(
    asked: &[i64],
    from: &[usize],
    zero_is_zero: bool,
) -> Result<Vec<usize>, String> {
    let refused = || format!("{asked:?} is no shape for {from:?}");
    let known = |(place, n): (usize, &i64)| match n {
        -1 => Some(1),
        0 if !zero_is_zero => from.get(place).copied(),
        n => usize::try_from(*n).ok(),
    };
    let mut extents: Vec<usize> = asked
        .iter()
        .enumerate()
        .map(known)
        .collect::<Option<_>>()
        .ok_or_else(refused)?;
    let all = count(from).ok_or_else(refused)?;
    let product = count(&extents).ok_or_else(refused)?;
    match asked.iter().filter(|n| **n == -1).count() {
        0 => {}
        1 if product > 0 && all.is_multiple_of(product) => {
            let place = asked.iter().position(|n| *n == -1).ok_or_else(refused)?;
            extents[place] = all / product;
        }
        _ => return Err(refused()),
    }
    if count(&extents) == Some(all) {
        Ok(extents)
    } else {
        Err(refused())
    }
}

/// The extents of `dims` as a tensor, from `start` to `end` where the node says so.
pub(super) fn shape(node: &Node, dims: &[usize]) -> Folded {
    let rank = i64::try_from(dims.len()).unwrap_or(i64::MAX);
    let bound = |name: &str, default: i64| {
        let place = node.int(name).unwrap_or(default);
        let place = if place < 0 {
            place.saturating_add(rank)
        } else {
            place
        };
        place.clamp(0, rank) as usize
    };
    let (start, end) = (bound("start", 0), bound("end", rank));
    let extents = dims.get(start..end).unwrap_or_default();
    Ok(Tensor::list(extents.iter().map(|n| *n as i64).collect()))
}

fn same(args: &Args<'_>) -> Folded {
    args.tensor(0).cloned()
}

fn constant(args: &Args<'_>) -> Folded {
    let attributes = &args.node.attributes;
    let (_, value) = attributes
        .iter()
        .find(|(name, _)| name.starts_with("value") || name.starts_with("sparse_value"))
        .ok_or("it has no value")?;
    match value {
        Attribute::Tensor(tensor) => Ok(tensor.clone()),
        Attribute::Float(x) => made(Tensor::floats(vec![], vec![*x])),
        Attribute::Floats(x) => made(Tensor::floats(vec![x.len()], x.clone())),
        Attribute::Int(i) => single(*i),
        Attribute::Ints(i) => Ok(Tensor::list(i.clone())),
        Attribute::Text(_) | Attribute::Other => {
            Err("its value is no dense tensor of numbers".to_owned())
        }
    }
}

fn constant_of_shape(args: &Args<'_>) -> Folded {
    let dims: Option<Vec<usize>> = args
        .ints(0)?
        .iter()
        .map(|n| usize::try_from(*n).ok())
        .collect();
    let dims = dims.ok_or("its shape is negative")?;
    let len = bounded(&dims)?;
    match args.node.attributes.get("value") {
        None => made(Tensor::floats(dims, vec![0.0; len])),
        Some(Attribute::Tensor(value)) if value.len() == 1 => value
            .pick(dims, &vec![0; len])
            .ok_or_else(|| "its value is no number".to_owned()),
        Some(_) => Err("its value is no number".to_owned()),
    }
}

fn cast(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    let element = match (args.node.int("to"), args.optional(1)) {
        (Some(to), _) => i32::try_from(to).ok().and_then(ElementType::from_number),
        (None, like) => like.map(Tensor::element),
    };
    let element = element.ok_or("it casts to a type that holds no numbers")?;
    let dims = x.dims().to_vec();
    if element == x.element() || (element.is_float() && x.element().is_float()) {
        return Ok(x.clone());
    }
    bounded(&dims)?;
    if element.is_float() {
        return made(Tensor::floats(dims, x.to_f32()));
    }
    let whole = x.to_f64().into_iter().map(|x| {
        if element == ElementType::Bool {
            i64::from(x != 0.0)
        } else {
            x as i64
        }
    });
    made(Tensor::integers(dims, element, whole.collect()))
}

fn range(args: &Args<'_>) -> Folded {
    let number = |place| {
        args.tensor(place)?
            .scalar()
            .ok_or_else(|| "it counts between lists".to_owned())
    };
    let (start, limit, step) = (number(0)?, number(1)?, number(2)?);
    let steps = ((limit - start) / step).ceil().max(0.0);
    if !steps.is_finite() || steps > MOST_ELEMENTS as f64 {
        return Err("it has no end".to_owned());
    }
    let values = (0..steps as i64).map(|i| start + i as f64 * step);
    if args.tensor(0)?.element().is_float() {
        let values: Vec<f32> = values.map(|x| x as f32).collect();
        return made(Tensor::floats(vec![values.len()], values));
    }
    Ok(Tensor::list(values.map(|x| x as i64).collect()))
}

fn single(i: i64) -> Folded {
    made(Tensor::integers(vec![], ElementType::I64, vec![i]))
}

fn made(tensor: Option<Tensor>) -> Folded {
    tensor.ok_or_else(|| "its numbers do not fill its shape".to_owned())
}

/// How many elements a shape has, if that is few enough.
fn bounded(dims: &[usize]) -> Result<usize, String> {
    let len = count(dims).filter(|n| *n <= MOST_ELEMENTS);
    len.ok_or_else(|| format!("it makes a constant of more than {MOST_ELEMENTS} elements"))
}

#[cfg(test)]
mod tests;

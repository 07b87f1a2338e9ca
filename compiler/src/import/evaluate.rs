//! Evaluates a model as it is written, node by node and in float64: what generated code is held against.
//!
//! Every operator is what its page in the standard says, in plain loops over arrays of any number of dimensions. Numbers
//! are float64 whatever the file says, so that a cast between floating-point types rounds nothing: the result is what the
//! model means, not what one of its types makes of it. Whole numbers are told apart, since they divide differently.
//!
//! In: the bytes of a model, its input as the model has it. Out: values of the model by name, and its outputs. Never:
//! shares anything with the importer but the reading of the file: no folding, no view, no activation that is recognised.

mod arithmetic;
mod array;
mod normal;
mod products;
mod rearrange;
mod windows;

use super::decode;
use super::external::Resolver;
use super::model::{Attribute, Model, Node};
use crate::diag::{Code, Diagnostic, Diagnostics};
pub use array::Array;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// What a model makes of one input.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// What it gives out, in the file's order.
    pub outputs: Vec<Array>,
    /// The values that were asked for, by name.
    pub values: BTreeMap<String, Array>,
}

/// Evaluates the model in `bytes` on `input`, and keeps the values named in `keep`. Messages call it `file`.
///
/// # Errors
/// Why the bytes are no model, or which node cannot be evaluated on what it reads, and why.
pub fn evaluate(
    file: &str,
    bytes: impl Into<Bytes>,
    resolver: &dyn Resolver,
    input: Array,
    keep: &BTreeSet<String>,
) -> Result<Evaluated, Diagnostics> {
    let model = decode::decode(file, bytes.into(), resolver)?;
    let refuse = |node: &Node, reason: String| {
        let (label, op) = (node.label(), &node.op);
        let facts = format!("{file}: `{label}` ({op}) cannot be evaluated: {reason}");
        let help = "the rest of mnetc reads this model: please report it";
        Diagnostic::error(Code::OnnxNode, facts).help(help)
    };
    let last_reads = last_reads(&model, keep);
    let mut values = BTreeMap::new();
    if let [info] = &model.inputs[..] {
        values.insert(info.name.as_str(), input);
    }
    for (index, node) in model.nodes.iter().enumerate() {
        let Some(made) = node.outputs.first() else {
            continue;
        };
        if !last_reads.contains_key(made.as_str()) {
            continue;
        }
        let value = step(&model, node, &values).map_err(|reason| refuse(node, reason))?;
        values.insert(made, value);
        // What nobody reads any more makes room.
        values.retain(|name, _| last_reads.get(name).is_some_and(|last| *last > index));
    }
    let outputs = model.outputs.iter().map(|name| {
        let value = values.get(name.as_str()).cloned();
        value.or_else(|| model.constants.get(name).map(Array::of))
    });
    let outputs = outputs.collect::<Option<_>>().ok_or_else(|| {
        let facts = format!("{file} gives out what no node makes");
        Diagnostic::error(Code::OnnxInput, facts).help("export the model again")
    })?;
    let kept = values
        .into_iter()
        .filter(|(name, _)| keep.contains(*name))
        .map(|(name, value)| (name.to_owned(), value));
    Ok(Evaluated {
        outputs,
        values: kept.collect(),
    })
}

/// For each value that is needed, the last node that reads it; the end for what is given out or kept.
fn last_reads<'m>(model: &'m Model, keep: &'m BTreeSet<String>) -> BTreeMap<&'m str, usize> {
    let given_out = model.outputs.iter().chain(keep).map(String::as_str);
    let mut last: BTreeMap<&str, usize> = given_out.map(|name| (name, usize::MAX)).collect();
    for (index, node) in model.nodes.iter().enumerate().rev() {
        if node
            .outputs
            .iter()
            .any(|made| last.contains_key(made.as_str()))
        {
            for name in node.inputs.iter().filter(|name| !name.is_empty()) {
                last.entry(name).or_insert(index);
            }
        }
    }
    last
}

/// The first output of a node.
fn step(model: &Model, node: &Node, values: &BTreeMap<&str, Array>) -> Computed {
    let input = |name: &String| -> Result<Option<Array>, String> {
        if name.is_empty() {
            return Ok(None);
        }
        if let Some(value) = values.get(name.as_str()) {
            return Ok(Some(value.clone()));
        }
        let constant = model.constants.get(name).map(Array::of);
        constant
            .map(Some)
            .ok_or_else(|| format!("nothing before it makes `{name}`"))
    };
    let inputs = node.inputs.iter().map(input).collect::<Result<_, _>>()?;
    let operator = operator(node).ok_or("no such operator is known here")?;
    operator(&Args {
        opset: model.opset,
        node,
        inputs,
    })
}

/// The first output of a node, or why there is none.
type Computed = Result<Array, String>;

/// How an operator makes its first output.
type Operator = fn(&Args<'_>) -> Computed;

/// The operator of a node; none for what the importer does not compile either.
fn operator(node: &Node) -> Option<Operator> {
    if !node.domain.is_empty() {
        return None;
    }
    Some(match node.op.as_str() {
        "Conv" => windows::conv,
        "AveragePool" => windows::average_pool,
        "MaxPool" => windows::max_pool,
        "GlobalAveragePool" => windows::global_average_pool,
        "GlobalMaxPool" => windows::global_max_pool,
        "Pad" => windows::pad,
        "Gemm" => products::gemm,
        "MatMul" => products::matmul,
        "BatchNormalization" => normal::batch_normalization,
        "ReduceMean" => normal::reduce_mean,
        "Softmax" => normal::softmax,
        "Add" | "Sum" | "Sub" | "Mul" | "Div" | "Min" | "Max" | "Mod" | "Pow" => {
            arithmetic::of_several
        }
        "Relu" | "Clip" | "Sigmoid" | "HardSigmoid" | "HardSwish" | "Neg" | "Sqrt"
        | "Reciprocal" | "Abs" | "Floor" | "Ceil" | "Exp" => arithmetic::of_one,
        "Cast" | "CastLike" => arithmetic::cast,
        "Identity" => |args| args.array(0).cloned(),
        "Dropout" => dropout,
        "Constant" => constant,
        "ConstantOfShape" => constant_of_shape,
        "Range" => range,
        "Shape" => rearrange::shape,
        "Size" => |args| {
            Ok(Array::whole(
                vec![],
                vec![args.array(0)?.data().len() as f64],
            ))
        },
        "Reshape" => rearrange::reshape,
        "Flatten" => rearrange::flatten,
        "Squeeze" => rearrange::squeeze,
        "Unsqueeze" => rearrange::unsqueeze,
        "Transpose" => rearrange::transpose,
        "Concat" => rearrange::concat,
        "Gather" => rearrange::gather,
        "Slice" => rearrange::slice,
        "Expand" => rearrange::expand,
        _ => return None,
    })
}

/// A node with what it reads.
struct Args<'a> {
    opset: i64,
    node: &'a Node,
    inputs: Vec<Option<Array>>,
}

impl Args<'_> {
    /// An input that must be there.
    fn array(&self, place: usize) -> Result<&Array, String> {
        self.optional(place)
            .ok_or_else(|| format!("it has no input {place}"))
    }

    /// An input that may be left out.
    fn optional(&self, place: usize) -> Option<&Array> {
        self.inputs.get(place).and_then(Option::as_ref)
    }

    /// Whole numbers that older versions of an operator have as an attribute and newer ones as an input.
    fn list(&self, attribute: &str, place: usize) -> Option<Vec<i64>> {
        let listed = self.node.ints(attribute).map(<[i64]>::to_vec);
        listed.or_else(|| self.optional(place).map(Array::to_ints))
    }

    /// The places of the dimensions that `axes` names, counted from the end where they are negative.
    fn axes(axes: &[i64], rank: usize) -> Result<Vec<usize>, String> {
        let place = |axis: &i64| {
            let place = if *axis < 0 { axis + rank as i64 } else { *axis };
            let place = usize::try_from(place).ok().filter(|place| *place < rank);
            place.ok_or_else(|| format!("it names axis {axis} of {rank}"))
        };
        axes.iter().map(place).collect()
    }
}

/// In inference, what goes in.
fn dropout(args: &Args<'_>) -> Computed {
    if args
        .optional(2)
        .is_some_and(|training| training.data() != [0.0])
    {
        return Err("it drops at random".to_owned());
    }
    args.array(0).cloned()
}

fn constant(args: &Args<'_>) -> Computed {
    let value = |name: &str| args.node.attributes.get(name);
    let names = [
        "value",
        "value_float",
        "value_floats",
        "value_int",
        "value_ints",
    ];
    Ok(match names.into_iter().find_map(value) {
        Some(Attribute::Tensor(tensor)) => Array::of(tensor),
        Some(Attribute::Float(x)) => Array::floats(vec![], vec![f64::from(*x)]),
        Some(Attribute::Floats(list)) => {
            let list: Vec<f64> = list.iter().map(|x| f64::from(*x)).collect();
            Array::floats(vec![list.len()], list)
        }
        Some(Attribute::Int(i)) => Array::whole(vec![], vec![*i as f64]),
        Some(Attribute::Ints(list)) => Array::ints(list),
        Some(Attribute::Text(_) | Attribute::Other) | None => {
            return Err("its value is no array of numbers".to_owned());
        }
    })
}

fn constant_of_shape(args: &Args<'_>) -> Computed {
    let dims = array::extents(&args.array(0)?.to_ints())?;
    let len = array::count(&dims)?;
    Ok(match args.node.attributes.get("value") {
        Some(Attribute::Tensor(tensor)) => {
            let value = Array::of(tensor);
            let element = *value.data().first().ok_or("its value is empty")?;
            value.with(dims, vec![element; len])
        }
        _ => Array::floats(dims, vec![0.0; len]),
    })
}

fn range(args: &Args<'_>) -> Computed {
    let number = |place| Ok::<_, String>(*args.array(place)?.data().first().ok_or("it is empty")?);
    let (start, limit, step) = (number(0)?, number(1)?, number(2)?);
    let count = ((limit - start) / step).ceil().max(0.0);
    if !count.is_finite() {
        return Err("it has no end".to_owned());
    }
    let len = array::count(&[count as usize])?;
    let numbers = (0..len).map(|i| start + i as f64 * step).collect();
    Ok(args.array(0)?.with(vec![len], numbers))
}

#[cfg(test)]
mod tests;

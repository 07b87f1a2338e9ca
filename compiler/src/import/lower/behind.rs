//! Shapes of what stands behind a node in the way, so that messages about later nodes can state them.
//!
//! In: a node, what it reads as far as that is known. Out: the extents of its first output, where they follow from that.
//! Never: judges a node, makes a value.

use super::super::fold;
use super::super::model::Node;
use super::Inputs;
use super::layers::{slide, window};
use crate::shape::{Shape, Window};

/// The extents of what `node` makes of inputs with these `dims`.
pub(super) fn extents(
    node: &Node,
    inputs: &Inputs,
    dims: &[Option<Vec<usize>>],
) -> Option<Vec<usize>> {
    let of = |place: usize| dims.get(place)?.as_deref();
    let first = of(0)?;
    let listed = |name: &str| match inputs.list(node, name, 1) {
        Ok(Some(list)) => fold::axes(&list, first.len()).ok(),
        Ok(None) | Err(_) => None,
    };
    match node.op.as_str() {
        "Conv" => match (first, of(1)?) {
            (&[batch, _, h, w], &[channels, _, kh, kw]) => {
                let [h, w] = slid(node, [kh, kw], h, w)?;
                Some(vec![batch, channels, h, w])
            }
            _ => None,
        },
        "MaxPool" | "AveragePool" | "LpPool" => match (first, node.ints("kernel_shape")?) {
            (&[batch, channels, h, w], &[kh, kw]) if node.int("ceil_mode").unwrap_or(0) == 0 => {
                let kernel = [usize::try_from(kh).ok()?, usize::try_from(kw).ok()?];
                let [h, w] = slid(node, kernel, h, w)?;
                Some(vec![batch, channels, h, w])
            }
            _ => None,
        },
        "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool" => {
            let one = |(place, extent): (usize, &usize)| if place < 2 { *extent } else { 1 };
            Some(first.iter().enumerate().map(one).collect())
        }
        "ReduceMean" | "ReduceMax" | "ReduceMin" | "ReduceSum" | "ReduceProd" | "ReduceL2" => {
            let places = listed("axes")?;
            let extents = first.iter().enumerate();
            Some(match node.int("keepdims").unwrap_or(1) {
                0 => extents
                    .filter(|(place, _)| !places.contains(place))
                    .map(|(_, n)| *n)
                    .collect(),
                _ => extents
                    .map(|(place, n)| if places.contains(&place) { 1 } else { *n })
                    .collect(),
            })
        }
        "Concat" => {
            let axis = fold::from_end(node.int("axis")?, first.len())?;
            let mut extents = first.to_vec();
            for other in &dims[1..] {
                extents[axis] = extents[axis].checked_add(*other.as_ref()?.get(axis)?)?;
            }
            Some(extents)
        }
        "Transpose" => {
            let reversed: Vec<i64> = (0..first.len() as i64).rev().collect();
            let order = fold::axes(node.ints("perm").unwrap_or(&reversed), first.len()).ok()?;
            Some(order.iter().map(|place| first[*place]).collect())
        }
        "Reshape" => {
            let asked = inputs.constant(1, "shape").ok()?.to_i64()?;
            fold::extents(&asked, first, node.int("allowzero") == Some(1)).ok()
        }
        "Flatten" => {
            let axis = fold::flatten_axis(node.int("axis"), first.len())?;
            let (outer, inner) = first.split_at(axis);
            Some(vec![outer.iter().product(), inner.iter().product()])
        }
        "Squeeze" => {
            let places = listed("axes")?;
            let kept = first.iter().enumerate();
            let kept = kept.filter(|(place, _)| !places.contains(place));
            Some(kept.map(|(_, n)| *n).collect())
        }
        "Unsqueeze" => {
            let list = inputs.list(node, "axes", 1).ok().flatten()?;
            fold::with_ones(first, &list).ok()
        }
        "MatMul" => {
            let (&[.., rows, _], &[.., columns]) = (first, of(1)?) else {
                return None;
            };
            let longer = if first.len() >= of(1)?.len() {
                first
            } else {
                of(1)?
            };
            let outer = &longer[..longer.len().checked_sub(2)?];
            Some([outer, &[rows, columns]].concat())
        }
        "Gemm" => {
            let (&[rows, _], &[inner, outer]) = (first, of(1)?) else {
                return None;
            };
            let turned = node.int("transB").unwrap_or(0) != 0;
            Some(vec![rows, if turned { inner } else { outer }])
        }
        "Add" | "Sub" | "Mul" | "Div" | "Min" | "Max" | "Sum" | "Pow" | "Where" | "Equal"
        | "Greater" | "Less" | "PRelu" => {
            let mut all = first.to_vec();
            for other in &dims[1..] {
                all = fold::broadcast(&all, other.as_deref()?).ok()?;
            }
            Some(all)
        }
        op if keeps_the_shape(op) => Some(first.to_vec()),
        _ => None,
    }
}

/// Whether what an operator makes has the shape of what it reads first.
fn keeps_the_shape(op: &str) -> bool {
    let of_elements = [
        "Relu",
        "Clip",
        "Sigmoid",
        "HardSigmoid",
        "HardSwish",
        "Neg",
        "LeakyRelu",
        "Elu",
        "Selu",
        "Celu",
        "Gelu",
        "Mish",
        "Softplus",
        "Softsign",
        "Tanh",
        "ThresholdedRelu",
        "Erf",
        "Sqrt",
        "Exp",
        "Log",
        "Abs",
        "Reciprocal",
        "Swish",
        "Identity",
        "Dropout",
        "Cast",
        "CastLike",
    ];
    let of_maps = [
        "BatchNormalization",
        "InstanceNormalization",
        "LayerNormalization",
        "GroupNormalization",
        "RMSNormalization",
        "LRN",
        "LpNormalization",
        "MeanVarianceNormalization",
        "Softmax",
        "LogSoftmax",
        "Hardmax",
    ];
    of_elements.contains(&op) || of_maps.contains(&op)
}

/// Height and width of what a window makes.
fn slid(node: &Node, kernel: [usize; 2], h: usize, w: usize) -> Option<[usize; 2]> {
    let (slide, shape) = (slide(node, kernel).ok()?, Shape::new(h, w, 1));
    let window: Window = window(node, &slide, shape).ok()?;
    window.output(shape)
}

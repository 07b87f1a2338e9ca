//! Pins the dimensions of a model's input: which axis each one runs along, and how far.
//!
//! A tensor of four dimensions does not say whether its channels come first or last. What reads it does: convolutions and
//! pools count batch, channels, height, width, so the transposes between the input and the first of them tell.
//!
//! In: the model's input, its nodes, and what the user says about sizes. Out: a shape and its view. Never: guesses a
//! height or a width.

use super::model::{Extent, Info, Model, Node};
use super::tensor::dims_text;
use super::view::View;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::layout::Axis;
use crate::shape::Shape;
use std::collections::{BTreeMap, BTreeSet};

/// What the user says about sizes.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    /// Extents of dimensions, by the names the file has for them.
    pub dims: BTreeMap<String, usize>,
    /// Height and width of the input.
    pub input: Option<[usize; 2]>,
}

/// An input with all its dimensions known.
pub(super) struct Pinned {
    pub(super) shape: Shape,
    pub(super) view: View,
}

/// Pins `input`.
pub(super) fn pin(
    file: &str,
    model: &Model,
    input: &Info,
    sizes: &Sizes,
) -> Result<Pinned, Diagnostics> {
    let Some(dims) = &input.dims else {
        let facts = format!(
            "{file} does not say how many dimensions its input `{}` has",
            input.name
        );
        let help = "export it with a shape for its input, such as 1x3x224x224";
        return Err(Diagnostic::error(Code::OnnxDimension, facts)
            .help(help)
            .into());
    };
    unknown_names(file, model, sizes)?;
    let axes = axes(model, input, dims).ok_or_else(|| {
        let facts = format!(
            "{file} takes `{}` of {}, which is no picture and no vector",
            input.name,
            text(dims)
        );
        let help =
            "a network reads one batch of maps (1x3x224x224, 1x224x224x3) or of vectors (1x64)";
        Diagnostic::error(Code::OnnxInput, facts).help(help)
    })?;
    let mut shape = Shape::new(1, 1, 1);
    let mut open = Vec::new();
    for (dim, axis) in dims.iter().zip(&axes) {
        match (axis, extent(dim, *axis, sizes)) {
            (None, Some(1)) => {}
            (None, Some(batch)) => return Err(batch_of(file, input, batch).into()),
            (None, None) => {}
            (Some(axis), Some(extent)) => *side(&mut shape, *axis) = extent,
            (Some(axis), None) => open.push((*axis, dim)),
        }
    }
    if sizes.input.is_some() && !axes.contains(&Some(Axis::H)) {
        let facts = format!(
            "{file} takes vectors ({}), which have no height and width",
            text(dims)
        );
        return Err(Diagnostic::error(Code::OnnxDimension, facts)
            .help("leave --input-size out")
            .into());
    }
    if let Some((axis, dim)) = open.first() {
        return Err(open_dimension(file, input, dims, *axis, dim).into());
    }
    let view: Vec<&[Axis]> = axes.iter().map(|axis| axis.as_slice()).collect();
    Ok(Pinned {
        shape,
        view: View::new(shape, &view),
    })
}

/// How far a dimension extends; batches that are open are of one.
fn extent(dim: &Extent, axis: Option<Axis>, sizes: &Sizes) -> Option<usize> {
    let given = match (axis, sizes.input) {
        (Some(Axis::H), Some([h, _])) => Some(h),
        (Some(Axis::W), Some([_, w])) => Some(w),
        _ => None,
    };
    let pinned = match dim {
        Extent::Fixed(n) => Some(*n),
        Extent::Named(name) => sizes.dims.get(name).copied(),
    };
    given.or(pinned)
}

fn side(shape: &mut Shape, axis: Axis) -> &mut usize {
    match axis {
        Axis::H => &mut shape.h,
        Axis::W => &mut shape.w,
        Axis::C => &mut shape.c,
    }
}

fn batch_of(file: &str, input: &Info, batch: usize) -> Diagnostic {
    let facts = format!(
        "{file} takes batches of {batch} in `{}`; a network here takes one picture",
        input.name
    );
    let help = "export it with a batch of 1, or an open one";
    Diagnostic::error(Code::OnnxDimension, facts).help(help)
}

fn open_dimension(
    file: &str,
    input: &Info,
    dims: &[Extent],
    axis: Axis,
    dim: &Extent,
) -> Diagnostic {
    let (name, all) = (&input.name, text(dims));
    let what = match axis {
        Axis::H | Axis::W => "size",
        Axis::C => "number of channels",
    };
    let facts = format!("{file} leaves the {what} of its input open: `{name}` is {all}");
    let help = match (axis, dim) {
        (Axis::H | Axis::W, _) => "choose it, as in --input-size 224x224".to_owned(),
        (Axis::C, Extent::Named(name)) if !name.is_empty() => {
            format!("choose it with --dim {name}=3")
        }
        (Axis::C, _) => "export it with a fixed number of channels".to_owned(),
    };
    Diagnostic::error(Code::OnnxDimension, facts).help(help)
}

/// Refuses names that no dimension has.
fn unknown_names(file: &str, model: &Model, sizes: &Sizes) -> Result<(), Diagnostic> {
    let dims = model
        .inputs
        .iter()
        .filter_map(|i| i.dims.as_ref())
        .flatten();
    let named = dims.filter_map(|dim| match dim {
        Extent::Named(name) if !name.is_empty() => Some(name.as_str()),
        _ => None,
    });
    let known: BTreeSet<&str> = named.collect();
    let Some(unknown) = sizes
        .dims
        .keys()
        .find(|name| !known.contains(name.as_str()))
    else {
        return Ok(());
    };
    let facts = format!("{file} has no open dimension `{unknown}`");
    let help = if known.is_empty() {
        "all its dimensions are fixed: leave --dim out; --input-size sets height and width"
            .to_owned()
    } else {
        format!(
            "it has {}",
            known.into_iter().collect::<Vec<_>>().join(", ")
        )
    };
    Err(Diagnostic::error(Code::OnnxDimension, facts).help(help))
}

/// `Nx3x224x224`.
fn text(dims: &[Extent]) -> String {
    let dim = |dim: &Extent| match dim {
        Extent::Fixed(n) => n.to_string(),
        Extent::Named(name) if name.is_empty() => "?".to_owned(),
        Extent::Named(name) => name.clone(),
    };
    let dims: Vec<_> = dims.iter().map(dim).collect();
    if dims.is_empty() {
        dims_text(&[])
    } else {
        dims.join("x")
    }
}

/// The axis each dimension runs along; none for the batch.
fn axes(model: &Model, input: &Info, dims: &[Extent]) -> Option<Vec<Option<Axis>>> {
    match dims.len() {
        1 => Some(vec![Some(Axis::C)]),
        2 => Some(vec![None, Some(Axis::C)]),
        3 => Some(vec![Some(Axis::C), Some(Axis::H), Some(Axis::W)]),
        4 => {
            let order = order(model, input).unwrap_or_else(|| usual_order(dims));
            let mut axes = vec![None; 4];
            for (place, axis) in
                order
                    .into_iter()
                    .zip([None, Some(Axis::C), Some(Axis::H), Some(Axis::W)])
            {
                axes[place] = axis;
            }
            Some(axes)
        }
        _ => None,
    }
}

/// Where nothing tells: a last dimension of a pixel's size holds channels, unless the second could as well.
fn usual_order(dims: &[Extent]) -> [usize; 4] {
    let pixel = |place: usize| matches!(dims[place], Extent::Fixed(1 | 3 | 4));
    if pixel(3) && !pixel(1) {
        [0, 3, 1, 2]
    } else {
        [0, 1, 2, 3]
    }
}

/// Which of the input's dimensions the first convolution or pool takes for batch, channels, height and width.
fn order(model: &Model, input: &Info) -> Option<[usize; 4]> {
    let mut seen = BTreeMap::from([(input.name.as_str(), [0, 1, 2, 3])]);
    for node in &model.nodes {
        let Some(order) = node
            .inputs
            .iter()
            .find_map(|name| seen.get(name.as_str()))
            .copied()
        else {
            continue;
        };
        let order = match node.op.as_str() {
            "Conv" | "MaxPool" | "AveragePool" | "GlobalAveragePool" | "GlobalMaxPool"
            | "BatchNormalization" => {
                return Some(order);
            }
            "Transpose" => permuted(node, order)?,
            "Cast" | "Identity" | "Dropout" | "Pad" | "Add" | "Sub" | "Mul" | "Div" | "Min"
            | "Max" | "Clip" => order,
            _ => continue,
        };
        seen.extend(node.outputs.first().map(|name| (name.as_str(), order)));
    }
    None
}

fn permuted(node: &Node, order: [usize; 4]) -> Option<[usize; 4]> {
    let perm = node.ints("perm").unwrap_or(&[3, 2, 1, 0]);
    let mut permuted = [0; 4];
    for (to, from) in permuted.iter_mut().zip(perm) {
        *to = *order.get(usize::try_from(*from).ok()?)?;
    }
    // What is no permutation is reported where the node is read.
    let mut sorted = permuted;
    sorted.sort_unstable();
    (perm.len() == 4 && sorted == [0, 1, 2, 3]).then_some(permuted)
}

//! Constants in another shape or order, pieces of them, and several as one.
//!
//! In: constants. Out: a constant with the same numbers, each taken from where [`Tensor::pick`] is told. Never: computes.

use super::super::tensor::{Tensor, count};
use super::{Args, Folded, axes, bounded, extents, from_end};

const TOO_LARGE: &str = "it makes too large a constant";

fn picked(x: &Tensor, dims: Vec<usize>, places: &[usize]) -> Folded {
    x.pick(dims, places).ok_or_else(|| TOO_LARGE.to_owned())
}

fn reshaped(x: &Tensor, dims: Vec<usize>) -> Folded {
    x.reshaped(dims)
        .ok_or_else(|| "its numbers do not fill its shape".to_owned())
}

/// How many elements stand between neighbours along each dimension.
fn strides(dims: &[usize]) -> Vec<usize> {
    let inner = |place: usize| dims[place + 1..].iter().product();
    (0..dims.len()).map(inner).collect()
}

/// For each element of `dims`, in order, its offset when a step along a dimension moves by the stride given for it.
fn walk(dims: &[usize], strides: &[usize]) -> Vec<usize> {
    let mut places = vec![0];
    for (dim, stride) in dims.iter().zip(strides) {
        let steps = |place: usize| (0..*dim).map(move |i| place + i * stride);
        places = places.into_iter().flat_map(steps).collect();
    }
    places
}

/// The shape of two tensors over one another.
pub(in super::super) fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, String> {
    let rank = a.len().max(b.len());
    let extent = |dims: &[usize], place: usize| {
        let missing = rank - dims.len();
        place.checked_sub(missing).map_or(1, |place| dims[place])
    };
    let joined = (0..rank).map(|place| match (extent(a, place), extent(b, place)) {
        (1, n) | (n, 1) => Ok(n),
        (n, m) if n == m => Ok(n),
        _ => Err(format!("{a:?} and {b:?} do not fit over one another")),
    });
    joined.collect()
}

/// For each element of `to`, the place of the one element of `from` that lies under it.
pub(super) fn spread(from: &[usize], to: &[usize]) -> Vec<usize> {
    let missing = to.len() - from.len();
    let own = strides(from);
    let stride = |place: usize| match place.checked_sub(missing) {
        Some(place) if from[place] > 1 => own[place],
        _ => 0,
    };
    walk(to, &(0..to.len()).map(stride).collect::<Vec<_>>())
}

pub(super) fn gather(args: &Args<'_>) -> Folded {
    let (x, indices) = (args.tensor(0)?, args.tensor(1)?);
    let axis = args.node.int("axis").unwrap_or(0);
    let axis = from_end(axis, x.dims().len()).ok_or("it gathers along no dimension")?;
    let (outer, rest) = x.dims().split_at(axis);
    let (extent, inner) = (rest[0], &rest[1..]);
    let dims = [outer, indices.dims(), inner].concat();
    bounded(&dims)?;
    let chosen: Option<Vec<usize>> = args.ints(1)?.iter().map(|i| from_end(*i, extent)).collect();
    let chosen = chosen.ok_or("it gathers what is not there")?;
    let (outer, inner): (usize, usize) = (outer.iter().product(), inner.iter().product());
    let places = (0..outer).flat_map(|o| {
        let row = |i: &usize| (o * extent + i) * inner;
        let rows: Vec<usize> = chosen.iter().map(row).collect();
        rows.into_iter().flat_map(move |row| row..row + inner)
    });
    picked(x, dims, &places.collect::<Vec<_>>())
}

pub(super) fn slice(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    let missing = || "it does not say from where to where".to_owned();
    let starts = args.list("starts", 1)?.ok_or_else(missing)?;
    let ends = args.list("ends", 2)?.ok_or_else(missing)?;
    let along = args
        .list("axes", 3)?
        .unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = match args.optional(4) {
        Some(_) => args.ints(4)?,
        None => vec![1; starts.len()],
    };
    let along = axes(&along, x.dims().len())?;
    if [starts.len(), ends.len(), steps.len()] != [along.len(); 3] {
        return Err("its starts, ends, axes and steps are of different lengths".to_owned());
    }
    let mut result = x.clone();
    for (i, axis) in along.into_iter().enumerate() {
        result = slice_one(&result, axis, starts[i], ends[i], steps[i])?;
    }
    Ok(result)
}

fn slice_one(x: &Tensor, axis: usize, start: i64, end: i64, step: i64) -> Folded {
    let extent = i64::try_from(x.dims()[axis]).map_err(|_| TOO_LARGE)?;
    let from_start = |i: i64| if i < 0 { i.saturating_add(extent) } else { i };
    let (start, end) = (from_start(start), from_start(end));
    let kept: Vec<usize> = match step {
        0 => return Err("it steps by nothing".to_owned()),
        1.. => {
            let places = start.clamp(0, extent)..end.clamp(0, extent);
            places.step_by(step as usize).map(|i| i as usize).collect()
        }
        // Backwards, from the start down to what lies behind the end.
        _ => {
            let places = end.clamp(-1, extent - 1) + 1..start.clamp(-1, extent - 1) + 1;
            let step = usize::try_from(step.unsigned_abs()).map_err(|_| TOO_LARGE)?;
            places.rev().step_by(step).map(|i| i as usize).collect()
        }
    };
    let mut dims = x.dims().to_vec();
    let own = strides(&dims);
    dims[axis] = kept.len();
    bounded(&dims)?;
    let outer = walk(&dims[..axis], &own[..axis]);
    let inner = walk(&dims[axis + 1..], &own[axis + 1..]);
    let places = outer.iter().flat_map(|o| {
        let inner = &inner;
        let stride = own[axis];
        kept.iter()
            .flat_map(move |k| inner.iter().map(move |i| o + k * stride + i))
    });
    picked(x, dims, &places.collect::<Vec<_>>())
}

pub(super) fn concat(args: &Args<'_>) -> Folded {
    let parts: Vec<&Tensor> = (0..args.inputs.len())
        .map(|i| args.tensor(i))
        .collect::<Result<_, _>>()?;
    let first = *parts.first().ok_or("it has no inputs")?;
    let axis = args.node.int("axis").unwrap_or(0);
    let axis = from_end(axis, first.dims().len()).ok_or("it joins along no dimension")?;
    let around = |x: &Tensor| {
        x.dims()
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != axis)
            .map(|(_, n)| *n)
            .collect::<Vec<_>>()
    };
    if parts
        .iter()
        .any(|x| x.dims().len() != first.dims().len() || around(x) != around(first))
    {
        return Err("it joins tensors of different shapes".to_owned());
    }
    let mut dims = first.dims().to_vec();
    dims[axis] = parts.iter().map(|x| x.dims()[axis]).sum();
    bounded(&dims)?;
    let outer = count(&dims[..axis]).ok_or(TOO_LARGE)?;
    Tensor::join(dims, outer, &parts)
        .ok_or_else(|| "it joins tensors of different types".to_owned())
}

pub(super) fn transpose(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    let rank = x.dims().len();
    let reversed: Vec<i64> = (0..rank as i64).rev().collect();
    let order = axes(args.node.ints("perm").unwrap_or(&reversed), rank)?;
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rank) {
        return Err("its `perm` is no permutation".to_owned());
    }
    bounded(x.dims())?;
    let own = strides(x.dims());
    let dims: Vec<usize> = order.iter().map(|i| x.dims()[*i]).collect();
    let strides: Vec<usize> = order.iter().map(|i| own[*i]).collect();
    let places = walk(&dims, &strides);
    picked(x, dims, &places)
}

pub(super) fn reshape(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    let zero_is_zero = args.node.int("allowzero") == Some(1);
    reshaped(x, extents(&args.ints(1)?, x.dims(), zero_is_zero)?)
}

pub(super) fn flatten(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    let axis = flatten_axis(args.node.int("axis"), x.dims().len());
    let axis = axis.ok_or("it flattens from no dimension")?;
    let (outer, inner) = x.dims().split_at(axis);
    reshaped(x, vec![outer.iter().product(), inner.iter().product()])
}

/// The first of the dimensions that a `Flatten` makes its second one; it may lie behind the last.
pub(in super::super) fn flatten_axis(axis: Option<i64>, rank: usize) -> Option<usize> {
    match axis.unwrap_or(1) {
        axis if axis < 0 => from_end(axis, rank),
        axis => usize::try_from(axis).ok().filter(|axis| *axis <= rank),
    }
}

pub(super) fn squeeze(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    let listed = args.list("axes", 1)?;
    let listed = listed.map(|list| axes(&list, x.dims().len())).transpose()?;
    let gone = |(place, n): (usize, usize)| match &listed {
        Some(listed) => listed.contains(&place),
        None => n == 1,
    };
    let kept = x.dims().iter().copied().enumerate().filter(|d| !gone(*d));
    reshaped(x, kept.map(|(_, n)| n).collect())
}

pub(super) fn unsqueeze(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    let listed = args.list("axes", 1)?.ok_or("it names no axes")?;
    reshaped(x, with_ones(x.dims(), &listed)?)
}

/// `dims` with dimensions of extent 1 at the places that `listed` names in the result.
pub(in super::super) fn with_ones(dims: &[usize], listed: &[i64]) -> Result<Vec<usize>, String> {
    let rank = dims.len() + listed.len();
    let listed = axes(listed, rank)?;
    let mut rest = dims.iter().copied();
    let extent = |place: usize| {
        if listed.contains(&place) {
            Some(1)
        } else {
            rest.next()
        }
    };
    let extents: Option<Vec<usize>> = (0..rank).map(extent).collect();
    extents.ok_or_else(|| "it names an axis twice".to_owned())
}

/// `Where`: for each element, that of the first or of the second tensor.
pub(super) fn choose(args: &Args<'_>) -> Folded {
    let (condition, x, y) = (args.tensor(0)?, args.tensor(1)?, args.tensor(2)?);
    let dims = broadcast(&broadcast(condition.dims(), x.dims())?, y.dims())?;
    bounded(&dims)?;
    let flat = |tensor: &Tensor| reshaped(tensor, vec![tensor.len()]);
    let both = Tensor::join(vec![x.len() + y.len()], 1, &[&flat(x)?, &flat(y)?]);
    let both = both.ok_or("it chooses between tensors of different types")?;
    let (chosen, behind) = (condition.to_f64(), x.len());
    let conditions = spread(condition.dims(), &dims).into_iter();
    let (from_x, from_y) = (spread(x.dims(), &dims), spread(y.dims(), &dims));
    let places = conditions.zip(from_x.iter().zip(&from_y));
    let places = places.map(|(c, (x, y))| if chosen[c] != 0.0 { *x } else { behind + y });
    picked(&both, dims, &places.collect::<Vec<_>>())
}

pub(super) fn expand(args: &Args<'_>) -> Folded {
    let x = args.tensor(0)?;
    let asked: Option<Vec<usize>> = args
        .ints(1)?
        .iter()
        .map(|n| usize::try_from(*n).ok())
        .collect();
    let dims = broadcast(x.dims(), &asked.ok_or("its shape is negative")?)?;
    bounded(&dims)?;
    let places = spread(x.dims(), &dims);
    picked(x, dims, &places)
}

//! Arrays in other extents or another order, pieces of arrays, several as one.
//!
//! In: arrays. Out: an array of numbers that were there before. Never: computes one.

use super::array::{Array, count, extents, place, strides};
use super::{Args, Computed, arithmetic};

/// The extents of an array, or a part of the list.
pub(super) fn shape(args: &Args<'_>) -> Computed {
    let dims = args.array(0)?.dims();
    let rank = dims.len() as i64;
    let bound = |name: &str, default: i64| {
        let bound = args.node.int(name).unwrap_or(default);
        let bound = if bound < 0 { bound + rank } else { bound };
        bound.clamp(0, rank) as usize
    };
    let (start, end) = (bound("start", 0), bound("end", rank));
    let extents: Vec<i64> = dims.iter().map(|n| *n as i64).collect();
    Ok(Array::ints(extents.get(start..end).unwrap_or_default()))
}

/// In a shape that is asked for, -1 stands for what is left, and 0 for the old extent unless zeros are allowed.
pub(super) fn reshape(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let mut asked = args.list("shape", 1).ok_or("it has no shape")?;
    let zeros = args.node.int("allowzero").unwrap_or(0) != 0;
    for (place, extent) in asked.iter_mut().enumerate() {
        if *extent == 0 && !zeros {
            *extent = *x
                .dims()
                .get(place)
                .ok_or("it keeps a dimension that is not there")? as i64;
        }
    }
    if let Some(rest) = asked.iter().position(|n| *n == -1) {
        asked[rest] = 1;
        let others = count(&extents(&asked)?)?;
        asked[rest] = (x.data().len() / others.max(1)) as i64;
    }
    x.reshaped(extents(&asked)?)
}

/// Two dimensions: all before the axis, and all from it on.
pub(super) fn flatten(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let rank = x.dims().len() as i64;
    let axis = args.node.int("axis").unwrap_or(1);
    let axis = if axis < 0 { axis + rank } else { axis };
    if !(0..=rank).contains(&axis) {
        return Err(format!("it flattens from axis {axis} of {rank}"));
    }
    let (outer, inner) = x.dims().split_at(axis as usize);
    x.reshaped(vec![outer.iter().product(), inner.iter().product()])
}

/// Without some dimensions of one element, or all of them.
pub(super) fn squeeze(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let dropped = match args.list("axes", 1) {
        Some(list) => Args::axes(&list, x.dims().len())?,
        None => (0..x.dims().len()).filter(|d| x.dims()[*d] == 1).collect(),
    };
    let kept = (0..x.dims().len()).filter(|d| !dropped.contains(d));
    x.reshaped(kept.map(|d| x.dims()[d]).collect())
}

/// With more dimensions of one element; their places count in the result.
pub(super) fn unsqueeze(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let list = args.list("axes", 1).ok_or("it names no axes")?;
    let rank = x.dims().len() + list.len();
    let added = Args::axes(&list, rank)?;
    let mut old = x.dims().iter();
    let mut dims = Vec::with_capacity(rank);
    for place in 0..rank {
        dims.push(if added.contains(&place) {
            1
        } else {
            *old.next().ok_or("it names an axis twice")?
        });
    }
    x.reshaped(dims)
}

/// Dimension i of the result is dimension perm(i) of what is given; all turned round where nothing is said.
pub(super) fn transpose(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let rank = x.dims().len();
    let turned: Vec<i64> = (0..rank as i64).rev().collect();
    let perm = Args::axes(args.node.ints("perm").unwrap_or(&turned), rank)?;
    let own = strides(x.dims());
    let dims: Vec<usize> = perm.iter().map(|d| x.dims()[*d]).collect();
    let steps: Vec<usize> = perm.iter().map(|d| own[*d]).collect();
    if count(&dims)? != x.data().len() {
        return Err(format!("{perm:?} is no permutation"));
    }
    x.picked(dims, |index| place(index, &steps))
}

/// One behind the other along a dimension.
pub(super) fn concat(args: &Args<'_>) -> Computed {
    let parts: Vec<&Array> = args.inputs.iter().flatten().collect();
    let first = *parts.first().ok_or("it joins nothing")?;
    let axis = args
        .node
        .int("axis")
        .ok_or("it does not say along which dimension")?;
    let axis = Args::axes(&[axis], first.dims().len())?[0];
    let mut dims = first.dims().to_vec();
    let beside = |part: &&Array| {
        let same = |d: usize| d == axis || part.dims()[d] == first.dims()[d];
        part.dims().len() == first.dims().len() && (0..first.dims().len()).all(same)
    };
    if !parts.iter().all(beside) {
        return Err("it joins arrays of different extents".to_owned());
    }
    dims[axis] = parts.iter().map(|part| part.dims()[axis]).sum();
    let turns: usize = dims[..axis].iter().product();
    let mut data = Vec::with_capacity(count(&dims)?);
    for turn in 0..turns {
        for part in &parts {
            let piece = part.data().len() / turns;
            data.extend_from_slice(&part.data()[turn * piece..][..piece]);
        }
    }
    Ok(first.with(dims, data))
}

/// The elements at indices along a dimension.
pub(super) fn gather(args: &Args<'_>) -> Computed {
    let (x, indices) = (args.array(0)?, args.array(1)?);
    let axis = Args::axes(&[args.node.int("axis").unwrap_or(0)], x.dims().len())?[0];
    let chosen = Args::axes(&indices.to_ints(), x.dims()[axis])?;
    let inner = axis + indices.dims().len();
    let dims = [&x.dims()[..axis], indices.dims(), &x.dims()[axis + 1..]].concat();
    let (own, index_steps) = (strides(x.dims()), strides(indices.dims()));
    x.picked(dims, |index| {
        let which = chosen[place(&index[axis..inner], &index_steps)];
        place(&index[..axis], &own) + which * own[axis] + place(&index[inner..], &own[axis + 1..])
    })
}

/// From a start to an end in steps, along some dimensions.
pub(super) fn slice(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let missing = || "it does not say from where to where".to_owned();
    let starts = args.list("starts", 1).ok_or_else(missing)?;
    let ends = args.list("ends", 2).ok_or_else(missing)?;
    let in_order = || (0..starts.len() as i64).collect();
    let axes = args.list("axes", 3).unwrap_or_else(in_order);
    let axes = Args::axes(&axes, x.dims().len())?;
    let steps = args
        .optional(4)
        .map_or_else(|| vec![1; starts.len()], Array::to_ints);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err("its starts, ends, axes and steps are of different lengths".to_owned());
    }
    let mut chosen: Vec<Vec<usize>> = x.dims().iter().map(|n| (0..*n).collect()).collect();
    for (i, axis) in axes.into_iter().enumerate() {
        chosen[axis] = along(x.dims()[axis] as i64, starts[i], ends[i], steps[i])?;
    }
    let own = strides(x.dims());
    x.picked(chosen.iter().map(Vec::len).collect(), |index| {
        let places = index.iter().zip(&chosen).map(|(i, chosen)| chosen[*i]);
        places.zip(&own).map(|(i, stride)| i * stride).sum()
    })
}

/// The places that a slice takes of a dimension.
fn along(extent: i64, start: i64, end: i64, step: i64) -> Result<Vec<usize>, String> {
    let counted = |i: i64| if i < 0 { i.saturating_add(extent) } else { i };
    let (low, high) = if step > 0 {
        (0, extent)
    } else {
        (-1, extent - 1)
    };
    let (mut at, end) = (
        counted(start).clamp(low, high),
        counted(end).clamp(low, high),
    );
    let mut places = Vec::new();
    if step == 0 {
        return Err("it steps by nothing".to_owned());
    }
    while (step > 0 && at < end) || (step < 0 && at > end) {
        places.push(at as usize);
        at = at.saturating_add(step);
    }
    Ok(places)
}

/// Repeated along dimensions of one element.
pub(super) fn expand(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let asked = extents(&args.array(1)?.to_ints())?;
    let dims = arithmetic::over_one_another(x.dims(), &asked)?;
    arithmetic::spread(x, &dims)
}

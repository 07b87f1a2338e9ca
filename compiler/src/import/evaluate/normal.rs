//! Means, softmax and batch normalisation.
//!
//! In: arrays. Out: arrays. Never: normalises by statistics of what it is given.

use super::array::{Array, place, strides};
use super::{Args, Computed};

/// y = (x - mean) / sqrt(variance + epsilon) * scale + shift, for each channel, which is the second dimension.
pub(super) fn batch_normalization(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    if args.node.int("training_mode").unwrap_or(0) != 0
        || args.node.int("spatial").unwrap_or(1) == 0
    {
        return Err("it normalises by statistics of the batch".to_owned());
    }
    let part = |place: usize| Ok::<_, String>(args.array(place)?.data());
    let (scale, shift, mean, variance) = (part(1)?, part(2)?, part(3)?, part(4)?);
    let epsilon = args.node.float("epsilon").map_or(1e-5, f64::from);
    let channels = x.dims().get(1).copied().unwrap_or(1);
    if [scale.len(), shift.len(), mean.len(), variance.len()] != [channels; 4] {
        return Err(format!("its numbers do not fit {channels} channels"));
    }
    let pixels: usize = x.dims().iter().skip(2).product();
    let normalise = |(place, x): (usize, &f64)| {
        let c = place / pixels % channels;
        (x - mean[c]) / (variance[c] + epsilon).sqrt() * scale[c] + shift[c]
    };
    let data = x.data().iter().enumerate().map(normalise).collect();
    Ok(Array::floats(x.dims().to_vec(), data))
}

/// The mean over some dimensions.
pub(super) fn reduce_mean(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let rank = x.dims().len();
    let listed = args.list("axes", 1).filter(|list| !list.is_empty());
    let axes = match listed {
        Some(list) => Args::axes(&list, rank)?,
        None if args.node.int("noop_with_empty_axes").unwrap_or(0) != 0 => return Ok(x.clone()),
        None => (0..rank).collect(),
    };
    let mut dims = x.dims().to_vec();
    axes.iter().for_each(|axis| dims[*axis] = 1);
    let count = x.data().len() / dims.iter().product::<usize>().max(1);
    let mut steps = strides(&dims);
    axes.iter().for_each(|axis| steps[*axis] = 0);
    let mut sums = vec![0.0; dims.iter().product()];
    let mut numbers = x.data().iter();
    super::array::each_index(x.dims(), |index| {
        sums[place(index, &steps)] += numbers.next().expect("as many numbers as indices");
    });
    let means = sums.into_iter().map(|sum| sum / count as f64).collect();
    if args.node.int("keepdims").unwrap_or(1) == 0 {
        let kept = (0..rank).filter(|d| !axes.contains(d));
        dims = kept.map(|d| dims[d]).collect();
    }
    Ok(Array::floats(dims, means))
}

/// y(i) = exp(x(i)) / sum over k of exp(x(k)), both divided by exp(max x) so that none overflows; along one dimension,
/// and before version 13 of the operators along all from that one on.
pub(super) fn softmax(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let old = args.opset < 13;
    let axis = args.node.int("axis").unwrap_or(if old { 1 } else { -1 });
    let axis = Args::axes(&[axis], x.dims().len())?[0];
    let (along, inner) = if old {
        (x.dims()[axis..].iter().product(), 1)
    } else {
        (
            x.dims()[axis],
            x.dims()[axis + 1..].iter().product::<usize>(),
        )
    };
    let mut y = x.data().to_vec();
    for block in y.chunks_exact_mut((along * inner).max(1)) {
        for first in 0..inner {
            let run = || (first..along * inner).step_by(inner);
            let greatest = run().map(|i| block[i]).fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = run().map(|i| (block[i] - greatest).exp()).sum();
            for i in run() {
                block[i] = (block[i] - greatest).exp() / sum;
            }
        }
    }
    Ok(Array::floats(x.dims().to_vec(), y))
}

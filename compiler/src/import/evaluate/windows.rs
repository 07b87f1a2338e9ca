//! Windows that slide over the last dimensions of a map: convolutions, pools, padding.
//!
//! In: arrays laid out as batch, channels, height, width. Out: the same. Never: skips a tap that the formula has.

use super::super::model::Node;
use super::array::{Array, count, place, strides};
use super::{Args, Computed};

/// How a window moves along one dimension.
#[derive(Clone, Copy)]
struct Slide {
    /// Elements of the input.
    extent: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    /// Elements of padding before the first and behind the last.
    before: usize,
    after: usize,
    /// Positions.
    positions: usize,
}

impl Slide {
    /// The element of the input under a tap; none on padding.
    fn under(&self, position: usize, tap: usize) -> Option<usize> {
        let padded = position * self.stride + tap * self.dilation;
        padded.checked_sub(self.before).filter(|i| *i < self.extent)
    }

    /// Taps at a position that lie on the input or on padding the node asks for; not on what rounding up adds.
    fn taps_within(&self, position: usize) -> usize {
        let end = self.before + self.extent + self.after;
        let within = |tap: &usize| position * self.stride + tap * self.dilation < end;
        (0..self.kernel).filter(within).count()
    }
}

/// No stride, dilation or padding is larger.
const MOST: usize = 1 << 28;

/// The slides along height and width.
fn slides(node: &Node, extents: [usize; 2], kernel: [usize; 2]) -> Result<[Slide; 2], String> {
    let list = |name: &str, default: [i64; 4]| -> Result<Vec<usize>, String> {
        let list = node.ints(name).unwrap_or(&default);
        let size = |n: &i64| usize::try_from(*n).ok().filter(|n| *n <= MOST);
        let sizes = list.iter().map(size).collect::<Option<_>>();
        sizes.ok_or_else(|| format!("its {name} are {list:?}"))
    };
    let (strides, dilations) = (list("strides", [1; 4])?, list("dilations", [1; 4])?);
    let pads = list("pads", [0; 4])?;
    let auto_pad = node.text("auto_pad").unwrap_or("NOTSET");
    let rounds_up = node.int("ceil_mode").unwrap_or(0) != 0;
    let slide = |d: usize| -> Result<Slide, String> {
        let missing = || "its window has fewer than two dimensions".to_owned();
        let stride = *strides.get(d).ok_or_else(missing)?;
        let dilation = *dilations.get(d).ok_or_else(missing)?;
        let (extent, kernel) = (extents[d], kernel[d]);
        if stride == 0 || kernel == 0 || kernel > MOST || extent == 0 {
            return Err("its window or its map is empty".to_owned());
        }
        let span = dilation * (kernel - 1) + 1;
        let (before, after) = match auto_pad {
            "NOTSET" | "" => (
                *pads.get(d).ok_or_else(missing)?,
                *pads.get(d + pads.len() / 2).ok_or_else(missing)?,
            ),
            "VALID" => (0, 0),
            // ceil(extent / stride) positions.
            "SAME_UPPER" | "SAME_LOWER" => {
                let positions = extent.div_ceil(stride);
                let total = ((positions - 1) * stride + span).saturating_sub(extent);
                let (less, more) = (total / 2, total - total / 2);
                if auto_pad == "SAME_UPPER" {
                    (less, more)
                } else {
                    (more, less)
                }
            }
            other => return Err(format!("its auto_pad is {other}")),
        };
        let room = (extent + before + after).checked_sub(span);
        let room = room.ok_or("its window is larger than its input")?;
        let mut positions = room / stride + 1;
        // One more, if it starts on the input or on the padding before it.
        if rounds_up && room % stride != 0 && positions * stride < extent + before {
            positions += 1;
        }
        Ok(Slide {
            extent,
            kernel,
            stride,
            dilation,
            before,
            after,
            positions,
        })
    };
    Ok([slide(0)?, slide(1)?])
}

/// Extents of a map.
fn map_of(x: &Array) -> Result<[usize; 4], String> {
    let dims = x.dims();
    dims.try_into()
        .map_err(|_| format!("it slides over an array of {dims:?}"))
}

/// y(o) = b(o) + sum over i, ky, kx of w(o, i, ky, kx) x(i under the tap)
pub(super) fn conv(args: &Args<'_>) -> Computed {
    let (x, w) = (args.array(0)?, args.array(1)?);
    let ([batch, channels, height, width], [o, per_group, kh, kw]) = (map_of(x)?, map_of(w)?);
    let groups = usize::try_from(args.node.int("group").unwrap_or(1)).unwrap_or(0);
    if groups == 0 || per_group * groups != channels || o % groups != 0 {
        return Err(format!(
            "{groups} groups do not fit {channels} channels in, {o} out"
        ));
    }
    let [down, across] = slides(args.node, [height, width], [kh, kw])?;
    let (rows, columns) = (down.positions, across.positions);
    let bias = match args.optional(2).map(Array::data) {
        None => vec![0.0; o],
        Some([one]) => vec![*one; o],
        Some(bias) if bias.len() == o => bias.to_vec(),
        Some(bias) => {
            return Err(format!(
                "its bias has {} numbers for {o} channels",
                bias.len()
            ));
        }
    };
    let mut y = Vec::with_capacity(count(&[batch, o, rows, columns])?);
    for n in 0..batch {
        for (c, bias) in bias.iter().enumerate() {
            let mut map = vec![*bias; rows * columns];
            for i in 0..per_group {
                let from = n * channels + c / (o / groups) * per_group + i;
                let plane = &x.data()[from * height * width..][..height * width];
                let filter = &w.data()[(c * per_group + i) * kh * kw..][..kh * kw];
                for (tap, weight) in filter.iter().enumerate() {
                    let moves = (down, across);
                    add_shifted(&mut map, plane, *weight, moves, [tap / kw, tap % kw]);
                }
            }
            y.extend(map);
        }
    }
    Ok(Array::floats(vec![batch, o, rows, columns], y))
}

/// Adds `weight` times the elements under one tap of a window to each position.
fn add_shifted(
    map: &mut [f64],
    plane: &[f64],
    weight: f64,
    (down, across): (Slide, Slide),
    [ky, kx]: [usize; 2],
) {
    // The positions at which the tap lies on the input are a run.
    let on_input = |x: &usize| across.under(*x, kx).is_some();
    let Some(first) = (0..across.positions).find(on_input) else {
        return;
    };
    let run = (first..across.positions).take_while(on_input).count();
    let start = first * across.stride + kx * across.dilation - across.before;
    for (position, row) in map.chunks_exact_mut(across.positions).enumerate() {
        let Some(y) = down.under(position, ky) else {
            continue;
        };
        let under = &plane[y * across.extent + start..];
        let sums = &mut row[first..first + run];
        if across.stride == 1 {
            sums.iter_mut()
                .zip(under)
                .for_each(|(sum, x)| *sum += weight * x);
        } else {
            let under = under.iter().step_by(across.stride);
            sums.iter_mut()
                .zip(under)
                .for_each(|(sum, x)| *sum += weight * x);
        }
    }
}

/// For each position of a window over each channel, what `reduce` makes of the elements under it and of how many taps
/// there are that count when padding does.
fn pooled(args: &Args<'_>, reduce: impl Fn(&[f64], usize) -> f64) -> Computed {
    let x = args.array(0)?;
    let [batch, channels, height, width] = map_of(x)?;
    let kernel = args.node.ints("kernel_shape").unwrap_or_default();
    let &[kh, kw] = kernel else {
        return Err(format!("its window is {kernel:?}"));
    };
    let size = |k: i64| usize::try_from(k).map_err(|_| format!("its window is {kernel:?}"));
    let [down, across] = slides(args.node, [height, width], [size(kh)?, size(kw)?])?;
    let (rows, columns) = (down.positions, across.positions);
    let mut y = Vec::with_capacity(count(&[batch, channels, rows, columns])?);
    for plane in x.data().chunks_exact((height * width).max(1)) {
        for (row, column) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
            let taps = (0..down.kernel).flat_map(|ky| (0..across.kernel).map(move |kx| (ky, kx)));
            let under = taps.filter_map(|(ky, kx)| {
                let (y, x) = (down.under(row, ky)?, across.under(column, kx)?);
                Some(plane[y * width + x])
            });
            let within = down.taps_within(row) * across.taps_within(column);
            y.push(reduce(&under.collect::<Vec<_>>(), within));
        }
    }
    Ok(Array::floats(vec![batch, channels, rows, columns], y))
}

/// The mean under the window; padding counts as zeros where the node says so.
pub(super) fn average_pool(args: &Args<'_>) -> Computed {
    let counts_padding = args.node.int("count_include_pad").unwrap_or(0) != 0;
    pooled(args, |under, within| {
        let count = if counts_padding { within } else { under.len() };
        under.iter().sum::<f64>() / count as f64
    })
}

/// The greatest under the window.
pub(super) fn max_pool(args: &Args<'_>) -> Computed {
    pooled(args, |under, _| greatest(under))
}

fn greatest(numbers: &[f64]) -> f64 {
    let greater = |most: f64, x: &f64| if *x > most || x.is_nan() { *x } else { most };
    numbers.iter().fold(f64::NEG_INFINITY, greater)
}

/// What `reduce` makes of all pixels of each channel.
fn global(args: &Args<'_>, reduce: impl Fn(&[f64]) -> f64) -> Computed {
    let x = args.array(0)?;
    let [batch, channels, rest @ ..] = x.dims() else {
        return Err("it pools what has no channels".to_owned());
    };
    let pixels: usize = rest.iter().product();
    let planes = x.data().chunks_exact(pixels.max(1));
    let dims = [&[*batch, *channels][..], &vec![1; rest.len()]].concat();
    Ok(Array::floats(dims, planes.map(reduce).collect()))
}

pub(super) fn global_average_pool(args: &Args<'_>) -> Computed {
    global(args, |plane| plane.iter().sum::<f64>() / plane.len() as f64)
}

pub(super) fn global_max_pool(args: &Args<'_>) -> Computed {
    global(args, greatest)
}

/// A constant around an array.
pub(super) fn pad(args: &Args<'_>) -> Computed {
    let x = args.array(0)?;
    let rank = x.dims().len();
    let amounts = args
        .list("pads", 1)
        .ok_or("it does not say how much it pads")?;
    let mode = args.node.text("mode").unwrap_or("constant");
    if amounts.iter().all(|n| *n == 0) {
        return Ok(x.clone());
    }
    if mode != "constant" {
        return Err(format!("it pads by the rule {mode}"));
    }
    let of_attribute = args.node.float("value").map_or(0.0, f64::from);
    let value = args.optional(2).and_then(|v| v.data().first()).copied();
    let axes = match args.optional(3) {
        Some(axes) => Args::axes(&axes.to_ints(), rank)?,
        None => (0..rank).collect(),
    };
    if amounts.len() != 2 * axes.len() {
        return Err(format!("it pads {} dimensions by {amounts:?}", axes.len()));
    }
    let (mut before, mut dims) = (vec![0; rank], x.dims().to_vec());
    for (i, axis) in axes.iter().enumerate() {
        let amount = |n: i64| usize::try_from(n).map_err(|_| format!("it pads by {amounts:?}"));
        before[*axis] = amount(amounts[i])?;
        dims[*axis] += before[*axis] + amount(amounts[i + axes.len()])?;
    }
    let mut data = vec![value.unwrap_or(of_attribute); count(&dims)?];
    let steps = strides(&dims);
    let first = place(&before, &steps);
    let mut from = x.data().iter();
    super::array::each_index(x.dims(), |index| {
        data[first + place(index, &steps)] = *from.next().expect("as many elements as indices");
    });
    Ok(x.with(dims, data))
}

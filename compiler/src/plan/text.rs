//! Prints a [`Plan`] as text, for `mnetc dump` and goldens.
//!
//! In: a plan. Out: its steps with kernels and tiles, or its memory. Never: fails.

use super::{Kernel, MapId, Plan, Precision, Skip, Step, Storage};
use crate::graph::Activation;
use mnetc_runtime::kernels::{TileInfo, pointwise_tiles};
use std::fmt::Write;

/// The steps: kernel, tile, operands, result.
///
/// ```text
/// plan v2: 53 steps, arena 6021120 bytes, weights 14168128 bytes
///   0 conv k3 s2 p1 stem: input -> stem 112x112x32 relu6
/// ```
pub fn steps(plan: &Plan) -> String {
    let (arena, weights) = (plan.memory.bytes, plan.weight_bytes());
    let (name, count) = (&plan.name, plan.steps.len());
    let mut text =
        format!("plan {name}: {count} steps, arena {arena} bytes, weights {weights} bytes\n");
    for (index, step) in plan.steps.iter().enumerate() {
        let strips = strips(plan, index);
        let _ = writeln!(text, "{index:>4} {}{strips}", step_line(plan, step));
    }
    for group in &plan.groups {
        let (first, last, strips) = (group.first, group.last(), group.strips);
        let bands = group.bands.map_or(String::new(), |bands| {
            let (count, bytes) = (bands.count, bands.bytes);
            format!(" in each of {count} bands of {bytes} bytes")
        });
        let _ = writeln!(
            text,
            "strips: steps {first} to {last} together, {strips} times{bands}"
        );
    }
    text
}

/// ` [8 rows, first 9, above 1, ring 16 from 7]`: the rows a strip makes, and the first one; the rows that a band needs
/// above its own; the rows there is memory for, the place of row 0.
fn strips(plan: &Plan, index: usize) -> String {
    let Some(group) = plan.group(index) else {
        return String::new();
    };
    let (rows, map) = (
        group.rows[index - group.first],
        plan.map(plan.steps[index].output),
    );
    let lead = match rows.lead {
        0 => String::new(),
        lead => format!(", first {}", rows.step.saturating_add_signed(lead)),
    };
    let above = match (group.bands, rows.above) {
        (None, _) | (Some(_), 0) => String::new(),
        (Some(_), above) => format!(", above {above}"),
    };
    let ring = map.ring.map_or(String::new(), |ring| {
        format!(", ring {} from {}", ring.rows, ring.shift)
    });
    let unit = if rows.step == 1 { "row" } else { "rows" };
    format!(" [{} {unit}{lead}{above}{ring}]", rows.step)
}

/// The arena: each buffer's place, length and life, in the order of first use.
pub fn memory(plan: &Plan) -> String {
    let (peak, step) = super::memory::peak(&plan.buffers);
    let mut text = format!(
        "arena {} bytes, greatest sum alive {peak} bytes at step {step}\n",
        plan.memory.bytes
    );
    let _ = writeln!(
        text,
        "{:>10} {:>10} {:>5} {:>5}  maps",
        "offset", "bytes", "first", "last"
    );
    for (index, (live, offset)) in plan.buffers.iter().zip(&plan.memory.offsets).enumerate() {
        let maps = plan
            .maps
            .iter()
            .filter(|m| m.storage == Storage::Buffer(index));
        let maps: Vec<_> = maps.map(|m| m.name.as_str()).collect();
        let (bytes, first, last) = (live.bytes, live.first, live.last);
        let _ = writeln!(
            text,
            "{offset:>10} {bytes:>10} {first:>5} {last:>5}  {}",
            maps.join(", ")
        );
    }
    text
}

fn step_line(plan: &Plan, step: &Step) -> String {
    let mut inputs: Vec<_> = step.inputs.iter().map(|m| map(plan, *m)).collect();
    if let Kernel::Pointwise {
        skip: Skip::Map(skip),
        ..
    } = step.kernel
    {
        inputs.push(format!("+ {}", map(plan, skip)));
    }
    if let Some(gated) = step.kernel.gated() {
        inputs.push(format!("by {}", map(plan, gated)));
    }
    let arrow = if step.overwrites.is_some() {
        "-> in place"
    } else {
        "->"
    };
    let activation = match step.activation {
        Activation::Identity => String::new(),
        a => format!(" {}", a.name()),
    };
    let (output, shape) = (map(plan, step.output), plan.map(step.output).shape);
    let beside = step.kernel.beside();
    let beside = beside.map_or(String::new(), |id| format!(", {}", map(plan, id)));
    let separator = if inputs.is_empty() { "" } else { " " };
    format!(
        "{}: {}{separator}{arrow} {output} {shape}{activation}{beside}",
        kernel(plan, step),
        inputs.join(" ")
    )
}

fn map(plan: &Plan, id: MapId) -> String {
    let map = plan.map(id);
    match map.storage {
        Storage::Input => "input".into(),
        Storage::Output(i) => format!("output.{}", plan.outputs[i].name),
        Storage::Buffer(_) => map.name.clone(),
    }
}

fn kernel(plan: &Plan, step: &Step) -> String {
    let name = step.kernel.name();
    let filters: Vec<_> = step
        .kernel
        .filters()
        .iter()
        .map(|f| plan.filter(*f).params.as_str())
        .collect();
    let details = match &step.kernel {
        Kernel::Conv {
            window,
            groups,
            normalise,
            ..
        } => {
            let groups = if *groups > 1 {
                format!(" g{groups}")
            } else {
                String::new()
            };
            format!(
                " {window}{groups}{}",
                if *normalise { " normalising" } else { "" }
            )
        }
        Kernel::Depthwise { window, .. }
        | Kernel::AveragePool { window }
        | Kernel::MaxPool { window } => format!(" {window}"),
        Kernel::Pointwise {
            precision: Precision::Bf16x3,
            ..
        } => String::new(),
        Kernel::Pointwise { tile, .. } => {
            let size = |t: TileInfo| format!("{}x{}", t.rows, t.channels);
            let on = |level: &str, tile| format!(" {level} {}", size(tile));
            match plan.strategy.target.level() {
                Some(level) => on(level.name(), pointwise_tiles(level)[0]),
                None => on("avx512", tile.avx512.info()) + &on("avx2", tile.avx2.info()),
            }
        }
        Kernel::SqueezeExcite {
            reduce_activation,
            gate,
            ..
        } => {
            format!(" {} {}", reduce_activation.name(), gate.name())
        }
        Kernel::Linear { .. }
        | Kernel::Normalise
        | Kernel::GlobalAveragePool
        | Kernel::Add
        | Kernel::Activation
        | Kernel::Softmax
        | Kernel::Flatten
        | Kernel::Copy => String::new(),
    };
    [
        vec![format!("{name}{details}")],
        filters.into_iter().map(str::to_owned).collect(),
    ]
    .concat()
    .join(" ")
}

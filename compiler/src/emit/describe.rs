//! Words for steps: in comments of generated code, its layer table, and summaries.
//!
//! In: a plan and one of its steps. Out: short texts. Never: writes code.

use crate::graph::Origin;
use crate::plan::{Excitation, Kernel, Plan, Precision, Skip, Step};
use crate::shape::{Padding, Shape, Window};
use mnetc_runtime::Activation;

/// What a reader wants to know of a step: its name, role, geometry, channels, map and epilogue.
///
/// `row3.2.expand: expansion 1x1, 32 -> 192 channels (x6), 28x28, relu6`
pub fn step(plan: &Plan, step: &Step) -> String {
    let operator = format!("{} {}", step.origin.role, geometry(step));
    let mut parts = vec![operator.trim_end().to_owned()];
    parts.extend(channels(plan, step));
    parts.push(maps(plan, step));
    parts.extend(precision(step));
    parts.extend(epilogue(plan, step));
    parts.extend(beside(plan, step));
    format!("{}: {}", step.origin.name, parts.join(", "))
}

/// How many rows a step makes at a time, if it runs in strips, and how many of them are kept: `8 rows a strip, 9 in the
/// first, in a ring of 16`.
pub fn strips(plan: &Plan, step: usize) -> Option<String> {
    let group = plan.group(step)?;
    let rows = group.rows[step - group.first];
    let first = rows.step.saturating_add_signed(rows.lead);
    let lead = match rows.lead {
        0 => String::new(),
        _ => format!(", {first} in the first"),
    };
    let ring = plan.map(plan.steps[step].output).ring;
    let ring = ring.map_or(String::new(), |ring| {
        format!(", in a ring of {}", ring.rows)
    });
    let unit = if rows.step == 1 { "row" } else { "rows" };
    let above = match (group.bands, rows.above) {
        (None, _) | (Some(_), 0) => String::new(),
        (Some(_), above) => format!(", from {above} above the band on"),
    };
    Some(format!("{} {unit} a strip{lead}{above}{ring}", rows.step))
}

/// The numbers it multiplies, where they are not plain.
fn precision(step: &Step) -> Option<String> {
    match (step.kernel.precision(), &step.kernel) {
        (Precision::F32, _) => None,
        (precision, Kernel::Pointwise { .. }) => Some(format!("in {precision}")),
        _ => Some("weights of 24 bits".to_owned()),
    }
}

/// What it leaves besides its output.
fn beside(plan: &Plan, step: &Step) -> Option<String> {
    match &step.kernel {
        Kernel::SqueezeExcite {
            excitation: Excitation::Filter { filter, .. },
            ..
        } => {
            let layer = &plan.filter(*filter).params;
            Some(format!("and {layer}'s weights times these gates"))
        }
        _ => None,
    }
}

/// What is done to a step's sums before they are stored: the map that is added, the activation.
pub fn epilogue(plan: &Plan, step: &Step) -> Vec<String> {
    let added = match step.kernel.skip() {
        Skip::None => None,
        Skip::Map(map) => Some(map),
        Skip::InPlace => step.overwrites,
    };
    let added = added.map(|map| format!("+ {}", plan.map(map).name));
    let activation =
        (step.activation != Activation::Identity).then(|| step.activation.name().to_owned());
    added.into_iter().chain(activation).collect()
}

/// `2 -> 6`, and the factor where channels are expanded: `32 -> 192 (x6)`. Nothing where a step keeps them.
pub fn widths(plan: &Plan, step: &Step) -> Option<String> {
    let (from, to) = (step.input_shape.c, plan.map(step.output).shape.c);
    match &step.kernel {
        Kernel::SqueezeExcite { reduce, .. } => Some(format!(
            "{from} -> {} -> {to}",
            plan.filter(*reduce).kind.outputs()
        )),
        Kernel::Linear { filter, .. } => {
            Some(format!("{} -> {to}", plan.filter(*filter).kind.fan_in()))
        }
        Kernel::Pointwise { .. } if step.origin.role == "expansion" => {
            Some(format!("{from} -> {to} (x{})", factor(from, to)))
        }
        Kernel::Conv { .. } | Kernel::Pointwise { .. } => Some(format!("{from} -> {to}")),
        _ => None,
    }
}

/// `to / from` with at most two decimals, rounded half up.
fn factor(from: usize, to: usize) -> String {
    let hundredths = (to * 100 + from / 2) / from;
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `row 3, repeat 2 of 3`, or the layer's name outside tables.
pub fn place(origin: &Origin) -> String {
    match &origin.row {
        Some(row) if row.repeats > 1 => {
            format!(
                "row {}, repeat {} of {}",
                row.number, row.repeat, row.repeats
            )
        }
        Some(row) => format!("row {}", row.number),
        None => origin.name.clone(),
    }
}

/// The block of a layer of a table, `row3.2`; nothing for layers outside tables.
pub fn block(origin: &Origin) -> Option<String> {
    origin
        .row
        .as_ref()
        .map(|row| format!("row{}.{}", row.number, row.repeat))
}

/// The operator with its geometry, for tables: `depthwise 3x3/2`.
pub fn operator(step: &Step) -> String {
    match window(step) {
        Some(w) => format!("{} {}{}", step.origin.role, extent(w.kernel), stride(w)),
        None => step.origin.role.clone(),
    }
}

fn window(step: &Step) -> Option<Window> {
    let pointwise = matches!(step.kernel, Kernel::Pointwise { .. });
    step.kernel
        .window()
        .or(pointwise.then_some(Window::POINTWISE))
}

fn extent([h, w]: [usize; 2]) -> String {
    format!("{h}x{w}")
}

fn stride(w: Window) -> String {
    match w.stride {
        [1, 1] => String::new(),
        [a, b] if a == b => format!("/{a}"),
        [a, b] => format!("/{a}x{b}"),
    }
}

fn geometry(step: &Step) -> String {
    let Some(w) = window(step) else {
        return String::new();
    };
    let mut text = extent(w.kernel);
    if matches!(step.kernel, Kernel::Pointwise { .. }) {
        return text;
    }
    text += &format!(", stride {}", extent_or_number(w.stride));
    if w.dilation != [1, 1] {
        text += &format!(", dilation {}", extent_or_number(w.dilation));
    }
    text + &padding(w.padding)
}

fn extent_or_number([a, b]: [usize; 2]) -> String {
    if a == b {
        a.to_string()
    } else {
        extent([a, b])
    }
}

fn padding(p: Padding) -> String {
    let [top, left, bottom, right] = p.to_array();
    if p == Padding::all(top) {
        format!(", padding {top}")
    } else {
        format!(", padding top {top} left {left} bottom {bottom} right {right}")
    }
}

fn channels(plan: &Plan, step: &Step) -> Option<String> {
    let widths = widths(plan, step);
    match &step.kernel {
        Kernel::Conv { groups, .. } if *groups > 1 => {
            Some(format!("{} channels in {groups} groups", widths?))
        }
        Kernel::SqueezeExcite {
            reduce_activation,
            gate,
            ..
        } => {
            let (reduce, gate) = (reduce_activation.name(), gate.name());
            Some(format!("{} channels, {reduce} then {gate}", widths?))
        }
        _ => Some(match widths {
            Some(widths) => format!(
                "{} channels{}",
                widths.split(" (").next()?,
                expansion(&widths)
            ),
            None => format!("{} channels", step.input_shape.c),
        }),
    }
}

/// ` (x6)` of `32 -> 192 (x6)`.
fn expansion(widths: &str) -> String {
    widths
        .split_once(" (")
        .map_or(String::new(), |(_, factor)| format!(" ({factor}"))
}

fn maps(plan: &Plan, step: &Step) -> String {
    let pixels = |s: Shape| format!("{}x{}", s.h, s.w);
    let (from, to) = (
        pixels(step.input_shape),
        pixels(plan.map(step.output).shape),
    );
    if from == to {
        from
    } else {
        format!("{from} -> {to}")
    }
}

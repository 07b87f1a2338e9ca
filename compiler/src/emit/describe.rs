//! Words for steps: in comments of generated code, its layer table, and summaries.
//!
//! In: a plan and one of its steps. Out: short texts. Never: writes code.

use crate::graph::Origin;
use crate::plan::{FilterKind, Kernel, Plan, Skip, Step};
use crate::shape::{Padding, Shape, Window};
use mnetc_runtime::Activation;

/// What a reader wants to know of a step: its place, role, geometry, channels and activation.
///
/// `row 3, repeat 2 of 3: expansion 1x1, 32 -> 192 channels, 28x28, relu6`
pub fn step(plan: &Plan, step: &Step) -> String {
    let mut parts = vec![
        format!("{} {}", step.origin.role, geometry(step))
            .trim_end()
            .to_owned(),
    ];
    parts.extend(channels(plan, step));
    parts.push(maps(plan, step));
    if step.activation != Activation::Linear {
        parts.push(step.activation.name().to_owned());
    }
    parts.extend(skip(plan, step));
    format!("{}: {}", place(&step.origin), parts.join(", "))
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
    match &step.kernel {
        Kernel::Conv { window, .. }
        | Kernel::Depthwise { window, .. }
        | Kernel::AveragePool { window }
        | Kernel::MaxPool { window } => Some(*window),
        Kernel::Pointwise { .. } => Some(Window::POINTWISE),
        Kernel::Linear { .. }
        | Kernel::Normalise
        | Kernel::GlobalAveragePool
        | Kernel::SqueezeExcite { .. }
        | Kernel::Add
        | Kernel::Activation
        | Kernel::Softmax
        | Kernel::Copy => None,
    }
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
    let kind = |id: &crate::plan::FilterId| plan.filter(*id).kind;
    match &step.kernel {
        Kernel::Conv { filter, groups, .. } => {
            let FilterKind::Conv {
                inputs, outputs, ..
            } = kind(filter)
            else {
                return None;
            };
            let groups = if *groups > 1 {
                format!(" in {groups} groups")
            } else {
                String::new()
            };
            Some(format!("{inputs} -> {outputs} channels{groups}"))
        }
        Kernel::Depthwise { .. } => Some(format!("{} channels", step.input_shape.c)),
        Kernel::Pointwise { filter, .. } | Kernel::Linear { filter } => {
            let kind = kind(filter);
            Some(format!("{} -> {} channels", kind.fan_in(), kind.outputs()))
        }
        Kernel::SqueezeExcite {
            reduce,
            reduce_activation,
            gate,
            ..
        } => {
            let (squeezed, c) = (kind(reduce).outputs(), step.input_shape.c);
            let (reduce, gate) = (reduce_activation.name(), gate.name());
            Some(format!(
                "{c} -> {squeezed} -> {c} channels, {reduce} then {gate}"
            ))
        }
        Kernel::Normalise
        | Kernel::GlobalAveragePool
        | Kernel::AveragePool { .. }
        | Kernel::MaxPool { .. }
        | Kernel::Add
        | Kernel::Activation
        | Kernel::Softmax
        | Kernel::Copy => Some(format!("{} channels", step.input_shape.c)),
    }
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

fn skip(plan: &Plan, step: &Step) -> Option<String> {
    let Kernel::Pointwise { skip, .. } = &step.kernel else {
        return None;
    };
    match skip {
        Skip::None => None,
        Skip::Map(map) => Some(format!("plus {}", plan.map(*map).name)),
        Skip::InPlace => Some("plus the block's input, in place".into()),
    }
}

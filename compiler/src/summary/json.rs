//! A summary as one JSON object.
//!
//! In: a plan. Out: the totals, then one line per layer. Never: rounds a number.
//!
//! ```json
//! {"name": "v2", "params": 3504872, "macs": 300774272, "weight_bytes": 14168128, "arena_bytes": 6021120, ...,
//!  "layers": [{"name": "stem", "row": null, "op": "conv", "input": [224, 224, 3], "output": [112, 112, 32], ...}]}
//! ```

use super::layers::{self, Layer};
use crate::plan::{Plan, cost};

pub(super) fn text(plan: &Plan) -> String {
    let cost = cost::total(plan);
    let layers: Vec<_> = layers::all(plan)
        .iter()
        .map(|l| "    ".to_owned() + &layer(l))
        .collect();
    let outputs = plan.outputs.iter().map(|o| {
        let (name, shape) = (quoted(&o.name), o.shape.to_array());
        format!(r#"{{"name": {name}, "shape": {shape:?}}}"#)
    });
    let fields = [
        ("name", quoted(&plan.name)),
        ("params", cost.params.to_string()),
        ("macs", cost.macs.to_string()),
        ("weight_bytes", plan.weight_bytes().to_string()),
        ("arena_bytes", plan.memory.bytes.to_string()),
        ("peak", peak(plan)),
        ("input", format!("{:?}", plan.input.shape.to_array())),
        ("input_type", quoted(plan.input.element.name())),
        (
            "outputs",
            format!("[{}]", outputs.collect::<Vec<_>>().join(", ")),
        ),
        ("layers", format!("[\n{}\n  ]", layers.join(",\n"))),
    ];
    let fields = fields.map(|(key, value)| format!("  {}: {value}", quoted(key)));
    format!("{{\n{}\n}}\n", fields.join(",\n"))
}

/// The layer at which the arena is fullest, or null.
fn peak(plan: &Plan) -> String {
    let Some((step, bytes)) = super::peak(plan) else {
        return "null".into();
    };
    let origin = &plan.steps[step].origin;
    let (name, row) = (quoted(&origin.name), row(origin.row.as_ref()));
    format!(r#"{{"name": {name}, "row": {row}, "live_bytes": {bytes}}}"#)
}

fn layer(layer: &Layer<'_>) -> String {
    let (step, cost) = (layer.step, layer.cost);
    let fields = [
        ("name", quoted(&step.origin.name)),
        ("row", row(step.origin.row.as_ref())),
        ("op", quoted(step.kernel.name())),
        ("input", format!("{:?}", step.input_shape.to_array())),
        ("output", format!("{:?}", layer.output.to_array())),
        ("params", cost.params.to_string()),
        ("macs", cost.macs.to_string()),
        ("weight_bytes", cost.weight_bytes.to_string()),
        ("output_bytes", cost.output_bytes.to_string()),
        ("live_bytes", layer.live_bytes.to_string()),
        ("role", quoted(&step.origin.role)),
        ("operator", quoted(&layer.operator())),
        ("activation", quoted(step.activation.name())),
        ("residual", layer.has_skip().to_string()),
        (
            "strip_rows",
            layer
                .strip_rows
                .map_or("null".into(), |rows| rows.to_string()),
        ),
    ];
    let fields = fields.map(|(key, value)| format!("{}: {value}", quoted(key)));
    format!("{{{}}}", fields.join(", "))
}

fn row(row: Option<&crate::graph::Row>) -> String {
    row.map_or("null".into(), |row| row.number.to_string())
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    #[test]
    fn the_sample_is_one_object() {
        let text = text(&sample::plan());
        sample::assert_is_file(&text, "summary/sample.json");
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn any_name_is_a_string() {
        let mut plan = sample::plan();
        let name = "/features/0 \"é\"\\\n\u{1}";
        plan.name = name.into();
        plan.steps[2].origin.name = name.into();
        let object: serde_json::Value = serde_json::from_str(&text(&plan)).expect("it is JSON");
        assert_eq!(object["name"], name);
        assert_eq!(object["layers"][2]["name"], name);
        assert_eq!(object["peak"]["name"], name);
    }

    #[test]
    fn without_an_arena_there_is_no_peak() {
        let mut plan = sample::plan();
        plan.buffers.clear();
        assert_eq!(peak(&plan), "null");
    }
}

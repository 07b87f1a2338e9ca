//! Writes the comment lines a generated file opens with: what it is, the layer table, the totals.
//!
//! In: a plan and where it comes from. Out: lines of text, without `//`. Never: writes code.

use super::{Provenance, describe};
use crate::number::thousands;
use crate::plan::{Plan, Step, cost};

pub(super) fn lines(plan: &Plan, provenance: Provenance<'_>) -> Vec<String> {
    let total = cost::total(plan);
    let version = env!("CARGO_PKG_VERSION");
    let weights = provenance
        .weights
        .map_or(String::new(), |w| format!(" and {w}"));
    let mut head = vec![
        format!(
            "{}: compiled by mnetc {version} from {}{weights}.",
            plan.name, provenance.source
        ),
        "Do not edit: change the table and compile again.".into(),
        String::new(),
    ];
    head.extend(layer_table(plan));
    head.push(String::new());
    head.push(format!(
        "Total: {} parameters, {} multiply-adds, {} bytes of weights, {} bytes of arena.",
        thousands(total.params),
        thousands(total.macs),
        thousands(plan.weight_bytes() as u64),
        thousands(plan.memory.bytes as u64)
    ));
    if let Some(peak) = plan.peak_step() {
        head.push(format!("The arena is fullest at {}.", peak.origin.name));
    }
    head
}

fn layer_table(plan: &Plan) -> Vec<String> {
    let rows: Vec<[String; 5]> = plan.steps.iter().map(|s| table_row(plan, s)).collect();
    let titles = ["row", "operator", "output", "parameters", "MACs"].map(str::to_owned);
    let all = || std::iter::once(&titles).chain(&rows);
    let width = |i: usize| all().map(|r| r[i].len()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |r: &[String; 5]| {
        let [a, b, c, d, e] = widths;
        format!(
            "{:a$}  {:b$}  {:c$}  {:>d$}  {:>e$}",
            r[0], r[1], r[2], r[3], r[4]
        )
    };
    all().map(line).collect()
}

fn table_row(plan: &Plan, step: &Step) -> [String; 5] {
    let cost = cost::of(plan, step);
    [
        describe::block(&step.origin).unwrap_or_else(|| step.origin.name.clone()),
        describe::operator(step),
        plan.map(step.output).shape.to_string(),
        thousands(cost.params),
        thousands(cost.macs),
    ]
}

//! A summary as columns for a terminal.
//!
//! In: a plan. Out: text; 100 characters wide for the networks of the papers. Never: cuts a number.

use super::layers::{self, Layer};
use crate::number::thousands;
use crate::plan::{Output, Plan, cost};

const COLUMNS: usize = 8;

type Row = [String; COLUMNS];

/// The columns' titles, and under them the units.
const TITLES: [[&str; COLUMNS]; 2] = [
    [
        "row", "operator", "output", "then", "params", "MACs", "weights", "arena  ",
    ],
    ["", "", "", "", "", "", "bytes", "bytes  "],
];

/// Columns before this one hold words, the others numbers.
const FIRST_NUMBER: usize = 4;

pub(super) fn text(plan: &Plan) -> String {
    let titles = TITLES.map(|row| row.map(str::to_owned));
    let layers: Vec<Row> = layers::all(plan).iter().map(row).collect();
    let total = total(plan);
    let all = || titles.iter().chain(&layers).chain([&total]);
    let widths: [usize; COLUMNS] =
        std::array::from_fn(|i| all().map(|row| row[i].chars().count()).max().unwrap_or(0));
    let rule = "-".repeat(widths.iter().sum::<usize>() + 2 * (COLUMNS - 1));

    let mut lines = vec![head(plan), String::new()];
    lines.extend(titles.iter().map(|row| line(row, widths)));
    lines.push(rule.clone());
    lines.extend(layers.iter().map(|row| line(row, widths)));
    lines.push(rule);
    lines.push(line(&total, widths));
    lines.push(String::new());
    lines.extend(totals(plan));
    lines.extend(
        layers::strips(plan)
            .iter()
            .map(|group| format!("strips   {group}")),
    );
    lines.extend(many_outputs(plan));
    lines.join("\n") + "\n"
}

fn head(plan: &Plan) -> String {
    let (name, input, steps) = (&plan.name, layers::input(plan), plan.steps.len());
    let outputs = match plan.outputs.len() {
        1 => layers::outputs(plan),
        many => format!("{many} outputs"),
    };
    format!("{name}: {input} -> {outputs}, {steps} layers")
}

fn row(layer: &Layer<'_>) -> Row {
    let peak = if layer.is_peak { " *" } else { "  " };
    [
        layer.row().unwrap_or_else(|| "-".into()),
        layer.operator(),
        layer.output.to_string(),
        layer.then(),
        thousands(layer.cost.params),
        thousands(layer.cost.macs),
        thousands(layer.cost.weight_bytes),
        thousands(layer.live_bytes) + peak,
    ]
}

fn total(plan: &Plan) -> Row {
    let cost = cost::total(plan);
    let [params, macs, weights] = [cost.params, cost.macs, cost.weight_bytes].map(thousands);
    let arena = thousands(plan.memory.bytes as u64) + "  ";
    let none = String::new;
    [
        "total".into(),
        none(),
        none(),
        none(),
        params,
        macs,
        weights,
        arena,
    ]
}

fn line(row: &Row, widths: [usize; COLUMNS]) -> String {
    let cell = |(i, (text, width)): (usize, (&String, usize))| match i < FIRST_NUMBER {
        true => format!("{text:width$}"),
        false => format!("{text:>width$}"),
    };
    let cells: Vec<_> = row.iter().zip(widths).enumerate().map(cell).collect();
    cells.join("  ").trim_end().to_owned()
}

/// `weights  22,018,368 bytes, ...`: one line each.
fn totals(plan: &Plan) -> Vec<String> {
    let cost = cost::total(plan);
    let [weights, arena] = [plan.weight_bytes(), plan.memory.bytes].map(|n| n as u64);
    let header = weights - cost.weight_bytes;
    let peak = plan.peak_step().map_or(String::new(), |step| {
        format!(", fullest at {} (*)", step.origin.name)
    });
    let numbers = [cost.params, cost.macs, weights, arena].map(thousands);
    let width = numbers.iter().map(String::len).max().unwrap_or(0);
    let [params, macs, weights, arena] = numbers;
    vec![
        format!("params   {params:>width$}"),
        format!("MACs     {macs:>width$}"),
        format!("weights  {weights:>width$} bytes, {header} of them the header of the file"),
        format!("arena    {arena:>width$} bytes{peak}"),
    ]
}

/// A line for each output when the first line has no room for them.
fn many_outputs(plan: &Plan) -> Vec<String> {
    if plan.outputs.len() == 1 {
        return vec![];
    }
    let outputs = plan.outputs.iter();
    let line = |o: &Output| format!("output   {} {}", o.name, o.shape);
    outputs.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    #[test]
    fn the_sample_as_a_table() {
        let expected = "\
tiny: 32x32x3 f32 -> logits 1x1x10, 10 layers

row    operator            output    then        params     MACs  weights   arena
                                                                    bytes   bytes
-----------------------------------------------------------------------------------
-      convolution 3x3/2   16x16x16  hard_swish     464  110,592    1,792  17,664
1      expansion 1x1       16x16x32  hard_swish     576  131,072    2,176  49,152
1      depthwise 3x3       16x16x32  hard_swish     352   73,728    1,280  81,920 *
1      squeeze-and-excite  16x16x32                 552      512    3,264  49,344
1      projection 1x1      16x16x16  + skip         544  131,072    2,112  49,152
2      expansion 1x1       16x16x48  hard_swish     864  196,608    3,264  65,536
2      depthwise 3x3/2     8x8x48    hard_swish     528   27,648    1,920  61,440
2      projection 1x1      8x8x16                   800   49,152    3,136  16,384
-      pool                1x1x16                     0        0        0   4,160
-      linear              1x1x10                   170      160    1,088      64
-----------------------------------------------------------------------------------
total                                             4,850  720,544   20,032  81,920

params     4,850
MACs     720,544
weights   20,096 bytes, 64 of them the header of the file
arena     81,920 bytes, fullest at row1.1.depthwise (*)
";
        assert_eq!(text(&sample::plan()), expected);
    }

    #[test]
    fn many_outputs_have_lines_of_their_own() {
        let mut plan = sample::plan();
        plan.outputs.push(Output {
            name: "c2".into(),
            shape: crate::shape::Shape::new(8, 8, 16),
        });
        assert_eq!(head(&plan), "tiny: 32x32x3 f32 -> 2 outputs, 10 layers");
        let expected = ["output   logits 1x1x10", "output   c2 8x8x16"];
        assert_eq!(many_outputs(&plan), expected);
    }
}

//! A summary as a table in GitHub's Markdown.
//!
//! In: a plan. Out: a line of words, the table, the totals in its last row. Never: lets a name break a cell.

use super::layers::{self, Layer};
use crate::number::thousands;
use crate::plan::{Plan, cost};

const TITLES: &str = "\
| row | operator | output | then | parameters | MACs | weights, bytes | arena, bytes |
| ---: | :--- | :--- | :--- | ---: | ---: | ---: | ---: |
";

pub(super) fn text(plan: &Plan) -> String {
    let (input, outputs) = (layers::input(plan), layers::outputs(plan));
    let head = format!("**{}**: {input} -> {outputs}\n\n", cell(&plan.name));
    let rows: String = layers::all(plan).iter().map(row).collect();
    head + TITLES + &rows + &total(plan) + &peak(plan) + &strips(plan)
}

fn strips(plan: &Plan) -> String {
    match &layers::strips(plan)[..] {
        [] => String::new(),
        groups => format!("\nA few rows at a time: {}.\n", cell(&groups.join("; "))),
    }
}

fn row(layer: &Layer<'_>) -> String {
    let live = thousands(layer.live_bytes);
    let live = if layer.is_peak {
        format!("**{live}**")
    } else {
        live
    };
    line(&[
        layer.row().unwrap_or_default(),
        layer.operator(),
        layer.output.to_string(),
        layer.then(),
        thousands(layer.cost.params),
        thousands(layer.cost.macs),
        thousands(layer.cost.weight_bytes),
        live,
    ])
}

/// The weights are those of the layers and the header of the file.
fn total(plan: &Plan) -> String {
    let cost = cost::total(plan);
    let bytes = [plan.weight_bytes(), plan.memory.bytes].map(|n| n as u64);
    let numbers = [cost.params, cost.macs, bytes[0], bytes[1]];
    let bold = |n: u64| format!("**{}**", thousands(n));
    let words = ["", "**total**", "", ""].map(str::to_owned);
    line(&[&words[..], &numbers.map(bold)].concat())
}

fn peak(plan: &Plan) -> String {
    let name = |name: &str| format!("\nThe arena is fullest at {}.\n", cell(name));
    plan.peak_step()
        .map_or(String::new(), |step| name(&step.origin.name))
}

fn line(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|text| cell(text)).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Text that ends neither the cell nor the line.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    #[test]
    fn a_cell_holds_any_text() {
        assert_eq!(cell("a|b\nc"), "a\\|b c");
    }

    #[test]
    fn the_sample_is_a_table() {
        let expected = "\
**tiny**: 32x32x3 f32 -> logits 1x1x10

| row | operator | output | then | parameters | MACs | weights, bytes | arena, bytes |
| ---: | :--- | :--- | :--- | ---: | ---: | ---: | ---: |
|  | convolution 3x3/2 | 16x16x16 | hard_swish | 464 | 110,592 | 1,792 | 17,664 |
| 1 | expansion 1x1 | 16x16x32 | hard_swish | 576 | 131,072 | 2,176 | 49,152 |
| 1 | depthwise 3x3 | 16x16x32 | hard_swish | 352 | 73,728 | 1,280 | **81,920** |
| 1 | squeeze-and-excite | 16x16x32 |  | 552 | 512 | 3,264 | 49,344 |
| 1 | projection 1x1 | 16x16x16 | + skip | 544 | 131,072 | 2,112 | 49,152 |
| 2 | expansion 1x1 | 16x16x48 | hard_swish | 864 | 196,608 | 3,264 | 65,536 |
| 2 | depthwise 3x3/2 | 8x8x48 | hard_swish | 528 | 27,648 | 1,920 | 61,440 |
| 2 | projection 1x1 | 8x8x16 |  | 800 | 49,152 | 3,136 | 16,384 |
|  | pool | 1x1x16 |  | 0 | 0 | 0 | 4,160 |
|  | linear | 1x1x10 |  | 170 | 160 | 1,088 | 64 |
|  | **total** |  |  | **4,850** | **720,544** | **20,096** | **81,920** |

The arena is fullest at row1.1.depthwise.
";
        assert_eq!(text(&sample::plan()), expected);
    }
}

//! Blocks as the rows of a table.
//!
//! In: blocks of one family that follow each other. Out: the table's lines. Never: decides what is a block.
//!
//! A table has the columns its paper has: V1 `c, n, s`; V2 `t, c, n, s`; V3 `k, exp, c, se, nl, s`, of which `se` and `nl`
//! only where a row needs them. Whatever is rare in a table turns its row into a mapping.

use super::Network;
use super::blocks::Block;
use super::layer::padding;
use super::text::{Line, flow, list};
use crate::graph::{Activation, NodeId, ValueId};

/// Equal rows of V3's tables that are written one by one, as the paper has them, where no more than these follow each other.
const PAIR: usize = 2;

/// The paper whose table it is.
#[derive(Clone, Copy, PartialEq)]
enum Family {
    /// `separable`.
    V1,
    /// `inverted_residual`.
    V2,
    /// `bneck`.
    V3,
}

/// A block, as a row of its own would say it.
#[derive(Clone, Debug)]
struct Repeat {
    k: usize,
    /// The whole factor, or the channels.
    inside: usize,
    c: usize,
    se: String,
    function: Activation,
    stride: usize,
    dilation: usize,
    padding: Option<String>,
    skips: bool,
    /// Whether input and output have one shape.
    same_shape: bool,
    tap_expansion: Option<String>,
    marks: Vec<(&'static str, String)>,
    nodes: Vec<NodeId>,
}

/// The skip as a row says it.
#[derive(Clone, Copy, PartialEq)]
enum Residual {
    Auto,
    Never,
    Always,
}

impl Network<'_> {
    /// The table of `blocks`, which follows the layer that makes `previous`.
    pub(super) fn table(&self, blocks: &[&Block], previous: ValueId) -> Vec<Line> {
        let family = self.family(blocks);
        // Widths are numbers in the whole table, or in no row.
        let said = blocks.iter().all(|block| self.says_width(block));
        let repeat = |block: &&Block| self.repeat(block, family, said);
        let repeats: Vec<Repeat> = blocks.iter().map(repeat).collect();
        let rows = rows(&repeats, family);
        let default = self.defaults.activation;
        let counted = rows.iter().any(|row| row.len() > 1);
        let gated = repeats.iter().any(|r| r.se != "false");
        let named = repeats.iter().any(|r| r.function != default);
        let large = repeats.iter().any(|r| r.k != 3);
        let columns = [
            ("k", family == Family::V3 || large),
            ("t", family == Family::V2),
            ("exp", family == Family::V3),
            ("c", true),
            ("n", family != Family::V3 || counted),
            ("se", gated),
            ("nl", named),
            ("s", true),
        ];
        let columns: Vec<&'static str> = columns
            .into_iter()
            .filter_map(|(name, there)| there.then_some(name))
            .collect();
        let mut lines = vec![Line::plain(format!("  - {}:", family.word()))];
        if let Some((key, name)) = blocks.first().and_then(|b| self.from(b.input, previous)) {
            lines.push(Line::plain(format!("      {key}: {name}")));
        }
        lines.push(Line::plain(format!("      columns: {}", list(&columns))));
        lines.push(Line::plain("      rows:"));
        for row in rows {
            let nodes: Vec<Vec<NodeId>> = row.iter().map(|r| r.nodes.clone()).collect();
            let note = self.notes.row(self.graph, &nodes);
            let text = text(row, &columns, family);
            lines.push(Line::noted(format!("        - {text}"), note));
        }
        lines
    }

    /// V2 where every block is a whole number of times as wide inside as its input, all else being equal.
    fn family(&self, blocks: &[&Block]) -> Family {
        if blocks.iter().any(|block| !block.linear) {
            return Family::V1;
        }
        let uniform = blocks
            .windows(2)
            .all(|pair| pair[0].function == pair[1].function);
        let plain = blocks
            .iter()
            .all(|b| b.gates.is_none() && b.factor(self.graph).is_some());
        if uniform && plain {
            Family::V2
        } else {
            Family::V3
        }
    }

    fn repeat(&self, block: &Block, family: Family, said: bool) -> Repeat {
        let graph = self.graph;
        let window = block.conv(graph, block.depthwise).window;
        let inner = block.inner(graph);
        let inside = match family {
            Family::V1 | Family::V2 => block.factor(graph).unwrap_or(1),
            Family::V3 => inner,
        };
        let input = graph.shape(block.input).with_channels(inner);
        let expanded = block.expand.map(|id| graph.node(id).output);
        let parts = [
            block.expand,
            Some(block.depthwise),
            block.gates,
            Some(block.project),
        ];
        Repeat {
            k: window.kernel[0],
            inside,
            c: block.channels(graph),
            se: self.row_gates(block, said),
            function: block.function,
            stride: block.stride(graph),
            dilation: window.dilation[0],
            padding: padding(window, input, self.defaults.padding).map(|(_, text)| text),
            skips: block.skips(graph),
            same_shape: graph.shape(block.input) == graph.shape(block.output),
            tap_expansion: expanded.and_then(|value| self.taps.get(&value).cloned()),
            marks: self.marks(block.output),
            nodes: parts.into_iter().flatten().collect(),
        }
    }

    /// Whether `true` says how wide a block's gates are squeezed.
    fn says_width(&self, block: &Block) -> bool {
        let se = block.gating(self.graph);
        let inner = block.inner(self.graph);
        se.is_none_or(|se| self.defaults.says_width(inner, se.reduce.channels))
    }

    /// The cell `se`; `said`: `true` says the width.
    fn row_gates(&self, block: &Block, said: bool) -> String {
        let Some(se) = block.gating(self.graph) else {
            return "false".to_owned();
        };
        let mut keys: Vec<(&str, String)> = Vec::new();
        if !said {
            keys.push(("width", se.reduce.channels.to_string()));
        }
        let default = &self.defaults.se;
        if block.gates_first != (default.first && block.expand.is_some()) {
            let place = match block.gates_first {
                true => "before_activation",
                false => "after_activation",
            };
            keys.push(("placement", place.to_owned()));
        }
        let (gate, inner) = (se.expand.activation, se.reduce.activation);
        if gate != default.gate {
            keys.push(("gate", gate.name().to_owned()));
        }
        if inner != default.inner {
            keys.push(("activation", inner.name().to_owned()));
        }
        match &keys[..] {
            [] => "true".to_owned(),
            [("width", width)] => width.clone(),
            keys => flow(keys),
        }
    }
}

impl Family {
    fn word(self) -> &'static str {
        match self {
            Self::V1 => "separable",
            Self::V2 => "inverted_residual",
            Self::V3 => "bneck",
        }
    }

    fn residual(self) -> Residual {
        match self {
            Self::V1 => Residual::Never,
            Self::V2 | Self::V3 => Residual::Auto,
        }
    }
}

/// The repeats, row by row.
fn rows(repeats: &[Repeat], family: Family) -> Vec<&[Repeat]> {
    let mut rows: Vec<&[Repeat]> = Vec::new();
    let mut rest = repeats;
    while !rest.is_empty() {
        let mut length = 1;
        while length < rest.len() && joins(&rest[..length], &rest[length], family) {
            length += 1;
        }
        let (row, later) = rest.split_at(length);
        rows.push(row);
        rest = later;
    }
    if family == Family::V3 && rows.iter().all(|row| row.len() <= PAIR) {
        return repeats.chunks(1).collect();
    }
    rows
}

/// Whether a block is one more repeat of a row. In V2's tables the first repeat may have a stride and another input; rows of
/// the others repeat what is equal.
fn joins(row: &[Repeat], next: &Repeat, family: Family) -> bool {
    let (Some(first), Some(last)) = (row.first(), row.last()) else {
        return false;
    };
    let equal = first.k == next.k
        && first.inside == next.inside
        && first.c == next.c
        && first.se == next.se
        && first.function == next.function
        && first.dilation == next.dilation
        && first.padding == next.padding
        && next.stride == 1;
    let alike = family == Family::V2 || (first.stride == 1 && first.same_shape);
    // What is read by name or given out is the last repeat's, and the first one's expansion.
    let unmarked = last.marks.is_empty() && next.tap_expansion.is_none();
    let all: Vec<&Repeat> = row.iter().chain([next]).collect();
    equal && alike && unmarked && residual(&all, family).is_some()
}

/// What says the skips of all repeats.
fn residual(repeats: &[&Repeat], family: Family) -> Option<Residual> {
    let says = |residual: &Residual| {
        repeats.iter().enumerate().all(|(place, r)| {
            let stride = if place == 0 { r.stride } else { 1 };
            r.skips
                == match residual {
                    Residual::Auto => stride == 1 && r.same_shape,
                    Residual::Never => false,
                    Residual::Always => true,
                }
        })
    };
    let by_default = family.residual();
    [by_default, Residual::Never, Residual::Always]
        .into_iter()
        .find(says)
}

/// A row: a list, or a mapping where it says more than there are columns for.
fn text(row: &[Repeat], columns: &[&'static str], family: Family) -> String {
    let first = &row[0];
    let last = &row[row.len() - 1];
    let cell = |column: &str| match column {
        "k" => first.k.to_string(),
        "t" | "exp" => first.inside.to_string(),
        "c" => first.c.to_string(),
        "n" => row.len().to_string(),
        "se" => first.se.clone(),
        "nl" => short_word(first.function).to_owned(),
        _ => first.stride.to_string(),
    };
    let cells: Vec<(&'static str, String)> = columns
        .iter()
        .map(|column| (*column, cell(column)))
        .collect();
    let mut more: Vec<(&'static str, String)> = Vec::new();
    if first.dilation != 1 {
        more.push(("d", first.dilation.to_string()));
    }
    let all: Vec<&Repeat> = row.iter().collect();
    match residual(&all, family) {
        Some(Residual::Never) if family.residual() != Residual::Never => {
            more.push(("residual", "false".to_owned()));
        }
        Some(Residual::Always) => more.push(("residual", "true".to_owned())),
        Some(Residual::Auto | Residual::Never) | None => {}
    }
    if let Some(padding) = &first.padding {
        more.push(("padding", padding.clone()));
    }
    if let Some(tap) = &first.tap_expansion {
        more.push(("tap_expansion", tap.clone()));
    }
    more.extend(last.marks.clone());
    if more.is_empty() {
        return list(cells.into_iter().map(|(_, cell)| cell));
    }
    let said = cells
        .into_iter()
        .filter(|(column, cell)| *column != "n" || cell != "1");
    flow(&said.chain(more).collect::<Vec<_>>())
}

/// The paper's word for an activation, where it has one.
fn short_word(function: Activation) -> &'static str {
    match function {
        Activation::Relu => "RE",
        Activation::HardSwish => "HS",
        Activation::Relu6 => "R6",
        other => other.name(),
    }
}

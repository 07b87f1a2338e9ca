//! Tables: a header and its rows, each row a list in the header's order or a mapping.
//!
//! In: the fields of a table. Out: its rows as written. Never: knows defaults or shapes.

use super::fields::{Fields, duplicate, missing, unknown, wrong_type};
use super::layers::{channels, clash};
use super::spec::{Block, Row, Spanned, Table};
use super::tree::{Kind, Node};
use crate::diag::{Code, Diagnostic, Diagnostics, Span};

const COLUMNS: &[&str] = &[
    "k",
    "s",
    "d",
    "c",
    "n",
    "t",
    "exp",
    "se",
    "nl",
    "residual",
    "padding",
    "tap",
    "tap_expansion",
    "name",
];

/// What stands above the rows.
enum Header<'a> {
    /// Nothing: every row must be a mapping.
    Absent,
    /// Something wrong, and reported, so that rows are not blamed for it.
    Wrong,
    /// Names, each with its place.
    Columns(Span, Vec<(&'a str, Span)>),
}

/// All rows of a table up to the first that cannot be read; every mistake in them is reported.
pub(super) fn read(table: &Fields<'_>, block: Block, diags: &mut Diagnostics) -> Table {
    let before = diags.len();
    let header = header(table, block, diags);
    let cells = rows(table, diags);
    let reader = Reader {
        table,
        block,
        header,
    };
    let mut readable = diags.len() == before;
    let mut rows = Vec::new();
    for node in cells {
        let before = diags.len();
        let row = reader.row(node, diags);
        readable &= diags.len() == before;
        rows.extend(row.filter(|_| readable));
    }
    Table {
        block,
        rows,
        complete: readable,
    }
}

fn rows<'a>(table: &Fields<'a>, diags: &mut Diagnostics) -> &'a [Node] {
    let Some(node) = table.node("rows") else {
        diags.push(missing(table.what, "rows", table.place));
        return &[];
    };
    let Kind::Seq(rows) = &node.kind else {
        diags.push(wrong_type(node, "`rows`", "a list of rows"));
        return &[];
    };
    if rows.is_empty() {
        let error = Diagnostic::error(Code::Empty, "a table has at least one row").at(node.span);
        diags.push(error.help("add a row, or drop the table"));
    }
    rows
}

fn header<'a>(table: &Fields<'a>, block: Block, diags: &mut Diagnostics) -> Header<'a> {
    let Some(node) = table.node("columns") else {
        return Header::Absent;
    };
    let Kind::Seq(items) = &node.kind else {
        diags.push(wrong_type(node, "`columns`", "a list of words"));
        return Header::Wrong;
    };
    let before = diags.len();
    let columns = columns(items, table.what, diags);
    let place = |name: &str| {
        columns
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, span)| *span)
    };
    if let Some(clash) = clash(place("exp"), place("t"), "exp") {
        diags.push(clash);
    }
    if diags.len() > before {
        return Header::Wrong;
    }
    if let Some(lacking) = lacking(block, |key| place(key).is_some()) {
        let facts = format!("{} needs the column {lacking}", table.what);
        let error = Diagnostic::error(Code::MissingColumn, facts).at(node.span);
        diags.push(error.help("add it to the header and to every row"));
        return Header::Wrong;
    }
    Header::Columns(node.span, columns)
}

/// The columns that are known and not there yet.
fn columns<'a>(items: &'a [Node], what: &str, diags: &mut Diagnostics) -> Vec<(&'a str, Span)> {
    let mut columns: Vec<(&str, Span)> = Vec::new();
    for item in items {
        let Some(name) = item.word() else {
            diags.push(wrong_type(item, "a column", "a word"));
            continue;
        };
        if !COLUMNS.contains(&name) {
            diags.push(unknown(Code::UnknownColumn, item, what, COLUMNS));
        } else if let Some((_, first)) = columns.iter().find(|(n, _)| *n == name) {
            diags.push(duplicate("column", name, item.span, *first));
        } else {
            columns.push((name, item.span));
        }
    }
    columns
}

/// The first column that a block cannot do without and does not have.
fn lacking(block: Block, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    let expands = has("t") || has("exp");
    match block {
        _ if !has("c") => Some("`c`"),
        Block::Separable => None,
        Block::InvertedResidual => (!expands).then_some("`t` (or `exp`)"),
        Block::Bneck if !has("k") => Some("`k`"),
        Block::Bneck => (!expands).then_some("`exp` (or `t`)"),
    }
}

struct Reader<'a> {
    table: &'a Fields<'a>,
    block: Block,
    header: Header<'a>,
}

impl Reader<'_> {
    fn row(&self, node: &Node, diags: &mut Diagnostics) -> Option<Row> {
        let fields = match &node.kind {
            Kind::Map(_) => Fields::of(node, "this row", node.span, COLUMNS, diags)?,
            Kind::Seq(cells) => self.cells(node, cells, diags)?,
            Kind::Null | Kind::Plain(_) | Kind::Quoted(_) => {
                diags.push(wrong_type(node, "a row", "a list of values or a mapping"));
                return None;
            }
        };
        if let Some(lacking) = lacking(self.block, |key| fields.key(key).is_some()) {
            let facts = format!("this row of {} needs {lacking}", self.table.what);
            let error = Diagnostic::error(Code::MissingColumn, facts).at(node.span);
            diags.push(error.help("give it a value"));
            return None;
        }
        let clash = clash(fields.key("exp"), fields.key("t"), "exp");
        if let Some(clash) = clash {
            diags.push(clash);
        }
        Some(read_row(node.span, &fields, diags))
    }

    /// A list's values under their columns' names; `~` leaves a value out.
    fn cells<'m>(
        &'m self,
        node: &Node,
        cells: &'m [Node],
        diags: &mut Diagnostics,
    ) -> Option<Fields<'m>> {
        let (place, columns) = match &self.header {
            Header::Columns(place, columns) => (place, columns),
            Header::Wrong => return None,
            Header::Absent => {
                let error = missing(self.table.what, "columns", self.table.place);
                diags.push(error.label(node.span, "this row is a list"));
                return None;
            }
        };
        if cells.len() != columns.len() {
            let facts = format!(
                "this row has {}, the table has {}",
                count(cells.len(), "value"),
                count(columns.len(), "column")
            );
            let error = Diagnostic::error(Code::Length, facts)
                .at(node.span)
                .label(*place, "the columns");
            diags.push(error.help("give each column one value"));
            return None;
        }
        let mut fields = Fields::none("this row", node.span);
        for ((name, _), cell) in columns.iter().zip(cells) {
            if cell.kind != Kind::Null {
                fields.insert(name, cell.span, cell);
            }
        }
        Some(fields)
    }
}

fn count(n: usize, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {what}{s}")
}

fn read_row(span: Span, f: &Fields<'_>, diags: &mut Diagnostics) -> Row {
    let nothing = Spanned { value: 1, span };
    Row {
        span,
        k: f.get("k", diags),
        s: f.get("s", diags),
        d: f.get("d", diags),
        c: f.require("c", diags).unwrap_or(nothing),
        n: f.get("n", diags),
        expansion: channels(f, "exp", diags),
        se: f.get("se", diags),
        activation: f.get("nl", diags),
        residual: f.get("residual", diags),
        padding: f.get("padding", diags),
        tap: f.get("tap", diags),
        tap_expansion: f.get("tap_expansion", diags),
        name: f.get("name", diags),
    }
}

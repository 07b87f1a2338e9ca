//! Prints a [`Spec`] as text, for `mnetc dump`: every value as it was read, with its line and column.
//!
//! In: a spec and the sources its spans point into. Out: text, a line for each layer and row. Never: fills in a default.
//!
//! ```text
//! spec v2 (1:7): input height 224 (2:17), width 224 (2:29), channels 3 (2:44)
//! layer conv (5:5): k 3 (5:15), s 2 (5:21), c 32 (5:27)
//! ```

use super::spec::{
    Add, BatchNorm, Channels, Conv, Excite, Layer, LayerKind, Linear, Operands, Opt, Padding, Pool,
    Row, RowSe, Spanned, Spec, SqueezeExcite, Table,
};
use crate::diag::{Sources, Span};
use std::fmt::Debug;

/// The whole spec.
pub fn print(spec: &Spec, sources: &Sources) -> String {
    let printer = Printer { sources };
    let mut lines = vec![
        format!(
            "spec {} ({})",
            spec.name.value,
            printer.place(spec.name.span)
        ),
        format!("input: {}", printer.input(spec).join(", ")),
        format!("defaults: {}", printer.defaults(spec).join(", ")),
    ];
    for layer in &spec.layers {
        lines.extend(printer.layer(layer));
    }
    lines
        .iter()
        .map(|line| format!("{}\n", line.trim_end_matches([':', ' '])))
        .collect()
}

struct Printer<'s> {
    sources: &'s Sources,
}

impl Printer<'_> {
    /// `line:column` of a span's start, both from 1, columns in characters.
    fn place(&self, span: Span) -> String {
        let text = &self.sources.get(span.source).text;
        let before = &text.as_bytes()[..span.start.min(text.len())];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        format!("{line}:{column}")
    }

    /// `key value (line:column)`; nothing for what was left out.
    fn value<T: Debug>(&self, key: &str, value: &Opt<T>) -> Option<String> {
        let Spanned { value, span } = value.as_ref()?;
        Some(format!("{key} {value:?} ({})", self.place(*span)))
    }

    fn number<T: Debug + Clone>(&self, key: &str, value: &Spanned<T>) -> Option<String> {
        self.value(key, &Some(value.clone()))
    }

    fn input(&self, spec: &Spec) -> Vec<String> {
        let i = &spec.input;
        let values = [
            self.number("height", &i.height),
            self.number("width", &i.width),
            self.number("channels", &i.channels),
            self.value("type", &i.pixel),
            self.value("mean", &i.mean),
            self.value("std", &i.std),
            self.value("scale", &i.scale),
        ];
        values.into_iter().flatten().collect()
    }

    fn defaults(&self, spec: &Spec) -> Vec<String> {
        let (d, r, b) = (&spec.defaults, &spec.rounding, &spec.budget);
        let SqueezeExcite {
            ratio,
            divisor,
            gate,
            activation,
            placement,
        } = &d.se;
        let values = [
            self.value("width_multiplier", &spec.width_multiplier),
            self.value("rounding.divisor", &r.divisor),
            self.value("rounding.minimum", &r.minimum),
            self.value("activation", &d.activation),
            self.value("batch_norm", &d.batch_norm),
            self.value("padding", &d.padding),
            self.value("se.ratio", ratio),
            self.value("se.divisor", divisor),
            self.value("se.gate", gate),
            self.value("se.activation", activation),
            self.value("se.placement", placement),
            self.value("budget.ram", &b.ram),
            self.value("budget.flash", &b.flash),
        ];
        values.into_iter().flatten().collect()
    }

    fn layer(&self, layer: &Layer) -> Vec<String> {
        let (kind, mut values, rows) = match &layer.kind {
            LayerKind::Conv(conv) => ("conv", self.conv(conv), vec![]),
            LayerKind::Depthwise(conv) => ("depthwise", self.conv(conv), vec![]),
            LayerKind::Linear(linear) => ("linear", self.linear(linear), vec![]),
            LayerKind::Table(table) => (
                "table",
                vec![format!("{:?}", table.block)],
                self.rows(table),
            ),
            LayerKind::GlobalAveragePool => ("global_average_pool", vec![], vec![]),
            LayerKind::AveragePool(pool) => ("average_pool", self.pool(pool), vec![]),
            LayerKind::MaxPool(pool) => ("max_pool", self.pool(pool), vec![]),
            LayerKind::Flatten => ("flatten", vec![], vec![]),
            LayerKind::Dropout(rate) => (
                "dropout",
                self.value("rate", rate).into_iter().collect(),
                vec![],
            ),
            LayerKind::Softmax => ("softmax", vec![], vec![]),
            LayerKind::Activation(a) => (
                "activation",
                self.number("function", a).into_iter().collect(),
                vec![],
            ),
            LayerKind::SqueezeExcite(se) => ("squeeze_excite", self.excite(se), vec![]),
            LayerKind::Add(add) => ("add", self.add(add), vec![]),
            LayerKind::Unreadable => ("unreadable", vec![], vec![]),
        };
        values.extend(self.value("name", &layer.name));
        values.extend(self.value("tap", &layer.tap));
        values.extend(self.value("from", &layer.from));
        let head = format!(
            "layer {kind} ({}): {}",
            self.place(layer.span),
            values.join(", ")
        );
        std::iter::once(head).chain(rows).collect()
    }

    fn channels(&self, channels: &Option<Channels>) -> Option<String> {
        match channels.as_ref()? {
            Channels::Count(c) => self.number("channels", c),
            Channels::Times(t) => self.number("times", t),
        }
    }

    fn conv(&self, c: &Conv) -> Vec<String> {
        let values = [
            self.number("k", &c.k),
            self.value("s", &c.s),
            self.value("d", &c.d),
            self.channels(&c.channels),
            self.value("groups", &c.groups),
            self.value("activation", &c.activation),
            self.value::<BatchNorm>("batch_norm", &c.batch_norm),
            self.value("bias", &c.bias),
            self.value::<Padding>("padding", &c.padding),
            self.value("width", &c.width),
        ];
        values.into_iter().flatten().collect()
    }

    fn linear(&self, l: &Linear) -> Vec<String> {
        let values = [
            self.number("c", &l.c),
            self.value("activation", &l.activation),
            self.value("width", &l.width),
            self.value("bias", &l.bias),
        ];
        values.into_iter().flatten().collect()
    }

    fn pool(&self, p: &Pool) -> Vec<String> {
        let values = [
            self.number("k", &p.k),
            self.value("s", &p.s),
            self.value("d", &p.d),
            self.value("padding", &p.padding),
        ];
        values.into_iter().flatten().collect()
    }

    fn excite(&self, se: &Excite) -> Vec<String> {
        let values = [
            self.number("channels", &se.c),
            self.value("inner", &se.inner),
            self.value("gate", &se.gate),
            self.value("activation", &se.activation),
        ];
        values.into_iter().flatten().collect()
    }

    fn add(&self, add: &Add) -> Vec<String> {
        let names: Vec<String> = match &add.from.value {
            Operands::Previous(name) => vec![name.clone()],
            Operands::Both(both) => both.iter().map(|name| name.value.clone()).collect(),
        };
        let from = format!("from {names:?} ({})", self.place(add.from.span));
        let activation = self.value("activation", &add.activation);
        std::iter::once(from).chain(activation).collect()
    }

    fn rows(&self, table: &Table) -> Vec<String> {
        let row = |r: &Row| format!("  row ({}): {}", self.place(r.span), self.row(r).join(", "));
        table.rows.iter().map(row).collect()
    }

    fn row(&self, r: &Row) -> Vec<String> {
        let values = [
            self.value("k", &r.k),
            self.value("s", &r.s),
            self.value("d", &r.d),
            self.channels(&r.expansion)
                .map(|e| format!("expansion {e}")),
            self.number("c", &r.c),
            self.value("n", &r.n),
            self.squeeze_excite(&r.se),
            self.value("nl", &r.activation),
            self.value("residual", &r.residual),
            self.value("padding", &r.padding),
            self.value("tap", &r.tap),
            self.value("tap_expansion", &r.tap_expansion),
            self.value("name", &r.name),
        ];
        values.into_iter().flatten().collect()
    }

    fn squeeze_excite(&self, se: &Opt<RowSe>) -> Option<String> {
        let Spanned {
            value:
                RowSe {
                    on,
                    width,
                    placement,
                    gate,
                    activation,
                },
            span,
        } = se.as_ref()?;
        let more = [
            self.value("width", width),
            self.value("placement", placement),
            self.value("gate", gate),
            self.value("activation", activation),
        ];
        let more: String = more
            .into_iter()
            .flatten()
            .map(|text| format!(", {text}"))
            .collect();
        Some(format!("se {on} ({}){more}", self.place(*span)))
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::{Diagnostics, Sources};

    #[test]
    fn every_value_has_its_place() {
        let text = "\
name: tiny
input: {height: 8, width: 8, channels: 3}
layers:
  - conv: {k: 3, c: 8}
  - bneck:
      columns: [k, exp, c, se, nl, s]
      rows:
        - [3, 16, 8, true, HS, 1]
  - dropout: 0.2
";
        let (mut sources, mut diags) = (Sources::new(), Diagnostics::new());
        let id = sources.add("tiny.yaml", text);
        let spec = crate::front::yaml::parse(&mut sources, id, &[], &mut diags).unwrap();
        let expected = "\
spec tiny (1:7)
input: height 8 (2:17), width 8 (2:27), channels 3 (2:40)
defaults
layer conv (4:5): k 3 (4:15), channels 8 (4:21)
layer table (5:5): Bneck
  row (8:11): k 3 (8:12), s 1 (8:32), expansion channels 16 (8:15), c 8 (8:19), se true (8:22), nl HardSwish (8:28)
layer dropout (9:5): rate 0.2 (9:14)
";
        assert_eq!(super::print(&spec, &sources), expected);
    }
}

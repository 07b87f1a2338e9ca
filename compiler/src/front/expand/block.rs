//! Rows of tables: the blocks of MobileNetV1, V2 and V3.
//!
//! In: a table as written. Out: nodes. Never: reads a default but through settings.

use super::layer::{Places, Slide, Unit, place};
use super::settings::or;
use super::{Expander, Step, activation, faults, widths};
use crate::diag::{Code, Diagnostic};
use crate::front::spec::{self, Block, Channels, Gate, Placement, Residual, Row, Table, Width};
use crate::graph::{self, Activation, Origin, ValueId};
use crate::shape::Window;

/// One repeat of a row.
struct Repeat<'a> {
    row: &'a Row,
    block: Block,
    /// `row3.2`.
    base: String,
    /// Stride as written in the table: the first repeat's, then 1.
    stride: u32,
    place: graph::Row,
}

impl Repeat<'_> {
    /// Name and origin of one of its layers.
    fn origin(&self, name: &str, role: &str) -> Origin {
        Origin {
            name: name.to_owned(),
            role: role.to_owned(),
            row: Some(self.place.clone()),
        }
    }

    fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.base)
    }
}

impl Expander<'_> {
    pub(super) fn table(&mut self, table: &Table) -> Step {
        for row in &table.rows {
            self.rows += 1;
            let place = super::row_place(self.rows);
            self.places.0.insert(place, row.span);
            self.row(row, table.block)?;
        }
        table.complete.then_some(())
    }

    fn row(&mut self, row: &Row, block: Block) -> Step {
        let repeats = or(row.n, 1);
        let mut expansion = None;
        for repeat in 1..=repeats {
            let place = graph::Row {
                number: self.rows,
                repeat: repeat as usize,
                repeats: repeats as usize,
                table: block_name(block).to_owned(),
                text: text(row),
            };
            let base = format!("row{}.{repeat}", self.rows);
            let stride = if repeat == 1 { or(row.s, 1) } else { 1 };
            let expanded = self.repeat(&Repeat {
                row,
                block,
                base,
                stride,
                place,
            })?;
            if repeat == 1 {
                expansion = expanded;
            }
        }
        self.taps(row, expansion);
        if let Some(name) = &row.name {
            self.record(&name.value, Some(name.span));
        }
        Some(())
    }

    /// The expansion is the first repeat's: the last map at the size before the stride.
    fn taps(&mut self, row: &Row, expansion: Option<ValueId>) {
        match (&row.tap_expansion, expansion) {
            (Some(tap), Some(value)) => self.tap(tap, value),
            (Some(tap), None) => {
                let facts = "this row has no expansion: it is as wide as its input";
                let error = Diagnostic::error(Code::NoExpansion, facts)
                    .at(tap.span)
                    .label(row.span, "this row");
                self.diags.push(
                    error.help("drop `tap_expansion`, or make the expansion wider than the input"),
                );
            }
            (None, _) => {}
        }
        if let Some(tap) = &row.tap {
            self.tap(tap, self.x);
        }
    }

    /// Expansion, depthwise, squeeze-and-excite, projection, skip. Gives the expansion's map, if there is one.
    fn repeat(&mut self, r: &Repeat<'_>) -> Option<Option<ValueId>> {
        let skip = self.x;
        let function = activation(or(r.row.activation, self.settings.activation));
        let inner = self.inner_width(r.row);
        let expansion = (inner != self.shape().c).then_some(inner);
        if let Some(channels) = expansion {
            let unit = self.pointwise(channels, function);
            let at = r.row.expansion.map_or(r.row.span, |width| width.span());
            self.push(unit, &r.part("expand"), Places::one(at), |name| {
                r.origin(name, "expansion")
            })?;
        }
        let expanded = expansion.map(|_| self.x);
        self.depthwise_part(r, function, expansion.is_some())?;
        let channels = self.settings.width(r.row.c.value, Width::Scaled);
        let (part, role, function) = match r.block {
            Block::Separable => ("pointwise", "pointwise", function),
            Block::InvertedResidual | Block::Bneck => {
                ("project", "projection", Activation::Identity)
            }
        };
        let unit = self.pointwise(channels, function);
        let at = Places::one(r.row.c.span);
        self.push(unit, &r.part(part), at, |name| r.origin(name, role))?;
        self.residual(r, skip);
        Some(expanded)
    }

    /// Channels between expansion and projection.
    fn inner_width(&self, row: &Row) -> usize {
        let input = self.shape().c;
        match row.expansion {
            None => input,
            Some(Channels::Count(exp)) => self.settings.width(exp.value, Width::Scaled),
            Some(Channels::Times(t)) => {
                widths::times(input, t.value, self.settings.divisor, self.settings.minimum)
            }
        }
    }

    fn pointwise(&self, channels: usize, activation: Activation) -> Unit {
        Unit {
            window: Window::POINTWISE,
            channels,
            groups: 1,
            epsilon: self.settings.epsilon(None),
            bias: false,
            activation,
        }
    }

    /// The depthwise layer with its activation and, before or behind that, the gates.
    fn depthwise_part(&mut self, r: &Repeat<'_>, function: Activation, expanded: bool) -> Step {
        let channels = self.shape().c;
        let slide = Slide {
            k: or(r.row.k, 3),
            s: r.stride,
            d: or(r.row.d, 1),
            padding: or(r.row.padding, self.settings.padding),
        };
        let at = place(&r.row.k, r.row.span);
        let window = self.window(slide, at)?;
        let unit = Unit {
            window,
            groups: channels,
            ..self.pointwise(channels, function)
        };
        let base = r.part("depthwise");
        let origin = |name: &str| r.origin(name, "depthwise");
        self.push_linear(unit, &base, Places::one(at), &origin)?;
        let gated = r
            .row
            .se
            .filter(|se| se.value.on)
            .map(|se| self.placement(se.value.placement, expanded));
        if gated == Some(Placement::BeforeActivation) {
            self.squeeze_excite(r)?;
        }
        self.x = self.builder.activation(self.x, function, origin(&base));
        if gated == Some(Placement::AfterActivation) {
            self.squeeze_excite(r)?;
        }
        Some(())
    }

    /// `before_activation` as a default means blocks that have an expansion; those without gate behind it.
    fn placement(&self, written: spec::Opt<Placement>, expanded: bool) -> Placement {
        match (written, self.settings.se.placement) {
            (Some(placement), _) => placement.value,
            (None, Placement::BeforeActivation) if expanded => Placement::BeforeActivation,
            (None, _) => Placement::AfterActivation,
        }
    }

    /// x * gate(expand(act(reduce(mean(x)))))
    fn squeeze_excite(&mut self, r: &Repeat<'_>) -> Step {
        let (x, channels) = (self.x, self.shape().c);
        let se = &self.settings.se;
        let width = r.row.se.and_then(|written| written.value.width);
        let squeezed = width.map_or(widths::squeezed(channels, se.ratio, se.divisor), |w| {
            w.value as usize
        });
        let gate = match se.gate {
            Gate::HardSigmoid => Activation::HardSigmoid,
            Gate::Sigmoid => Activation::Sigmoid,
        };
        let inner = activation(se.activation);
        let origin = |name: &str| r.origin(name, "squeeze-and-excite");
        let at = Places::one(place(&r.row.se, r.row.span));
        self.x = self.builder.global_average_pool(x, origin(&r.part("se")));
        for (part, channels, activation) in [
            ("se.reduce", squeezed, inner),
            ("se.expand", channels, gate),
        ] {
            let unit = Unit {
                epsilon: None,
                bias: true,
                ..self.pointwise(channels, activation)
            };
            self.push(unit, &r.part(part), at, origin)?;
        }
        let built = self.builder.scale(x, self.x, origin(&r.part("se")));
        self.x = self.take(built, "squeeze-and-excite", at)?;
        Some(())
    }

    /// The skip: `auto` where the stride as written is 1 and the shapes agree. V1's blocks have none unless they ask.
    fn residual(&mut self, r: &Repeat<'_>, skip: ValueId) {
        let (left, right) = (self.builder.shape(skip), self.shape());
        let default = match r.block {
            Block::Separable => Residual::Never,
            Block::InvertedResidual | Block::Bneck => Residual::Auto,
        };
        let wanted = match or(r.row.residual, default) {
            Residual::Never => false,
            Residual::Auto => r.stride == 1 && left == right,
            Residual::Always => true,
        };
        if !wanted {
            return;
        }
        if left != right {
            let error = faults::residual(left, right).at(place(&r.row.residual, r.row.span));
            let error = if r.place.repeats > 1 {
                error.note(format!(
                    "in repeat {} of {}",
                    r.place.repeat, r.place.repeats
                ))
            } else {
                error
            };
            self.diags.push(error);
            return;
        }
        let built = self
            .builder
            .add(skip, self.x, r.origin(&r.part("add"), "residual"));
        if let Some(sum) = self.take(built, "the residual", Places::one(r.row.span)) {
            self.x = sum;
        }
    }
}

/// The word in the spec.
fn block_name(block: Block) -> &'static str {
    match block {
        Block::Separable => "separable",
        Block::InvertedResidual => "inverted_residual",
        Block::Bneck => "bneck",
    }
}

/// The row as the table has it, for comments in generated code: `t 6, c 24, n 2, s 2`.
fn text(row: &Row) -> String {
    let mut cells: Vec<String> = Vec::new();
    let mut cell = |name: &str, value: Option<String>| {
        cells.extend(value.map(|value| format!("{name} {value}")));
    };
    let number = |n: spec::Opt<u32>| n.map(|n| n.value.to_string());
    cell("k", number(row.k));
    match row.expansion {
        Some(Channels::Times(t)) => cell("t", Some(t.value.to_string())),
        Some(Channels::Count(exp)) => cell("exp", Some(exp.value.to_string())),
        None => {}
    }
    cell("c", Some(row.c.value.to_string()));
    cell("n", number(row.n));
    cell(
        "se",
        row.se.map(|se| match se.value.width {
            Some(width) => width.value.to_string(),
            None => se.value.on.to_string(),
        }),
    );
    cell(
        "nl",
        row.activation
            .map(|function| activation(function.value).name().to_owned()),
    );
    cell("s", number(row.s));
    cell("d", number(row.d));
    cells.join(", ")
}

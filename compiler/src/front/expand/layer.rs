//! Layers outside tables, and the unit that blocks are made of: convolution, batch norm, activation.
//!
//! In: a layer as written. Out: nodes. Never: knows rows.

use super::block::Excite;
use super::settings::{gate, or};
use super::{Expander, Step, activation, faults, widths};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::spec::{
    self, Add, Channels, Layer, LayerKind, Linear, Operands, Opt, Pool, Sides, Width,
};
use crate::graph::build::BuildError;
use crate::graph::{self, Activation, BatchNorm, Origin};
use crate::shape::{Padding, Shape, Window};

/// A convolution with what follows it, all gaps filled.
pub(super) struct Unit {
    pub(super) window: Window,
    pub(super) channels: usize,
    pub(super) groups: usize,
    pub(super) epsilon: Option<f64>,
    pub(super) bias: bool,
    pub(super) activation: Activation,
}

/// Where a layer's parts were written, for whatever the builder finds wrong with it.
#[derive(Clone, Copy)]
pub(super) struct Places {
    pub(super) window: Span,
    pub(super) channels: Span,
    pub(super) groups: Span,
}

impl Places {
    /// Everything in one place.
    pub(super) fn one(span: Span) -> Self {
        Self {
            window: span,
            channels: span,
            groups: span,
        }
    }

    fn of(self, error: &BuildError) -> Span {
        match error {
            BuildError::PoolsPadding { .. }
            | BuildError::WindowDoesNotFit { .. }
            | BuildError::EmptyWindow(_) => self.window,
            BuildError::Groups { .. } => self.groups,
            BuildError::ShapesDiffer { .. }
            | BuildError::NoChannels
            | BuildError::TooLarge { .. }
            | BuildError::EmptyMap(_) => self.channels,
        }
    }
}

/// How a window slides, as written.
#[derive(Clone, Copy)]
pub(super) struct Slide {
    pub(super) k: Sides,
    pub(super) s: Sides,
    pub(super) d: Sides,
    pub(super) padding: spec::Padding,
}

impl Slide {
    /// The window over a map; the reason when symmetric padding is not whole.
    pub(super) fn over(self, input: Shape) -> Result<Window, Diagnostic> {
        let [k, s, d] = [self.k, self.s, self.d].map(Sides::sizes);
        let odd = |axis: usize| !(d[axis] * (k[axis] - 1)).is_multiple_of(2);
        let padding = match self.padding {
            spec::Padding::Symmetric if odd(0) || odd(1) => {
                let axis = usize::from(!odd(0));
                return Err(faults::odd_padding(self.k, self.d, axis));
            }
            spec::Padding::Symmetric => Padding::symmetric(k, d),
            spec::Padding::Same => Padding::same(input, k, s, d),
            spec::Padding::Valid => Padding::NONE,
            spec::Padding::Explicit(sides) => {
                let [top, left, bottom, right] = sides.map(|side| side as usize);
                Padding {
                    top,
                    left,
                    bottom,
                    right,
                }
            }
        };
        Ok(Window {
            kernel: k,
            stride: s,
            dilation: d,
            padding,
        })
    }
}

impl Expander<'_> {
    /// The map the next layer reads.
    pub(super) fn shape(&self) -> Shape {
        self.builder.shape(self.x)
    }

    /// Keeps what the builder made, or reports why it made nothing, at a place.
    pub(super) fn take<T>(
        &mut self,
        built: Result<T, BuildError>,
        what: &str,
        places: Places,
    ) -> Option<T> {
        let report = |error: BuildError| {
            let place = places.of(&error);
            self.diags.push(faults::explain(&error, what).at(place));
        };
        built.map_err(report).ok()
    }

    /// Any layer outside tables, but for dropout.
    pub(super) fn single(&mut self, layer: &Layer, base: &str) -> Step {
        let x = self.x;
        self.x = match &layer.kind {
            LayerKind::Conv(conv) => return self.conv(conv, base, layer.span),
            LayerKind::Depthwise(conv) => return self.depthwise(conv, base, layer.span),
            LayerKind::Linear(linear) => return self.linear(linear, base),
            LayerKind::AveragePool(pool) | LayerKind::MaxPool(pool) => {
                return self.pool(pool, layer, base);
            }
            LayerKind::Add(add) => return self.add(add, base),
            LayerKind::SqueezeExcite(se) => return self.gates(se, base),
            LayerKind::GlobalAveragePool => self
                .builder
                .global_average_pool(x, origin(base, "global average pool")),
            LayerKind::Flatten => self.builder.flatten(x, origin(base, "flatten")),
            LayerKind::Softmax => self.builder.softmax(x, origin(base, "softmax")),
            LayerKind::Activation(function) => {
                let from = origin(base, "activation");
                self.builder.activation(x, activation(function.value), from)
            }
            LayerKind::Dropout(_) | LayerKind::Table(_) | LayerKind::Unreadable => return None,
        };
        Some(())
    }

    fn conv(&mut self, conv: &spec::Conv, base: &str, layer: Span) -> Step {
        let channels = self.channels(conv)?;
        let unit = self.unit(conv, channels, or(conv.groups, 1) as usize)?;
        self.push(unit, base, places(conv, layer), |name| {
            origin(name, "convolution")
        })
    }

    /// As many groups as channels; the channels out are a whole multiple of those in.
    fn depthwise(&mut self, conv: &spec::Conv, base: &str, layer: Span) -> Step {
        let input = self.shape().c;
        let channels = self.channels(conv)?;
        let places = places(conv, layer);
        let groups = or(conv.groups, 0) as usize;
        if conv.groups.is_some() && groups != input {
            let facts =
                format!("a depthwise layer has one group per channel: {input}, not {groups}");
            let error = Diagnostic::error(Code::Groups, facts).at(places.groups);
            let help = "drop `groups`, or write a `conv`";
            self.diags.push(error.help(help));
        }
        if !channels.is_multiple_of(input) {
            let facts = format!(
                "a depthwise layer makes a multiple of its {input} channels, not {channels}"
            );
            let error = Diagnostic::error(Code::Groups, facts).at(places.channels);
            let help = format!("make `c` come to a multiple of {input}, or write a `conv`");
            self.diags.push(error.help(help));
            return None;
        }
        let unit = self.unit(conv, channels, input)?;
        self.push(unit, base, places, |name| origin(name, "depthwise"))
    }

    /// Channels a convolution makes; its input's when it does not say.
    fn channels(&mut self, conv: &spec::Conv) -> Option<usize> {
        let input = self.shape().c;
        let (divisor, minimum) = (self.settings.divisor, self.settings.minimum);
        if let (Some(Channels::Times(t)), Some(width)) = (conv.channels, conv.width) {
            let facts =
                "`t` counts from the real input, so the width multiplier does not apply to it";
            let error = Diagnostic::error(Code::Conflict, facts)
                .at(width.span)
                .label(t.span, "the factor");
            self.diags.push(error.help("drop `width`, or write `c`"));
            return None;
        }
        Some(match conv.channels {
            None => input,
            Some(Channels::Times(t)) => widths::times(input, t.value, divisor, minimum),
            Some(Channels::Count(c)) => self.settings.width(c.value, or(conv.width, Width::Scaled)),
        })
    }

    fn unit(&mut self, conv: &spec::Conv, channels: usize, groups: usize) -> Option<Unit> {
        let slide = Slide {
            k: conv.k.value,
            s: or(conv.s, Sides::both(1)),
            d: or(conv.d, Sides::both(1)),
            padding: or(conv.padding, self.settings.padding),
        };
        let window = self.window(slide, conv.k.span)?;
        let epsilon = self.settings.epsilon(conv.batch_norm);
        Some(Unit {
            window,
            channels,
            groups,
            epsilon,
            bias: or(conv.bias, epsilon.is_none()),
            activation: activation(or(conv.activation, self.settings.activation)),
        })
    }

    /// The window over the map the next layer reads.
    pub(super) fn window(&mut self, slide: Slide, place: Span) -> Option<Window> {
        let window = slide.over(self.shape());
        window
            .map_err(|error| self.diags.push(error.at(place)))
            .ok()
    }

    /// Convolution, batch norm, activation.
    pub(super) fn push(
        &mut self,
        unit: Unit,
        base: &str,
        places: Places,
        origin: impl Fn(&str) -> Origin,
    ) -> Step {
        let function = unit.activation;
        self.push_linear(unit, base, places, &origin)?;
        self.x = self.builder.activation(self.x, function, origin(base));
        Some(())
    }

    /// Convolution and batch norm.
    pub(super) fn push_linear(
        &mut self,
        unit: Unit,
        base: &str,
        places: Places,
        origin: &impl Fn(&str) -> Origin,
    ) -> Step {
        let conv = graph::Conv::new(unit.window, unit.groups, unit.channels, unit.bias, base);
        let built = self.builder.conv(self.x, conv, origin(base));
        self.x = self.take(built, &format!("`{base}`"), places)?;
        if let Some(epsilon) = unit.epsilon {
            let params = format!("{base}.bn");
            self.x = self
                .builder
                .batch_norm(self.x, BatchNorm { epsilon, params }, origin(base));
        }
        Some(())
    }

    fn linear(&mut self, linear: &Linear, base: &str) -> Step {
        let layer = graph::Linear {
            channels: self
                .settings
                .width(linear.c.value, or(linear.width, Width::Fixed)),
            bias: or(linear.bias, true),
            activation: Activation::Identity,
            params: base.to_owned(),
        };
        let from = origin(base, "linear");
        let built = self.builder.linear(self.x, layer, from.clone());
        self.x = self.take(built, &format!("`{base}`"), Places::one(linear.c.span))?;
        let function = activation(or(linear.activation, spec::Activation::None));
        self.x = self.builder.activation(self.x, function, from);
        Some(())
    }

    fn pool(&mut self, pool: &Pool, layer: &Layer, base: &str) -> Step {
        let slide = Slide {
            k: pool.k.value,
            s: or(pool.s, Sides::both(1)),
            d: or(pool.d, Sides::both(1)),
            padding: or(pool.padding, spec::Padding::Valid),
        };
        let window = self.window(slide, pool.k.span)?;
        let built = match layer.kind {
            LayerKind::MaxPool(_) => {
                self.builder
                    .max_pool(self.x, window, origin(base, "max pool"))
            }
            _ => self
                .builder
                .average_pool(self.x, window, origin(base, "average pool")),
        };
        self.x = self.take(built, &format!("`{base}`"), Places::one(pool.k.span))?;
        Some(())
    }

    fn add(&mut self, add: &Add, base: &str) -> Step {
        let from = &add.from;
        let (left, name) = match &from.value {
            Operands::Previous(name) => (self.x, name),
            Operands::Both([first, second]) => (self.earlier(first)?.value, &second.value),
        };
        let place = match &from.value {
            Operands::Previous(_) => from.span,
            Operands::Both([_, second]) => second.span,
        };
        let written = spec::Spanned {
            value: name.clone(),
            span: place,
        };
        let Some(right) = self.earlier(&written) else {
            return Some(()); // what follows can still be checked
        };
        let (here, there) = (self.builder.shape(left), self.builder.shape(right.value));
        if here != there {
            let other = match &from.value {
                Operands::Previous(_) => "this map".to_owned(),
                Operands::Both([first, _]) => format!("`{}`", first.value),
            };
            let facts = format!("`add` needs equal shapes: `{name}` is {there}, {other} is {here}");
            let error = Diagnostic::error(Code::AddShapes, facts).at(from.span);
            let error = right
                .span
                .into_iter()
                .fold(error, |error, span| error.label(span, "it is made here"));
            self.diags
                .push(error.help("add a layer of the same height, width and channels"));
            return Some(());
        }
        let built = self.builder.add(left, right.value, origin(base, "add"));
        self.x = self.take(built, "`add`", Places::one(from.span))?;
        let function = activation(or(add.activation, spec::Activation::None));
        self.x = self
            .builder
            .activation(self.x, function, origin(base, "add"));
        Some(())
    }

    fn gates(&mut self, se: &spec::Excite, base: &str) -> Step {
        let settings = &self.settings.se;
        let excite = Excite {
            squeezed: se.c.value as usize,
            inner: activation(or(se.inner, settings.activation)),
            gate: se
                .gate
                .map_or(gate(settings.gate), |written| activation(written.value)),
        };
        let from = |name: &str| origin(name, "squeeze-and-excite");
        self.excite(excite, base, Places::one(se.c.span), from)?;
        let function = activation(or(se.activation, spec::Activation::None));
        self.x = self.builder.activation(self.x, function, from(base));
        Some(())
    }
}

/// Where the parts of a convolution were written, in the layer that starts at `layer`.
fn places(conv: &spec::Conv, layer: Span) -> Places {
    let channels = conv.channels.map_or(layer, |channels| channels.span());
    Places {
        window: conv.k.span,
        channels,
        groups: place(&conv.groups, channels),
    }
}

fn origin(name: &str, role: &str) -> Origin {
    Origin {
        name: name.to_owned(),
        role: role.to_owned(),
        row: None,
    }
}

/// Where a key's value stands; elsewhere when it was left out.
pub(super) fn place<T>(written: &Opt<T>, otherwise: Span) -> Span {
    written.as_ref().map_or(otherwise, |written| written.span)
}

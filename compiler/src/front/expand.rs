//! [`Spec`] -> [`Graph`]: the only place that knows what a MobileNet is.
//!
//! In: the table as written. Out: a shaped graph, or what is impossible about the table, with the numbers of both
//! sides. Never: reads text, looks at weights or a target.

mod block;
mod faults;
mod layer;
mod outputs;
mod settings;
mod widths;

use super::spec::{Layer, LayerKind, PixelType, Spec};
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::graph::build::Builder;
use crate::graph::{Activation, Graph, Input, Origin, PixelMap, ValueId};
use crate::shape::{Element, Shape};
use outputs::Outputs;
use settings::Settings;
use std::collections::BTreeMap;

/// More than any network has by an order of magnitude; keeps work on a mistyped `n` bounded.
const MAX_LAYERS: usize = 2000;

/// Builds the network. Nothing: at least one error was reported, here or while reading.
///
/// A spec with layers that could not be read is checked up to the first of them, so that all of a user's mistakes show
/// at once.
pub fn expand(spec: &Spec, diags: &mut Diagnostics) -> Option<Graph> {
    expand_with_places(spec, diags).map(|(graph, _)| graph)
}

/// Builds the network, and says where its rows and layers were written.
pub fn expand_with_places(spec: &Spec, diags: &mut Diagnostics) -> Option<(Graph, Places)> {
    if too_many_layers(spec, diags) {
        return None;
    }
    let before = diags.len();
    let mut expander = Expander::new(spec, diags)?;
    let finished = spec
        .layers
        .iter()
        .all(|layer| expander.layer(layer).is_some());
    if !finished || expander.diags.len() > before || expander.diags.has_errors() {
        return None;
    }
    expander.finish()
}

/// Where rows and layers were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<String, Span>);

impl Places {
    /// Where what a node comes from was written; nothing for networks that were not written as a spec.
    pub fn of(&self, origin: &Origin) -> Option<Span> {
        let row = origin.row.as_ref().map(|row| row_place(row.number));
        let place = row.as_ref().unwrap_or(&origin.name);
        self.0.get(place).copied()
    }
}

/// What a row is called among places; no layer has such a name.
fn row_place(number: usize) -> String {
    format!("row {number}")
}

/// What the expansion of one layer ends with: nothing, when what follows cannot be checked any more.
type Step = Option<()>;

/// A layer that has a name: where its result is and where the name was written.
#[derive(Clone, Copy)]
struct Named {
    value: ValueId,
    /// Nothing for names that were not written but counted.
    span: Option<Span>,
}

/// A network under construction.
struct Expander<'a> {
    spec: &'a Spec,
    settings: Settings,
    builder: Builder,
    /// The map the next layer reads.
    x: ValueId,
    /// Layers so far, by name.
    names: BTreeMap<String, Named>,
    /// How many layers of a kind were named by counting.
    counts: BTreeMap<&'static str, usize>,
    /// Rows so far, over all tables.
    rows: usize,
    outputs: Outputs,
    places: Places,
    diags: &'a mut Diagnostics,
}

impl<'a> Expander<'a> {
    fn new(spec: &'a Spec, diags: &'a mut Diagnostics) -> Option<Self> {
        let builder = match Builder::new(&spec.name.value, input(spec)) {
            Ok(builder) => builder,
            Err(error) => {
                let input = &spec.input;
                let sides = [&input.height, &input.width, &input.channels];
                let places = sides.into_iter().map(|side| side.span);
                let error = faults::explain(&error, "the input");
                diags.push(places.fold(error, Diagnostic::at));
                return None;
            }
        };
        Some(Self {
            spec,
            settings: Settings::of(spec),
            x: builder.input(),
            builder,
            names: BTreeMap::new(),
            counts: BTreeMap::new(),
            rows: 0,
            outputs: Outputs::default(),
            places: Places::default(),
            diags,
        })
    }

    fn layer(&mut self, layer: &Layer) -> Step {
        match &layer.kind {
            LayerKind::Table(table) => return self.table(table),
            LayerKind::Dropout(_) => return Some(()),
            LayerKind::Unreadable => return None,
            _ => {}
        }
        let base = self.base(layer);
        self.places.0.insert(base.clone(), layer.span);
        self.single(layer, &base)?;
        self.record(&base, layer.name.as_ref().map(|name| name.span));
        if let Some(tap) = &layer.tap {
            self.tap(tap, self.x);
        }
        Some(())
    }

    /// Gives the graph out; what the last layer makes is an output unless it is one already.
    fn finish(mut self) -> Option<(Graph, Places)> {
        if self.x == Graph::INPUT {
            let error = Diagnostic::error(Code::Empty, "this network computes nothing");
            let place = self.spec.layers.first().map(|layer| layer.span);
            self.diags.push(
                place
                    .into_iter()
                    .fold(error, Diagnostic::at)
                    .help("add a layer that does"),
            );
            return None;
        }
        self.main_output()?;
        for (name, value) in self.outputs.take() {
            self.builder.output(name, value);
        }
        Some((self.builder.finish(), self.places))
    }
}

/// Every repeat of a row counts as a layer.
fn too_many_layers(spec: &Spec, diags: &mut Diagnostics) -> bool {
    let mut total = 0usize;
    for layer in &spec.layers {
        let repeats = |n: Option<u32>| n.unwrap_or(1) as usize;
        let (added, place) = match &layer.kind {
            LayerKind::Table(table) => {
                let added = table
                    .rows
                    .iter()
                    .map(|row| repeats(row.n.map(|n| n.value)))
                    .sum();
                let most = table
                    .rows
                    .iter()
                    .filter_map(|row| row.n)
                    .max_by_key(|n| n.value);
                (added, most.map_or(layer.span, |n| n.span))
            }
            _ => (1, layer.span),
        };
        total = total.saturating_add(added);
        if total > MAX_LAYERS {
            let facts = format!("{total} layers up to here; a network has at most {MAX_LAYERS}");
            let error = Diagnostic::error(Code::TooManyLayers, facts).at(place);
            diags.push(error.help("lower `n`, or drop layers"));
            return true;
        }
    }
    false
}

/// x = (p * scale - mean) / std as one factor and one summand for each channel.
fn input(spec: &Spec) -> Input {
    let input = &spec.input;
    let size = |extent: u32| extent as usize;
    let shape = Shape::new(
        size(input.height.value),
        size(input.width.value),
        size(input.channels.value),
    );
    let written = [&input.mean, &input.std, &input.scale];
    let number =
        |written: &Option<super::spec::Spanned<Vec<f64>>>, default: f64, channel: usize| {
            let numbers = written.as_ref().map_or(&[][..], |numbers| &numbers.value);
            *numbers.get(channel).or(numbers.first()).unwrap_or(&default)
        };
    let map = |channel: usize| {
        let (mean, std) = (
            number(&input.mean, 0.0, channel),
            number(&input.std, 1.0, channel),
        );
        let scale = number(&input.scale, 1.0, channel);
        PixelMap {
            scale: (scale / std) as f32,
            shift: (-mean / std) as f32,
        }
    };
    let normalised = written.iter().any(|numbers| numbers.is_some());
    let channels = if normalised { shape.c } else { 0 };
    let element = match input.pixel.map(|pixel| pixel.value) {
        Some(PixelType::U8) => Element::U8,
        Some(PixelType::F32) | None => Element::F32,
    };
    Input {
        shape,
        element,
        normalise: (0..channels).map(map).collect(),
    }
}

/// The graph's name for a spec's activation.
fn activation(written: super::spec::Activation) -> Activation {
    use super::spec::Activation as Written;
    match written {
        Written::None => Activation::Identity,
        Written::Relu => Activation::Relu,
        Written::Relu6 => Activation::Relu6,
        Written::HardSwish => Activation::HardSwish,
        Written::HardSigmoid => Activation::HardSigmoid,
        Written::Sigmoid => Activation::Sigmoid,
        Written::Swish => Activation::Swish,
    }
}

//! Text -> [`Spec`]: the grammar of specs, read from a tree of nodes that know their place.
//!
//! In: a source and the `--set` arguments. Out: the table as written; everything that is wrong with it, at once.
//! Never: fills in a default, computes a shape.

use super::fields::{Fields, value};
use super::names;
use super::spec::{Budget, Defaults, Input, Opt, Rounding, Spanned, Spec, SqueezeExcite};
use super::tree::{self, Kind, Node};
use super::{layers, set};
use crate::diag::{Code, Diagnostic, Diagnostics, SourceId, Sources, Span};

const TOP: &[&str] = &[
    "name",
    "input",
    "width_multiplier",
    "rounding",
    "defaults",
    "budget",
    "layers",
];
const INPUT: &[&str] = &[
    "height", "width", "channels", "type", "mean", "std", "scale",
];
const DEFAULTS: &[&str] = &["activation", "batch_norm", "padding", "se"];
const SE: &[&str] = &["ratio", "divisor", "gate", "activation", "placement"];

/// Reads a spec, with `sets` (`KEY=VALUE`) put over what the text says. Nothing: at least one error was reported;
/// something: perhaps errors were, so check `diags` before going on.
///
/// Each of `sets` becomes a source named `--set`, so that diagnostics can point into it.
pub fn parse(
    sources: &mut Sources,
    id: SourceId,
    sets: &[String],
    diags: &mut Diagnostics,
) -> Option<Spec> {
    let sets: Vec<SourceId> = sets.iter().map(|set| sources.add("--set", set)).collect();
    let mut tree = match tree::read(sources.get(id), id) {
        Ok(tree) => tree,
        Err(error) => {
            diags.push(*error);
            return None;
        }
    };
    for set in sets {
        set::apply(&mut tree, sources, set, diags);
    }
    spec(&tree, diags)
}

fn spec(tree: &Node, diags: &mut Diagnostics) -> Option<Spec> {
    let place = Span {
        end: tree.span.start,
        ..tree.span
    };
    if tree.kind == Kind::Null {
        let error = Diagnostic::error(Code::Empty, "the text holds no spec").at(place);
        diags.push(error.help("start with `name`, `input` and `layers`"));
        return None;
    }
    let top = Fields::of(tree, "a spec", place, TOP, diags)?;
    let name = name(&top, diags);
    let before = diags.len();
    let input = part(&top, "input", true, INPUT, diags).and_then(|f| input(&f, diags));
    let width_multiplier = top.get("width_multiplier", diags);
    let rounding = part(&top, "rounding", false, &["divisor", "minimum"], diags);
    let rounding = rounding
        .map(|f| self::rounding(&f, diags))
        .unwrap_or_default();
    let defaults = part(&top, "defaults", false, DEFAULTS, diags);
    let defaults = defaults
        .map(|f| self::defaults(&f, diags))
        .unwrap_or_default();
    // What every layer depends on must be right, or each would be blamed for it.
    let sound = diags.len() == before;
    let budget = part(&top, "budget", false, &["ram", "flash"], diags);
    let budget = budget.map(|f| self::budget(&f, diags)).unwrap_or_default();
    let layers = part_node(&top, "layers", true, diags).map(|node| layers::read(node, diags));
    let (input, layers) = (input.filter(|_| sound)?, layers?);
    Some(Spec {
        name,
        input,
        width_multiplier,
        rounding,
        defaults,
        budget,
        layers,
    })
}

fn part_node<'a>(
    top: &Fields<'a>,
    key: &str,
    needed: bool,
    diags: &mut Diagnostics,
) -> Option<&'a Node> {
    let node = top.node(key);
    if node.is_none() && needed {
        diags.push(super::fields::missing(top.what, key, top.place));
    }
    node
}

/// A mapping under a key of another; a key without a value is an empty mapping.
fn part<'a>(
    top: &Fields<'a>,
    key: &'a str,
    needed: bool,
    known: &[&str],
    diags: &mut Diagnostics,
) -> Option<Fields<'a>> {
    let node = part_node(top, key, needed, diags)?;
    let place = top.key(key).unwrap_or(top.place);
    if node.kind == Kind::Null {
        return Some(Fields::none(key, place));
    }
    Fields::of(node, key, place, known, diags)
}

/// The network's name, which must leave the names that generated code needs alone.
/// A wrong one is reported and replaced, so that the layers are still checked.
fn name(top: &Fields<'_>, diags: &mut Diagnostics) -> Spanned<String> {
    let Some(name) = top.require::<String>("name", diags) else {
        return Spanned {
            value: "unnamed".to_owned(),
            span: top.place,
        };
    };
    if let Some(fault) = names::struct_fault(&name.value) {
        let facts = format!("`{}` {}", name.value, fault.facts);
        diags.push(
            Diagnostic::error(Code::Name, facts)
                .at(name.span)
                .help(fault.help),
        );
    }
    name
}

fn input(f: &Fields<'_>, diags: &mut Diagnostics) -> Option<Input> {
    let height = f.require("height", diags);
    let width = f.require("width", diags);
    let channels = f.require("channels", diags);
    let pixel = f.get("type", diags);
    let mean = per_channel(f, "mean", channels, diags);
    let std = per_channel(f, "std", channels, diags);
    let scale = per_channel(f, "scale", channels, diags);
    Some(Input {
        height: height?,
        width: width?,
        channels: channels?,
        pixel,
        mean,
        std,
        scale,
    })
}

fn per_channel(
    f: &Fields<'_>,
    key: &str,
    channels: Opt<u32>,
    diags: &mut Diagnostics,
) -> Opt<Vec<f64>> {
    let numbers: Spanned<Vec<f64>> = f.get(key, diags)?;
    let (count, wanted) = (numbers.value.len(), channels?);
    if count != 1 && count != wanted.value as usize {
        let facts = format!(
            "`{key}` has {count} numbers, the input has {} channels",
            wanted.value
        );
        let error = Diagnostic::error(Code::Length, facts).at(numbers.span);
        diags.push(
            error
                .label(wanted.span, "the channels")
                .help("write one number, or one for each channel"),
        );
    }
    Some(numbers)
}

fn rounding(f: &Fields<'_>, diags: &mut Diagnostics) -> Rounding {
    let divisor = f.get("divisor", diags);
    let minimum = match f.node("minimum") {
        // The word stands for the divisor, which is what leaving the key out means.
        Some(node) if node.word() == Some("divisor") => None,
        Some(node) => value(node, "minimum", diags),
        None => None,
    };
    Rounding { divisor, minimum }
}

fn defaults(f: &Fields<'_>, diags: &mut Diagnostics) -> Defaults {
    let se = part(f, "se", false, SE, diags);
    Defaults {
        activation: f.get("activation", diags),
        batch_norm: f.get("batch_norm", diags),
        padding: f.get("padding", diags),
        se: se.map(|f| squeeze_excite(&f, diags)).unwrap_or_default(),
    }
}

fn squeeze_excite(f: &Fields<'_>, diags: &mut Diagnostics) -> SqueezeExcite {
    SqueezeExcite {
        ratio: f.get("ratio", diags),
        divisor: f.get("divisor", diags),
        gate: f.get("gate", diags),
        activation: f.get("activation", diags),
        placement: f.get("placement", diags),
    }
}

fn budget(f: &Fields<'_>, diags: &mut Diagnostics) -> Budget {
    Budget {
        ram: f.get("ram", diags),
        flash: f.get("flash", diags),
    }
}

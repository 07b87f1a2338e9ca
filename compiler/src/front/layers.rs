//! The entries of `layers`, but for the rows of tables.
//!
//! In: the list's node. Out: layers as written. Never: knows defaults or shapes.

use super::fields::{Fields, Read, missing, shown, unknown, value, wrong_type};
use super::rows;
use super::spec::{
    Activation, Add, Block, Channels, Conv, Excite, Layer, LayerKind, Linear, Opt, Pool, Sides,
    Spanned,
};
use super::tree::{Kind, Node};
use crate::diag::{Code, Diagnostic, Diagnostics, Span};

const KINDS: &[&str] = &[
    "conv",
    "depthwise",
    "linear",
    "separable",
    "inverted_residual",
    "bneck",
    "global_average_pool",
    "average_pool",
    "max_pool",
    "flatten",
    "dropout",
    "softmax",
    "sigmoid",
    "activation",
    "squeeze_excite",
    "add",
];
const CONV: &[&str] = &[
    "k",
    "s",
    "d",
    "c",
    "t",
    "groups",
    "activation",
    "batch_norm",
    "bias",
    "padding",
    "width",
    "from",
    "tap",
    "name",
];
const LINEAR: &[&str] = &["c", "activation", "width", "bias", "from", "tap", "name"];
const POOL: &[&str] = &["k", "s", "d", "padding", "from", "tap", "name"];
const ACTIVATION: &[&str] = &["function", "from", "tap", "name"];
const EXCITE: &[&str] = &["c", "inner", "gate", "activation", "from", "tap", "name"];
const ADD: &[&str] = &["from", "activation", "tap", "name"];
const BARE: &[&str] = &["from", "tap", "name"];

/// All layers.
pub(super) fn read(node: &Node, diags: &mut Diagnostics) -> Vec<Layer> {
    let Kind::Seq(items) = &node.kind else {
        diags.push(wrong_type(node, "`layers`", "a list"));
        return Vec::new();
    };
    if items.is_empty() {
        let error = Diagnostic::error(Code::Empty, "a network has at least one layer");
        diags.push(
            error
                .at(node.span)
                .help("add a layer, as in `- conv: {k: 3, s: 2, c: 32}`"),
        );
    }
    items.iter().map(|item| readable(item, diags)).collect()
}

/// A layer about which something was reported is not expanded: what follows from half a layer is noise. Tables keep
/// account of their rows themselves.
fn readable(item: &Node, diags: &mut Diagnostics) -> Layer {
    let before = diags.len();
    match layer(item, diags) {
        Some(layer) if diags.len() == before || matches!(layer.kind, LayerKind::Table(_)) => layer,
        _ => Layer {
            span: item.span,
            name: None,
            tap: None,
            from: None,
            kind: LayerKind::Unreadable,
        },
    }
}

fn layer(node: &Node, diags: &mut Diagnostics) -> Option<Layer> {
    let (word, body) = entry(node, diags)?;
    let kind = word.word()?;
    let span = word.span;
    let reader = Reader { kind, span, body };
    match kind {
        "conv" => reader.conv(LayerKind::Conv, diags),
        "depthwise" => reader.conv(LayerKind::Depthwise, diags),
        "linear" => reader.linear(diags),
        "separable" => reader.table(Block::Separable, diags),
        "inverted_residual" => reader.table(Block::InvertedResidual, diags),
        "bneck" => reader.table(Block::Bneck, diags),
        "average_pool" => reader.pool(LayerKind::AveragePool, diags),
        "max_pool" => reader.pool(LayerKind::MaxPool, diags),
        "global_average_pool" => reader.bare(LayerKind::GlobalAveragePool, diags),
        "flatten" => reader.bare(LayerKind::Flatten, diags),
        "softmax" => reader.bare(LayerKind::Softmax, diags),
        "sigmoid" => {
            let value = Activation::Sigmoid;
            reader.bare(LayerKind::Activation(Spanned { value, span }), diags)
        }
        "dropout" => reader.scalar(|rate| Some(LayerKind::Dropout(rate)), diags),
        "activation" => reader.activation(diags),
        "squeeze_excite" => reader.squeeze_excite(diags),
        "add" => reader.add(diags),
        _ => {
            diags.push(unknown(Code::UnknownLayer, word, "`layers`", KINDS));
            None
        }
    }
}

/// The word that names the layer, and what stands behind it.
fn entry<'a>(node: &'a Node, diags: &mut Diagnostics) -> Option<(&'a Node, Option<&'a Node>)> {
    const WANTED: &str = "one word, or one `word: {...}`";
    match &node.kind {
        Kind::Plain(_) | Kind::Quoted(_) => Some((node, None)),
        Kind::Map(entries) => match entries.as_slice() {
            [(word, body)] if word.word().is_some() => Some((word, Some(body))),
            [_, (second, _), ..] => {
                let facts = format!(
                    "a layer is one entry, but a second key {} follows",
                    second.describe()
                );
                let error = Diagnostic::error(Code::WrongType, facts).at(second.span);
                diags
                    .push(error.help(
                        "start each layer with `- `, and indent its keys by two more spaces",
                    ));
                None
            }
            _ => {
                diags.push(wrong_type(node, "a layer", WANTED));
                None
            }
        },
        Kind::Null | Kind::Seq(_) => {
            diags.push(wrong_type(node, "a layer", WANTED));
            None
        }
    }
}

/// One layer: its kind, where that stands, and what stands behind it.
struct Reader<'a> {
    kind: &'a str,
    span: Span,
    body: Option<&'a Node>,
}

impl<'a> Reader<'a> {
    fn fields(&self, known: &[&str], diags: &mut Diagnostics) -> Option<Fields<'a>> {
        match self.body {
            Some(body) if body.kind != Kind::Null => {
                Fields::of(body, self.kind, self.span, known, diags)
            }
            _ => Some(Fields::none(self.kind, self.span)),
        }
    }

    fn layer(&self, fields: &Fields<'_>, kind: LayerKind, diags: &mut Diagnostics) -> Layer {
        Layer {
            span: self.span,
            name: fields.get("name", diags),
            tap: fields.get("tap", diags),
            // What `add` reads is its own.
            from: match kind {
                LayerKind::Add(_) => None,
                _ => fields.get("from", diags),
            },
            kind,
        }
    }

    fn conv(&self, kind: fn(Conv) -> LayerKind, diags: &mut Diagnostics) -> Option<Layer> {
        let f = self.fields(CONV, diags)?;
        let k = f.require("k", diags);
        let channels = channels(&f, "c", diags);
        if let Some(clash) = clash(f.key("c"), f.key("t"), "c") {
            diags.push(clash);
        }
        if self.kind == "conv" && f.node("c").or(f.node("t")).is_none() {
            diags.push(missing("conv", "c", self.span));
        }
        let conv = Conv {
            k: k.unwrap_or(Spanned {
                value: Sides::both(1),
                span: self.span,
            }),
            s: f.get("s", diags),
            d: f.get("d", diags),
            channels,
            groups: f.get("groups", diags),
            activation: f.get("activation", diags),
            batch_norm: f.get("batch_norm", diags),
            bias: f.get("bias", diags),
            padding: f.get("padding", diags),
            width: f.get("width", diags),
        };
        Some(self.layer(&f, kind(conv), diags))
    }

    fn linear(&self, diags: &mut Diagnostics) -> Option<Layer> {
        let f = self.fields(LINEAR, diags)?;
        let c = f.require("c", diags);
        let linear = Linear {
            c: c.unwrap_or(Spanned {
                value: 1,
                span: self.span,
            }),
            activation: f.get("activation", diags),
            width: f.get("width", diags),
            bias: f.get("bias", diags),
        };
        Some(self.layer(&f, LayerKind::Linear(linear), diags))
    }

    fn pool(&self, kind: fn(Pool) -> LayerKind, diags: &mut Diagnostics) -> Option<Layer> {
        let f = self.fields(POOL, diags)?;
        let k = f.require("k", diags);
        let pool = Pool {
            k: k.unwrap_or(Spanned {
                value: Sides::both(1),
                span: self.span,
            }),
            s: f.get("s", diags),
            d: f.get("d", diags),
            padding: f.get("padding", diags),
        };
        Some(self.layer(&f, kind(pool), diags))
    }

    fn bare(&self, kind: LayerKind, diags: &mut Diagnostics) -> Option<Layer> {
        let f = self.fields(BARE, diags)?;
        Some(self.layer(&f, kind, diags))
    }

    fn add(&self, diags: &mut Diagnostics) -> Option<Layer> {
        let f = self.fields(ADD, diags)?;
        let from = f.require("from", diags);
        let activation = f.get("activation", diags);
        let add = from.map(|from| Add { from, activation });
        Some(self.layer(&f, LayerKind::Add(add?), diags))
    }

    /// `activation: NAME`, or a mapping where it has more to say.
    fn activation(&self, diags: &mut Diagnostics) -> Option<Layer> {
        if !matches!(self.body.map(|body| &body.kind), Some(Kind::Map(_))) {
            return self.scalar(
                |function: Opt<Activation>| function.map(LayerKind::Activation),
                diags,
            );
        }
        let f = self.fields(ACTIVATION, diags)?;
        let function = f.require("function", diags);
        Some(self.layer(&f, LayerKind::Activation(function?), diags))
    }

    fn squeeze_excite(&self, diags: &mut Diagnostics) -> Option<Layer> {
        let f = self.fields(EXCITE, diags)?;
        let c = f.require("c", diags);
        let excite = Excite {
            c: c?,
            inner: f.get("inner", diags),
            gate: f.get("gate", diags),
            activation: f.get("activation", diags),
        };
        Some(self.layer(&f, LayerKind::SqueezeExcite(excite), diags))
    }

    /// A layer written as `kind: VALUE`.
    fn scalar<T: Read>(
        &self,
        kind: impl Fn(Opt<T>) -> Option<LayerKind>,
        diags: &mut Diagnostics,
    ) -> Option<Layer> {
        let written = match self.body {
            Some(body) => Some(value(body, self.kind, diags)?),
            None => None,
        };
        let Some(kind) = kind(written) else {
            let facts = format!("{} needs a value", shown(self.kind));
            let error = Diagnostic::error(Code::MissingKey, facts).at(self.span);
            diags.push(error.help(format!("write {} behind it", T::WHAT)));
            return None;
        };
        let fields = Fields::none(self.kind, self.span);
        Some(self.layer(&fields, kind, diags))
    }

    fn table(&self, block: Block, diags: &mut Diagnostics) -> Option<Layer> {
        let f = self.fields(&["columns", "rows", "from"], diags)?;
        let kind = LayerKind::Table(rows::read(&f, block, diags));
        Some(self.layer(&f, kind, diags))
    }
}

/// Channels by number (`c`, `exp`) or by factor (`t`).
pub(super) fn channels(
    fields: &Fields<'_>,
    count: &str,
    diags: &mut Diagnostics,
) -> Option<Channels> {
    let counted = fields.get(count, diags).map(Channels::Count);
    let times = fields.get("t", diags).map(Channels::Times);
    counted.or(times)
}

/// Both a number and a factor say how wide a layer is.
pub(super) fn clash(count: Option<Span>, times: Option<Span>, name: &str) -> Option<Diagnostic> {
    let (count, times) = (count?, times?);
    let facts = format!("`{name}` and `t` both say how wide the layer is");
    let error = Diagnostic::error(Code::Conflict, facts);
    Some(
        error
            .at(count.max(times))
            .at(count.min(times))
            .help("keep one of the two"),
    )
}

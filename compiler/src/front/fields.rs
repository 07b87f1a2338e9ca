//! Mappings read key by key: what is unknown, missing, given twice or of another type is reported, then left out.
//!
//! In: nodes. Out: values with their spans. Never: knows which keys the grammar has; readers bring their lists.

use super::spec::Spanned;
use super::tree::{Kind, Node};
use crate::diag::{Code, Diagnostic, Diagnostics, Span, nearest};

/// A type that can be read from a node.
pub(super) trait Read: Sized {
    /// What to call it: `a whole number`.
    const WHAT: &'static str;

    /// The value. Nothing: already reported, unless the node is of another type altogether.
    fn read(node: &Node, key: &str, diags: &mut Diagnostics) -> Result<Self, Fault>;
}

/// Why a value could not be read.
pub(super) enum Fault {
    /// The node is not of this type; the caller knows the key and reports it.
    Type,
    /// Reported.
    Known,
}

/// The entries of one mapping.
pub(super) struct Fields<'a> {
    /// What the mapping is, for messages: `conv`, `the spec`.
    pub(super) what: &'a str,
    /// Where to point when a key is missing.
    pub(super) place: Span,
    entries: Vec<(&'a str, Span, &'a Node)>,
}

impl<'a> Fields<'a> {
    /// The entries of a mapping that may have the keys `known`.
    pub(super) fn of(
        node: &'a Node,
        what: &'a str,
        place: Span,
        known: &[&str],
        diags: &mut Diagnostics,
    ) -> Option<Self> {
        let Kind::Map(map) = &node.kind else {
            diags.push(wrong_type(node, what, "a mapping").help(choices("keys", known)));
            return None;
        };
        let mut fields = Self {
            what,
            place,
            entries: Vec::new(),
        };
        for (key, value) in map {
            fields.add(key, value, known, diags);
        }
        Some(fields)
    }

    /// A mapping without entries.
    pub(super) fn none(what: &'a str, place: Span) -> Self {
        Self {
            what,
            place,
            entries: Vec::new(),
        }
    }

    /// Adds an entry whose key is known.
    pub(super) fn insert(&mut self, key: &'a str, span: Span, value: &'a Node) {
        self.entries.push((key, span, value));
    }

    fn add(&mut self, key: &'a Node, value: &'a Node, known: &[&str], diags: &mut Diagnostics) {
        let Some(name) = key.word() else {
            diags.push(wrong_type(key, "a key", "a word"));
            return;
        };
        if name == "<<" {
            let error = Diagnostic::error(Code::Indirection, "merge keys have no place in a spec");
            diags.push(error.at(key.span).help("write the keys themselves"));
        } else if !known.contains(&name) {
            diags.push(unknown(Code::UnknownKey, key, self.what, known));
        } else if let Some((_, first, _)) = self.entries.iter().find(|(k, ..)| *k == name) {
            diags.push(duplicate("key", name, key.span, *first));
        } else {
            self.entries.push((name, key.span, value));
        }
    }

    /// Where a key stands.
    pub(super) fn key(&self, key: &str) -> Option<Span> {
        self.entries
            .iter()
            .find(|(k, ..)| *k == key)
            .map(|(_, span, _)| *span)
    }

    /// The node behind a key.
    pub(super) fn node(&self, key: &str) -> Option<&'a Node> {
        self.entries
            .iter()
            .find(|(k, ..)| *k == key)
            .map(|(.., node)| *node)
    }

    /// The value behind a key that may be left out.
    pub(super) fn get<T: Read>(&self, key: &str, diags: &mut Diagnostics) -> Option<Spanned<T>> {
        value(self.node(key)?, key, diags)
    }

    /// The value behind a key that must be there.
    pub(super) fn require<T: Read>(
        &self,
        key: &str,
        diags: &mut Diagnostics,
    ) -> Option<Spanned<T>> {
        if self.node(key).is_none() {
            diags.push(missing(self.what, key, self.place));
        }
        self.get(key, diags)
    }
}

/// Reads one value.
pub(super) fn value<T: Read>(
    node: &Node,
    key: &str,
    diags: &mut Diagnostics,
) -> Option<Spanned<T>> {
    match T::read(node, key, diags) {
        Ok(value) => Some(Spanned {
            value,
            span: node.span,
        }),
        Err(Fault::Known) => None,
        Err(Fault::Type) => {
            diags.push(wrong_type(node, &format!("`{key}`"), T::WHAT));
            None
        }
    }
}

/// `what` wants something else than `node`.
pub(super) fn wrong_type(node: &Node, what: &str, wanted: &str) -> Diagnostic {
    let facts = format!("{what} must be {wanted}, not {}", node.describe());
    let error = Diagnostic::error(Code::WrongType, facts).at(node.span);
    match &node.kind {
        Kind::Quoted(text) if is_typed(text) => error.help("remove the quotes"),
        _ => error.help(format!("write {wanted}")),
    }
}

fn is_typed(text: &str) -> bool {
    matches!(text, "true" | "false") || text.parse::<f64>().is_ok()
}

/// What other tools call things.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("stride", "s"),
    ("strides", "s"),
    ("kernel", "k"),
    ("kernel_size", "k"),
    ("channels", "c"),
    ("out_channels", "c"),
    ("filters", "c"),
    ("units", "c"),
    ("dilation", "d"),
    ("repeats", "n"),
    ("expansion", "exp"),
    ("activation", "nl"),
    ("nl", "activation"),
    ("bn", "batch_norm"),
    ("use_se", "se"),
    ("alpha", "width_multiplier"),
    ("avgpool", "average_pool"),
    ("avg_pool", "average_pool"),
    ("maxpool", "max_pool"),
    ("gap", "global_average_pool"),
    ("fc", "linear"),
    ("dense", "linear"),
    ("hswish", "hard_swish"),
    ("silu", "swish"),
    ("pad", "padding"),
];

/// A word nobody knows, and the one that is likely meant.
pub(super) fn unknown(code: Code, node: &Node, what: &str, known: &[&str]) -> Diagnostic {
    let kind = match code {
        Code::UnknownKey => "key",
        Code::UnknownColumn => "column",
        Code::UnknownLayer => "layer",
        _ => "word",
    };
    let word = node.word().unwrap_or_default();
    let error = Diagnostic::error(code, format!("unknown {kind} {} in {what}", shown(word)));
    let other = OTHER_WORDS.iter().filter(|(other, _)| *other == word);
    let other = other
        .map(|(_, ours)| *ours)
        .find(|ours| known.contains(ours));
    let error = error.at(node.span);
    match other.or_else(|| nearest(word, known)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(choices(&format!("{kind}s"), known)),
    }
}

/// `the keys are a, b and c`.
pub(super) fn choices(kinds: &str, known: &[&str]) -> String {
    let quoted: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => format!("the {kinds} are {last}"),
        Some((last, rest)) => format!("the {kinds} are {} and {last}", rest.join(", ")),
        None => format!("there are no {kinds}"),
    }
}

/// Something given twice.
pub(super) fn duplicate(kind: &str, name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        Code::DuplicateKey,
        format!("{kind} `{name}` is given twice"),
    )
    .at(second)
    .label(first, "first here")
    .help("keep one of the two")
}

/// A key that must be there is not.
pub(super) fn missing(what: &str, key: &str, place: Span) -> Diagnostic {
    Diagnostic::error(Code::MissingKey, format!("{what} needs the key `{key}`"))
        .at(place)
        .help(format!("add `{key}`"))
}

/// A word of the user's in a message: short, and on one line.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let dots = if short.len() < text.len() { "..." } else { "" };
    format!("`{}{dots}`", short.escape_debug())
}

impl Node {
    /// The text of a scalar.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Plain(text) | Kind::Quoted(text) => Some(text),
            Kind::Null | Kind::Seq(_) | Kind::Map(_) => None,
        }
    }

    /// The text of an unquoted scalar.
    pub(super) fn plain(&self) -> Option<&str> {
        match &self.kind {
            Kind::Plain(text) => Some(text),
            Kind::Null | Kind::Quoted(_) | Kind::Seq(_) | Kind::Map(_) => None,
        }
    }

    /// What it is, for messages.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Plain(text) => shown(text),
            Kind::Quoted(text) => format!("the string {}", shown(text)),
            Kind::Seq(items) => format!("a list of {}", items.len()),
            Kind::Map(_) => "a mapping".to_owned(),
        }
    }
}

//! YAML text as a tree of nodes that know their place.
//!
//! In: one source. Out: a [`Node`], or one diagnostic (a YAML parser stops at its first error).
//! Never: knows a key of the grammar. The only file that names the YAML library.

use crate::diag::{Code, Diagnostic, Source, SourceId, Span};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use std::fmt;

/// Longer than any table anyone has written by two orders of magnitude.
const MAX_BYTES: usize = 1 << 18;
const MAX_NODES: usize = 100_000;
/// The grammar needs seven: top, layers, layer, table, rows, row, padding.
const MAX_DEPTH: usize = 12;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Nothing, or `~`.
    Null,
    /// An unquoted word or number, as written.
    Plain(String),
    /// Text in quotes, without them.
    Quoted(String),
    Seq(Vec<Node>),
    /// Keys in the order of the text, duplicates included.
    Map(Vec<(Node, Node)>),
}

/// Reads one YAML document.
pub(crate) fn read(source: &Source, id: SourceId) -> Result<Node, Box<Diagnostic>> {
    let text = &source.text;
    if text.len() > MAX_BYTES {
        let facts = format!(
            "the text has {} bytes; a spec has at most {MAX_BYTES}",
            text.len()
        );
        let error = Diagnostic::error(Code::TooBig, facts).at(Span::new(id, 0, 0));
        return Err(Box::new(error.help("is this the right file?")));
    }
    let raw = serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options())
        .map_err(|error| Box::new(syntax_error(&error, text, id)))?;
    let node = Placer { text, id }.node(raw);
    match tag(&node, text) {
        Some(span) => Err(Box::new(tag_refused(span))),
        None => Ok(node),
    }
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        reject_unsupported_tags: true,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_aliases: 0,
            max_anchors: 0,
            max_depth: MAX_DEPTH,
            max_documents: 1,
        },
    }
}

fn syntax_error(error: &serde_saphyr::Error, text: &str, id: SourceId) -> Diagnostic {
    let location = error.location();
    let at = location.map_or(0, |place| offset(text, place.line(), place.column()));
    let span = Span::new(id, at, word_end(text, at));
    match error {
        serde_saphyr::Error::Budget { breach, .. } => budget_breached(breach, span),
        serde_saphyr::Error::UnknownAnchor { .. } => anchor_refused(span),
        serde_saphyr::Error::UnsupportedTag { .. } => tag_refused(span),
        _ => {
            let facts = error.to_string();
            let place = location
                .map(|place| format!(" at line {}, column {}", place.line(), place.column()));
            let facts = place
                .and_then(|place| facts.strip_suffix(&place))
                .unwrap_or(&facts);
            Diagnostic::error(Code::Syntax, format!("this is not YAML: {facts}"))
                .at(span)
                .help("look for a bracket, a quote, a colon or an indentation that is off, here or just before")
        }
    }
}

fn budget_breached(breach: &BudgetBreach, span: Span) -> Diagnostic {
    match breach {
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } => anchor_refused(span),
        BudgetBreach::Documents { .. } => {
            Diagnostic::error(Code::SecondDocument, "a second document starts here")
                .at(span)
                .help("one network a file: move it into a file of its own")
        }
        BudgetBreach::Depth { .. } => {
            let facts = format!("more than {MAX_DEPTH} levels of nesting");
            let error = Diagnostic::error(Code::TooBig, facts).at(span);
            error.help("a padding in a row of a table is seven levels deep; nothing is deeper")
        }
        _ => {
            let facts = format!("more than {MAX_NODES} values");
            let error = Diagnostic::error(Code::TooBig, facts).at(span);
            error.help("write repeated rows as one row with `n`")
        }
    }
}

fn anchor_refused(span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::Indirection,
        "anchors and aliases have no place in a spec",
    )
    .at(span)
    .help("write the value itself")
}

fn tag_refused(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Indirection, "tags have no place in a spec")
        .at(span)
        .help("write the value without its tag")
}

/// Line and column, both from 1, the column in characters, as a byte offset inside the text.
fn offset(text: &str, line: u64, column: u64) -> usize {
    let skip = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let start: usize = text.split_inclusive('\n').take(skip).map(str::len).sum();
    let column = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let rest = &text[start..];
    start
        + rest
            .char_indices()
            .nth(column)
            .map_or(rest.len(), |(at, _)| at)
}

/// The end of the run of letters that starts at `at`, or of the one character there.
fn word_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let word: usize = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .map(char::len_utf8)
        .sum();
    at + word.max(rest.chars().next().map_or(0, char::len_utf8))
}

/// The first standard tag (`!!int`), which the library would obey, in front of a node of the tree.
fn tag(node: &Node, text: &str) -> Option<Span> {
    let before = text[..node.span.start].trim_end();
    let border = |c: char| c.is_whitespace() || "[]{},:".contains(c);
    let word = before.rsplit(border).next().unwrap_or_default();
    let start = before.len() - word.len();
    let line = before[..start].rfind('\n').map_or(0, |at| at + 1);
    let comment = before[line..start].contains('#');
    if word.starts_with('!') && !comment {
        let end = before.len();
        return Some(Span {
            start,
            end,
            ..node.span
        });
    }
    match &node.kind {
        Kind::Null | Kind::Plain(_) | Kind::Quoted(_) => None,
        Kind::Seq(items) => items.iter().find_map(|item| tag(item, text)),
        Kind::Map(entries) => entries
            .iter()
            .flat_map(|(k, v)| [k, v])
            .find_map(|item| tag(item, text)),
    }
}

/// Gives nodes their spans: the library tells where a value starts and how long a scalar is.
struct Placer<'a> {
    text: &'a str,
    id: SourceId,
}

impl Placer<'_> {
    fn node(&self, raw: Spanned<Raw>) -> Node {
        let place = raw.referenced.span();
        let start = place
            .byte_offset()
            .and_then(|at| usize::try_from(at).ok())
            .unwrap_or(0);
        let len = place
            .byte_len()
            .and_then(|len| usize::try_from(len).ok())
            .unwrap_or(0);
        let start = start.min(self.text.len());
        let end = start.saturating_add(len).min(self.text.len());
        let scalar = Span::new(self.id, start, end);
        match raw.value {
            Raw::Null => Node {
                span: scalar,
                kind: Kind::Null,
            },
            Raw::Typed => Node {
                span: scalar,
                kind: Kind::Plain(self.slice(scalar).to_owned()),
            },
            Raw::Text(text) if self.slice(scalar).starts_with(['"', '\'']) => Node {
                span: scalar,
                kind: Kind::Quoted(text),
            },
            Raw::Text(text) => Node {
                span: scalar,
                kind: Kind::Plain(text),
            },
            Raw::Seq(items) => {
                let items: Vec<Node> = items.into_iter().map(|item| self.node(item)).collect();
                let span = self.collection(start, items.last().map(|item| item.span.end));
                Node {
                    span,
                    kind: Kind::Seq(items),
                }
            }
            Raw::Map(entries) => {
                let entries: Vec<_> = entries
                    .into_iter()
                    .map(|(key, value)| self.entry(key, value))
                    .collect();
                let span = self.collection(
                    start,
                    entries
                        .last()
                        .map(|(key, value)| value.span.end.max(key.span.end)),
                );
                Node {
                    span,
                    kind: Kind::Map(entries),
                }
            }
        }
    }

    /// A value that is not there is where its key is.
    fn entry(&self, key: Spanned<Raw>, value: Spanned<Raw>) -> (Node, Node) {
        let key = self.node(key);
        let mut value = self.node(value);
        if value.kind == Kind::Null && value.span.start == value.span.end {
            value.span = key.span;
        }
        (key, value)
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// From its start to its last child or, when in brackets, to the closing one.
    fn collection(&self, start: usize, last: Option<usize>) -> Span {
        let last = last.unwrap_or(start + 1).clamp(start, self.text.len());
        let close = match self.text.as_bytes().get(start) {
            Some(b'[') => b']',
            Some(b'{') => b'}',
            _ => return Span::new(self.id, start, last),
        };
        let end = closing(&self.text.as_bytes()[last..], close).map_or(last, |at| last + at + 1);
        Span::new(self.id, start, end)
    }
}

/// The first `close` that is not in a comment.
fn closing(text: &[u8], close: u8) -> Option<usize> {
    let mut comment = false;
    text.iter().position(|&byte| {
        comment = (comment || byte == b'#') && byte != b'\n';
        !comment && byte == close
    })
}

/// What the library hands over. Numbers and truth values are read from the text, where `010` is still `010`.
enum Raw {
    Null,
    Typed,
    Text(String),
    Seq(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<Self>, Spanned<Self>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::Seq(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Sources;
    use serde_yaml::Value;
    use std::fs;
    use std::path::Path;

    fn tree(text: &str) -> Result<Node, Box<Diagnostic>> {
        let mut sources = Sources::new();
        let id = sources.add("text", text);
        read(sources.get(id), id)
    }

    /// A plain scalar is what the other reader takes its text for.
    fn value(node: &Node) -> Value {
        match &node.kind {
            Kind::Null => Value::Null,
            Kind::Plain(text) => serde_yaml::from_str(text).expect("a scalar"),
            Kind::Quoted(text) => Value::String(text.clone()),
            Kind::Seq(items) => Value::Sequence(items.iter().map(value).collect()),
            Kind::Map(entries) => {
                Value::Mapping(entries.iter().map(|(k, v)| (value(k), value(v))).collect())
            }
        }
    }

    /// Another library, descended from another parser, must see the same structure. Cases with a mistake are compared
    /// when both libraries take them for YAML and no key is double.
    #[test]
    fn every_spec_reads_alike_in_two_libraries() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut compared = 0;
        for folder in ["arch-specs", "tests/cases/diagnostics"] {
            for entry in fs::read_dir(root.join(folder)).expect("the folder is there") {
                let path = entry.expect("a readable entry").path();
                if path.extension().is_none_or(|e| e != "yaml") {
                    continue;
                }
                let text = fs::read_to_string(&path).expect("a readable spec");
                let (ours, theirs) = (tree(&text), serde_yaml::from_str::<Value>(&text));
                if folder == "arch-specs" || (ours.is_ok() && theirs.is_ok()) {
                    let (ours, theirs) = (ours.expect("YAML"), theirs.expect("YAML"));
                    assert_eq!(value(&ours), theirs, "{}", path.display());
                    compared += 1;
                }
            }
        }
        assert!(compared > 60, "{compared}");
    }

    #[test]
    fn every_recovered_table_reads_alike_in_two_libraries() {
        use crate::import::Sizes;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens/onnx");
        let mut compared = 0;
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("a readable entry").path();
            if path.extension().is_none_or(|e| e != "onnx") {
                continue;
            }
            let bytes = fs::read(&path).expect("a readable model");
            let beside = crate::files::Beside::new(&path);
            let model = crate::pipeline::import("m.onnx", bytes, &Sizes::default(), &beside);
            let model = model.expect("a model that compiles");
            let spec = model.spec().expect("a model with a spec");
            let theirs = serde_yaml::from_str::<Value>(spec).expect("YAML");
            assert_eq!(value(&tree(spec).expect("YAML")), theirs, "{spec}");
            compared += 1;
        }
        assert!(compared >= 5, "{compared}");
    }

    #[test]
    fn every_value_knows_its_bytes() {
        let text = "\u{feff}a: [1, {k: 'x ]', c: }, [ ]] # ]\nbé:\n  - über\n  - 2.50\n";
        let tree = tree(text).expect("YAML");
        let mut found = Vec::new();
        collect(&tree, &mut found);
        let pieces: Vec<&str> = found.iter().map(|s| &text[s.start..s.end]).collect();
        let (list, map) = ("[1, {k: 'x ]', c: }, [ ]]", "{k: 'x ]', c: }");
        let flow = ["a", list, "1", map, "k", "'x ]'", "c", "c", "[ ]"];
        let block = ["bé", "- über\n  - 2.50", "über", "2.50"];
        assert_eq!(pieces, [&flow[..], &block].concat());
    }

    #[test]
    fn brackets_in_comments_close_nothing() {
        let text = "a: [1, # ]\n  2 # ]\n  ] # ]\n";
        let mut found = Vec::new();
        collect(&tree(text).expect("YAML"), &mut found);
        assert_eq!(&text[found[1].start..found[1].end], "[1, # ]\n  2 # ]\n  ]");
    }

    fn collect(node: &Node, found: &mut Vec<Span>) {
        match &node.kind {
            Kind::Null | Kind::Plain(_) | Kind::Quoted(_) => {}
            Kind::Seq(items) => {
                for item in items {
                    found.push(item.span);
                    collect(item, found);
                }
            }
            Kind::Map(entries) => {
                for (key, value) in entries {
                    found.extend([key.span, value.span]);
                    collect(value, found);
                }
            }
        }
    }

    #[test]
    fn tags_are_found_but_not_in_comments() {
        assert!(tree("# a !b\nk: 1 # !c\nl: 2\n").is_ok());
        for text in [
            "k: !!int 3",
            "k:\n  !!map\n  a: 1",
            "!!map {k: 1}",
            "k: [!!str 3]",
        ] {
            let error = tree(text).expect_err(text);
            assert_eq!(error.code, Code::Indirection, "{text}");
        }
    }

    #[test]
    fn large_texts_are_refused() {
        let error = tree(&"x".repeat(MAX_BYTES + 1)).expect_err("too large");
        assert_eq!(error.code, Code::TooBig);
        let error = tree(&format!("[{}]", "1,".repeat(MAX_NODES))).expect_err("too many values");
        assert_eq!(error.code, Code::TooBig);
    }
}

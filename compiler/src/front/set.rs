//! `--set KEY=VALUE`: values put into the tree before the grammar is read, so that the same rules hold for them and
//! carets point into the argument.
//!
//! In: the tree, the arguments as sources. Out: the tree with scalars replaced or added. Never: knows which keys exist,
//! but for the shorthand `input=160` (or `160x128`, height first).

use super::fields::shown;
use super::tree::{Kind, Node};
use crate::diag::{Code, Diagnostic, Diagnostics, SourceId, Sources, Span};

/// Puts one argument into the tree.
pub(super) fn apply(tree: &mut Node, sources: &Sources, id: SourceId, diags: &mut Diagnostics) {
    let text = &sources.get(id).text;
    match parse(text, id) {
        Ok((path, value)) if path.len() == 1 && path[0].word() == Some("input") => {
            let sides = sides(&value);
            for (name, side) in ["height", "width"].into_iter().zip(sides) {
                let key = Node {
                    span: path[0].span,
                    kind: Kind::Plain(name.to_owned()),
                };
                put(tree, &[path[0].clone(), key], side, diags);
            }
        }
        Ok((path, value)) => put(tree, &path, value, diags),
        Err(error) => diags.push(*error),
    }
}

/// `a.b=VALUE` as the words of its path and the value.
fn parse(text: &str, id: SourceId) -> Result<(Vec<Node>, Node), Box<Diagnostic>> {
    let whole = Span::new(id, 0, text.len());
    let refuse = |facts: String, span: Span| {
        let error = Diagnostic::error(Code::Set, facts).at(span);
        Box::new(error.help(
            "write KEY=VALUE, as in `width_multiplier=0.5`, `input=160` or `rounding.divisor=4`",
        ))
    };
    let (path, value) = text
        .split_once('=')
        .ok_or_else(|| refuse(format!("{} has no `=`", shown(text)), whole))?;
    let mut start = 0;
    let mut words = Vec::new();
    for word in path.split('.') {
        let span = Span::new(id, start, start + word.len());
        if word.trim().is_empty() {
            return Err(refuse("a key is missing".to_owned(), span));
        }
        words.push(Node {
            span,
            kind: Kind::Plain(word.trim().to_owned()),
        });
        start += word.len() + 1;
    }
    if words[0].word() == Some("layers") || value.trim().is_empty() {
        let facts = match words[0].word() {
            Some("layers") => "`layers` cannot be set".to_owned(),
            _ => format!("{} has no value", shown(path)),
        };
        return Err(refuse(facts, whole));
    }
    let blanks = value.len() - value.trim_start().len();
    let start = path.len() + 1 + blanks;
    Ok((words, value_node(value.trim(), id, start)))
}

/// A value as YAML has it: `[1, 2]` is a list of words and numbers, anything else one of them.
fn value_node(text: &str, id: SourceId, start: usize) -> Node {
    let span = Span::new(id, start, start + text.len());
    let Some(list) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) else {
        let kind = Kind::Plain(text.to_owned());
        return Node { span, kind };
    };
    let mut at = start + 1;
    let mut values = Vec::new();
    for item in list.split(',').filter(|_| !list.trim().is_empty()) {
        let blanks = item.len() - item.trim_start().len();
        let (start, text) = (at + blanks, item.trim());
        let span = Span::new(id, start, start + text.len());
        let kind = Kind::Plain(text.to_owned());
        values.push(Node { span, kind });
        at += item.len() + 1;
    }
    let kind = Kind::Seq(values);
    Node { span, kind }
}

/// `160` is both sides, `160x128` is height and width.
fn sides(value: &Node) -> [Node; 2] {
    let text = value.plain().unwrap_or_default();
    let Some((height, width)) = text.split_once('x') else {
        return [value.clone(), value.clone()];
    };
    let middle = value.span.start + height.len();
    let side = |text: &str, span: Span| Node {
        span,
        kind: Kind::Plain(text.to_owned()),
    };
    [
        side(
            height,
            Span {
                end: middle,
                ..value.span
            },
        ),
        side(
            width,
            Span {
                start: middle + 1,
                ..value.span
            },
        ),
    ]
}

/// Replaces or adds the value at the end of `path`; mappings on the way are made when they are not there.
fn put(node: &mut Node, path: &[Node], value: Node, diags: &mut Diagnostics) {
    let Some((key, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    if node.kind == Kind::Null {
        *node = Node {
            span: key.span,
            kind: Kind::Map(Vec::new()),
        };
    }
    let Kind::Map(entries) = &mut node.kind else {
        let facts = format!(
            "{} is a key of something that has none",
            shown(key.word().unwrap_or_default())
        );
        diags.push(
            Diagnostic::error(Code::Set, facts)
                .at(key.span)
                .label(node.span, "no keys here")
                .help("set the value itself"),
        );
        return;
    };
    let place = entries.iter().position(|(k, _)| k.word() == key.word());
    let place = place.unwrap_or_else(|| {
        let nothing = Node {
            span: key.span,
            kind: Kind::Null,
        };
        entries.push((key.clone(), nothing));
        entries.len() - 1
    });
    put(&mut entries[place].1, rest, value, diags);
}

//! Comments: what the layers of a table were called where they come from.
//!
//! In: names of anybody's making. Out: short words that cannot end a comment. Never: knows what a layer is.

use crate::graph::{Graph, Node, NodeId, Op};
use std::collections::BTreeMap;

/// The longest name that is shown whole.
const LONGEST: usize = 48;

/// What a network and its layers were called before.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    source: Option<String>,
    /// Layer -> its name, folder by folder and word by word.
    paths: BTreeMap<String, Vec<String>>,
}

impl Notes {
    /// The network comes from `source`, its layers are called so there.
    pub fn new<T: AsRef<str>>(source: &str, layers: impl IntoIterator<Item = (T, T)>) -> Self {
        let path = |(layer, name): (T, T)| (layer.as_ref().to_owned(), path(name.as_ref()));
        Self {
            source: Some(plain(source)),
            paths: layers.into_iter().map(path).collect(),
        }
    }

    /// The comment above all.
    pub(super) fn title(&self) -> Option<String> {
        let source = self.source.as_ref()?;
        Some(format!("# Recovered from {source}."))
    }

    /// The name of one layer.
    pub(super) fn single(&self, graph: &Graph, id: NodeId) -> Option<String> {
        let path = self.path(graph.node(id))?;
        Some(
            self.telling(graph, &[id], path, false)
                .unwrap_or_else(|| shown(path)),
        )
    }

    /// The names of a row: what the layers of each repeat have in common, of the first repeat and of the last.
    pub(super) fn row(&self, graph: &Graph, repeats: &[Vec<NodeId>]) -> Option<String> {
        let names = |repeat: &Vec<NodeId>| -> Option<[String; 2]> {
            let paths = repeat.iter().map(|id| self.path(graph.node(*id)));
            let paths = paths.collect::<Option<Vec<_>>>()?;
            if let Some(name) = self.telling(graph, repeat, common(&paths), true) {
                return Some([name.clone(), name]);
            }
            // Of `net/a/dw` and `net/a/pw` the ends tell enough.
            let all = common(&paths);
            let shared = (0..all.len()).rev().find(|n| all[*n].starts_with('/'));
            let end = |path: &[String]| shown(&path[shared.unwrap_or(0)..]);
            Some([end(paths.first()?), end(paths.last()?)])
        };
        let ([first, _], [_, last]) = (names(repeats.first()?)?, names(repeats.last()?)?);
        Some(if first == last {
            first
        } else {
            format!("{first} .. {last}")
        })
    }

    fn path(&self, node: &Node) -> Option<&[String]> {
        self.paths.get(&node.origin.name).map(Vec::as_slice)
    }

    /// As much of the name as tells these layers from all others, without the folders that tell nothing. Cut between
    /// folders; for `words` between words, too: `expanded_conv_3` of `expanded_conv_3_project`.
    fn telling(
        &self,
        graph: &Graph,
        layers: &[NodeId],
        path: &[String],
        words: bool,
    ) -> Option<String> {
        let others = graph.ids().filter(|id| !layers.contains(id));
        let others: Vec<(&Node, &[String])> = others
            .filter_map(|id| Some((graph.node(id), self.path(graph.node(id))?)))
            .collect();
        let folder = |at: usize| path.get(at).is_none_or(|part| part.starts_with('/'));
        let tells = |length: &usize| {
            let begins = |(_, other): &(&Node, &[String])| other.starts_with(&path[..*length]);
            (words || folder(*length)) && !others.iter().any(begins)
        };
        let length = (1..=path.len()).find(tells)?;
        // Exporters write what has no weights where they like.
        let weighted = |node: &Node| matches!(node.op, Op::Conv(_) | Op::Linear(_));
        let shared = |n: &usize| {
            let mut all = others.iter().filter(|(node, _)| weighted(node));
            folder(*n) && all.all(|(_, other)| other.starts_with(&path[..*n]))
        };
        let shared = (1..length).rev().find(shared).unwrap_or(0);
        Some(shown(&path[shared..length]))
    }
}

/// The parts of a name in one, its end where it is long.
fn shown(path: &[String]) -> String {
    let text = path.concat();
    let text = text.trim_start_matches('/');
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let end: String = text.chars().skip(length - LONGEST + 3).collect();
    format!("...{end}")
}

/// A name in parts, folders and words, but for the last folder of several, which says the operator, and those that the
/// next one repeats: of `/conv/conv.0/Conv` only `conv.0`. Fused names are named by their first.
fn path(name: &str) -> Vec<String> {
    let name = plain(name.split(';').next().unwrap_or(name));
    let mut parts: Vec<String> = name
        .split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    if parts.len() > 1 {
        parts.pop();
    }
    let repeated = |pair: &[String]| {
        let rest = pair[1].strip_prefix(pair[0].as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut kept: Vec<bool> = parts.windows(2).map(|pair| !repeated(pair)).collect();
    kept.push(true);
    let mut kept = kept.into_iter();
    parts.retain(|_| kept.next().unwrap_or(true));
    parts.iter().flat_map(|part| words(part)).collect()
}

/// `/a_b` as `/a` and `_b`.
fn words(part: &str) -> impl Iterator<Item = String> {
    let mut words = part.split('_');
    let first = format!("/{}", words.next().unwrap_or_default());
    std::iter::once(first).chain(words.map(|word| format!("_{word}")))
}

/// What all paths begin with.
fn common<'a>(paths: &[&'a [String]]) -> &'a [String] {
    let Some((first, rest)) = paths.split_first() else {
        return &[];
    };
    let mut length = first.len();
    for path in rest {
        let same = first.iter().zip(*path).take_while(|(a, b)| a == b).count();
        length = length.min(same);
    }
    &first[..length]
}

/// A name without what could end a comment, or is not to be seen.
fn plain(name: &str) -> String {
    let seen = |c: char| c.is_ascii_graphic() || c.is_alphanumeric() || c == ' ';
    let shown = |c: char| if seen(c) { c } else { '?' };
    name.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_parts() {
        let fused = "net/block_3_pw/Conv2D;net/block/BiasAdd";
        for (name, parts) in [
            (
                "/features/features.0/features.0.0/Conv",
                &["/features.0.0"][..],
            ),
            (
                "/features/features.1/conv/conv.2/Conv",
                &["/features.1", "/conv.2"],
            ),
            (fused, &["/net", "/block", "_3", "_pw"]),
            ("Conv_12", &["/Conv", "_12"]),
            ("a\nb#: \u{2028}c", &["/a?b#: ?c"]),
            ("", &[]),
        ] {
            assert_eq!(path(name), parts, "{name}");
        }
    }

    #[test]
    fn long_names_are_cut_in_front() {
        let long = path(&format!("net/{}/Conv", "q".repeat(60)));
        assert_eq!(shown(&long), format!("...{}", "q".repeat(45)));
    }
}

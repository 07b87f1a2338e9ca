//! Replaces each call of a model's own functions by the nodes of the function.
//!
//! In: the nodes of a graph as they were read, and the functions. Out: nodes that call no function any more. Never: lets
//! functions that call each other grow without bound.

use super::wire::{Attribute, Function, Node};
use std::collections::BTreeMap;

/// The most nodes that calls may grow to, and the deepest that functions may call each other.
const MOST_NODES: usize = 100_000;
const DEEPEST: usize = 16;

/// Inlines all calls; gives an error in words when there is no end to it.
pub(super) fn inline(nodes: Vec<Node>, functions: &[Function]) -> Result<Vec<Node>, String> {
    if functions.is_empty() {
        return Ok(nodes);
    }
    let by_name = functions
        .iter()
        .map(|f| ((f.domain.as_str(), f.name.as_str()), f));
    let mut inliner = Inliner {
        functions: by_name.collect(),
        calls: 0,
        nodes: Vec::new(),
    };
    for node in nodes {
        inliner.node(node, 0)?;
    }
    Ok(inliner.nodes)
}

struct Inliner<'f> {
    functions: BTreeMap<(&'f str, &'f str), &'f Function>,
    /// Calls so far: makes the names of their values unique.
    calls: usize,
    nodes: Vec<Node>,
}

impl Inliner<'_> {
    fn node(&mut self, node: Node, depth: usize) -> Result<(), String> {
        let called = (node.domain.as_str(), node.op_type.as_str());
        let Some(function) = self.functions.get(&called).copied() else {
            self.nodes.push(node);
            return if self.nodes.len() > MOST_NODES {
                Err(format!(
                    "its functions come to more than {MOST_NODES} nodes"
                ))
            } else {
                Ok(())
            };
        };
        if depth == DEEPEST {
            let name = &function.name;
            return Err(format!(
                "its functions call each other more than {DEEPEST} deep, the last `{name}`"
            ));
        }
        self.calls += 1;
        let call = Call::new(self.calls, &node, function);
        for inner in &function.node {
            self.node(call.rename(inner), depth + 1)?;
        }
        Ok(())
    }
}

/// One call of a function.
struct Call<'a> {
    number: usize,
    /// What the names of the function's inputs and outputs are outside.
    outside: BTreeMap<&'a str, &'a str>,
    /// What the call gives for the function's attributes.
    attributes: BTreeMap<&'a str, &'a Attribute>,
}

impl<'a> Call<'a> {
    fn new(number: usize, node: &'a Node, function: &'a Function) -> Self {
        let names = |inside: &'a [String], outside: &'a [String]| {
            // Arguments that are left out read as absent ones.
            let outside = outside
                .iter()
                .map(String::as_str)
                .chain(std::iter::repeat(""));
            inside.iter().map(String::as_str).zip(outside)
        };
        // A result that nobody takes keeps a name of its own.
        let results =
            names(&function.output, &node.output).filter(|(_, outside)| !outside.is_empty());
        let outside = names(&function.input, &node.input).chain(results).collect();
        let defaults = function.attribute_proto.iter().chain(&node.attribute);
        let attributes = defaults.map(|a| (a.name.as_str(), a)).collect();
        Self {
            number,
            outside,
            attributes,
        }
    }

    fn name(&self, inside: &str) -> String {
        match self.outside.get(inside) {
            Some(outside) => (*outside).to_owned(),
            None if inside.is_empty() => String::new(),
            None => format!("{inside}@{}", self.number),
        }
    }

    /// A node of the function as it stands in the graph.
    fn rename(&self, inner: &Node) -> Node {
        let names = |names: &[String]| names.iter().map(|n| self.name(n)).collect();
        let attributes = inner.attribute.iter().filter_map(|a| self.attribute(a));
        Node {
            input: names(&inner.input),
            output: names(&inner.output),
            attribute: attributes.collect(),
            ..inner.clone()
        }
    }

    /// An attribute with what the call gives for it; none where it gives nothing.
    fn attribute(&self, attribute: &Attribute) -> Option<Attribute> {
        if attribute.ref_attr_name.is_empty() {
            return Some(attribute.clone());
        }
        let given = self.attributes.get(attribute.ref_attr_name.as_str())?;
        Some(Attribute {
            name: attribute.name.clone(),
            ..(*given).clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> Node {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        Node {
            op_type: op.to_owned(),
            domain: if op.starts_with('F') { "my" } else { "" }.to_owned(),
            input: names(inputs),
            output: names(outputs),
            ..Node::default()
        }
    }

    fn function(name: &str, nodes: Vec<Node>) -> Function {
        Function {
            name: name.to_owned(),
            domain: "my".to_owned(),
            input: vec!["a".to_owned(), "b".to_owned()],
            output: vec!["y".to_owned()],
            node: nodes,
            attribute_proto: vec![],
        }
    }

    fn text(nodes: &[Node]) -> Vec<String> {
        let line = |n: &Node| {
            format!(
                "{} = {} {}",
                n.output.join(","),
                n.op_type,
                n.input.join(",")
            )
        };
        nodes.iter().map(line).collect()
    }

    #[test]
    fn a_call_becomes_the_functions_nodes_with_names_of_their_own() {
        let body = vec![
            node("Relu", &["a"], &["t"]),
            node("Add", &["t", "b"], &["y"]),
        ];
        let calls = vec![node("F", &["x", "c"], &["u"]), node("F", &["u"], &["z"])];
        let nodes = inline(calls, &[function("F", body)]).expect("it ends");
        let expected = [
            "t@1 = Relu x",
            "u = Add t@1,c",
            "t@2 = Relu u",
            "z = Add t@2,",
        ];
        assert_eq!(text(&nodes), expected);
    }

    #[test]
    fn attributes_are_passed_on_or_take_their_default() {
        let attribute = |name: &str, i, from: &str| Attribute {
            name: name.to_owned(),
            i,
            ref_attr_name: from.to_owned(),
            ..Attribute::default()
        };
        let mut inner = node("Softmax", &["a"], &["y"]);
        inner.attribute = vec![
            attribute("axis", 0, "along"),
            attribute("other", 0, "absent"),
        ];
        let mut f = function("F", vec![inner]);
        f.attribute_proto = vec![attribute("along", 7, "")];
        let mut call = node("F", &["x"], &["z"]);
        let axis = |call: &Node| {
            let nodes = inline(vec![call.clone()], std::slice::from_ref(&f)).expect("it ends");
            let list: Vec<_> = nodes[0]
                .attribute
                .iter()
                .map(|a| (a.name.clone(), a.i))
                .collect();
            list
        };
        assert_eq!(axis(&call), [("axis".to_owned(), 7)]);
        call.attribute = vec![attribute("along", 2, "")];
        assert_eq!(axis(&call), [("axis".to_owned(), 2)]);
    }

    #[test]
    fn endless_functions_are_refused() {
        let endless = function("F", vec![node("F", &["a"], &["y"])]);
        let error = inline(vec![node("F", &["x"], &["y"])], &[endless]).expect_err("endless");
        assert!(error.contains("more than 16 deep"), "{error}");
        let doubling = |name: &str, next: &str| {
            let calls = vec![node(next, &["a"], &["t"]); 10];
            function(name, calls)
        };
        let functions: Vec<_> = (0..9)
            .map(|i| doubling(&format!("F{i}"), &format!("F{}", i + 1)))
            .collect();
        let error = inline(vec![node("F0", &["x"], &["y"])], &functions).expect_err("too many");
        assert!(error.contains("more than 100000 nodes"), "{error}");
    }
}

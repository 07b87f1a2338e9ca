//! Replaces the operators that ONNX Runtime's optimiser fuses by the standard nodes they stand for.
//!
//! In: the nodes of a graph as they were read. Out: the same nodes, but `FusedConv`, `FusedGemm` and `QuickGelu` of
//! `com.microsoft` are a layer, a sum, an activation. Never: touches what it does not know all of; that is refused by name.

use super::wire::{Attribute, Node};

/// Whose operators these are.
const DOMAIN: &str = "com.microsoft";

/// `nodes` in standard operators, as far as this goes.
pub(super) fn expand(nodes: Vec<Node>) -> Vec<Node> {
    let expanded = |node: Node| match (node.domain.as_str(), expansion(&node)) {
        (DOMAIN, Some(nodes)) => nodes,
        _ => vec![node],
    };
    nodes.into_iter().flat_map(expanded).collect()
}

fn expansion(node: &Node) -> Option<Vec<Node>> {
    let mut chain = Chain {
        node,
        nodes: Vec::new(),
    };
    match node.op_type.as_str() {
        "FusedConv" => {
            let inputs = node.input.iter().take(3).map(String::as_str);
            let mut x = chain.add(
                "Conv",
                inputs.collect(),
                &["activation", "activation_params"],
            );
            if let Some(summand) = node.input.get(3).filter(|name| !name.is_empty()) {
                x = chain.add("Add", vec![&x, summand], &[]);
            }
            let params = attribute(node, "activation_params").map_or(&[][..], |a| &a.floats);
            chain.activation(&x, params)?;
        }
        "FusedGemm" => {
            let inputs = node.input.iter().map(String::as_str);
            let own = [
                "activation",
                "activation_alpha",
                "activation_beta",
                "activation_gamma",
            ];
            let x = chain.add("Gemm", inputs.collect(), &own);
            let param = |name: &str| attribute(node, name).map(|a| a.f);
            let params: Vec<f32> = own[1..].iter().map_while(|name| param(name)).collect();
            chain.activation(&x, &params)?;
        }
        "QuickGelu" => {
            let x = node.input.first()?.as_str();
            let slope = chain.constant(attribute(node, "alpha").map_or(1.702, |a| a.f));
            let scaled = chain.add("Mul", vec![x, &slope], &[]);
            let gate = chain.add("Sigmoid", vec![&scaled], &[]);
            chain.add("Mul", vec![x, &gate], &[]);
        }
        _ => return None,
    }
    // What the last one makes is what the fused node made.
    let mut nodes = chain.nodes;
    nodes.last_mut()?.output.clone_from(&node.output);
    Some(nodes)
}

fn attribute<'n>(node: &'n Node, name: &str) -> Option<&'n Attribute> {
    node.attribute.iter().find(|a| a.name == name)
}

/// The nodes that one stands for.
struct Chain<'n> {
    node: &'n Node,
    nodes: Vec<Node>,
}

impl Chain<'_> {
    /// Adds a node; the layer takes the fused node's attributes `without` those that are the activation's.
    fn add(&mut self, op: &str, inputs: Vec<&str>, without: &[&str]) -> String {
        let takes = |a: &&Attribute| !without.is_empty() && !without.contains(&a.name.as_str());
        let attributes = self.node.attribute.iter().filter(takes).cloned().collect();
        let made = self.node.output.first().map_or("", String::as_str);
        let output = format!("{made}@{}", self.nodes.len());
        self.nodes.push(Node {
            input: inputs.into_iter().map(str::to_owned).collect(),
            output: vec![output.clone()],
            name: self.node.name.clone(),
            op_type: op.to_owned(),
            attribute: attributes,
            domain: String::new(),
        });
        output
    }

    /// Gives the last node these attributes.
    fn give(&mut self, attributes: Vec<Attribute>) {
        if let Some(last) = self.nodes.last_mut() {
            last.attribute = attributes;
        }
    }

    /// A number.
    fn constant(&mut self, number: f32) -> String {
        let name = self.add("Constant", vec![], &[]);
        self.give(vec![float("value_float", number)]);
        name
    }

    /// The activation the fused node names; none for one that is not known.
    fn activation(&mut self, x: &str, params: &[f32]) -> Option<()> {
        let kind = attribute(self.node, "activation").map_or(&b""[..], |a| &a.s);
        match (kind, params) {
            (b"", _) => {}
            (b"Relu" | b"Sigmoid" | b"Tanh" | b"HardSwish", _) => {
                self.add(std::str::from_utf8(kind).ok()?, vec![x], &[]);
            }
            (b"Clip", [low, high]) => {
                let (low, high) = (self.constant(*low), self.constant(*high));
                let raised = self.add("Max", vec![x, &low], &[]);
                self.add("Min", vec![&raised, &high], &[]);
            }
            (b"HardSigmoid", [alpha, beta]) => {
                self.add("HardSigmoid", vec![x], &[]);
                self.give(vec![float("alpha", *alpha), float("beta", *beta)]);
            }
            (b"LeakyRelu", [alpha]) => {
                self.add("LeakyRelu", vec![x], &[]);
                self.give(vec![float("alpha", *alpha)]);
            }
            _ => return None,
        }
        Some(())
    }
}

fn float(name: &str, number: f32) -> Attribute {
    Attribute {
        name: name.to_owned(),
        f: number,
        kind: 1,
        ..Attribute::default()
    }
}

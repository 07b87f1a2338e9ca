//! Recognises models that were quantised, which are refused as a whole: it is not one node that stands in the way.
//!
//! In: the nodes as they were read. Out: the refusal, naming which of the three kinds of quantisation it is. Never: takes
//! a single conversion of the input for quantisation of the network.

use super::wire::Node;
use crate::diag::{Code, Diagnostic};

/// The kinds, each with the operators it is known by and what to do.
const KINDS: [(&str, &[&str], &str); 3] = [
    (
        "dynamically quantised (weights are integers, activations become integers as it runs)",
        &[
            "DynamicQuantizeLinear",
            "ConvInteger",
            "MatMulInteger",
            "DynamicQuantizeMatMul",
            "MatMulIntegerToFloat",
        ],
        "give the float model that `quantize_dynamic` was given",
    ),
    (
        "quantised in operator form (QOperator: layers compute on integers)",
        &[
            "QLinearConv",
            "QLinearMatMul",
            "QLinearAdd",
            "QLinearMul",
            "QLinearGlobalAveragePool",
            "QLinearAveragePool",
            "QLinearSigmoid",
            "QLinearConcat",
            "QLinearSoftmax",
            "QGemm",
        ],
        "give the float model that was quantised",
    ),
    (
        "quantised in tensor form (QDQ: pairs of QuantizeLinear and DequantizeLinear around float layers)",
        &["QuantizeLinear", "DequantizeLinear"],
        "give the float model that was quantised",
    ),
];

/// Why a quantised model is refused; nothing for a float model.
pub(super) fn refusal(file: &str, nodes: &[Node]) -> Option<Diagnostic> {
    let count = |ops: &[&str]| {
        nodes
            .iter()
            .filter(|n| ops.contains(&n.op_type.as_str()))
            .count()
    };
    let (kind, ops, help) = KINDS.iter().find(|(_, ops, _)| count(ops) > 0)?;
    let facts = format!("{file} is {kind}; only float networks are compiled");
    let found = ops.iter().filter_map(|op| match count(&[op]) {
        0 => None,
        n => Some(format!("{n} {op}")),
    });
    let note = format!("it has {}", found.collect::<Vec<_>>().join(", "));
    Some(
        Diagnostic::error(Code::Quantised, facts)
            .note(note)
            .help(*help),
    )
}

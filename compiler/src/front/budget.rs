//! Holds what a network needs against the budget its spec sets.
//!
//! In: the budget as written, and needs in bytes. Out: an error for each limit that is not kept. Never: knows how needs
//! come about.

use super::spec::{Budget, Spanned};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::number::thousands;

/// What a network needs, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The arena.
    pub arena: u64,
    /// The input buffer.
    pub input: u64,
    /// All output buffers.
    pub outputs: u64,
    /// The weight blob.
    pub weights: u64,
    /// The layer at which the arena is fullest.
    pub fullest: Option<String>,
}

/// Reports every limit that is not kept.
pub fn check(budget: &Budget, needs: &Needs, diags: &mut Diagnostics) {
    let ram = needs.arena + needs.input + needs.outputs;
    if let Some(limit) = over(budget.ram, ram) {
        let Needs {
            arena,
            input,
            outputs,
            ..
        } = needs;
        let [a, i, o] = [arena, input, outputs].map(|n| thousands(*n));
        let error =
            exceeds("RAM", ram, limit).note(format!("arena {a}, input {i}, outputs {o} bytes"));
        let error = match &needs.fullest {
            Some(layer) => error.note(format!("the arena is fullest at {layer}")),
            None => error,
        };
        diags.push(
            error.help("lower `width_multiplier` or the input's size, or raise `budget.ram`"),
        );
    }
    if let Some(limit) = over(budget.flash, needs.weights) {
        let error = exceeds("flash", needs.weights, limit);
        diags.push(error.help(
            "lower `width_multiplier` or the channels of the last layers, or raise `budget.flash`",
        ));
    }
}

fn over(limit: Option<Spanned<u64>>, need: u64) -> Option<Spanned<u64>> {
    limit.filter(|limit| need > limit.value)
}

fn exceeds(what: &str, need: u64, limit: Spanned<u64>) -> Diagnostic {
    let (need, allowed) = (thousands(need), thousands(limit.value));
    let facts = format!("the network needs {need} bytes of {what}, its budget is {allowed}");
    Diagnostic::error(Code::Budget, facts).at(limit.span)
}

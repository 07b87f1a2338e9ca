//! What stands in the way, told: nodes that do for the same reason are told together, each by its name and shapes.
//!
//! In: nodes with their reasons, in the order they were met. Out: diagnostics. Never: leaves one out that is asked for,
//! but for the rest of a list that no person reads.

use crate::diag::{Code, Diagnostic};
use std::collections::BTreeMap;

/// The most nodes that are named for one reason.
const MOST_NAMED: usize = 200;

/// A node in the way.
pub(in super::super) struct Report {
    /// What messages call it.
    pub(in super::super) label: String,
    /// Its operator.
    pub(in super::super) op: String,
    /// The shapes of what it reads, as text; empty for what reads nothing.
    pub(in super::super) shapes: String,
    /// Continues the sentence whose subject is the node.
    pub(in super::super) reason: String,
    /// What to do.
    pub(in super::super) help: String,
}

impl Report {
    fn of_shapes(&self) -> String {
        match self.shapes.as_str() {
            "" => String::new(),
            shapes => format!(" of {shapes}"),
        }
    }
}

/// A diagnostic for each reason, in the order of the first node it holds for.
pub(in super::super) fn diagnostics(file: &str, reports: Vec<Report>) -> Vec<Diagnostic> {
    let mut groups: Vec<Vec<Report>> = Vec::new();
    let mut places = BTreeMap::new();
    for report in reports {
        let like = [&report.op, &report.reason, &report.help].map(String::clone);
        let place = *places.entry(like).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(report),
            None => groups.push(vec![report]),
        }
    }
    groups.iter().map(|group| told(file, group)).collect()
}

fn told(file: &str, group: &[Report]) -> Diagnostic {
    let first = &group[0];
    let (op, reason, count) = (&first.op, &first.reason, group.len());
    let facts = match group {
        [one] => format!("{file}: `{}` ({op}{}) {reason}", one.label, one.of_shapes()),
        _ => format!("{file}: each of {count} {op} nodes {reason}"),
    };
    let mut diagnostic = Diagnostic::error(Code::OnnxNode, facts).help(&first.help);
    if count == 1 {
        return diagnostic;
    }
    for report in group.iter().take(MOST_NAMED) {
        diagnostic = diagnostic.note(format!("`{}`{}", report.label, report.of_shapes()));
    }
    match count.checked_sub(MOST_NAMED) {
        None | Some(0) => diagnostic,
        Some(more) => diagnostic.note(format!("and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(label: &str, op: &str, reason: &str) -> Report {
        let [label, op, reason] = [label, op, reason].map(str::to_owned);
        let (shapes, help) = ("1x2".to_owned(), "cut it".to_owned());
        Report {
            label,
            op,
            shapes,
            reason,
            help,
        }
    }

    #[test]
    fn nodes_of_one_reason_are_told_together() {
        let reports = vec![
            report("a", "Erf", "bends"),
            report("b", "Lrn", "bends"),
            report("c", "Erf", "bends"),
        ];
        let told = diagnostics("m.onnx", reports);
        let facts: Vec<_> = told.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(
            facts,
            [
                "m.onnx: each of 2 Erf nodes bends",
                "m.onnx: `b` (Lrn of 1x2) bends"
            ]
        );
        assert_eq!(told[0].notes, ["`a` of 1x2", "`c` of 1x2"]);
        assert!(told[1].notes.is_empty());
    }

    #[test]
    fn a_list_ends() {
        let many = (0..MOST_NAMED + 3).map(|i| report(&i.to_string(), "Erf", "bends"));
        let told = diagnostics("m.onnx", many.collect());
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].notes.len(), MOST_NAMED + 1);
        assert_eq!(told[0].notes.last().map(String::as_str), Some("and 3 more"));
    }
}

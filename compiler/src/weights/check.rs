//! Holds a source of weights against the layers that need them, before anything is computed.
//!
//! In: layers and a source. Out: nothing, or one [`Diagnostic`] that lists every tensor that is missing, unknown, of another
//! shape or not finite. Never: stops at the first.

mod advice;

use super::layer::{Layer, Need};
use super::source::{Tensors, WeightSource, same_shape};
use super::words::{quoted, shape_text, tensors as tensors_text};
use crate::diag::{Code, Diagnostic};
use std::collections::BTreeSet;

/// The most lines a list has; only a file of something else altogether has more, and then the rest is counted.
const MAX_LINES: usize = 1000;

/// Checks that `source` has exactly the tensors of `layers`, all of them finite numbers.
pub(crate) fn check(layers: &[Layer<'_>], source: &WeightSource) -> Result<(), Diagnostic> {
    let WeightSource::Tensors(tensors) = source else {
        return Ok(());
    };
    let needs: Vec<Need> = layers.iter().flat_map(|l| l.needs(source)).collect();
    let misfits = Misfits::find(&needs, tensors);
    if !misfits.is_empty() {
        return Err(misfits.fault(layers, tensors));
    }
    finite(&needs, tensors)
}

/// What keeps tensors from fitting a network.
struct Misfits<'a> {
    missing: Vec<&'a Need>,
    unknown: Vec<(&'a str, &'a [usize])>,
    misshapen: Vec<(&'a Need, &'a [usize])>,
    needed: usize,
}

impl<'a> Misfits<'a> {
    fn find(needs: &'a [Need], tensors: &'a Tensors) -> Self {
        let names: BTreeSet<&str> = needs.iter().map(|(name, _)| name.as_str()).collect();
        let found = |need: &'a Need| Some((need, tensors.get(&need.0)?.shape()));
        let missing = needs.iter().filter(|need| found(need).is_none());
        let misshapen = needs.iter().filter_map(found);
        let unknown = tensors.iter().filter(|(name, _)| !names.contains(name));
        Self {
            missing: missing.collect(),
            unknown: unknown.map(|(name, t)| (name, t.shape())).collect(),
            misshapen: misshapen
                .filter(|((_, expected), found)| !same_shape(found, expected))
                .collect(),
            needed: needs.len(),
        }
    }

    fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unknown.is_empty() && self.misshapen.is_empty()
    }

    /// All of them in one error, each kind with an equal share of the lines.
    fn fault(&self, layers: &[Layer<'_>], tensors: &Tensors) -> Diagnostic {
        let shown = |name: &str| {
            let in_file = tensors.file_name(name);
            if in_file == name {
                return quoted(name);
            }
            format!("{} ({})", quoted(in_file), quoted(name))
        };
        let misshapen = self.misshapen.iter().map(|((name, expected), found)| {
            let (found, expected) = (shape_text(found), shape_text(expected));
            format!("{} is {found}, expected {expected}", shown(name))
        });
        let missing = self.missing.iter().map(|(name, shape)| {
            let shape = shape_text(shape);
            format!("{} {shape} is missing", shown(name))
        });
        let unknown = self.unknown.iter().map(|(name, shape)| {
            let shape = shape_text(shape);
            format!("{} {shape} belongs to no layer", quoted(name))
        });
        let kinds = [
            ("of another shape", misshapen.collect::<Vec<_>>()),
            ("missing", missing.collect()),
            ("unknown", unknown.collect()),
        ];
        let kinds: Vec<_> = kinds.iter().filter(|(_, list)| !list.is_empty()).collect();
        let count = |(kind, list): &(&str, Vec<String>)| format!("{} {kind}", list.len());
        let counts: Vec<String> = kinds.iter().copied().map(count).collect();
        let message = format!("the weights do not fit the network: {}", counts.join(", "));
        let mut fault = Diagnostic::error(Code::DoesNotFit, message);
        for (kind, list) in kinds {
            fault.notes.extend(list.iter().take(MAX_LINES).cloned());
            if list.len() > MAX_LINES {
                let more = list.len() - MAX_LINES;
                fault.notes.push(format!("and {more} more {kind}"));
            }
        }
        fault.help(self.advice(layers, tensors))
    }
}

/// Checks that no weight is NaN or infinite.
fn finite(needs: &[Need], tensors: &Tensors) -> Result<(), Diagnostic> {
    let mut faults = Vec::new();
    for (name, _) in needs {
        let data = tensors.get(name).map_or(&[][..], |t| t.data());
        let Some(first) = data.iter().position(|x| !x.is_finite()) else {
            continue;
        };
        let count = data.iter().filter(|x| !x.is_finite()).count();
        let (all, value) = (data.len(), data[first]);
        let name = quoted(tensors.file_name(name));
        faults.push(format!(
            "{name} has {count} of {all}, the first at {first}: {value}"
        ));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let message = format!(
        "weights are NaN, infinite or too large for f32 in {}",
        tensors_text(faults.len())
    );
    let mut fault = Diagnostic::error(Code::NotFinite, message);
    let more = faults.len().saturating_sub(MAX_LINES);
    fault.notes.extend(faults.into_iter().take(MAX_LINES));
    if more > 0 {
        fault.notes.push(format!("and {more} more"));
    }
    Err(fault.help("take a checkpoint from before the training diverged"))
}

#[cfg(test)]
mod tests;

//! What can be wrong with weights, in words.
//!
//! In: facts from the readers and the packer. Out: one [`Fault`] with its code, and the words for tensors and shapes in
//! it. Never: prints a name as long or as odd as a file may hold it.

pub use crate::diag::Code;
use crate::diag::{Diagnostic, Diagnostics};
use std::fmt;

/// One mistake: facts in the message and the notes, action in the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which rule was broken.
    pub code: Code,
    /// The facts, with the numbers of both sides; lower case, no full stop.
    pub message: String,
    /// Further facts, one a line.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    /// A mistake.
    pub(super) fn error(code: Code, message: impl Into<String>) -> Self {
        let (message, notes, help) = (message.into(), Vec::new(), None);
        Self {
            code,
            message,
            notes,
            help,
        }
    }

    /// Says what to do.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code.id(), self.message)?;
        for note in &self.notes {
            write!(f, "\n  = note: {note}")?;
        }
        match &self.help {
            Some(help) => write!(f, "\n  = help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for Diagnostics {
    fn from(fault: Fault) -> Self {
        let diagnostic = Diagnostic::error(fault.code, fault.message);
        let diagnostic = fault.notes.into_iter().fold(diagnostic, Diagnostic::note);
        let mut diagnostics = Self::new();
        diagnostics.push(match fault.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
        diagnostics
    }
}

/// The most characters of a name that a message shows.
const MAX_NAME: usize = 60;

/// A tensor's name between backticks, without control characters, cut when it is longer than any sensible name.
pub(super) fn quoted(name: &str) -> String {
    let escaped: String = name.chars().take(MAX_NAME).collect();
    let escaped = escaped.escape_debug();
    let cut = if name.chars().nth(MAX_NAME).is_some() {
        "..."
    } else {
        ""
    };
    format!("`{escaped}{cut}`")
}

/// A tensor's shape as `32x3x3x3`; `scalar` when it has no dimension.
pub(super) fn shape_text(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "scalar".into();
    }
    let shown = shape.iter().take(8).map(usize::to_string);
    let mut text = shown.collect::<Vec<_>>().join("x");
    if shape.len() > 8 {
        text += &format!("x... ({} dimensions)", shape.len());
    }
    text
}

/// `1 tensor`, `3 tensors`.
pub(super) fn tensors(count: usize) -> String {
    format!("{count} tensor{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_stay_on_one_short_line() {
        assert_eq!(quoted("stem.weight"), "`stem.weight`");
        assert_eq!(quoted("a\n\u{1b}[31m"), "`a\\n\\u{1b}[31m`");
        assert_eq!(quoted(&"x".repeat(100)), format!("`{}...`", "x".repeat(60)));
    }

    #[test]
    fn shapes_are_short() {
        assert_eq!(shape_text(&[]), "scalar");
        assert_eq!(shape_text(&[32, 3, 3, 3]), "32x3x3x3");
        assert_eq!(shape_text(&[1; 9]), "1x1x1x1x1x1x1x1x... (9 dimensions)");
    }

    #[test]
    fn a_fault_prints_all_it_knows() {
        let mut fault = Fault::error(Code::DoesNotFit, "facts").help("action");
        fault.notes.push("more".into());
        assert_eq!(
            fault.to_string(),
            "error[W005]: facts\n  = note: more\n  = help: action"
        );
    }
}

//! What a user did wrong, and where: sources, spans, diagnostics and the sink that collects them.
//!
//! In: facts from every stage a user can upset. Out: text with carets, all mistakes at once, in source order.
//! Never: knows what a MobileNet is, reads a file, prints.

mod code;
mod nearest;
mod render;

pub use code::{Code, Topic};
pub use nearest::nearest;
pub use render::{Style, render};

use std::fmt;

/// One text that spans point into: a file, standard input or a `--set` argument.
#[derive(Clone, Debug)]
pub struct Source {
    /// What diagnostics call it, as in ` --> NAME:LINE:COLUMN`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Names one [`Source`] of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// All texts of one compilation.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// No texts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a text and gives it an id.
    ///
    /// # Panics
    /// After 2^32 texts.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = u32::try_from(self.0.len()).expect("fewer than 2^32 texts are read in one run");
        self.0.push(Source {
            name: name.into(),
            text: text.into(),
        });
        SourceId(id)
    }

    /// The text behind an id.
    ///
    /// # Panics
    /// When `id` was given by another `Sources`.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        self.0
            .get(id.0 as usize)
            .expect("a source id comes from this list")
    }
}

/// A piece of one source: bytes `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text it lies in.
    pub source: SourceId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Bytes `start..end` of `source`.
    #[must_use]
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        Self { source, start, end }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is compiled.
    Error,
    /// Compiled, but worth a look.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A place in a source, and what is to be said there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place; drawn up to the end of its first line.
    pub span: Span,
    /// What stands behind the caret.
    pub text: Option<String>,
}

/// One mistake: facts in the message, action in the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule was broken.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// The facts, with the numbers of both sides; lower case, no full stop.
    pub message: String,
    /// Where; the first is the place of the mistake. Empty for mistakes outside any text, such as a missing file.
    pub labels: Vec<Label>,
    /// Further facts.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// A warning without a place.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Points at a place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.labels.push(Label { span, text: None });
        self
    }

    /// Points at a place and says something there.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        let text = Some(text.into());
        self.labels.push(Label { span, text });
        self
    }

    /// Adds a fact below the picture.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn place(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// The sink every stage reports to, so that a user sees all mistakes at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Nothing to say yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Collects one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether nothing was collected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many were collected.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether compiling must stop.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// In source order; those without a place come last.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|d| (d.place().is_none(), d.place()));
        sorted.into_iter()
    }

    /// To stand behind every stage: hands over all that was collected once an error is among it.
    ///
    /// # Errors
    /// With everything collected so far, at least one error.
    pub fn check(&mut self) -> Result<(), Self> {
        if self.has_errors() {
            return Err(std::mem::take(self));
        }
        Ok(())
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, iter: T) {
        self.0.extend(iter);
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

/// Messages without pictures, one a line: for contexts that do not have the sources at hand.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter()
            .try_for_each(|d| writeln!(f, "{}[{}]: {}", d.severity, d.code, d.message))
    }
}

impl std::error::Error for Diagnostics {}

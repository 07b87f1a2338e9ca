//! What people see: text on standard output, diagnostics and progress on standard error.
//!
//! In: text, diagnostics. Out: bytes on the two streams; colours and progress on terminals only. Never: panics because
//! a reader went away.

use super::Failure;
use mnetc::diag::{Code, Diagnostic, Diagnostics, Sources, Style, render};
use std::io::{self, IsTerminal, Write};

/// Writes to standard output.
pub(super) fn print(bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(bytes.as_ref())
        .and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Diagnostic::error(
            Code::CannotWrite,
            format!("standard output cannot be written: {error}"),
        )
        .into(),
    })
}

/// Draws diagnostics on standard error.
pub(super) fn report(diagnostics: &Diagnostics, sources: &Sources) {
    let stderr = io::stderr();
    let style = match anstream::AutoStream::choice(&stderr) {
        anstream::ColorChoice::Never => Style::Plain,
        _ => Style::Styled,
    };
    let text = render(diagnostics, sources, style);
    // Nothing is left to be done when standard error is closed.
    let _ = anstream::AutoStream::auto(stderr)
        .lock()
        .write_all(text.as_bytes());
}

/// Writes text to standard error as it is.
pub(super) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A line that says what takes so long, on a terminal, until it is dropped.
pub(super) struct Progress {
    shown: bool,
}

impl Progress {
    /// No line yet.
    pub(super) const fn new() -> Self {
        Self { shown: false }
    }

    /// Shows a line in place of the last.
    pub(super) fn show(&mut self, text: &str) {
        if io::stderr().is_terminal() {
            say(&format!("\r\x1b[K{text}"));
            self.shown = true;
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            say("\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

//! Draws diagnostics as rustc does: code, message, the line with a caret, notes and help.
//!
//! In: [`Diagnostics`] and the [`Sources`] their spans point into. Out: text. Never: panics on a span outside its
//! source (it is moved inside), draws without end (what is beyond the first fifty is counted).

use super::{Diagnostic, Diagnostics, Label, Severity, Source, SourceId, Sources};
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// More than these are only counted: nobody reads them, and the last are often echoes of the first.
const SHOWN: usize = 50;

/// In bytes; longer lines are not drawn.
const LONGEST_LINE: usize = 2000;

/// For whom the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Build scripts, pipes and tests.
    Plain,
    /// Terminals: ANSI colours.
    Styled,
}

/// Draws all diagnostics in source order, an empty line between two, a newline at the end.
#[must_use]
pub fn render(diagnostics: &Diagnostics, sources: &Sources, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Styled => Renderer::styled(),
    };
    let mut pictures: Vec<String> = diagnostics
        .iter()
        .take(SHOWN)
        .map(|diagnostic| renderer.render(&[group(diagnostic, sources)]))
        .collect();
    if let Some(more) = diagnostics
        .len()
        .checked_sub(SHOWN)
        .filter(|&more| more > 0)
    {
        pictures.push(renderer.render(&[Group::with_title(
            Level::NOTE.secondary_title(format!("{more} more are not shown")),
        )]));
    }
    pictures.iter().fold(String::new(), |mut text, picture| {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(picture);
        text.push('\n');
        text
    })
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id());
    let notes = diagnostic
        .notes
        .iter()
        .map(|note| Level::NOTE.message(note));
    let help = diagnostic.help.iter().map(|help| Level::HELP.message(help));
    Group::with_title(title)
        .elements(snippets(diagnostic, sources))
        .elements(notes.map(Element::Message))
        .elements(help.map(Element::Message))
}

/// One picture per source, the one of the mistake first.
fn snippets<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Element<'a>> {
    let mut order: Vec<SourceId> = Vec::new();
    for label in &diagnostic.labels {
        if !order.contains(&label.span.source) {
            order.push(label.span.source);
        }
    }
    order
        .into_iter()
        .map(|id| snippet(diagnostic, id, sources))
        .collect()
}

/// Only the lines between the first and the last label are handed over: drawing is linear in what it is given. Where a
/// label stands in a line that nobody could read, the place alone is named.
fn snippet<'a>(diagnostic: &'a Diagnostic, id: SourceId, sources: &'a Sources) -> Element<'a> {
    let source = sources.get(id);
    let labels = diagnostic.labels.iter().enumerate();
    let places: Vec<(Range<usize>, AnnotationKind, &Label)> = labels
        .filter(|(_, label)| label.span.source == id)
        .map(|(i, label)| (first_line(&source.text, label), kind(i), label))
        .collect();
    let starts = places.iter().map(|(range, ..)| range.start);
    let ends = places.iter().map(|(range, ..)| range.end);
    let lines = whole_lines(
        &source.text,
        starts.min().unwrap_or(0)..ends.max().unwrap_or(0),
    );
    let number = source.text[..lines.start].matches('\n').count() + 1;
    let text = &source.text[lines.clone()];
    if text.lines().any(|line| line.len() > LONGEST_LINE) {
        return place(source, places[0].0.start).into();
    }
    let annotations = places.into_iter().map(|(range, kind, label)| {
        kind.span(range.start - lines.start..range.end - lines.start)
            .label(label.text.as_deref())
    });
    Snippet::source(text)
        .path(source.name.as_str())
        .line_start(number)
        .annotations(annotations)
        .into()
}

/// The lines that `range` touches, without the last line's end.
fn whole_lines(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n');
    start..end.map_or(text.len(), |at| range.end + at)
}

/// Name, line and column of one byte.
fn place(source: &Source, at: usize) -> Origin<'_> {
    let before = &source.text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Origin::path(source.name.as_str())
        .line(line)
        .char_column(column)
}

fn kind(index: usize) -> AnnotationKind {
    if index == 0 {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    }
}

/// The label's bytes inside the text, on character borders, up to the end of its first line.
fn first_line(text: &str, label: &Label) -> Range<usize> {
    let start = floor(text, label.span.start);
    let end = floor(text, label.span.end).max(start);
    let line = text[start..end]
        .find(['\n', '\r'])
        .map_or(end, |at| start + at);
    start..line
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Span};
    use super::*;

    fn sources(text: &str) -> (Sources, SourceId) {
        let mut sources = Sources::new();
        let id = sources.add("net.yaml", text);
        (sources, id)
    }

    #[test]
    fn draws_line_caret_note_and_help() {
        let (sources, id) = sources("a: 1\nbb: 22\n");
        let diagnostic = Diagnostic::error(Code::Residual, "residual needs equal shapes")
            .at(Span::new(id, 9, 11))
            .label(Span::new(id, 0, 1), "from here")
            .note("a fact")
            .help("an action");
        let text = render(&diagnostic.into(), &sources, Style::Plain);
        let expected = "\
error[M021]: residual needs equal shapes
 --> net.yaml:2:5
  |
1 | a: 1
  | - from here
2 | bb: 22
  |     ^^
  |
  = note: a fact
  = help: an action
";
        assert_eq!(text, expected);
    }

    #[test]
    fn nowhere_needs_no_source() {
        let diagnostic =
            Diagnostic::error(Code::Residual, "residual needs equal shapes").help("an action");
        let text = render(&diagnostic.into(), &Sources::new(), Style::Plain);
        let expected = "error[M021]: residual needs equal shapes\n |\n = help: an action\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn spans_outside_are_moved_inside() {
        let (sources, id) = sources("ä: 1\n");
        for start in 0..9 {
            for end in 0..9 {
                let diagnostic =
                    Diagnostic::error(Code::Residual, "x").at(Span::new(id, start, end));
                assert!(render(&diagnostic.into(), &sources, Style::Styled).contains("net.yaml:"));
            }
        }
    }

    #[test]
    fn endless_lines_are_named_only() {
        let (sources, id) = sources(&format!("a\n{}", "é ".repeat(LONGEST_LINE)));
        let diagnostic = Diagnostic::error(Code::Residual, "x").at(Span::new(id, 8, 9));
        let text = render(&diagnostic.into(), &sources, Style::Plain);
        assert_eq!(text, "error[M021]: x\n--> net.yaml:2:5\n");
    }

    #[test]
    fn sorts_by_place_and_counts_the_rest() {
        let (sources, id) = sources(&"x\n".repeat(60));
        let mut all = Diagnostics::new();
        for line in (0..60).rev() {
            all.push(
                Diagnostic::error(Code::Residual, format!("m{line}")).at(Span::new(
                    id,
                    2 * line,
                    2 * line + 1,
                )),
            );
        }
        let text = render(&all, &sources, Style::Plain);
        assert!(
            text.starts_with("error[M021]: m0\n --> net.yaml:1:1\n"),
            "{text}"
        );
        assert!(text.ends_with("note: 10 more are not shown\n"), "{text}");
    }
}

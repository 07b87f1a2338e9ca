//! Lines of YAML: flow mappings, numbers, comments in a column of their own.
//!
//! In: words and numbers that the grammar takes. Out: text. Never: knows a layer.

/// A line, and what is said behind it.
pub(super) struct Line {
    text: String,
    note: Option<String>,
}

/// Comments do not move further right than this for the sake of one long line.
const WIDEST: usize = 68;

impl Line {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        let (text, note) = (text.into(), None);
        Self { text, note }
    }

    pub(super) fn noted(text: impl Into<String>, note: Option<String>) -> Self {
        let text = text.into();
        Self { text, note }
    }
}

/// `{k: 3, s: 2}`.
pub(super) fn flow(keys: &[(&str, String)]) -> String {
    let keys: Vec<String> = keys.iter().map(|(key, v)| format!("{key}: {v}")).collect();
    format!("{{{}}}", keys.join(", "))
}

/// `[3, 16, 16, false, RE, 1]`.
pub(super) fn list<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<String> = values.into_iter().map(|v| v.to_string()).collect();
    format!("[{}]", values.join(", "))
}

/// A number as one would write it: 0.001, 1e-5.
pub(super) fn number(x: f64) -> String {
    match x.abs() {
        0.0 => "0".to_owned(),
        1e-4..1e15 => format!("{x}"),
        _ => format!("{x:e}"),
    }
}

/// All lines; their comments start in one column.
pub(super) fn print(lines: &[Line]) -> String {
    let noted = lines.iter().filter(|line| line.note.is_some());
    let widths = noted.map(|line| line.text.chars().count());
    let column = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0);
    let line = |line: &Line| match &line.note {
        None => format!("{}\n", line.text),
        Some(note) => format!("{:column$}  # {note}\n", line.text),
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stand_in_a_column() {
        let note = |text: &str| Some(text.to_owned());
        let lines = [
            Line::plain("layers:"),
            Line::noted("  - a", note("x")),
            Line::noted("  - flatten", note("y")),
            Line::noted("z".repeat(80), note("far")),
        ];
        let long = format!("{}  # far\n", "z".repeat(80));
        let expected = "layers:\n  - a        # x\n  - flatten  # y\n";
        assert_eq!(print(&lines), expected.to_owned() + &long);
    }

    #[test]
    fn numbers_are_short() {
        for (x, text) in [
            (0.001, "0.001"),
            (1e-5, "1e-5"),
            (127.5, "127.5"),
            (0.0, "0"),
            (-3e-7, "-3e-7"),
        ] {
            assert_eq!(number(x), text);
            assert_eq!(text.parse(), Ok(x));
        }
    }
}

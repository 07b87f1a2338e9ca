//! Words for tensors and shapes in messages.
//!
//! In: names and shapes as a file may hold them. Out: short text without control characters. Never: decides anything.

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
}

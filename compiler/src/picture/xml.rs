//! Writes XML: elements that are closed, text that is escaped, numbers with one decimal.
//!
//! In: names, attributes, text. Out: lines, indented. Never: knows what is drawn.

/// XML in the making.
#[derive(Default)]
pub(super) struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    /// What was written.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// `<tag attributes>`, what `inside` writes, `</tag>`.
    pub(super) fn element(&mut self, tag: &str, attributes: &str, inside: impl FnOnce(&mut Self)) {
        self.line(&format!("<{}>", start(tag, attributes)));
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line(&format!("</{tag}>"));
    }

    /// `<tag attributes/>`.
    pub(super) fn empty(&mut self, tag: &str, attributes: &str) {
        self.line(&format!("<{}/>", start(tag, attributes)));
    }

    /// `<tag attributes>content</tag>`, with the content escaped.
    pub(super) fn leaf(&mut self, tag: &str, attributes: &str, content: &str) {
        let (start, content) = (start(tag, attributes), escape(content));
        self.line(&format!("<{start}>{content}</{tag}>"));
    }

    /// Text that is XML already, a line.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(&" ".repeat(self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn start(tag: &str, attributes: &str) -> String {
    format!("{tag} {attributes}").trim_end().to_owned()
}

/// Text as it may stand in an element or a quoted attribute; characters that XML has no room for become U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c < ' ' || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// A length with at most one decimal: `12`, `12.5`.
pub(super) fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" {
        "0".into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        let escaped = escape("a<b> & \"c\" \u{1}\n/x|y");
        assert_eq!(escaped, "a&lt;b&gt; &amp; &quot;c&quot; \u{FFFD}\n/x|y");
    }

    #[test]
    fn lengths_have_at_most_one_decimal() {
        let lengths = [0.0, -0.04, 3.0, 2.25, 99.96].map(px);
        assert_eq!(lengths, ["0", "0", "3", "2.2", "100"]);
    }

    #[test]
    fn elements_nest() {
        let mut xml = Xml::default();
        xml.element("g", r#"class="a""#, |xml| {
            xml.empty("rect", "");
            xml.leaf("text", "", "1 < 2");
        });
        let expected = "<g class=\"a\">\n <rect/>\n <text>1 &lt; 2</text>\n</g>\n";
        assert_eq!(xml.finish(), expected);
    }
}

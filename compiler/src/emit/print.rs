//! Prints a module.
//!
//! In: sections of tokens. Out: formatted text that parses again. prettyplease writes no blank lines between items, so
//! sections are printed one by one; its `#[comment = " text"]` attribute becomes a `// text` line. Never: knows plans.

use super::Module;
use proc_macro2::TokenStream;
use syn::{File, Item};

pub(super) fn module(module: &Module) -> String {
    let head: String = module
        .head
        .iter()
        .map(|line| format!("// {}", one_line(line)).trim_end().to_owned() + "\n")
        .collect();
    let sections: Vec<String> = module.sections.iter().map(section).collect();
    let text = format!("{head}\n{}", sections.join("\n"));
    if let Err(e) = syn::parse_file(&text) {
        panic!("bug in mnetc: generated code does not parse: {e}\n{text}");
    }
    text
}

/// The text without characters that could end a comment: a file's name may hold any.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

/// Prints the items of a section: constants, imports and aliases close together, blank lines around all others.
fn section(tokens: &TokenStream) -> String {
    let file: File = match syn::parse2(tokens.clone()) {
        Ok(file) => file,
        Err(e) => panic!("bug in mnetc: a section does not parse: {e}\n{tokens}"),
    };
    let mut text = String::new();
    let mut after_small = true;
    for item in file.items {
        let small = matches!(item, Item::Const(_) | Item::Use(_) | Item::Type(_));
        if !(text.is_empty() || small && after_small) {
            text.push('\n');
        }
        after_small = small;
        text += &prettyplease::unparse(&File {
            shebang: None,
            frontmatter: None,
            attrs: vec![],
            items: vec![item],
        });
    }
    spaced(&text)
}

/// The text with a blank line before every comment in a body that does not open it, and after every method but the last.
fn spaced(text: &str) -> String {
    let mut spaced = String::new();
    let mut before = "{";
    for line in text.lines() {
        let is_comment =
            |line: &str| line.starts_with("    ") && line.trim_start().starts_with("// ");
        let comment = is_comment(line) && !before.ends_with('{') && !is_comment(before);
        let after_method = before == "    }" && line != "}";
        if comment || after_method {
            spaced.push('\n');
        }
        spaced += line;
        spaced.push('\n');
        before = line;
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn comments_survive_on_items_lets_and_calls() {
        let tokens = quote! {
            #[comment = " an item"]
            fn f() {
                #[comment = " a let"]
                let x = 1;
                #[comment = " a call"]
                g(x);
            }
        };
        let module = Module {
            head: vec!["head\nfn evil() {}".into(), String::new()],
            sections: vec![tokens],
        };
        let expected = "// head?fn evil() {}\n//\n\n// an item\nfn f() {\n    // a let\n    let x = 1;\n\n    // a call\n    g(x);\n}\n";
        assert_eq!(super::module(&module), expected);
    }
}

//! Puts the part of the runtime that a source file needs into it, so that it compiles with no crate at all.
//!
//! In: the text of a generated file, and the runtime's own. Out: both as one text. Never: changes what code means: the
//! runtime's files become modules of these names, with the kernels left out that no step calls.
//!
//! A file of the runtime is kept when generated code imports something of it, or a kept file does. The list of kernels
//! keeps the rows of kept files. Tests, what only features have, and what only other targets have, are left out.

use crate::plan::Target;
use mnetc_runtime::SOURCES;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::iter::Peekable;
use syn::punctuated::Punctuated;
use syn::{Meta, Token};

/// The crate, and the module that takes its place.
const RUNTIME: &str = "mnetc_runtime";

/// `source`, which names `::mnetc_runtime`, with all it needs of the runtime for this target behind it.
pub(super) fn with_runtime(source: &str, target: Target) -> String {
    let crates = Crate::read(target);
    let kept = crates.reachable(&imports(source));
    let mut text = source.replace("::mnetc_runtime::", "self::mnetc_runtime::");
    text += "\n// What the code above calls, as it stands in the sources of the crate `mnetc-runtime`.\n";
    text += "#[allow(\n    dead_code,\n    unused_imports,\n    unused_macros,\n    unreachable_pub,\n    unsafe_code,\n    \
             reason = \"a part of a crate of its own, with rules of its own\"\n)]\n";
    crates.print(&mut text, "", &kept, 0);
    if let Err(e) = syn::parse_file(&text) {
        panic!("bug in mnetc: the runtime does not parse inside a file: {e}");
    }
    text
}

/// Names that a text takes from the runtime.
fn imports(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, after) in source
        .match_indices("::mnetc_runtime::")
        .map(|(at, path)| source.split_at(at + path.len()))
    {
        let end = after.find([';', '<', '(']).unwrap_or(after.len());
        names.extend(words(&after[..end]));
    }
    names
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter(|word| !word.is_empty()).map(str::to_owned)
}

/// The runtime's files by module: `""` for the crate's root, `ops::conv`.
struct Crate {
    files: BTreeMap<String, String>,
}

impl Crate {
    fn read(target: Target) -> Self {
        let files = SOURCES.iter().filter_map(|(path, text)| {
            let module = path.strip_suffix(".rs")?.replace('/', "::");
            let module = if module == "lib" {
                String::new()
            } else {
                module
            };
            Some((module, adapted(text, target)))
        });
        Self {
            files: files.collect(),
        }
    }

    /// The modules that these names of the root need, with all their parents.
    fn reachable(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let mut todo: Vec<String> = Vec::new();
        for path in self.exports() {
            if words(&path).any(|word| names.contains(&word)) {
                todo.extend(self.module_of(&path));
            }
        }
        let modules = names.iter().filter(|name| self.files.contains_key(*name));
        todo.extend(modules.cloned());
        let mut kept = BTreeSet::from([String::new()]);
        while let Some(module) = todo.pop() {
            if !kept.insert(module.clone()) {
                continue;
            }
            let paths = self.paths(&module);
            todo.extend(paths.iter().filter_map(|path| self.module_of(path)));
            todo.extend(
                module
                    .rsplit_once("::")
                    .map(|(parent, _)| parent.to_owned()),
            );
            // The levels belong to what chooses among them.
            if module == "simd" {
                let levels = self.files.keys().filter(|file| file.starts_with("simd::"));
                todo.extend(levels.cloned());
            }
        }
        kept
    }

    /// Paths that the root gives out: `ops::conv::conv`.
    fn exports(&self) -> Vec<String> {
        let root = &self.files[""];
        let lines = statements(root, "pub use ");
        lines.flat_map(|statement| flattened(&statement)).collect()
    }

    /// Paths from the root that a module names, in imports and in code.
    fn paths(&self, module: &str) -> Vec<String> {
        let code = self.files[module]
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let text = &code.fold(String::new(), |text, line| text + line + "\n");
        let mut paths: Vec<String> = statements(text, "use crate::")
            .flat_map(|s| flattened(&s))
            .collect();
        let places = text
            .match_indices("crate::")
            .map(|(at, found)| &text[at + found.len()..]);
        paths.extend(places.map(|after| {
            let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            after[..end.unwrap_or(after.len())]
                .trim_end_matches(':')
                .to_owned()
        }));
        paths
    }

    /// The module of the longest part of a path that is one.
    fn module_of(&self, path: &str) -> Option<String> {
        let mut module = path;
        loop {
            if self.files.contains_key(module) && !module.is_empty() {
                return Some(module.to_owned());
            }
            module = module.rsplit_once("::")?.0;
        }
    }

    /// Writes a module and its kept children.
    fn print(&self, out: &mut String, module: &str, kept: &BTreeSet<String>, depth: usize) {
        let (name, indent) = match module.rsplit("::").next() {
            Some("") | None => (RUNTIME, 0),
            Some(name) => (name, depth * 4),
        };
        let pad = " ".repeat(indent);
        let _ = writeln!(out, "{pad}pub(crate) mod {name} {{");
        let mut body: Vec<&str> = self.files[module].lines().collect();
        let opening = body
            .iter()
            .take_while(|l| l.starts_with("//!") || l.is_empty())
            .count();
        let attributes = body[opening..]
            .iter()
            .scan(false, |open, line| {
                let inner = *open || line.starts_with("#![");
                *open = inner && !line.ends_with(")]");
                inner.then_some(())
            })
            .count();
        body.insert(opening + attributes, "use super::mnetc_runtime;");
        let mut skipping = false;
        for line in body {
            // A `pub use` of what is left out ends where it began, or with its brace.
            if skipping {
                skipping = !line.ends_with(';');
                continue;
            }
            let given = line.strip_prefix("pub use ");
            if given.is_some_and(|path| self.is_left_out(module, path, kept)) {
                skipping = !line.ends_with(';');
                continue;
            }
            if let Some(child) = declared(line) {
                let path = if module.is_empty() {
                    child.to_owned()
                } else {
                    format!("{module}::{child}")
                };
                if kept.contains(&path) {
                    self.print(out, &path, kept, depth + 1);
                }
                continue;
            }
            if row(line).is_some_and(|file| !kept.contains(&format!("ops::{file}"))) {
                continue;
            }
            let line = line
                .replace("$crate::", "mnetc_runtime::")
                .replace("crate::", "mnetc_runtime::");
            if line.is_empty() {
                out.push('\n');
            } else {
                let _ = writeln!(out, "{pad}    {line}");
            }
        }
        let _ = writeln!(out, "{pad}}}");
    }

    /// Whether a path that `module` gives out, as it begins, leads into a file that is left out.
    fn is_left_out(&self, module: &str, path: &str, kept: &BTreeSet<String>) -> bool {
        let end = path.find(['{', ';']).unwrap_or(path.len());
        let path = path[..end].trim_end_matches("::");
        let full = if module.is_empty() {
            path.to_owned()
        } else {
            format!("{module}::{path}")
        };
        self.module_of(&full)
            .is_some_and(|file| !kept.contains(&file))
    }
}

/// The child that a line declares.
fn declared(line: &str) -> Option<&str> {
    let line = line
        .strip_prefix("pub(crate) ")
        .or(line.strip_prefix("pub "))
        .unwrap_or(line);
    line.strip_prefix("mod ")?.strip_suffix(';')
}

/// The file below `ops` of the kernel that a row of the list stands for.
fn row(line: &str) -> Option<&str> {
    let (head, columns) = line.trim_start().split_once(") [")?;
    let body = head.rsplit_once(") ")?.1;
    let file = body.split_once("::")?.0;
    (columns.ends_with("];") && line.starts_with("            ")).then_some(file)
}

/// Statements of a text that begin a line with `start`, each from there to its semicolon.
fn statements<'t>(text: &'t str, start: &'t str) -> impl Iterator<Item = String> + 't {
    let mut rest = text;
    std::iter::from_fn(move || {
        let at = rest.find(&format!("\n{start}"))? + 1 + start.len();
        let after = &rest[at..];
        let end = after.find(';')?;
        rest = &after[end..];
        Some(after[..end].to_owned())
    })
}

/// `a::{b, c::d}` as `a::b`, `a::c::d`.
fn flattened(tree: &str) -> Vec<String> {
    fn walk(tokens: TokenStream, before: &str, found: &mut Vec<String>) {
        let mut path = before.to_owned();
        for token in tokens {
            match token {
                TokenTree::Ident(word) => path += &format!("{word}"),
                TokenTree::Punct(p) if p.as_char() == ',' => {
                    let path = std::mem::replace(&mut path, before.to_owned());
                    found.extend((path != before).then_some(path));
                }
                TokenTree::Punct(p) => path.push(p.as_char()),
                TokenTree::Group(group) => {
                    walk(group.stream(), &path, found);
                    path = before.to_owned();
                }
                TokenTree::Literal(_) => {}
            }
        }
        found.extend((path != before).then_some(path));
    }
    let mut found = Vec::new();
    walk(tree.parse().unwrap_or_default(), "", &mut found);
    found
}

/// A file of the runtime without its tests and without what only features or other targets have, under lints that may be
/// others.
fn adapted(text: &str, target: Target) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    let mut all = text.lines().peekable();
    while let Some(line) = all.next() {
        let bare = line.trim_start();
        let indent = &line[..line.len() - bare.len()];
        if !bare.starts_with("#[cfg(") {
            if !is_of_a_crate(bare) {
                lines.push(line.to_owned());
            }
            continue;
        }
        let mut attribute = bare.to_owned();
        while !attribute.ends_with(']') {
            attribute += all.next().unwrap_or("]").trim();
        }
        match condition(&attribute, target) {
            Err(true) => {}
            Err(false) => {
                while lines.last().is_some_and(|l| is_head(l, indent)) {
                    lines.pop();
                }
                skip_item(&mut all, indent);
            }
            Ok(condition) => lines.push(format!("{indent}#[cfg({condition})]")),
        }
    }
    let text = lines
        .join("\n")
        .replace("#[expect(", "#[allow(")
        .replace("#![expect(", "#![allow(");
    // A macro for others, of which targets have one each, becomes one of the modules', which two files in one crate may
    // both have.
    let exported = "#[macro_export]\n";
    let text = if text.contains(exported) {
        text.replace(exported, "") + "\npub(crate) use dispatch;"
    } else {
        text
    };
    let root = "\npub use simd::{";
    text.replacen(root, &format!("\npub(crate) use simd::dispatch;{root}"), 1) + "\n"
}

/// Whether a line belongs to the item that follows it.
fn is_head(line: &str, indent: &str) -> bool {
    let bare = line.strip_prefix(indent).unwrap_or_default();
    bare.starts_with("///") || bare.starts_with("#[")
}

/// Whether a line only has a meaning at the root of a crate.
fn is_of_a_crate(line: &str) -> bool {
    ["#![no_std]", "#![deny(unsafe_code)]"].contains(&line)
}

/// Takes the lines of one item, variant, arm or last expression: up to the first that ends it at its own indentation, and
/// none that is indented less.
fn skip_item<'t>(lines: &mut Peekable<impl Iterator<Item = &'t str>>, indent: &str) {
    while let Some(line) = lines.next_if(|line| line.is_empty() || line.starts_with(indent)) {
        let bare = line.strip_prefix(indent).unwrap_or_default();
        let at_indent = !bare.starts_with(' ') && !bare.is_empty();
        if at_indent && !bare.starts_with("#[") && bare.ends_with([';', '}', ',']) {
            return;
        }
    }
}

/// What is left of the condition of a `#[cfg(..)]` in a file for this target, or whether it holds: features and tests are off,
/// and the file is for no other target.
fn condition(attribute: &str, target: Target) -> Result<String, bool> {
    let text = attribute
        .strip_prefix("#[cfg(")
        .and_then(|text| text.strip_suffix(")]"));
    let text = text.unwrap_or(attribute);
    match syn::parse_str(text) {
        Ok(condition) => simplified(&condition, target),
        Err(_) => Ok(text.to_owned()),
    }
}

fn simplified(condition: &Meta, target: Target) -> Result<String, bool> {
    let Meta::List(list) = condition else {
        let text = condition.to_token_stream().to_string();
        let name = text.split(' ').next().unwrap_or_default();
        let is_of_other = |arch: &str| text != format!("target_arch = {arch:?}");
        return match name {
            "test" | "feature" => Err(false),
            "target_arch" if target.arch().is_some_and(is_of_other) => Err(false),
            _ => Ok(text),
        };
    };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let parts = parts.unwrap_or_default();
    let mut parts = parts.iter().map(|part| simplified(part, target));
    if list.path.is_ident("not") {
        return match parts.next() {
            Some(Ok(condition)) => Ok(format!("not({condition})")),
            Some(Err(holds)) => Err(!holds),
            None => Ok(list.to_token_stream().to_string()),
        };
    }
    // One part that does not hold decides `all`, one that does decides `any`; what decides neither can go.
    let (name, decides) = match list.path.is_ident("any") {
        true => ("any", true),
        false => ("all", false),
    };
    let mut left = Vec::new();
    for part in parts {
        match part {
            Err(holds) if holds == decides => return Err(decides),
            Err(_) => {}
            Ok(condition) => left.push(condition),
        }
    }
    match left.len() {
        0 => Err(!decides),
        1 => Ok(left.remove(0)),
        _ => Ok(format!("{name}({})", left.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules inside, by their last name.
    fn modules(source: &str) -> Vec<String> {
        let text = with_runtime(source, Target::Any);
        let lines = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub(crate) mod "));
        let names = lines.filter_map(|line| line.strip_suffix(" {"));
        names.map(str::to_owned).collect()
    }

    #[test]
    fn layers_of_one_pixel_bring_no_packers() {
        let source = "use ::mnetc_runtime::{Cx, Map, dispatch, linear, excite};\n";
        let modules = modules(source);
        assert!(modules.iter().any(|m| m == "squeeze_excite"), "{modules:?}");
        for left in ["pack", "half_panel", "pointwise"] {
            assert!(
                modules.iter().all(|m| m != left),
                "{left} is in {modules:?}"
            );
        }
    }

    #[test]
    fn what_is_not_called_is_left_out() {
        let source = "use ::mnetc_runtime::{Cx, Map, dispatch, depthwise};\n";
        let modules = modules(source);
        for kept in [
            "mnetc_runtime",
            "kernels",
            "map",
            "depthwise",
            "tile",
            "activation",
            "scalar",
            "detect",
        ] {
            assert!(
                modules.iter().any(|m| m == kept),
                "{kept} is not in {modules:?}"
            );
        }
        for left in [
            "naive",
            "pack",
            "sources",
            "golden",
            "conv",
            "pool",
            "softmax",
            "linear",
            "pointwise",
            "flatten",
        ] {
            assert!(
                modules.iter().all(|m| m != left),
                "{left} is in {modules:?}"
            );
        }
    }

    #[test]
    fn the_list_of_kernels_has_no_rows_of_what_is_left_out() {
        let text = with_runtime("use ::mnetc_runtime::{dispatch, depthwise};\n", Target::Any);
        let has = |kernel: &str| text.contains(&format!(" {kernel} ("));
        assert!(has("dw_k3s1") && has("activate"));
        assert!(!has("pw_c16") && !has("softmax") && !has("global_pool"));
        assert!(
            !text.contains("crate::")
                && !text.contains("cfg(test)")
                && !text.contains("cfg(feature")
        );
    }

    #[test]
    fn what_other_targets_have_is_left_out() {
        let source = "use ::mnetc_runtime::{baseline, depthwise};\n";
        for (target, levels) in [
            (Target::Any, &["avx512", "neon", "wasm", "cortex_m"][..]),
            (Target::X86_64, &["avx512"]),
            (Target::Aarch64, &["neon"]),
            (Target::Wasm, &["wasm"]),
            (Target::CortexM, &["cortex_m"]),
        ] {
            let text = with_runtime(source, target);
            for level in ["avx512", "neon", "wasm", "cortex_m"] {
                let is_there = text.contains(&format!(" mod {level} {{"));
                assert_eq!(is_there, levels.contains(&level), "{level} for {target}");
            }
            assert!(text.contains(" mod scalar {"), "{target} has portable code");
        }
    }

    #[test]
    fn of_conditions_what_the_target_decides_goes() {
        let wide = "#[cfg(all(target_arch = \"wasm32\", target_feature = \"simd128\"))]";
        let neither =
            "#[cfg(not(any(target_arch = \"x86_64\", all(target_arch = \"aarch64\", test))))]";
        let arm = "#[cfg(any(target_arch = \"arm\", test))]";
        let kept = |text: &str| Ok(text.to_owned());
        for (attribute, target, expected) in [
            (wide, Target::Any, kept(&wide[6..wide.len() - 2])),
            (wide, Target::Wasm, kept(&wide[6..wide.len() - 2])),
            (wide, Target::CortexM, Err(false)),
            (neither, Target::Any, kept("not(target_arch = \"x86_64\")")),
            (
                neither,
                Target::X86_64,
                kept("not(target_arch = \"x86_64\")"),
            ),
            (neither, Target::Aarch64, Err(true)),
            (arm, Target::CortexM, kept("target_arch = \"arm\"")),
            (arm, Target::X86_64, Err(false)),
            ("#[cfg(feature = \"std\")]", Target::Any, Err(false)),
            ("#[cfg(not(feature = \"std\"))]", Target::Any, Err(true)),
        ] {
            assert_eq!(
                condition(attribute, target),
                expected,
                "{attribute} {target}"
            );
        }
    }

    #[test]
    fn trees_of_imports_are_flattened() {
        let flat = flattened("ops::{conv::{conv, conv_input}, tile::{self, each}, copy}");
        let expected = [
            "ops::conv::conv",
            "ops::conv::conv_input",
            "ops::tile::self",
            "ops::tile::each",
            "ops::copy",
        ];
        assert_eq!(flat, expected);
    }
}

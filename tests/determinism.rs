//! Is generated code the same to the byte every time, and is it as its contract says: stable under prettyplease, safe,
//! short, without a path of this machine?

use mnetc::Options;
use mnetc_tests::{cases, zoo};

/// Every spec there is, with the name its file has.
fn specs() -> Vec<(String, String)> {
    let goldens = cases::goldens()
        .into_iter()
        .map(|c| (c.name.to_owned(), c.spec.to_owned()));
    zoo().into_iter().chain(goldens).collect()
}

fn source(path: &str, spec: &str) -> String {
    mnetc::compile(path, spec, &Options::default())
        .unwrap_or_else(|failure| panic!("{failure}"))
        .source
}

#[test]
fn the_same_spec_gives_the_same_bytes_wherever_it_lies() {
    for (name, spec) in specs() {
        let here = source(&format!("{name}.yaml"), &spec);
        assert_eq!(
            here,
            source(&format!("/some/where/else/{name}.yaml"), &spec),
            "{name}"
        );
        assert!(!here.contains("/some/"), "{name}: no path of a machine");
    }
}

#[test]
fn formatting_again_changes_nothing() {
    // prettyplease knows neither comments nor blank lines between items.
    let code = |text: &str| -> String {
        let lines = text
            .lines()
            .filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with("// "));
        lines
            .filter(|l| l.trim() != "//")
            .map(|l| format!("{l}\n"))
            .collect()
    };
    for (name, spec) in specs() {
        let text = source(&name, &spec);
        let again = prettyplease::unparse(&syn::parse_file(&text).expect("it parses"));
        assert_eq!(code(&text), code(&again), "{name}");
    }
}

#[test]
fn generated_code_keeps_its_contract() {
    for (name, spec) in specs() {
        let text = source(&name, &spec);
        assert!(text.lines().count() < 3000, "{name} is short");
        assert!(!text.contains("unsafe"), "{name} is safe");
        let inner = text
            .lines()
            .find(|l| l.starts_with("//!") || l.starts_with("#!["));
        assert_eq!(inner, None, "{name} can be included");
        let numbers_in_a_row = text
            .lines()
            .filter(|l| l.trim().trim_end_matches(',').parse::<f64>().is_ok());
        assert!(numbers_in_a_row.count() < 64, "{name} holds no weights");
        let calls = text
            .lines()
            .filter(|l| l.contains("::<") && !l.trim_start().starts_with("//"));
        assert_eq!(calls.count(), 0, "{name} reads without turbofish");
    }
}

/// `FilterSlot` as a network's name that would become it: `filter_slot`.
fn snake(camel: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_uppercase() {
            format!("_{}", c.to_ascii_lowercase())
        } else {
            c.to_string()
        }
    };
    camel
        .chars()
        .map(letter)
        .collect::<String>()
        .trim_start_matches('_')
        .to_owned()
}

#[test]
fn no_network_can_be_named_like_what_its_code_imports_or_defines() {
    let mut names =
        std::collections::BTreeSet::from(["Input", "Output", "Arena"].map(str::to_owned));
    for (name, spec) in specs() {
        let text = source(&name, &spec);
        let imports = text
            .split("use ::mnetc_runtime::")
            .skip(1)
            .filter_map(|u| u.split(';').next());
        let words = imports.flat_map(|u| u.split(|c: char| !c.is_alphanumeric()));
        names.extend(
            words
                .filter(|w| w.starts_with(|c: char| c.is_ascii_uppercase()))
                .map(str::to_owned),
        );
    }
    assert!(names.len() > 20, "the imports were found: {names:?}");
    let spec = &zoo()[0].1;
    for name in names {
        let options = Options {
            sets: vec![format!("name={}", snake(&name))],
            ..Default::default()
        };
        let compiled = mnetc::compile("taken.yaml", spec, &options);
        let failure = compiled
            .err()
            .unwrap_or_else(|| panic!("a network may be named {name}"));
        assert!(failure.summary().starts_with("[M019]"), "{name}: {failure}");
    }
}

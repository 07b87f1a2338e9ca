//! One mistake a file, the whole text it is answered with, and no code without such a file.
//!
//! `tests/cases/diagnostics/M0xx_what.yaml` has exactly one mistake, of that code; `.stderr` next to it holds the text.
//! Files without a code in their name have several. A first line `# --set KEY=VALUE` stands for that argument.
//! `MNETC_BLESS=1` writes the texts anew; read the difference before keeping it.

use mnetc::Options;
use mnetc::diag::{Code, Style, Topic, render};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/diagnostics");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    cases.sort();
    cases
}

fn stem(case: &Path) -> String {
    case.file_stem()
        .expect("a file has a name")
        .to_string_lossy()
        .into_owned()
}

/// What the compiler says about a file, and the codes of it.
fn answer(case: &Path) -> (String, Vec<&'static str>) {
    let text = fs::read_to_string(case).expect("a readable case");
    let set = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# --set "));
    let sets: Vec<String> = set.map(str::to_owned).into_iter().collect();
    let options = Options {
        sets,
        ..Options::default()
    };
    let name = format!("{}.yaml", stem(case));
    let Err(failure) = mnetc::compile(&name, &text, &options) else {
        panic!("{} is accepted", case.display())
    };
    let (diags, sources) = (&failure.diagnostics, &failure.sources);
    let codes = diags.iter().map(|d| d.code.id()).collect();
    (render(diags, sources, Style::Plain), codes)
}

#[test]
fn every_case_is_answered_word_for_word() {
    let bless = std::env::var_os("MNETC_BLESS").is_some();
    let mut wrong = String::new();
    for case in cases() {
        let (text, _) = answer(&case);
        let expected = case.with_extension("stderr");
        if bless {
            fs::write(&expected, &text).expect("a writable folder");
        } else if fs::read_to_string(&expected).unwrap_or_default() != text {
            wrong += &format!("\n--- {} is now\n{text}", expected.display());
        }
    }
    assert!(
        wrong.is_empty(),
        "texts differ (MNETC_BLESS=1 writes them anew):{wrong}"
    );
}

#[test]
fn a_file_with_a_code_in_its_name_has_that_one_mistake() {
    for case in cases() {
        let (text, codes) = answer(&case);
        let name = stem(&case);
        let pictures = text.matches("error[").count();
        let helps = text.matches("= help: ").count();
        assert_eq!(helps, pictures, "a help each: {name}:\n{text}");
        if let Some(code) = name.split('_').next().filter(|code| code.starts_with('M')) {
            assert_eq!(codes, [code], "{name}:\n{text}");
        } else {
            assert!(codes.len() > 1, "{name}:\n{text}");
        }
    }
}

#[test]
fn every_code_about_specs_has_a_case() {
    let names: Vec<String> = cases().iter().map(|case| stem(case)).collect();
    let without: Vec<String> = Code::ALL
        .iter()
        .filter(|code| code.topic() == Topic::Spec)
        .filter(|code| !names.iter().any(|name| name.starts_with(code.id())))
        .map(|code| format!("{code} {}", code.meaning()))
        .collect();
    assert!(without.is_empty(), "codes without a case: {without:#?}");
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.id()).collect();
    for name in names.iter().filter(|name| name.starts_with('M')) {
        assert!(known.contains(&name[..4]), "{name} names no code");
    }
}

/// Codes that no spec is to blame for have no file here; a test of their own expects them somewhere.
#[test]
fn every_other_code_is_expected_by_a_test() {
    fn read(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                read(&path, text);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("diag/code.rs")
            {
                *text += &fs::read_to_string(path).expect("a readable file");
            }
        }
    }
    let (root, mut tests) = (Path::new(env!("CARGO_MANIFEST_DIR")), String::new());
    read(&root.join("src"), &mut tests);
    read(&root.join("tests"), &mut tests);
    let others = Code::ALL
        .iter()
        .filter(|code| !matches!(code.topic(), Topic::Spec | Topic::Onnx));
    let unexpected: Vec<_> = others.filter(|code| !tests.contains(code.id())).collect();
    assert_eq!(unexpected, Vec::<&Code>::new(), "no test expects these");
}

//! ONNX models that cannot be compiled, or have no spec: one mistake a file, and the whole text it is answered with.
//!
//! `tests/cases/onnx/N00x_what.onnx` has exactly one mistake, of that code; files without a code in their name have several.
//! `tests/oracle/refused.py` makes the models. `MNETC_BLESS=1` writes the texts anew; read the difference before keeping it.

use mnetc::diag::{Code, Sources, Style, Topic, render};
use mnetc::files::Beside;
use mnetc::import::Sizes;
use mnetc::pipeline;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests")
        .join(folder);
    let entries = fs::read_dir(folder).expect("the folder is there");
    let entries = entries.map(|entry| entry.expect("a readable entry").path());
    let mut files: Vec<_> = entries
        .filter(|f| f.extension().is_some_and(|e| e == "onnx"))
        .collect();
    files.sort();
    files
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .expect("a file has a name")
        .to_string_lossy()
        .into_owned()
}

/// What is said of a model, and the codes of it.
fn answer(file: &Path) -> (String, Vec<&'static str>) {
    let bytes = fs::read(file).expect("a readable case");
    let name = format!("{}.onnx", stem(file));
    let imported = pipeline::import(&name, bytes, &Sizes::default(), &Beside::new(file));
    let spec = imported.and_then(|imported| Ok(imported.spec()?.to_owned()));
    let Err(diags) = spec else {
        panic!("{name} is accepted")
    };
    let codes = diags.iter().map(|d| d.code.id()).collect();
    (render(&diags, &Sources::new(), Style::Plain), codes)
}

#[test]
fn every_case_is_answered_word_for_word() {
    let bless = std::env::var_os("MNETC_BLESS").is_some();
    let mut wrong = String::new();
    for case in files("cases/onnx") {
        let (text, codes) = answer(&case);
        let name = stem(&case);
        match name.split('_').next().filter(|code| code.starts_with('N')) {
            Some(code) => assert_eq!(codes, [code], "{name}:\n{text}"),
            None => assert!(codes.len() > 1, "{name}:\n{text}"),
        }
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
fn every_code_about_models_has_a_case() {
    let cases = files("cases/onnx");
    let codes: BTreeSet<String> = cases
        .iter()
        .map(|c| stem(c).split('_').next().unwrap_or_default().to_owned())
        .collect();
    let models = Code::ALL.iter().filter(|code| code.topic() == Topic::Onnx);
    let missing: Vec<_> = models.filter(|code| !codes.contains(code.id())).collect();
    assert_eq!(missing, Vec::<&Code>::new());
}

/// Flips, cuts and doubles bytes of real exports: each is read or refused, and nothing panics.
/// `MNETC_MUTATIONS=100000` tries more.
#[test]
fn broken_models_are_read_or_refused() {
    let tries = std::env::var("MNETC_MUTATIONS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1000);
    let models: Vec<Vec<u8>> = files("goldens/onnx")
        .iter()
        .chain(&files("cases/onnx"))
        .map(|f| fs::read(f).expect("readable"))
        .collect();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n.max(1) as u64) as usize
    };
    let (mut read, mut refused) = (0, 0);
    for _ in 0..tries {
        let mut bytes = models[below(models.len())].clone();
        for _ in 0..=below(4) {
            // Messages are small and come first and last; weights, which may hold anything, lie between.
            let end = bytes.len();
            let at = if below(2) == 0 {
                below(end.min(4096))
            } else {
                end.saturating_sub(1 + below(4096))
            };
            match below(4) {
                0 if at < end => bytes[at] ^= 1 << below(8),
                1 if at < end => bytes[at] = below(256) as u8,
                2 => bytes.truncate(at),
                _ => {
                    let piece = bytes[at.min(end)..end.min(at + 1 + below(64))].to_vec();
                    bytes.splice(at.min(end)..at.min(end), piece);
                }
            }
        }
        match pipeline::import(
            "mutant.onnx",
            bytes,
            &Sizes::default(),
            &mnetc::import::NoFiles,
        ) {
            Ok(imported) => {
                if let Err(error) = imported.spec() {
                    let reasons = ["gives", "is one no spec may describe"];
                    let known = reasons.iter().any(|r| error.message.contains(r));
                    assert!(known, "{}", error.message);
                }
                pipeline::plan(imported.graph);
                read += 1;
            }
            Err(diags) => {
                assert!(!render(&diags, &Sources::new(), Style::Plain).is_empty());
                refused += 1;
            }
        }
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}

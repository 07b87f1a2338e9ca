//! Is the code checked in under `generated/` what the compiler prints today?
//!
//! Here and not among the other tests of the whole project, which could not be built while that code is broken.

use mnetc::Options;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The specs of the zoo: name and text.
fn zoo() -> Vec<(String, String)> {
    let files = fs::read_dir(root().join("arch-specs")).expect("the zoo is there");
    let files = files.map(|e| e.expect("readable").path());
    let mut files: Vec<_> = files
        .filter(|f| f.extension().is_some_and(|e| e == "yaml"))
        .collect();
    files.sort();
    let named = |f: PathBuf| {
        let name = f.file_stem().expect("named").to_string_lossy().into_owned();
        (name, fs::read_to_string(f).expect("readable"))
    };
    files.into_iter().map(named).collect()
}

#[test]
fn generated_code_is_what_the_compiler_prints() {
    let folder = root().join("generated/src");
    let mut stale = Vec::new();
    for (name, spec) in zoo() {
        let compiled = mnetc::compile(&format!("{name}.yaml"), &spec, &Options::default());
        let source = compiled
            .unwrap_or_else(|failure| panic!("{failure}"))
            .source;
        let path = folder.join(format!("{name}.rs"));
        if std::env::var_os("MNETC_BLESS").is_some() {
            fs::write(&path, &source).expect("generated/ can be written");
        }
        if fs::read_to_string(&path).ok().as_deref() != Some(&source) {
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "not what the compiler prints today: {stale:?}; \
         write them anew with MNETC_BLESS=1 cargo test -p mnetc --test fresh"
    );
}

/// The README shows them.
#[test]
fn the_pictures_are_what_the_compiler_draws() {
    let plan = |network: &str| {
        let (name, spec) = zoo()
            .into_iter()
            .find(|(name, _)| name == network)
            .expect("in the zoo");
        let compiled = mnetc::compile(&format!("{name}.yaml"), &spec, &Options::default());
        compiled.unwrap_or_else(|failure| panic!("{failure}")).plan
    };
    let pictures = [
        ("v3_large.svg", mnetc::picture::svg(&plan("v3_large"))),
        (
            "v1_025_96_memory.svg",
            mnetc::picture::memory(&plan("v1_025_96")),
        ),
    ];
    for (file, svg) in pictures {
        let path = root().join("generated").join(file);
        if std::env::var_os("MNETC_BLESS").is_some() {
            fs::write(&path, &svg).expect("generated/ can be written");
        }
        let drawn = fs::read_to_string(&path).expect("readable");
        assert!(
            drawn == svg,
            "draw {file} anew with MNETC_BLESS=1 cargo test -p mnetc --test fresh"
        );
    }
}

#[test]
fn every_network_of_the_zoo_is_a_module() {
    let lib = fs::read_to_string(root().join("generated/src/lib.rs")).expect("readable");
    for (name, _) in zoo() {
        assert!(
            lib.contains(&format!("#[rustfmt::skip]\npub mod {name};\n")),
            "{name} has no module"
        );
    }
}

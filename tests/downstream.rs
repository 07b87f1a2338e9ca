//! Does it work for somebody else? The example crate, copied out of the workspace, built and run offline; and a mistake in
//! its table, shown in cargo's output with a caret.

use mnetc_tests::root;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Copies the example to a folder of its own outside the workspace's reach, with paths to the crates as a user has them.
fn copy(name: &str) -> PathBuf {
    let (from, to) = (
        root().join("examples/build-script"),
        std::env::temp_dir().join(format!("mnetc-tests-{name}")),
    );
    for folder in ["src", "models"] {
        fs::create_dir_all(to.join(folder)).expect("a folder");
    }
    for file in ["build.rs", "src/main.rs", "models/mobilenet.yaml"] {
        fs::copy(from.join(file), to.join(file)).expect("copied");
    }
    let manifest = fs::read_to_string(from.join("Cargo.toml")).expect("readable");
    let project = fs::canonicalize(root()).expect("it is there");
    let manifest = manifest.replace("../..", &project.to_string_lossy().replace('\\', "/"));
    fs::write(to.join("Cargo.toml"), manifest).expect("written");
    // The versions that are on this machine already; cargo drops what the copy does not need.
    fs::copy(root().join("Cargo.lock"), to.join("Cargo.lock")).expect("copied");
    to
}

fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let target = root().join("target/downstream");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .args(arguments)
        .arg("--offline")
        .env("CARGO_TARGET_DIR", target);
    cargo
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo starts")
}

#[test]
fn the_copied_example_builds_and_runs_offline_and_shows_mistakes() {
    let folder = copy("build-script");
    let run = cargo(&folder, &["run", "--quiet"]);
    let (stdout, stderr) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    assert!(run.status.success(), "{stderr}");
    let mut lines = stdout.lines();
    let class = lines.next().unwrap_or_default();
    assert!(
        class.starts_with("class ") && class.ends_with(" (10 logits)"),
        "{stdout}"
    );
    let rest = lines.next().unwrap_or_default();
    assert!(
        rest.starts_with("10666928 multiply-adds in 552960 bytes of memory, on "),
        "{stdout}"
    );

    let spec = folder.join("models/mobilenet.yaml");
    let text = fs::read_to_string(&spec).expect("readable");
    fs::write(&spec, text.replace("[6, 96, 3, 1]", "[6, 96, 3, 3]")).expect("written");
    let build = cargo(&folder, &["build"]);
    let stderr = String::from_utf8_lossy(&build.stderr);
    assert!(!build.status.success(), "a stride of 3 is a mistake");
    assert!(stderr.contains("error[M017]"), "{stderr}");
    assert!(
        stderr.contains(" --> models/mobilenet.yaml:15:"),
        "{stderr}"
    );
    assert!(stderr.contains("- [6, 96, 3, 3]"), "{stderr}");
}

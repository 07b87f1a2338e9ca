//! Is every vector operation inlined into its kernel? The assembly of the runtime says.
//!
//! An operation of `core::arch` that is left out of line is a call with its vectors passed through memory, many times
//! slower, and nothing else would notice.

use mnetc_tests::root;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The runtime's assembly, as a release build makes it.
fn assembly() -> String {
    let target = root().join("target/assembly");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(root())
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("RUSTFLAGS");
    cargo.args([
        "rustc",
        "--quiet",
        "--release",
        "--offline",
        "-p",
        "mnetc-runtime",
        "--lib",
        "--",
    ]);
    let built = cargo
        .args(["--emit=asm", "-C", "codegen-units=1"])
        .output()
        .expect("cargo starts");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let files = fs::read_dir(target.join("release/deps"))
        .expect("built")
        .map(|e| e.expect("readable").path());
    let is_ours = |f: &PathBuf| {
        let name = f.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("mnetc_runtime-") && name.ends_with(".s")
    };
    let newest = files
        .filter(is_ours)
        .max_by_key(|f| fs::metadata(f).and_then(|m| m.modified()).ok());
    fs::read_to_string(newest.expect("assembly was written")).expect("readable")
}

#[test]
fn no_kernel_calls_into_core_arch() {
    let assembly = assembly();
    assert!(assembly.contains("pw_c48"), "the kernels are in it");
    let calls = assembly
        .lines()
        .map(str::trim)
        .filter(|l| l.starts_with("call") || l.starts_with("jmp"));
    let out_of_line: Vec<_> = calls.filter(|l| l.contains("core_arch")).take(8).collect();
    assert_eq!(out_of_line, Vec::<&str>::new());
}

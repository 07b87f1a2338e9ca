//! What tests of the command share: a folder each, a small network, the command itself.
//!
//! Never: asks anything.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Small enough to be built in seconds; u8 input that normalises itself, squeeze-and-excite, a residual.
pub(crate) const TINY: &str = "\
name: tiny
input: {height: 8, width: 8, channels: 3, type: u8, scale: 0.00390625}
layers:
  - conv: {k: 3, s: 2, c: 8, activation: relu}
  - bneck:
      columns: [k, exp, c, se, nl, s]
      rows: [[3, 16, 8, true, HS, 1]]
  - global_average_pool
  - linear: {c: 4}
";

/// Two mistakes.
pub(crate) const WRONG: &str = "\
name: wrong
input: {height: 8, width: 8, channels: 3}
layers:
  - conv: {k: 3, s: 3, c: 8}
  - convv: {k: 3, c: 8}
";

/// A folder for one test, empty at first.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join("tiny.yaml"), TINY).expect("it can be written");
    fs::write(folder.join("wrong.yaml"), WRONG).expect("it can be written");
    folder
}

/// `mnetc ARGUMENTS` in `folder`. Programs that are built are kept in a place all tests share.
pub(crate) fn mnetc(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mnetc"));
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    command.current_dir(folder).env("MNETC_CACHE", cache);
    command.args(arguments.split_whitespace());
    command
}

pub(crate) fn output(command: &mut Command) -> Output {
    command.output().expect("the command starts")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it is text")
}

/// Runs a command that succeeds; what it printed.
pub(crate) fn done(folder: &Path, arguments: &str) -> String {
    let output = output(&mut mnetc(folder, arguments));
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments}: {stderr}");
    assert_eq!(stderr, "", "{arguments}");
    text(&output.stdout)
}

/// Runs a command that fails with `code`; what it said.
pub(crate) fn fails(folder: &Path, arguments: &str, code: i32) -> String {
    let output = output(&mut mnetc(folder, arguments));
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments}: {stderr}");
    assert_eq!(text(&output.stdout), "", "{arguments}");
    stderr
}

/// Runs a command with `input` on standard input.
pub(crate) fn piped(folder: &Path, arguments: &str, input: &str) -> Output {
    let mut command = mnetc(folder, arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

/// Names of the files in a folder.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name();
    let mut names: Vec<_> = entries
        .map(|e| name(e).into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

/// A `.npy` file of bytes.
pub(crate) fn npy(shape: &str, bytes: &[u8]) -> Vec<u8> {
    typed_npy("|u1", shape, bytes)
}

/// A `.npy` file of elements of this type.
pub(crate) fn typed_npy(element: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{element}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len())
        .expect("a short header")
        .to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), bytes].concat()
}

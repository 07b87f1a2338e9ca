//! Does every part know only what it may? Who imports whom, and where `unsafe` may stand.

use mnetc_tests::root;
use std::fs;
use std::path::{Path, PathBuf};

/// The files in which `unsafe` may stand, and why.
const UNSAFE: [(&str, &str); 19] = [
    (
        "examples/cortex-m/src/main.rs",
        "reading the paint on the stack",
    ),
    (
        "examples/web/src/lib.rs",
        "statics that JavaScript reads and writes",
    ),
    (
        "runtime/benches/kernels.rs",
        "the loop in registers that measures the peak",
    ),
    (
        "runtime/src/arena.rs",
        "typed views of the arena's bytes, and the arena on the heap",
    ),
    (
        "runtime/src/map.rs",
        "windows of one map that do not overlap",
    ),
    (
        "runtime/src/opaque.rs",
        "an empty line of assembly hides an address from the optimiser",
    ),
    (
        "runtime/src/pages.rs",
        "memory from the allocator, and the system call that asks for large pages",
    ),
    (
        "runtime/src/patch.rs",
        "one check for what a depthwise tile reads",
    ),
    (
        "runtime/src/pool.rs",
        "a job borrows from the caller's stack, and threads that live longer run it",
    ),
    (
        "runtime/src/shares.rs",
        "windows of one map that do not overlap, on several threads",
    ),
    ("runtime/src/simd.rs", "entering a level"),
    (
        "runtime/src/simd/amx.rs",
        "instructions on matrix tiles, of which only assembly knows, and the system call that permits them",
    ),
    (
        "runtime/src/simd/avx2.rs",
        "loads, stores and operations of a level whose token proves it",
    ),
    (
        "runtime/src/simd/avx512.rs",
        "loads, stores and operations of a level whose token proves it",
    ),
    ("runtime/src/simd/detect.rs", "asking the CPU"),
    (
        "runtime/src/simd/neon.rs",
        "loads, stores and operations that every CPU of its targets has",
    ),
    ("runtime/src/simd/wasm.rs", "loads and stores"),
    ("runtime/src/weights.rs", "views of the blob's bytes"),
    ("tests/allocation.rs", "the allocator that counts"),
];

/// Parts of the compiler, and what they must never import.
const NEVER: [(&str, &[&str]); 18] = [
    ("compiler/src/shape.rs", &["crate::"]),
    ("compiler/src/hash.rs", &["crate::"]),
    (
        "compiler/src/diag",
        &[
            "crate::front",
            "crate::graph",
            "crate::plan",
            "crate::emit",
            "std::fs",
        ],
    ),
    (
        "compiler/src/graph",
        &[
            "crate::front",
            "crate::passes",
            "crate::plan",
            "crate::emit",
            "crate::diag",
        ],
    ),
    (
        "compiler/src/passes",
        &[
            "crate::front",
            "crate::plan",
            "crate::emit",
            "crate::weights",
            "crate::diag",
        ],
    ),
    (
        "compiler/src/front",
        &[
            "crate::passes",
            "crate::plan",
            "crate::emit",
            "crate::weights",
            "std::fs",
        ],
    ),
    (
        "compiler/src/import",
        &[
            "crate::front::expand",
            "crate::front::spec",
            "crate::passes",
            "crate::plan",
            "crate::emit",
            "std::fs",
        ],
    ),
    (
        "compiler/src/recover",
        &[
            "crate::import",
            "crate::front::spec",
            "crate::front::yaml",
            "crate::plan",
            "crate::emit",
            "std::fs",
        ],
    ),
    // What verify holds generated code against shares the reading of the file with the importer, and nothing else.
    (
        "compiler/src/import/evaluate",
        &[
            "super::fold",
            "super::lower",
            "super::view",
            "super::function",
            "super::value",
            "super::dims",
            "crate::graph",
            "crate::layout",
            "crate::reference",
            "crate::shape",
            "mnetc_runtime",
        ],
    ),
    (
        "compiler/src/import/evaluate.rs",
        &[
            "super::fold",
            "super::lower",
            "super::view",
            "super::function",
            "super::value",
            "super::dims",
            "crate::graph",
            "crate::layout",
            "crate::reference",
            "crate::shape",
            "mnetc_runtime",
        ],
    ),
    ("compiler/src/layout.rs", &["crate::graph", "crate::import"]),
    (
        "compiler/src/plan",
        &[
            "crate::front",
            "crate::emit",
            "crate::weights",
            "crate::diag",
            "std::fs",
        ],
    ),
    (
        "compiler/src/plan/memory.rs",
        &["crate::graph", "crate::shape", "crate::plan"],
    ),
    (
        "compiler/src/emit",
        &["crate::front", "crate::weights", "crate::diag", "std::fs"],
    ),
    (
        "compiler/src/weights",
        &["crate::front", "crate::emit", "std::fs"],
    ),
    ("compiler/src/pipeline.rs", &["std::fs", "crate::cli"]),
    ("compiler/src/harness", &["crate::cli"]),
    ("runtime/src", &["use std::"]),
];

/// All Rust files under a folder, or the file itself, as paths from the project's root.
fn rust_files(place: &str) -> Vec<String> {
    fn walk(path: &Path, found: &mut Vec<PathBuf>) {
        if path.is_dir() {
            let entries = fs::read_dir(path)
                .expect("readable")
                .map(|e| e.expect("readable").path());
            entries
                .filter(|p| !p.ends_with("target"))
                .for_each(|p| walk(&p, found));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path.to_owned());
        }
    }
    let (root, mut found) = (root(), Vec::new());
    walk(&root.join(place), &mut found);
    found.sort();
    let relative = |p: PathBuf| {
        p.strip_prefix(&root)
            .expect("inside")
            .to_string_lossy()
            .replace('\\', "/")
    };
    found.into_iter().map(relative).collect()
}

/// The code of a file: without comments, and without its tests, which stand at the end.
fn code(file: &str) -> String {
    let text = fs::read_to_string(root().join(file)).expect("readable");
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
    lines
        .map(|l| format!("{}\n", l.split("// ").next().unwrap_or_default()))
        .collect()
}

#[test]
fn unsafe_stands_only_where_it_may() {
    let allowed: Vec<_> = UNSAFE.iter().map(|(file, _)| *file).collect();
    let places = ["compiler", "runtime", "generated", "tests", "examples"];
    let files = places.into_iter().flat_map(rust_files);
    let mut found: Vec<_> = files
        .filter(|f| {
            let code = code(f);
            ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"]
                .iter()
                .any(|u| code.contains(u))
        })
        .filter(|f| f != "tests/layering.rs")
        .collect();
    found.sort();
    assert_eq!(found, allowed, "the files with `unsafe`");
}

#[test]
fn no_part_imports_what_it_must_not_know() {
    let mut broken = Vec::new();
    // Threads are the standard library's; the feature `std` has them, and nothing else.
    let may = |file: &str, path: &str| file == "runtime/src/pool.rs" && path == "use std::";
    for (place, never) in NEVER {
        let files = rust_files(place);
        assert!(!files.is_empty(), "{place} is there");
        for file in files {
            let code = code(&file);
            let named = never.iter().filter(|path| code.contains(**path));
            let named = named.filter(|path| !may(&file, path));
            broken.extend(named.map(|path| format!("{file} names {path}")));
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is() {
    let places = ["compiler/src", "runtime/src", "tests/support"];
    let silent: Vec<_> = places
        .into_iter()
        .flat_map(rust_files)
        .filter(|f| {
            !fs::read_to_string(root().join(f))
                .expect("readable")
                .starts_with("//!")
        })
        .collect();
    assert_eq!(silent, Vec::<String>::new());
}

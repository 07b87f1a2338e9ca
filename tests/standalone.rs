//! Does a file with the runtime inside compile with `rustc` alone, run, and find a kernel that was broken on purpose?

use mnetc::plan::Target;
use mnetc::{Options, Weights};
use mnetc_tests::root;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// A folder for one test, empty at first.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("standalone")
        .join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("it can be made");
    folder
}

/// Compiles a spec with the runtime and a self-test inside to `net.rs`, its weights next to it.
fn compile(folder: &Path, spec: &Path, target: Target) -> String {
    let text = fs::read_to_string(spec).expect("the spec is there");
    let options = Options {
        weights: Weights::Seed(1),
        embed: Some("net.weights".into()),
        self_test: true,
        standalone: true,
        strategy: target.strategy(),
        ..Options::default()
    };
    let compiled = mnetc::compile(&spec.to_string_lossy(), &text, &options);
    let compiled = compiled.unwrap_or_else(|failure| panic!("{failure}"));
    fs::write(folder.join("net.rs"), &compiled.source).expect("it can be written");
    fs::write(
        folder.join("net.weights"),
        compiled.blob.expect("a seed is weights"),
    )
    .expect("it can be written");
    compiled.source
}

/// `rustc ARGUMENTS` in a folder, warnings denied, no crate at hand.
fn rustc(folder: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command
        .current_dir(folder)
        .args(["--edition", "2024", "-Dwarnings"]);
    command
        .args(arguments.split(' '))
        .output()
        .expect("rustc starts")
}

fn built(folder: &Path, arguments: &str) {
    let output = rustc(folder, arguments);
    assert!(
        output.status.success(),
        "{arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn digits() -> PathBuf {
    root().join("examples/digits/data/digits.yaml")
}

/// A program that prints what the self-test says.
const MAIN: &str = "\
mod net;
fn main() {
    let network = net::Digits::new();
    let (mut arena, mut output) = (net::Arena::new(), net::Output::new());
    let mut input: net::Input = [0; 32 * 32];
    match network.self_test(&mut arena, &mut input, &mut output) {
        Ok(()) => println!(\"right\"),
        Err(wrong) => println!(\"{}\", wrong.expected.step),
    }
}
";

fn said(folder: &Path) -> String {
    fs::write(folder.join("main.rs"), MAIN).expect("it can be written");
    built(folder, "main.rs");
    let output = Command::new(folder.join("main"))
        .output()
        .expect("it starts");
    assert!(output.status.success());
    String::from_utf8(output.stdout)
        .expect("it is text")
        .trim()
        .to_owned()
}

#[test]
fn the_zoo_compiles_with_rustc_alone() {
    let folder = folder("zoo");
    let specs = fs::read_dir(root().join("arch-specs")).expect("the zoo is there");
    let mut specs: Vec<_> = specs.map(|e| e.expect("readable").path()).collect();
    specs.retain(|spec| spec.extension().is_some_and(|e| e == "yaml"));
    // One of each family has all its operators.
    specs.retain(|spec| {
        ["v1_025_96", "v2_035_96", "v3_small"]
            .iter()
            .any(|name| spec.ends_with(format!("{name}.yaml")))
    });
    specs.push(digits());
    for spec in specs {
        let source = compile(&folder, &spec, Target::Any);
        assert!(
            !source.contains("::mnetc_runtime::Arena<")
                || source.contains("self::mnetc_runtime::Arena<")
        );
        // Whether a crate can hold two such files does not depend on the network.
        let is_twice = spec == digits();
        let again = "pub mod again { #[path = \"net.rs\"] pub mod net; }\n";
        let again = if is_twice { again } else { "" };
        fs::write(
            folder.join("bare.rs"),
            format!("#![no_std]\npub mod net;\n{again}"),
        )
        .expect("it can be written");
        fs::create_dir_all(folder.join("again")).expect("it can be made");
        for file in ["net.rs", "net.weights"] {
            fs::copy(folder.join(file), folder.join("again").join(file)).expect("it can be copied");
        }
        built(&folder, "--crate-type lib --emit metadata bare.rs");
    }
}

/// What is left out for a target is missed nowhere: here, where it is another, portable code takes its place.
#[test]
fn files_for_one_target_compile_everywhere() {
    let folder = folder("targets");
    let all = compile(&folder, &digits(), Target::Any).len();
    for target in Target::ALL {
        let source = compile(&folder, &digits(), target);
        assert!(
            target == Target::Any || source.len() < all * 19 / 20,
            "{target}"
        );
        built(&folder, "--crate-type lib --emit metadata net.rs");
    }
    // The last one.
    assert_eq!(said(&folder), "right");
}

/// The kernels as they are, and with a sign or a factor wrong in one of them, as a compiler might get it: the layer is named.
#[test]
fn a_broken_kernel_is_found_at_its_layer() {
    let folder = folder("broken");
    let source = compile(&folder, &digits(), Target::Any);
    assert_eq!(said(&folder), "right");
    for (kernel, good, bad, layer) in [
        (
            "pub(crate) mod input {",
            "float(*from) * ",
            "float(*from) + ",
            "stem",
        ),
        (
            "pub(crate) mod pool {",
            "1.0 / (job.x.height()",
            "2.0 / (job.x.height()",
            "row1.1.se",
        ),
    ] {
        let (before, after) = source.split_once(kernel).expect("the kernel is inside");
        assert!(after.contains(good), "{good}");
        let broken = format!("{before}{kernel}{}", after.replace(good, bad));
        fs::write(folder.join("net.rs"), broken).expect("it can be written");
        assert_eq!(said(&folder), layer, "{kernel}");
    }
}

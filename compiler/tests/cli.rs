//! The command as users meet it: exit codes, what is printed where, what is written and what is not.

mod command;

use command::{TINY, done, fails, files, folder, mnetc, npy, output, piped, text};
use std::fs;
use std::io::Read;
use std::process::Stdio;

#[test]
fn compile_writes_the_source() {
    let folder = folder("compile");
    assert_eq!(done(&folder, "compile tiny.yaml -o tiny.rs"), "");
    assert_eq!(files(&folder), ["tiny.rs", "tiny.yaml", "wrong.yaml"]);
    let source = fs::read_to_string(folder.join("tiny.rs")).expect("it was written");
    assert!(
        source.starts_with("// tiny: compiled by mnetc "),
        "{source}"
    );
    assert_eq!(done(&folder, "compile tiny.yaml -o -"), source);
    let output = piped(&folder, "compile - -o -", TINY);
    assert_eq!(text(&output.stdout), source.replace("tiny.yaml", "<stdin>"));
}

#[test]
fn compile_writes_weights_next_to_the_source() {
    let folder = folder("compile_weights");
    fs::create_dir(folder.join("src")).expect("it can be made");
    done(&folder, "compile tiny.yaml -o src/tiny.rs --weights seed:7");
    assert_eq!(files(&folder.join("src")), ["tiny.rs", "tiny.weights"]);
    let source = |path: &str| fs::read_to_string(folder.join(path)).expect("it was written");
    assert!(source("src/tiny.rs").contains("include_bytes!(\"tiny.weights\")"));
    done(
        &folder,
        "compile tiny.yaml -o src/tiny.rs --weights seed:7 --weights-out blob",
    );
    assert!(source("src/tiny.rs").contains("include_bytes!(\"../blob\")"));
    done(&folder, "pack tiny.yaml --weights seed:7 -o packed");
    let bytes = |path: &str| fs::read(folder.join(path)).expect("it was written");
    assert_eq!(bytes("packed"), bytes("blob"));
    assert_eq!(bytes("packed"), bytes("src/tiny.weights"));
    done(&folder, "pack tiny.yaml --weights seed:8 -o packed");
    assert_ne!(bytes("packed"), bytes("blob"));
}

#[test]
fn nothing_is_written_when_anything_failed() {
    let folder = folder("atomic");
    fs::write(folder.join("bad.safetensors"), "no tensors").expect("it can be written");
    fs::create_dir(folder.join("taken.rs")).expect("it can be made");
    let before = files(&folder);
    fails(&folder, "compile wrong.yaml -o out.rs", 1);
    fails(
        &folder,
        "compile tiny.yaml -o out.rs --weights bad.safetensors",
        1,
    );
    fails(
        &folder,
        "compile tiny.yaml -o out.rs --weights none.safetensors",
        1,
    );
    fails(
        &folder,
        "compile tiny.yaml -o none/out.rs --weights seed:1 --weights-out blob",
        1,
    );
    fails(
        &folder,
        "compile tiny.yaml -o taken.rs --weights seed:1 --weights-out blob",
        1,
    );
    fails(
        &folder,
        "compile tiny.yaml -o out.rs --weights seed:1 --weights-out none/blob",
        1,
    );
    assert_eq!(files(&folder), before);
    assert_eq!(files(&folder.join("taken.rs")), [""; 0]);
}

#[test]
fn what_was_read_is_not_overwritten() {
    let folder = folder("overwrite");
    for arguments in [
        "compile tiny.yaml -o tiny.yaml",
        "compile tiny.yaml -o ./tiny.yaml --set input=16",
        "compile tiny.yaml -o out.rs --weights seed:1 --weights-out tiny.yaml",
        "pack tiny.yaml --weights seed:1 -o tiny.yaml",
        "graph tiny.yaml --format svg -o tiny.yaml",
    ] {
        let said = fails(&folder, arguments, 1);
        assert!(said.contains("error[F002]: cannot write"), "{said}");
    }
    assert_eq!(
        fs::read_to_string(folder.join("tiny.yaml")).expect("it is there"),
        TINY
    );
    assert_eq!(files(&folder), ["tiny.yaml", "wrong.yaml"]);
}

/// A model that torch exported.
const MODEL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/goldens/onnx/v2_script11.onnx"
);

#[test]
fn import_writes_the_table_and_its_weights() {
    let folder = folder("import");
    fs::copy(MODEL, folder.join("v2.onnx")).expect("it can be copied");
    assert_eq!(
        done(
            &folder,
            "import v2.onnx -o v2.yaml --weights-out v2.safetensors"
        ),
        ""
    );
    let spec = fs::read_to_string(folder.join("v2.yaml")).expect("it was written");
    assert!(
        spec.starts_with("# Recovered from v2.onnx.\nname: v2\n"),
        "{spec}"
    );
    assert!(spec.contains("        - [6, 16, 3, 2]"), "{spec}");
    assert_eq!(done(&folder, "import v2.onnx -o -"), spec);
    let small = done(&folder, "import v2.onnx --input-size 32x32 -o -");
    assert_ne!(small, spec, "the model's height and width are open");

    // The spec and its weights are the model.
    done(&folder, "compile v2.onnx -o direct.rs");
    done(
        &folder,
        "compile v2.yaml --weights v2.safetensors -o tables.rs",
    );
    let bytes = |path: &str| fs::read(folder.join(path)).expect("it was written");
    assert_eq!(bytes("direct.weights"), bytes("tables.weights"));
    let code = |path: &str| {
        let lines = text(&bytes(path));
        let code = lines
            .lines()
            .skip(2)
            .filter(|line| !line.contains("include_bytes!"));
        code.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(code("direct.rs"), code("tables.rs"));
    assert!(done(&folder, "dump v2.onnx --after plan").contains("row7.1.project"));
}

#[test]
fn import_refuses_what_is_no_model() {
    let folder = folder("import_refuses");
    fs::copy(MODEL, folder.join("v2.onnx")).expect("it can be copied");
    let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/onnx");
    for case in ["N009_broadcast_add.onnx", "N010_one_map_twice.onnx"] {
        fs::copy(cases.join(case), folder.join(case)).expect("it can be copied");
    }
    let before = files(&folder);
    for (arguments, code, words) in [
        (
            "import none.onnx -o out.yaml",
            1,
            "error[F001]: cannot read none.onnx",
        ),
        (
            "import tiny.yaml -o out.yaml",
            1,
            "error[F004]: cannot import tiny.yaml: it is a spec",
        ),
        (
            "import - -o out.yaml",
            1,
            "error[F004]: cannot import <stdin>",
        ),
        (
            "import N009_broadcast_add.onnx -o out.yaml",
            1,
            "error[N009]",
        ),
        (
            "import N010_one_map_twice.onnx -o out.yaml",
            1,
            "error[N010]",
        ),
        (
            "import v2.onnx -o v2.onnx",
            1,
            "error[F002]: cannot write v2.onnx",
        ),
        (
            "import v2.onnx -o out.yaml --weights-out v2.onnx",
            1,
            "error[F002]",
        ),
        (
            "import v2.onnx -o out.yaml --weights-out none/w",
            1,
            "error[F002]",
        ),
        (
            "import v2.onnx -o none/out.yaml --weights-out w",
            1,
            "error[F002]",
        ),
        (
            "import v2.onnx -o out.yaml --dim height=32",
            1,
            "error[N007]",
        ),
        ("import v2.onnx", 2, "--output"),
        (
            "import v2.onnx -o out --weights-out -",
            2,
            "weights are bytes",
        ),
        ("import v2.onnx -o out --weights-out ./out", 2, "both go to"),
        (
            "import v2.onnx -o out.yaml --set input=32",
            2,
            "unexpected argument",
        ),
    ] {
        let said = fails(&folder, arguments, code);
        assert!(said.contains(words), "{arguments}: {said}");
    }
    assert_eq!(files(&folder), before);
}

#[test]
fn check_reports_all_mistakes_of_all_files() {
    let folder = folder("check");
    assert_eq!(done(&folder, "check tiny.yaml"), "");
    let said = fails(&folder, "check wrong.yaml tiny.yaml none.yaml", 1);
    let expected = [
        "error[M017]",
        "--> wrong.yaml:4:21",
        "error[M011]",
        "--> wrong.yaml:5:5",
        "error[F001]: cannot read none.yaml",
    ];
    let mut rest = said.as_str();
    for part in expected {
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("{part} is not in order in {said}"));
        rest = &rest[at..];
    }
    assert!(!said.contains('\x1b'), "no colours in a pipe");
}

#[test]
fn a_file_that_is_no_spec_gets_one_clear_message() {
    let folder = folder("kinds");
    fs::write(folder.join("binary.yaml"), b"\xff\xfe").expect("it can be written");
    fs::write(folder.join("model.onnx"), b"").expect("it can be written");
    fs::write(folder.join("model.txt"), TINY).expect("it can be written");
    for (file, code, words) in [
        ("none.yaml", "F001", "no such file"),
        (".", "F001", "cannot read"),
        ("binary.yaml", "F003", "byte 0 is not UTF-8"),
        ("model.onnx", "N001", "it is empty"),
        ("model.txt", "F004", "this is a .txt"),
    ] {
        let said = fails(&folder, &format!("summary {file}"), 1);
        assert!(said.starts_with(&format!("error[{code}]: ")), "{said}");
        assert!(said.contains(words) && said.contains("= help: "), "{said}");
        assert_eq!(said.matches("error[").count(), 1, "{said}");
    }
}

#[test]
fn settings_hold_for_every_verb() {
    let folder = folder("sets");
    let graph = done(
        &folder,
        "dump tiny.yaml --after graph --set input=16 width_multiplier=2",
    );
    assert!(
        graph.contains("16x16x3") && graph.contains("8x8x16"),
        "{graph}"
    );
    let before = done(
        &folder,
        "dump --set input=16 width_multiplier=2 tiny.yaml --after graph",
    );
    assert_eq!(graph, before);
    let said = fails(&folder, "check tiny.yaml --set input=0", 1);
    assert!(said.contains("--> --set:1:7"), "{said}");
}

#[test]
fn dump_prints_every_stage() {
    let folder = folder("dump");
    let passes = mnetc::passes::PASSES.iter().map(|pass| pass.name);
    let mut texts: Vec<String> = Vec::new();
    for stage in ["spec", "graph"]
        .into_iter()
        .chain(passes)
        .chain(["plan", "memory"])
    {
        texts.push(done(&folder, &format!("dump tiny.yaml --after {stage}")));
    }
    assert!(
        texts
            .iter()
            .all(|text| text.ends_with('\n') && text.len() > 100)
    );
    assert!(texts[0].starts_with("spec tiny (1:7)"), "{}", texts[0]);
    assert!(texts[1].starts_with("graph tiny: 8x8x3 u8"), "{}", texts[1]);
    assert!(texts[texts.len() - 2].starts_with("plan tiny: "));
    assert!(texts[texts.len() - 1].starts_with("arena "));
    let said = fails(&folder, "dump tiny.yaml --after nowhere", 2);
    assert!(
        said.contains("fuse_activation"),
        "the choices are listed: {said}"
    );
}

#[test]
fn summary_and_graph_come_in_their_formats() {
    let folder = folder("summary");
    let json: serde_json::Value =
        serde_json::from_str(&done(&folder, "summary tiny.yaml --format json"))
            .expect("it is JSON");
    assert_eq!(json["name"], "tiny");
    assert_eq!(json["layers"][0]["output"], serde_json::json!([4, 4, 8]));
    let table = done(&folder, "summary tiny.yaml");
    assert!(done(&folder, "summary tiny.yaml --memory").starts_with(&table));
    assert!(done(&folder, "summary tiny.yaml --format markdown").contains("|"));
    fails(&folder, "summary tiny.yaml --format json --memory", 2);

    done(&folder, "graph tiny.yaml -o tiny.svg");
    let svg = fs::read_to_string(folder.join("tiny.svg")).expect("it was written");
    assert!(svg.starts_with("<svg") || svg.starts_with("<?xml"), "{svg}");
    assert!(done(&folder, "graph tiny.yaml -o - --format dot").starts_with("digraph"));
    done(&folder, "graph tiny.yaml -o arena.svg --memory");
    let arena = fs::read_to_string(folder.join("arena.svg")).expect("it was written");
    assert!(arena.contains("memory over time"), "{arena}");
    fails(&folder, "graph tiny.yaml -o arena.dot --memory", 2);
    fails(&folder, "graph tiny.yaml -o tiny.png", 2);
    fails(&folder, "graph tiny.yaml -o -", 2);
}

/// Limits of the spec, and of the arguments, which go before them.
#[test]
fn a_network_over_its_budget_is_refused() {
    let folder = folder("budget");
    for verb in ["check tiny.yaml", "compile tiny.yaml -o tiny.rs"] {
        let said = fails(&folder, &format!("{verb} --ram-budget 1KiB"), 1);
        let expected = "error[M031]: the network needs 2,";
        assert!(said.starts_with(expected), "{said}");
        assert!(
            said.contains("1,024 bytes: row1.1.expand 4x4x16, read"),
            "{said}"
        );
    }
    assert_eq!(files(&folder), ["tiny.yaml", "wrong.yaml"]);
    done(
        &folder,
        "check tiny.yaml --ram-budget 4KiB --flash-budget 16KiB",
    );
    let said = fails(&folder, "check tiny.yaml --flash-budget 1KB", 1);
    assert!(
        said.contains("bytes of flash, its budget is 1,000"),
        "{said}"
    );
    let said = fails(&folder, "check tiny.yaml --ram-budget 12", 2);
    assert!(said.contains("as in 256KiB"), "{said}");

    fs::write(
        folder.join("over.yaml"),
        format!("{TINY}budget: {{ram: 1KiB}}\n"),
    )
    .expect("written");
    fails(&folder, "compile over.yaml -o over.rs", 1);
    done(&folder, "compile over.yaml -o over.rs --ram-budget 4KiB");
    // What shows where memory goes shows it of networks over their budget too.
    done(&folder, "summary over.yaml --memory");
}

#[test]
fn a_self_test_needs_weights() {
    let folder = folder("self_test");
    let said = fails(&folder, "compile tiny.yaml -o tiny.rs --self-test", 1);
    assert!(
        said.starts_with("error[R001]: a self-test needs the weights"),
        "{said}"
    );
    assert_eq!(files(&folder), ["tiny.yaml", "wrong.yaml"]);
    done(
        &folder,
        "compile tiny.yaml -o tiny.rs --self-test --weights seed:1",
    );
    let source = fs::read_to_string(folder.join("tiny.rs")).expect("it was written");
    for part in [
        "pub fn self_test(",
        "const GOLDENS: [Golden; 7]",
        "golden::fill_bytes(input);",
    ] {
        assert!(source.contains(part), "{part}: {source}");
    }
}

#[test]
fn usage_errors_have_their_own_exit_code() {
    let folder = folder("usage");
    for arguments in [
        "",
        "compile",
        "compile tiny.yaml",
        "compile tiny.yaml -o out.rs --weights-out blob",
        "compile tiny.yaml -o - --weights seed:1",
        "compile tiny.yaml -o out.rs --weights seed:1 --weights-out out.rs",
        "compile tiny.yaml -o out.rs --weights seed:x",
        "bench tiny.yaml --threads 0",
        "compile tiny.yaml -o - --threads 65",
        "compile tiny.yaml -o out.rs --target arm",
        "compile tiny.yaml -o out.rs --target cortex-m --threads 2",
        "compile tiny.yaml -o out.rs --target wasm --precision bf16x3",
        "bench tiny.yaml --iterations 0",
        "run - --weights seed:1 --image -",
        "bench - --input -",
        "nonsense",
    ] {
        fails(&folder, arguments, 2);
    }
    assert_eq!(files(&folder), ["tiny.yaml", "wrong.yaml"]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = folder("pipe");
    let rows = TINY.split("layers:").next().expect("a head").to_owned()
        + "layers:\n  - inverted_residual:\n      columns: [t, c, n, s]\n      rows: [[6, 8, 99, 1]]\n";
    fs::write(folder.join("long.yaml"), rows).expect("written");
    let arguments = "compile long.yaml -o -";
    assert!(done(&folder, arguments).len() > 1 << 16, "no pipe holds it");
    let mut command = mnetc(&folder, arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    drop(child.stdout.take());
    let mut said = String::new();
    let stderr = child.stderr.as_mut().expect("it is piped");
    stderr.read_to_string(&mut said).expect("it is text");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{said}");
    assert_eq!(said, "");
}

#[test]
fn help_manuals_and_completions() {
    let folder = folder("help");
    for verb in [
        "",
        "compile",
        "check",
        "summary",
        "import",
        "pack",
        "run",
        "verify",
        "bench",
        "graph",
        "dump",
        "completions",
    ] {
        assert!(
            done(&folder, &format!("{verb} --help")).contains("Usage: mnetc"),
            "{verb}"
        );
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            done(&folder, &format!("completions {shell}")).contains("weights-out"),
            "{shell}"
        );
    }
    fs::create_dir(folder.join("man")).expect("it can be made");
    done(&folder, "man man");
    let pages = files(&folder.join("man"));
    assert!(
        pages.contains(&"mnetc.1".to_owned()) && pages.contains(&"mnetc-compile.1".to_owned()),
        "{pages:?}"
    );
    assert!(pages.contains(&"mnetc-man.1".to_owned()), "{pages:?}");
}

#[test]
fn a_network_is_built_once_and_timed() {
    let folder = folder("bench");
    let json = |arguments: &str| {
        let printed = done(
            &folder,
            &format!("bench tiny.yaml --json --iterations 3 {arguments}"),
        );
        serde_json::from_str::<serde_json::Value>(printed.lines().last().expect("a line"))
            .expect("it is JSON")
    };
    let first = json("");
    for (key, value) in [
        ("model", "tiny".into()),
        ("threads", 1.into()),
        ("iterations", 3.into()),
        ("profile", "release".into()),
    ] as [(&str, serde_json::Value); 4]
    {
        assert_eq!(first[key], value, "{key}");
    }
    assert!(
        first["min_ms"].as_f64() > Some(0.0)
            && first["median_ms"].as_f64() >= first["min_ms"].as_f64()
    );

    // The second time there is nothing left to build, so no cargo is needed.
    let mut again = mnetc(
        &folder,
        "bench tiny.yaml --layers --compare-levels --iterations 2",
    );
    let again = output(again.env("CARGO", "no such program"));
    let printed = text(&again.stdout);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    for word in ["stem", "GFLOP/s", "scalar", "speed"] {
        assert!(printed.contains(word), "{word} is not in {printed}");
    }

    let mut other = mnetc(&folder, "bench tiny.yaml --weights seed:1234");
    let other = output(other.env("CARGO", "no such program"));
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stderr).starts_with("error[R006]: `no such program` cannot be started"));
}

#[test]
fn arrays_go_in_and_out() {
    let folder = folder("arrays");
    let pixels: Vec<u8> = (0..192).collect();
    fs::write(folder.join("x.npy"), npy("(8, 8, 3)", &pixels)).expect("it can be written");
    fs::write(folder.join("batch.npy"), npy("(1, 8, 8, 3)", &pixels)).expect("it can be written");
    fs::write(folder.join("chw.npy"), npy("(3, 8, 8)", &pixels)).expect("it can be written");
    let dump = |input: &str, output: &str, more: &str| {
        done(
            &folder,
            &format!(
                "bench tiny.yaml --iterations 1 --input {input} --dump-output {output} {more}"
            ),
        );
        fs::read(folder.join(output)).expect("it was written")
    };
    let output = dump("x.npy", "y.npy", "");
    let header = String::from_utf8_lossy(&output[..128]).into_owned();
    assert!(
        header.contains("'descr': '<f4'") && header.contains("'shape': (1, 1, 4)"),
        "{header}"
    );
    assert_eq!(output.len(), 128 + 4 * 4);
    assert_eq!(dump("batch.npy", "z.npy", ""), output);
    assert!(dump("x.npy", "y.npz", "").starts_with(b"PK"));
    // Threads change nothing.
    assert_eq!(dump("x.npy", "t.npy", "--threads 3"), output);

    // Levels agree but for rounding.
    let floats = |bytes: &[u8]| -> Vec<f32> {
        bytes[128..]
            .as_chunks()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect()
    };
    let scalar = floats(&dump("x.npy", "s.npy", "--level scalar"));
    let greatest = scalar.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
    for (a, b) in scalar.iter().zip(floats(&output)) {
        assert!((a - b).abs() <= 1e-5 * greatest, "{a} {b}");
    }

    let said = fails(&folder, "bench tiny.yaml --input chw.npy", 1);
    assert!(
        said.contains("error[R005]") && said.contains("(3, 8, 8)") && said.contains("moveaxis"),
        "{said}"
    );
    let said = fails(&folder, "bench tiny.yaml --input tiny.yaml", 1);
    assert!(said.contains("error[R005]"), "{said}");
    let said = fails(&folder, "bench tiny.yaml --level mmx", 1);
    assert!(
        said.contains("error[R002]") && said.contains("scalar"),
        "{said}"
    );
}

#[test]
fn pictures_are_classified() {
    let folder = folder("run");
    // 16x16 of one colour: at 8x8 the same colour.
    let picture = |name: &str, [r, g, b]: [u8; 3]| {
        let pixels = [r, g, b].repeat(256);
        fs::write(folder.join(name), [b"P6 16 16 255\n", &pixels[..]].concat())
            .expect("it can be written");
        fs::write(
            folder.join(format!("{name}.npy")),
            npy("(8, 8, 3)", &pixels[..192]),
        )
        .expect("it can be written");
    };
    picture("red.ppm", [200, 10, 30]);
    picture("blue.ppm", [0, 100, 255]);
    fs::write(folder.join("labels"), "ant\nbee\ncat\ndog\n").expect("it can be written");

    let printed = done(
        &folder,
        "run tiny.yaml --weights seed:0 --image red.ppm blue.ppm --labels labels --top 2",
    );
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!([lines[0], lines[3]], ["red.ppm", "blue.ppm"], "{printed}");
    assert!(
        lines[1].starts_with("  1  0.") && lines[2].starts_with("  2  0."),
        "{printed}"
    );

    // The same as the array of the same pixels, after softmax.
    done(
        &folder,
        "bench tiny.yaml --iterations 1 --input red.ppm.npy --dump-output red.npy",
    );
    let bytes = fs::read(folder.join("red.npy")).expect("it was written");
    let scores = bytes[128..]
        .as_chunks()
        .0
        .iter()
        .map(|b| f64::from(f32::from_le_bytes(*b)).exp());
    let scores: Vec<f64> = scores.collect();
    let json = done(
        &folder,
        "run tiny.yaml --weights seed:0 --image red.ppm --json",
    );
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["image"], "red.ppm");
    let classes = json["classes"].as_array().expect("a list");
    assert_eq!(classes.len(), 4);
    for class in classes {
        let number = class["class"].as_u64().expect("a number") as usize;
        let expected = scores[number] / scores.iter().sum::<f64>();
        assert!(
            (class["probability"].as_f64().expect("a number") - expected).abs() < 1e-6,
            "{json}"
        );
    }

    let run = |arguments: &str| fails(&folder, &format!("run tiny.yaml {arguments}"), 1);
    assert!(run("--image red.ppm").contains("error[R001]"));
    assert!(run("--weights seed:0 --image tiny.yaml").contains("error[R003]"));
    assert!(run("--weights seed:0 --image red.ppm --preset unit").contains("error[R002]"));
    assert!(run("--weights seed:0 --image red.ppm --labels tiny.yaml").contains("error[R004]"));
    assert!(run("--weights seed:0 --image none.png").contains("error[F001]"));
}

#[test]
fn a_failed_build_is_shown_whole() {
    let folder = folder("failed_build");
    // A cargo that understands nothing: this very command.
    let program = env!("CARGO_BIN_EXE_mnetc");
    let mut bench = mnetc(&folder, "bench tiny.yaml --weights seed:4321");
    let output = output(bench.env("CARGO", program));
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let words = "error: unrecognized subcommand 'build'";
    assert!(said.starts_with(words), "{said}");
    let end =
        "For more information, try '--help'.\nerror[R006]: the generated code does not build\n";
    assert!(said.contains(end), "{said}");
    assert_eq!(text(&output.stdout), "");
}

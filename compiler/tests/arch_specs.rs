//! Every table of `arch-specs/` expands, to the published numbers of multiply-adds and parameters.

use mnetc::diag::{Diagnostics, Sources, Style, render};
use mnetc::front::{expand, yaml};
use mnetc::graph::{Graph, Op};
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../arch-specs")
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .expect("the folder is there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .map(|path| {
            path.file_stem()
                .expect("a file has a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn build(name: &str, sets: &[&str]) -> Graph {
    let text = fs::read_to_string(folder().join(format!("{name}.yaml"))).expect("a readable spec");
    build_text(name, &text, sets)
}

fn build_text(name: &str, text: &str, sets: &[&str]) -> Graph {
    let (mut sources, mut diags) = (Sources::new(), Diagnostics::new());
    let id = sources.add(name, text);
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    let graph = yaml::parse(&mut sources, id, &sets, &mut diags)
        .and_then(|spec| expand::expand(&spec, &mut diags));
    assert!(
        diags.is_empty(),
        "{}",
        render(&diags, &sources, Style::Plain)
    );
    graph.expect("no diagnostics, so a graph")
}

/// (multiply-adds, parameters): of convolutions and linear layers; batch norms count scale and shift.
fn cost(graph: &Graph) -> (usize, usize) {
    let mut total = (0, 0);
    for node in graph.nodes() {
        let (input, output) = (graph.input_shape(node), graph.shape(node.output));
        let (macs, params) = match &node.op {
            Op::Conv(conv) => {
                let filter = input.c / conv.groups * conv.window.taps();
                let bias = if conv.bias { output.c } else { 0 };
                (output.len() * filter, output.c * filter + bias)
            }
            Op::Linear(linear) => {
                let bias = if linear.bias { output.c } else { 0 };
                (output.c * input.len(), output.c * input.len() + bias)
            }
            Op::BatchNorm(_) => (0, 2 * output.c),
            _ => (0, 0),
        };
        total = (total.0 + macs, total.1 + params);
    }
    total
}

#[test]
fn every_spec_expands_and_is_named_after_its_file() {
    let names = names();
    assert!(names.len() >= 14, "{names:?}");
    for name in names {
        let graph = build(&name, &[]);
        assert_eq!(graph.name, name);
        mnetc::graph::verify::check(&graph, "expansion");
    }
}

#[test]
fn published_numbers() {
    let cases: &[(&str, &[&str], (usize, usize))] = &[
        ("v1", &[], (568_740_352, 4_231_976)),
        (
            "v1",
            &["width_multiplier=0.75", "input=192"],
            (239_273_472, 2_585_560),
        ),
        (
            "v1",
            &["width_multiplier=0.5", "input=160"],
            (76_524_800, 1_331_592),
        ),
        (
            "v1",
            &["width_multiplier=0.25", "input=128"],
            (13_570_048, 470_072),
        ),
        ("v1_025_96", &[], (7_745_152, 470_072)),
        ("v2", &[], (300_774_272, 3_504_872)),
        ("v2_140", &[], (582_195_824, 6_108_776)),
        ("v2_035_96", &[], (11_934_128, 1_677_128)),
        ("v3_large", &[], (216_589_760, 5_483_032)),
        ("v3_large_se_before", &[], (216_589_760, 5_483_032)),
        ("v3_large_075", &[], (140_033_816, 3_377_576)),
        ("v3_small", &[], (56_510_400, 2_542_856)),
        ("v3_large_dilated", &[], (224_427_040, 2_569_352)),
    ];
    for (name, sets, expected) in cases {
        assert_eq!(
            cost(&build(name, sets)),
            *expected,
            "{name} {sets:?} (MACs, parameters)"
        );
    }
}

/// Row 9 would have stride 2 and is 48 -> 48: at stride 1 it must not grow a skip.
#[test]
fn small_dilated_with_reduced_tail() {
    let text = fs::read_to_string(folder().join("v3_small.yaml")).expect("a readable spec");
    let text = text
        .replace(
            "[5, 288, 96, true, HS, 2]",
            "{k: 5, exp: 288, c: 48, se: true, nl: HS, s: 1, d: 2, residual: false}",
        )
        .replace(
            "[5, 576, 96, true, HS, 1]",
            "{k: 5, exp: 288, c: 48, se: true, nl: HS, s: 1, d: 2}",
        )
        .replace("c: 1024", "c: 512");
    let graph = build_text("v3_small", &text, &[]);
    assert_eq!(cost(&graph), (59_131_552, 1_099_672));
    let skips = |row: usize| {
        let in_row =
            |node: &&mnetc::graph::Node| node.origin.row.as_ref().is_some_and(|r| r.number == row);
        graph
            .nodes()
            .iter()
            .filter(in_row)
            .filter(|n| matches!(n.op, Op::Add(_)))
            .count()
    };
    assert_eq!([8, 9, 10, 11].map(skips), [1, 0, 1, 1]);
}

#[test]
fn outputs_are_named_by_taps_or_by_what_they_are() {
    let outputs = |name: &str| -> Vec<(String, [usize; 3])> {
        let graph = build(name, &[]);
        let shape = |value| graph.shape(value).to_array();
        graph
            .outputs
            .iter()
            .map(|o| (o.name.clone(), shape(o.value)))
            .collect()
    };
    let named = |name: &str, shape| (name.to_owned(), shape);
    assert_eq!(outputs("v2"), [named("logits", [1, 1, 1000])]);
    assert_eq!(outputs("v1_keras"), [named("probabilities", [1, 1, 1000])]);
    assert_eq!(
        outputs("v3_large_backbone"),
        [
            named("c1", [112, 112, 16]),
            named("c2", [56, 56, 24]),
            named("c3", [28, 28, 40]),
            named("c4", [14, 14, 112]),
            named("c4_expansion", [14, 14, 672]),
            named("c5", [7, 7, 960]),
        ]
    );
}

/// The README teaches by example: its YAML must be what it says.
#[test]
fn examples_of_the_readme_are_networks() {
    let readme = fs::read_to_string(folder().join("README.md")).expect("a readable page");
    let blocks: Vec<&str> = readme
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("split gives a first piece"))
        .collect();
    assert_eq!(blocks.len(), 4);
    let [v1, camera, c5, two_blocks] =
        [blocks[0], blocks[1], blocks[2], blocks[3]].map(|text| build_text("README", text, &[]));
    assert_eq!(cost(&v1), cost(&build("v1", &[])));
    assert_eq!(cost(&camera), cost(&build("v2_035_96", &[])));
    assert_eq!(camera.input.normalise.len(), 3);
    let shapes: Vec<[usize; 3]> = c5
        .outputs
        .iter()
        .map(|o| c5.shape(o.value).to_array())
        .collect();
    assert_eq!(shapes, [[14, 14, 672], [7, 7, 960]]);
    let end = two_blocks.outputs[0].value;
    assert_eq!(two_blocks.shape(end).to_array(), [28, 28, 128]);
    let sums = two_blocks.nodes().iter();
    assert_eq!(
        sums.filter(|node| matches!(node.op, Op::Add(..))).count(),
        2
    );
}

#[test]
fn residuals_are_where_the_papers_have_them() {
    let skips = |name: &str| {
        let graph = build(name, &[]);
        graph
            .nodes()
            .iter()
            .filter(|n| matches!(n.op, Op::Add(_)))
            .count()
    };
    let counts = ["v1", "v2", "v3_large", "v3_small", "v3_large_dilated"].map(skips);
    assert_eq!(counts, [0, 10, 10, 6, 10]);
}

/// Gate and activation behind the depthwise layer of a row, in their order.
fn behind_depthwise(graph: &Graph, row: usize) -> Vec<&'static str> {
    let in_row =
        |node: &&mnetc::graph::Node| node.origin.row.as_ref().is_some_and(|r| r.number == row);
    let kind = |node: &mnetc::graph::Node| match &node.op {
        Op::Scale => Some("gate"),
        Op::Activation(_) if node.origin.name.ends_with("depthwise") => Some("activation"),
        _ => None,
    };
    graph
        .nodes()
        .iter()
        .filter(in_row)
        .filter_map(kind)
        .collect()
}

#[test]
fn squeeze_and_excite_stands_where_it_is_put() {
    let before = build("v3_small", &["defaults.se.placement=before_activation"]);
    assert_eq!(
        behind_depthwise(&before, 1),
        ["activation", "gate"],
        "no expansion"
    );
    assert_eq!(behind_depthwise(&before, 4), ["gate", "activation"]);
    let after = build("v3_small", &[]);
    assert_eq!(behind_depthwise(&after, 4), ["activation", "gate"]);
    let text = fs::read_to_string(folder().join("v3_small.yaml")).expect("a readable spec");
    let text = text.replace(
        "[3, 16, 16, true",
        "[3, 16, 16, {width: 8, placement: before_activation}",
    );
    let row = build_text("v3_small", &text, &[]);
    assert_eq!(
        behind_depthwise(&row, 1),
        ["gate", "activation"],
        "as the row says"
    );
    assert_eq!(cost(&row), cost(&after));
}

#[test]
fn padding_same_depends_on_the_input() {
    let stem = |sets: &[&str]| {
        let graph = build("v1_keras", sets);
        match &graph.nodes()[0].op {
            Op::Conv(conv) => conv.window.padding.to_array(),
            other => panic!("the stem is {other:?}"),
        }
    };
    assert_eq!(stem(&[]), [0, 0, 1, 1]);
    assert_eq!(stem(&["input=225x224"]), [1, 0, 1, 1]);
    assert_eq!(stem(&["defaults.padding=symmetric"]), [1, 1, 1, 1]);
}

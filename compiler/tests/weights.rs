//! What other programs must agree with: the numbers behind `seed:N`, and torchvision's names of tensors.

use mnetc::diag::{Sources, Style, render};
use mnetc::graph::Graph;
use mnetc::weights::{WeightSource, pack, read_safetensors, seeded_values, torchvision_names};
use mnetc::{passes, pipeline};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn shape(text: &str) -> Vec<usize> {
    let extents = text.split('x').map(|n| n.parse());
    extents.collect::<Result<_, _>>().expect("a shape")
}

/// `arch-specs/README.md` quotes ten values, so that a program in another language can be held against them.
#[test]
fn the_seeded_values_in_the_readme_are_made() {
    let readme = read("arch-specs/README.md");
    let (_, table) = readme.split_once("Ten test values:").expect("the table");
    let rows = table.lines().filter(|line| line.contains("`0x"));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let cell = |i: usize| cells[i].trim().trim_matches('`');
        let seed = cell(0).parse().expect("a seed");
        let index: usize = cell(3).parse().expect("an index");
        let value = seeded_values(seed, cell(1), &shape(cell(2)))[index];
        assert_eq!(value.to_string(), cell(4), "{row}");
        assert_eq!(format!("0x{:08x}", value.to_bits()), cell(5), "{row}");
        count += 1;
    }
    assert_eq!(count, 10);
}

fn graph(spec: &str) -> Graph {
    let mut sources = Sources::new();
    let id = sources.add(spec, read(spec));
    let graph = pipeline::graph(&mut sources, id, &[]);
    graph.unwrap_or_else(|diags| panic!("{}", render(&diags, &sources, Style::Plain)))
}

/// `tests/goldens/*.names.txt` were written by walking torchvision's own modules: its name, the canonical name, the shape.
#[test]
fn torchvisions_names_are_those_of_torchvision() {
    for network in ["v2", "v3_large", "v3_small"] {
        let list = read(&format!("tests/goldens/{network}.names.txt"));
        let line = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            let theirs = words.next().expect("torchvision's name");
            (words.next().expect("the canonical name"), theirs)
        };
        let expected: BTreeMap<String, String> = list.lines().map(line).collect();
        let mut graph = graph(&format!("arch-specs/{network}.yaml"));
        for _ in 0..2 {
            let mut names = torchvision_names(&graph);
            // What may stand in the place of a batch norm is not in a file that has the batch norm.
            names.retain(|ours, _| {
                let norm = ours
                    .strip_suffix("bias")
                    .map(|base| format!("{base}bn.mean"));
                !norm.is_some_and(|norm| expected.contains_key(&norm))
            });
            assert_eq!(names, expected, "{network}");
            passes::run(&mut graph);
        }
    }
}

/// A network that was trained in PyTorch and saved under canonical names.
#[test]
fn trained_weights_are_packed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/digits/data");
    let bytes = fs::read(root.join("digits.safetensors")).expect("the weights are there");
    let tensors = read_safetensors(&bytes).unwrap_or_else(|e| panic!("{e:?}"));
    let graph = graph("examples/digits/data/digits.yaml");
    let source = WeightSource::Tensors(tensors.rename_for(&graph));
    let plan = pipeline::plan(graph);
    let blob = pack(&plan, &source).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(blob.len(), plan.weight_bytes());
}

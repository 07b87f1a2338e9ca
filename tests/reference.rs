//! Does the reference evaluator compute what PyTorch computes? For every golden of a network small enough for plain loops,
//! before and after the passes: all outputs, and the intermediate maps that the golden holds.

use mnetc::graph::Graph;
use mnetc::plan::cost;
use mnetc::reference::{Evaluation, Map, Pixels, evaluate};
use mnetc::weights::WeightSource;
use mnetc_tests::{Case, Golden, Tensor, cases, difference};

/// Goldens are float64 rounded to f32, and so is what is held against them.
const TOLERANCE: f64 = 2e-7;

/// Multiply-adds of the largest network that is evaluated.
const LARGEST: u64 = 20_000_000;

fn graph(case: &Case) -> Graph {
    let mut sources = mnetc::diag::Sources::new();
    let id = sources.add(case.name, case.spec);
    mnetc::pipeline::graph(&mut sources, id, &[]).expect("it was compiled before")
}

fn evaluated(case: &Case, graph: &Graph, seed: u64) -> Evaluation {
    let bytes = case.seeded_input(seed);
    let words = bytes.as_chunks::<4>().0.iter();
    let numbers: Vec<f32> = words.map(|b| f32::from_le_bytes(*b)).collect();
    let input = match case.takes_bytes {
        true => Pixels::U8(&bytes),
        false => Pixels::F32(&numbers),
    };
    evaluate(graph, &WeightSource::Seed(seed), input).expect("a seed has every tensor")
}

fn compare(case: &Case, golden: &Golden, graph: &Graph) -> Vec<String> {
    let values = evaluated(case, graph, golden.seed);
    let mut faults = Vec::new();
    let maps = golden.tensors.iter();
    for (name, expected) in maps.filter(|(name, _)| *name != "input.first") {
        let Some(map) = find(&values, graph, name) else {
            faults.push(format!("{}: nothing computes {name}", case.name));
            continue;
        };
        let got = Tensor {
            name: name.clone(),
            shape: map.shape.to_array(),
            data: map.data.iter().map(|x| *x as f32).collect(),
        };
        let d = difference(&expected.pick(&got), &expected.data);
        if d.relative > TOLERANCE {
            let error = d.relative;
            faults.push(format!("{}: {name} is off by {error:.1e}", case.name));
        }
    }
    faults
}

/// `tap.NAME`, the base name of a layer, or `output`: what the network gives out last. A golden's `project` is the map
/// behind the residual, which is an addition of its own before the passes.
fn find<'v>(values: &'v Evaluation, graph: &Graph, name: &str) -> Option<&'v Map> {
    if name == "output" {
        return values.value(graph.outputs.last()?.value);
    }
    let tap = name.strip_prefix("tap.").and_then(|tap| values.output(tap));
    let block = name.strip_suffix("project");
    let sum = block.and_then(|block| values.layer(&format!("{block}add")));
    tap.or(sum).or_else(|| values.layer(name))
}

#[test]
fn values_are_pytorchs_before_and_after_the_passes() {
    let (mut faults, mut count) = (Vec::new(), 0);
    for case in cases::goldens() {
        let (mut graph, golden) = (graph(&case), Golden::read(case.name));
        if cost::total(&mnetc::pipeline::plan(graph.clone())).macs > LARGEST {
            continue;
        }
        faults.extend(compare(&case, &golden, &graph));
        mnetc::passes::run(&mut graph);
        let fused = compare(&case, &golden, &graph);
        faults.extend(fused.iter().map(|f| format!("after the passes, {f}")));
        count += 1;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count >= 8, "only {count} goldens are small enough");
}

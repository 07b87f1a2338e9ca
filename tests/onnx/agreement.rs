//! Does the importer make of a model what the model says, also where no exporter writes such a model? All forms of the
//! variants with something changed in the file: what is still read must compute what its nodes compute one by one.
//!
//! `MNETC_MUTATIONS=N` tries N of them; without it a number that a second or two is enough for.

use crate::mutations::{Random, mutated};
use crate::support::{self, input};
use crate::variants::families;
use mnetc::import::{self, Imported, NoFiles, Sizes};
use mnetc::layout::Layout;
use mnetc::pipeline;
use mnetc::plan::cost;
use mnetc::reference::Pixels;
use mnetc::weights::WeightSource;
use mnetc_onnx_encoder::{Attr, Dim, Net};
use mnetc_tests::difference;
use std::collections::BTreeSet;

/// Larger networks than this take too long.
const MOST_MACS: u64 = 1 << 21;
const MOST_ELEMENTS: usize = 1 << 17;

/// Constants are folded in f32, of whatever size they were made.
const TOLERANCE: f64 = 1e-4;

/// What the graph computes, if its size and numbers are within reason.
fn computed(imported: &Imported, numbers: &[f32]) -> Option<Vec<f32>> {
    let bytes = support::bytes(numbers);
    let (numbers, bytes) = (
        imported.input.to_map(numbers),
        imported.input.to_map(&bytes),
    );
    let pixels = match imported.graph.input.element {
        mnetc::shape::Element::F32 => Pixels::F32(&numbers),
        mnetc::shape::Element::U8 => Pixels::U8(&bytes),
    };
    let source = WeightSource::Tensors(imported.tensors.clone());
    let values = mnetc::reference::evaluate(&imported.graph, &source, pixels).ok()?;
    let reasonable = |x: &f64| x.is_finite() && x.abs() < 1e12;
    let all = imported
        .graph
        .nodes()
        .iter()
        .filter_map(|node| values.value(node.output));
    if !all.flat_map(|map| &map.data).all(reasonable) {
        return None;
    }
    let output = |(output, layout): (&mnetc::graph::Output, &Layout)| {
        let map = values.output(&output.name).expect("it is given out");
        layout.from_map(&map.data.iter().map(|x| *x as f32).collect::<Vec<_>>())
    };
    let outputs = imported.graph.outputs.iter().zip(&imported.outputs);
    Some(outputs.flat_map(output).collect())
}

/// A copy with something of its nodes changed: a number, a word, an input, the version of the operators.
fn changed(net: &Net, random: &mut Random) -> Vec<u8> {
    const EXTENTS: [i64; 10] = [-2, -1, 0, 1, 1, 2, 2, 3, 4, 6];
    const NUMBERS: [f32; 8] = [-3.0, 0.0, 1.0 / 6.0, 0.2, 0.5, 1.0, 3.0, 6.0];
    const WORDS: [&str; 4] = ["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"];
    const ALIKE: [&str; 14] = [
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Min",
        "Max",
        "Sum",
        "Relu",
        "Sigmoid",
        "HardSigmoid",
        "HardSwish",
        "Identity",
        "Neg",
        "Clip",
    ];
    let mut net = net.clone();
    for _ in 0..=random.below(2) {
        let what = random.below(10);
        if what == 0 {
            net.model.opset_import[0].version = 7 + random.below(20) as i64;
            continue;
        }
        let graph = net.graph();
        if what == 1 && !graph.initializer.is_empty() {
            let at = random.below(graph.initializer.len());
            let tensor = &mut graph.initializer[at];
            let extent = EXTENTS[random.below(EXTENTS.len())];
            let number = NUMBERS[random.below(NUMBERS.len())];
            let bytes: Vec<u8> = match tensor.data_type {
                7 => extent.to_le_bytes().to_vec(),
                _ => number.to_le_bytes().to_vec(),
            };
            let raw = &mut tensor.raw_data;
            if raw.len() >= bytes.len() {
                let place = random.below(raw.len() / bytes.len()) * bytes.len();
                raw[place..place + bytes.len()].copy_from_slice(&bytes);
            }
            continue;
        }
        let nodes = graph.node.len();
        let others: Vec<String> = graph
            .node
            .iter()
            .filter_map(|n| n.output.first().cloned())
            .collect();
        let node = &mut graph.node[random.below(nodes)];
        let (attributes, inputs) = (node.attribute.len(), node.input.len());
        match what {
            2 if inputs > 1 => node.input.swap(0, 1),
            3 if inputs > 0 => {
                node.input[random.below(inputs)] = others[random.below(others.len())].clone();
            }
            4 if ALIKE.contains(&node.op_type.as_str()) => {
                node.op_type = ALIKE[random.below(ALIKE.len())].to_owned();
            }
            5 if attributes > 0 => drop(node.attribute.remove(random.below(attributes))),
            _ if attributes > 0 => {
                let attribute = &mut node.attribute[random.below(attributes)];
                let extent = EXTENTS[random.below(EXTENTS.len())];
                match attribute.type_.value() {
                    1 => attribute.f = NUMBERS[random.below(NUMBERS.len())],
                    2 => attribute.i = extent,
                    3 => attribute.s = WORDS[random.below(WORDS.len())].into(),
                    7 if !attribute.ints.is_empty() => {
                        let place = random.below(attribute.ints.len());
                        attribute.ints[place] = extent;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    net.bytes()
}

/// Whether a network is small enough to be evaluated often.
fn is_small(imported: &Imported) -> bool {
    let graph = &imported.graph;
    let elements = graph.nodes().iter().map(|n| graph.shape(n.output).len());
    let macs = cost::total(&pipeline::plan(graph.clone())).macs;
    macs <= MOST_MACS && elements.sum::<usize>() <= MOST_ELEMENTS
}

/// What is wrong with what the graph computes, `got`: where the model as it is written says something else.
fn fault(bytes: Vec<u8>, imported: &Imported, numbers: &[f32], got: &[f32]) -> Option<String> {
    let input = support::array(imported, numbers);
    let evaluated = match import::evaluate("m.onnx", bytes, &NoFiles, input, &BTreeSet::new()) {
        Ok(evaluated) => evaluated,
        Err(diags) => return Some(support::text(&diags)),
    };
    let mut pairs = evaluated.outputs.iter().zip(&imported.outputs);
    if pairs.any(|(array, layout)| array.dims() != layout.dims()) {
        return Some("gives out other shapes".to_owned());
    }
    let expected = evaluated.outputs.iter().flat_map(|array| array.data());
    let expected: Vec<f32> = expected.map(|x| *x as f32).collect();
    let off = difference(got, &expected).relative;
    (off > TOLERANCE).then(|| format!("is off by {off:.1e}"))
}

#[test]
fn changed_models_are_refused_or_compute_what_they_say() {
    let count = std::env::var("MNETC_MUTATIONS").map_or(3_000, |n| n.parse().expect("a number"));
    let forms = families().into_iter().flat_map(|family| family.forms);
    let models: Vec<Net> = forms.map(|form| form.net).collect();
    let (mut random, mut compared) = (Random(0x0DDB_1A5E_5BAD_5EED), 0);
    let mut faults = Vec::new();
    for number in 0..count {
        let model = &models[random.below(models.len())];
        let bytes = match number % 4 {
            0 => mutated(&model.bytes(), &mut random),
            _ => changed(model, &mut random),
        };
        let sizes = Sizes::default();
        let Ok(imported) = pipeline::import("m.onnx", bytes.clone(), &sizes, &NoFiles) else {
            continue;
        };
        let numbers = input(imported.graph.input.shape.len());
        if !is_small(&imported) {
            continue;
        }
        let Some(got) = computed(&imported, &numbers) else {
            continue;
        };
        compared += 1;
        if let Some(fault) = fault(bytes, &imported, &numbers, &got) {
            faults.push(format!("{number} {fault}"));
        }
    }
    let (wrong, list) = (faults.len(), faults.join("\n"));
    assert_eq!(wrong, 0, "of {compared}:\n{list}");
    let enough = compared * 8 > count;
    assert!(
        enough,
        "most are only refused: {compared} of {count} were compared"
    );
}

/// Nodes that are no nodes, and one that makes a table of two vectors: found by the test above.
#[test]
fn what_no_exporter_writes_is_refused() {
    let said = |write: &dyn Fn(&mut Net, &str) -> String| {
        let mut net = Net::new(18);
        let x = net.input(&[1, 3, 4, 4].map(Dim::Fixed));
        let y = write(&mut net, &x);
        net.output(&y);
        support::text(&support::import(&net).expect_err("it is refused"))
    };
    let sub = said(&|net, x| {
        let k = net.scalar(6.0);
        net.op("Sub", &[x, "", &k], &[])
    });
    assert!(sub.contains("leaves out an operand"), "{sub}");
    let pad = said(&|net, x| {
        let (amounts, axes) = (net.ints(&[0, 0, 1, 1]), net.ints(&[2, -2]));
        net.op("Pad", &[x, &amounts, "", &axes], &[])
    });
    assert!(pad.contains("pads one dimension twice"), "{pad}");
    let cast = said(&|net, x| net.op("Cast", &[x], &[]));
    assert!(
        cast.contains("(Cast of 1x3x4x4) makes another type"),
        "{cast}"
    );
    let concat = said(&|net, x| {
        let (a, b) = (net.ints(&[1]), net.ints(&[-1]));
        let shape = net.op("Concat", &[&a, &b], &[]);
        net.op("Reshape", &[x, &shape], &[])
    });
    assert!(
        concat.contains("does not say along which dimension"),
        "{concat}"
    );
    let table = said(&|net, x| {
        let column = net.op("GlobalAveragePool", &[x], &[]);
        let row = net.op(
            "Transpose",
            &[&column],
            &[("perm", Attr::Ints(&[0, 2, 3, 1]))],
        );
        net.op("Add", &[&column, &row], &[])
    });
    assert!(table.contains("lie across one another"), "{table}");
}

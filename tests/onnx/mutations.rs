//! Damaged files: no panic, no hang, no memory without bound; every refusal with a message.
//!
//! `MNETC_MUTATIONS=N` tries N of them; without it a number that a second or two is enough for.

use crate::support::text;
use mnetc::import::{NoFiles, Sizes};
use mnetc::pipeline;
use mnetc_onnx_encoder::{Attr, Dim, Net};

/// A small network with a bit of everything.
fn model() -> Vec<u8> {
    let mut net = Net::new(13);
    let x = net.input(&[Dim::Named("N"), Dim::Fixed(8), Dim::Fixed(8), Dim::Fixed(3)]);
    let (w, b) = (net.weight(1, &[8, 3, 3, 3]), net.weight(2, &[8]));
    let x = net.op("Transpose", &[&x], &[("perm", Attr::Ints(&[0, 3, 1, 2]))]);
    let amounts = net.ints(&[0, 0, 0, 0, 0, 0, 1, 1]);
    let x = net.op("Pad", &[&x, &amounts], &[]);
    let x = net.op(
        "Conv",
        &[&x, &w, &b],
        &[("strides", Attr::Ints(&[2, 2])), ("group", Attr::Int(1))],
    );
    let (three, zero, six) = (net.scalar(3.0), net.scalar(0.0), net.scalar(6.0));
    let gate = net.op("Add", &[&x, &three], &[]);
    let gate = net.op("Clip", &[&gate, &zero, &six], &[]);
    let x = net.op("Mul", &[&x, &gate], &[]);
    let x = net.op("Div", &[&x, &six], &[]);
    let pooled = net.op("ReduceMean", &[&x], &[("axes", Attr::Ints(&[2, 3]))]);
    let (reduce, expand) = (net.weight(3, &[2, 8, 1, 1]), net.weight(4, &[8, 2, 1, 1]));
    let gate = net.op("Conv", &[&pooled, &reduce], &[]);
    let gate = net.op("Relu", &[&gate], &[]);
    let gate = net.op("Conv", &[&gate, &expand], &[]);
    let gate = net.op(
        "HardSigmoid",
        &[&gate],
        &[("alpha", Attr::Float(1.0 / 6.0))],
    );
    let x = net.op("Mul", &[&gate, &x], &[]);
    let project = net.weight(5, &[8, 8, 1, 1]);
    let y = net.op("Conv", &[&x, &project], &[]);
    let x = net.op("Add", &[&x, &y], &[]);
    let norm: Vec<String> = (6..10).map(|_| net.floats(&[8], &[0.5; 8])).collect();
    let inputs: Vec<&str> = std::iter::once(x.as_str())
        .chain(norm.iter().map(String::as_str))
        .collect();
    let x = net.op("BatchNormalization", &inputs, &[]);
    let x = net.op("GlobalAveragePool", &[&x], &[]);
    let batch = net.op(
        "Shape",
        &[&x],
        &[("start", Attr::Int(0)), ("end", Attr::Int(1))],
    );
    let rest = net.ints(&[-1]);
    let shape = net.op("Concat", &[&batch, &rest], &[("axis", Attr::Int(0))]);
    let x = net.op("Reshape", &[&x, &shape], &[]);
    let head = net.weight(11, &[4, 8]);
    let x = net.op("Gemm", &[&x, &head], &[("transB", Attr::Int(1))]);
    let y = net.op("Softmax", &[&x], &[]);
    net.output(&y);
    net.bytes()
}

/// A generator of pseudo-random numbers: xorshift64 (Marsaglia).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// A copy with something broken: bits, bytes, pieces doubled, moved, dropped or cut off.
pub(crate) fn mutated(whole: &[u8], random: &mut Random) -> Vec<u8> {
    const TELLING: [u8; 8] = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x0A, 0x12];
    let mut bytes = whole.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        let end = (at + random.below(40)).min(bytes.len());
        match random.below(7) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = TELLING[random.below(TELLING.len())],
            2 => bytes[at] = random.next() as u8,
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..end)),
            5 => {
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => {
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len() - piece.len());
                bytes[to..to + piece.len()].copy_from_slice(&piece);
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[test]
fn damaged_files_are_refused_or_read_but_never_a_panic() {
    let count = std::env::var("MNETC_MUTATIONS").map_or(2_000, |n| n.parse().expect("a number"));
    let whole = model();
    let (mut random, mut read) = (Random(0x1234_5678_9ABC_DEF1), 0);
    for number in 0..count {
        let bytes = mutated(&whole, &mut random);
        match pipeline::import("m.onnx", bytes, &Sizes::default(), &NoFiles) {
            Ok(imported) => {
                // It may give odd things out, but what the table says is the model.
                if let Err(error) = imported.spec() {
                    let reasons = ["gives", "is one no spec may describe"];
                    let known = reasons.iter().any(|r| error.message.contains(r));
                    assert!(known, "{number}: {}", error.message);
                }
                pipeline::plan(imported.graph);
                read += 1;
            }
            Err(diags) => {
                let said = text(&diags);
                assert!(
                    said.contains("error[N") && said.contains("= help: "),
                    "{number}: {said}"
                );
            }
        }
    }
    assert!(
        read * 20 > count,
        "some are only scratched: {read} of {count} were read"
    );
}

#[test]
fn every_beginning_of_a_file_is_refused() {
    let whole = model();
    for length in 0..whole.len() {
        let imported = pipeline::import(
            "m.onnx",
            whole[..length].to_vec(),
            &Sizes::default(),
            &NoFiles,
        );
        assert!(imported.is_err(), "the first {length} bytes");
    }
    assert!(pipeline::import("m.onnx", whole, &Sizes::default(), &NoFiles).is_ok());
}

#[test]
fn long_chains_end() {
    let chain = |op: &'static str, nodes: usize, with_constant: bool| {
        let mut net = Net::new(13);
        let mut x = net.input(&[1, 2, 2, 2].map(Dim::Fixed));
        let k = net.floats(&[2, 1, 1], &[1.0, 1.5]);
        for _ in 0..nodes {
            x = match with_constant {
                true => net.op(op, &[&x, &k], &[]),
                false => net.op(op, &[&x, &x], &[]),
            };
        }
        net.output(&x);
        pipeline::import("m.onnx", net.bytes(), &Sizes::default(), &NoFiles).is_ok()
    };
    assert!(chain("Mul", 600, true));
    assert!(chain("Add", 600, false));
    assert!(!chain("Max", 600, true));
    assert!(!chain("Add", 5_000, false), "no network has 5,000 layers");
    assert!(
        !chain("Identity", 25_000, false),
        "no network has 25,000 nodes"
    );
}

#[test]
fn constants_that_grow_without_end_are_refused() {
    let copies = |count: usize| {
        let mut net = Net::new(13);
        let x = net.input(&[1, 2, 2, 2].map(Dim::Fixed));
        let mut constant = net.floats(&[1 << 20], &vec![1.0; 1 << 20]);
        for _ in 0..count {
            constant = net.op("Identity", &[&constant], &[]);
        }
        let first = net.ints(&[0]);
        let one = net.op("Gather", &[&constant, &first], &[]);
        let y = net.op("Mul", &[&x, &one], &[]);
        net.output(&y);
        pipeline::import("m.onnx", net.bytes(), &Sizes::default(), &NoFiles)
    };
    assert!(copies(60).is_ok());
    let said = text(&copies(70).expect_err("too many"));
    assert!(
        said.contains("brings the model's constants to more than 67108864 elements"),
        "{said}"
    );
}

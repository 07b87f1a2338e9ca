//! The passes keep what a graph means, and single operators make the numbers that can be worked out by hand.

use super::*;
use crate::graph::{Activation, Input, PixelMap};
use crate::passes;
use crate::shape::{Element, Padding, Window};
use crate::weights::example::{Net, Squeeze, tensors, v2, v3};
use crate::weights::{Tensor, Tensors, seeded_values};

fn picture(graph: &Graph) -> Vec<f32> {
    let s = graph.input.shape;
    let values = seeded_values(9, "picture.bias", &[s.len()]);
    values.into_iter().map(|x| x * 5.0).collect()
}

/// Evaluates `graph` before and after every pass, on the same weights; every output must stay the same. Gives the graph
/// and its values after all of them.
fn same_after_passes(mut graph: Graph, source: &WeightSource) -> (Graph, Evaluation) {
    let input = picture(&graph);
    let before = evaluate(&graph, source, Pixels::F32(&input)).unwrap();
    let mut after = before.clone();
    for pass in &passes::PASSES {
        let mut rewritten = graph.clone();
        passes::run_until(&mut rewritten, pass.name);
        after = evaluate(&rewritten, source, Pixels::F32(&input)).unwrap();
        for output in &graph.outputs {
            let (a, b) = (before.output(&output.name), after.output(&output.name));
            equal(&a.unwrap().data, &b.unwrap().data, pass.name);
        }
    }
    passes::run(&mut graph);
    (graph, after)
}

fn equal(a: &[f64], b: &[f64], what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    let greatest = a.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    assert!(greatest > 0.0 && greatest.is_finite(), "{what}: all zero");
    for (a, b) in a.iter().zip(b) {
        let error = (a - b).abs() / greatest;
        assert!(error < 1e-12, "{what}: {a} became {b}");
    }
}

/// Names of what is left of a graph.
fn operators(graph: &Graph) -> Vec<String> {
    let text = crate::graph::text::print(graph);
    let lines = text.lines().filter_map(|l| l.split_once(" = "));
    let word = |line: &str| line.split(' ').next().unwrap().to_owned();
    lines
        .map(|(_, op)| word(op))
        .filter(|w| !w.starts_with('%'))
        .collect()
}

#[test]
fn passes_keep_mobilenet_v2() {
    let (graph, after) = same_after_passes(v2(), &WeightSource::Seed(1));
    assert_eq!(
        operators(&graph),
        [
            "conv",
            "depthwise",
            "pointwise",
            "pointwise",
            "depthwise",
            "pointwise",
            "pointwise",
            "depthwise",
            "pointwise",
            "pointwise",
            "global_average_pool",
            "linear"
        ]
    );
    assert_eq!(after.layers().count(), 12);
}

#[test]
fn passes_keep_mobilenet_v3_with_squeeze_and_excite_after_the_activation() {
    let (graph, _) = same_after_passes(v3(Squeeze::After), &WeightSource::Seed(2));
    let count = |op: &str| operators(&graph).iter().filter(|o| *o == op).count();
    assert_eq!([count("squeeze_excite"), count("activation")], [2, 0]);
}

#[test]
fn passes_keep_mobilenet_v3_with_squeeze_and_excite_before_the_activation() {
    let (graph, _) = same_after_passes(v3(Squeeze::Before), &WeightSource::Seed(3));
    let count = |op: &str| operators(&graph).iter().filter(|o| *o == op).count();
    assert_eq!([count("squeeze_excite"), count("activation")], [2, 0]);
}

/// A layer is its own name before the passes as after them.
#[test]
fn a_layer_is_found_by_its_name_before_and_after_the_passes() {
    let mut graph = v3(Squeeze::After);
    let (source, input) = (WeightSource::Seed(4), picture(&graph));
    let before = evaluate(&graph, &source, Pixels::F32(&input)).unwrap();
    passes::run(&mut graph);
    let after = evaluate(&graph, &source, Pixels::F32(&input)).unwrap();
    for (name, map) in after.layers() {
        equal(&before.layer(name).unwrap().data, &map.data, name);
    }
}

#[test]
fn passes_keep_pads_pools_sums_and_heads_over_maps() {
    let mut net = Net::new(9, 10, 3);
    let padded = |net: &mut Net, padding: Padding| {
        let origin = net.origin("pad");
        net.x = net.b.pad(net.x, padding, origin).unwrap();
    };
    let same = Padding::same(Shape::new(9, 10, 3), [3; 2], [2; 2], [1; 2]);
    padded(&mut net, same);
    net.plain_conv("stem", Window::square(3, 2, 1, Padding::NONE), 1, 8, false);
    net.norm("stem");
    net.activation("stem", Activation::Swish);
    net.activation("twice", Activation::HardSigmoid);
    let skip = net.x;
    padded(&mut net, Padding::all(1));
    let window = Window::square(3, 1, 2, Padding::all(1));
    net.plain_conv("depthwise1", window, 8, 8, true);
    net.norm("depthwise1");
    let origin = net.origin("sum");
    net.x = net.b.add(skip, net.x, origin).unwrap();
    net.activation("sum", Activation::Sigmoid);
    net.output("early");
    net.plain_conv(
        "conv1",
        Window::square(3, 1, 1, Padding::all(1)),
        2,
        6,
        true,
    );
    let window = Window::square(
        2,
        2,
        1,
        Padding {
            bottom: 1,
            ..Padding::NONE
        },
    );
    let origin = net.origin("pool");
    net.x = net.b.average_pool(net.x, window, origin.clone()).unwrap();
    net.x = net
        .b
        .max_pool(
            net.x,
            Window::square(2, 1, 1, Padding::NONE),
            origin.clone(),
        )
        .unwrap();
    net.activation("pool", Activation::HardSwish);
    assert_eq!(net.b.shape(net.x), Shape::new(2, 1, 6));
    net.x = net.b.flatten(net.x, origin.clone());
    net.linear("linear1", 7);
    net.activation("linear1", Activation::Relu);
    net.linear("linear2", 4);
    net.x = net.b.softmax(net.x, origin);
    let (graph, after) = same_after_passes(net.finish(), &WeightSource::Seed(5));
    assert!(!operators(&graph).contains(&"flatten".to_owned()));
    let probabilities: f64 = after.output("logits").unwrap().data.iter().sum();
    assert!((probabilities - 1.0).abs() < 1e-12);
}

#[test]
fn passes_keep_a_linear_layer_over_two_by_two_pixels() {
    let mut net = Net::new(2, 2, 3);
    let origin = net.origin("flatten");
    net.x = net.b.flatten(net.x, origin);
    net.linear("linear1", 1);
    let mut tensors = Tensors::new();
    // The weight of element (c, y, x) is 100 c + 10 y + x.
    let weight = [
        0., 1., 10., 11., 100., 101., 110., 111., 200., 201., 210., 211.,
    ];
    tensors.insert("linear1.weight", Tensor::new([1, 12], weight.to_vec()));
    tensors.insert("linear1.bias", Tensor::new([1], vec![0.5]));
    let source = WeightSource::Tensors(tensors);
    let mut graph = net.finish();
    for _ in 0..2 {
        for (i, weight) in [(0, 0.), (1, 100.), (4, 101.), (6, 10.), (11, 211.)] {
            let mut input = [0.0; 12];
            input[i] = 1.0;
            let all = evaluate(&graph, &source, Pixels::F32(&input)).unwrap();
            assert_eq!(all.output("logits").unwrap().data, [weight + 0.5]);
        }
        passes::run(&mut graph);
    }
}

/// The same network with its batch norms folded into biases, by the definition and without rounding in between.
#[test]
fn a_bias_in_place_of_a_batch_norm_is_the_convolution_alone() {
    let mut net = Net::new(3, 3, 2);
    net.conv("stem", 1, 1, 1, 1);
    let mut graph = net.finish();
    let mut folded = Tensors::new();
    folded.insert("stem.weight", Tensor::new([1, 2, 1, 1], vec![2.0, -1.0]));
    folded.insert("stem.bias", Tensor::new([1], vec![0.25]));
    let source = WeightSource::Tensors(folded);
    let input: Vec<f32> = (0..18).map(|i| i as f32).collect();
    for _ in 0..2 {
        let all = evaluate(&graph, &source, Pixels::F32(&input)).unwrap();
        let expected: Vec<f64> = (0..9).map(|i| f64::from(2 * i - 1) + 0.25).collect();
        assert_eq!(all.output("logits").unwrap().data, expected);
        passes::run(&mut graph);
    }
}

#[test]
fn camera_pixels_are_normalised_before_padding() {
    let input = Input {
        shape: Shape::new(1, 1, 2),
        element: Element::U8,
        normalise: vec![
            PixelMap {
                scale: 0.5,
                shift: -1.0,
            },
            PixelMap {
                scale: 2.0,
                shift: 3.0,
            },
        ],
    };
    let mut net = Net::of_input(input);
    let origin = net.origin("pad");
    net.x = net
        .b
        .pad(
            net.x,
            Padding {
                left: 1,
                ..Padding::NONE
            },
            origin,
        )
        .unwrap();
    let all = evaluate(
        &net.finish(),
        &WeightSource::Seed(0),
        Pixels::U8(&[200, 10]),
    )
    .unwrap();
    assert_eq!(all.value(Graph::INPUT).unwrap().data, [99.0, 23.0]);
    assert_eq!(all.output("logits").unwrap().data, [0.0, 0.0, 99.0, 23.0]);
}

/// A 1x3 map under windows of two pixels with one pixel of padding on each side.
#[test]
fn pools_leave_padding_out() {
    let window = Window {
        kernel: [1, 2],
        padding: Padding {
            left: 1,
            right: 1,
            ..Padding::NONE
        },
        ..Window::POINTWISE
    };
    let x = Map {
        shape: Shape::new(1, 3, 1),
        data: vec![-1.0, -3.0, -8.0],
    };
    let shape = Shape::new(1, 4, 1);
    assert_eq!(
        ops::average_pool(window, &x, shape).data,
        [-1.0, -2.0, -5.5, -8.0]
    );
    assert_eq!(
        ops::max_pool(window, &x, shape).data,
        [-1.0, -1.0, -3.0, -8.0]
    );
    assert_eq!(ops::global_average_pool(&x).data, [-4.0]);
}

#[test]
fn activations_are_their_formulas_and_keep_nan() {
    use Activation::{HardSigmoid, HardSwish, Identity, Relu, Relu6, Sigmoid, Swish};
    let at = |a, x: f64| {
        ops::activation(
            a,
            Map {
                shape: Shape::vector(1),
                data: vec![x],
            },
        )
        .data[0]
    };
    let points = |a| [-4.0, -1.5, 0.0, 1.5, 7.0].map(|x| at(a, x));
    assert_eq!(points(Identity), [-4.0, -1.5, 0.0, 1.5, 7.0]);
    assert_eq!(points(Relu), [0.0, 0.0, 0.0, 1.5, 7.0]);
    assert_eq!(points(Relu6), [0.0, 0.0, 0.0, 1.5, 6.0]);
    assert_eq!(points(HardSigmoid), [0.0, 0.25, 0.5, 0.75, 1.0]);
    assert_eq!(points(HardSwish), [0.0, -0.375, 0.0, 1.125, 7.0]);
    let sigmoid = at(Sigmoid, 3f64.ln());
    assert!((sigmoid - 0.75).abs() < 1e-15);
    assert!((at(Swish, 3f64.ln()) - 0.75 * 3f64.ln()).abs() < 1e-15);
    for a in [
        Identity,
        Relu,
        Relu6,
        HardSwish,
        HardSigmoid,
        Sigmoid,
        Swish,
    ] {
        assert!(at(a, f64::NAN).is_nan(), "{a:?}");
    }
    let x = Map {
        shape: Shape::new(1, 2, 1),
        data: vec![f64::NAN, 1.0],
    };
    let window = Window {
        kernel: [1, 2],
        ..Window::POINTWISE
    };
    assert!(ops::max_pool(window, &x, Shape::vector(1)).data[0].is_nan());
}

/// 2x2 pixels, a 3x3 window with padding 1: each output sees all four pixels, under other taps.
#[test]
fn a_convolution_is_a_sum_over_taps() {
    let weight: Vec<f64> = (0..9).map(|i| 10f64.powi(i)).collect();
    let x = Map {
        shape: Shape::new(2, 2, 1),
        data: vec![1.0, 2.0, 3.0, 4.0],
    };
    let window = Window::square(3, 1, 1, Padding::all(1));
    let y = ops::conv(window, 1, &x, &weight, &[0.5], Shape::new(2, 2, 1));
    assert_eq!(y.data, [430_210_000.5, 43_021_000.5, 430_210.5, 43_021.5]);
}

/// Two groups of two channels, one output each; a stride down, a dilation across, padding on the left.
#[test]
fn a_convolution_has_groups_strides_and_dilation() {
    let window = Window {
        kernel: [1, 2],
        stride: [2, 1],
        dilation: [1, 2],
        padding: Padding {
            left: 1,
            ..Padding::NONE
        },
    };
    let x = Map {
        shape: Shape::new(3, 3, 4),
        data: (0..36).map(f64::from).collect(),
    };
    // (O, I / groups, kh, kw): output 0 reads channels 0 and 1, output 1 channels 2 and 3.
    let weight = [1.0, 10.0, 100.0, 1000.0, 1.0, 10.0, 100.0, 1000.0];
    let shape = Shape::new(2, 2, 2);
    assert_eq!(window.output(x.shape), Some([shape.h, shape.w]));
    let y = ops::conv(window, 2, &x, &weight, &[0.0, 0.5], shape);
    let channel = |row: usize, column: usize, c: usize| (row * 12 + column * 4 + c) as f64;
    let expected = |row: usize, o: usize| {
        // Left: the first tap is on padding, the second on column 1. Right: columns 0 and 2.
        let at = |column, i| channel(row, column, 2 * o + i);
        let left = 10.0 * at(1, 0) + 1000.0 * at(1, 1);
        let right = at(0, 0) + 100.0 * at(0, 1) + 10.0 * at(2, 0) + 1000.0 * at(2, 1);
        [left + o as f64 * 0.5, right + o as f64 * 0.5]
    };
    let rows = [0, 2].map(|row| [0, 1].map(|o| expected(row, o)));
    let pixels = rows.map(|[a, b]| [a[0], b[0], a[1], b[1]]);
    assert_eq!(y.data, pixels.concat());
}

#[test]
fn small_operators_are_their_formulas() {
    let map = |data: &[f64]| Map {
        shape: Shape::new(2, 1, 2),
        data: data.to_vec(),
    };
    let x = map(&[1.0, 2.0, 3.0, -4.0]);
    // (x - mean) / sqrt(var + 1) * weight + bias
    let norm = ops::batch_norm(
        x.clone(),
        1.0,
        &[2.0, 3.0],
        &[0.5, 0.0],
        &[1.0, 2.0],
        &[3.0, 8.0],
    );
    assert_eq!(norm.data, [0.5, 0.0, 2.5, -6.0]);
    let gates = Map {
        shape: Shape::vector(2),
        data: vec![2.0, 0.5],
    };
    assert_eq!(ops::scale(&x, &gates).data, [2.0, 1.0, 6.0, -2.0]);
    assert_eq!(ops::add(&x, &x).data, [2.0, 4.0, 6.0, -8.0]);
    let shares = ops::softmax(&map(&[0.0, 3f64.ln(), 1000.0, 1000.0]));
    for (share, expected) in shares.data.iter().zip([0.25, 0.75, 0.5, 0.5]) {
        assert!((share - expected).abs() < 1e-15, "{share}");
    }
}

#[test]
fn weights_that_do_not_fit_are_a_fault() {
    let mut weights = tensors(&v2(), 0);
    weights.insert("more", Tensor::new([1], vec![0.0]));
    let graph = v2();
    let input = picture(&graph);
    let source = WeightSource::Tensors(weights);
    let fault = evaluate(&graph, &source, Pixels::F32(&input)).unwrap_err();
    let message = "the weights do not fit the network: 1 unknown";
    assert_eq!(fault.message, message);
}

#[test]
#[should_panic(expected = "the input has the shape of the graph's")]
fn an_input_of_another_size_is_a_bug() {
    let _ = evaluate(&v2(), &WeightSource::Seed(0), Pixels::F32(&[0.0; 7]));
}

//! Operators by hand: numbers small enough to follow.

use super::*;
use std::slice::from_ref;

fn node(op: &str, attributes: &[(&str, Attribute)]) -> Node {
    let attribute = |(name, value): &(&str, Attribute)| ((*name).to_owned(), value.clone());
    Node {
        name: String::new(),
        op: op.to_owned(),
        domain: String::new(),
        inputs: vec![],
        outputs: vec!["y".to_owned()],
        attributes: attributes.iter().map(attribute).collect(),
    }
}

fn run(opset: i64, op: &str, attributes: &[(&str, Attribute)], inputs: &[Array]) -> Computed {
    let node = node(op, attributes);
    let inputs = inputs.iter().cloned().map(Some).collect();
    let operator = operator(&node).expect("it is known");
    operator(&Args {
        opset,
        node: &node,
        inputs,
    })
}

/// Extents and numbers of what a node makes.
fn made(
    opset: i64,
    op: &str,
    attributes: &[(&str, Attribute)],
    inputs: &[Array],
) -> (Vec<usize>, Vec<f64>) {
    let y = run(opset, op, attributes, inputs).expect("it can be evaluated");
    (y.dims().to_vec(), y.data().to_vec())
}

fn ints(list: &[i64]) -> Attribute {
    Attribute::Ints(list.to_vec())
}

fn counted(dims: &[usize]) -> Array {
    let len = dims.iter().product::<usize>();
    Array::floats(dims.to_vec(), (1..=len).map(|i| i as f64).collect())
}

/// By hand: 1 2 3 / 4 5 6 / 7 8 9 under a window of ones with a hole, the odd zero before or behind.
#[test]
fn same_padding_puts_the_odd_pixel_where_it_says() {
    let x = counted(&[1, 1, 3, 3]);
    let w = Array::floats(vec![1, 1, 2, 2], vec![1.0, 10.0, 100.0, 1000.0]);
    let same = |how: &str| {
        let attributes = [("auto_pad", Attribute::Text(how.to_owned()))];
        made(17, "Conv", &attributes, &[x.clone(), w.clone()])
    };
    let upper = vec![
        5421.0,
        6532.0,
        603.0 + 0.0,
        8754.0,
        9865.0,
        906.0,
        87.0,
        98.0,
        9.0,
    ];
    assert_eq!(same("SAME_UPPER"), (vec![1, 1, 3, 3], upper));
    let lower = vec![
        1000.0, 2100.0, 3200.0, 4010.0, 5421.0, 6532.0, 7040.0, 8754.0, 9865.0,
    ];
    assert_eq!(same("SAME_LOWER"), (vec![1, 1, 3, 3], lower));
    assert_eq!(
        same("VALID"),
        (vec![1, 1, 2, 2], vec![5421.0, 6532.0, 8754.0, 9865.0])
    );
}

#[test]
fn strides_dilation_and_groups_of_a_convolution() {
    let x = counted(&[1, 2, 1, 5]);
    let w = Array::floats(vec![2, 1, 1, 2], vec![1.0, 100.0, 1.0, 100.0]);
    let attributes = [
        ("group", Attribute::Int(2)),
        ("dilations", ints(&[1, 2])),
        ("strides", ints(&[1, 2])),
        ("pads", ints(&[0, 1, 0, 0])),
    ];
    let bias = Array::floats(vec![2], vec![0.5, 0.25]);
    let y = made(17, "Conv", &attributes, &[x, w, bias]);
    assert_eq!(y, (vec![1, 2, 1, 2], vec![200.5, 402.5, 700.25, 907.25]));
}

/// A window that rounding up adds sees what is there; padding counts where the node says so, what rounding adds never.
#[test]
fn pools_round_up_and_count_padding() {
    let x = counted(&[1, 1, 1, 4]);
    let attributes = |more: &[(&'static str, i64)]| {
        let mut attributes = vec![("kernel_shape", ints(&[1, 3])), ("strides", ints(&[1, 2]))];
        attributes.extend(
            more.iter()
                .map(|(name, value)| (*name, Attribute::Int(*value))),
        );
        attributes
    };
    let max = |more: &[(&'static str, i64)]| made(17, "MaxPool", &attributes(more), from_ref(&x)).1;
    assert_eq!(
        (max(&[]), max(&[("ceil_mode", 1)])),
        (vec![3.0], vec![3.0, 4.0])
    );
    let mut padded = attributes(&[("ceil_mode", 1), ("count_include_pad", 1)]);
    padded.push(("pads", ints(&[0, 1, 0, 0])));
    // 0 1 2 | 2 3 4, and no third window: it would start behind the map.
    let mean = made(17, "AveragePool", &padded, from_ref(&x)).1;
    assert_eq!(mean, [1.0, 3.0]);
    let mean = made(
        17,
        "AveragePool",
        &attributes(&[("ceil_mode", 1), ("count_include_pad", 1)]),
        &[x],
    )
    .1;
    assert_eq!(
        mean,
        [2.0, 3.5],
        "the second window has two pixels, and no padding"
    );
}

#[test]
fn softmax_changed_with_version_13() {
    let x = Array::floats(vec![1, 2, 2], vec![0.0, 0.0, 3.0_f64.ln(), 3.0_f64.ln()]);
    let rounded = |opset, axis| {
        let (_, y) = made(
            opset,
            "Softmax",
            &[("axis", Attribute::Int(axis))],
            from_ref(&x),
        );
        y.into_iter()
            .map(|y| (y * 1000.0).round())
            .collect::<Vec<_>>()
    };
    assert_eq!(rounded(11, 1), [125.0, 125.0, 375.0, 375.0]);
    assert_eq!(rounded(13, 1), [250.0, 250.0, 750.0, 750.0]);
    assert_eq!(rounded(13, -1), [500.0; 4]);
}

#[test]
fn whole_numbers_divide_towards_zero() {
    let pair = |a: f64, b: f64| {
        [
            Array::whole(vec![1], vec![a]),
            Array::whole(vec![], vec![b]),
        ]
    };
    assert_eq!(
        made(17, "Div", &[], &pair(-7.0, 2.0)),
        (vec![1], vec![-3.0])
    );
    assert_eq!(made(17, "Mod", &[], &pair(-7.0, 2.0)).1, [1.0]);
    assert_eq!(
        made(17, "Mod", &[("fmod", Attribute::Int(1))], &pair(-7.0, 2.0)).1,
        [-1.0]
    );
    let floats = [
        Array::floats(vec![1], vec![-7.0]),
        Array::floats(vec![], vec![2.0]),
    ];
    assert_eq!(made(17, "Div", &[], &floats).1, [-3.5]);
}

#[test]
fn bounds_of_a_clip_are_attributes_first_and_inputs_later() {
    let x = Array::floats(vec![3], vec![-1.0, f64::NAN, 9.0]);
    let attributes = [("max", Attribute::Float(6.0))];
    let y = made(10, "Clip", &attributes, from_ref(&x)).1;
    assert!(y[0] == -1.0 && y[1].is_nan() && y[2] == 6.0, "{y:?}");
    let zero = Array::floats(vec![], vec![0.0]);
    let y = made(11, "Clip", &[], &[x, zero]).1;
    assert!(y[0] == 0.0 && y[1].is_nan() && y[2] == 9.0, "{y:?}");
}

#[test]
fn slices_run_both_ways() {
    let x = counted(&[2, 4]);
    let list = |list: &[i64]| Array::ints(list);
    let slice = |starts: &[i64], ends: &[i64], axes: &[i64], steps: &[i64]| {
        let inputs = [x.clone(), list(starts), list(ends), list(axes), list(steps)];
        made(13, "Slice", &[], &inputs)
    };
    assert_eq!(
        slice(&[1], &[i64::MAX], &[1], &[2]),
        (vec![2, 2], vec![2.0, 4.0, 6.0, 8.0])
    );
    assert_eq!(
        slice(&[-1], &[i64::MIN], &[-1], &[-3]),
        (vec![2, 2], vec![4.0, 1.0, 8.0, 5.0])
    );
    assert_eq!(
        slice(&[1, 0], &[2, 1], &[0, 1], &[1, 1]),
        (vec![1, 1], vec![5.0])
    );
}

#[test]
fn views_move_numbers_as_the_standard_says() {
    let x = counted(&[2, 1, 3]);
    let reshape = |shape: &[i64]| made(13, "Reshape", &[], &[x.clone(), Array::ints(shape)]).0;
    assert_eq!(
        (reshape(&[0, -1]), reshape(&[3, 2])),
        (vec![2, 3], vec![3, 2])
    );
    assert!(run(13, "Reshape", &[], &[x.clone(), Array::ints(&[4])]).is_err());
    let turned = made(13, "Transpose", &[("perm", ints(&[2, 0, 1]))], from_ref(&x));
    assert_eq!(turned, (vec![3, 2, 1], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    let gathered = [x.clone(), Array::ints(&[-1, 0])];
    let gathered = made(13, "Gather", &[("axis", Attribute::Int(2))], &gathered);
    assert_eq!(gathered, (vec![2, 1, 2], vec![3.0, 1.0, 6.0, 4.0]));
    let joined = made(
        13,
        "Concat",
        &[("axis", Attribute::Int(1))],
        &[x.clone(), x.clone()],
    );
    assert_eq!(joined.0, [2, 2, 3]);
    assert_eq!(joined.1[..6], [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
    assert_eq!(
        made(13, "Unsqueeze", &[], &[x.clone(), Array::ints(&[0, -1])]).0,
        [1, 2, 1, 3, 1]
    );
    assert_eq!(made(11, "Squeeze", &[], from_ref(&x)).0, [2, 3]);
    let mean = made(
        17,
        "ReduceMean",
        &[("axes", ints(&[0])), ("keepdims", Attribute::Int(0))],
        &[x],
    );
    assert_eq!(mean, (vec![1, 3], vec![2.5, 3.5, 4.5]));
}

#[test]
fn padding_stands_where_it_is_asked_for() {
    let x = counted(&[1, 2]);
    let inputs = [
        x,
        Array::ints(&[1, 2]),
        Array::floats(vec![], vec![7.0]),
        Array::ints(&[1]),
    ];
    let padded = made(18, "Pad", &[], &inputs);
    assert_eq!(padded, (vec![1, 5], vec![7.0, 1.0, 2.0, 7.0, 7.0]));
}

#[test]
fn a_product_with_a_scaled_and_turned_matrix() {
    let (x, w) = (counted(&[1, 2]), counted(&[3, 2]));
    let c = Array::floats(vec![], vec![1.0]);
    let attributes = [
        ("transB", Attribute::Int(1)),
        ("alpha", Attribute::Float(2.0)),
        ("beta", Attribute::Float(0.5)),
    ];
    let y = made(13, "Gemm", &attributes, &[x.clone(), w, c]);
    assert_eq!(y, (vec![1, 3], vec![10.5, 22.5, 34.5]));
    assert_eq!(
        made(13, "MatMul", &[], &[x, counted(&[2, 2])]),
        (vec![1, 2], vec![7.0, 10.0])
    );
}

//! Each folded operator against what the standard says it makes.

use super::*;

/// What a node with these attributes makes of these inputs: extents, and numbers.
fn fold_with(
    op: &str,
    attributes: &[(&str, Attribute)],
    inputs: &[Tensor],
) -> (Vec<usize>, Vec<f64>) {
    let result = try_fold(op, attributes, inputs).unwrap_or_else(|reason| panic!("{op}: {reason}"));
    (result.dims().to_vec(), result.to_f64())
}

fn try_fold(op: &str, attributes: &[(&str, Attribute)], inputs: &[Tensor]) -> Folded {
    let node = Node {
        name: String::new(),
        op: op.to_owned(),
        domain: String::new(),
        inputs: vec![],
        outputs: vec![],
        attributes: attributes
            .iter()
            .map(|(n, a)| ((*n).to_owned(), a.clone()))
            .collect(),
    };
    let inputs: Vec<_> = inputs.iter().cloned().map(Some).collect();
    fold(&node, &inputs).expect("the operator is folded")
}

fn list(numbers: &[i64]) -> Tensor {
    Tensor::list(numbers.to_vec())
}

fn scalar(number: i64) -> Tensor {
    list(&[number]).reshaped(vec![]).expect("one element")
}

/// 0, 1, 2, ... as float32.
fn counted(dims: &[usize]) -> Tensor {
    let len: usize = dims.iter().product();
    Tensor::floats(dims.to_vec(), (0..len).map(|i| i as f32).collect()).expect("it fills the shape")
}

#[test]
fn the_shape_arithmetic_of_exporters_comes_out() {
    let start_end = [("start", Attribute::Int(0)), ("end", Attribute::Int(1))];
    assert_eq!(
        fold_with("Shape", &start_end, &[counted(&[4, 5, 6])]),
        (vec![1], vec![4.0])
    );
    let last = [("start", Attribute::Int(-1))];
    assert_eq!(
        fold_with("Shape", &last, &[counted(&[4, 5, 6])]),
        (vec![1], vec![6.0])
    );
    let axis = [("axis", Attribute::Int(0))];
    assert_eq!(
        fold_with("Gather", &axis, &[list(&[7, 8, 9]), scalar(-1)]),
        (vec![], vec![9.0])
    );
    assert_eq!(
        fold_with("Gather", &axis, &[list(&[7, 8, 9]), list(&[0, 2])]),
        (vec![2], vec![7.0, 9.0])
    );
    let axes = [("axes", Attribute::Ints(vec![0]))];
    assert_eq!(
        fold_with("Unsqueeze", &axes, &[scalar(3)]),
        (vec![1], vec![3.0])
    );
    assert_eq!(
        fold_with("Unsqueeze", &[], &[scalar(3), list(&[0])]),
        (vec![1], vec![3.0])
    );
    assert_eq!(
        fold_with("Squeeze", &[], &[list(&[3])]),
        (vec![], vec![3.0])
    );
    assert_eq!(
        fold_with("Concat", &axis, &[list(&[1]), list(&[-1])]),
        (vec![2], vec![1.0, -1.0])
    );
    assert_eq!(
        fold_with("Range", &[], &[scalar(2), scalar(9), scalar(3)]),
        (vec![3], vec![2.0, 5.0, 8.0])
    );
    assert_eq!(
        fold_with("Div", &[], &[list(&[7, 9]), scalar(2)]),
        (vec![2], vec![3.0, 4.0])
    );
    assert_eq!(
        fold_with("ConstantOfShape", &[], &[list(&[2])]),
        (vec![2], vec![0.0, 0.0])
    );
    assert_eq!(
        fold_with("Size", &[], &[counted(&[2, 3])]),
        (vec![], vec![6.0])
    );
}

/// timm's "same" padding, traced: how much is missing, and not less than nothing.
#[test]
fn bounds_comparisons_and_choices_come_out() {
    let bounds = [list(&[-3, 1, 9]), scalar(0), scalar(6)];
    let expected = (vec![3], vec![0.0, 1.0, 6.0]);
    assert_eq!(fold_with("Clip", &[], &bounds), expected);
    let old = [("min", Attribute::Float(0.5))];
    assert_eq!(fold_with("Clip", &old, &[counted(&[2])]).1, [0.5, 1.0]);
    assert_eq!(fold_with("Relu", &[], &[list(&[-3, 2])]).1, [0.0, 2.0]);
    let numbers = [list(&[-1, 2, 3]), scalar(2)];
    for (op, expected) in [
        ("Equal", [0.0, 1.0, 0.0]),
        ("Less", [1.0, 0.0, 0.0]),
        ("LessOrEqual", [1.0, 1.0, 0.0]),
        ("Greater", [0.0, 0.0, 1.0]),
        ("GreaterOrEqual", [0.0, 1.0, 1.0]),
    ] {
        assert_eq!(fold_with(op, &[], &numbers).1, expected, "{op}");
    }
    let chosen = [list(&[0, 1]), list(&[7, 8]), scalar(9)];
    assert_eq!(fold_with("Where", &[], &chosen), (vec![2], vec![9.0, 8.0]));
}

#[test]
fn slices_go_forwards_backwards_and_over_the_edge() {
    let slice = |starts: i64, ends: i64, step: i64| {
        let inputs = [
            list(&[0, 1, 2, 3]),
            list(&[starts]),
            list(&[ends]),
            list(&[0]),
            list(&[step]),
        ];
        fold_with("Slice", &[], &inputs).1
    };
    assert_eq!(slice(1, 3, 1), [1.0, 2.0]);
    assert_eq!(slice(-2, i64::MAX, 1), [2.0, 3.0]);
    assert_eq!(slice(0, 4, 3), [0.0, 3.0]);
    assert_eq!(slice(-1, i64::MIN, -1), [3.0, 2.0, 1.0, 0.0]);
    assert_eq!(slice(3, 0, -2), [3.0, 1.0]);
    assert_eq!(slice(3, 1, 1), [0.0; 0]);
    let old = [
        ("starts", Attribute::Ints(vec![1])),
        ("ends", Attribute::Ints(vec![2])),
        ("axes", Attribute::Ints(vec![1])),
    ];
    assert_eq!(
        fold_with("Slice", &old, &[counted(&[2, 3])]),
        (vec![2, 1], vec![1.0, 4.0])
    );
}

#[test]
fn weights_are_rearranged() {
    let perm = [("perm", Attribute::Ints(vec![1, 0]))];
    assert_eq!(
        fold_with("Transpose", &perm, &[counted(&[2, 3])]),
        (vec![3, 2], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0])
    );
    assert_eq!(fold_with("Transpose", &[], &[counted(&[1, 3])]).0, [3, 1]);
    assert_eq!(
        fold_with("Reshape", &[], &[counted(&[2, 3]), list(&[0, -1, 1])]).0,
        [2, 3, 1]
    );
    assert_eq!(
        fold_with(
            "Flatten",
            &[("axis", Attribute::Int(-1))],
            &[counted(&[2, 3, 4])]
        )
        .0,
        [6, 4]
    );
    assert_eq!(
        fold_with(
            "Flatten",
            &[("axis", Attribute::Int(0))],
            &[counted(&[2, 3])]
        )
        .0,
        [1, 6]
    );
    let axis = [("axis", Attribute::Int(1))];
    assert_eq!(
        fold_with("Concat", &axis, &[counted(&[2, 1]), counted(&[2, 2])]).1,
        [0.0, 0.0, 1.0, 1.0, 2.0, 3.0]
    );
    assert_eq!(
        fold_with("Expand", &[], &[counted(&[2, 1]), list(&[2, 2])]).1,
        [0.0, 0.0, 1.0, 1.0]
    );
    let sum = fold_with("Add", &[], &[counted(&[2, 1]), counted(&[1, 2])]);
    assert_eq!(sum, (vec![2, 2], vec![0.0, 1.0, 1.0, 2.0]));
    assert_eq!(fold_with("Sqrt", &[], &[counted(&[2])]).1, [0.0, 1.0]);
}

#[test]
fn casts_change_the_type_and_constants_come_in_all_forms() {
    let to = |number| [("to", Attribute::Int(number))];
    let half = Tensor::floats(vec![1], vec![-1.5]).expect("one element");
    let cast = try_fold("Cast", &to(7), std::slice::from_ref(&half)).expect("it casts");
    assert_eq!(
        (cast.element(), cast.to_i64()),
        (ElementType::I64, Some(vec![-1]))
    );
    let cast = try_fold("Cast", &to(9), &[half]).expect("it casts");
    assert_eq!(cast.to_i64(), Some(vec![1]));
    for (name, value, expected) in [
        ("value_int", Attribute::Int(2), (vec![], vec![2.0])),
        ("value_float", Attribute::Float(0.5), (vec![], vec![0.5])),
        (
            "value_ints",
            Attribute::Ints(vec![1, 2]),
            (vec![2], vec![1.0, 2.0]),
        ),
        (
            "value_floats",
            Attribute::Floats(vec![0.5]),
            (vec![1], vec![0.5]),
        ),
        ("value", Attribute::Tensor(list(&[3])), (vec![1], vec![3.0])),
    ] {
        assert_eq!(fold_with("Constant", &[(name, value)], &[]), expected);
    }
}

#[test]
fn what_cannot_be_computed_says_why() {
    let fails =
        |op: &str, inputs: &[Tensor]| try_fold(op, &[], inputs).expect_err("it cannot be computed");
    assert_eq!(
        fails("Div", &[scalar(1), scalar(0)]),
        "it divides by zero or overflows"
    );
    assert_eq!(
        fails("Mul", &[scalar(i64::MAX), scalar(2)]),
        "it divides by zero or overflows"
    );
    assert_eq!(
        fails("Gather", &[list(&[1]), scalar(1)]),
        "it gathers what is not there"
    );
    assert_eq!(
        fails("Range", &[scalar(0), scalar(1), scalar(0)]),
        "it has no end"
    );
    let endless = fails("ConstantOfShape", &[list(&[1 << 40, 1 << 40])]);
    assert_eq!(endless, "it makes a constant of more than 4194304 elements");
    assert_eq!(
        fails("Reshape", &[counted(&[6]), list(&[4, -1])]),
        "[4, -1] is no shape for [6]"
    );
    assert_eq!(
        fails("Reshape", &[counted(&[6]), list(&[-1, -1])]),
        "[-1, -1] is no shape for [6]"
    );
    assert_eq!(
        fails("Add", &[counted(&[2]), counted(&[3])]),
        "[2] and [3] do not fit over one another"
    );
}

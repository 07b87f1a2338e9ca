//! What is fed to a network that is timed or verified.
//!
//! In: a `.npy` file or nothing. Out: raw little-endian elements of the input. Never: converts what may lose something
//! unnoticed; only float64 is rounded to float32.

use super::npy::{self, Array, Elements};
use super::{Failure, files};
use mnetc::diag::{Code, Diagnostic};
use mnetc::graph::Input;
use mnetc::layout::Layout;
use mnetc::shape::{Element, Shape};
use std::path::Path;

/// The array in `path`, or made-up numbers.
pub(super) fn elements(
    path: Option<&Path>,
    input: &Input,
    layout: &Layout,
) -> Result<Vec<u8>, Failure> {
    let Some(path) = path else {
        return Ok(made_up(input));
    };
    fit(array(path)?, input, layout).map_err(|(reason, help)| {
        let message = format!("{} does not fit the input: {reason}", files::display(path));
        Diagnostic::error(Code::Array, message).help(help).into()
    })
}

/// The array in a file.
pub(super) fn array(path: &Path) -> Result<Array, Failure> {
    npy::read(&files::read(path)?).map_err(|reason| {
        let message = format!(
            "{} is no array that can be read: {reason}",
            files::display(path)
        );
        let help = "save it with numpy.save, as float32, float64 or uint8";
        Diagnostic::error(Code::Array, message).help(help).into()
    })
}

/// Raw elements, or what does not fit and what to do.
fn fit(array: Array, input: &Input, layout: &Layout) -> Result<Vec<u8>, (String, String)> {
    let fitting = shapes(layout.dims());
    if !fitting.contains(&array.shape) {
        let wanted: Vec<_> = fitting.iter().map(|shape| npy::tuple(shape)).collect();
        let (wanted, help) = (
            wanted.join(" or "),
            advice(&array.shape, input.shape, layout),
        );
        return Err((
            format!(
                "its shape is {}, the input's {wanted}",
                npy::tuple(&array.shape)
            ),
            help,
        ));
    }
    let floats = |values: Vec<f32>| {
        layout
            .to_map(&values)
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect()
    };
    match (input.element, array.elements) {
        (Element::F32, Elements::F32(values)) => Ok(floats(values)),
        (Element::F32, Elements::F64(values)) => {
            Ok(floats(values.iter().map(|v| *v as f32).collect()))
        }
        (Element::F32, Elements::U8(values)) => {
            Ok(floats(values.iter().map(|v| f32::from(*v)).collect()))
        }
        (Element::U8, Elements::U8(values)) => Ok(layout.to_map(&values)),
        (Element::U8, Elements::F32(_) | Elements::F64(_)) => {
            let reason = "its elements are floats, the input's are bytes (u8)".to_owned();
            Err((
                reason,
                "save it as uint8: numpy.save(path, x.astype(numpy.uint8))".to_owned(),
            ))
        }
    }
}

/// The shapes of arrays that hold an input of these dimensions: with a batch of one and without. Three dimensions are a
/// map's own, whose first may be 1.
pub(super) fn shapes(dims: &[usize]) -> Vec<Vec<usize>> {
    match dims {
        [1, rest @ ..] if dims.len() != 3 && !rest.is_empty() => vec![rest.to_vec(), dims.to_vec()],
        _ => vec![dims.to_vec(), [&[1], dims].concat()],
    }
}

fn advice(found: &[usize], shape: Shape, layout: &Layout) -> String {
    let [h, w, c] = shape.to_array();
    let is = |shape: [usize; 3]| found == shape || found == [&[1], &shape[..]].concat();
    let wants_last = Layout::of_map(shape).dims() == layout.dims() || layout.is_map();
    if wants_last && is([c, h, w]) {
        return "move its channels to the end: numpy.moveaxis(x, -3, -1)".to_owned();
    }
    if !wants_last && is([h, w, c]) {
        return "move its channels to the front: numpy.moveaxis(x, -1, -3)".to_owned();
    }
    let wanted: Vec<_> = shapes(layout.dims())
        .iter()
        .map(|shape| npy::tuple(shape))
        .collect();
    let axes = if Layout::of_map(shape) == *layout {
        ": height, width, channels"
    } else {
        ", as the model has it"
    };
    format!("give it shape {}{axes}", wanted.join(" or "))
}

/// The same numbers every time: bytes, or floats in -1 to 1, of a linear congruential generator (Knuth, MMIX).
fn made_up(input: &Input) -> Vec<u8> {
    let mut state = 0_u64;
    let mut byte = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let bytes = (0..input.shape.len()).map(|_| byte());
    match input.element {
        Element::U8 => bytes.collect(),
        Element::F32 => bytes
            .flat_map(|b| (f32::from(b) / 127.5 - 1.0).to_le_bytes())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(element: Element) -> Input {
        Input {
            shape: Shape::new(1, 2, 1),
            element,
            normalise: vec![],
        }
    }

    fn fitted(element: Element, shape: &[usize], elements: Elements) -> Result<Vec<u8>, String> {
        let (array, input) = (
            Array {
                shape: shape.to_vec(),
                elements,
            },
            input(element),
        );
        fit(array, &input, &Layout::of_map(input.shape))
            .map_err(|(reason, help)| reason + "; " + &help)
    }

    #[test]
    fn arrays_of_the_inputs_shape_fit() {
        let raw: Vec<u8> = [2.0_f32, 3.0]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        for shape in [&[1, 2, 1][..], &[1, 1, 2, 1]] {
            assert_eq!(
                fitted(Element::F32, shape, Elements::F32(vec![2.0, 3.0])),
                Ok(raw.clone())
            );
            assert_eq!(
                fitted(Element::F32, shape, Elements::F64(vec![2.0, 3.0])),
                Ok(raw.clone())
            );
            assert_eq!(
                fitted(Element::F32, shape, Elements::U8(vec![2, 3])),
                Ok(raw.clone())
            );
            assert_eq!(
                fitted(Element::U8, shape, Elements::U8(vec![2, 3])),
                Ok(vec![2, 3])
            );
        }
    }

    #[test]
    fn others_do_not() {
        let error =
            fitted(Element::F32, &[2], Elements::F32(vec![2.0, 3.0])).expect_err("another shape");
        let expected = "its shape is (2,), the input's (1, 2, 1) or (1, 1, 2, 1); \
            give it shape (1, 2, 1) or (1, 1, 2, 1): height, width, channels";
        assert_eq!(error, expected);
        let error = fitted(Element::F32, &[1, 1, 2], Elements::F32(vec![2.0, 3.0]))
            .expect_err("channels first");
        assert!(error.contains("numpy.moveaxis(x, -3, -1)"), "{error}");
        let error = fitted(Element::U8, &[1, 2, 1], Elements::F32(vec![2.0, 3.0]))
            .expect_err("another type");
        assert!(error.contains("astype(numpy.uint8)"), "{error}");
    }

    #[test]
    fn made_up_inputs_have_the_inputs_size() {
        assert_eq!(made_up(&input(Element::F32)).len(), 8);
        assert_eq!(made_up(&input(Element::U8)).len(), 2);
        assert_eq!(made_up(&input(Element::U8)), made_up(&input(Element::U8)));
    }
}

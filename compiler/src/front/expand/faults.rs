//! What the builder refuses, in words for the user: the facts of both sides, and what to do.
//!
//! In: a [`BuildError`]. Out: a diagnostic without a place; the caller knows where it belongs. Never: guesses.

use crate::diag::{Code, Diagnostic};
use crate::front::spec::Sides;
use crate::graph::build::{BuildError, MAX_ELEMENTS};
use crate::shape::{Shape, Window};

/// Words an error about `what`.
pub(super) fn explain(error: &BuildError, what: &str) -> Diagnostic {
    match error {
        BuildError::WindowDoesNotFit { window, input } => {
            window_does_not_fit(*window, *input, what)
        }
        BuildError::PoolsPadding { window, input } => {
            let ([kh, kw], pads) = (window.kernel, window.padding.to_array());
            let facts = format!(
                "a {kh}x{kw} window of {what} sees none of its input of {input}, only padding {pads:?}"
            );
            Diagnostic::error(Code::Window, facts).help("pad less than the window is long")
        }
        BuildError::ShapesDiffer { left, right } => {
            let facts = format!("{what} needs equal shapes: one side is {left}, the other {right}");
            Diagnostic::error(Code::AddShapes, facts).help("make both sides one shape")
        }
        BuildError::NoChannels => {
            let facts = format!("{what} has no channels");
            Diagnostic::error(Code::ZeroChannels, facts).help("write at least one channel")
        }
        BuildError::Groups {
            groups,
            input,
            output,
        } => groups_do_not_divide(*groups, *input, *output, what),
        BuildError::TooLarge { elements } => too_large(*elements, what),
        BuildError::EmptyMap(shape) => {
            let facts = format!("{what} is {shape}, which has no pixels");
            Diagnostic::error(Code::Window, facts).help("write a height and a width of at least 1")
        }
        BuildError::EmptyWindow(window) => {
            let facts = format!("{what} has the window {window}, which has no size");
            Diagnostic::error(Code::OutOfRange, facts).help("write sizes of at least 1")
        }
    }
}

fn window_does_not_fit(window: Window, input: Shape, what: &str) -> Diagnostic {
    let ([height, width], [kh, kw]) = (window.extent(), window.kernel);
    let [padded_height, padded_width] = window.padded(input);
    let dilated = if window.dilation == [1, 1] {
        String::new()
    } else {
        format!(" dilated to {height}x{width}")
    };
    let padded = if [padded_height, padded_width] == [input.h, input.w] {
        String::new()
    } else {
        format!(", {padded_height}x{padded_width} with padding")
    };
    let facts = format!(
        "the {kh}x{kw} window of {what}{dilated} does not fit its input of {input}{padded}"
    );
    Diagnostic::error(Code::Window, facts)
        .help("use `symmetric` or `same` padding, a smaller window, or a larger input")
}

fn groups_do_not_divide(groups: usize, input: usize, output: usize, what: &str) -> Diagnostic {
    let facts =
        format!("{groups} groups do not divide the channels of {what}: {input} in, {output} out");
    Diagnostic::error(Code::Groups, facts).help("use a number of groups that divides both")
}

fn too_large(elements: Option<usize>, what: &str) -> Diagnostic {
    let many = elements.map_or("more elements than can be counted".to_owned(), |n| {
        format!("{n} elements")
    });
    let facts = format!("{what} makes {many}; a map or a tensor has at most {MAX_ELEMENTS}");
    Diagnostic::error(Code::TooLarge, facts)
        .help("lower the input size, the channels or the width multiplier")
}

/// A residual between different shapes.
pub(super) fn residual(skip: Shape, branch: Shape) -> Diagnostic {
    let facts = format!("residual needs equal shapes: skip is {skip}, branch is {branch}");
    let help = if skip.c == branch.c {
        "set stride 1, or drop the residual on this row".to_owned()
    } else {
        format!(
            "make `c` come to {} channels, or drop the residual on this row",
            skip.c
        )
    };
    Diagnostic::error(Code::Residual, facts).help(help)
}

/// Symmetric padding that would not be whole.
pub(super) fn odd_padding(k: Sides, d: Sides, axis: usize) -> Diagnostic {
    let (Sides([kh, kw]), spread) = (k, d.0[axis]);
    let facts = format!(
        "symmetric padding of a {kh}x{kw} window with dilation {spread} is {}/2 pixels",
        spread * (k.0[axis] - 1)
    );
    Diagnostic::error(Code::Window, facts)
        .help("use an odd `k`, `same`, `valid`, or [top, left, bottom, right]")
}

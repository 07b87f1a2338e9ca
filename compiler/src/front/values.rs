//! Single values: numbers in their ranges, words of a choice, names, amounts of memory.
//!
//! In: one node and the key it stands behind. Out: the value, or one diagnostic. Never: looks at neighbours.

use super::fields::{Fault, Fields, Read, shown, unknown, value};
use super::spec::{
    Activation, BatchNorm, Gate, Padding, PixelType, Placement, Residual, RowSe, Width,
};
use super::tree::{Kind, Node};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::number;
use std::ops::RangeInclusive;

type Got<T> = Result<T, Fault>;

/// Generous for every layer in use, and small enough that products of three fit 64 bits.
const LENGTHS: RangeInclusive<u32> = 1..=1 << 20;

/// The range of a whole number by its key.
fn whole_range(key: &str) -> RangeInclusive<u32> {
    match key {
        "k" | "d" => 1..=1024,
        "n" => 1..=1000,
        "divisor" | "minimum" => 1..=4096,
        "padding" => 0..=4096,
        "height" | "width" => 1..=1 << 16,
        _ => LENGTHS,
    }
}

/// The range of a number by its key.
fn number_range(key: &str) -> RangeInclusive<f64> {
    match key {
        "width_multiplier" => 0.001..=100.0,
        "t" => 0.001..=1000.0,
        "epsilon" => 1e-30..=1.0,
        "ratio" => 1e-4..=16.0,
        "dropout" => 0.0..=1.0,
        _ => -1e30..=1e30,
    }
}

impl Read for u32 {
    const WHAT: &'static str = "a whole number";

    fn read(node: &Node, key: &str, diags: &mut Diagnostics) -> Got<Self> {
        let text = node.plain().ok_or(Fault::Type)?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let leading_zero = digits.len() > 1 && digits.starts_with('0');
        if digits.is_empty() || leading_zero || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Fault::Type);
        }
        let value = text.parse::<Self>().ok();
        if key == "s" {
            return stride(node, text, value, diags);
        }
        if value == Some(0) && matches!(key, "c" | "exp" | "channels") {
            let error = Diagnostic::error(
                Code::ZeroChannels,
                format!("`{key}` is 0: a layer has at least one channel"),
            );
            diags.push(
                error
                    .at(node.span)
                    .help("write the number of channels, or drop the layer"),
            );
            return Err(Fault::Known);
        }
        let range = whole_range(key);
        value
            .filter(|v| range.contains(v))
            .ok_or_else(|| out_of_range(node, key, range.start(), range.end(), diags))
    }
}

fn stride(node: &Node, text: &str, value: Option<u32>, diags: &mut Diagnostics) -> Got<u32> {
    value.filter(|s| (1..=2).contains(s)).ok_or_else(|| {
        let error = Diagnostic::error(
            Code::Stride,
            format!(
                "stride {} is neither 1 nor 2",
                shown(text).trim_matches('`')
            ),
        );
        diags.push(error.at(node.span).help("set the stride to 1 or 2"));
        Fault::Known
    })
}

fn out_of_range<T: std::fmt::Display>(
    node: &Node,
    key: &str,
    least: T,
    most: T,
    diags: &mut Diagnostics,
) -> Fault {
    let facts = format!(
        "`{key}` is {}, outside {least} to {most}",
        node.describe().trim_matches('`')
    );
    let error = Diagnostic::error(Code::OutOfRange, facts).at(node.span);
    diags.push(error.help(format!("write a number from {least} to {most}")));
    Fault::Known
}

impl Read for f64 {
    const WHAT: &'static str = "a number";

    fn read(node: &Node, key: &str, diags: &mut Diagnostics) -> Got<Self> {
        let text = node.plain().ok_or(Fault::Type)?;
        if !text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        {
            return Err(Fault::Type);
        }
        let value: Self = text.parse().map_err(|_| Fault::Type)?;
        let range = number_range(key);
        if range.contains(&value) && !(value == 0.0 && matches!(key, "std" | "scale")) {
            return Ok(value);
        }
        if range.contains(&value) {
            let error = Diagnostic::error(
                Code::OutOfRange,
                format!("`{key}` is 0, which leaves nothing of the pixels"),
            );
            diags.push(error.at(node.span).help("write a number other than 0"));
            return Err(Fault::Known);
        }
        Err(out_of_range(node, key, range.start(), range.end(), diags))
    }
}

/// One number for all channels, or one each.
impl Read for Vec<f64> {
    const WHAT: &'static str = "a number, or a list with one for each channel";

    fn read(node: &Node, key: &str, diags: &mut Diagnostics) -> Got<Self> {
        let Kind::Seq(items) = &node.kind else {
            return f64::read(node, key, diags).map(|number| vec![number]);
        };
        let numbers: Option<Self> = items
            .iter()
            .map(|item| value::<f64>(item, key, diags).map(|number| number.value))
            .collect();
        numbers.ok_or(Fault::Known)
    }
}

impl Read for bool {
    const WHAT: &'static str = "`true` or `false`";

    fn read(node: &Node, _: &str, _: &mut Diagnostics) -> Got<Self> {
        match node.plain() {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            _ => Err(Fault::Type),
        }
    }
}

/// Reads one of a list of words.
fn choice<T: Copy>(node: &Node, key: &str, words: &[(&str, T)], diags: &mut Diagnostics) -> Got<T> {
    let word = node.word().ok_or(Fault::Type)?;
    if let Some((_, value)) = words.iter().find(|(w, _)| *w == word) {
        return Ok(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    diags.push(unknown(
        Code::UnknownWord,
        node,
        &format!("`{key}`"),
        &known,
    ));
    Err(Fault::Known)
}

macro_rules! words {
    ($($type:ident $what:literal { $($word:literal => $value:ident)* })*) => {$(
        impl Read for $type {
            const WHAT: &'static str = $what;

            fn read(node: &Node, key: &str, diags: &mut Diagnostics) -> Got<Self> {
                choice(node, key, &[$(($word, Self::$value)),*], diags)
            }
        }
    )*};
}

words! {
    Activation "the name of an activation" {
        "none" => None
        "relu" => Relu
        "relu6" => Relu6
        "hard_swish" => HardSwish
        "hard_sigmoid" => HardSigmoid
        "sigmoid" => Sigmoid
        "swish" => Swish
        "RE" => Relu
        "R6" => Relu6
        "HS" => HardSwish
    }
    Width "`scaled`, `at_least_one` or `fixed`" {
        "scaled" => Scaled
        "at_least_one" => AtLeastOne
        "fixed" => Fixed
    }
    Gate "`hard_sigmoid` or `sigmoid`" {
        "hard_sigmoid" => HardSigmoid
        "sigmoid" => Sigmoid
    }
    Placement "`after_activation` or `before_activation`" {
        "after_activation" => AfterActivation
        "before_activation" => BeforeActivation
    }
    PixelType "`f32` or `u8`" {
        "f32" => F32
        "u8" => U8
    }
    Residual "`auto`, `true` or `false`" {
        "auto" => Auto
        "true" => Always
        "false" => Never
    }
}

/// A word, or `[top, left, bottom, right]`.
impl Read for Padding {
    const WHAT: &'static str = "`symmetric`, `same`, `valid` or [top, left, bottom, right]";

    fn read(node: &Node, key: &str, diags: &mut Diagnostics) -> Got<Self> {
        let Kind::Seq(items) = &node.kind else {
            let words = [
                ("symmetric", Self::Symmetric),
                ("same", Self::Same),
                ("valid", Self::Valid),
            ];
            return choice(node, key, &words, diags);
        };
        let sides: Option<Vec<u32>> = items
            .iter()
            .map(|item| value::<u32>(item, key, diags).map(|side| side.value))
            .collect();
        let sides = sides.ok_or(Fault::Known)?;
        Ok(Self::Explicit(sides.try_into().map_err(|_| Fault::Type)?))
    }
}

/// `true`, `false` or `{epsilon}`.
impl Read for BatchNorm {
    const WHAT: &'static str = "`true`, `false` or {epsilon: NUMBER}";

    fn read(node: &Node, key: &str, diags: &mut Diagnostics) -> Got<Self> {
        if let Kind::Map(_) = &node.kind {
            let what = format!("`{key}`");
            let fields =
                Fields::of(node, &what, node.span, &["epsilon"], diags).ok_or(Fault::Known)?;
            let epsilon = fields.require("epsilon", diags).ok_or(Fault::Known)?;
            return Ok(Self::Epsilon(epsilon.value));
        }
        bool::read(node, key, diags).map(|on| if on { Self::On } else { Self::Off })
    }
}

/// `false`, `true`, WIDTH or `{width, placement}`.
impl Read for RowSe {
    const WHAT: &'static str = "`false`, `true`, a width or {width, placement}";

    fn read(node: &Node, key: &str, diags: &mut Diagnostics) -> Got<Self> {
        let on = Self {
            on: true,
            ..Self::default()
        };
        if let Kind::Map(_) = &node.kind {
            let fields = Fields::of(node, "`se`", node.span, &["width", "placement"], diags)
                .ok_or(Fault::Known)?;
            let width = fields
                .node("width")
                .and_then(|node| value(node, "se", diags));
            let placement = fields.get("placement", diags);
            return Ok(Self {
                width,
                placement,
                ..on
            });
        }
        if let Ok(on) = bool::read(node, key, diags) {
            return Ok(Self {
                on,
                ..Self::default()
            });
        }
        let width = u32::read(node, key, diags)?;
        let width = Some(super::spec::Spanned {
            value: width,
            span: node.span,
        });
        Ok(Self { width, ..on })
    }
}

/// A name: it becomes a Rust identifier.
impl Read for String {
    const WHAT: &'static str = "a name";

    fn read(node: &Node, _: &str, diags: &mut Diagnostics) -> Got<Self> {
        let name = node.word().ok_or(Fault::Type)?;
        match super::names::fault(name) {
            None => Ok(name.to_owned()),
            Some(fault) => {
                let error =
                    Diagnostic::error(Code::Name, format!("{} {}", shown(name), fault.facts));
                diags.push(error.at(node.span).help(fault.help));
                Err(Fault::Known)
            }
        }
    }
}

/// An amount of memory.
impl Read for u64 {
    const WHAT: &'static str = "an amount of memory like `256KiB`";

    fn read(node: &Node, key: &str, diags: &mut Diagnostics) -> Got<Self> {
        let text = node.word().ok_or(Fault::Type)?;
        number::bytes(text).ok_or_else(|| {
            let facts = format!("`{key}` is {}, not an amount of memory", shown(text));
            let error = Diagnostic::error(Code::Size, facts).at(node.span);
            diags.push(
                error.help("write a number and one of B, KB, KiB, MB and MiB, as in `256KiB`"),
            );
            Fault::Known
        })
    }
}

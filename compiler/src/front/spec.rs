//! The table as written: every value with its place, nothing filled in.
//!
//! In and out: data. Never: knows a default, a shape or a real width; those are [`super::expand`]'s.

use crate::diag::Span;
use std::fmt;

/// A value and the bytes it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A number down and one across: of a window, its strides, its dilation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sides(pub [u32; 2]);

impl Sides {
    /// The same both ways.
    #[must_use]
    pub const fn both(n: u32) -> Self {
        Self([n, n])
    }

    /// Both numbers, for arithmetic.
    #[must_use]
    pub fn sizes(self) -> [usize; 2] {
        self.0.map(|n| n as usize)
    }
}

impl fmt::Debug for Sides {
    /// As specs have it: `3`, `[1, 7]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [down, across] if down == across => write!(f, "{down}"),
            both => write!(f, "{both:?}"),
        }
    }
}

/// A key that may be left out.
pub type Opt<T> = Option<Spanned<T>>;

/// One network.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Identifier stem of the generated struct: `v3_large` becomes `V3Large`.
    pub name: Spanned<String>,
    /// What is fed in.
    pub input: Input,
    /// Alpha: every scaled width becomes `make_divisible(c * alpha)`.
    pub width_multiplier: Opt<f64>,
    /// How widths are rounded.
    pub rounding: Rounding,
    /// What layers do that do not say otherwise.
    pub defaults: Defaults,
    /// How much memory the network may need.
    pub budget: Budget,
    /// The layers in order.
    pub layers: Vec<Layer>,
}

/// The input map and how its pixels become numbers: `x = (p * scale - mean) / std`.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Rows of pixels.
    pub height: Spanned<u32>,
    /// Pixels in a row.
    pub width: Spanned<u32>,
    /// Numbers in a pixel.
    pub channels: Spanned<u32>,
    /// Type of a number.
    pub pixel: Opt<PixelType>,
    /// One for all channels, or one each.
    pub mean: Opt<Vec<f64>>,
    /// One for all channels, or one each; never zero.
    pub std: Opt<Vec<f64>>,
    /// One for all channels, or one each.
    pub scale: Opt<Vec<f64>>,
}

/// Type of the numbers in a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelType {
    /// `f32`.
    F32,
    /// `u8`: camera pixels, converted while loading.
    U8,
}

/// Parameters of `make_divisible`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rounding {
    /// Widths are multiples of this.
    pub divisor: Opt<u32>,
    /// The least width; the divisor when left out.
    pub minimum: Opt<u32>,
}

/// What layers do that do not say otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// Of convolutions and rows; linear layers have none.
    pub activation: Opt<Activation>,
    /// Whether convolutions and rows have batch norm, and what is added to the variance.
    pub batch_norm: Opt<BatchNorm>,
    /// Of convolutions and rows.
    pub padding: Opt<Padding>,
    /// Squeeze-and-excite.
    pub se: SqueezeExcite,
}

/// The defaults of squeeze-and-excite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SqueezeExcite {
    /// Squeezed width as a share of the expanded width.
    pub ratio: Opt<f64>,
    /// The squeezed width is a multiple of this.
    pub divisor: Opt<u32>,
    /// The function that makes the gate.
    pub gate: Opt<Gate>,
    /// Between the two layers.
    pub activation: Opt<Activation>,
    /// Before or after the activation of the depthwise layer.
    pub placement: Opt<Placement>,
}

/// The function that makes a squeeze-and-excite gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// `relu6(x + 3) / 6`.
    HardSigmoid,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
}

/// Where the gate is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// depthwise, batch norm, activation, gate.
    AfterActivation,
    /// depthwise, batch norm, gate, activation; as a default, only in blocks that have an expansion.
    BeforeActivation,
}

/// Limits a network must keep, in bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    /// Arena, input and outputs.
    pub ram: Opt<u64>,
    /// Weights.
    pub flash: Opt<u64>,
}

/// An elementwise nonlinearity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x`.
    None,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `x * relu6(x + 3) / 6`.
    HardSwish,
    /// `relu6(x + 3) / 6`.
    HardSigmoid,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `x / (1 + exp(-x))`.
    Swish,
}

/// What stands around a map when a window slides over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// `d * (k - 1) / 2` all round.
    Symmetric,
    /// TensorFlow's: as many outputs as `ceil(in / stride)`, the odd pixel at the bottom and right.
    Same,
    /// Nothing.
    Valid,
    /// Top, left, bottom, right.
    Explicit([u32; 4]),
}

/// How the width multiplier applies to a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// `make_divisible(c * alpha)`.
    Scaled,
    /// `make_divisible(c * max(1, alpha))`.
    AtLeastOne,
    /// `c`.
    Fixed,
}

/// Batch norm of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BatchNorm {
    /// `true`: with the default epsilon.
    On,
    /// `false`.
    Off,
    /// With this epsilon.
    Epsilon(f64),
}

/// Output channels of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Channels {
    /// So many, before scaling.
    Count(Spanned<u32>),
    /// So many times its input's, never scaled.
    Times(Spanned<f64>),
}

impl Channels {
    /// Where they were written.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Count(c) => c.span,
            Self::Times(t) => t.span,
        }
    }
}

/// One entry of `layers`.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The word that names its kind.
    pub span: Span,
    /// What the user calls it.
    pub name: Opt<String>,
    /// The output its result becomes.
    pub tap: Opt<String>,
    /// The layer whose result it reads; the one before it when left out.
    pub from: Opt<String>,
    /// What it does.
    pub kind: LayerKind,
}

/// What a layer does.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerKind {
    /// A convolution.
    Conv(Conv),
    /// A convolution of each channel with itself.
    Depthwise(Conv),
    /// A fully connected layer.
    Linear(Linear),
    /// A run of blocks.
    Table(Table),
    /// The mean of each channel.
    GlobalAveragePool,
    /// The mean over a window.
    AveragePool(Pool),
    /// The greatest value in a window.
    MaxPool(Pool),
    /// One row of numbers.
    Flatten,
    /// Nothing at inference.
    Dropout(Opt<f64>),
    /// Over channels.
    Softmax,
    /// An activation of its own; `sigmoid` as a layer is one.
    Activation(Spanned<Activation>),
    /// Each channel times a gate made of all channels' means.
    SqueezeExcite(Excite),
    /// The sum with an earlier layer's result, or of two.
    Add(Add),
    /// Reported: it could not be read, and what follows it cannot be checked.
    Unreadable,
}

/// Keys of `conv` and `depthwise`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    /// Sides of the window.
    pub k: Spanned<Sides>,
    /// Strides.
    pub s: Opt<Sides>,
    /// Dilation.
    pub d: Opt<Sides>,
    /// Output channels; a depthwise layer without has its input's.
    pub channels: Option<Channels>,
    /// Groups of channels that do not see each other.
    pub groups: Opt<u32>,
    /// Afterwards.
    pub activation: Opt<Activation>,
    /// Before the activation.
    pub batch_norm: Opt<BatchNorm>,
    /// Whether it has a bias.
    pub bias: Opt<bool>,
    /// Around its input.
    pub padding: Opt<Padding>,
    /// How the width multiplier applies.
    pub width: Opt<Width>,
}

/// Keys of `linear`.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// Outputs.
    pub c: Spanned<u32>,
    /// Afterwards.
    pub activation: Opt<Activation>,
    /// How the width multiplier applies.
    pub width: Opt<Width>,
    /// Whether it has a bias.
    pub bias: Opt<bool>,
}

/// Keys of `average_pool` and `max_pool`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Sides of the window.
    pub k: Spanned<Sides>,
    /// Strides.
    pub s: Opt<Sides>,
    /// Dilation.
    pub d: Opt<Sides>,
    /// Around its input; none when left out.
    pub padding: Opt<Padding>,
}

/// Keys of `add`.
#[derive(Clone, Debug, PartialEq)]
pub struct Add {
    /// Names of earlier layers or rows: one, which is added to the result of the layer before, or both operands.
    pub from: Spanned<Operands>,
    /// Afterwards.
    pub activation: Opt<Activation>,
}

/// What `add` adds.
#[derive(Clone, Debug, PartialEq)]
pub enum Operands {
    /// The result of the layer before, and this one's.
    Previous(String),
    /// These two.
    Both([Spanned<String>; 2]),
}

/// Keys of `squeeze_excite`.
#[derive(Clone, Debug, PartialEq)]
pub struct Excite {
    /// Channels between its two layers, never scaled.
    pub c: Spanned<u32>,
    /// Between the two layers.
    pub inner: Opt<Activation>,
    /// The function that makes the gate.
    pub gate: Opt<Activation>,
    /// Afterwards.
    pub activation: Opt<Activation>,
}

/// A run of blocks, one row per kind of block.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Which block.
    pub block: Block,
    /// The rows in order, up to the first that could not be read.
    pub rows: Vec<Row>,
    /// Whether all rows could be read.
    pub complete: bool,
}

/// Which block a table repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// MobileNetV1: depthwise and pointwise, both with activation.
    Separable,
    /// MobileNetV2: expansion, depthwise, linear projection.
    InvertedResidual,
    /// MobileNetV3: the same with squeeze-and-excite.
    Bneck,
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The whole row.
    pub span: Span,
    /// Side of the depthwise window.
    pub k: Opt<u32>,
    /// Stride of the first repeat.
    pub s: Opt<u32>,
    /// Dilation of the depthwise window.
    pub d: Opt<u32>,
    /// Output channels before scaling.
    pub c: Spanned<u32>,
    /// Repeats.
    pub n: Opt<u32>,
    /// Width of the expansion: `exp` (scaled) or `t` (times the input's).
    pub expansion: Option<Channels>,
    /// Squeeze-and-excite.
    pub se: Opt<RowSe>,
    /// The nonlinearity.
    pub activation: Opt<Activation>,
    /// The skip.
    pub residual: Opt<Residual>,
    /// Around the depthwise layer's input.
    pub padding: Opt<Padding>,
    /// The output the last repeat's result becomes.
    pub tap: Opt<String>,
    /// The output the first repeat's expansion becomes.
    pub tap_expansion: Opt<String>,
    /// What the user calls its result.
    pub name: Opt<String>,
}

/// Squeeze-and-excite of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowSe {
    /// `false` has none.
    pub on: bool,
    /// Squeezed width, never scaled; from the ratio when left out.
    pub width: Opt<u32>,
    /// Where the gate is applied in this row.
    pub placement: Opt<Placement>,
    /// The function that makes the gate in this row.
    pub gate: Opt<Gate>,
    /// Between the two layers in this row.
    pub activation: Opt<Activation>,
}

/// Whether a block adds its input to its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residual {
    /// When the stride as written is 1 and the shapes agree.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

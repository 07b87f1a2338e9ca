//! Shapes of maps, element types, and the arithmetic of windows and padding.
//!
//! In: extents of maps and windows. Out: the shapes that follow, or the reason there is none.
//! Never: knows operators, rows or tensors; pure integers.

use std::fmt;

/// The shape of a map: height, width and channels. Batch is 1 and the layout NHWC, by type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// Rows of pixels.
    pub h: usize,
    /// Pixels in a row.
    pub w: usize,
    /// Channels of a pixel.
    pub c: usize,
}

impl Shape {
    /// A map of `h` x `w` pixels with `c` channels each.
    pub const fn new(h: usize, w: usize, c: usize) -> Self {
        Self { h, w, c }
    }

    /// A single pixel of `c` channels: what pooling and linear layers make.
    pub const fn vector(c: usize) -> Self {
        Self::new(1, 1, c)
    }

    /// Number of pixels.
    pub const fn pixels(self) -> usize {
        self.h * self.w
    }

    /// Number of elements.
    pub const fn len(self) -> usize {
        self.h * self.w * self.c
    }

    /// Whether the map holds no element. No map of a graph does.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The shape as `[h, w, c]`.
    pub const fn to_array(self) -> [usize; 3] {
        [self.h, self.w, self.c]
    }

    /// The same pixels with `c` channels.
    pub const fn with_channels(self, c: usize) -> Self {
        Self::new(self.h, self.w, c)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.h, self.w, self.c)
    }
}

/// The type of a map's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// 32-bit floating point.
    F32,
    /// Unsigned bytes: camera pixels, as a network's input only.
    U8,
}

impl Element {
    /// Bytes of one element.
    pub const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::U8 => 1,
        }
    }

    /// The Rust type's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::U8 => "u8",
        }
    }
}

/// Pixels of zeros around a map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Padding {
    /// Rows above.
    pub top: usize,
    /// Columns to the left.
    pub left: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the right.
    pub right: usize,
}

impl Padding {
    /// No padding.
    pub const NONE: Self = Self::all(0);

    /// `p` pixels on every side.
    pub const fn all(p: usize) -> Self {
        Self {
            top: p,
            left: p,
            bottom: p,
            right: p,
        }
    }

    /// PyTorch's symmetric padding: d(k-1)/2 on both sides keeps a map's size at stride 1.
    pub const fn symmetric(kernel: [usize; 2], dilation: [usize; 2]) -> Self {
        let [v, h] = [
            dilation[0] * (kernel[0] - 1) / 2,
            dilation[1] * (kernel[1] - 1) / 2,
        ];
        Self {
            top: v,
            left: h,
            bottom: v,
            right: h,
        }
    }

    /// TensorFlow's `SAME`: the output has ceil(in / stride) pixels; the odd pixel goes bottom and right.
    pub fn same(
        input: Shape,
        kernel: [usize; 2],
        stride: [usize; 2],
        dilation: [usize; 2],
    ) -> Self {
        let total = |axis: usize, extent: usize| {
            let last = (extent.div_ceil(stride[axis]) - 1) * stride[axis];
            (last + dilation[axis] * (kernel[axis] - 1) + 1).saturating_sub(extent)
        };
        let (v, h) = (total(0, input.h), total(1, input.w));
        Self {
            top: v / 2,
            left: h / 2,
            bottom: v - v / 2,
            right: h - h / 2,
        }
    }

    /// The padding as `[top, left, bottom, right]`.
    pub const fn to_array(self) -> [usize; 4] {
        [self.top, self.left, self.bottom, self.right]
    }

    /// Both paddings one after the other, side by side.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            top: self.top + other.top,
            left: self.left + other.left,
            bottom: self.bottom + other.bottom,
            right: self.right + other.right,
        }
    }
}

/// A window that slides over a map: of a convolution or a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Height and width of the kernel, in taps.
    pub kernel: [usize; 2],
    /// Steps between windows, down and to the right.
    pub stride: [usize; 2],
    /// Steps between taps, down and to the right.
    pub dilation: [usize; 2],
    /// Zeros around the input.
    pub padding: Padding,
}

impl Window {
    /// A `k` x `k` window.
    pub const fn square(k: usize, stride: usize, dilation: usize, padding: Padding) -> Self {
        Self {
            kernel: [k, k],
            stride: [stride, stride],
            dilation: [dilation, dilation],
            padding,
        }
    }

    /// The window of a pointwise convolution.
    pub const POINTWISE: Self = Self::square(1, 1, 1, Padding::NONE);

    /// Whether each output pixel sees exactly the input pixel at its own place.
    pub fn is_pointwise(self) -> bool {
        self.kernel == [1, 1] && self.stride == [1, 1] && self.padding == Padding::NONE
    }

    /// Pixels one window spans, down and across: d(k-1)+1; the greatest number where that is none.
    pub const fn extent(self) -> [usize; 2] {
        const fn span(kernel: usize, dilation: usize) -> usize {
            let gaps = dilation.saturating_mul(kernel.saturating_sub(1));
            gaps.saturating_add(1)
        }
        [
            span(self.kernel[0], self.dilation[0]),
            span(self.kernel[1], self.dilation[1]),
        ]
    }

    /// Number of taps.
    pub const fn taps(self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Height and width of the padded input.
    pub const fn padded(self, input: Shape) -> [usize; 2] {
        [
            input
                .h
                .saturating_add(self.padding.top)
                .saturating_add(self.padding.bottom),
            input
                .w
                .saturating_add(self.padding.left)
                .saturating_add(self.padding.right),
        ]
    }

    /// Height and width of the output, or nothing when not a single window fits.
    pub fn output(self, input: Shape) -> Option<[usize; 2]> {
        let ([eh, ew], [ph, pw]) = (self.extent(), self.padded(input));
        let fits = |padded: usize, extent: usize, stride: usize| {
            padded
                .checked_sub(extent)
                .map(|room| (room / stride).saturating_add(1))
        };
        Some([fits(ph, eh, self.stride[0])?, fits(pw, ew, self.stride[1])?])
    }
}

impl fmt::Display for Window {
    /// `k3 s2 p1`, leaving out what is the rule: dilation 1, equal sides.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = |[a, b]: [usize; 2]| {
            if a == b {
                a.to_string()
            } else {
                format!("{a}x{b}")
            }
        };
        write!(f, "k{} s{}", pair(self.kernel), pair(self.stride))?;
        if self.dilation != [1, 1] {
            write!(f, " d{}", pair(self.dilation))?;
        }
        let [top, left, bottom, right] = self.padding.to_array();
        if [left, bottom, right] == [top; 3] {
            write!(f, " p{top}")
        } else {
            write!(f, " p{top},{left},{bottom},{right}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_padding_depends_on_the_input_and_favours_bottom_and_right() {
        let pads = |extent, k, s| {
            Padding::same(Shape::new(extent, extent, 1), [k; 2], [s; 2], [1; 2]).to_array()
        };
        assert_eq!(pads(224, 3, 2), [0, 0, 1, 1]);
        assert_eq!(pads(7, 3, 2), [1, 1, 1, 1]);
        assert_eq!(pads(14, 5, 2), [1, 1, 2, 2]);
        assert_eq!(pads(7, 5, 2), [2, 2, 2, 2]);
        assert_eq!(pads(8, 1, 2), [0, 0, 0, 0]);
        let long = Padding::same(Shape::new(8, 7, 1), [1, 7], [1, 2], [1, 1]);
        assert_eq!(long.to_array(), [0, 3, 0, 3]);
    }

    #[test]
    fn a_window_larger_than_the_padded_input_has_no_output() {
        let valid = Window::square(3, 2, 1, Padding::NONE);
        assert_eq!(valid.output(Shape::new(7, 7, 4)), Some([3, 3]));
        assert_eq!(valid.output(Shape::new(2, 7, 4)), None);
        let dilated = Window::square(3, 1, 2, Padding::symmetric([3; 2], [2; 2]));
        assert_eq!(dilated.output(Shape::new(2, 7, 4)), Some([2, 7]));
    }
}

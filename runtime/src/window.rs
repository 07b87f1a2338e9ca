//! The geometry of a sliding window: kernel size, stride, dilation, padding.
//! Pure integers. Never: looks at data or channels.

use core::ops::Range;

/// How a kernel slides over a map.
///
/// ```
/// use mnetc_runtime::Window;
/// const STEM: Window = Window::square(3).stride(2).padding([1, 1, 1, 1]);
/// assert_eq!(STEM.output(224, 224), [112, 112]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Kernel height and width.
    pub kernel: [usize; 2],
    /// Steps down and to the right.
    pub stride: [usize; 2],
    /// Distance between taps down and to the right.
    pub dilation: [usize; 2],
    /// Zeros around the input: top, left, bottom, right.
    pub padding: [usize; 4],
}

impl Window {
    /// A `height` x `width` kernel of stride 1, dilation 1, without padding.
    pub const fn new(height: usize, width: usize) -> Self {
        assert!(height > 0 && width > 0, "a window has at least one tap");
        Self {
            kernel: [height, width],
            stride: [1, 1],
            dilation: [1, 1],
            padding: [0; 4],
        }
    }

    /// A `k` x `k` kernel of stride 1, dilation 1, without padding.
    pub const fn square(k: usize) -> Self {
        Self::new(k, k)
    }

    /// The same window with this stride both ways.
    pub const fn stride(mut self, stride: usize) -> Self {
        assert!(stride > 0, "a stride is at least 1");
        self.stride = [stride, stride];
        self
    }

    /// The same window with this dilation both ways.
    pub const fn dilation(mut self, dilation: usize) -> Self {
        assert!(dilation > 0, "a dilation is at least 1");
        self.dilation = [dilation, dilation];
        self
    }

    /// The same window with this padding: top, left, bottom, right.
    pub const fn padding(mut self, padding: [usize; 4]) -> Self {
        self.padding = padding;
        self
    }

    /// Output height and width over an input of `height` x `width`: floor((n + pads - ((k-1)d + 1)) / s) + 1.
    ///
    /// # Panics
    /// When the window is larger than the padded input.
    pub const fn output(&self, height: usize, width: usize) -> [usize; 2] {
        let [top, left, bottom, right] = self.padding;
        [
            self.positions(0, top + height + bottom),
            self.positions(1, left + width + right),
        ]
    }

    const fn positions(&self, axis: usize, padded: usize) -> usize {
        let span = (self.kernel[axis] - 1) * self.dilation[axis] + 1;
        assert!(span <= padded, "the window is larger than its padded input");
        (padded - span) / self.stride[axis] + 1
    }

    /// The kernel rows that meet the map for output row `i` of an input `height` rows high.
    #[inline(always)]
    pub(crate) fn row_taps(&self, i: usize, height: usize) -> Range<usize> {
        taps(
            i * self.stride[0],
            self.padding[0],
            self.dilation[0],
            self.kernel[0],
            height,
        )
    }

    /// The kernel columns that meet the map for output column `j` of an input `width` columns wide.
    #[inline(always)]
    pub(crate) fn column_taps(&self, j: usize, width: usize) -> Range<usize> {
        taps(
            j * self.stride[1],
            self.padding[1],
            self.dilation[1],
            self.kernel[1],
            width,
        )
    }
}

/// The taps `u` with `0 <= start + u * dilation - pad < length`.
#[inline(always)]
fn taps(start: usize, pad: usize, dilation: usize, kernel: usize, length: usize) -> Range<usize> {
    let first = pad.saturating_sub(start).div_ceil(dilation).min(kernel);
    let end = (length + pad)
        .saturating_sub(start)
        .div_ceil(dilation)
        .min(kernel);
    first..end.max(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_are_those_inside_the_map() {
        for (pad, dilation, kernel, length) in [
            (0, 1, 3, 5),
            (1, 1, 3, 4),
            (2, 2, 3, 5),
            (6, 1, 7, 2),
            (3, 2, 5, 1),
        ] {
            for start in 0..length + 2 * pad {
                let inside =
                    (0..kernel).filter(|u| (pad..pad + length).contains(&(start + u * dilation)));
                assert!(
                    taps(start, pad, dilation, kernel, length).eq(inside),
                    "{start} {pad} {dilation} {kernel}"
                );
            }
        }
    }

    #[test]
    fn output_sizes_are_pytorchs() {
        assert_eq!(
            Window::square(3)
                .stride(2)
                .padding([0, 0, 1, 1])
                .output(224, 224),
            [112, 112]
        );
        assert_eq!(Window::square(5).padding([2; 4]).output(7, 9), [7, 9]);
        assert_eq!(Window::new(1, 3).dilation(2).output(4, 5), [4, 1]);
    }
}

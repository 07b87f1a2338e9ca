//! Changes the size of a picture, as Pillow's `BILINEAR` and torchvision's `Resize` with antialiasing do.
//!
//! In and out: rows of pixels of bytes. Never: knows what a picture shows or where it comes from.
//!
//! A pixel is the mean of those under a triangle around its centre, first along rows, then along columns. When a
//! picture shrinks the triangle grows by the same factor, so every pixel counts; when it grows this is bilinear
//! interpolation. Bytes are rounded after each of the two.

/// A picture: `height` rows of `width` pixels of `channels` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// Rows.
    pub(super) height: usize,
    /// Pixels in a row.
    pub(super) width: usize,
    /// Bytes in a pixel.
    pub(super) channels: usize,
    /// All bytes, row by row, those of a pixel together.
    pub(super) bytes: Vec<u8>,
}

/// The picture in another size.
pub(super) fn resize(picture: Picture, height: usize, width: usize) -> Picture {
    rows(columns(picture, width), height)
}

/// The largest part of the picture's middle that has the aspect ratio `height` : `width`.
pub(super) fn crop(picture: Picture, height: usize, width: usize) -> Picture {
    let keep_height = (picture.width * height / width).clamp(1, picture.height);
    let keep_width = (picture.height * width / height).clamp(1, picture.width);
    let (top, left) = (
        (picture.height - keep_height) / 2,
        (picture.width - keep_width) / 2,
    );
    let row = |y: usize| {
        let start = ((top + y) * picture.width + left) * picture.channels;
        &picture.bytes[start..start + keep_width * picture.channels]
    };
    let bytes = (0..keep_height)
        .flat_map(|y| row(y).iter().copied())
        .collect();
    Picture {
        height: keep_height,
        width: keep_width,
        bytes,
        ..picture
    }
}

/// Changes the length of rows.
fn columns(picture: Picture, width: usize) -> Picture {
    if width == picture.width {
        return picture;
    }
    let taps = taps(picture.width, width);
    let mut bytes = Vec::with_capacity(picture.height * width * picture.channels);
    for row in picture.bytes.chunks_exact(picture.width * picture.channels) {
        for tap in &taps {
            for channel in 0..picture.channels {
                let from = row[tap.first * picture.channels + channel..]
                    .iter()
                    .step_by(picture.channels);
                bytes.push(tap.mean(from));
            }
        }
    }
    Picture {
        width,
        bytes,
        ..picture
    }
}

/// Changes the number of rows.
fn rows(picture: Picture, height: usize) -> Picture {
    if height == picture.height {
        return picture;
    }
    let stride = picture.width * picture.channels;
    let mut bytes = Vec::with_capacity(height * stride);
    for tap in taps(picture.height, height) {
        for column in 0..stride {
            let from = picture.bytes[tap.first * stride + column..]
                .iter()
                .step_by(stride);
            bytes.push(tap.mean(from));
        }
    }
    Picture {
        height,
        bytes,
        ..picture
    }
}

/// How much each of a run of pixels counts; together 1.
struct Tap {
    first: usize,
    shares: Vec<f64>,
}

impl Tap {
    fn mean<'a>(&self, pixels: impl Iterator<Item = &'a u8>) -> u8 {
        let sum: f64 = self
            .shares
            .iter()
            .zip(pixels)
            .map(|(share, p)| share * f64::from(*p))
            .sum();
        // The cast saturates; half is rounded up.
        (sum + 0.5) as u8
    }
}

/// For each of `to` pixels the run of the `from` pixels it is the mean of.
fn taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = from as f64 / to as f64;
    let reach = scale.max(1.0);
    let tap = |i: usize| {
        let centre = (i as f64 + 0.5) * scale;
        // The casts saturate at 0.
        let first = (centre - reach + 0.5) as usize;
        let end = ((centre + reach + 0.5) as usize).min(from);
        let height = |j: usize| (1.0 - ((j as f64 + 0.5 - centre) / reach).abs()).max(0.0);
        let heights: Vec<f64> = (first..end).map(height).collect();
        let total: f64 = heights.iter().sum();
        Tap {
            first,
            shares: heights.into_iter().map(|h| h / total).collect(),
        }
    };
    (0..to).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(height: usize, width: usize, bytes: &[u8]) -> Picture {
        Picture {
            height,
            width,
            channels: 1,
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        let picture = grey(2, 3, &[1, 50, 255, 0, 7, 128]);
        assert_eq!(resize(picture.clone(), 2, 3), picture);
    }

    #[test]
    fn one_colour_stays_one_colour() {
        for (height, width) in [(1, 1), (3, 7), (10, 9), (40, 31), (224, 224)] {
            let picture = Picture {
                height: 10,
                width: 9,
                channels: 3,
                bytes: [255, 1, 100].repeat(90),
            };
            let resized = resize(picture, height, width);
            assert_eq!((resized.height, resized.width), (height, width));
            assert_eq!(resized.bytes, [255, 1, 100].repeat(height * width));
        }
    }

    /// By hand: at half the size the triangle reaches 2 pixels; inside, heights 1/4, 3/4, 3/4, 1/4 of 2; at a border,
    /// 3/4, 3/4, 1/4 of 7/4.
    #[test]
    fn half_the_size_is_the_mean_under_a_triangle() {
        let half = resize(grey(1, 6, &[0, 70, 140, 210, 21, 7]), 1, 3);
        // (3*0 + 3*70 + 140) / 7;  (70 + 3*140 + 3*210 + 21) / 8 = 142.6;  (210 + 3*21 + 3*7) / 7
        assert_eq!(half.bytes, [50, 143, 42]);
        let column = resize(grey(6, 1, &[0, 70, 140, 210, 21, 7]), 3, 1);
        assert_eq!(column.bytes, [50, 143, 42]);
    }

    /// Twice the size: centres lie a quarter pixel beside the old ones.
    #[test]
    fn twice_the_size_is_bilinear() {
        assert_eq!(resize(grey(1, 2, &[0, 100]), 1, 4).bytes, [0, 25, 75, 100]);
        assert_eq!(
            resize(grey(2, 2, &[0, 100, 100, 200]), 2, 4).bytes,
            [0, 25, 75, 100, 100, 125, 175, 200]
        );
    }

    #[test]
    fn channels_do_not_mix() {
        let picture = Picture {
            height: 1,
            width: 2,
            channels: 3,
            bytes: vec![0, 50, 100, 100, 150, 200],
        };
        assert_eq!(resize(picture, 1, 1).bytes, [50, 100, 150]);
    }

    #[test]
    fn cropping_keeps_the_middle() {
        let picture = grey(2, 5, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(crop(picture.clone(), 7, 7), grey(2, 2, &[1, 2, 6, 7]));
        assert_eq!(crop(picture.clone(), 1, 5), grey(1, 5, &[0, 1, 2, 3, 4]));
        assert_eq!(crop(picture.clone(), 100, 1), grey(2, 1, &[2, 7]));
        assert_eq!(crop(picture.clone(), 2, 5), picture);
    }
}

//! A picture in a file, as the pixels of an input.
//!
//! In: a path, the input's shape. Out: bytes of that shape. Never: turns bytes into numbers; [`super::preset`] does.
//!
//! The picture is decoded, made grey or RGB as the input has one or three channels, cropped if asked, and resized.
//! Transparency is dropped, 16-bit samples are rounded to bytes, and the orientation a camera notes is not applied: all
//! as Pillow's `Image.open(..).convert(..)` does.

use super::resample::{self, Picture};
use super::{Failure, files};
use image::{DynamicImage, ImageError, ImageReader};
use mnetc::diag::{Code, Diagnostic};
use mnetc::shape::Shape;
use std::io::Cursor;
use std::path::Path;

/// What of a picture is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Crop {
    /// The largest part of its middle that has the input's aspect ratio.
    Center,
}

/// The pixels of the picture in `path`, in the shape of the input.
pub(super) fn read(path: &Path, shape: Shape, crop: Option<Crop>) -> Result<Vec<u8>, Failure> {
    let picture = convert(decode(path)?, shape.c);
    let picture = match crop {
        Some(Crop::Center) => resample::crop(picture, shape.h, shape.w),
        None => picture,
    };
    Ok(resample::resize(picture, shape.h, shape.w).bytes)
}

/// Refuses inputs that no picture fits.
pub(super) fn check_channels(input: Shape) -> Result<(), Failure> {
    if matches!(input.c, 1 | 3) {
        return Ok(());
    }
    let message = format!(
        "a picture has 1 or 3 channels, the input {input} has {}",
        input.c
    );
    let help = "feed it arrays instead: `mnetc bench --input X.npy --dump-output Y.npy`";
    Err(Diagnostic::error(Code::Picture, message).help(help).into())
}

fn decode(path: &Path) -> Result<DynamicImage, Failure> {
    let bytes = files::read(path)?;
    let picture = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(ImageError::IoError);
    picture.and_then(ImageReader::decode).map_err(|error| {
        let message = format!(
            "{} is no picture that can be read: {error}",
            files::display(path)
        );
        Diagnostic::error(Code::Picture, message)
            .help("save it as PNG, JPEG, BMP or PNM")
            .into()
    })
}

fn convert(picture: DynamicImage, channels: usize) -> Picture {
    let rgb = picture.to_rgb8();
    let (height, width) = (rgb.height() as usize, rgb.width() as usize);
    let bytes = rgb.into_raw();
    let bytes = match channels {
        1 => bytes.as_chunks().0.iter().map(luma).collect(),
        _ => bytes,
    };
    Picture {
        height,
        width,
        channels,
        bytes,
    }
}

/// Brightness: ITU-R 601-2, in the fixed point that Pillow uses. Grey stays as it is.
fn luma(&[r, g, b]: &[u8; 3]) -> u8 {
    let [r, g, b] = [r, g, b].map(u32::from);
    ((r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_stays_and_colours_weigh_as_in_pillow() {
        for grey in 0..=255 {
            assert_eq!(luma(&[grey; 3]), grey);
        }
        assert_eq!(
            [[255, 0, 0], [0, 255, 0], [0, 0, 255]].map(|p| luma(&p)),
            [76, 150, 29]
        );
    }
}

//! A picture in a file, as the pixels of an input.
//!
//! In: a path, the input's shape. Out: bytes of that shape. Never: turns bytes into numbers; [`super::preset`] does.
//!
//! The picture is decoded, made grey or RGB as the input has one or three channels, cropped if asked, and resized.
//! Transparency is dropped, of 16-bit samples the high byte is taken, and the orientation a camera notes is not applied:
//! as Pillow's `Image.open(..).convert(..)` and TensorFlow's decoders do, and so as networks saw pictures in training. (Of
//! 16-bit grey alone, which Pillow clips at 255, the high byte is taken as well.)

use super::resample::{self, Picture};
use super::{Failure, files};
use image::{DynamicImage, ImageError, ImageReader, RgbImage};
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
    let rgb = match picture {
        DynamicImage::ImageLuma16(_)
        | DynamicImage::ImageLumaA16(_)
        | DynamicImage::ImageRgb16(_)
        | DynamicImage::ImageRgba16(_) => high_bytes(&picture),
        _ => picture.to_rgb8(),
    };
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

fn high_bytes(picture: &DynamicImage) -> RgbImage {
    let rgb = picture.to_rgb16();
    let (width, height) = rgb.dimensions();
    let bytes = rgb
        .into_raw()
        .into_iter()
        .map(|sample| sample.to_be_bytes()[0]);
    RgbImage::from_raw(width, height, bytes.collect()).expect("a byte for each sample")
}

/// Brightness: ITU-R 601-2, in the fixed point that Pillow uses. Grey stays as it is.
fn luma(&[r, g, b]: &[u8; 3]) -> u8 {
    let [r, g, b] = [r, g, b].map(u32::from);
    ((r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// `tests/oracle/pictures.py` has them written by Pillow. Decoders of JPEG may differ by a little.
    #[test]
    fn pictures_of_every_kind_are_what_pillow_makes_of_them() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/pictures");
        let mut wrong = Vec::new();
        let mut count = 0;
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("readable").path();
            let golden = PathBuf::from(format!("{}.ppm", path.display()));
            if !golden.is_file() {
                continue;
            }
            let picture = |path: &Path| {
                let decoded = decode(path).unwrap_or_else(|_| panic!("{}", path.display()));
                convert(decoded, 3)
            };
            let (got, expected) = (picture(&path), picture(&golden));
            let size = |p: &Picture| (p.height, p.width);
            assert_eq!(size(&got), size(&expected), "{}", path.display());
            let pairs = got.bytes.iter().zip(&expected.bytes);
            let off = pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
            let is_jpeg = path.extension().is_some_and(|e| e == "jpg");
            if off > if is_jpeg { 2 } else { 0 } {
                wrong.push(format!("{} is off by {off}", path.display()));
            }
            count += 1;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(count, 16, "every picture was looked at");
    }

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

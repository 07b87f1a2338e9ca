//! `digits IMAGE...` prints the digit in each image, with its probability.

use image::imageops::FilterType;
use std::process::ExitCode;

fn main() -> ExitCode {
    let paths: Vec<_> = std::env::args_os().skip(1).collect();
    if paths.is_empty() {
        eprintln!("usage: digits IMAGE...    (PNG, JPEG, BMP or PNM, one digit each)");
        return ExitCode::from(2);
    }
    let mut reader = digits::Reader::new();
    for path in paths {
        match pixels(path.as_ref()) {
            Ok(pixels) => report(&path.to_string_lossy(), reader.read(&pixels)),
            Err(error) => {
                eprintln!("{}: {error}", path.to_string_lossy());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "the answer")]
fn report(name: &str, (digit, probability): (usize, f32)) {
    println!("{name}: {digit} ({:.1} %)", probability * 100.0);
}

/// The image in grey, 32x32, with bright ink on dark paper as the network knows it.
fn pixels(path: &std::path::Path) -> Result<[u8; digits::PIXELS], image::ImageError> {
    let grey = image::open(path)?
        .resize_exact(32, 32, FilterType::Triangle)
        .into_luma8();
    let mut pixels = [0; digits::PIXELS];
    pixels.copy_from_slice(grey.as_raw());
    // Most of a picture is paper.
    let bright = pixels.iter().filter(|p| **p > 127).count();
    Ok(if bright > digits::PIXELS / 2 {
        pixels.map(|p| 255 - p)
    } else {
        pixels
    })
}

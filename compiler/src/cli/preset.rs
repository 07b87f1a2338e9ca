//! How the bytes of a picture become the numbers of an input.
//!
//! In: the arguments, and what the spec says of its input. Out: raw little-endian elements. Never: reads a picture.
//!
//! x = (p * scale - mean) / std, for a byte p, per channel.

use super::Failure;
use mnetc::diag::{Code, Diagnostic};
use mnetc::graph::Input;
use mnetc::shape::Element;

/// The arguments.
#[derive(clap::Args)]
pub(super) struct Preprocessing {
    /// How bytes become numbers [default: unit]
    #[arg(long, value_enum, conflicts_with_all = ["mean", "std", "scale"])]
    preset: Option<Preset>,
    /// Subtracted from each byte times the scale: one number, or one per channel [default: 0]
    #[arg(
        long,
        value_name = "X,..",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    mean: Option<Vec<f64>>,
    /// What is left is divided by this: one number, or one per channel [default: 1]
    #[arg(long, value_name = "X,..", value_delimiter = ',')]
    std: Option<Vec<f64>>,
    /// Each byte (0 to 255) is multiplied by this first: one number, or one per channel; may be a fraction, as 1/255
    /// [default: 1]
    #[arg(long, value_name = "X,..", value_delimiter = ',', value_parser = fraction)]
    scale: Option<Vec<f64>>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Preset {
    /// (p / 255 - mean) / std with ImageNet's means and deviations: torchvision, timm
    Imagenet,
    /// p / 127.5 - 1: TensorFlow, Keras
    Tf,
    /// p / 255
    Unit,
}

/// x = (p * scale - mean) / std.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Map {
    scale: f64,
    mean: f64,
    std: f64,
}

const IDENTITY: Map = Map {
    scale: 1.0,
    mean: 0.0,
    std: 1.0,
};

/// Turns bytes into elements.
#[derive(Debug, PartialEq)]
pub(super) struct Converter {
    /// One per channel; none: the network takes bytes.
    maps: Option<Vec<Map>>,
}

impl Converter {
    /// Bytes of one pixel row after another, as raw elements of the input.
    pub(super) fn convert(&self, bytes: Vec<u8>) -> Vec<u8> {
        let Some(maps) = &self.maps else {
            return bytes;
        };
        let number =
            |(map, p): (&Map, u8)| ((f64::from(p) * map.scale - map.mean) / map.std) as f32;
        maps.iter()
            .cycle()
            .zip(bytes)
            .flat_map(|pair| number(pair).to_le_bytes())
            .collect()
    }
}

impl Preprocessing {
    /// Whether any of the arguments is there.
    pub(super) const fn is_given(&self) -> bool {
        self.preset.is_some() || self.mean.is_some() || self.std.is_some() || self.scale.is_some()
    }

    /// What the arguments mean for `input`.
    pub(super) fn for_input(&self, input: &Input) -> Result<Converter, Failure> {
        if !input.normalise.is_empty() || input.element == Element::U8 {
            return self.as_the_spec_says(input);
        }
        let channels = input.shape.c;
        if let Some(maps) = self.custom(channels)? {
            return Ok(Converter { maps: Some(maps) });
        }
        let maps = match self.preset.unwrap_or(Preset::Unit) {
            Preset::Unit => vec![
                Map {
                    scale: 1.0 / 255.0,
                    ..IDENTITY
                };
                channels
            ],
            Preset::Tf => vec![
                Map {
                    scale: 1.0 / 127.5,
                    mean: 1.0,
                    std: 1.0
                };
                channels
            ],
            Preset::Imagenet => imagenet(channels)?,
        };
        Ok(Converter { maps: Some(maps) })
    }

    /// The network normalises by itself, so it is given bytes, or the same as f32.
    fn as_the_spec_says(&self, input: &Input) -> Result<Converter, Failure> {
        let given = [
            (self.preset.is_some(), "--preset"),
            (self.mean.is_some(), "--mean"),
            (self.std.is_some(), "--std"),
            (self.scale.is_some(), "--scale"),
        ];
        if let Some((_, flag)) = given.iter().find(|(given, _)| *given) {
            let says = if input.normalise.is_empty() {
                "its input is bytes (u8)"
            } else {
                "its `input` says how"
            };
            let message =
                format!("the network prepares pixels itself ({says}), so {flag} would do it twice");
            let help = format!(
                "leave {flag} out, or take `type`, `mean`, `std` and `scale` out of the spec's `input`"
            );
            return Err(Diagnostic::error(Code::Setting, message).help(help).into());
        }
        let maps = (input.element == Element::F32).then(|| vec![IDENTITY; input.shape.c]);
        Ok(Converter { maps })
    }

    fn custom(&self, channels: usize) -> Result<Option<Vec<Map>>, Failure> {
        if self.mean.is_none() && self.std.is_none() && self.scale.is_none() {
            return Ok(None);
        }
        let mean = per_channel("--mean", self.mean.as_deref(), 0.0, channels)?;
        let std = per_channel("--std", self.std.as_deref(), 1.0, channels)?;
        let scale = per_channel("--scale", self.scale.as_deref(), 1.0, channels)?;
        if std.contains(&0.0) {
            return Err(Failure::Usage(
                "--std is divided by, so it cannot be 0".to_owned(),
            ));
        }
        let map = |i| Map {
            scale: scale[i],
            mean: mean[i],
            std: std[i],
        };
        Ok(Some((0..channels).map(map).collect()))
    }
}

/// torchvision's numbers.
fn imagenet(channels: usize) -> Result<Vec<Map>, Failure> {
    if channels != 3 {
        let message =
            format!("--preset imagenet has numbers for 3 channels, the input has {channels}");
        let help = "choose another preset, or give --scale, --mean and --std";
        return Err(Diagnostic::error(Code::Setting, message).help(help).into());
    }
    let of = |(mean, std)| Map {
        scale: 1.0 / 255.0,
        mean,
        std,
    };
    Ok([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]
        .map(of)
        .to_vec())
}

/// One number for each channel.
fn per_channel(
    flag: &str,
    given: Option<&[f64]>,
    default: f64,
    channels: usize,
) -> Result<Vec<f64>, Failure> {
    match given {
        None => Ok(vec![default; channels]),
        Some([one]) => Ok(vec![*one; channels]),
        Some(each) if each.len() == channels => Ok(each.to_vec()),
        Some(each) => {
            let message = format!(
                "{flag} has {} numbers, the input has {channels} channels",
                each.len()
            );
            let help = format!("give one number, or {channels}");
            Err(Diagnostic::error(Code::Setting, message).help(help).into())
        }
    }
}

/// `0.5` or `1/255`.
fn fraction(text: &str) -> Result<f64, String> {
    let number = |text: &str| {
        text.trim()
            .parse::<f64>()
            .map_err(|_| format!("`{text}` is no number"))
    };
    let value = match text.split_once('/') {
        Some((above, below)) => number(above)? / number(below)?,
        None => number(text)?,
    };
    if value.is_finite() {
        Ok(value)
    } else {
        Err(format!("`{text}` is not finite"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mnetc::graph::PixelMap;
    use mnetc::shape::Shape;

    const NOTHING: Preprocessing = Preprocessing {
        preset: None,
        mean: None,
        std: None,
        scale: None,
    };

    fn input(channels: usize, element: Element, normalises: bool) -> Input {
        let map = PixelMap {
            scale: 2.0,
            shift: 1.0,
        };
        let normalise = if normalises {
            vec![map; channels]
        } else {
            vec![]
        };
        Input {
            shape: Shape::new(1, 1, channels),
            element,
            normalise,
        }
    }

    fn numbers(arguments: &Preprocessing, bytes: &[u8]) -> Vec<f32> {
        let converter = arguments.for_input(&input(bytes.len(), Element::F32, false));
        let converter = converter.unwrap_or_else(|_| panic!("the arguments fit"));
        let raw = converter.convert(bytes.to_vec());
        raw.as_chunks()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect()
    }

    #[test]
    fn presets_are_what_frameworks_do() {
        let preset = |preset| Preprocessing {
            preset: Some(preset),
            ..NOTHING
        };
        assert_eq!(numbers(&NOTHING, &[0, 51, 255]), [0.0, 0.2, 1.0]);
        assert_eq!(numbers(&preset(Preset::Unit), &[255]), [1.0]);
        assert_eq!(numbers(&preset(Preset::Tf), &[0, 255]), [-1.0, 1.0]);
        let expected =
            [(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)].map(|(m, s)| ((1.0 - m) / s) as f32);
        assert_eq!(
            numbers(&preset(Preset::Imagenet), &[255, 255, 255]),
            expected
        );
    }

    #[test]
    fn own_numbers_hold_for_all_channels_or_each() {
        let own = Preprocessing {
            scale: Some(vec![2.0]),
            mean: Some(vec![1.0, 3.0]),
            ..NOTHING
        };
        assert_eq!(numbers(&own, &[5, 5]), [9.0, 7.0]);
        assert!(own.for_input(&input(3, Element::F32, false)).is_err());
        let zero = Preprocessing {
            std: Some(vec![0.0]),
            ..NOTHING
        };
        assert!(zero.for_input(&input(3, Element::F32, false)).is_err());
    }

    #[test]
    fn a_network_that_normalises_gets_bytes() {
        let own = |element, normalises| {
            NOTHING
                .for_input(&input(1, element, normalises))
                .ok()
                .map(|c| c.convert(vec![7]))
        };
        assert_eq!(own(Element::U8, false), Some(vec![7]));
        assert_eq!(own(Element::U8, true), Some(vec![7]));
        assert_eq!(
            own(Element::F32, true),
            Some(7.0_f32.to_le_bytes().to_vec())
        );
        let unit = Preprocessing {
            preset: Some(Preset::Unit),
            ..NOTHING
        };
        assert!(unit.for_input(&input(1, Element::U8, false)).is_err());
        assert!(unit.for_input(&input(1, Element::F32, true)).is_err());
    }

    #[test]
    fn scales_may_be_fractions() {
        assert_eq!(fraction("1/4"), Ok(0.25));
        assert_eq!(fraction("0.5"), Ok(0.5));
        assert!(fraction("1/0").is_err() && fraction("a").is_err());
    }
}

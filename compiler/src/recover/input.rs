//! The line `input`: sizes, and how pixels become numbers.
//!
//! A spec says x = (p * scale - mean) / std, a graph p * s + t in f32. Of the numbers that give exactly s and t the
//! shortest are taken: 1/127.5 and -1 are a mean and a deviation of 127.5. Models divide by an f32 near 0.224, which is
//! never 0.224: a short number that is as near as f32 arithmetic is what was meant.
//!
//! In: a graph's input. Out: a line. Never: moves a number further than [`near`].

use super::text::{flow, list, number};
use crate::graph::{Input, PixelMap};
use crate::shape::Element;

/// `input: {height: 224, width: 224, channels: 3}`.
pub(super) fn line(input: &Input) -> String {
    let size = |n: usize| n.to_string();
    let mut keys = vec![
        ("height", size(input.shape.h)),
        ("width", size(input.shape.w)),
        ("channels", size(input.shape.c)),
    ];
    if input.element == Element::U8 {
        keys.push(("type", "u8".to_owned()));
    }
    keys.extend(normalisation(&input.normalise));
    format!("input: {}", flow(&keys))
}

/// How one channel is read, each number as it is written.
#[derive(Clone, Debug, PartialEq)]
struct Channel {
    scale: String,
    mean: String,
    std: String,
}

/// Values of `scale` that stand for a type's range.
const SCALES: [f64; 2] = [1.0, 1.0 / 255.0];

fn normalisation(maps: &[PixelMap]) -> Vec<(&'static str, String)> {
    let written = SCALES.map(|scale| {
        let channels: Option<Vec<Channel>> = maps.iter().map(|map| scaled(*map, scale)).collect();
        channels.map(|channels| keys(&channels))
    });
    let plain = keys(&maps.iter().map(|map| unscaled(*map)).collect::<Vec<_>>());
    let length = |keys: &Vec<(&str, String)>| {
        keys.iter()
            .map(|(key, v)| key.len() + v.len())
            .sum::<usize>()
    };
    let all = written.into_iter().flatten().chain([plain]);
    let keys = all.min_by_key(length).unwrap_or_default();
    if keys.is_empty() && !maps.is_empty() {
        // As it is, but said: the network has a map for each channel.
        return vec![("scale", "1".to_owned())];
    }
    keys
}

/// The keys that say something; one number where all channels have the same.
fn keys(channels: &[Channel]) -> Vec<(&'static str, String)> {
    type Part = fn(&Channel) -> &String;
    let parts: [(&str, &str, Part); 3] = [
        ("scale", "1", |c| &c.scale),
        ("mean", "0", |c| &c.mean),
        ("std", "1", |c| &c.std),
    ];
    let mut keys = Vec::new();
    for (key, nothing, part) in parts {
        let values: Vec<&String> = channels.iter().map(part).collect();
        let Some(first) = values.first() else {
            continue;
        };
        if values.iter().any(|v| v != first) {
            keys.push((key, list(values)));
        } else if *first != nothing {
            keys.push((key, (*first).clone()));
        }
    }
    keys
}

/// With this scale, by mean and deviation.
fn scaled(map: PixelMap, scale: f64) -> Option<Channel> {
    let std = shortest(scale / f64::from(map.scale), |std| {
        ((scale / std) as f32, map.scale)
    })?;
    let divisor: f64 = std.parse().ok()?;
    let mean = shortest(-f64::from(map.shift) * divisor, |mean| {
        ((-mean / divisor) as f32, map.shift)
    })?;
    let scale = number(scale);
    Some(Channel { scale, mean, std })
}

/// By scale and mean alone, which always says it.
fn unscaled(map: PixelMap) -> Channel {
    let exact = |x: f32| {
        let short = shortest(x.into(), |y| (y as f32, x));
        short.unwrap_or_else(|| number(x.into()))
    };
    Channel {
        scale: exact(map.scale),
        mean: exact(0.0 - map.shift),
        std: "1".to_owned(),
    }
}

/// Digits of a number that somebody wrote by hand.
const BY_HAND: usize = 6;

/// The number with the fewest digits next to `x` that makes of the first what the second is.
fn shortest(x: f64, makes: impl Fn(f64) -> (f32, f32)) -> Option<String> {
    let rounded = |digits: usize| Some((digits, format!("{x:.digits$e}").parse::<f64>().ok()?));
    let serves = |(digits, y): &(usize, f64)| {
        let (made, wanted) = makes(*y);
        made == wanted || (*digits < BY_HAND && near(made, wanted))
    };
    let mut rounded = (0..17).filter_map(rounded).filter(|(_, y)| y.is_finite());
    rounded.find(serves).map(|(_, y)| number(y))
}

/// Whether two numbers differ by no more than two roundings of f32.
pub(super) fn near(a: f32, b: f32) -> bool {
    (f64::from(a) - f64::from(b)).abs() <= f64::from(b).abs() * f64::from(f32::EPSILON) * 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(scale: f64, shift: f64) -> String {
        let map = PixelMap {
            scale: scale as f32,
            shift: shift as f32,
        };
        flow(&normalisation(&[map; 3]))
    }

    #[test]
    fn the_shortest_way_to_say_it_is_taken() {
        assert_eq!(written(1.0 / 255.0, 0.0), "{std: 255}");
        assert_eq!(written(1.0 / 127.5, -1.0), "{mean: 127.5, std: 127.5}");
        assert_eq!(written(2.0, -1.0), "{scale: 2, mean: 1}");
        assert_eq!(written(1.0, 0.0), "{scale: 1}");
        assert_eq!(flow(&normalisation(&[])), "{}");
    }

    #[test]
    fn each_channel_has_its_own_where_they_differ() {
        let map = |mean: f64, std: f64| PixelMap {
            scale: (1.0 / 255.0 / std) as f32,
            shift: (-mean / std) as f32,
        };
        let maps = [map(0.485, 0.229), map(0.456, 0.224), map(0.406, 0.225)];
        let text = flow(&normalisation(&maps));
        let expected = "{mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375]}";
        assert_eq!(text, expected);
    }

    #[test]
    fn every_number_is_said() {
        let mut state = 1u32;
        for _ in 0..2000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let x = f32::from_bits(0x3000_0000 | (state >> 4));
            let channel = unscaled(PixelMap {
                scale: x,
                shift: -x,
            });
            let said = |text: &str| text.parse::<f64>().expect("a number") as f32;
            assert!(near(said(&channel.scale), x) && near(-said(&channel.mean), -x));
            let mantissa = channel.scale.split('e').next().unwrap_or_default();
            let mantissa = mantissa.trim_start_matches(['0', '.']);
            let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
            assert!(
                digits <= BY_HAND || said(&channel.scale) == x,
                "{channel:?}"
            );
        }
    }
}

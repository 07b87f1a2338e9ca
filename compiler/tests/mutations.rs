//! Broken specs: whatever stands in the text, the front end gives a sound graph or says what is wrong.
//!
//! Every table of `arch-specs/` is damaged in ways that do not depend on the machine or the day. 3,000 inputs;
//! `MNETC_MUTATIONS=100000` for more.

use mnetc::diag::{Diagnostics, Sources, Style, render};
use mnetc::front::{expand, yaml};
use mnetc::graph::verify;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// What takes longer hangs, also on a machine that does much else.
const SLOWEST: Duration = Duration::from_secs(60);

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

fn specs() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../arch-specs");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("a readable spec"))
        .collect()
}

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "2",
    "3",
    "7",
    "64",
    "1000",
    "65536",
    "1048576",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "1e308",
    "1e999",
    "-0",
    "0.5",
    "1e-9",
    ".inf",
    ".nan",
    "0x10",
    "010",
    "1_000",
    "''",
    "~",
];
const WORDS: &[&str] = &[
    "true",
    "false",
    "null",
    "same",
    "valid",
    "auto",
    "[1, 2, 3, 4]",
    "[]",
    "{}",
    "{epsilon: 1}",
    "relu",
    "HS",
    "&a 1",
    "*a",
    "!!int 3",
    "!x",
    "|",
    ">-",
    "\"",
    "'",
    "#",
    "---",
    "<<",
    "? ",
    "- ",
    ": ",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{2028}",
    "größe",
    "\u{0}",
    "%YAML 1.2",
    "@",
    "`",
];
const KEYS: &[&str] = &[
    "k",
    "s",
    "d",
    "c",
    "t",
    "n",
    "exp",
    "se",
    "nl",
    "residual",
    "padding",
    "tap",
    "tap_expansion",
    "name",
    "groups",
    "bias",
    "width",
    "from",
    "add",
    "depthwise",
    "flatten",
    "max_pool",
    "type",
    "mean",
    "budget",
    "rounding",
    "columns",
];

fn mutate(text: &str, other: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        bytes = once(bytes, other, random);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn once(mut bytes: Vec<u8>, other: &str, random: &mut Random) -> Vec<u8> {
    let at = random.below(bytes.len() + 1);
    match random.below(12) {
        0 => flip(bytes, random),
        1 => {
            let end = (at + 1 + random.below(40)).min(bytes.len());
            bytes.drain(at..end);
            bytes
        }
        2 => with_lines(&bytes, |lines| lines.extend_from_within(..)),
        3 => with_lines(&bytes, |lines| {
            let line = random.below(lines.len());
            let copy = lines[line];
            lines.insert(random.below(lines.len()), copy);
        }),
        4 => with_lines(&bytes, |lines| {
            let line = random.below(lines.len());
            lines.remove(line);
        }),
        5 => {
            let from = random.below(other.len());
            let end = (from + random.below(200)).min(other.len());
            splice(bytes, at..at, &other.as_bytes()[from..end])
        }
        6 | 7 => replace_run(bytes, random, |b| b.is_ascii_digit(), NUMBERS),
        8 => replace_run(bytes, random, |b| b.is_ascii_lowercase() || b == b'_', KEYS),
        9 => splice(bytes, at..at, random.pick(WORDS).as_bytes()),
        10 => {
            let depth = 1 << random.below(13);
            let bracket = random.pick(&["[", "{a: ", "- ", "[[", "? "]);
            splice(bytes, at..at, bracket.repeat(depth).as_bytes())
        }
        _ => {
            bytes.truncate(at);
            bytes
        }
    }
}

fn flip(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let at = random.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << random.below(8);
    }
    bytes
}

fn with_lines(bytes: &[u8], change: impl FnOnce(&mut Vec<&[u8]>)) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    if !lines.is_empty() {
        change(&mut lines);
    }
    lines.concat()
}

fn splice(mut bytes: Vec<u8>, at: std::ops::Range<usize>, with: &[u8]) -> Vec<u8> {
    bytes.splice(at, with.iter().copied());
    bytes
}

/// Replaces one run of bytes of a class by one of `words`.
fn replace_run(
    bytes: Vec<u8>,
    random: &mut Random,
    class: fn(u8) -> bool,
    words: &[&str],
) -> Vec<u8> {
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|&i| class(bytes[i]) && (i == 0 || !class(bytes[i - 1])))
        .collect();
    if starts.is_empty() {
        return bytes;
    }
    let start = starts[random.below(starts.len())];
    let len = bytes[start..].iter().take_while(|b| class(**b)).count();
    let word = random.pick(words).as_bytes();
    splice(bytes, start..start + len, word)
}

/// Reads one text; true when it is a network.
fn check(text: String, sets: &[String]) -> bool {
    let (mut sources, mut diags) = (Sources::new(), Diagnostics::new());
    let id = sources.add("mutant.yaml", text);
    let graph = yaml::parse(&mut sources, id, sets, &mut diags)
        .and_then(|spec| expand::expand(&spec, &mut diags));
    if let Some(graph) = graph {
        assert!(diags.is_empty(), "a graph, and complaints about it");
        let faults = verify::faults(&graph);
        assert!(faults.is_empty(), "{faults:#?}");
        return true;
    }
    assert!(diags.has_errors(), "neither a graph nor an error");
    for diagnostic in diags.iter() {
        assert!(!diagnostic.labels.is_empty(), "{diagnostic:?}");
        assert!(diagnostic.help.is_some(), "{diagnostic:?}");
        for label in &diagnostic.labels {
            let text = &sources.get(label.span.source).text;
            let inside = text.get(label.span.start..label.span.end);
            assert!(inside.is_some(), "{diagnostic:?}");
        }
    }
    for style in [Style::Plain, Style::Styled] {
        assert!(render(&diags, &sources, style).contains("error"));
    }
    false
}

/// What is checked last, shown when it panics: the input is the bug report.
struct OnPanic<'a>(&'a str);

impl Drop for OnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- input\n{}\n---", self.0.escape_debug());
        }
    }
}

#[test]
fn a_graph_or_an_error() {
    let count: usize =
        std::env::var("MNETC_MUTATIONS").map_or(3000, |n| n.parse().expect("a number"));
    let specs = specs();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut slowest, mut accepted) = (Duration::ZERO, 0);
    for i in 0..count {
        let other = &specs[random.below(specs.len())];
        let text = mutate(&specs[i % specs.len()], other, &mut random);
        let sets: &[String] = match random.below(8) {
            0 => &[format!("width_multiplier={}", random.pick(NUMBERS))],
            1 => &[format!(
                "input={}x{}",
                random.pick(NUMBERS),
                random.pick(NUMBERS)
            )],
            2 => &[format!(
                "{}.{}={}",
                random.pick(KEYS),
                random.pick(KEYS),
                random.pick(WORDS)
            )],
            _ => &[],
        };
        let (started, _input) = (Instant::now(), OnPanic(&text));
        accepted += usize::from(check(text.clone(), sets));
        slowest = slowest.max(started.elapsed());
    }
    eprintln!("{count} inputs, {accepted} still networks, slowest {slowest:?}");
    assert!(slowest < SLOWEST, "{slowest:?}");
    assert!(
        accepted > 0 && accepted < count,
        "{accepted} of {count} are networks"
    );
}

#[test]
fn large_inputs_are_refused_or_answered_in_time() {
    let row = "        - [1, 16, 1, 1]\n";
    let head = "name: n\ninput: {height: 8, width: 8, channels: 3}\nlayers:\n";
    let table = "  - inverted_residual:\n      columns: [t, c, n, s]\n      rows:\n";
    let texts = [
        "[".repeat(1 << 18),
        "{a: ".repeat(1 << 16),
        "- ".repeat(1 << 17),
        "a\n".repeat(1 << 17),
        "x".repeat(1 << 18),
        format!("{head}{table}{}", row.repeat(10_000)),
        format!("{head}{}", "  - flatten\n".repeat(20_000)),
        format!("{head}{}", "  - flattne\n".repeat(20_000)),
        format!("{head}  - conv: {{{}}}\n", "k: 3, ".repeat(40_000)),
        format!("{head}{table}{}", row.repeat(200_000)),
        format!("name: {}\n", "a".repeat(250_000)),
    ];
    for text in texts {
        let started = Instant::now();
        let start: String = text.chars().take(20).collect();
        assert!(!check(text, &[]), "{start}");
        assert!(
            started.elapsed() < SLOWEST,
            "{start}: {:?}",
            started.elapsed()
        );
    }
}

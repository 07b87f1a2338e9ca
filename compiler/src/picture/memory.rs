//! Draws the arena over time: down the steps, across the bytes, a box for each map where it lies and while it is alive.
//!
//! In: a plan with its memory laid out. Out: an SVG. Never: looks at what a step computes beyond its kind.

use super::axis::Axis;
use super::blocks::{self, Kind};
use super::layout::{MARGIN, Point, WIDTH};
use super::svg::{STYLE, class, key, label, line_element, rect, short_bytes, shortened};
use super::xml::{Xml, px};
use crate::number::thousands;
use crate::plan::{MapId, Plan, Storage};
use crate::shape::Element;
use crate::summary::{live_bytes, peak};
use std::ops::Range;

/// Where the first step begins, how high a step is, and the foot.
const TOP: f64 = 128.0;
const PITCH: f64 = 20.0;
const FOOT: f64 = 76.0;

/// Where the arena lies, and the bars of bytes alive.
const ARENA: [f64; 2] = [196.0, 836.0];
const ALIVE: [f64; 2] = [856.0, 906.0];

/// Characters of a step's name.
const NAME: usize = 26;

/// The width of a character of a label, about.
const CHARACTER: f64 = 6.2;

/// A map in the arena while it is alive.
struct Stay {
    name: String,
    shape: String,
    kind: Kind,
    bytes: Range<usize>,
    /// The steps, from the one that writes it to the last that reads it or what takes its place.
    steps: Range<usize>,
    /// At which of them it is read.
    read: Vec<usize>,
}

pub(super) fn text(plan: &Plan) -> String {
    let bottom = TOP + plan.steps.len() as f64 * PITCH;
    let (width, height) = (px(WIDTH), px(bottom + FOOT));
    let attributes = format!(
        "xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\""
    );
    let arena = Axis::new(ARENA, plan.memory.bytes as u64);
    let mut xml = Xml::default();
    xml.element("svg", &attributes, |xml| {
        xml.leaf(
            "title",
            "id=\"title\"",
            &format!("{}: memory over time", plan.name),
        );
        xml.leaf("desc", "id=\"desc\"", &description(plan));
        xml.element("style", "", |xml| {
            STYLE.lines().skip(1).for_each(|l| xml.line(l));
        });
        background(xml, plan, bottom);
        title(xml, plan);
        axis(xml, &arena, bottom);
        for step in 0..plan.steps.len() {
            self::step(xml, plan, step);
        }
        let stays = stays(plan);
        for stay in &stays {
            self::stay(xml, &arena, stay);
        }
        foot(xml, &stays, bottom);
    });
    xml.finish()
}

/// The picture in words, for those who cannot see it.
fn description(plan: &Plan) -> String {
    let fullest = peak(plan).map_or(String::new(), |(step, bytes)| {
        let name = &plan.steps[step].origin.name;
        format!(
            ", fullest at step {step}, {name}, where {} bytes are alive",
            thousands(bytes)
        )
    });
    let (arena, steps) = (thousands(plan.memory.bytes as u64), plan.steps.len());
    format!("An arena of {arena} bytes over {steps} steps{fullest}.")
}

/// What lies in the arena, in the order it is first written.
fn stays(plan: &Plan) -> Vec<Stay> {
    let kinds: Vec<Kind> = kinds(plan);
    let mut stays: Vec<Stay> = Vec::new();
    // Of every buffer, the stay that is its last so far.
    let mut last: Vec<Option<usize>> = vec![None; plan.buffers.len()];
    let buffer_of = |map: MapId| match plan.map(map).storage {
        Storage::Buffer(buffer) => Some(buffer),
        Storage::Input | Storage::Output(_) => None,
    };
    for (at, step) in plan.steps.iter().enumerate() {
        for buffer in step.reads().filter_map(buffer_of) {
            if let Some(stay) = last[buffer] {
                stays[stay].read.push(at);
            }
        }
        let kind = |map| match map == step.output {
            true => kinds[at],
            false => Kind::Plain,
        };
        let written = step.writes().map(|map| (map, kind(map)));
        for (map, kind) in written {
            let Some(buffer) = buffer_of(map) else {
                continue;
            };
            let (start, map) = (plan.memory.offsets[buffer], plan.map(map));
            if let Some(before) = last[buffer].replace(stays.len()) {
                // In place: what lay here is gone from this step on.
                stays[before].steps.end = at;
            }
            stays.push(Stay {
                name: map.name.clone(),
                shape: map.shape.to_string().replace('x', "×"),
                kind,
                bytes: start..start + plan.buffers[buffer].bytes,
                steps: at..plan.buffers[buffer].last + 1,
                read: vec![],
            });
        }
    }
    stays
}

/// What every step is in its block.
fn kinds(plan: &Plan) -> Vec<Kind> {
    let blocks = blocks::of(plan);
    let layers = blocks.iter().flat_map(|block| &block.layers);
    layers.map(|layer| layer.kind).collect()
}

fn top(step: usize) -> f64 {
    TOP + step as f64 * PITCH
}

/// Bands under every other block.
fn background(xml: &mut Xml, plan: &Plan, bottom: f64) {
    let (width, height) = (px(WIDTH - 1.0), px(bottom + FOOT - 1.0));
    xml.empty(
        "rect",
        &format!("class=\"page\" x=\".5\" y=\".5\" width=\"{width}\" height=\"{height}\" rx=\"8\""),
    );
    for block in blocks::of(plan).iter().step_by(2) {
        let (from, to) = (MARGIN - 12.0, WIDTH - MARGIN + 12.0);
        let span = [top(block.steps.start), top(block.steps.end)];
        rect(xml, "band", [from, span[0]], [to, span[1]]);
    }
}

fn title(xml: &mut Xml, plan: &Plan) {
    let shape = plan.input.shape;
    let input = (shape.len() * plan.input.element.bytes()) as u64;
    let outputs = plan.outputs.iter();
    let outputs: usize = outputs.map(|o| o.shape.len() * Element::F32.bytes()).sum();
    let name = shortened(&plan.name, 30);
    label(xml, "title", [MARGIN, 46.0], &name);
    label(xml, "soft", [MARGIN, 68.0], "memory over time");
    let numbers = [
        (plan.memory.bytes as u64, "bytes of arena"),
        (input, "bytes of input, beside it"),
        (outputs as u64, "bytes of outputs, beside it"),
    ];
    for (place, (number, word)) in numbers.into_iter().enumerate() {
        let x = [410.0, 590.0, 790.0][place];
        label(xml, "total", [x, 46.0], &thousands(number));
        label(xml, "soft small", [x, 64.0], word);
    }
    let y = TOP - 26.0;
    label(xml, "head", [MARGIN, y], "step");
    label(xml, "head", [ARENA[0], y], "place in the arena");
    label(xml, "head", [ALIVE[0], y], "bytes alive");
}

fn axis(xml: &mut Xml, arena: &Axis, bottom: f64) {
    for (tick, text) in arena.ticks.iter().zip(arena.labels("B")) {
        let x = arena.at(*tick);
        line_element(xml, "grid", [x, TOP], [x, bottom]);
        label(xml, "soft mid small", [x, TOP - 8.0], &text);
    }
    for x in ARENA {
        line_element(xml, "rule", [x, TOP], [x, bottom]);
    }
}

/// A step's name and how many bytes are alive.
fn step(xml: &mut Xml, plan: &Plan, step: usize) {
    let (alive, name) = (live_bytes(plan, step), &plan.steps[step].origin.name);
    let baseline = top(step) + PITCH / 2.0 + 4.0;
    let is_peak = peak(plan).is_some_and(|(peak, _)| peak == step);
    let name_class = if is_peak { "small peak" } else { "small" };
    label(xml, name_class, [MARGIN, baseline], &shortened(name, NAME));
    let to = Axis::new(ALIVE, plan.memory.bytes as u64).at(alive);
    let bar = if is_peak { "arena full" } else { "arena" };
    if alive > 0 {
        let ends = [top(step) + 5.0, top(step) + PITCH - 5.0];
        rect(xml, bar, [ALIVE[0], ends[0]], [to, ends[1]]);
        let (text_class, word) = match is_peak {
            true => ("small peak", " peak"),
            false => ("small soft", ""),
        };
        let text = format!("{}{word}", short_bytes(alive));
        label(xml, text_class, [to + 5.0, baseline], &text);
    }
}

/// A map: full where it is written, paler where it is read, palest where it waits.
fn stay(xml: &mut Xml, arena: &Axis, stay: &Stay) {
    let [left, right] = [stay.bytes.start, stay.bytes.end].map(|byte| arena.at(byte as u64));
    // Scratch of a few bytes is seen too.
    let right = right.max(left + 2.0);
    let [above, below] = [top(stay.steps.start) + 1.0, top(stay.steps.end) - 1.0];
    xml.element("g", "", |xml| {
        xml.leaf("title", "", &tooltip(stay));
        let class = class(stay.kind);
        rect(
            xml,
            &format!("{class} waits"),
            [left, above],
            [right, below],
        );
        for step in &stay.read {
            let (from, to) = ([left, top(*step) + 1.0], [right, top(*step + 1) - 1.0]);
            rect(xml, &format!("{class} reads"), from, to);
        }
        let end = top(stay.steps.start + 1) - 1.0;
        rect(xml, class, [left, above], [right, end]);
        rect(xml, "outline", [left, above], [right, below]);
        let middle: Point = [(left + right) / 2.0, above + PITCH / 2.0 + 2.5];
        let fits = |text: &String| text.chars().count() as f64 * CHARACTER <= right - left;
        let texts = [
            format!("{} {}", stay.name, stay.shape),
            stay.name.clone(),
            stay.shape.clone(),
        ];
        if let Some(text) = texts.iter().find(|text| fits(text)) {
            label(xml, "small mid", middle, text);
        }
    });
}

fn tooltip(stay: &Stay) -> String {
    let Range { start, end } = stay.steps;
    let Range {
        start: from,
        end: to,
    } = stay.bytes;
    let [length, from, to] = [to - from, from, to].map(|n| thousands(n as u64));
    let (name, shape, last) = (&stay.name, &stay.shape, end - 1);
    format!(
        "{name} {shape}\n{length} bytes, from {from} to {to}\nalive from step {start} to {last}"
    )
}

fn foot(xml: &mut Xml, stays: &[Stay], bottom: f64) {
    line_element(
        xml,
        "rule",
        [MARGIN, bottom + 14.0],
        [WIDTH - MARGIN, bottom + 14.0],
    );
    let y = bottom + 34.0;
    let keys = [
        (Kind::Expansion, "expansion"),
        (Kind::Depthwise, "depthwise"),
        (Kind::SqueezeExcite, "squeeze-and-excite"),
        (Kind::Projection, "pointwise, projection"),
        (Kind::Convolution, "convolution"),
        (Kind::Linear, "linear"),
        (Kind::Plain, "other, scratch"),
    ];
    let mut x = MARGIN;
    for (kind, word) in keys {
        if stays.iter().any(|stay| stay.kind == kind) {
            key(xml, class(kind), [x, y], word);
            x += 34.0 + 6.0 * word.chars().count() as f64;
        }
    }
    let note = "Each box is the map a step makes: full where it is written, paler where it is read, palest while it waits to be. \
                A box below another of the same width took its place.";
    label(xml, "soft small", [MARGIN, y + 20.0], note);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    #[test]
    fn the_arena_of_the_sample_as_a_picture() {
        sample::assert_is_file(&text(&sample::plan()), "picture/sample_memory.svg");
    }

    #[test]
    fn maps_stay_from_where_they_are_written_to_where_they_are_last_read() {
        let stays = stays(&sample::plan());
        let line = |stay: &Stay| {
            let Range { start, end } = stay.steps;
            let (name, kind, read) = (&stay.name, stay.kind, &stay.read);
            format!("{name} {kind:?} {start}..{end} read {read:?}")
        };
        let lines: Vec<_> = stays.iter().map(line).collect();
        let expected = [
            "stem Convolution 0..4 read [1]",
            "stem.scratch Plain 0..1 read []",
            "row1.1.expand Expansion 1..3 read [2]",
            "row1.1.depthwise Depthwise 2..3 read []",
        ];
        assert_eq!(lines[..4], expected);
    }
}

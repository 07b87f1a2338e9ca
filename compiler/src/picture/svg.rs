//! Writes the SVG.
//!
//! In: blocks and the scene they stand in. Out: elements. Never: computes a place that [`super::layout`] should know.

use super::blocks::{self, Block, Kind};
use super::layout::{
    self, Arc, Column, FUNNEL, LayerBox, Line, MARGIN, PITCH, Point, SHAPES, Scene, Stage, TOP,
    WIDTH,
};
use super::xml::{Xml, px};
use crate::number::{short, thousands};
use crate::plan::{Plan, cost};

/// Fonts and colours, for light pages and for dark ones. The comment in its first line stays behind.
pub(super) const STYLE: &str = include_str!("style.css");

/// Characters that fit below a shape, and before the totals as the network's name and as what goes in and out.
const NOTE: usize = 17;
const NAME: usize = 38;
const ENDS: usize = 76;

/// Where the totals stand.
const TOTALS: [f64; 4] = [530.0, 660.0, 762.0, 880.0];

pub(super) fn text(plan: &Plan) -> String {
    let blocks = blocks::of(plan);
    let scene = layout::scene(&blocks, &blocks::jumps(plan, &blocks));
    let (width, height) = (px(WIDTH), px(scene.height));
    let attributes = format!(
        "xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\""
    );
    let mut xml = Xml::default();
    xml.element("svg", &attributes, |xml| {
        xml.leaf("title", "id=\"title\"", &plan.name);
        xml.leaf("desc", "id=\"desc\"", &description(plan, &blocks));
        xml.element("style", "", |xml| {
            STYLE.lines().skip(1).for_each(|l| xml.line(l));
        });
        background(xml, &scene);
        heads(xml, plan, &scene);
        axes(xml, &scene);
        for (block, line) in blocks.iter().zip(&scene.lines) {
            self::line(xml, block, line);
        }
        scene.arcs.iter().for_each(|a| arc(xml, a));
        foot(xml, &scene);
    });
    xml.finish()
}

/// The picture in words, for those who cannot see it.
fn description(plan: &Plan, blocks: &[Block]) -> String {
    let maps: Vec<_> = blocks.iter().map(|b| b.output.to_string()).collect();
    format!(
        "{} blocks from an input of {} to maps of {}. {}",
        blocks.len(),
        plan.input.shape,
        maps.join(", "),
        totals(plan)
    )
}

fn totals(plan: &Plan) -> String {
    let cost = cost::total(plan);
    let bytes = [plan.weight_bytes(), plan.memory.bytes];
    let [weights, arena] = bytes.map(|n| short_bytes(n as u64));
    let [macs, params] = [cost.macs, cost.params].map(thousands);
    format!("{macs} MACs, {params} parameters, {weights} of weights, {arena} of arena")
}

fn background(xml: &mut Xml, scene: &Scene) {
    let (width, height) = (px(WIDTH - 1.0), px(scene.height - 1.0));
    xml.empty(
        "rect",
        &format!("class=\"page\" x=\".5\" y=\".5\" width=\"{width}\" height=\"{height}\" rx=\"8\""),
    );
    for (place, stage) in scene.stages.iter().enumerate() {
        if place % 2 == 0 {
            let (from, to) = (MARGIN - 12.0, WIDTH - MARGIN + 12.0);
            rect(xml, "band", [from, stage.top], [to, stage.bottom]);
        }
        stage_label(xml, stage);
    }
}

fn stage_label(xml: &mut Xml, stage: &Stage) {
    let [h, w] = stage.size;
    let place = [MARGIN, stage.top + PITCH / 2.0 + 4.0];
    label(xml, "stage", place, &format!("{h}×{w}"));
}

fn heads(xml: &mut Xml, plan: &Plan, scene: &Scene) {
    title(xml, plan);
    let y = TOP - 26.0;
    for column in &scene.columns {
        let (class, name) = (class(column.kind), column_title(column));
        let middle = (column.from + column.to) / 2.0;
        let half = 6.0 + 2.8 * name.chars().count() as f64;
        key(xml, class, [middle - half, y], name);
    }
    let input = plan.input.shape.to_string().replace('x', "×");
    label(xml, "head mid", [FUNNEL, y], "input");
    label(xml, "soft mid small", [FUNNEL, TOP - 8.0], &input);
    label(xml, "head", [SHAPES, y], "output");
    label(xml, "head", [scene.macs.from, y], "MACs");
    key(xml, "weights", [scene.bytes.from, y], "weights");
    key(xml, "arena", [scene.bytes.from + 70.0, y], "arena");
}

/// The network's name, what goes in and out, and the totals as large numbers.
fn title(xml: &mut Xml, plan: &Plan) {
    let (name, ends) = (shortened(&plan.name, NAME), shortened(&ends(plan), ENDS));
    label(xml, "title", [MARGIN, 46.0], &name);
    label(xml, "soft", [MARGIN, 68.0], &ends);
    let cost = cost::total(plan);
    let numbers = [
        (cost.macs, "multiply-adds"),
        (cost.params, "parameters"),
        (plan.weight_bytes() as u64, "bytes of weights"),
        (plan.memory.bytes as u64, "bytes of arena"),
    ];
    for (place, (number, word)) in numbers.into_iter().enumerate() {
        let x = TOTALS[place];
        label(xml, "total", [x, 46.0], &thousands(number));
        label(xml, "soft small", [x, 64.0], word);
    }
}

/// `224×224×3 f32 → logits 1×1×1000`; of many outputs their number.
fn ends(plan: &Plan) -> String {
    let (input, element) = (plan.input.shape, plan.input.element.name());
    let outputs = match &plan.outputs[..] {
        [one] => format!("{} {}", one.name, one.shape),
        many => format!("{} outputs", many.len()),
    };
    format!("{input} {element} → {outputs}").replace('x', "×")
}

/// A square of colour and a word.
pub(super) fn key(xml: &mut Xml, class: &str, [x, y]: Point, word: &str) {
    rect(xml, class, [x, y - 8.0], [x + 8.0, y]);
    label(xml, "head", [x + 12.0, y], word);
}

/// What the layers of a column are called, if that is short enough to stand above it.
fn column_title(column: &Column) -> &str {
    match &column.role {
        Some(role) if role.chars().count() <= 10 => role,
        _ => match column.kind {
            Kind::Expansion => "expansion",
            Kind::Depthwise => "depthwise",
            Kind::SqueezeExcite => "SE",
            Kind::Projection => "projection",
            Kind::Convolution | Kind::Linear | Kind::Plain => "",
        },
    }
}

/// The class of a kind of layer.
pub(super) fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Expansion => "exp",
        Kind::Depthwise => "dw",
        Kind::SqueezeExcite => "se",
        Kind::Projection => "proj",
        Kind::Convolution => "conv",
        Kind::Linear => "lin",
        Kind::Plain => "plain",
    }
}

fn axes(xml: &mut Xml, scene: &Scene) {
    for (axis, unit) in [(&scene.macs, ""), (&scene.bytes, "B")] {
        for (tick, text) in axis.ticks.iter().zip(axis.labels(unit)) {
            let x = axis.at(*tick);
            line_element(xml, "grid", [x, TOP], [x, scene.bottom]);
            label(xml, "soft mid small", [x, TOP - 8.0], &text);
        }
    }
}

fn line(xml: &mut Xml, block: &Block, line: &Line) {
    xml.element("g", "", |xml| {
        xml.leaf("title", "", &block.tooltip);
        polygon(xml, "funnel", &line.funnel);
        let place = [FUNNEL, line.middle + 4.0];
        label(xml, "small mid", place, &block.number);
        let [from, to] = line.ends;
        line_element(xml, "wire", [from, line.middle], [to, line.middle]);
        let alone = line.layers.len() == 1;
        line.layers
            .iter()
            .for_each(|l| layer(xml, block, l, line.middle, alone));
        shape(xml, block, line);
        costs(xml, block, line);
    });
}

fn layer(xml: &mut Xml, block: &Block, outline: &LayerBox, middle: f64, alone: bool) {
    let layer = &block.layers[outline.layer];
    let class = class(layer.kind);
    polygon(xml, class, &outline.outline);
    let text = if alone { &layer.long } else { &layer.short };
    label(xml, "mid", [outline.middle, middle + 4.0], text);
}

fn shape(xml: &mut Xml, block: &Block, line: &Line) {
    let shape = block.output.to_string().replace('x', "×");
    label(xml, "", [SHAPES, line.middle - 2.0], &shape);
    let note = match &block.outputs[..] {
        "" => block.activation.clone(),
        outputs => {
            let both = format!("{} → {outputs}", block.activation);
            let fits = both.chars().count() <= NOTE;
            if fits { both } else { format!("→ {outputs}") }
        }
    };
    let note = shortened(note.trim_start(), NOTE);
    label(xml, "soft small", [SHAPES, line.middle + 11.0], &note);
}

/// At most so many characters, the last of them three dots in one when there were more.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

fn costs(xml: &mut Xml, block: &Block, line: &Line) {
    let middle = line.middle;
    for bar in &line.macs {
        let class = class(bar.kind);
        rect(xml, class, [bar.from, middle - 7.0], [bar.to, middle + 7.0]);
    }
    if let Some(last) = line.macs.last() {
        let macs = block.layers.iter().map(|l| l.macs).sum();
        label(xml, "small", [last.to + 5.0, middle + 4.0], &short(macs));
    }
    let (arena, peak) = if block.is_peak {
        ("arena full", " peak")
    } else {
        ("arena", "")
    };
    let ends = [
        (&line.weights, "weights", block.weight_bytes, "", -10.0),
        (&line.arena, arena, block.arena_bytes, peak, 1.0),
    ];
    for (bar, class, bytes, word, above) in ends {
        if bytes > 0 {
            rect(
                xml,
                class,
                [bar.from, middle + above],
                [bar.to, middle + above + 9.0],
            );
            let text_class = if word.is_empty() {
                "small soft"
            } else {
                "small peak"
            };
            label(
                xml,
                text_class,
                [bar.to + 5.0, middle + above + 8.0],
                &format!("{}{word}", short_bytes(bytes)),
            );
        }
    }
}

/// `4.01 MB`, `640 B`.
pub(super) fn short_bytes(bytes: u64) -> String {
    let text = short(bytes);
    let space = if text.contains(' ') { "" } else { " " };
    text + space + "B"
}

fn arc(xml: &mut Xml, arc: &Arc) {
    let ([x, y], [to_x, to_y], bulge) = (arc.from, arc.to, px(arc.bulge));
    let [x, y, to_x, to_y] = [x, y, to_x, to_y].map(px);
    let class = if arc.is_skip { "arc" } else { "arc dash" };
    xml.empty(
        "path",
        &format!("class=\"{class}\" d=\"M{x} {y}C{bulge} {y} {bulge} {to_y} {to_x} {to_y}\""),
    );
    if arc.is_skip {
        sum(xml, arc.to);
    }
}

/// A plus in a circle.
fn sum(xml: &mut Xml, [x, y]: Point) {
    let (cx, cy) = (px(x), px(y));
    xml.empty(
        "circle",
        &format!("class=\"sum\" cx=\"{cx}\" cy=\"{cy}\" r=\"4.5\""),
    );
    line_element(xml, "arc", [x - 2.5, y], [x + 2.5, y]);
    line_element(xml, "arc", [x, y - 2.5], [x, y + 2.5]);
}

fn foot(xml: &mut Xml, scene: &Scene) {
    let notes = [
        "Layers are as high as the logarithm of their channels. The number is the channels made, in SE the squeezed ones.",
        "↓2: stride 2, which halves the map. A plus in a ring: the block's input is added. Funnel: square root of the map's height.",
        "Weights as packed, per block. Arena: all bytes alive while the block's fullest layer runs; the peak is what the network needs.",
    ];
    line_element(
        xml,
        "rule",
        [MARGIN, scene.bottom + 14.0],
        [WIDTH - MARGIN, scene.bottom + 14.0],
    );
    for (place, note) in notes.into_iter().enumerate() {
        let y = scene.bottom + 32.0 + 15.0 * place as f64;
        label(xml, "soft small", [MARGIN, y], note);
    }
}

pub(super) fn label(xml: &mut Xml, class: &str, [x, y]: Point, text: &str) {
    if text.is_empty() {
        return;
    }
    let class = if class.is_empty() {
        String::new()
    } else {
        format!("class=\"{class}\" ")
    };
    xml.leaf(
        "text",
        &format!("{class}x=\"{}\" y=\"{}\"", px(x), px(y)),
        text,
    );
}

pub(super) fn rect(xml: &mut Xml, class: &str, [x, y]: Point, [to_x, to_y]: Point) {
    let (width, height) = (px(to_x - x), px(to_y - y));
    let (x, y) = (px(x), px(y));
    xml.empty(
        "rect",
        &format!("class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""),
    );
}

pub(super) fn line_element(xml: &mut Xml, class: &str, [x1, y1]: Point, [x2, y2]: Point) {
    let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(px);
    xml.empty(
        "line",
        &format!("class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\""),
    );
}

fn polygon(xml: &mut Xml, class: &str, points: &[Point]) {
    let points: Vec<_> = points
        .iter()
        .map(|[x, y]| format!("{},{}", px(*x), px(*y)))
        .collect();
    xml.empty(
        "polygon",
        &format!("class=\"{class}\" points=\"{}\"", points.join(" ")),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    #[test]
    fn the_sample_as_a_picture() {
        sample::assert_is_file(&text(&sample::plan()), "picture/sample.svg");
    }

    #[test]
    fn every_element_is_closed_whatever_the_names() {
        let mut plan = sample::plan();
        plan.name = "<a href=\"b\"> & 'c'".into();
        for step in &mut plan.steps {
            step.origin.name = "/features/0</title><script>".into();
            step.origin.role = "a & b < c".into();
        }
        plan.outputs[0].name = "]]>".into();
        assert_well_formed(&text(&plan));
    }

    /// Every `<` opens a tag or closes the one that was opened last; every `&` starts a reference.
    fn assert_well_formed(xml: &str) {
        let mut open: Vec<&str> = Vec::new();
        for part in xml.split('<').skip(1) {
            let (tag, text) = part.split_once('>').expect("a tag ends");
            assert!(!text.contains('>'), "a bare > behind <{tag}>");
            let name = tag.split([' ', '/']).find(|word| !word.is_empty());
            if tag.starts_with('/') {
                assert_eq!(open.pop(), name, "</{tag}> closes another element");
            } else if !tag.ends_with('/') {
                open.extend(name);
            }
            assert_eq!(tag.matches('"').count() % 2, 0, "an open quote in <{tag}>");
        }
        assert_eq!(open, Vec::<&str>::new(), "elements left open");
        for part in xml.split('&').skip(1) {
            let reference = part.split(';').next();
            assert!(matches!(reference, Some("amp" | "lt" | "gt" | "quot")));
        }
    }

    #[test]
    fn long_names_end_in_dots() {
        assert_eq!(shortened("logits", 6), "logits");
        assert_eq!(shortened("logits2", 6), "logit…");
    }
}

//! Holds what a plan needs against limits of memory, and finds what would keep them.
//!
//! In: a plan, limits, and the network as something that can be planned with other sizes. Out: an error for each limit
//! that is not kept: where the arena is fullest, what lies in it there, and which smaller network would fit, found by
//! planning it. Never: knows how a network is read or written.

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::front::expand::Places;
use crate::front::spec;
use crate::number::{bytes, thousands};
use crate::plan::{MapId, Optimize, Plan, Step, Storage, Strategy, Strips, cost};
use crate::shape::{Element, Shape};
use crate::summary::peak;
use std::str::FromStr;

/// The most bytes a network may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So many.
    pub bytes: u64,
    /// Where a spec sets it.
    pub place: Option<Span>,
}

impl Limit {
    /// A limit that no spec sets.
    pub const fn new(bytes: u64) -> Self {
        Self { bytes, place: None }
    }
}

/// `256KiB`, as specs and arguments have it.
impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let limit = bytes(text).map(Self::new);
        limit.ok_or_else(|| {
            "write a number and one of B, KB, KiB, MB and MiB, as in 256KiB".to_owned()
        })
    }
}

/// Limits a network must keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of arena, input and outputs together.
    pub ram: Option<Limit>,
    /// Of the weights.
    pub flash: Option<Limit>,
}

impl Limits {
    /// The limits a spec sets.
    pub fn of_spec(budget: &spec::Budget) -> Self {
        let limit = |written: spec::Opt<u64>| {
            written.map(|limit| Limit {
                bytes: limit.value,
                place: Some(limit.span),
            })
        };
        Self {
            ram: limit(budget.ram),
            flash: limit(budget.flash),
        }
    }

    /// These, and where there is none the other's.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            ram: self.ram.or(other.ram),
            flash: self.flash.or(other.flash),
        }
    }

    fn keeps(&self, needs: Needs) -> bool {
        self.over(needs).iter().all(Option::is_none)
    }

    /// The limits on RAM and flash that are not kept.
    fn over(&self, needs: Needs) -> [Option<Limit>; 2] {
        [(self.ram, needs.ram()), (self.flash, needs.weights)]
            .map(|(limit, need)| limit.filter(|limit| need > limit.bytes))
    }

    /// What a network needs of all that is limited.
    fn words(&self, needs: Needs) -> String {
        let both = [
            self.ram.map(|_| (needs.ram(), "RAM")),
            self.flash.map(|_| (needs.weights, "flash")),
        ];
        let words = both.into_iter().flatten();
        let words: Vec<_> = words
            .map(|(need, what)| format!("{} bytes of {what}", thousands(need)))
            .collect();
        words.join(", ")
    }
}

/// What a network needs, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Needs {
    arena: u64,
    input: u64,
    outputs: u64,
    weights: u64,
}

impl Needs {
    fn of(plan: &Plan) -> Self {
        let bytes = |map: Shape, element: Element| (map.len() * element.bytes()) as u64;
        let outputs = plan.outputs.iter();
        Self {
            arena: plan.memory.bytes as u64,
            input: bytes(plan.input.shape, plan.input.element),
            outputs: outputs.map(|o| bytes(o.shape, Element::F32)).sum(),
            weights: plan.weight_bytes() as u64,
        }
    }

    const fn ram(&self) -> u64 {
        self.arena + self.input + self.outputs
    }
}

/// What a variant of a network has that the network has not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    /// Another width multiplier.
    pub width_multiplier: Option<f64>,
    /// Another height and width of its input.
    pub input: Option<[usize; 2]>,
    /// Bytes as its input.
    pub pixels: bool,
    /// What its plan is to be good at.
    pub strategy: Strategy,
    /// The threads it has memory for.
    pub threads: usize,
}

impl Change {
    /// The change as arguments of `--set`.
    pub fn sets(&self) -> Vec<String> {
        let alpha = self
            .width_multiplier
            .map(|alpha| format!("width_multiplier={alpha}"));
        let input = self.input.map(|[h, w]| format!("input={h}x{w}"));
        let pixels = self.pixels.then(|| "input.type=u8".to_owned());
        alpha.into_iter().chain(input).chain(pixels).collect()
    }

    /// The change of a network planned as `strategy` says, as arguments: in the words of a spec, or of the command where there
    /// is none.
    fn words(&self, strategy: Strategy, in_spec: bool) -> String {
        let lean = (self.strategy != strategy).then(|| "--optimize ram".to_owned());
        let sizes = match (in_spec, self.input) {
            (false, Some([h, w])) => Some(format!("--input-size {h}x{w}")),
            _ if self.sets().is_empty() => None,
            _ => Some(format!("--set {}", self.sets().join(" "))),
        };
        let words: Vec<_> = lean.into_iter().chain(sizes).collect();
        format!("`{}`", words.join(" "))
    }
}

/// Plans a network with a change.
pub type Planner<'a> = Box<dyn Fn(&Change) -> Option<Plan> + 'a>;

/// A network that can be planned with other sizes.
pub struct Variants<'a> {
    /// Its width multiplier; nothing where widths are fixed, as in a model.
    pub width_multiplier: Option<f64>,
    /// Where its rows were written.
    pub places: Places,
    /// Plans it with a change; nothing when there is no such network.
    pub plan: Planner<'a>,
}

/// Reports every limit that `plan` does not keep.
///
/// # Errors
/// One for each such limit.
pub fn check(plan: &Plan, limits: Limits, variants: &Variants<'_>) -> Result<(), Diagnostics> {
    let needs = Needs::of(plan);
    if limits.keeps(needs) {
        return Ok(());
    }
    let help = help(plan, &limits, variants);
    let mut diags = Diagnostics::new();
    let [ram, flash] = limits.over(needs);
    if let Some(limit) = ram {
        let error = exceeds("RAM", needs.ram(), limit);
        diags.push(fullest(plan, needs, &variants.places, error).help(&help));
    }
    if let Some(limit) = flash {
        let error = exceeds("flash", needs.weights, limit);
        diags.push(heaviest(plan, error).help(&help));
    }
    diags.check()
}

fn exceeds(what: &str, need: u64, limit: Limit) -> Diagnostic {
    let (need, allowed) = (thousands(need), thousands(limit.bytes));
    let facts = format!("the network needs {need} bytes of {what}, its budget is {allowed}");
    let error = Diagnostic::error(Code::Budget, facts);
    limit.place.into_iter().fold(error, Diagnostic::at)
}

/// Adds what the RAM is needed for: the parts, the step at which the arena is fullest, and what is alive there.
fn fullest(plan: &Plan, needs: Needs, places: &Places, error: Diagnostic) -> Diagnostic {
    let [arena, input, outputs] = [needs.arena, needs.input, needs.outputs].map(thousands);
    let error = error.note(format!(
        "arena {arena}, input {input}, outputs {outputs} bytes"
    ));
    let Some((step, alive)) = peak(plan) else {
        return error;
    };
    let origin = &plan.steps[step].origin;
    let place = match &origin.row {
        Some(row) => format!(
            "{} (row {}: {} {})",
            origin.name, row.number, row.table, row.text
        ),
        None => origin.name.clone(),
    };
    let mut lines = vec![format!("the arena is fullest at {place}; alive there are")];
    let mut buffers: Vec<usize> = (0..plan.buffers.len())
        .filter(|&b| plan.buffers[b].first <= step && step <= plan.buffers[b].last)
        .collect();
    buffers.sort_by_key(|&b| std::cmp::Reverse(plan.buffers[b].bytes));
    lines.extend(buffers.into_iter().map(|b| alive_line(plan, step, b)));
    let error = match places.of(origin) {
        Some(place) => error.label(place, format!("here {} bytes are alive", thousands(alive))),
        None => error,
    };
    error.note(lines.join("\n"))
}

/// `3,211,264 bytes: row2.1.expand 112x112x64, which it reads`.
fn alive_line(plan: &Plan, at: usize, buffer: usize) -> String {
    let step = &plan.steps[at];
    let here = |id: &MapId| plan.map(*id).storage == Storage::Buffer(buffer);
    let written = step.writes().find(here);
    let read = step.reads().find(here);
    let before = plan.steps[..at].iter().rev().map(|s| s.output).find(here);
    // What the steps around it make, that run in strips with it.
    let together = plan.steps[plan.span(at)].iter();
    let together = together.flat_map(Step::writes).find(here);
    let (map, role) = match (written, read, together.or(before)) {
        (Some(map), ..) => (map, "written"),
        (None, Some(map), _) => (map, "read"),
        (None, None, Some(map)) if together.is_some() => (map, "in strips with it"),
        (None, None, Some(map)) => (map, "kept for later"),
        (None, None, None) => return String::new(),
    };
    let (map, bytes) = (plan.map(map), thousands(plan.buffers[buffer].bytes as u64));
    format!("{bytes:>11} bytes: {} {}, {role}", map.name, map.shape)
}

/// Adds where most of the weights are.
fn heaviest(plan: &Plan, error: Diagnostic) -> Diagnostic {
    let weight_bytes = |step: &&Step| cost::of(plan, step).weight_bytes;
    let mut steps: Vec<_> = plan.steps.iter().collect();
    steps.sort_by_key(|step| std::cmp::Reverse(weight_bytes(step)));
    let mut lines = vec!["most of it are the weights of".to_owned()];
    let heavy = steps.iter().take(3).filter(|step| weight_bytes(step) > 0);
    lines.extend(heavy.map(|step| {
        let bytes = thousands(weight_bytes(step));
        format!("{bytes:>11} bytes: {}", step.origin.name)
    }));
    error.note(lines.join("\n"))
}

/// What would keep the limits.
fn help(plan: &Plan, limits: &Limits, variants: &Variants<'_>) -> String {
    let search = Search {
        plan,
        limits,
        variants,
    };
    let in_spec = variants.width_multiplier.is_some();
    let fits = search.fits();
    if fits.is_empty() {
        return match in_spec {
            true => "no smaller width multiplier or input fits either: raise the budget, or drop layers".to_owned(),
            false => "a model's widths are its own: export a narrower or smaller one, or raise the budget".to_owned(),
        };
    }
    let words = fits.iter().map(|(change, needs)| {
        let change = change.words(plan.strategy, in_spec);
        format!("{change} ({})", limits.words(*needs))
    });
    let words = words.collect::<Vec<_>>().join(", or ");
    format!("it fits with {words}; or raise the budget")
}

/// A search for variants that keep the limits.
struct Search<'a> {
    plan: &'a Plan,
    limits: &'a Limits,
    variants: &'a Variants<'a>,
}

/// Width multipliers are tried in steps of one twentieth, from two at most.
const PARTS: u32 = 20;
const MOST: f64 = 2.0;

impl Search<'_> {
    /// The greatest variants that fit and change the least: one thing, else two, else all. A plan for the smallest arena
    /// changes no result, so it goes before all that does.
    fn fits(&self) -> Vec<(Change, Needs)> {
        let as_it_is = Change {
            strategy: self.plan.strategy,
            threads: self.plan.threads,
            ..Change::default()
        };
        let lean = self.lean(as_it_is);
        if let Some(found) = lean.and_then(|lean| self.fit(lean)) {
            let others = self.least(as_it_is);
            return std::iter::once(found).chain(others).collect();
        }
        let base = lean.unwrap_or(as_it_is);
        let pixels = self.pixels(base);
        let mut found = self.least(base);
        if found.is_empty() {
            let on_pixels = pixels.map_or(vec![], |pixels| self.one(pixels));
            found = on_pixels.into_iter().chain(self.both(base)).collect();
        }
        if found.is_empty() {
            found.extend(pixels.and_then(|pixels| self.both(pixels)));
        }
        let strategy = as_it_is.strategy;
        let quickest = |(change, needs)| {
            self.fit(Change { strategy, ..change })
                .unwrap_or((change, needs))
        };
        found.into_iter().map(quickest).collect()
    }

    /// The same network with the smallest arena, where it is RAM that is short and that makes it less.
    fn lean(&self, base: Change) -> Option<Change> {
        let needs = Needs::of(self.plan);
        let [ram, _] = self.limits.over(needs);
        ram?;
        let strategy = Strategy {
            strips: Strips::Auto,
            optimize: Optimize::Ram,
            ..base.strategy
        };
        let lean = Change { strategy, ..base };
        let plan = (self.variants.plan)(&lean)?;
        (Needs::of(&plan).ram() < needs.ram()).then_some(lean)
    }

    /// The same network on bytes, where a spec may say so.
    fn pixels(&self, base: Change) -> Option<Change> {
        let is_f32 = self.plan.input.element == Element::F32;
        let pixels = Change {
            pixels: true,
            ..base
        };
        (is_f32 && self.variants.width_multiplier.is_some()).then_some(pixels)
    }

    /// Variants with one thing changed: bytes as input, a smaller width multiplier, a smaller input.
    fn least(&self, base: Change) -> Vec<(Change, Needs)> {
        let pixels = self.pixels(base).and_then(|pixels| self.fit(pixels));
        pixels.into_iter().chain(self.one(base)).collect()
    }

    /// The greatest other width multiplier that fits, and the greatest other input.
    fn one(&self, base: Change) -> Vec<(Change, Needs)> {
        let mut alphas = self.alphas().map(|alpha| Change {
            width_multiplier: Some(alpha),
            ..base
        });
        let mut inputs = self.inputs().map(|input| Change {
            input: Some(input),
            ..base
        });
        let alpha = alphas.find_map(|change| self.fit(change));
        let input = inputs.find_map(|change| self.fit(change));
        alpha.into_iter().chain(input).collect()
    }

    /// The pair of a width multiplier and an input that fits with the most multiply-adds.
    fn both(&self, base: Change) -> Option<(Change, Needs)> {
        let alphas: Vec<f64> = self.alphas().collect();
        let pairs = self.inputs().filter_map(|input| {
            let change = |alpha: f64| Change {
                width_multiplier: Some(alpha),
                input: Some(input),
                ..base
            };
            // Greater networks need more, but for rounding: the first that fits is found by halves.
            let first = alphas.partition_point(|alpha| self.fit(change(*alpha)).is_none());
            let (change, needs) = self.fit(change(*alphas.get(first)?))?;
            let macs = cost::total(&(self.variants.plan)(&change)?).macs;
            Some((macs, change, needs))
        });
        let best = pairs.max_by_key(|(macs, ..)| *macs);
        best.map(|(_, change, needs)| (change, needs))
    }

    /// A variant and what it needs, if there is such a network and it fits.
    fn fit(&self, change: Change) -> Option<(Change, Needs)> {
        let needs = Needs::of(&(self.variants.plan)(&change)?);
        self.limits.keeps(needs).then_some((change, needs))
    }

    /// Smaller width multipliers, great ones first.
    fn alphas(&self) -> impl Iterator<Item = f64> {
        let alpha = self.variants.width_multiplier.unwrap_or(0.0);
        let most = (alpha.min(MOST) * f64::from(PARTS)).ceil() as u32;
        let alphas = (1..most).rev().map(|n| f64::from(n) / f64::from(PARTS));
        alphas.filter(move |smaller| *smaller < alpha)
    }

    /// Smaller inputs of the same form, great ones first.
    fn inputs(&self) -> impl Iterator<Item = [usize; 2]> {
        let Shape { h, w, .. } = self.plan.input.shape;
        let short = h.min(w);
        let step = if short > 64 { 16 } else { 8 };
        let scaled = move |side: usize, to: usize| {
            let side = (side * to + short * step / 2) / (short * step) * step;
            side.max(step)
        };
        let sides = (1..short.div_ceil(step)).rev().map(move |n| n * step);
        sides.map(move |to| [scaled(h, to), scaled(w, to)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    /// The sample with every length scaled: as much as the check looks at.
    fn variants(plan: &Plan, alpha: Option<f64>) -> Variants<'_> {
        let scaled = |change: &Change| {
            let mut plan = plan.clone();
            let alpha = change.width_multiplier.unwrap_or(1.0);
            let sides = change.input.map_or(1.0, |[h, w]| (h * w) as f64 / 1024.0);
            plan.memory.bytes = (81_920.0 * alpha * sides) as usize;
            if let Some([h, w]) = change.input {
                plan.input.shape = Shape::new(h, w, 3);
            }
            if change.pixels {
                plan.input.element = Element::U8;
            }
            if change.strategy.optimize == Optimize::Ram {
                plan.memory.bytes /= 2;
            }
            (alpha > 0.2).then_some(plan)
        };
        Variants {
            width_multiplier: alpha,
            places: Places::default(),
            plan: Box::new(scaled),
        }
    }

    fn error(ram: u64, alpha: Option<f64>) -> Diagnostic {
        let plan = sample::plan();
        let limits = Limits {
            ram: Some(Limit::new(ram)),
            flash: None,
        };
        let found = check(&plan, limits, &variants(&plan, alpha)).expect_err("it does not fit");
        found.iter().next().expect("there is one").clone()
    }

    #[test]
    fn what_fits_is_let_through() {
        let plan = sample::plan();
        let limits = Limits {
            ram: Some(Limit::new(81_920 + 32 * 32 * 3 * 4 + 40)),
            flash: Some(Limit::new(plan.weight_bytes() as u64)),
        };
        assert_eq!(check(&plan, limits, &variants(&plan, Some(1.0))), Ok(()));
    }

    #[test]
    fn what_is_alive_at_the_peak_is_listed() {
        let expected = [
            "arena 81,920, input 12,288, outputs 40 bytes",
            "the arena is fullest at row1.1.depthwise (row 1: bneck k 3, exp 32, c 16, s 1); alive there are\n     \
             32,768 bytes: row1.1.expand 32x32x32, read\n     32,768 bytes: row1.1.depthwise 16x16x32, written",
        ];
        let notes = error(94_000, Some(1.0)).notes;
        assert_eq!(notes[0], expected[0]);
        assert!(notes[1].starts_with("the arena is fullest at row1.1.depthwise (row 1: bneck k 3"));
        assert_eq!(notes[1].lines().count(), 4, "{}", notes[1]);
    }

    #[test]
    fn the_greatest_that_fits_is_offered() {
        for (ram, alpha, expected) in [
            (
                90_000,
                Some(1.0),
                "it fits with `--optimize ram` (53,288 bytes of RAM), or `--set input.type=u8` (85,032 bytes of RAM), or `--set \
                 width_multiplier=0.9` (86,056 bytes of RAM), or `--set input=24x24` (53,032 bytes of RAM); or raise the budget",
            ),
            (
                60_000,
                None,
                "it fits with `--optimize ram` (53,288 bytes of RAM), or `--input-size 24x24` (53,032 bytes of RAM); or raise \
                 the budget",
            ),
            (
                9_000,
                Some(0.5),
                "it fits with `--set input=8x8` (5,928 bytes of RAM); or raise the budget",
            ),
            (
                4_000,
                Some(1.0),
                "it fits with `--optimize ram --set input=8x8` (3,368 bytes of RAM); or raise the budget",
            ),
            (
                2_500,
                Some(1.0),
                "it fits with `--optimize ram --set width_multiplier=0.65 input=8x8` (2,472 bytes of RAM); or raise the budget",
            ),
            (
                100,
                Some(1.0),
                "no smaller width multiplier or input fits either: raise the budget, or drop layers",
            ),
            (
                9_000,
                None,
                "it fits with `--input-size 8x8` (5,928 bytes of RAM); or raise the budget",
            ),
            (
                100,
                None,
                "a model's widths are its own: export a narrower or smaller one, or raise the budget",
            ),
        ] {
            let help = error(ram, alpha).help.expect("there is help");
            assert_eq!(help, expected, "{ram} {alpha:?}");
        }
    }
}

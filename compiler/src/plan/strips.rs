//! Chooses runs of steps that are done a few rows at a time, so that the maps between them need not be whole.
//!
//! In: steps, the maps they read and make. Out: groups of consecutive steps with the rows each makes in a strip, and a
//! ring for each map inside. Never: looks at tensors or offsets.
//!
//! ```text
//!   expand    3 rows at once, then 2   |  its ring: 4 rows   two above are still needed, two are new
//!   depthwise 2 rows                   |  its ring: 2 rows
//!   project   2 rows                   |  a whole map
//! ```
//! Nothing is computed twice: every strip, a step makes the rows that its readers need and that are not there yet. Rows of
//! a map written at once always lie side by side in its ring.
//!
//! Which steps, and how many rows, is decided by two numbers of every way to run them: the bytes alive, and a time. Of all
//! ways to divide the network into groups and single steps the quickest is taken, for `Optimize::Ram` of those whose arena
//! is the smallest. The time is counted in bytes that come from beyond the second-level cache:
//! - A step whose maps and weights do not fit the cache reads each map from beyond it, and writes with twice the traffic (a
//!   line is fetched, then evicted).
//! - A group reads and writes the maps at its ends likewise, but not those inside, if what a strip touches fits
//!   `STRIP_BYTES`.
//! - Each call of a kernel costs `CALL` more, and its weights are read once more from the cache.
//!
//! On several threads each makes a band of a group's last map, with rings of its own: one handing over for all steps
//! instead of one each (`FORK`), no waiting between them, and what a core has written it reads itself. Rows of other maps
//! that two bands need are made by both. So the above is counted for one band, and besides
//! - what its neighbours make too (`halo`);
//! - of a step by itself, that its maps come from the caches of others, which read and write them in other shares;
//! - of a group, that each thread reads all weights; in one strip once, as those of steps by themselves.

mod place;
mod reach;

use super::memory::ALIGNMENT;
use super::{Kernel, Map, MapId, Optimize, Plan, Skip, Storage, cost};
use crate::shape::Element;
pub use reach::Ring;
use reach::{Cut, Reach};
use std::ops::Range;

/// Bytes of maps and weights that stay in a second-level cache from one step to the next.
const CACHE_BYTES: usize = 1536 * 1024;

/// Bytes that a strip may touch.
const STRIP_BYTES: usize = 704 * 1024;

/// What a call of a kernel takes before and after its loops: some 250 ns, in which so many bytes come from memory.
const CALL: usize = 8 * 1024;

/// What is read from the second-level cache costs this part of what comes from beyond it.
const CACHED: usize = 4;

/// Handing a step over to several threads, and waiting for the last of them: about a microsecond.
const FORK: usize = 32 * 1024;

/// Bytes of maps that stay in each core's cache from one step to the next where several share the steps: less than of one
/// core alone, since what they hand each other is in both caches.
const SHARED_CACHE_BYTES: usize = 768_000;

/// Multiply-adds in the time in which a byte comes from memory: of products, of depthwise layers.
const PRODUCTS: usize = 6;
const DEPTHWISE: usize = 2;

/// The most steps of a group.
const MOST_STEPS: usize = 24;

/// Rows of a group's last map that a strip may make.
const HEIGHTS: [usize; 14] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 28];

/// Consecutive steps that run a few rows at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The first of its steps.
    pub first: usize,
    /// The rows that each of its steps makes.
    pub rows: Vec<Rows>,
    /// How many strips there are; with bands, in the largest.
    pub strips: usize,
    /// How threads share it, if they do as a whole.
    pub bands: Option<Bands>,
}

/// How threads share a group: each makes some rows of its last map, in memory of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bands {
    /// For how many there is memory.
    pub count: usize,
    /// The buffer of the arena that has it, side by side.
    pub buffer: usize,
    /// Bytes of each.
    pub bytes: usize,
}

impl Group {
    /// The numbers of its steps.
    pub const fn steps(&self) -> Range<usize> {
        self.first..self.first + self.rows.len()
    }

    /// The number of its last step, whose output is whole when all strips are done.
    pub const fn last(&self) -> usize {
        self.first + self.rows.len() - 1
    }

    /// Strips before the first that makes rows of its last map.
    pub fn ahead(&self) -> usize {
        let last = self.rows[self.rows.len() - 1];
        last.lead.unsigned_abs() / last.step
    }
}

/// The rows a step makes in every strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// So many.
    pub step: usize,
    /// And so many more in the first, because of the windows that read them; or less, where others run ahead.
    pub lead: isize,
    /// Of a band: rows that it needs above those in its place.
    pub above: usize,
}

/// The groups of `plan`, chosen and put into it. On several threads, for speed, they share each group in bands.
pub(super) fn choose(plan: &mut Plan, optimize: Optimize, threads: usize) {
    let bands = match optimize {
        Optimize::Speed => threads,
        Optimize::Ram => 1,
    };
    let groups = Chooser::new(plan, bands).groups(optimize);
    if !groups.is_empty() {
        place::apply(plan, groups);
    }
}

/// A way to run some consecutive steps.
#[derive(Clone, Debug)]
struct Unit {
    steps: Range<usize>,
    /// Nothing for a step by itself.
    cut: Option<Cut>,
    /// Bytes of the arena that are alive.
    live: usize,
    time: usize,
}

/// When a map is used.
#[derive(Clone, Debug, Default)]
struct Use {
    made: Option<usize>,
    /// The steps that read it, or take its place.
    readers: Vec<usize>,
}

impl Use {
    /// Whether it is there before `step` and read at it or later.
    fn spans(&self, step: usize) -> bool {
        self.made.is_some_and(|made| made < step)
            && self.readers.last().is_some_and(|last| *last >= step)
    }
}

struct Chooser<'p> {
    plan: &'p Plan,
    uses: Vec<Use>,
    /// Threads that share every group in bands, and every other step by its rows or channels.
    bands: usize,
}

impl<'p> Chooser<'p> {
    fn new(plan: &'p Plan, bands: usize) -> Self {
        let mut uses = vec![Use::default(); plan.maps.len()];
        for (index, step) in plan.steps.iter().enumerate() {
            for map in step.reads().chain(step.overwrites) {
                uses[map.index()].readers.push(index);
            }
            for map in step.makes() {
                uses[map.index()].made = Some(index);
            }
        }
        Self { plan, uses, bands }
    }

    fn groups(&self, optimize: Optimize) -> Vec<Group> {
        let units = self.units(optimize);
        let most = match optimize {
            // Memory for every band may not take more than whole maps do.
            Optimize::Speed if self.bands > 1 => self.live_alone(),
            Optimize::Speed => usize::MAX,
            Optimize::Ram => self.least_live(&units),
        };
        let chosen = self.quickest(&units, most);
        chosen
            .into_iter()
            .filter_map(|unit| self.group(unit))
            .collect()
    }

    /// Every way to run some steps that is worth a look, in the order of their ends.
    fn units(&self, optimize: Optimize) -> Vec<Unit> {
        let mut units = Vec::new();
        let alone: Vec<Unit> = (0..self.plan.steps.len()).map(|i| self.alone(i)).collect();
        for end in 1..=self.plan.steps.len() {
            units.push(alone[end - 1].clone());
            for first in (end.saturating_sub(MOST_STEPS)..end.saturating_sub(1)).rev() {
                if !self.is_local(first) {
                    break;
                }
                let time: usize = alone[first..end].iter().map(|unit| unit.time).sum();
                // Where all maps stay in the cache there is nothing to win but memory.
                if optimize == Optimize::Speed && time == 0 {
                    continue;
                }
                let Some(reaches) = self.reaches(first..end) else {
                    continue;
                };
                let cuts = cuts(&reaches, self.bands);
                let found = cuts.filter_map(|cut| self.in_strips(first..end, &reaches, cut));
                units.extend(found.filter(|unit| optimize == Optimize::Ram || unit.time < time));
            }
        }
        units
    }

    /// Whether a step makes each row from some rows around it.
    fn is_local(&self, step: usize) -> bool {
        matches!(
            self.plan.steps[step].kernel,
            Kernel::Conv { .. } | Kernel::Depthwise { .. } | Kernel::Pointwise { .. }
        )
    }

    /// What the output of each of these steps must hold, if they can run in strips: all outputs but the last are read by
    /// these steps alone.
    fn reaches(&self, steps: Range<usize>) -> Option<Vec<Reach>> {
        if !steps.clone().all(|step| self.is_local(step)) {
            return None;
        }
        let mut reaches = vec![Reach::END; steps.len()];
        for step in steps.clone().rev().skip(1) {
            let map = self.plan.steps[step].output;
            let readers = &self.uses[map.index()].readers;
            let is_inside = matches!(self.plan.map(map).storage, Storage::Buffer(_));
            if !is_inside || readers.last().is_none_or(|last| *last >= steps.end) {
                return None;
            }
            let mut reach: Option<Reach> = None;
            for reader in readers {
                for asked in self.asked(*reader, map, reaches[reader - steps.start]) {
                    reach = Some(reach.map_or(Some(asked), |reach| reach.and(asked))?);
                }
            }
            reaches[step - steps.start] = reach?;
        }
        Some(reaches)
    }

    /// What step `reader` asks of `map`, once for each way it reads it; `made` is asked of its output.
    fn asked(&self, reader: usize, map: MapId, made: Reach) -> impl Iterator<Item = Reach> {
        let step = &self.plan.steps[reader];
        let input = step.inputs.contains(&map);
        let as_it_is = Reach {
            low: made.lead,
            ..made
        };
        let skip = step.kernel.skip() == Skip::Map(map) || step.overwrites == Some(map);
        let input = input.then(|| made.through(&step.kernel));
        input.into_iter().chain(skip.then_some(as_it_is))
    }

    /// A step by itself.
    fn alone(&self, index: usize) -> Unit {
        let step = &self.plan.steps[index];
        let output = match step.overwrites {
            Some(_) => 0,
            None => self.arena_bytes(step.output),
        };
        let beside = step.scratch.into_iter().chain(step.kernel.beside());
        let scratch: usize = beside.map(|map| self.arena_bytes(map)).sum();
        let weights = cost::of(self.plan, step).weight_bytes as usize;
        let (read, made) = (self.read_bytes(index..index + 1), self.bytes(step.output));
        let fits = self.bands == 1 && read + made + weights <= CACHE_BYTES;
        let passing = if fits { 0 } else { read + 2 * made };
        Unit {
            steps: index..index + 1,
            cut: None,
            live: self.around(index) + output + scratch,
            time: passing / self.bands + self.fork(),
        }
    }

    /// What it takes to share a step, or a group of them.
    const fn fork(&self) -> usize {
        if self.bands > 1 { FORK } else { 0 }
    }

    /// Bytes of the arena that are alive where the most are, if every step runs by itself.
    fn live_alone(&self) -> usize {
        let live = (0..self.plan.steps.len()).map(|step| self.alone(step).live);
        live.max().unwrap_or(0)
    }

    /// What a band makes besides its part, in bytes that come from memory in the same time.
    fn halo(&self, steps: Range<usize>, reaches: &[Reach]) -> usize {
        let more = |(index, reach): (usize, &Reach)| {
            let step = &self.plan.steps[index];
            let (above, below) = (reach.above, usize::try_from(reach.lead).unwrap_or(0));
            let rows = match self.bands {
                1 => 0,
                2 => above.max(below),
                _ => above + below,
            };
            let height = self.plan.map(step.output).shape.h;
            let rate = match step.kernel {
                Kernel::Depthwise { .. } => DEPTHWISE,
                _ => PRODUCTS,
            };
            rows * cost::of(self.plan, step).macs as usize / height / rate
        };
        steps.zip(reaches).map(more).sum()
    }

    /// Steps in strips; nothing if that is one strip.
    fn in_strips(&self, steps: Range<usize>, reaches: &[Reach], cut: Cut) -> Option<Unit> {
        let last = &self.plan.steps[steps.end - 1];
        let rows = self.plan.map(last.output).shape.h;
        let least = if self.bands > 1 { 1 } else { 2 };
        if least * cut.height > rows / self.bands {
            return None;
        }
        let strips = cut.strips(rows);
        let (mut inside, mut whole, mut scratch, mut weights) = (0, 0, 0, 0);
        for (index, reach) in steps.clone().zip(reaches) {
            let step = &self.plan.steps[index];
            weights += cost::of(self.plan, step).weight_bytes as usize;
            scratch += step.scratch.map_or(0, |map| self.arena_bytes(map));
            if index + 1 < steps.end {
                let map = self.plan.map(step.output);
                let ring = reach.ring(cut, map.shape.h);
                inside += padded(row_bytes(map) * ring.map_or(map.shape.h, |ring| ring.rows));
                whole += self.bytes(step.output);
            }
        }
        let output = match self.stays_in_place(&steps, reaches) {
            true => 0,
            false => self.arena_bytes(last.output),
        };
        let (read, made) = (self.read_bytes(steps.clone()), self.bytes(last.output));
        let (again, cache) = match self.bands {
            1 => (strips, CACHE_BYTES),
            // A call of each is counted with no step that runs by itself.
            _ => (strips - 1, SHARED_CACHE_BYTES),
        };
        // Weights that are read once pass through.
        let kept = if again > 0 { weights } else { 0 };
        let touched = inside + scratch + kept + (read + made) / self.bands / strips;
        let ends = match (read + made) / self.bands + touched <= cache {
            true => 0,
            false => read + 2 * made,
        };
        let spilled = if touched <= STRIP_BYTES { 0 } else { 3 * whole };
        let calls = again * (steps.len() * CALL + weights / CACHED);
        // Of a step by itself each thread may read its channels' weights alone.
        let all_weights = (weights - weights / self.bands) / CACHED;
        let sharing = self.fork() + self.halo(steps.clone(), reaches) + all_weights;
        Some(Unit {
            live: self.around(steps.start) + self.bands * (inside + scratch) + output,
            time: (ends + spilled) / self.bands + calls + sharing,
            cut: Some(cut),
            steps,
        })
    }

    /// Whether the last of these steps may still write over what it reads there: a map from before them, of which no row
    /// is read after it was overwritten. (Other bands may read any row at any time.)
    fn stays_in_place(&self, steps: &Range<usize>, reaches: &[Reach]) -> bool {
        let Some(old) = self.plan.steps[steps.end - 1].overwrites else {
            return false;
        };
        if self.bands > 1 {
            return false;
        }
        let map = &self.uses[old.index()];
        let asked = |reader: &usize| self.asked(*reader, old, reaches[reader - steps.start]);
        let mut asked = map
            .readers
            .iter()
            .filter(|r| steps.contains(r))
            .flat_map(asked);
        map.made.is_some_and(|made| made < steps.start)
            && asked.all(|reach| reach.scale == 1 && reach.low >= 0)
    }

    /// Bytes of the arena that hold maps from before `step` for it and later ones.
    fn around(&self, step: usize) -> usize {
        let maps = self.uses.iter().zip(&self.plan.maps);
        let alive = maps.filter(|(used, map)| used.spans(step) && in_arena(map));
        alive.map(|(_, map)| padded(map_bytes(map))).sum()
    }

    /// Bytes of the maps that these steps read and do not make, each once.
    fn read_bytes(&self, steps: Range<usize>) -> usize {
        let mut maps: Vec<MapId> = self.plan.steps[steps.clone()]
            .iter()
            .flat_map(|step| step.reads().chain(step.overwrites))
            .filter(|map| {
                let made = self.uses[map.index()].made;
                made.is_none_or(|made| made < steps.start)
            })
            .collect();
        maps.sort_unstable();
        maps.dedup();
        maps.into_iter().map(|map| self.bytes(map)).sum()
    }

    fn bytes(&self, map: MapId) -> usize {
        map_bytes(self.plan.map(map))
    }

    /// Bytes that a map takes of the arena.
    fn arena_bytes(&self, map: MapId) -> usize {
        let map = self.plan.map(map);
        if in_arena(map) {
            padded(map_bytes(map))
        } else {
            0
        }
    }

    /// The fewest bytes that are alive where the most are, of all ways to divide the network.
    fn least_live(&self, units: &[Unit]) -> usize {
        let mut least = vec![0; self.plan.steps.len() + 1];
        let mut known = 0;
        for unit in units {
            let Range { start, end } = unit.steps;
            let live = unit.live.max(least[start]);
            if end > known || live < least[end] {
                least[end] = live;
            }
            known = end;
        }
        least[self.plan.steps.len()]
    }

    /// The division of the network with the shortest time, of units of at most so many bytes.
    fn quickest<'u>(&self, units: &'u [Unit], most: usize) -> Vec<&'u Unit> {
        let steps = self.plan.steps.len();
        let mut best: Vec<Option<(usize, &Unit)>> = vec![None; steps + 1];
        let time_until = |best: &[Option<(usize, &Unit)>], step: usize| match step {
            0 => Some(0),
            _ => best[step].map(|(time, _)| time),
        };
        for unit in units.iter().filter(|unit| unit.live <= most) {
            let Some(before) = time_until(&best, unit.steps.start) else {
                continue;
            };
            let time = before + unit.time;
            if best[unit.steps.end].is_none_or(|(least, _)| time < least) {
                best[unit.steps.end] = Some((time, unit));
            }
        }
        let mut chosen = Vec::new();
        let mut end = steps;
        while let Some((_, unit)) = best[end] {
            chosen.push(unit);
            end = unit.steps.start;
        }
        chosen.reverse();
        chosen
    }

    /// The group of a unit that is one.
    fn group(&self, unit: &Unit) -> Option<Group> {
        let cut = unit.cut?;
        let reaches = self.reaches(unit.steps.clone())?;
        let last = self.plan.steps[unit.steps.end - 1].output;
        Some(Group {
            first: unit.steps.start,
            rows: reaches.iter().map(|reach| reach.rows(cut)).collect(),
            strips: cut.strips(self.plan.map(last).shape.h),
            // Where they lie is not known yet.
            bands: (self.bands > 1).then_some(Bands {
                count: self.bands,
                buffer: 0,
                bytes: 0,
            }),
        })
    }
}

/// The cuts to choose from, for maps of which so much is asked.
fn cuts(reaches: &[Reach], bands: usize) -> impl Iterator<Item = Cut> {
    HEIGHTS.into_iter().flat_map(move |height| {
        // Without strips before, and with as many as make the first no larger than the others.
        let ahead = |reach: &Reach| {
            let lead = usize::try_from(reach.lead).unwrap_or(0);
            lead.div_ceil(height * reach.scale)
        };
        let most = reaches.iter().map(ahead).max().unwrap_or(0);
        let befores = [Some(0), (most > 0).then_some(most)];
        befores.into_iter().flatten().map(move |before| Cut {
            height,
            before,
            bands,
        })
    })
}

fn in_arena(map: &Map) -> bool {
    matches!(map.storage, Storage::Buffer(_))
}

fn row_bytes(map: &Map) -> usize {
    map.shape.w * map.shape.c * Element::F32.bytes()
}

fn map_bytes(map: &Map) -> usize {
    map.shape.h * row_bytes(map)
}

const fn padded(bytes: usize) -> usize {
    bytes.next_multiple_of(ALIGNMENT)
}

#[cfg(test)]
mod tests;

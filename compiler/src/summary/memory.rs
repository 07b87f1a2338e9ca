//! The arena over time, drawn in characters.
//!
//! In: a plan with its memory laid out. Out: a line per step that shows what lies where, then every buffer. Never: looks
//! at what a step computes.

use super::layers;
use crate::number::thousands;
use crate::plan::{MapId, Plan, Step, Storage};

/// Cells that stand for the whole arena.
const CELLS: usize = 54;

/// The most characters of a layer's name that are shown beside its bar.
const NAME: usize = 20;

/// Written, read, kept for later, free.
const LEGEND: &str = "# written  + read  - kept for later  . free";

pub(super) fn text(plan: &Plan) -> String {
    let mut lines = vec![
        head(plan),
        LEGEND.to_owned(),
        String::new(),
        bar_title(plan),
    ];
    lines.extend((0..plan.steps.len()).map(|step| bar_line(plan, step)));
    lines.push(String::new());
    lines.push("    offset       bytes   steps  maps".into());
    lines.extend((0..plan.buffers.len()).map(|buffer| buffer_line(plan, buffer)));
    lines.join("\n") + "\n"
}

fn head(plan: &Plan) -> String {
    let (name, arena) = (&plan.name, thousands(plan.memory.bytes as u64));
    let peak = layers::peak(plan).map_or(String::new(), |(step, bytes)| {
        let layer = &plan.steps[step].origin.name;
        format!(
            ", fullest at step {step}, {layer}: {} alive",
            thousands(bytes)
        )
    });
    format!("{name}: arena {arena} bytes{peak}")
}

fn bar_title(plan: &Plan) -> String {
    let (start, end) = ("0", thousands(plan.memory.bytes as u64));
    let gap = CELLS.saturating_sub(1);
    format!("step  {:NAME$}  bytes alive  |{start}{end:>gap$}|", "layer")
}

fn bar_line(plan: &Plan, step: usize) -> String {
    let name = shortened(&plan.steps[step].origin.name);
    let alive = thousands(layers::live_bytes(plan, step));
    let peak = layers::peak(plan).is_some_and(|(peak, _)| peak == step);
    let mark = if peak { " *" } else { "" };
    let bar = bar(plan, step);
    format!("{step:>4}  {name:NAME$}  {alive:>11}  |{bar}|{mark}")
}

/// The start of a name that is too long.
fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    name.chars().take(NAME - 2).chain("..".chars()).collect()
}

/// The arena at one step, a character per cell. Small buffers are drawn over large ones, so that each is seen.
fn bar(plan: &Plan, step: usize) -> String {
    let mut cells = vec!['.'; CELLS];
    let mut alive: Vec<usize> = (0..plan.buffers.len())
        .filter(|&b| plan.buffers[b].first <= step && step <= plan.buffers[b].last)
        .collect();
    alive.sort_by_key(|&b| std::cmp::Reverse(plan.buffers[b].bytes));
    for buffer in alive {
        let (first, last) = cells_of(plan, buffer);
        cells[first..=last].fill(character(plan, &plan.steps[step], buffer));
    }
    cells.into_iter().collect()
}

/// The first and the last cell that a buffer touches.
fn cells_of(plan: &Plan, buffer: usize) -> (usize, usize) {
    let (start, bytes) = (plan.memory.offsets[buffer], plan.buffers[buffer].bytes);
    let cell = |byte: usize| byte * CELLS / plan.memory.bytes;
    (cell(start), cell(start + bytes.max(1) - 1))
}

fn character(plan: &Plan, step: &Step, buffer: usize) -> char {
    let lies_there = |id: &MapId| plan.map(*id).storage == Storage::Buffer(buffer);
    if step.writes().any(|id| lies_there(&id)) {
        '#'
    } else if step.reads().any(|id| lies_there(&id)) {
        '+'
    } else {
        '-'
    }
}

fn buffer_line(plan: &Plan, buffer: usize) -> String {
    let (offset, live) = (plan.memory.offsets[buffer], plan.buffers[buffer]);
    let [offset, bytes] = [offset, live.bytes].map(|n| thousands(n as u64));
    let (first, last) = (live.first, live.last);
    let maps = maps(plan, buffer);
    format!("{offset:>10}  {bytes:>10}  {first:>3}-{last:<3}  {maps}")
}

/// The maps that lie in a buffer, one after the other in time or in a band; of many, the first and the last.
fn maps(plan: &Plan, buffer: usize) -> String {
    let here = plan.maps.iter();
    let here = here.filter(|m| m.storage == Storage::Buffer(buffer));
    let names: Vec<_> = here.map(|m| m.name.as_str()).collect();
    match names[..] {
        [first, .., last] if names.len() > 3 => {
            let count = names.len();
            let mut bands = plan.groups.iter().filter_map(|group| group.bands);
            match bands.find(|bands| bands.buffer == buffer) {
                Some(bands) => {
                    format!("{first} ... {last} ({count} maps of {} bands)", bands.count)
                }
                None => format!("{first} ... {last} ({count} maps in place)"),
            }
        }
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    #[test]
    fn long_names_are_shortened() {
        assert_eq!(shortened("global_average_pool1"), "global_average_pool1");
        assert_eq!(shortened("global_average_pool12"), "global_average_poo..");
    }

    #[test]
    fn the_arena_of_the_sample() {
        let expected = "\
tiny: arena 81,920 bytes, fullest at step 2, row1.1.depthwise: 81,920 alive
# written  + read  - kept for later  . free

step  layer                 bytes alive  |0                                               81,920|
   0  stem                       17,664  |#..........................................###########|
   1  row1.1.expand              49,152  |######################.....................+++++++++++|
   2  row1.1.depthwise           81,920  |+++++++++++++++++++++######################-----------| *
   3  row1.1.se                  49,344  |#....................######################-----------|
   4  row1.1.project             49,152  |.....................++++++++++++++++++++++###########|
   5  row2.1.expand              65,536  |#################################..........+++++++++++|
   6  row2.1.depthwise           61,440  |++++++++++++++++++++++++++++++++#########.............|
   7  row2.1.project             16,384  |###.............................+++++++++.............|
   8  global_average_pool1        4,160  |++#...................................................|
   9  linear1                        64  |..+...................................................|

    offset       bytes   steps  maps
    65,536      16,384    0-5    stem, row1.1.project
         0       1,224    0-0    stem.scratch
         0      32,768    1-2    row1.1.expand
    32,768      32,768    2-4    row1.1.depthwise, row1.1.se
         0         192    3-3    row1.1.se.scratch
         0      49,152    5-6    row2.1.expand
    49,152      12,288    6-7    row2.1.depthwise
         0       4,096    7-8    row2.1.project
     4,096          64    8-9    global_average_pool1
";
        assert_eq!(text(&sample::plan()), expected);
    }

    #[test]
    fn of_many_maps_in_one_buffer_two_are_named() {
        let mut plan = sample::plan();
        let row2 = plan.maps.iter_mut().filter(|m| m.name.starts_with("row2"));
        row2.for_each(|m| m.storage = Storage::Buffer(0));
        let expected = "stem ... row2.1.project (5 maps in place)";
        assert_eq!(maps(&plan, 0), expected);
    }
}

//! Writes the comment lines a generated file opens with: what it is, how to use and to read it, the layer table, the totals.
//!
//! In: a plan and where it comes from. Out: lines of text, without `//`. Never: writes code.

use super::{Embed, Parts, Provenance, describe, names};
use crate::number::thousands;
use crate::plan::{Plan, Step, Target, cost};
use crate::shape::Element;

pub(super) fn lines(plan: &Plan, provenance: Provenance<'_>, parts: Parts<'_>) -> Vec<String> {
    let version = env!("CARGO_PKG_VERSION");
    let (name, source) = (&plan.name, provenance.source);
    let weights = provenance
        .weights
        .map_or(String::new(), |w| format!(" and {w}"));
    let mut head = vec![
        format!("{name}: compiled by mnetc {version} from {source}{weights}."),
        format!("Do not edit: change {source} and compile again."),
        String::new(),
    ];
    head.extend(usage(plan, provenance, parts));
    head.push(String::new());
    head.extend(layer_table(plan));
    head.push(String::new());
    head.extend(totals(plan));
    head.push(String::new());
    head.extend(reading().map(str::to_owned));
    if !plan.groups.is_empty() {
        head.extend(reading_strips().map(str::to_owned));
    }
    if plan.groups.iter().any(|group| group.bands.is_some()) {
        head.extend(reading_bands().map(str::to_owned));
    }
    head
}

/// How to call it, for somebody who has only this file.
fn usage(plan: &Plan, provenance: Provenance<'_>, parts: Parts<'_>) -> Vec<String> {
    let network = names::type_name(&plan.name);
    let version = env!("CARGO_PKG_VERSION");
    let mut lines = match parts.standalone {
        false => vec![format!("To use it, with the crate `mnetc-runtime` {version} and this file as a module:")],
        true => vec![
            format!("The kernels are inside: what this network needs of the crate `mnetc-runtime` {version} is the last module of this"),
            "file. That part, and only that part, holds `unsafe`: views of the arena and of the weights as floats, loads and".into(),
            "stores of vectors, and entering code for an instruction set that the CPU was asked for. No crate is needed.".into(),
            String::new(),
            "To use it, with this file as a module (`mod NAME;`, edition 2021 or later):".into(),
        ],
    };
    match parts.embed {
        Embed::File(_) => lines.push(format!("    let network = {network}::new();")),
        Embed::No => {
            let pack = format!("`mnetc pack {} --weights W -o FILE`", provenance.source);
            lines.push(format!(
                "    // the bytes of a file that {pack} wrote, aligned by `AlignedBytes`"
            ));
            lines.push(format!("    let network = {network}::from_bytes(&bytes)?;"));
        }
    }
    lines.push(if parts.standalone {
        "    static ARENA: Mutex<Arena> = Mutex::new(Arena::new()); // or as a local variable, where the stack has room".into()
    } else {
        "    let mut arena = Arena::boxed(); // with the feature `alloc`; `Arena::new()` is const, for statics".into()
    });
    lines.push("    let mut output = Output::new();".into());
    lines.push("    network.infer(&mut arena, &input, &mut output);".into());
    if plan.threads > 1 {
        let threads = plan.threads;
        lines.push("or, on several threads, with the feature `std`:".into());
        lines.push(format!("    let pool = Pool::new({threads})?;"));
        lines.push("    network.infer_with(&pool, &mut arena, &input, &mut output);".into());
    }
    if !parts.standalone && matches!(parts.embed, Embed::File(_)) {
        lines.push(
            "Where every microsecond counts, in large pages, with the feature `alloc`:".into(),
        );
        lines.push("    let weights = AlignedBytes::copy_of(&WEIGHTS.0);".into());
        lines.push(format!(
            "    let network = {network}::from_bytes(&weights)?;"
        ));
        lines.push("    let mut arena = Arena::in_large_pages();".into());
        lines.push("    let mut input = LargePages::<Input>::zeros();".into());
    }
    lines.push("`infer` neither allocates nor fails. Threads may share a network, each with an arena of its own.".into());
    if parts.goldens.is_some() {
        lines.push(
            "`network.self_test(&mut arena, &mut input, &mut output)` says which layer, if any, is wrong on this machine."
                .into(),
        );
    }
    lines.push(input_line(plan));
    lines.extend(target_line(plan));
    lines
}

fn input_line(plan: &Plan) -> String {
    let shape = plan.input.shape;
    let what = match (plan.input.element, plan.input.normalise.is_empty()) {
        (Element::U8, _) => "bytes as a camera gives them, which the network normalises",
        (Element::F32, false) => "numbers that the network normalises",
        (Element::F32, true) => "numbers, prepared as they were for training",
    };
    format!("The input is {shape} (height, width, channels): {what}.")
}

/// What it was compiled for.
fn target_line(plan: &Plan) -> Option<String> {
    let target = plan.strategy.target;
    let levels = match target {
        Target::Any => return None,
        Target::X86_64 => "",
        Target::Aarch64 => ", on NEON; anywhere else it computes the same in portable code",
        Target::Wasm => ", on `simd128` where it is built with it, else in portable code",
        Target::CortexM => ", in portable code",
    };
    Some(format!("Compiled for {}{levels}.", target.title()))
}

fn totals(plan: &Plan) -> Vec<String> {
    let total = cost::total(plan);
    let (params, macs) = (thousands(total.params), thousands(total.macs));
    let (weights, arena) = (plan.weight_bytes() as u64, plan.memory.bytes as u64);
    let (weights, arena) = (thousands(weights), thousands(arena));
    let peak = plan
        .peak_step()
        .map_or(String::new(), |s| format!(", fullest at {}", s.origin.name));
    let mut totals = vec![
        format!("Total: {params} parameters, {macs} multiply-adds (MACs)."),
        format!("Weights {weights} bytes; arena {arena} bytes{peak}."),
    ];
    if plan.has_split() {
        totals.extend(split().map(str::to_owned));
    }
    if plan.has_short() {
        totals.extend(short().map(str::to_owned));
    }
    totals
}

/// What split layers are.
const fn split() -> [&'static str; 3] {
    [
        "Precision bf16x3: layers that say so multiply each f32 as the sum of two bf16, by three of the four products, summed in",
        "f32. Their results are off by up to 5e-5 of the largest. Tiles (AMX) do it where the CPU and the operating system have",
        "them, else vectors.",
    ]
}

/// What layers with weights of 24 bits are.
const fn short() -> [&'static str; 2] {
    [
        "Precision bf16x3: layers that say so, which wait for memory more than they multiply, read the upper 24 bits of each",
        "weight, rounded.",
    ]
}

/// What every step looks like.
const fn reading() -> [&'static str; 5] {
    [
        "Each layer below is a comment, the maps it reads and writes (`arena.split([read], [written])`), one call of a",
        "kernel with its filter from the weights, and the observer's turn. Batch norms are folded into filters. A kernel's",
        "activation comes last, after its bias and a map that is added. 1x1 layers have stride 1 and no padding; `/2` is a",
        "stride. `row3.2` is the second repeat of the table's third row. Where a map takes the place of another, the slot is",
        "that other's.",
    ]
}

/// What steps in strips look like.
const fn reading_strips() -> [&'static str; 3] {
    [
        "Layers in a loop over strips make a few rows at a time, each as many as the next needs and none twice. The maps",
        "between them are rings, which hold the last rows alone, so that all of them stay in the cache. An observer is shown",
        "the last layer of such a loop.",
    ]
}

/// What steps in bands look like.
const fn reading_bands() -> [&'static str; 3] {
    [
        "Such a loop makes a band of rows of its last map: all of them on one thread; on several, each makes a band of its own,",
        "in rings of its own. Rows of the other maps that two bands need are made by both, so that none waits for another, and",
        "are the same bits in both.",
    ]
}

fn layer_table(plan: &Plan) -> Vec<String> {
    let rows: Vec<[String; 7]> = plan.steps.iter().map(|s| table_row(plan, s)).collect();
    let titles = [
        "layer",
        "operator",
        "channels",
        "output",
        "then",
        "parameters",
        "MACs",
    ];
    let titles = titles.map(str::to_owned);
    let all = || std::iter::once(&titles).chain(&rows);
    let widths: [usize; 7] = std::array::from_fn(|i| all().map(|r| r[i].len()).max().unwrap_or(0));
    let line = |row: &[String; 7]| {
        let cells = row
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(i, (cell, width))| match i {
                0..=4 => format!("{cell:width$}"),
                _ => format!("{cell:>width$}"),
            });
        cells.collect::<Vec<_>>().join("  ")
    };
    all().map(line).collect()
}

fn table_row(plan: &Plan, step: &Step) -> [String; 7] {
    let cost = cost::of(plan, step);
    [
        step.origin.name.clone(),
        describe::operator(step),
        describe::widths(plan, step).unwrap_or_default(),
        plan.map(step.output).shape.to_string(),
        describe::epilogue(plan, step).join(", "),
        thousands(cost.params),
        thousands(cost.macs),
    ]
}

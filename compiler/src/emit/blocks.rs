//! Groups steps into blocks and writes one function for each.
//!
//! A repeat of a row is a block; layers outside tables are grouped between the rows. Steps that run in strips together are
//! a block of their own. In: a plan. Out: functions, and the
//! calls of them. Never: writes a kernel call itself; [`super::step`] does.

use super::step::{self, Names, Needs};
use super::{describe, names};
use crate::plan::strips::Group;
use crate::plan::{Plan, Step};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use std::collections::BTreeMap;
use std::ops::Range;

/// Consecutive steps of one repeat of a row, or of layers outside tables.
pub(super) struct Block<'p> {
    function: Ident,
    first: usize,
    steps: &'p [Step],
}

/// The most steps outside tables that share a function.
const MOST_STEPS: usize = 8;

pub(super) fn blocks(plan: &Plan) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut first = 0;
    for group in &plan.groups {
        blocks.extend(whole_steps(plan, first..group.first));
        blocks.push(Block::new(plan, group.steps()));
        first = group.steps().end;
    }
    blocks.extend(whole_steps(plan, first..plan.steps.len()));
    name_functions(&mut blocks);
    blocks
}

/// The blocks of steps that run one after the other.
fn whole_steps(plan: &Plan, steps: Range<usize>) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut first = steps.start;
    for steps in
        plan.steps[steps].chunk_by(|a, b| describe::block(&a.origin) == describe::block(&b.origin))
    {
        for part in steps.chunks(if describe::block(&steps[0].origin).is_some() {
            usize::MAX
        } else {
            MOST_STEPS
        }) {
            blocks.push(Block::new(plan, first..first + part.len()));
            first += part.len();
        }
    }
    blocks
}

impl<'p> Block<'p> {
    fn new(plan: &'p Plan, steps: Range<usize>) -> Self {
        Self {
            function: names::ident("unnamed"),
            first: steps.start,
            steps: &plan.steps[steps],
        }
    }

    /// Its first step and its last.
    const fn ends(&self) -> (&'p Step, &'p Step) {
        (&self.steps[0], &self.steps[self.steps.len() - 1])
    }
}

/// `row3_2` for a repeat of a row; outside tables `stem` at the start, `head` at the end, the first layer's name between.
/// `stem_to_row3_2` for a group of several.
fn name_functions(blocks: &mut [Block<'_>]) {
    let mut taken = BTreeMap::new();
    let last = blocks.len().saturating_sub(1);
    for (place, block) in blocks.iter_mut().enumerate() {
        let (from, to) = block.ends();
        let name = match describe::block(&from.origin) {
            Some(row) => names::snake(&row),
            None if place == 0 => "stem".to_owned(),
            None if place == last => "head".to_owned(),
            None => format!("from_{}", names::snake(&from.origin.name)),
        };
        let name = if describe::block(&from.origin) == describe::block(&to.origin) {
            name
        } else {
            let end = describe::block(&to.origin);
            let end = end.unwrap_or_else(|| to.origin.name.clone());
            format!("{name}_to_{}", names::snake(&end))
        };
        let count: &mut usize = taken.entry(name.clone()).or_default();
        *count += 1;
        let name = if *count == 1 {
            name
        } else {
            format!("{name}_{count}")
        };
        block.function = names::ident(&name);
    }
}

/// What a function that runs `steps` takes besides the context, as parameters and as arguments.
fn parameters(plan: &Plan, steps: &[Step]) -> (TokenStream, TokenStream) {
    let needs = steps
        .iter()
        .map(|s| step::needs(plan, s))
        .fold(Needs::default(), Needs::or);
    let (mut parameters, mut arguments) = (TokenStream::new(), TokenStream::new());
    let all = [
        (
            needs.arena,
            quote! { arena: &mut Arena, },
            quote! { arena, },
        ),
        (needs.input, quote! { input: &Input, }, quote! { input, }),
        (
            needs.output,
            quote! { output: &mut Output, },
            quote! { output, },
        ),
    ];
    for (_, parameter, argument) in all.into_iter().filter(|(needed, ..)| *needed) {
        parameters.extend(parameter);
        arguments.extend(argument);
    }
    (parameters, arguments)
}

/// The method that runs all blocks, in order.
pub(super) fn run(plan: &Plan, blocks: &[Block<'_>]) -> TokenStream {
    let (parameters, _) = parameters(plan, &plan.steps);
    let calls = blocks.iter().map(|block| {
        let (name, (_, arguments)) = (&block.function, self::parameters(plan, block.steps));
        quote! { #name(cx, #arguments observer); }
    });
    quote! {
        fn run<L: Level>(&self, level: L, #parameters observer: &mut impl Observer) {
            let cx = Cx::new(level, self.weights);
            #(#calls)*
        }
    }
}

/// The call of that method, on a level as `level` has it.
pub(super) fn run_call(plan: &Plan, level: &TokenStream) -> TokenStream {
    let (_, arguments) = parameters(plan, &plan.steps);
    quote! { self.run(#level, #arguments observer) }
}

/// The function of one block.
pub(super) fn function(plan: &Plan, names: &Names, block: &Block<'_>) -> TokenStream {
    let (name, (parameters, _)) = (&block.function, parameters(plan, block.steps));
    let indices = block.first..block.first + block.steps.len();
    let statements = indices.map(|index| step::statements(plan, names, index));
    let doc = format!(" {}", block_doc(plan, block));
    let group = plan.group(block.first);
    if let Some(group) = group.filter(|group| group.bands.is_some()) {
        return in_bands(plan, names, block, group, &doc);
    }
    let statements = match group {
        None => quote! { #(#statements)* },
        Some(group) => {
            let strips = Literal::usize_unsuffixed(group.strips);
            let observe = step::observe_whole(plan, names, group.last());
            quote! {
                for strip in 0..#strips { #(#statements)* }
                #observe
            }
        }
    };
    quote! {
        #[doc = #doc]
        fn #name<L: Level>(cx: Cx<'_, L>, #parameters observer: &mut impl Observer) {
            #statements
        }
    }
}

/// The function of a group that threads share in bands, and that of one band.
fn in_bands(
    plan: &Plan,
    names: &Names,
    block: &Block<'_>,
    group: &Group,
    doc: &str,
) -> TokenStream {
    let (name, (parameters, _)) = (&block.function, parameters(plan, block.steps));
    let band = names::ident(&format!("{name}_band"));
    let whole = step::whole(plan, names, group);
    let (views, whole_parameters, arguments) = (whole.views, whole.parameters, whole.arguments);
    let number = step::observed(plan, group.last());
    let statements = group
        .steps()
        .map(|index| step::statements(plan, names, index));
    let rows = Literal::usize_unsuffixed(group.rows[group.rows.len() - 1].step);
    let ahead = Literal::usize_unsuffixed(group.ahead());
    let band_doc = format!(" A band of `{name}`: the rows of its last map that `out` is to hold.");
    quote! {
        #[doc = #doc]
        fn #name<L: Level>(cx: Cx<'_, L>, #parameters observer: &mut impl Observer) {
            #views
            in_bands(cx, &mut rings, &mut y, |cx, rings, out| #band(cx, rings, #arguments out));
            observer.step(#number, y.as_map());
        }
        #[doc = #band_doc]
        fn #band<L: Level>(
            cx: Cx<'_, L>,
            rings: &mut Rings<'_>,
            #whole_parameters
            out: &mut MapMut<'_>,
        ) {
            let band = Band::new(out.window_rows(), #rows, #ahead);
            for strip in band.strips() { #(#statements)* }
        }
    }
}

fn block_doc(plan: &Plan, block: &Block<'_>) -> String {
    let doc = layers_doc(plan, block);
    let group = plan.group(block.first);
    let Some((group, rows)) = group.and_then(|group| Some((group, group.rows.last()?.step))) else {
        return doc;
    };
    match group.bands {
        None => format!(
            "{doc} In {} strips, {rows} of its rows in each.",
            group.strips
        ),
        Some(bands) => {
            let count = bands.count;
            format!("{doc} In strips, {rows} of its rows in each; in up to {count} bands.")
        }
    }
}

/// The layers of a block, and the shapes at its ends.
fn layers_doc(plan: &Plan, block: &Block<'_>) -> String {
    let (first, last) = block.ends();
    let (from, to) = (first.input_shape, plan.map(last.output).shape);
    let row = first.origin.row.as_ref();
    let is_one = describe::block(&first.origin) == describe::block(&last.origin);
    match row.filter(|_| is_one) {
        Some(row) => {
            let place = describe::place(&first.origin);
            format!(
                "{}, {} ({}): {from} -> {to}.",
                capital(&place),
                row.table,
                row.text
            )
        }
        None if block.steps.len() == 1 => {
            format!("`{}`: {from} -> {to}.", first.origin.name)
        }
        None => {
            let (first, last) = (&first.origin.name, &last.origin.name);
            format!("From `{first}` to `{last}`: {from} -> {to}.")
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| {
        c.to_uppercase().to_string() + chars.as_str()
    })
}

//! Groups steps into blocks and writes one function for each.
//!
//! A repeat of a row is a block; layers outside tables are grouped between the rows. In: a plan. Out: functions, and the
//! calls of them. Never: writes a kernel call itself; [`super::step`] does.

use super::step::{self, Names, Needs};
use super::{describe, names};
use crate::plan::{Plan, Step};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::collections::BTreeMap;

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
    for steps in plan
        .steps
        .chunk_by(|a, b| describe::block(&a.origin) == describe::block(&b.origin))
    {
        for part in steps.chunks(if describe::block(&steps[0].origin).is_some() {
            usize::MAX
        } else {
            MOST_STEPS
        }) {
            let function = names::ident("unnamed");
            blocks.push(Block {
                function,
                first,
                steps: part,
            });
            first += part.len();
        }
    }
    name_functions(&mut blocks);
    blocks
}

/// `row3_2` for a repeat of a row; outside tables `stem` at the start, `head` at the end, the first layer's name between.
fn name_functions(blocks: &mut [Block<'_>]) {
    let mut taken = BTreeMap::new();
    let last = blocks.len().saturating_sub(1);
    for (place, block) in blocks.iter_mut().enumerate() {
        let name = match describe::block(&block.steps[0].origin) {
            Some(row) => names::snake(&row),
            None if place == 0 => "stem".to_owned(),
            None if place == last => "head".to_owned(),
            None => format!("from_{}", names::snake(&block.steps[0].origin.name)),
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
    quote! {
        #[doc = #doc]
        fn #name<L: Level>(cx: Cx<'_, L>, #parameters observer: &mut impl Observer) {
            #(#statements)*
        }
    }
}

fn block_doc(plan: &Plan, block: &Block<'_>) -> String {
    let (first, last) = (&block.steps[0], &block.steps[block.steps.len() - 1]);
    let (from, to) = (first.input_shape, plan.map(last.output).shape);
    match &first.origin.row {
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

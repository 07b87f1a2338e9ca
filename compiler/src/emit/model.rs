//! Makes the sections of the file: head, imports, constants, types, blocks and the network's struct.
//!
//! In: a plan and where its weights are. Out: a [`Module`]. Never: writes a kernel call itself; [`super::step`] does.

use super::blocks::{self, Block};
use super::constants::{self, number, shape};
use super::step::Names;
use super::{Embed, Module, Parts, Provenance, golden, head, imports, names};
use crate::plan::{Plan, cost};
use crate::shape::Shape;
use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::quote;

pub(super) fn module(plan: &Plan, provenance: Provenance<'_>, parts: Parts<'_>) -> Module {
    let (maps, rings) = names::maps(plan);
    let names = Names {
        maps,
        rings,
        filters: {
            let mut unique = names::Unique::default();
            plan.filters
                .iter()
                .map(|f| unique.constant(&f.params))
                .collect()
        },
        outputs: plan.outputs.iter().map(|o| names::ident(&o.name)).collect(),
        has_tiles: plan.strategy.target.level().is_none(),
    };
    let blocks = blocks::blocks(plan);
    let mut sections = vec![
        imports::imports(plan, parts),
        items(plan),
        types(plan),
        network(plan, parts.embed),
    ];
    sections.push(implementation(plan, &blocks, parts));
    sections.extend(
        blocks
            .iter()
            .map(|block| blocks::function(plan, &names, block)),
    );
    sections.push(steps(plan));
    sections.extend(parts.goldens.map(|goldens| golden::constant(plan, goldens)));
    sections.push(constants::geometry(plan));
    sections.extend(constants::maps(plan, &names));
    sections.extend(constants::filters(plan, &names));
    sections.retain(|s| !s.is_empty());
    Module {
        head: head::lines(plan, provenance, parts),
        sections,
    }
}

fn items(plan: &Plan) -> TokenStream {
    let total = cost::total(plan);
    let (arena, weights) = (number(plan.memory.bytes), number(plan.weight_bytes()));
    let (macs, params) = (number(total.macs as usize), number(total.params as usize));
    let input = shape(plan.input.shape);
    let outputs = plan.outputs.iter().map(|o| named_shape(&o.name, o.shape));
    let output_count = number(plan.outputs.len());
    let allow = allow_unused();
    quote! {
        /// Bytes of the arena: all that `infer` needs besides weights, input, output and a small stack.
        #allow
        pub const ARENA_BYTES: usize = #arena;
        /// Bytes of the weight blob.
        #allow
        pub const WEIGHT_BYTES: usize = #weights;
        /// Multiply-adds of one inference.
        #allow
        pub const MACS: u64 = #macs;
        /// Parameters, as the network was trained.
        #allow
        pub const PARAMS: u64 = #params;
        /// Height, width and channels of the input.
        #allow
        pub const INPUT_SHAPE: [usize; 3] = #input;
        /// Name, and height, width and channels, of every output.
        #allow
        pub const OUTPUTS: [(&str, [usize; 3]); #output_count] = [#(#outputs),*];
    }
}

fn steps(plan: &Plan) -> TokenStream {
    let steps: Vec<_> = plan
        .observed()
        .into_iter()
        .map(|step| &plan.steps[step])
        .map(|s| named_shape(&s.origin.name, plan.map(s.output).shape))
        .collect();
    let (count, allow) = (number(steps.len()), allow_unused());
    quote! {
        /// Name, and height, width and channels of the result, of every step an observer sees.
        #allow
        pub const STEPS: [(&str, [usize; 3]); #count] = [#(#steps),*];
    }
}

fn named_shape(name: &str, s: Shape) -> TokenStream {
    let s = shape(s);
    quote! { (#name, #s) }
}

fn types(plan: &Plan) -> TokenStream {
    let element = names::ident(plan.input.element.name());
    let input = length(plan.input.shape);
    let fields = plan.outputs.iter().map(|o| {
        let (field, length) = (names::ident(&o.name), length(o.shape));
        let doc = format!(" {}", layout(o.shape));
        quote! { #[doc = #doc] pub #field: [f32; #length] }
    });
    let zeros = plan.outputs.iter().map(|o| {
        let (field, length) = (names::ident(&o.name), length(o.shape));
        quote! { #field: [0.0; #length] }
    });
    let doc = format!(" The input: {}", layout(plan.input.shape));
    let allow = allow_unused();
    quote! {
        #[doc = #doc]
        #allow
        pub type Input = [#element; #input];
        /// The memory that `infer` works in. It is left as it is between calls, and needs no cleaning.
        #allow
        pub type Arena = ::mnetc_runtime::Arena<ARENA_BYTES>;
        /// What the network gives out.
        #[derive(Clone, Debug, PartialEq)]
        #allow
        pub struct Output { #(#fields),* }
        #allow
        impl Output {
            /// All zeros.
            pub const fn new() -> Self {
                Self { #(#zeros),* }
            }
        }
        impl Default for Output {
            fn default() -> Self {
                Self::new()
            }
        }
    }
}

/// The elements of a map, as a product of its sides; those of 1 are left out.
fn length(s: Shape) -> TokenStream {
    let sides = s.to_array().into_iter().filter(|n| *n != 1).map(number);
    let product = sides.map(TokenTree::Literal).map(TokenStream::from);
    product
        .reduce(|a, b| quote! { #a * #b })
        .unwrap_or_else(|| quote! { 1 })
}

/// In words, how the elements of a map follow each other.
fn layout(s: Shape) -> String {
    match s.pixels() {
        1 => format!("{} numbers.", s.c),
        _ => format!("{s}: row by row, the channels of a pixel together."),
    }
}

fn network(plan: &Plan, embed: Embed<'_>) -> TokenStream {
    let name = names::ident(&names::type_name(&plan.name));
    let level = asks(plan).then(|| quote! { level: AnyLevel, });
    let what = match asks(plan) {
        true => "its weights, and the instruction set it runs on",
        false => "its weights",
    };
    let doc = format!(" The network `{}`: {what}.", plan.name);
    let allow = allow_unused();
    let bytes = match embed {
        Embed::No => quote! {},
        Embed::File(file) => quote! {
            /// The packed weights, where the program has them. A copy in large pages may be faster.
            #allow
            pub static WEIGHTS: Aligned<[u8; WEIGHT_BYTES]> = Aligned(*include_bytes!(#file));
        },
    };
    let panels = number(plan.panels());
    let fingerprint: Literal = format!("{:#018x}", plan.fingerprint())
        .parse()
        .expect("a hexadecimal number is a literal");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug)]
        #allow
        pub struct #name<'w> {
            weights: Weights<'w>,
            #level
        }
        /// The length that a blob must have, and the fingerprint of its layout.
        const LAYOUT: BlobLayout = BlobLayout { panels: #panels, fingerprint: #fingerprint };
        #bytes
    }
}

fn implementation(plan: &Plan, blocks: &[Block<'_>], parts: Parts<'_>) -> TokenStream {
    let name = names::ident(&names::type_name(&plan.name));
    let allow = allow_unused();
    let self_test = parts.goldens.map(golden::method);
    let detect = asks(plan).then(|| detect(plan));
    let embedded = match parts.embed {
        Embed::No => quote! {},
        Embed::File(_) => quote! {
            #allow
            impl #name<'static> {
                /// The network with the weights it was compiled with.
                pub fn new() -> Self {
                    Self { weights: Weights::embedded(&WEIGHTS, &LAYOUT), #detect }
                }
            }
            impl Default for #name<'static> {
                fn default() -> Self {
                    Self::new()
                }
            }
        },
    };
    let run = blocks::run(plan, blocks);
    let unused = (plan.memory.bytes == 0).then(|| quote! { let _ = arena; });
    let levels = levels(plan);
    let call = on_level(plan, |level| blocks::run_call(plan, &level));
    let with_pool = (plan.threads > 1).then(|| with_pool(plan, unused.as_ref()));
    quote! {
        #embedded
        #allow
        impl<'w> #name<'w> {
            /// The network with the weights in `bytes`, which `mnetc pack` wrote for it.
            ///
            /// # Errors
            /// When `bytes` is not such a blob, or damaged, or does not start at a multiple of 64 bytes.
            pub fn from_bytes(bytes: &'w [u8]) -> Result<Self, WeightsError> {
                let weights = Weights::from_bytes(bytes, &LAYOUT)?;
                Ok(Self { weights, #detect })
            }
            #levels
            /// Runs the network on `input`, and overwrites `output`.
            pub fn infer(&self, arena: &mut Arena, input: &Input, output: &mut Output) {
                self.infer_observed(arena, input, output, &mut ());
            }
            /// Runs the network on `input` and shows `observer` the result of each of [`STEPS`].
            pub fn infer_observed(
                &self,
                arena: &mut Arena,
                input: &Input,
                output: &mut Output,
                observer: &mut impl Observer,
            ) {
                #unused
                #call
            }
            #with_pool
            #self_test
            #run
        }
    }
}

/// Whether the machine is asked for its best level; else the target says which it is.
const fn asks(plan: &Plan) -> bool {
    plan.strategy.target.level().is_none()
}

/// The field with the best level.
fn detect(plan: &Plan) -> TokenStream {
    if plan.has_split() {
        quote! { level: AnyLevel::detect_with_amx(), }
    } else {
        quote! { level: AnyLevel::detect(), }
    }
}

/// The methods about the instruction set it runs on.
fn levels(plan: &Plan) -> TokenStream {
    match plan.strategy.target.level() {
        None => quote! {
            /// The same network on `level`, which this CPU has (see `AnyLevel::available`), instead of the best.
            pub fn with_level(self, level: AnyLevel) -> Self {
                Self { level, ..self }
            }
            /// The instruction set the network runs on.
            pub fn level(&self) -> AnyLevel {
                self.level
            }
        },
        Some(_) => quote! {
            /// The instruction set the network runs on.
            pub fn level(&self) -> AnyLevel {
                AnyLevel::baseline()
            }
        },
    }
}

/// The statement that makes `call` of the level that is run on.
fn on_level(plan: &Plan, call: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    if asks(plan) {
        let call = call(quote! { level });
        quote! { dispatch!(self.level, level => #call); }
    } else {
        let call = call(quote! { baseline() });
        quote! { #call; }
    }
}

/// The methods that run the network on several threads.
fn with_pool(plan: &Plan, unused: Option<&TokenStream>) -> TokenStream {
    let call = on_level(plan, |level| {
        blocks::run_call(plan, &quote! { crew.on(#level) })
    });
    let memory = format!(
        " The arena has memory for {} threads; layers that need memory of their own use no more of a larger pool.",
        plan.threads
    );
    quote! {
        /// Runs the network as `infer` does, on all threads of `pool`: the same numbers, sooner.
        ///
        #[doc = #memory]
        pub fn infer_with(&self, pool: &Pool, arena: &mut Arena, input: &Input, output: &mut Output) {
            self.infer_observed_with(pool, arena, input, output, &mut ());
        }
        /// Runs the network as `infer_observed` does, on all threads of `pool`. `observer` stays on this one.
        pub fn infer_observed_with(
            &self,
            pool: &Pool,
            arena: &mut Arena,
            input: &Input,
            output: &mut Output,
            observer: &mut impl Observer,
        ) {
            #unused
            let crew = pool.crew();
            #call
        }
    }
}

/// On public items, for modules that are private and programs that do not use everything.
fn allow_unused() -> TokenStream {
    quote! { #[allow(dead_code, unreachable_pub)] }
}

//! Makes the sections of the file: head, imports, constants, types, blocks and the network's struct.
//!
//! In: a plan and where its weights are. Out: a [`Module`]. Never: writes a kernel call itself; [`super::step`] does.

use super::step::{self, Names, Needs};
use super::{Embed, Module, Provenance, describe, names};
use crate::graph::Activation;
use crate::plan::{Kernel, Plan, Step, Storage, Tile, cost};
use crate::shape::{Element, Shape, Window};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn module(plan: &Plan, provenance: Provenance<'_>, embed: Embed<'_>) -> Module {
    let names = Names {
        maps: names::maps(&plan.maps),
        filters: {
            let mut unique = names::Unique::default();
            plan.filters
                .iter()
                .map(|f| unique.constant(&f.params))
                .collect()
        },
        outputs: plan.outputs.iter().map(|o| names::ident(&o.name)).collect(),
    };
    let blocks = blocks(plan);
    let mut sections = vec![
        imports(plan, embed),
        constants(plan),
        types(plan),
        network(plan, embed),
    ];
    sections.push(implementation(plan, &blocks, embed));
    sections.extend(blocks.iter().map(|block| function(plan, &names, block)));
    sections.push(geometry(plan));
    sections.extend(maps(plan, &names));
    sections.extend(filters(plan, &names));
    sections.retain(|s| !s.is_empty());
    Module {
        head: head(plan, provenance),
        sections,
    }
}

// ---- the head ----

fn head(plan: &Plan, provenance: Provenance<'_>) -> Vec<String> {
    let total = cost::total(plan);
    let version = env!("CARGO_PKG_VERSION");
    let weights = provenance
        .weights
        .map_or(String::new(), |w| format!(" and {w}"));
    let mut head = vec![
        format!(
            "{}: compiled by mnetc {version} from {}{weights}.",
            plan.name, provenance.source
        ),
        "Do not edit: change the table and compile again.".into(),
        String::new(),
    ];
    head.extend(layer_table(plan));
    head.push(String::new());
    head.push(format!(
        "Total: {} parameters, {} multiply-adds, {} bytes of weights, {} bytes of arena.",
        total.params,
        total.macs,
        plan.weight_bytes(),
        plan.memory.bytes
    ));
    if let Some(peak) = plan.peak_step() {
        head.push(format!("The arena is fullest at {}.", peak.origin.name));
    }
    head
}

fn layer_table(plan: &Plan) -> Vec<String> {
    let rows: Vec<[String; 5]> = plan.steps.iter().map(|s| table_row(plan, s)).collect();
    let titles = ["row", "operator", "output", "parameters", "MACs"].map(str::to_owned);
    let all = || std::iter::once(&titles).chain(&rows);
    let width = |i: usize| all().map(|r| r[i].len()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |r: &[String; 5]| {
        let [a, b, c, d, e] = widths;
        format!(
            "{:a$}  {:b$}  {:c$}  {:>d$}  {:>e$}",
            r[0], r[1], r[2], r[3], r[4]
        )
    };
    all().map(line).collect()
}

fn table_row(plan: &Plan, step: &Step) -> [String; 5] {
    let cost = cost::of(plan, step);
    [
        block_name(step).unwrap_or_else(|| step.origin.name.clone()),
        describe::operator(step),
        plan.map(step.output).shape.to_string(),
        cost.params.to_string(),
        cost.macs.to_string(),
    ]
}

// ---- imports, constants, types ----

fn imports(plan: &Plan, embed: Embed<'_>) -> TokenStream {
    let functions: BTreeSet<_> = plan.steps.iter().map(step::function).collect();
    let activations: BTreeSet<_> = plan
        .steps
        .iter()
        .flat_map(step::activations)
        .map(step::activation)
        .collect();
    let mut items: BTreeSet<&str> = [
        "AnyLevel",
        "BlobLayout",
        "Cx",
        "Level",
        "Observer",
        "Weights",
        "WeightsError",
    ]
    .into();
    let any = |storage: fn(&Storage) -> bool| plan.maps.iter().any(|m| storage(&m.storage));
    let kernel = |is: fn(&Kernel) -> bool| plan.steps.iter().any(|s| is(&s.kernel));
    let mut need = |item: &'static str, needed: bool| {
        if needed {
            items.insert(item);
        }
    };
    need("Slot", any(|s| matches!(s, Storage::Buffer(_))));
    need(
        "Map",
        plan.steps.iter().any(|s| step::needs(plan, s).input) || reads_output(plan),
    );
    need("MapMut", any(|s| matches!(s, Storage::Output(_))));
    need("FilterSlot", !plan.filters.is_empty());
    need("Tile", kernel(|k| matches!(k, Kernel::Pointwise { .. })));
    need("Window", !windows(plan).is_empty());
    need(
        "SqueezeExcite",
        kernel(|k| matches!(k, Kernel::SqueezeExcite { .. })),
    );
    need("Pixel", converts(plan));
    need("Aligned", embed != Embed::No);
    let items = items.into_iter().map(names::ident);
    let activations = (!activations.is_empty())
        .then(|| quote! { use ::mnetc_runtime::Activation::{#(#activations),*}; });
    quote! {
        #activations
        use ::mnetc_runtime::{#(#items,)* #(#functions),*};
    }
}

fn reads_output(plan: &Plan) -> bool {
    let is_output = |m: &crate::plan::MapId| matches!(plan.map(*m).storage, Storage::Output(_));
    let skip = |s: &Step| match s.kernel {
        Kernel::Pointwise {
            skip: crate::plan::Skip::Map(m),
            ..
        } => Some(m),
        _ => None,
    };
    plan.steps
        .iter()
        .any(|s| s.inputs.iter().chain(&skip(s)).any(is_output))
}

fn converts(plan: &Plan) -> bool {
    let converts = |k: &Kernel| {
        matches!(
            k,
            Kernel::Normalise
                | Kernel::Conv {
                    normalise: true,
                    ..
                }
        )
    };
    plan.steps.iter().any(|s| converts(&s.kernel))
}

fn constants(plan: &Plan) -> TokenStream {
    let total = cost::total(plan);
    let (arena, weights) = (number(plan.memory.bytes), number(plan.weight_bytes()));
    let (macs, params) = (
        Literal::u64_unsuffixed(total.macs),
        Literal::u64_unsuffixed(total.params),
    );
    let input = shape(plan.input.shape);
    let outputs = plan.outputs.iter().map(|o| named_shape(&o.name, o.shape));
    let steps = plan
        .steps
        .iter()
        .map(|s| named_shape(&s.origin.name, plan.map(s.output).shape));
    let (output_count, step_count) = (number(plan.outputs.len()), number(plan.steps.len()));
    quote! {
        /// Bytes of the arena: all that `infer` needs besides weights, input, output and a small stack.
        pub const ARENA_BYTES: usize = #arena;
        /// Bytes of the weight blob.
        pub const WEIGHT_BYTES: usize = #weights;
        /// Multiply-adds of one inference.
        pub const MACS: u64 = #macs;
        /// Parameters, as the network was trained.
        pub const PARAMS: u64 = #params;
        /// Height, width and channels of the input.
        pub const INPUT_SHAPE: [usize; 3] = #input;
        /// Name, and height, width and channels, of every output.
        pub const OUTPUTS: [(&str, [usize; 3]); #output_count] = [#(#outputs),*];
        /// Name, and height, width and channels of the result, of every step an observer sees.
        pub const STEPS: [(&str, [usize; 3]); #step_count] = [#(#steps),*];
    }
}

fn named_shape(name: &str, s: Shape) -> TokenStream {
    let s = shape(s);
    quote! { (#name, #s) }
}

fn types(plan: &Plan) -> TokenStream {
    let element = names::ident(plan.input.element.name());
    let input = number(plan.input.shape.len());
    let fields = plan.outputs.iter().map(|o| {
        let (field, length) = (names::ident(&o.name), number(o.shape.len()));
        let doc = format!(
            " {}, row by row, the channels of a pixel together.",
            o.shape
        );
        quote! { #[doc = #doc] pub #field: [f32; #length] }
    });
    let zeros = plan.outputs.iter().map(|o| {
        let (field, length) = (names::ident(&o.name), number(o.shape.len()));
        quote! { #field: [0.0; #length] }
    });
    let doc = match plan.input.element {
        Element::F32 => format!(
            " The input: {}, row by row, the channels of a pixel together.",
            plan.input.shape
        ),
        Element::U8 => format!(
            " The input: {} pixels as a camera gives them.",
            plan.input.shape
        ),
    };
    quote! {
        #[doc = #doc]
        pub type Input = [#element; #input];
        /// The memory that `infer` works in.
        pub type Arena = ::mnetc_runtime::Arena<ARENA_BYTES>;
        /// What the network gives out.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Output { #(#fields),* }
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

// ---- the network ----

fn network(plan: &Plan, embed: Embed<'_>) -> TokenStream {
    let name = names::ident(&names::type_name(&plan.name));
    let doc = format!(
        " The network `{}`: its weights, and the instruction set it runs on.",
        plan.name
    );
    let bytes = match embed {
        Embed::No => quote! {},
        Embed::File(file) => quote! {
            static WEIGHTS: Aligned<[u8; WEIGHT_BYTES]> = Aligned(*include_bytes!(#file));
        },
    };
    let panels = number(plan.panels());
    let fingerprint: Literal = format!("{:#018x}", plan.fingerprint())
        .parse()
        .expect("a hexadecimal number is a literal");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug)]
        pub struct #name<'w> {
            weights: Weights<'w>,
            level: AnyLevel,
        }
        /// What a blob of weights must say of itself to be taken.
        const LAYOUT: BlobLayout = BlobLayout { panels: #panels, fingerprint: #fingerprint };
        #bytes
    }
}

fn implementation(plan: &Plan, blocks: &[Block<'_>], embed: Embed<'_>) -> TokenStream {
    let name = names::ident(&names::type_name(&plan.name));
    let embedded = match embed {
        Embed::No => quote! {},
        Embed::File(_) => quote! {
            impl #name<'static> {
                /// The network with the weights it was compiled with.
                pub fn new() -> Self {
                    Self { weights: Weights::embedded(&WEIGHTS, &LAYOUT), level: AnyLevel::detect() }
                }
            }
            impl Default for #name<'static> {
                fn default() -> Self {
                    Self::new()
                }
            }
        },
    };
    let calls = blocks.iter().map(|block| block_call(plan, block));
    let unused = (plan.memory.bytes == 0).then(|| quote! { let _ = arena; });
    quote! {
        #embedded
        impl<'w> #name<'w> {
            /// The network with the weights in `bytes`, which `mnetc pack` wrote for it.
            ///
            /// # Errors
            /// When `bytes` is not such a blob, or damaged, or does not start at a multiple of 64 bytes.
            pub fn from_bytes(bytes: &'w [u8]) -> Result<Self, WeightsError> {
                let weights = Weights::from_bytes(bytes, &LAYOUT)?;
                Ok(Self { weights, level: AnyLevel::detect() })
            }
            /// The same network on `level`, instead of the best that this CPU has.
            pub fn with_level(self, level: AnyLevel) -> Self {
                Self { level, ..self }
            }
            /// The instruction set the network runs on.
            pub fn level(&self) -> AnyLevel {
                self.level
            }
            /// Runs the network on `input`.
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
                ::mnetc_runtime::dispatch!(self.level, |level| {
                    let cx = Cx::new(level, self.weights);
                    #(#calls)*
                });
            }
        }
    }
}

// ---- blocks ----

/// Consecutive steps of one repeat of a row, or of layers outside tables.
struct Block<'p> {
    function: Ident,
    first: usize,
    steps: &'p [Step],
}

/// The most steps outside tables that share a function.
const MOST_STEPS: usize = 8;

fn blocks(plan: &Plan) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut first = 0;
    for steps in plan.steps.chunk_by(|a, b| block_name(a) == block_name(b)) {
        for part in steps.chunks(if block_name(&steps[0]).is_some() {
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
        let name = match block_name(&block.steps[0]) {
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

/// `row3.2`, for steps of tables.
fn block_name(step: &Step) -> Option<String> {
    step.origin
        .row
        .as_ref()
        .map(|row| format!("row{}.{}", row.number, row.repeat))
}

fn block_needs(plan: &Plan, block: &Block<'_>) -> Needs {
    block
        .steps
        .iter()
        .map(|s| step::needs(plan, s))
        .fold(Needs::default(), |a, b| Needs {
            arena: a.arena || b.arena,
            input: a.input || b.input,
            output: a.output || b.output,
        })
}

fn block_call(plan: &Plan, block: &Block<'_>) -> TokenStream {
    let (function, needs) = (&block.function, block_needs(plan, block));
    let arena = needs.arena.then(|| quote! { arena, });
    let input = needs.input.then(|| quote! { input, });
    let output = needs.output.then(|| quote! { output, });
    quote! { #function(cx, #arena #input #output observer); }
}

fn function(plan: &Plan, names: &Names, block: &Block<'_>) -> TokenStream {
    let (function, needs) = (&block.function, block_needs(plan, block));
    let arena = needs.arena.then(|| quote! { arena: &mut Arena, });
    let input = needs.input.then(|| quote! { input: &Input, });
    let output = needs.output.then(|| quote! { output: &mut Output, });
    let statements = (0..block.steps.len()).map(|i| step::statements(plan, names, block.first + i));
    let doc = format!(" {}", block_doc(plan, block));
    quote! {
        #[doc = #doc]
        fn #function<L: Level>(
            cx: Cx<'_, L>,
            #arena
            #input
            #output
            observer: &mut impl Observer,
        ) {
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
        None => format!(
            "{} to {}: {from} -> {to}.",
            capital(&first.origin.name),
            last.origin.name
        ),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| {
        c.to_uppercase().to_string() + chars.as_str()
    })
}

// ---- constants that steps name ----

fn windows(plan: &Plan) -> Vec<Window> {
    let mut windows: BTreeMap<String, Window> = BTreeMap::new();
    for step in &plan.steps {
        match &step.kernel {
            Kernel::Conv { window, .. }
            | Kernel::Depthwise { window, .. }
            | Kernel::AveragePool { window }
            | Kernel::MaxPool { window } => {
                windows.insert(names::window(*window).to_string(), *window);
            }
            _ => {}
        }
    }
    windows.into_values().collect()
}

fn geometry(plan: &Plan) -> TokenStream {
    let windows = windows(plan).into_iter().map(|w| {
        let name = names::window(w);
        let [kernel, stride, dilation] = [w.kernel, w.stride, w.dilation].map(|p| array(&p));
        let padding = array(&w.padding.to_array());
        quote! {
            const #name: Window = Window {
                kernel: #kernel, stride: #stride, dilation: #dilation, padding: #padding,
            };
        }
    });
    let tiles: BTreeMap<String, Tile> = plan
        .steps
        .iter()
        .filter_map(|s| match s.kernel {
            Kernel::Pointwise { tile, .. } => Some((tile_name(tile).to_string(), tile)),
            _ => None,
        })
        .collect();
    let tiles = tiles.into_values().map(tile_constant);
    let normalise = converts(plan).then(|| normalise_constant(plan));
    quote! { #normalise #(#windows)* #(#tiles)* }
}

fn normalise_constant(plan: &Plan) -> TokenStream {
    let channels = plan.input.shape.c;
    let identity = crate::graph::PixelMap {
        scale: 1.0,
        shift: 0.0,
    };
    let maps = (0..channels).map(|c| {
        let p = plan.input.normalise.get(c).copied().unwrap_or(identity);
        let (scale, shift) = (
            Literal::f32_unsuffixed(p.scale),
            Literal::f32_unsuffixed(p.shift),
        );
        quote! { Pixel { scale: #scale, shift: #shift } }
    });
    let channels = number(channels);
    quote! {
        /// Per input channel: x = pixel * scale + shift.
        const NORMALISE: [Pixel; #channels] = [#(#maps),*];
    }
}

fn maps(plan: &Plan, names: &Names) -> Option<TokenStream> {
    let slots: Vec<_> = plan
        .maps
        .iter()
        .zip(&names.maps)
        .filter_map(|(map, name)| {
            let (Storage::Buffer(buffer), Some(name)) = (map.storage, name) else {
                return None;
            };
            let at = number(plan.memory.offsets[buffer]);
            let [h, w, c] = map.shape.to_array().map(number);
            Some(quote! { pub(super) const #name: Slot = Slot::new(#at, #h, #w, #c); })
        })
        .collect();
    (!slots.is_empty()).then(|| {
        quote! {
            /// Where each map lies in the arena: offset in bytes, height, width, channels.
            mod maps {
                use super::Slot;
                #(#slots)*
            }
        }
    })
}

fn filters(plan: &Plan, names: &Names) -> Option<TokenStream> {
    let slots: Vec<_> = plan
        .filters
        .iter()
        .zip(&names.filters)
        .map(|(f, name)| {
            let [at, bias, panels] = [f.offset, f.bias_panels, f.panels].map(number);
            quote! { pub(super) const #name: FilterSlot = FilterSlot::new(#at, #bias, #panels); }
        })
        .collect();
    (!slots.is_empty()).then(|| {
        quote! {
            /// Where each filter lies in the blob: panels of 16 numbers before it, of its bias, of its weights.
            mod filters {
                use super::FilterSlot;
                #(#slots)*
            }
        }
    })
}

fn number(n: usize) -> Literal {
    Literal::usize_unsuffixed(n)
}

fn array(numbers: &[usize]) -> TokenStream {
    let numbers = numbers.iter().map(|n| number(*n));
    quote! { [#(#numbers),*] }
}

fn shape(s: Shape) -> TokenStream {
    array(&s.to_array())
}

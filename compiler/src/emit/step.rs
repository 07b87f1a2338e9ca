//! Writes the statements of one step: a comment, its views, the kernel call, the observer.
//!
//! In: a plan and one of its steps. Out: tokens. Never: decides anything, writes items.

use super::describe;
use super::names;
use crate::graph::Activation;
use crate::plan::strips::{Group, Rows};
use crate::plan::{Excitation, FilterId, Kernel, MapId, Plan, Precision, Skip, Step, Storage};
use crate::shape::{Element, Shape};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// What steps refer to by name.
pub(super) struct Names {
    /// The arena's maps; nothing for maps that lie elsewhere.
    pub(super) maps: Vec<Option<Ident>>,
    /// The memory that the bands of each group have to themselves.
    pub(super) rings: Vec<Ident>,
    /// The filters.
    pub(super) filters: Vec<Ident>,
    /// The networks's outputs.
    pub(super) outputs: Vec<Ident>,
    /// Whether the levels it runs on have a choice of tiles.
    pub(super) has_tiles: bool,
}

/// What a step, and so the function around it, needs besides the context.
#[derive(Clone, Copy, Default)]
pub(super) struct Needs {
    pub(super) arena: bool,
    pub(super) input: bool,
    pub(super) output: bool,
}

impl Needs {
    /// What both need.
    pub(super) const fn or(self, other: Self) -> Self {
        Self {
            arena: self.arena || other.arena,
            input: self.input || other.input,
            output: self.output || other.output,
        }
    }
}

/// What `step` needs.
pub(super) fn needs(plan: &Plan, step: &Step) -> Needs {
    let mut needs = Needs::default();
    for (_, map) in reads(step).into_iter().chain(writes(step)) {
        match plan.map(map).storage {
            Storage::Input => needs.input = true,
            Storage::Output(_) => needs.output = true,
            Storage::Buffer(_) => needs.arena = true,
        }
    }
    needs
}

/// The statements of the `index`-th step; in a group, those of one strip.
pub(super) fn statements(plan: &Plan, names: &Names, index: usize) -> TokenStream {
    let step = &plan.steps[index];
    let views = match plan.group(index).filter(|group| group.bands.is_some()) {
        Some(group) => views_of_band(plan, names, group, index),
        None => views(plan, names, index),
    };
    let call = call(names, step);
    let observe = plan.group(index).is_none().then(|| {
        let number = observed(plan, index);
        quote! { observer.step(#number, y.as_map()); }
    });
    let rows = describe::strips(plan, index).map(|rows| {
        let rows = format!(" {rows}");
        quote! { #[comment = #rows] }
    });
    let comment = format!(" {}", describe::step(plan, step));
    let mut views = views.into_iter();
    let first = views.next().expect("a step has an output");
    quote! {
        #[comment = #comment]
        #rows
        #first
        #(#views)*
        #call;
        #observe
    }
}

/// Shows the observer what the `index`-th step has made, when all its strips are done.
pub(super) fn observe_whole(plan: &Plan, names: &Names, index: usize) -> TokenStream {
    let (output, number) = (plan.steps[index].output, observed(plan, index));
    match &names.maps[output.index()] {
        Some(constant) => quote! {
            let ([y], []) = arena.split([maps::#constant], []);
            observer.step(#number, y);
        },
        None => {
            let y = map_outside(plan, names, output);
            quote! { observer.step(#number, #y); }
        }
    }
}

/// The number under which an observer sees the `index`-th step.
pub(super) fn observed(plan: &Plan, index: usize) -> Literal {
    let number = plan.observed().binary_search(&index);
    Literal::usize_unsuffixed(number.expect("it is shown"))
}

/// The maps a step reads, each with the name its view gets.
fn reads(step: &Step) -> Vec<(Ident, MapId)> {
    let views = match step.kernel {
        Kernel::Add => ["a", "b"],
        _ => ["x", ""],
    };
    let skip = step.kernel.skip().map().map(|map| ("skip", map));
    let gated = step.kernel.gated().map(|map| ("scaled", map));
    let inputs = views.into_iter().zip(step.inputs.iter().copied());
    let mut reads: Vec<_> = inputs
        .chain(skip)
        .chain(gated)
        .map(|(view, map)| (names::ident(view), map))
        .collect();
    // Where both are one map, one view serves both.
    reads.dedup_by_key(|(_, map)| *map);
    reads
}

/// The maps a step writes, each with the name its view gets.
fn writes(step: &Step) -> Vec<(Ident, MapId)> {
    let views = [
        ("y", Some(step.output)),
        ("scaled", step.kernel.beside()),
        ("scratch", step.scratch),
    ];
    let views = views.into_iter();
    views
        .filter_map(|(view, map)| Some((names::ident(view), map?)))
        .collect()
}

/// One `let` for all views into the arena, one for each view elsewhere. Of what is made in strips, the rows of one.
fn views(plan: &Plan, names: &Names, index: usize) -> Vec<TokenStream> {
    let step = &plan.steps[index];
    let (reads, writes) = (reads(step), writes(step));
    let strip = plan
        .group(index)
        .map(|group| &group.rows[index - group.first]);
    let in_arena = |maps: &[(Ident, MapId)]| -> (Vec<Ident>, Vec<Ident>) {
        let here = maps.iter().filter_map(|(view, map)| {
            names.maps[map.index()]
                .clone()
                .map(|constant| (view.clone(), constant))
        });
        here.unzip()
    };
    let (read_views, read_maps) = in_arena(&reads);
    let (write_views, write_maps) = in_arena(&writes);
    let written = writes.iter().map(|(_, map)| *map);
    let written = written.filter(|map| names.maps[map.index()].is_some());
    let strips = written.map(|map| {
        let strip = strip.filter(|_| map == step.output);
        strip.map(|_| quote! { .strip(strip) })
    });
    let mut views = Vec::new();
    if !(read_views.is_empty() && write_views.is_empty()) {
        views.push(quote! {
            let ([#(#read_views),*], [#(#write_views),*]) =
                &mut arena.split([#(maps::#read_maps),*], [#(maps::#write_maps #strips),*]);
        });
    }
    for (view, map) in &reads {
        let whole = map_outside(plan, names, *map);
        views.extend(whole.map(|map| quote! { let #view = &#map; }));
    }
    for (view, map) in &writes {
        let strip = strip.filter(|_| *map == step.output);
        let window = window_outside(plan, names, *map, strip);
        views.extend(window.map(|window| quote! { let #view = &mut #window; }));
    }
    views
}

/// The views of a step in a band: one `let` for those of the band's own maps, one for each map that is there as a whole,
/// and the rows of the group's last map that it makes.
fn views_of_band(plan: &Plan, names: &Names, group: &Group, index: usize) -> Vec<TokenStream> {
    let step = &plan.steps[index];
    let is_own = |(_, map): &(Ident, MapId)| plan.map(*map).in_band.is_some();
    let (own_reads, whole): (Vec<_>, Vec<_>) = reads(step).into_iter().partition(is_own);
    let (own_writes, last): (Vec<_>, Vec<_>) = writes(step).into_iter().partition(is_own);
    let slot = |(_, map): &(Ident, MapId)| {
        let constant = &names.maps[map.index()];
        if *map == step.output {
            quote! { maps::#constant.of(band).strip(strip) }
        } else if step.scratch == Some(*map) {
            quote! { maps::#constant }
        } else {
            quote! { maps::#constant.of(band) }
        }
    };
    let (read, written) = (own_reads.iter().map(slot), own_writes.iter().map(slot));
    let read_views = own_reads.iter().map(|(view, _)| view);
    let write_views = own_writes.iter().map(|(view, _)| view);
    let own = quote! {
        let ([#(#read_views),*], [#(#write_views),*]) = &mut rings.split([#(#read),*], [#(#written),*]);
    };
    let whole = whole.into_iter().map(|(view, map)| {
        let whole = whole_map(plan, names, group, map);
        quote! { let #view = &#whole; }
    });
    let last = last.iter().map(|(view, _)| {
        quote! { let #view = &mut out.reborrow().rows(band.rows(strip)); }
    });
    std::iter::once(own).chain(whole).chain(last).collect()
}

/// The maps that the steps of a group read and do not make.
fn whole_maps(plan: &Plan, group: &Group) -> Vec<MapId> {
    let mut maps: Vec<MapId> = Vec::new();
    for map in plan.steps[group.steps()].iter().flat_map(Step::reads) {
        if plan.map(map).in_band.is_none() && !maps.contains(&map) {
            maps.push(map);
        }
    }
    maps
}

/// What a map that a group reads is called in the function of a band: `from_row2_1_project`.
fn whole_map(plan: &Plan, names: &Names, group: &Group, map: MapId) -> Ident {
    let mut unique = names::Unique::default();
    let name = |map: &MapId| match &names.maps[map.index()] {
        Some(constant) => format!("from_{constant}"),
        None => format!("from_{}", plan.map(*map).name),
    };
    let of = whole_maps(plan, group).into_iter();
    let mut of = of.map(|id| (id, unique.constant(&name(&id))));
    let (_, constant) = of.find(|(id, _)| *id == map).expect("the group reads it");
    names::ident(&constant.to_string().to_ascii_lowercase())
}

/// What a group that is shared in bands needs: statements that borrow it, parameters and arguments of a band's function.
pub(super) struct Whole {
    pub(super) views: TokenStream,
    pub(super) parameters: TokenStream,
    pub(super) arguments: TokenStream,
}

/// The maps that a group reads, those of its last map, and the memory of its bands.
pub(super) fn whole(plan: &Plan, names: &Names, group: &Group) -> Whole {
    let read = whole_maps(plan, group);
    let views: Vec<Ident> = read
        .iter()
        .map(|map| whole_map(plan, names, group, *map))
        .collect();
    let outside = read.iter().zip(&views);
    let (in_arena, elsewhere): (Vec<_>, Vec<_>) =
        outside.partition(|(map, _)| names.maps[map.index()].is_some());
    let read_views = in_arena.iter().map(|(_, view)| view);
    let read_maps = in_arena.iter().map(|(map, _)| &names.maps[map.index()]);
    let elsewhere = elsewhere
        .iter()
        .map(|(map, view)| (map_outside(plan, names, **map), view))
        .map(|(map, view)| quote! { let #view = #map; });
    let number = plan.groups.iter().position(|other| other == group);
    let rings = &names.rings[number.expect("it is one of the plan's")];
    let output = plan.steps[group.last()].output;
    let last = window_outside(plan, names, output, None);
    let last = last.map(|window| quote! { let mut y = #window; });
    let (y, last_map) = match &names.maps[output.index()] {
        Some(constant) => (quote! { mut y, }, quote! { maps::#constant, }),
        None => (quote! {}, quote! {}),
    };
    let types = read.iter().map(|map| match plan.map(*map).storage {
        Storage::Input if plan.input.element == Element::U8 => quote! { Map<'_, u8> },
        _ => quote! { Map<'_> },
    });
    Whole {
        parameters: quote! { #(#views: #types,)* },
        arguments: quote! { #(#views,)* },
        views: quote! {
            let ([#(#read_views),*], [#y mut rings]) =
                arena.split([#(maps::#read_maps),*], [#last_map maps::#rings]);
            #(#elsewhere)*
            #last
        },
    }
}

/// A view of an output to write, of those of its rows that a strip makes.
fn window_outside(
    plan: &Plan,
    names: &Names,
    map: MapId,
    strip: Option<&Rows>,
) -> Option<TokenStream> {
    let map = plan.map(map);
    let [h, w, c] = shape(map.shape);
    let Storage::Output(i) = map.storage else {
        return None;
    };
    let field = &names.outputs[i];
    let rows = strip.map(|rows| {
        let (step, lead) = strip_numbers(rows);
        quote! { .rows(Strips::new(#h, #step, #lead).rows(strip)) }
    });
    Some(quote! { MapMut::new(&mut output.#field, #h, #w, #c)#rows })
}

/// The rows of a strip as literals: how many, and how many more in the first.
pub(super) fn strip_numbers(rows: &Rows) -> (Literal, TokenStream) {
    let lead = Literal::usize_unsuffixed(rows.lead.unsigned_abs());
    let sign = (rows.lead < 0).then(|| quote! { - });
    (Literal::usize_unsuffixed(rows.step), quote! { #sign #lead })
}

/// A view of a map to read that is not in the arena.
fn map_outside(plan: &Plan, names: &Names, map: MapId) -> Option<TokenStream> {
    let map = plan.map(map);
    let [h, w, c] = shape(map.shape);
    match map.storage {
        Storage::Buffer(_) => None,
        Storage::Input => Some(quote! { Map::new(input, #h, #w, #c) }),
        Storage::Output(i) => {
            let field = &names.outputs[i];
            Some(quote! { Map::new(&output.#field, #h, #w, #c) })
        }
    }
}

fn shape(shape: Shape) -> [Literal; 3] {
    shape.to_array().map(Literal::usize_unsuffixed)
}

fn call(names: &Names, step: &Step) -> TokenStream {
    let act = activation(step.activation);
    let filter = |id: FilterId| {
        let constant = &names.filters[id.index()];
        quote! { cx.filter(filters::#constant) }
    };
    let in_place = step.inputs.is_empty();
    match &step.kernel {
        Kernel::Conv {
            window,
            groups,
            normalise,
            filter: f,
        } => {
            let (window, filter) = (names::window(*window), filter(*f));
            let groups = Literal::usize_unsuffixed(*groups);
            if *normalise {
                quote! { conv_input(cx, #window, #groups, #act, *x, &NORMALISE, #filter, scratch, y) }
            } else {
                quote! { conv(cx, #window, #groups, #act, *x, #filter, scratch, y) }
            }
        }
        Kernel::Depthwise { window, filter: f } => {
            let (window, filter) = (names::window(*window), filter(*f));
            quote! { depthwise(cx, #window, #act, *x, #filter, y) }
        }
        Kernel::Pointwise {
            tile,
            filter: f,
            skip,
            precision,
            gated,
        } => {
            let (tile, filter) = (names::tile(*tile), filter(*f));
            let filter = match gated {
                None => filter,
                Some(_) => quote! { #filter.gated(*scaled) },
            };
            if *precision == Precision::Bf16x3 {
                return split(step, *skip, &act, &filter);
            }
            let tile = match names.has_tiles {
                true => quote! { #tile },
                false => quote! { Tile::ONLY },
            };
            match skip {
                Skip::None => quote! { pointwise(cx, #tile, #act, *x, #filter, y) },
                Skip::Map(map) => {
                    let skip = if step.inputs.contains(map) {
                        quote!(*x)
                    } else {
                        quote!(*skip)
                    };
                    quote! { pointwise_residual(cx, #tile, #act, *x, #filter, #skip, y) }
                }
                Skip::InPlace => {
                    quote! { pointwise_accumulate(cx, #tile, #act, *x, #filter, y) }
                }
            }
        }
        Kernel::Linear { filter: f, .. } => {
            let (linear, filter) = (function(step), filter(*f));
            quote! { #linear(cx, #act, *x, #filter, y) }
        }
        Kernel::SqueezeExcite {
            reduce,
            reduce_activation,
            expand,
            gate,
            excitation,
            ..
        } => {
            let excite = function(step);
            let (reduce, expand) = (filter(*reduce), filter(*expand));
            let acts = names::squeeze_excite([*reduce_activation, *gate, step.activation]);
            match excitation {
                Excitation::Map if in_place => {
                    quote! { #excite(cx, #acts, #reduce, #expand, scratch, y) }
                }
                Excitation::Map => {
                    quote! { #excite(cx, #acts, *x, #reduce, #expand, scratch, y) }
                }
                Excitation::Filter {
                    filter: f,
                    precision,
                    ..
                } => {
                    let (gate, filter) = (gate_filter(*precision), filter(*f));
                    quote! {
                        #excite(cx, #acts, *x, #reduce, #expand, scratch, y);
                        #gate(cx, y.as_map(), #filter, scaled)
                    }
                }
            }
        }
        Kernel::Add => match step.inputs[..] {
            [_] => quote! { add_in_place(cx, #act, *a, y) },
            [a, b] if a == b => quote! { add(cx, #act, *a, *a, y) },
            _ => quote! { add(cx, #act, *a, *b, y) },
        },
        Kernel::Activation if in_place => quote! { activation_in_place(cx, #act, y) },
        Kernel::Activation => quote! { activation(cx, #act, *x, y) },
        Kernel::Softmax if in_place => quote! { softmax_in_place(cx, y) },
        Kernel::Softmax => quote! { softmax(cx, *x, y) },
        Kernel::Normalise => quote! { normalise(cx, *x, &NORMALISE, y) },
        Kernel::GlobalAveragePool => quote! { global_average_pool(cx, *x, y) },
        Kernel::AveragePool { window } => {
            let window = names::window(*window);
            quote! { average_pool(cx, #window, *x, y) }
        }
        Kernel::MaxPool { window } => {
            let window = names::window(*window);
            quote! { max_pool(cx, #window, *x, y) }
        }
        Kernel::Flatten => quote! { flatten(cx, *x, y) },
        Kernel::Copy => quote! { copy(cx, *x, y) },
    }
}

/// The call of a pointwise layer that multiplies halves.
fn split(step: &Step, skip: Skip, act: &Ident, filter: &TokenStream) -> TokenStream {
    let function = function(step);
    let addend = match skip {
        Skip::Map(map) if step.inputs.contains(&map) => quote! { *x, },
        Skip::Map(_) => quote! { *skip, },
        Skip::None | Skip::InPlace => quote! {},
    };
    quote! { #function(cx, #act, *x, #filter, #addend scratch, y) }
}

/// The functions of the runtime that `step` calls.
pub(super) fn functions(step: &Step) -> Vec<Ident> {
    let gates = match step.kernel {
        Kernel::SqueezeExcite {
            excitation: Excitation::Filter { precision, .. },
            ..
        } => Some(gate_filter(precision)),
        _ => None,
    };
    [function(step)].into_iter().chain(gates).collect()
}

/// The function that scales the weights of a layer in this precision.
fn gate_filter(precision: Precision) -> Ident {
    names::ident(match precision {
        Precision::F32 => "gate_filter",
        Precision::Bf16x3 => "gate_filter_split",
    })
}

/// The first function of the runtime that `step` calls.
fn function(step: &Step) -> Ident {
    let in_place = step.inputs.is_empty();
    let name = match &step.kernel {
        Kernel::Conv {
            normalise: true, ..
        } => "conv_input",
        Kernel::Pointwise {
            skip: Skip::Map(_),
            precision: Precision::Bf16x3,
            ..
        } => "pointwise_split_residual",
        Kernel::Pointwise {
            skip: Skip::InPlace,
            precision: Precision::Bf16x3,
            ..
        } => "pointwise_split_accumulate",
        Kernel::Pointwise {
            skip: Skip::Map(_), ..
        } => "pointwise_residual",
        Kernel::Pointwise {
            skip: Skip::InPlace,
            ..
        } => "pointwise_accumulate",
        Kernel::SqueezeExcite {
            excitation: Excitation::Filter { .. },
            precision,
            ..
        } => match precision {
            Precision::F32 => "excite",
            Precision::Bf16x3 => "excite_f24",
        },
        Kernel::SqueezeExcite { precision, .. } if in_place => match precision {
            Precision::F32 => "squeeze_excite_in_place",
            Precision::Bf16x3 => "squeeze_excite_in_place_f24",
        },
        Kernel::Add if step.inputs.len() == 1 => "add_in_place",
        Kernel::Activation if in_place => "activation_in_place",
        Kernel::Softmax if in_place => "softmax_in_place",
        kernel => kernel.name(),
    };
    names::ident(name)
}

/// The variant of the runtime's `Activation`.
pub(super) fn activation(activation: Activation) -> Ident {
    names::ident(match activation {
        Activation::Identity => "Identity",
        Activation::Relu => "Relu",
        Activation::Relu6 => "Relu6",
        Activation::HardSwish => "HardSwish",
        Activation::HardSigmoid => "HardSigmoid",
        Activation::Sigmoid => "Sigmoid",
        Activation::Swish => "Swish",
    })
}

/// The activations `step` names.
pub(super) fn activations(step: &Step) -> Vec<Activation> {
    match &step.kernel {
        Kernel::SqueezeExcite {
            reduce_activation,
            gate,
            ..
        } => {
            vec![*reduce_activation, *gate, step.activation]
        }
        Kernel::Conv { .. }
        | Kernel::Depthwise { .. }
        | Kernel::Pointwise { .. }
        | Kernel::Linear { .. }
        | Kernel::Add
        | Kernel::Activation => vec![step.activation],
        Kernel::Normalise
        | Kernel::GlobalAveragePool
        | Kernel::AveragePool { .. }
        | Kernel::MaxPool { .. }
        | Kernel::Softmax
        | Kernel::Flatten
        | Kernel::Copy => vec![],
    }
}

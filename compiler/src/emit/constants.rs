//! Writes the constants that steps name: windows, tiles, maps, filters.
//!
//! In: a plan and its identifiers. Out: items. Never: writes statements.

use super::names;
use super::step::{self, Names};
use crate::graph::Activation;
use crate::number::thousands;
use crate::plan::strips::Bands;
use crate::plan::{Kernel, Plan, Precision, Storage, Tile};
use crate::shape::{Element, Shape, Window};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use std::collections::BTreeMap;

pub(super) fn windows(plan: &Plan) -> Vec<Window> {
    let windows = plan.steps.iter().filter_map(|s| s.kernel.window());
    let windows: BTreeMap<_, _> = windows.map(|w| (names::window(w).to_string(), w)).collect();
    windows.into_values().collect()
}

pub(super) fn geometry(plan: &Plan) -> TokenStream {
    let windows = windows(plan).into_iter().map(window_constant);
    let (mut tiles, mut activations) = (BTreeMap::new(), BTreeMap::new());
    for step in &plan.steps {
        if let Kernel::Pointwise {
            tile,
            precision: Precision::F32,
            ..
        } = step.kernel
            && plan.strategy.target.level().is_none()
        {
            tiles.insert(names::tile(tile).to_string(), tile);
        }
        if let Kernel::SqueezeExcite {
            reduce_activation,
            gate,
            ..
        } = step.kernel
        {
            let all = [reduce_activation, gate, step.activation];
            activations.insert(names::squeeze_excite(all).to_string(), all);
        }
    }
    let tiles = tiles.into_values().map(tile_constant);
    let acts = activations.into_values().map(squeeze_excite_constant);
    let normalise = super::imports::converts(plan).then(|| normalise_constant(plan));
    quote! { #normalise #(#windows)* #(#acts)* #(#tiles)* }
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

fn window_constant(w: Window) -> TokenStream {
    let name = names::window(w);
    let padding = array(&w.padding.to_array());
    let equal = |pair: [usize; 2]| pair[0] == pair[1];
    if ![w.kernel, w.stride, w.dilation].into_iter().all(equal) {
        let [kernel, stride, dilation] = [w.kernel, w.stride, w.dilation].map(|p| array(&p));
        return quote! {
            const #name: Window = Window {
                kernel: #kernel, stride: #stride, dilation: #dilation, padding: #padding,
            };
        };
    }
    let (kernel, stride) = (number(w.kernel[0]), number(w.stride[0]));
    let dilation = (w.dilation[0] != 1).then(|| {
        let dilation = number(w.dilation[0]);
        quote! { .dilation(#dilation) }
    });
    quote! {
        const #name: Window = Window::square(#kernel).stride(#stride)#dilation.padding(#padding);
    }
}

fn squeeze_excite_constant(acts: [Activation; 3]) -> TokenStream {
    let name = names::squeeze_excite(acts);
    let [reduce, gate, after] = acts.map(step::activation);
    quote! { const #name: SqueezeExcite = SqueezeExcite { reduce: #reduce, gate: #gate, after: #after }; }
}

fn tile_constant(tile: Tile) -> TokenStream {
    let name = names::tile(tile);
    let avx512 = names::ident(&format!("{:?}", tile.avx512));
    let avx2 = names::ident(&format!("{:?}", tile.avx2));
    quote! {
        /// Pixels x channels that are held in registers, per instruction set.
        const #name: Tile = Tile::new(Avx512Tile::#avx512, Avx2Tile::#avx2);
    }
}

pub(super) fn maps(plan: &Plan, names: &Names) -> Option<TokenStream> {
    let slots = (0..plan.maps.len()).filter_map(|index| slot(plan, names, index));
    let rings = plan.groups.iter().zip(&names.rings);
    let rings = rings.filter_map(|(group, name)| Some(rings_slot(plan, name, group.bands?)));
    let slots: Vec<_> = slots.chain(rings).collect();
    let bands = plan.groups.iter().any(|group| group.bands.is_some());
    let bands = bands.then(|| {
        quote! {
            /// Maps with `.strips` are counted from the start of a band's memory, a row of its group's `RINGS`.
            /// `.halo(rows)`: a band needs so many above those in its own place.
        }
    });
    let strips = (!plan.groups.is_empty()).then(|| {
        quote! {
            /// `.ring(rows, place of row 0)`: it has memory for so many rows, which new ones overwrite in turn.
            /// `.strips(rows, more in the first)`: so many are made at once.
        }
    });
    (!slots.is_empty()).then(|| {
        quote! {
            /// Where each map of f32 lies in the arena: `Slot::new(offset in bytes, height, width, channels)`.
            #strips
            #bands
            mod maps {
                use super::Slot;
                #(#slots)*
            }
        }
    })
}

/// The constant of a map in the arena: another map's where it takes that one's place.
fn slot(plan: &Plan, names: &Names, index: usize) -> Option<TokenStream> {
    let map = &plan.maps[index];
    let (Storage::Buffer(buffer), Some(name)) = (map.storage, &names.maps[index]) else {
        return None;
    };
    let made = (0..plan.steps.len()).find(|step| plan.steps[*step].output.index() == index);
    let group = made.and_then(|step| Some((step, plan.group(step)?)));
    // The whole map that bands share is cut by each of them.
    let group = group.filter(|(_, group)| group.bands.is_none() || map.in_band.is_some());
    let strips = group.map(|(step, group)| {
        let rows = &group.rows[step - group.first];
        let halo = (group.bands.is_some() && rows.above > 0).then(|| {
            let above = number(rows.above);
            quote! { .halo(#above) }
        });
        let (step, lead) = step::strip_numbers(rows);
        quote! { .strips(#step, #lead)#halo }
    });
    let same_place = |other: &usize| {
        let other = &plan.maps[*other];
        map.in_band.is_none() && other.storage == map.storage && other.shape == map.shape
    };
    if let Some(other) = (0..index)
        .rev()
        .find(same_place)
        .and_then(|o| names.maps[o].as_ref())
    {
        return Some(quote! { pub(super) const #name: Slot = #other #strips; });
    }
    let at = number(map.in_band.unwrap_or(plan.memory.offsets[buffer]));
    let [h, w, c] = map.shape.to_array().map(number);
    let ring = map.ring.map(|ring| {
        let [rows, shift] = [ring.rows, ring.shift].map(number);
        quote! { .ring(#rows, #shift) }
    });
    Some(quote! { pub(super) const #name: Slot = Slot::new(#at, #h, #w, #c)#ring #strips; })
}

/// The constant of the memory that the bands of a group have to themselves: a row for each.
fn rings_slot(plan: &Plan, name: &Ident, bands: Bands) -> TokenStream {
    let floats = bands.bytes / Element::F32.bytes();
    let at = number(plan.memory.offsets[bands.buffer]);
    let [count, floats] = [bands.count, floats].map(number);
    quote! { pub(super) const #name: Slot = Slot::new(#at, #count, 1, #floats); }
}

pub(super) fn filters(plan: &Plan, names: &Names) -> Option<TokenStream> {
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
            /// Where each filter lies in the blob: `FilterSlot::new(first panel, panels of bias, panels of weights)`. A panel is
            /// 16 f32, one for each of 16 output channels.
            mod filters {
                use super::FilterSlot;
                #(#slots)*
            }
        }
    })
}

/// A number, its digits in groups of three where it is long.
pub(super) fn number(n: usize) -> Literal {
    let digits = if n < 10_000 {
        n.to_string()
    } else {
        thousands(n as u64).replace(',', "_")
    };
    digits
        .parse()
        .expect("digits and underscores are a literal")
}

fn array(numbers: &[usize]) -> TokenStream {
    let numbers = numbers.iter().map(|n| number(*n));
    quote! { [#(#numbers),*] }
}

pub(super) fn shape(s: Shape) -> TokenStream {
    array(&s.to_array())
}

//! Writes the constants that steps name: windows, tiles, maps, filters.
//!
//! In: a plan and its identifiers. Out: items. Never: writes statements.

use super::names;
use super::step::{self, Names};
use crate::graph::Activation;
use crate::plan::{Kernel, Plan, Storage, Tile};
use crate::shape::{Shape, Window};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use std::collections::BTreeMap;

pub(super) fn windows(plan: &Plan) -> Vec<Window> {
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

pub(super) fn geometry(plan: &Plan) -> TokenStream {
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
            Kernel::Pointwise { tile, .. } => Some((names::tile(tile).to_string(), tile)),
            _ => None,
        })
        .collect();
    let tiles = tiles.into_values().map(tile_constant);
    let acts: BTreeMap<String, [Activation; 3]> = plan
        .steps
        .iter()
        .filter_map(|s| match s.kernel {
            Kernel::SqueezeExcite {
                reduce_activation,
                gate,
                ..
            } => {
                let acts = [reduce_activation, gate, s.activation];
                Some((names::squeeze_excite(acts).to_string(), acts))
            }
            _ => None,
        })
        .collect();
    let acts = acts.into_values().map(squeeze_excite_constant);
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

fn squeeze_excite_constant(acts: [Activation; 3]) -> TokenStream {
    let name = names::squeeze_excite(acts);
    let [reduce, gate, after] = acts.map(step::activation);
    quote! { const #name: SqueezeExcite = SqueezeExcite { reduce: #reduce, gate: #gate, after: #after }; }
}

fn tile_constant(tile: Tile) -> TokenStream {
    let name = names::tile(tile);
    let avx512 = names::ident(&format!("{:?}", tile.avx512));
    let avx2 = names::ident(&format!("{:?}", tile.avx2));
    quote! { const #name: Tile = Tile::new(Avx512Tile::#avx512, Avx2Tile::#avx2); }
}

pub(super) fn maps(plan: &Plan, names: &Names) -> Option<TokenStream> {
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
            /// Where each filter lies in the blob: panels of 16 numbers before it, of its bias, of its weights.
            mod filters {
                use super::FilterSlot;
                #(#slots)*
            }
        }
    })
}

pub(super) fn number(n: usize) -> Literal {
    Literal::usize_unsuffixed(n)
}

fn array(numbers: &[usize]) -> TokenStream {
    let numbers = numbers.iter().map(|n| number(*n));
    quote! { [#(#numbers),*] }
}

pub(super) fn shape(s: Shape) -> TokenStream {
    array(&s.to_array())
}

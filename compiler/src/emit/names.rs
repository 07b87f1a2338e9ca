//! The identifiers of generated code.
//!
//! | what | shape | example |
//! | --- | --- | --- |
//! | the network's struct | upper camel case of its name | `v3_large` -> `V3Large` |
//! | a map, a filter | upper snake case of the layer's canonical name | `row3.2.expand` -> `ROW3_2_EXPAND` |
//! | a block's function | snake case of the block | `row3.2` -> `row3_2`; before the rows `stem`, after them `head` |
//! | a group's function | its first block and its last | `stem_to_row2_1`; what one band of it does: `stem_to_row2_1_band` |
//! | a window | its geometry | 3x3 at stride 2, padding 1 -> `K3_S2_P1`; `K5_S2_P1_1_2_2`, `K3_S1_P2_D2` |
//! | a squeeze-and-excite's activations | their names | `SE_RELU_HARD_SIGMOID` |
//! | a tile | rows x channels on AVX-512 | `TILE_7X48` |
//!
//! In: names of layers. Out: identifiers, each unique among its kind. Never: writes code.

use crate::graph::Activation;
use crate::plan::{Map, Plan, Storage, Tile};
use crate::shape::Window;
use proc_macro2::{Ident, Span};
use std::collections::BTreeMap;

/// The struct of a network: `v3_large` -> `V3Large`.
pub fn type_name(network: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or(String::new(), |first| {
            first.to_ascii_uppercase().to_string() + chars.as_str()
        })
    };
    network.split('_').map(capital).collect()
}

/// An identifier of this text.
///
/// # Panics
/// When the text is none; the front checks names of users, and all others are made here.
pub(super) fn ident(text: &str) -> Ident {
    Ident::new(text, Span::call_site())
}

/// `row3.2.expand` -> `ROW3_2_EXPAND`.
pub(super) fn constant(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// `row3.2` -> `row3_2`; whatever cannot stand in an identifier becomes `_`.
pub(super) fn snake(name: &str) -> String {
    let legal = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let text: String = name.chars().map(legal).collect();
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{text}")
    } else {
        text
    }
}

/// Unique identifiers for the arena's maps, in the order of `maps`, nothing for maps that lie elsewhere; and for the memory
/// of the bands of each group.
pub(super) fn maps(plan: &Plan) -> (Vec<Option<Ident>>, Vec<Ident>) {
    let mut unique = Unique::default();
    let in_arena = |m: &Map| matches!(m.storage, Storage::Buffer(_));
    let maps = plan.maps.iter();
    let maps = maps.map(|m| in_arena(m).then(|| unique.constant(&m.name)));
    let maps = maps.collect();
    let rings = plan.groups.iter().map(|group| {
        let last = &plan.steps[group.last()].origin.name;
        unique.constant(&format!("{last}.rings"))
    });
    let rings = rings.collect();
    (maps, rings)
}

/// Makes identifiers unique by appending a number.
#[derive(Default)]
pub(super) struct Unique {
    taken: BTreeMap<String, usize>,
}

impl Unique {
    /// A constant for `name` that this was not asked for before.
    pub(super) fn constant(&mut self, name: &str) -> Ident {
        let mut text = constant(name);
        while self.taken.contains_key(&text) {
            let count = self
                .taken
                .get_mut(&constant(name))
                .expect("its own name is taken");
            *count += 1;
            text = format!("{}_{count}", constant(name));
        }
        self.taken.insert(text.clone(), 1);
        ident(&text)
    }
}

/// The constant of a tile.
pub(super) fn tile(tile: Tile) -> Ident {
    let size = tile.avx512.info();
    ident(&format!("TILE_{}X{}", size.rows, size.channels))
}

/// The constant of a squeeze-and-excite's activations: of the squeezed vector, the gate, and what follows.
pub(super) fn squeeze_excite([reduce, gate, after]: [Activation; 3]) -> Ident {
    let after = if after == Activation::Identity {
        String::new()
    } else {
        format!("_{}", after.name())
    };
    ident(&constant(&format!(
        "se_{}_{}{after}",
        reduce.name(),
        gate.name()
    )))
}

/// The constant of a window.
pub(super) fn window(window: Window) -> Ident {
    let pair = |[a, b]: [usize; 2]| {
        if a == b {
            a.to_string()
        } else {
            format!("{a}X{b}")
        }
    };
    let mut text = format!("K{}_S{}", pair(window.kernel), pair(window.stride));
    let pads = window.padding.to_array();
    let pads = if pads == [pads[0]; 4] {
        &pads[..1]
    } else {
        &pads[..]
    };
    let pads: Vec<_> = pads.iter().map(usize::to_string).collect();
    text += &format!("_P{}", pads.join("_"));
    if window.dilation != [1, 1] {
        text += &format!("_D{}", pair(window.dilation));
    }
    ident(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Padding;

    #[test]
    fn every_shape_of_name() {
        assert_eq!(type_name("v3_large"), "V3Large");
        assert_eq!(type_name("digits"), "Digits");
        assert_eq!(constant("row3.2.se.reduce"), "ROW3_2_SE_REDUCE");
        assert_eq!(snake("row3.2"), "row3_2");
        assert_eq!(snake("7up"), "_7up");
        let padding = Padding {
            top: 1,
            left: 1,
            bottom: 2,
            right: 2,
        };
        assert_eq!(window(Window::square(5, 2, 1, padding)), "K5_S2_P1_1_2_2");
        assert_eq!(
            window(Window::square(3, 1, 2, Padding::all(2))),
            "K3_S1_P2_D2"
        );
    }

    #[test]
    fn names_that_coincide_are_numbered() {
        let mut unique = Unique::default();
        let names = ["add", "add", "add.2", "add"].map(|n| unique.constant(n).to_string());
        assert_eq!(names, ["ADD", "ADD_2", "ADD_2_2", "ADD_3"]);
    }
}

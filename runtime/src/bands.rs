//! Steps that run in strips, shared out as bands: each thread makes some rows of the last map, and all it needs for them.
//! In: the map that is to be whole, memory for each band. Out: the map. Never: knows the steps.

use crate::arena::Rings;
use crate::context::Cx;
use crate::map::MapMut;
use crate::simd::Level;
use crate::team::{Cost, Cut};

/// Multiply-adds for an element of the last map: that many steps are always worth a thread.
const ENOUGH: usize = 1 << 20;

/// Makes `y` band by band: as many as there are threads, one after the other where there is one; at most as many as
/// `rings` has rows. Each has a row of `rings` to itself, and calls `band` with the rows of `y` that it is to make.
///
/// Bands never wait for each other, so `band` must read nothing that another band writes. Rows of maps between the steps
/// that two bands need are made by both.
///
/// ```
/// use mnetc_runtime::{AnyLevel, Arena, Cx, Slot, Weights, dispatch, in_bands};
///
/// const Y: Slot = Slot::new(0, 4, 1, 1);
/// const RINGS: Slot = Slot::new(64, 2, 1, 16);
/// const BETWEEN: Slot = Slot::new(0, 1, 1, 16);
///
/// let mut arena = Arena::<192>::new();
/// let ([], [mut y, mut rings]) = arena.split([], [Y, RINGS]);
/// dispatch!(AnyLevel::detect(), |level| in_bands(
///     Cx::new(level, Weights::none()),
///     &mut rings,
///     &mut y,
///     |_cx, rings, y| {
///         let ([], [mut between]) = rings.split([], [BETWEEN]);
///         between.as_mut_slice().fill(1.0);
///         y.block().expect("every channel").fill(2.0);
///     },
/// ));
/// assert_eq!(y.as_mut_slice(), [2.0; 4]);
/// ```
#[inline(always)]
pub fn in_bands<L: Level>(
    cx: Cx<'_, L>,
    rings: &mut MapMut<'_>,
    y: &mut MapMut<'_>,
    band: impl Fn(Cx<'_, L::Token>, &mut Rings<'_>, &mut MapMut<'_>) + Sync,
) {
    let weights = cx.weights;
    let cut = Cut::Rows(Cost::element(ENOUGH));
    cx.level.share_with(cut, rings, y, |level, rings, y| {
        let own = rings.block().expect("a band has every channel of its row");
        band(Cx::new(level, weights), &mut Rings::new(own), y);
    });
}

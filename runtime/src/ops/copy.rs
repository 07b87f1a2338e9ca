//! Copies a map.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::simd::Level;
use crate::team::{Cost, Cut, ELEMENTWISE, share};

/// y = x.
///
/// # Panics
/// When the shapes differ.
#[inline]
pub fn copy<L: Level>(cx: Cx<'_, L>, x: Map<'_>, y: &mut MapMut<'_>) {
    assert!(x.shape() == y.shape(), "a copy has its original's shape");
    let cut = Cut::Any(Cost::element(ELEMENTWISE));
    share!(L: cx.level, cut, y, |_level, y| {
        for n in 0..y.runs() {
            let from = y.same_run(x, n);
            y.run(n).copy_from_slice(from);
        }
    });
}

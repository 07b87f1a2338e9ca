//! Copies a map.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::simd::Level;

/// y = x.
///
/// # Panics
/// When the shapes differ.
#[inline]
pub fn copy<L: Level>(_cx: Cx<'_, L>, x: Map<'_>, y: &mut MapMut<'_>) {
    assert!(x.shape() == y.shape(), "a copy has its original's shape");
    for n in 0..y.runs() {
        let from = y.same_run(x, n);
        y.run(n).copy_from_slice(from);
    }
}

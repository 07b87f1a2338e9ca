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
    let (rows, channels) = (y.window_rows(), y.window_channels());
    let row = x.width() * x.channels();
    if let Some(block) = y.block() {
        block.copy_from_slice(&x.data()[rows.start * row..rows.end * row]);
    } else {
        for p in 0..y.pixels() {
            let from = &x.data()[rows.start * row + p * x.channels()..][channels.clone()];
            y.pixel(p).copy_from_slice(from);
        }
    }
}

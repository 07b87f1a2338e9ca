//! Sum of two maps.

use crate::context::Cx;
use crate::map::{Map, MapMut};
use crate::ops::activation::{Activation, Epilogue, finish};
use crate::ops::{copy, tile};
use crate::simd::{Level, Simd};
use crate::team::{Cost, Cut, ELEMENTWISE, share};

/// y = act(a + b). All (h, w, c).
///
/// # Panics
/// When the shapes differ.
#[inline]
pub fn add<L: Level>(cx: Cx<'_, L>, act: Activation, a: Map<'_>, b: Map<'_>, y: &mut MapMut<'_>) {
    copy::copy(cx, b, y);
    add_in_place(cx, act, a, y);
}

/// y = act(y + a). Both (h, w, c).
///
/// # Panics
/// When the shapes differ.
#[inline]
pub fn add_in_place<L: Level>(cx: Cx<'_, L>, act: Activation, a: Map<'_>, y: &mut MapMut<'_>) {
    assert!(a.shape() == y.shape(), "a sum's terms have its shape");
    let job = Add {
        epilogue: Epilogue::before_finish(act),
        a,
    };
    let cut = Cut::Any(Cost::element(ELEMENTWISE));
    share!(L: cx.level, cut, y, |level, y| {
        level.add(job, y);
        finish(level, act, y);
    });
}

/// A sum in place.
#[derive(Clone, Copy)]
pub struct Add<'a> {
    epilogue: Epilogue,
    a: Map<'a>,
}

/// y = act(y + a), element by element.
#[inline(always)]
pub(crate) fn sum<S: Simd>(simd: S, job: Add<'_>, y: &mut MapMut<'_>) {
    for n in 0..y.runs() {
        let a = y.same_run(job.a, n);
        for (a, y) in a.chunks(16).zip(y.run(n).chunks_mut(16)) {
            let mut sum = [[tile::load(simd, y)]];
            tile::add(simd, &mut sum[0], a);
            job.epilogue.apply(simd, &mut sum);
            tile::store(simd, &sum[0], y);
        }
    }
}

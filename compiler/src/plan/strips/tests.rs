//! What windows ask of the maps they read, the rings that hold it, and which groups are chosen.

use super::*;
use crate::plan::{FilterId, Strategy, lower};
use crate::shape::{Padding, Window};
use crate::summary::sample;

fn depthwise(k: usize, stride: usize, pad: usize) -> Kernel {
    Kernel::Depthwise {
        window: Window::square(k, stride, 1, Padding::all(pad)),
        filter: FilterId(0),
    }
}

fn reach(scale: usize, lead: isize, low: isize) -> Reach {
    above(scale, lead, low, 0)
}

const fn above(scale: usize, lead: isize, low: isize, above: usize) -> Reach {
    Reach {
        scale,
        lead,
        low,
        above,
    }
}

const fn cut(height: usize, before: usize) -> Cut {
    Cut {
        height,
        before,
        bands: 1,
    }
}

#[test]
fn windows_ask_for_rows_around_those_they_make() {
    let end = Reach::END;
    assert_eq!(end.through(&depthwise(3, 1, 1)), above(1, 1, -1, 1));
    assert_eq!(end.through(&depthwise(3, 2, 1)), above(2, 0, -1, 1));
    assert_eq!(end.through(&depthwise(5, 2, 2)), above(2, 1, -2, 2));
    assert_eq!(end.through(&depthwise(1, 2, 0)), reach(2, -1, 0));
    let twice = end
        .through(&depthwise(3, 1, 1))
        .through(&depthwise(3, 2, 1));
    assert_eq!(twice, above(2, 2, 1, 3));
}

#[test]
fn readers_that_do_not_keep_pace_share_no_ring() {
    assert_eq!(reach(1, 1, -1).and(reach(2, 0, -1)), None);
    let both = reach(1, 1, -1).and(reach(1, 0, 0));
    assert_eq!(both, Some(reach(1, 1, -1)));
}

#[test]
fn a_ring_holds_what_is_still_read_and_whole_strips() {
    // Two rows above, eight new ones.
    let ring = reach(1, 1, -1).ring(cut(8, 0), 56);
    assert_eq!(ring, Some(Ring { rows: 16, shift: 7 }));
    assert_eq!(reach(1, 1, -1).ring(cut(8, 0), 16), None);
    // Read at once: a strip, but the first is longer, unless another goes before.
    let ring = reach(1, 2, 2).ring(cut(4, 0), 56);
    assert_eq!(ring, Some(Ring { rows: 8, shift: 2 }));
    let ring = reach(1, 2, 2).ring(cut(4, 1), 56);
    assert_eq!(ring, Some(Ring { rows: 4, shift: 2 }));
    // Rows that are read less often than they are skipped.
    let ring = reach(2, -1, 0).ring(cut(1, 0), 56);
    assert_eq!(ring, Some(Ring { rows: 2, shift: 1 }));
}

#[test]
fn a_bands_ring_holds_the_rows_above_it_too() {
    let bands = |height| Cut {
        bands: 2,
        ..cut(height, 0)
    };
    // Three new rows and one below, but one above at first.
    let ring = above(1, 1, -1, 1).ring(bands(3), 56);
    assert_eq!(ring, Some(Ring { rows: 6, shift: 2 }));
    let ring = above(1, 3, 1, 3).ring(bands(3), 56);
    assert_eq!(ring.map(|ring| ring.rows), Some(9));
    assert_eq!(
        reach(1, 3, 1).ring(cut(3, 0), 56).map(|ring| ring.rows),
        Some(6)
    );
}

#[test]
fn strips_go_before_the_first_only_where_windows_look_ahead() {
    let heights = HEIGHTS.len();
    assert_eq!(cuts(&[Reach::END, Reach::END], 1).count(), heights);
    let all: Vec<_> = cuts(&[reach(2, 5, 1), Reach::END], 1).collect();
    assert_eq!(all.len(), 2 * heights);
    assert_eq!(all[..4], [cut(1, 0), cut(1, 3), cut(2, 0), cut(2, 2)]);
}

#[test]
fn groups_end_before_what_needs_whole_maps() {
    let strategy = Strategy {
        optimize: Optimize::Ram,
        ..Strategy::default()
    };
    let plan = lower(&sample::graph(), strategy, 1);
    assert!(!plan.groups.is_empty());
    for group in &plan.groups {
        for step in group.steps() {
            let name = &plan.steps[step].origin.name;
            assert!(!["row1.1.se", "global_average_pool1", "linear1"].contains(&&**name));
        }
    }
}

#[test]
fn nothing_is_gained_where_all_fits_the_cache() {
    assert_eq!(sample::plan().groups, []);
}

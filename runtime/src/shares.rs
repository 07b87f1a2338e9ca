//! How the output of one step is shared out: the windows that threads make, each by itself.
//! In: an output window, what it costs, how many may work. Out: disjoint windows of it. Never: starts a thread, computes.
//!
//! A cut follows from shapes alone, and every output element is summed in one fixed order whatever window it is in, so
//! results are the same bits for any number of threads. Large maps of few channels (a network's first layers) are cut by
//! rows, small ones of many (its last) by channels, so that each thread reads only its own weights:
//! ```text
//!   rows:      +-----------+        channels:  +-----+-----+
//!              | thread 0  |                   |     |     |
//!              +-----------+                   |  0  |  1  |     in panels of 16
//!              | thread 1  |                   |     |     |
//!              +-----------+                   +-----+-----+
//! ```
#![expect(
    unsafe_code,
    reason = "disjoint windows of one map are handed to several threads at once"
)]

use crate::context::Part;
use crate::map::MapMut;
use crate::team::Cut;

/// The least work worth a thread of its own, in multiply-adds: about what it takes to hand it over.
const LEAST_WORK: u64 = 16 * 1024;
/// Multiply-adds in the time in which one float of weights comes from memory, and of input from the cache.
const WEIGHT: u64 = 16;
const INPUT: u64 = 2;

/// The windows a step's output is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shares {
    /// So many runs of rows.
    Rows(usize),
    /// So many runs of panels.
    Panels(usize),
}

impl Shares {
    /// How many.
    pub(crate) const fn count(self) -> usize {
        match self {
            Self::Rows(count) | Self::Panels(count) => count,
        }
    }

    /// The cut of `y` for at most `threads`.
    pub(crate) const fn of(cut: Cut, y: &MapMut<'_>, threads: usize) -> Self {
        let (rows, channels) = (y.window_rows(), y.window_channels());
        let height = rows.end - rows.start;
        let depth = channels.end - channels.start;
        let panels = depth.div_ceil(16);
        let (Cut::Any(cost) | Cut::Rows(cost)) = cut;
        let row = (y.width() * depth) as u64 * cost.per_element as u64;
        let work = height as u64 * row;
        let worth = work / LEAST_WORK;
        let threads = if worth < threads as u64 {
            worth as usize
        } else {
            threads
        };
        let by_rows = Self::Rows(most(1, least(threads, height)));
        if let Cut::Rows(_) = cut {
            return by_rows;
        }
        let by_panels = Self::Panels(most(1, least(threads, panels)));
        // What the thread with the largest share does.
        let tallest = height.div_ceil(by_rows.count()) as u64;
        let widest = panels.div_ceil(by_panels.count()) as u64;
        let (weights, inputs) = (WEIGHT * cost.weights as u64, INPUT * cost.inputs as u64);
        let (height_or_1, panels_or_1) = (most(1, height) as u64, most(1, panels) as u64);
        let rows_cost = tallest * row + weights + inputs * tallest / height_or_1;
        let panels_cost = (work + weights) * widest / panels_or_1 + inputs;
        let is_tall = height * y.width() > depth;
        if rows_cost < panels_cost || rows_cost == panels_cost && is_tall {
            by_rows
        } else {
            by_panels
        }
    }

    /// Share `index` of `y`.
    fn window(self, y: MapMut<'_>, index: usize) -> MapMut<'_> {
        let part = Part {
            index,
            count: self.count(),
        };
        match self {
            Self::Rows(_) => {
                let rows = y.window_rows();
                let share = part.of(rows.end - rows.start);
                y.rows(rows.start + share.start..rows.start + share.end)
            }
            Self::Panels(_) => {
                let channels = y.window_channels();
                let share = part.of((channels.end - channels.start).div_ceil(16));
                let [start, end] = [share.start, share.end]
                    .map(|panel| (channels.start + 16 * panel).min(channels.end));
                y.channels(start..end)
            }
        }
    }
}

/// Runs `task` with each share of `y`, by way of `run`, which calls what it is given with the number of each share: once
/// or never, on any thread, and not after it has returned.
///
/// # Safety
/// `run` must not call it twice with the same number.
pub(crate) unsafe fn share(
    shares: Shares,
    y: &mut MapMut<'_>,
    run: impl FnOnce(&(dyn Fn(usize) + Sync)),
    task: impl Fn(usize, &mut MapMut<'_>) + Sync,
) {
    let whole = &*y;
    run(&|index| {
        // SAFETY: shares of different numbers have no element in common, since a `Part`'s ranges have none; no number
        // is used twice (by the caller), so nobody else touches this share's elements; and `y` is borrowed
        // exclusively until `run` has returned.
        let mut window = shares.window(unsafe { whole.again() }, index);
        task(index, &mut window);
    });
}

/// As [`share`], with a share of `scratch` for each.
///
/// # Safety
/// As for [`share`]. `scratch_shares` must be as many as `shares`.
pub(crate) unsafe fn share_two(
    (shares, y): (Shares, &mut MapMut<'_>),
    (scratch_shares, scratch): (Shares, &mut MapMut<'_>),
    run: impl FnOnce(&(dyn Fn(usize) + Sync)),
    task: impl Fn(&mut MapMut<'_>, &mut MapMut<'_>) + Sync,
) {
    let scratch = &*scratch;
    let both = |index, y: &mut MapMut<'_>| {
        // SAFETY: as in `share`: no number is used twice.
        let mut scratch = scratch_shares.window(unsafe { scratch.again() }, index);
        task(y, &mut scratch);
    };
    // SAFETY: the caller's promise.
    unsafe { share(shares, y, run, both) };
}

const fn least(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn most(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::team::Cost;
    use std::vec;

    fn of(cut: Cut, [h, w, c]: [usize; 3], threads: usize) -> Shares {
        let mut data = vec![0.0; h * w * c];
        Shares::of(cut, &MapMut::new(&mut data, h, w, c), threads)
    }

    fn pointwise([h, w, k]: [usize; 3], n: usize) -> Cut {
        Cut::Any(Cost {
            per_element: k,
            weights: n * k,
            inputs: h * w * k,
        })
    }

    #[test]
    fn first_layers_are_cut_by_rows_and_last_ones_by_channels() {
        let early = pointwise([112, 112, 16], 96);
        assert_eq!(of(early, [112, 112, 96], 2), Shares::Rows(2));
        let late = pointwise([7, 7, 160], 960);
        assert_eq!(of(late, [7, 7, 960], 4), Shares::Panels(4));
        let head = pointwise([1, 1, 1280], 1000);
        assert_eq!(of(head, [1, 1, 1000], 7), Shares::Panels(7));
        assert_eq!(
            of(Cut::Rows(Cost::element(27)), [112, 112, 8], 3),
            Shares::Rows(3)
        );
    }

    #[test]
    fn little_work_is_not_shared() {
        assert_eq!(of(Cut::Any(Cost::element(1)), [7, 7, 160], 8).count(), 1);
        assert_eq!(of(pointwise([1, 1, 16], 8), [1, 1, 8], 8).count(), 1);
        assert_eq!(of(Cut::Any(Cost::element(9)), [0, 7, 0], 8).count(), 1);
    }

    #[test]
    fn shares_are_the_whole_window_once() {
        for (shares, [h, w, c]) in [
            (Shares::Rows(3), [7, 2, 5]),
            (Shares::Rows(8), [3, 2, 5]),
            (Shares::Panels(4), [2, 3, 131]),
            (Shares::Panels(5), [2, 3, 17]),
        ] {
            let mut data = vec![0.0; h * w * c];
            let mut y = MapMut::new(&mut data, h, w, c);
            let run = |task: &(dyn Fn(usize) + Sync)| (0..shares.count()).for_each(task);
            let task = |_, window: &mut MapMut<'_>| {
                for run in 0..window.runs() {
                    for value in window.run(run) {
                        *value += 1.0;
                    }
                }
            };
            // SAFETY: every number is used once.
            unsafe { share(shares, &mut y, run, task) };
            assert!(data.iter().all(|v| *v == 1.0), "{shares:?}");
        }
    }
}

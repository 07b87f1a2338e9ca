//! What every block function of a network is handed: instruction set, weights, and its part of the work.

use core::ops::Range;

use crate::simd::Level;
use crate::weights::{Filter, FilterSlot, Weights};

/// One of `count` equal parts of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 0.
    pub index: usize,
    /// At least 1.
    pub count: usize,
}

impl Part {
    /// All of it.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// This part of `0..length`: contiguous, sizes differing by one at most.
    pub const fn of(&self, length: usize) -> Range<usize> {
        length * self.index / self.count..length * (self.index + 1) / self.count
    }
}

/// The context of a call: which instructions, whose weights, which part of the work.
#[derive(Clone, Copy, Debug)]
pub struct Cx<'w, L> {
    /// The instruction set.
    pub level: L,
    /// The network's weights.
    pub weights: Weights<'w>,
    /// The part of the work that the caller is to do.
    pub part: Part,
}

impl<'w, L: Level> Cx<'w, L> {
    /// A context for all of the work.
    #[inline]
    pub const fn new(level: L, weights: Weights<'w>) -> Self {
        Self {
            level,
            weights,
            part: Part::WHOLE,
        }
    }

    /// A layer's packed filter.
    #[inline]
    pub fn filter(&self, slot: FilterSlot) -> Filter<'w> {
        self.weights.filter(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_everything_once() {
        for (length, count) in [(7, 2), (0, 3), (112, 5), (2, 4)] {
            let mut end = 0;
            for index in 0..count {
                let part = Part { index, count }.of(length);
                assert_eq!(part.start, end);
                end = part.end;
            }
            assert_eq!(end, length);
        }
    }
}

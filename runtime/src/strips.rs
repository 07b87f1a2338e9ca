//! Which rows of a map are made in each strip of several steps that run a few rows at a time.
//! In: how many rows a strip adds. Out: ranges of rows. Never: computes, knows where a map lies.

use core::ops::Range;

/// The rows of one map, made strip by strip: each once, in order.
///
/// Every strip adds `step` rows. What reads the map through a window needs rows around those it makes, so the first strip
/// adds `lead` rows more, or less where what it reads is not yet there; all others lie that much further down, or up. The
/// last ends where the map does.
/// ```text
///   9 rows, step 3, lead 1:    0 1 2 3 | 4 5 6 | 7 8
///                   lead -2:   0 | 1 2 3 | 4 5 6 | 7 8
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strips {
    height: usize,
    step: usize,
    lead: isize,
}

impl Strips {
    /// The strips of a map of `height` rows.
    pub const fn new(height: usize, step: usize, lead: isize) -> Self {
        Self { height, step, lead }
    }

    /// The rows that strip `strip` adds, counted from 0.
    #[inline]
    pub fn rows(&self, strip: usize) -> Range<usize> {
        let start = match strip {
            0 => 0,
            _ => self.end(strip),
        };
        start..self.end(strip + 1)
    }

    /// The end of the rows there are after so many strips.
    #[inline]
    fn end(&self, strips: usize) -> usize {
        let end = (strips * self.step).saturating_add_signed(self.lead);
        end.min(self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn rows(strips: Strips, count: usize) -> Vec<Range<usize>> {
        (0..count).map(|strip| strips.rows(strip)).collect()
    }

    #[test]
    fn the_first_strip_makes_the_lead() {
        assert_eq!(rows(Strips::new(9, 3, 1), 3), [0..4, 4..7, 7..9]);
        assert_eq!(rows(Strips::new(8, 2, 0), 4), [0..2, 2..4, 4..6, 6..8]);
    }

    #[test]
    fn strips_end_where_the_map_does() {
        assert_eq!(rows(Strips::new(7, 4, 3), 3), [0..7, 7..7, 7..7]);
        assert_eq!(rows(Strips::new(7, 4, 0), 2), [0..4, 4..7]);
    }

    #[test]
    fn rows_may_come_late() {
        assert_eq!(rows(Strips::new(5, 2, -1), 3), [0..1, 1..3, 3..5]);
        assert_eq!(rows(Strips::new(5, 1, -2), 4), [0..0, 0..0, 0..1, 1..2]);
    }
}

//! Which rows of a map are made in each strip of several steps that run a few rows at a time.
//! In: how many rows a strip adds, of which band. Out: ranges of rows. Never: computes, knows where a map lies.

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
    /// The first row that is made, and the end.
    pub(crate) rows: [usize; 2],
    pub(crate) step: usize,
    pub(crate) lead: isize,
}

impl Strips {
    /// The strips of a map of `height` rows.
    pub const fn new(height: usize, step: usize, lead: isize) -> Self {
        Self {
            rows: [0, height],
            step,
            lead,
        }
    }

    /// The rows that strip `strip` adds, counted from 0.
    #[inline]
    pub fn rows(&self, strip: usize) -> Range<usize> {
        let start = match strip {
            0 => self.rows[0],
            _ => self.end(strip),
        };
        start..self.end(strip + 1)
    }

    /// The end of the rows there are after so many strips.
    #[inline]
    fn end(&self, strips: usize) -> usize {
        let end = (strips * self.step).saturating_add_signed(self.lead);
        let [first, last] = self.rows;
        end.max(first).min(last)
    }

    /// Those strips of a band that make rows of this map for it: `above` more than there are in the band's place, and below
    /// as many as its strips look ahead.
    #[inline]
    #[must_use]
    pub fn of(self, band: Band, above: usize) -> Self {
        let [top, height] = self.rows;
        // Rows of this map for each of the group's last.
        let scale = self.step / band.step;
        let start = (band.rows[0] * scale).saturating_sub(above);
        let ahead = self.lead + (band.ahead * self.step) as isize;
        let end = (band.rows[1] * scale).saturating_add_signed(ahead);
        let start = start.max(top).min(height);
        Self {
            rows: [start, end.max(start).min(height)],
            step: self.step,
            lead: self.lead + (band.rows[0] * scale) as isize,
        }
    }

    /// Where the first row lies in a ring of `ring` rows in which each strip's rows lie side by side, as the shift of row 0.
    ///
    /// The first strip that makes rows ends where a multiple of `step` rows of the ring does: so do all others.
    #[inline]
    pub fn shift(&self, ring: usize) -> usize {
        let signed = |n: usize| n as isize;
        let first = signed(self.step) + self.lead - signed(self.rows[0]);
        let place = (-first).rem_euclid(signed(self.step));
        (place - signed(self.rows[0])).rem_euclid(signed(ring)) as usize
    }
}

/// Some rows of the last map of a group of steps, made by themselves: in strips, with all that they need of the group's
/// other maps. Bands that are neighbours both make the rows of other maps that both need, so that none waits for another.
/// ```text
///   last map, 8 rows:                 0 1 2 3 | 4 5 6 7
///   what a 3x3 kernel reads for it:   0 1 2 3 4
///                                           3 | 4 5 6 7
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    rows: [usize; 2],
    step: usize,
    ahead: usize,
}

impl Band {
    /// A band of these rows, of which a strip adds `step`, after `ahead` strips that make rows of other maps only.
    ///
    /// # Panics
    /// When `step` is none.
    #[inline]
    pub const fn new(rows: Range<usize>, step: usize, ahead: usize) -> Self {
        assert!(step > 0, "a strip has rows");
        Self {
            rows: [rows.start, rows.end],
            step,
            ahead,
        }
    }

    /// Its strips.
    #[inline]
    pub const fn strips(&self) -> Range<usize> {
        0..(self.rows[1] - self.rows[0]).div_ceil(self.step) + self.ahead
    }

    /// The rows of the group's last map that strip `strip` adds.
    #[inline]
    pub fn rows(&self, strip: usize) -> Range<usize> {
        let lead = self.rows[0] as isize - (self.ahead * self.step) as isize;
        let strips = Strips {
            rows: self.rows,
            step: self.step,
            lead,
        };
        strips.rows(strip)
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

    #[test]
    fn a_band_makes_the_rows_around_it_too() {
        // What a 3x3 kernel reads: of 8 rows those of the last map 0..4 and 4..8, two in a strip.
        let read = Strips::new(8, 2, 1);
        let [top, below] = [0..4, 4..8].map(|rows| Band::new(rows, 2, 0));
        assert_eq!(rows(read.of(top, 1), 2), [0..3, 3..5]);
        assert_eq!(rows(read.of(below, 1), 2), [3..7, 7..8]);
        assert_eq!((top.strips(), below.strips()), (0..2, 0..2));
        assert_eq!([0, 1].map(|strip| below.rows(strip)), [4..6, 6..8]);
    }

    #[test]
    fn a_band_of_all_rows_is_the_whole_map() {
        for (height, last, step, scale, lead, above) in [
            (9, 9, 3, 1, 1, 1),
            (19, 10, 3, 2, 1, 3),
            (8, 8, 1, 1, -2, 2),
        ] {
            let strips = Strips::new(height, step * scale, lead);
            let ahead = if lead < 0 { 4 } else { 0 };
            assert_eq!(strips.of(Band::new(0..last, step, ahead), above), strips);
        }
    }

    #[test]
    fn strips_that_go_ahead_make_none_of_the_last_rows() {
        // Two 3x3 kernels: the first map is made two rows ahead of the last, one strip before it.
        let band = Band::new(3..6, 1, 2);
        assert_eq!(band.strips(), 0..5);
        let last: Vec<_> = band.strips().map(|strip| band.rows(strip)).collect();
        assert_eq!(last, [3..3, 3..3, 3..4, 4..5, 5..6]);
        let first = Strips::new(9, 1, 0).of(band, 2);
        assert_eq!(rows(first, 5), [1..4, 4..5, 5..6, 6..7, 7..8]);
    }

    #[test]
    fn a_bands_strips_lie_side_by_side_in_their_ring() {
        for step in 1..5 {
            for lead in -3..7 {
                for start in 0..9 {
                    let band = Band::new(start..start + 8, step, 1);
                    let strips = Strips::new(40, step, lead).of(band, 2);
                    let longest = rows(strips, 9).iter().map(Range::len).max();
                    let ring = longest.expect("strips").div_ceil(step).max(1) * step;
                    for rows in rows(strips, 9).into_iter().filter(|rows| !rows.is_empty()) {
                        let place = (rows.start + strips.shift(ring)) % ring;
                        assert!(
                            place + rows.len() <= ring,
                            "{step} {lead} {start}: {rows:?}"
                        );
                    }
                }
            }
        }
    }
}

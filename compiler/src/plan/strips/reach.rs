//! The rows of a map that the steps of a group need, and the ring that holds them.
//!
//! In: the windows through which steps read, how a group is cut into strips. Out: rows. Never: chooses a cut.

use super::Rows;
use crate::plan::Kernel;

/// A map's memory when it is not all of it: row i lies at place (i + shift) % rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ring {
    /// Rows there is memory for.
    pub rows: usize,
    /// The place of row 0.
    pub shift: usize,
}

/// What the readers of a map inside a group ask of it. For `e` rows of the group's last map, `e * scale + lead` of this one
/// are needed; when so many of the last map are there, rows from `e * scale + low` on will be read again. For its rows from
/// `e` on, those of this one from `e * scale - above` on are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) scale: usize,
    pub(super) lead: isize,
    pub(super) low: isize,
    pub(super) above: usize,
}

impl Reach {
    /// Of a group's last map.
    pub(super) const END: Self = Self {
        scale: 1,
        lead: 0,
        low: 0,
        above: 0,
    };

    /// Of what a step reads through its kernel's window, this being of what it makes.
    pub(super) fn through(self, kernel: &Kernel) -> Self {
        let Some(window) = kernel.window() else {
            return Self {
                low: self.lead,
                ..self
            };
        };
        let signed = |n: usize| n as isize;
        let (stride, top) = (window.stride[0], signed(window.padding.to_array()[0]));
        let under = signed((window.kernel[0] - 1) * window.dilation[0] + 1);
        // Output row i reads rows from i * stride - top on, `under` of them.
        let from = self.lead * signed(stride) - top;
        Self {
            scale: self.scale * stride,
            lead: from - signed(stride) + under,
            low: from,
            above: self.above * stride + window.padding.to_array()[0],
        }
    }

    /// What two readers ask together, if they keep pace.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        (self.scale == other.scale).then_some(Self {
            scale: self.scale,
            lead: self.lead.max(other.lead),
            low: self.low.min(other.low),
            above: self.above.max(other.above),
        })
    }

    /// The rows that are made in such strips.
    pub(super) const fn rows(self, cut: Cut) -> Rows {
        let step = cut.height * self.scale;
        Rows {
            step,
            lead: self.lead - (cut.before * step) as isize,
            above: self.above,
        }
    }

    /// The ring that holds a map of `rows` rows, or what a band needs of it, unless all of it is needed.
    pub(super) fn ring(self, cut: Cut, rows: usize) -> Option<Ring> {
        let Rows { step, lead, above } = self.rows(cut);
        // What the first strip makes, and what lies between the lowest row that is still needed and the newest.
        let above = if cut.bands > 1 { above } else { 0 };
        let at_first = (step + above).saturating_add_signed(lead);
        let signed_step = step as isize;
        let held = step.saturating_add_signed(self.lead - self.low);
        let whole_steps = at_first.max(held).div_ceil(step);
        let ring = Ring {
            rows: whole_steps * step,
            // So that every strip but the first begins where a step's rows begin in the ring.
            shift: (-lead).rem_euclid(signed_step) as usize,
        };
        (ring.rows < rows).then_some(ring)
    }
}

/// How a group is cut into strips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Rows of the last map in a strip.
    pub(super) height: usize,
    /// Strips before the first of these rows, so that what windows need ahead is not made all at once.
    pub(super) before: usize,
    /// Bands, each cut so.
    pub(super) bands: usize,
}

impl Cut {
    /// How many strips make a last map of `rows` rows; the largest band of it.
    pub(super) const fn strips(self, rows: usize) -> usize {
        rows.div_ceil(self.bands).div_ceil(self.height) + self.before
    }
}

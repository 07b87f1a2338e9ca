//! What a step says of itself for threads to share it.
//! In: what it costs, which cuts it allows. Out: that, for a [`Level`](crate::Level) that has threads. Never: cuts.

/// What a step costs, which decides how it is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Multiply-adds, or operations as long, for each element of the output.
    pub per_element: usize,
    /// Floats of weights; cut by rows, every thread reads them all.
    pub weights: usize,
    /// Floats of input that every thread reads whole when channels are cut.
    pub inputs: usize,
}

impl Cost {
    /// A step that neither cut makes read more.
    pub const fn element(per_element: usize) -> Self {
        Self {
            per_element,
            weights: 0,
            inputs: 0,
        }
    }
}

/// The cost of an element that is read, changed and written: memory's, in multiply-adds.
pub(crate) const ELEMENTWISE: usize = 4;

/// In which direction a step may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// By rows or by channels, whichever costs less.
    Any(Cost),
    /// By rows only.
    Rows(Cost),
}

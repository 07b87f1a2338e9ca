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

/// Runs a step: as it stands where there is one thread, else through the level's `share`, by the cut named.
///
/// The step is written out twice, not handed over as a closure in both cases: a closure may stay a function of its own,
/// and then everything constant about the step is lost, with it the choice of one kernel among many.
macro_rules! share {
    ($L:ident: $level:expr, $cut:expr, $y:expr, |$token:ident, $window:ident| $step:expr) => {
        if const { $L::HAS_THREADS } {
            $level.share($cut, $y, |$token, $window| $step);
        } else {
            let ($token, $window) = ($level.token(), $y);
            $step;
        }
    };
    ($L:ident: $level:expr, $cut:expr, $scratch:expr, $y:expr, |$token:ident, $piece:ident, $window:ident| $step:expr) => {
        if const { $L::HAS_THREADS } {
            $level.share_with($cut, $scratch, $y, |$token, $piece, $window| $step);
        } else {
            let ($token, $piece, $window) = ($level.token(), $scratch, $y);
            $step;
        }
    };
}
pub(crate) use share;

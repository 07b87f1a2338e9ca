//! Watching a network run, step by step.

use crate::map::Map;

/// Is shown every step's output. `()` looks at nothing and costs nothing.
pub trait Observer {
    /// Step `index` (from 0, in the order of execution) has made `output`.
    fn step(&mut self, index: usize, output: Map<'_>);
}

impl Observer for () {
    #[inline(always)]
    fn step(&mut self, _index: usize, _output: Map<'_>) {}
}

impl<O: Observer + ?Sized> Observer for &mut O {
    #[inline]
    fn step(&mut self, index: usize, output: Map<'_>) {
        (**self).step(index, output);
    }
}

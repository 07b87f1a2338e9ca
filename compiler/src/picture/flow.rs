//! Finds from which step each step reads.
//!
//! In: a plan. Out: edges between steps. Never: looks at shapes or costs.

use crate::plan::{Kernel, Plan, Step};

/// A map that flows from one step to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// The step that makes it; nothing for the network's input.
    pub(super) from: Option<usize>,
    /// The step that reads it.
    pub(super) to: usize,
    /// Whether it is the skip of a residual connection.
    pub(super) is_skip: bool,
}

/// All edges, in the order of the steps that read.
pub(super) fn edges(plan: &Plan) -> Vec<Edge> {
    let mut maker = vec![None; plan.maps.len()];
    let mut edges = Vec::new();
    for (to, step) in plan.steps.iter().enumerate() {
        // Where a squeeze-and-excite scales the weights, the map flows through it all the same.
        let gated = step.kernel.gated();
        let inputs = step.inputs.iter().copied().filter(|_| gated.is_none());
        let skip = step.kernel.skip().map();
        let maps = inputs.chain(gated).chain(skip).chain(step.overwrites);
        let sources: Vec<Option<usize>> = maps.map(|map| maker[map.index()]).collect();
        edges.extend(mark_skip(to, step, &sources));
        for map in step.makes() {
            maker[map.index()] = Some(to);
        }
    }
    edges
}

/// Of the two operands of a sum, the one made earlier is the skip.
fn mark_skip(to: usize, step: &Step, sources: &[Option<usize>]) -> Vec<Edge> {
    let skip = match (&step.kernel, sources) {
        (Kernel::Pointwise { .. }, [_, _]) => Some(1),
        (Kernel::Add, [a, b]) => Some(usize::from(b < a)),
        _ => None,
    };
    let edge = |(place, from): (usize, &Option<usize>)| Edge {
        from: *from,
        to,
        is_skip: Some(place) == skip,
    };
    sources.iter().enumerate().map(edge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    #[test]
    fn in_place_steps_read_what_they_overwrite() {
        let plan = sample::plan();
        let name = |step: usize| plan.steps[step].origin.name.as_str();
        let arrow = |e: &Edge| {
            let arrow = if e.is_skip { "=>" } else { "->" };
            format!("{} {arrow} {}", e.from.map_or("input", name), name(e.to))
        };
        let arrows: Vec<_> = edges(&plan).iter().map(arrow).collect();
        let expected = [
            "input -> stem",
            "stem -> row1.1.expand",
            "row1.1.expand -> row1.1.depthwise",
            "row1.1.depthwise -> row1.1.se",
            "row1.1.se -> row1.1.project",
            "stem => row1.1.project",
            "row1.1.project -> row2.1.expand",
            "row2.1.expand -> row2.1.depthwise",
            "row2.1.depthwise -> row2.1.project",
            "row2.1.project -> global_average_pool1",
            "global_average_pool1 -> linear1",
        ];
        assert_eq!(arrows, expected);
    }
}

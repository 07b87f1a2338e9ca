//! The rows of a summary: each step of a plan with its words and numbers.
//!
//! In: a plan. Out: what every form of summary shows of each layer. Never: lays text out.

use crate::emit::describe;
use crate::graph::Activation;
use crate::plan::cost::{self, Cost};
use crate::plan::strips::Group;
use crate::plan::{Plan, Skip, Step, memory};
use crate::shape::Shape;

/// A step and what is shown of it.
pub(super) struct Layer<'p> {
    pub(super) step: &'p Step,
    pub(super) output: Shape,
    pub(super) cost: Cost,
    /// Bytes of the arena that are alive while the step runs.
    pub(super) live_bytes: u64,
    /// Rows it makes at a time, if not all.
    pub(super) strip_rows: Option<usize>,
    /// Whether the arena is fullest here, and was not so before.
    pub(super) is_peak: bool,
}

/// All layers, in the order they run.
pub(super) fn all(plan: &Plan) -> Vec<Layer<'_>> {
    let peak = peak(plan).map(|(step, _)| step);
    let layer = |(index, step)| Layer {
        step,
        output: plan.map(step.output).shape,
        cost: cost::of(plan, step),
        live_bytes: live_bytes(plan, index),
        strip_rows: plan
            .group(index)
            .map(|group| group.rows[index - group.first].step),
        is_peak: Some(index) == peak,
    };
    plan.steps.iter().enumerate().map(layer).collect()
}

/// Bytes of the arena's buffers that are alive at the `step`-th step, padded as they are in the arena.
pub(crate) fn live_bytes(plan: &Plan, step: usize) -> u64 {
    let alive = plan
        .buffers
        .iter()
        .filter(|b| b.first <= step && step <= b.last);
    alive
        .map(|b| b.bytes.next_multiple_of(memory::ALIGNMENT) as u64)
        .sum()
}

/// The first step at which the most bytes of the arena are alive, and how many; nothing when the arena is empty.
pub(crate) fn peak(plan: &Plan) -> Option<(usize, u64)> {
    let (bytes, step) = memory::peak(&plan.buffers);
    (!plan.buffers.is_empty()).then_some((step, bytes as u64))
}

impl Layer<'_> {
    /// The row of the table, and the repeat where a row has several: `3`, `3.2`. Nothing outside tables.
    pub(super) fn row(&self) -> Option<String> {
        let row = self.step.origin.row.as_ref()?;
        Some(match row.repeats {
            1 => row.number.to_string(),
            _ => format!("{}.{}", row.number, row.repeat),
        })
    }

    /// `depthwise 3x3/2`.
    pub(super) fn operator(&self) -> String {
        describe::operator(self.step)
    }

    /// What follows in the same step: the sum with the skip, the activation.
    pub(super) fn then(&self) -> String {
        let skip = self.has_skip().then_some("+ skip");
        let activation = match self.step.activation {
            Activation::Identity => None,
            activation => Some(activation.name()),
        };
        let parts: Vec<_> = skip.into_iter().chain(activation).collect();
        parts.join(", ")
    }

    /// Whether a residual connection is fused into the step.
    pub(super) fn has_skip(&self) -> bool {
        self.step.kernel.skip() != Skip::None
    }
}

/// `stem to row2.1.project in 28 strips`, `in 14 strips in each of 2 bands`: each group of layers that run a few rows at a time.
pub(super) fn strips(plan: &Plan) -> Vec<String> {
    let name = |step: usize| &plan.steps[step].origin.name;
    let words = |group: &Group| {
        let (first, last) = (name(group.first), name(group.last()));
        let bands = group.bands.map_or(String::new(), |bands| {
            format!(" in each of {} bands", bands.count)
        });
        format!("{first} to {last} in {} strips{bands}", group.strips)
    };
    plan.groups.iter().map(words).collect()
}

/// `224x224x3 f32`.
pub(super) fn input(plan: &Plan) -> String {
    format!("{} {}", plan.input.shape, plan.input.element.name())
}

/// `logits 1x1x1000`, and the others after a comma.
pub(super) fn outputs(plan: &Plan) -> String {
    let outputs = plan.outputs.iter();
    let outputs: Vec<_> = outputs.map(|o| format!("{} {}", o.name, o.shape)).collect();
    outputs.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Kernel;
    use crate::summary::sample;

    #[test]
    fn a_repeat_is_told_from_its_row() {
        let mut plan = sample::plan();
        let rows = |plan: &Plan| all(plan).iter().map(Layer::row).collect::<Vec<_>>();
        let row = Some("1".to_owned());
        assert_eq!(rows(&plan)[..2], [None, row.clone()]);
        let origin = &mut plan.steps[1].origin;
        origin.row.as_mut().expect("it is of row 1").repeats = 3;
        assert_eq!(rows(&plan)[..3], [None, Some("1.1".into()), row]);
    }

    #[test]
    fn the_arena_is_fullest_where_most_is_alive() {
        let plan = sample::plan();
        let live = (0..plan.steps.len()).map(|step| live_bytes(&plan, step));
        assert_eq!(peak(&plan), Some((2, 81_920)));
        assert_eq!(live.max(), Some(81_920));
        let peaks = all(&plan).iter().filter(|l| l.is_peak).count();
        assert_eq!(peaks, 1);
    }

    #[test]
    fn a_skip_that_stays_where_it_is_is_read() {
        let mut plan = sample::plan();
        let stem = plan.steps[0].output;
        let projection = &mut plan.steps[4];
        let Kernel::Pointwise { skip, .. } = &mut projection.kernel else {
            panic!("a projection is pointwise");
        };
        *skip = Skip::Map(stem);
        let expected = [projection.inputs[0], stem];
        assert_eq!(projection.reads().collect::<Vec<_>>(), expected);
    }
}

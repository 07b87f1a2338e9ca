//! The most probable classes.
//!
//! In: a network's scores, labels. Out: the best of them as text or JSON. Never: runs anything.

use super::{Failure, files};
use mnetc::diag::{Code, Diagnostic};
use mnetc::graph::Activation;
use mnetc::plan::{Kernel, Plan, Step, Storage};
use serde::Serialize;
use std::path::Path;

/// One class of a ranking.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Ranked {
    /// Its number, from 0.
    class: usize,
    /// Its label, if there are labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Its probability.
    probability: f64,
}

/// Which of a network's outputs holds classes, and how its numbers are read.
pub(super) struct Classes {
    /// The output's number.
    pub(super) output: usize,
    /// How many classes there are.
    pub(super) count: usize,
    /// Whether the numbers are probabilities as they are.
    probabilities: bool,
}

/// The step that computes an output: not one that copies it, or a vector as a vector.
fn maker(plan: &Plan, output: usize) -> Option<&Step> {
    let storage = Storage::Output(output);
    let mut map = plan
        .steps
        .iter()
        .map(|s| s.output)
        .find(|m| plan.map(*m).storage == storage)?;
    loop {
        let step = plan.steps.iter().rev().find(|step| step.output == map)?;
        match (&step.kernel, &step.inputs[..]) {
            (Kernel::Copy | Kernel::Flatten, [from]) => map = *from,
            _ => return Some(step),
        }
    }
}

impl Classes {
    /// The last output that is a vector.
    pub(super) fn of(plan: &Plan) -> Result<Self, Failure> {
        let vector = |o: &mnetc::plan::Output| o.shape.pixels() == 1;
        let Some(output) = plan.outputs.iter().rposition(vector) else {
            let shapes: Vec<_> = plan
                .outputs
                .iter()
                .map(|o| format!("{} {}", o.name, o.shape))
                .collect();
            let message = format!(
                "{} has no classes to name: it gives out {}",
                plan.name,
                shapes.join(", ")
            );
            let help = "end it with a head, or see its maps by `mnetc bench --input X.npy --dump-output Y.npz`";
            return Err(Diagnostic::error(Code::Setting, message).help(help).into());
        };
        let probabilities = maker(plan, output).is_some_and(|step| {
            let gates = matches!(
                step.activation,
                Activation::Sigmoid | Activation::HardSigmoid
            );
            gates || step.kernel == Kernel::Softmax
        });
        Ok(Self {
            output,
            count: plan.outputs[output].shape.c,
            probabilities,
        })
    }

    /// The `top` most probable classes; of equals, the first.
    pub(super) fn rank(
        &self,
        scores: &[f32],
        labels: Option<&[String]>,
        top: usize,
    ) -> Vec<Ranked> {
        let probabilities = if self.probabilities {
            scores.iter().map(|s| f64::from(*s)).collect()
        } else {
            softmax(scores)
        };
        let mut classes: Vec<usize> = (0..scores.len()).collect();
        classes.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
        let ranked = |class| Ranked {
            class,
            label: labels.map(|labels| labels[class].clone()),
            probability: probabilities[class],
        };
        classes.into_iter().take(top).map(ranked).collect()
    }
}

/// Rank, probability, class: one line each.
pub(super) fn lines(ranking: &[Ranked]) -> String {
    let line = |(rank, r): (usize, &Ranked)| {
        let label = r
            .label
            .as_ref()
            .map_or(String::new(), |label| format!(" {label}"));
        format!(
            "{:>3}  {:>8.6}  {}{label}\n",
            rank + 1,
            r.probability,
            r.class
        )
    };
    ranking.iter().enumerate().map(line).collect()
}

/// Labels, one a line, class 0 first.
pub(super) fn labels(path: &Path, classes: usize) -> Result<Vec<String>, Failure> {
    let text = files::read_text(path)?;
    // Empty lines at the end are no labels.
    let labels: Vec<String> = text
        .trim_end()
        .lines()
        .map(|line| line.trim().to_owned())
        .collect();
    if labels.len() == classes {
        return Ok(labels);
    }
    let message = format!(
        "{} has {} lines, the network {classes} classes",
        path.display(),
        labels.len()
    );
    let help = match (labels.len() + 1 == classes, labels.len() == classes + 1) {
        (true, _) => "the network may count background as class 0: write it as the first line",
        (_, true) => {
            "the network may not count background, which is the first line of some lists: drop it"
        }
        _ => "write one label a line, class 0 first",
    };
    Err(Diagnostic::error(Code::Labels, message).help(help).into())
}

fn softmax(scores: &[f32]) -> Vec<f64> {
    let greatest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f64> = scores
        .iter()
        .map(|s| f64::from(s - greatest).exp())
        .collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.iter().map(|e| e / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_become_probabilities_in_order() {
        let classes = Classes {
            output: 0,
            count: 4,
            probabilities: false,
        };
        let labels = ["a", "b", "c", "d"].map(str::to_owned);
        let ln = [1.0_f32, 5.0, 2.0, 2.0].map(f32::ln);
        let ranking = classes.rank(&ln, Some(&labels), 3);
        assert_eq!(
            lines(&ranking),
            "  1  0.500000  1 b\n  2  0.200000  2 c\n  3  0.200000  3 d\n"
        );
    }

    #[test]
    fn probabilities_stay_and_labels_may_be_missing() {
        let classes = Classes {
            output: 0,
            count: 2,
            probabilities: true,
        };
        assert_eq!(
            lines(&classes.rank(&[0.25, 0.75], None, 9)),
            "  1  0.750000  1\n  2  0.250000  0\n"
        );
    }

    #[test]
    fn large_scores_do_not_overflow() {
        assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
    }
}

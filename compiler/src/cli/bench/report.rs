//! What was measured, as text and as JSON.
//!
//! In: nanoseconds. Out: text. Never: measures.

use mnetc::plan::{Plan, cost};
use serde::{Serialize, Serializer};

/// Everything about one bench.
pub(super) struct Report {
    /// The network's name.
    pub(super) model: String,
    /// Threads that shared an inference.
    pub(super) threads: usize,
    /// Inferences that were timed.
    pub(super) iterations: usize,
    /// The level asked for.
    pub(super) level: Level,
    /// Each layer on that level.
    pub(super) layers: Option<Vec<Layer>>,
    /// All levels.
    pub(super) levels: Option<Vec<Level>>,
}

/// The times on one level.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Level {
    /// Its name.
    pub(super) level: &'static str,
    #[serde(serialize_with = "microseconds")]
    min_ms: f64,
    #[serde(serialize_with = "microseconds")]
    median_ms: f64,
}

/// The times of one layer.
#[derive(Debug, Serialize)]
pub(super) struct Layer {
    name: String,
    kernel: &'static str,
    #[serde(serialize_with = "microseconds")]
    median_ms: f64,
    /// Of the sum of all layers.
    share: f64,
    macs: u64,
    gflops: f64,
}

/// The line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    model: &'a str,
    threads: usize,
    level: &'a str,
    iterations: usize,
    #[serde(serialize_with = "microseconds")]
    min_ms: f64,
    #[serde(serialize_with = "microseconds")]
    median_ms: f64,
    profile: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<&'a [Layer]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<&'a [Level]>,
}

impl Level {
    /// The times on `level`, in nanoseconds.
    pub(super) fn of(level: &'static str, times: &[u64]) -> Self {
        let min = times.iter().min().copied().unwrap_or(0);
        Self {
            level,
            min_ms: min as f64 / 1e6,
            median_ms: median(times.to_vec()) / 1e6,
        }
    }
}

impl Layer {
    /// The layers of `plan`; `times` has for each iteration the nanoseconds of each step.
    pub(super) fn all(plan: &Plan, times: &[Vec<u64>]) -> Vec<Self> {
        let median_of = |step: usize| median(times.iter().map(|run| run[step]).collect());
        let medians: Vec<f64> = (0..plan.steps.len()).map(median_of).collect();
        let total: f64 = medians.iter().sum();
        let layer = |(step, time): (&mnetc::plan::Step, &f64)| {
            let macs = cost::of(plan, step).macs;
            Self {
                name: step.origin.name.clone(),
                kernel: step.kernel.name(),
                median_ms: time / 1e6,
                share: round(time / total, 1e4),
                macs,
                gflops: round(2.0 * macs as f64 / time, 1e2),
            }
        };
        plan.steps.iter().zip(&medians).map(layer).collect()
    }
}

impl Report {
    /// For people.
    pub(super) fn text(&self) -> String {
        let threads = if self.threads == 1 {
            "thread"
        } else {
            "threads"
        };
        let mut text = format!(
            "{}: {}, {} {threads}, {} iterations: min {:.3} ms, median {:.3} ms\n",
            self.model,
            self.level.level,
            self.threads,
            self.iterations,
            self.level.min_ms,
            self.level.median_ms
        );
        if let Some(layers) = &self.layers {
            text += "\n";
            text += &table(
                ["layer", "kernel", "us", "share", "MACs", "GFLOP/s"],
                layers.iter().map(layer_row).collect(),
            );
        }
        if let Some(levels) = &self.levels {
            text += "\n";
            text += &table(
                ["level", "", "min ms", "median ms", "speed", ""],
                level_rows(levels),
            );
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> String {
        let line = Line {
            model: &self.model,
            threads: self.threads,
            level: self.level.level,
            iterations: self.iterations,
            min_ms: self.level.min_ms,
            median_ms: self.level.median_ms,
            profile: "release",
            layers: self.layers.as_deref(),
            levels: self.levels.as_deref(),
        };
        serde_json::to_string(&line).expect("numbers and text have a JSON") + "\n"
    }
}

fn layer_row(layer: &Layer) -> [String; 6] {
    [
        layer.name.clone(),
        layer.kernel.to_owned(),
        format!("{:.1}", layer.median_ms * 1e3),
        format!("{:.1} %", layer.share * 100.0),
        layer.macs.to_string(),
        if layer.macs == 0 {
            String::new()
        } else {
            format!("{:.1}", layer.gflops)
        },
    ]
}

/// Each level, and how many times as fast as the first it is.
fn level_rows(levels: &[Level]) -> Vec<[String; 6]> {
    let slowest = levels.first().map_or(0.0, |l| l.median_ms);
    let row = |l: &Level| {
        let times = [l.min_ms, l.median_ms].map(|t| format!("{t:.3}"));
        let [min, median] = times;
        let speed = format!("{:.2}x", slowest / l.median_ms);
        [
            l.level.to_owned(),
            String::new(),
            min,
            median,
            speed,
            String::new(),
        ]
    };
    levels.iter().map(row).collect()
}

/// Columns: the first two to the left, numbers to the right; empty ones take no room.
fn table(titles: [&str; 6], rows: Vec<[String; 6]>) -> String {
    let rows: Vec<_> = std::iter::once(titles.map(str::to_owned))
        .chain(rows)
        .collect();
    let widths: [usize; 6] =
        std::array::from_fn(|i| rows.iter().map(|r| r[i].len()).max().unwrap_or(0));
    let cell = |(i, text): (usize, &String)| match (widths[i], i) {
        (0, _) => String::new(),
        (width, 0..2) => format!("{text:width$}  "),
        (width, _) => format!("{text:>width$}  "),
    };
    let line = |row: &[String; 6]| {
        row.iter()
            .enumerate()
            .map(cell)
            .collect::<String>()
            .trim_end()
            .to_owned()
            + "\n"
    };
    rows.iter().map(line).collect()
}

/// The middle one; of an even number, the mean of the two in the middle.
fn median(mut times: Vec<u64>) -> f64 {
    if times.is_empty() {
        return 0.0;
    }
    times.sort_unstable();
    let middle = times.len() / 2;
    if times.len() % 2 == 1 {
        return times[middle] as f64;
    }
    (times[middle - 1] as f64 + times[middle] as f64) / 2.0
}

fn round(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

/// Milliseconds to the nanosecond: what is below is noise.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn microseconds<S: Serializer>(ms: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(round(*ms, 1e6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let level = Level::of("avx2", &[3_000_000, 1_000_000, 2_000_001, 9_000_000]);
        let layers = [
            ("stem", "conv", 0.5, 0.25, 1000, 4.0),
            ("softmax", "softmax", 1.5, 0.75, 0, 0.0),
        ];
        let layer = |(name, kernel, median_ms, share, macs, gflops): (&str, _, _, _, _, _)| Layer {
            name: name.into(),
            kernel,
            median_ms,
            share,
            macs,
            gflops,
        };
        Report {
            model: "tiny".into(),
            threads: 1,
            iterations: 4,
            level,
            layers: Some(layers.map(layer).into()),
            levels: Some(vec![Level::of("scalar", &[10_000_002]), level]),
        }
    }

    #[test]
    fn text_has_a_line_per_layer_and_level() {
        let expected = "\
tiny: avx2, 1 thread, 4 iterations: min 1.000 ms, median 2.500 ms

layer    kernel       us   share  MACs  GFLOP/s
stem     conv      500.0  25.0 %  1000      4.0
softmax  softmax  1500.0  75.0 %     0

level   min ms  median ms  speed
scalar  10.000     10.000  1.00x
avx2     1.000      2.500  4.00x
";
        assert_eq!(report().text(), expected);
    }

    #[test]
    fn json_is_one_line() {
        let plain = Report {
            layers: None,
            levels: None,
            ..report()
        };
        let expected = r#"{"model":"tiny","threads":1,"level":"avx2","iterations":4,"min_ms":1.0,"median_ms":2.500001,"profile":"release"}"#;
        assert_eq!(plain.json(), format!("{expected}\n"));
        let levels = Report {
            layers: None,
            ..report()
        };
        let tail = r#""profile":"release","levels":[{"level":"scalar","min_ms":10.000002,"median_ms":10.000002},{"level":"avx2","min_ms":1.0,"median_ms":2.500001}]}"#;
        assert!(
            levels.json().trim_end().ends_with(tail),
            "{}",
            levels.json()
        );
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![3, 1, 2]), 2.0);
        assert_eq!(median(vec![4, 1, 2, 3]), 2.5);
        assert_eq!(median(vec![]), 0.0);
    }
}

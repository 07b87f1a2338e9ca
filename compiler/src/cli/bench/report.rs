//! What was measured, as text and as JSON.
//!
//! In: nanoseconds. Out: text. Never: measures.

use super::table::table;
use crate::harness::StepTimes;
use mnetc::number::thousands;
use mnetc::plan::{Plan, Precision, cost};
use serde::{Serialize, Serializer};

/// Everything about one bench.
pub(super) struct Report {
    /// The network's name.
    pub(super) model: String,
    /// Threads that shared an inference.
    pub(super) threads: usize,
    /// The numbers that layers multiply.
    pub(super) precision: Precision,
    /// Inferences that were timed.
    pub(super) iterations: usize,
    /// Whether levels are to be shown side by side.
    pub(super) compare: bool,
    /// The level asked for, of these.
    pub(super) main: usize,
    /// The levels that were timed, slow ones first.
    pub(super) levels: Vec<Level>,
}

/// The times on one level.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Level {
    /// Its name.
    pub(super) level: &'static str,
    #[serde(serialize_with = "microseconds")]
    min_ms: f64,
    #[serde(serialize_with = "microseconds")]
    median_ms: f64,
    #[serde(flatten)]
    layers: Option<Layers>,
}

/// The times of each layer on one level.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Layers {
    /// What multiply-adds in registers reach.
    peak_gflops: f64,
    /// What reading the clock takes; it is no part of the times.
    clock_ns: f64,
    layers: Vec<Layer>,
    /// All of them together.
    total: Layer,
}

/// The time of one layer, and what it does in it.
#[derive(Clone, Debug, Serialize)]
struct Layer {
    name: String,
    kernel: &'static str,
    #[serde(serialize_with = "microseconds")]
    median_ms: f64,
    /// Of the sum of all layers.
    share: f64,
    macs: u64,
    gflops: f64,
    /// Of the peak.
    peak_share: f64,
    /// Bytes of packed weights.
    weight_bytes: u64,
    /// Bytes of the maps it reads and writes, each once.
    map_bytes: u64,
}

/// The line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    model: &'a str,
    threads: usize,
    iterations: usize,
    profile: &'a str,
    precision: &'a str,
    #[serde(flatten)]
    main: &'a Level,
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<&'a [Level]>,
}

impl Level {
    /// The times on `level`, in nanoseconds.
    pub(super) fn of(level: &'static str, times: &[u64], layers: Option<Layers>) -> Self {
        let min = times.iter().min().copied().unwrap_or(0);
        Self {
            level,
            min_ms: min as f64 / 1e6,
            median_ms: median(times.to_vec()) / 1e6,
            layers,
        }
    }
}

impl Layers {
    /// The layers of `plan`; `peak` is in floating-point operations in a second.
    pub(super) fn of(plan: &Plan, peak: u64, times: &StepTimes) -> Self {
        let peak = peak as f64 / 1e9;
        let median_of = |step: usize| {
            let median = median(times.steps.iter().map(|run| run[step]).collect());
            (median - times.clock).max(0.0)
        };
        let medians: Vec<f64> = (0..plan.steps.len()).map(median_of).collect();
        let sum: f64 = medians.iter().sum();
        let layer = |name: &str, kernel, time: f64, cost: cost::Cost| {
            let gflops = if time > 0.0 {
                2.0 * cost.macs as f64 / time
            } else {
                0.0
            };
            Layer {
                name: name.to_owned(),
                kernel,
                median_ms: time / 1e6,
                share: round(if sum > 0.0 { time / sum } else { 0.0 }, 1e4),
                macs: cost.macs,
                gflops: round(gflops, 1e2),
                peak_share: round(gflops / peak, 1e4),
                weight_bytes: cost.weight_bytes,
                map_bytes: cost.read_bytes + cost.output_bytes,
            }
        };
        let steps = plan.steps.iter().zip(&medians);
        let layers = steps.map(|(step, time)| {
            let (name, kernel) = (&step.origin.name, step.kernel.name());
            layer(name, kernel, *time, cost::of(plan, step))
        });
        Self {
            peak_gflops: round(peak, 1e2),
            clock_ns: round(times.clock, 1e1),
            layers: layers.collect(),
            total: layer("total", "", sum, cost::total(plan)),
        }
    }
}

impl Report {
    /// For people.
    pub(super) fn text(&self) -> String {
        let main = &self.levels[self.main];
        let threads = if self.threads == 1 {
            "thread"
        } else {
            "threads"
        };
        let precision = match self.precision {
            Precision::F32 => String::new(),
            split => format!(" in {split}"),
        };
        let mut text = format!(
            "{}{precision}: {}, {} {threads}, {} iterations: min {} ms, median {} ms\n",
            self.model,
            main.level,
            self.threads,
            self.iterations,
            milliseconds(main.min_ms),
            milliseconds(main.median_ms)
        );
        match &main.layers {
            Some(_) if self.compare => text += &side_by_side(&self.levels),
            Some(layers) => text += &layers_text(layers, self.threads),
            None => {}
        }
        if self.precision != Precision::F32 && main.layers.is_some() {
            text += SPLIT;
        }
        if self.compare {
            text += &format!("\n{}", levels_table(&self.levels));
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> String {
        let line = Line {
            model: &self.model,
            threads: self.threads,
            iterations: self.iterations,
            profile: "release",
            precision: self.precision.name(),
            main: &self.levels[self.main],
            levels: self.compare.then_some(&self.levels),
        };
        serde_json::to_string(&line).expect("numbers and text have a JSON") + "\n"
    }
}

/// What names of layers in another precision say, and a share of the peak where tiles multiply.
const SPLIT: &str = "pointwise_split: on amx, tiles multiply, whose peak is another: these layers may pass that of f32.
_f24: weights of 24 bits.\n";

/// Every layer on one level, and what the columns mean.
fn layers_text(layers: &Layers, threads: usize) -> String {
    let titles = [
        "layer",
        "kernel",
        "us",
        "share",
        "MACs",
        "GFLOP/s",
        "of peak",
        "weights, B",
        "maps, B",
    ];
    let row = |layer: &Layer| {
        let [gflops, peak] = rates(layer);
        vec![
            layer.name.clone(),
            layer.kernel.to_owned(),
            format!("{:.1}", layer.median_ms * 1e3),
            percent(layer.share),
            thousands(layer.macs),
            gflops,
            peak,
            thousands(layer.weight_bytes),
            thousands(layer.map_bytes),
        ]
    };
    let rows = layers.layers.iter().chain([&layers.total]).map(row);
    let on = if threads == 1 {
        String::new()
    } else {
        format!(" on {threads} threads together")
    };
    format!(
        "\n{}\n\
         us: the median time from one layer's end to the next's, less the {:.1} ns that reading the clock takes.\n\
         peak: {:.1} GFLOP/s, multiply-adds in registers{on}, measured just before.\n\
         maps: each map that is read or written, once.\n",
        table(2, &titles, rows),
        layers.clock_ns,
        layers.peak_gflops
    )
}

/// Every layer on every level.
fn side_by_side(levels: &[Level]) -> String {
    let levels: Vec<_> = levels
        .iter()
        .filter_map(|l| l.layers.as_ref().map(|layers| (l.level, layers)))
        .collect();
    let mut titles: Vec<_> = ["layer", "kernel", "MACs"].map(str::to_owned).into();
    for (name, _) in &levels {
        titles.extend([format!("{name}: us"), "of peak".to_owned()]);
    }
    let of = |layers: &Layers, n: usize| -> Layer {
        layers.layers.get(n).unwrap_or(&layers.total).clone()
    };
    let count = levels.first().map_or(0, |(_, l)| l.layers.len() + 1);
    let rows = (0..count).map(|n| {
        let first = of(levels[0].1, n);
        let mut row = vec![first.name, first.kernel.to_owned(), thousands(first.macs)];
        for (_, layers) in &levels {
            let layer = of(layers, n);
            let [_, peak] = rates(&layer);
            row.extend([format!("{:.1}", layer.median_ms * 1e3), peak]);
        }
        row
    });
    let titles: Vec<_> = titles.iter().map(String::as_str).collect();
    let peaks: Vec<_> = levels
        .iter()
        .map(|(name, layers)| format!("{name} {:.1}", layers.peak_gflops))
        .collect();
    format!(
        "\n{}\npeak, GFLOP/s of multiply-adds in registers: {}.\n",
        table(2, &titles, rows),
        peaks.join(", ")
    )
}

/// GFLOP/s and their share of the peak; nothing for layers that do not multiply.
fn rates(layer: &Layer) -> [String; 2] {
    if layer.macs == 0 {
        return [String::new(), String::new()];
    }
    [format!("{:.1}", layer.gflops), percent(layer.peak_share)]
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Each level, and how many times as fast as the first it is.
fn levels_table(levels: &[Level]) -> String {
    let slowest = levels.first().map_or(0.0, |l| l.median_ms);
    let row = |l: &Level| {
        let [min, median] = [l.min_ms, l.median_ms].map(milliseconds);
        vec![
            l.level.to_owned(),
            min,
            median,
            format!("{:.2}x", slowest / l.median_ms),
        ]
    };
    let titles = ["level", "min ms", "median ms", "speed"];
    table(1, &titles, levels.iter().map(row))
}

/// To the microsecond; what takes less than a hundred of them, to the nanosecond.
fn milliseconds(ms: f64) -> String {
    if ms < 0.1 {
        return format!("{ms:.6}");
    }
    format!("{ms:.3}")
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

    fn layer(name: &str, kernel: &'static str, median_ms: f64, share: f64, macs: u64) -> Layer {
        Layer {
            name: name.into(),
            kernel,
            median_ms,
            share,
            macs,
            gflops: 2e-6 * macs as f64 / median_ms,
            peak_share: 2e-8 * macs as f64 / median_ms,
            weight_bytes: macs / 10,
            map_bytes: 2048,
        }
    }

    fn layers() -> Layers {
        Layers {
            peak_gflops: 100.0,
            clock_ns: 20.5,
            layers: vec![
                layer("stem", "conv", 0.5, 0.25, 1_000_000),
                layer("softmax", "softmax", 1.5, 0.75, 0),
            ],
            total: layer("total", "", 2.0, 1.0, 1_000_000),
        }
    }

    fn report(layers: Option<&Layers>, compare: bool) -> Report {
        let times = [3_000_000, 1_000_000, 2_000_001, 9_000_000];
        let avx2 = Level::of("avx2", &times, layers.cloned());
        let scalar = Level::of("scalar", &[10_000_002], layers.cloned());
        let levels = if compare {
            vec![scalar, avx2]
        } else {
            vec![avx2]
        };
        Report {
            model: "tiny".into(),
            threads: 1,
            precision: Precision::F32,
            iterations: 4,
            compare,
            main: levels.len() - 1,
            levels,
        }
    }

    #[test]
    fn text_has_a_line_per_layer() {
        let expected = "\
tiny: avx2, 1 thread, 4 iterations: min 1.000 ms, median 2.500 ms

layer    kernel       us    share       MACs  GFLOP/s  of peak  weights, B  maps, B
stem     conv      500.0   25.0 %  1,000,000      4.0    4.0 %     100,000    2,048
softmax  softmax  1500.0   75.0 %          0                             0    2,048
total             2000.0  100.0 %  1,000,000      1.0    1.0 %     100,000    2,048

us: the median time from one layer's end to the next's, less the 20.5 ns that reading the clock takes.
peak: 100.0 GFLOP/s, multiply-adds in registers, measured just before.
maps: each map that is read or written, once.
";
        assert_eq!(report(Some(&layers()), false).text(), expected);
    }

    #[test]
    fn levels_stand_side_by_side() {
        let expected = "\
tiny: avx2, 1 thread, 4 iterations: min 1.000 ms, median 2.500 ms

layer    kernel        MACs  scalar: us  of peak  avx2: us  of peak
stem     conv     1,000,000       500.0    4.0 %     500.0    4.0 %
softmax  softmax          0      1500.0             1500.0
total             1,000,000      2000.0    1.0 %    2000.0    1.0 %

peak, GFLOP/s of multiply-adds in registers: scalar 100.0, avx2 100.0.

level   min ms  median ms  speed
scalar  10.000     10.000  1.00x
avx2     1.000      2.500  4.00x
";
        assert_eq!(report(Some(&layers()), true).text(), expected);
    }

    #[test]
    fn json_is_one_line() {
        let plain = r#"{"model":"tiny","threads":1,"iterations":4,"profile":"release","precision":"f32","level":"avx2","min_ms":1.0,"median_ms":2.500001}"#;
        assert_eq!(report(None, false).json(), format!("{plain}\n"));
        let tail = r#""median_ms":2.500001,"levels":[{"level":"scalar","min_ms":10.000002,"median_ms":10.000002},{"level":"avx2","min_ms":1.0,"median_ms":2.500001}]}"#;
        let json = report(None, true).json();
        assert!(json.trim_end().ends_with(tail), "{json}");
        let total = r#""peak_gflops":100.0,"clock_ns":20.5,"layers":[{"name":"stem","kernel":"conv","median_ms":0.5,"share":0.25,"macs":1000000,"gflops":4.0,"peak_share":0.04,"weight_bytes":100000,"map_bytes":2048},"#;
        let json = report(Some(&layers()), false).json();
        assert!(json.contains(total), "{json}");
        assert_eq!(json.lines().count(), 1);
    }

    #[test]
    fn small_times_have_more_digits() {
        assert_eq!(milliseconds(0.1), "0.100");
        assert_eq!(milliseconds(0.000_41), "0.000410");
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![3, 1, 2]), 2.0);
        assert_eq!(median(vec![4, 1, 2, 3]), 2.5);
        assert_eq!(median(vec![]), 0.0);
    }
}

//! What was compared, as text and as JSON.
//!
//! In: differences. Out: text, and what is wrong in a sentence. Never: compares.

use super::compare::Difference;
use super::expected::Node;
use mnetc::shape::Shape;
use serde::{Serialize, Serializer};

/// Everything about one verification.
pub(super) struct Report {
    /// The network's name.
    pub(super) model: String,
    /// What it was held against.
    pub(super) against: String,
    /// The largest error that is right.
    pub(super) tolerance: f64,
    /// What was found on each instruction set.
    pub(super) levels: Vec<Level>,
    /// Layers that stand for no value of the model.
    pub(super) without: Vec<String>,
}

/// The differences on one instruction set.
#[derive(Serialize)]
pub(super) struct Level {
    pub(super) level: &'static str,
    /// In the order they are computed.
    pub(super) layers: Vec<Compared>,
    pub(super) outputs: Vec<Compared>,
    /// Outputs against files, under the files' names.
    pub(super) files: Vec<Compared>,
}

/// The difference of one map.
#[derive(Clone, PartialEq)]
pub(super) struct Compared {
    pub(super) name: String,
    pub(super) shape: Shape,
    /// The node of an ONNX model that makes what it is held against.
    pub(super) node: Option<Node>,
    pub(super) difference: Difference,
}

impl Compared {
    /// Where the largest difference is: row, column, channel.
    fn place(&self) -> [usize; 3] {
        let (place, Shape { w, c, .. }) = (self.difference.place, self.shape);
        [place / c / w, place / c % w, place % c]
    }
}

impl Level {
    fn all(&self) -> impl Iterator<Item = &Compared> {
        self.layers.iter().chain(&self.outputs).chain(&self.files)
    }
}

/// The largest error first; of equals the earliest.
fn worst<'a, T: Copy>(of: impl Iterator<Item = (T, &'a Compared)>) -> Option<(T, &'a Compared)> {
    of.fold(None, |worst, this| match worst {
        Some((_, most)) if most.difference.relative >= this.1.difference.relative => worst,
        _ => Some(this),
    })
}

impl Report {
    /// What is farther off than it may be: the first layer, and the worst of outputs.
    pub(super) fn fault(&self) -> Option<String> {
        let wrong = |compared: &&Compared| compared.difference.relative > self.tolerance;
        self.levels.iter().find_map(|level| {
            let (name, tolerance) = (level.level, number(self.tolerance));
            let off = |what: &str, compared: &Compared| {
                let error = number(compared.difference.relative);
                let (model, place, of) = (&self.model, &compared.name, level.all().filter(wrong).count());
                let more = match of {
                    1 => String::new(),
                    of => format!(" and {} more", of - 1),
                };
                format!("{model} on {name}: {what} `{place}` is off by {error}{more}; {tolerance} is allowed")
            };
            let layer = level.layers.iter().find(wrong).map(|c| off("layer", c));
            let output = || level.outputs.iter().find(wrong).map(|c| off("output", c));
            let file = || level.files.iter().find(wrong).map(|c| off("the output held against", c));
            layer.or_else(output).or_else(file)
        })
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let names: Vec<_> = self.levels.iter().map(|l| l.level).collect();
        let mut text = format!(
            "{} on {}, against {}\n\n",
            self.model,
            names.join(", "),
            self.against
        );
        let mut rows = vec![titles()];
        let kinds: [fn(&Level) -> &[Compared]; 3] = [|l| &l.layers, |l| &l.outputs, |l| &l.files];
        for kind in kinds {
            let count = self.levels.iter().map(|l| kind(l).len()).max().unwrap_or(0);
            let each = |i: usize| {
                self.levels
                    .iter()
                    .filter_map(move |l| Some((l.level, kind(l).get(i)?)))
            };
            rows.extend((0..count).filter_map(|i| Some(self.row(worst(each(i))?))));
        }
        text += &table(&rows);
        if !self.without.is_empty() {
            let (count, names) = (self.without.len(), self.without.join(", "));
            text += &format!(
                "\n{count} not compared, since they stand for no value of the model: {names}\n"
            );
        }
        text += "\n";
        for level in &self.levels {
            let of = |compared: &[Compared]| {
                let worst = worst(compared.iter().map(|c| ((), c)));
                worst.map_or("-".to_owned(), |(_, c)| number(c.difference.relative))
            };
            let (name, layers, outputs) = (level.level, of(&level.layers), of(&level.outputs));
            text += &format!(
                "{name}: largest error of {} layers {layers}, of outputs {outputs}",
                level.layers.len()
            );
            if !level.files.is_empty() {
                text += &format!(", against files {}", of(&level.files));
            }
            text += "\n";
        }
        text
    }

    fn row(&self, (level, compared): (&str, &Compared)) -> [String; 8] {
        let d = &compared.difference;
        let [y, x, c] = compared.place();
        let node = compared.node.as_ref();
        let mark = if d.relative > self.tolerance {
            "  <- too far off"
        } else {
            ""
        };
        [
            compared.name.clone(),
            compared.shape.to_string(),
            number(d.relative),
            ulps(d.ulp),
            ulps(d.median_ulp),
            format!("{y},{x},{c}"),
            level.to_owned(),
            node.map_or(String::new(), |n| format!("{} {}", n.op, n.node)) + mark,
        ]
    }

    /// For programs.
    pub(super) fn json(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            model: &'a str,
            against: &'a str,
            tolerance: f64,
            passes: bool,
            #[serde(serialize_with = "finite")]
            error: f64,
            levels: &'a [Level],
            not_compared: &'a [String],
        }
        let all = self.levels.iter().flat_map(Level::all);
        let largest = worst(all.map(|c| ((), c)));
        let line = Line {
            model: &self.model,
            against: &self.against,
            tolerance: self.tolerance,
            passes: self.fault().is_none(),
            error: largest.map_or(0.0, |(_, c)| c.difference.relative),
            levels: &self.levels,
            not_compared: &self.without,
        };
        serde_json::to_string(&line).expect("numbers and text have a JSON") + "\n"
    }
}

impl Serialize for Compared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            name: &'a str,
            shape: [usize; 3],
            #[serde(flatten)]
            node: Option<&'a Node>,
            #[serde(serialize_with = "finite")]
            error: f64,
            #[serde(serialize_with = "finite")]
            ulp: f64,
            #[serde(serialize_with = "finite")]
            median_ulp: f64,
            at: [usize; 3],
            #[serde(serialize_with = "finite")]
            got: f64,
            #[serde(serialize_with = "finite")]
            expected: f64,
        }
        let d = &self.difference;
        let line = Line {
            name: &self.name,
            shape: self.shape.to_array(),
            node: self.node.as_ref(),
            error: d.relative,
            ulp: d.ulp,
            median_ulp: d.median_ulp,
            at: self.place(),
            got: d.got,
            expected: d.expected,
        };
        line.serialize(serializer)
    }
}

/// Numbers that JSON cannot write, as text: `"inf"`, `"NaN"`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn finite<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if x.is_finite() {
        serializer.serialize_f64(*x)
    } else {
        serializer.collect_str(x)
    }
}

fn titles() -> [String; 8] {
    [
        "layer",
        "map",
        "error",
        "ulp",
        "median",
        "row,col,ch",
        "level",
        "node",
    ]
    .map(str::to_owned)
}

/// `1.2e-7`.
fn number(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return x.to_string();
    }
    let text = format!("{x:.1e}");
    text.replace(".0e", "e")
}

/// To two digits behind the point where they say something.
fn ulps(x: f64) -> String {
    if x < 100.0 {
        format!("{x:.2}")
    } else {
        number(x)
    }
}

/// Columns: numbers to the right, words to the left; empty ones take no room.
fn table(rows: &[[String; 8]]) -> String {
    let used = |i: usize| i != 7 || rows.iter().skip(1).any(|row| !row[i].is_empty());
    let width = |i: usize| {
        rows.iter()
            .map(|row| row[i].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..8).map(width).collect();
    let cell = |(i, text): (usize, &String)| match i {
        2..=5 => format!("{text:>width$}  ", width = widths[i]),
        _ => format!("{text:width$}  ", width = widths[i]),
    };
    let line = |row: &[String; 8]| {
        let cells = row.iter().enumerate().filter(|(i, _)| used(*i));
        cells.map(cell).collect::<String>().trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::verify::compare::difference;

    fn compared(name: &str, got: f32, node: Option<Node>) -> Compared {
        let expected = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        Compared {
            name: name.to_owned(),
            shape: Shape::new(1, 2, 3),
            node,
            difference: difference(&[0.0, 0.0, 0.0, got, 0.0, 0.0], &expected),
        }
    }

    fn report(conv: f32, file: f32) -> Report {
        let node = Node {
            node: "/conv".to_owned(),
            op: "Clip".to_owned(),
            value: "y".to_owned(),
        };
        let level = |level, conv| Level {
            level,
            layers: vec![
                compared("stem", 1.0, None),
                compared("conv1", conv, Some(node.clone())),
            ],
            outputs: vec![compared("logits", conv, None)],
            files: vec![compared("y.npy", file, None)],
        };
        Report {
            model: "tiny".to_owned(),
            against: "tiny.onnx as it is written".to_owned(),
            tolerance: 1e-4,
            levels: vec![level("scalar", 1.0), level("avx2", conv)],
            without: vec!["flatten1".to_owned()],
        }
    }

    #[test]
    fn text_is_a_table_with_a_line_for_each_level() {
        let ulp = 1.0 + f32::EPSILON;
        let expected = "\
tiny on scalar, avx2, against tiny.onnx as it is written

layer   map     error   ulp  median  row,col,ch  level   node
stem    1x2x3       0  0.00    0.00       0,0,0  scalar
conv1   1x2x3  1.2e-7  1.00    1.00       0,1,0  avx2    Clip /conv
logits  1x2x3  1.2e-7  1.00    1.00       0,1,0  avx2
y.npy   1x2x3       0  0.00    0.00       0,0,0  scalar

1 not compared, since they stand for no value of the model: flatten1

scalar: largest error of 2 layers 0, of outputs 0, against files 0
avx2: largest error of 2 layers 1.2e-7, of outputs 1.2e-7, against files 0
";
        assert_eq!(report(ulp, 1.0).text(), expected);
        assert_eq!(report(ulp, 1.0).fault(), None);
    }

    #[test]
    fn the_first_layer_that_is_wrong_is_named() {
        let fault = report(1.5, 1.5).fault().expect("it is wrong");
        let expected =
            "tiny on scalar: the output held against `y.npy` is off by 5e-1; 1e-4 is allowed";
        assert_eq!(fault, expected);
        let fault = report(1.5, 1.0).fault().expect("it is wrong");
        let expected = "tiny on avx2: layer `conv1` is off by 5e-1 and 1 more; 1e-4 is allowed";
        assert_eq!(fault, expected);
        let text = report(1.5, 1.0).text();
        let marked: Vec<_> = text
            .lines()
            .filter(|line| line.ends_with("<- too far off"))
            .collect();
        assert_eq!(marked.len(), 2, "{text}");
        assert!(
            report(f32::NAN, 1.0)
                .fault()
                .expect("it is wrong")
                .contains("off by inf")
        );
    }

    #[test]
    fn json_is_one_line_with_everything() {
        let json = report(f32::NAN, 1.0).json();
        assert_eq!(json.lines().count(), 1);
        let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(
            (&json["passes"], &json["error"]),
            (&false.into(), &"inf".into())
        );
        let layer = &json["levels"][1]["layers"][1];
        assert_eq!(
            (&layer["node"], &layer["op"]),
            (&"/conv".into(), &"Clip".into())
        );
        assert_eq!(
            (&layer["at"], &layer["got"]),
            (&serde_json::json!([0, 1, 0]), &"NaN".into())
        );
        assert_eq!(json["not_compared"], serde_json::json!(["flatten1"]));
    }
}

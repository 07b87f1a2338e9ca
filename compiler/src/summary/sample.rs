//! A network small enough to write its summaries and pictures down: a stem, a bneck with squeeze-and-excite and a
//! residual, one with stride 2, a head.
//!
//! In: nothing. Out: its plan. Never: stands outside tests.

use crate::graph::build::Builder;
use crate::graph::{Activation, BatchNorm, Conv, Graph, Input, Linear, Origin, Row, ValueId};
use crate::plan::{self, Plan};
use crate::shape::{Element, Padding, Shape, Window};

/// The network after all passes, planned.
pub(crate) fn plan() -> Plan {
    plan::lower(&graph(), plan::Strategy::default(), 1)
}

/// The network after all passes.
pub(crate) fn graph() -> Graph {
    let input = Input {
        shape: Shape::new(32, 32, 3),
        element: Element::F32,
        normalise: vec![],
    };
    let mut sample = Sample {
        builder: Builder::new("tiny", input).expect("the input has pixels"),
        row: None,
    };
    let window = Window::square(3, 2, 1, Padding::all(1));
    let x = sample.conv(Layer::new("stem", "convolution", window, 16), ValueId(0));
    let x = sample.block(1, x, 1, 32);
    let x = sample.block(2, x, 2, 48);
    sample.row = None;
    let pool = sample.origin("global_average_pool1", "pool");
    let x = sample.builder.global_average_pool(x, pool);
    let linear = Linear {
        channels: 10,
        bias: true,
        activation: Activation::Identity,
        params: "linear1".into(),
    };
    let origin = sample.origin("linear1", "linear");
    let x = sample.builder.linear(x, linear, origin);
    sample.builder.output("logits", x.expect("it has channels"));
    let mut graph = sample.builder.finish();
    crate::passes::run(&mut graph);
    graph
}

struct Sample {
    builder: Builder,
    row: Option<Row>,
}

struct Layer {
    name: String,
    role: &'static str,
    window: Window,
    groups: usize,
    channels: usize,
    activation: Activation,
}

impl Layer {
    fn new(name: &str, role: &'static str, window: Window, channels: usize) -> Self {
        Self {
            name: name.to_owned(),
            role,
            window,
            groups: 1,
            channels,
            activation: Activation::HardSwish,
        }
    }
}

impl Sample {
    fn origin(&self, name: &str, role: &str) -> Origin {
        Origin {
            name: name.into(),
            role: role.into(),
            row: self.row.clone(),
        }
    }

    /// Convolution, batch norm, activation.
    fn conv(&mut self, layer: Layer, x: ValueId) -> ValueId {
        let origin = self.origin(&layer.name, layer.role);
        let (window, groups) = (layer.window, layer.groups);
        let conv = Conv::new(window, groups, layer.channels, false, layer.name.as_str());
        let x = self.builder.conv(x, conv, origin.clone());
        let norm = BatchNorm {
            epsilon: 1e-5,
            params: format!("{}.bn", layer.name),
        };
        let x = self
            .builder
            .batch_norm(x.expect("the window fits"), norm, origin.clone());
        self.builder.activation(x, layer.activation, origin)
    }

    /// Stride 1: with squeeze-and-excite and residual; stride 2: without.
    fn block(&mut self, number: usize, x: ValueId, stride: usize, expanded: usize) -> ValueId {
        self.row = Some(Row {
            number,
            repeat: 1,
            repeats: 1,
            table: "bneck".into(),
            text: format!("k 3, exp {expanded}, c 16, s {stride}"),
        });
        let name = |part: &str| format!("row{number}.1.{part}");
        let expansion = Layer::new(&name("expand"), "expansion", Window::POINTWISE, expanded);
        let y = self.conv(expansion, x);
        let window = Window::square(3, stride, 1, Padding::all(1));
        let depthwise = Layer {
            groups: expanded,
            ..Layer::new(&name("depthwise"), "depthwise", window, expanded)
        };
        let y = self.conv(depthwise, y);
        let y = match stride {
            1 => self.squeeze_excite(&name("se"), y, 8),
            _ => y,
        };
        let projection = Layer {
            activation: Activation::Identity,
            ..Layer::new(&name("project"), "projection", Window::POINTWISE, 16)
        };
        let y = self.conv(projection, y);
        if stride == 2 {
            return y;
        }
        let origin = self.origin(&name("add"), "residual");
        self.builder.add(x, y, origin).expect("shapes agree")
    }

    fn squeeze_excite(&mut self, name: &str, x: ValueId, squeezed: usize) -> ValueId {
        let origin = self.origin(name, "squeeze-and-excite");
        let expanded = self.builder.shape(x).c;
        let mut gates = self.builder.global_average_pool(x, origin.clone());
        for (part, channels, activation) in [
            ("reduce", squeezed, Activation::Relu),
            ("expand", expanded, Activation::HardSigmoid),
        ] {
            let params = format!("{name}.{part}");
            let conv = Conv::new(Window::POINTWISE, 1, channels, true, params);
            let y = self.builder.conv(gates, conv, origin.clone());
            let y = y.expect("it has channels");
            gates = self.builder.activation(y, activation, origin.clone());
        }
        let built = self.builder.scale(x, gates, origin);
        built.expect("one gate per channel")
    }
}

/// Holds `text` against a file of this crate; `MNETC_BLESS=1 cargo test -p mnetc` writes it anew.
pub(crate) fn assert_is_file(text: &str, file: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(file);
    if std::env::var_os("MNETC_BLESS").is_some() {
        std::fs::write(&path, text).expect("the file can be written");
    }
    let expected = std::fs::read_to_string(&path).expect("the file is there");
    assert_eq!(
        text, expected,
        "write {file} anew with MNETC_BLESS=1 cargo test -p mnetc"
    );
}

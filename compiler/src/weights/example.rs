//! Small networks for the tests of weights and of the reference, written as a front writes them: one node per operator.

use super::{Tensor, Tensors, WeightSource, seeded_values};
use crate::diag::{Diagnostic, Diagnostics, Sources, Style, render};
use crate::graph::build::Builder;
use crate::graph::{
    Activation, BatchNorm, Conv, Graph, Input, Linear, Origin, Row as TableRow, ValueId,
};
use crate::shape::{Element, Padding, Shape, Window};
use crate::weights::layer::Layer;

/// Whether and where a block has squeeze-and-excite.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Squeeze {
    /// It has none.
    No,
    /// This wide, behind the depthwise convolution's activation.
    After(usize),
    /// This wide, before it.
    Before(usize),
}

/// One block of a table, without repeats.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    pub(crate) k: usize,
    pub(crate) exp: usize,
    pub(crate) c: usize,
    pub(crate) s: usize,
    pub(crate) se: Squeeze,
    pub(crate) act: Activation,
}

/// Writes a network layer by layer.
pub(crate) struct Net {
    pub(crate) b: Builder,
    pub(crate) x: ValueId,
    row: Option<TableRow>,
}

impl Net {
    pub(crate) fn new(h: usize, w: usize, c: usize) -> Self {
        let input = Input {
            shape: Shape::new(h, w, c),
            element: Element::F32,
            normalise: vec![],
        };
        Self::of_input(input)
    }

    pub(crate) fn of_input(input: Input) -> Self {
        let b = Builder::new("net", input).unwrap();
        let (x, row) = (b.input(), None);
        Self { b, x, row }
    }

    pub(crate) fn origin(&self, name: &str) -> Origin {
        Origin {
            name: name.into(),
            role: String::new(),
            row: self.row.clone(),
        }
    }

    /// A convolution without anything behind it.
    pub(crate) fn plain_conv(
        &mut self,
        name: &str,
        window: Window,
        groups: usize,
        c: usize,
        bias: bool,
    ) {
        let (conv, origin) = (Conv::new(window, groups, c, bias, name), self.origin(name));
        self.x = self.b.conv(self.x, conv, origin).unwrap();
    }

    /// Convolution, batch norm, activation.
    pub(crate) fn conv(&mut self, name: &str, k: usize, s: usize, groups: usize, c: usize) {
        let window = Window::square(k, s, 1, Padding::symmetric([k; 2], [1; 2]));
        self.plain_conv(name, window, groups, c, false);
        self.norm(name);
    }

    pub(crate) fn norm(&mut self, name: &str) {
        let norm = BatchNorm {
            epsilon: 1e-3,
            params: format!("{name}.bn"),
        };
        let origin = self.origin(name);
        self.x = self.b.batch_norm(self.x, norm, origin);
    }

    pub(crate) fn activation(&mut self, name: &str, activation: Activation) {
        let origin = self.origin(name);
        self.x = self.b.activation(self.x, activation, origin);
    }

    /// Squeeze-and-excite as a pool, two convolutions with activations, and a scaling.
    pub(crate) fn squeeze(&mut self, name: &str, squeezed: usize) {
        let (x, c) = (self.x, self.b.shape(self.x).c);
        let origin = self.origin(name);
        self.x = self.b.global_average_pool(x, origin.clone());
        let [reduce, expand] = ["reduce", "expand"].map(|part| format!("{name}.{part}"));
        self.plain_conv(&reduce, Window::POINTWISE, 1, squeezed, true);
        self.activation(&reduce, Activation::Relu);
        self.plain_conv(&expand, Window::POINTWISE, 1, c, true);
        self.activation(&expand, Activation::HardSigmoid);
        self.x = self.b.scale(x, self.x, origin).unwrap();
    }

    /// A block of the table `table`: row `number`, repeat `repeat`.
    pub(crate) fn block(&mut self, table: &str, number: usize, repeat: usize, block: Block) {
        self.row = Some(TableRow {
            number,
            repeat,
            repeats: 1,
            table: table.into(),
            text: String::new(),
        });
        let base = format!("row{number}.{repeat}");
        let part = |part: &str| format!("{base}.{part}");
        let (skip, input) = (self.x, self.b.shape(self.x));
        if block.exp != input.c {
            self.conv(&part("expand"), 1, 1, 1, block.exp);
            self.activation(&part("expand"), block.act);
        }
        self.conv(&part("depthwise"), block.k, block.s, block.exp, block.exp);
        match block.se {
            Squeeze::No => self.activation(&part("depthwise"), block.act),
            Squeeze::After(squeezed) => {
                self.activation(&part("depthwise"), block.act);
                self.squeeze(&part("se"), squeezed);
            }
            Squeeze::Before(squeezed) => {
                self.squeeze(&part("se"), squeezed);
                self.activation(&part("se"), block.act);
            }
        }
        self.conv(&part("project"), 1, 1, 1, block.c);
        if block.s == 1 && block.c == input.c {
            let origin = self.origin(&part("project"));
            self.x = self.b.add(skip, self.x, origin).unwrap();
        }
        self.row = None;
    }

    pub(crate) fn global_average_pool(&mut self) {
        let origin = self.origin("pool");
        self.x = self.b.global_average_pool(self.x, origin);
    }

    pub(crate) fn linear(&mut self, name: &str, channels: usize) {
        let linear = Linear {
            channels,
            bias: true,
            activation: Activation::Identity,
            params: name.into(),
        };
        let origin = self.origin(name);
        self.x = self.b.linear(self.x, linear, origin).unwrap();
    }

    pub(crate) fn output(&mut self, name: &str) {
        self.b.output(name, self.x);
    }

    pub(crate) fn finish(mut self) -> Graph {
        self.output("logits");
        self.b.finish()
    }
}

/// A small MobileNetV2: stem, a block without expansion, one with stride 2, one with a residual, last convolution, head.
pub(crate) fn v2() -> Graph {
    let (se, act) = (Squeeze::No, Activation::Relu6);
    let block = |exp, c, s| Block {
        k: 3,
        exp,
        c,
        s,
        se,
        act,
    };
    let mut net = Net::new(17, 15, 3);
    net.conv("stem", 3, 2, 1, 8);
    net.activation("stem", act);
    net.block("inverted_residual", 1, 1, block(8, 4, 1));
    net.block("inverted_residual", 2, 1, block(24, 6, 2));
    net.block("inverted_residual", 2, 2, block(36, 6, 1));
    net.conv("conv1", 1, 1, 1, 20);
    net.activation("conv1", act);
    net.global_average_pool();
    net.linear("linear1", 5);
    net.finish()
}

/// A small MobileNetV3, squeeze-and-excite where `se` puts it.
pub(crate) fn v3(se: fn(usize) -> Squeeze) -> Graph {
    let act = Activation::HardSwish;
    let block = |k, exp, c, s, se| Block {
        k,
        exp,
        c,
        s,
        se,
        act,
    };
    let mut net = Net::new(16, 16, 3);
    net.conv("stem", 3, 2, 1, 8);
    net.activation("stem", act);
    net.block("bneck", 1, 1, block(3, 8, 8, 1, se(4)));
    net.block("bneck", 2, 1, block(5, 24, 12, 2, Squeeze::No));
    net.block("bneck", 3, 1, block(5, 40, 12, 1, se(8)));
    net.conv("conv1", 1, 1, 1, 20);
    net.activation("conv1", act);
    net.global_average_pool();
    net.linear("linear1", 10);
    net.activation("linear1", act);
    net.linear("linear2", 5);
    net.finish()
}

/// The tensors that `seed` makes for `graph`, as if they had been read from a file.
pub(crate) fn tensors(graph: &Graph, seed: u64) -> Tensors {
    let source = WeightSource::Seed(seed);
    let mut tensors = Tensors::new();
    for (name, shape) in Layer::of_graph(graph).iter().flat_map(|l| l.needs(&source)) {
        let values = seeded_values(seed, &name, &shape);
        tensors.insert(name, Tensor::new(shape, values));
    }
    tensors
}

/// A mistake as its user sees it.
pub(crate) fn shown(mistake: &Diagnostic) -> String {
    let all = Diagnostics::from(mistake.clone());
    render(&all, &Sources::new(), Style::Plain)
}

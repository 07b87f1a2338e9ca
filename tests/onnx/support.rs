//! Models of the tests, imported and evaluated.
//!
//! Never: asserts what a test is there to ask.

use mnetc::diag::{Diagnostics, Sources, Style, render};
use mnetc::graph::Activation;
use mnetc::import::{self, Array, Imported, NoFiles, Sizes};
use mnetc::pipeline;
use mnetc::plan::{Kernel, Skip, Step};
use mnetc::reference::{Pixels, evaluate};
use mnetc::shape::Element;
use mnetc::weights::WeightSource;
use mnetc_onnx_encoder::{Dim, Net, numbers};
use std::collections::BTreeSet;

/// One way to write a network.
pub(crate) struct Form {
    /// What is particular about it.
    pub(crate) name: String,
    /// The model.
    pub(crate) net: Net,
}

/// Ways to write one network.
pub(crate) struct Family {
    /// What the network is.
    pub(crate) name: &'static str,
    /// The steps that every form must compile to.
    pub(crate) steps: &'static str,
    /// The forms.
    pub(crate) forms: Vec<Form>,
}

impl Family {
    pub(crate) fn new(name: &'static str, steps: &'static str) -> Self {
        let forms = Vec::new();
        Self { name, steps, forms }
    }

    /// Adds a form with this version of the operators: `write` gets the input's name and gives the output's.
    pub(crate) fn form(
        mut self,
        name: &str,
        opset: i64,
        dims: &[i64],
        write: impl FnOnce(&mut Net, &str) -> String,
    ) -> Self {
        let mut net = Net::new(opset);
        let dims: Vec<_> = dims.iter().map(|n| Dim::Fixed(*n)).collect();
        let x = net.input(&dims);
        let y = write(&mut net, &x);
        net.output(&y);
        self.forms.push(Form {
            name: name.to_owned(),
            net,
        });
        self
    }
}

/// Imports a model that stands alone.
pub(crate) fn import(net: &Net) -> Result<Imported, Diagnostics> {
    pipeline::import("model.onnx", net.bytes(), &Sizes::default(), &NoFiles)
}

/// Imports a model that can be imported.
pub(crate) fn imported(net: &Net) -> Imported {
    import(net).unwrap_or_else(|diags| panic!("{}", text(&diags)))
}

/// Diagnostics as a user sees them.
pub(crate) fn text(diags: &Diagnostics) -> String {
    render(diags, &Sources::new(), Style::Plain)
}

/// The input every model of a test is fed, as the model has it: numbers in -8 to 8.
pub(crate) fn input(len: usize) -> Vec<f32> {
    numbers(1, len).map(|x| 8.0 * x).collect()
}

/// What a model makes of that input by the reference, all outputs one after another, as the model has them.
pub(crate) fn evaluated(imported: &Imported) -> Vec<f32> {
    let numbers = input(imported.graph.input.shape.len());
    let bytes: Vec<u8> = numbers.iter().map(|x| (x * 16.0 + 128.0) as u8).collect();
    let (numbers, bytes) = (
        imported.input.to_map(&numbers),
        imported.input.to_map(&bytes),
    );
    let pixels = match imported.graph.input.element {
        Element::F32 => Pixels::F32(&numbers),
        Element::U8 => Pixels::U8(&bytes),
    };
    let source = WeightSource::Tensors(imported.tensors.clone());
    let values = evaluate(&imported.graph, &source, pixels).expect("a model has its weights");
    let outputs = imported.graph.outputs.iter().zip(&imported.outputs);
    let output = |(output, layout): (&mnetc::graph::Output, &mnetc::layout::Layout)| {
        let map = values.output(&output.name).expect("it is given out");
        layout.from_map(&map.data.iter().map(|x| *x as f32).collect::<Vec<_>>())
    };
    outputs.flat_map(output).collect()
}

/// What the model itself makes of that input, node by node as it is written.
pub(crate) fn as_written(net: &Net) -> Vec<f32> {
    let imported = imported(net);
    let (dims, numbers) = (
        imported.input.dims().to_vec(),
        input(imported.graph.input.shape.len()),
    );
    let input = match imported.graph.input.element {
        Element::F32 => Array::floats(dims, numbers.iter().map(|x| f64::from(*x)).collect()),
        Element::U8 => {
            let byte = |x: &f32| f64::from((x * 16.0 + 128.0) as u8);
            Array::whole(dims, numbers.iter().map(byte).collect())
        }
    };
    let evaluated = import::evaluate("model.onnx", net.bytes(), &NoFiles, input, &BTreeSet::new());
    let evaluated = evaluated.unwrap_or_else(|diags| panic!("{}", text(&diags)));
    let numbers = evaluated.outputs.iter().flat_map(|array| array.data());
    numbers.map(|x| *x as f32).collect()
}

/// The steps a model compiles to: kernels with what is fused into them.
pub(crate) fn steps(imported: &Imported) -> String {
    let plan = pipeline::plan(imported.graph.clone());
    plan.steps.iter().map(step).collect::<Vec<_>>().join(", ")
}

fn step(step: &Step) -> String {
    let mut text = step.kernel.name().to_owned();
    match &step.kernel {
        Kernel::Conv {
            normalise: true, ..
        } => text += "+normalise",
        Kernel::Pointwise { skip, .. } if *skip != Skip::None => text += "+skip",
        Kernel::SqueezeExcite {
            reduce_activation,
            gate,
            ..
        } => text += &format!("({}, {})", reduce_activation.name(), gate.name()),
        _ => {}
    }
    if step.activation != Activation::Identity {
        text += &format!(" {}", step.activation.name());
    }
    text
}

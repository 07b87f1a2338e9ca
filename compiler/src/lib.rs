//! Compiles MobileNets (V1, V2, V3), written as the table in the paper or exported as ONNX, into Rust.
//!
//! One readable source file comes out: every buffer statically sized, every fused layer one kernel call, no heap, no
//! `unsafe`, against the `no_std` crate `mnetc-runtime`. This library is for build scripts ([`build::Config`]) and for
//! tools; people use the command `mnetc`.
//!
//! ```
//! let spec = "
//! name: tiny
//! input: {height: 32, width: 32, channels: 3}
//! layers:
//!   - conv: {k: 3, s: 2, c: 8, activation: relu6}
//!   - global_average_pool
//!   - linear: {c: 10}
//! ";
//! let compiled = mnetc::compile("tiny.yaml", spec, &mnetc::Options::default()).unwrap();
//! assert!(compiled.source.contains("pub struct Tiny<'w>"));
//! assert_eq!(compiled.plan.outputs[0].name, "logits");
//! ```
//!
//! Modules stand in the order of the pipeline; [`pipeline`] shows it on one screen.
#![forbid(unsafe_code)]

pub mod diag;
pub mod emit;
pub mod front;
pub mod graph;
pub mod import;
pub mod layout;
pub mod passes;
pub mod picture;
pub mod pipeline;
pub mod plan;
pub mod recover;
pub mod reference;
pub mod shape;
pub mod summary;
pub mod weights;

pub mod budget;
pub mod build;
pub mod files;
pub mod golden;
mod hash;
pub mod number;

use budget::{Limits, Variants};
use bytes::Bytes;
use diag::{Code, Diagnostic, Diagnostics, Sources, Style};
use emit::{Embed, Parts, Provenance};
use graph::Graph;
use import::{Imported, Resolver, Sizes};
use plan::{Plan, Strategy};
use std::fmt;
use weights::WeightSource;

/// How to compile a network.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `KEY=VALUE`, each put over what the spec says.
    pub sets: Vec<String>,
    /// Where the weights come from.
    pub weights: Weights,
    /// The name of the weights' file next to the source, for the source to include. Without it the source has only
    /// `from_bytes`.
    pub embed: Option<String>,
    /// Threads an inference may be shared among. With more than one, generated code has `infer_with`; 0 is 1, and so is
    /// any number where `standalone` is set, since threads are the standard library's.
    pub threads: usize,
    /// The most memory the network may need; where there is no limit here, the spec's holds.
    pub limits: Limits,
    /// What the code is to be good at: for which machines, which layers run in strips, which numbers layers
    /// multiply. [`plan::Target::strategy`] has what a target gets by default.
    pub strategy: Strategy,
    /// Whether the source has a `self_test`, which needs weights here.
    pub self_test: bool,
    /// Whether the source has the part of the runtime it needs inside, so that it compiles with no crate at all.
    pub standalone: bool,
}

impl Options {
    /// The threads of the plan.
    fn threads(&self) -> usize {
        if self.standalone { 1 } else { self.threads }
    }

    /// Refuses what the target can never use.
    fn check(&self) -> Result<(), Diagnostic> {
        let Strategy {
            target, precision, ..
        } = self.strategy;
        let checked = target.check(precision, self.threads());
        checked.map_err(|facts| {
            let help = "leave one of the two out, or compile for any target";
            Diagnostic::error(Code::Setting, facts).help(help)
        })
    }
}

/// Where weights come from.
#[derive(Clone, Debug, Default)]
pub enum Weights {
    /// From an ONNX model itself; for a spec nowhere: only the source is compiled.
    #[default]
    None,
    /// Made up, the same for the same seed.
    Seed(u64),
    /// A safetensors file.
    Safetensors {
        /// Its name, for messages.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// An ONNX model that has the same layers in the same order.
    Onnx(Box<Imported>),
}

/// A compiled network.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The Rust source.
    pub source: String,
    /// The packed weights, if there are any.
    pub blob: Option<Vec<u8>>,
    /// The plan behind both.
    pub plan: Plan,
}

/// Compiles the spec `text`; messages call it `name`.
///
/// # Errors
/// Everything that is wrong with the spec, or with the weights.
pub fn compile(name: &str, text: &str, options: &Options) -> Result<Compiled, Failure> {
    let mut sources = Sources::new();
    match compile_in(&mut sources, name, text, options) {
        Ok(compiled) => Ok(compiled),
        Err(diagnostics) => Err(Failure {
            sources,
            diagnostics,
        }),
    }
}

fn compile_in(
    sources: &mut Sources,
    name: &str,
    text: &str,
    options: &Options,
) -> Result<Compiled, Diagnostics> {
    options.check()?;
    let spec = sources.add(name, text);
    let expanded = pipeline::spec(sources, spec, &options.sets)?;
    let weights = options.weights.open(&expanded.graph)?;
    let sets = options.sets.clone();
    let network = Network {
        name,
        limits: options.limits.or(expanded.limits),
        variants: pipeline::spec_variants(text.to_owned(), sets, &expanded),
        graph: expanded.graph,
        weights,
    };
    network.generate(options)
}

/// Compiles the ONNX model in `bytes`; messages call it `name`. Its own weights are compiled in, unless the options name
/// others.
///
/// # Errors
/// Everything that stands in the way, node by node, or is wrong with the weights.
pub fn compile_onnx(
    name: &str,
    bytes: Vec<u8>,
    sizes: &Sizes,
    resolver: &dyn Resolver,
    options: &Options,
) -> Result<Compiled, Failure> {
    let compiled = || {
        options.check()?;
        if let Some(set) = options.sets.first() {
            let facts = format!("`{set}` changes a spec, and {name} is a model");
            let help = "models take sizes: their input's, and those of open dimensions";
            return Err(Diagnostic::error(Code::Set, facts).help(help).into());
        }
        let bytes = Bytes::from(bytes);
        let import = |sizes: &Sizes| pipeline::import(name, bytes.clone(), sizes, resolver);
        let imported = import(sizes)?;
        let given = options.weights.open(&imported.graph)?;
        let weights = given.unwrap_or(WeightSource::Tensors(imported.tensors));
        let network = Network {
            name,
            limits: options.limits,
            variants: pipeline::model_variants(sizes.clone(), |sizes| import(sizes).ok()),
            graph: imported.graph,
            weights: Some(weights),
        };
        network.generate(options)
    };
    compiled().map_err(|diagnostics| Failure {
        sources: Sources::new(),
        diagnostics,
    })
}

/// A network that was read, and all that is needed to compile it.
struct Network<'a> {
    name: &'a str,
    graph: Graph,
    weights: Option<WeightSource>,
    limits: Limits,
    variants: Variants<'a>,
}

impl Network<'_> {
    fn generate(self, options: &Options) -> Result<Compiled, Diagnostics> {
        let (graph, threads) = (self.graph.clone(), options.threads());
        let plan = pipeline::plan_for_threads(graph, options.strategy, threads);
        pipeline::within(&plan, self.limits, &self.variants)?;
        let weights = self.weights.as_ref();
        let goldens = options.self_test.then(|| match weights {
            Some(weights) => pipeline::goldens(self.graph, &plan, weights),
            None => Err(golden::no_weights().into()),
        });
        let goldens = goldens.transpose()?;
        let blob = weights.map(|w| pipeline::blob(&plan, w)).transpose()?;
        let embed = match (&blob, &options.embed) {
            (Some(_), Some(file)) => Embed::File(file),
            _ => Embed::No,
        };
        let label = options.weights.label();
        let provenance = Provenance {
            source: file_name(self.name),
            weights: label.as_deref(),
        };
        let parts = Parts {
            embed,
            goldens: goldens.as_ref(),
            standalone: options.standalone,
        };
        let source = pipeline::source(&plan, provenance, parts);
        Ok(Compiled { source, blob, plan })
    }
}

impl Weights {
    /// The tensors under the names that `graph` has for them.
    ///
    /// # Errors
    /// When the file is no safetensors file, or the model has other layers.
    pub fn open(&self, graph: &Graph) -> Result<Option<WeightSource>, Diagnostics> {
        match self {
            Self::None => Ok(None),
            Self::Seed(seed) => Ok(Some(WeightSource::Seed(*seed))),
            Self::Safetensors { bytes, .. } => {
                let tensors = weights::read_safetensors(bytes)?.rename_for(graph);
                Ok(Some(WeightSource::Tensors(tensors)))
            }
            Self::Onnx(imported) => {
                let tensors = imported.tensors_for(graph)?;
                Ok(Some(WeightSource::Tensors(tensors)))
            }
        }
    }

    /// What generated code calls them.
    fn label(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Seed(seed) => Some(format!("seed:{seed}")),
            Self::Safetensors { name, .. } => Some(file_name(name).to_owned()),
            Self::Onnx(imported) => Some(file_name(imported.file()).to_owned()),
        }
    }
}

/// The last part of a path, so that generated code does not depend on where it was compiled.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Everything the user got wrong, with the texts it points into.
#[derive(Clone)]
pub struct Failure {
    /// The texts.
    pub sources: Sources,
    /// The mistakes.
    pub diagnostics: Diagnostics,
}

impl Failure {
    /// The first mistake, in one line.
    pub fn summary(&self) -> String {
        let first = self.diagnostics.iter().next();
        first.map_or(String::new(), |d| {
            format!("[{}] {}", d.code.id(), d.message)
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&diag::render(
            &self.diagnostics,
            &self.sources,
            Style::Plain,
        ))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Failure {}

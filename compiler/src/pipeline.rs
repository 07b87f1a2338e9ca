//! The whole compiler, on one screen. It decides nothing.
//!
//! In: the text of a spec, or the bytes of a model. Out: a graph, a plan, source text and a blob; or everything the user
//! got wrong, at once.
//! Never: reads or writes a file.

use crate::budget::{self, Limits, Variants};
use crate::diag::{Diagnostics, SourceId, Sources};
use crate::emit::{self, Parts, Provenance};
use crate::front::{self, expand::Places};
use crate::golden::{self, Goldens};
use crate::graph::Graph;
use crate::import::{self, Imported, Resolver, Sizes};
use crate::passes;
use crate::plan::{self, Plan, Strategy};
use crate::recover;
use crate::weights::{self, WeightSource};
use bytes::Bytes;

/// A spec as a network.
#[derive(Clone, Debug)]
pub struct Expanded {
    /// One operator per layer, before any pass.
    pub graph: Graph,
    /// What the spec allows it to need.
    pub limits: Limits,
    /// Its width multiplier.
    pub width_multiplier: f64,
    /// Where its rows and layers were written.
    pub places: Places,
}

/// The network of a spec, with `sets` (`KEY=VALUE`) put over what it says.
///
/// # Errors
/// Everything that is wrong with the spec; whether it keeps its budget is [`within`]'s to say.
pub fn spec(
    sources: &mut Sources,
    spec: SourceId,
    sets: &[String],
) -> Result<Expanded, Diagnostics> {
    let mut diags = Diagnostics::new();
    let spec = front::yaml::parse(sources, spec, sets, &mut diags);
    let expanded = spec
        .as_ref()
        .and_then(|spec| front::expand::expand_with_places(spec, &mut diags));
    diags.check()?;
    let (spec, (graph, places)) = spec
        .zip(expanded)
        .expect("without a graph there is a diagnostic");
    Ok(Expanded {
        graph,
        limits: Limits::of_spec(&spec.budget),
        width_multiplier: spec.width_multiplier.map_or(1.0, |alpha| alpha.value),
        places,
    })
}

/// The graph of a spec, as [`spec`] reads it.
///
/// # Errors
/// Everything that is wrong with the spec.
pub fn graph(sources: &mut Sources, spec: SourceId, sets: &[String]) -> Result<Graph, Diagnostics> {
    Ok(self::spec(sources, spec, sets)?.graph)
}

/// A spec as something that can be planned with other sizes: its text, the `sets` over it, and what became of both.
pub fn spec_variants(text: String, sets: Vec<String>, expanded: &Expanded) -> Variants<'static> {
    Variants {
        width_multiplier: Some(expanded.width_multiplier),
        places: expanded.places.clone(),
        plan: Box::new(move |change| {
            let mut sources = Sources::new();
            let id = sources.add("", &text);
            let sets = [&sets[..], &change.sets()].concat();
            let graph = graph(&mut sources, id, &sets).ok()?;
            Some(plan_for_threads(graph, change.strategy, change.threads))
        }),
    }
}

/// A model as something that can be planned with other sizes: `import` reads it with other [`Sizes`].
pub fn model_variants<'a>(
    sizes: Sizes,
    import: impl Fn(&Sizes) -> Option<Imported> + 'a,
) -> Variants<'a> {
    Variants {
        width_multiplier: None,
        places: Places::default(),
        plan: Box::new(move |change| {
            let sizes = Sizes {
                input: change.input.or(sizes.input),
                ..sizes.clone()
            };
            let graph = import(&sizes)?.graph;
            Some(plan_for_threads(graph, change.strategy, change.threads))
        }),
    }
}

/// Reports the limits that a plan does not keep, and which of its variants would.
///
/// # Errors
/// One for each limit.
pub fn within(plan: &Plan, limits: Limits, variants: &Variants<'_>) -> Result<(), Diagnostics> {
    budget::check(plan, limits, variants)
}

/// A model in ONNX, one operator per layer, with its weights, as its spec has it; `file` is its name.
///
/// # Errors
/// Everything that stands in the way, node by node.
pub fn import(
    file: &str,
    bytes: impl Into<Bytes>,
    sizes: &Sizes,
    resolver: &dyn Resolver,
) -> Result<Imported, Diagnostics> {
    let imported = import::import(file, bytes, sizes, resolver)?;
    let mut rewritten = imported.graph.clone();
    passes::run(&mut rewritten);
    match passes::without_kernel(&rewritten)[..] {
        [] => Ok(recover(imported, &rewritten)),
        ref left => Err(imported.refuse(&rewritten, left)),
    }
}

/// The model as the table a person would have written of it, where there is one: its rows, their names. `fused` is its
/// graph behind all passes.
fn recover(imported: Imported, fused: &Graph) -> Imported {
    let spec = match recover::spec(fused, &imported.notes()) {
        Ok(spec) => spec,
        Err(reason) => return imported.recovered(Err(reason), None),
    };
    let mut sources = Sources::new();
    let id = sources.add("the spec", spec.as_str());
    let graph = match graph(&mut sources, id, &[]) {
        Ok(graph) => graph,
        Err(refused) => {
            let first = refused.iter().next().map_or("", |d| d.message.as_str());
            let reason = format!("is one no spec may describe: {first}");
            return imported.recovered(Err(reason), None);
        }
    };
    let tensors = imported.tensors.clone();
    match recover::carry(fused, tensors, graph) {
        Some(carried) => imported.recovered(Ok(spec), Some(carried)),
        None => imported.recovered(Err("is none that its table describes".to_owned()), None),
    }
}

/// The plan of a graph, made for speed.
pub fn plan(graph: Graph) -> Plan {
    plan_for(graph, Strategy::default())
}

/// The plan of a graph, good at what `strategy` says.
pub fn plan_for(graph: Graph, strategy: Strategy) -> Plan {
    plan_for_threads(graph, strategy, 1)
}

/// The plan of a graph for this many threads, good at what `strategy` says.
pub fn plan_for_threads(mut graph: Graph, strategy: Strategy, threads: usize) -> Plan {
    passes::run(&mut graph);
    plan::lower(&graph, strategy, threads)
}

/// The plan's weights, folded and packed: header and payload.
///
/// # Errors
/// Which tensors are missing, misshapen or left over.
pub fn blob(plan: &Plan, weights: &WeightSource) -> Result<Vec<u8>, Diagnostics> {
    Ok(weights::pack(plan, weights)?)
}

/// What every step of the plan of `graph` should make of a made-up input, for a self-test.
///
/// # Errors
/// Which tensors are missing, misshapen or left over.
pub fn goldens(
    mut graph: Graph,
    plan: &Plan,
    weights: &WeightSource,
) -> Result<Goldens, Diagnostics> {
    passes::run(&mut graph);
    Ok(golden::compute(&graph, plan, weights)?)
}

/// The plan as Rust.
pub fn source<'a>(plan: &Plan, provenance: Provenance<'_>, parts: impl Into<Parts<'a>>) -> String {
    emit::source(plan, provenance, parts)
}

//! The whole compiler, on one screen. It decides nothing.
//!
//! In: the text of a spec, or the bytes of a model. Out: a graph, a plan, source text and a blob; or everything the user
//! got wrong, at once.
//! Never: reads or writes a file.

use crate::diag::{Diagnostics, SourceId, Sources};
use crate::emit::{self, Embed, Provenance};
use crate::front::{self, budget::Needs};
use crate::graph::Graph;
use crate::import::{self, Imported, Resolver, Sizes};
use crate::passes;
use crate::plan::{self, Plan};
use crate::recover;
use crate::shape::{Element, Shape};
use crate::weights::{self, WeightSource};
use bytes::Bytes;

/// The graph of a spec, one operator per layer, with `sets` (`KEY=VALUE`) put over what it says.
///
/// # Errors
/// Everything that is wrong with the spec.
pub fn graph(sources: &mut Sources, spec: SourceId, sets: &[String]) -> Result<Graph, Diagnostics> {
    let mut diags = Diagnostics::new();
    let spec = front::yaml::parse(sources, spec, sets, &mut diags);
    let graph = spec
        .as_ref()
        .and_then(|spec| front::expand::expand(spec, &mut diags));
    diags.check()?;
    let (spec, graph) = spec
        .zip(graph)
        .expect("without a graph there is a diagnostic");
    front::budget::check(&spec.budget, &needs(&plan(graph.clone())), &mut diags);
    diags.check()?;
    Ok(graph)
}

/// The bytes that a plan needs.
fn needs(plan: &Plan) -> Needs {
    let bytes = |map: Shape, element: Element| (map.len() * element.bytes()) as u64;
    Needs {
        arena: plan.memory.bytes as u64,
        input: bytes(plan.input.shape, plan.input.element),
        outputs: plan
            .outputs
            .iter()
            .map(|o| bytes(o.shape, Element::F32))
            .sum(),
        weights: plan.weight_bytes() as u64,
        fullest: plan.peak_step().map(|step| step.origin.name.clone()),
    }
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

/// The plan of a graph.
pub fn plan(mut graph: Graph) -> Plan {
    passes::run(&mut graph);
    plan::lower(&graph)
}

/// The plan's weights, folded and packed: header and payload.
///
/// # Errors
/// Which tensors are missing, misshapen or left over.
pub fn blob(plan: &Plan, weights: &WeightSource) -> Result<Vec<u8>, Diagnostics> {
    Ok(weights::pack(plan, weights)?)
}

/// The plan as Rust.
pub fn source(plan: &Plan, provenance: Provenance<'_>, embed: Embed<'_>) -> String {
    emit::source(plan, provenance, embed)
}

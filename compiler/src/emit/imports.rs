//! Writes the imports: what the file names of the runtime, and nothing else, or a user would see a warning.
//!
//! In: a plan and where its weights are. Out: `use` items. Never: writes anything that uses them.

use super::{Embed, Parts, constants, names, step};
use crate::plan::strips::Group;
use crate::plan::{Kernel, MapId, Plan, Precision, Step, Storage};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;

pub(super) fn imports(plan: &Plan, parts: Parts<'_>) -> TokenStream {
    let activations: BTreeSet<_> = plan
        .steps
        .iter()
        .flat_map(step::activations)
        .map(step::activation)
        .collect();
    let mut items: BTreeSet<&str> = [
        "AnyLevel",
        "BlobLayout",
        "Cx",
        match plan.strategy.target.level() {
            None => "dispatch",
            Some(_) => "baseline",
        },
        "Level",
        "Observer",
        "Weights",
        "WeightsError",
    ]
    .into();
    let any = |storage: fn(&Storage) -> bool| plan.maps.iter().any(|m| storage(&m.storage));
    let kernel = |is: fn(&Kernel) -> bool| plan.steps.iter().any(|s| is(&s.kernel));
    let mut need = |item: &'static str, needed: bool| {
        if needed {
            items.insert(item);
        }
    };
    need("Slot", any(|s| matches!(s, Storage::Buffer(_))));
    need(
        "Map",
        plan.steps.iter().any(|s| step::needs(plan, s).input) || reads_output(plan),
    );
    need("MapMut", any(|s| matches!(s, Storage::Output(_))));
    let is_shared = |group: &&Group| group.bands.is_some();
    let mut alone = plan.groups.iter().filter(|group| !is_shared(group));
    let ends_in_output = |group: &Group| is_output(plan, plan.steps[group.last()].output);
    need("Strips", alone.any(ends_in_output));
    let bands = plan.groups.iter().any(|group| is_shared(&group));
    for item in ["Band", "Map", "MapMut", "Rings", "in_bands"] {
        need(item, bands);
    }
    need("FilterSlot", !plan.filters.is_empty());
    let has_tile = kernel(|k| {
        matches!(
            k,
            Kernel::Pointwise {
                precision: Precision::F32,
                ..
            }
        )
    });
    need("Tile", has_tile);
    for item in ["Avx2Tile", "Avx512Tile"] {
        need(item, has_tile && plan.strategy.target.level().is_none());
    }
    need("Window", !constants::windows(plan).is_empty());
    need(
        "SqueezeExcite",
        kernel(|k| matches!(k, Kernel::SqueezeExcite { .. })),
    );
    need("Pixel", converts(plan));
    need("Pool", plan.threads > 1);
    need("Aligned", parts.embed != Embed::No);
    for item in ["Golden", "SelfTest", "WrongStep", "golden"] {
        need(item, parts.goldens.is_some());
    }
    let functions = plan.steps.iter().flat_map(step::functions);
    let items: BTreeSet<_> = items
        .into_iter()
        .map(names::ident)
        .chain(functions)
        .collect();
    let activations = (!activations.is_empty())
        .then(|| quote! { use ::mnetc_runtime::Activation::{#(#activations),*}; });
    quote! {
        #activations
        use ::mnetc_runtime::{#(#items),*};
    }
}

fn is_output(plan: &Plan, map: MapId) -> bool {
    matches!(plan.map(map).storage, Storage::Output(_))
}

/// Whether an output is read: by a step, or to be shown when all its strips are done.
fn reads_output(plan: &Plan) -> bool {
    let groups = plan.groups.iter();
    let shown = groups
        .filter(|group| group.bands.is_none())
        .map(|group| plan.steps[group.last()].output);
    let reads = plan.steps.iter().flat_map(Step::reads);
    reads.chain(shown).any(|map| is_output(plan, map))
}

/// Whether a step converts the network's input.
pub(super) fn converts(plan: &Plan) -> bool {
    let converts = |k: &Kernel| {
        matches!(
            k,
            Kernel::Normalise
                | Kernel::Conv {
                    normalise: true,
                    ..
                }
        )
    };
    plan.steps.iter().any(|s| converts(&s.kernel))
}

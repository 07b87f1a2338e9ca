//! The rewrites between the front and the plan, in their order, each with the reason for its place.
//!
//! In: a graph as the front wrote it, one operator per layer. Out: the graph of fused layers that the plan turns into
//! kernel calls. Every pass makes one visit, and the graph is verified after each. Never: looks at the target or at
//! tensors.

mod fold_batch_norm;
mod fold_flatten;
mod fold_padding;
mod fuse_activation;
mod fuse_residual;
mod fuse_squeeze_excite;
mod remove_dead;

use crate::graph::{Graph, NodeId, Op, verify};

/// A rewrite of the whole graph.
pub struct Pass {
    /// Its name, as `dump --after` takes it.
    pub name: &'static str,
    /// Why it stands where it stands.
    pub why: &'static str,
    run: fn(&mut Graph),
}

/// All passes, in order.
pub const PASSES: [Pass; 7] = [
    Pass {
        name: "fold_padding",
        why: "first: a convolution behind a pad is found as such by the others",
        run: fold_padding::run,
    },
    Pass {
        name: "fold_flatten",
        why: "before squeeze-and-excite: its vectors may be flattened",
        run: fold_flatten::run,
    },
    Pass {
        name: "fold_batch_norm",
        why: "before all fusion: it stands between a convolution and what follows",
        run: fold_batch_norm::run,
    },
    Pass {
        name: "fuse_squeeze_excite",
        why: "before activations are fused: it reads its own two off the graph",
        run: fuse_squeeze_excite::run,
    },
    Pass {
        name: "fuse_residual",
        why: "before activations are fused: only a convolution without one takes a skip",
        run: fuse_residual::run,
    },
    Pass {
        name: "fuse_activation",
        why: "after all that activations follow: convolution, sum, squeeze-and-excite",
        run: fuse_activation::run,
    },
    Pass {
        name: "remove_dead",
        why: "last: the others leave behind what nothing reads any more",
        run: remove_dead::run,
    },
];

/// The nodes of a graph behind all passes that no kernel computes: what a batch norm, a pad or a scaling was not fused
/// into. Specs have none.
pub fn without_kernel(graph: &Graph) -> Vec<NodeId> {
    let left = |id: &NodeId| {
        matches!(
            graph.node(*id).op,
            Op::BatchNorm(_) | Op::Pad(_) | Op::Scale
        )
    };
    graph.ids().filter(left).collect()
}

/// Runs all passes.
pub fn run(graph: &mut Graph) {
    run_until(graph, PASSES[PASSES.len() - 1].name);
}

/// Runs the passes up to and including the one named `last`.
pub fn run_until(graph: &mut Graph, last: &str) {
    verify::check(graph, "the front");
    for pass in &PASSES {
        (pass.run)(graph);
        verify::check(graph, pass.name);
        if pass.name == last {
            return;
        }
    }
}

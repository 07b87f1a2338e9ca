//! Pictures of a network: `mnetc graph`.
//!
//! In: a plan. Out: SVGs for people, a DOT graph for graphviz; the same bytes for the same plan. Never: loads a font, a
//! script or an image, counts a cost itself.
//!
//! `flow` finds who reads from whom, `blocks` says what there is to see, `layout` where it stands, `svg` and
//! `dot` write it down; `memory` is a picture of its own, of the arena.

mod axis;
mod blocks;
mod dot;
mod flow;
mod layout;
mod memory;
mod svg;
mod xml;

use crate::plan::Plan;

/// The network as an SVG, self-contained, readable on light and dark pages.
///
/// A line per block, from the input down: the size of its map as a funnel, its layers, the shape it makes; beside it what
/// it costs in multiply-adds and in bytes of weights and of arena.
pub fn svg(plan: &Plan) -> String {
    svg::text(plan)
}

/// The arena over time as an SVG, self-contained, readable on light and dark pages.
///
/// A line per step, from the first down; across, where in the arena each map lies, from the step that writes it to the last
/// that reads it; beside it the bytes that are alive.
pub fn memory(plan: &Plan) -> String {
    memory::text(plan)
}

/// The network as a DOT graph: a node per step, a cluster per block, an edge per map that is read.
pub fn dot(plan: &Plan) -> String {
    dot::text(plan)
}

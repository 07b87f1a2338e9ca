//! Pictures of a network: `mnetc graph`.
//!
//! In: a plan. Out: an SVG for people, a DOT graph for graphviz; the same bytes for the same plan. Never: loads a font, a
//! script or an image, counts a cost itself.
//!
//! `flow` finds who reads from whom, `blocks` says what there is to see, `layout` where it stands, `svg` and
//! `dot` write it down.

mod axis;
mod blocks;
mod dot;
mod flow;
mod layout;
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

/// The network as a DOT graph: a node per step, a cluster per block, an edge per map that is read.
pub fn dot(plan: &Plan) -> String {
    dot::text(plan)
}

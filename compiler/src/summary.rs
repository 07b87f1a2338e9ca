//! What a network costs, layer by layer, as text: `mnetc summary`.
//!
//! In: a plan. Out: a table for people, one for Markdown, JSON for programs, and the arena over time. Never: counts
//! anything itself that [`crate::plan::cost`] counts, writes a file, fails.

mod json;
mod layers;
mod markdown;
mod memory;
mod table;

pub(crate) use layers::{live_bytes, peak};

use crate::plan::Plan;

/// How a summary is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Columns for a terminal of 100 characters.
    Table,
    /// A table as GitHub's Markdown has it.
    Markdown,
    /// One JSON object.
    Json,
}

/// The layers of `plan` with their shapes and costs, and the totals. Ends with a newline.
///
/// Costs are parameters, multiply-adds and bytes: of the packed weights, and of all buffers of the arena that are alive
/// while the layer runs.
pub fn render(plan: &Plan, format: Format) -> String {
    match format {
        Format::Table => table::text(plan),
        Format::Markdown => markdown::text(plan),
        Format::Json => json::text(plan),
    }
}

/// The arena of `plan` over time: for each step what lies where, then every buffer with its offset. Ends with a newline.
pub fn memory(plan: &Plan) -> String {
    memory::text(plan)
}

#[cfg(test)]
pub(crate) mod sample;

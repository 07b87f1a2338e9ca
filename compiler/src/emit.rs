//! Writes a plan as one Rust source file.
//!
//! In: a [`Plan`] and where its weights are. Out: the text of a module. Nothing can fail here: whatever a user can get
//! wrong was reported before. Never: decides anything; every choice is in the plan.
//!
//! `model` makes the file's sections of the steps that `step` writes, with the words of [`describe`] and the
//! identifiers of [`names`]; [`print`] turns tokens into text.

mod blocks;
mod constants;
pub mod describe;
mod golden;
mod head;
mod imports;
mod model;
pub mod names;
mod print;
mod standalone;
mod step;

use crate::golden::Goldens;
use crate::plan::Plan;

/// Where generated code finds its weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Embed<'a> {
    /// Nowhere: only `from_bytes` is written.
    No,
    /// In a file of this name, next to the source.
    File(&'a str),
}

/// What a file has besides the network.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Where its weights are.
    pub embed: Embed<'a>,
    /// What a `self_test` holds the steps against; without it there is none.
    pub goldens: Option<&'a Goldens>,
    /// Whether the file has the part of the runtime it needs inside, instead of naming the crate.
    pub standalone: bool,
}

impl<'a> From<Embed<'a>> for Parts<'a> {
    /// No more than the network.
    fn from(embed: Embed<'a>) -> Self {
        Self {
            embed,
            goldens: None,
            standalone: false,
        }
    }
}

/// What the header of the file says about where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance<'a> {
    /// The file name of the spec or model, without its folder.
    pub source: &'a str,
    /// Words about the weights: `seed:7`, `v2.safetensors`, or nothing.
    pub weights: Option<&'a str>,
}

/// The source text of `plan`.
pub fn source<'a>(plan: &Plan, provenance: Provenance<'_>, parts: impl Into<Parts<'a>>) -> String {
    let parts = parts.into();
    let text = print::module(&model::module(plan, provenance, parts));
    match parts.standalone {
        true => standalone::with_runtime(&text, plan.strategy.target),
        false => text,
    }
}

/// A file in the making: a head of comment lines, then sections with a blank line between them.
struct Module {
    head: Vec<String>,
    sections: Vec<proc_macro2::TokenStream>,
}

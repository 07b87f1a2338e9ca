//! `--precision`: the numbers that layers multiply.
//!
//! In: a name. Out: the same, if there is such a precision. Never: decides for which layers.

use mnetc::plan;

/// How layers multiply.
#[derive(clap::Args)]
pub(super) struct Precision {
    /// The numbers that pointwise layers multiply: f32; or bf16x3, each f32 as the sum of two bf16, in three products summed in
    /// f32, wherever that is faster with AMX; results of such layers are off by up to 5e-5 of their largest. The code runs
    /// everywhere, but gains from AMX alone
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) precision: plan::Precision,
}

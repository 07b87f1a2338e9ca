//! `--strips` and `--optimize`: the arguments of every verb that plans a network.
//!
//! In: words. Out: what the plan is to be good at. Never: plans.

use mnetc::plan::{self, Precision};

/// What a plan is to be good at.
#[derive(Clone, Copy, clap::Args)]
pub(super) struct Strategy {
    /// Which layers run in strips, a few rows at a time, with the maps between them never whole
    #[arg(long, value_enum, default_value_t = Strips::Auto)]
    strips: Strips,
    /// What counts most
    #[arg(long, value_enum, default_value_t = Optimize::Speed)]
    optimize: Optimize,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Strips {
    /// Those that gain from it
    Auto,
    /// None
    Off,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Optimize {
    /// The time of an inference: strips where maps do not fit the cache
    Speed,
    /// The arena: the quickest plan among those with the smallest
    Ram,
}

impl Strategy {
    /// Every map is whole, and every layer's result can be seen.
    pub(super) const fn whole(precision: Precision) -> plan::Strategy {
        plan::Strategy {
            strips: plan::Strips::Off,
            optimize: plan::Optimize::Speed,
            precision,
        }
    }

    /// As plans have it, with the precision that is asked for.
    pub(super) const fn of_plan(self, precision: Precision) -> plan::Strategy {
        plan::Strategy {
            strips: match self.strips {
                Strips::Auto => plan::Strips::Auto,
                Strips::Off => plan::Strips::Off,
            },
            optimize: match self.optimize {
                Optimize::Speed => plan::Optimize::Speed,
                Optimize::Ram => plan::Optimize::Ram,
            },
            precision,
        }
    }
}

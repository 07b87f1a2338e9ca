//! `--target`, `--optimize`, `--strips`, `--precision`: what a plan is to be good at.
//!
//! In: words. Out: a strategy as plans have it. Never: plans.

use super::Failure;
use mnetc::plan::{self, Precision, Strategy, Target};

/// The arguments of every verb that runs what it compiles, on this machine.
#[derive(Clone, Copy, clap::Args)]
pub(super) struct Goals {
    /// Which layers run in strips, a few rows at a time, with the maps between them never whole
    #[arg(long, value_enum, default_value_t = Strips::Auto)]
    strips: Strips,
    /// What counts most [default: ram for a Cortex-M, else speed]
    #[arg(long, value_enum)]
    optimize: Option<Optimize>,
    #[command(flatten)]
    multiply: Multiply,
}

/// How layers multiply: all that a blob depends on.
#[derive(Clone, Copy, clap::Args)]
pub(super) struct Multiply {
    /// The numbers that layers multiply: f32; or bf16x3, in pointwise layers each f32 as the sum of two bf16, in three products
    /// summed in f32, wherever that is faster with AMX; in linear layers and squeeze-and-excites f32, with weights of 24 bits. A
    /// layer by itself is then off by up to 5e-5 of its largest result, and layers add up: maps inside V2 by up to 1e-3, outputs
    /// by some 4e-5. The code runs everywhere, but pointwise layers gain from AMX alone
    #[arg(long, value_name = "NAME", default_value_t)]
    precision: Precision,
}

/// The arguments of every verb that plans for machines of any kind.
#[derive(Clone, Copy, clap::Args)]
pub(super) struct Planned {
    /// The machines to compile for: any; or x86-64, aarch64, wasm or cortex-m, without what such machines can never use. A
    /// blob of weights serves all
    #[arg(long, value_name = "NAME", default_value_t)]
    target: Target,
    #[command(flatten)]
    goals: Goals,
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

impl Multiply {
    /// The strategy that a blob is packed for.
    pub(super) fn strategy(self) -> Strategy {
        Strategy {
            precision: self.precision,
            ..Strategy::default()
        }
    }
}

impl Goals {
    /// The numbers that layers multiply.
    pub(super) const fn precision(self) -> Precision {
        self.multiply.precision
    }

    /// As plans have it.
    pub(super) fn strategy(self) -> Strategy {
        self.on(Target::Any)
    }

    /// The same, but each layer done in one go.
    pub(super) fn without_strips(self) -> Strategy {
        Strategy {
            strips: plan::Strips::Off,
            ..self.strategy()
        }
    }

    /// The same, but every layer's result is a whole map that can be seen.
    pub(super) fn whole(self) -> Strategy {
        Strategy {
            squeeze: plan::Squeeze::Whole,
            ..self.without_strips()
        }
    }

    fn on(self, target: Target) -> Strategy {
        Strategy {
            target,
            strips: match self.strips {
                Strips::Auto => plan::Strips::Auto,
                Strips::Off => plan::Strips::Off,
            },
            optimize: match self.optimize {
                None => target.optimize(),
                Some(Optimize::Speed) => plan::Optimize::Speed,
                Some(Optimize::Ram) => plan::Optimize::Ram,
            },
            precision: self.precision(),
            squeeze: plan::Squeeze::Folded,
        }
    }
}

impl Planned {
    /// As plans have it, for this many threads.
    pub(super) fn strategy(self, threads: usize) -> Result<Strategy, Failure> {
        let strategy = self.goals.on(self.target);
        let checked = self.target.check(strategy.precision, threads);
        checked.map_err(Failure::Usage)?;
        Ok(strategy)
    }
}

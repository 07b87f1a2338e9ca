//! Machines that a network is compiled for, where one choice does not serve all.
//!
//! In: a name. Out: what is chosen for such machines where nobody says otherwise, and what they can never use. Never: changes
//! what is computed, or how weights are packed: one blob serves every target.

use super::{Optimize, Precision, Strategy};
use mnetc_runtime::LevelId;
use std::fmt;
use std::str::FromStr;

/// A kind of machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Whatever the code is built for.
    #[default]
    Any,
    /// x86-64: the CPU is asked for AVX2, AVX-512 and AMX.
    X86_64,
    /// 64-bit Arm, with NEON.
    Aarch64,
    /// WebAssembly, with `simd128` where it is built with it.
    Wasm,
    /// A microcontroller with a Cortex-M: a little memory, and one core.
    CortexM,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Any,
        Self::X86_64,
        Self::Aarch64,
        Self::Wasm,
        Self::CortexM,
    ];

    /// As flags write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::X86_64 => "x86-64",
            Self::Aarch64 => "aarch64",
            Self::Wasm => "wasm",
            Self::CortexM => "cortex-m",
        }
    }

    /// As people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Any => "any machine",
            Self::X86_64 => "x86-64",
            Self::Aarch64 => "64-bit Arm",
            Self::Wasm => "WebAssembly",
            Self::CortexM => "a Cortex-M",
        }
    }

    /// What counts there, where nobody says what does: RAM on a microcontroller, else time.
    pub const fn optimize(self) -> Optimize {
        match self {
            Self::Any | Self::X86_64 | Self::Aarch64 | Self::Wasm => Optimize::Speed,
            Self::CortexM => Optimize::Ram,
        }
    }

    /// The plan such machines get, where nobody says otherwise.
    pub fn strategy(self) -> Strategy {
        Strategy {
            target: self,
            optimize: self.optimize(),
            ..Strategy::default()
        }
    }

    /// The level that every such machine has, where there is no better one to ask for.
    pub const fn level(self) -> Option<LevelId> {
        match self {
            Self::Any | Self::X86_64 => None,
            Self::Aarch64 => Some(LevelId::Neon),
            Self::Wasm => Some(LevelId::Simd128),
            Self::CortexM => Some(LevelId::Scalar),
        }
    }

    /// The value of `target_arch` there, if it is one.
    pub const fn arch(self) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::X86_64 => Some("x86_64"),
            Self::Aarch64 => Some("aarch64"),
            Self::Wasm => Some("wasm32"),
            Self::CortexM => Some("arm"),
        }
    }

    const fn has_threads(self) -> bool {
        matches!(self, Self::Any | Self::X86_64 | Self::Aarch64)
    }

    /// Refuses what such machines can never use.
    ///
    /// # Errors
    /// What is asked for and why it is of no use there.
    pub fn check(self, precision: Precision, threads: usize) -> Result<(), String> {
        if threads > 1 && !self.has_threads() {
            return Err(format!(
                "{self} has one thread, so no inference is shared among {threads}"
            ));
        }
        if precision == Precision::Bf16x3 && self.level().is_some() {
            return Err(format!("{self} has no AMX, which {precision} is for"));
        }
        Ok(())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|target| target.name() == text);
        named.ok_or_else(|| {
            format!(
                "a target is one of {}",
                Self::ALL.map(Self::name).join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for target in Target::ALL {
            assert_eq!(target.to_string().parse(), Ok(target));
        }
        let expected = "a target is one of any, x86-64, aarch64, wasm, cortex-m";
        assert_eq!("arm".parse::<Target>(), Err(expected.to_owned()));
    }

    #[test]
    fn what_is_of_no_use_is_refused() {
        use Precision::{Bf16x3, F32};
        for (target, precision, threads, is_fine) in [
            (Target::Any, Bf16x3, 4, true),
            (Target::X86_64, Bf16x3, 4, true),
            (Target::Aarch64, F32, 4, true),
            (Target::Aarch64, Bf16x3, 1, false),
            (Target::Wasm, F32, 1, true),
            (Target::Wasm, F32, 2, false),
            (Target::CortexM, F32, 0, true),
            (Target::CortexM, F32, 2, false),
            (Target::CortexM, Bf16x3, 1, false),
        ] {
            let checked = target.check(precision, threads);
            assert_eq!(
                checked.is_ok(),
                is_fine,
                "{target} {precision} {threads}: {checked:?}"
            );
        }
    }
}

//! `--level`: an instruction set of this machine.
//!
//! In: a name. Out: the same, if the machine has it. Never: runs anything.

use super::Failure;
use mnetc::diag::{Code, Diagnostic};
use mnetc::plan::Precision;
use mnetc_runtime::AnyLevel;

/// The names of this machine's levels, slow ones first.
pub(super) fn all(precision: Precision) -> impl Iterator<Item = &'static str> {
    // Nothing but split layers gains from AMX, so networks in f32 do not ask for it.
    let amx = (precision == Precision::Bf16x3).then(AnyLevel::amx);
    AnyLevel::available()
        .chain(amx.flatten())
        .map(AnyLevel::name)
}

/// The level of this name; without one, the best.
pub(super) fn named(name: Option<&str>, precision: Precision) -> Result<&'static str, Failure> {
    let Some(name) = name else {
        return Ok(match precision {
            Precision::F32 => AnyLevel::detect().name(),
            Precision::Bf16x3 => AnyLevel::detect_with_amx().name(),
        });
    };
    all(precision).find(|level| *level == name).ok_or_else(|| {
        let message = format!("this machine has no instruction set `{name}`");
        let help = format!("it has {}", all(precision).collect::<Vec<_>>().join(", "));
        Diagnostic::error(Code::Setting, message).help(help).into()
    })
}

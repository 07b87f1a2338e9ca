//! `--level`: an instruction set of this machine.
//!
//! In: a name. Out: the same, if the machine has it. Never: runs anything.

use super::Failure;
use mnetc::diag::{Code, Diagnostic};
use mnetc_runtime::AnyLevel;

/// The names of this machine's levels, slow ones first.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    AnyLevel::available().map(AnyLevel::name)
}

/// The level of this name; without one, the best.
pub(super) fn named(name: Option<&str>) -> Result<&'static str, Failure> {
    let Some(name) = name else {
        return Ok(AnyLevel::detect().name());
    };
    all().find(|level| *level == name).ok_or_else(|| {
        let message = format!("this machine has no instruction set `{name}`");
        let help = format!("it has {}", all().collect::<Vec<_>>().join(", "));
        Diagnostic::error(Code::Setting, message).help(help).into()
    })
}

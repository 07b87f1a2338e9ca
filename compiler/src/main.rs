//! `mnetc`: MobileNets, as tables, into Rust.
//!
//! In: arguments. Out: an exit code: 0 done, 1 the input is at fault, 2 the command line is. Never: decides anything
//! about a network; that is the library's.
#![forbid(unsafe_code)]

mod cli;
mod harness;

fn main() -> std::process::ExitCode {
    cli::main()
}

//! `mnetc completions`: what shells need to complete `mnetc`.

use super::{Cli, Failure, terminal};
use clap::CommandFactory;
use clap_complete::Shell;

/// Print a script that lets a shell complete mnetc's arguments
#[derive(clap::Args)]
#[command(after_help = "Examples:
  mnetc completions bash > ~/.local/share/bash-completion/completions/mnetc
  mnetc completions zsh > ~/.zfunc/_mnetc
  mnetc completions fish > ~/.config/fish/completions/mnetc.fish")]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "mnetc", &mut script);
    terminal::print(script)
}

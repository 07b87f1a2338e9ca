//! `mnetc man`: the manual pages, for packagers.

use super::{Cli, Failure, outputs};
use clap::CommandFactory;
use clap_mangen::Man;
use std::path::PathBuf;

/// Write the manual pages: mnetc.1, and mnetc-VERB.1 for every verb
#[derive(clap::Args)]
pub(super) struct Args {
    /// The folder they go to
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mut command = Cli::command().disable_help_subcommand(true);
    // Verbs get the names under which they are looked up: mnetc-check.
    command.build();
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let pages = std::iter::once(&command).chain(verbs).map(|command| {
        let page = Man::new(command.clone());
        let mut text = Vec::new();
        let rendered = page.render(&mut text);
        rendered.expect("a vector can be written to");
        (args.folder.join(page.get_filename()), text)
    });
    outputs::write(pages.collect(), &[])
}

//! `mnetc man`: the manual pages, for packagers.

use super::outputs::Outputs;
use super::{Cli, Failure};
use clap::{Command, CommandFactory};
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
    command.build();
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let mut pages = Outputs::beside([]);
    for (name, page) in std::iter::once(("mnetc".to_owned(), command.clone())).chain(verbs.map(verb)) {
        let mut text = Vec::new();
        let rendered = clap_mangen::Man::new(page).render(&mut text);
        rendered.expect("a vector can be written to");
        pages.add(&args.folder.join(format!("{name}.1")), text)?;
    }
    pages.commit()
}

/// A verb as a command of its own: `mnetc-check`.
fn verb(verb: &Command) -> (String, Command) {
    let name = format!("mnetc-{}", verb.get_name());
    (name.clone(), verb.clone().name(name))
}

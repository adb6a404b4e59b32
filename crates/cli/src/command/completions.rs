//! `driftlab completions`.

use crate::output::say;
use crate::status::Status;
use clap::CommandFactory;
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  driftlab completions bash > ~/.local/share/bash-completion/completions/driftlab
  driftlab completions zsh > ~/.zfunc/_driftlab
  driftlab completions fish > ~/.config/fish/completions/driftlab.fish";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The shell.
    shell: Shell,
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut crate::arguments::Arguments::command(),
        "driftlab",
        &mut script,
    );
    say(&String::from_utf8_lossy(&script))
}

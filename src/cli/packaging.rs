//! `rdpwhy completions` and `rdpwhy man`: what packagers install beside the program.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, Console, Exit, Failure, output};

/// Prints the completions of a shell
///
/// For bash: rdpwhy completions bash > ~/.local/share/bash-completion/completions/rdpwhy
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Prints the manual page, or writes one for each command
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write `rdpwhy.1` and a page for each command to a folder; made where it is missing
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,
}

/// Prints completions.
pub(super) fn completions(args: &CompletionsArgs, console: &Console) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rdpwhy", &mut script);
    output::to_stdout(console.stdout_color(), |out| Ok(out.write_all(&script)?))?;
    Ok(Exit::Done)
}

/// Prints or writes manual pages.
pub(super) fn man(args: &ManArgs, console: &Console) -> Result<Exit, Failure> {
    match &args.out {
        Some(folder) => {
            fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
                .with_context(|| format!("cannot write to `{}`", folder.display()))?;
        }
        None => {
            let mut page = Vec::new();
            let man = clap_mangen::Man::new(Cli::command());
            man.render(&mut page).context("cannot write the manual page")?;
            output::to_stdout(console.stdout_color(), |out| Ok(out.write_all(&page)?))?;
        }
    }
    Ok(Exit::Done)
}

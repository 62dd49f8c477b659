//! `rdpwhy rules`: the knowledge base.

mod lint;
mod test;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Console, Exit, Failure};

/// Looks after the knowledge base
#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    Lint(lint::LintArgs),
    Test(test::TestArgs),
}

/// Where rules come from.
#[derive(Debug, Args)]
struct Source {
    /// Use the rules and cases of a folder over the built-in ones of the same id
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    rules: Option<PathBuf>,
}

/// How to write an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text for people
    #[default]
    Terminal,
    /// One JSON object
    Json,
}

/// Runs the command.
pub(super) fn run(args: &RulesArgs, console: &Console) -> Result<Exit, Failure> {
    match &args.command {
        RulesCommand::Lint(args) => lint::run(args, console),
        RulesCommand::Test(args) => test::run(args, console),
    }
}

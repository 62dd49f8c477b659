//! `rdpwhy rules`: the knowledge base.

mod doc;
mod lint;
mod list;
mod new;
mod schema;
mod show;
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
    List(list::ListArgs),
    Show(show::ShowArgs),
    Lint(lint::LintArgs),
    Test(test::TestArgs),
    New(new::NewArgs),
    Doc(doc::DocArgs),
    Schema(schema::SchemaArgs),
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
        RulesCommand::List(args) => list::run(args, console),
        RulesCommand::Show(args) => show::run(args, console),
        RulesCommand::New(args) => new::run(args, console),
        RulesCommand::Schema(args) => schema::run(args, console),
        RulesCommand::Doc(args) => doc::run(args, console),
        RulesCommand::Lint(args) => lint::run(args, console),
        RulesCommand::Test(args) => test::run(args, console),
    }
}

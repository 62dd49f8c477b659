//! The command line: reads arguments, runs a command, maps the outcome to an exit code.
//!
//! The only place that prints, reads the environment or exits. One file holds one command:
//! its arguments and a `run` that returns an [`Exit`] or a [`Failure`].

mod analyze;
mod archives;
mod attempts;
mod case;
mod collect;
mod console;
mod diff;
mod exit;
mod explain;
mod failure;
pub mod forge;
mod help;
mod inventory;
mod knowledge;
pub mod lookup;
mod moment;
mod output;
mod packaging;
mod panics;
mod progress;
mod rules;
mod spare;
mod timeline;
mod usage;
mod why_not;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use analyze::AnalyzeArgs;
pub use archives::ArchiveArgs;
pub use console::{ColorWhen, Console};
pub use exit::Exit;
pub use failure::Failure;
pub use output::Unfinished;
pub use progress::Progress;

/// Says why a Remote Desktop connection failed, from exported Windows event logs
///
/// Works offline, on any system, without configuration. Give it the logs of the machine that
/// is connected to, those of the client, or both: files, folders or archives.
#[derive(Debug, Parser)]
#[command(
    name = "rdpwhy",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    after_help = help::SHORT,
    after_long_help = help::long()
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    // `rdpwhy PATH…` is `rdpwhy analyze PATH…`. A file that is named like a command is given
    // as `./lookup` or after `--`.
    #[command(flatten)]
    analyze: AnalyzeArgs,
    #[command(flatten)]
    console: console::ConsoleArgs,
}

/// One variant for each command that exists.
#[derive(Debug, Subcommand)]
enum Command {
    Analyze(Box<AnalyzeArgs>),
    Attempts(Box<attempts::AttemptsArgs>),
    Timeline(Box<timeline::TimelineArgs>),
    Inventory(Box<inventory::InventoryArgs>),
    Diff(Box<diff::DiffArgs>),
    /// Says what a code means, decimal or hex, in any number space
    Lookup(lookup::LookupArgs),
    Explain(explain::ExplainArgs),
    Collect(collect::CollectArgs),
    Forge(forge::ForgeArgs),
    Rules(rules::RulesArgs),
    WhyNot(why_not::WhyNotArgs),
    Completions(packaging::CompletionsArgs),
    Man(packaging::ManArgs),
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    panics::install();
    // Errors of usage, help and version end here.
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::fail(&error),
    };
    let console = Console::new(&cli.console);
    let exit = match console.unfinished().clean_up_on_interrupt().and_then(|()| run(&cli, &console))
    {
        Ok(exit) => exit,
        Err(failure) => {
            console.fail(&failure);
            failure.exit
        }
    };
    exit.into()
}

fn run(cli: &Cli, console: &Console) -> Result<Exit, Failure> {
    match cli.command.as_ref() {
        None => {
            cli.analyze.case.refuse_command()?;
            analyze::run(&cli.analyze, console)
        }
        Some(Command::Analyze(args)) => analyze::run(args, console),
        Some(Command::Attempts(args)) => attempts::run(args, console),
        Some(Command::Timeline(args)) => timeline::run(args, console),
        Some(Command::Inventory(args)) => inventory::run(args, console),
        Some(Command::Diff(args)) => diff::run(args, console),
        Some(Command::Lookup(args)) => {
            output::to_stdout(console.stdout_color(), |out| lookup::run(args, out))?;
            Ok(Exit::Done)
        }
        Some(Command::Forge(args)) => {
            forge::run(args)?;
            Ok(Exit::Done)
        }
        Some(Command::Explain(args)) => explain::run(args, console),
        Some(Command::Collect(args)) => collect::run(args, console),
        Some(Command::Rules(args)) => rules::run(args, console),
        Some(Command::WhyNot(args)) => why_not::run(args, console),
        Some(Command::Completions(args)) => packaging::completions(args, console),
        Some(Command::Man(args)) => packaging::man(args, console),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn paths_alone_are_analyzed() {
        for line in
            [&["rdpwhy", "a", "b"][..], &["rdpwhy", "--all", "a"], &["rdpwhy", "--", "analyze"]]
        {
            let cli = Cli::try_parse_from(line).unwrap();
            assert!(cli.command.is_none() && !cli.analyze.case.paths.is_empty(), "{line:?}");
        }
        let cli =
            Cli::try_parse_from(["rdpwhy", "analyze", "a", "--color", "never", "-q"]).unwrap();
        assert!(matches!(cli.command, Some(Command::Analyze(args)) if args.case.paths.len() == 1));
    }
}

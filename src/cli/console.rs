//! The two streams of the process: results on stdout, all else on stderr.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};

use super::{Failure, Unfinished};
use crate::report::sanitize;

/// Columns of a page that is not shown on a terminal.
const PIPED_WIDTH: usize = 100;

/// When to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Arguments of every command.
#[derive(Debug, Args)]
pub(super) struct ConsoleArgs {
    /// When to use colors
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output",
        hide_possible_values = true,
        long_help = "When to use colors: auto, always or never\n\nAuto uses them on a terminal, unless NO_COLOR is set."
    )]
    color: ColorWhen,
    /// No progress and no warnings; errors are still shown
    #[arg(short, long, global = true, help_heading = "Output")]
    quiet: bool,
}

/// The streams, and how to use them.
#[derive(Debug)]
pub struct Console {
    color: ColorWhen,
    quiet: bool,
    unfinished: Unfinished,
}

impl Console {
    pub(super) fn new(args: &ConsoleArgs) -> Self {
        Self { color: args.color, quiet: args.quiet, unfinished: Unfinished::default() }
    }

    /// Streams of a run whose arguments are no command line.
    pub(super) fn colored(color: ColorWhen) -> Self {
        Self { color, quiet: false, unfinished: Unfinished::default() }
    }

    /// The output file in the making.
    pub const fn unfinished(&self) -> &Unfinished {
        &self.unfinished
    }

    /// Whether progress should be shown: somebody watches, and did not ask for silence.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Whether text for stdout, or for a file, should bear colors.
    pub fn wants_color(&self, to_file: bool) -> bool {
        match self.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => !to_file && self.stdout_color() != ColorChoice::Never,
        }
    }

    /// What stdout does with color codes: shows them, in the way of the terminal at hand, or
    /// strips them.
    pub fn stdout_color(&self) -> ColorChoice {
        match self.color {
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
            ColorWhen::Auto => AutoStream::choice(&io::stdout()),
        }
    }

    /// Columns of stdout; 100 when it is no terminal, so that pipes and files are the same
    /// everywhere.
    pub fn width(&self, to_file: bool) -> usize {
        if to_file || !io::stdout().is_terminal() {
            return PIPED_WIDTH;
        }
        // Some terminals do not know their width and say 0.
        let width = comfy_table::Table::new().width().filter(|width| *width > 0);
        width.map_or(PIPED_WIDTH, usize::from)
    }

    /// A remark about the run: `warning: …` on stderr.
    pub fn warn(&self, text: &str) {
        if !self.quiet {
            self.stderr("warning", AnsiColor::Yellow.on_default().bold(), &sanitize::line(text));
        }
    }

    /// Says on stderr why a command failed.
    pub(super) fn fail(&self, failure: &Failure) {
        let text = failure.to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
        self.stderr("error", AnsiColor::Red.on_default().bold(), &text);
    }

    /// Says something on stderr, styles and all.
    pub(super) fn tell(&self, text: &str) {
        let choice = match self.color {
            ColorWhen::Auto => ColorChoice::Auto,
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
        };
        // Nobody is left to be told that stderr is closed.
        drop(AutoStream::new(io::stderr(), choice).write_all(text.as_bytes()));
    }

    fn stderr(&self, label: &str, style: Style, text: &impl fmt::Display) {
        self.tell(&format!("{style}{label}{style:#}: {text}\n"));
    }
}

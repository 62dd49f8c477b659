//! Errors of usage, help and version, as clap words them.

use std::env;
use std::io::Write;
use std::process::ExitCode;

use anstream::adapter::strip_str;
use clap::ValueEnum as _;

use super::{ColorWhen, Console, Exit, Failure, output};
use crate::report::sanitize::{self, is_deceptive};

/// Prints what the arguments call for. An argument that an error repeats may come from anywhere,
/// a pasted line or a file name, and is made safe to show.
pub(super) fn fail(error: &clap::Error) -> ExitCode {
    let arguments: Vec<String> =
        env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let console = Console::colored(color(&arguments));
    let is_plain = !arguments.iter().any(|argument| argument.contains(is_deceptive));
    let text = if is_plain {
        error.render().ansi().to_string()
    } else {
        // The text with styles still has each argument to the letter.
        shown(&error.render().ansi().to_string(), &arguments)
    };
    if error.use_stderr() {
        console.tell(&text);
        return Exit::Usage.into();
    }
    let write = |out: &mut dyn Write| Ok(out.write_all(text.as_bytes())?);
    match output::to_stdout(console.stdout_color(), write) {
        Ok(_) => Exit::Done.into(),
        Err(error) => {
            let failure = Failure::from(error);
            console.fail(&failure);
            failure.exit.into()
        }
    }
}

/// When colors are asked for, in arguments that are no command line; the last word counts.
fn color(arguments: &[String]) -> ColorWhen {
    let mut asked = ColorWhen::default();
    let mut rest = arguments.iter().take_while(|argument| *argument != "--");
    while let Some(argument) = rest.next() {
        let when = match argument.strip_prefix("--color") {
            Some("") => rest.next().map(String::as_str),
            Some(value) => value.strip_prefix('='),
            None => None,
        };
        asked = when.and_then(|when| ColorWhen::from_str(when, false).ok()).unwrap_or(asked);
    }
    asked
}

/// The text without styles, and every argument in it one harmless line.
fn shown(text: &str, arguments: &[String]) -> String {
    let mut text = text.to_owned();
    for argument in arguments {
        let value = argument.split_once('=').map(|(_, value)| value);
        for part in [Some(argument.as_str()), value].into_iter().flatten() {
            if part.contains(is_deceptive) {
                text = text.replace(part, &sanitize::line(part));
            }
        }
    }
    let text = strip_str(&text).to_string();
    let lines: Vec<_> = text.lines().map(sanitize::line).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_asked_for_in_any_command_line() {
        for (line, when) in [
            ("case --color never --nonsense", ColorWhen::Never),
            ("--color=always --help", ColorWhen::Always),
            ("--color never --color=always", ColorWhen::Always),
            ("--color", ColorWhen::Auto),
            ("--color sometimes --colorful", ColorWhen::Auto),
            ("-- --color never", ColorWhen::Auto),
        ] {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(color(&arguments), when, "{line}");
        }
    }

    #[test]
    fn arguments_are_shown_in_one_line() {
        let argument = "--since=no\u{1b}[2J\u{9b}2J\nerror: two".to_owned();
        let text =
            "\u{1b}[1merror:\u{1b}[0m invalid value 'no\u{1b}[2J\u{9b}2J\nerror: two'\n\nmore\n";
        assert_eq!(
            shown(text, &[argument]),
            "error: invalid value 'no\\u{1b}[2J\\u{9b}2J\\u{a}error: two'\n\nmore\n"
        );
    }
}

//! Errors of usage, help and version, as clap words them.

use std::env;
use std::process::ExitCode;

use anstream::adapter::strip_str;
use anstream::{eprint, print};

use super::Exit;
use crate::report::sanitize::{self, is_deceptive};

/// Prints what the arguments call for. An argument that an error repeats may come from anywhere,
/// a pasted line or a file name, and is made safe to show.
pub(super) fn fail(error: &clap::Error) -> ExitCode {
    let arguments: Vec<String> =
        env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let is_plain = !arguments.iter().any(|argument| argument.contains(is_deceptive));
    let text = if is_plain {
        error.render().ansi().to_string()
    } else {
        // The text with styles still has each argument to the letter.
        shown(&error.render().ansi().to_string(), &arguments)
    };
    if error.use_stderr() {
        eprint!("{text}");
        Exit::Usage.into()
    } else {
        print!("{text}");
        Exit::Done.into()
    }
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

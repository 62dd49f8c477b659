//! What goes wrong in a command, as a person should read it.

use std::fmt;

use super::Exit;
use crate::report::sanitize;

/// An error with its exit code, and what to try next.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong, and what caused it.
    pub error: anyhow::Error,
    /// What to try.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure with that exit code.
    pub fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into(), hint: None }
    }

    /// A command line that makes no sense.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, anyhow::anyhow!("{message}"))
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Failed, error)
    }
}

/// `error: …`, a line `  caused by: …` for each source, `hint: …`. Names in it may come from
/// anywhere, so the text is made safe to show.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, cause) in self.error.chain().enumerate() {
            let label = if depth == 0 { "error" } else { "  caused by" };
            // Errors of rule documents show an excerpt in several lines.
            for (number, text) in cause.to_string().lines().enumerate() {
                match number {
                    0 => writeln!(f, "{label}: {}", sanitize::line(text))?,
                    _ => writeln!(f, "    {}", sanitize::line(text))?,
                }
            }
        }
        if let Some(hint) = &self.hint {
            writeln!(f, "hint: {}", sanitize::line(hint))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_and_hint_have_their_lines() {
        let error = anyhow::anyhow!("line 9: unknown field `evidance`\nin \u{1b}[2J")
            .context("cannot load rule `a.yml`");
        let failure = Failure::from(error).hint("did you mean `evidence`?");
        let shown = "error: cannot load rule `a.yml`\n  caused by: line 9: unknown field \
                     `evidance`\n    in \\u{1b}[2J\nhint: did you mean `evidence`?\n";
        assert_eq!(failure.to_string(), shown);
        assert_eq!(failure.exit, Exit::Failed);
    }
}

//! How a run ended, as the caller's shell sees it.

use std::process::ExitCode;

/// Exit codes; scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, with or without findings. A reader that closes the pipe early is no failure.
    Done = 0,
    /// Something broke while running, or tests of rules failed.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Nothing that was given can be read as an event log.
    NoInput = 3,
    /// Parts of the input were lost, and `--strict` was given. Goes before [`Self::FailOn`]:
    /// what was found then rests on half the evidence.
    InputLost = 4,
    /// A fault or attack at or above the band of `--fail-on` was found.
    FailOn = 10,
    /// Ctrl-C. No half-written file is left.
    Interrupted = 130,
}

impl Exit {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::NoInput,
        Self::InputLost,
        Self::FailOn,
        Self::Interrupted,
    ];

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means, in a few words, for the help.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, with or without findings",
            Self::Failed => "error while running",
            Self::Usage => "wrong usage",
            Self::NoInput => "no usable input",
            Self::InputLost => "input was lost, and --strict was given (whatever was found)",
            Self::FailOn => "--fail-on was reached",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

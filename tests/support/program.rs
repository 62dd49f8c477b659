//! The program, run as its users do.

use std::path::Path;
use std::process::{self, Output};

use assert_cmd::Command;

/// The program, in an environment that says nothing about colors.
pub(crate) fn program() -> Command {
    Command::from_std(bare_program())
}

/// The same, for who chooses its streams.
pub(crate) fn bare_program() -> process::Command {
    let mut command = process::Command::new(env!("CARGO_BIN_EXE_rdpwhy"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// Exit code, stdout and stderr of a run.
pub(crate) fn ended(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Has the program forge a scenario into logs.
pub(crate) fn forge(scenario: &Path, logs: &Path) {
    program().arg("forge").arg(scenario).arg("-o").arg(logs).assert().success();
}

//! What `--help` teaches beyond the options.

use std::fmt::Write as _;

use super::Exit;
use crate::model::MachineRole;
use crate::model::channel;

/// Below the short help.
pub(super) const SHORT: &str = "\
Example: rdpwhy case-folder
`rdpwhy --help` says which logs to bring, how to export them, and what the exit codes mean.";

/// Below the long help: examples, what to bring, exit codes.
pub(super) fn long() -> String {
    let mut text = String::from(
        "\
Examples:
  rdpwhy C:\\case                      why connections failed, from all logs in a folder
  rdpwhy System.evtx RdpCoreTS.evtx   the same from single logs
  rdpwhy case.zip                     the same from an archive, and from those in it
  rdpwhy case --user 'corp\\joe' --since 2026-03-04
  rdpwhy case --format json -o report.json
  rdpwhy case --fail-on likely -q     for scripts: exit code 10 when a fault was found

What to bring:
  From the machine that is connected to, in an elevated prompt:
",
    );
    exports(&mut text, MachineRole::Host);
    text.push_str("  From the machine that connects, if you can:\n");
    exports(&mut text, MachineRole::Client);
    text.push_str(
        "  \
  Fewer will do: the report names what could not be looked at for want of a log. File names do
  not matter, and logs of several machines may lie in one folder.

Exit codes:
",
    );
    for exit in Exit::ALL {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:<5}{}", exit.code(), exit.meaning());
    }
    text
}

fn exports(text: &mut String, role: MachineRole) {
    for channel in channel::core(&[role]) {
        // The role keeps the System logs of both ends apart when they meet in one folder.
        let file = format!("{role}-{}.evtx", channel::short(channel));
        let _ = writeln!(text, "    wevtutil epl {channel} {file}");
    }
}

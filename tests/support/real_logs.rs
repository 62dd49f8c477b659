//! Finds the real logs that some tests read. They are no part of the project.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The folder of the real logs, unpacked if need be; `None`, and a line that says so, where
/// they were not supplied.
#[expect(clippy::print_stderr, reason = "a test that tests nothing must say so")]
pub(crate) fn folder() -> Option<PathBuf> {
    // Once, or those who ask at the same time would unpack over what another one reads.
    static UNPACKED: LazyLock<Option<PathBuf>> = LazyLock::new(unpack);
    let folder = UNPACKED.clone();
    if folder.is_none() {
        eprintln!("SKIPPED: no real logs, {SCRIPT} does not exist");
    }
    folder
}

/// Unpacks them, seen from the project.
const SCRIPT: &str = "../shared/data/unpack.sh";

fn unpack() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join(SCRIPT);
    if !script.exists() {
        return None;
    }
    let folder = root.join("target/real-evtx");
    let status = Command::new("bash").arg(&script).arg(&folder).output().unwrap().status;
    assert!(status.success(), "{} failed", script.display());
    Some(folder)
}

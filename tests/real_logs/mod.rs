//! Finds the real logs that some tests read. They are no part of the project.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the real logs, unpacked if need be; `None`, and a line that says so, where
/// they were not supplied.
#[expect(clippy::print_stderr, reason = "a test that tests nothing must say so")]
pub(crate) fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let unpack = root.join("../shared/data/unpack.sh");
    let folder = root.join("target/real-evtx");
    if !unpack.exists() {
        eprintln!("SKIPPED: no real logs, {} does not exist", unpack.display());
        return None;
    }
    let status = Command::new("bash").arg(&unpack).arg(&folder).output().unwrap().status;
    assert!(status.success(), "{} failed", unpack.display());
    Some(folder)
}

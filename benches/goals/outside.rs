//! Runs of whole programs: how long, how much work, how much memory.

use std::fs;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::cost::{Cost, work_of_children};

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Cost {
    let before = work_of_children();
    let begun = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let wall = begun.elapsed().as_secs_f64();
    assert!(is_done(status.unwrap()), "{command:?} failed");
    Cost { wall, cpu: work_of_children() - before }
}

/// The most memory that a program had resident while it ran, in bytes; 0 where the system does
/// not tell.
pub(crate) fn peak(command: &mut Command) -> u64 {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (ended, peak) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            // The mark only rises, so that the last look is the one that counts.
            while !ended.load(Ordering::Relaxed) {
                let text = fs::read_to_string(&status).unwrap_or_default();
                let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
                let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
                peak.fetch_max(kib.unwrap_or(0) * 1024, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(1));
            }
        });
        let status = child.wait();
        ended.store(true, Ordering::Relaxed);
        assert!(is_done(status.unwrap()), "{command:?} failed");
    });
    peak.into_inner()
}

/// Whether a program came to its end; 3 is what rdpwhy says to logs that hold no record.
fn is_done(status: ExitStatus) -> bool {
    matches!(status.code(), Some(0 | 3))
}

//! Time and memory of one reading, and an end to what does not end.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a mutant may take on a busy machine before the run is given up.
const STUCK: u64 = 120;

/// What reading cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// On the processor, where the system tells; else on the clock.
    pub(crate) time: Duration,
    /// By how much the process grew at its peak, in KiB, where the system tells.
    pub(crate) memory: u64,
}

/// Watches the run.
#[derive(Debug)]
pub(crate) struct Watch(Arc<AtomicU64>);

impl Watch {
    /// Starts a thread that ends the process when a mutant is stuck.
    pub(crate) fn start() -> Self {
        let current = Arc::new(AtomicU64::new(u64::MAX));
        let watched = Arc::clone(&current);
        thread::spawn(move || {
            let (mut last, mut seconds) = (u64::MAX, 0);
            loop {
                thread::sleep(Duration::from_secs(1));
                let now = watched.load(Ordering::Relaxed);
                seconds = if now == last { seconds + 1 } else { 0 };
                last = now;
                if seconds >= STUCK && now != u64::MAX {
                    eprintln!("mutant {now} does not end");
                    std::process::abort();
                }
            }
        });
        Self(current)
    }

    pub(crate) fn next(&self, number: u64) {
        self.0.store(number, Ordering::Relaxed);
    }

    /// What an action costs, and what it gives.
    #[expect(clippy::unused_self, reason = "nothing is measured that is not watched")]
    pub(crate) fn measure<T>(&self, action: impl FnOnce() -> T) -> (Cost, T) {
        // Forgets the peak so far.
        drop(fs::write("/proc/self/clear_refs", "5"));
        let (before, begun, on_cpu) = (status("VmRSS:"), Instant::now(), on_cpu());
        let result = action();
        let time = match (on_cpu, self::on_cpu()) {
            (Some(from), Some(to)) => Duration::from_nanos(to.saturating_sub(from)),
            _ => begun.elapsed(),
        };
        let memory = status("VmHWM:").saturating_sub(before);
        (Cost { time, memory }, result)
    }
}

/// Nanoseconds that this thread was on a processor.
fn on_cpu() -> Option<u64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// A size of this process in KiB.
fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

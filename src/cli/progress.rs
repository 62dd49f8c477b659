//! Shows that work goes on, once it takes longer than a person likes to wait.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts what was read, from any thread, and draws it on stderr.
#[derive(Debug)]
pub struct Progress {
    started: Instant,
    bytes: AtomicU64,
    records: AtomicU64,
    bar: OnceLock<ProgressBar>,
    shown: bool,
}

impl Progress {
    /// Starts counting; draws only if `shown`.
    pub fn start(shown: bool) -> Self {
        let (bytes, records) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { started: Instant::now(), bytes, records, bar: OnceLock::new(), shown }
    }

    /// So much more was read.
    pub fn add(&self, bytes: u64, records: u64) {
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let records = self.records.fetch_add(records, Ordering::Relaxed) + records;
        if self.shown && self.started.elapsed() > PATIENCE {
            let bar = self.bar.get_or_init(draw);
            bar.set_position(bytes);
            bar.set_message(format!("{} records", HumanCount(records)));
        }
    }
}

fn draw() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("reading  {bytes}  {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The line disappears when the work is done.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_all_threads_and_draws_nothing_early() {
        let progress = Progress::start(true);
        std::thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| progress.add(10, 2));
            }
        });
        assert_eq!(progress.bytes.load(Ordering::Relaxed), 100);
        assert_eq!(progress.records.load(Ordering::Relaxed), 20);
        assert!(progress.bar.get().is_none());
    }
}

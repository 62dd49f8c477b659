//! How far two processors are from each other: what threads that work together pay, whatever the
//! program. It can differ by four times on one machine, and in a virtual one it was seen to change
//! within minutes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A number in a line of the cache that nothing else stands in.
#[repr(align(128))]
struct Line(AtomicU64);

/// How often the line goes there and back.
const TURNS: u64 = 100_000;
/// How long all of that may take.
const MOST: Duration = Duration::from_millis(500);
/// How often a processor looks whether the line came: for some 10 ms, in which a thread that was
/// begun on the same processor is moved to the other one.
const LOOKS: usize = 20_000_000;

/// How far they are now, for a list of what figures belong to.
pub(crate) fn told() -> String {
    apart().map_or_else(String::new, |apart| format!(", {apart} ns apart"))
}

/// Nanoseconds in which a line of the cache goes from one processor to another; `None` where there
/// is only one, or where one of two was busy with other things.
fn apart() -> Option<u64> {
    if thread::available_parallelism().map_or(1, usize::from) < 2 {
        return None;
    }
    let line = Line(AtomicU64::new(0));
    let begun = Instant::now();
    let passes_on = |number: u64| {
        let came = || line.0.load(Ordering::Acquire) == number;
        let is_due = number % 512 < 2 && begun.elapsed() > MOST;
        let passes = !is_due && (0..LOOKS).any(|_| came());
        if passes {
            line.0.store(number + 1, Ordering::Release);
        }
        passes
    };
    let turns = thread::scope(|side| {
        side.spawn(|| (0..TURNS).all(|turn| passes_on(2 * turn + 1)));
        (0..TURNS).take_while(|turn| passes_on(2 * turn)).count() as u64
    });
    let nanoseconds = u64::try_from(begun.elapsed().as_nanos()).ok()?;
    (turns == TURNS).then_some(nanoseconds / (2 * TURNS))
}

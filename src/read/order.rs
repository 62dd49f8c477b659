//! Runs jobs on many threads and hands on their results in the order of the jobs.
//!
//! Knows nothing about files. Only so many jobs are begun before the first of them is handed
//! on, so what waits is bounded, however fast the others are.

use std::collections::VecDeque;
use std::iter::Fuse;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Jobs that may be begun but not handed on, for each thread.
const AHEAD: usize = 4;

/// A thread that does jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thread {
    /// The one that results are handed on to.
    Calling,
    /// Any other.
    Helping,
}

/// Runs `work` on each of the `jobs` and hands the results to `sink`, one after the other on
/// the calling thread, which works too while nothing is due. `worker` makes what a thread keeps
/// from one job to the next, and is told for which. Threads are those of the current rayon pool.
pub(super) fn in_order<J: Send, W, R: Send>(
    jobs: impl Iterator<Item = J> + Send,
    worker: impl Fn(Thread) -> W + Sync,
    work: impl Fn(&mut W, J) -> R + Sync,
    mut sink: impl FnMut(R),
) {
    let threads = rayon::current_num_threads();
    let line = Line {
        state: Mutex::new(State {
            jobs: jobs.fuse(),
            begun: VecDeque::new(),
            first: 0,
            next: 0,
            waiting: 0,
            is_over: false,
        }),
        changed: Condvar::new(),
        most: threads * AHEAD,
    };
    rayon::in_place_scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| {
                let mut own = worker(Thread::Helping);
                while let Some((place, job)) = line.job() {
                    line.run(place, || work(&mut own, job));
                }
            });
        }
        // Nobody would wake the others if the sink panicked.
        let _guard = Panics(&line);
        let mut own = worker(Thread::Calling);
        loop {
            match line.due_or_job() {
                Some(Turn::Due(result)) => sink(result),
                Some(Turn::Job(place, job)) => line.run(place, || work(&mut own, job)),
                None => return,
            }
        }
    });
}

/// The jobs and their results, shared by all threads.
struct Line<I: Iterator, R> {
    state: Mutex<State<I, R>>,
    changed: Condvar,
    /// Jobs that may be begun and not handed on.
    most: usize,
}

struct State<I: Iterator, R> {
    jobs: Fuse<I>,
    /// The jobs begun and not handed on, in order, with the results of those that are done.
    begun: VecDeque<Option<R>>,
    /// Number of the first of them.
    first: usize,
    /// Number of the job that is begun next.
    next: usize,
    /// Threads that wait for a change.
    waiting: usize,
    /// No job is left, or one panicked.
    is_over: bool,
}

/// What the calling thread does next.
enum Turn<J, R> {
    Due(R),
    Job(usize, J),
}

impl<I: Iterator, R> State<I, R> {
    /// The next job and its number.
    fn begin(&mut self) -> Option<(usize, I::Item)> {
        let job = self.jobs.next();
        self.is_over |= job.is_none();
        let place = self.next;
        job.map(|job| {
            self.next += 1;
            self.begun.push_back(None);
            (place, job)
        })
    }

    /// The first result, if it is there.
    fn due(&mut self) -> Option<R> {
        let result = self.begun.front_mut()?.take()?;
        self.begun.pop_front();
        self.first += 1;
        Some(result)
    }
}

impl<I: Iterator, R> Line<I, R> {
    fn lock(&self) -> MutexGuard<'_, State<I, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, mut state: MutexGuard<'a, State<I, R>>) -> MutexGuard<'a, State<I, R>> {
        state.waiting += 1;
        let mut state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    /// Wakes those that wait, if any do: to ask the system costs as much as reading a record.
    fn wake(&self, state: &State<I, R>) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    /// A job for a helping thread; `None` when there is no more.
    fn job(&self) -> Option<(usize, I::Item)> {
        let mut state = self.lock();
        while !state.is_over {
            if state.begun.len() < self.most {
                return state.begin();
            }
            state = self.wait(state);
        }
        None
    }

    /// What the calling thread does next; `None` when all is handed on.
    fn due_or_job(&self) -> Option<Turn<I::Item, R>> {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.due() {
                self.wake(&state);
                return Some(Turn::Due(result));
            }
            if !state.is_over && state.begun.len() < self.most {
                if let Some((place, job)) = state.begin() {
                    return Some(Turn::Job(place, job));
                }
                self.wake(&state);
            }
            if state.begun.is_empty() {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// Does a job and puts its result in its place.
    fn run(&self, place: usize, work: impl FnOnce() -> R) {
        let panics = Panics(self);
        let result = work();
        drop(panics);
        let mut state = self.lock();
        let index = place.saturating_sub(state.first);
        if let Some(slot) = state.begun.get_mut(index) {
            *slot = Some(result);
        }
        self.wake(&state);
    }
}

/// Ends the line when the thread that holds it panics: its result will never come.
struct Panics<'l, I: Iterator, R>(&'l Line<I, R>);

impl<I: Iterator, R> Drop for Panics<'_, I, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            let Self(line) = self;
            let mut state = line.lock();
            state.is_over = true;
            state.begun.clear();
            line.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// Runs jobs of uneven length; returns the results as they came.
    fn run(threads: usize, jobs: usize) -> Vec<usize> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (begun, mut handed_on) = (AtomicUsize::new(0), 0);
        let mut results = Vec::new();
        let work = |(): &mut (), job: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_micros(if job.is_multiple_of(7) { 900 } else { 30 }));
            job * 2
        };
        pool.install(|| {
            in_order(
                0..jobs,
                |_| (),
                work,
                |result| {
                    results.push(result);
                    handed_on += 1;
                    assert!(begun.load(Ordering::SeqCst) <= handed_on + threads * AHEAD);
                },
            );
        });
        results
    }

    #[test]
    fn results_come_in_order_and_few_wait() {
        for threads in [1, 2, 7] {
            for jobs in [0, 1, 5, 200] {
                let expected: Vec<usize> = (0..jobs).map(|job| job * 2).collect();
                assert_eq!(run(threads, jobs), expected, "{threads} threads");
            }
        }
    }

    #[test]
    fn a_panic_is_passed_on() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        for (bad_job, bad_result) in [(Some(50), None), (None, Some(50))] {
            let work = |(): &mut (), job: usize| {
                assert_ne!(Some(job), bad_job);
                job
            };
            let run = || in_order(0..99, |_| (), work, |job| assert_ne!(Some(job), bad_result));
            let outcome = catch_unwind(AssertUnwindSafe(|| pool.install(run)));
            assert!(outcome.is_err());
        }
    }
}

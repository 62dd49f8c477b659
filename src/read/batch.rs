//! What is kept of a span, and lists for it that are used again.
//!
//! A batch is made by one thread and taken by another. Lists that grew once are filled again: fresh
//! ones would be fresh memory each time, which costs more than what is written to it. But memory
//! that another processor has read has to be got back from it before it is written. Where the two
//! are far apart that takes as long as all else that is done with a record, if it is done record by
//! record. So a helping thread fills lists that stay with it, and hands on a copy: in one go much of
//! the memory is got back at once.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::aside::Shelf;
use super::order::Thread;

/// A list of what is kept, in the order of the records: a [`Vec`], or whatever suits the selection.
pub trait List: Default + Send {
    /// What is kept of a record.
    type Item;

    /// Adds what is kept of the next record.
    fn push(&mut self, kept: Self::Item);

    /// How many are in it.
    fn len(&self) -> usize;

    /// Takes out all but the first ones.
    fn truncate(&mut self, len: usize);

    /// Moves all of another list into this one, which is empty.
    fn take_over(&mut self, other: &mut Self);

    /// Bytes that it has room for.
    fn capacity(&self) -> usize;

    /// Whether nothing is in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K: Send> List for Vec<K> {
    type Item = K;

    fn push(&mut self, kept: K) {
        self.push(kept);
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn truncate(&mut self, len: usize) {
        self.truncate(len);
    }

    fn take_over(&mut self, other: &mut Self) {
        self.append(other);
    }

    fn capacity(&self) -> usize {
        self.capacity() * size_of::<K>()
    }
}

/// What was kept of a span.
#[derive(Debug, Default)]
pub struct Batch<L> {
    /// In the order of the records.
    pub kept: L,
    /// Where those records stand that were laid aside.
    pub shelf: Shelf,
}

/// Bytes of lists that are used again, far more than an ordinary span needs.
const MOST: usize = 1 << 20;

impl<L: List> Batch<L> {
    /// Moves all of another batch into this one, which is empty.
    fn take_over(&mut self, other: &mut Self) {
        self.kept.take_over(&mut other.kept);
        self.shelf.take_over(&mut other.shelf);
    }

    /// Its lists without what is in them; new ones in place of those that are too large.
    fn emptied(mut self) -> Self {
        let Self { kept, shelf } = &mut self;
        kept.truncate(0);
        shelf.clear();
        if kept.capacity() + shelf.capacity() <= MOST { self } else { Self::default() }
    }
}

/// Batches that were taken, to be filled again. There are never more than are begun at once.
#[derive(Debug)]
pub(super) struct Spare<L> {
    /// Those that the calling thread fills, which takes them itself.
    calling: Mutex<Vec<Batch<L>>>,
    /// Those that helping threads hand on.
    helping: Mutex<Vec<Batch<L>>>,
}

impl<L> Default for Spare<L> {
    fn default() -> Self {
        Self { calling: Mutex::default(), helping: Mutex::default() }
    }
}

impl<L: List> Spare<L> {
    fn of(&self, thread: Thread) -> MutexGuard<'_, Vec<Batch<L>>> {
        let spare = match thread {
            Thread::Calling => &self.calling,
            Thread::Helping => &self.helping,
        };
        spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An empty batch for that thread, the last one that was put back.
    fn get(&self, thread: Thread) -> Batch<L> {
        self.of(thread).pop().unwrap_or_default()
    }

    /// Puts a batch of that thread back.
    pub(super) fn put(&self, thread: Thread, batch: Batch<L>) {
        let batch = batch.emptied();
        self.of(thread).push(batch);
    }
}

/// The batches that one thread fills.
#[derive(Debug)]
pub(super) struct Own<L> {
    /// Which thread.
    pub(super) thread: Thread,
    /// What stays with a helping thread.
    stays: Batch<L>,
}

impl<L: List> Own<L> {
    /// None yet.
    pub(super) fn of(thread: Thread) -> Self {
        Self { thread, stays: Batch::default() }
    }

    /// An empty batch, to be filled by this thread.
    pub(super) fn begin(&mut self, spare: &Spare<L>) -> Batch<L> {
        match self.thread {
            Thread::Calling => spare.get(self.thread),
            Thread::Helping => mem::take(&mut self.stays),
        }
    }

    /// The batch to be handed on, with all that is in the one that was filled.
    pub(super) fn end(&mut self, mut filled: Batch<L>, spare: &Spare<L>) -> Batch<L> {
        if self.thread == Thread::Calling {
            return filled;
        }
        let mut handed_on = spare.get(self.thread);
        handed_on.take_over(&mut filled);
        self.stays = filled.emptied();
        handed_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the list of a batch stands.
    fn place(batch: &Batch<Vec<u64>>) -> usize {
        batch.kept.as_ptr().addr()
    }

    /// A batch that was filled by that thread, where it stood, and what is handed on.
    fn turn(own: &mut Own<Vec<u64>>, spare: &Spare<Vec<u64>>) -> (usize, Batch<Vec<u64>>) {
        let mut batch = own.begin(spare);
        assert!(batch.kept.is_empty());
        batch.kept.extend(0..100);
        (place(&batch), own.end(batch, spare))
    }

    #[test]
    fn lists_of_a_helping_thread_stay_with_it() {
        let spare = Spare::default();
        let mut own = Own::of(Thread::Helping);
        let (first, handed_on) = turn(&mut own, &spare);
        assert_eq!(handed_on.kept, Vec::from_iter(0..100));
        let second = place(&handed_on);
        assert_ne!(first, second);
        spare.put(own.thread, handed_on);
        let (again, handed_on) = turn(&mut own, &spare);
        assert_eq!((again, place(&handed_on)), (first, second));
    }

    #[test]
    fn the_calling_thread_takes_what_it_filled() {
        let spare = Spare::default();
        let mut own = Own::of(Thread::Calling);
        let (first, handed_on) = turn(&mut own, &spare);
        assert_eq!((place(&handed_on), handed_on.kept.len()), (first, 100));
        spare.put(own.thread, handed_on);
        assert_eq!(turn(&mut own, &spare).0, first);
        assert!(spare.of(Thread::Helping).is_empty());
    }

    #[test]
    fn lists_that_are_too_large_are_given_up() {
        let large = Batch { kept: Vec::<u64>::with_capacity(MOST), ..Batch::default() };
        assert_eq!(large.emptied().kept.capacity(), 0);
    }
}

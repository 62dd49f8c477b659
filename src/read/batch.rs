//! What is kept of a span, and lists for it that are used again.
//!
//! A batch is made by one thread and taken by another. Lists that grew once are filled again: fresh
//! ones would be fresh memory each time, which costs more than what is written to it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::aside::Shelf;

/// What was kept of a span.
#[derive(Debug)]
pub struct Batch<K> {
    /// In the order of the records.
    pub kept: Vec<K>,
    /// Where those records stand that were laid aside.
    pub shelf: Shelf,
}

impl<K> Default for Batch<K> {
    fn default() -> Self {
        Self { kept: Vec::new(), shelf: Shelf::default() }
    }
}

/// Bytes of lists that are used again, far more than an ordinary span needs.
const MOST: usize = 1 << 20;

/// Batches that were taken, to be filled again. There are never more than are begun at once.
#[derive(Debug)]
pub(super) struct Spare<K>(Mutex<Vec<Batch<K>>>);

impl<K> Default for Spare<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K> Spare<K> {
    fn lock(&self) -> MutexGuard<'_, Vec<Batch<K>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An empty batch, the last one that was put back.
    pub(super) fn get(&self) -> Batch<K> {
        self.lock().pop().unwrap_or_default()
    }

    /// Puts a batch back, without what is left in it.
    pub(super) fn put(&self, mut batch: Batch<K>) {
        let Batch { kept, shelf } = &mut batch;
        kept.clear();
        shelf.clear();
        if kept.capacity() * size_of::<K>() + shelf.capacity() <= MOST {
            self.lock().push(batch);
        }
    }
}

//! A memory of fixed size: each key has one place, which it takes from what stood there.
//!
//! Nothing is thrown out to make room and nothing grows, so that keys which never come again cost
//! a comparison and a copy of their bytes.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

/// Places.
pub(super) const PLACES: usize = 4096;

/// What was remembered last at each place.
#[derive(Debug)]
pub(super) struct Recent<V> {
    /// By place, the number of its slot, counted from 1; empty until something is remembered.
    /// So a run that remembers little touches little memory.
    numbers: Vec<u16>,
    slots: Vec<Slot<V>>,
    state: RandomState,
}

#[derive(Debug)]
struct Slot<V> {
    /// What the key belongs to.
    owner: u64,
    key: Vec<u8>,
    value: V,
}

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Self { numbers: Vec::new(), slots: Vec::new(), state: RandomState::default() }
    }
}

impl<V: Clone> Recent<V> {
    /// What is remembered by the key of that owner, else what `find` finds, and whether that had
    /// to be found. `last` is the place that the owner was told of before.
    pub(super) fn recall(
        &mut self,
        last: &mut usize,
        owner: u64,
        key: &[u8],
        find: impl FnOnce() -> V,
    ) -> (V, bool) {
        if let Some(value) = self.at(*last, owner, key) {
            return (value, false);
        }
        *last = self.place(owner, key);
        if let Some(value) = self.at(*last, owner, key) {
            return (value, false);
        }
        let value = find();
        self.enter(*last, owner, key, value.clone());
        (value, true)
    }

    /// What is remembered by the key of that owner, else the place where that belongs.
    pub(super) fn known(&mut self, owner: u64, key: &[u8]) -> Result<V, usize> {
        let place = self.place(owner, key);
        self.at(place, owner, key).ok_or(place)
    }

    /// The place of a key.
    fn place(&mut self, owner: u64, key: &[u8]) -> usize {
        if self.numbers.is_empty() {
            self.numbers = vec![0; PLACES];
        }
        let hash = self.state.hash_one(key) ^ owner.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        usize::try_from((hash ^ hash >> 32) % PLACES as u64).unwrap_or_default()
    }

    /// What is remembered at a place, if it is by that key.
    fn at(&self, place: usize, owner: u64, key: &[u8]) -> Option<V> {
        let slot = self.slots.get(self.slot(place)?)?;
        (slot.owner == owner && slot.key == key).then(|| slot.value.clone())
    }

    /// Remembers a value at that place.
    pub(super) fn enter(&mut self, place: usize, owner: u64, own: &[u8], value: V) {
        if let Some(slot) = self.slot(place).and_then(|slot| self.slots.get_mut(slot)) {
            (slot.owner, slot.value) = (owner, value);
            slot.key.clear();
            slot.key.extend_from_slice(own);
        } else if let Some(number) = self.numbers.get_mut(place) {
            self.slots.push(Slot { owner, key: own.to_vec(), value });
            *number = u16::try_from(self.slots.len()).unwrap_or_default();
        }
    }

    /// The position of the slot of a place, if it has one.
    fn slot(&self, place: usize) -> Option<usize> {
        usize::from(*self.numbers.get(place)?).checked_sub(1)
    }

    /// The keys that are remembered.
    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.slots.iter().map(|slot| slot.key.as_slice())
    }
}

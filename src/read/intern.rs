//! One copy of each text that records repeat: machines, channels, providers, field names.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::binxml::{Name, Raw, push_utf16};
use crate::model::FieldNames;

/// Bytes of one store before all that it holds is forgotten. Forgetting costs sharing, never
/// correctness, and hostile logs cannot fill the memory with names.
const MOST: usize = 1 << 20;
/// Bytes in the longest text worth keeping.
const LONGEST: usize = 1024;
/// Bytes that an entry takes beside its texts.
const ENTRY: usize = 64;

/// How many bytes a store takes.
#[derive(Debug, Default)]
struct Size(usize);

impl Size {
    /// Adds an entry with so many bytes of text. `false` where all others have to go first.
    const fn admits(&mut self, bytes: usize) -> bool {
        let Self(size) = self;
        let fits = *size + bytes + ENTRY <= MOST;
        *size = if fits { *size } else { 0 } + bytes + ENTRY;
        fits
    }
}

/// The sizes of the stores.
#[derive(Debug, Default)]
struct Sizes {
    texts: Size,
    by_utf16: Size,
    names: Size,
    lists: Size,
}

/// The shared texts of one worker.
#[derive(Debug, Default)]
pub(super) struct Interner {
    texts: HashSet<Arc<str>, RandomState>,
    by_utf16: HashMap<Box<[u8]>, Arc<str>, RandomState>,
    sizes: Sizes,
    /// The names of elements and attributes, as UTF-16LE.
    names: HashMap<Box<[u8]>, Name, RandomState>,
    /// The names of the fields of payloads.
    lists: HashSet<FieldNames, RandomState>,
    /// The machine, channel and provider of one record are mostly those of the record before,
    /// and comparing is cheaper than hashing.
    recent: [(Box<[u8]>, Arc<str>); 4],
    /// The place in `recent` that is given up next.
    oldest: usize,
    /// The same for values that are no text, such as users: their type, bytes and text.
    recent_values: [(u8, Box<[u8]>, Arc<str>); 4],
    oldest_value: usize,
}

impl Interner {
    /// The shared copy of `text`.
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.texts.get(text) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = text.into();
        if text.len() > LONGEST {
            return shared;
        }
        if !self.sizes.texts.admits(text.len()) {
            self.texts.clear();
        }
        self.texts.insert(Arc::clone(&shared));
        shared
    }

    /// The shared copy of a text given as UTF-16LE that is likely to be one of the last few.
    pub(super) fn recent(&mut self, bytes: &[u8]) -> Arc<str> {
        if let Some((_, shared)) = self.recent.iter().find(|(recent, _)| **recent == *bytes) {
            return Arc::clone(shared);
        }
        let shared = self.utf16(bytes);
        if let Some(place) = self.recent.get_mut(self.oldest) {
            *place = (bytes.into(), Arc::clone(&shared));
        }
        self.oldest = (self.oldest + 1) % self.recent.len();
        shared
    }

    /// The name given as UTF-16LE, which is made of its text when it is met first.
    pub(super) fn name(&mut self, bytes: &[u8], of: impl FnOnce(Arc<str>) -> Name) -> Name {
        if let Some(name) = self.names.get(bytes) {
            return name.clone();
        }
        let name = of(self.utf16(bytes));
        if !self.sizes.names.admits(bytes.len()) {
            self.names.clear();
        }
        self.names.insert(bytes.into(), name.clone());
        name
    }

    /// The shared copy of a list of names.
    pub(super) fn list(&mut self, names: Vec<Arc<str>>) -> FieldNames {
        if let Some(shared) = self.lists.get(names.as_slice()) {
            return Arc::clone(shared);
        }
        let shared: FieldNames = names.into();
        let bytes = size_of_val(&*shared);
        if bytes > MOST / 64 {
            return shared;
        }
        if !self.sizes.lists.admits(bytes) {
            self.lists.clear();
        }
        self.lists.insert(Arc::clone(&shared));
        shared
    }

    /// The shared text of a value that is likely to be one of the last few.
    pub(super) fn recent_value(&mut self, raw: Raw<'_>) -> Arc<str> {
        let known = self
            .recent_values
            .iter()
            .find(|(kind, bytes, _)| *kind == raw.kind() && **bytes == *raw.bytes());
        if let Some((.., shared)) = known {
            return Arc::clone(shared);
        }
        let shared = self.text(&raw.value().to_text());
        if let Some(place) = self.recent_values.get_mut(self.oldest_value) {
            *place = (raw.kind(), raw.bytes().into(), Arc::clone(&shared));
        }
        self.oldest_value = (self.oldest_value + 1) % self.recent_values.len();
        shared
    }

    /// The shared copy of a text given as UTF-16LE, without decoding it each time.
    pub(super) fn utf16(&mut self, bytes: &[u8]) -> Arc<str> {
        if let Some(shared) = self.by_utf16.get(bytes) {
            return Arc::clone(shared);
        }
        let mut text = String::new();
        push_utf16(bytes, &mut text);
        let shared = self.text(&text);
        if bytes.len() > LONGEST {
            return shared;
        }
        if !self.sizes.by_utf16.admits(bytes.len()) {
            self.by_utf16.clear();
        }
        self.by_utf16.insert(bytes.into(), Arc::clone(&shared));
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_one_copy() {
        let mut interner = Interner::default();
        let first = interner.text("Security");
        let utf16: Vec<u8> = "Security".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for _ in 0..2 {
            assert!(Arc::ptr_eq(&first, &interner.utf16(&utf16)));
            assert!(Arc::ptr_eq(&first, &interner.recent(&utf16)));
        }
        assert!(!Arc::ptr_eq(&first, &interner.text("System")));
    }

    #[test]
    fn memory_is_bounded() {
        let mut interner = Interner::default();
        let mut most = [0; 3];
        for number in 0..40_000_usize {
            let bytes = number.to_le_bytes().repeat(1 + number % 64);
            let text = interner.utf16(&bytes);
            interner.list(vec![text; number % 64]);
            let Interner { texts, by_utf16, lists, .. } = &interner;
            let held = [
                texts.iter().map(|text| text.len()).sum(),
                by_utf16.keys().map(|bytes| bytes.len()).sum(),
                lists.iter().map(|list| size_of_val(&**list)).sum::<usize>(),
            ];
            if number % 97 == 0 {
                most = std::array::from_fn(|store| most[store].max(held[store]));
            }
        }
        assert!(most.iter().all(|bytes| (100_000..=MOST).contains(bytes)), "{most:?}");
    }
}

//! What a comparison found.

use std::collections::BTreeMap;

/// Counts of one comparison, over any number of records.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Values compared, equal or not.
    pub(crate) values: u64,
    /// Differences that are meant, by kind.
    pub(crate) meant: BTreeMap<&'static str, u64>,
    /// Differences that are faults.
    pub(crate) faults: Vec<String>,
}

impl Tally {
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.values += other.values;
        for (kind, count) in other.meant {
            *self.meant.entry(kind).or_default() += count;
        }
        self.faults.extend(other.faults);
        self
    }

    /// Notes a difference of a known kind.
    pub(crate) fn differ(&mut self, kind: &'static str) {
        *self.meant.entry(kind).or_default() += 1;
    }

    /// Notes a difference that should not be.
    pub(crate) fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// Fails unless the differences are exactly `meant`: all kinds, each that often.
    pub(crate) fn expect(&self, what: &str, meant: &[(&'static str, u64)]) {
        let shown: Vec<_> = self.faults.iter().take(40).collect();
        assert!(self.faults.is_empty(), "{what}: {} faults: {shown:#?}", self.faults.len());
        assert_eq!(self.meant, meant.iter().copied().collect(), "{what}");
    }
}

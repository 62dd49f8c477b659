//! The values on which answers depend, and the answers to the questions about a field by these.

use std::collections::BTreeMap;

use super::super::recent::Recent;
use crate::model::{FieldNames, Observed, RawType};
use crate::rules::detection::FieldName;

/// Bytes in the longest key worth keeping. With the number of answers kept, this bounds the memory.
pub(super) const LONGEST: usize = 512;
/// After so many records of a kind and layout it shows whether they repeat each other: a flood
/// comes from hundreds of addresses, of which each comes again.
const TRIED: u32 = 2048;
/// After so many it shows well enough which questions to ask last: a wrong guess costs little.
const GUESSED: u32 = 128;

/// The values on which the answers to the questions about a field depend.
#[derive(Debug)]
pub(super) struct Column {
    values: Values,
    /// The value, where it is only one.
    only: Option<Spot>,
    /// Where the last answers are remembered: mostly the next record has the same.
    last: usize,
}

impl Column {
    pub(super) fn of(values: Values) -> Self {
        let only = match *values.spots {
            [only] if values.frame.is_empty() => Some(only),
            _ => None,
        };
        Self { values, only, last: 0 }
    }

    /// Whether hardly two of the first records had the same values.
    pub(super) const fn is_varied(&self) -> bool {
        self.values.hardly_repeat(GUESSED)
    }

    pub(super) fn answers<H: Clone>(
        &mut self,
        owner: u64,
        record: Observed<'_>,
        remembered: &mut Recent<H>,
        key: &mut Vec<u8>,
        ask: impl FnOnce() -> H,
    ) -> H {
        let Self { values, only, last } = self;
        if values.is_in_vain() {
            return ask();
        }
        let (owner, key) = match only {
            Some(spot) => {
                let (kind, bytes) = spot.raw(record);
                (owner | u64::from(kind.number()) << 16, bytes)
            }
            None => {
                key.clear();
                if !values.write_key(record, key) {
                    return ask();
                }
                (owner, key.as_slice())
            }
        };
        if key.len() > LONGEST {
            return ask();
        }
        let (answers, is_new) = remembered.recall(last, owner, key, ask);
        values.tell(is_new);
        answers
    }
}

/// A value on which an answer depends.
#[derive(Clone, Copy, Debug)]
struct Spot {
    /// Its place in the layout.
    place: usize,
    /// Whether the answer depends on the address only that it names.
    is_of_address: bool,
}

impl Spot {
    /// What tells the value from those with another answer.
    fn raw(self, record: Observed<'_>) -> (RawType, &[u8]) {
        if self.is_of_address {
            record.fields.raw_address(self.place)
        } else {
            record.fields.raw(self.place)
        }
    }
}

/// The values on which an answer depends.
#[derive(Debug)]
pub(super) struct Values {
    /// By their places in the layout.
    spots: Box<[Spot]>,
    frame: Vec<FieldName>,
    /// Records that were asked about, and those of them whose answer was not known.
    records: u32,
    unknown: u32,
}

impl Values {
    /// Those of some fields, of each of which it is told whether only the address counts that it
    /// names.
    pub(super) fn of(
        fields: impl IntoIterator<Item = (FieldName, bool)>,
        layout: &FieldNames,
    ) -> Self {
        let (mut spots, mut frame) = (BTreeMap::new(), Vec::new());
        for (field, is_of_address) in fields {
            match field.places(layout) {
                Some(places) => {
                    for place in places {
                        let spot = spots.entry(place).or_insert(Spot { place, is_of_address });
                        spot.is_of_address &= is_of_address;
                    }
                }
                None => frame.push(field.clone()),
            }
        }
        Self { spots: spots.into_values().collect(), frame, records: 0, unknown: 0 }
    }

    /// Whether some of them are of the record's frame.
    pub(super) const fn is_of_frame(&self) -> bool {
        !self.frame.is_empty()
    }

    /// Notes that an answer was asked for, and whether it had to be found.
    pub(super) const fn tell(&mut self, is_new: bool) {
        self.records = self.records.saturating_add(1);
        if is_new {
            self.unknown = self.unknown.saturating_add(1);
        }
    }

    /// Whether so many differ that remembering them costs more than it spares.
    pub(super) const fn is_in_vain(&self) -> bool {
        self.hardly_repeat(TRIED)
    }

    /// Whether so many records were asked about, and most of their answers were not known.
    const fn hardly_repeat(&self, tried: u32) -> bool {
        self.records >= tried && self.unknown > self.records / 4 * 3
    }

    /// Adds what tells the record from those with another answer. `false` if it is too long.
    pub(super) fn write_key(&self, record: Observed<'_>, key: &mut Vec<u8>) -> bool {
        for field in &self.frame {
            match field.read(record) {
                None => key.push(0),
                Some(value) => {
                    let text = value.to_text();
                    key.push(1);
                    key.extend(text.len().to_le_bytes());
                    key.extend(text.as_bytes());
                }
            }
        }
        for spot in &self.spots {
            let (kind, bytes) = spot.raw(record);
            if bytes.len() > LONGEST {
                return false;
            }
            // No length needs the upper bits.
            let [low, high, ..] = bytes.len().to_le_bytes();
            let [kind, special] = kind.number().to_le_bytes();
            key.extend_from_slice(&[kind, low, high | special << 7]);
            key.extend_from_slice(bytes);
        }
        key.len() <= LONGEST
    }
}

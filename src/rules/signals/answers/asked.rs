//! What is asked of payloads of one layout, and what was answered.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::super::SignalRule;
use super::super::index::{Kind, Places, SignalIndex};
use super::super::recent::Recent;
use super::super::said::said;
use super::naming::{Name, Naming, Parties, Who, is_of_address, parties};
use crate::model::{FieldNames, Observed};
use crate::rules::detection::{FieldName, Held};

/// Bytes in the longest key worth keeping. With the number of answers kept, this bounds the memory.
pub(super) const LONGEST: usize = 512;
/// Sets of rules that fit records of a layout, before all are forgotten.
const MOST_FITS: usize = 128;
/// After so many records of a kind and layout it shows whether they repeat each other: a flood
/// comes from hundreds of addresses, of which each comes again.
const TRIED: u32 = 2048;

/// What is asked of payloads of one layout.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) number: u32,
    /// Kept so that its address stays its own.
    _layout: FieldNames,
    /// The fields on which it depends which rules fit; nothing where there are too many questions
    /// to remember the answers.
    columns: Option<Vec<Column>>,
    /// The sets of rules that fit, of which each has a number of its own: so many were forgotten
    /// before the first of these.
    pub(super) fits: Vec<Fitting>,
    pub(super) forgotten: usize,
    /// Their numbers by the answers.
    by_answers: HashMap<Held, usize, RandomState>,
    /// The last of these.
    last: Option<(Held, usize)>,
    /// All that the answers and whom the record names depend on; nothing where that is told
    /// by more than values of the payload.
    whole: Option<Values>,
    /// Who and what is named.
    pub(super) bound: Values,
    /// Which client and user are named.
    naming: Vec<Naming>,
    /// Where all of this stands.
    pub(super) places: Places,
}

/// Rules that fit, by their numbers among those of the kind, and what they say together.
#[derive(Debug)]
pub(super) struct Fitting {
    pub(super) rules: Box<[usize]>,
    /// Their numbers as the beginning of a key.
    pub(super) key: Box<[u8]>,
    /// A number for their signals.
    said: u64,
    opens: bool,
    is_progress: bool,
    parties: Parties,
}

/// Each of the fields on which some answers depend, and whether they depend on addresses only.
fn each(
    (fields, is_of_address): (Vec<FieldName>, bool),
) -> impl Iterator<Item = (FieldName, bool)> {
    fields.into_iter().map(move |field| (field, is_of_address))
}

impl Asked {
    pub(super) fn of(kind: &Kind, rules: &SignalIndex, layout: &FieldNames, number: u32) -> Self {
        let questions = kind.questions(rules).map(Iterator::collect::<Vec<_>>);
        let whole = questions.as_ref().and_then(|questions| {
            let asked = questions.iter().cloned().flat_map(each);
            let naming = kind.naming(rules).iter();
            let named = naming.map(|binding| (binding.field().clone(), is_of_address(binding)));
            let whole = Values::of(asked.chain(named), layout);
            whole.frame.is_empty().then_some(whole)
        });
        let column = |asked| Column::of(Values::of(each(asked), layout));
        let columns = questions.map(|questions| questions.into_iter().map(column).collect());
        let bound = kind.bound(rules).iter().cloned();
        let bound = Values::of(bound.map(|field| (field, false)), layout);
        let naming = kind.naming(rules).iter();
        let naming = naming.map(|binding| Naming::of(binding, layout)).collect();
        let places = kind.places(rules, layout);
        let (fits, by_answers) = Default::default();
        Self {
            number,
            _layout: Arc::clone(layout),
            columns,
            fits,
            forgotten: 0,
            by_answers,
            last: None,
            whole,
            bound,
            naming,
            places,
        }
    }

    /// Adds what tells the record from those that come to something else. `false` where that is
    /// too much, or not worth it.
    pub(super) fn writes_key(&self, record: Observed<'_>, key: &mut Vec<u8>) -> bool {
        let whole = self.whole.as_ref().filter(|whole| !whole.is_in_vain());
        whole.is_some_and(|whole| whole.write_key(record, key))
    }

    /// Notes that such a key was looked up, and whether it was new.
    pub(super) const fn tell(&mut self, is_new: bool) {
        if let Some(whole) = &mut self.whole {
            whole.tell(is_new);
        }
    }

    pub(super) fn fitting(&self, number: usize) -> Option<&Fitting> {
        self.fits.get(number.checked_sub(self.forgotten)?)
    }

    /// Whom the record names that was just asked about, by rules with that number.
    pub(super) fn whose(
        &mut self,
        fit: usize,
        record: Observed<'_>,
        remembered: &mut Recent<Option<Name>>,
        key: &mut Vec<u8>,
        text: &mut String,
    ) -> Option<Who> {
        let Self { number, fits, forgotten, naming, .. } = self;
        let Fitting { parties: [address, name, user], .. } =
            fits.get(fit.checked_sub(*forgotten)?)?;
        let mut first = |positions: &[usize]| {
            positions.iter().find_map(|position| {
                let owner = u64::from(*number) << 32 | *position as u64;
                naming.get_mut(*position)?.name(owner, record, remembered, key, text)
            })
        };
        Some(Who {
            address: first(address).and_then(|name| name.address()),
            name: first(name).and_then(Name::text),
            user: first(user).and_then(Name::text),
        })
    }

    /// The number of the rules that fit a record.
    pub(super) fn fit(
        &mut self,
        kind: &Kind,
        rules: &SignalIndex,
        record: Observed<'_>,
        remembered: &mut Recent<Held>,
        key: &mut Vec<u8>,
    ) -> usize {
        let Self { number, columns, places, fits, forgotten, by_answers, last, .. } = self;
        let Some(columns) = columns else {
            *forgotten += fits.len();
            *fits = vec![Fitting::of(kind, rules, rules.fitting(kind, record, places))];
            return *forgotten;
        };
        let mut held = 0;
        for (field, column) in columns.iter_mut().enumerate() {
            let owner = u64::from(*number) << 32 | field as u64;
            let ask = || kind.answers(rules, field, record, places);
            held |= column.answers(owner, record, remembered, key, ask);
        }
        if let Some((_, fit)) = last.filter(|(answers, _)| *answers == held) {
            return fit;
        }
        let fit = by_answers.get(&held).copied().unwrap_or_else(|| {
            if fits.len() >= MOST_FITS {
                *forgotten += fits.len();
                fits.clear();
                by_answers.clear();
            }
            let fit = *forgotten + fits.len();
            fits.push(Fitting::of(kind, rules, kind.fitting_by(rules, held)));
            by_answers.insert(held, fit);
            fit
        });
        *last = Some((held, fit));
        fit
    }
}

impl Fitting {
    /// Their number, whether one of them opens an attempt, and whether one shows progress; nothing
    /// where there is none.
    pub(super) fn gist(&self) -> Option<(u64, bool, bool)> {
        let Self { rules, said, opens, is_progress, .. } = self;
        (!rules.is_empty()).then_some((*said, *opens, *is_progress))
    }

    pub(super) fn of(kind: &Kind, all: &SignalIndex, rules: Vec<usize>) -> Self {
        let fitting: Vec<&SignalRule> = kind.numbered(all, &rules).collect();
        let said = said(fitting.iter().map(|rule| rule.id.as_str()));
        let opens = fitting.iter().any(|rule| rule.effect.opens);
        let is_progress = fitting.iter().any(|rule| rule.effect.is_progress());
        let parties = parties(kind.naming(all), &fitting);
        let numbers = [rules.len()].into_iter().chain(rules.iter().copied());
        let key = numbers.flat_map(usize::to_le_bytes).collect();
        Self { said, opens, is_progress, parties, key, rules: rules.into() }
    }
}

/// The values on which the answers to the questions about a field depend.
#[derive(Debug)]
pub(super) struct Column {
    values: Values,
    /// The value, where it is only one.
    only: Option<Spot>,
}

impl Column {
    pub(super) fn of(values: Values) -> Self {
        let only = match *values.spots {
            [only] if values.frame.is_empty() => Some(only),
            _ => None,
        };
        Self { values, only }
    }

    pub(super) fn answers<H: Clone>(
        &mut self,
        owner: u64,
        record: Observed<'_>,
        remembered: &mut Recent<H>,
        key: &mut Vec<u8>,
        ask: impl FnOnce() -> H,
    ) -> H {
        let Self { values, only } = self;
        if values.is_in_vain() {
            return ask();
        }
        let (owner, key) = match only {
            Some(spot) => {
                let (kind, bytes) = spot.raw(record);
                (owner | u64::from(kind) << 24, bytes)
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
        let (answers, is_new) = remembered.recall(owner, key, ask);
        values.tell(is_new);
        answers
    }
}

/// A value on which an answer depends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// Its place in the layout.
    place: usize,
    /// Whether the answer depends on the address only that it names.
    is_of_address: bool,
}

impl Spot {
    /// What tells the value from those with another answer.
    fn raw(self, record: Observed<'_>) -> (u8, &[u8]) {
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

    /// Notes that an answer was asked for, and whether it had to be found.
    pub(super) const fn tell(&mut self, is_new: bool) {
        self.records = self.records.saturating_add(1);
        if is_new {
            self.unknown = self.unknown.saturating_add(1);
        }
    }

    /// Whether so many differ that remembering them costs more than it spares.
    pub(super) const fn is_in_vain(&self) -> bool {
        self.records >= TRIED && self.unknown > self.records / 4 * 3
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
            // None is longer than a chunk.
            let [low, high, ..] = bytes.len().to_le_bytes();
            key.extend_from_slice(&[kind, low, high]);
            key.extend_from_slice(bytes);
        }
        key.len() <= LONGEST
    }
}

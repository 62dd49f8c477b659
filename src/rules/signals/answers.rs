//! Remembers what records gave, for the records after them that say the same.
//!
//! Rules look at few fields, and most records of a log repeat in these what others said. How the
//! questions about a field are answered is remembered by the field's value: a record whose port
//! nobody had before costs the questions about that one field. Which rules fit follows from the
//! answers, of which there are few; what decides nothing after those before it is not asked. Knows
//! nothing about what is made of signals. Records whose payload does not stand in its log as Windows
//! wrote it are not remembered.

mod asked;
mod naming;
mod tree;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::SignalIndex;
use super::kind::{Found, Kind};
use super::recent::Recent;
use crate::model::{FieldNames, Observed};
use crate::rules::detection::Held;
use asked::{Asked, Fitting};
use naming::Name;
pub use naming::Who;

/// Answers kept before all are forgotten.
const MOST: usize = 4096;
/// Layouts whose places are kept before all are forgotten.
const MOST_LAYOUTS: usize = 256;

/// What records gave that were asked about before: `T` is made of their signals, and `P` of whom
/// they name.
#[derive(Debug)]
pub struct Answers<T, P> {
    /// The positions of what is asked of payloads of a layout, by the number of the kind and the
    /// address of the layout.
    layouts: HashMap<(usize, usize), usize, RandomState>,
    asked: Vec<Asked>,
    /// The last of these.
    last: Option<((usize, usize), usize)>,
    /// How the questions about a field are answered, by its value.
    held: Recent<Held>,
    /// Whom a field names, by its value.
    whose: Recent<Option<Name>>,
    /// What records come to, by all the values on which that depends.
    gists: Recent<Option<Gist<P>>>,
    /// By the number of the layout, the rules that fit, and the values that name somebody.
    known: HashMap<Box<[u8]>, T, RandomState>,
    /// The keys of the record at hand: of one field, and of all.
    key: Vec<u8>,
    whole: Vec<u8>,
    /// Room for a text.
    text: String,
    /// The number that was given last.
    number: u32,
}

/// Which rules fit a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    kind: usize,
    asked: usize,
    number: usize,
}

/// What a record comes to of which nothing else is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gist<P> {
    /// A number for its signals; see [`super::said`].
    pub said: u64,
    /// Whether one of them opens an attempt.
    pub opens: bool,
    /// Whether one of them shows that somebody got past the handshake.
    pub is_progress: bool,
    /// Whom it names.
    pub party: P,
}

impl<T, P> Default for Answers<T, P> {
    fn default() -> Self {
        let (layouts, asked, known, gists) = Default::default();
        let (held, whose, key, whole, text) = Default::default();
        let (last, number) = (None, 0);
        Self { layouts, asked, last, held, whose, gists, known, key, whole, text, number }
    }
}

impl<T: Clone, P: Clone> Answers<T, P> {
    /// What a record of the kind with that number comes to, if it carries a signal: `party` is
    /// made of whom it names. An error where its payload has no layout.
    pub fn gist(
        &mut self,
        rules: &SignalIndex,
        number: usize,
        record: Observed<'_>,
        party: impl FnOnce(&Who) -> P,
    ) -> Result<Option<Gist<P>>, NoLayout> {
        let kind = rules.numbered(number).ok_or(NoLayout)?;
        let layout = record.fields.layout().ok_or(NoLayout)?;
        let position = self.asked(rules, number, kind, layout);
        let Self { asked, held, whose, gists, key, whole, text, .. } = self;
        let asked = asked.get_mut(position).ok_or(NoLayout)?;
        // Where each field says what it said in some record, mostly all of them do in one.
        whole.clear();
        let (owner, mut place) = (asked.number.into(), None);
        if asked.writes_key(record, whole) {
            match gists.known(owner, whole) {
                Ok(gist) => {
                    asked.tell(false);
                    return Ok(gist);
                }
                Err(free) => place = Some(free),
            }
            asked.tell(true);
        }
        let fit = asked.fit(kind, rules, record, held, key);
        let gist = asked.fitting(fit).and_then(Fitting::gist);
        let who = gist.and_then(|_| asked.whose(fit, record, whose, key, text));
        let gist = gist.zip(who).map(|((said, opens, is_progress), who)| {
            let party = party(&who);
            Gist { said, opens, is_progress, party }
        });
        if let Some(place) = place {
            gists.enter(place, owner, whole, gist.clone());
        }
        Ok(gist)
    }

    /// Which rules fit a record of the kind with that number, if any. An error where nothing can
    /// be remembered about it, because its payload has no layout.
    pub fn fit(
        &mut self,
        rules: &SignalIndex,
        number: usize,
        record: Observed<'_>,
    ) -> Result<Option<Fit>, NoLayout> {
        let kind = rules.numbered(number).ok_or(NoLayout)?;
        let layout = record.fields.layout().ok_or(NoLayout)?;
        let position = self.asked(rules, number, kind, layout);
        let Self { asked, held, key, .. } = self;
        let asked = asked.get_mut(position).ok_or(NoLayout)?;
        let fit = asked.fit(kind, rules, record, held, key);
        let fitting = asked.fitting(fit).ok_or(NoLayout)?;
        let is_any = !fitting.rules.is_empty();
        Ok(is_any.then_some(Fit { kind: number, asked: position, number: fit }))
    }

    /// What `answer` makes of the signals, in rule order, of a record that was just asked about:
    /// remembered, or made now.
    pub fn of<'r>(
        &mut self,
        rules: &'r SignalIndex,
        fit: Fit,
        record: Observed<'_>,
        answer: impl FnOnce(Vec<Found<'r>>) -> T,
    ) -> Option<T> {
        let Self { asked, known, key, text, .. } = self;
        let kind = rules.numbered(fit.kind)?;
        let Asked { number, fits, forgotten, bound, places, .. } = asked.get_mut(fit.asked)?;
        let Fitting { rules: fitting, key: own, .. } =
            fits.get(fit.number.checked_sub(*forgotten)?)?;
        let found = || answer(rules.found(kind, fitting, record, places, text));
        key.clear();
        key.extend_from_slice(&number.to_le_bytes());
        key.extend_from_slice(own);
        if bound.is_in_vain() || !bound.write_key(record, key) {
            return Some(found());
        }
        if let Some(known) = known.get(key.as_slice()) {
            bound.tell(false);
            return Some(known.clone());
        }
        bound.tell(true);
        let found = found();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key.as_slice().into(), found.clone());
        Some(found)
    }

    /// The position of what is asked of payloads of a layout.
    fn asked(
        &mut self,
        rules: &SignalIndex,
        number: usize,
        kind: &Kind,
        layout: &FieldNames,
    ) -> usize {
        let place = (number, Arc::as_ptr(layout).addr());
        if let Some((_, position)) = self.last.filter(|(last, _)| *last == place) {
            return position;
        }
        let position = self.layouts.get(&place).copied().unwrap_or_else(|| {
            if self.asked.len() >= MOST_LAYOUTS {
                self.layouts.clear();
                self.asked.clear();
            }
            let position = self.asked.len();
            self.number = self.number.wrapping_add(1);
            self.asked.push(Asked::of(kind, rules, layout, self.number));
            self.layouts.insert(place, position);
            position
        });
        self.last = Some((place, position));
        position
    }
}

/// A record's payload has no layout: its fields have to be looked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLayout;

#[cfg(test)]
mod tests;

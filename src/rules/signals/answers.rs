//! Remembers what records gave, for the records after them that say the same.
//!
//! Rules look at few fields, and most records of a log repeat in these what others said. How the
//! questions about a field are answered is remembered by the field's value: a record whose port
//! nobody had before costs the questions about that one field. Which rules fit follows from all
//! the answers, of which there are few. Knows nothing about what is made of signals. Records whose
//! payload does not stand in its log as Windows wrote it are not remembered.

mod asked;

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::index::{Found, Kind, SignalIndex, Who};
use super::recent::Recent;
use crate::model::{FieldNames, Observed};
use crate::rules::detection::Held;
use asked::{Asked, Fitting};

/// Answers kept before all are forgotten.
const MOST: usize = 4096;
/// Layouts whose places are kept before all are forgotten.
const MOST_LAYOUTS: usize = 256;

/// What records gave that were asked about before: `T` is made of their signals, `W` of whom
/// they name.
#[derive(Debug)]
pub struct Answers<T, W> {
    /// The positions of what is asked of payloads of a layout, by the number of the kind and the
    /// address of the layout.
    layouts: HashMap<(usize, usize), usize, RandomState>,
    asked: Vec<Asked>,
    /// The last of these.
    last: Option<((usize, usize), usize)>,
    /// How the questions about a field are answered, by its value.
    held: Recent<Held>,
    /// By the rules that fit, and the values that name a client or user.
    whose: Recent<W>,
    /// By the number of the layout, the rules that fit, and the values that name somebody.
    known: HashMap<Box<[u8]>, T, RandomState>,
    /// The key of the record at hand.
    key: Vec<u8>,
    /// The number that was given last.
    number: u32,
}

/// Which rules fit a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    kind: usize,
    asked: usize,
    number: usize,
    /// A number for their signals; see [`super::said`].
    pub said: u64,
    /// Whether one of them opens an attempt.
    pub opens: bool,
    /// Whether one of them shows that somebody got past the handshake.
    pub is_progress: bool,
}

impl<T, W> Default for Answers<T, W> {
    fn default() -> Self {
        let (layouts, asked, known) = Default::default();
        let (held, whose) = Default::default();
        Self { layouts, asked, last: None, held, whose, known, key: Vec::new(), number: 0 }
    }
}

impl<T: Clone, W: Copy> Answers<T, W> {
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
        let Fitting { rules, said, opens, is_progress } = fitting;
        let (said, opens, is_progress) = (*said, *opens, *is_progress);
        let (kind, asked, number) = (number, position, fit);
        let is_any = !rules.is_empty();
        Ok(is_any.then_some(Fit { kind, asked, number, said, opens, is_progress }))
    }

    /// What `of` makes of whom a record names that was just asked about: remembered, or made now.
    pub fn whose(
        &mut self,
        rules: &SignalIndex,
        fit: Fit,
        record: Observed<'_>,
        of: impl FnOnce(Who) -> W,
    ) -> Option<W> {
        let Self { asked, whose, key, .. } = self;
        let kind = rules.numbered(fit.kind)?;
        let Asked { number, fits, forgotten, naming, places, .. } = asked.get_mut(fit.asked)?;
        let Fitting { rules: fitting, .. } = fits.get(fit.number.checked_sub(*forgotten)?)?;
        let find = || of(kind.who(rules, fitting, record, places));
        key.clear();
        if naming.is_in_vain() || !naming.write_key(record, key) {
            return Some(find());
        }
        let owner = u64::from(*number) << 32 | fit.number as u64;
        let (answer, is_new) = whose.recall(owner, key, find);
        naming.tell(is_new);
        Some(answer)
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
        let Self { asked, known, key, .. } = self;
        let kind = rules.numbered(fit.kind)?;
        let Asked { number, fits, forgotten, bound, places, .. } = asked.get_mut(fit.asked)?;
        let Fitting { rules: fitting, .. } = fits.get(fit.number.checked_sub(*forgotten)?)?;
        let found = || answer(rules.found(kind, fitting, record, places));
        key.clear();
        key.extend(number.to_le_bytes());
        key.extend(fitting.len().to_le_bytes());
        key.extend(fitting.iter().flat_map(|number| number.to_le_bytes()));
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

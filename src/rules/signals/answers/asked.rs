//! What is asked of payloads of one layout, and what was answered.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::super::SignalRule;
use super::super::index::{Kind, Places, SignalIndex, Topic};
use super::super::recent::Recent;
use super::super::said::said;
use super::naming::{Name, Naming, Parties, Who, is_of_address, parties};
use super::values::{Column, Values};
use crate::model::{FieldNames, Observed};
use crate::rules::detection::Held;

/// Sets of rules that fit records of a layout, before all are forgotten.
const MOST_FITS: usize = 128;
/// What is asked of payloads of one layout.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) number: u32,
    /// Kept so that its address stays its own.
    _layout: FieldNames,
    /// The fields on which it depends which rules fit, first those without which none does;
    /// nothing where there are too many questions to remember the answers.
    topics: Option<Vec<Answered>>,
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

/// What is asked about one field, and how it was answered.
#[derive(Debug)]
struct Answered {
    /// Its number among all topics of the kind.
    number: usize,
    /// Whether no rule fits where all answers are no.
    is_needed: bool,
    column: Column,
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

impl Asked {
    pub(super) fn of(kind: &Kind, rules: &SignalIndex, layout: &FieldNames, number: u32) -> Self {
        let mut topics = kind.questions(rules);
        if let Some(topics) = &mut topics {
            topics.sort_by_key(|topic| !topic.is_needed);
        }
        let whole = topics.as_ref().and_then(|topics| {
            let asked = topics.iter().flat_map(Topic::each);
            let naming = kind.naming(rules).iter();
            let named = naming.map(|binding| (binding.field().clone(), is_of_address(binding)));
            let whole = Values::of(asked.chain(named), layout);
            (!whole.is_of_frame()).then_some(whole)
        });
        let answered = |topic: &Topic| Answered {
            number: topic.number,
            is_needed: topic.is_needed,
            column: Column::of(Values::of(topic.each(), layout)),
        };
        let topics = topics.map(|topics| topics.iter().map(answered).collect());
        let bound = kind.bound(rules).iter().cloned();
        let bound = Values::of(bound.map(|field| (field, false)), layout);
        let naming = kind.naming(rules).iter();
        let naming = naming.map(|binding| Naming::of(binding, layout)).collect();
        let places = kind.places(rules, layout);
        let (fits, by_answers) = Default::default();
        Self {
            number,
            _layout: Arc::clone(layout),
            topics,
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
        let Self { number, topics, places, fits, forgotten, by_answers, last, .. } = self;
        let Some(topics) = topics else {
            *forgotten += fits.len();
            *fits = vec![Fitting::of(kind, rules, rules.fitting(kind, record, places))];
            return *forgotten;
        };
        let mut held = 0;
        for Answered { number: topic, is_needed, column } in topics {
            let owner = u64::from(*number) << 32 | *topic as u64;
            let ask = || kind.answers(rules, *topic, record, places);
            let own = column.answers(owner, record, remembered, key, ask);
            held |= own;
            if own == 0 && *is_needed {
                // No rule fits, whatever else is answered; all other answers may as well be no.
                break;
            }
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

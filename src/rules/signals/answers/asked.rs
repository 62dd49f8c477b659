//! What is asked of payloads of one layout, and what was answered.

use std::sync::Arc;

use super::super::kind::{Kind, Places, Topic};
use super::super::recent::Recent;
use super::super::said::said;
use super::super::{SignalIndex, SignalRule};
use super::naming::{Name, Naming, Parties, Who, is_of_address, parties};
use super::tree::{Answer, Tree};
use super::values::{Column, Values};
use crate::model::{FieldNames, Observed};
use crate::rules::detection::Held;

/// What is asked of payloads of one layout.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) number: u32,
    /// Kept so that its address stays its own.
    _layout: FieldNames,
    /// The fields on which it depends which rules fit, and the bits of the answers; nothing where
    /// there are too many questions to remember the answers.
    columns: Option<Vec<(Held, Column)>>,
    /// In which order they are asked about.
    tree: Tree,
    /// The sets of rules that fit, of which each has a number of its own: so many were forgotten
    /// before the first of these.
    pub(super) fits: Vec<Fitting>,
    pub(super) forgotten: usize,
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

impl Asked {
    pub(super) fn of(kind: &Kind, rules: &SignalIndex, layout: &FieldNames, number: u32) -> Self {
        let topics = kind.topics(rules);
        let whole = topics.as_ref().and_then(|topics| {
            let asked = topics.iter().flat_map(Topic::each);
            let naming = kind.naming(rules).iter();
            let named = naming.map(|binding| (binding.field().clone(), is_of_address(binding)));
            let whole = Values::of(asked.chain(named), layout);
            (!whole.is_of_frame()).then_some(whole)
        });
        let column = |topic: &Topic| (topic.bits, Column::of(Values::of(topic.each(), layout)));
        let columns = topics.map(|topics| topics.iter().map(column).collect());
        let bound = kind.bound(rules).iter().cloned();
        let bound = Values::of(bound.map(|field| (field, false)), layout);
        let naming = kind.naming(rules).iter();
        let naming = naming.map(|binding| Naming::of(binding, layout)).collect();
        let places = kind.places(rules, layout);
        Self {
            number,
            _layout: Arc::clone(layout),
            columns,
            tree: Tree::default(),
            fits: Vec::new(),
            forgotten: 0,
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
        let Self { number, columns, tree, places, fits, forgotten, .. } = self;
        let Some(columns) = columns else {
            *forgotten += fits.len();
            *fits = vec![Fitting::of(kind, rules, rules.fitting(kind, record, places))];
            return *forgotten;
        };
        if tree.is_over() {
            *forgotten += fits.len();
            fits.clear();
            tree.clear();
        }
        let answer = |topic: usize| {
            let nothing = Answer { bits: Held::MAX, held: 0, is_varied: false };
            let Some((bits, column)) = columns.get_mut(topic) else { return nothing };
            let owner = u64::from(*number) << 32 | topic as u64;
            let ask = || kind.answers(rules, topic, record, places);
            let held = column.answers(owner, record, remembered, key, ask);
            Answer { bits: *bits, held, is_varied: column.is_varied() }
        };
        tree.walk(kind, rules, answer, |held| {
            fits.push(Fitting::of(kind, rules, kind.fitting_by(rules, held)));
            *forgotten + fits.len() - 1
        })
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

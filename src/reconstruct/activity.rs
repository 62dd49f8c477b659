//! Begins attempts: one for each activity that opens or witnesses one.
//!
//! Knows activity ids, the strongest tie: on a host one value lasts from accept to teardown over
//! three channels. The client keeps one value over several tries.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::draft::Draft;
use super::sides::side;
use crate::model::{Facts, Guid, JoinedBy, Signal, Span};

/// Records of one connection may all bear the time of one clock tick, and then stand in the
/// order of their channels: an opening record that close to the end is not of a new attempt.
const SAME_INSTANT: Span = Span::milliseconds(100);

/// One draft for each activity that opens an attempt, and for each opening record without an
/// activity, in the order in which they begin. An activity that opens again after its end is a new
/// attempt. Where the opening record is lost, the first record of an activity that has a witness
/// begins its draft.
pub(super) fn drafts(facts: &Facts) -> Vec<Draft> {
    // Activities know nothing of each other, so their drafts are begun on all cores.
    let mut begun: Vec<Begun> = Activity::all(&facts.signals)
        .into_par_iter()
        .flat_map_iter(|activity| activity.drafts(facts))
        .collect();
    begun.sort_by_key(|begun| begun.first);
    begun.into_iter().map(|begun| begun.draft).collect()
}

/// A draft, and the number of the signal that began it.
struct Begun {
    first: usize,
    draft: Draft,
}

/// Whether an opening record is of a new attempt of the same activity.
fn begins_anew(draft: &Draft, signal: &Signal) -> bool {
    let repeats = draft.kinds.contains(&signal.id);
    draft.ended && (repeats || signal.time > draft.last + SAME_INSTANT)
}

/// The signals of an activity on a machine, by number and in order; or one that opens an attempt
/// and names no activity.
#[derive(Default)]
struct Activity {
    signals: Vec<usize>,
    opens: bool,
    witnesses: bool,
}

impl Activity {
    /// The activities of a case, in the order in which they first come up.
    fn all(signals: &[Signal]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        let mut numbers: HashMap<Named<'_>, usize, RandomState> = HashMap::default();
        for (index, signal) in signals.iter().enumerate() {
            let next = all.len();
            let number = match signal.activity_id {
                Some(id) => *numbers.entry(Named { id, machine: &signal.machine }).or_insert(next),
                None if signal.effect.opens => next,
                None => continue,
            };
            if number == next {
                all.push(Self::default());
            }
            if let Some(activity) = all.get_mut(number) {
                activity.signals.push(index);
                activity.opens |= signal.effect.opens;
                activity.witnesses |= signal.effect.witnesses;
            }
        }
        all
    }

    fn drafts(&self, facts: &Facts) -> Vec<Begun> {
        let mut drafts: Vec<Begun> = Vec::new();
        let opened_late = self.witnesses && !self.opens;
        for (first, signal) in
            self.signals.iter().filter_map(|index| Some((*index, facts.signals.get(*index)?)))
        {
            let known = drafts.last_mut().map(|begun| &mut begun.draft);
            match known.filter(|draft| !(signal.effect.opens && begins_anew(draft, signal))) {
                Some(draft) => draft.join(first, signal, JoinedBy::Activity),
                None if signal.effect.opens || opened_late => {
                    let side = side(signal, facts);
                    let mut draft = Draft::new(signal.machine.clone(), side, signal.time);
                    draft.join(first, signal, JoinedBy::Activity);
                    drafts.push(Begun { first, draft });
                }
                None => {}
            }
        }
        drafts
    }
}

/// An activity id on a machine.
#[derive(PartialEq, Eq)]
struct Named<'a> {
    id: Guid,
    machine: &'a str,
}

/// By the id alone, which two machines hardly ever share.
impl Hash for Named<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

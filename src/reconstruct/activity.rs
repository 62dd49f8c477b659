//! Begins attempts: one for each activity that opens or witnesses one.
//!
//! Knows activity ids, the strongest tie: on a host one value lasts from accept to teardown over
//! three channels. The client keeps one value over several tries.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::draft::Draft;
use super::sides::side;
use crate::model::{Facts, Guid, JoinedBy, Signal, Span};

/// Records of one connection may all bear the time of one clock tick, and then stand in the
/// order of their channels: an opening record that close to the end is not of a new attempt.
const SAME_INSTANT: Span = Span::milliseconds(100);

type Activity<'a> = (&'a str, Guid);

/// One draft for each activity that opens an attempt, and for each opening record without an
/// activity. An activity that opens again after its end is a new attempt. Where the opening
/// record is lost, the first record of an activity that has a witness begins its draft.
pub(super) fn drafts(facts: &Facts) -> Vec<Draft> {
    let mut opened: HashSet<Activity<'_>, RandomState> = HashSet::default();
    let mut witnessed: HashSet<Activity<'_>, RandomState> = HashSet::default();
    for signal in &facts.signals {
        if let Some(activity) = activity(signal) {
            if signal.effect.opens {
                opened.insert(activity);
            } else if signal.effect.witnesses {
                witnessed.insert(activity);
            }
        }
    }
    let mut drafts: Vec<Draft> = Vec::new();
    let mut current: HashMap<Activity<'_>, usize, RandomState> = HashMap::default();
    for (index, signal) in facts.signals.iter().enumerate() {
        let activity = activity(signal);
        let known = activity.as_ref().and_then(|activity| current.get(activity)).copied();
        let begins = signal.effect.opens
            || activity
                .as_ref()
                .is_some_and(|activity| witnessed.contains(activity) && !opened.contains(activity));
        match known.and_then(|draft| drafts.get_mut(draft)) {
            Some(draft) if !(signal.effect.opens && begins_anew(draft, signal)) => {
                draft.join(index, signal, JoinedBy::Activity);
            }
            _ if begins => {
                let mut draft =
                    Draft::new(signal.machine.clone(), side(signal, facts), signal.time);
                draft.join(index, signal, JoinedBy::Activity);
                if let Some(activity) = activity {
                    current.insert(activity, drafts.len());
                }
                drafts.push(draft);
            }
            _ => {}
        }
    }
    drafts
}

/// Whether an opening record is of a new attempt of the same activity.
fn begins_anew(draft: &Draft, signal: &Signal) -> bool {
    let repeats = draft.kinds.contains(&signal.id);
    draft.ended && (repeats || signal.time > draft.last + SAME_INSTANT)
}

fn activity(signal: &Signal) -> Option<Activity<'_>> {
    signal.activity_id.map(|activity| (&*signal.machine, activity))
}

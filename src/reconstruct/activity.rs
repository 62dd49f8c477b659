//! Begins attempts: one for each activity that opens or witnesses one.
//!
//! Knows activity ids, the strongest tie: on a host one value lasts from accept to teardown over
//! three channels. The client keeps one value over several tries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::draft::Draft;
use super::sides::side;
use crate::model::{Facts, Guid, JoinedBy, Signal};

type Activity = (Arc<str>, Guid);

/// One draft for each activity that opens an attempt, and for each opening record without an
/// activity. An activity that opens again after its end is a new attempt. Where the opening
/// record is lost, the first record of an activity that has a witness begins its draft.
pub(super) fn drafts(facts: &Facts) -> Vec<Draft> {
    let mut opened: BTreeSet<Activity> = BTreeSet::new();
    let mut witnessed: BTreeSet<Activity> = BTreeSet::new();
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
    let mut current: BTreeMap<Activity, usize> = BTreeMap::new();
    for (index, signal) in facts.signals.iter().enumerate() {
        let activity = activity(signal);
        let known = activity.as_ref().and_then(|activity| current.get(activity)).copied();
        let begins = signal.effect.opens
            || activity
                .as_ref()
                .is_some_and(|activity| witnessed.contains(activity) && !opened.contains(activity));
        match known.and_then(|draft| drafts.get_mut(draft)) {
            Some(draft) if !(signal.effect.opens && draft.ended) => {
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

fn activity(signal: &Signal) -> Option<Activity> {
    signal.activity_id.map(|activity| (signal.machine.clone(), activity))
}

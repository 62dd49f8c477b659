//! Begins attempts: one for each activity that opens or witnesses one.
//!
//! Knows activity ids, the strongest tie: on a host one value lasts from accept to teardown over
//! three channels. The client keeps one value over several tries.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use foldhash::fast::RandomState;

use super::draft::Draft;
use super::sides::side;
use crate::model::{Facts, Guid, JoinedBy, Signal, Span};

/// Records of one connection may all bear the time of one clock tick, and then stand in the
/// order of their channels: an opening record that close to the end is not of a new attempt.
const SAME_INSTANT: Span = Span::milliseconds(100);

/// One draft for each activity that opens an attempt, and for each opening record without an
/// activity. An activity that opens again after its end is a new attempt. Where the opening
/// record is lost, the first record of an activity that has a witness begins its draft.
pub(super) fn drafts(facts: &Facts) -> Vec<Draft> {
    let mut activities = Activities::of(&facts.signals);
    let opening = facts.signals.iter().filter(|signal| signal.effect.opens);
    let mut drafts: Vec<Draft> = Vec::with_capacity(opening.count());
    for (index, signal) in facts.signals.iter().enumerate() {
        let activity = activities.of_signal(index);
        let known = activity.as_ref().and_then(|activity| activity.draft);
        let is_opened_late = activity.as_ref().is_some_and(|activity| activity.is_opened_late());
        match known.and_then(|draft| drafts.get_mut(draft)) {
            Some(draft) if !(signal.effect.opens && begins_anew(draft, signal)) => {
                draft.join(index, signal, JoinedBy::Activity);
            }
            _ if signal.effect.opens || is_opened_late => {
                let side = side(signal, facts);
                let mut draft = Draft::new(signal.machine.clone(), side, signal.time);
                draft.join(index, signal, JoinedBy::Activity);
                if let Some(activity) = activity {
                    activity.draft = Some(drafts.len());
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

/// What is known of an activity of a machine.
#[derive(Default)]
struct Activity {
    opens: bool,
    witnesses: bool,
    /// The draft that its records belong to now.
    draft: Option<usize>,
}

impl Activity {
    /// Whether any of its records begins an attempt, as the one that opened it is lost.
    const fn is_opened_late(&self) -> bool {
        self.witnesses && !self.opens
    }
}

/// The activities of a case.
#[derive(Default)]
struct Activities {
    all: Vec<Activity>,
    /// The number of each signal's activity.
    of_signals: Vec<Option<u32>>,
}

impl Activities {
    fn of(signals: &[Signal]) -> Self {
        let mut activities = Self::default();
        activities.of_signals.reserve_exact(signals.len());
        let mut numbers: HashMap<Named<'_>, u32, RandomState> = HashMap::default();
        for signal in signals {
            let all = &mut activities.all;
            let number = signal.activity_id.and_then(|id| {
                let next = u32::try_from(all.len()).ok()?;
                let named = Named { id, machine: &signal.machine };
                Some(*numbers.entry(named).or_insert_with(|| {
                    all.push(Activity::default());
                    next
                }))
            });
            activities.of_signals.push(number);
            if let Some(activity) = number.and_then(|number| all.get_mut(number as usize)) {
                activity.opens |= signal.effect.opens;
                activity.witnesses |= signal.effect.witnesses;
            }
        }
        activities
    }

    fn of_signal(&mut self, index: usize) -> Option<&mut Activity> {
        let number = (*self.of_signals.get(index)?)?;
        self.all.get_mut(number as usize)
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

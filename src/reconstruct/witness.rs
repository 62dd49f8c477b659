//! Begins attempts for records that prove one whose own channels are lost.
//!
//! A logon of type 10 in Security, say, on a host whose Remote Desktop channels were not
//! supplied. Records of one try stand close together and name the same people.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draft::{Draft, taken_in};
use super::sides::side;
use super::weak::agree;
use crate::model::{Facts, JoinedBy, Signal, Span};

/// A logon writes its records within seconds.
const TOGETHER: Span = Span::seconds(10);

/// Adds a draft for each witness that no draft has taken in; witnesses of one try share it.
pub(super) fn drafts(drafts: &mut Vec<Draft>, facts: &Facts) {
    let joined = taken_in(drafts, facts);
    // The latest of each machine; a try whose records are interleaved with another's is rare
    // and comes out as two.
    let mut latest: BTreeMap<Arc<str>, Draft> = BTreeMap::new();
    for ((index, signal), joined) in facts.signals.iter().enumerate().zip(joined) {
        if !signal.effect.witnesses || joined {
            continue;
        }
        let open = latest.get_mut(&signal.machine);
        match open.and_then(|draft| Some((tie(draft, signal)?, draft))) {
            Some((by, draft)) => draft.join(index, signal, by),
            None => {
                let mut draft =
                    Draft::new(signal.machine.clone(), side(signal, facts), signal.time);
                draft.join(index, signal, JoinedBy::Activity);
                drafts.extend(latest.insert(signal.machine.clone(), draft));
            }
        }
    }
    drafts.extend(latest.into_values());
}

/// Why a witness belongs to a draft of witnesses; `None` where it is about another try.
fn tie(draft: &Draft, signal: &Signal) -> Option<JoinedBy> {
    let entities = &signal.entities;
    let together = signal.time.since(draft.last) <= TOGETHER;
    // Two refusals are two tries, whoever was refused.
    if !together || draft.kinds.contains(&signal.id) {
        return None;
    }
    // What failed does not go on, and a later success is another try.
    if signal.effect.proves.is_some() && !draft.fails.is_empty() {
        return None;
    }
    let address = agree(draft.client_address.as_ref(), entities.client_address.as_ref())?;
    let user = agree(draft.user.as_ref(), entities.user.as_ref())?;
    match (address, user) {
        (true, _) => Some(JoinedBy::ClientAddress),
        (false, true) => Some(JoinedBy::User),
        (false, false) => None,
    }
}

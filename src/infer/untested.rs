//! Tells which causes could not be tested, and for want of which logs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::coverage::tells_of_any;
use super::ground::World;
use crate::model::{Attempt, Candidate, Facts, MachineCoverage, NotTested, Side, Text};
use crate::rules::Cause;

/// The machines that somebody tried to connect to, or from, and where the cause was not
/// concluded although a channel that it needs was not supplied, or tells of none of the attempts
/// there. A host that is known only from its client's log was supplied nothing.
pub(super) fn machines(
    cause: &Cause,
    candidates: &[Candidate],
    world: &World<'_>,
) -> Vec<NotTested> {
    let concluded: BTreeSet<&str> = candidates
        .iter()
        .filter(|candidate| candidate.cause == cause.id)
        .filter_map(|candidate| candidate.scope.machine())
        .map(AsRef::as_ref)
        .collect();
    let others = world.involved.iter().filter(|(machine, _)| !concluded.contains(&***machine));
    // Most machines lack the same logs.
    let mut last: Arc<[Text]> = Arc::default();
    others
        .filter_map(|(machine, supplied)| {
            if !missing(cause, supplied).eq(last.iter()) {
                last = missing(cause, supplied).cloned().collect();
            }
            let (cause, machine, missing) =
                (cause.id.clone(), Arc::clone(machine), Arc::clone(&last));
            (!missing.is_empty()).then_some(NotTested { cause, machine, missing })
        })
        .collect()
}

/// The machines that somebody tried to connect to, or from, with the channels that tell of it.
pub(super) type Involved<'f> = BTreeMap<Arc<str>, Vec<&'f str>>;

/// The machines that somebody tried to connect to, or from.
pub(super) fn involved<'f>(attempts: &[Attempt], facts: &'f Facts) -> Involved<'f> {
    let mut supplied: HashMap<String, &MachineCoverage> = HashMap::new();
    for machine in &facts.machines {
        supplied.entry(machine.name.to_ascii_lowercase()).or_insert(machine);
    }
    let mut attempts_at: BTreeMap<&Arc<str>, Vec<&Attempt>> = BTreeMap::new();
    for attempt in attempts {
        let own = (attempt.side == Side::Host).then_some(&attempt.machine);
        let host = attempt.host.as_ref().filter(|host| Some(*host) != own);
        for machine in own.into_iter().chain(host) {
            attempts_at.entry(machine).or_default().push(attempt);
        }
    }
    let tell = |(machine, attempts): (&Arc<str>, Vec<&Attempt>)| {
        let supplied = supplied.get(&machine.to_ascii_lowercase());
        let channels = supplied.into_iter().flat_map(|supplied| {
            let names = supplied.channels.iter().map(|channel| &*channel.channel);
            names.filter(|name| tells_of_any(supplied, name, attempts.iter().copied()))
        });
        (Arc::clone(machine), channels.collect())
    };
    attempts_at.into_iter().map(tell).collect()
}

/// The channels that the cause needs and that tell of no attempt.
fn missing<'c>(cause: &'c Cause, telling: &[&str]) -> impl Iterator<Item = &'c Text> {
    let is_told =
        move |needed: &str| telling.iter().any(|channel| channel.eq_ignore_ascii_case(needed));
    cause.needs.iter().filter(move |channel| !is_told(channel))
}

//! Tells which causes could not be tested, and for want of which logs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::ground::World;
use crate::model::{Attempt, Candidate, Facts, MachineCoverage, NotTested, Side, Text};
use crate::rules::Cause;

/// The machines that somebody tried to connect to, or from, and where the cause was not
/// concluded although a channel that it needs was not supplied. A host that is known only
/// from its client's log was supplied nothing.
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
        .filter_map(|(machine, coverage)| {
            if !missing(cause, *coverage).eq(last.iter()) {
                last = missing(cause, *coverage).cloned().collect();
            }
            let (cause, machine, missing) =
                (cause.id.clone(), Arc::clone(machine), Arc::clone(&last));
            (!missing.is_empty()).then_some(NotTested { cause, machine, missing })
        })
        .collect()
}

/// The machines that somebody tried to connect to, or from, with what was supplied of them.
pub(super) type Involved<'f> = BTreeMap<Arc<str>, Option<&'f MachineCoverage>>;

/// The machines that somebody tried to connect to, or from.
pub(super) fn involved<'f>(attempts: &[Attempt], facts: &'f Facts) -> Involved<'f> {
    let mut supplied: HashMap<String, &MachineCoverage> = HashMap::new();
    for machine in &facts.machines {
        supplied.entry(machine.name.to_ascii_lowercase()).or_insert(machine);
    }
    let hosts = attempts.iter().filter(|attempt| attempt.side == Side::Host);
    let machines = hosts.map(|attempt| &attempt.machine);
    let machines = machines.chain(attempts.iter().filter_map(|attempt| attempt.host.as_ref()));
    let distinct: BTreeSet<&Arc<str>> = machines.collect();
    let of = |machine: &Arc<str>| supplied.get(&machine.to_ascii_lowercase()).copied();
    distinct.into_iter().map(|machine| (Arc::clone(machine), of(machine))).collect()
}

/// The channels that the cause needs and that were not supplied.
fn missing<'c>(
    cause: &'c Cause,
    coverage: Option<&MachineCoverage>,
) -> impl Iterator<Item = &'c Text> {
    let is_supplied =
        move |channel: &str| coverage.is_some_and(|known| known.channel(channel).is_some());
    cause.needs.iter().filter(move |channel| !is_supplied(channel))
}

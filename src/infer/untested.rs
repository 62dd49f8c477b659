//! Tells which causes could not be tested, and for want of which logs.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ground::World;
use crate::model::{Attempt, Candidate, Facts, NotTested, Side};
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
    let others = world.involved.iter().filter(|machine| !concluded.contains(&***machine));
    others
        .filter_map(|machine| {
            let missing = missing(cause, machine, world.facts);
            let (cause, machine) = (cause.id.clone(), Arc::clone(machine));
            (!missing.is_empty()).then_some(NotTested { cause, machine, missing })
        })
        .collect()
}

/// The machines that somebody tried to connect to, or from.
pub(super) fn involved(attempts: &[Attempt]) -> BTreeSet<Arc<str>> {
    attempts
        .iter()
        .filter(|attempt| attempt.side == Side::Host)
        .map(|attempt| &attempt.machine)
        .chain(attempts.iter().filter_map(|attempt| attempt.host.as_ref()))
        .cloned()
        .collect()
}

fn missing(cause: &Cause, machine: &str, facts: &Facts) -> Vec<Arc<str>> {
    let coverage = facts.machines.iter().find(|known| known.name.eq_ignore_ascii_case(machine));
    cause
        .needs
        .iter()
        .filter(|channel| coverage.is_none_or(|coverage| coverage.channel(channel).is_none()))
        .cloned()
        .collect()
}

//! Finds the scopes at which a cause can be considered at all, without asking it at each.
//!
//! What opens a gate is a signal. Of a hundred thousand attempts few have one that a cause asks
//! for, and of most causes no signal is in the case.

use super::ground::World;
use super::scopes::Place;
use crate::model::SignalId;
use crate::rules::schema::At;
use crate::rules::{Cause, Condition};

/// The scopes of the cause's kind, in order, without those at which its gate cannot hold for
/// want of a signal. A stretch of time has no signal that its scope has not.
pub(super) fn places(cause: &Cause, world: &World<'_>) -> Vec<Place> {
    let gate = &cause.requires;
    let all = gate.all.iter().map(std::slice::from_ref);
    let any = Some(&*gate.any).filter(|any| !any.is_empty());
    let needs: Vec<Need<'_>> =
        all.chain(any).map(|conditions| Need::of(conditions, world)).collect();
    let own = needs.iter().filter_map(|need| match need {
        Need::OneOf(ids) => Some(world.scopes.having(cause.scope, ids)),
        Need::Open => None,
    });
    let fewest = own.min_by_key(Vec::len);
    fewest.unwrap_or_else(|| world.scopes.of_kind(cause.scope))
}

/// What must be there for one of some conditions to hold.
enum Need<'c> {
    /// One of these, in the scope itself.
    OneOf(Vec<&'c SignalId>),
    /// What may stand elsewhere.
    Open,
}

impl<'c> Need<'c> {
    fn of(conditions: &'c [Condition], world: &World<'_>) -> Self {
        let mut ids = Vec::new();
        for pattern in conditions.iter().map(|condition| &condition.pattern) {
            let mut there = pattern.signals.iter().filter(|id| world.scopes.has(id)).peekable();
            let is_own = matches!(pattern.at, None | Some(At::Attempt));
            if !is_own && there.peek().is_some() {
                return Self::Open;
            }
            ids.extend(there);
        }
        Self::OneOf(ids)
    }
}

//! Finds the scopes at which a cause can be considered at all, without asking it at each.
//!
//! What opens a gate is a signal. Of a hundred thousand attempts few have one that a cause asks
//! for, and of most causes no signal is in the case.

use super::ground::World;
use super::names::{Name, Names};
use super::scopes::Place;
use crate::rules::schema::At;
use crate::rules::{Cause, Condition};

/// Where the gate of a cause can hold, as far as the names of a case's signals tell.
pub(super) enum Opening {
    /// A signal that it needs is not in the case.
    Nowhere,
    /// Only at scopes that have some signals themselves.
    WhereItsSignalsAre,
    /// What it needs may stand beside any scope.
    Anywhere,
}

/// Where a cause can be considered in a case with these signals.
pub(super) fn opening(cause: &Cause, names: &Names) -> Opening {
    let mut opening = Opening::Anywhere;
    for need in needs(cause, names) {
        match need {
            Need::OneOf(ids) if ids.is_empty() => return Opening::Nowhere,
            Need::OneOf(_) => opening = Opening::WhereItsSignalsAre,
            Need::Open => {}
        }
    }
    opening
}

/// The scopes of the cause's kind, in order, without those at which its gate cannot hold for
/// want of a signal. A stretch of time has no signal that its scope has not.
pub(super) fn places(cause: &Cause, world: &World<'_>) -> Vec<Place> {
    let own = needs(cause, world.scopes.names()).filter_map(|need| match need {
        Need::OneOf(names) => Some(world.scopes.having(cause.scope, &names)),
        Need::Open => None,
    });
    let fewest = own.min_by_key(Vec::len);
    fewest.unwrap_or_else(|| world.scopes.of_kind(cause.scope))
}

/// What must be there for one of some conditions to hold.
enum Need {
    /// One of these, in the scope itself.
    OneOf(Vec<Name>),
    /// What may stand elsewhere.
    Open,
}

/// What must be there for the gate of a cause to hold: all of these.
fn needs(cause: &Cause, names: &Names) -> impl Iterator<Item = Need> {
    let gate = &cause.requires;
    let all = gate.all.iter().map(std::slice::from_ref);
    let any = Some(&*gate.any).filter(|any| !any.is_empty());
    all.chain(any).map(|conditions| Need::of(conditions, names))
}

impl Need {
    fn of(conditions: &[Condition], names: &Names) -> Self {
        let mut found = Vec::new();
        for pattern in conditions.iter().map(|condition| &condition.pattern) {
            let mut there =
                pattern.signals.iter().filter_map(|id| names.of(id.as_str())).peekable();
            let is_own = matches!(pattern.at, None | Some(At::Attempt));
            if !is_own && there.peek().is_some() {
                return Self::Open;
            }
            found.extend(there);
        }
        Self::OneOf(found)
    }
}

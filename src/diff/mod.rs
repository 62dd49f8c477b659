//! Compares a case before and after a repair: which causes and which failing tries are gone,
//! which are new, which are still there, and of which that cannot be told.
//!
//! Knows what the JSON report says of each side. A log that is exported again holds what it
//! held before, so only tries and evidence that are newer than the first side count for the
//! second.

mod side;

use std::collections::{BTreeMap, BTreeSet};

pub use side::{Counted, Found, LeftOut, Side, SideError, Try};

use crate::model::{Confidence, Kind, Outcome, Time};
use crate::options::{same_machine, same_user};

/// What became of a cause or of a group of tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was not there before.
    New,
    /// It is still there.
    Unchanged,
    /// It is no longer seen, and that proves nothing.
    CannotTell,
    /// It is no longer there, although it would show.
    Gone,
}

impl Fate {
    /// The name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::CannotTell => "cannot-tell",
            Self::Gone => "gone",
        }
    }
}

/// How tries came out. Benign ones, such as probes, are no tries to get anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Those that ended without a session.
    pub failed: usize,
    /// Those that reached one.
    pub succeeded: usize,
    /// Those whose end is not shown.
    pub undecided: usize,
    /// Those of floods, of which only the number is known.
    pub counted: usize,
}

impl Count {
    /// Counts tries.
    pub fn of<'t, Tries: Iterator<Item = &'t Try>>(tries: Tries) -> Self {
        let mut count = Self::default();
        for one in tries {
            match one.outcome {
                Outcome::Failed => count.failed += 1,
                Outcome::Succeeded => count.succeeded += 1,
                Outcome::Undecided => count.undecided += 1,
                Outcome::Benign => {}
            }
        }
        count
    }

    /// The same with tries of floods.
    fn with<'c, All: Iterator<Item = &'c Counted>>(mut self, counted: All) -> Self {
        self.counted = counted.fold(self.counted, |sum, one| sum.saturating_add(one.attempts));
        self
    }

    /// All of them.
    pub const fn total(self) -> usize {
        (self.failed + self.succeeded + self.undecided).saturating_add(self.counted)
    }
}

/// What became of a cause at a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseChange {
    /// The diagnosis' id, the same on both sides.
    pub id: String,
    /// The cause.
    pub cause: String,
    /// Whom it concerns.
    pub scope: String,
    /// What became of it.
    pub fate: Fate,
    /// Why, in a clause.
    pub detail: String,
    /// How sure it was before.
    pub before: Option<Confidence>,
    /// How sure it is after.
    pub after: Option<Confidence>,
}

/// Tries of one user from one client to one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The host.
    pub host: String,
    /// The client: its name, or else its address; empty where unknown.
    pub client: String,
    /// The user; empty where unknown.
    pub user: String,
    /// What became of their failures.
    pub fate: Fate,
    /// How the tries came out before.
    pub before: Count,
    /// How those since came out.
    pub after: Count,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Until when the first side reaches.
    pub until: Option<Time>,
    /// Whether the second side reaches further.
    pub is_later: bool,
    /// The tries of the first side.
    pub before: Count,
    /// The tries of the second side that the first has not.
    pub after: Count,
    /// Tries that both sides hold.
    pub shared: usize,
    /// What filters took out of either side, which is not compared.
    pub left_out: [LeftOut; 2],
    /// The causes: new, unchanged, not to be told, gone; within these by id.
    pub causes: Vec<CauseChange>,
    /// The groups of tries with failures on either side, in the same order.
    pub groups: Vec<Group>,
}

/// Compares two sides. Benign causes are left out.
pub fn diff(before: &Side, after: &Side) -> Diff {
    let known: BTreeSet<&str> = before.tries.iter().map(|one| one.id.as_str()).collect();
    let since: Vec<&Try> =
        after.tries.iter().filter(|one| !known.contains(one.id.as_str())).collect();
    let (is_later, shared) = (after.end() > before.end(), after.tries.len() - since.len());
    let counted = counted_since(before, after);
    // Two exports of one log are told apart by time; unrelated ones cannot be.
    let by_time = is_later || shared > 0;
    let ground = Ground { before, after, since: &since, counted: &counted, by_time };
    let mut causes = ground.causes();
    causes.sort_by(|left, right| (left.fate, &left.id).cmp(&(right.fate, &right.id)));
    Diff {
        until: before.end(),
        is_later,
        before: Count::of(before.tries.iter()).with(before.counted.iter()),
        after: ground.all(),
        shared,
        left_out: [before.left_out, after.left_out],
        causes,
        groups: groups(before, &since, &counted),
    }
}

/// The tries of floods that are not of the first side: those that began after its end, and of
/// the others what they have more than there, because a log holds what it held before.
fn counted_since(before: &Side, after: &Side) -> Vec<Counted> {
    let known = |one: &Counted| {
        let same = before.counted.iter().find(|other| {
            same_machine(&other.machine, &one.machine) && other.address == one.address
        });
        same.filter(|_| one.first <= before.end()).map_or(0, |same| same.attempts)
    };
    let since = after
        .counted
        .iter()
        .map(|one| Counted { attempts: one.attempts.saturating_sub(known(one)), ..one.clone() });
    since.filter(|one| one.attempts > 0).collect()
}

/// What fates are judged on.
struct Ground<'s> {
    before: &'s Side,
    after: &'s Side,
    since: &'s [&'s Try],
    counted: &'s [Counted],
    /// Whether evidence counts as new by its time.
    by_time: bool,
}

impl Ground<'_> {
    fn causes(&self) -> Vec<CauseChange> {
        let faults = |side: &Side| -> BTreeMap<String, Found> {
            let found = side.found.iter().filter(|found| found.kind != Kind::Benign);
            found.map(|found| (found.id.clone(), found.clone())).collect()
        };
        let (before, after) = (faults(self.before), faults(self.after));
        let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        ids.into_iter()
            .filter_map(|id| {
                let (was, is) = (before.get(id), after.get(id));
                let any = was.or(is)?;
                let (fate, detail) = match (was, is.filter(|found| self.is_fresh(found))) {
                    (Some(was), None) => self.no_longer(was),
                    (Some(_), Some(_)) => (Fate::Unchanged, self.tried(any)),
                    (None, Some(_)) => (Fate::New, self.tried(any) + self.maybe_old()),
                    (None, None) => {
                        let detail = "it rests on records from before, which only now were given";
                        (Fate::New, detail.to_owned())
                    }
                };
                Some(CauseChange {
                    id: id.clone(),
                    cause: any.cause.clone(),
                    scope: any.scope.clone(),
                    fate,
                    detail,
                    before: was.map(|found| found.confidence),
                    after: is.map(|found| found.confidence),
                })
            })
            .collect()
    }

    /// Whether something newer than the first side speaks for it.
    fn is_fresh(&self, found: &Found) -> bool {
        let until = self.before.end_of(found.machine()).or(self.before.end());
        !self.by_time || found.last > until
    }

    /// What a new cause's clause ends with.
    const fn maybe_old(&self) -> &'static str {
        if self.before.left_out.may_hide_causes() {
            "; the filters of BEFORE may have hidden it"
        } else {
            ""
        }
    }

    /// Whether a cause that is not seen any more is gone.
    fn no_longer(&self, was: &Found) -> (Fate, String) {
        if self.after.left_out.may_hide_causes() {
            return (Fate::CannotTell, "the filters of AFTER may hide it".to_owned());
        }
        if self.all().total() == 0 {
            return (Fate::CannotTell, "nothing was tried since".to_owned());
        }
        let count = self.count(was);
        if count.total() == 0 {
            return (Fate::CannotTell, "nobody tried there since".to_owned());
        }
        let missing: Vec<String> = was
            .proof
            .iter()
            .filter(|(machine, channel)| !self.after.covers(machine, channel))
            .map(|(machine, channel)| {
                format!("{} of {machine}", crate::model::channel::short(channel))
            })
            .collect();
        if !missing.is_empty() {
            let detail = format!("what proved it was not given: {}", missing.join(", "));
            return (Fate::CannotTell, detail);
        }
        let tried = self.tried(was);
        if count.succeeded == 0 { (Fate::CannotTell, tried) } else { (Fate::Gone, tried) }
    }

    /// How the tries since came out where the cause lies.
    fn tried(&self, found: &Found) -> String {
        let count = self.count(found);
        match count.total() {
            0 => "nobody tried there since".to_owned(),
            1 if count.succeeded == 1 => "the one try there since succeeded".to_owned(),
            1 => "the one try there since did not succeed".to_owned(),
            total => format!("{} of {total} tries there since succeeded", count.succeeded),
        }
    }

    /// All tries since.
    fn all(&self) -> Count {
        Count::of(self.since.iter().copied()).with(self.counted.iter())
    }

    /// The tries since where the cause lies. An account's are never among those of a flood.
    fn count(&self, found: &Found) -> Count {
        let there = self.counted.iter().filter(|one| {
            same_machine(&one.machine, found.machine())
                && match found.scope_kind.as_str() {
                    "account" => false,
                    "client" => one.address.as_deref() == Some(found.whom()),
                    _ => true,
                }
        });
        Count::of(self.since.iter().copied().filter(|one| concerns(found, one))).with(there)
    }
}

/// Whether a try is one that the cause would hit.
fn concerns(found: &Found, one: &Try) -> bool {
    let there = one.machines.iter().any(|machine| same_machine(machine, found.machine()));
    let whom = found.whom();
    there
        && match found.scope_kind.as_str() {
            "account" => one.user.as_deref().is_some_and(|user| same_user(whom, user)),
            "client" => one.address.as_deref() == Some(whom),
            _ => true,
        }
}

/// What of one group is known on either side.
#[derive(Default)]
struct Members<'s> {
    before: (Vec<&'s Try>, Vec<&'s Counted>),
    since: (Vec<&'s Try>, Vec<&'s Counted>),
}

fn groups(before: &Side, since: &[&Try], counted: &[Counted]) -> Vec<Group> {
    let key = |one: &Try| {
        let client = one.client.as_ref().or(one.address.as_ref()).cloned().unwrap_or_default();
        (one.host().to_owned(), client, one.user.clone().unwrap_or_default())
    };
    let flood = |one: &Counted| {
        (one.machine.clone(), one.address.clone().unwrap_or_default(), String::new())
    };
    let mut groups: BTreeMap<_, Members<'_>> = BTreeMap::new();
    for one in &before.tries {
        groups.entry(key(one)).or_default().before.0.push(one);
    }
    for one in &before.counted {
        groups.entry(flood(one)).or_default().before.1.push(one);
    }
    for one in since {
        groups.entry(key(one)).or_default().since.0.push(one);
    }
    for one in counted {
        groups.entry(flood(one)).or_default().since.1.push(one);
    }
    let count = |(tries, counted): (Vec<&Try>, Vec<&Counted>)| {
        Count::of(tries.into_iter()).with(counted.into_iter())
    };
    let mut groups: Vec<Group> = groups
        .into_iter()
        .filter_map(|((host, client, user), members)| {
            let (before, after) = (count(members.before), count(members.since));
            // What is only counted came from a client that failed again and again.
            let failed = |count: Count| count.failed.saturating_add(count.counted);
            let fate = match (failed(before), failed(after)) {
                (0, 0) => return None,
                (0, _) => Fate::New,
                (_, 0) if after.succeeded > 0 => Fate::Gone,
                (_, 0) => Fate::CannotTell,
                _ => Fate::Unchanged,
            };
            Some(Group { host, client, user, fate, before, after })
        })
        .collect();
    // Where most failed comes first; ties stay in order of name.
    groups.sort_by_key(|group| {
        let most = group.before.failed.saturating_add(group.before.counted);
        let most = most.saturating_add(group.after.failed).saturating_add(group.after.counted);
        (group.fate, std::cmp::Reverse(most))
    });
    groups
}

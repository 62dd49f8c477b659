//! Which signals the causes of a case ask for, and among whose signals they look.
//!
//! Of most causes nothing is in a case, and the few that are left ask for a part of what it has:
//! only that part is sorted.

use std::collections::{BTreeMap, BTreeSet};

use super::entrance::{self, Opening};
use super::names::{Name, Names};
use crate::model::drawn;
use crate::rules::schema::{At, ScopeKind};
use crate::rules::{Cause, RuleSet};

/// By what signals are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    Machine,
    Account,
    Client,
    Attempt,
    Pair,
    Fleet,
    /// By machine, only those that name no user.
    MachineWithoutUser,
    /// By machine, only those that name no client.
    MachineWithoutClient,
}

impl From<ScopeKind> for By {
    fn from(kind: ScopeKind) -> Self {
        match kind {
            ScopeKind::Machine => Self::Machine,
            ScopeKind::Account => Self::Account,
            ScopeKind::Client => Self::Client,
            ScopeKind::Attempt => Self::Attempt,
            ScopeKind::Pair => Self::Pair,
            ScopeKind::Fleet => Self::Fleet,
        }
    }
}

/// The names of the signals that are asked for, by what these are sorted by.
#[derive(Default)]
pub(super) struct Asked(BTreeMap<By, BTreeSet<Name>>);

impl Asked {
    /// What the causes ask for that can be considered somewhere.
    pub(super) fn by_all(rules: &RuleSet, names: &mut Names) -> Self {
        let mut asked = Self::default();
        for cause in &rules.causes {
            match entrance::opening(cause, names) {
                Opening::Nowhere => {}
                Opening::WhereItsSignalsAre => asked.enter(cause, names),
                // What a scope has then decides nothing about whether it is one.
                Opening::Anywhere => {
                    asked.enter(cause, names);
                    asked.enter_all(cause, names);
                }
            }
        }
        asked
    }

    /// What a cause asks for wherever anything is.
    pub(super) fn by_one(cause: &Cause, names: &mut Names) -> Self {
        let mut asked = Self::default();
        asked.enter(cause, names);
        asked.enter_all(cause, names);
        asked
    }

    /// The signals that are asked for, sorted by that.
    pub(super) fn of(&self, by: By) -> impl Iterator<Item = Name> {
        self.0.get(&by).into_iter().flatten().copied()
    }

    /// Whether any is.
    pub(super) fn any(&self, by: By) -> bool {
        self.of(by).next().is_some()
    }

    /// The signals that are asked for at all.
    pub(super) fn all(&self) -> BTreeSet<Name> {
        self.0.values().flatten().copied().collect()
    }

    fn enter(&mut self, cause: &Cause, names: &mut Names) {
        let own = By::from(cause.scope);
        // The attempts of a scope, and that somebody got through, matter to every cause.
        let always = [drawn::ATTEMPT_OPENED, drawn::ATTEMPT_SUCCEEDED].into_iter();
        let besides = cause.until.iter().chain(&cause.explains_attempts);
        self.add(own, always, names);
        self.add(own, besides, names);
        for pattern in cause.patterns() {
            self.add(own, pattern.named_signals(), names);
            for by in pattern.places().flat_map(|at| elsewhere(at, cause.scope)) {
                self.add(*by, pattern.named_signals(), names);
            }
        }
    }

    fn enter_all(&mut self, cause: &Cause, names: &Names) {
        self.0.entry(cause.scope.into()).or_default().extend(names.all());
    }

    fn add(&mut self, by: By, ids: impl Iterator<Item: AsRef<str>>, names: &mut Names) {
        self.0.entry(by).or_default().extend(ids.filter_map(|id| names.of_rule(id.as_ref())));
    }
}

/// Among whose signals an item of a cause looks besides those of its scope. The scope of an
/// account may be a client or a machine that stands in for it.
const fn elsewhere(at: At, scope: ScopeKind) -> &'static [By] {
    match (at, scope) {
        (At::Attempt, _) => &[By::Attempt],
        (At::Machine, _) => &[By::Machine],
        (At::Fleet, _) => &[By::Fleet],
        (_, ScopeKind::Account) => &[
            By::Machine,
            By::Account,
            By::Client,
            By::MachineWithoutUser,
            By::MachineWithoutClient,
        ],
        (_, ScopeKind::Client) => &[By::Machine, By::Client, By::MachineWithoutClient],
        (_, ScopeKind::Machine | ScopeKind::Attempt | ScopeKind::Pair | ScopeKind::Fleet) => {
            &[By::Machine]
        }
    }
}

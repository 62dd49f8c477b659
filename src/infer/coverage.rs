//! Tells whether the logs would show a signal that is not there.
//!
//! Silence of a log that was not supplied, that begins too late or has a hole proves nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ground::Ground;
use super::pattern::Tested;
use crate::model::{MachineCoverage, SignalId, Time, channel, drawn};
use crate::rules::schema::{At, ScopeKind};

/// Channels that show attempts on a host: without one of them an attempt may have happened
/// unseen.
const ATTEMPT_CHANNELS: [&str; 3] =
    [channel::RDP_CORE_TS, channel::LOCAL_SESSION_MANAGER, channel::RDP_CLIENT];

impl Ground<'_> {
    /// Fails where the logs would show the signals, else untestable with the channels that are
    /// missing. Without a window it is enough that a channel was supplied at all.
    pub(super) fn unseen(
        &self,
        at: Option<At>,
        ids: &[SignalId],
        window: Option<(Time, Time)>,
    ) -> Tested {
        let missing: BTreeSet<String> = ids
            .iter()
            .flat_map(|id| self.logs_of(id))
            .filter(|channels| !channels.iter().any(|channel| self.is_logged(at, channel, window)))
            .filter_map(|channels| channels.into_iter().next())
            .collect();
        if missing.is_empty() {
            Tested::Fails
        } else {
            Tested::Untestable(missing.into_iter().collect())
        }
    }

    /// The logs that a signal needs, each as the channels that hold it alike. A correlation
    /// needs those of all signals that it counts.
    fn logs_of(&self, id: &SignalId) -> Vec<Vec<String>> {
        let rules = self.world.rules;
        if drawn::ALL.contains(&id.as_str()) {
            return vec![ATTEMPT_CHANNELS.map(str::to_owned).to_vec()];
        }
        if let Some(correlation) = rules.correlation(id) {
            return correlation.rules.iter().flat_map(|id| self.logs_of(id)).collect();
        }
        let channel = rules.signals.get(id).map(|rule| vec![rule.channel.to_string()]);
        channel.into_iter().collect()
    }

    /// Whether a channel tells of the place. One's own log is one; where an item looks at
    /// several machines, each of them could have been the one that logged it.
    pub(super) fn is_logged(
        &self,
        at: Option<At>,
        channel: &str,
        window: Option<(Time, Time)>,
    ) -> bool {
        let covers = |machine: &MachineCoverage| match window {
            Some((from, to)) => machine.covers(channel, from, to),
            None => machine.channel(channel).is_some(),
        };
        let machines = &self.world.facts.machines;
        let everybody = at == Some(At::Fleet) || self.place.kind == ScopeKind::Fleet;
        match at {
            _ if everybody => {
                let mut holding =
                    machines.iter().filter(|machine| machine.channel(channel).is_some()).peekable();
                holding.peek().is_some() && holding.all(covers)
            }
            None | Some(At::Attempt | At::Machine) => self.own_logs(channel).any(covers),
            Some(at) => {
                let named: BTreeSet<&Arc<str>> = self.peers(at).map(|peer| &peer.machine).collect();
                !named.is_empty()
                    && named.iter().all(|name| {
                        machines.iter().any(|machine| machine.name == **name && covers(machine))
                    })
            }
        }
    }

    /// The machines whose log of that channel tells of the scope: the scope's own, and for what
    /// clients log any machine that connects.
    fn own_logs(&self, channel: &str) -> impl Iterator<Item = &MachineCoverage> {
        let by_clients = channel.eq_ignore_ascii_case(channel::RDP_CLIENT);
        let own = self.place.scope.machine();
        let is_own = move |machine: &MachineCoverage| {
            own.is_some_and(|own| machine.name.eq_ignore_ascii_case(own))
        };
        self.world.facts.machines.iter().filter(move |machine| by_clients || is_own(machine))
    }
}

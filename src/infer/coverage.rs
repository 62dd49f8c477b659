//! Tells whether the logs would show a signal that is not there, and whose logs those are.
//!
//! Silence of a log that was not supplied, that begins too late or has a hole proves nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::ground::{Ground, Window};
use super::pattern::Tested;
use crate::model::{
    Attempt, Collect, Covered, FactKind, Facts, MachineCoverage, Outcome, SignalId, Text, channel,
    drawn,
};
use crate::rules::schema::{At, ScopeKind};
use crate::rules::{Pattern, RuleSet};

/// Channels that show attempts on a host: without one of them an attempt may have happened
/// unseen.
const ATTEMPT_CHANNELS: [&str; 3] =
    [channel::RDP_CORE_TS, channel::LOCAL_SESSION_MANAGER, channel::RDP_CLIENT];
/// Channels that only a machine writes that is connected to, whatever their kind.
const HOST_CHANNELS: [&str; 3] = [
    "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/",
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager/",
    "Microsoft-Windows-TerminalServices-LocalSessionManager/",
];
/// Machines named as those whose log rests an absence, or is missing.
const NAMED: usize = 3;

/// A log that would tell and was not supplied for the time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Missing {
    /// Its channel.
    pub channel: Text,
    /// Where the item looks.
    pub at: Option<At>,
    /// It was supplied, and tells nothing of the time: an older copy would.
    pub is_supplied: bool,
}

/// The channels of a log, of which any tells as much as the others.
type Alike = Vec<Text>;

/// What a signal needs to be seen.
#[derive(Default)]
struct Needs {
    logs: Vec<Alike>,
    /// Whether it is a fact beside logs.
    is_fact: bool,
}

/// The supplied machines, found by name, and the logs that signals need: every cause asks for
/// them in every scope.
#[derive(Default)]
pub(super) struct Supplied {
    /// By name as it is spelled in the case.
    by_spelling: HashMap<Arc<str>, usize, RandomState>,
    /// By name in lower case.
    by_name: BTreeMap<String, usize>,
    /// Those with a client's log.
    with_client_log: Vec<usize>,
    /// What a signal needs. A correlation needs the logs of all signals that it counts.
    needs: HashMap<SignalId, Needs, RandomState>,
}

impl Supplied {
    pub(super) fn of(rules: &RuleSet, facts: &Facts) -> Self {
        let mut supplied = Self::default();
        for rule in rules.signals.rules() {
            let is_fact = FactKind::of(&rule.channel).is_some();
            let needs = Needs { logs: vec![vec![rule.channel.clone()]], is_fact };
            supplied.needs.insert(rule.id.clone(), needs);
        }
        let drawn = drawn::ALL.into_iter().map(SignalId::from);
        let correlated = rules.correlations.iter().map(|correlation| correlation.id.clone());
        for id in drawn.chain(correlated) {
            let needs = Needs { logs: logs_of(rules, &id), is_fact: false };
            supplied.needs.insert(id, needs);
        }
        for (number, machine) in facts.machines.iter().enumerate() {
            supplied.by_spelling.entry(machine.name.clone()).or_insert(number);
            supplied.by_name.entry(machine.name.to_ascii_lowercase()).or_insert(number);
            if machine.channel(channel::RDP_CLIENT).is_some() {
                supplied.with_client_log.push(number);
            }
        }
        supplied
    }
}

impl Ground<'_> {
    /// Fails where the logs would show the signals, else untestable with the logs that are
    /// missing. Without a window it is enough that a channel tells of one of the attempts.
    pub(super) fn unseen(
        &self,
        at: Option<At>,
        ids: &[SignalId],
        window: Option<Window>,
    ) -> Tested {
        let mut missing: Vec<Missing> = ids
            .iter()
            .flat_map(|id| self.logs_of(id))
            .filter(|channels| !channels.iter().any(|channel| self.is_logged(at, channel, window)))
            .filter_map(|channels| {
                let is_supplied = channels.iter().any(|channel| self.is_supplied(at, channel));
                Some(Missing { channel: channels.first()?.clone(), at, is_supplied })
            })
            .collect();
        if missing.is_empty() {
            return Tested::Fails;
        }
        missing.sort_unstable();
        missing.dedup();
        Tested::Untestable(missing)
    }

    /// Whether any of the signals is drawn from logs. Facts beside logs are never required: that
    /// one is not there is no reason to ask for it.
    pub(super) fn any_in_logs(&self, ids: &[SignalId]) -> bool {
        let needs = |id: &SignalId| self.world.supplied.needs.get(id);
        !ids.iter().all(|id| needs(id).is_some_and(|needs| needs.is_fact))
    }

    /// The logs that a signal needs.
    fn logs_of(&self, id: &SignalId) -> &[Alike] {
        self.world.supplied.needs.get(id).map(|needs| &*needs.logs).unwrap_or_default()
    }

    /// Whether some log would hold both signals.
    pub(super) fn shares_log(&self, left: &SignalId, right: &SignalId) -> bool {
        let channels = |id| self.logs_of(id).iter().flatten();
        channels(left).any(|channel| channels(right).any(|other| other == channel))
    }

    /// Whether a channel was supplied, whatever time it tells of.
    fn is_supplied(&self, at: Option<At>, channel: &str) -> bool {
        self.is_told(at, |machine| machine.channel(channel).is_some(), channel)
    }

    /// Whether a channel tells of the place. One's own log is one; where an item looks at
    /// several machines, each of them could have been the one that logged it.
    pub(super) fn is_logged(&self, at: Option<At>, channel: &str, window: Option<Window>) -> bool {
        let tells = |machine: &MachineCoverage| match window {
            Some((from, to)) => machine.covers(channel, from, to),
            None => tells_of_any(machine, channel, self.attempts()),
        };
        self.is_whole(window) && self.is_told(at, tells, channel)
    }

    /// Whether the machines that an item asks have a channel that `tells`.
    fn is_told(
        &self,
        at: Option<At>,
        tells: impl Fn(&MachineCoverage) -> bool,
        channel: &str,
    ) -> bool {
        let machines = &self.world.facts.machines;
        let everybody = at == Some(At::Fleet) || self.place.kind == ScopeKind::Fleet;
        match at {
            _ if everybody => {
                let mut holding =
                    machines.iter().filter(|machine| machine.channel(channel).is_some()).peekable();
                holding.peek().is_some() && holding.all(tells)
            }
            None | Some(At::Attempt | At::Machine) => self.own_logs(channel).any(tells),
            Some(at) => {
                let named: BTreeSet<&Arc<str>> = self.peers(at).map(|peer| &peer.machine).collect();
                !named.is_empty()
                    && named.iter().all(|name| self.supplied(name).is_some_and(&tells))
            }
        }
    }

    /// Whether all that was logged in a time was kept. The first records of each kind always are, so
    /// that what is not there at all is known not to be there.
    fn is_whole(&self, window: Option<Window>) -> bool {
        let hours = self.world.facts.hours;
        window.map_or_else(|| hours.any(), |(from, to)| hours.hold(from, to))
    }

    /// A supplied machine by name, ASCII case ignored.
    fn supplied(&self, name: &str) -> Option<&MachineCoverage> {
        let Supplied { by_spelling, by_name, .. } = self.world.supplied;
        let number = by_spelling.get(name).or_else(|| by_name.get(&name.to_ascii_lowercase()))?;
        self.world.facts.machines.get(*number)
    }

    /// The machines whose log of that channel tells of the scope: the scope's own, and for what
    /// clients log any machine that connects.
    fn own_logs(&self, channel: &str) -> impl Iterator<Item = &MachineCoverage> {
        let by_clients = channel.eq_ignore_ascii_case(channel::RDP_CLIENT);
        let own = self.place.scope.machine().filter(|_| !by_clients);
        let clients = self.world.supplied.with_client_log.iter().filter(move |_| by_clients);
        let clients = clients.filter_map(|number| self.world.facts.machines.get(*number));
        own.and_then(|own| self.supplied(own)).into_iter().chain(clients)
    }

    /// The logs in which a pattern's absent part would stand, had it happened; none for a
    /// pattern without an absent part. `span` is the time that the cause's evidence spans, and
    /// `is_absent` tells that the pattern itself holds by absence.
    pub(super) fn rests_on(
        &self,
        pattern: &Pattern,
        span: Window,
        is_absent: bool,
    ) -> Vec<Covered> {
        let (at, ids, window) = match &pattern.without {
            _ if is_absent || pattern.at_most.is_some() => {
                (pattern.at, &pattern.signals, self.window(pattern, Some(span)).unwrap_or(span))
            }
            Some(without) => {
                let window = (span.0 - without.within, span.1 + without.within);
                (without.at, &without.signals, window)
            }
            None => return Vec::new(),
        };
        let channels: BTreeSet<Text> = ids
            .iter()
            .flat_map(|id| self.logs_of(id))
            .filter_map(|alike| {
                alike.iter().find(|channel| self.is_logged(at, channel, Some(window))).cloned()
            })
            .collect();
        let mut covered: Vec<Covered> = channels
            .into_iter()
            .flat_map(|channel| {
                let machines = self.told_by(at, &channel, window);
                machines.into_iter().map(move |machine| Covered {
                    machine,
                    channel: channel.clone(),
                    from: window.0,
                    to: window.1,
                })
            })
            .collect();
        covered.sort();
        covered
    }

    /// The machines whose log of that channel covers the time, the first few.
    fn told_by(&self, at: Option<At>, channel: &str, window: Window) -> Vec<Arc<str>> {
        let is_peer =
            |machine: &MachineCoverage, at| self.peers(at).any(|peer| peer.machine == machine.name);
        let own = |machine: &MachineCoverage| {
            self.own_logs(channel).any(|other| other.name == machine.name)
        };
        let concerns = |machine: &&MachineCoverage| match at {
            _ if self.place.kind == ScopeKind::Fleet => true,
            Some(At::Fleet) => true,
            None | Some(At::Attempt | At::Machine) => own(machine),
            Some(at) => is_peer(machine, at),
        };
        let covering = self.world.facts.machines.iter().filter(concerns);
        covering
            .filter(|machine| machine.covers(channel, window.0, window.1))
            .map(|machine| machine.name.clone())
            .take(NAMED)
            .collect()
    }

    /// From whom a missing log is to be collected: by name where the scope's attempts tell one.
    pub(super) fn collect(&self, missing: &Missing) -> Vec<Collect> {
        let Missing { channel, at, .. } = missing;
        self.owners(*at, channel)
            .into_iter()
            .map(|machine| Collect {
                machine,
                channel: channel.clone(),
                command: channel::export_command(channel),
            })
            .collect()
    }

    fn owners(&self, at: Option<At>, channel: &str) -> Vec<Arc<str>> {
        let by_clients = channel.eq_ignore_ascii_case(channel::RDP_CLIENT);
        let peers = |at: At, otherwise: &str| {
            let named: BTreeSet<Arc<str>> =
                self.peers(at).map(|peer| peer.machine.clone()).take(NAMED).collect();
            match named.is_empty() {
                true => vec![Arc::from(otherwise)],
                false => named.into_iter().collect(),
            }
        };
        // Of attempts that only the client shows, the host's own logs are the host's.
        let by_hosts = HOST_CHANNELS.iter().any(|prefix| channel.starts_with(prefix));
        let own = || match self.place.scope.machine() {
            _ if by_hosts && !self.hosts().is_empty() => self.hosts(),
            Some(machine) => vec![machine.clone()],
            None => vec![Arc::from("each machine")],
        };
        match at {
            None | Some(At::Attempt | At::Machine) if by_clients => self.clients(),
            None | Some(At::Attempt | At::Machine) => own(),
            Some(At::Client) => self.clients(),
            Some(At::Host) => peers(At::Host, "the host"),
            Some(At::Gateway) => peers(At::Gateway, "the gateway"),
            Some(At::Broker) => peers(At::Broker, "the connection broker"),
            Some(At::Dc) => peers(At::Dc, "a domain controller"),
            Some(At::Peers) => peers(At::Peers, "the other machines of its attempts"),
            Some(At::Fleet) => vec![Arc::from("each machine")],
        }
    }
}

/// Whether a machine's log tells of any of the attempts: of any that failed, where some did. One
/// that was cleared since, or has rolled over, is as silent as one that was not supplied.
pub(super) fn tells_of_any<'a, Attempts: Iterator<Item = &'a Attempt>>(
    machine: &MachineCoverage,
    channel: &str,
    attempts: Attempts,
) -> bool {
    if machine.channel(channel).is_none() {
        return false;
    }
    let (mut any_failed, mut any_else, mut tells_of_else) = (false, false, false);
    for attempt in attempts {
        let tells = !machine.is_blind(channel, attempt.started, attempt.ended);
        match attempt.outcome {
            Outcome::Failed if tells => return true,
            Outcome::Failed => any_failed = true,
            _ => (any_else, tells_of_else) = (true, tells_of_else || tells),
        }
    }
    !any_failed && (tells_of_else || !any_else)
}

fn logs_of(rules: &RuleSet, id: &SignalId) -> Vec<Alike> {
    if drawn::ALL.contains(&id.as_str()) {
        return vec![ATTEMPT_CHANNELS.map(Text::from).to_vec()];
    }
    if let Some(correlation) = rules.correlation(id) {
        return correlation.rules.iter().flat_map(|id| logs_of(rules, id)).collect();
    }
    let channel = rules.signals.get(id).map(|rule| vec![rule.channel.clone()]);
    channel.into_iter().collect()
}

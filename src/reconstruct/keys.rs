//! Joins records by what is unique while it is in use: connection name, client endpoint,
//! session id, logon id.
//!
//! Knows that connection names and session ids are used again, so that the latest attempt that
//! bears one holds it until the next; and that a session outlives its connection a little.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::draft::Draft;
use super::weak::agree;
use crate::model::{JoinedBy, Side, Signal, Span, Time};

/// Channels are written by different processes, so their readings of the clock cross a little.
const BEFORE: Span = Span::milliseconds(500);
/// So long after a connection's end records still speak of it: the session is told, logged off
/// and closed by other processes.
const LINGERS: Span = Span::seconds(60);

/// What is unique on a machine while it is in use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Connection(Arc<str>),
    Endpoint(IpAddr, u16),
    Session(u32),
    LogonId(u64),
}

impl Key {
    const fn reason(&self) -> JoinedBy {
        match self {
            Self::Connection(_) => JoinedBy::Connection,
            Self::Endpoint(..) => JoinedBy::Endpoint,
            Self::Session(_) => JoinedBy::Session,
            Self::LogonId(_) => JoinedBy::LogonId,
        }
    }

    /// What a record names, strongest first. One with an activity of its own speaks of that
    /// activity's connection: a session that is taken over has two.
    fn of_record(signal: &Signal) -> impl Iterator<Item = Self> {
        let entities = &signal.entities;
        let is_alone = signal.activity_id.is_none();
        let endpoint = entities.client_address.zip(entities.client_port);
        let keys = [
            entities.connection.clone().map(Self::Connection),
            endpoint.map(|(address, port)| Self::Endpoint(address, port)),
            entities.session.filter(|_| is_alone).map(Self::Session),
            entities.logon_id.map(Self::LogonId),
        ];
        keys.into_iter().flatten()
    }

    fn of_draft(draft: &Draft) -> impl Iterator<Item = Self> {
        let endpoint = draft.client_address.zip(draft.client_port);
        let keys = [
            draft.connection.clone().map(Self::Connection),
            endpoint.map(|(address, port)| Self::Endpoint(address, port)),
            draft.session.map(Self::Session),
        ];
        keys.into_iter().flatten().chain(draft.logon_ids.iter().copied().map(Self::LogonId))
    }
}

/// Which keys a draft bears, as far as they can change: names and endpoints come once and stay,
/// and logon ids only become more.
#[derive(PartialEq, Eq)]
pub(super) struct Bears {
    connection: bool,
    endpoint: bool,
    session: Option<u32>,
    logon_ids: usize,
}

impl Bears {
    pub(super) fn of(draft: &Draft) -> Self {
        Self {
            connection: draft.connection.is_some(),
            endpoint: draft.client_address.is_some() && draft.client_port.is_some(),
            session: draft.session,
            logon_ids: draft.logon_ids.len(),
        }
    }
}

/// Which host's attempts bear which keys.
#[derive(Default)]
pub(super) struct Keys {
    by_machine: HashMap<Arc<str>, HashMap<Key, Holders, RandomState>, RandomState>,
}

/// The attempts that bore a key: mostly one.
#[derive(Default)]
struct Holders {
    /// Start and number, ascending.
    ascending: Vec<(Time, usize)>,
    /// The numbers, once they are many: a session id may have thousands.
    #[expect(clippy::box_collection, reason = "there are very many keys, and few that need it")]
    known: Option<Box<HashSet<usize, RandomState>>>,
}

/// So many holders of a key are looked through.
const FEW: usize = 16;

impl Holders {
    fn enter(&mut self, start: Time, number: usize) {
        let is_known = match &mut self.known {
            Some(known) => !known.insert(number),
            None => self.ascending.iter().any(|(_, other)| *other == number),
        };
        if is_known {
            return;
        }
        if self.ascending.is_empty() {
            self.ascending.reserve_exact(1);
        }
        let at = self.ascending.partition_point(|(other, _)| *other <= start);
        self.ascending.insert(at, (start, number));
        if self.known.is_none() && self.ascending.len() > FEW {
            let numbers = self.ascending.iter().map(|(_, number)| *number);
            self.known = Some(Box::new(numbers.collect()));
        }
    }
}

impl Keys {
    pub(super) fn of(drafts: &[Draft]) -> Self {
        let mut keys = Self::default();
        for (number, draft) in drafts.iter().enumerate() {
            keys.learn(number, draft);
        }
        keys
    }

    /// Enters the keys of a draft; again after a record gave it more.
    pub(super) fn learn(&mut self, number: usize, draft: &Draft) {
        if draft.side != Side::Host {
            return;
        }
        let machine = self.by_machine.entry(draft.machine.clone()).or_default();
        for key in Key::of_draft(draft) {
            machine.entry(key).or_default().enter(draft.started, number);
        }
    }

    /// The attempt that held one of the record's keys at its time, and which key it was.
    pub(super) fn holder(&self, signal: &Signal, drafts: &[Draft]) -> Option<(usize, JoinedBy)> {
        let machine = self.by_machine.get(&signal.machine)?;
        Key::of_record(signal).find_map(|key| {
            let holders = &machine.get(&key)?.ascending;
            let until = holders.partition_point(|(start, _)| *start <= signal.time + BEFORE);
            let (_, number) = holders.get(until.checked_sub(1)?)?;
            let draft = drafts.get(*number)?;
            let lingers = !draft.ended || signal.time <= draft.last + LINGERS;
            (lingers && is_same_user(draft, signal)).then(|| (*number, key.reason()))
        })
    }
}

/// A session may be taken over by an administrator, but a record about another user is not
/// about this attempt.
fn is_same_user(draft: &Draft, signal: &Signal) -> bool {
    agree(draft.user.as_ref(), signal.entities.user.as_ref()).is_some()
}

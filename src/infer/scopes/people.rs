//! Whom signals concern, from what their records and their attempts know, in numbers: the same
//! few machines, accounts and clients are named again and again.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::infer::number::Number;
use crate::model::{Attempt, Entities, Scope, Signal};

/// The number of a machine's or an account's name.
type Text = u32;
/// The number of an address.
type Address = u32;

/// Whom a signal concerns. What the record leaves out, its attempt may know.
#[derive(Clone, Copy)]
pub(super) struct Whom {
    machine: Text,
    user: Option<Text>,
    address: Option<Address>,
    in_attempt: bool,
}

/// Stands for a scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Machine(Text),
    Account(Text, Text),
    Client(Text, Address),
}

/// Whom each signal of a case concerns.
#[derive(Default)]
pub(super) struct People<'a> {
    texts: Numbered<&'a str>,
    addresses: Numbered<IpAddr>,
    /// `None` for those that nobody asks for.
    of_signals: Vec<Option<Whom>>,
}

impl<'a> People<'a> {
    pub(super) fn of(
        signals: &'a [Signal],
        attempts: &'a [Attempt],
        is_asked: impl Fn(Number) -> bool,
    ) -> Self {
        let mut people = Self::default();
        let of_attempts: Vec<Whom> =
            attempts.iter().map(|attempt| people.of_attempt(attempt)).collect();
        people.of_signals.reserve_exact(signals.len());
        // The signals of a record name the same.
        let mut last: Option<(&Arc<Entities>, Option<usize>, Whom)> = None;
        for (signal, number) in signals.iter().zip(Number::all(signals.len())) {
            if !is_asked(number) {
                people.of_signals.push(None);
                continue;
            }
            let whom = match last {
                Some((entities, attempt, whom))
                    if Arc::ptr_eq(entities, &signal.entities) && attempt == signal.attempt =>
                {
                    // What no attempt has may stem from another machine.
                    Whom { machine: people.machine(signal, attempt, &of_attempts), ..whom }
                }
                _ => people.of_signal(signal, &of_attempts),
            };
            last = Some((&signal.entities, signal.attempt, whom));
            people.of_signals.push(Some(whom));
        }
        people
    }

    fn of_attempt(&mut self, attempt: &'a Attempt) -> Whom {
        let bare = |user: &'a Arc<str>| user.rsplit('\\').next().unwrap_or(user);
        Whom {
            machine: self.texts.of(&attempt.machine),
            user: attempt.user.as_ref().map(|user| self.texts.of(bare(user))),
            address: attempt.client_address.map(|address| self.addresses.of(address)),
            in_attempt: true,
        }
    }

    fn of_signal(&mut self, signal: &'a Signal, of_attempts: &[Whom]) -> Whom {
        let attempt = signal.attempt.and_then(|attempt| of_attempts.get(attempt));
        let Entities { user, client_address, .. } = &*signal.entities;
        let user = user.as_deref().map(|user| self.texts.of(user));
        let address = client_address.map(|address| self.addresses.of(address));
        Whom {
            machine: self.machine(signal, signal.attempt, of_attempts),
            user: user.or_else(|| attempt?.user),
            address: address.or_else(|| attempt?.address),
            in_attempt: attempt.is_some(),
        }
    }

    fn machine(
        &mut self,
        signal: &'a Signal,
        attempt: Option<usize>,
        of_attempts: &[Whom],
    ) -> Text {
        let attempt = attempt.and_then(|attempt| of_attempts.get(attempt));
        attempt.map_or_else(|| self.texts.of(&signal.machine), |attempt| attempt.machine)
    }

    /// Whom a signal concerns.
    pub(super) fn whom(&self, number: Number) -> Option<&Whom> {
        self.of_signals.get(number.index())?.as_ref()
    }

    /// The scope that a key stands for.
    pub(super) fn scope(&self, key: Key) -> Option<Scope> {
        let text = |number| self.texts.get(number).map(|text| Arc::from(*text));
        Some(match key {
            Key::Machine(machine) => Scope::Machine(text(machine)?),
            Key::Account(machine, user) => {
                Scope::Account { machine: text(machine)?, user: text(user)? }
            }
            Key::Client(machine, address) => {
                Scope::Client { machine: text(machine)?, address: *self.addresses.get(address)? }
            }
        })
    }
}

impl Whom {
    pub(super) const fn machine(&self) -> Key {
        Key::Machine(self.machine)
    }

    pub(super) const fn names_user(&self) -> bool {
        self.user.is_some()
    }

    /// The account. Where none is named the client stands in for it; and where no client is
    /// named either, as in a client's own log, the machine, but only for what belongs to an
    /// attempt.
    pub(super) fn account(&self) -> Option<Key> {
        let named = |user| Key::Account(self.machine, user);
        let alone = || self.in_attempt.then_some(Key::Machine(self.machine));
        self.user.map(named).or_else(|| self.client()).or_else(alone)
    }

    pub(super) fn client(&self) -> Option<Key> {
        self.address.map(|address| Key::Client(self.machine, address))
    }
}

/// Values that are known by a number, in the order in which they first come up.
struct Numbered<T> {
    numbers: HashMap<T, u32, RandomState>,
    values: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { numbers: HashMap::default(), values: Vec::new() }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Numbered<T> {
    fn of(&mut self, value: T) -> u32 {
        let values = &mut self.values;
        *self.numbers.entry(value).or_insert_with(|| {
            values.push(value);
            // As many as there are signals, at most.
            u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
        })
    }

    fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)
    }
}

//! The notation in which people write events: for logs to forge, and for the cases that stand
//! beside causes.
//!
//! Knows YAML, times, repetition and the catalogue of event layouts. Knows nothing about files
//! and how a log is written. `docs/scenarios.md` describes the notation for its users; in short:
//!
//! ```yaml
//! about: a client that disconnects while TLS is set up, twenty times
//! start: 2026-03-04T02:11:07Z        # `+…` counts from here
//! machine: SRV01                     # unless an event names another
//! layout: plain                      # which of several layouts of one event and version
//! log: { form: export }              # or live, or forwarded
//! events:
//!   - { event: System/Schannel/36870, at: +200ms, Type: server, ErrorCode: 0x8009030D }
//!   - at: +1s                        # a group: its events count from its own time
//!     repeat: { times: 20, every: 30s, vary: { client: [10.0.0.1, 10.0.0.2] } }
//!     events:
//!       - { event: RdpCoreTS/131, activity: "a{i}", ConnType: TCP, ClientIP: "{client}:5000{1..9}" }
//!       - { event: RdpCoreTS/102, at: ~+15ms, activity: "a{i}" }   # `~` counts from the event before
//! ```
//!
//! A field that is not given gets the neutral value of its type: 0, false, the nil GUID,
//! `S-1-0-0`, the year 1601, no bytes, and for text what the provider writes (`-` in Security,
//! nothing elsewhere). `~` writes a NULL value.

mod document;
mod entry;
mod error;
mod expand;
mod lookup;
mod placeholder;
mod resolve;

use std::sync::Arc;

use crate::model::{Event, Guid, Time};
use crate::rules::events::{Catalogue, Envelope};

pub use document::{Log, LogFile, LogForm, Scenario};
pub use entry::{Entry, Repeat};
pub use error::ScenarioError;

/// An event of a scenario, with what is needed to write it to a log.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioEvent {
    /// The event, as a reader of a log would yield it.
    pub event: Event,
    /// How it stands in a log.
    pub envelope: Arc<Envelope>,
    /// Its rendered message, which only forwarded records carry.
    pub message: Option<Arc<str>>,
}

/// What events take from the document around them.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The document's name, for messages.
    pub file: &'a str,
    /// What `+…` counts from.
    pub start: Time,
    /// The machine of events that name none.
    pub machine: &'a str,
    /// The layout to prefer where an event has several of the same version.
    pub layout: Option<&'a str>,
    /// Whether fields that an event's layout does not have are errors.
    pub strict: bool,
}

impl<'a> Context<'a> {
    /// The context of a document that says nothing itself: machine `SRV01`, starting on
    /// 2026-01-15 at 09:00 UTC, strict.
    pub fn new(file: &'a str) -> Self {
        Self { file, start: DEFAULT_START, machine: DEFAULT_MACHINE, layout: None, strict: true }
    }
}

/// 2026-01-15T09:00:00Z.
const DEFAULT_START: Time = Time(134_129_412_000_000_000);
const DEFAULT_MACHINE: &str = "SRV01";

/// Turns entries into events: repeats and groups unrolled, fields typed by the catalogue. The
/// events are ordered by time, those of the same time as they were written; record IDs count
/// from 1 for each machine and channel, unless given.
///
/// # Errors
/// At the first entry that says something impossible, with its line and column.
pub fn events(
    entries: &[Entry],
    context: &Context<'_>,
    catalogue: &Catalogue,
) -> Result<Vec<ScenarioEvent>, ScenarioError> {
    let mut planned = expand::expand(entries, context)?;
    planned.sort_by_key(|planned| planned.time);
    resolve::resolve(&planned, context, catalogue)
}

/// The GUID of an activity's short name, in the style of the host's own (`F420…`): equal names
/// have equal GUIDs in every scenario. Text that is a GUID stands for itself.
pub fn activity_id(name: &str) -> Guid {
    use sha2::{Digest, Sha256};

    if let Some(guid) = Guid::parse(name) {
        return guid;
    }
    let digest = Sha256::digest(name);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    let [a, b, _, _, c, d, e, f, g, h, rest @ ..] = bytes;
    let [i, j, k, l, _, _] = rest;
    // The first three groups are little endian; the third begins with the version, 4, the
    // fourth with the variant, and the host's own end with two zero bytes.
    Guid([a, b, 0x20, 0xf4, c, d, e, f & 0x0f | 0x40, g & 0x3f | 0x80, h, i, j, k, l, 0, 0])
}

#[cfg(test)]
mod tests;

//! Tells on which side of a connection a record was written.
//!
//! Knows channels. The RDP channels belong to one side; Security and System are written by
//! both, where only a record of the connecting side names a target.

use crate::model::{Facts, Side, Signal, channel};

/// The side that wrote the signal's record.
pub(super) fn side(signal: &Signal, facts: &Facts) -> Side {
    let event = signal.records.first().and_then(|record| facts.events.get(*record));
    let is = |name: &str| event.is_some_and(|event| event.channel.eq_ignore_ascii_case(name));
    if is(channel::GATEWAY) {
        Side::Gateway
    } else if is(channel::RDP_CLIENT) || signal.entities.target.is_some() {
        Side::Client
    } else {
        Side::Host
    }
}

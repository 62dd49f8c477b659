//! A channel that was switched off or not written, although the service that writes it worked:
//! the service that owns the listener tells of users who passed authentication, and RdpCoreTS has no
//! record of any connection at that time.

use crate::model::{Gap, GapKind, MachineCoverage, PackedEvent, Span, Time, channel};

/// A user is authenticated soon after the connection was accepted.
const AROUND: Span = Span::seconds(600);
/// The event by which that service says that a user was authenticated.
const AUTHENTICATED: u32 = 1149;

/// The silences of channels, each with the channel's name.
pub(super) fn silences(
    events: &[&PackedEvent],
    machine: &MachineCoverage,
) -> Vec<(&'static str, Gap)> {
    let Some(core) = machine.channel(channel::RDP_CORE_TS) else { return Vec::new() };
    let times = |name: &str, id: Option<u32>| -> Vec<Time> {
        events
            .iter()
            .filter(|event| id.is_none_or(|id| event.event_id == id))
            .filter(|event| event.channel.eq_ignore_ascii_case(name))
            .map(|event| event.time)
            .collect()
    };
    let authenticated = times(channel::REMOTE_CONNECTION_MANAGER, Some(AUTHENTICATED));
    if authenticated.is_empty() {
        return Vec::new();
    }
    let connections = times(channel::RDP_CORE_TS, None);
    let exported = machine.channels.iter().map(|channel| channel.last).max().unwrap_or(core.last);
    let mut gaps: Vec<Gap> = Vec::new();
    for at in authenticated {
        // Both lists are in order of time.
        let next = connections.partition_point(|time| *time < at);
        let before = next.checked_sub(1).and_then(|last| connections.get(last)).copied();
        let after = connections.get(next).copied();
        let near = |time: Option<Time>| time.is_some_and(|time| time.since(at).abs() <= AROUND);
        if at < core.first + AROUND || near(before) || near(after) {
            continue;
        }
        let from = before.unwrap_or(core.first);
        let to = after.unwrap_or(exported);
        if gaps.last().is_none_or(|gap| gap.from != from) && from < to {
            let reason = "users were authenticated, and no connection was logged".to_owned();
            gaps.push(Gap { from, to, kind: GapKind::NotWritten, reason });
        }
    }
    gaps.into_iter().map(|gap| (channel::RDP_CORE_TS, gap)).collect()
}

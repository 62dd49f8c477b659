//! Times in which the event log service was stopped while the machine ran.

use crate::model::{Gap, GapKind, PackedEvent, Span};

/// A start of the machine is logged around the start of the service.
const AROUND: Span = Span::seconds(180);

/// From each stop of the service (6006) to its next start (6005), unless the machine
/// went down in between (Kernel-General 13, 12). Without any such record of the kernel nothing
/// can be told, and nothing is.
pub(super) fn stops(events: &[&PackedEvent]) -> Vec<Gap> {
    let is = |event: &PackedEvent, provider: &str, id: u32| {
        event.event_id == id && event.provider.eq_ignore_ascii_case(provider)
    };
    let kernel: Vec<_> = events
        .iter()
        .filter(|event| {
            is(event, "Microsoft-Windows-Kernel-General", 12)
                || is(event, "Microsoft-Windows-Kernel-General", 13)
        })
        .map(|event| event.time)
        .collect();
    if kernel.is_empty() {
        return Vec::new();
    }
    let mut gaps = Vec::new();
    let mut stopped = None;
    for event in events {
        if is(event, "EventLog", 6006) {
            stopped = Some(event.time);
        } else if is(event, "EventLog", 6005)
            && let Some(from) = stopped.take()
        {
            let to = event.time;
            // Events are in order of time.
            let first = kernel.partition_point(|time| *time < from - AROUND);
            let went_down = kernel.get(first).is_some_and(|time| *time <= to + AROUND);
            if !went_down {
                let reason = "the event log service was stopped".to_owned();
                gaps.push(Gap { from, to, kind: GapKind::Stopped, reason });
            }
        }
    }
    gaps
}

//! Logs that somebody cleared: the Security log says so itself, the System log of all others.

use crate::model::{PackedEvent, Span, Time, channel};

/// The record of the clearing and the first record after it may be out of order by a little.
const NEAR: Span = Span::seconds(60);
const PROVIDER: &str = "Microsoft-Windows-Eventlog";

/// When which log was cleared.
pub(super) struct Clears(Vec<(Time, String)>);

impl Clears {
    /// The clearings that a machine's records tell of.
    pub(super) fn of(events: &[&PackedEvent]) -> Self {
        let by_service =
            events.iter().filter(|event| event.provider.eq_ignore_ascii_case(PROVIDER));
        let cleared = by_service.filter_map(|event| {
            let name = match event.event_id {
                1102 if event.channel.eq_ignore_ascii_case(channel::SECURITY) => {
                    channel::SECURITY.to_owned()
                }
                104 => event.field("Channel")?.to_text().into_owned(),
                _ => return None,
            };
            Some((event.time, name))
        });
        Self(cleared.collect())
    }

    /// Whether the channel was cleared between two times.
    pub(super) fn of_channel(&self, channel: &str, from: Time, to: Time) -> bool {
        self.0.iter().any(|(time, name)| {
            name.eq_ignore_ascii_case(channel) && from <= *time && *time <= to + NEAR
        })
    }
}

//! What was supplied: which channels of which machine, for which span of time.

use std::sync::Arc;

use super::{FileId, Time};

/// A stretch of time that a log should hold and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// From.
    pub from: Time,
    /// To.
    pub to: Time,
    /// Why it is believed: `log cleared`, `record ids jump`.
    pub reason: String,
}

/// One channel of one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelCoverage {
    /// The channel, from the records.
    pub channel: Arc<str>,
    /// The files that hold it.
    pub files: Vec<FileId>,
    /// Readable records.
    pub records: u64,
    /// `TimeCreated` of the earliest record.
    pub first: Time,
    /// `TimeCreated` of the latest record.
    pub last: Time,
    /// Chunks with damage in the files that hold it.
    pub damaged_chunks: u64,
    /// Known holes.
    pub gaps: Vec<Gap>,
}

/// All channels of one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineCoverage {
    /// The Computer value of its records.
    pub name: Arc<str>,
    /// Its channels, ordered by name.
    pub channels: Vec<ChannelCoverage>,
}

impl MachineCoverage {
    /// The channel of that name, ASCII case ignored.
    pub fn channel(&self, name: &str) -> Option<&ChannelCoverage> {
        self.channels.iter().find(|channel| channel.channel.eq_ignore_ascii_case(name))
    }

    /// Whether `channel` would show an event of the time from `from` to `to`: it was supplied,
    /// its oldest record is older, no known gap overlaps, and the machine's logs were taken
    /// later. A quiet channel says nothing about its own end, so the latest record of any
    /// channel of the machine counts as the time of the export.
    pub fn covers(&self, channel: &str, from: Time, to: Time) -> bool {
        let Some(channel) = self.channel(channel) else { return false };
        let exported = self.channels.iter().map(|channel| channel.last).max().unwrap_or_default();
        channel.first <= from
            && to <= exported
            && !channel.gaps.iter().any(|gap| gap.from < to && from < gap.to)
    }
}

//! What the logs of a run can speak for: which channel of which machine, over which time, and
//! how completely. Silence of a channel that is not covered proves nothing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{FileId, Time};

/// How one channel of one machine is covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelCoverage {
    /// `System/Computer` as the records spell it.
    pub machine: Arc<str>,
    /// `System/Channel` as the records spell it; empty where records have none.
    pub channel: Arc<str>,
    /// The files that hold such records, in ascending order.
    pub files: Vec<FileId>,
    /// Number of readable records, whether or not a rule wants them.
    pub records: u64,
    /// How many of these were not read, because no rule asks for the channel: they lie between
    /// the ends of their logs, and are known by their numbers only.
    pub unread_records: u64,
    /// Earliest `TimeCreated`.
    pub first: Time,
    /// Latest `TimeCreated`.
    pub last: Time,
    /// Damaged chunks in which records of this channel may have been. A damaged chunk counts
    /// for each channel that has records in it, and for every channel of its file when it
    /// has none, so the sum over channels may exceed the number of chunks.
    pub damaged_chunks: u64,
    /// Lost records that may have been of this channel; an upper bound, counted likewise.
    pub lost_records: u64,
    /// Whether a sound chunk bears these names of machine and channel, or most records of a
    /// damaged one do. Damage makes up names; these may be such.
    pub is_certain: bool,
    /// The records by record id, in stretches without a hole as far as that could be told
    /// while reading; in no order, and stretches of copies overlap.
    pub runs: Vec<Run>,
    /// Known holes, ordered by time: between the first and the last record, and before the
    /// first where older records are known to have been there.
    pub gaps: Vec<Gap>,
}

impl ChannelCoverage {
    /// A channel of which one record is known, with no known damage and no known hole, from
    /// `first` to `last`.
    pub fn whole(machine: Arc<str>, channel: Arc<str>, first: Time, last: Time) -> Self {
        Self {
            machine,
            channel,
            files: Vec::new(),
            records: 1,
            unread_records: 0,
            first,
            last,
            damaged_chunks: 0,
            lost_records: 0,
            is_certain: true,
            runs: Vec::new(),
            gaps: Vec::new(),
        }
    }
}

/// Records of a channel that were numbered one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// Lowest record id.
    pub low: u64,
    /// Highest record id.
    pub high: u64,
    /// Earliest time.
    pub first: Time,
    /// Latest time.
    pub last: Time,
    /// How many records; fewer than the ids span where some are missing in between, and 0
    /// where the ids were not read, so that nothing follows from them.
    pub records: u64,
}

/// What made a hole in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// Older records gave way to newer ones, or were removed otherwise.
    Overwritten,
    /// Somebody cleared the log.
    Cleared,
    /// Records are missing in between, for no known reason.
    Missing,
    /// Records are missing where the file is damaged.
    Damaged,
    /// The log holds a choice of records: it was exported or forwarded by a filter.
    Filtered,
    /// The event log service did not run while the machine did.
    Stopped,
    /// Other logs show what this one should have recorded.
    NotWritten,
    /// There were more records than can be kept, so that some were only counted.
    NotKept,
}

impl GapKind {
    /// The name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overwritten => "overwritten",
            Self::Cleared => "cleared",
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::Filtered => "filtered",
            Self::Stopped => "stopped",
            Self::NotWritten => "not-written",
            Self::NotKept => "not-kept",
        }
    }
}

/// A stretch of time that a log should hold and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// From.
    pub from: Time,
    /// To.
    pub to: Time,
    /// What made it.
    pub kind: GapKind,
    /// Why it is believed, such as `the log was cleared`.
    pub reason: String,
}

/// How far one log file could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// The file.
    pub file: FileId,
    /// Chunks with a valid header.
    pub chunks: u64,
    /// Readable records. Zero in an undamaged file means that the channel was supplied and
    /// is empty, which differs from a channel that was not supplied.
    pub records: u64,
    /// Chunks with any damage, including slots that are no chunk at all.
    pub damaged_chunks: u64,
    /// Records known to be lost; slots without a chunk header lose an unknown number more.
    pub lost_records: u64,
}

/// Records of a file that are no longer among those of its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The file.
    pub file: FileId,
    /// How many can be read, copies of live records included.
    pub records: u64,
    /// How many of them some rule asks for, and no live record and no other is the same.
    pub kept: u64,
    /// How many more of these there are than are kept.
    pub left_out: u64,
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
    /// Whether the machine's name stands where damage did not make it up.
    pub fn is_certain(&self) -> bool {
        self.channels.iter().any(|channel| channel.is_certain)
    }

    /// The channel of that name, ASCII case ignored.
    pub fn channel(&self, name: &str) -> Option<&ChannelCoverage> {
        self.channels.iter().find(|channel| channel.channel.eq_ignore_ascii_case(name))
    }

    /// When the machine's logs were taken at the earliest: the time of their latest record.
    pub fn exported(&self) -> Time {
        let certain = self.channels.iter().filter(|channel| channel.is_certain);
        certain.map(|channel| channel.last).max().unwrap_or_default()
    }

    /// Whether `channel` would show an event of the time from `from` to `to`: it was supplied,
    /// its oldest record is older, no known gap overlaps, and the machine's logs were taken
    /// later. A quiet channel says nothing about its own end, so the latest record of any
    /// channel of the machine counts as the time of the export.
    pub fn covers(&self, channel: &str, from: Time, to: Time) -> bool {
        let Some(channel) = self.channel(channel) else { return false };
        channel.first <= from
            && to <= self.exported()
            && !channel.gaps.iter().any(|gap| gap.from < to && from < gap.to)
    }

    /// Whether `channel` cannot show anything of the time from `from` to `to`: it was not
    /// supplied, the machine's logs were taken before, or one known gap spans all of it. Where
    /// records were only counted, the first of each kind were kept, so that it still shows which
    /// kinds there were.
    pub fn is_blind(&self, channel: &str, from: Time, to: Time) -> bool {
        let Some(channel) = self.channel(channel) else { return true };
        let mut gaps = channel.gaps.iter().filter(|gap| gap.kind != GapKind::NotKept);
        self.exported() < from || gaps.any(|gap| gap.from <= from && to <= gap.to)
    }
}

//! What the logs of a run can speak for: which channel of which machine, over which time, and
//! how completely. Silence of a channel that is not covered proves nothing.

use std::sync::Arc;

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

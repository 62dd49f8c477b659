//! What all files hold of each channel.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::FileTally;
use super::channels::{Channel, Key};
use crate::model::{ChannelCoverage, FileId};

/// The coverage of channels by all files.
#[derive(Debug, Default)]
pub(in crate::read) struct Coverage(BTreeMap<Key, ChannelCoverage>);

impl Coverage {
    /// Adds what a file holds. Files come in ascending order.
    pub(in crate::read) fn add(&mut self, file: FileId, tally: FileTally) {
        for Channel { key, mut count, runs } in tally.channels {
            count.damage.add(tally.homeless);
            let (machine, channel) = (Arc::clone(&key.0), Arc::clone(&key.1));
            let coverage = self.0.entry(key).or_insert_with(|| ChannelCoverage {
                records: 0,
                is_certain: false,
                ..ChannelCoverage::whole(machine, channel, count.first, count.last)
            });
            coverage.runs.extend(runs);
            coverage.files.push(file);
            coverage.records += count.records;
            coverage.first = coverage.first.min(count.first);
            coverage.last = coverage.last.max(count.last);
            coverage.damaged_chunks += count.damage.chunks;
            coverage.lost_records += count.damage.records;
            coverage.unread_records += count.unread;
            coverage.is_certain |= count.is_certain;
        }
    }

    /// The channels, ordered by machine, then channel.
    pub(in crate::read) fn into_channels(self) -> Vec<ChannelCoverage> {
        self.0.into_values().collect()
    }
}

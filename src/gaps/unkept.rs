//! Logs of which only a part was kept: too much happened, and from some record on everything was
//! only counted. Which channels that concerns is not told, so none proves that nothing happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{ChannelCoverage, Gap, GapKind, Time};

/// Notes that each channel may lack records, from its first record to when its machine's logs were
/// taken.
pub fn leave_out(coverage: &mut [ChannelCoverage]) {
    let mut exported: BTreeMap<Arc<str>, Time> = BTreeMap::new();
    for channel in &*coverage {
        let last = exported.entry(Arc::clone(&channel.machine)).or_insert(channel.last);
        *last = channel.last.max(*last);
    }
    for channel in coverage {
        let to = exported.get(&channel.machine).copied().unwrap_or(channel.last);
        let reason = "more happened than can be kept".to_owned();
        channel.gaps.push(Gap { from: channel.first, to, kind: GapKind::NotKept, reason });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MachineCoverage;

    #[test]
    fn what_was_only_counted_proves_no_absence() {
        let channel = |name: &str, first, last| ChannelCoverage {
            machine: "SRV".into(),
            channel: name.into(),
            files: Vec::new(),
            records: 5,
            first: Time(first),
            last: Time(last),
            damaged_chunks: 0,
            lost_records: 0,
            unread_records: 0,
            is_certain: true,
            runs: Vec::new(),
            gaps: Vec::new(),
        };
        let mut channels = vec![channel("Security", 10, 20), channel("System", 0, 90)];
        let covers = |channels: &[ChannelCoverage]| {
            let machine = MachineCoverage { name: "SRV".into(), channels: channels.to_vec() };
            [("Security", 12, 14), ("Security", 30, 40), ("System", 1, 2)]
                .map(|(name, from, to)| machine.covers(name, Time(from), Time(to)))
        };
        assert_eq!(covers(&channels), [true; 3]);
        leave_out(&mut channels);
        assert_eq!(covers(&channels), [false; 3]);
    }
}

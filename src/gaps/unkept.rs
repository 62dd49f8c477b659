//! Logs of which only a part was kept: too much happened, and from some record on everything was
//! only counted, or only some time and some machines were looked at. What that hides is not told,
//! so nothing there proves that nothing happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{ChannelCoverage, Gap, GapKind, Time};
use crate::options::Options;

/// Notes that each channel may lack records, from its first record to when its machine's logs were
/// taken.
pub fn leave_out(coverage: &mut [ChannelCoverage]) {
    let exported = exported(coverage);
    for channel in coverage {
        let to = exported.get(&channel.machine).copied().unwrap_or(channel.last);
        hide(channel, channel.first, to, "more happened than can be kept");
    }
}

/// Notes what of each channel was passed over, because other machines or another time were to be
/// read.
pub fn pass_over(coverage: &mut [ChannelCoverage], read: &Options) {
    let exported = exported(coverage);
    for channel in coverage {
        let (first, to) =
            (channel.first, exported.get(&channel.machine).copied().unwrap_or(channel.last));
        let reason = "not read, as something else was asked for";
        if !read.has_machine(&channel.machine) {
            hide(channel, first, to, reason);
            continue;
        }
        if let Some(since) = read.since.filter(|since| *since > first) {
            hide(channel, first, since.min(to), reason);
        }
        if let Some(until) = read.until.filter(|until| *until < to) {
            hide(channel, until.max(first), to, reason);
        }
    }
}

/// When the logs of each machine were taken at the earliest.
fn exported(coverage: &[ChannelCoverage]) -> BTreeMap<Arc<str>, Time> {
    let mut exported: BTreeMap<Arc<str>, Time> = BTreeMap::new();
    for channel in coverage {
        let last = exported.entry(Arc::clone(&channel.machine)).or_insert(channel.last);
        *last = channel.last.max(*last);
    }
    exported
}

fn hide(channel: &mut ChannelCoverage, from: Time, to: Time, reason: &str) {
    channel.gaps.push(Gap { from, to, kind: GapKind::NotKept, reason: reason.to_owned() });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MachineCoverage;

    fn channels() -> Vec<ChannelCoverage> {
        let channel = |name: &str, first, last| {
            ChannelCoverage::whole("SRV".into(), name.into(), Time(first), Time(last))
        };
        vec![channel("Security", 10, 20), channel("System", 0, 90)]
    }

    fn covers(channels: &[ChannelCoverage]) -> [bool; 3] {
        let machine = MachineCoverage { name: "SRV".into(), channels: channels.to_vec() };
        [("Security", 12, 14), ("Security", 30, 40), ("System", 1, 2)]
            .map(|(name, from, to)| machine.covers(name, Time(from), Time(to)))
    }

    #[test]
    fn what_was_only_counted_proves_no_absence() {
        let mut channels = channels();
        assert_eq!(covers(&channels), [true; 3]);
        leave_out(&mut channels);
        assert_eq!(covers(&channels), [false; 3]);
    }

    #[test]
    fn what_was_passed_over_proves_no_absence() {
        let check = |read: &Options, expected| {
            let mut channels = channels();
            pass_over(&mut channels, read);
            assert_eq!(covers(&channels), expected);
        };
        let all = Options::default();
        check(&all, [true; 3]);
        check(&Options { since: Some(Time(5)), ..all.clone() }, [true, true, false]);
        check(&Options { until: Some(Time(35)), ..all.clone() }, [true, false, true]);
        check(&Options { until: Some(Time(-5)), ..all.clone() }, [false; 3]);
        check(&Options { since: Some(Time(100)), ..all.clone() }, [false; 3]);
        check(&Options { machines: vec!["other".to_owned()], ..all }, [false; 3]);
    }
}

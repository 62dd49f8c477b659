//! Records that damage took and whose numbers do not tell the place: behind the last one that is
//! left, or anywhere in a log whose numbers damage made up.

use crate::model::{ChannelCoverage, Gap, GapKind, Time};

/// The time for which a log cannot speak, up to when it was taken, because records are lost
/// beside those that are `placed`: known to be missing between two others.
pub(super) fn gap(channel: &ChannelCoverage, placed: Option<u64>, exported: Time) -> Option<Gap> {
    let lost = channel.lost_records.saturating_sub(placed.unwrap_or_default());
    // What is left is numbered without a hole, so the others came before it or after it.
    let from = if placed.is_some() { channel.last } else { channel.first };
    (lost > 0 && from < exported).then(|| {
        let records = if lost == 1 { "1 record".to_owned() } else { format!("{lost} records") };
        let reason = format!("up to {records} lost in a damaged file");
        Gap { from, to: exported, kind: GapKind::Damaged, reason }
    })
}

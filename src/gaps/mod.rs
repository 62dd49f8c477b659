//! Finds the holes in logs, so that silence in a hole proves nothing.
//!
//! - `ids`: records that are missing by their numbers, and a log that has rolled over
//! - `losses`: records that damage took and whose numbers do not tell the place
//! - `clears`: logs that somebody cleared
//! - `stops`: times in which the event log service did not run although the machine did
//! - `silent`: a log that did not record what others show
//! - `unkept`: logs of which only a part was kept, because there was too much of everything
//!
//! A machine that is off and a service that is down leave no hole: nothing happened there that
//! a log could have missed. Pure: facts in, facts out.

mod clears;
mod ids;
mod losses;
mod silent;
mod stops;
#[cfg(test)]
mod tests;
mod unkept;

pub use self::unkept::{leave_out, pass_over};

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{
    ChannelCoverage, Events, Facts, FileId, Gap, GapKind, MachineCoverage, PackedEvent, Run, Time,
};
use clears::Clears;

/// The facts, with the gaps of every channel.
pub fn mark(mut facts: Facts) -> Facts {
    let mut machines = std::mem::take(&mut facts.machines);
    let logs = Logs::of(&machines);
    let own = by_machine(&facts.events);
    for machine in &mut machines {
        let events = own.get(&*machine.name).map_or(&[][..], Vec::as_slice);
        let oldest = oldest(machine);
        let (clears, stops) = (Clears::of(events), stops::stops(events));
        let silences = silent::silences(events, machine);
        let exported = machine.exported();
        for channel in &mut machine.channels {
            mark_channel(channel, &logs.siblings(channel), (oldest, exported), &clears);
            let (first, last) = (channel.first, channel.last);
            let cuts = |gap: &&Gap| first < gap.to && gap.from < last;
            channel.gaps.extend(stops.iter().filter(cuts).cloned());
        }
        for (name, gap) in silences {
            let same = |channel: &&mut ChannelCoverage| channel.channel.eq_ignore_ascii_case(name);
            if let Some(channel) = machine.channels.iter_mut().find(same) {
                channel.gaps.push(gap);
            }
        }
        for channel in &mut machine.channels {
            channel.gaps.sort_by_key(|gap| (gap.from, gap.to, gap.kind));
        }
    }
    facts.machines = machines;
    facts
}

/// The machine's oldest record of any log; damaged records without a time do not count.
fn oldest(machine: &MachineCoverage) -> Option<Time> {
    let dated = |time: &Time| *time > Time::default();
    machine.channels.iter().map(|channel| channel.first).filter(dated).min()
}

/// The events of each machine. What was recovered says nothing about what a log covers.
fn by_machine(events: &Events) -> HashMap<&str, Vec<&PackedEvent>, RandomState> {
    let mut own: HashMap<&str, Vec<&PackedEvent>, RandomState> = HashMap::default();
    for event in events.iter().filter(|event| !event.source.recovered) {
        own.entry(&event.machine).or_default().push(event);
    }
    own
}

/// Names that one machine had, at most. A file that holds a channel of more is a collector's.
const MOST_NAMES: usize = 16;

/// A log under one of the names of its machine.
type Named = (Arc<str>, Arc<[Run]>);

/// The channels that one file holds of a few machines.
struct Logs(BTreeMap<(FileId, String), Vec<Named>>);

impl Logs {
    fn of(machines: &[MachineCoverage]) -> Self {
        let mut logs: BTreeMap<_, Vec<&ChannelCoverage>> = BTreeMap::new();
        for channel in machines.iter().flat_map(|machine| &machine.channels) {
            let name = channel.channel.to_lowercase();
            for file in &channel.files {
                logs.entry((*file, name.clone())).or_default().push(channel);
            }
        }
        // Only a log that holds one channel of several names has siblings.
        logs.retain(|_, names| (2..=MOST_NAMES).contains(&names.len()));
        // A channel may stand in thousands of files; its runs are copied once.
        let mut copies: BTreeMap<_, Arc<[Run]>> = BTreeMap::new();
        let mut copied = |channel: &ChannelCoverage| {
            let (machine, name) = (Arc::clone(&channel.machine), Arc::clone(&channel.channel));
            let runs = copies.entry((Arc::clone(&machine), name));
            (machine, Arc::clone(runs.or_insert_with(|| channel.runs.as_slice().into())))
        };
        let mut named = |names: Vec<&ChannelCoverage>| names.into_iter().map(&mut copied).collect();
        Self(logs.into_iter().map(|(log, names)| (log, named(names))).collect())
    }

    /// The runs of the same log under other names of the machine. A file of forwarded records
    /// holds several machines, too; their numbers hardly ever fit each other, and where they do,
    /// a gap goes unseen at worst.
    fn siblings(&self, channel: &ChannelCoverage) -> Vec<Run> {
        let name = channel.channel.to_lowercase();
        let same = channel.files.iter().filter_map(|file| self.0.get(&(*file, name.clone())));
        let others = same.flatten().filter(|(machine, _)| *machine != channel.machine);
        let others: BTreeMap<&Arc<str>, &Arc<[Run]>> =
            others.map(|(machine, runs)| (machine, runs)).collect();
        others.values().flat_map(|runs| runs.iter().copied()).collect()
    }
}

fn mark_channel(
    channel: &mut ChannelCoverage,
    siblings: &[Run],
    (oldest, exported): (Option<Time>, Time),
    clears: &Clears,
) {
    let ids = ids::read(channel, siblings);
    let mut gaps = ids.as_ref().map(|ids| ids.gaps(channel)).unwrap_or_default();
    for gap in &mut gaps {
        // A hole that ends where the log was cleared has its reason.
        if gap.kind == GapKind::Missing && clears.of_channel(&channel.channel, gap.from, gap.to) {
            gap.kind = GapKind::Cleared;
            gap.reason = "the log was cleared".to_owned();
        }
    }
    let before = oldest.filter(|oldest| *oldest < channel.first);
    if let Some(from) = before {
        let to = channel.first;
        if clears.of_channel(&channel.channel, from, to) {
            let reason = "the log was cleared".to_owned();
            gaps.push(Gap { from, to, kind: GapKind::Cleared, reason });
        } else if let Some(ids) = ids.as_ref().filter(|ids| ids.low > 1) {
            let reason = match ids.low - 1 {
                1 => "an older record was overwritten or removed".to_owned(),
                older => format!("{older} older records were overwritten or removed"),
            };
            gaps.push(Gap { from, to, kind: GapKind::Overwritten, reason });
        }
    }
    let placed = ids.as_ref().and_then(|ids| ids.placed(channel));
    gaps.extend(losses::gap(channel, placed, exported));
    channel.gaps.extend(gaps);
}

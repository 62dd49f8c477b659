//! Makes one case of what many files hold: order, duplicates, spellings of machine names.
//!
//! Knows that copies of one log may be supplied, that a machine is spelled in several ways,
//! and that files come in any order. Knows nothing about what events mean.

mod copies;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::{
    ChannelCoverage, Events, Facts, MachineCoverage, PackedEvent, Records, Signal, Time,
    WholeHours, arrange, channel,
};
use crate::select::{Match, Selected};

/// So many events are looked at together, on one core.
const PART: usize = 4096;

/// Orders events, drops copies of one record, and unites the spellings of machine names.
pub fn gather(mut selected: Vec<Selected>, coverage: Vec<ChannelCoverage>) -> Facts {
    let names: BTreeSet<Arc<str>> =
        coverage.iter().map(|channel| channel.machine.clone()).collect();
    let names = Names::of(&names);
    selected.par_chunks_mut(PART).for_each(|part| names.unite(part));
    let mut selected = in_order(selected);
    // Shadow copies and backups hold the same records again; the first file's copy stays.
    selected.dedup_by(|later, first| same_record(&later.event, &first.event));
    copies::drop_inexact(&mut selected);
    let count: usize = selected.iter().map(|item| item.signals.len()).sum();
    let mut facts = Facts {
        events: Events::with_capacity(selected.len()),
        // There are about half as many again once attempts draw theirs.
        signals: Vec::with_capacity(count + count / 2),
        machines: unite(coverage, &names),
        hours: WholeHours::default(),
    };
    // The records are in order, so that only the signals of each have to be put in theirs.
    facts.signals.par_extend(selected.par_iter().enumerate().flat_map_iter(
        |(record, Selected { event, signals, .. })| {
            let mut signals: Vec<&Match> = signals.iter().collect();
            signals.sort_by_key(|found| &found.id);
            signals.into_iter().map(move |found| signal(found, event, record))
        },
    ));
    selected.into_iter().for_each(|selected| facts.events.push(selected.event));
    facts
}

/// Puts events in order. Their times are compared first, which nearly always settles it, so that
/// events need not be looked at where they lie.
fn in_order(mut selected: Vec<Selected>) -> Vec<Selected> {
    let event = |place: usize| selected.get(place).map(|selected| order(&selected.event));
    let time = |(place, selected): (usize, &Selected)| (selected.event.time, place);
    let mut places: Vec<(Time, usize)> = selected.par_iter().enumerate().map(time).collect();
    // Each log is in order already.
    places.par_sort_by(|(time, left), (other, right)| {
        time.cmp(other).then_with(|| event(*left).cmp(&event(*right)))
    });
    arrange(&mut selected, places.into_iter().map(|(_, place)| place).collect());
    selected
}

/// Time, then what names a record, then where it stands.
fn order(event: &PackedEvent) -> impl Ord + '_ {
    let (time, source) = (event.time, event.source);
    // A live record goes before a copy of it in unused space, and a sound one before one that no
    // checksum vouches for.
    let place = (source.recovered, source.damaged, source);
    (time, &event.machine, &event.channel, event.record_id, event.event_id, place)
}

fn same_record(left: &PackedEvent, right: &PackedEvent) -> bool {
    left.time == right.time
        && left.machine == right.machine
        && left.channel == right.channel
        && left.record_id == right.record_id
        && left.event_id == right.event_id
        && (left.source.recovered || left.data == right.data)
}

fn signal(found: &Match, event: &PackedEvent, record: usize) -> Signal {
    Signal {
        id: found.id.clone(),
        time: event.time,
        machine: event.machine.clone(),
        records: Records::One(record),
        entities: Arc::clone(&found.entities),
        activity_id: event.activity_id.filter(|_| channel::names_connections(&event.channel)),
        effect: found.effect,
        attempt: None,
    }
}

/// The spellings of machine names: without case, and a bare name is the one full name that
/// begins with it. Two machines of one bare name in two domains stay apart.
struct Names {
    by_lower: BTreeMap<String, Arc<str>>,
}

impl Names {
    fn of(names: &BTreeSet<Arc<str>>) -> Self {
        let mut full: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for name in names.iter().filter(|name| name.contains('.')) {
            let lower = name.to_lowercase();
            let bare = lower.split('.').next().unwrap_or_default().to_owned();
            full.entry(bare).or_default().insert(lower);
        }
        let mut by_lower: BTreeMap<String, Arc<str>> = BTreeMap::new();
        // The first spelling in order stands for all that differ only in case.
        for name in names {
            by_lower.entry(name.to_lowercase()).or_insert_with(|| Arc::clone(name));
        }
        for (bare, candidates) in full {
            let only = candidates.first().filter(|_| candidates.len() == 1);
            let only = only.and_then(|name| by_lower.get(name)).cloned();
            if let (Some(name), true) = (only, by_lower.contains_key(&bare)) {
                by_lower.insert(bare, name);
            }
        }
        Self { by_lower }
    }

    /// Gives events the name that their machine goes by.
    fn unite(&self, selected: &mut [Selected]) {
        // Most records bear the name of the one before.
        let mut last: Option<(Arc<str>, Arc<str>)> = None;
        for Selected { event, .. } in selected {
            let known = last.as_ref().filter(|(name, _)| Arc::ptr_eq(name, &event.machine));
            let united =
                known.map_or_else(|| self.canonical(&event.machine), |(_, name)| name.clone());
            let name = std::mem::replace(&mut event.machine, Arc::clone(&united));
            last = Some((name, united));
        }
    }

    fn canonical(&self, name: &Arc<str>) -> Arc<str> {
        self.by_lower.get(&name.to_lowercase()).unwrap_or(name).clone()
    }
}

/// Coverage by the united names.
fn unite(coverage: Vec<ChannelCoverage>, names: &Names) -> Vec<MachineCoverage> {
    let mut machines: BTreeMap<Arc<str>, BTreeMap<String, ChannelCoverage>> = BTreeMap::new();
    // What has no Computer value is no machine: only damaged records lack it.
    for mut channel in coverage.into_iter().filter(|channel| !channel.machine.is_empty()) {
        channel.machine = names.canonical(&channel.machine);
        let channels = machines.entry(channel.machine.clone()).or_default();
        match channels.get_mut(&channel.channel.to_lowercase()) {
            Some(known) => merge(known, channel),
            None => {
                channels.insert(channel.channel.to_lowercase(), channel);
            }
        }
    }
    for channel in machines.values_mut().flat_map(BTreeMap::values_mut) {
        // One file holds a record once.
        if channel.files.len() > 1 {
            channel.records = copies::distinct_records(&channel.runs, channel.records);
        }
    }
    machines
        .into_iter()
        .map(|(name, channels)| MachineCoverage {
            name,
            channels: channels.into_values().collect(),
        })
        .collect()
}

fn merge(known: &mut ChannelCoverage, other: ChannelCoverage) {
    known.first = known.first.min(other.first);
    known.last = known.last.max(other.last);
    known.records += other.records;
    known.unread_records += other.unread_records;
    known.damaged_chunks += other.damaged_chunks;
    known.lost_records += other.lost_records;
    known.is_certain |= other.is_certain;
    known.files.extend(other.files);
    known.files.sort_unstable();
    known.files.dedup();
    known.runs.extend(other.runs);
    known.gaps.extend(other.gaps);
}

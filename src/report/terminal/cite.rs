//! Records named so that a person finds them in Event Viewer: channel, event id, record
//! number, time.

use std::collections::BTreeMap;

use super::case::grouped;
use super::clock::Clock;
use super::page::{Page, Piece};
use crate::model::channel;
use crate::model::{CodeNote, FactKind, PackedEvent, Report, Source};

/// Kinds of records cited for one statement unless all are asked for.
const KINDS: usize = 4;
/// Codes named beside one kind of records.
const CODES: usize = 2;
/// Number spaces that say less than the others of the same record.
const GENERAL: [&str; 2] = ["logon-type", "logon-failure-reason"];

/// The same event of the same log, several times; never empty.
type Repeated<'r> = Vec<(usize, &'r PackedEvent)>;

/// What citations may leave out, because it stands above.
pub(super) struct Context<'r> {
    /// The whole report.
    pub(super) report: &'r Report,
    /// The machine that records are from unless a citation says otherwise.
    pub(super) machine: &'r str,
    /// The day or year that is known.
    pub(super) clock: Clock,
    /// How many spells the conclusion has; 0 for one.
    pub(super) episodes: usize,
}

/// `System 1057 #4711 02:11:07, System 36870 #4712 02:11:08 … 17:40:12 ×29`: repeats are
/// counted. With everything asked for, each record, and the file that holds it:
/// `System 36870 #4712 02:11:08, #4713 02:41:15 in case/System.evtx`.
pub(super) fn cite(page: &Page<'_>, context: &Context<'_>, records: &[usize]) -> Vec<Piece> {
    let all = page.style().all;
    let all_events = &context.report.facts.events;
    let events = records.iter().filter_map(|index| Some((*index, all_events.get(*index)?)));
    let groups = repeated(events, all);
    if all {
        return each(context, &groups);
    }
    let shown = page.shown(groups.len(), KINDS);
    let mut pieces = Vec::new();
    for group in groups.iter().take(shown) {
        if !pieces.is_empty() {
            pieces.push(Piece::dim(", "));
        }
        pieces.push(Piece::dim(context.group(group)).tied());
        pieces.extend(context.codes(group));
    }
    if shown < groups.len() {
        pieces.push(Piece::dim(format!(" … and {} more (--all)", groups.len() - shown)));
    }
    pieces
}

/// Every record of every group by itself.
fn each(context: &Context<'_>, groups: &[Repeated<'_>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (first, rest) in groups.iter().filter_map(|group| group.split_first()) {
        if !pieces.is_empty() {
            pieces.push(Piece::dim("; "));
        }
        pieces.push(Piece::dim(context.one(first.1)).tied());
        for (_, event) in rest {
            let time = context.clock.show(event.time);
            let number = format!("{} {time}", number(event));
            pieces.push(Piece::dim(", "));
            pieces.push(Piece::dim(number).tied());
        }
        let file = context.report.file(first.1.source.file);
        pieces.push(Piece::dim(format!(" in {file}")));
        pieces.extend(context.codes(std::slice::from_ref(first)));
    }
    pieces
}

/// Groups by machine, channel and event id, and by file where asked, in order of first
/// appearance.
fn repeated<'r>(
    events: impl Iterator<Item = (usize, &'r PackedEvent)>,
    by_file: bool,
) -> Vec<Repeated<'r>> {
    let mut groups: Vec<Repeated<'r>> = Vec::new();
    let mut positions = BTreeMap::new();
    for (index, event) in events {
        let file = by_file.then_some(event.source.file);
        let standing = (event.source.recovered, event.source.damaged);
        let key = (&event.machine, &event.channel, event.event_id, standing, file);
        let position = *positions.entry(key).or_insert(groups.len());
        match groups.get_mut(position) {
            Some(group) => group.push((index, event)),
            None => groups.push(vec![(index, event)]),
        }
    }
    groups
}

impl Context<'_> {
    /// The first of a group, the time of its last, and how many.
    fn group(&self, group: &[(usize, &PackedEvent)]) -> String {
        let (Some((_, first)), Some((_, last))) = (group.first(), group.last()) else {
            return String::new();
        };
        let mut text = self.one(first);
        if self.clock.show(first.time) != self.clock.show(last.time) {
            text.push_str(" … ");
            text.push_str(&Clock::between(first.time, first.time).show(last.time));
        }
        if group.len() > 1 {
            text.push_str(&format!(" ×{}", grouped(group.len() as u64)));
        }
        text
    }

    /// The codes that a group shows: `(SubStatus 0xC000006A STATUS_WRONG_PASSWORD ×2)`, those
    /// that most of its records bear first. What says that all went well is left out.
    fn codes(&self, group: &[(usize, &PackedEvent)]) -> Option<Piece> {
        let mut counts: BTreeMap<(bool, String), usize> = BTreeMap::new();
        let notes = group.iter().filter_map(|(index, _)| self.report.codes.get(index));
        for note in notes.flat_map(|notes| notes.iter()) {
            let CodeNote { field, code, space, symbol, meaning } = note;
            if !["0", "0x0", "%%0"].contains(&code.as_str()) {
                let name = symbol.as_deref().unwrap_or(meaning);
                let text = format!("{field} {code} {}", name.trim_end_matches('.'));
                *counts.entry((GENERAL.contains(&&**space), text)).or_default() += 1;
            }
        }
        let mut codes: Vec<(bool, String, usize)> =
            counts.into_iter().map(|((general, text), count)| (general, text, count)).collect();
        codes.sort_by_key(|(general, _, count)| (*general, std::cmp::Reverse(*count)));
        let text = |(_, text, count): (bool, String, usize)| {
            if count < group.len() { format!("{text} ×{}", grouped(count as u64)) } else { text }
        };
        let codes: Vec<String> = codes.into_iter().take(CODES).map(text).collect();
        (!codes.is_empty()).then(|| Piece::dim(format!(" ({})", codes.join(", "))))
    }

    /// `System 1057 #4711 02:11:07`, with the machine where it is another one.
    fn one(&self, event: &PackedEvent) -> String {
        let machine = if event.machine.eq_ignore_ascii_case(self.machine) {
            String::new()
        } else {
            format!("{} ", event.machine)
        };
        let PackedEvent { channel, event_id, record_id, time, .. } = event;
        if FactKind::of(channel).is_some() {
            // The number is the line of the file, the time that of the collection at the earliest.
            return format!("{machine}{channel} line {record_id}, at the time of collection");
        }
        let (channel, time) = (channel::short(channel), self.clock.show(*time));
        format!("{machine}{channel} {event_id} {} {time}", number(event))
    }
}

/// `#4711`, and whether no checksum vouches for the record.
fn number(event: &PackedEvent) -> String {
    let standing = match event.source {
        Source { recovered: true, .. } => " (recovered)",
        Source { damaged: true, .. } => " (damaged chunk)",
        _ => "",
    };
    format!("#{}{standing}", event.record_id)
}

//! Records named so that a person finds them in Event Viewer: channel, event id, record
//! number, time.

use std::collections::BTreeMap;

use super::case::grouped;
use super::clock::Clock;
use super::page::{Page, Piece};
use crate::model::channel;
use crate::model::{PackedEvent, Report};

/// Kinds of records cited for one statement unless all are asked for.
const KINDS: usize = 4;

/// The same event of the same log, several times; never empty.
type Repeated<'r> = Vec<&'r PackedEvent>;

/// What citations may leave out, because it stands above.
pub(super) struct Context<'r> {
    /// The whole report.
    pub(super) report: &'r Report,
    /// The machine that records are from unless a citation says otherwise.
    pub(super) machine: &'r str,
    /// The day or year that is known.
    pub(super) clock: Clock,
}

/// `System 1057 #4711 02:11:07, System 36870 #4712 02:11:08 … 17:40:12 ×29`: repeats are
/// counted. With everything asked for, each record, and the file that holds it:
/// `System 36870 #4712 02:11:08, #4713 02:41:15 in case/System.evtx`.
pub(super) fn cite(page: &Page<'_>, context: &Context<'_>, records: &[usize]) -> Vec<Piece> {
    let all = page.style().all;
    let events = records.iter().filter_map(|index| context.report.facts.events.get(*index));
    let groups = repeated(events, all);
    if all {
        return each(context, &groups);
    }
    let citations: Vec<String> = groups.iter().map(|group| context.group(group)).collect();
    let shown = page.shown(citations.len(), KINDS);
    let mut pieces = Vec::new();
    for citation in citations.iter().take(shown) {
        if !pieces.is_empty() {
            pieces.push(Piece::dim(", "));
        }
        pieces.push(Piece::dim(citation).tied());
    }
    if shown < citations.len() {
        pieces.push(Piece::dim(format!(" … and {} more (--all)", citations.len() - shown)));
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
        pieces.push(Piece::dim(context.one(first)).tied());
        for event in rest {
            let number = format!("#{} {}", event.record_id, context.clock.show(event.time));
            pieces.push(Piece::dim(", "));
            pieces.push(Piece::dim(number).tied());
        }
        let file = context.report.file(first.source.file);
        pieces.push(Piece::dim(format!(" in {file}")));
    }
    pieces
}

/// Groups by machine, channel and event id, and by file where asked, in order of first
/// appearance.
fn repeated<'r>(events: impl Iterator<Item = &'r PackedEvent>, by_file: bool) -> Vec<Repeated<'r>> {
    let mut groups: Vec<Repeated<'r>> = Vec::new();
    let mut positions = BTreeMap::new();
    for event in events {
        let file = by_file.then_some(event.source.file);
        let key = (&event.machine, &event.channel, event.event_id, file);
        let position = *positions.entry(key).or_insert(groups.len());
        match groups.get_mut(position) {
            Some(group) => group.push(event),
            None => groups.push(vec![event]),
        }
    }
    groups
}

impl Context<'_> {
    /// The first of a group, the time of its last, and how many.
    fn group(&self, group: &[&PackedEvent]) -> String {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
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

    /// `System 1057 #4711 02:11:07`, with the machine where it is another one.
    fn one(&self, event: &PackedEvent) -> String {
        let machine = if event.machine.eq_ignore_ascii_case(self.machine) {
            String::new()
        } else {
            format!("{} ", event.machine)
        };
        let PackedEvent { channel, event_id, record_id, time, .. } = event;
        let (channel, time) = (channel::short(channel), self.clock.show(*time));
        format!("{machine}{channel} {event_id} #{record_id} {time}")
    }
}

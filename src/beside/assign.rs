//! Whose a note is.
//!
//! A note that names its machine is that machine's. Else it belongs to the one machine whose
//! logs stand in the same folder or archive, or in the nearest one around it that holds any.
//! Where those are of several machines it belongs to none for certain, and is not used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::derive::{Told, derived};
use super::{Fact, Note, Statement};
use crate::model::{
    ChannelCoverage, Event, Field, FileId, LogFile, Problem, ProblemKind, Source, Time, Value,
    normal,
};

/// The facts of all notes, whose files are numbered behind the logs, and the notes that cannot
/// be used.
pub(crate) fn facts(
    notes: &[Note],
    logs: &[LogFile],
    coverage: &[ChannelCoverage],
) -> (Vec<Event>, Vec<Problem>) {
    let map = Map::of(notes, logs, coverage);
    let mut problems = Vec::new();
    let mut told: BTreeMap<Arc<str>, Told<'_>> = BTreeMap::new();
    for (number, note) in notes.iter().enumerate() {
        match map.machine_of(note) {
            Ok(machine) => told.entry(machine).or_default().take(number, &note.statement),
            Err(detail) => {
                let (path, kind) = (note.path.clone(), ProblemKind::FactsUnused);
                problems.push(Problem { path, kind, detail, lost_records: None });
            }
        }
    }
    let mut events = Vec::new();
    for (machine, told) in told {
        let (first, last) = map.span(&machine);
        let file = |number: usize| FileId(u32::try_from(logs.len() + number).unwrap_or(u32::MAX));
        events.extend(derived(told, last).into_iter().map(|(number, fact)| {
            // What holds since before the logs begin holds for all of them.
            let time = fact.since.map_or(last, |since| since.clamp(first, last));
            let source = Source { file: file(number), offset: fact.line, ..Source::default() };
            event(&machine, time, source, fact)
        }));
    }
    (events, problems)
}

fn event(machine: &Arc<str>, time: Time, source: Source, fact: Fact) -> Event {
    let field = |(name, value): (&str, Value)| Field { name: name.into(), value };
    Event {
        machine: machine.clone(),
        channel: fact.kind.name().into(),
        time,
        record_id: fact.line,
        data: fact.fields.into_iter().map(field).collect(),
        source,
        ..Event::default()
    }
}

/// Which machines' logs stand where.
struct Map<'m> {
    /// The steps of each log's path, with its machines.
    logs: Vec<(Vec<String>, BTreeSet<&'m Arc<str>>)>,
    /// The times of the first and the last record of each machine.
    spans: BTreeMap<&'m Arc<str>, (Time, Time)>,
    /// The names that notes tell, by the folder they stand in.
    names: BTreeMap<Vec<String>, BTreeSet<&'m str>>,
}

impl<'m> Map<'m> {
    fn of(notes: &'m [Note], logs: &[LogFile], coverage: &'m [ChannelCoverage]) -> Self {
        let mut machines: BTreeMap<FileId, BTreeSet<&Arc<str>>> = BTreeMap::new();
        let mut spans: BTreeMap<&Arc<str>, (Time, Time)> = BTreeMap::new();
        for channel in coverage.iter().filter(|channel| !channel.machine.is_empty()) {
            let known = spans.entry(&channel.machine).or_insert((channel.first, channel.last));
            *known = (channel.first.min(known.0), channel.last.max(known.1));
            for file in &channel.files {
                machines.entry(*file).or_default().insert(&channel.machine);
            }
        }
        let of_log = |log: &LogFile| machines.get(&log.id).cloned().unwrap_or_default();
        let logs = logs.iter().map(|log| (steps(&log.path), of_log(log))).collect();
        let mut names: BTreeMap<Vec<String>, BTreeSet<&str>> = BTreeMap::new();
        for note in notes {
            if let Some(host) = named(&note.statement) {
                names.entry(folder(&note.path)).or_default().insert(host);
            }
        }
        Self { logs, spans, names }
    }

    /// The times of the machine's first and last record: the collection came after both.
    fn span(&self, machine: &Arc<str>) -> (Time, Time) {
        self.spans
            .get(machine)
            .map_or_else(Default::default, |(first, last)| (*first, *first.max(last)))
    }

    fn machine_of(&self, note: &Note) -> Result<Arc<str>, String> {
        let folder = folder(&note.path);
        let beside = self.names.get(&folder).filter(|names| names.len() == 1);
        let host = named(&note.statement).or_else(|| beside?.first().copied());
        if let Some(host) = host {
            let short = normal::short_name(host);
            let known = self.spans.keys().filter(|machine| normal::short_name(machine) == short);
            return match distinct(known.copied()).as_slice() {
                [machine] => Ok(Arc::clone(machine)),
                _ => Err(format!("is of {host}, of which there are no logs; it is not used")),
            };
        }
        let root = steps(&note.root);
        for length in (1..=folder.len()).rev() {
            let around = folder.get(..length).unwrap_or_default();
            let logs = self.logs.iter().filter(|(log, _)| log.starts_with(around));
            match distinct(logs.flat_map(|(_, machines)| machines.iter().copied())).as_slice() {
                [] => {}
                [machine] => return Ok(Arc::clone(machine)),
                several => {
                    return Err(format!(
                        "tells no machine's name, and the logs beside it are of {} machines; it \
                         is not used",
                        several.len()
                    ));
                }
            }
            if length <= root.len() {
                break;
            }
        }
        Err("stands beside no logs, so it is not known whose it is; it is not used".to_owned())
    }
}

/// The machines behind some names: a bare name is the one full name that begins with it.
fn distinct<'m>(names: impl Iterator<Item = &'m Arc<str>>) -> Vec<&'m Arc<str>> {
    let mut by_short: BTreeMap<String, BTreeMap<String, &Arc<str>>> = BTreeMap::new();
    for name in names {
        by_short.entry(normal::short_name(name)).or_default().insert(name.to_lowercase(), name);
    }
    let mut machines = Vec::new();
    for mut spelled in by_short.into_values() {
        if spelled.len() > 1 {
            spelled.retain(|name, _| name.contains('.'));
        }
        machines.extend(spelled.into_values());
    }
    machines
}

/// The machine's name that a note tells.
fn named(statement: &Statement) -> Option<&str> {
    match statement {
        Statement::Settings { host, .. } => host.as_deref(),
        Statement::Ports(_) | Statement::Certificates(_) => None,
    }
}

/// The steps of a path through folders and archives.
fn steps(path: &Path) -> Vec<String> {
    let text = path.to_string_lossy();
    text.split(['/', '\\', '!']).map(ToOwned::to_owned).collect()
}

/// The steps to the folder that holds a file.
fn folder(path: &Path) -> Vec<String> {
    let mut steps = steps(path);
    steps.pop();
    steps
}

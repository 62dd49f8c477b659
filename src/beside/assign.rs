//! Whose a note is, and the facts of each machine.
//!
//! A note that names its machine is that machine's. Else it belongs to the one machine whose
//! logs stand in the same folder or archive, or in the nearest one around it that holds any.
//! Where those are of several machines it belongs to none for certain, and is not used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::{Fact, Note, Statement};
use crate::model::{
    ChannelCoverage, Event, FactKind, Field, FileId, LogFile, Problem, ProblemKind, Source, Time,
    Value, normal,
};

/// The port of Remote Desktop unless it is set to another.
const STANDARD_PORT: u16 = 3389;

/// The facts of all notes, whose files are numbered behind the logs, and the notes that cannot
/// be used.
pub(crate) fn facts(
    notes: &[Note],
    logs: &[LogFile],
    coverage: &[ChannelCoverage],
) -> (Vec<Event>, Vec<Problem>) {
    let map = Map::of(notes, logs, coverage);
    let mut problems = Vec::new();
    let mut found: BTreeMap<Arc<str>, Vec<(usize, Fact)>> = BTreeMap::new();
    let mut ports: Vec<(Arc<str>, usize, &BTreeMap<u16, u64>)> = Vec::new();
    for (number, note) in notes.iter().enumerate() {
        let machine = match map.machine_of(note) {
            Ok(machine) => machine,
            Err(detail) => {
                let (path, kind) = (note.path.clone(), ProblemKind::FactsUnused);
                problems.push(Problem { path, kind, detail, lost_records: None });
                continue;
            }
        };
        match &note.statement {
            Statement::Settings { facts, .. } => {
                let facts = facts.iter().map(|fact| (number, fact.clone()));
                found.entry(machine).or_default().extend(facts);
            }
            Statement::Ports(open) => ports.push((machine, number, open)),
            Statement::Host(_) => {}
        }
    }
    for (machine, number, open) in ports {
        let settings = found.entry(machine).or_default();
        settings.extend(listening(settings, open).map(|fact| (number, fact)));
    }
    let mut events = Vec::new();
    for (machine, mut facts) in found {
        drop_contradictions(&mut facts);
        let time = map.collected(&machine);
        let file = |number: usize| FileId(u32::try_from(logs.len() + number).unwrap_or(u32::MAX));
        events.extend(facts.into_iter().map(|(number, fact)| {
            event(&machine, time, Source { file: file(number), offset: fact.line }, fact)
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

/// Whether somebody listens on the port that the registry names. Where it names none, another
/// port may be meant, so only a listener on the standard one tells anything.
fn listening(settings: &[(usize, Fact)], open: &BTreeMap<u16, u64>) -> Option<Fact> {
    let set = settings.iter().find_map(|(_, fact)| {
        let is_port = value_of(fact, "Name")?.to_text().eq_ignore_ascii_case("PortNumber");
        is_port.then(|| u16::try_from(value_of(fact, "Value")?.as_number()?).ok()).flatten()
    });
    let port = set.unwrap_or(STANDARD_PORT);
    let line = open.get(&port).copied();
    (set.is_some() || line.is_some()).then(|| Fact {
        kind: FactKind::Listening,
        line: line.unwrap_or(1),
        fields: vec![
            ("Port", Value::UInt16(port)),
            ("Listens", Value::text(if line.is_some() { "yes" } else { "no" })),
        ],
    })
}

fn value_of<'f>(fact: &'f Fact, name: &str) -> Option<&'f Value> {
    fact.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Exports of different times may disagree; which holds then is not known. What they agree on
/// counts once.
fn drop_contradictions(facts: &mut Vec<(usize, Fact)>) {
    let key = |fact: &Fact| {
        let what: Vec<String> = match fact.kind {
            FactKind::Registry => fact.fields.iter().take(2).collect::<Vec<_>>(),
            FactKind::FirewallRule => fact.fields.iter().take(1).collect(),
            FactKind::Listening => Vec::new(),
        }
        .into_iter()
        .map(|(_, value)| value.to_text().to_lowercase())
        .collect();
        (fact.kind, what)
    };
    let mut told: BTreeMap<_, Vec<&Fact>> = BTreeMap::new();
    for (_, fact) in facts.iter() {
        told.entry(key(fact)).or_default().push(fact);
    }
    let agreed: BTreeSet<_> = told
        .into_iter()
        .filter(|(_, told)| {
            told.windows(2).all(|pair| matches!(pair, [a, b] if a.fields == b.fields))
        })
        .map(|(key, _)| key)
        .collect();
    let mut taken = BTreeSet::new();
    facts.retain(|(_, fact)| agreed.contains(&key(fact)) && taken.insert(key(fact)));
}

/// Which machines' logs stand where.
struct Map<'m> {
    /// The steps of each log's path, with its machines.
    logs: Vec<(Vec<String>, BTreeSet<&'m Arc<str>>)>,
    /// The latest record of each machine.
    last: BTreeMap<&'m Arc<str>, Time>,
    /// The names that notes tell, by the folder they stand in.
    names: BTreeMap<Vec<String>, BTreeSet<&'m str>>,
}

impl<'m> Map<'m> {
    fn of(notes: &'m [Note], logs: &[LogFile], coverage: &'m [ChannelCoverage]) -> Self {
        let mut machines: BTreeMap<FileId, BTreeSet<&Arc<str>>> = BTreeMap::new();
        let mut last: BTreeMap<&Arc<str>, Time> = BTreeMap::new();
        for channel in coverage.iter().filter(|channel| !channel.machine.is_empty()) {
            let known = last.entry(&channel.machine).or_insert(channel.last);
            *known = channel.last.max(*known);
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
        Self { logs, last, names }
    }

    /// The time of the machine's last record: the collection came after it.
    fn collected(&self, machine: &Arc<str>) -> Time {
        self.last.get(machine).copied().unwrap_or_default()
    }

    fn machine_of(&self, note: &Note) -> Result<Arc<str>, String> {
        let folder = folder(&note.path);
        let beside = self.names.get(&folder).filter(|names| names.len() == 1);
        let host = named(&note.statement).or_else(|| beside?.first().copied());
        if let Some(host) = host {
            let short = normal::short_name(host);
            let known = self.last.keys().filter(|machine| normal::short_name(machine) == short);
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
        Statement::Host(host) | Statement::Settings { host: Some(host), .. } => Some(host),
        Statement::Settings { .. } | Statement::Ports(_) => None,
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

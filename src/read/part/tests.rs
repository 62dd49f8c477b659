//! The ways in which records are read come to the same.

use std::fmt::Debug;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use super::super::aside::{Aside, Bench, Shelf};
use super::*;
use crate::forge::write_log;
use crate::model::Event;
use crate::rules::events::Catalogue;
use crate::scenario::Scenario;

/// Wants every record; half of the questions that spare the walk are not asked.
struct All {
    is_fast: bool,
}

impl Select for All {
    type Kept = (Event, Option<Aside>);
    type Memory = ();

    fn keep(&self, event: Event) -> Option<Self::Kept> {
        Some((event, None))
    }

    fn take(&self, mut record: Record<'_>, _: usize, (): &mut ()) -> Option<Self::Kept> {
        let aside = record.lay_aside();
        Some((record.into_event(), aside))
    }
}

/// The logs of the fixtures, and the real ones where they were supplied.
fn logs() -> Vec<PathBuf> {
    let folders = walkdir::WalkDir::new("fixtures")
        .into_iter()
        .chain(std::env::var_os("RDPWHY_REAL_LOGS").into_iter().flat_map(walkdir::WalkDir::new));
    let paths = folders.filter_map(|entry| Some(entry.ok()?.into_path()));
    paths.filter(|path| path.extension().is_some_and(|name| name == "evtx")).collect()
}

/// Some events, in a log of the form that is put in front.
const EVENTS: &str = "
start: 2026-03-04T02:11:07.3487319Z
events:
  - repeat: { times: 9, every: 61s, vary: { host: [a.corp.example, b.corp.example] } }
    events:
      - { event: RdpCoreTS/131, machine: '{host}', activity: 'f{i}', ConnType: TCP, ClientIP: '10.0.0.{i}:3616', message: '<text & more>' }
      - { event: RCM/1149, at: ~+1s, machine: '{host}', user_sid: S-1-5-20, Param1: jo, Param2: CORP, Param3: '10.0.0.{i}' }
      - { event: System/TermDD/56, at: ~+1s, machine: '{host}', data: ['\\Device\\Termdd', '10.0.0.{i}'] }
      - { event: Security/4625, at: ~+1s, machine: '{host}', TargetUserName: 'o{i}', Status: 0xC000006D, LogonType: 3 }
";

/// The form of a log whose records have no templates.
const FORWARDED: &str = "{ form: forwarded, culture: en-US }";

/// A log of that form.
fn forged(form: &str) -> Vec<u8> {
    let text = format!("log: {form}{EVENTS}");
    let scenario = Scenario::parse(&text, "some.yml").unwrap();
    let events = scenario.events(&Catalogue::embedded().unwrap()).unwrap();
    write_log(Cursor::new(Vec::new()), &events, scenario.log()).unwrap().into_inner()
}

fn chunks(log: &[u8]) -> impl Iterator<Item = &[u8; CHUNK]> {
    let (chunks, _) = log.get(4096..).unwrap_or_default().as_chunks::<CHUNK>();
    chunks.iter().filter(|chunk| Chunk::new(&chunk[..]).is_some())
}

/// Reads a chunk record by record. Returns what was kept, what is left of the budget, and how
/// many records were read by plan and by form.
fn read_chunk(
    bytes: &[u8],
    select: &All,
    desk: &mut Desk<()>,
) -> (Vec<Event>, (u32, usize), [u64; 2]) {
    let Desk { interner, memory, scratch, laying, layouts, familiar, bare, definitions } = desk;
    layouts.begin();
    bare.begin();
    let chunk = Chunk::new(bytes).unwrap();
    let mut read = InChunk {
        document: Document::new(bytes, interner),
        glance: Glance::default(),
        plans: Plans::new(definitions),
        tally: ChunkTally::default(),
        doubts: None,
        present: bytes.len(),
        memory,
        scratch,
        laying,
        bare,
    };
    let (mut part, mut planned, mut formed) = (Part::of(0, Batch::default()), 0, 0);
    let first = chunk.first().filter(|_| select.is_fast);
    let first = first.map(|first| first.content());
    if let Some(first) = first {
        familiar.begin(first, &mut read.document, layouts);
    }
    for record in chunk.records() {
        let source = Source { offset: record.at as u64, ..Source::default() };
        let InChunk { document, glance, tally, .. } = &mut read;
        if select.is_fast
            && let Look::Wanted(sight, asked) =
                glance.look(record.content(), document, layouts, tally, select)
            && part.take_sight(&sight, &asked, source, &mut read, select).is_some()
        {
            planned += 1;
            continue;
        }
        if select.is_fast && part.take_bare(record, source, &mut read, select).is_some() {
            formed += 1;
            continue;
        }
        let own = (record, chunk.limit(&record));
        if let Err(error) = part.read_record(own, source, &mut read, layouts, select) {
            read.tally.malformed(source.offset, error);
        }
    }
    if let Some(first) = first {
        layouts.note(&read.plans, &mut read.document);
        familiar.end(first, &read.document, layouts);
    }
    let left = read.document.left();
    (events(part.batch.kept, &laying.end()), left, [planned, formed])
}

/// The events that were kept, after a look whether those that were laid aside come out the same.
fn events(kept: Vec<(Event, Option<Aside>)>, shelf: &Shelf) -> Vec<Event> {
    let mut bench = Bench::default();
    let same = |(event, aside): (Event, Option<Aside>)| {
        if let Some(aside) = aside {
            let later = aside.read(shelf, &mut bench, |record| record.into_event()).unwrap();
            assert_eq!(format!("{later:?}"), format!("{event:?}"));
            assert_eq!(aside.source(), event.source);
        }
        event
    };
    kept.into_iter().map(same).collect()
}

/// Reads a chunk with a plan or a form where there is one, and with the walk alone, which has
/// to come to the same and take as much of the budget. Returns how many records there are, and
/// how many of them were read by plan and by form.
fn check(chunk: &[u8], desk: &mut Desk<()>, name: &dyn Debug) -> [u64; 3] {
    let (walked, left, _) = read_chunk(chunk, &All { is_fast: false }, desk);
    let (read, left_short, [planned, formed]) = read_chunk(chunk, &All { is_fast: true }, desk);
    assert_eq!(format!("{walked:?}"), format!("{read:?}"), "{name:?}");
    assert_eq!(left, left_short, "{name:?}");
    [walked.len() as u64, planned, formed]
}

#[test]
fn plans_and_forms_say_and_cost_what_the_walk_does() {
    let (mut sums, mut desk) = ([0; 3], Desk::default());
    let forwarded = std::iter::once((PathBuf::new(), forged(FORWARDED)));
    let logs = logs().into_iter().map(|path| (path.clone(), fs::read(path).unwrap()));
    for (path, log) in logs.chain(forwarded) {
        for chunk in chunks(&log) {
            let counts = check(chunk, &mut desk, &path);
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    let [records, planned, formed] = sums;
    assert!(planned * 2 > records, "{planned} of {records} records are read by plan");
    assert!(formed > 20, "{formed} of {records} records are read by form");
}

/// Reads a log as it is, then with parts of it overwritten, many times. Returns how many
/// records there were, and how many of them were read by plan and by form.
fn check_twisted(log: &[u8], times: usize) -> [u64; 3] {
    let chunk = chunks(log).next().unwrap();
    let places: Vec<_> = Chunk::new(chunk).unwrap().records().map(|record| record.at).collect();
    let (mut desk, mut random) = (Desk::default(), 1_u64);
    let mut below = |most: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 33) as usize % most
    };
    let mut sums = check(chunk, &mut desk, &"as it is");
    for _ in 0..times {
        let mut bytes = *chunk;
        for _ in 0..=below(6) {
            let place = places[below(places.len())] + 24 + below(1200);
            let from = places[below(places.len())] + 24 + below(1200);
            match below(3) {
                0 => bytes[place] = u8::try_from(below(256)).unwrap(),
                // One of the tokens.
                1 => bytes[place] = u8::try_from(below(2) * 0x40 + below(16)).unwrap(),
                // Something else of the log: names, tokens, texts.
                _ => bytes.copy_within(from..from + 1 + below(30), place),
            }
        }
        let counts = check(&bytes, &mut desk, &"twisted");
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    sums
}

#[test]
fn forms_say_what_the_walk_does_whatever_stands_there() {
    let [records, _, formed] = check_twisted(&forged(FORWARDED), 150);
    assert!(formed * 2 > records, "{formed} of {records} records are read by form");
}

/// The first records bear the definitions.
#[test]
fn plans_of_other_chunks_say_what_the_walk_does_whatever_stands_there() {
    let [records, planned, _] = check_twisted(&forged("{ form: export }"), 600);
    assert!(planned * 2 > records, "{planned} of {records} records are read by plan");
}

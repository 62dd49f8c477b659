//! A panic over one log, or one file of an archive, costs that file only: it is told, and all
//! others are read as if nothing had happened.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use rdpwhy::model::{Event, FileId, LogFile, LogForm, LogSource, Pack, ProblemKind};
use rdpwhy::read::{Readout, Select, read_all};

use crate::support::log_writer::{Chunk, log};

const CHUNK: u64 = 65_536;
/// The event over which a selection panics.
const POISON: u32 = 666;

/// Keeps all events, and panics over one kind, as a faulty pattern would.
struct Poisoned;

impl Select for Poisoned {
    type Kept = Event;
    type Memory = ();

    fn keep(&self, event: Event) -> Option<Event> {
        assert_ne!(event.event_id, POISON, "cannot match \u{1b}[2J");
        Some(event)
    }
}

/// What an archive does with each of its files.
#[derive(Clone, Debug)]
enum Member {
    Sound(Vec<u8>),
    /// Its decoder panics behind so many bytes.
    Panics(Vec<u8>, usize),
}

/// An archive whose decoder can panic.
#[derive(Debug)]
struct Archive {
    members: Vec<Member>,
    /// Panics between the members, before the one with this number.
    panics_before: Option<usize>,
}

impl Pack for Archive {
    fn read(&self, wanted: &[u32], each: &mut dyn FnMut(u32, &mut dyn Read)) -> io::Result<()> {
        for (number, member) in self.members.iter().enumerate() {
            assert_ne!(Some(number), self.panics_before, "lost my way");
            let number = u32::try_from(number).unwrap();
            if wanted.contains(&number) {
                match member {
                    Member::Sound(bytes) => each(number, &mut Cursor::new(bytes)),
                    Member::Panics(bytes, at) => {
                        let sound = bytes.get(..*at).unwrap();
                        each(number, &mut Cursor::new(sound).chain(Bomb));
                    }
                }
            }
        }
        Ok(())
    }
}

struct Bomb;

impl Read for Bomb {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("index out of range")
    }
}

/// A log of chunks with the given events.
fn events(chunks: &[&[u32]]) -> Vec<u8> {
    let chunk = |ids: &&[u32]| {
        let mut chunk = Chunk::new();
        for (number, id) in (1..).zip(*ids) {
            chunk.record(number, |record| {
                record.event(("M", "C", &id.to_string()), |payload| {
                    payload.element("EventData", &[]).leaf("Data", "text").close();
                });
            });
        }
        chunk.finish()
    };
    log(&chunks.iter().map(chunk).collect::<Vec<_>>())
}

/// Reads the members of one archive.
fn read(members: Vec<Member>, panics_before: Option<usize>) -> (Vec<(u32, u32)>, Readout) {
    let sizes: Vec<u64> = members
        .iter()
        .map(|member| match member {
            Member::Sound(bytes) | Member::Panics(bytes, _) => bytes.len() as u64,
        })
        .collect();
    let pack: Arc<dyn Pack> = Arc::new(Archive { members, panics_before });
    let logs: Vec<LogFile> = (0..)
        .zip(sizes)
        .map(|(number, bytes)| LogFile {
            id: FileId(number),
            path: format!("case.zip!{number}.evtx").into(),
            bytes,
            form: LogForm::Evtx { first_chunk: 4096 },
            source: LogSource::Packed { pack: Arc::clone(&pack), number },
        })
        .collect();
    let (kept, readout) = read_all(&logs, &Poisoned, &|_| {});
    let kept = kept.iter().map(|event| (event.source.file.0, event.event_id)).collect();
    (kept, readout)
}

#[track_caller]
fn check(
    members: Vec<Member>,
    panics_before: Option<usize>,
    expected: &[(u32, u32)],
    problems: &[(&str, ProblemKind, &str)],
) {
    let (kept, readout) = read(members, panics_before);
    assert_eq!(kept, expected);
    let told: Vec<_> = readout
        .problems
        .iter()
        .map(|problem| {
            let path = problem.path.to_str().unwrap();
            (path, problem.kind, problem.detail.as_str())
        })
        .collect();
    assert_eq!(told, problems);
    // What was given up is not counted as read.
    assert_eq!(readout.stats.records, kept.len() as u64);
    assert_eq!(readout.stats.records_decoded, kept.len() as u64);
}

#[test]
fn a_chunk_that_panics_is_given_up() {
    let poisoned = events(&[&[1, 2], &[3, POISON, 4], &[5]]);
    let detail = format!(
        "1 part was given up, first the one at byte {}: a fault in rdpwhy itself ended the \
         reading, please report it: assertion `left != right` failed: cannot match \u{1b}[2J\n  \
         left: 666\n right: 666",
        4096 + CHUNK
    );
    check(
        vec![Member::Sound(poisoned), Member::Sound(events(&[&[7]]))],
        None,
        &[(0, 1), (0, 2), (0, 5), (1, 7)],
        &[("case.zip!0.evtx", ProblemKind::InternalError, &detail)],
    );
}

#[test]
fn a_file_whose_decoder_panics_is_read_up_to_there() {
    let cut = 4096 + usize::try_from(CHUNK).unwrap();
    let members = vec![
        Member::Sound(events(&[&[1]])),
        Member::Panics(events(&[&[2], &[3]]), cut),
        Member::Sound(events(&[&[4]])),
    ];
    let detail = "cannot be read to its end: a fault in rdpwhy itself ended the reading, please \
                  report it: index out of range";
    check(
        members,
        None,
        &[(0, 1), (1, 2), (2, 4)],
        &[("case.zip!1.evtx", ProblemKind::InternalError, detail)],
    );
}

#[test]
fn an_archive_whose_decoder_panics_gives_what_stands_before() {
    let sound = |id| Member::Sound(events(&[&[id]]));
    let (kept, readout) = read(vec![sound(1), sound(2), sound(3)], Some(1));
    assert_eq!(kept, [(0, 1)]);
    let paths: Vec<_> =
        readout.problems.iter().map(|problem| problem.path.to_str().unwrap()).collect();
    assert_eq!(paths, ["case.zip!1.evtx", "case.zip!2.evtx"]);
    assert!(readout.problems.iter().all(|problem| problem.detail.contains("lost my way")));
}

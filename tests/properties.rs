//! What must not depend on how logs are cut, ordered and brought together: cases that are
//! generated, analyzed in pieces and as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rdpwhy::forge::write_log;
use rdpwhy::model::{Attempt, Outcome, Report};
use rdpwhy::scenario::{Scenario, ScenarioEvent};
use tempfile::TempDir;

use crate::support::built_in::{CATALOGUE, report};
use crate::support::conversations::Try;

/// How many cases of each property: each forges and analyzes a handful of logs.
const CASES: u32 = 40;

/// So many milliseconds apart, tries of different clients cannot be taken for each other.
const APART: i64 = 40_000;

const ADDRESSES: [&str; 3] = ["10.0.0.5", "10.0.0.6", "192.0.2.77"];
const CLIENTS: [&str; 3] = ["PC-17", "PC-18", "KALI"];
const USERS: [&str; 3] = ["joe", "ann", "svc-backup"];

/// A try of a generated case.
#[derive(Clone, Copy, Debug)]
struct Generated {
    /// Milliseconds since the one before.
    pause: i64,
    client: usize,
    user: usize,
    how: usize,
    /// Whether the client's own log shows it.
    seen_by_client: bool,
}

fn tries() -> impl Strategy<Value = Vec<Generated>> {
    // Now and then two tries run at the same time; then only names and ports tell them apart.
    let pause = prop_oneof![3 => APART..400_000_i64, 1 => 3_000..APART, 1 => 50..2_000_i64];
    let one = (pause, 0..3_usize, 0..3_usize, 0..4_usize, any::<bool>());
    let one = one.prop_map(|(pause, client, user, how, seen_by_client)| Generated {
        pause,
        client,
        user,
        how,
        seen_by_client,
    });
    prop::collection::vec(one, 1..12)
}

/// The events of a case, in order of time, with their record IDs.
fn events(tries: &[Generated]) -> Vec<ScenarioEvent> {
    let mut text =
        String::from("start: 2026-03-04T02:00:00Z\nmachine: SRV01\nlog: { form: live }\nevents:");
    let mut at = 0;
    for (number, one) in (1..).zip(tries) {
        at += one.pause;
        let shape = Try {
            number,
            at,
            address: ADDRESSES[one.client],
            client: CLIENTS[one.client],
            user: USERS[one.user],
        };
        let early = Try { at: at - 40, ..shape };
        let target = "srv01.corp.example";
        let (host, client) = match one.how {
            0 => (shape.refused(), early.client_ended(target, 2055)),
            1 => (shape.dropped(), early.client_ended(target, 2308)),
            2 => (shape.entered(number + 1, 21), early.client_entered(target, number + 1)),
            _ => (String::new(), early.client_ended(target, 516)),
        };
        text += &host;
        if one.seen_by_client || one.how == 3 {
            text += &client;
        }
    }
    Scenario::parse(&text, "generated").unwrap().events(&CATALOGUE).unwrap()
}

/// Writes logs of a case: events go to the log whose number `part` says, of their machine and
/// channel, and keep their record IDs.
fn write(
    folder: &Path,
    events: &[ScenarioEvent],
    part: impl Fn(usize, &ScenarioEvent) -> usize,
) -> Vec<PathBuf> {
    let log = Scenario::parse("log: { form: live }\nevents: []", "form").unwrap();
    let mut logs: BTreeMap<PathBuf, Vec<&ScenarioEvent>> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        let channel = event.event.channel.replace('/', "%4");
        let name = format!("{}-{channel}-{}.evtx", event.event.machine, part(index, event));
        logs.entry(folder.join(name)).or_default().push(event);
    }
    for (path, events) in &logs {
        write_log(File::create(path).unwrap(), events.iter().copied(), log.log()).unwrap();
    }
    logs.into_keys().collect()
}

/// The records of an attempt, by what a reader would look them up with.
fn records(report: &Report, attempt: &Attempt) -> BTreeSet<String> {
    let events = attempt.records.iter().filter_map(|joined| report.facts.events.get(joined.record));
    events.map(|event| format!("{} {} {}", event.machine, event.channel, event.record_id)).collect()
}

/// All that a report says of attempts and causes, apart from files.
fn said(report: &Report) -> Vec<String> {
    let attempts = report.attempts.iter().map(|attempt| {
        format!(
            "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            attempt.id,
            attempt.started,
            attempt.ended,
            attempt.user,
            attempt.reached,
            attempt.failed_at,
            attempt.outcome,
            attempt.kind,
            attempt.continues,
            records(report, attempt),
        )
    });
    let causes = report.diagnoses.iter().map(|diagnosis| {
        let candidate = &diagnosis.candidate;
        let evidence = candidate.evidence.iter().map(|one| (&one.statement, one.weight));
        format!(
            "{} {} {:?} {:?} {:?}",
            diagnosis.rank,
            diagnosis.id,
            candidate.confidence,
            diagnosis.summary,
            evidence.collect::<Vec<_>>()
        )
    });
    let clocks = report.clocks.iter().map(|clock| format!("{clock:?}"));
    let undecided = report.undecided.iter().map(|undecided| format!("{undecided:?}"));
    attempts.chain(causes).chain(clocks).chain(undecided).collect()
}

/// Fixed numbers for a seed: enough to scatter things, the same in every run.
fn scatter(seed: u64, index: usize, parts: usize) -> usize {
    let mixed = (seed ^ (index as u64 + 1)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from((mixed >> 32) % parts as u64).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn cutting_and_shuffling_logs_changes_nothing(tries in tries(), seed in any::<u64>()) {
        let events = events(&tries);
        let folder = TempDir::new().unwrap();
        let in_folder = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let whole = write(&in_folder("whole"), &events, |_, _| 0);
        let expected = said(&report(&whole));

        // One log cut in two at a time, given in either order.
        let middle = scatter(seed, 0, events.len());
        let mut cut = write(&in_folder("cut"), &events, |index, _| usize::from(index >= middle));
        cut.reverse();
        prop_assert_eq!(&said(&report(&cut)), &expected, "cut at {}", middle);

        // Every record in some log of five, in no order between the logs.
        let mut torn = write(&in_folder("torn"), &events, |index, _| scatter(seed, index, 5));
        torn.sort_by_key(|path| scatter(seed, path.as_os_str().len(), 97));
        let length = torn.len();
        torn.rotate_left(scatter(seed, 1, length));
        prop_assert_eq!(&said(&report(&torn)), &expected, "torn");

        // Copies say nothing new.
        let both: Vec<PathBuf> = torn.into_iter().chain(whole).collect();
        prop_assert_eq!(&said(&report(&both)), &expected, "twice");
    }

    #[test]
    fn machines_together_join_what_they_saw_apart(tries in tries()) {
        let events = events(&tries);
        let folder = TempDir::new().unwrap();
        let paths = write(folder.path(), &events, |_, _| 0);
        let machines: BTreeSet<&str> = events.iter().map(|event| &*event.event.machine).collect();
        let together = report(&paths);
        let known: BTreeMap<&str, &Attempt> =
            together.attempts.iter().map(|attempt| (&*attempt.id, attempt)).collect();
        let mut apart_records = BTreeSet::new();
        for machine in machines {
            let own: Vec<PathBuf> = paths
                .iter()
                .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(machine))
                .cloned()
                .collect();
            let apart = report(&own);
            for attempt in &apart.attempts {
                let own = records(&apart, attempt);
                // The attempt is there, or a view of another that took it in, whole.
                let joined = known.get(&*attempt.id).copied().or_else(|| {
                    together.attempts.iter().find(|other| {
                        !own.is_empty() && records(&together, other).is_superset(&own)
                    })
                });
                prop_assert!(joined.is_some(), "{} of {} is lost", attempt.id, machine);
                let joined = joined.unwrap();
                prop_assert!(records(&together, joined).is_superset(&own), "{}", attempt.id);
                // Another view may decide what one alone could not, and never the reverse.
                if machine == "SRV01" {
                    prop_assert_eq!(&joined.id, &attempt.id);
                    prop_assert!(joined.started <= attempt.started);
                    prop_assert!(joined.reached >= attempt.reached);
                    if matches!(attempt.outcome, Outcome::Failed | Outcome::Succeeded) {
                        prop_assert_eq!(joined.outcome, attempt.outcome, "{}", attempt.id);
                    }
                }
                apart_records.extend(own);
            }
        }
        let joined: BTreeSet<String> =
            together.attempts.iter().flat_map(|attempt| records(&together, attempt)).collect();
        prop_assert!(joined.is_superset(&apart_records));
        // A view that fits two strangers' attempts alike stays on its own.
        if tries.iter().all(|one| one.pause >= APART) {
            prop_assert!(together.attempts.len() <= tries.len(), "more attempts than tries");
        }
    }
}

//! What is kept of a case is bounded, in records and in bytes, whatever comes; and what a case is
//! about is still concluded from it.

use std::fs::File;
use std::io::BufWriter;

use rdpwhy::analyze::{Conclusions, conclude};
use rdpwhy::condense::{Bounds, Condensed, Condenser};
use rdpwhy::discover::discover;
use rdpwhy::forge::write_log;
use rdpwhy::gather::gather;
use rdpwhy::model::{Confidence, Time};
use rdpwhy::options::{ArchiveOptions, Options};
use rdpwhy::read::read;
use rdpwhy::scenario::{Scenario, ScenarioEvent};
use rdpwhy::select::{Enough, Selection, Taking};

use crate::support::built_in::{CATALOGUE, RULES};

/// Tries that fail at their password. `@` stands for a number that tells them from others.
const TRY: &str = "    events:
      - { event: RdpCoreTS/131, activity: \"@{i}\", ConnType: TCP, ClientIP: \"{client}:{49152..65000}\" }
      - { event: Security/4625, at: ~+200ms, TargetUserName: \"{user}\", TargetDomainName: CORP, Status: STATUS, SubStatus: SUB, LogonType: 3, AuthenticationPackageName: NTLM, WorkstationName: \"-\", IpAddress: \"{client}\", IpPort: 0 }
      - { event: RdpCoreTS/140, at: ~+3ms, activity: \"@{i}\", IPString: \"{client}\" }
      - { event: RdpCoreTS/103, at: ~+1ms, activity: \"@{i}\", ReasonCode: 14 }
";

fn tries(name: &str, status: &str, sub: &str) -> String {
    TRY.replace('@', name).replace("STATUS", status).replace("SUB", sub)
}

/// Keeps of a scenario's records what has room, and checks that it is within bounds and that the
/// rest is counted.
fn check(events: &str, most: Bounds) -> (Condensed, Conclusions) {
    let text =
        format!("start: 2025-03-04T00:20:00Z\nmachine: SRV01.corp.example\nevents:\n{events}");
    let scenario = Scenario::parse(&text, "case").unwrap();
    let events = scenario.events(&CATALOGUE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.evtx");
    let all: Vec<&ScenarioEvent> = events.iter().collect();
    write_log(BufWriter::new(File::create(&path).unwrap()), all, scenario.log()).unwrap();
    let logs = discover(&[path], &ArchiveOptions::default()).logs;

    let (enough, options) = (Enough::default(), Options::default());
    let selection = Selection { rules: &RULES, options: &options };
    let taking = Taking { selection, enough: &enough };
    let mut condenser = Condenser::within(most, &enough);
    let readout = read(&logs, &taking, &|_| {}, &mut |batch| condenser.take(batch));
    let condensed = condenser.finish();

    let kept = condensed.kept.len();
    let bytes: usize = condensed.kept.iter().map(|kept| kept.event.bytes()).sum();
    assert!(kept <= most.records + 1 && bytes <= most.bytes, "{kept} records, {bytes} bytes");
    assert!(kept > 0);
    let counted: u64 = condensed.floods.iter().map(|flood| flood.records).sum();
    assert_eq!(kept as u64 + counted, events.len() as u64);
    let facts = gather(condensed.kept.clone(), readout.coverage);
    (condensed, conclude(facts, &RULES, &options))
}

/// In the last week of seven months of wrong passwords accounts are locked.
#[test]
fn a_cause_that_begins_late_is_concluded() {
    let usual = "  - repeat: { times: 5000, every: 3600s, vary: { client: [\"10.0.0.{1..40}\"], user: [anna, ben, carla] } }\n";
    let late = "  - at: 2025-09-21T00:20:00Z\n    repeat: { times: 60, every: 9000s, vary: { client: [\"10.0.0.{1..40}\"], user: [anna, ben, carla] } }\n";
    let events =
        [usual, &tries("w", "0xC000006D", "0xC000006A"), late, &tries("l", "0xC0000234", "0x0")];
    let most = Bounds { records: 3000, bytes: 8 << 20 };
    let (condensed, conclusions) = check(&events.concat(), most);
    assert!(condensed.closed.is_none() && condensed.kept.len() > 1000);
    let of = |cause: &str| {
        let candidates = conclusions.diagnoses.iter().map(|diagnosis| &diagnosis.candidate);
        let own = candidates.filter(|candidate| &*candidate.cause == cause);
        own.filter(|candidate| candidate.confidence >= Confidence::Likely).count()
    };
    assert_eq!((of("wrong-password"), of("account-locked")), (3, 3));
    // Attempts are there from all the time.
    let first = conclusions.attempts.iter().map(|attempt| attempt.started).min().unwrap();
    let last = conclusions.attempts.iter().map(|attempt| attempt.started).max().unwrap();
    assert!(Time::since(last, first).0 / 10_000_000 > 200 * 86_400);
}

/// One account's records of 25 KB each amid others' ordinary ones.
#[test]
fn huge_records_push_out_no_others() {
    let long = "A".repeat(25_000);
    let usual =
        "  - repeat: { times: 100, every: 30s, vary: { client: [10.0.0.1], user: [anna] } }\n";
    let huge = format!(
        "  - repeat: {{ times: 150, every: 20s }}
    events:
      - {{ event: Security/4625, TargetUserName: eve, TargetDomainName: CORP, Status: 0xC000006D, SubStatus: 0xC000006A, LogonType: 3, WorkstationName: {long}, IpAddress: 10.0.0.9, IpPort: 0 }}
"
    );
    let events = [usual, &tries("w", "0xC000006D", "0xC000006A"), &huge];
    let (condensed, conclusions) =
        check(&events.concat(), Bounds { records: 3000, bytes: 1 << 20 });
    assert!(condensed.closed.is_none());
    let is_annas = |attempt: &&rdpwhy::model::Attempt| {
        attempt.client_address.is_some_and(|address| address.to_string() == "10.0.0.1")
    };
    assert_eq!(conclusions.attempts.iter().filter(is_annas).count(), 100);
}

/// Hundreds of machines, of which each logs little.
#[test]
fn many_machines_keep_something_each() {
    let machine = |number: u32| {
        let start = format!(
            "  - at: +{number}s\n    repeat: {{ times: 8, every: 3600s, vary: {{ client: [10.0.0.1], user: [anna] }} }}\n"
        );
        let tries = tries(&format!("m{number}x"), "0xC000006D", "0xC000006A");
        start + &tries.replace("event:", &format!("machine: SRV{number}.corp.example, event:"))
    };
    let events: String = (0..250).map(machine).collect();
    let (condensed, _) = check(&events, Bounds { records: 1500, bytes: 64 << 20 });
    assert!(condensed.closed.is_none());
    let machines = condensed.kept.iter().map(|kept| &*kept.event.machine);
    assert_eq!(machines.collect::<std::collections::BTreeSet<_>>().len(), 250);
    // Less than one record of each kind of each machine has room.
    let (condensed, conclusions) = check(&events, Bounds { records: 500, bytes: 64 << 20 });
    assert!(condensed.closed.is_some_and(|closed| closed.records > 5000));
    assert!(!conclusions.attempts.is_empty());
}

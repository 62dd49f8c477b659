//! Files beside the logs: what they say of a machine's settings counts where it is certain whose
//! it is, and is passed over where not.

use std::fs;
use std::io::Cursor;

use rdpwhy::forge::write_log;
use rdpwhy::model::{ProblemKind, Report};
use rdpwhy::report::json_v1;
use rdpwhy::scenario::Scenario;
use serde_json::Value as Json;

use crate::support::built_in::{self, CATALOGUE};
use crate::support::packer::{self, Named};
use crate::support::text::utf16_file;

const NETSTAT: &str = "\nAktive Verbindungen\n\n  Proto  Lokale Adresse  Remoteadresse  Status  PID\n  \
                       TCP  0.0.0.0:135  0.0.0.0:0  ABHÖREN  1032\n  \
                       TCP  0.0.0.0:445  0.0.0.0:0  ABHÖREN  4\n  \
                       TCP  [::]:445  [::]:0  ABHÖREN  4\n";

const SYSTEM_INFO: &str = "\nHostname:  HOST\nBetriebssystemname:  Microsoft Windows Server 2022 \
                           Standard\nBetriebssystemversion:  10.0.20348 Nicht zutreffend\n";

/// An export of Terminal Server's keys.
fn registry(deny: u32, port: u32) -> String {
    let key = r"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Terminal Server";
    format!(
        "Windows Registry Editor Version 5.00\r\n\r\n{key}]\r\n\"AllowRemoteRPC\"=dword:00000001\r\n\
         \"fDenyTSConnections\"=dword:{deny:08x}\r\n\r\n{key}\\WinStations\\RDP-Tcp]\r\n\
         \"PortNumber\"=dword:{port:08x}\r\n\"SSLCertificateSHA1Hash\"=hex:01,02,\\\r\n  03\r\n"
    )
}

/// The logs of a fixture in a folder of that name.
fn logs(fixture: &str, folder: &str) -> Vec<Named> {
    let entries = fs::read_dir(format!("fixtures/{fixture}/logs")).unwrap();
    let mut logs: Vec<Named> = entries
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    logs.sort();
    logs
}

fn report(files: &[Named], packed: bool) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case");
    if packed {
        fs::write(&path, packer::zip(files)).unwrap();
    } else {
        for (name, bytes) in files {
            let file = path.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
    }
    built_in::report(&[path])
}

/// The facts that the report's diagnosis of that cause cites.
fn cited(report: &Report, cause: &str) -> Vec<Json> {
    let json: Json = serde_json::from_str(&json_v1::render(report)).unwrap();
    let diagnoses = json["diagnoses"].as_array().unwrap();
    let diagnosis = diagnoses.iter().find(|diagnosis| diagnosis["cause"] == cause).unwrap();
    let evidence = diagnosis["evidence"].as_array().unwrap();
    let records = evidence.iter().flat_map(|item| item["records"].as_array().unwrap());
    records.filter(|record| record["event_id"] == 0).cloned().collect()
}

fn machine(fixture: &str) -> String {
    let report = report(&logs(fixture, "a"), false);
    assert_eq!(report.machines.len(), 1);
    report.machines[0].coverage.name.to_string()
}

#[test]
fn facts_count_and_are_cited() {
    let files = |registry: Vec<u8>| {
        let mut files = logs("rdp-service-down", "HOST/logs");
        files.push(("HOST/ports.txt".to_owned(), NETSTAT.into()));
        files.push(("HOST/settings.txt".to_owned(), registry));
        files
    };
    let plain = report(&logs("rdp-service-down", "HOST/logs"), false);
    for (packed, registry) in
        [(false, registry(0, 3389).into_bytes()), (true, utf16_file(&registry(0, 3389)))]
    {
        let found = report(&files(registry), packed);
        assert_eq!(found.problems, []);
        let [fact] = cited(&found, "rdp-service-down").try_into().unwrap();
        assert_eq!(fact["channel"], "listening");
        assert_eq!((&fact["provider"], &fact["record_id"]), (&"".into(), &1.into()));
        assert_eq!(fact["data"], serde_json::json!({ "Port": 3389, "Listens": "no" }));
        assert!(fact["file"].as_str().unwrap().ends_with("HOST/ports.txt"), "{fact}");
        let last = found.machines[0].coverage.channels.iter().map(|channel| channel.last).max();
        assert_eq!(fact["time"], last.unwrap().to_string());
        // Facts add to what records show, and are no part of any log.
        assert_eq!(found.machines, plain.machines);
        assert_eq!(found.attempts.len(), plain.attempts.len());
    }
    let denied = report(&files(registry(1, 3389).into_bytes()), false);
    let facts = cited(&denied, "rdp-service-down");
    let settings = facts.iter().find(|fact| fact["channel"] == "registry").unwrap();
    assert_eq!((&settings["record_id"], &settings["data"]["Value"]), (&5.into(), &1.into()));
}

#[test]
fn a_port_that_may_be_another_tells_nothing() {
    // Without the registry the port may have been moved.
    let mut files = logs("rdp-service-down", "HOST");
    files.push(("HOST/netstat.txt".to_owned(), NETSTAT.into()));
    assert_eq!(cited(&report(&files, false), "rdp-service-down"), [] as [Json; 0]);
    // Where the registry names the port that is open, it is not closed.
    files.push(("HOST/x.reg".to_owned(), registry(0, 445).into()));
    assert_eq!(cited(&report(&files, false), "rdp-service-down"), [] as [Json; 0]);
}

/// What became of settings beside the logs of two machines.
fn beside_two(more: &[Named]) -> Report {
    let mut files = logs("rdp-service-down", "a");
    files.extend(logs("account-locked", "b"));
    files.extend(more.iter().cloned());
    report(&files, true)
}

#[test]
fn facts_of_nobody_for_certain_are_not_used() {
    let host = machine("rdp-service-down");
    assert_ne!(host, machine("account-locked"));
    let settings = |name: &str| {
        [
            (format!("{name}x.reg"), registry(0, 3389).into_bytes()),
            (format!("{name}netstat.txt"), NETSTAT.as_bytes().to_vec()),
        ]
    };
    let unused = |report: &Report| -> Vec<String> {
        let problems = report.problems.iter();
        problems
            .inspect(|problem| assert_eq!(problem.kind, ProblemKind::FactsUnused))
            .map(|problem| problem.detail.clone())
            .collect()
    };
    // Beside the logs of one machine they are that machine's.
    let found = beside_two(&settings("a/"));
    assert_eq!(unused(&found), [] as [&str; 0]);
    assert_eq!(cited(&found, "rdp-service-down").len(), 1);
    // Above those of two they are nobody's.
    let found = beside_two(&settings(""));
    assert_eq!(unused(&found).len(), 2);
    assert!(unused(&found)[0].contains("the logs beside it are of 2 machines"));
    assert_eq!(cited(&found, "rdp-service-down"), [] as [Json; 0]);
    // Unless the machine's name stands beside them.
    let mut named = settings("").to_vec();
    named.push(("info.txt".to_owned(), SYSTEM_INFO.replace("HOST", &host).into_bytes()));
    let found = beside_two(&named);
    assert_eq!(unused(&found), [] as [&str; 0]);
    assert_eq!(cited(&found, "rdp-service-down").len(), 1);
    // A machine of which there are no logs.
    let mut named = settings("a/").to_vec();
    named.push(("a/info.txt".to_owned(), SYSTEM_INFO.as_bytes().to_vec()));
    let found = beside_two(&named);
    assert!(unused(&found).iter().all(|detail| detail.contains("of HOST, of which")));
    assert_eq!(unused(&found).len(), 3);
}

#[test]
fn what_is_no_state_of_the_machine_is_passed_over() {
    let mut files = logs("rdp-service-down", "HOST");
    let switch = "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\\
                  CurrentControlSet\\Control\\Terminal Server]\n\"fDenyTSConnections\"=dword:1\n";
    files.push(("HOST/switch off.reg".to_owned(), switch.into()));
    // Two exports that disagree: which came last is not known.
    files.push(("HOST/before.reg".to_owned(), registry(1, 3389).into()));
    files.push(("HOST/after.reg".to_owned(), registry(0, 3389).into()));
    let found = report(&files, false);
    assert_eq!(found.problems, []);
    assert_eq!(cited(&found, "rdp-service-down"), [] as [Json; 0]);
}

#[test]
fn a_log_cannot_state_what_stands_beside_logs() {
    let text = r#"
machine: HOST
events:
  - { event: registry/0, at: +3600s, Key: 'HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Terminal Server', Name: fDenyTSConnections, Value: '1' }
"#;
    let scenario = Scenario::parse(text, "forged").unwrap();
    let events = scenario.events(&CATALOGUE).unwrap();
    let log = write_log(Cursor::new(Vec::new()), &events, scenario.log()).unwrap();
    let found = report(&[("HOST/System.evtx".to_owned(), log.into_inner())], false);
    assert_eq!(found.stats.records, 1);
    assert_eq!(found.facts.events.len(), 0);
}

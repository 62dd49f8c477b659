//! Attempts of forged bundles: joined across machines and clocks, told from reconnects and
//! takeovers, and the same however the logs are cut and ordered.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a step that fails fails its test"
)]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use rdpwhy::analyze::analyze;
use rdpwhy::model::{AttemptKind, MachineRole, Outcome, Report, Stage};
use rdpwhy::options::Options;
use rdpwhy::rules::RuleSet;
use tempfile::TempDir;

/// A host's records of a connection that NLA refuses: `T`, `N`, `CLIENT`, `NAME` and `USER`
/// stand for the start, a number, the client and the user.
const REFUSED: &str = r#"
  - at: T
    events:
      - { event: RdpCoreTS/131, at: +0s, activity: "hN", ConnType: TCP, ClientIP: "CLIENT:5N001" }
      - { event: RCM/261, at: +1ms, activity: "hN", listenerName: RDP-Tcp }
      - { event: RdpCoreTS/65, at: +3ms, activity: "hN", ConnectionName: "RDP-Tcp#N" }
      - { event: Security/4625, at: +700ms, TargetUserName: USER, TargetDomainName: CORP, Status: 0xC000006D, FailureReason: "%%2313", SubStatus: 0xC000006A, LogonType: 3, LogonProcessName: "NtLmSsp ", AuthenticationPackageName: NTLM, WorkstationName: NAME, IpAddress: "-", IpPort: "-" }
      - { event: RdpCoreTS/140, at: +710ms, activity: "hN", IPString: CLIENT }
      - { event: RdpCoreTS/102, at: +900ms, activity: "hN" }
      - { event: RdpCoreTS/103, at: +900ms, activity: "hN", ReasonCode: 14 }
"#;

/// A host's records of a connection that gets its session `S` by the event `LSM/E`.
const ENTERED: &str = r#"
  - at: T
    events:
      - { event: RdpCoreTS/131, at: +0s, activity: "hN", ConnType: TCP, ClientIP: "CLIENT:5N001" }
      - { event: RCM/261, at: +1ms, activity: "hN", listenerName: RDP-Tcp }
      - { event: RdpCoreTS/65, at: +3ms, activity: "hN", ConnectionName: "RDP-Tcp#N" }
      - { event: RdpCoreTS/132, at: +600ms, activity: "hN", ChannelName: rdplic, TunnelID: 0 }
      - { event: RCM/1149, at: +600ms, activity: "hN", Param1: USER, Param2: CORP, Param3: CLIENT }
      - { event: RdpCoreTS/98, at: +610ms, activity: "hN" }
      - { event: RdpCoreTS/66, at: +900ms, activity: "hN", ConnectionName: "RDP-Tcp#N", SessionID: S }
      - { event: LSM/41, at: +1s, activity: "hN", User: 'CORP\USER', SessionID: S }
      - { event: LSM/42, at: +1100ms, activity: "hN", User: 'CORP\USER', SessionID: S }
      - { event: LSM/E, at: +1200ms, activity: "hN", User: 'CORP\USER', SessionID: S, Address: CLIENT }
"#;

/// A client's records of a refused connection to `HOST`.
const CLIENT_REFUSED: &str = r#"
  - at: T
    events:
      - { event: RDPClient/1024, at: +0s, machine: NAME, activity: "cN", Name: Server Name, Value: HOST }
      - { event: RDPClient/1026, at: +1500ms, machine: NAME, activity: "cN", Name: Disconnect Reason, Value: 2055 }
"#;

fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// Forges the events into logs below `folder`.
fn forge(folder: &Path, name: &str, events: &str) {
    let scenario = folder.join(format!("{name}.yml"));
    let text = format!("start: 2026-03-04T02:00:00Z\nmachine: SRV01\nevents:{events}");
    fs::write(&scenario, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdpwhy"));
    command.arg("forge").arg(&scenario).arg("-o").arg(folder.join(name));
    command.assert().success();
}

fn report(paths: &[PathBuf]) -> Report {
    let rules = RuleSet::embedded().unwrap();
    analyze(paths, &rules, &Options::default(), &|_| {})
}

fn forged(events: &str) -> (TempDir, Report) {
    let folder = TempDir::new().unwrap();
    forge(folder.path(), "logs", events);
    let report = report(&[folder.path().join("logs")]);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    (folder, report)
}

/// What of the attempts must not depend on how the logs are cut and ordered.
fn shown(report: &Report) -> Vec<String> {
    let one = |attempt: &rdpwhy::model::Attempt| {
        format!(
            "{} {:?} {:?} {:?} {:?} {:?} {} records",
            attempt.id,
            attempt.user,
            attempt.reached,
            attempt.failed_at,
            attempt.outcome,
            attempt.kind,
            attempt.records.len()
        )
    };
    report.attempts.iter().map(one).collect()
}

#[test]
fn clocks_that_are_90_seconds_apart_are_found_and_used() {
    let mut events = String::new();
    // The client's clock is 90 seconds behind: it logs each try that much earlier.
    for (number, start) in [(1, 200), (2, 320), (3, 500)] {
        let number = number.to_string();
        let names = [("N0", "N0"), ("NAME", "PC-17"), ("HOST", "srv01.corp.example")];
        let client = fill(CLIENT_REFUSED, &names);
        events +=
            &fill(&client, &[("T\n", &format!("+{start}s\n")), ("cN", &format!("c{number}"))]);
        let host = fill(REFUSED, &[("CLIENT", "10.0.0.5"), ("NAME", "PC-17"), ("USER", "joe")]);
        let host = host.replace("at: T\n", &format!("at: +{}s\n", start + 90));
        events += &host
            .replace("hN", &format!("h{number}"))
            .replace("#N", &format!("#{number}"))
            .replace("5N001", &format!("5{number}001"));
    }
    let (_folder, report) = forged(&events);
    assert_eq!(report.attempts.len(), 3, "{:#?}", shown(&report));
    for attempt in &report.attempts {
        assert_eq!((attempt.outcome, attempt.failed_at), (Outcome::Failed, Some(Stage::Nla)));
        let views: Vec<_> = attempt.views.iter().map(|view| (&*view.machine, view.role)).collect();
        assert_eq!(views, [("SRV01", MachineRole::Host), ("PC-17", MachineRole::Client)]);
        assert!((attempt.views[1].offset.as_seconds() - 90.0).abs() < 3.0);
        // The client's end, by the host's clock, lies within the attempt and not 90 s away.
        assert!(attempt.ended.since(attempt.started).as_seconds() < 5.0);
    }
    let clock = &report.clocks[0];
    assert_eq!((&*clock.machine, &*clock.relative_to, clock.matches), ("PC-17", "SRV01", 3));
}

#[test]
fn client_gateway_host_and_controller_of_one_failure_are_one_attempt() {
    let client = fill(
        CLIENT_REFUSED,
        &[("T\n", "+10s\n"), ("cN", "c1"), ("NAME", "PC-17"), ("HOST", "srv01.corp.example")],
    );
    let gateway = r#"
  - at: +11s
    events:
      - { event: Gateway/200, machine: RDGW01, at: +0s, activity: g1, Username: 'CORP\joe', IpAddress: 198.51.100.7, AuthType: NTLM, ConnectionProtocol: HTTP }
      - { event: Gateway/300, machine: RDGW01, at: +20ms, activity: g1, Username: 'CORP\joe', IpAddress: 198.51.100.7, AuthType: NTLM, Resource: srv01.corp.example, ConnectionProtocol: HTTP }
      - { event: Gateway/302, machine: RDGW01, at: +40ms, activity: g1, Username: 'CORP\joe', IpAddress: 198.51.100.7, AuthType: NTLM, Resource: srv01.corp.example, ConnectionProtocol: HTTP }
      - { event: Gateway/303, machine: RDGW01, at: +2s, activity: g1, Username: 'CORP\joe', IpAddress: 198.51.100.7, AuthType: NTLM, Resource: srv01.corp.example, BytesReceived: '900', BytesTransfered: '1900', SessionDuration: '2', ConnectionProtocol: HTTP, ErrorCode: 1226 }
"#;
    let host = fill(
        REFUSED,
        &[
            ("at: T\n", "at: +11100ms\n"),
            ("hN", "h1"),
            ("#N", "#1"),
            ("5N001", "51001"),
            ("CLIENT", "10.0.0.9"),
            ("NAME", "PC-17"),
            ("USER", "joe"),
        ],
    );
    let controller = r#"
  - { event: Security/4776, machine: DC01, at: +11790ms, PackageName: MICROSOFT_AUTHENTICATION_PACKAGE_V1_0, TargetUserName: joe, Workstation: PC-17, Status: 0xC000006A }
"#;
    let (_folder, report) = forged(&format!("{client}{gateway}{host}{controller}"));
    assert_eq!(report.attempts.len(), 1, "{:#?}", shown(&report));
    let attempt = &report.attempts[0];
    assert_eq!((attempt.outcome, attempt.failed_at), (Outcome::Failed, Some(Stage::Nla)));
    let views: Vec<_> = attempt.views.iter().map(|view| (&*view.machine, view.role)).collect();
    let expected = [
        ("SRV01", MachineRole::Host),
        ("PC-17", MachineRole::Client),
        ("RDGW01", MachineRole::Gateway),
        ("DC01", MachineRole::Dc),
    ];
    assert_eq!(views, expected);
}

fn entered(number: usize, at: &str, client: &str, session: &str, event: &str) -> String {
    let number = number.to_string();
    fill(
        ENTERED,
        &[
            ("at: T\n", &format!("at: {at}\n")),
            ("hN", &format!("h{number}")),
            ("#N", &format!("#{number}")),
            ("5N001", &format!("5{number}001")),
            ("CLIENT", client),
            ("USER", "joe"),
            ("SessionID: S", &format!("SessionID: {session}")),
            ("LSM/E", &format!("LSM/{event}")),
        ],
    )
}

#[test]
fn a_storm_of_reconnects_is_one_session_that_goes_on() {
    let mut events = entered(1, "+0s", "10.0.0.5", "2", "21");
    for number in 2..8 {
        let lost = number * 60 - 70;
        events += &format!(
            "\n  - {{ event: RdpCoreTS/142, at: +{lost}s, activity: h{before}, error: 121 }}\n  - {{ event: RdpCoreTS/103, at: +{lost}s, activity: h{before}, ReasonCode: 14 }}\n",
            before = number - 1
        );
        events += &entered(number, &format!("+{}s", number * 60 - 60), "10.0.0.5", "2", "25");
    }
    let (_folder, report) = forged(&events);
    let kinds: Vec<_> =
        report.attempts.iter().map(|attempt| (attempt.kind, attempt.continues)).collect();
    let mut expected = vec![(AttemptKind::Connect, None)];
    expected.extend((0..6).map(|before| (AttemptKind::Reconnect, Some(before))));
    assert_eq!(kinds, expected, "{:#?}", shown(&report));
}

#[test]
fn another_client_takes_a_session_over() {
    let taken = r#"
  - { event: LSM/40, at: +61s, activity: h1, Session: 2, Reason: 5 }
  - { event: RdpCoreTS/103, at: +61200ms, activity: h1, ReasonCode: 5 }
"#;
    let events = entered(1, "+0s", "10.0.0.5", "2", "21")
        + taken
        + &entered(2, "+60s", "10.0.0.77", "2", "25");
    let (_folder, report) = forged(&events);
    let kinds: Vec<_> =
        report.attempts.iter().map(|attempt| (attempt.kind, attempt.continues)).collect();
    assert_eq!(kinds, [(AttemptKind::Connect, None), (AttemptKind::Takeover, Some(0))]);
}

#[test]
fn a_host_without_its_own_channels_still_shows_who_logged_on() {
    let (_folder, report) = forged(
        r#"
  - { event: Security/4624, at: +10s, TargetUserName: joe, TargetDomainName: CORP, TargetLogonId: '0x5a41', LogonType: 10, LogonProcessName: 'User32 ', AuthenticationPackageName: Negotiate, WorkstationName: SRV01, IpAddress: '10.0.0.5', IpPort: '0' }
  - { event: Security/4625, at: +90s, TargetUserName: ann, TargetDomainName: CORP, Status: 0xC000006D, FailureReason: "%%2313", SubStatus: 0xC000006A, LogonType: 10, LogonProcessName: 'User32 ', AuthenticationPackageName: Negotiate, WorkstationName: SRV01, IpAddress: '10.0.0.6', IpPort: '0' }
"#,
    );
    let found: Vec<_> = report
        .attempts
        .iter()
        .map(|attempt| (attempt.user.as_deref(), attempt.reached, attempt.failed_at))
        .collect();
    let expected = [
        (Some(r"corp\joe"), Some(Stage::Authorize), None),
        (Some(r"corp\ann"), None, Some(Stage::Logon)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn cutting_and_ordering_logs_changes_nothing() {
    let refused = |number: usize, at: &str| {
        let number = number.to_string();
        fill(
            REFUSED,
            &[
                ("at: T\n", &format!("at: {at}\n")),
                ("hN", &format!("h{number}")),
                ("#N", &format!("#{number}")),
                ("5N001", &format!("5{number}001")),
                ("CLIENT", "10.0.0.5"),
                ("NAME", "PC-17"),
                ("USER", "joe"),
            ],
        )
    };
    let early = refused(1, "+10s") + &refused(2, "+40s");
    let late = entered(3, "+100s", "10.0.0.5", "2", "21") + &refused(4, "+400s");
    let client = fill(
        CLIENT_REFUSED,
        &[("T\n", "+9900ms\n"), ("cN", "c1"), ("NAME", "PC-17"), ("HOST", "srv01")],
    );
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    forge(folder.path(), "whole", &format!("{early}{late}"));
    forge(folder.path(), "early", &early);
    forge(folder.path(), "late", &late);
    forge(folder.path(), "client", &client);

    let whole = shown(&report(&[path("whole")]));
    assert_eq!(whole.len(), 4);
    // Record ids differ between the cut logs, and attempts are named by them.
    let unnamed = |all: Vec<String>| -> Vec<String> {
        all.iter().map(|one| one.split_once(' ').unwrap().1.to_owned()).collect()
    };
    let cut = shown(&report(&[path("late"), path("early")]));
    assert_eq!(unnamed(cut), unnamed(whole.clone()));
    let twice = shown(&report(&[path("whole"), path("whole").join("Security.evtx")]));
    assert_eq!(twice, whole);

    // The client's log beside the host's adds its view to one attempt and changes no other.
    let together = report(&[path("client"), path("whole")]);
    let other_order = report(&[path("whole"), path("client")]);
    assert_eq!(shown(&together), shown(&other_order));
    let ids = |shown: &[String]| -> Vec<String> {
        shown.iter().map(|one| one.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&shown(&together)), ids(&whole));
    assert_eq!(shown(&together)[1..], whole[1..]);
    assert_eq!(together.attempts[0].views.len(), 2);
}

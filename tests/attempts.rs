//! Attempts of forged bundles: joined across machines and clocks, told from reconnects and
//! takeovers, and the same however the logs are cut and ordered.

use std::fs;
use std::path::Path;

use rdpwhy::model::{
    AttemptKind, MachineRole, Outcome, Report, Side, Stage, Time, Undecided, channel,
};
use tempfile::TempDir;

use crate::support::built_in::report;
use crate::support::conversations::Try;
use crate::support::program;

fn joe(number: usize, at: i64) -> Try<'static> {
    Try { number, at, address: "10.0.0.5", client: "PC-17", user: "joe" }
}

/// Forges the events into logs below `folder`.
fn forge(folder: &Path, name: &str, events: &str) {
    let scenario = folder.join(format!("{name}.yml"));
    let text = format!("start: 2026-03-04T02:00:00Z\nmachine: SRV01\nevents:{events}");
    fs::write(&scenario, text).unwrap();
    program::forge(&scenario, &folder.join(name));
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
    for (number, start) in [(1, 200_000), (2, 320_000), (3, 500_000)] {
        events += &joe(number, start).client_ended("srv01.corp.example", 2055);
        events += &joe(number, start + 90_000).refused();
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

/// The same tries, the client's clock right and wrong: what is told by the host's clock is the same.
#[test]
fn a_clock_that_is_off_changes_no_conclusion() {
    let second = |time: Time| time.0 / 10_000_000;
    let told = |client_ahead: i64| {
        let mut events = String::new();
        for (number, start) in [(1, 1_200_000), (2, 1_320_000), (3, 1_500_000)] {
            events += &joe(number, start + client_ahead).client_ended("srv01", 2055);
            events += &joe(number, start + 300).refused();
        }
        // Nobody but the client saw this one.
        events += &joe(4, 1_800_000 + client_ahead).client_ended("srv01", 516);
        let (_folder, report) = forged(&events);
        let found = report.diagnoses.iter().map(|found| {
            let found = &found.candidate;
            let (first, last) = (second(found.first), second(found.last));
            format!("{} {} {first} {last}", found.cause, found.confidence.name())
        });
        let tries = report.attempts.iter().map(|attempt| second(attempt.started).to_string());
        found.chain(tries).collect::<Vec<String>>()
    };
    let right = told(0);
    assert_eq!(right.len(), 1 + 4, "{right:?}");
    for client_ahead in [-600_000, 420_000, 3_600_000] {
        assert_eq!(told(client_ahead), right, "{client_ahead}");
    }
}

#[test]
fn client_gateway_host_and_controller_of_one_failure_are_one_attempt() {
    let client = joe(1, 10_000).client_ended("srv01.corp.example", 2055);
    let gateway = r#"
  - at: +11s
    events:
      - { event: Gateway/200, machine: RDGW01, at: +0s, activity: g1, Username: 'CORP\joe', IpAddress: 198.51.100.7, AuthType: NTLM, ConnectionProtocol: HTTP }
      - { event: Gateway/300, machine: RDGW01, at: +20ms, activity: g1, Username: 'CORP\joe', IpAddress: 198.51.100.7, AuthType: NTLM, Resource: srv01.corp.example, ConnectionProtocol: HTTP }
      - { event: Gateway/302, machine: RDGW01, at: +40ms, activity: g1, Username: 'CORP\joe', IpAddress: 198.51.100.7, AuthType: NTLM, Resource: srv01.corp.example, ConnectionProtocol: HTTP }
      - { event: Gateway/303, machine: RDGW01, at: +2s, activity: g1, Username: 'CORP\joe', IpAddress: 198.51.100.7, AuthType: NTLM, Resource: srv01.corp.example, BytesReceived: '900', BytesTransfered: '1900', SessionDuration: '2', ConnectionProtocol: HTTP, ErrorCode: 1226 }
"#;
    let host = Try { address: "10.0.0.9", ..joe(1, 11_100) }.refused();
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

#[test]
fn a_storm_of_reconnects_is_one_session_that_goes_on() {
    let mut events = joe(1, 0).entered(2, 21);
    for (number, at) in (2..8).zip((60_000..).step_by(60_000)) {
        let lost = at / 1000 - 10;
        events += &format!(
            "\n  - {{ event: RdpCoreTS/142, at: +{lost}s, activity: h{before}, error: 121 }}\n  - {{ event: RdpCoreTS/103, at: +{lost}s, activity: h{before}, ReasonCode: 14 }}\n",
            before = number - 1
        );
        events += &joe(number, at).entered(2, 25);
    }
    let (_folder, report) = forged(&events);
    let kinds: Vec<_> =
        report.attempts.iter().map(|attempt| (attempt.kind, attempt.continues)).collect();
    let mut expected = vec![(AttemptKind::Connect, None)];
    expected.extend((0..6).map(|before| (AttemptKind::Reconnect, Some(before))));
    assert_eq!(kinds, expected, "{:#?}", shown(&report));
}

#[test]
fn tries_at_the_same_time_are_told_apart_by_port_and_connection() {
    // Another client's handshake fails while joe gets in, and joe's client says so, too.
    let other = Try { address: "10.0.0.77", ..joe(2, 200) };
    let client = joe(1, 0).client_entered("srv01", 2);
    let (_folder, report) = forged(&(joe(1, 0).entered(2, 21) + &other.dropped() + &client));
    let found: Vec<_> = report
        .attempts
        .iter()
        .map(|attempt| (attempt.outcome, attempt.failed_at, attempt.user.as_deref()))
        .collect();
    let expected =
        [(Outcome::Succeeded, None, Some(r"corp\joe")), (Outcome::Failed, Some(Stage::Tls), None)];
    assert_eq!(found, expected, "{:#?}", shown(&report));
    let views: Vec<usize> = report.attempts.iter().map(|attempt| attempt.views.len()).collect();
    assert_eq!(views, [2, 1]);
}

#[test]
fn a_view_that_two_clients_compete_for_takes_no_other_attempt() {
    // Two clients lose a handshake within a second, so that neither is given the second loss; the
    // try that then gets in is not the one that a client saw fail.
    let other = |at| Try { address: "10.0.0.6", client: "PC-18", ..joe(1, at) };
    let events = other(40_000).dropped()
        + &other(39_960).client_ended("srv01", 2308)
        + &joe(2, 40_344).refused()
        + &joe(2, 40_304).client_ended("srv01", 2055)
        + &joe(3, 41_134).dropped()
        + &joe(3, 41_094).client_ended("srv01", 2308)
        + &joe(4, 42_301).entered(5, 21);
    let (_folder, report) = forged(&events);
    let entered: Vec<_> = report
        .attempts
        .iter()
        .filter(|attempt| attempt.reached == Some(Stage::Session))
        .map(|attempt| (attempt.outcome, attempt.views.len()))
        .collect();
    assert_eq!(entered, [(Outcome::Succeeded, 1)], "{:#?}", shown(&report));
}

#[test]
fn another_client_takes_a_session_over() {
    let taken = r#"
  - { event: LSM/40, at: +61s, activity: h1, Session: 2, Reason: 5 }
  - { event: RdpCoreTS/103, at: +61200ms, activity: h1, ReasonCode: 5 }
"#;
    let events = joe(1, 0).entered(2, 21)
        + taken
        + &Try { address: "10.0.0.77", ..joe(2, 60_000) }.entered(2, 25);
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
    let early = joe(1, 10_000).refused() + &joe(2, 40_000).refused();
    let late = joe(3, 100_000).entered(2, 21) + &joe(4, 400_000).refused();
    let client = joe(1, 9_900).client_ended("srv01", 2055);
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

/// The host's logs are there, by its full name, though none of their records is of the attempt.
#[test]
fn what_was_supplied_is_not_asked_for_again() {
    let other = Try { address: "10.0.0.9", client: "PC-99", ..joe(2, 7_200_000) };
    let events = joe(1, 60_000).client_ended("srv01.corp.example", 264) + &other.refused();
    let (_folder, report) = forged(&events);
    let client = |undecided: &&Undecided| report.attempts[undecided.attempt].side == Side::Client;
    let undecided = report.undecided.iter().find(client).unwrap();
    let asks =
        |name: &str| undecided.collect.iter().any(|log| channel::short(&log.channel) == name);
    assert!(!asks("RdpCoreTS") && asks("System"), "{:?}", undecided.collect);
}

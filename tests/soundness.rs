//! What must hold of conclusions whatever the rules say: who is blamed, what stays thin, what is
//! told apart, and what the filters leave.

use std::fs;

use rdpwhy::analyze::analyze;
use rdpwhy::model::{Confidence, Diagnosis, Kind, Outcome, Report};
use rdpwhy::options::Options;

use crate::support::built_in::{self, RULES};
use crate::support::files::fixtures;
use crate::support::program;

/// A connection that is dropped before security is agreed.
const DROPPED: &str = r#"
  - at: <T>
    events:
      - { event: RdpCoreTS/131, at: +0s, activity: "d<N>", ConnType: TCP, ClientIP: "<CLIENT>:5<N>" }
      - { event: RCM/261, at: +1ms, activity: "d<N>", listenerName: RDP-Tcp }
      - { event: RdpCoreTS/65, at: +3ms, activity: "d<N>", ConnectionName: "RDP-Tcp#<N>" }
      - { event: RdpCoreTS/141, at: +9ms, activity: "d<N>", InstanceID: <N> }
      - { event: RdpCoreTS/143, at: +80ms, activity: "d<N>", error: 64 }
      - { event: RdpCoreTS/142, at: +80ms, activity: "d<N>", error: 64 }
      - { event: RdpCoreTS/102, at: +81ms, activity: "d<N>" }
      - { event: RdpCoreTS/103, at: +82ms, activity: "d<N>", ReasonCode: 14 }
"#;

/// A connection that gets a session, which its user leaves.
const ENTERED: &str = r#"
  - at: <T>
    events:
      - { event: RdpCoreTS/131, at: +0s, activity: "e<N>", ConnType: TCP, ClientIP: "<CLIENT>:5<N>" }
      - { event: RCM/261, at: +1ms, activity: "e<N>", listenerName: RDP-Tcp }
      - { event: RdpCoreTS/65, at: +3ms, activity: "e<N>", ConnectionName: "RDP-Tcp#<N>" }
      - { event: RdpCoreTS/132, at: +600ms, activity: "e<N>", ChannelName: rdplic, TunnelID: 0 }
      - { event: RCM/1149, at: +600ms, activity: "e<N>", Param1: <USER>, Param2: CORP, Param3: <CLIENT> }
      - { event: RdpCoreTS/98, at: +610ms, activity: "e<N>" }
      - { event: RdpCoreTS/66, at: +900ms, activity: "e<N>", ConnectionName: "RDP-Tcp#<N>", SessionID: 2 }
      - { event: LSM/21, at: +1200ms, activity: "e<N>", User: 'CORP\<USER>', SessionID: 2, Address: <CLIENT> }
      - { event: LSM/23, at: +500s, activity: "e<N>", User: 'CORP\<USER>', SessionID: 2 }
      - { event: LSM/40, at: +501s, activity: "e<N>", Session: 2, Reason: 12 }
      - { event: RdpCoreTS/103, at: +502s, activity: "e<N>", ReasonCode: 12 }
"#;

/// A refusal by NLA, for a status and a sub-status.
const REFUSED: &str = r#"
  - at: <T>
    events:
      - { event: RdpCoreTS/131, at: +0s, activity: "r<N>", ConnType: TCP, ClientIP: "<CLIENT>:5<N>" }
      - { event: RCM/261, at: +1ms, activity: "r<N>", listenerName: RDP-Tcp }
      - { event: RdpCoreTS/65, at: +3ms, activity: "r<N>", ConnectionName: "RDP-Tcp#<N>" }
      - { event: Security/4625, at: +700ms, TargetUserName: <USER>, TargetDomainName: CORP, Status: <STATUS>, FailureReason: "%%2313", SubStatus: <SUB>, LogonType: 3, LogonProcessName: "NtLmSsp ", AuthenticationPackageName: NTLM, WorkstationName: PC<N>, IpAddress: "-", IpPort: "-" }
      - { event: RdpCoreTS/140, at: +710ms, activity: "r<N>", IPString: <CLIENT> }
      - { event: RdpCoreTS/102, at: +900ms, activity: "r<N>" }
      - { event: RdpCoreTS/103, at: +900ms, activity: "r<N>", ReasonCode: 14 }
"#;

/// An error of the certificate's key, beside a dropped connection.
const KEY: &str = "
  - { event: System/Schannel/36870, at: <T>, Type: server, ErrorCode: 0x8009030D, ErrorStatus: 10001 }";

/// A record in each core log of the host long before, and one long after, so that silence of a
/// log is silence.
const COVER: &str = r"
  - { event: System/6005, at: +0s, binary: EA0703000000010006000000140000000000000000000000 }
  - { event: Security/4624, at: +1s, TargetUserName: SRV01$, TargetDomainName: CORP, LogonType: 5, LogonProcessName: Advapi, AuthenticationPackageName: Negotiate, WorkstationName: '-', IpAddress: '-', IpPort: '-' }
  - { event: RdpCoreTS/129, at: +2s, activity: boot, TransportProtocolName: TCP, Port: 3389 }
  - { event: RCM/258, at: +2s, activity: boot, listenerName: RDP-Tcp }
  - { event: LSM/21, at: +3s, User: 'SRV01\local', SessionID: 1, Address: LOCAL }
  - { event: System/7036, at: +300d, param1: Remote Desktop Services, param2: running, binary: '5400650072006D0053006500720076006900630065002F0034000000' }
";

/// The template with `<T>` for the start, `<N>` for a number, and further values.
fn fill(template: &str, at: &str, number: usize, more: &[(&str, &str)]) -> String {
    let text = template.replace("<T>", at).replace("<N>", &(number + 100).to_string());
    more.iter().fold(text, |text, (name, value)| text.replace(name, value))
}

fn dropped(at: &str, number: usize, client: &str) -> String {
    fill(DROPPED, at, number, &[("<CLIENT>", client)])
}

fn entered(at: &str, number: usize, client: &str, user: &str) -> String {
    fill(ENTERED, at, number, &[("<CLIENT>", client), ("<USER>", user)])
}

fn refused(at: &str, number: usize, client: &str, user: &str, codes: (&str, &str)) -> String {
    let (status, sub) = codes;
    let values = [("<CLIENT>", client), ("<STATUS>", status), ("<SUB>", sub), ("<USER>", user)];
    fill(REFUSED, at, number, &values)
}

const WRONG: (&str, &str) = ("0xC000006D", "0xC000006A");
const LOCKED: (&str, &str) = ("0xC0000234", "0x0");

/// The report on what a host logged.
fn report(events: &[String], options: &Options) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("scenario.yml");
    let text = format!(
        "about: a test\nstart: 2026-01-05T08:00:00Z\nmachine: SRV01\nevents:{COVER}{}",
        events.concat()
    );
    fs::write(&scenario, text).unwrap();
    let logs = folder.path().join("logs");
    program::forge(&scenario, &logs);
    analyze(&[logs], &RULES, options, &|_| {})
}

/// The faults and attacks, as cause, band and scope.
fn faults(report: &Report) -> Vec<String> {
    let faults = report.diagnoses.iter().filter(|found| found.candidate.kind != Kind::Benign);
    faults
        .map(|Diagnosis { candidate, .. }| {
            let (cause, scope) = (&candidate.cause, &candidate.scope);
            format!("{cause} {} {scope}", candidate.confidence.name())
        })
        .collect()
}

#[test]
fn a_certificate_that_expired_twice_is_told_in_two_spells() {
    let spell = |day: u32, number: usize| {
        let mut events = vec![format!(
            "\n  - {{ event: System/RCM/1058, at: +{day}d, data: [Access is denied.] }}"
        )];
        for (step, client) in ["10.0.0.5", "10.0.0.6", "10.0.0.7"].iter().enumerate() {
            let at = format!("+{}s", day * 86400 + 600 * (u32::try_from(step).unwrap() + 1));
            events.push(dropped(&at, number + step, client));
        }
        events.push(format!(
            "\n  - {{ event: System/RCM/1056, at: +{}s, data: [SRV01.corp.example], binary: \
             '59EFF2E3B509C83137E81085E02A1AC63A7E61AA' }}",
            day * 86400 + 7200
        ));
        events
    };
    let mut events = spell(60, 0);
    events.push(entered("+61d", 10, "10.0.0.5", "joe"));
    events.push(entered("+120d", 11, "10.0.0.6", "ann"));
    events.extend(spell(240, 20));
    events.push(entered("+241d", 30, "10.0.0.5", "joe"));
    let report = report(&events, &Options::default());
    let found = &report.diagnoses[0].candidate;
    assert_eq!(faults(&report), ["certificate-expired confirmed SRV01"]);
    assert_eq!(found.attempts.len(), 6);
    let [first, second] = &found.episodes[..] else { panic!("{:?}", found.episodes) };
    for episode in [first, second] {
        assert_eq!(episode.confidence, Confidence::Confirmed);
        assert_eq!(episode.attempts.len(), 3);
        assert!(episode.first < episode.last);
    }
    assert!(first.last < second.first);
    assert!(report.diagnoses[0].summary.contains("in 2 spells"));
    let weights: i32 = found.evidence.iter().map(|item| item.weight).sum();
    assert_eq!(found.prior + weights, found.score);
    assert!(report.undecided.is_empty());
}

#[test]
fn one_client_in_trouble_does_not_blame_the_machine() {
    let mut events = Vec::new();
    for number in 0..6 {
        events.push(dropped(&format!("+{}s", 86400 + number * 3600), number, "10.0.0.66"));
        let (client, user) = (format!("10.0.0.{}", number + 1), format!("user{number}"));
        let at = format!("+{}s", 86400 + number * 3600 + 900);
        events.push(entered(&at, 20 + number, &client, &user));
    }
    let report = report(&events, &Options::default());
    let blamed = faults(&report);
    assert!(blamed.iter().all(|fault| !fault.ends_with(" SRV01")), "{blamed:?}");
    assert!(blamed.iter().all(|fault| fault.contains("possible")), "{blamed:?}");
}

#[test]
fn a_machine_in_trouble_does_not_blame_its_clients() {
    let mut events = Vec::new();
    for number in 0..6 {
        let at = 86400 + number * 3600;
        events.push(dropped(&format!("+{at}s"), number, &format!("10.0.0.{}", number + 1)));
        events.push(KEY.replace("<T>", &format!("+{at}.04s")));
    }
    let report = report(&events, &Options::default());
    assert_eq!(faults(&report), ["certificate-key-unreadable confirmed SRV01"]);
    assert_eq!(report.diagnoses[0].candidate.attempts.len(), 6);
}

#[test]
fn two_faults_at_once_are_both_told() {
    let mut events = Vec::new();
    for number in 0..2 {
        let at = format!("+{}s", 86400 + number * 60);
        events.push(refused(&at, number, "10.0.0.5", "joe", WRONG));
        let at = format!("+{}s", 86400 + number * 60 + 20);
        events.push(refused(&at, 10 + number, "10.0.0.6", "ann", LOCKED));
    }
    events.push(entered("+86700s", 30, "10.0.0.5", "joe"));
    let report = report(&events, &Options::default());
    let found = faults(&report);
    for cause in ["wrong-password confirmed joe", "account-locked confirmed ann"] {
        assert!(found.iter().any(|fault| fault.starts_with(cause)), "{cause}: {found:?}");
    }
    let separated: usize = report.diagnoses.iter().map(|found| found.separate_from.len()).sum();
    assert_eq!(separated, 0, "both are proven");
}

/// Dropped connections look alike whatever dropped them. They are thin evidence at best, and
/// the reader learns what was weighed and what to collect.
#[test]
fn shape_alone_is_never_likely() {
    for (clients, times) in [(1, 1), (1, 8), (4, 8)] {
        let events: Vec<String> = (0..times)
            .map(|number| {
                let at = format!("+{}s", 86400 + number * 1800);
                dropped(&at, number, &format!("10.0.0.{}", number % clients + 1))
            })
            .collect();
        let report = report(&events, &Options::default());
        for found in &report.diagnoses {
            let found = &found.candidate;
            let thin = found.confidence == Confidence::Possible || found.kind == Kind::Benign;
            assert!(thin, "{clients} clients, {times} times: {:?}", faults(&report));
        }
        for undecided in &report.undecided {
            assert!(!undecided.considered.is_empty(), "{clients} {times}");
            assert!(!undecided.collect.is_empty(), "{clients} {times}");
            assert!(undecided.considered.iter().all(|one| !one.lacks.is_empty()));
        }
        let told = report.undecided.len()
            + report.diagnoses.iter().map(|found| found.candidate.attempts.len()).sum::<usize>();
        assert!(told >= times, "{clients} {times}");
    }
}

#[test]
fn what_is_harmless_never_stands_before_a_fault() {
    for folder in fixtures() {
        let report = built_in::report(&[folder.join("logs")]);
        let kinds: Vec<bool> =
            report.diagnoses.iter().map(|found| found.candidate.kind == Kind::Benign).collect();
        assert!(kinds.is_sorted(), "{:?}", report.inputs);
    }
}

#[test]
fn filters_hold_for_attempts_and_conclusions_alike() {
    let events = [
        refused("+86400s", 0, "10.0.0.5", "joe", WRONG),
        refused("+86460s", 1, "10.0.0.6", "ann", LOCKED),
        entered("+86520s", 2, "10.0.0.6", "bob"),
        dropped("+90000s", 3, "10.0.0.5"),
        dropped("+90060s", 4, "10.0.0.7"),
    ];
    let all = report(&events, &Options::default());
    assert_eq!(all.attempts.len(), 5);
    let by_user = Options { users: vec!["joe".to_owned()], ..Options::default() };
    let by_client = Options { clients: vec!["10.0.0.6".parse().unwrap()], ..Options::default() };
    for (options, ids) in [(by_user, &["joe"][..]), (by_client, &["ann", "bob"])] {
        let some = report(&events, &options);
        let users: Vec<&str> = some
            .attempts
            .iter()
            .filter_map(|attempt| attempt.user.as_deref()?.rsplit('\\').next())
            .collect();
        assert_eq!(users, ids);
        assert_eq!(some.attempts.len(), ids.len());
        let same = |left: &Report, right: &Report| {
            left.attempts.iter().all(|one| right.attempts.iter().any(|two| one.id == two.id))
        };
        assert!(same(&some, &all), "ids stay");
        for found in &some.diagnoses {
            assert!(found.candidate.attempts.iter().all(|index| *index < some.attempts.len()));
            let known = all.diagnoses.iter().find(|other| other.id == found.id).unwrap();
            assert_eq!(found.candidate.score, known.candidate.score, "{}", found.id);
        }
        for undecided in &some.undecided {
            assert_eq!(some.attempts[undecided.attempt].outcome, Outcome::Failed);
        }
        assert!(!faults(&some).is_empty() || ids.contains(&"bob"));
    }
}

//! Logs that are not read beyond their ends, because no rule asks for their channel: what that
//! changes, and which logs are read whole all the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a step that fails fails its test"
)]

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;

use rdpwhy::analyze::analyze;
use rdpwhy::forge::write_log;
use rdpwhy::model::{ChannelCoverage, Report};
use rdpwhy::options::Options;
use rdpwhy::report::json_v1;
use rdpwhy::report::terminal::{self, TerminalStyle};
use rdpwhy::rules::RuleSet;
use rdpwhy::rules::events::Catalogue;
use rdpwhy::scenario::Scenario;

/// Asks for one channel.
static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let text = "\
logsource: { channel: Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational, provider: Microsoft-Windows-RemoteDesktopServices-RdpCoreTS }
signals:
  - id: connection-accepted
    title: a connection was accepted
    detection: { s: { EventID: 131 }, condition: s }
    attempt: opens
";
    RuleSet::from_documents([("signals/some.yml", text)]).unwrap()
});
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

const RECORDS: u64 = 10_000;
const CHUNK: usize = 65_536;
const SECURITY: &str = "{ event: Security/4672, SubjectUserSid: S-1-5-18, SubjectUserName: \"user{i}\", SubjectDomainName: CORP, SubjectLogonId: \"{1000..9000}\", PrivilegeList: SeAssignPrimaryTokenPrivilege SeTcbPrivilege SeSecurityPrivilege SeTakeOwnershipPrivilege SeLoadDriverPrivilege SeBackupPrivilege SeRestorePrivilege SeDebugPrivilege }";
const ACCEPTED: &str = "{ event: RdpCoreTS/131, ConnType: TCP, ClientIP: \"203.0.113.9:50000\" }";

/// A log of events, of which `between` stands in the middle.
fn forge(log: &str, event: &str, between: &str) -> Vec<u8> {
    let repeat = format!("repeat: {{ times: {}, every: 1s }}", RECORDS / 2);
    let text = format!(
        "start: 2026-03-04T00:00:00Z
machine: SRV01.corp.example
log: {log}
events:
  - {repeat}
    events: [{event}]
  - at: +5000s
    repeat: {{ times: 1, every: 1s }}
    events: [{between}]
  - at: +6000s
    {repeat}
    events: [{event}]
"
    );
    let scenario = Scenario::parse(&text, "log").unwrap();
    let events = scenario.events(&CATALOGUE).unwrap();
    write_log(Cursor::new(Vec::new()), events, scenario.log()).unwrap().into_inner()
}

/// One channel of an exported log.
fn plain() -> Vec<u8> {
    let log = forge("{ form: export }", SECURITY, "");
    assert!(log.len() > 4 << 20, "{} bytes", log.len());
    log
}

fn report(log: &[u8], options: &Options) -> Report {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("some.evtx"), log).unwrap();
    report_of(folder.path(), options)
}

fn report_of(folder: &Path, options: &Options) -> Report {
    analyze(&[folder.to_owned()], &RULES, options, &|_| {})
}

fn channel(report: &Report) -> &ChannelCoverage {
    &report.machines[0].coverage.channels[0]
}

/// Whether the log is read whole.
fn is_read(log: &[u8]) -> bool {
    let report = report(log, &Options::default());
    assert!(!report.machines.is_empty());
    report
        .machines
        .iter()
        .flat_map(|machine| &machine.coverage.channels)
        .all(|channel| channel.unread_records == 0)
}

#[test]
fn a_log_of_a_channel_that_no_rule_asks_for_is_not_read_beyond_its_ends() {
    let log = plain();
    let whole = report(&log, &Options { read_all: true, ..Options::default() });
    let ends = report(&log, &Options::default());
    let (whole, own) = (channel(&whole), channel(&ends));
    assert_eq!((whole.records, whole.unread_records), (RECORDS, 0));
    assert!(own.unread_records > RECORDS * 9 / 10 && own.unread_records < RECORDS);
    assert_eq!(ends.stats.bytes, 2 * CHUNK as u64);
    assert_eq!(ends.stats.records + own.unread_records, RECORDS);
    // Of what is told of it nothing else differs.
    assert_eq!(&ChannelCoverage { unread_records: 0, ..own.clone() }, whole);
}

#[test]
fn reports_say_what_was_not_read() {
    let (log, page) =
        (plain(), |report: &Report| terminal::render(report, &TerminalStyle::default()));
    let ends = report(&log, &Options::default());
    assert!(page(&ends).contains("1 not read, as no rule asks for them"), "{}", page(&ends));
    assert!(json_v1::render(&ends).contains(r#""unread_records""#));
    let whole = report(&log, &Options { read_all: true, ..Options::default() });
    assert!(!page(&whole).contains("not read") && !json_v1::render(&whole).contains("unread"));
}

#[test]
fn a_log_that_began_anew_at_the_top_is_known_by_its_header() {
    let mut log = plain();
    let chunks = (log.len() - 4096) / CHUNK;
    log[4096..].rotate_left(7 * CHUNK);
    let oldest = chunks as u64 - 7;
    log[8..16].copy_from_slice(&oldest.to_le_bytes());
    log[16..24].copy_from_slice(&(oldest - 1).to_le_bytes());
    assert!(is_read(&log), "a header whose checksum does not agree");
    let checksum = crc32fast::hash(&log[..120]);
    log[124..128].copy_from_slice(&checksum.to_le_bytes());
    let rotated = report(&log, &Options::default());
    assert_eq!(channel(&rotated), channel(&report(&plain(), &Options::default())));
}

#[test]
fn it_is_the_same_on_the_longer_way() {
    let log = plain();
    let slow = report(&log, &Options { fast_path: false, ..Options::default() });
    assert_eq!(channel(&slow), channel(&report(&log, &Options::default())));
}

#[test]
fn empty_slots_at_the_end_change_nothing() {
    let mut log = plain();
    log.resize(log.len() + 7 * CHUNK, 0);
    assert!(!is_read(&log));
    // A chunk that the header does not know of is one that somebody may look for.
    let (at, end) = (log.len() - CHUNK, log.len());
    log.copy_within(4096..4096 + CHUNK, at);
    assert!(is_read(&log), "{at}..{end}");
}

#[test]
fn what_somebody_asks_for_is_read() {
    let wanted = ACCEPTED.replace("203.0.113.9", &"9".repeat(400));
    let wanted = forge("{ form: export }", &wanted, "");
    assert!(wanted.len() > 4 << 20 && is_read(&wanted), "{} bytes", wanted.len());
    let log = plain();
    let recovering = Options { recover: true, ..Options::default() };
    assert_eq!(channel(&report(&log, &recovering)).unread_records, 0);
}

#[test]
fn a_log_of_several_channels_is_read() {
    let log = forge("{ form: export }", SECURITY, ACCEPTED);
    let report = report(&log, &Options::default());
    assert_eq!(report.attempts.len(), 1);
    assert!(is_read(&log));
}

#[test]
fn what_an_event_collector_wrote_is_read() {
    let log = forge("{ form: forwarded }", SECURITY, "");
    assert!(log.len() > 4 << 20 && is_read(&log), "{} bytes", log.len());
}

#[test]
fn a_log_that_was_in_use_is_read() {
    let log = forge("{ form: live }", SECURITY, "");
    assert!(log.len() > 4 << 20 && is_read(&log), "{} bytes", log.len());
}

#[test]
fn a_damaged_log_is_read() {
    let log = plain();
    let slots = (log.len() - 4096) / CHUNK;
    let chunk = |number: usize| 4096 + number * CHUNK;
    // Of so many chunks every second header is looked at.
    let between = chunk((slots / 2) | 1);
    assert!((64..128).contains(&slots), "{slots} chunks");
    let places = [
        ("the file's header", 24),
        ("the first chunk's records", chunk(0) + 5000),
        ("the first chunk's header", chunk(0) + 48),
        ("a chunk's header between", between + 24),
        ("a chunk's tables between", between + 200),
        ("the last chunk's records", chunk(slots - 1) + 600),
    ];
    for (what, at) in places {
        let mut damaged = log.clone();
        damaged[at] ^= 1;
        assert!(is_read(&damaged), "{what}");
    }
    let mut torn = log.clone();
    torn[chunk(3)..chunk(4)].fill(0);
    assert!(is_read(&torn), "an empty slot");
    for cut in [CHUNK, CHUNK / 2, 1] {
        assert!(is_read(&log[..log.len() - cut]), "cut by {cut} bytes");
    }
    let mut doubled = log;
    doubled.copy_within(chunk(1)..chunk(2), chunk(3));
    assert!(is_read(&doubled), "a chunk twice");
}

#[test]
fn a_log_whose_records_a_filter_chose_is_read() {
    let mut chosen = plain();
    let slots = (chosen.len() - 4096) / CHUNK;
    // The last chunk takes the place of the one before it; numbers of the file are missing.
    let last = 4096 + (slots - 1) * CHUNK;
    chosen.copy_within(last.., last - CHUNK);
    chosen.truncate(last);
    assert!(is_read(&chosen));
}

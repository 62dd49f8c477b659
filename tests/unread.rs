//! Logs that are not read beyond their ends, because no rule asks for their channel: what that
//! changes, and which logs are read whole all the same.

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
use rdpwhy::scenario::Scenario;

use crate::support::built_in::{self, CATALOGUE};
use crate::support::files::files_in;
use crate::support::real_logs;

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
    log[4096..].rotate_left(7 * CHUNK);
    let oldest = chunks(&log).0 as u64 - 7;
    log[8..16].copy_from_slice(&oldest.to_le_bytes());
    assert!(is_read(&log), "a header whose checksum does not agree");
    let rotated = report(&with_header(&log, 16, oldest - 1), &Options::default());
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

/// One channel of a log that was copied while it was written.
fn in_use() -> Vec<u8> {
    let log = forge("{ form: live }", SECURITY, "");
    assert!(log.len() > 4 << 20, "{} bytes", log.len());
    log
}

/// Has the log bear a header that says this at an offset.
fn with_header(log: &[u8], at: usize, says: u64) -> Vec<u8> {
    let mut log = log.to_vec();
    log[at..at + 8].copy_from_slice(&says.to_le_bytes());
    let checksum = crc32fast::hash(&log[..120]);
    log[124..128].copy_from_slice(&checksum.to_le_bytes());
    log
}

/// Numbers of the chunks that the log holds, and of its slots.
fn chunks(log: &[u8]) -> (usize, usize) {
    let (slots, _) = log[4096..].as_chunks::<CHUNK>();
    (slots.iter().filter(|slot| slot.starts_with(b"ElfChnk")).count(), slots.len())
}

#[test]
fn the_ends_of_a_log_that_was_in_use_are_found_by_its_chunks() {
    let log = in_use();
    let (used, slots) = chunks(&log);
    let header = |at: usize| u64::from_le_bytes(log[at..at + 8].try_into().unwrap());
    assert!(used < slots && header(16) + 1 < used as u64, "{used} of {slots}: an old header");
    let whole = report(&log, &Options { read_all: true, ..Options::default() });
    let ends = report(&log, &Options::default());
    assert_eq!(channel(&whole).records, RECORDS);
    assert_eq!(ends.stats.bytes, 2 * CHUNK as u64);
    let unread_records = channel(&ends).unread_records;
    assert_eq!(ends.stats.records + unread_records, RECORDS);
    assert_eq!(channel(&ends), &ChannelCoverage { unread_records, ..channel(&whole).clone() });
    assert_eq!(ends.problems, whole.problems);
}

#[test]
fn a_log_in_use_that_began_anew_at_the_top_is_known_by_its_chunks() {
    let log = in_use();
    let full = &log[..4096 + chunks(&log).0 * CHUNK];
    let straight = report(full, &Options::default());
    for by in [1, 7, chunks(&log).0 - 1] {
        let mut turned = full.to_vec();
        turned[4096..].rotate_right(by * CHUNK);
        assert_eq!(channel(&report(&turned, &Options::default())), channel(&straight), "by {by}");
        // With slots to spare it would not have begun anew.
        turned.resize(turned.len() + CHUNK, 0);
        assert!(is_read(&turned), "by {by}, and an empty slot");
    }
}

#[test]
fn a_log_in_use_is_read_where_its_chunks_are_not_as_they_should_be() {
    let log = in_use();
    let (used, slots) = chunks(&log);
    let chunk = |number: usize| 4096 + number * CHUNK;
    assert!(is_read(&with_header(&log, 24, RECORDS + 2)), "the header knows of more records");
    assert!(is_read(&with_header(&log, 16, used as u64)), "the header knows of more chunks");
    assert!(is_read(&log[..log.len() - CHUNK / 2]), "half a slot");
    for (what, at) in [
        ("the last chunk's records", chunk(used - 1) + 600),
        ("the last chunk's header", chunk(used - 1) + 24),
        ("a chunk's header between", chunk(used / 2) + 24),
        ("a slot behind the last chunk", chunk(slots - 1) + 8),
    ] {
        let mut damaged = log.clone();
        damaged[at] ^= 1;
        assert!(is_read(&damaged), "{what}");
    }
    for number in [0, 1, used / 2, used - 2] {
        let mut torn = log.clone();
        torn[chunk(number)..chunk(number + 1)].fill(0);
        assert!(is_read(&torn), "chunk {number} is empty");
    }
    for number in [1, used / 2, used - 2] {
        let mut without = log.clone();
        without.drain(chunk(number)..chunk(number + 1));
        assert!(is_read(&without), "chunk {number} is missing");
    }
    for number in [3, used / 2, used - 2] {
        let mut doubled = log.clone();
        doubled.copy_within(chunk(1)..chunk(2), chunk(number));
        assert!(is_read(&doubled), "chunk {number} is one that came before");
    }
}

#[test]
fn a_damaged_log_is_read() {
    let log = plain();
    let slots = (log.len() - 4096) / CHUNK;
    let chunk = |number: usize| 4096 + number * CHUNK;
    let between = chunk(slots / 2);
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
fn a_log_is_read_where_the_clock_was_set_far() {
    for log in [plain(), in_use()] {
        let first = 4096 + (chunks(&log).0 / 2) * CHUNK + 512;
        for days in [-2, 2] {
            let mut log = log.clone();
            let written = i64::from_le_bytes(log[first + 16..first + 24].try_into().unwrap());
            let written = written + days * 24 * 3600 * 10_000_000;
            log[first + 16..first + 24].copy_from_slice(&written.to_le_bytes());
            assert!(is_read(&log), "{days} days");
        }
    }
}

#[test]
fn real_logs_are_told_of_as_if_they_were_read() {
    let Some(folder) = real_logs::folder() else { return };
    let mut unread = 0;
    for path in files_in(folder) {
        if fs::metadata(&path).unwrap().len() < 4 << 20 {
            continue;
        }
        let told = |read_all: bool| -> Vec<ChannelCoverage> {
            let options = Options { read_all, ..Options::default() };
            let report = analyze(std::slice::from_ref(&path), &built_in::RULES, &options, &|_| {});
            let machines = report.machines.into_iter();
            machines.flat_map(|machine| machine.coverage.channels).collect()
        };
        let (mut own, mut whole) = (told(false), told(true));
        for (own, whole) in own.iter_mut().zip(&mut whole).filter(|(own, _)| own.unread_records > 0)
        {
            unread += 1;
            own.unread_records = 0;
            // A log that began anew at the top has one behind the other in the order of its slots.
            let runs =
                |channel: &ChannelCoverage| channel.runs.iter().map(|run| run.records).sum::<u64>();
            assert_eq!(runs(own), runs(whole));
            own.runs.clone_from(&whole.runs);
        }
        assert_eq!(own, whole, "{}", path.display());
    }
    // Copied from disks while Windows ran: Store, PowerShell and AppXDeploymentServer.
    assert_eq!(unread, 5);
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

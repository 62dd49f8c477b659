use std::collections::BTreeSet;

use super::*;
use crate::model::{Event, Field, Run, Span, Value, channel};

fn at(second: i64) -> Time {
    Time::parse_rfc3339("2026-03-04T00:00:00Z").unwrap() + Span::seconds(second)
}

fn event(
    channel: &str,
    provider: &str,
    id: u32,
    second: i64,
    data: &[(&str, &str)],
) -> PackedEvent {
    Event {
        machine: "SRV01".into(),
        channel: channel.into(),
        provider: provider.into(),
        event_id: id,
        time: at(second),
        data: data
            .iter()
            .map(|(name, value)| Field { name: (*name).into(), value: Value::text(*value) })
            .collect(),
        ..Event::default()
    }
    .packed()
}

/// A channel with runs of record ids, each `(low, high, first second, last second, records)`.
fn log(name: &str, runs: &[(u64, u64, i64, i64, u64)]) -> ChannelCoverage {
    let first = at(runs.iter().map(|run| run.2).min().unwrap());
    let last = at(runs.iter().map(|run| run.3).max().unwrap());
    ChannelCoverage {
        records: runs.iter().map(|run| run.4).sum(),
        runs: runs
            .iter()
            .map(|(low, high, first, last, records)| Run {
                low: *low,
                high: *high,
                first: at(*first),
                last: at(*last),
                records: *records,
            })
            .collect(),
        ..ChannelCoverage::whole("SRV01".into(), name.into(), first, last)
    }
}

/// The gaps of the first channel: kind, from, to in seconds.
fn check(
    channels: Vec<ChannelCoverage>,
    events: Vec<PackedEvent>,
    expected: &[(GapKind, i64, i64)],
) {
    let machines = vec![MachineCoverage { name: "SRV01".into(), channels }];
    let facts = mark(Facts { events: events.into_iter().collect(), machines, ..Facts::default() });
    let seconds = |time: Time| time.since(at(0)).0 / 10_000_000;
    let found: Vec<(GapKind, i64, i64)> = facts.machines[0].channels[0]
        .gaps
        .iter()
        .map(|gap| (gap.kind, seconds(gap.from), seconds(gap.to)))
        .collect();
    assert_eq!(found, expected);
}

/// Records of other machines that stand in the same file are none that this one's log holds.
#[test]
fn no_more_records_are_said_to_be_there_than_there_are() {
    let sifted = log("Security", &[(4001, 9000, 0, 500, 40)]);
    let others = log("Security", &[(1, 4000, 0, 500, 300)]).runs;
    for siblings in [&[][..], &others] {
        let gaps = ids::read(&sifted, siblings).unwrap().gaps(&sifted);
        let reasons: Vec<&str> = gaps.iter().map(|gap| &*gap.reason).collect();
        assert_eq!(reasons, ["only 40 of 5000 records were exported or forwarded"]);
    }
}

#[test]
fn numbers_tell_what_is_missing() {
    let whole = [(1, 50, 0, 500, 50), (51, 60, 501, 900, 10)];
    check(vec![log("System", &whole)], vec![], &[]);
    // Copies of the same records, in any order.
    let copies = [(20, 60, 200, 900, 41), (1, 50, 0, 500, 50)];
    check(vec![log("System", &copies)], vec![], &[]);
    // Parts of one log that fill each other's holes, and one of them alone.
    let parts = [(1, 49, 0, 490, 25), (2, 50, 10, 500, 25)];
    check(vec![log("System", &parts)], vec![], &[]);
    check(vec![log("System", &parts[..1])], vec![], &[(GapKind::Missing, 0, 490)]);
    let torn = [(1, 50, 0, 500, 50), (71, 99, 900, 1000, 29)];
    check(vec![log("System", &torn)], vec![], &[(GapKind::Missing, 500, 900)]);
    let inside = [(1, 50, 0, 500, 49)];
    check(vec![log("System", &inside)], vec![], &[(GapKind::Missing, 0, 500)]);
    let sifted = [(1, 5000, 0, 500, 40)];
    check(vec![log("System", &sifted)], vec![], &[(GapKind::Filtered, 0, 500)]);
    let mut damaged = log("System", &torn);
    damaged.damaged_chunks = 1;
    check(vec![damaged], vec![], &[(GapKind::Damaged, 500, 900)]);
    // What was lost beside that came later, or is anywhere where numbers are made up.
    let later = |runs: &[(u64, u64, i64, i64, u64)], lost, places: &[(GapKind, i64, i64)]| {
        let mut damaged = log("System", runs);
        (damaged.damaged_chunks, damaged.lost_records) = (1, lost);
        check(vec![damaged, log("Security", &[(1, 9, 0, 5000, 9)])], vec![], places);
    };
    let (torn, whole) = (&torn[..], &whole[..]);
    later(torn, 20, &[(GapKind::Damaged, 500, 900)]);
    later(torn, 21, &[(GapKind::Damaged, 500, 900), (GapKind::Damaged, 1000, 5000)]);
    later(whole, 1, &[(GapKind::Damaged, 900, 5000)]);
    later(&[(1, 1 << 60, 0, 500, 50)], 1, &[(GapKind::Damaged, 0, 5000)]);
    later(&[(1, 1 << 60, 0, 500, 50)], 0, &[]);
    // Numbers that begin anew, and numbers that were not read, tell nothing.
    let anew = [(900, 950, 0, 500, 51), (1, 5, 5000, 5001, 5)];
    check(vec![log("System", &anew)], vec![], &[]);
    check(vec![log("System", &[(5, 9, 0, 500, 0)])], vec![], &[]);
}

#[test]
fn a_log_that_begins_late_has_lost_its_beginning_or_never_had_one() {
    let other = || log("System", &[(1, 9, 0, 9000, 9)]);
    let rolled = || log("Security", &[(101, 110, 5000, 9000, 10)]);
    check(vec![rolled(), other()], vec![], &[(GapKind::Overwritten, 0, 5000)]);
    // Nothing is older on this machine, or nothing was there before.
    check(vec![rolled()], vec![], &[]);
    check(vec![log("Security", &[(1, 9, 5000, 9000, 9)]), other()], vec![], &[]);
    let cleared = event("Security", "Microsoft-Windows-Eventlog", 1102, 5000, &[]);
    check(vec![rolled(), other()], vec![cleared], &[(GapKind::Cleared, 0, 5000)]);
    // 1102 of another provider is another event.
    let client = event(channel::RDP_CLIENT, "Client", 1102, 5000, &[]);
    check(vec![rolled(), other()], vec![client], &[(GapKind::Overwritten, 0, 5000)]);
}

#[test]
fn a_renamed_machine_goes_on_in_the_same_log() {
    let mut now = log("System", &[(51, 90, 5000, 9000, 40)]);
    let mut before = log("System", &[(1, 50, 0, 4000, 50)]);
    (now.files, before.files) = (vec![FileId(3)], vec![FileId(3)]);
    before.machine = "OLDNAME".into();
    let other = log("Security", &[(1, 9, 0, 9000, 9)]);
    let machine = |name: &str, channels| MachineCoverage { name: name.into(), channels };
    let machines = |before| vec![machine("SRV01", vec![now.clone(), other.clone()]), before];
    let gaps = |before: ChannelCoverage| {
        let machines = machines(machine("OLDNAME", vec![before]));
        let facts = mark(Facts { machines, ..Facts::default() });
        facts.machines[0].channels[0].gaps.len()
    };
    assert_eq!(gaps(before.clone()), 0);
    before.files = vec![FileId(4)];
    assert_eq!(gaps(before), 1, "the log of another machine says nothing");
}

/// A log that was collected daily for years stands in thousands of files.
#[test]
fn a_log_in_many_files_under_two_names_is_copied_once() {
    let runs: Vec<_> = (0..300).map(|day| (day * 9 + 1, day * 9 + 9, 0, 9000, 9)).collect();
    let mut channels = [log("System", &runs), log("System", &runs)];
    channels[1].machine = "OLDNAME".into();
    for channel in &mut channels {
        channel.files = (0..300).map(FileId).collect();
    }
    let [now, before] = channels;
    let machine =
        |name: &str, channel| MachineCoverage { name: name.into(), channels: vec![channel] };
    let logs = Logs::of(&[machine("SRV01", now.clone()), machine("OLDNAME", before)]);
    assert_eq!(logs.siblings(&now).len(), 300);
    let Logs(logs) = logs;
    let copies: BTreeSet<_> = logs.values().flatten().map(|(_, runs)| Arc::as_ptr(runs)).collect();
    assert_eq!((logs.len(), copies.len()), (300, 2));
}

#[test]
fn the_system_log_names_the_log_that_was_cleared() {
    let lsm = || {
        let runs = [(1, 50, 0, 500, 50), (71, 99, 900, 1000, 29)];
        log(channel::LOCAL_SESSION_MANAGER, &runs)
    };
    let cleared =
        |name: &str| event("System", "Microsoft-Windows-Eventlog", 104, 890, &[("Channel", name)]);
    let hole = |kind| [(kind, 500, 900)];
    check(vec![lsm()], vec![cleared(channel::LOCAL_SESSION_MANAGER)], &hole(GapKind::Cleared));
    check(vec![lsm()], vec![cleared("Application")], &hole(GapKind::Missing));
}

#[test]
fn a_stopped_service_is_a_hole_and_a_stopped_machine_is_none() {
    let log = || log("System", &[(1, 9, 0, 9000, 9)]);
    let stop = || event("System", "EventLog", 6006, 1000, &[]);
    let start = || event("System", "EventLog", 6005, 2000, &[]);
    let boot = |second| event("System", "Microsoft-Windows-Kernel-General", 12, second, &[]);
    check(vec![log()], vec![boot(0), stop(), start()], &[(GapKind::Stopped, 1000, 2000)]);
    check(vec![log()], vec![stop(), boot(1990), start()], &[]);
    // Without a word of the kernel it cannot be told.
    check(vec![log()], vec![stop(), start()], &[]);
}

#[test]
fn a_channel_that_misses_what_others_show_was_not_written() {
    let core = || log(channel::RDP_CORE_TS, &[(1, 9, 0, 1000, 9)]);
    let rcm = || log(channel::REMOTE_CONNECTION_MANAGER, &[(1, 9, 0, 9000, 9)]);
    let accepted = |second| event(channel::RDP_CORE_TS, "RdpCoreTS", 131, second, &[]);
    let passed = |second| event(channel::REMOTE_CONNECTION_MANAGER, "Rcm", 1149, second, &[]);
    let events = vec![accepted(900), passed(905), passed(5000), passed(6000)];
    check(vec![core(), rcm()], events, &[(GapKind::NotWritten, 900, 9000)]);
    check(vec![core(), rcm()], vec![accepted(900), passed(905)], &[]);
}

//! What the reports are about: machines and their logs, records, attempts.

use rdpwhy::model::*;

use super::{CLIENT, HOSTILE, LSM, RCM, RDP_CORE, arc, time};

fn field(name: &str, value: Value) -> Field {
    Field { name: arc(name), value }
}

struct Log {
    machine: &'static str,
    channel: &'static str,
    provider: &'static str,
    file: u32,
}

const SYSTEM: Log = Log { machine: "SRV01", channel: "System", provider: "Schannel", file: 0 };
const SECURITY: Log = Log {
    machine: "SRV01",
    channel: "Security",
    provider: "Microsoft-Windows-Security-Auditing",
    file: 1,
};
const PC17: Log = Log {
    machine: "PC-17",
    channel: CLIENT,
    provider: "Microsoft-Windows-TerminalServices-ClientActiveXCore",
    file: 2,
};

fn event(log: &Log, event_id: u32, record_id: u64, at: &str, data: Vec<Field>) -> PackedEvent {
    Event {
        machine: arc(log.machine),
        channel: arc(log.channel),
        provider: arc(log.provider),
        event_id,
        qualifiers: None,
        version: Some(0),
        level: Some(2),
        time: time(at),
        record_id,
        activity_id: None,
        process_id: None,
        thread_id: None,
        user_sid: None,
        data,
        source: Source { file: FileId(log.file), ..Source::default() },
    }
    .packed()
}

/// Records 0 to 29: the key fault; 30 and 31: wrong passwords; 32: the client's view; 33:
/// many values.
pub(super) fn events() -> Vec<PackedEvent> {
    let mut events = vec![event(
        &SYSTEM,
        1057,
        4711,
        "2026-03-04T02:11:07Z",
        vec![field("", Value::List(Box::new([Value::text("0x8009030D"), Value::text("RDP")])))],
    )];
    for number in 0..29_u32 {
        let at = format!("2026-03-04T{:02}:11:08.5Z", 2 + number / 2);
        let data = vec![
            field("ErrorCode", Value::HexInt32(0x8009_030D)),
            field("ErrorState", Value::UInt32(10001)),
        ];
        events.push(event(&SYSTEM, 36870, 4712 + u64::from(number), &at, data));
    }
    for (record_id, at) in [(901, "2026-03-05T08:00:01Z"), (902, "2026-03-05T08:00:09Z")] {
        let data = vec![
            field("TargetUserName", Value::text(HOSTILE)),
            field("SubStatus", Value::HexInt32(0xC000_006A)),
            field("LogonType", Value::UInt32(3)),
        ];
        events.push(event(&SECURITY, 4625, record_id, at, data));
    }
    let data = vec![field("Value", Value::UInt64(2308)), field("Value", Value::text(HOSTILE))];
    events.push(event(&PC17, 1026, 33, "2026-03-04T02:11:09.25Z", data));
    let data = vec![
        field("Big", Value::UInt64(u64::MAX)),
        field("Key", Value::Binary(Box::new([0xde, 0xad]))),
        field("On", Value::Boolean(true)),
        field("Nothing", Value::Null),
        field("When", Value::FileTime(time("2026-03-01T00:00:00Z"))),
    ];
    events.push(event(&PC17, 1105, 34, "2026-03-02T09:14:00Z", data));
    events
}

pub(super) fn attempt(number: usize, at: &str, outcome: Outcome, records: &[usize]) -> Attempt {
    let failed = outcome == Outcome::Failed;
    Attempt {
        id: format!("{number:08x}").into(),
        machine: arc("SRV01"),
        side: Side::Host,
        views: vec![View {
            machine: arc("SRV01"),
            role: MachineRole::Host,
            offset: Span::default(),
            confidence: Confidence::Confirmed,
            ties: Vec::new(),
        }],
        client_address: Some([10, 0, 0, 5].into()),
        client: Some(arc("PC-17")),
        host: Some(arc("SRV01")),
        user: Some(arc(if number < 3 { r"corp\joe" } else { HOSTILE })),
        session: None,
        connection: None,
        started: time(at),
        ended: time(at) + Span::seconds(2),
        reached: Some(if failed { Stage::Negotiate } else { Stage::Session }),
        milestones: Vec::new(),
        failed_at: failed.then_some(Stage::Tls),
        outcome,
        kind: AttemptKind::Connect,
        continues: None,
        transports: vec!["tcp", "udp"],
        records: records
            .iter()
            .map(|record| Joined { record: *record, by: JoinedBy::Activity })
            .collect(),
    }
}

fn coverage(
    machine: &str,
    channel: &str,
    files: &[u32],
    first: &str,
    last: &str,
) -> ChannelCoverage {
    ChannelCoverage {
        files: files.iter().map(|file| FileId(*file)).collect(),
        records: 35_413,
        ..ChannelCoverage::whole(arc(machine), arc(channel), time(first), time(last))
    }
}

pub(super) fn host() -> Machine {
    let (first, last) = ("2026-03-01T07:00:00Z", "2026-03-09T06:30:00Z");
    let mut rcm = coverage("SRV01", RCM, &[4], first, last);
    rcm.damaged_chunks = 2;
    rcm.lost_records = 1204;
    let mut lsm = coverage("SRV01", LSM, &[5], first, last);
    lsm.gaps.push(Gap {
        from: time("2026-03-02T10:00:00Z"),
        to: time("2026-03-02T11:30:00Z"),
        kind: GapKind::Cleared,
        reason: "the log was cleared".to_owned(),
    });
    let channels = vec![
        coverage("SRV01", "Application", &[6], first, last),
        rcm,
        coverage("SRV01", RDP_CORE, &[3], first, last),
        coverage("SRV01", "Security", &[1], "2026-03-04T22:00:00Z", last),
        lsm,
        coverage("SRV01", "System", &[0], first, last),
    ];
    Machine {
        coverage: MachineCoverage { name: arc("SRV01"), channels },
        roles: vec![MachineRole::Host],
        os: Some("Windows Server 2022 (10.0.20348)".to_owned()),
    }
}

pub(super) fn client() -> Machine {
    let channels =
        vec![coverage("PC-17", CLIENT, &[2], "2026-03-02T09:00:00Z", "2026-03-08T09:00:00Z")];
    Machine {
        coverage: MachineCoverage { name: arc("PC-17"), channels },
        roles: vec![MachineRole::Client],
        os: None,
    }
}

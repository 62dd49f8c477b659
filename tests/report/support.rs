//! Reports built by hand: one with everything in it, one of a healthy host.

mod conclusions;
mod records;

use std::sync::Arc;

use conclusions::{key_unreadable, possible_attack, probe, wrong_password};
use rdpwhy::model::*;
use records::{attempt, client, events, host};

pub(crate) const RDP_CORE: &str = "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational";
pub(crate) const RCM: &str =
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational";
pub(crate) const LSM: &str = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational";
pub(crate) const CLIENT: &str = "Microsoft-Windows-TerminalServices-RDPClient/Operational";
pub(crate) const CAPI2: &str = "Microsoft-Windows-CAPI2/Operational";

/// A name that would clear the screen, forge a line, reverse the text and hide a character.
pub(crate) const HOSTILE: &str =
    "corp\\evil\u{1b}[2J\r\nerror: all is well\u{9b}31m\u{202e}txt\u{200b}";

pub(crate) fn time(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

fn arc(text: &str) -> Arc<str> {
    Arc::from(text)
}

/// A report with everything filled, and hostile names wherever a log or path supplies them.
pub(crate) fn rich() -> Report {
    let guess = "corp\\ann";
    Report {
        rules: RuleStamp { count: 131, sha256: "5f".repeat(32) },
        inputs: vec![
            Input { path: "case".into(), kind: InputKind::Folder, bytes: 9_437_184, logs: 13 },
            Input { path: "PC.evtx".into(), kind: InputKind::File, bytes: 1_118_208, logs: 1 },
        ],
        files: ["System", "Security", "RDPClient", "RdpCoreTS", "RCM", "LSM", HOSTILE]
            .iter()
            .map(|name| format!("case/{name}.evtx"))
            .collect(),
        clocks: Vec::new(),
        floods: Vec::new(),
        machines: vec![client(), host()],
        facts: Facts { events: events().into_iter().collect(), ..Facts::default() },
        codes: codes(),
        attempts: vec![
            attempt(0, "2026-03-04T02:11:07Z", Outcome::Failed, &[0, 1, 2]),
            attempt(1, "2026-03-04T03:11:08Z", Outcome::Failed, &[32]),
            attempt(2, "2026-03-05T08:00:00Z", Outcome::Failed, &[30, 31]),
            attempt(3, "2026-03-05T08:02:00Z", Outcome::Succeeded, &[]),
            attempt(4, "2026-03-05T08:01:59Z", Outcome::Benign, &[]),
            attempt(5, "2026-03-02T09:14:05Z", Outcome::Failed, &[33]),
            attempt(6, "2026-03-02T09:20:00Z", Outcome::Failed, &[]),
            attempt(7, "2026-03-09T06:29:59Z", Outcome::Undecided, &[]),
        ],
        diagnoses: vec![
            key_unreadable(),
            wrong_password(2, HOSTILE),
            wrong_password(3, guess),
            possible_attack(),
            probe(),
        ],
        undecided: vec![undecided(5), undecided(6)],
        not_tested: ["crl-unreachable", "smart-card-chain", "gateway-refuses"]
            .iter()
            .map(|cause| NotTested {
                cause: (*cause).into(),
                machine: arc("SRV01"),
                missing: vec![CAPI2.into()].into(),
            })
            .collect(),
        left_out: LeftOut::default(),
        problems: problems(),
        recovered: Vec::new(),
        stats: Stats { bytes: 10_555_392, records: 212_480, records_decoded: 4_310, seconds: 0.2 },
    }
}

/// A host whose one attempt succeeded; only two of its logs were supplied.
pub(crate) fn healthy() -> Report {
    let mut machine = host();
    machine.coverage.channels.retain(|channel| ["System", "Security"].contains(&&*channel.channel));
    Report {
        inputs: vec![Input {
            path: "case".into(),
            kind: InputKind::Folder,
            bytes: 2_166_784,
            logs: 2,
        }],
        machines: vec![machine],
        attempts: vec![attempt(0, "2026-03-05T08:02:00Z", Outcome::Succeeded, &[])],
        stats: Stats { bytes: 2_166_784, records: 70_826, records_decoded: 12, seconds: 0.1 },
        ..Report::default()
    }
}

fn codes() -> std::collections::BTreeMap<usize, Arc<[CodeNote]>> {
    let note = |field: &str, code: &str, space: &str, symbol: Option<&str>| CodeNote {
        field: arc(field),
        code: code.to_owned(),
        space: space.into(),
        symbol: symbol.map(Text::from),
        meaning: "what it says in plain words.".into(),
    };
    let key = note("ErrorCode", "0x8009030D", "sspi", Some("SEC_E_UNKNOWN_CREDENTIALS"));
    let mut codes: std::collections::BTreeMap<usize, Arc<[CodeNote]>> =
        (1..30).map(|index| (index, [key.clone()].into())).collect();
    codes.insert(32, [note("Value", "0x904", "mstsc-disconnect", None)].into());
    codes
}

fn undecided(attempt: usize) -> Undecided {
    Undecided {
        attempt,
        why: format!("died at tls; nothing on SRV01 says why (user {HOSTILE})"),
        collect: vec![capi2()],
        considered: vec![
            Considered {
                cause: "tls-version-mismatch".into(),
                score: Some(-4),
                lacks: "the sum -4 is less than even".to_owned(),
            },
            Considered {
                cause: "crl-unreachable".into(),
                score: None,
                lacks: "it needs CAPI2 of SRV01".to_owned(),
            },
        ],
    }
}

fn problems() -> Vec<Problem> {
    vec![
        Problem {
            path: format!("case/{HOSTILE}.evtx").into(),
            kind: ProblemKind::NotALog,
            detail: "is no event log but text".to_owned(),
            lost_records: None,
        },
        Problem {
            path: "case/SRV01/RCM.evtx".into(),
            kind: ProblemKind::LostRecords,
            detail: "records in 2 of 16 chunks are torn".to_owned(),
            lost_records: Some(1204),
        },
    ]
}

fn capi2() -> Collect {
    Collect {
        machine: arc("SRV01"),
        channel: CAPI2.into(),
        command: format!("wevtutil epl {CAPI2} SRV01-CAPI2.evtx"),
    }
}

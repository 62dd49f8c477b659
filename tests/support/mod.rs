//! Reports built by hand: one with everything in it, one of a healthy host.

use std::sync::Arc;

use rdpwhy::model::*;

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
fn events() -> Vec<PackedEvent> {
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

fn attempt(number: usize, at: &str, outcome: Outcome, records: &[usize]) -> Attempt {
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

fn evidence(role: Role, weight: i32, statement: &str, records: Vec<usize>) -> Evidence {
    Evidence::new(role, weight, statement.to_owned(), records)
}

fn coverage(
    machine: &str,
    channel: &str,
    files: &[u32],
    first: &str,
    last: &str,
) -> ChannelCoverage {
    ChannelCoverage {
        machine: arc(machine),
        channel: arc(channel),
        files: files.iter().map(|file| FileId(*file)).collect(),
        records: 35_413,
        first: time(first),
        last: time(last),
        damaged_chunks: 0,
        lost_records: 0,
        is_certain: true,
        runs: Vec::new(),
        gaps: Vec::new(),
    }
}

fn host() -> Machine {
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

fn client() -> Machine {
    let channels =
        vec![coverage("PC-17", CLIENT, &[2], "2026-03-02T09:00:00Z", "2026-03-08T09:00:00Z")];
    Machine {
        coverage: MachineCoverage { name: arc("PC-17"), channels },
        roles: vec![MachineRole::Client],
        os: None,
    }
}

fn fix(playbook: &str, title: &str, step: usize, action: &str, command: Option<&str>) -> Fix {
    Fix {
        playbook: arc(playbook),
        title: title.to_owned(),
        step,
        action: action.to_owned(),
        target: "host",
        command: command.map(ToOwned::to_owned),
        expected: "the command names one processed file".to_owned(),
        risk: "low: only the rights of one folder change".to_owned(),
        temporary: false,
        security_impact: None,
        verify: "event 1056 appears in System, and the next attempt passes tls".to_owned(),
        undo: "icacls restores the rights that step 1 saved".to_owned(),
    }
}

fn key_fixes() -> Vec<Fix> {
    let rights = "restore-machinekeys-rights";
    let title = "Restore the rights on the machine keys";
    let mut look = fix(
        rights,
        title,
        1,
        "Save the rights of the key folder\n  as they are now.",
        Some(
            r"icacls C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys /save C:\Temp\MachineKeys.acl /t /c",
        ),
    );
    look.risk = "none".to_owned();
    look.undo = "nothing to undo".to_owned();
    let give = fix(
        rights,
        title,
        2,
        "Let NETWORK SERVICE read the key of the Remote Desktop certificate, then restart the service.",
        Some("icacls <KEYFILE> /grant \"NETWORK SERVICE:(R)\"\nRestart-Service TermService -Force"),
    );
    let mut renew = fix(
        "renew-rdp-certificate",
        "Let Windows make a new Remote Desktop certificate",
        1,
        "Connect without Network Level Authentication to get in at all.",
        Some("reg add HKLM\\… /v UserAuthentication /t REG_DWORD /d 0 /f"),
    );
    renew.temporary = true;
    renew.security_impact = Some("anybody on the network reaches the logon screen".to_owned());
    renew.target = "network";
    vec![look, give, renew]
}

fn key_unreadable() -> Diagnosis {
    let evidence = vec![
        Evidence {
            group: Some(arc("key")),
            episodes: vec![1, 2],
            ..evidence(
                Role::Decisive,
                20,
                "Schannel could not open the certificate's private key (0x8009030D, state 10001)",
                (1..30).collect(),
            )
        },
        Evidence {
            weight: 0,
            group: Some(arc("key")),
            episodes: vec![1],
            ..evidence(Role::Supporting, 12, "the RDP certificate could not be replaced", vec![0])
        },
        evidence(Role::Supporting, 4, "the client's socket was closed", vec![32]),
        Evidence {
            covered: vec![Covered {
                machine: arc("SRV01"),
                channel: arc(RDP_CORE),
                from: time("2026-03-04T02:11:07Z"),
                to: time("2026-03-04T16:11:08Z"),
            }],
            ..evidence(
                Role::Absent,
                6,
                "nobody passed tls meanwhile, and RdpCoreTS was supplied",
                Vec::new(),
            )
        },
        Evidence {
            would_tell: vec![WouldTell {
                role: Role::Supporting,
                question: arc("the key was refused to a process"),
                weight: 4,
            }],
            collect: vec![capi2()],
            ..evidence(
                Role::Untestable,
                0,
                "no CAPI2 log of SRV01: it would name the process that was refused the key",
                Vec::new(),
            )
        },
    ];
    Diagnosis {
        id: "certificate-key-unreadable-1a2b3c4d".to_owned(),
        rank: 1,
        candidate: Candidate {
            cause: arc("certificate-key-unreadable"),
            kind: Kind::Fault,
            stage: Stage::Tls,
            scope: Scope::Machine(arc("SRV01")),
            confidence: Confidence::Confirmed,
            score: 20,
            evidence,
            attempts: vec![0, 1],
            users: vec![arc(r"corp\ann"), arc(r"corp\joe")],
            clients: (5..13).map(|last| [10, 0, 0, last].into()).collect(),
            explains: vec![arc("attempt-dropped-early"), arc("client-socket-closed")],
            first: time("2026-03-04T02:11:07Z"),
            last: time("2026-03-04T16:11:08.5Z"),
            prior: -10,
            gate: gate(),
            because: "a decisive item holds, and less than 10 speaks against it".to_owned(),
            hidden: Vec::new(),
            episodes: episodes(),
        },
        title: "The certificate's private key cannot be read".to_owned(),
        why: "TLS needs the private key of the host's certificate.\nWhen NETWORK SERVICE may not \
              open it, the host accepts the connection and hangs up during the handshake."
            .to_owned(),
        summary: "29 attempts of 6 clients on SRV01, since 2026-03-04 02:11".to_owned(),
        separate_from: vec![SeparateFrom {
            cause: arc("tls-version-mismatch"),
            diagnosis: Some("tls-version-mismatch-1a2b3c4d".to_owned()),
            by: "36871 with state 10013, and no key error; CAPI2 of SRV01 would tell whether: the \
                 key was refused (for certificate-key-unreadable)"
                .to_owned(),
            collect: vec![capi2()],
        }],
        fixes: key_fixes(),
    }
}

fn wrong_password(rank: usize, user: &str) -> Diagnosis {
    let against = "the same user logged on two minutes later";
    let evidence = vec![
        evidence(Role::Decisive, 20, &format!("wrong password for {user}"), vec![30, 31]),
        evidence(Role::Contradicting, -4, against, vec![30]),
    ];
    let mut ask = fix("set-password", "Set the right password", 1, "Ask the user.", None);
    ask.target = "client";
    Diagnosis {
        id: format!("wrong-password-{rank:08x}"),
        rank,
        candidate: Candidate {
            cause: arc("wrong-password"),
            kind: Kind::Fault,
            stage: Stage::Nla,
            scope: Scope::Account { machine: arc("SRV01"), user: arc(user) },
            confidence: Confidence::Likely,
            score: 14,
            evidence,
            attempts: vec![2],
            users: vec![arc(user)],
            clients: Vec::new(),
            explains: Vec::new(),
            first: time("2026-03-05T08:00:01Z"),
            last: time("2026-03-05T08:00:09Z"),
            prior: -2,
            gate: Vec::new(),
            because: "a decisive item holds, but 4 speaks against it".to_owned(),
            hidden: Vec::new(),
            episodes: Vec::new(),
        },
        title: "The password is wrong".to_owned(),
        why: "With NLA the password is checked before a session exists.".to_owned(),
        summary: "2 attempts, then success".to_owned(),
        separate_from: Vec::new(),
        fixes: vec![ask],
    }
}

fn possible_attack() -> Diagnosis {
    let mut diagnosis = wrong_password(4, "administrator");
    diagnosis.id = "password-guessing-00000004".to_owned();
    diagnosis.title = "Somebody guesses passwords".to_owned();
    diagnosis.summary = "154 attempts of 1 client within 3 minutes".to_owned();
    diagnosis.candidate.cause = arc("password-guessing");
    diagnosis.candidate.kind = Kind::Attack;
    diagnosis.candidate.confidence = Confidence::Possible;
    diagnosis.candidate.scope =
        Scope::Client { machine: arc("SRV01"), address: [203, 0, 113, 9].into() };
    diagnosis.fixes = vec![
        fix("close-to-internet", "Close the port to the internet", 1, "Close it.", None),
        fix("close-to-internet", "Close the port to the internet", 2, "Look.", None),
    ];
    diagnosis
}

fn probe() -> Diagnosis {
    let mut diagnosis = wrong_password(5, "unused");
    diagnosis.id = "client-probe-00000005".to_owned();
    diagnosis.title =
        "The client asks for the security protocol and hangs up, as it always does".to_owned();
    diagnosis.candidate.cause = arc("client-probe");
    diagnosis.candidate.kind = Kind::Benign;
    diagnosis.candidate.scope = Scope::Machine(arc("SRV01"));
    diagnosis.candidate.attempts = vec![4];
    diagnosis.fixes = Vec::new();
    diagnosis
}

fn capi2() -> Collect {
    Collect {
        machine: arc("SRV01"),
        channel: arc(CAPI2),
        command: format!("wevtutil epl {CAPI2} SRV01-CAPI2.evtx"),
    }
}

fn gate() -> Vec<ProofStep> {
    let step = |part, question: &str, result, records| ProofStep {
        part,
        question: question.into(),
        result,
        because: None,
        weight: 0,
        counted: 0,
        group: None,
        signals: 1,
        records,
    };
    let unseen = StepResult::Untestable(vec![arc(CAPI2)]);
    vec![
        step(ProofPart::RequiresAny, "a TLS server cannot use its key", StepResult::Holds, vec![1]),
        step(ProofPart::RequiresNone, "the key service is stopped", StepResult::Fails, vec![]),
        ProofStep {
            because: Some("another program's key".to_owned()),
            ..step(ProofPart::Excludes, "the key is another's", unseen, vec![])
        },
    ]
}

fn episodes() -> Vec<Episode> {
    let episode = |first: &str, last: &str, attempts, confidence, score| Episode {
        first: time(first),
        last: time(last),
        attempts,
        confidence,
        score,
    };
    vec![
        episode("2026-03-04T02:11:07Z", "2026-03-04T02:11:09Z", vec![0], Confidence::Confirmed, 32),
        episode("2026-03-04T03:11:08Z", "2026-03-04T16:11:08Z", vec![1], Confidence::Likely, 8),
    ]
}

fn codes() -> std::collections::BTreeMap<usize, Arc<[CodeNote]>> {
    let note = |field: &str, code: &str, space: &str, symbol: Option<&str>| CodeNote {
        field: arc(field),
        code: code.to_owned(),
        space: arc(space),
        symbol: symbol.map(arc),
        meaning: arc("what it says in plain words."),
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
                cause: arc("tls-version-mismatch"),
                score: Some(-4),
                lacks: "the sum -4 is less than even".to_owned(),
            },
            Considered {
                cause: arc("crl-unreachable"),
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
                cause: arc(cause),
                machine: arc("SRV01"),
                missing: vec![arc(CAPI2)].into(),
            })
            .collect(),
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

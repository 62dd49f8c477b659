//! Diagnoses of each kind, with their evidence and fixes.

use rdpwhy::model::*;

use super::{CAPI2, RDP_CORE, arc, capi2, time};

fn evidence(role: Role, weight: i32, statement: &str, records: Vec<usize>) -> Evidence {
    Evidence::new(role, weight, statement.to_owned(), records)
}

fn fix(playbook: &str, title: &str, step: usize, action: &str, command: Option<&str>) -> Fix {
    Fix {
        playbook: playbook.into(),
        title: title.into(),
        step,
        action: action.into(),
        target: "host",
        command: command.map(Text::from),
        expected: "the command names one processed file".into(),
        risk: "low: only the rights of one folder change".into(),
        temporary: false,
        security_impact: None,
        verify: "event 1056 appears in System, and the next attempt passes tls".into(),
        undo: "icacls restores the rights that step 1 saved".into(),
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
    look.risk = "none".into();
    look.undo = "nothing to undo".into();
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
    renew.security_impact = Some("anybody on the network reaches the logon screen".into());
    renew.target = "network";
    vec![look, give, renew]
}

pub(super) fn key_unreadable() -> Diagnosis {
    let evidence = vec![
        Evidence {
            group: Some("key".into()),
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
            group: Some("key".into()),
            episodes: vec![1],
            ..evidence(Role::Supporting, 12, "the RDP certificate could not be replaced", vec![0])
        },
        evidence(Role::Supporting, 4, "the client's socket was closed", vec![32]),
        Evidence {
            covered: vec![Covered {
                machine: arc("SRV01"),
                channel: RDP_CORE.into(),
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
            cause: "certificate-key-unreadable".into(),
            kind: Kind::Fault,
            stage: Stage::Tls,
            scope: Scope::Machine(arc("SRV01")),
            confidence: Confidence::Confirmed,
            score: 20,
            evidence,
            attempts: vec![0, 1],
            users: vec![arc(r"corp\ann"), arc(r"corp\joe")],
            clients: (5..13).map(|last| [10, 0, 0, last].into()).collect(),
            explains: vec!["attempt-dropped-early".into(), "client-socket-closed".into()],
            first: time("2026-03-04T02:11:07Z"),
            last: time("2026-03-04T16:11:08.5Z"),
            prior: -10,
            gate: gate(),
            because: "a decisive item holds, and less than 10 speaks against it".to_owned(),
            hidden: Vec::new(),
            episodes: episodes(),
        },
        title: "The certificate's private key cannot be read".into(),
        why: "TLS needs the private key of the host's certificate.\nWhen NETWORK SERVICE may not \
              open it, the host accepts the connection and hangs up during the handshake."
            .into(),
        summary: "29 attempts of 6 clients on SRV01, since 2026-03-04 02:11".to_owned(),
        separate_from: vec![SeparateFrom {
            cause: "tls-version-mismatch".into(),
            diagnosis: Some("tls-version-mismatch-1a2b3c4d".to_owned()),
            by: "36871 with state 10013, and no key error; CAPI2 of SRV01 would tell whether: the \
                 key was refused (for certificate-key-unreadable)"
                .to_owned(),
            collect: vec![capi2()],
        }],
        fixes: key_fixes(),
    }
}

pub(super) fn wrong_password(rank: usize, user: &str) -> Diagnosis {
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
            cause: "wrong-password".into(),
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
        title: "The password is wrong".into(),
        why: "With NLA the password is checked before a session exists.".into(),
        summary: "2 attempts, then success".to_owned(),
        separate_from: Vec::new(),
        fixes: vec![ask],
    }
}

pub(super) fn possible_attack() -> Diagnosis {
    let mut diagnosis = wrong_password(4, "administrator");
    diagnosis.id = "password-guessing-00000004".to_owned();
    diagnosis.title = "Somebody guesses passwords".into();
    diagnosis.summary = "154 attempts of 1 client within 3 minutes".to_owned();
    diagnosis.candidate.cause = "password-guessing".into();
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

pub(super) fn probe() -> Diagnosis {
    let mut diagnosis = wrong_password(5, "unused");
    diagnosis.id = "client-probe-00000005".to_owned();
    diagnosis.title =
        "The client asks for the security protocol and hangs up, as it always does".into();
    diagnosis.candidate.cause = "client-probe".into();
    diagnosis.candidate.kind = Kind::Benign;
    diagnosis.candidate.scope = Scope::Machine(arc("SRV01"));
    diagnosis.candidate.attempts = vec![4];
    diagnosis.fixes = Vec::new();
    diagnosis
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
    let unseen = StepResult::Untestable(vec![CAPI2.into()]);
    vec![
        step(ProofPart::RequiresAny, "a TLS server cannot use its key", StepResult::Holds, vec![1]),
        step(ProofPart::RequiresNone, "the key service is stopped", StepResult::Fails, vec![]),
        ProofStep {
            because: Some("another program's key".into()),
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

//! Attempts from signals, without any rule.

use std::sync::Arc;

use super::*;
use crate::model::{
    Effect, Entities, Guid, Outcome, PackedEvent, Payload, SessionChange, Signal, Span, Stage,
    Time, drawn,
};

const HOST_CHANNEL: &str = "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational";
const CLIENT_CHANNEL: &str = "Microsoft-Windows-TerminalServices-RDPClient/Operational";

/// A line of a log: milliseconds, channel, activity, what it says, whom it names.
type Line = (i64, &'static str, Option<u8>, Effect, Entities);

const NOTHING: Effect = Effect {
    opens: false,
    witnesses: false,
    ends: false,
    proves: None,
    fails: None,
    session: None,
};
const OPENS: Effect = Effect { opens: true, proves: Some(Stage::Reach), ..NOTHING };
const ENDS: Effect = Effect { ends: true, ..NOTHING };

const fn proves(stage: Stage) -> Effect {
    Effect { proves: Some(stage), ..NOTHING }
}

const fn fails(stage: Stage) -> Effect {
    Effect { fails: Some(stage), ..NOTHING }
}

fn from(address: &str) -> Entities {
    Entities { client_address: address.parse().ok(), ..Entities::default() }
}

fn who(user: &str) -> Entities {
    Entities { user: Some(user.into()), ..Entities::default() }
}

fn to(host: &str) -> Entities {
    Entities { target: Some(host.into()), ..Entities::default() }
}

fn attempts(lines: &[Line]) -> (Facts, Vec<Attempt>) {
    let mut facts = Facts::default();
    for (number, (milliseconds, channel, activity, effect, entities)) in lines.iter().enumerate() {
        let time = Time(0) + Span::milliseconds(*milliseconds);
        let machine: Arc<str> = if *channel == CLIENT_CHANNEL { "PC" } else { "SRV" }.into();
        let activity_id = activity.map(|byte| Guid([byte; 16]));
        facts.events.push(PackedEvent {
            machine: machine.clone(),
            channel: (*channel).into(),
            provider: "".into(),
            event_id: 0,
            qualifiers: None,
            version: None,
            level: None,
            time,
            record_id: number as u64,
            activity_id,
            process_id: None,
            thread_id: None,
            user_sid: None,
            data: Payload::default(),
            source: crate::model::Source::default(),
        });
        facts.signals.push(Signal {
            id: format!("s{number}").as_str().into(),
            time,
            machine,
            records: crate::model::Records::One(number),
            entities: Arc::new(entities.clone()),
            activity_id,
            effect: *effect,
            attempt: None,
        });
    }
    let made = reconstruct(facts);
    (made.facts, made.attempts)
}

fn check(lines: &[Line], expected: &[(Outcome, Option<Stage>, Option<Stage>, usize)]) {
    let (_, attempts) = attempts(lines);
    let shown: Vec<_> =
        attempts.iter().map(|a| (a.outcome, a.reached, a.failed_at, a.records.len())).collect();
    assert_eq!(shown, expected);
}

#[test]
fn an_attempt_fails_in_the_stage_after_the_last_one_proven() {
    check(
        &[
            (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
            (1000, HOST_CHANNEL, Some(1), ENDS, Entities::default()),
        ],
        &[(Outcome::Failed, Some(Stage::Reach), Some(Stage::Negotiate), 2)],
    );
}

#[test]
fn a_record_without_activity_joins_by_time_only_to_a_failure() {
    // The refused logon names no address, as Server 2012 R2 writes it.
    check(
        &[
            (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
            (200, "Security", None, fails(Stage::Nla), who("joe")),
            (400, HOST_CHANNEL, Some(1), ENDS, Entities::default()),
        ],
        &[(Outcome::Failed, Some(Stage::Reach), Some(Stage::Nla), 3)],
    );
    // A logon that nothing but time ties to the attempt may be anybody's.
    check(
        &[
            (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
            (200, "Security", None, proves(Stage::Nla), who("backup")),
            (400, HOST_CHANNEL, Some(1), ENDS, Entities::default()),
        ],
        &[(Outcome::Failed, Some(Stage::Reach), Some(Stage::Negotiate), 2)],
    );
}

#[test]
fn a_refused_logon_never_belongs_to_another_address_or_to_a_success() {
    check(
        &[
            (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
            (200, "Security", None, fails(Stage::Nla), from("10.0.0.9")),
            (300, HOST_CHANNEL, Some(1), proves(Stage::Session), Entities::default()),
            (400, "Security", None, fails(Stage::Nla), Entities::default()),
        ],
        &[(Outcome::Succeeded, Some(Stage::Session), None, 2)],
    );
}

/// Security names no client, so that time has to tell whom it refused.
#[test]
fn clients_that_try_together_keep_their_refusals() {
    for (second, writes_own) in [(100, true), (100, false), (900, false), (1500, true)] {
        let mut lines = Vec::new();
        for (activity, start, address, user) in
            [(1, 0, "10.0.0.5", "joe"), (2, second, "10.0.0.6", "ann")]
        {
            lines.push((start, HOST_CHANNEL, Some(activity), OPENS, from(address)));
            lines.push((start + 1000, "Security", None, fails(Stage::Nla), who(user)));
            if writes_own {
                let own = (HOST_CHANNEL, Some(activity), fails(Stage::Nla), from(address));
                lines.push((start + 1020, own.0, own.1, own.2, own.3));
            }
            lines.push((start + 1200, HOST_CHANNEL, Some(activity), ENDS, Entities::default()));
        }
        lines.sort_by_key(|(time, ..)| *time);
        let (_, attempts) = attempts(&lines);
        let users: Vec<_> = attempts.iter().map(|attempt| attempt.user.as_deref()).collect();
        assert_eq!(users, [Some("joe"), Some("ann")], "{second} {writes_own}");
    }
}

#[test]
fn who_is_refused_after_the_end_is_somebody_else() {
    check(
        &[
            (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
            (80, HOST_CHANNEL, Some(1), ENDS, Entities::default()),
            (700, "Security", None, fails(Stage::Nla), who("svc_sql")),
        ],
        &[(Outcome::Failed, Some(Stage::Reach), Some(Stage::Negotiate), 2)],
    );
}

/// Somebody mistypes at the logon screen and then gets in, on a host without NLA.
#[test]
fn who_is_long_at_the_logon_screen_is_one_attempt() {
    let at_screen = |effect| Effect { witnesses: true, ..effect };
    let lines = |address| {
        vec![
            (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
            (600, HOST_CHANNEL, Some(1), proves(Stage::Tls), Entities::default()),
            (40_000, "Security", None, at_screen(fails(Stage::Logon)), from(address)),
            (55_000, "Security", None, at_screen(proves(Stage::Session)), from(address)),
        ]
    };
    check(&lines("10.0.0.5"), &[(Outcome::Succeeded, Some(Stage::Session), None, 4)]);
    // Another client is another attempt, and so is whoever comes after the end.
    let (_, others) = attempts(&lines("10.0.0.6"));
    assert_eq!(others.first().map(|attempt| attempt.records.len()), Some(2));
    let mut over = lines("10.0.0.5");
    over.insert(2, (700, HOST_CHANNEL, Some(1), ENDS, Entities::default()));
    let (_, others) = attempts(&over);
    assert_eq!(others.first().map(|attempt| attempt.records.len()), Some(3));
}

/// The first host of a farm sends who may come in on to another one, and ends the connection.
#[test]
fn who_is_sent_to_another_host_did_not_fail_here() {
    let sent = Effect { session: Some(SessionChange::HandedOver), ..NOTHING };
    // The client goes, which a session would die of.
    let gone = Effect { fails: Some(Stage::Session), ..ENDS };
    let lines = |fails| {
        [
            (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
            (600, HOST_CHANNEL, Some(1), proves(Stage::Nla), Entities::default()),
            (700, HOST_CHANNEL, Some(1), fails, Entities::default()),
            (1100, "SessionBroker-Client", None, sent, Entities::default()),
            (1600, HOST_CHANNEL, Some(1), gone, Entities::default()),
        ]
    };
    check(&lines(NOTHING), &[(Outcome::Undecided, Some(Stage::Nla), None, 5)]);
    let refused = (Outcome::Failed, Some(Stage::Nla), Some(Stage::Authorize), 4);
    check(&lines(fails(Stage::Authorize)), &[refused]);
}

#[test]
fn each_refusal_finds_an_attempt_of_its_own() {
    let (facts, attempts) = attempts(&[
        (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
        (100, HOST_CHANNEL, Some(2), OPENS, from("10.0.0.5")),
        (200, HOST_CHANNEL, Some(1), ENDS, Entities::default()),
        (300, HOST_CHANNEL, Some(2), ENDS, Entities::default()),
    ]);
    assert_eq!(attempts.len(), 2);
    let drawn: Vec<_> = facts
        .signals
        .iter()
        .filter(|signal| signal.id.as_str() == drawn::ATTEMPT_DROPPED_EARLY)
        .map(|signal| signal.attempt)
        .collect();
    assert_eq!(drawn, [Some(0), Some(1)]);
}

#[test]
fn a_drop_before_a_success_of_the_same_client_is_its_probe() {
    let probe = [
        (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
        (100, HOST_CHANNEL, Some(1), ENDS, Entities::default()),
    ];
    let success = |at: i64, address| {
        [
            (at, HOST_CHANNEL, Some(2), OPENS, from(address)),
            (at + 1000, HOST_CHANNEL, Some(2), proves(Stage::Session), Entities::default()),
        ]
    };
    for (at, address, outcome) in [
        (2000, "10.0.0.5", Outcome::Benign),
        (2000, "10.0.0.6", Outcome::Failed),
        (90000, "10.0.0.5", Outcome::Failed),
    ] {
        let lines: Vec<Line> = probe.iter().cloned().chain(success(at, address)).collect();
        let (_, attempts) = attempts(&lines);
        assert_eq!(attempts[0].outcome, outcome, "{at} {address}");
    }
}

#[test]
fn a_drop_that_a_record_explains_is_no_probe() {
    const SYSTEM: &str = "System";
    let opened = (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5"));
    let ended = (100, HOST_CHANNEL, Some(1), ENDS, Entities::default());
    // What only its time ties to the attempt may be about another one, unless there was time to
    // mend it.
    for (channel, activity, back, outcome) in [
        (SYSTEM, None, 2_000, Outcome::Benign),
        (SYSTEM, None, 30_000, Outcome::Failed),
        (HOST_CHANNEL, Some(1), 2_000, Outcome::Failed),
    ] {
        let (_, attempts) = attempts(&[
            opened.clone(),
            (50, channel, activity, fails(Stage::Tls), Entities::default()),
            ended.clone(),
            (back, HOST_CHANNEL, Some(2), OPENS, from("10.0.0.5")),
            (back + 1000, HOST_CHANNEL, Some(2), proves(Stage::Session), Entities::default()),
        ]);
        assert_eq!(attempts[0].outcome, outcome, "{channel} {back}");
    }
}

#[test]
fn a_session_that_broke_failed_in_session() {
    check(
        &[
            (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
            (1000, HOST_CHANNEL, Some(1), proves(Stage::Session), Entities::default()),
            (9000, HOST_CHANNEL, Some(1), fails(Stage::Session), Entities::default()),
        ],
        &[(Outcome::Failed, Some(Stage::Session), Some(Stage::Session), 3)],
    );
}

#[test]
fn the_client_keeps_one_activity_over_several_tries() {
    check(
        &[
            (0, CLIENT_CHANNEL, Some(7), OPENS, to("other")),
            (1000, CLIENT_CHANNEL, Some(7), ENDS, Entities::default()),
            (5000, CLIENT_CHANNEL, Some(7), OPENS, to("other")),
            (6000, CLIENT_CHANNEL, Some(7), ENDS, Entities::default()),
        ],
        &[(Outcome::Failed, Some(Stage::Reach), Some(Stage::Negotiate), 2); 2],
    );
}

#[test]
fn both_views_of_one_attempt_become_one_row() {
    let (_, attempts) = attempts(&[
        (0, CLIENT_CHANNEL, Some(7), OPENS, to("srv.corp.example")),
        (300, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
        (900, HOST_CHANNEL, Some(1), fails(Stage::Nla), Entities::default()),
        (1000, CLIENT_CHANNEL, Some(7), ENDS, Entities::default()),
    ]);
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].client.as_deref(), Some("PC"));
    assert_eq!(attempts[0].failed_at, Some(Stage::Nla));
    assert_eq!(attempts[0].records.len(), 4);
}

#[test]
fn a_flood_before_a_success_is_no_probing() {
    let flood = (0..10).flat_map(|number: u8| {
        let at = i64::from(number) * 1000;
        [
            (at, HOST_CHANNEL, Some(number + 10), OPENS, from("10.0.0.5")),
            (at + 100, HOST_CHANNEL, Some(number + 10), ENDS, Entities::default()),
        ]
    });
    let success = [
        (11_000, HOST_CHANNEL, Some(2), OPENS, from("10.0.0.5")),
        (12_000, HOST_CHANNEL, Some(2), proves(Stage::Session), Entities::default()),
    ];
    let lines: Vec<Line> = flood.chain(success).collect();
    let (_, attempts) = attempts(&lines);
    assert!(attempts.iter().all(|attempt| attempt.outcome != Outcome::Benign));
}

#[test]
fn records_of_one_clock_tick_are_one_attempt() {
    // Everything at once: the end stands before another opening record of the same activity.
    let (_, found) = attempts(&[
        (0, HOST_CHANNEL, Some(1), OPENS, from("10.0.0.5")),
        (0, HOST_CHANNEL, Some(1), ENDS, Entities::default()),
        (0, HOST_CHANNEL, Some(1), OPENS, Entities::default()),
    ]);
    assert_eq!(found.len(), 1);
}

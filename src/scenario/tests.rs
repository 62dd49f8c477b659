//! The notation, from text to events.

use super::*;
use crate::model::{Span, Value};
use crate::rules::events::{Container, SystemShape};

fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap()
}

fn read(text: &str) -> Vec<ScenarioEvent> {
    let scenario = Scenario::parse(text, "t.yml").unwrap_or_else(|error| panic!("{error:?}"));
    scenario.events(&catalogue()).unwrap_or_else(|error| panic!("{error}"))
}

/// The only event of a scenario with this entry.
fn event(entry: &str) -> ScenarioEvent {
    let mut events = read(&format!("events:\n  - {entry}\n"));
    assert_eq!(events.len(), 1);
    events.remove(0)
}

#[test]
fn fields_have_the_catalogues_types() {
    let forged = event(
        r#"{ event: Security/4625, at: +1.5s, machine: DC01, activity: a1, SubStatus: 0xC000006A, LogonType: 3, TargetUserName: joe, ProcessId: 0x1f4 }"#,
    );
    let event = &forged.event;
    assert_eq!(&*event.channel, "Security");
    assert_eq!(&*event.provider, "Microsoft-Windows-Security-Auditing");
    assert_eq!((event.event_id, &*event.machine, event.record_id), (4625, "DC01", 1));
    assert_eq!(event.time.to_string(), "2026-01-15T09:00:01.5Z");
    for (name, value) in [
        ("SubStatus", Value::HexInt32(0xC000_006A)),
        ("LogonType", Value::UInt32(3)),
        ("TargetUserName", Value::text("joe")),
        ("ProcessId", Value::SizeT(0x1f4)),
        // Not given: the neutral values.
        ("Status", Value::HexInt32(0)),
        ("IpAddress", Value::text("-")),
        ("TargetUserSid", Value::Sid("S-1-0-0".into())),
    ] {
        assert_eq!(event.field(name), Some(&value), "{name}");
    }
    let activity = event.activity_id.unwrap().to_string();
    assert!(activity.starts_with("{F420") && activity.ends_with("0000}"), "{activity}");
    assert_eq!(event.activity_id.unwrap(), activity_id("a1"));
    assert_ne!(activity_id("a1"), activity_id("a2"));
}

#[test]
fn text_stays_as_written() {
    let forged = event(r#"{ event: RCM/1149, Param1: 0x10, Param2: ~, Param3: "  10.0.0.1 " }"#);
    assert_eq!(forged.event.field("Param1"), Some(&Value::text("0x10")));
    assert_eq!(forged.event.field("Param2"), Some(&Value::Null));
    assert_eq!(forged.event.field("Param3"), Some(&Value::text("  10.0.0.1 ")));
    assert!(matches!(
        &forged.envelope.container,
        Container::UserData { element, .. } if &**element == "EventXML"
    ));
    // Blanks and case in names do not count, but the record has the real name.
    let forged = event("{ event: RDPClient/226, errorcode: 0x80004005 }");
    assert_eq!(&*forged.event.data.last().unwrap().name, "Error Code");
    assert_eq!(forged.event.data.last().unwrap().value, Value::UInt32(0x8000_4005));
}

#[test]
fn classic_events_have_positions() {
    let forged = event(r#"{ event: System/56, data: ['\Device\Termdd', ~], binary: "B50000D0" }"#);
    assert_eq!(forged.envelope.system, SystemShape::Classic);
    let event = &forged.event;
    assert_eq!((event.version, event.process_id, event.qualifiers), (None, None, Some(49162)));
    assert_eq!(event.unnamed(1), Some(&Value::text(r"\Device\Termdd")));
    assert_eq!(event.unnamed(2), Some(&Value::text("")));
    assert_eq!(event.field("Binary"), Some(&Value::Binary([0xB5, 0, 0, 0xD0].into())));
}

#[test]
fn layouts_are_chosen_by_fields_name_or_document() {
    let names = |text: &str| -> Vec<String> {
        read(text)[0].event.data.iter().map(|field| field.name.to_string()).collect()
    };
    let newest = "events: [{ event: System/36871, ErrorState: 10013 }]";
    assert_eq!(names(newest)[0], "CallerProcessId");
    let preferred = format!("layout: plain\n{newest}");
    assert_eq!(names(&preferred), ["Type", "ErrorState"]);
    let named = "events: [{ event: System/36888, layout: 2012r2 }]";
    assert_eq!(names(named), ["AlertDesc", "ErrorState"]);
    // A wish of the document gives way to the fields that are there.
    let fitting = "layout: 2012r2\nevents: [{ event: System/36888, TargetName: x }]";
    assert_eq!(names(fitting).last().unwrap(), "TargetName");
    let version = "events: [{ event: Security/4624, version: 1 }]";
    assert_eq!(names(version).last().unwrap(), "ImpersonationLevel");
    // Windows 7 writes 1074 as a classic event; strings by position choose that layout.
    let classic = read("events: [{ event: System/1074, data: [a] }]");
    assert_eq!(classic[0].envelope.system, SystemShape::Classic);
}

#[test]
fn repetition_unrolls_groups() {
    let events = read(
        "start: 2026-03-04T02:00:00Z
events:
  - { event: LSM/21, at: +2m, User: late }
  - at: +10s
    repeat: { times: 3, every: 30s, vary: { client: [10.0.0.1, '10.0.1.{5..6}'] } }
    events:
      - { event: RdpCoreTS/131, activity: 'a{i}', ClientIP: '{client}:5000{1..2}' }
      - { event: RdpCoreTS/102, at: ~+15ms, activity: 'a{i}' }
      - { event: RdpCoreTS/103, at: +1s, activity: 'a{i}', ReasonCode: 0 }
",
    );
    let start = Time::parse_rfc3339("2026-03-04T02:00:00Z").unwrap();
    let shown: Vec<_> = events
        .iter()
        .map(|forged| (forged.event.event_id, forged.event.time.since(start).0 / 10_000))
        .collect();
    assert_eq!(
        shown,
        [
            (131, 10_000),
            (102, 10_015),
            (103, 11_000),
            (131, 40_000),
            (102, 40_015),
            (103, 41_000),
            (131, 70_000),
            (102, 70_015),
            (103, 71_000),
            (21, 120_000),
        ]
    );
    let clients: Vec<_> = events
        .iter()
        .filter_map(|forged| forged.event.field("ClientIP"))
        .map(|value| value.to_text().into_owned())
        .collect();
    assert_eq!(clients, ["10.0.0.1:50001", "10.0.1.6:50002", "10.0.0.1:50001"]);
    assert_eq!(events[0].event.activity_id, events[2].event.activity_id);
    assert_ne!(events[0].event.activity_id, events[3].event.activity_id);
    // Record IDs rise in each channel for itself.
    assert_eq!(events.last().unwrap().event.record_id, 1);
    assert_eq!(events[8].event.record_id, 9);
}

#[test]
fn repeats_nest_and_single_events_repeat() {
    let events = read(
        "events:
  - repeat: { times: 2, every: 1h, vary: { host: [A, B] } }
    events:
      - { event: Security/4625, repeat: { times: 3 }, machine: '{host}', TargetUserName: '{host}{i}' }
",
    );
    let users: Vec<_> =
        events.iter().map(|e| e.event.field("TargetUserName").unwrap().to_text()).collect();
    assert_eq!(users, ["A1", "A2", "A3", "B1", "B2", "B3"]);
    assert_eq!(events[3].event.time.since(events[0].event.time), Span::seconds(3600));
    assert_eq!(events[1].event.time.since(events[0].event.time), Span::seconds(1));
    assert_eq!(events[3].event.record_id, 1);
}

#[test]
fn unknown_events_are_text() {
    let forged = event("{ event: Contoso/Operational/7, provider: Contoso, Code: 0x5 }");
    assert_eq!(&*forged.event.channel, "Contoso/Operational");
    assert_eq!(forged.event.field("Code"), Some(&Value::text("0x5")));
    let forged = event("{ event: RdpCoreTS/9999, Whatever: 1 }");
    assert_eq!(forged.event.field("Whatever"), Some(&Value::text("1")));
    let forged = event("{ event: RdpCoreTS/131, strict: false, ConnType: TCP, Extra: x }");
    assert_eq!(forged.event.field("Extra"), Some(&Value::text("x")));
    let forged = event("{ event: RdpCoreTS/162, fields: { version: 0x5 } }");
    assert_eq!(forged.event.field("Version"), Some(&Value::HexInt32(5)));
}

#[test]
fn mistakes_are_placed_and_explained() {
    for (text, place, problem, hint) in [
        (
            "events:\n  - { event: RdpCoreTS/131, ClientIp: x, ConTyp: TCP }\n",
            "ConTyp: TCP",
            "RdpCoreTS/131 has no field `ConTyp`",
            Some("did you mean `ConnType`?"),
        ),
        (
            "events:\n  - event: RdpCorTS/131\n",
            "RdpCorTS/131",
            "no channel `RdpCorTS` is known",
            Some("did you mean `RdpCoreTS/131`?"),
        ),
        (
            "events:\n  - { event: Security/4625, LogonType: three }\n",
            "three",
            "`LogonType` of Security/4625 must be a 32-bit number, decimal or 0x…, not `three`",
            None,
        ),
        ("events: [{ event: Security }]\n", "Security }", "`Security` is no event", None),
        ("events: [{ at: 1s, event: LSM/21 }]\n", "1s", "`1s` is no time", None),
        (
            "events: [{ evnt: LSM/21 }]\n",
            "evnt",
            "needs `event` or `events`",
            Some("did you mean `event`?"),
        ),
        (
            "events: [{ event: LSM/21, machne: B }]\n",
            "machne",
            "LSM/21 has no field `machne`",
            Some("did you mean `machine`?"),
        ),
        (
            "events: [{ repeat: { times: 4000000000 }, events: [] }]\n",
            "repeat",
            "more than 500,000 events",
            None,
        ),
        ("start: today\nevents: []\n", "today", "`today` is no time", None),
        (
            "events: [{ event: Security/4624, version: 9 }]\n",
            "9 }",
            "Security/4624 has no version 9, but 3, 2, 1, 0",
            None,
        ),
        (
            "events: [{ event: LSM/21, repeat: { times: 2, vary: { user: [a] } }, User: '{usr}' }]\n",
            "'{usr}",
            "`{usr}` stands for nothing here",
            Some("did you mean `user`?"),
        ),
        (
            "events: [{ event: System/56, Device: x }]\n",
            "Device",
            "classic event",
            Some("give its strings in order: data: [first, second]"),
        ),
        ("events: [{ event: LSM/21, data: [x] }]\n", "[x]", "LSM/21 has named fields", None),
        ("events: [{ event: LSM/21, user_sid: joe }]\n", "joe", "must be a SID", None),
        (
            "events: [{ event: LSM/21, repeat: { times: 4000000000, every: 0s } }]\n",
            "event: LSM",
            "more than 500,000 events",
            None,
        ),
    ] {
        let error = Scenario::parse(text, "t.yml")
            .and_then(|scenario| scenario.events(&catalogue()))
            .unwrap_err();
        let ScenarioError::Entry { file, line, column, problem: found, .. } = &error else {
            panic!("{text}: {error:?}");
        };
        let (row, start) = text
            .lines()
            .enumerate()
            .find_map(|(row, line)| Some((row as u64, line.find(place)? as u64)))
            .unwrap();
        assert_eq!((file.as_str(), *line, *column), ("t.yml", row + 1, start + 1), "{error}");
        assert!(found.contains(problem), "{text}: {error}");
        assert_eq!(error.hint(), hint, "{text}");
    }
}

#[test]
fn yaml_mistakes_name_line_and_column() {
    for text in [
        "evnts: []\n",
        "events:\n  - { event: LSM/21, version: x }\n",
        "log: { form: exprt }\nevents: []\n",
        "events: [{}]\n",
        "events: [{ event: LSM/21, repeat: { time: 3 } }]\n",
        "events: [{ event: LSM/21, User: [a, b] }]\n",
        "events: [{ event: LSM/21, User: a, User: b }]\n",
    ] {
        let error = Scenario::parse(text, "t.yml").unwrap_err();
        let ScenarioError::Yaml { source, .. } = &error else { panic!("{text}: {error}") };
        assert!(source.location().is_some(), "{text}: {source}");
    }
}

/// A document with every construct, to be damaged.
const WHOLE: &str = "about: x
start: 2026-03-04T02:00:00Z
layout: plain
log: { form: live, max_chunks: 5 }
events:
  - { event: System/Schannel/36871, at: +2m, Type: server, ErrorState: 0x271D }
  - at: +10s
    repeat: { times: 3, every: 30s, vary: { client: [10.0.0.1, '10.0.1.{5..6}'] } }
    events:
      - { event: RdpCoreTS/131, activity: 'a{i}', ClientIP: '{client}:5000{1..2}' }
      - { event: System/56, at: ~+15ms, data: [a, ~], binary: 00FF }
";

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::default()
    })]

    #[test]
    fn damaged_documents_are_refused_or_read(
        from in 0..WHOLE.len(),
        length in 0..20usize,
        instead in "[-{}\\[\\]:,~'+.0-9a-z\n ]{0,6}",
    ) {
        let mut text = WHOLE.to_owned();
        text.replace_range(from..(from + length).min(WHOLE.len()), &instead);
        let read = Scenario::parse(&text, "t.yml")
            .and_then(|scenario| scenario.events(&catalogue()));
        match read {
            Ok(events) => proptest::prop_assert!(events.len() < 500_000),
            Err(error) => proptest::prop_assert!(error.to_string().contains("t.yml")),
        }
    }
}

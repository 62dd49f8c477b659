//! Detections over events: every modifier, with what it matches and what it leaves alone.

use std::sync::Arc;

use serde::Deserialize;

use super::*;
use crate::model::{Event, Field, Guid, Value};

/// A document with nothing but a detection.
#[derive(Deserialize)]
struct Holder {
    detection: schema::Detection,
}

/// An event 4625 with these values.
fn event(data: &[(&str, Value)]) -> Event {
    Event {
        machine: "SRV01".into(),
        channel: "Security".into(),
        provider: "Microsoft-Windows-Security-Auditing".into(),
        event_id: 4625,
        qualifiers: Some(49152),
        version: Some(2),
        level: Some(0),
        record_id: 77,
        activity_id: Guid::parse("{F4208A2B-1234-5678-9ABC-DEF012345678}"),
        process_id: Some(640),
        user_sid: Some("S-1-5-18".into()),
        data: data
            .iter()
            .map(|(name, value)| Field { name: Arc::from(*name), value: value.clone() })
            .collect(),
        ..Event::default()
    }
}

fn compile(detection: &str) -> Result<Detection, Vec<String>> {
    let indented: String = detection.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("detection:\n{indented}");
    let mut faults = Faults::new("test.yml".into());
    let holder: Option<Holder> = crate::rules::yaml::read(&text, &mut faults);
    let detection =
        holder.and_then(|holder| Detection::compile(&holder.detection, None, &mut faults));
    let errors = faults.into_errors();
    match detection {
        Some(detection) if errors.is_empty() => Ok(detection),
        _ => Err(errors.iter().map(ToString::to_string).collect()),
    }
}

/// Whether a selection with one entry matches an event with one value of the field `F`.
fn entry_matches(entry: &str, value: Option<&Value>) -> bool {
    let detection = compile(&format!("s:\n  EventID: 4625\n  {entry}\ncondition: s")).expect(entry);
    let data: Vec<_> = value.map(|value| ("F", value.clone())).into_iter().collect();
    detection.matches(event(&data).observed())
}

/// Checks one entry against values of the field `F` that it matches and others.
fn check(entry: &str, matching: &[Value], other: &[Value]) {
    for value in matching {
        assert!(entry_matches(entry, Some(value)), "`{entry}` matches {value:?}");
    }
    for value in other {
        assert!(!entry_matches(entry, Some(value)), "`{entry}` does not match {value:?}");
    }
}

fn text(text: &str) -> Value {
    Value::text(text)
}

fn binary(bytes: &[u8]) -> Value {
    Value::Binary(bytes.into())
}

fn wide(text: &str) -> Value {
    Value::Binary(encode::utf16le(text).into())
}

#[test]
fn plain_values() {
    check("F: NTLM", &[text("ntlm"), text("NTLM\0")], &[text("NTLM2"), Value::Null]);
    check("F: 'RDP-Tcp*'", &[text("rdp-tcp#12")], &[text("x rdp-tcp")]);
    check(r"F: 'a\*'", &[text("a*")], &[text("ab")]);
    check("F: [a, b]", &[text("a"), text("B")], &[text("c")]);
    check("F: true", &[Value::Boolean(true), text("True"), Value::UInt32(1)], &[text("yes")]);
    check("F: false", &[Value::Boolean(false), text("false")], &[Value::Boolean(true)]);
    check("F: ''", &[text("")], &[text("-")]);
    let list = Value::List([text("a"), text("b")].into());
    check("F: b", std::slice::from_ref(&list), &[]);
    check("F: 'a, b'", std::slice::from_ref(&list), &[]);
    check("F: c", &[], &[list]);
}

#[test]
fn numbers_in_any_notation() {
    let logged = [
        Value::Int32(-2_146_893_052),
        Value::UInt32(0x8009_0304),
        Value::HexInt32(0x8009_0304),
        Value::HexInt64(0xffff_ffff_8009_0304),
        Value::Int64(-2_146_893_052),
        text("0x80090304"),
        text("2148074244"),
        text("-2146893052"),
    ];
    let other = [Value::UInt32(0x8009_0305), text("80090304"), Value::HexInt64(0x1_8009_0304)];
    for spelling in ["0x80090304", "'0x80090304'", "2148074244", "-2146893052", "'2148074244'"] {
        check(&format!("F: {spelling}"), &logged, &other);
    }
    check("F: '10'", &[text("0xA"), Value::UInt8(10)], &[text("1")]);
    check("F: '010'", &[text("010"), text("10")], &[text("0x10")]);
}

#[test]
fn null_and_exists() {
    check("F: null", &[Value::Null, text(""), text("\0")], &[text("-"), text("x")]);
    assert!(entry_matches("F: null", None));
    assert!(!entry_matches("F: ''", None));
    check("F: [null, x]", &[Value::Null, text("x")], &[text("y")]);
    check("F|exists: true", &[Value::Null, text("x")], &[]);
    check("F|exists: false", &[], &[Value::Null, text("x")]);
    assert!(entry_matches("F|exists: false", None));
    assert!(!entry_matches("F|exists: true", None));
}

#[test]
fn parts_of_texts() {
    check("F|contains: tcp", &[text("RDP-Tcp#1")], &[text("udp")]);
    check("F|startswith: RDP", &[text("rdp-tcp")], &[text("x-rdp")]);
    check("F|endswith: '#1'", &[text("RDP-Tcp#1")], &[text("RDP-Tcp#10")]);
    check("F|contains|all: [a, b]", &[text("xbxa")], &[text("a"), text("b")]);
    check("F|contains: [a, b]", &[text("a"), text("b")], &[text("c")]);
    check("F|startswith: 'a?c'", &[text("abcd")], &[text("acd")]);
    check("F|cased: Joe", &[text("Joe")], &[text("joe")]);
    check("F|contains|cased: Joe", &[text("xJoe")], &[text("xjoe")]);
    check("F|neq: a", &[text("b"), Value::Null], &[text("A")]);
    check("F|neq: [a, 5]", &[text("b")], &[text("a"), Value::UInt8(5), text("0x5")]);
    assert!(!entry_matches("F|neq: a", None));
}

#[test]
fn regular_expressions() {
    check("F|re: '^a+b'", &[text("aab"), text("abx")], &[text("xab"), text("AB")]);
    check("F|re|i: '^a+b'", &[text("AAB")], &[text("x")]);
    check("F|re|m: '^b$'", &[text("a\nb")], &[text("ab")]);
    check("F|re: '^b$'", &[], &[text("a\nb")]);
    check("F|re|s: 'a.b'", &[text("a\nb")], &[text("ab")]);
    check("F|re: 'a.b'", &[], &[text("a\nb")]);
}

#[test]
fn networks_and_bounds() {
    check(
        "F|cidr: 10.0.0.0/8",
        &[text("10.1.2.3"), text("10.1.2.3:50000"), text("::ffff:10.0.0.9")],
        &[text("11.0.0.1"), text("LOCAL"), text("fe80::1")],
    );
    check("F|cidr: 'fe80::/10'", &[text("[fe80::1%5]:50000")], &[text("10.0.0.1")]);
    check("F|cidr: 10.0.0.1", &[text("10.0.0.1")], &[text("10.0.0.2")]);
    check("F|lt: 10", &[Value::UInt8(9), text("9")], &[Value::UInt8(10), text("x")]);
    check("F|lte: 10", &[Value::UInt8(10)], &[Value::UInt8(11)]);
    check("F|gt: '0x0a'", &[Value::UInt8(11)], &[Value::UInt8(10), Value::Null]);
    check("F|gte: 10", &[Value::UInt8(10), Value::Int64(900)], &[Value::Int32(-5)]);
}

#[test]
fn encoded_values() {
    let stopped = wide("TermService/1\0");
    check(
        "F|utf16le: 'TermService/1'",
        &[stopped.clone(), wide("termservice/1")],
        &[wide("TermService/4"), wide("TermService/10")],
    );
    check(
        "F|wide|startswith: TermService",
        std::slice::from_ref(&stopped),
        &[wide("xTermService")],
    );
    check("F|wide|endswith: '/1'", std::slice::from_ref(&stopped), &[wide("TermService/4\0")]);
    check("F|wide|contains: Serv", std::slice::from_ref(&stopped), &[binary(b"TermService")]);
    check("F|wide|cased: 'termservice/1'", &[], std::slice::from_ref(&stopped));
    // A forwarded record holds the same bytes as hex digits.
    check("F|wide: 'TermService/1'", &[text(&stopped.to_text())], &[text("TermService/1")]);
    check("F|utf16be: ab", &[binary(&[0, 0x61, 0, 0x62])], &[wide("ab")]);
    check("F|utf16: ab", &[binary(&[0xff, 0xfe, 0x61, 0, 0x62, 0])], &[wide("ab")]);
    check("F|endswith: 'B50000D0'", &[binary(&[1, 0xb5, 0, 0, 0xd0])], &[binary(&[0xb5, 0, 0])]);
    check("F|base64: foobar", &[text("Zm9vYmFy")], &[text("zm9vymfy"), text("foobar")]);
    check("F|wide|base64: ab", &[text("YQBiAA==")], &[text("YWI=")]);
    check(
        "F|base64offset|contains: /bin/sh",
        &[text("xL2Jpbi9zaA=="), text("AAvYmluL3No")],
        &[text("L2Jpbg==")],
    );
    check(
        "F|windash|contains: ' -v'",
        &[text("mstsc /v:srv"), text("x -v"), text("x \u{2013}v")],
        &[text("mstsc v")],
    );
}

#[test]
fn other_fields() {
    let detection = |entry: &str| {
        compile(&format!("s:\n  EventID: 4625\n  {entry}\ncondition: s")).expect(entry)
    };
    let event = event(&[
        ("A", text("x")),
        ("B", text("X")),
        ("C", Value::UInt32(7)),
        ("D", text("0x7")),
        ("ProcessId", Value::HexInt64(9)),
        ("Version", text("own")),
        ("", Value::List([text("first"), text("second")].into())),
        ("", text("third")),
    ]);
    for (entry, expected) in [
        ("A|fieldref: B", true),
        ("A|fieldref|cased: B", false),
        ("C|fieldref: D", true),
        ("A|fieldref: C", false),
        ("A|fieldref: Missing", false),
        ("A|fieldref|neq: C", true),
        ("A|fieldref|neq: B", false),
        ("'Data[1]': first", true),
        ("'Data[3]': third", true),
        ("'Data[4]': third", false),
        ("'Data[4]': null", true),
        ("ProcessId: 9", true),
        ("System.ProcessID: 640", true),
        ("System.ThreadID: null", true),
        ("System.UserID: S-1-5-18", true),
        ("System.EventRecordID: 77", true),
        ("System.ActivityID|contains: 9abc", true),
        ("Version: 2", true),
        ("System.Version: 2", true),
        ("EventData.Version: own", true),
        ("Qualifiers: 0xC000", true),
        ("Level|gte: 1", false),
        ("Provider_Name: '*Auditing'", true),
        ("Channel: security", true),
        ("Computer: SRV02", false),
    ] {
        assert_eq!(detection(entry).matches(event.observed()), expected, "{entry}");
    }
}

#[test]
fn selections_combine() {
    let event = event(&[("A", text("1")), ("B", text("2"))]);
    for (detection, expected) in [
        ("s:\n  EventID: 4625\n  A: 1\n  B: 2\ncondition: s", true),
        ("s:\n  EventID: 4625\n  A: 1\n  B: 1\ncondition: s", false),
        ("s:\n  - EventID: 4625\n    A: 2\n  - EventID: 4625\n    B: 2\ncondition: s", true),
        ("s:\n  - EventID: 4625\n    A: 2\n  - EventID: 4624\n    B: 2\ncondition: s", false),
        ("s:\n  EventID: 4625\nf:\n  A: 1\ncondition: s and not f", false),
        ("s:\n  EventID: 4625\nf_1:\n  A: 9\nf_2:\n  B: 9\ncondition: s and not 1 of f_*", true),
        ("s:\n  EventID: [4624, 4625]\n_spare:\n  A: 9\ncondition: s", true),
    ] {
        assert_eq!(compile(detection).unwrap().matches(event.observed()), expected, "{detection}");
    }
    let ids = compile("s:\n  EventID: [4625, '4624']\nt:\n  EventID: 4634\ncondition: s or t");
    assert_eq!(ids.unwrap().event_ids().iter().copied().collect::<Vec<_>>(), [4624, 4625, 4634]);
}

#[test]
fn says_what_is_wrong() {
    for (entry, message) in [
        ("F|contians: x", "4:3: unknown modifier `contians` (did you mean `contains`?)"),
        (
            "F|expand: '%x%'",
            "4:3: modifier `expand` is not supported because placeholders are \
                              filled in by a site's own configuration, which rules do not read",
        ),
        (
            "F|hour: 3",
            "4:3: modifier `hour` is not supported because a cause never depends on \
                       the calendar: position evidence in time with `after`, `before` and \
                       `within`",
        ),
        ("F|i: x", "4:3: modifier `i` belongs behind `re`"),
        ("F|contains|re: x", "4:3: modifiers `contains` and `re` exclude each other"),
        ("F|contains|contains: x", "4:3: modifier `contains` stands twice"),
        ("F|contains|all: x", "4:3: modifier `all` needs a list of at least two values"),
        (
            "F|neq|contains: x",
            "4:3: modifier `neq` goes only with whole values and `fieldref`: \
                               negate other comparisons in the condition",
        ),
        (
            "F|re|base64: x",
            "4:3: an encoding goes only with `contains`, `startswith`, \
                            `endswith` or no comparison",
        ),
        ("F|gt|cased: 5", "4:3: modifier `cased` goes only with comparisons of text"),
        ("F|re: 'a(b'", "4:9: `a(b` is no regular expression: unclosed group"),
        (
            "F|re: '(a{999}){999}'",
            "4:9: `(a{999}){999}` is no regular expression: Compiled \
                                   regex exceeds size limit of 1048576 bytes",
        ),
        (
            "F|cidr: 10.0.0.0/40",
            "4:11: `10.0.0.0/40` is no network: write `10.0.0.0/8` or \
                                 `fd00::/8`",
        ),
        ("F|gt: many", "4:9: `lt`, `lte`, `gt` and `gte` need a whole number"),
        ("F|exists: maybe", "4:13: `exists` needs `true` or `false`"),
        ("F|contains: 5", "4:15: these modifiers compare text: put the value in quotes"),
        ("F: 1.5", "4:6: numbers with a fraction are compared as text: put the value in quotes"),
        ("F: []", "4:6: the list of values is empty"),
        ("F: [[a]]", "4:7: a list inside a list of values has no meaning"),
        (
            "F|wide: 'a*'",
            "4:11: `a*` has wildcards, which cannot be encoded: use `contains`, \
                          `startswith` or `endswith`, or write `\\*`",
        ),
        (
            "F|base64|wide: a",
            "4:18: the encodings follow each other in this order: `windash`, \
                              one of UTF-16, one of Base64",
        ),
        ("F|base64|base64offset: a", "4:26: a value is encoded in Base64 once only"),
        ("F|windash: ' -a -b -c -d -e'", "4:14: `windash` takes at most four options in one value"),
        ("'Data[0]': x", "4:3: `Data[0]` is no field: unnamed values are counted from Data[1]"),
        (
            "Data: x",
            "4:3: `Data` alone names no field: write `Data[1]` for the first unnamed \
                     value, or `EventData.Data` for a value of that name",
        ),
        (
            "System.ProcesID: 4",
            "4:3: unknown field of `System` `ProcesID` (did you mean \
                                `ProcessID`?)",
        ),
        ("System.EventID: 3221232496", "4:19: an event ID is a number from 0 to 65535"),
    ] {
        let errors = compile(&format!("s:\n  EventID: 4625\n  {entry}\ncondition: s")).unwrap_err();
        // Places are counted in the document that holds the detection.
        let expected = message.split_once(':').map(|(line, rest)| (line.to_owned(), rest)).unwrap();
        let (column, message) = expected.1.split_once(": ").unwrap();
        let column: usize = column.parse::<usize>().unwrap() + 2;
        assert_eq!(errors, [format!("test.yml:{}:{column}: {message}", expected.0)], "{entry}");
    }
}

#[test]
fn says_what_is_wrong_with_the_whole() {
    for (detection, message) in [
        (
            "s:\n  A: 1\ncondition: s",
            "the condition can hold without pinning `EventID`: every \
            way to fulfil it needs a selection with `EventID: <number>`",
        ),
        (
            "s:\n  EventID: 1\nt:\n  A: 1\ncondition: s or t",
            "the condition can hold without \
            pinning `EventID`: every way to fulfil it needs a selection with `EventID: <number>`",
        ),
        (
            "s:\n  EventID: 1\nt:\n  EventID: 2\ncondition: s and t",
            "the condition never holds: \
            it asks for different event IDs at once",
        ),
        (
            "s:\n  EventID: 1\nt:\n  A: 1\ncondition: s",
            "selection `t` is not used by the condition",
        ),
        ("s:\n  EventID: 1", "field `condition` is missing"),
        (
            "s:\n  EventID: 1\ncondition: [s]",
            "a condition is text, such as `selection and not \
            filter`",
        ),
        ("s:\n  EventID: 1\ncondition: r", "unknown selection `r` (did you mean `s`?)"),
        (
            "s: [a, b]\ncondition: s",
            "a value without a field would be searched in rendered \
            text, which logs do not hold: name the field",
        ),
        ("s: {}\ncondition: s", "a selection without fields matches every event: name a field"),
        ("s: 5\ncondition: s", "a selection is a map of fields and values, or a list of maps"),
        (
            "'a b':\n  EventID: 1\ncondition: them",
            "`a b` cannot name a selection: use letters, \
            digits, `_`, `-` and `.`",
        ),
        (
            "all:\n  EventID: 1\ncondition: all",
            "`all` is a word of conditions and cannot name a \
            selection",
        ),
        ("s:\n  EventID: 1\n  A: 1\n  A: 2\ncondition: s", "field `A` stands twice"),
    ] {
        let errors = compile(detection).unwrap_err();
        let first = errors.first().and_then(|error| error.split_once(": "));
        assert_eq!(first.map(|(_, message)| message), Some(message), "{detection}: {errors:?}");
    }
}

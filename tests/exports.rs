//! Logs that were exported as text: the same events, the same report; what is bad in them is
//! counted and does no harm.

#![expect(clippy::print_stderr, reason = "how much was compared is the point")]

mod exporter;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};

use exporter::{events, evtx_dump, velociraptor, winlogbeat, xml_events};
use rdpwhy::model::{Event, Guid, PackedEvent, ProblemKind, Report, Time, Value};
use rdpwhy::report::json_v1;
use serde_json::Value as Json;

use crate::support::built_in::report;
use crate::support::files::{files_in, fixtures};
use crate::support::program::program;
use crate::support::text::utf16_file;
use crate::support::{packer, real_logs};

/// The logs of a fixture.
fn logs(fixture: &str) -> Vec<PathBuf> {
    files_in(Path::new("fixtures").join(fixture).join("logs"))
}

/// The report without what says in which form the logs were, values as text.
fn apart_from_form(report: &Report) -> Json {
    let mut json: Json = serde_json::from_str(&json_v1::render(report)).unwrap();
    let object = json.as_object_mut().unwrap();
    object.remove("stats");
    object.remove("inputs");
    plain(&mut json, false);
    json
}

/// Makes payloads text, blank ones nothing, and file names those of the logs.
fn plain(json: &mut Json, is_data: bool) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| plain(item, is_data)),
        Json::Object(object) => {
            if is_data {
                object.retain(|_, value| !value.is_null() && value != "");
                // So does Winlogbeat name what has no name.
                let name = |name: &str| name.replace("Data[", "param").replace(']', "");
                *object = object.iter().map(|(key, value)| (name(key), value.clone())).collect();
            }
            for (name, value) in object.iter_mut() {
                if name == "file" || name == "files" || name == "path" {
                    *value = Json::Null;
                }
                plain(value, is_data || name == "data");
            }
        }
        Json::Number(number) if is_data => *json = number.to_string().into(),
        Json::Bool(value) if is_data => *json = value.to_string().into(),
        _ => {}
    }
}

/// What a tool makes of a log.
type Export = fn(&Path) -> Vec<u8>;

fn lines(records: impl IntoIterator<Item = String>) -> Vec<u8> {
    records.into_iter().map(|record| record + "\n").collect::<String>().into_bytes()
}

/// With the text that Windows renders in the machine's language.
fn rendered(log: &Path) -> String {
    let rendering = "<RenderingInfo Culture='de-DE'><Message>Ein Konto konnte nicht angemeldet \
                     werden.\r\n</Message><Keywords><Keyword>Überwachung</Keyword></Keywords>\
                     </RenderingInfo></Event>";
    let events = xml_events(log).into_iter().map(|event| event.replace("</Event>", rendering));
    let head = "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n<Events>";
    format!("{head}{}</Events>", events.collect::<String>())
}

const EXPORTS: [(&str, Export); 9] = [
    ("wevtutil", |log| xml_events(log).join("\r\n").into_bytes()),
    ("wevtutil in UTF-16", |log| utf16_file(&xml_events(log).join("\r\n"))),
    ("Event Viewer", |log| rendered(log).into_bytes()),
    ("newest first", |log| lines(xml_events(log).into_iter().rev())),
    ("evtx_dump", |log| lines(evtx_dump(log, false))),
    ("evtx_dump, attributes apart", |log| lines(evtx_dump(log, true))),
    ("evtx_dump in an array", |log| {
        format!("[\n{}\n]\n", evtx_dump(log, false).join(",\n")).into_bytes()
    }),
    ("Velociraptor", |log| lines(events(log).iter().map(velociraptor))),
    ("Winlogbeat", |log| lines(events(log).iter().map(winlogbeat))),
];

#[test]
fn exports_give_the_report_of_the_log() {
    for fixture in fixtures() {
        let logs = files_in(fixture.join("logs"));
        let fixture = fixture.display();
        let expected = apart_from_form(&report(&logs));
        for (name, export) in EXPORTS {
            let folder = tempfile::tempdir().unwrap();
            // Names that tell nothing, in the order of the logs.
            for (number, log) in logs.iter().enumerate() {
                fs::write(folder.path().join(format!("{number:02}.txt")), export(log)).unwrap();
            }
            let found = report(&[folder.path().to_owned()]);
            assert_eq!(found.problems, [], "{fixture}: {name}");
            assert_same(&apart_from_form(&found), &expected, &format!("{fixture}: {name}"));
        }
    }
}

/// Shows the first line that differs.
fn assert_same(found: &Json, expected: &Json, what: &str) {
    let (found, expected) = (
        serde_json::to_string_pretty(found).unwrap(),
        serde_json::to_string_pretty(expected).unwrap(),
    );
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{what}: line {number}");
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

fn export_events(text: &[u8]) -> Vec<Event> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export");
    fs::write(&path, text).unwrap();
    events(&path)
}

/// The events of a text in some form.
fn read(text: &[u8]) -> (Vec<Event>, Report) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export");
    fs::write(&path, text).unwrap();
    (events(&path), report(&[path]))
}

#[test]
fn values_are_those_of_the_log() {
    for fixture in fixtures() {
        for log in files_in(fixture.join("logs")) {
            let ours = events(&log);
            for (name, export) in EXPORTS {
                let mut theirs = export_events(&export(&log));
                theirs.sort_by_key(|event| event.record_id);
                assert_eq!(theirs.len(), ours.len(), "{name}");
                for (ours, theirs) in ours.iter().zip(theirs) {
                    let frame = |event: &Event| Event {
                        data: Vec::new(),
                        source: ours.source,
                        ..event.clone()
                    };
                    let mut expected = frame(ours);
                    if name == "Winlogbeat" {
                        (expected.level, expected.qualifiers) = (None, None);
                    }
                    if name == "Velociraptor" {
                        expected.level = None;
                    }
                    assert_eq!(frame(&theirs), expected, "{name}");
                }
            }
        }
    }
}

/// Whether a value of an export is that of the log.
fn is_same(ours: &Value, theirs: &Value) -> bool {
    // XML has no control characters; the crate writes a line in their place, and for half a
    // surrogate pair.
    let shown = |value: &Value| {
        value.to_text().replace(|c: char| c < ' ' && !"\t\r\n".contains(c) || c == '\u{fffd}', "_")
    };
    match ours {
        // The crate writes a mask that is declared a truth value as the number that it is.
        Value::Boolean(ours) => match theirs.as_number() {
            Some(mask) => (mask != 0) == *ours,
            None => theirs.to_text() == ours.to_string(),
        },
        Value::Real32(_) | Value::Real64(_) => {
            let real = |value: &Value| value.to_text().parse::<f32>().ok();
            real(ours) == real(theirs)
        }
        // What the log has as text may be in another notation.
        Value::Text(text) => match theirs {
            Value::Guid(theirs) => Guid::parse(text) == Some(*theirs),
            Value::FileTime(theirs) => Time::parse_rfc3339(text) == Some(*theirs),
            theirs => shown(ours) == shown(theirs),
        },
        ours => shown(ours) == shown(theirs),
    }
}

#[test]
fn real_logs_export_as_what_they_are() {
    let Some(folder) = real_logs::folder() else { return };
    let mut files = files_in(folder);
    // All small ones: they are of all kinds.
    files.retain(|file| fs::metadata(file).unwrap().len() <= 1 << 20);
    let compared: u64 = files.iter().map(|file| compare(file)).sum();
    eprintln!("{compared} values of {} files are equal", files.len());
    assert!(compared > 130_000, "{compared}");
}

/// Compares a log's events with those of its XML and JSON; returns the number of values.
fn compare(log: &Path) -> u64 {
    let name = log.file_name().unwrap().to_string_lossy().into_owned();
    let Some(xml) = exporter::xml(log) else { return 0 };
    let ours = events(log);
    let mut compared = 0;
    for (form, records) in [("XML", xml), ("JSON", exporter::json(log))] {
        if records.is_empty() {
            continue;
        }
        let theirs = export_events(records.join("\n").as_bytes());
        assert_eq!(theirs.len(), records.len(), "{name}: {form}");
        let mut known: std::collections::BTreeMap<_, Vec<&Event>> = Default::default();
        for event in &ours {
            known.entry((event.record_id, event.time, event.event_id)).or_default().push(event);
        }
        for theirs in &theirs {
            let key = (theirs.record_id, theirs.time, theirs.event_id);
            let ours = known.get(&key).unwrap_or_else(|| panic!("{name}: {form} {theirs:?}"));
            let theirs = exporter::flat(theirs);
            compared += theirs.len() as u64;
            let is_equal = |ours: &&&Event| {
                let ours = exporter::flat(ours);
                ours.len() == theirs.len()
                    && ours.iter().zip(&theirs).all(|(ours, theirs)| {
                        // In JSON, data of the name `Data` looks like data without a name.
                        let is_unnamed = form == "JSON" && (ours.0, theirs.0) == ("Data", "");
                        (ours.0 == theirs.0 || is_unnamed) && is_same(ours.1, theirs.1)
                    })
            };
            let is_known = ours.iter().any(|ours| is_equal(&ours));
            assert!(is_known, "{name}: {form}\n{theirs:?}\n{:?}", exporter::flat(ours[0]));
        }
    }
    compared
}

#[test]
fn bad_records_are_counted_and_the_rest_is_read() {
    let log = &logs("account-locked")[3];
    assert!(log.ends_with("Security.evtx"));
    let (xml, json) = (xml_events(log), evtx_dump(log, false));
    let total = xml.len();
    let half = |record: &String| {
        let mut half = record.len() / 2;
        while !record.is_char_boundary(half) {
            half += 1;
        }
        record[..half].to_owned()
    };
    let deep = format!("<Event>{}{}</Event>", "<a>".repeat(5000), "</a>".repeat(5000));
    let entity = xml[0].replace("SRV07", "&lol9;");
    let check = |name: &str, lines: Vec<String>, lost: u64, why: &str| {
        let (events, report) = read(&lines.join("\n").into_bytes());
        assert_eq!(events.len() as u64, total as u64, "{name}");
        let [problem] = report.problems.as_slice() else { panic!("{name}: {:?}", report.problems) };
        assert_eq!((problem.kind, problem.lost_records), (ProblemKind::LostRecords, Some(lost)));
        assert!(problem.detail.ends_with(why), "{name}: {}", problem.detail);
        let coverage = &report.machines[0].coverage.channels[0];
        assert_eq!((coverage.records, coverage.lost_records), (total as u64, lost), "{name}");
    };
    for (name, bad, why) in [
        ("torn", half(&xml[0]), "is cut short"),
        ("not well-formed", xml[0].replace("</System>", "</Systen>"), "is not well-formed XML"),
        ("entities", entity, "is not well-formed XML"),
        ("deep", deep, "is nested too deeply"),
        ("no event", "<Event><System/></Event>".to_owned(), "tells no event ID or no time"),
    ] {
        let lines = [&xml[..5], &[bad], &xml[5..]].concat();
        check(name, lines, 1, why);
    }
    let deep = format!("{}{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    for (name, bad, why) in [
        ("torn", half(&json[0]), "is cut short"),
        ("no JSON", "{\"Event\": nothing}".to_owned(), "is not well-formed JSON"),
        ("no event", "{\"a\": 1}".to_owned(), "is no record"),
        ("words", "Exception in thread main".to_owned(), "is no record"),
        ("deep", deep, "is not well-formed JSON"),
    ] {
        let lines = [&json[..5], &[bad], &json[5..]].concat();
        check(name, lines, 1, why);
    }
    // The end of a copy that was cut short.
    let mut lines = xml.clone();
    lines.push(half(&xml[0]));
    check("end", lines, 1, "is cut short");
}

#[test]
fn an_entity_bomb_does_not_expand() {
    let entities: String = (1..10)
        .map(|n| format!("<!ENTITY lol{n} \"{}\">", format!("&lol{};", n - 1).repeat(10)))
        .collect();
    let event = xml_events(&logs("account-locked")[3])[0].replace("SRV07", "&lol9;");
    let text = format!(
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY lol0 \"lol\">{entities}]>\n<Events>{event}</Events>"
    );
    let (events, report) = read(text.as_bytes());
    assert_eq!((events.len(), report.problems.len()), (0, 1));
    assert_eq!(report.problems[0].lost_records, Some(1));
}

#[test]
fn archives_and_standard_input_hold_exports() {
    let log = &logs("account-locked")[3];
    let text = xml_events(log).join("\n").into_bytes();
    let expected = apart_from_form(&read(&text).1);
    let files =
        [("a/export.txt".to_owned(), text.clone()), ("b/other.txt".to_owned(), b"<a/>".to_vec())];
    for (name, bytes) in [
        ("zip", packer::zip(&files)),
        ("7z", packer::seven(&files, None)),
        ("cab", packer::cab(&files)),
        ("tar.gz", packer::gzip(&packer::tar(&files))),
        ("gz", packer::gzip(&text)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case");
        fs::write(&path, bytes).unwrap();
        let found = report(&[path]);
        assert_eq!(found.problems, [], "{name}");
        assert_same(&apart_from_form(&found), &expected, name);
    }
    let output = program().args(["--format", "json", "-"]).write_stdin(text).output().unwrap();
    let mut found: Json = serde_json::from_slice(&output.stdout).unwrap();
    plain(&mut found, false);
    assert_eq!(found["inputs"][0]["logs"], 1);
    for part in ["attempts", "diagnoses", "machines"] {
        assert_same(&found[part], &expected[part], part);
    }
}

#[test]
fn a_record_counts_once_however_often_it_was_exported() {
    let log = &logs("account-locked")[3];
    let once = report(std::slice::from_ref(log));
    let folder = tempfile::tempdir().unwrap();
    // Exports come before the log by name, and are less exact.
    for (number, (_, export)) in EXPORTS.iter().enumerate() {
        fs::write(folder.path().join(format!("{number}")), export(log)).unwrap();
    }
    fs::copy(log, folder.path().join("z.evtx")).unwrap();
    let often = report(&[folder.path().to_owned()]);
    assert_eq!(often.facts.events.len(), once.facts.events.len());
    assert_eq!(often.attempts.len(), once.attempts.len());
    let without_source = |report: &Report| -> Vec<PackedEvent> {
        let events = report.facts.events.iter().cloned();
        events.map(|event| PackedEvent { source: Default::default(), ..event }).collect()
    };
    assert_eq!(without_source(&often), without_source(&once), "the exact copy stays");
}

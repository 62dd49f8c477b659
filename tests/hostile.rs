//! Logs made to hurt whoever reads a report of them: escape sequences, markup, formulas and
//! deceptive characters wherever an attacker has a say. Every command, in every format, shows
//! them harmlessly, and JSON loses nothing of them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rdpwhy::report::sanitize::is_deceptive;
use serde_json::Value;

use crate::support::program::{ended, program};

/// What stands for half a surrogate pair until the log is written; no text can hold one.
const HALF: char = '\u{e123}';

/// One text of each kind, and one that is very long.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "\u{1b}[2J\u{1b}[1;1Hall is well",
        "\u{1b}]0;title\u{7}\u{1b}]8;;http://evil.test\u{1b}\\link",
        "\u{9b}31mred\u{90}q\u{9c}",
        "one\r\nerror: two\u{8}\u{7f}",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "[click](javascript:alert(1)) | **bold** `code`",
        "=cmd|' /C calc'!A0",
        "+1+cmd|x",
        "-2+3",
        "@SUM(A1:A9)",
        "\t=1+1",
        "\r=1+1",
        "joe\u{202e}nimda\u{2066}x\u{2069}",
        "jo\u{200b}e\u{feff}\u{ad}\u{2060}",
        "a\u{0}b",
        "\";DROP TABLE\\u001b\\x1b%1b&#27;",
        "{user} {0} %s %n $(reboot) `reboot`",
        "../../../../etc/passwd",
    ]
    .map(str::to_owned)
    .into();
    texts.push(format!("half{HALF}pair"));
    texts.push("long".repeat(800));
    texts
}

/// A text as YAML and JSON write it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for unit in text.chars() {
        match unit {
            ' '..='~' if !"\"\\".contains(unit) => quoted.push(unit),
            unit => write!(quoted, "\\U{:08x}", u32::from(unit)).unwrap(),
        }
    }
    quoted + "\""
}

/// A failed sign-in for each of the texts, which name the user, the client, its address and all
/// else that a client or an attacker within the machine can choose.
fn scenario() -> String {
    let mut yaml =
        "start: 2026-03-07T08:00:00Z\nmachine: SRV06\nstrict: false\nevents:\n".to_owned();
    for (number, text) in texts().iter().enumerate() {
        let (text, second, port) = (quoted(text), number * 60, 50_000 + number);
        let mut add = |after: usize, event: &str| {
            writeln!(yaml, "  - {{ at: +{}s, activity: a{number}, {event} }}", second + after)
                .unwrap();
        };
        add(0, &format!("event: RdpCoreTS/131, ConnType: {text}, ClientIP: '10.0.0.5:{port}'"));
        add(0, &format!("event: RCM/261, listenerName: {text}"));
        add(1, &format!("event: RdpCoreTS/65, ConnectionName: {text}"));
        add(
            2,
            &format!(
                "event: Security/4625, TargetUserName: {text}, TargetDomainName: {text}, Status: \
                 '0xc000006d', SubStatus: '0xc000006a', LogonType: 3, LogonProcessName: {text}, \
                 AuthenticationPackageName: {text}, WorkstationName: {text}, IpAddress: \
                 '10.0.0.5', IpPort: '0', extra: {text}"
            ),
        );
        add(2, &format!("event: RdpCoreTS/140, IPString: {text}"));
        add(3, "event: RdpCoreTS/102");
        add(4, &format!("event: RCM/1149, Param1: {text}, Param2: {text}, Param3: {text}"));
        add(5, &format!("event: LSM/21, User: {text}, SessionID: 2, Address: {text}"));
        add(6, &format!("event: RDPClient/1024, machine: {text}, Name: {text}, Value: {text}"));
        add(7, &format!("event: System/Schannel/36871, machine: {text}, ErrorState: 10013"));
    }
    yaml
}

/// A case on disk, whose files have hostile names.
struct Case {
    folder: tempfile::TempDir,
}

const LOG: &str = "case/=log\u{1b}[2J\u{202e}.evtx";
const BROKEN: &str = "case/@broken\u{9b}2J\u{200b}.evtx";

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let case = Self { folder };
        fs::create_dir(case.path("case")).unwrap();
        fs::write(case.path("scenario.yml"), scenario()).unwrap();
        let (code, _, stderr) = case.run(&["forge", "scenario.yml", "-o", "log.evtx"]);
        assert_eq!(code, 0, "{stderr}");
        let mut bytes = fs::read(case.path("log.evtx")).unwrap();
        // Half a pair of surrogates.
        let half = u16::try_from(u32::from(HALF)).unwrap().to_le_bytes();
        let places: Vec<usize> = (0..bytes.len() - 1)
            .step_by(1)
            .filter(|at| bytes[*at..*at + 2] == half && bytes[at - 2..*at] == *b"f\0")
            .collect();
        assert!(places.len() > 5, "{places:?}");
        for at in places {
            bytes[at..at + 2].copy_from_slice(&0xd800_u16.to_le_bytes());
        }
        fs::write(case.path(LOG), bytes).unwrap();
        fs::write(case.path(BROKEN), b"ElfChnk\0 and nothing else").unwrap();
        fs::remove_file(case.path("log.evtx")).unwrap();
        case
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(Path::new(name))
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        ended(program().current_dir(self.folder.path()).args(args).output().unwrap())
    }

    /// Runs a command that succeeds; what it says on stderr is harmless.
    fn stdout(&self, args: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {stderr}");
        is_harmless(args, &stderr);
        stdout
    }

    /// Runs a command that writes for people.
    fn page(&self, args: &[&str]) -> String {
        let page = self.stdout(args);
        assert!(!page.is_empty(), "{args:?}");
        is_harmless(args, &page);
        page
    }

    /// Runs a command that writes CSV. Returns the cells below the header.
    fn cells(&self, args: &[&str]) -> Vec<String> {
        let text = self.stdout(args);
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let cells: Vec<String> = rows.iter().flatten().map(str::to_owned).collect();
        for cell in &cells {
            let acts = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            assert!(!acts || cell.parse::<f64>().is_ok(), "{args:?}: {cell:?}");
            assert!(!cell.contains(is_deceptive), "{args:?}: {cell:?}");
        }
        cells
    }

    /// Runs a command that writes JSON. Returns all texts in it.
    fn texts(&self, args: &[&str]) -> Vec<String> {
        let text = self.stdout(args);
        is_harmless(args, &text);
        let json: Value = serde_json::from_str(&text).unwrap();
        let mut texts = Vec::new();
        collect(&json, &mut texts);
        texts
    }
}

/// Text that moves no cursor, hides nothing and forges no line.
#[track_caller]
fn is_harmless(args: &[&str], text: &str) {
    let found = text.char_indices().find(|(_, c)| *c != '\n' && is_deceptive(*c));
    if let Some((at, c)) = found {
        let context: String = text[..at].chars().rev().take(80).collect();
        let context: String = context.chars().rev().collect();
        assert!(found.is_none(), "{args:?} shows {c:?} behind {context:?}");
    }
    let forged = text.lines().any(|line| line.starts_with("error: two"));
    assert!(!forged, "{args:?}: {text}");
}

fn collect(json: &Value, texts: &mut Vec<String>) {
    match json {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => members.values().for_each(|member| collect(member, texts)),
        _ => {}
    }
}

/// The texts as JSON has them: a half pair is no character.
fn expected() -> impl Iterator<Item = String> {
    texts().into_iter().map(|text| text.replace(HALF, "\u{fffd}"))
}

#[test]
fn every_command_shows_hostile_text_harmlessly() {
    let case = Case::new();
    assert!(!case.texts(&["attempts", "case", "--format", "json"]).is_empty());
    let report = case.texts(&["case", "--format", "json"]);
    for text in expected() {
        // In payloads to the letter; wherever else it stands, with what is around it.
        assert!(report.contains(&text), "the report lost {text:?}");
    }
    assert!(report.iter().any(|text| text.contains("=log\u{1b}[2J\u{202e}.evtx")));

    for args in [
        &["case"][..],
        &["case", "--all"],
        &["case", "--all", "--recover"],
        &["attempts", "case"],
        &["inventory", "case"],
        &["diff", "case", "case"],
        &["why-not", "wrong-password", "case", "--all"],
        &["why-not", "certificate-expired", "case"],
        &["timeline", "case", "--around", "2026-03-07T08:00:00Z", "--within", "1h"],
    ] {
        case.page(args);
    }
    for args in [
        &["attempts", "case", "--format", "csv"][..],
        &[
            "timeline",
            "case",
            "--around",
            "2026-03-07T08:00:00Z",
            "--within",
            "1h",
            "--format",
            "csv",
        ],
    ] {
        let cells = case.cells(args);
        assert!(cells.iter().any(|cell| cell.starts_with("'=")), "{args:?}: {cells:?}");
    }
    for args in [
        &[
            "timeline",
            "case",
            "--around",
            "2026-03-07T08:00:00Z",
            "--within",
            "1h",
            "--format",
            "json",
        ][..],
        &["inventory", "case", "--format", "json"],
        &["diff", "case", "case", "--format", "json"],
    ] {
        assert!(!case.texts(args).is_empty());
    }
    let json: Value = serde_json::from_str(&case.stdout(&["case", "--format", "json"])).unwrap();
    for diagnosis in json["diagnoses"].as_array().unwrap().iter().take(3) {
        let id = diagnosis["id"].as_str().unwrap();
        case.page(&["timeline", "case", "--diagnosis", id]);
    }
    for attempt in json["attempts"].as_array().unwrap().iter().take(3) {
        case.page(&["timeline", "case", "--attempt", attempt["id"].as_str().unwrap()]);
    }
    // Colors are the program's own, whatever a log holds.
    let (_, colored, _) = case.run(&["case", "--all", "--color", "always"]);
    let plain = colored.split('\u{1b}').map(|part| {
        part.strip_prefix('[').and_then(|part| part.split_once('m')).map_or(part, |(_, rest)| rest)
    });
    is_harmless(&["--color"], &plain.collect::<String>());
    let codes = colored.split('\u{1b}').skip(1);
    let is_style = |code: &str| {
        let style = code.strip_prefix('[').and_then(|code| code.split_once('m'));
        style.is_some_and(|(code, _)| code.chars().all(|c| c.is_ascii_digit() || c == ';'))
    };
    assert!(codes.into_iter().all(is_style), "{colored:?}");
}

/// What people type, or are made to paste, comes back harmlessly, too.
#[test]
fn errors_repeat_hostile_arguments_harmlessly() {
    let case = Case::new();
    let hostile = "no\u{1b}[2J\u{9b}2J\u{202e}such\nerror: two";
    for args in [
        &[hostile][..],
        &["case", hostile],
        &["case", "--rules", hostile],
        &["case", "-o", "nowhere/\u{1b}[2J"],
        &["case", "--password-file", hostile],
        &["case", "--since", hostile],
        &["case", "--format", hostile],
        &["timeline", "case", "--attempt", hostile],
        &["timeline", "case", "--diagnosis", hostile],
        &["timeline", "case", "--around", hostile],
        &["why-not", hostile, "case"],
        &["explain", hostile],
        &["lookup", hostile],
        &["collect", "--for", hostile],
        &["diff", hostile, hostile],
        &["forge", hostile, "-o", "x.evtx"],
        &["rules", "lint", hostile],
        &["rules", "test", hostile],
        &["rules", "show", hostile],
        &["rules", hostile],
        &[BROKEN],
        &[hostile, "--no-such-option"],
    ] {
        let (_, stdout, stderr) = case.run(args);
        is_harmless(args, &stdout);
        is_harmless(args, &stderr);
        assert!(!stdout.is_empty() || !stderr.is_empty(), "{args:?}");
    }
}

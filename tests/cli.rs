//! The binary from outside: exit codes, help, streams, output files.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

use crate::support::program::{bare_program, program};

/// A run in a folder of its own, which holds one log without records.
struct Case {
    folder: tempfile::TempDir,
}

/// How a run came out.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("System.evtx"), empty_log()).unwrap();
        fs::write(folder.path().join("notes.txt"), "no log").unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = program();
        command.current_dir(self.folder.path());
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        let output = self.command().args(args).output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The file header of an event log without a chunk.
fn empty_log() -> Vec<u8> {
    let mut header = vec![0; 4096];
    header[..8].copy_from_slice(b"ElfFile\0");
    header[24] = 1; // next record id
    header[32] = 128; // bytes of the header in use
    header[36] = 1; // minor version
    header[38] = 3; // major version
    header[41] = 0x10; // bytes of the header, 4096
    let sum = crc32fast::hash(&header[..120]);
    header[124..128].copy_from_slice(&sum.to_le_bytes());
    header
}

fn check(args: &[&str], code: i32, stderr: &str) {
    let ran = Case::new().run(args);
    assert_eq!(ran.code, code, "{args:?}\n{}", ran.stderr);
    assert!(ran.stderr.contains(stderr), "{args:?}\n{}", ran.stderr);
}

#[test]
fn exit_codes() {
    check(&["System.evtx"], 0, "");
    check(&["analyze", "System.evtx"], 0, "");
    check(&["System.evtx", "nowhere"], 0, "warning: nowhere: ");
    check(&["System.evtx", "nowhere", "--strict"], 4, "warning: nowhere: ");
    check(&["nowhere"], 3, "error: cannot use `nowhere`\n  caused by: ");
    check(&["notes.txt"], 3, "hint: ");
    check(&["nowhere", "notes.txt"], 3, "error: no event log");
    check(&[], 2, "Usage: rdpwhy");
    check(&["System.evtx", "--no-such-option"], 2, "--no-such-option");
    check(&["System.evtx", "--since", "yesterday"], 2, "2026-03-04");
    check(&["System.evtx", "--since", "2026-03-05", "--until", "2026-03-04"], 2, "not before");
    check(&["System.evtx", "--threads", "0"], 2, "--threads");
    check(&["System.evtx", "-o", "no/such/folder/x"], 1, "error: cannot write");
    check(&["System.evtx", "--rules", "nowhere"], 1, "error: cannot load rule `");
    check(&["lookup", "0x904"], 0, "");
    check(&["lookup"], 2, "Usage: rdpwhy lookup");
    check(&["why-not", "wrong-password", "System.evtx"], 0, "");
    check(&["why-not", "wrong-pasword", "System.evtx"], 2, "did you mean `wrong-password`?");
    check(&["why-not", "wrong-password", "nowhere"], 3, "error: cannot use `nowhere`");
}

#[test]
fn a_bad_rule_is_shown_with_its_place() {
    let case = Case::new();
    fs::create_dir_all(case.path("mine/causes/tls")).unwrap();
    fs::write(case.path("mine/causes/tls/x.yml"), "id: x\nstage: tlss\n").unwrap();
    let ran = case.run(&["System.evtx", "--rules", "mine"]);
    assert_eq!(ran.code, 1);
    let mut lines = ran.stderr.lines();
    assert!(lines.next().unwrap().starts_with("error: cannot load rule `"), "{}", ran.stderr);
    assert!(lines.next().unwrap().starts_with("  caused by: line "), "{}", ran.stderr);
}

#[test]
fn a_mistyped_command_is_recognized() {
    check(&["analyse", "System.evtx.old"], 2, "the command is `rdpwhy analyze`");
}

#[test]
fn quiet_keeps_errors_only() {
    let case = Case::new();
    assert_eq!(case.run(&["System.evtx", "nowhere", "-q"]).stderr, "");
    assert_ne!(case.run(&["nowhere", "-q"]).stderr, "");
}

#[test]
fn hostile_paths_are_shown_not_obeyed() {
    let ran = Case::new().run(&["System.evtx", "no\u{1b}[2J\u{202e}where"]);
    assert!(ran.stderr.contains(r"no\u{1b}[2J\u{202e}where"), "{}", ran.stderr);
    for text in [ran.stdout, ran.stderr] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}

#[test]
fn help_teaches_what_exists_and_nothing_else() {
    let help = Case::new().run(&["--help"]).stdout;
    for taught in [
        "Examples:",
        "wevtutil epl Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational host-RdpCoreTS.evtx",
        "Exit codes:",
        "130",
        "--fail-on",
    ] {
        assert!(help.contains(taught), "{taught}\n{help}");
    }
    // Every command that the help names answers to `--help`.
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = commands.take_while(|line| !line.is_empty()).filter_map(|line| {
        let name = line.strip_prefix("  ")?;
        (!name.starts_with(' ')).then(|| name.split(' ').next().unwrap().to_owned())
    });
    // `help` itself takes the name of a command.
    for name in names.filter(|name| name != "help").collect::<Vec<_>>() {
        assert_eq!(Case::new().run(&[&name, "--help"]).code, 0, "{name}");
    }
    // Every option in an example exists.
    for option in help.split_whitespace().filter(|word| word.starts_with("--")) {
        let option = option.trim_end_matches(|c: char| !c.is_ascii_lowercase());
        assert!(
            help.lines()
                .any(|line| line.trim_start().contains(&format!("{option} "))
                    || line.ends_with(option)),
            "{option}"
        );
    }
    assert!(Case::new().run(&["--version"]).stdout.starts_with("rdpwhy "));
}

#[test]
fn colors_only_where_wanted() {
    let case = Case::new();
    let colored = |args: &[&str]| case.run(args).stdout.contains('\u{1b}');
    assert!(!colored(&["System.evtx"]));
    assert!(!colored(&["System.evtx", "--color", "never"]));
    assert!(colored(&["System.evtx", "--color", "always"]));
    assert!(!colored(&["System.evtx", "--color", "always", "--format", "json"]));
    let forced = case.command().arg("System.evtx").env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(forced.stdout.contains(&0x1b));
    let refused = case
        .command()
        .arg("System.evtx")
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!refused.stdout.contains(&0x1b));
}

#[test]
fn output_files_appear_whole() {
    let case = Case::new();
    let args = ["System.evtx", "--format", "json", "-o", "report.json"];
    let ran = case.run(&args);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(case.path("report.json")).unwrap()).unwrap();
    assert_eq!(json["schema"], "rdpwhy.report/1");
    assert_eq!(case.run(&args).code, 0, "an old report is replaced");
    assert_eq!(names(case.folder.path()), ["System.evtx", "notes.txt", "report.json"]);
}

#[test]
fn evidence_is_never_overwritten() {
    let case = Case::new();
    for output in ["System.evtx", "./System.evtx", "."] {
        assert_eq!(case.run(&["System.evtx", "-o", output]).code, 2, "{output}");
    }
    assert_eq!(fs::read(case.path("System.evtx")).unwrap(), empty_log());
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_closed_pipe_is_a_normal_end() {
    use std::process::Stdio;

    let case = Case::new();
    for args in [
        &["System.evtx"][..],
        &["System.evtx", "--format", "json"],
        &["lookup", "0x904"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = bare_program()
            .current_dir(case.folder.path())
            .args(args)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{args:?}");
    }
}

/// The logs of a forged case.
fn fixture(name: &str) -> String {
    format!("{}/fixtures/{name}/logs", env!("CARGO_MANIFEST_DIR"))
}

/// A command over a forged case ends well, and its output has the texts in it.
fn check_case(args: &[&str], texts: &[&str]) {
    let ran = Case::new().run(args);
    assert_eq!(ran.code, 0, "{args:?}\n{}", ran.stderr);
    for text in texts {
        assert!(ran.stdout.contains(text), "{args:?}: {text}\n{}", ran.stdout);
    }
}

#[test]
fn attempts_are_rows() {
    let logs = fixture("wrong-password");
    check_case(&["attempts", &logs], &["started (UTC)", "wrong-password", "3 attempts"]);
    check_case(
        &["attempts", &logs, "--outcome", "failed", "--stage", "nla", "--user", "joe"],
        &["2026-03-07 08:00:03", "1 attempt of 3"],
    );
    check_case(&["attempts", &logs, "--client", "PC-06", "--limit", "1"], &["the first 1 shown"]);
    check_case(&["attempts", &logs, "--client", "nobody"], &["None of the 3 attempts"]);
    check_case(
        &["attempts", &logs, "--time-zone", "Europe/Berlin", "--format", "csv"],
        &["\"attempt\",\"started\"", "2026-03-07T09:00:03+01:00", "\"corp\\joe\""],
    );
    let ran = Case::new().run(&["attempts", &logs, "--format", "json", "--outcome", "failed"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&json["schema"], &json["total"]), (&"rdpwhy.attempts/1".into(), &1.into()));
    assert_eq!(json["attempts"][0]["causes"][0], "wrong-password");
    assert_eq!(json["attempts"][0]["records"][0]["joined_by"], "activity id");
    check(&["attempts", &logs, "--time-zone", "Atlantis"], 2, "is no time zone");
    check(&["attempts", &logs, "--since", "2026-03-05", "--until", "2026-03-04"], 2, "not before");
}

#[test]
fn a_timeline_surrounds_what_was_asked_for() {
    let logs = fixture("wrong-password");
    let around = ["--around", "2026-03-07T08:00:04Z", "--within", "1s"];
    let of = |args: &[&'static str]| [&["timeline", &logs][..], args].concat();
    check_case(&of(&around), &["Security 4625", "NLA refused"]);
    check_case(&of(&["--diagnosis", "wrong-password"]), &["Security 4625", "RdpCoreTS 131"]);
    let json = [&of(&["--diagnosis", "wrong-password", "--format", "json"])[..]].concat();
    let json: serde_json::Value = serde_json::from_str(&Case::new().run(&json).stdout).unwrap();
    let records = json["records"].as_array().unwrap();
    let refused = records.iter().find(|record| record["event_id"] == 4625).unwrap();
    assert_eq!(refused["fails"][0], "nla");
    assert!(refused["codes"].as_array().unwrap().iter().any(|code| code["field"] == "SubStatus"));
    check(&of(&["--attempt", "none"]), 2, "there is no attempt `none`");
    check(&of(&["--attempt", "a-"]), 2, "write more of the id");
    check(&of(&[]), 2, "--attempt");
}

#[test]
fn an_inventory_says_what_is_missing() {
    let logs = fixture("wrong-password");
    check_case(
        &["inventory", &logs],
        &["SRV06  host", "RdpCoreTS", "No logs of a client", "wevtutil sl", "wevtutil epl"],
    );
    let ran = Case::new().run(&["inventory", &logs, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["machines"][0]["roles"][0], "host");
    assert_eq!(json["absent"][0]["role"], "client");
}

#[test]
fn a_diff_says_what_a_repair_did_and_what_cannot_be_told() {
    let (broken, healthy) = (fixture("wrong-password"), fixture("healthy"));
    // Another host: nobody tried again where the password was wrong.
    check_case(&["diff", &broken, &healthy], &["wrong-password", "cannot tell", "nobody tried"]);
    check_case(
        &["diff", &broken, &broken],
        &["Nothing was tried since", "nothing was tried since"],
    );
    let case = Case::new();
    assert_eq!(case.run(&[&broken, "--format", "json", "-o", "before.json"]).code, 0);
    let ran = case.run(&["diff", "before.json", &broken, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["schema"], "rdpwhy.diff/1");
    assert_eq!(json["causes"][0]["fate"], "cannot-tell", "{json}");
    assert_eq!(json["tries"]["shared"], 3);

    // The same report as if a day later: the password was put right, and one more try failed.
    let text = fs::read_to_string(case.path("before.json")).unwrap();
    let mut after: serde_json::Value = serde_json::from_str(&text).unwrap();
    let later = text.replace("2026-03-07T", "2026-03-08T").replace("\"a-", "\"b-");
    after["diagnoses"] = serde_json::json!([]);
    let later: serde_json::Value = serde_json::from_str(&later).unwrap();
    for key in ["attempts", "machines"] {
        after[key] = later[key].clone();
    }
    fs::write(case.path("after.json"), after.to_string()).unwrap();
    let ran = case.run(&["diff", "before.json", "after.json"]);
    assert!(ran.stdout.contains("gone"), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 of 2 tries there since succeeded"), "{}", ran.stdout);
    // Without the log that proved it, silence proves nothing.
    after["machines"][0]["coverage"] = serde_json::json!([
        { "channel": "System", "last": "2026-03-08T09:00:00Z" }
    ]);
    fs::write(case.path("after.json"), after.to_string()).unwrap();
    let ran = case.run(&["diff", "before.json", "after.json"]);
    assert!(ran.stdout.contains("what proved it was not given"), "{}", ran.stdout);

    // Tries that were only counted are still tries: what goes on is not gone.
    let flood = |attempts: u64| {
        serde_json::json!([{
            "machine": "SRV06", "client_address": "203.0.113.9", "attempts": attempts, "records": 9,
            "first": "2026-03-07T00:00:00Z", "last": "2026-03-07T00:30:00Z"
        }])
    };
    let mut before: serde_json::Value = serde_json::from_str(&text).unwrap();
    before["floods"] = flood(1000);
    fs::write(case.path("before.json"), before.to_string()).unwrap();
    after["floods"] = flood(1600);
    fs::write(case.path("after.json"), after.to_string()).unwrap();
    let ran = case.run(&["diff", "before.json", "after.json", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["tries"]["before"]["counted"], 1000);
    assert_eq!(json["tries"]["after"]["counted"], 600, "the log still holds the first 1000");
    let groups = json["groups"].as_array().unwrap();
    let group = groups.iter().find(|group| group["client"] == "203.0.113.9").unwrap();
    assert_eq!(group["fate"], "unchanged", "{group}");

    fs::write(case.path("other.json"), "{\"schema\": \"other\"}").unwrap();
    let ran = case.run(&["diff", "before.json", "other.json"]);
    assert_eq!((ran.code, ran.stderr.contains("rdpwhy.report/1")), (3, true), "{}", ran.stderr);
}

#[test]
fn standard_input_and_special_files() {
    let run = |args: &[&str], input: Vec<u8>| {
        let case = Case::new();
        let output = case.command().args(args).write_stdin(input).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(&["-"], empty_log()), (0, String::new()));
    let (code, stderr) = run(&["-"], b"text".to_vec());
    assert!(
        code == 3 && stderr.contains("cannot use `-`\n  caused by: holds no event log"),
        "{stderr}"
    );
    let (code, stderr) = run(&["-", "--max-buffer", "1K"], empty_log());
    assert!(code == 3 && stderr.contains("raise --max-buffer"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_get_a_line_and_are_never_opened() {
    let case = Case::new();
    let pipe = case.path("pipe.evtx");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let ran = case.run(&[".", "/dev/zero"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for path in ["pipe.evtx", "/dev/zero"] {
        assert!(
            ran.stderr.contains(&format!("{path}: is a pipe, socket or device")),
            "{}",
            ran.stderr
        );
    }
}

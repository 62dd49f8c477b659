//! What a run reads is never written over, whatever path leads to it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::program::{bare_program, ended, program};

/// A folder with the logs of a case below `in`, and whatever a test adds to it.
struct Case(tempfile::TempDir);

impl Case {
    fn new() -> Self {
        let case = Self(tempfile::tempdir().unwrap());
        let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wrong-password/logs");
        fs::create_dir_all(case.path("in/logs")).unwrap();
        for log in fs::read_dir(logs).unwrap().map(Result::unwrap) {
            fs::copy(log.path(), case.path("in/logs").join(log.file_name())).unwrap();
        }
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command in the folder; its exit code and what it says on stderr.
    fn run(&self, args: &[&str]) -> (i32, String) {
        let ran = program().current_dir(self.0.path()).args(args).output().unwrap();
        let (code, _, stderr) = ended(ran);
        (code, stderr)
    }

    /// A command is refused and leaves the file as it was.
    fn check_spared(&self, file: &str, args: &[&str]) {
        let before = fs::read(self.path(file)).unwrap();
        let (code, stderr) = self.run(args);
        assert!(code == 2 && stderr.contains("would overwrite"), "{args:?}: {code} {stderr}");
        assert!(fs::read(self.path(file)).unwrap() == before, "{args:?} writes over {file}");
    }

    /// A command writes the file.
    fn check_written(&self, file: &str, args: &[&str]) {
        let (code, stderr) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {stderr}");
        assert!(fs::metadata(self.path(file)).unwrap().len() > 0, "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_first() {
    let case = Case::new();
    let log = "in/logs/System.evtx";
    std::os::unix::fs::symlink(log, case.path("l")).unwrap();
    for command in
        [&["in"][..], &["attempts", "in/logs"], &["inventory", "."], &["diff", ".", "in"]]
    {
        case.check_spared(log, &[command, &["-o", "l"]].concat());
    }
    case.check_spared(log, &["in/logs/Security.evtx", "-o", "l"]);
    fs::write(case.path("renamed"), fs::read(case.path(log)).unwrap()).unwrap();
    std::os::unix::fs::symlink("renamed", case.path("m")).unwrap();
    case.check_spared("renamed", &["renamed", "-o", "m"]);
    case.check_spared("renamed", &["m", "-o", "renamed"]);
}

#[test]
fn whatever_a_folder_gives_to_read_is_spared() {
    let case = Case::new();
    let log = fs::read(case.path("in/logs/System.evtx")).unwrap();
    fs::write(case.path("in/renamed.log"), &log).unwrap();
    fs::write(case.path("in/logs/cut.evtx"), "").unwrap();
    let export = "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System/>\
                  </Event>";
    fs::write(case.path("in/export.xml"), export).unwrap();
    let ports = "\nActive Connections\n\n  Proto  Local Address          Foreign Address        \
                 State           PID\n  TCP    0.0.0.0:135            0.0.0.0:0              \
                 LISTENING       1000\n  TCP    0.0.0.0:3389           0.0.0.0:0              \
                 LISTENING       1234\n  TCP    [::]:3389              [::]:0                 \
                 LISTENING       1234\n";
    fs::write(case.path("in/logs/netstat.txt"), ports).unwrap();
    fs::write(case.path("in/case.zip"), b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").unwrap();
    for file in [
        "in/renamed.log",
        "in/logs/cut.evtx",
        "in/export.xml",
        "in/logs/netstat.txt",
        "in/case.zip",
        "in/logs/Security.evtx",
    ] {
        case.check_spared(file, &["in", "-o", file]);
        case.check_spared(file, &["timeline", ".", "--around", "2026-03-07", "-o", file]);
    }
    // A new file is fine, and so is what no run reads, such as an earlier report.
    for format in ["json", "terminal"] {
        for file in ["in/report", "in/new.evtx"] {
            case.check_written(file, &["in", "--format", format, "-o", file]);
            fs::remove_file(case.path("in/new.evtx")).unwrap_or_default();
        }
    }
    for format in ["json", "csv", "table"] {
        for command in [&["attempts"][..], &["timeline", "--around", "2026-03-07T08:00:00"]] {
            let args = [command, &["in", "--format", format, "-o", "in/rows"]].concat();
            case.check_written("in/rows", &args);
            case.check_written("in/rows", &args);
        }
    }
}

#[test]
fn what_is_read_besides_logs_is_spared() {
    let case = Case::new();
    fs::write(case.path("passwords"), "secret\n").unwrap();
    case.check_spared(
        "passwords",
        &["in", "--password-file", "passwords", "-o", "in/../passwords"],
    );
    fs::create_dir_all(case.path("rules/causes/tls")).unwrap();
    let rule = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/causes/tls/certificate-expired");
    let rule = fs::read(rule.with_extension("yml")).unwrap();
    fs::write(case.path("rules/causes/tls/certificate-expired.yml"), rule).unwrap();
    case.check_spared(
        "rules/causes/tls/certificate-expired.yml",
        &["in", "--rules", "rules", "-o", "rules/causes/tls/certificate-expired.yml"],
    );
    fs::write(case.path("rules/notes.txt"), "x").unwrap();
    case.check_written("rules/notes.txt", &["in", "--rules", "rules", "-o", "rules/notes.txt"]);
}

#[test]
fn forging_writes_over_nothing_unasked() {
    let case = Case::new();
    let scenario = "events:\n  - { event: System/1057 }\n";
    fs::write(case.path("s.evtx"), scenario).unwrap();
    case.check_spared("s.evtx", &["forge", "s.evtx", "-o", "s.evtx"]);
    case.check_spared("s.evtx", &["forge", "s.evtx", "-o", "s.evtx", "--force"]);
    case.check_spared("in/logs/System.evtx", &["forge", "s.evtx", "-o", "in/logs"]);
    case.check_spared("in/logs/System.evtx", &["forge", "s.evtx", "-o", "in/logs/System.evtx"]);
    case.check_written("new/System.evtx", &["forge", "s.evtx", "-o", "new"]);
    case.check_spared("new/System.evtx", &["forge", "s.evtx", "-o", "new"]);
    case.check_written("new/System.evtx", &["forge", "s.evtx", "-o", "new", "--force"]);

    fs::write(case.path("empty.yml"), "events: []\n").unwrap();
    let (code, stderr) = case.run(&["forge", "empty.yml", "-o", "none"]);
    assert!(code == 1 && stderr.contains("lists no events"), "{code} {stderr}");
    assert!(!case.path("none").exists());
}

#[test]
fn standard_input_is_spared() {
    let case = Case::new();
    fs::copy(case.path("in/logs/System.evtx"), case.path("copy")).unwrap();
    let mut command = bare_program();
    let log = fs::File::open(case.path("copy")).unwrap();
    let command = command.current_dir(case.0.path()).args(["-", "-o", "copy"]).stdin(log);
    assert_eq!(command.output().unwrap().status.code(), Some(2));
    assert!(fs::read(case.path("copy")).unwrap().starts_with(b"ElfFile"));
}

#[test]
fn a_dash_is_standard_output() {
    let case = Case::new();
    for command in [&["in"][..], &["attempts", "in"], &["inventory", "in"]] {
        let (code, stderr) = case.run(&[command, &["-o", "-"]].concat());
        assert_eq!(code, 0, "{stderr}");
        assert!(!case.path("-").exists(), "{command:?}");
    }
}

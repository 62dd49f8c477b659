//! Command lines as people type them, and streams as they find them.

use std::process::{Command, Stdio};

use crate::support::program::{bare_program, ended};

/// The logs of a forged case.
const LOGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/wrong-password/logs");

fn command(args: &[&str]) -> Command {
    let mut command = bare_program();
    command.args(args);
    command
}

fn run(args: &[&str]) -> (i32, String, String) {
    ended(command(args).output().unwrap())
}

/// A command line ends so, and says that on one of the streams.
fn check(args: &[&str], code: i32, text: &str) {
    let ran = run(args);
    assert_eq!(ran.0, code, "{args:?}\n{}", ran.2);
    assert!(ran.1.contains(text) || ran.2.contains(text), "{args:?}: {text}\n{}{}", ran.1, ran.2);
}

#[test]
fn zones_west_of_greenwich() {
    for zone in [&["--time-zone", "-05:00"][..], &["--time-zone=-05:00"]] {
        let args = [&["attempts", LOGS][..], zone].concat();
        check(&args, 0, "2026-03-07 03:00:03");
        let args = [&["timeline", LOGS, "--around", "2026-03-07T08:00:04Z"][..], zone].concat();
        check(&args, 0, "03:00:04");
        check(&[&["inventory", LOGS][..], zone].concat(), 0, "(-05");
    }
    check(&["attempts", LOGS, "--time-zone", "-Atlantis"], 2, "is no time zone");
}

#[test]
fn a_command_behind_options_is_no_path() {
    for (args, command) in [
        (&["-q", "inventory", LOGS][..], "inventory"),
        (&["--format", "json", "attempts", LOGS], "attempts"),
        (&["--all", "atempts", LOGS], "attempts"),
        (&["-q", "help", "lookup"], "help"),
        (&["--color", "never", "lookup", "0x904"], "lookup"),
    ] {
        check(args, 2, &format!("the command is `rdpwhy {command}`, with its name first"));
    }
    // A path of that name is a path, and so is whatever stands behind another one.
    check(&[LOGS, "inventory"], 0, "inventory: does not exist");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("inventory")).unwrap();
    let mut there = command(&["-q", "inventory"]);
    assert_eq!(there.current_dir(folder.path()).output().unwrap().status.code(), Some(3));
}

#[test]
fn threads_beyond_all_measure_are_not_started() {
    check(&["-q", "--threads", "99999999", LOGS], 0, "wrong-password");
    check(&["-q", "--threads", "0", LOGS], 2, "--threads");
}

#[test]
fn whom_a_cause_could_concern_is_named_as_people_do() {
    let why_not = |scope| ["why-not", "wrong-password", LOGS, "--scope", scope];
    for scope in ["joe", r"CORP\joe", r"corp\JOE", "joe@corp.example", "joe on SRV06", "srv06"] {
        check(&why_not(scope), 0, "joe on SRV06   found: it is proven");
    }
    check(&why_not("nobody"), 2, "`nobody` is nothing that wrong-password could concern");
    check(&why_not("nobody"), 2, "hint: what it could concern is: joe on SRV06");
    check(&["why-not", "nonsense", LOGS], 2, "hint: `rdpwhy rules list` names");
}

#[test]
fn names_that_no_rule_has_are_no_names() {
    check(&["rules", "lint", "certificate-expire"], 0, "0 errors");
    check(&["rules", "lint", "certificate-expird"], 2, "did you mean `certificate-expired`?");
    check(&["rules", "lint", "certificate-expired", "nonsense"], 2, "`nonsense` in its path");
}

/// Commands are for copying and stay whole, and so do words that are longer than a line.
#[test]
fn pages_of_causes_keep_to_the_width() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/causes/tls");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| !file.to_str().unwrap().ends_with(".test.yml")) {
        let cause = file.file_stem().unwrap().to_str().unwrap();
        let (code, page, _) = run(&["explain", cause]);
        assert_eq!(code, 0, "{cause}");
        let is_long = |line: &&str| line.chars().count() > 100;
        for line in page.lines().filter(is_long).filter(|line| !line.starts_with("      ")) {
            assert_eq!(line.split_whitespace().count(), 1, "{cause}: {line}");
        }
    }
}

#[test]
fn a_timeline_says_what_is_beyond_its_bounds() {
    check(&["timeline", "--help"], 0, "however far away it is");
}

#[test]
fn input_that_was_lost_goes_before_what_was_found() {
    let found = ["-q", LOGS, "nowhere", "--fail-on", "possible"];
    assert_eq!(run(&found).0, 10);
    assert_eq!(run(&[&found[..], &["--strict"]].concat()).0, 4);
    for help in ["goes before this one", "goes before that of --fail-on"] {
        check(&["--help"], 0, help);
    }
}

#[test]
fn a_closed_pipe_is_a_normal_end_of_lists() {
    for args in [
        &["rules", "list"][..],
        &["rules", "list", "--format", "json"],
        &["rules", "list", "signals", "--format", "json"],
        &["rules", "lint", "--format", "json"],
        &["lookup", "0x904", "0x7", "--format", "json"],
        &["attempts", LOGS, "--format", "json"],
        &["rules", "--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_its_own() {
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    for args in [&["--help"][..], &["-h"], &["--version"], &["rules", "--help"]] {
        let output = command(args).stdout(full()).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?} {stderr}");
        assert!(stderr.starts_with("error: cannot write to stdout"), "{stderr}");
        let both = command(args).stdout(full()).stderr(full()).status().unwrap();
        assert_eq!(both.code(), Some(1), "{args:?}");
    }
    for args in [&["--nonsense"][..], &["lookup"], &[LOGS, "--since", "never"]] {
        let status = command(args).stdout(Stdio::null()).stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn help_and_errors_of_usage_are_colored_as_asked() {
    let colored = |args: &[&str]| {
        let output = command(args).env("CLICOLOR_FORCE", "1").output().unwrap();
        output.stdout.contains(&0x1b) || output.stderr.contains(&0x1b)
    };
    for args in [&["--help"][..], &["--nonsense"]] {
        assert!(colored(args), "{args:?}");
        assert!(!colored(&[&["--color", "never"], args].concat()), "{args:?}");
        assert!(!colored(&[args, &["--color=never"]].concat()), "{args:?}");
    }
    let (_, help, _) = run(&["--color", "always", "--help"]);
    assert!(help.contains('\u{1b}'));
}

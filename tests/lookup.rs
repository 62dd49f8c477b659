//! `lookup` through the library: what people and programs get to read.

use std::ffi::OsString;

use clap::{Args as _, FromArgMatches as _};
use rdpwhy::cli::lookup::{LookupArgs, LookupOutcome, run};

use crate::support::text::assert_in_order;

/// Runs `lookup` with command-line arguments; colors are stripped.
fn lookup(arguments: &[&str]) -> (String, LookupOutcome) {
    let mut out = Vec::new();
    let outcome = run(&parse(arguments).unwrap(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    (anstream::adapter::strip_str(&text).to_string(), outcome)
}

/// Reads arguments as clap does for the program.
fn parse(arguments: &[&str]) -> Result<LookupArgs, clap::Error> {
    let command = LookupArgs::augment_args(clap::Command::new("lookup"));
    let words = ["lookup"].iter().chain(arguments).map(OsString::from);
    LookupArgs::from_arg_matches(&command.try_get_matches_from(words)?)
}

#[test]
fn answers_say_what_is_known() {
    use LookupOutcome::{Known, Unknown};
    for (arguments, outcome, expected) in [
        (&["2308"][..], Known, &["2308 = 0x904", "disconnectReasonAtClientWinsockFDCLOSE"][..]),
        (&["0x80070040"], Known, &["64 (0x40)", "The HRESULT holds this Win32 error."]),
        (&["-2146893044"], Known, &["-2146893044 = 0x8009030C", "SEC_E_LOGON_DENIED"]),
        (&["80090304"], Known, &["read as hex, 0x80090304", "SEC_E_INTERNAL_ERROR"]),
        (&["%%2313"], Known, &["%%2313 (0x909)", "Security 4625: FailureReason"]),
        (&["0xB08"], Known, &["no published name  (unconfirmed)"]),
        (&["0x90"], Unknown, &["Not known in any of"]),
        (&["0x80090399"], Unknown, &["looks like  security packages and keys; see sspi"]),
        (&["STATUS_WRONG_PASWORD"], Unknown, &["similar     STATUS_WRONG_PASSWORD"]),
        (&["2308", "nonsense"], Unknown, &["0x904 (2308)", "nonsense\n  Not known"]),
        (&["0x807", "0x1"], Known, &["Pair 0x807 / 0x1\n", "Nothing is known of the two"]),
    ] {
        let (text, ended) = lookup(arguments);
        assert_eq!(ended, outcome, "{arguments:?}");
        for part in expected {
            assert!(text.contains(part), "{arguments:?}: `{part}` is missing in\n{text}");
        }
    }
}

#[test]
fn the_dialogs_two_numbers_are_read_as_a_pair_first() {
    let (text, outcome) = lookup(&["0x904", "0x7"]);
    assert_eq!(outcome, LookupOutcome::Known);
    // In this order: the verdict, what follows and what does not, causes, evidence, logs, and
    // only then each number by itself.
    let parts = [
        "Pair 0x904 / 0x7  a symptom, not a cause",
        "proves",
        "TCP reached a listener",
        "not proven",
        "0x807",
        "causes",
        "certificate-key-unreadable",
        "tell apart",
        "host: System",
        "collect",
        "client  Microsoft-Windows-TerminalServices-RDPClient/Operational",
        "0x904 = 2308",
        "0x7 = 7",
        "exDiscReasonServerDeniedConnection",
    ];
    assert_in_order(&text, &parts);
    let (slash, _) = lookup(&["2308/7"]);
    let (bare, _) = lookup(&["904", "7"]);
    for other in [slash, bare] {
        assert!(other.starts_with("Pair 0x904 / 0x7  a symptom"), "{other}");
    }
    // Two numbers that no dialog shows together are just two numbers.
    assert!(!lookup(&["0xC000006D", "0xC000006A"]).0.contains("Pair"));
}

#[test]
fn lines_fit() {
    for arguments in [&["0x904", "0x7"][..], &["0"], &["7"], &["0x80090304"], &["0x204/0"]] {
        for line in lookup(arguments).0.lines() {
            assert!(line.chars().count() <= 100, "{line}");
            assert_eq!(line.trim_end(), line, "{arguments:?}");
        }
    }
}

#[test]
fn json_is_typed_and_versioned() {
    let (text, _) = lookup(&["--format", "json", "0x904", "0x7"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["schema"], "rdpwhy.lookup/1");
    assert_eq!(json["pair"]["symptom"], true);
    assert_eq!(json["pair"]["stage"], "negotiate..nla");
    assert_eq!(json["pair"]["causes"][0]["id"], "certificate-key-unreadable");
    assert_eq!(json["pair"]["tell_apart"][0]["on"], "client");
    let hit = &json["codes"][0]["hits"][0];
    assert_eq!((&hit["space"], &hit["decimal"]), (&"mstsc-disconnect".into(), &2308.into()));
    assert_eq!((&hit["hex"], &hit["read"]), (&"0x904".into(), &"plain".into()));

    let (text, outcome) = lookup(&["--format", "json", "EFAIL"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(outcome, LookupOutcome::Unknown);
    assert!(json.get("pair").is_none());
    assert_eq!(json["codes"][0]["hits"], serde_json::json!([]));
    assert_eq!(json["codes"][0]["similar"][0], "E_FAIL");
}

#[test]
fn texts_that_are_no_codes_are_usage_errors() {
    for (arguments, part) in [
        (&[][..], "CODE"),
        (&["0xZZ"], "is no code"),
        (&["99999999999"], "too large"),
        (&["--format", "xml", "1"], "xml"),
    ] {
        let error = parse(arguments).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{arguments:?}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

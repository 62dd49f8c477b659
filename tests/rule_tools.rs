//! The tools of rule authors: schemas, pages, skeletons, lists, and what packagers need.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rdpwhy::handbook::{index, page};
use rdpwhy::rules::schema::{
    At, CauseDocument, Correlation, CorrelationCondition, DistinctDocument, EvidenceDocument,
    ItemDocument, LogSource, PlaybookDocument, Requires, ScopeKind, ShareDocument, SignalDocument,
    SignalsDocument, StepDocument, Target, WithoutDocument,
};
use rdpwhy::rules::{RuleText, rule_texts};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::built_in::RULES;
use crate::support::program::{ended, program};
use crate::support::schema;
use crate::support::text::assert_in_order;

/// Runs the program: exit code, stdout, stderr.
fn run(args: &[&str]) -> (i32, String, String) {
    ended(program().args(args).output().unwrap())
}

fn schema(kind: &str) -> Value {
    let (code, text, _) = run(&["rules", "schema", kind]);
    assert_eq!(code, 0);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_embedded_document_fits_its_schema() {
    let [cause, cases, signals, playbook] = ["cause", "cases", "signals", "playbook"].map(schema);
    let mut checked = 0;
    for text in rule_texts(None).unwrap() {
        let schema = match text.path.split('/').next().unwrap() {
            _ if text.path.ends_with(".test.yml") => &cases,
            "causes" => &cause,
            "signals" => &signals,
            "playbooks" => &playbook,
            _ => continue,
        };
        let value: Value = serde_saphyr::from_str(&text.text).unwrap();
        let wrong = schema::violations(schema, &value);
        assert!(wrong.is_empty(), "{}: {wrong:#?}", text.path);
        checked += 1;
    }
    assert!(checked > 100, "{checked}");
}

/// The words that `T` would have taken in place of one that nobody knows.
fn expected<T: DeserializeOwned>(text: &str) -> BTreeSet<String> {
    let error = RuleText::built_in("x.yml", text).read::<T>().err().unwrap();
    let (_, words) =
        error.message.split_once("expected one of ").unwrap_or_else(|| panic!("{error}"));
    words.split(", ").map(|word| word.trim_matches('`').to_owned()).collect()
}

#[test]
fn schemas_know_the_keys_that_rules_may_have() {
    fn check<T: DeserializeOwned>(schema: &Value, at: &str) {
        let described = schema.pointer(at).unwrap_or_else(|| panic!("{at}"));
        let described: BTreeSet<String> = match described {
            Value::Array(words) => {
                words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
            }
            keys => keys.as_object().unwrap().keys().cloned().collect(),
        };
        let text = if at.ends_with("enum") { "zzzzzzzzzz" } else { "zzzzzzzzzz: 1" };
        assert_eq!(described, expected::<T>(text), "{at}");
    }
    let cause = schema("cause");
    check::<CauseDocument>(&cause, "/properties");
    check::<EvidenceDocument>(&cause, "/$defs/evidence/properties");
    check::<Requires>(&cause, "/$defs/requires/properties");
    check::<ItemDocument>(&cause, "/$defs/item/properties");
    check::<WithoutDocument>(&cause, "/$defs/without/properties");
    check::<ShareDocument>(&cause, "/$defs/share/properties");
    check::<DistinctDocument>(&cause, "/$defs/distinct/properties");
    check::<At>(&cause, "/$defs/at/enum");
    check::<ScopeKind>(&cause, "/properties/scope/enum");
    let signals = schema("signals");
    check::<SignalsDocument>(&signals, "/properties");
    check::<LogSource>(&signals, "/$defs/logsource/properties");
    check::<SignalDocument>(&signals, "/$defs/signal/properties");
    check::<Correlation>(&signals, "/$defs/correlation/properties");
    check::<CorrelationCondition>(&signals, "/$defs/threshold/properties");
    let playbook = schema("playbook");
    check::<PlaybookDocument>(&playbook, "/properties");
    check::<StepDocument>(&playbook, "/$defs/step/properties");
    check::<Target>(&playbook, "/$defs/step/properties/target/enum");
}

#[test]
fn the_pages_of_causes_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/causes");
    let read = |name: &str| {
        fs::read_to_string(folder.join(name)).unwrap_or_default().replace("\r\n", "\n")
    };
    let mut names: BTreeSet<String> = BTreeSet::from(["index.md".to_owned()]);
    let fresh = "run `rdpwhy rules doc --out docs/causes`";
    assert!(read("index.md") == index(&RULES), "the index is old: {fresh}");
    for cause in &RULES.causes {
        let name = format!("{}.md", cause.id);
        assert!(read(&name) == page(&RULES, cause), "{name} is old: {fresh}");
        names.insert(name);
    }
    let there: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(there, names, "a page without its cause, or a cause without its page");
}

#[test]
fn a_cause_is_explained_with_what_not_to_do() {
    let (code, text, _) = run(&["explain", "certificate-key-unreadable"]);
    assert_eq!(code, 0);
    let parts = [
        "certificate-key-unreadable",
        "stage tls",
        "TLS needs the private key",
        "Proven by",
        "For it",
        "Against it",
        "Looks like",
        "certificate-expired",
        "Fix",
        "icacls",
        "undo",
        "Never",
        "renaming the MachineKeys folder",
        "Read more",
    ];
    assert_in_order(&text, &parts);
    assert!(!text.contains('\u{1b}'));
    let (code, _, error) = run(&["explain", "certificate-key-unreadible"]);
    assert_eq!(code, 2);
    assert!(error.contains("did you mean `certificate-key-unreadable`?"), "{error}");
}

#[test]
fn a_new_cause_passes_lint_and_its_cases() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("mine").display().to_string();
    let args = ["rules", "new", "cause", "shield-reset", "--stage", "negotiate", "--out", &out];
    let (code, listed, error) = run(&args);
    assert_eq!(code, 0, "{error}");
    assert_eq!(listed.lines().count(), 4);
    let (code, found, _) = run(&["rules", "lint", "--rules", &out, "shield-reset"]);
    assert!(code == 0 && found.contains("0 errors, 0 warnings"), "{found}");
    // The look-alike is one of the stage, or the one that was named.
    let named = |out: &str, id: &str| {
        let path = format!("{out}/causes/negotiate/{id}.yml");
        let cause: Value = serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let look_alikes = cause["not-to-be-confused-with"].as_object().unwrap();
        look_alikes.keys().next().unwrap().clone()
    };
    let usual = named(&out, "shield-reset");
    assert_eq!(RULES.cause(&usual).unwrap().stage.name(), "negotiate", "{usual}");
    let other = folder.path().join("other").display().to_string();
    let mut to = ["rules", "new", "cause", "x", "--stage", "negotiate", "--out", &other].to_vec();
    to.extend(["--looks-like", "network-drop"]);
    assert_eq!(run(&to).0, 0);
    assert_eq!(named(&other, "x"), "network-drop");
    to.splice(3..4, ["y"]);
    to.splice(9..10, ["no-such-cause"]);
    assert_eq!(run(&to).0, 2, "nobody can be taken for what is not there");
    let (code, tested, _) = run(&["rules", "test", "--rules", &out, "shield-reset"]);
    assert!(
        code == 0 && tested.contains("3 cases: 1 matched, 2 quiet, 0 missing, 0 noisy"),
        "{tested}"
    );
    assert_eq!(run(&args).0, 2, "what exists is not overwritten");
    assert_eq!(run(&["rules", "new", "cause", "Bad Id", "--out", &out]).0, 2);
    assert_eq!(run(&["rules", "new", "cause", "wrong-password", "--out", &out]).0, 2);
}

#[test]
fn lint_speaks_json_and_fails_on_errors() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("playbooks")).unwrap();
    let step = "title: T\nsteps: [{ do: x, target: host, command: 'Set-NetFirewallProfile -All -Enabled False', expected: y, risk: low, verify: z, undo: u }]\n";
    fs::write(folder.path().join("playbooks/open.yml"), format!("id: open\n{step}")).unwrap();
    let dir = folder.path().display().to_string();
    let (code, text, _) = run(&["rules", "lint", "--rules", &dir, "--format", "json"]);
    assert_eq!(code, 1);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["schema"], "rdpwhy.lint/1");
    let found = json["findings"].as_array().unwrap().iter().find(|found| found["level"] == "error");
    let found = found.unwrap();
    assert_eq!((&found["check"], &found["line"]), (&"silent-weakening".into(), &3.into()));
}

#[test]
fn rules_are_listed_and_shown() {
    let (_, text, _) = run(&["rules", "list"]);
    assert!(
        text.lines().any(|line| line.contains("certificate-expired") && line.contains("tls")),
        "{text}"
    );
    let (_, text, _) = run(&["rules", "list", "signals", "--format", "json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    let rules = json["rules"].as_array().unwrap();
    let accepted = rules.iter().find(|rule| rule["id"] == "connection-accepted").unwrap();
    assert_eq!(accepted["channel"], "RdpCoreTS");
    for (id, part) in [
        ("wrong-password", "title: A person typed a wrong password"),
        ("correct-password", "steps:"),
        ("ntstatus", "STATUS_WRONG_PASSWORD"),
        ("connection-accepted", "id: connection-accepted"),
    ] {
        let (code, text, _) = run(&["rules", "show", id]);
        assert!(code == 0 && text.contains(part), "{id}\n{text}");
    }
    let (_, text, _) = run(&["rules", "show", "connection-accepted"]);
    assert_eq!(text.matches("id: ").count(), 1, "one signal of its file\n{text}");
    assert_eq!(run(&["rules", "show", "no-such-rule"]).0, 2);
}

#[test]
fn packagers_get_completions_and_manual_pages() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, text, _) = run(&["completions", shell]);
        assert!(code == 0 && text.contains("lookup"), "{shell}");
    }
    assert!(run(&["man"]).1.contains(".TH rdpwhy"));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("man").display().to_string();
    assert_eq!(run(&["man", "--out", &out]).0, 0);
    for name in ["rdpwhy.1", "rdpwhy-lookup.1", "rdpwhy-rules-lint.1"] {
        assert!(folder.path().join("man").join(name).is_file(), "{name}");
    }
}

#[test]
fn the_script_collects_what_a_cause_looks_at() {
    let (_, all, _) = run(&["collect"]);
    let (_, one, _) = run(&["collect", "--for", "wrong-password", "--days", "2"]);
    for channel in ["'Security'", "'Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational'"]
    {
        assert!(all.contains(channel) && one.contains(channel), "{channel}");
    }
    assert!(one.contains("<= 172800000"), "{one}");
    assert!(all.lines().count() > one.lines().count());
    // Nothing in it changes the machine; the one file that it removes it has just written.
    let own = "Remove-Item -LiteralPath $part";
    assert_eq!((all.matches(own).count(), one.matches(own).count()), (1, 1));
    let rest = all.replace(own, "");
    for word in ["Set-", "Remove-", "Clear-", " cl ", " sl ", "Stop-", "Restart-", "reg "] {
        assert!(!rest.contains(word), "{word}");
    }
    assert_eq!(run(&["collect", "--for", "no-such-cause"]).0, 2);
}

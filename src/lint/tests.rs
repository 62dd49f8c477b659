//! A knowledge base without a fault, one text of it exchanged, and what is found then.

use super::Level::{Error, Note, Warning};
use super::{Finding, Level, lint};
use crate::rules::{RuleSet, RuleText};

const SIGNALS: &str = "\
logsource: { channel: System, provider: Schannel }
signals:
  - id: key-unusable
    title: the key could not be used
    detection:
      selection: { EventID: 36870, ErrorCode: 0x8009030D }
      condition: selection
  - id: tls-passed
    title: a handshake was completed
    detection:
      selection: { EventID: 36880 }
      condition: selection
";

const CAUSE: &str = "\
id: certificate-key-unreadable
title: The private key cannot be read
stage: tls
scope: machine
why: TLS needs the private key.
needs: [System]
evidence:
  requires: { any: [key-unusable] }
  supports:
    - { signal: key-unusable, weight: 16, because: the key failed }
  contradicts:
    - { signal: tls-passed, weight: -8, because: TLS worked }
not-to-be-confused-with:
  certificate-expired: 1058 is logged
playbook: [restore-rights]
references: [https://example.org/keys]
never:
  renaming the folder: it holds other keys
";

const NEIGHBOR: &str = "\
id: certificate-expired
title: The certificate has expired
stage: tls
scope: machine
why: Nobody renewed it.
needs: [System]
evidence:
  requires: { any: [tls-passed] }
  supports:
    - { signal: tls-passed, weight: 16, because: it stands for the neighbor }
not-to-be-confused-with:
  certificate-key-unreadable: the key failed
playbook: [restore-rights]
";

const PLAYBOOK: &str = "\
id: restore-rights
title: Give the service its rights back
steps:
  - do: Grant read to the service
    target: host
    command: icacls KEY /grant *S-1-5-20:(R)
    expected: the list shows the account
    risk: low
    verify: an attempt passes
    undo: icacls KEY /restore saved.acl
";

const CASES: &str = "\
fires:
  - name: the key fails
    events: [{ event: System/Schannel/36870, ErrorCode: 0x8009030D }]
silent:
  - name: the neighbor
    instead: certificate-expired
    events: [{ event: System/Schannel/36880 }]
  - name: without System
    events: [{ event: RdpCoreTS/131, ConnType: TCP }]
";

const NEIGHBOR_CASES: &str = "\
fires:
  - name: it has expired
    events: [{ event: System/Schannel/36880 }]
silent:
  - name: the neighbor
    instead: certificate-key-unreadable
    events: [{ event: System/Schannel/36870, ErrorCode: 0x8009030D }]
  - name: without the log
    events: [{ event: RdpCoreTS/131, ConnType: TCP }]
";

const FILES: [(&str, &str); 7] = [
    ("catalogue.yml", "causes: [{ id: dtls-failed }]"),
    ("signals/schannel.yml", SIGNALS),
    ("causes/tls/certificate-key-unreadable.yml", CAUSE),
    ("causes/tls/certificate-key-unreadable.test.yml", CASES),
    ("causes/tls/certificate-expired.yml", NEIGHBOR),
    ("causes/tls/certificate-expired.test.yml", NEIGHBOR_CASES),
    ("playbooks/restore-rights.yml", PLAYBOOK),
];

fn findings(texts: &[RuleText]) -> Vec<Finding> {
    let rules = RuleSet::from_documents(texts.iter().map(|text| (&*text.path, &*text.text)));
    lint(rules.as_ref().map_err(Clone::clone), texts)
}

/// What is found once `from` has become `to`: level, check and line (0 for a whole file).
fn check(from: &str, to: &str, expected: &[(Level, &str, u64)]) {
    let changed = FILES.map(|(path, text)| RuleText::built_in(path, &text.replacen(from, to, 1)));
    let touched = changed.iter().zip(FILES).filter(|(new, old)| new.text != old.1).count();
    assert_eq!(touched, usize::from(from != to), "`{from}` stands in one document");
    let found = findings(&changed);
    let line = |finding: &Finding| finding.place.map_or(0, |place| place.line);
    let seen: Vec<_> =
        found.iter().map(|finding| (finding.level, finding.check, line(finding))).collect();
    assert_eq!(seen, expected, "`{from}` -> `{to}`\n{found:#?}");
}

#[test]
fn a_good_knowledge_base_has_no_finding() {
    check("", "", &[]);
}

#[test]
fn causes() {
    let gate = "requires: { any: [key-unusable] }";
    check(gate, "requirse: {}", &[(Error, "unloadable", 8)]);
    check(gate, "requires: { any: [key-unusible] }", &[(Error, "unloadable", 8)]);
    let item = "16, because: the key failed";
    check(item, "9, because: the key failed", &[(Error, "unreachable", 8)]);
    check(item, "16", &[(Error, "unexplained-weight", 10)]);
    check(item, "16, group: key", &[(Error, "unexplained-weight", 10)]);
    let look_alike = "certificate-expired: 1058 is logged";
    check(look_alike, "certificate-expired: ' '", &[(Error, "unexplained-look-alike", 14)]);
    let without_rule =
        [(Warning, "one-sided-look-alike", 12), (Note, "look-alike-without-rule", 14)];
    check(look_alike, "dtls-failed: 138 is logged", &without_rule);
    check("https://example.org/keys", "the manual", &[(Warning, "reference", 16)]);
    check("it holds other keys", "' '", &[(Error, "never-without-reason", 18)]);
    let stage = "stage: tls\nscope: machine\nwhy: TLS";
    let benign = "stage: tls\nkind: benign\nscope: machine\nwhy: TLS";
    check(stage, benign, &[(Error, "uncatalogued", 3)]);
    let playbook = "playbook: [restore-rights]\nreferences";
    check(playbook, "references", &[(Error, "no-playbook", 1)]);
}

#[test]
fn channels() {
    let needs = "needs: [System]\nevidence:\n  requires: { any: [key";
    let other = "needs: [Security]\nevidence:\n  requires: { any: [key";
    let of_other = [
        (Error, "unneeded-channel", 6),
        (Warning, "unused-channel", 6),
        (Note, "unneeded-channel", 8),
    ];
    check(needs, other, &of_other);
    let spare = "needs: [System, Security]\nevidence:\n  requires: { any: [key";
    check(needs, spare, &[(Warning, "unused-channel", 6)]);
}

#[test]
fn steps() {
    check("verify: an attempt passes", "verify: ' '", &[(Error, "incomplete-step", 4)]);
    let undo = "undo: icacls KEY /restore saved.acl";
    check(undo, "undo: nothing to undo", &[(Warning, "no-way-back", 10)]);
    check("*S-1-5-20:(R)", "Everyone:(F)", &[(Error, "silent-weakening", 6)]);
    let says_so = "Everyone:(F)\n    temporary: true\n    security-impact: everybody reads the key";
    check("*S-1-5-20:(R)", says_so, &[]);
    check("*S-1-5-20:(R)", "*S-1-5-20:(R) & echo done", &[(Warning, "not-powershell", 6)]);
    check("*S-1-5-20:(R)", "*S-1-5-20:(R) > %TEMP%/a", &[(Warning, "not-powershell", 6)]);
    check("*S-1-5-20:(R)", "*S-1-5-20:(R); 1 | % { 5 % $_ }", &[]);
    let both = FILES.map(|(path, text)| RuleText::built_in(path, text));
    let spare = PLAYBOOK.replace("restore-rights", "spare");
    let spare = RuleText::built_in("playbooks/spare.yml", &spare);
    let found = findings(&[&both[..], &[spare]].concat());
    let seen: Vec<_> = found.iter().map(|finding| (finding.level, finding.check)).collect();
    assert_eq!(seen, [(Warning, "unused-playbook")]);
}

#[test]
fn signals() {
    let code = "ErrorCode: 0x8009030D }\n      condition: selection";
    let with = |test: &str| format!("{test} }}\n      condition: selection");
    check(code, &with("Message: x"), &[(Error, "rendered-text", 6)]);
    check(code, &with("Level: 2"), &[(Error, "rendered-text", 6)]);
    check(code, &with("File: System.evtx"), &[(Error, "file-name", 6)]);
    check(code, &with("Reason: The key is bad"), &[(Warning, "localized-text", 6)]);
    check(code, &with("Reason: désactivé"), &[(Warning, "localized-text", 6)]);
    check(code, &with("Reason: [TermService, The key is bad]"), &[]);
    let noted = format!("{}\n    note: English everywhere", with("Reason: The key is bad"));
    check(code, &noted, &[]);
    let spare = "  - { id: spare, title: s, detection: { s: { EventID: 1 }, condition: s } }\n  \
                 - id: tls-passed";
    check("  - id: tls-passed", spare, &[(Note, "unused-signal", 8)]);
}

#[test]
fn cases() {
    check("- name: the key fails", "- nmae: the key fails", &[(Error, "unloadable", 2)]);
    let neighbor = "    instead: certificate-expired\n";
    check(neighbor, "", &[(Warning, "no-neighbor-case", 0)]);
    let without = "name: without System\n    events: [{ event: RdpCoreTS/131, ConnType: TCP }]";
    let with = "name: without System\n    events: [{ event: System/Schannel/36880 }]";
    check(without, with, &[(Warning, "no-missing-log-case", 0)]);
    let unknown = "name: without System\n    events: [{ event: RdpCoreTZ/131 }]";
    check(without, unknown, &[(Error, "unloadable", 9)]);
    let stray = FILES.map(|(path, text)| match path {
        "causes/tls/certificate-key-unreadable.test.yml" => {
            RuleText::built_in("causes/tls/nothing.test.yml", text)
        }
        path => RuleText::built_in(path, text),
    });
    let seen: Vec<_> =
        findings(&stray).iter().map(|finding| (finding.file.to_string(), finding.check)).collect();
    assert_eq!(
        seen,
        [
            ("rules/causes/tls/certificate-key-unreadable.yml".to_owned(), "no-cases"),
            ("rules/causes/tls/nothing.test.yml".to_owned(), "no-cases"),
        ]
    );
}

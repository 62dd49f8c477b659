//! Mistakes that authors make, and what they are told.

mod evidence;
mod signals;

use proptest::prelude::*;

use super::{CAUSE, FILES, load};
use crate::rules::RuleSet;

/// Exchanges one text and checks how the mistake that this makes is shown.
fn check(from: &str, to: &str, expected: &str) {
    let shown = match load(from, to) {
        Ok(_) => "no error".to_owned(),
        Err(errors) => errors.render(),
    };
    let shown: Vec<&str> = shown.lines().map(str::trim).collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(shown, expected, "{to}");
}

/// Exchanges one text, which makes exactly this mistake.
fn only_mistake(from: &str, to: &str, file: &str, place: (u64, u64), message: &str) {
    let errors = load(from, to).expect_err(to).errors;
    let shown: Vec<_> = errors
        .iter()
        .map(|error| {
            let place = error.place.map(|place| (place.line, place.column));
            (&*error.file, place, error.message.as_str())
        })
        .collect();
    assert_eq!(shown, [(file, Some(place), message)], "{to}");
}

#[test]
fn mistakes_of_spelling_and_type() {
    check(
        "evidence:",
        "evidance:",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 7, column 1: unknown field `evidance`
         hint: did you mean `evidence`?",
    );
    check(
        "within: 1s",
        "withn: 1s",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 13, column 7: unknown field `withn`
         hint: did you mean `within`?",
    );
    check(
        "stage: tls",
        "stage: handshake",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 3, column 8: unknown value `handshake`, expected one of `resolve`, \
         `reach`, `negotiate`, `tls`, `nla`, `license`, `authorize`, `logon`, `session`, \
         `transport`",
    );
    check(
        "    - any: [tls-passed]\n      weight: 6\n",
        "    - { any: [tls-passed], weight: 6, because: none came, ever }\n",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 24, column 59: `ever` is read as a field: put text with a comma inside \
         braces in quotes",
    );
    check(
        "needs: [System]",
        "needs: System",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 6, column 8: expected a list",
    );
    check(
        "weight: 12",
        "weight: much",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 16, column 15: expected a whole number",
    );
    check(
        "why: TLS needs the private key.\n",
        "",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 31, column 1: field `why` is missing",
    );
    check(
        "stage: tls\n",
        "stage: tls\nstage: nla\n",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 4, column 1: field `stage` stands twice",
    );
    check(
        "    any: [key-unreadable]",
        "\tany: [key-unreadable]",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 9, column 1: a tab indents the line; indent with blanks",
    );
    check(
        "needs: [System]",
        "needs: [System",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 7, column 9: illegal placement of ':' indicator",
    );
}

#[test]
fn mistakes_of_names() {
    check(
        "any: [key-unreadable]",
        "any: [key-unreadble]",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 9, column 11: unknown signal `key-unreadble`
         hint: did you mean `key-unreadable`?",
    );
    check(
        "near: attempt-dropped-early",
        "near: attempt-droped-early",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 12, column 13: unknown signal `attempt-droped-early`
         hint: did you mean `attempt-dropped-early`?",
    );
    check(
        "playbook: [restore-rights]",
        "playbook: [restore-right]",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 30, column 12: unknown playbook `restore-right`
         hint: did you mean `restore-rights`?",
    );
    check(
        "early, socket-closed]",
        "early, socket-close]",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 27, column 35: unknown cause `socket-close`
         hint: did you mean `socket-closed`?",
    );
    check(
        "early, socket-closed]",
        "early, tls-passed]",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 27, column 35: `tls-passed` is a signal of records: a cause explains \
         attempts (`attempt-opened`, `attempt-failed`, `attempt-dropped-early`, \
         `attempt-succeeded`, `attempt-probe`, `attempt-turned-away`, `attempt-broke`) and other causes",
    );
    check(
        "  version-mismatch: its",
        "  versions-mismatch: its",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 29, column 3: unknown cause `versions-mismatch`
         hint: did you mean `version-mismatch`?",
    );
    check(
        "id: tls-passed",
        "id: key-unreadable",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 19, column 15: unknown signal `tls-passed`

         error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 24, column 13: unknown signal `tls-passed`

         error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 26, column 9: unknown signal `tls-passed`

         error: cannot load rule `rules/signals/schannel.yml`
           caused by: line 17, column 9: id `key-unreadable` is taken already by \
         `rules/signals/schannel.yml`, line 6",
    );
    check(
        "id: key-damaged",
        "id: key-damage",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 1, column 5: id `key-damage` differs from the name of the file
         hint: did you mean `key-damaged`?",
    );
    check(
        "id: tls-passed",
        "id: TLS passed",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 19, column 15: unknown signal `tls-passed`
         hint: did you mean `TLS passed`?

         error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 24, column 13: unknown signal `tls-passed`
         hint: did you mean `TLS passed`?

         error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 26, column 9: unknown signal `tls-passed`
         hint: did you mean `TLS passed`?

         error: cannot load rule `rules/signals/schannel.yml`
           caused by: line 17, column 9: `TLS passed` is no id: use lower-case letters, digits \
         and single hyphens",
    );
    check(
        "stage: tls\nscope",
        "stage: nla\nscope",
        "error: cannot load rule `rules/causes/tls/key-damaged.yml`
           caused by: line 1, column 5: stands in folder `tls` but its stage is `nla`",
    );
    check(
        "rules: [key-unreadable]",
        "rules: [key-unreadable-burst]",
        "error: cannot load rule `rules/signals/schannel.yml`
           caused by: line 31, column 15: `key-unreadable-burst` is a correlation, and \
         correlations count signals",
    );
    check(
        "signals:\n",
        "signals:\n  - id: attempt-failed\n    title: x\n    detection: {s: {EventID: 1}, \
         condition: s}\n",
        "error: cannot load rule `rules/signals/schannel.yml`
           caused by: line 6, column 9: id `attempt-failed` belongs to a signal that attempts \
         give by themselves",
    );
}

#[test]
fn mistakes_of_playbooks() {
    for (from, to, place, message) in [
        (
            "    temporary: true\n",
            "",
            (11, 5),
            "a step with `security-impact` must be `temporary: \
         true`",
        ),
        (
            "undo: switch it on again",
            "undo: nothing to undo",
            (11, 5),
            "a step that lowers security \
         or is temporary needs an `undo`",
        ),
        (
            "risk: low",
            "risk: tiny",
            (4, 5),
            "`risk` begins with one of `none`, `low`, `medium`, \
         `high`",
        ),
    ] {
        only_mistake(from, to, "rules/playbooks/restore-rights.yml", place, message);
    }
}

#[test]
fn unreadable_documents_do_not_make_their_names_unknown() {
    check(
        "logsource:",
        "logsourse:",
        "error: cannot load rule `rules/signals/schannel.yml`
           caused by: line 1, column 1: unknown field `logsourse`
         hint: did you mean `logsource`?",
    );
}

#[test]
fn misplaced_documents_are_named() {
    let errors = RuleSet::from_documents([("cause/tls/x.yml", "id: x")]).unwrap_err();
    insta::assert_snapshot!(errors.render(), @"
    error: cannot load rule `rules/cause/tls/x.yml`
      caused by: rules stand as `signals/<name>.yml`, `causes/<stage>/<id>.yml` or `playbooks/<id>.yml`
    ");
    for ignored in ["codes/x.yml", "events/x.yml", "causes/tls/x.test.yml"] {
        assert_eq!(RuleSet::from_documents([(ignored, "- [")]).unwrap().count, 0, "{ignored}");
    }
}

proptest! {
    #[test]
    fn damaged_documents_never_panic(
        file in 0..FILES.len(),
        start in 0..CAUSE.len(),
        length in 0..40usize,
        filling in r"[-a-z0-9:,|*\[\]{}&<' \n\t]{0,12}",
    ) {
        let (path, text) = FILES[file];
        let head: String = text.chars().take(start).collect();
        let tail: String = text.chars().skip(start + length).collect();
        let damaged = format!("{head}{filling}{tail}");
        let others = FILES.into_iter().filter(|(other, _)| *other != path);
        let documents: Vec<_> = others.chain([(path, damaged.as_str())]).collect();
        if let Err(errors) = RuleSet::from_documents(documents) {
            prop_assert!(!errors.errors.is_empty() && !errors.render().is_empty());
        }
    }
}

//! Mistakes that authors make, and what they are told.

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
fn mistakes_of_signals() {
    for (from, to, place, message) in [
        (
            "EventID: 36870\n",
            "EventId: many\n",
            (10, 18),
            "an event ID is a number from 0 to 65535",
        ),
        (
            "        EventID: 36870\n",
            "",
            (11, 18),
            "the condition can hold without pinning `EventID`: every way to fulfil it needs a \
             selection with `EventID: <number>`",
        ),
        ("Version|contains", "Version|contians", (23, 9), "unknown modifier `contians`"),
        (
            "Version|contains: TLS",
            "Version|re: '('",
            (23, 21),
            "`(` is no regular expression: \
         unclosed group",
        ),
        (
            "Version|contains: TLS",
            "Version|cidr: 10/99",
            (23, 23),
            "`10/99` is no network: write \
         `10.0.0.0/8` or `fd00::/8`",
        ),
        (
            "      condition: selection\n    attempt",
            "      condition: not\n    attempt",
            (12, 18),
            "the condition ends where a selection is expected",
        ),
        (
            "  provider: Schannel\n",
            "",
            (5, 9),
            "field `provider` is missing, both here and in the \
         file's `logsource`",
        ),
        (
            "product: windows",
            "product: linux",
            (2, 12),
            "`linux` is no product here: only `windows` \
         is",
        ),
        (
            "client-address: ClientIP",
            "client-address: Data",
            (16, 23),
            "`Data` alone names no field: \
         write `Data[1]` for the first unnamed value, or `EventData.Data` for a value of that name",
        ),
        (
            "client-address: ClientIP",
            "machine: Computer",
            (16, 16),
            "`machine` is bound by itself, to \
         the record's computer",
        ),
        (
            "attempt: ends\n",
            "attempt: ends\n    proves: nla\n",
            (6, 9),
            "an attempt that passed `nla` \
         cannot have died in `tls`",
        ),
        (
            "timespan: 1m",
            "timespan: 1y",
            (33, 17),
            "`1y` is no time span; write a number and a unit: \
         500ms, 1.5s, 2m, 12h, 3d",
        ),
        ("timespan: 1m", "timespan: 0s", (33, 17), "a time span must be longer than nothing"),
        (
            "type: value_count",
            "type: event_count",
            (27, 9),
            "`event_count` counts signals and takes \
         no `field`",
        ),
        ("gte: 5", "gte: 0", (27, 9), "`gte: 0` asks for nothing: ask for at least 1"),
        ("gte: 5", "gte: 5\n        lt: 5", (27, 9), "no count meets this `condition`"),
        ("        gte: 5\n", "", (27, 9), "`condition` needs a count, such as `gte: 10`"),
        (
            "type: value_count\n      rules: [key-unreadable]",
            "type: temporal\n      rules: [key-unreadable, tls-passed]",
            (27, 9),
            "a temporal correlation takes no `condition`: each signal must come",
        ),
        (
            "[client-address]",
            "[client-adress]",
            (32, 18),
            "unknown entity or alias `client-adress`",
        ),
        (
            "[client-address]\n",
            "[who]\n      aliases: { who: {} }\n",
            (27, 9),
            "alias `who` names no entity for `key-unreadable`",
        ),
    ] {
        only_mistake(from, to, "rules/signals/schannel.yml", place, message);
    }
}

#[test]
fn mistakes_of_evidence() {
    for (from, to, place, message) in [
        (
            "weight: 12",
            "weight: -12",
            (16, 15),
            "what speaks for a cause has a positive weight, not \
         -12",
        ),
        ("weight: -15", "weight: 15", (21, 15), "what contradicts has a negative weight, not 15"),
        ("weight: 12", "weight: 120", (16, 15), "weight 120 is beyond ±100 decibans"),
        (
            "      weight: 12\n",
            "",
            (15, 7),
            "field `weight` is missing: log-odds in decibans, 10 for \
         ten to one",
        ),
        (
            "scope: machine",
            "scope: machine\nprior: -1000",
            (1, 5),
            "prior -1000 is beyond ±100 \
         decibans",
        ),
        (
            "within: 1s",
            "within: soon",
            (13, 15),
            "`soon` is no time span; write a number and a unit: \
         500ms, 1.5s, 2m, 12h, 3d",
        ),
        ("      within: 1s\n", "", (12, 13), "`near` needs `within`: how near, such as `1s`"),
        (
            "      group: schannel\n",
            "      within: 1s\n",
            (17, 15),
            "`within` needs `near`, `after` \
         or `before`: within what",
        ),
        (
            "      group: schannel\n",
            "      any: [tls-passed]\n",
            (15, 7),
            "an item names its signals by exactly one of `signal`, `any` and `sequence`",
        ),
        (
            "    - signal: key-unreadable-burst\n",
            "    - sequence: [key-unreadable, tls-passed]\n",
            (15, 7),
            "`sequence` needs `within`: the time from its first to its last signal",
        ),
        (
            "      group: schannel\n",
            "      at-most: 0\n",
            (15, 7),
            "`at-most: 0` is absence: put the item under `absent`",
        ),
        (
            "      group: schannel\n",
            "      share: { of: attempt-failed, at-least: 80 }\n",
            (17, 14),
            "a share lies between 0 and 1",
        ),
        (
            "      group: schannel\n",
            "      without: { within: 1s }\n",
            (17, 16),
            "`without` names its signals by either `signal` or `any`",
        ),
        (
            "      weight: 6\n",
            "      weight: 6\n      at-least: 2\n",
            (24, 7),
            "what is absent has no number and no neighbor: only `at`, `after`, `before` and \
             `during` place it",
        ),
        (
            "any: [key-unreadable]",
            "any: [{ signal: key-unreadable, weight: 3 }]",
            (9, 45),
            "a condition holds or not: it has no `weight`",
        ),
        (
            "until:",
            "excludes: [{ signal: tls-passed }]\nuntil:",
            (26, 12),
            "field `because` is missing: why this rules the cause out",
        ),
        (
            "      weight: 12\n",
            "      weight: 12\n      instead: version-mismatch\n",
            (17, 16),
            "only what contradicts shows another cause `instead`",
        ),
        (
            "      weight: -15\n",
            "      weight: -9\n      instead: version-mismatch\n",
            (22, 16),
            "what shows another cause `instead` weighs -10 or less",
        ),
        (
            "      weight: -15\n",
            "      weight: -15\n      instead: socket-closed\n",
            (1, 5),
            "`socket-closed` is shown `instead`, and is not under `not-to-be-confused-with`",
        ),
        (
            "      group: schannel\n",
            "      at-least: 0\n",
            (15, 7),
            "`at-least: 0` holds always: ask \
         for at least 1",
        ),
    ] {
        only_mistake(from, to, "rules/causes/tls/key-damaged.yml", place, message);
    }
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

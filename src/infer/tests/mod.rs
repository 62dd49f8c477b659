//! What rules ask for, on signals drawn up by hand: what holds, what does not, and what cannot
//! be told.

mod drawn;

use super::*;
use crate::model::{Role, Span, Time};
use drawn::{ALL_LOGS, attempt, concluded, machines, rules, signal};

/// A cause of scope machine that requires `a`, with one item of weight 8.
fn check(item: &str, lines: &[&str], holds: bool) {
    let cause = format!(
        "scope: machine\nevidence:\n  requires: {{ any: [a] }}\n  supports:\n    - {{ {item}, \
         weight: 8 }}"
    );
    let expected = if holds { "SRV likely 8" } else { "SRV possible 0" };
    assert_eq!(concluded(&cause, lines, &ALL_LOGS), [expected], "{item} {lines:?}");
}

#[test]
fn sequences_keep_order_and_length() {
    let item = "sequence: [a, b, c], within: 10s";
    check(item, &["1 a SRV", "2 b SRV", "3 c SRV"], true);
    check(item, &["1 a SRV", "3 b SRV", "2 c SRV"], false);
    check(item, &["1 a SRV", "2 b SRV", "13 c SRV"], false);
    check(item, &["1 a SRV", "12 a SRV", "13 b SRV", "14 c SRV"], true);
    check(&format!("{item}, at-least: 2"), &["1 a SRV", "2 b SRV", "3 c SRV"], false);
    let twice = ["1 a SRV", "2 b SRV", "3 c SRV", "4 a SRV", "5 b SRV", "6 c SRV"];
    check(&format!("{item}, at-least: 2"), &twice, true);
    let split = ["1 a SRV #0", "2 b SRV #1", "3 c SRV #0"];
    check(item, &split, true);
    check(&format!("{item}, at: attempt"), &split, false);
    check(&format!("{item}, at: attempt"), &["1 a SRV #0", "2 b SRV #0", "3 c SRV #0"], true);
}

#[test]
fn counts_and_shares() {
    check("signal: a, at-most: 2", &["1 a SRV", "2 a SRV"], true);
    check("signal: a, at-most: 2", &["1 a SRV", "2 a SRV", "3 a SRV"], false);
    let item = "signal: b, near: a, within: 1s, share: { of: b, at-least: 0.5 }";
    check(item, &["1 a SRV", "1 b SRV", "9 b SRV"], true);
    check(item, &["1 a SRV", "1 b SRV", "8 b SRV", "9 b SRV"], false);
    // What came before the anchor is no part of the whole.
    let after =
        "signal: b, after: { first: a }, near: c, within: 1m, share: { of: b, at-least: 1 }";
    check(after, &["1 b SRV", "2 a SRV", "3 b SRV", "4 c SRV"], true);
}

#[test]
fn what_comes_by_the_clock() {
    let item = "signal: a, at-least: 5, evenly: 0.8";
    let steady = ["10 a SRV", "20 a SRV", "30 a SRV", "41 a SRV", "50 a SRV", "90 a SRV"];
    check(item, &steady, true);
    check(item, &steady[..4], false);
    let now_and_then = ["10 a SRV", "20 a SRV", "25 a SRV", "45 a SRV", "47 a SRV", "90 a SRV"];
    check(item, &now_and_then, false);
}

#[test]
fn what_must_be_missing_beside_a_signal() {
    let item = "signal: a, without: { signal: b, within: 5s }";
    check(item, &["10 a SRV"], true);
    check(item, &["10 a SRV", "12 b SRV"], false);
    check(item, &["10 a SRV", "8 b SRV"], true);
    check(item, &["10 a SRV", "16 b SRV"], true);
    check(item, &["10 a SRV", "12 b SRV", "50 a SRV"], true);
    check(
        "signal: a, without: { signal: b, within: 5s, where: near }",
        &["10 a SRV", "8 b SRV"],
        false,
    );
    check(
        "signal: a, without: { signal: b, within: 5s, where: before }",
        &["10 a SRV", "8 b SRV"],
        false,
    );
}

#[test]
fn what_came_latest_and_what_comes_next() {
    let slept = "signal: a, latest: { signal: b, not: [c] }";
    check(slept, &["1 b SRV", "900 a SRV"], true);
    check(slept, &["1 b SRV", "2 c SRV", "900 a SRV"], false);
    check(slept, &["1 b SRV", "2 c SRV", "3 b SRV", "900 a SRV"], true);
    check(slept, &["1 b SRV", "900 a SRV", "901 c SRV"], true);
    check(slept, &["1 b SRV", "2 c SRV", "900 a SRV", "901 b SRV"], false);
    check(slept, &["1 c SRV", "1 b SRV", "900 a SRV"], true);
    check("signal: a, latest: { signal: b, within: 5s }", &["1 b SRV", "9 a SRV"], false);
    check("signal: a, latest: { any: [b, c], within: 5s }", &["1 b SRV", "5 a SRV"], true);
    // One of the same kind is another, not itself.
    check("signal: a, latest: { signal: a }", &["1 a SRV"], false);
    check("signal: a, latest: { signal: a }", &["1 a SRV", "2 a SRV"], true);
    let woke = "signal: a, next: { signal: b, not: [c] }";
    check(woke, &["1 a SRV", "900 b SRV"], true);
    check(woke, &["1 a SRV", "2 c SRV", "900 b SRV"], false);
    check(woke, &["1 a SRV", "900 b SRV", "901 c SRV"], true);
    check(woke, &["1 b SRV", "2 a SRV"], false);
    let both = "signal: a, latest: { signal: b }, next: { signal: c }";
    check(both, &["1 b SRV", "2 a SRV", "3 c SRV"], true);
    check(both, &["1 b SRV", "2 a SRV"], false);
    let own = "signal: a, at: attempt, latest: { signal: b, at: attempt }";
    check(own, &["1 b SRV #0", "2 a SRV #0"], true);
    check(own, &["1 b SRV #1", "2 a SRV #0"], false);
}

#[test]
fn a_state_lasts_where_the_log_would_show_its_end() {
    let cause = |item: &str| {
        format!(
            "scope: machine\nevidence:\n  requires: {{ any: [a] }}\n  supports:\n    - {{ signal: \
             a, {item}, weight: 8 }}"
        )
    };
    let lines = ["10 b SRV", "50 a SRV"];
    let own = cause("latest: { signal: b, not: [b, c] }");
    let whole = ["SRV A 0 100", "SRV B 0 100"];
    assert_eq!(concluded(&own, &lines, &whole), ["SRV likely 8"], "C was never supplied");
    let late = ["SRV A 0 100", "SRV B 11 100"];
    let missing = |log: &str| {
        ["SRV possible 0".to_owned(), format!("without {log} it cannot be told whether: a")]
    };
    assert_eq!(concluded(&own, &lines, &late), missing("B at that time"), "B has rolled over");
    let other = cause("latest: { signal: b, not: [c] }");
    assert_eq!(concluded(&other, &lines, &late), ["SRV likely 8"], "C has nothing to say");
    let nothing = ["50 a SRV"];
    assert_eq!(concluded(&own, &nothing, &["SRV A 0 100"]), missing("B"), "B was not supplied");
}

#[test]
fn absence_needs_the_log_that_would_hold_it() {
    let cause = |item: &str| {
        format!(
            "scope: machine\nevidence:\n  requires: {{ any: [a] }}\n  supports:\n    - {{ signal: \
             a, {item}, weight: 8 }}"
        )
    };
    let missing = |log: &str| {
        vec!["SRV possible 0".to_owned(), format!("without {log} it cannot be told whether: a")]
    };
    let without = cause("without: { signal: b, within: 5s }");
    let lines = ["10 a SRV"];
    assert_eq!(concluded(&without, &lines, &["SRV A 0 100"]), missing("B"), "not supplied");
    let late = ["SRV A 0 100", "SRV B 11 100"];
    assert_eq!(concluded(&without, &lines, &late), missing("B at that time"), "rolled over");
    let early = ["SRV A 0 12", "SRV B 0 12"];
    assert_eq!(concluded(&without, &lines, &early), missing("B at that time"), "ends too soon");
    let whole = ["SRV A 0 100", "SRV B 0 9"];
    assert_eq!(concluded(&without, &lines, &whole), ["SRV likely 8"], "a quiet log");
    let few = cause("at-most: 2");
    assert_eq!(
        concluded(&few, &lines, &["SRV A 11 100"]),
        missing("A at that time"),
        "an upper bound"
    );
}

#[test]
fn a_look_alike_that_a_missing_log_could_show_leaves_nothing_proven() {
    let cause = |item: &str| {
        format!(
            "scope: machine\nevidence:\n  requires: {{ any: [a] }}\n  confirms:\n    - {{ signal: \
             a }}\n  contradicts:\n    - {{ {item}, weight: -10, instead: twin }}\n\
             not-to-be-confused-with: {{ twin: it is another }}"
        )
    };
    let check = |item: &str, lines: &[&str], missing: &[&str], expected: &str| {
        let logs = ALL_LOGS.into_iter().filter(|log| !missing.contains(log));
        let told = concluded(&cause(item), lines, &logs.collect::<Vec<_>>());
        assert_eq!(told.first().map(String::as_str), Some(expected), "{item} {missing:?}");
    };
    let own = "signal: b, near: a, within: 5s";
    check(own, &["10 a SRV"], &[], "SRV confirmed 20");
    check(own, &["10 a SRV"], &["SRV B 0 1000"], "SRV likely 20");
    check(own, &["10 a SRV", "12 b SRV"], &["SRV B 0 1000"], "SRV likely 10");
    // A log that was supplied and does not reach so far is as good as missing.
    check(own, &["1010 a SRV"], &[], "SRV likely 20");
    // Where its neighbor is missing it could not stand anyway.
    let beside = "signal: b, near: c, within: 5s";
    check(beside, &["10 a SRV"], &["SRV B 0 1000"], "SRV confirmed 20");
    // What the look-alike could not cause tells from it without its log.
    let told = "  supports:\n    - { signal: c, weight: 5, tells-from: twin }\n  contradicts";
    let told = cause(own).replace("  contradicts", told);
    let logs: Vec<&str> = ALL_LOGS.into_iter().filter(|log| *log != "SRV B 0 1000").collect();
    for (lines, expected) in
        [(&["10 a SRV"][..], "SRV likely 20"), (&["10 a SRV", "9 c SRV"], "SRV confirmed 25")]
    {
        let concluded = concluded(&told, lines, &logs);
        assert_eq!(concluded.first().map(String::as_str), Some(expected), "{lines:?}");
    }
    let client = "signal: b, at: client, near: a, within: 5s";
    check(client, &["10 a SRV"], &[], "SRV confirmed 20");
    check(client, &["10 a SRV"], &["PC B 0 1000"], "SRV likely 20");
    check(client, &["10 a SRV"], &["SRV B 0 1000"], "SRV confirmed 20");
}

#[test]
fn gates_and_exclusions() {
    let gate = |requires: &str, rest: &str| {
        format!(
            "scope: machine\n{rest}\nevidence:\n  requires: {{ {requires} }}\n  supports: [{{ \
             signal: a, weight: 8 }}]"
        )
    };
    let found = vec!["SRV likely 8".to_owned()];
    let none: Vec<String> = Vec::new();
    let check = |requires: &str, rest: &str, lines: &[&str], expected: &Vec<String>| {
        assert_eq!(&concluded(&gate(requires, rest), lines, &ALL_LOGS), expected, "{requires}");
    };
    check("any: [a], all: [b]", "", &["1 a SRV", "2 b SRV"], &found);
    check("any: [a], all: [b]", "", &["1 a SRV"], &none);
    check("any: [a], none: [b]", "", &["1 a SRV"], &found);
    check("any: [a], none: [b]", "", &["1 a SRV", "2 b SRV"], &none);
    let placed = "any: [{ signal: a, near: c, within: 1s }]";
    check(placed, "", &["1 a SRV", "2 c SRV"], &found);
    check(placed, "", &["1 a SRV", "9 c SRV"], &none);
    let excludes = "excludes: [{ signal: b, after: { first: a }, because: it went on }]";
    check("any: [a]", excludes, &["3 a SRV", "2 b SRV"], &found);
    check("any: [a]", excludes, &["3 a SRV", "4 b SRV"], &none);
}

#[test]
fn items_look_at_other_machines() {
    let item = "signal: b, at: client, near: a, within: 1s";
    check(item, &["10 a SRV", "10 b PC"], true);
    check(item, &["10 a SRV", "15 b PC"], false);
    check(item, &["10 a SRV", "10 b SRV"], false);
    check(item, &["10 a SRV", "10 b OTHER"], false);
    check(item, &["10 a SRV", "10 b PC >elsewhere"], false);
    check(item, &["10 a SRV", "10 b PC >srv.corp.example"], true);
    check("signal: b, at: fleet", &["10 a SRV", "15 b OTHER"], true);
    check("signal: b, at: peers", &["10 a SRV", "15 b OTHER"], false);
    check("signal: a, at: attempt, near: b, within: 1m", &["10 a SRV #0", "11 b SRV #1"], false);
    check("signal: a, at: attempt, near: b, within: 1m", &["10 a SRV #0", "11 b SRV #0"], true);
}

/// Two items that say the same of the same signal are one.
#[test]
fn twins_count_once() {
    let twice = |because: [&str; 2]| {
        let item = |place: &str, because| {
            format!("    - {{ signal: a, {place}weight: 8, because: {because} }}\n")
        };
        let [own, machine] = because;
        let items = item("", own) + &item("at: machine, ", machine);
        format!("scope: machine\nevidence:\n  requires: {{ any: [a] }}\n  supports:\n{items}")
    };
    assert_eq!(concluded(&twice(["x", "x"]), &["1 a SRV"], &ALL_LOGS), ["SRV likely 8"]);
    let heavier = twice(["x", "x"]).replace("at: machine, weight: 8", "at: machine, weight: 9");
    assert_eq!(concluded(&heavier, &["1 a SRV"], &ALL_LOGS), ["SRV likely 9"]);
    let grouped = heavier.replace("because", "group: g, because");
    assert_eq!(concluded(&grouped, &["1 a SRV"], &ALL_LOGS), ["SRV likely 9"]);
    assert_eq!(concluded(&twice(["x", "y"]), &["1 a SRV"], &ALL_LOGS), ["SRV likely 16"]);
}

#[test]
fn machines_that_were_not_supplied_are_not_silent() {
    let cause = "scope: machine\nevidence:\n  requires: { any: [a] }\n  supports: [{ signal: b, at: \
                 gateway, weight: 8 }]";
    let told = concluded(cause, &["10 a SRV", "15 b PC"], &ALL_LOGS);
    assert_eq!(told, ["SRV possible 0", "without B of the gateway it cannot be told whether: b"]);
}

#[test]
fn conclusions_concern_their_scope_alone() {
    let cause = |scope: &str| {
        format!(
            "scope: {scope}\nevidence:\n  requires: {{ all: [a, b] }}\n  confirms: [{{ signal: b }}]"
        )
    };
    let check = |scope: &str, lines: &[&str], expected: &[&str]| {
        assert_eq!(concluded(&cause(scope), lines, &ALL_LOGS), expected, "{scope} {lines:?}");
    };
    check("machine", &["1 a SRV", "2 b OTHER"], &[]);
    check("fleet", &["1 a SRV", "2 b OTHER"], &["all machines confirmed 20"]);
    check("pair", &["1 a SRV @10.0.0.5", "2 b PC >srv.corp"], &["PC to SRV confirmed 20"]);
    check("pair", &["1 a SRV @10.0.0.6", "2 b PC >srv.corp"], &[]);
    check("attempt", &["1 a SRV #0", "2 b SRV #1"], &[]);
    let twice = ["1 a SRV #0", "2 b SRV #0", "1 a SRV #1", "2 b SRV #1"];
    check("attempt", &twice, &["PC to SRV confirmed 20"]);
    check("account", &["1 a SRV ann", "2 b SRV joe"], &[]);
}

#[test]
fn correlations_come_together() {
    let cause = |signal: &str| {
        format!(
            "scope: machine\nevidence:\n  requires: {{ any: [{signal}] }}\n  confirms: [{{ signal: \
             {signal} }}]"
        )
    };
    let check = |signal: &str, lines: &[&str], holds: bool| {
        let told = concluded(&cause(signal), lines, &ALL_LOGS);
        assert_eq!(!told.is_empty(), holds, "{signal} {lines:?}");
    };
    check("a-then-b", &["1 a SRV joe", "2 b SRV joe"], true);
    check("a-then-b", &["1 b SRV joe", "2 a SRV joe"], false);
    check("a-then-b", &["1 a SRV joe", "12 b SRV joe"], false);
    check("a-then-b", &["1 a SRV joe", "9 a SRV joe", "12 b SRV joe"], true);
    check("a-then-b", &["1 a SRV joe", "2 b SRV ann"], false);
    check("a-with-b", &["2 b SRV", "3 a SRV"], true);
    check("a-with-b", &["2 b SRV", "3 a OTHER"], false);
    check("few-a", &["1 a SRV", "2 a SRV"], true);
    check("few-a", &["1 a SRV", "2 a SRV", "3 a SRV"], false);
    check("same-server", &["1 c PC >srv.corp.example", "2 d SRV"], true);
    check("same-server", &["1 c PC >elsewhere", "2 d SRV"], false);
}

#[test]
fn repeats_add_nothing() {
    let many: Vec<String> = (0..500).map(|second| format!("{second} a SRV")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for lines in [&["1 a SRV"][..], &many] {
        check("signal: a", lines, true);
    }
    let grouped = "scope: machine\nevidence:\n  requires: { any: [a] }\n  supports:\n    - { \
                   signal: a, group: g, weight: 8 }\n    - { signal: b, group: g, weight: 7 }";
    assert_eq!(concluded(grouped, &["1 a SRV", "2 b SRV"], &ALL_LOGS), ["SRV likely 8"]);
}

#[test]
fn spells_are_judged_by_themselves() {
    let cause = "scope: machine\nuntil: [c]\nevidence:\n  requires: { any: [a] }\n  confirms: [{ \
                 signal: b, near: a, within: 5s }]\n  contradicts: [{ signal: d, during: a, weight: \
                 -30 }]";
    let check = |lines: &[&str], expected: &[&str]| {
        assert_eq!(concluded(cause, lines, &ALL_LOGS), expected, "{lines:?}");
    };
    let none: [&str; 0] = [];
    // Mended after the first, and well in between.
    let mended = ["10 a SRV", "12 b SRV", "20 c SRV", "30 d SRV", "5000 a SRV", "5002 b SRV"];
    check(&mended, &["SRV confirmed 20", "2 spells"]);
    // What works between two signs of a fault that nobody mended speaks against it.
    let unmended = ["10 a SRV", "12 b SRV", "30 d SRV", "5000 a SRV", "5002 b SRV"];
    check(&unmended, &none);
    // A repair that did not last an hour was none.
    let soon = ["10 a SRV", "12 b SRV", "20 c SRV", "30 d SRV", "3000 a SRV", "3002 b SRV"];
    check(&soon, &none);
    // A success counts as recovery only where the pause is longer than a weekend.
    let week = ["10 a SRV", "12 b SRV", "30 d SRV", "40 attempt-succeeded SRV", "600000 a SRV"];
    check(&week, &["SRV confirmed 20", "2 spells"]);
    let both = [&week[..], &["600002 b SRV"]].concat();
    check(&both, &["SRV confirmed 20", "2 spells"]);
    let day = ["10 a SRV", "12 b SRV", "30 d SRV", "40 attempt-succeeded SRV", "90000 a SRV"];
    check(&day, &none);
}

#[test]
fn a_slow_attack_is_seen_as_a_whole() {
    let cause = "scope: machine\nkind: attack\nuntil: [c]\nevidence:\n  requires: { any: [a] }\n  \
                 confirms: [{ signal: a, at-least: 3 }]";
    let lines = ["10 a SRV", "20 c SRV", "5000 a SRV", "5010 c SRV", "9000 a SRV"];
    assert_eq!(concluded(cause, &lines, &ALL_LOGS), ["SRV confirmed 20"]);
}

#[test]
fn evidence_names_the_logs_that_it_rests_on_and_those_that_it_lacks() {
    let rules = rules(
        "scope: machine\nevidence:\n  requires: { any: [a] }\n  supports:\n    - { signal: a, \
         weight: 3, group: g }\n    - { signal: b, weight: 9 }\n    - { signal: b, at: client, weight: \
         4 }\n  absent:\n    - { signal: c, weight: 2 }",
    );
    let facts = Facts {
        machines: machines(&["SRV A 0 100", "SRV C 0 100"]),
        signals: ["10 a SRV #0", "20 a SRV", "0 attempt-opened SRV #0"].map(signal).into(),
        ..Facts::default()
    };
    let (_, inference) = infer(&rules, facts, &[attempt(0)]);
    let [found] = &inference.candidates[..] else { panic!("{:?}", inference.candidates) };
    assert_eq!((found.prior, found.score), (0, 5));
    let of = |role: Role| found.evidence.iter().filter(move |item| item.role == role);
    let absent = of(Role::Absent).next().unwrap();
    let told = &absent.covered[0];
    let span = (Time(0) + Span::seconds(10), Time(0) + Span::seconds(20));
    assert_eq!((&*told.machine, &*told.channel), ("SRV", "C"));
    assert_eq!((told.from, told.to), span);
    let open: Vec<String> = of(Role::Untestable)
        .map(|item| {
            let ([told], [log]) = (&item.would_tell[..], &item.collect[..]) else {
                panic!("{item:?}")
            };
            format!("{:+}: {} of {}, {}", told.weight, log.channel, log.machine, item.statement)
        })
        .collect();
    assert_eq!(
        open,
        [
            "+9: B of SRV, without B it cannot be told whether: b",
            "+4: B of PC, without B of the client it cannot be told whether: b"
        ]
    );
    assert!(found.because.starts_with("the sum 5 is less than 6"), "{}", found.because);
    assert!(found.because.contains("(needs B)"), "{}", found.because);
    assert_eq!(found.gate.len(), 1);
}

/// A machine logs too much to look at all of it for each of its accounts, unless an item asks
/// for a number or a time.
#[test]
fn what_is_frequent_elsewhere_is_looked_at_only_so_far() {
    let statement = |item: &str| {
        let cause = format!(
            "scope: account\nevidence:\n  requires: {{ any: [a] }}\n  supports: [{{ signal: c, {item} \
             weight: 8 }}]"
        );
        let mut facts = Facts { machines: machines(&ALL_LOGS), ..Facts::default() };
        facts.signals = (0..300).map(|second| signal(&format!("{second} c SRV"))).collect();
        facts.signals.push(signal("300 a SRV joe"));
        let (_, inference) = infer(&rules(&cause), facts, &[]);
        inference.candidates[0].evidence.first().map(|item| item.statement.clone())
    };
    assert_eq!(statement("at: machine,").unwrap(), "c ×200 or more");
    assert_eq!(statement("at: machine, at-least: 250,").unwrap(), "c ×300");
    assert_eq!(statement("at: machine, near: a, within: 9s,").unwrap(), "c ×9");
    assert_eq!(statement("at: machine, before: { last: a }, within: 20s,").unwrap(), "c ×20");
    assert_eq!(statement("at: machine, at-least: 301,"), None);
    assert_eq!(statement(""), None, "what names nobody is no account's own");
}

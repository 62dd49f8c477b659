//! Conclusions drawn up by hand: which fold, which cannot be told apart, and what would tell.

use super::*;
use crate::model::{Collect, Evidence, Hidden, Role, Stage, Text, Time, WouldTell};

/// A fault `a: 5 joe 0 1`: cause, score, user on SRV, attempts; `likely` from 6 on.
fn candidate(line: &str) -> Candidate {
    let mut words = line.split_whitespace();
    let mut next = || words.next().unwrap();
    let cause: Text = next().trim_end_matches(':').into();
    let (score, user): (i32, &str) = (next().parse().unwrap(), next());
    let scope = match user {
        "-" => Scope::Machine("SRV".into()),
        user => Scope::Account { machine: "SRV".into(), user: user.into() },
    };
    Candidate {
        cause,
        kind: Kind::Fault,
        stage: Stage::Tls,
        scope,
        confidence: match score {
            20.. => Confidence::Confirmed,
            6.. => Confidence::Likely,
            _ => Confidence::Possible,
        },
        score,
        prior: 0,
        gate: Vec::new(),
        because: String::new(),
        hidden: Vec::new(),
        evidence: Vec::new(),
        attempts: words.map(|word| word.parse().unwrap()).collect(),
        users: if user == "-" { Vec::new() } else { vec![user.into()] },
        clients: Vec::new(),
        explains: Vec::new(),
        first: Time(0),
        last: Time(0),
        episodes: Vec::new(),
    }
}

/// What a log that is missing would tell.
fn open(question: &str, weight: i32, channel: &str) -> Evidence {
    Evidence {
        would_tell: vec![WouldTell { role: Role::Supporting, question: question.into(), weight }],
        collect: vec![Collect {
            machine: "SRV".into(),
            channel: channel.into(),
            command: format!("export {channel}"),
        }],
        ..Evidence::new(Role::Untestable, 0, String::new(), Vec::new())
    }
}

fn rules() -> RuleSet {
    let signals = "logsource: { channel: A, provider: P }\nsignals:\n  - { id: s, title: s, \
                   detection: { s: { EventID: 1 }, condition: s } }\n";
    let cause = |id: &str, rest: &str| {
        format!(
            "id: {id}\ntitle: {id}\nstage: tls\nscope: machine\nwhy: x\nneeds: [A]\nplaybook: \
             []\nevidence: {{ requires: {{ any: [s] }}, supports: [{{ signal: s, weight: 1 }}] }}\n{rest}"
        )
    };
    let a = cause("a", "not-to-be-confused-with: { b: the color }\n");
    let (b, c) = (cause("b", ""), cause("c", ""));
    let documents = [
        ("signals/s.yml", signals),
        ("causes/tls/a.yml", a.as_str()),
        ("causes/tls/b.yml", b.as_str()),
        ("causes/tls/c.yml", c.as_str()),
    ];
    RuleSet::from_documents(documents).unwrap_or_else(|errors| panic!("{}", errors.render()))
}

/// The conclusions in order, each with what it cannot be told from.
fn check(candidates: Vec<Candidate>, expected: &[&str]) {
    let found = rank(candidates, &rules());
    let told: Vec<String> = found
        .iter()
        .map(|found| {
            let others: Vec<&str> = found.separate_from.iter().map(|other| &*other.cause).collect();
            format!("{} {}|{}", found.candidate.cause, found.candidate.scope, others.join(" "))
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn close_causes_of_the_same_attempts_cannot_be_told_apart() {
    let of = |lines: &[&str]| lines.iter().map(|line| candidate(line)).collect::<Vec<_>>();
    check(of(&["a: 5 - 0 1", "b: 3 - 0 1"]), &["a SRV|b", "b SRV|a"]);
    check(of(&["a: 6 - 0 1", "b: 3 - 0 1"]), &["a SRV|b", "b SRV|a"]);
    check(of(&["a: 5 - 0 1", "b: 1 - 0 1"]), &["a SRV|", "b SRV|"]);
    check(of(&["a: 5 - 0 1", "b: 5 - 2 3"]), &["a SRV|", "b SRV|"]);
    // One attempt of four in common is no reason to doubt the others.
    check(of(&["a: 5 - 0 1 2 3", "b: 5 - 3 4 5 6"]), &["a SRV|", "b SRV|"]);
    // A surer one settles it, and two that are proven are two faults.
    check(of(&["a: 5 - 0 1", "b: 3 - 0 1", "c: 25 - 0 1"]), &["c SRV|", "a SRV|", "b SRV|"]);
    check(of(&["a: 25 - 0 1", "b: 24 - 0 1"]), &["a SRV|", "b SRV|"]);
}

#[test]
fn the_log_that_would_tell_is_named() {
    let (mut a, mut b) = (candidate("a: 5 - 0"), candidate("b: 4 - 0"));
    a.evidence = vec![open("it is red", 12, "Paint"), open("it is old", 9, "Age")];
    b.evidence = vec![open("it is old", 9, "Age"), open("it is blue", 3, "Paint/Admin")];
    let found = rank(vec![a, b], &rules());
    let [first, second] = &found[..] else { panic!("{found:?}") };
    let other = &first.separate_from[0];
    assert_eq!(
        other.by,
        "the color; Paint of SRV would tell whether: it is red (for a); Paint/Admin of SRV would \
         tell whether: it is blue (for b)"
    );
    let logs: Vec<&str> = other.collect.iter().map(|log| &*log.channel).collect();
    assert_eq!(logs, ["Paint", "Paint/Admin"], "what speaks for both alike tells nothing");
    assert_eq!(other.diagnosis.as_ref(), Some(&second.id));
    let found = rank(vec![candidate("a: 5 - 0"), candidate("b: 4 - 0")], &rules());
    let other = &found[0].separate_from[0];
    assert!(other.by.ends_with("no log is missing that would tell") && other.collect.is_empty());
}

#[test]
fn a_look_alike_that_only_a_missing_log_could_show_is_named() {
    let capi2 = Collect {
        machine: "SRV".into(),
        channel: "Paint".into(),
        command: "export Paint".to_owned(),
    };
    let hidden = |cause: &str| Hidden {
        cause: cause.into(),
        question: "it is red".into(),
        collect: vec![capi2.clone()],
    };
    let a = Candidate { hidden: vec![hidden("b"), hidden("c")], ..candidate("a: 12 - 0") };
    let found = rank(vec![a, candidate("c: 11 - 0")], &rules());
    let others = &found[0].separate_from;
    let [close, unseen] = &others[..] else { panic!("{others:?}") };
    assert_eq!((&*close.cause, &close.diagnosis), ("c", &Some(found[1].id.clone())));
    assert_eq!((&*unseen.cause, &unseen.diagnosis), ("b", &None));
    assert_eq!(unseen.by, "the color; Paint of SRV would tell whether: it is red");
    assert_eq!(unseen.collect, [capi2]);
}

#[test]
fn what_explains_folds_only_what_is_its_own() {
    let explaining = |line: &str| Candidate { explains: vec!["b".into()], ..candidate(line) };
    let check = |better: &str, other: &str, folds: bool| {
        let expected = if folds { 1 } else { 2 };
        let found = rank(vec![explaining(better), candidate(other)], &rules());
        assert_eq!(found.len(), expected, "{better} | {other}");
    };
    check("a: 9 - 0 1 2", "b: 5 - 1", true);
    check("a: 9 - 0 1 2", "b: 5 - 1 3", false);
    check("a: 9 - 0 1 2", "c: 5 - 1", false);
    check("a: 5 - 0 1 2", "b: 9 - 1", false);
    // Without attempts, people and time tell.
    check("a: 9 joe 0", "b: 5 joe", true);
    check("a: 9 joe 0", "b: 5 ann", false);
    check("a: 9 - 0", "b: 5 ann", true);
    let mut later = candidate("b: 5 joe");
    (later.first, later.last) = (Time(i64::MAX / 2), Time(i64::MAX / 2));
    let found = rank(vec![explaining("a: 9 joe 0"), later], &rules());
    assert_eq!(found.len(), 2, "months lie between");
}

#[test]
fn a_cause_stands_before_what_follows_from_it() {
    let root = |line: &str| Candidate { explains: vec!["b".into()], ..candidate(line) };
    let check = |root_line: &str, other: &str, expected: &[&str]| {
        let found = rank(vec![root(root_line), candidate(other)], &rules());
        let told: Vec<&str> = found.iter().map(|found| &*found.candidate.cause).collect();
        assert_eq!(told, expected, "{root_line} | {other}");
    };
    // A surer consequence stays on record, behind its cause.
    check("a: 9 - 0 1", "b: 25 joe 0 1", &["a", "b"]);
    check("a: 9 - 0 1", "b: 25 joe 0 1 2", &["b", "a"]);
    check("a: 5 - 0 1", "b: 25 joe 0 1", &["b", "a"]);
    // Of two that are as sure the better stands first.
    check("a: 9 - 0 1", "b: 12 joe 0 1", &["b", "a"]);
    check("a: 9 - 0 1", "c: 25 joe 0 1", &["c", "a"]);
}

#[test]
fn benign_stands_last() {
    let benign = Candidate { kind: Kind::Benign, ..candidate("a: 30 - 0 1") };
    check(vec![benign, candidate("b: 0 - 2")], &["b SRV|", "a SRV|"]);
}

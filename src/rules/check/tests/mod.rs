//! Documents in, knowledge base or mistakes out.

use crate::model::{SignalId, Span, Stage, drawn};
use crate::rules::schema::{CorrelationType, Entity};
use crate::rules::{Anchor, GroupKey, ItemRole, RuleSet, RulesError};

mod layers;
mod mistakes;

const SIGNALS: &str = "\
logsource:
  product: windows
  channel: System
  provider: Schannel
signals:
  - id: key-unreadable
    title: Schannel could not read the private key
    detection:
      selection:
        EventID: 36870
        ErrorCode: 0x8009030D
      condition: selection
    attempt: ends
    fails: tls
    binds:
      client-address: ClientIP
  - id: tls-passed
    title: a TLS handshake was completed
    provider: Other-Provider
    detection:
      selection:
        EventID: 36880
        Version|contains: TLS
      condition: selection
    proves: tls
correlations:
  - id: key-unreadable-burst
    title: the private key could not be read again and again
    correlation:
      type: value_count
      rules: [key-unreadable]
      group-by: [client-address]
      timespan: 1m
      condition:
        field: client-address
        gte: 5
";

const CAUSE: &str = "\
id: key-damaged
title: The private key cannot be read
stage: tls
scope: machine
why: TLS needs the private key.
needs: [System]
evidence:
  requires:
    any: [key-unreadable]
  confirms:
    - signal: key-unreadable
      near: attempt-dropped-early
      within: 1s
  supports:
    - signal: key-unreadable-burst
      weight: 12
      group: schannel
  contradicts:
    - signal: tls-passed
      after: { first: key-unreadable }
      weight: -15
      because: TLS worked later
  absent:
    - any: [tls-passed]
      weight: 6
until: [tls-passed]
explains: [attempt-dropped-early, socket-closed]
not-to-be-confused-with:
  version-mismatch: its state is 10013
playbook: [restore-rights]
references: [https://example.org/keys]
since: 0.1.0
";

const PLAYBOOK: &str = "\
id: restore-rights
title: Give the service its rights back
steps:
  - do: Grant read to NETWORK SERVICE
    target: host
    command: icacls KEYS
    expected: the list shows the account
    risk: low
    verify: event 1056 follows
    undo: nothing to undo
  - do: Switch off NLA
    target: host
    expected: an attempt passes
    risk: medium, weaker
    temporary: true
    security-impact: passwords travel later
    verify: event 21 follows
    undo: switch it on again
";

const CATALOGUE: &str = "causes:\n  - id: version-mismatch\n  - id: socket-closed\n";

const FILES: [(&str, &str); 4] = [
    ("signals/schannel.yml", SIGNALS),
    ("causes/tls/key-damaged.yml", CAUSE),
    ("playbooks/restore-rights.yml", PLAYBOOK),
    ("catalogue.yml", CATALOGUE),
];

/// The documents, one text of them exchanged.
fn load(from: &str, to: &str) -> Result<RuleSet, RulesError> {
    let files = FILES.map(|(path, text)| (path, text.replacen(from, to, 1)));
    let changed = files.iter().zip(FILES).filter(|(new, old)| new.1 != old.1).count();
    assert_eq!(changed, usize::from(from != to), "`{from}` stands in one document");
    RuleSet::from_documents(files.iter().map(|(path, text)| (*path, text.as_str())))
}

#[test]
fn embedded_rules_are_valid() {
    if let Err(errors) = RuleSet::embedded() {
        panic!("{}", errors.render());
    }
}

#[test]
fn compiles_what_authors_write() {
    let rules = load("", "").unwrap();
    assert_eq!((rules.count, rules.sha256.len()), (5, 64));
    assert_eq!(
        rules.signals.channels().collect::<Vec<_>>(),
        [("System", "Other-Provider"), ("System", "Schannel")]
    );

    let burst = &rules.correlations[0];
    assert_eq!((burst.kind, burst.timespan), (CorrelationType::ValueCount, Span::seconds(60)));
    let shared = [Entity::Machine, Entity::ClientAddress].map(GroupKey::Entity);
    assert_eq!(burst.group_by, shared);
    assert_eq!((burst.field, burst.count.clone()), (Some(Entity::ClientAddress), 5..=usize::MAX));

    let cause = rules.cause("key-damaged").unwrap();
    assert_eq!((cause.stage, cause.prior), (Stage::Tls, -10));
    let items: Vec<_> = cause.items.iter().map(|item| (item.role, item.weight)).collect();
    assert_eq!(
        items,
        [
            (ItemRole::Confirms, 20),
            (ItemRole::Supports, 12),
            (ItemRole::Contradicts, -15),
            (ItemRole::Absent, 6)
        ]
    );
    let near = &cause.items[0].pattern.position;
    assert_eq!(near.near.as_ref().map(SignalId::as_str), Some(drawn::ATTEMPT_DROPPED_EARLY));
    assert_eq!(near.within, Some(Span::seconds(1)));
    assert!(matches!(
        &cause.items[2].pattern.position.after,
        Some(Anchor::First(id)) if id.as_str() == "key-unreadable"
    ));
    assert_eq!(cause.explains_attempts, [SignalId::from(drawn::ATTEMPT_DROPPED_EARLY)]);
    assert_eq!(cause.explains_causes, ["socket-closed"]);
    assert!(cause.not_to_be_confused_with.contains_key("version-mismatch"));
    assert_eq!(rules.playbooks["restore-rights"].steps.len(), 2);
}

#[test]
fn knows_titles_and_channels() {
    let rules = load("", "").unwrap();
    for (id, title, channel) in [
        ("key-unreadable", "Schannel could not read the private key", Some("System")),
        (
            "key-unreadable-burst",
            "the private key could not be read again and again",
            Some("System"),
        ),
        (drawn::ATTEMPT_OPENED, "a connection attempt began", None),
        ("no-such-signal", "no-such-signal", None),
    ] {
        let id = SignalId::from(id);
        assert_eq!(rules.title_of(&id), title);
        assert_eq!(rules.channel_of(&id).map(|channel| &**channel), channel, "{id}");
    }
    for id in drawn::ALL {
        assert_ne!(rules.title_of(&id.into()), id, "drawn signals have titles");
    }
}

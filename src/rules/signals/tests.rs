//! Signals over events: which are found, and whom they name.

use std::sync::Arc;

use crate::model::{Event, Field, Value};
use crate::rules::RuleSet;

const RULES: &str = "\
logsource: { channel: Some/Operational, provider: Some-Provider }
signals:
  - id: b-second
    title: the second
    detection: { s: { EventID: [5, 6], Name: joe }, condition: s }
  - id: a-first
    title: the first
    detection: { s: { EventID: 5 }, condition: s }
    binds:
      client-address: Address
      client-name: Client
      user: User
      domain: Domain
      target: Target
      session: Session
      connection: 'Data[1]'
      logon-id: LogonId
  - id: elsewhere
    title: elsewhere
    provider: Other-Provider
    detection: { s: { EventID: 5 }, condition: s }
";

fn rules() -> RuleSet {
    RuleSet::from_documents([("signals/some.yml", RULES)]).unwrap()
}

fn event(provider: &str, event_id: u32, data: &[(&str, Value)]) -> Event {
    Event {
        channel: "Some/Operational".into(),
        provider: provider.into(),
        event_id,
        data: data
            .iter()
            .map(|(name, value)| Field { name: Arc::from(*name), value: value.clone() })
            .collect(),
        ..Event::default()
    }
}

#[test]
fn wants_what_rules_ask_for() {
    let signals = rules().signals;
    for (channel, provider, event_id, wanted) in [
        ("Some/Operational", "Some-Provider", 5, true),
        ("some/OPERATIONAL", "SOME-provider", 6, true),
        ("Some/Operational", "Some-Provider", 7, false),
        ("Some/Operational", "Other-Provider", 5, true),
        ("Some/Operational", "Other-Provider", 6, false),
        ("Some/Admin", "Some-Provider", 5, false),
        ("Some/OperationalSome-Provider", "", 5, false),
        ("", "", 0, false),
    ] {
        assert_eq!(
            signals.kind(channel, provider, event_id).is_some(),
            wanted,
            "{channel} {provider} {event_id}"
        );
    }
}

#[test]
fn finds_signals_in_the_order_of_their_ids() {
    let signals = rules().signals;
    let joe = [("Name", Value::text("joe"))];
    for (event, expected) in [
        (event("Some-Provider", 5, &joe), &["a-first", "b-second"][..]),
        (event("SOME-PROVIDER", 6, &joe), &["b-second"]),
        (event("Some-Provider", 5, &[]), &["a-first"]),
        (event("Some-Provider", 6, &[]), &[]),
        (event("Other-Provider", 5, &joe), &["elsewhere"]),
    ] {
        let found: Vec<_> =
            signals.find(event.observed()).iter().map(|found| found.rule.id.as_str()).collect();
        assert_eq!(found, expected, "{} {}", event.provider, event.event_id);
    }
}

#[test]
fn names_entities_in_normal_form() {
    let signals = rules().signals;
    let rule = signals.get(&"a-first".into()).unwrap();
    let full = rule.entities(
        event(
            "Some-Provider",
            5,
            &[
                ("Address", Value::text("[::ffff:10.0.0.5]:50270")),
                ("Client", Value::text("\\\\pc-17.corp.example")),
                ("User", Value::text("CORP\\Joe")),
                ("Domain", Value::text("-")),
                ("Target", Value::text("TERMSRV/SRV01:3390")),
                ("Session", Value::text("3")),
                ("", Value::text("RDP-Tcp#12")),
                ("LogonId", Value::HexInt64(0x3e7)),
            ],
        )
        .observed(),
    );
    assert_eq!(full.client_address, "10.0.0.5".parse().ok());
    assert_eq!(full.client_port, Some(50270));
    assert_eq!(full.client_name.as_deref(), Some("PC-17"));
    assert_eq!((full.user.as_deref(), full.domain.as_deref()), (Some("joe"), Some("corp")));
    assert_eq!(full.target.as_deref(), Some("srv01"));
    assert_eq!((full.session, full.logon_id), (Some(3), Some(0x3e7)));
    assert_eq!(full.connection.as_deref(), Some("RDP-Tcp#12"));

    let own_domain = rule.entities(
        event(
            "Some-Provider",
            5,
            &[("User", Value::text("joe@corp.example")), ("Domain", Value::text("CORP"))],
        )
        .observed(),
    );
    assert_eq!(own_domain.domain.as_deref(), Some("corp"));

    let nothing = rule.entities(
        event(
            "Some-Provider",
            5,
            &[
                ("Address", Value::text("LOCAL")),
                ("User", Value::text("-")),
                ("Session", Value::Null),
            ],
        )
        .observed(),
    );
    assert_eq!(nothing, Default::default());
}

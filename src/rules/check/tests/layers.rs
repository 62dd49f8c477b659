//! Documents of a user over those that are built in, and the fingerprint of the result.

use super::{CAUSE, FILES, PLAYBOOK, load};
use crate::model::Stage;
use crate::rules::check::rule_set;
use crate::rules::documents::{Document, Layer};
use crate::rules::{RuleSet, RulesError};

/// The rule set with documents of a user over it.
fn overlaid(documents: &[(&str, &str)]) -> Result<RuleSet, RulesError> {
    let embedded = FILES.iter().map(|(path, text)| Document::in_memory(path, (*text).to_owned()));
    let overlay = documents.iter().map(|(path, text)| Document {
        path: (*path).to_owned(),
        shown: format!("mine/{path}").into(),
        text: (*text).to_owned().into(),
        layer: Layer::Overlay,
    });
    rule_set(embedded.chain(overlay).collect())
}

#[test]
fn later_layers_replace_by_id() {
    let plain = overlaid(&[]).unwrap();
    let mine = "\
logsource: { channel: Security, provider: Mine }
signals:
  - id: tls-passed
    title: mine
    detection: { s: { EventID: 5 }, condition: s }
  - id: another
    title: added
    detection: { s: { EventID: 6 }, condition: s }
";
    let rules = overlaid(&[("signals/any-name.yml", mine)]).unwrap();
    assert_eq!(rules.count, plain.count + 1);
    assert_eq!(rules.title_of(&"tls-passed".into()), "mine");
    assert!([5, 6].iter().all(|id| rules.signals.kind("Security", "Mine", *id).is_some()));
    assert_eq!(rules.signals.kind("System", "Other-Provider", 36880), None);
    assert_ne!(rules.sha256, plain.sha256);

    let cause = CAUSE
        .replace("title: The private", "title: My private")
        .replace("stage: tls", "stage: nla");
    let rules = overlaid(&[("causes/nla/key-damaged.yml", &cause)]).unwrap();
    assert_eq!((rules.count, rules.causes[0].stage), (plain.count, Stage::Nla));

    let wrong = overlaid(&[("signals/any-name.yml", "signal: []")]).unwrap_err();
    insta::assert_snapshot!(wrong.render(), @"
    error: cannot load rule `mine/signals/any-name.yml`
      caused by: line 1, column 1: unknown field `signal`
    hint: did you mean `signals`?
    ");
}

#[test]
fn the_fingerprint_names_what_is_in_force() {
    let plain = load("", "").unwrap().sha256;
    let windows = FILES.map(|(path, text)| (path, text.replace('\n', "\r\n")));
    let windows = windows.iter().rev().map(|(path, text)| (*path, text.as_str()));
    assert_eq!(RuleSet::from_documents(windows).unwrap().sha256, plain, "line ends and order");
    assert_eq!(overlaid(&[("codes/x.yml", "")]).unwrap().sha256, plain, "others' documents");
    assert_eq!(overlaid(&[("playbooks/restore-rights.yml", PLAYBOOK)]).unwrap().sha256, plain);
    assert_ne!(load("risk: low", "risk: none").unwrap().sha256, plain);
}

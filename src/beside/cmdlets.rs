//! What the objects of `Get-ChildItem Cert:`, `Get-NetFirewallRule` and `Get-HotFix` say.
//!
//! Known by the names of their properties. Their values are numbers or words of the program,
//! neither of which is translated.

use std::collections::BTreeSet;
use std::io::{self, Read};

use super::certificate::{Certificate, Entry, dated, thumbprint};
use super::dates::Written;
use super::objects::{self, Object, Shape};
use super::{Fact, MOST_FACTS, Statement, hotfix};
use crate::model::{FactKind, Value};

/// What the objects are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Certificates,
    FirewallRules,
    Hotfixes,
}

/// The kind of objects that a text shows at its start, and how it writes them.
pub(super) fn kind(text: &str) -> Option<(Kind, Shape)> {
    let (shape, names) = objects::shape(text)?;
    Some((Kind::of(&names)?, shape))
}

impl Kind {
    fn of(names: &BTreeSet<String>) -> Option<Self> {
        let has = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        if has("Thumbprint") && (has("NotAfter") || has("HasPrivateKey")) {
            Some(Self::Certificates)
        } else if has("Direction") && has("Action") && has("Enabled") {
            Some(Self::FirewallRules)
        } else {
            has("HotFixID").then_some(Self::Hotfixes)
        }
    }
}

/// Reads such a text.
pub(super) fn read(kind: Kind, shape: Shape, content: &mut dyn Read) -> io::Result<Statement> {
    let objects = objects::read(shape, content)?;
    let machine = |object: &Object| object.get("CSName").map(ToOwned::to_owned);
    let settings = |facts: Vec<Fact>, host| Statement::Settings { host, facts };
    Ok(match kind {
        Kind::Certificates => Statement::Certificates(certificates(&objects)),
        Kind::FirewallRules => {
            let rules = objects.iter().filter_map(firewall_rule).take(MOST_FACTS);
            settings(rules.collect(), None)
        }
        Kind::Hotfixes => {
            let articles = objects.iter().filter_map(|object| {
                let number = hotfix::article(object.get("HotFixID")?)?;
                Some(hotfix::fact(object.line, number))
            });
            settings(articles.collect(), objects.iter().find_map(machine))
        }
    })
}

fn certificates(objects: &[Object]) -> Vec<Certificate> {
    let entries = objects.iter().filter_map(|object| {
        let date = |name: &str| object.get(name).and_then(Written::parse);
        Some(Entry {
            line: object.line,
            store: object.get("PSParentPath").and_then(store),
            thumbprint: thumbprint(object.get("Thumbprint")?)?,
            begins: date("NotBefore"),
            ends: date("NotAfter"),
            has_key: match object.get("HasPrivateKey").map(str::to_ascii_lowercase).as_deref() {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => None,
            },
        })
    });
    dated(entries.collect())
}

/// The store at the end of `…\Certificate::LocalMachine\My`; those of a user are no machine's.
fn store(folder: &str) -> Option<String> {
    folder.split_once(r"::LocalMachine\").map(|(_, store)| store.to_owned())
}

/// A rule in the words of the registry. Rules without a port are about programs, except those
/// that Windows itself has for Remote Desktop, whose names are the same in every language.
fn firewall_rule(object: &Object) -> Option<Fact> {
    let name = object.get("InstanceID").or_else(|| object.get("Name"))?;
    let port = object.get("LocalPort");
    if port.is_none() && !name.starts_with("RemoteDesktop-") {
        return None;
    }
    let word = |name: &str, known: &[(&str, &'static str)]| {
        let value = object.get(name).unwrap_or_default();
        let found = known.iter().find(|(spelled, _)| spelled.eq_ignore_ascii_case(value));
        found.map_or(Value::Null, |(_, word)| Value::text(*word))
    };
    let text = |value: Option<&str>| value.map_or(Value::Null, Value::text);
    // Where everybody is meant the registry says nothing.
    let addresses = object.get("RemoteAddress").filter(|value| !value.eq_ignore_ascii_case("any"));
    Some(Fact {
        kind: FactKind::FirewallRule,
        line: object.line,
        since: None,
        fields: vec![
            ("Rule", Value::text(name)),
            (
                "Action",
                word(
                    "Action",
                    &[("Allow", "Allow"), ("2", "Allow"), ("Block", "Block"), ("4", "Block")],
                ),
            ),
            (
                "Active",
                word(
                    "Enabled",
                    &[("True", "TRUE"), ("1", "TRUE"), ("False", "FALSE"), ("2", "FALSE")],
                ),
            ),
            (
                "Direction",
                word(
                    "Direction",
                    &[("Inbound", "In"), ("1", "In"), ("Outbound", "Out"), ("2", "Out")],
                ),
            ),
            (
                "Protocol",
                word("Protocol", &[("TCP", "6"), ("6", "6"), ("UDP", "17"), ("17", "17")]),
            ),
            ("LocalPort", text(port)),
            ("RemoteAddress", text(addresses)),
            ("Profile", Value::Null),
        ],
    })
}

//! The facts of one machine, out of all that its files tell together.

use std::collections::{BTreeMap, BTreeSet};

use super::certificate::{self, Certificate};
use super::{Fact, Statement, value_of};
use crate::model::{FactKind, Time, Value};

/// The port of Remote Desktop unless it is set to another.
const STANDARD_PORT: u16 = 3389;

/// What the files of a machine tell, with their numbers.
#[derive(Debug, Default)]
pub(super) struct Told<'n> {
    facts: Vec<(usize, Fact)>,
    ports: Vec<(usize, &'n BTreeMap<u16, u64>)>,
    certificates: Vec<(usize, &'n Certificate)>,
}

impl<'n> Told<'n> {
    /// Takes what a file tells.
    pub(super) fn take(&mut self, number: usize, statement: &'n Statement) {
        match statement {
            Statement::Settings { facts, .. } => {
                self.facts.extend(facts.iter().map(|fact| (number, fact.clone())));
            }
            Statement::Ports(open) => self.ports.push((number, open)),
            Statement::Certificates(listed) => {
                self.certificates.extend(listed.iter().map(|certificate| (number, certificate)));
            }
        }
    }
}

/// All facts of a machine whose files were collected at about that time.
pub(super) fn derived(told: Told<'_>, collected: Time) -> Vec<(usize, Fact)> {
    let Told { mut facts, ports, certificates } = told;
    // Settings that contradict each other settle nothing.
    drop_contradictions(&mut facts);
    let listening =
        ports.into_iter().filter_map(|(number, open)| Some((number, listening(&facts, open)?)));
    let mut more: Vec<_> = listening.collect();
    more.extend(certificate::facts(&facts, &certificates, collected));
    facts.extend(more);
    drop_contradictions(&mut facts);
    facts
}

/// Whether somebody listens on the port that the registry names. Where it names none, another
/// port may be meant, so only a listener on the standard one tells anything.
fn listening(settings: &[(usize, Fact)], open: &BTreeMap<u16, u64>) -> Option<Fact> {
    let set = settings.iter().find_map(|(_, fact)| {
        let is_port = value_of(fact, "Name")?.to_text().eq_ignore_ascii_case("PortNumber");
        is_port.then(|| u16::try_from(value_of(fact, "Value")?.as_number()?).ok()).flatten()
    });
    let port = set.unwrap_or(STANDARD_PORT);
    let line = open.get(&port).copied();
    (set.is_some() || line.is_some()).then(|| Fact {
        kind: FactKind::Listening,
        line: line.unwrap_or(1),
        since: None,
        fields: vec![
            ("Port", Value::UInt16(port)),
            ("Listens", Value::text(if line.is_some() { "yes" } else { "no" })),
        ],
    })
}

/// Files of different times may disagree; which holds then is not known. What they agree on
/// counts once, in the words of the one that says most.
fn drop_contradictions(facts: &mut Vec<(usize, Fact)>) {
    let mut told: BTreeMap<_, Vec<&Fact>> = BTreeMap::new();
    for (_, fact) in facts.iter() {
        told.entry(subject(fact)).or_default().push(fact);
    }
    let agreed: BTreeMap<_, Fact> = told
        .into_iter()
        .filter_map(|(subject, told)| {
            // The first of those that say most.
            let fullest = *told.iter().rev().max_by_key(|fact| said(fact))?;
            let is_agreed = told.iter().all(|fact| agree(fact, fullest));
            is_agreed.then(|| (subject, fullest.clone()))
        })
        .collect();
    let mut taken = BTreeSet::new();
    facts.retain(|(_, fact)| {
        let subject = subject(fact);
        agreed.get(&subject) == Some(fact) && taken.insert(subject)
    });
}

/// What a fact is about.
fn subject(fact: &Fact) -> (FactKind, Vec<String>) {
    let names: &[&str] = match fact.kind {
        FactKind::Registry => &["Key", "Name"],
        FactKind::FirewallRule => &["Rule"],
        FactKind::Listening => &[],
        FactKind::Certificate => &["Role"],
        FactKind::Hotfix => &["Article"],
    };
    let word = |name: &&str| value_of(fact, name).map(|value| value.to_text().to_lowercase());
    (fact.kind, names.iter().filter_map(word).collect())
}

/// Whether two facts say the same where both say something.
fn agree(left: &Fact, right: &Fact) -> bool {
    left.fields
        .iter()
        .zip(&right.fields)
        .all(|((_, left), (_, right))| left == right || left.is_blank() || right.is_blank())
}

/// How much a fact says.
fn said(fact: &Fact) -> usize {
    fact.fields.iter().filter(|(_, value)| !value.is_blank()).count()
}

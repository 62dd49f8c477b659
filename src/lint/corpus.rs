//! The documents in force as trees: who defines which id, and who speaks of which signal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::finding::Finding;
use super::tree::{Tree, get, items, mentions, text_at};
use crate::cases::cause_of;
use crate::model::{FactKind, SignalId, drawn};
use crate::rules::{RuleSet, RuleText};

/// Keys whose values are for people.
pub(super) const PROSE: [&str; 5] = ["because", "group", "title", "why", "note"];

/// One definition: a cause, a playbook or a signal.
pub(super) struct Entry<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) tree: Arc<Tree>,
    /// Whether it comes with the program.
    pub(super) built_in: bool,
}

/// All definitions in force.
#[derive(Default)]
pub(super) struct Corpus<'a> {
    pub(super) causes: BTreeMap<String, Entry<'a>>,
    pub(super) playbooks: BTreeMap<String, Entry<'a>>,
    /// Signals of single events, and correlations.
    pub(super) signals: BTreeMap<String, Entry<'a>>,
    /// The cases by the cause beside which they stand.
    pub(super) cases: BTreeMap<&'a str, &'a RuleText>,
}

impl<'a> Corpus<'a> {
    /// Reads the documents; what cannot be read becomes a finding.
    pub(super) fn read(texts: &'a [RuleText], findings: &mut Vec<Finding>) -> Self {
        let mut corpus = Self::default();
        for text in texts {
            let folder = text.path.split('/').next().unwrap_or_default();
            if let Some(cause) = cause_of(&text.path) {
                corpus.cases.insert(cause, text);
            } else if matches!(folder, "causes" | "playbooks" | "signals") {
                match text.read::<Tree>() {
                    Ok(tree) => corpus.add(folder, text, tree),
                    Err(error) => findings.push(error.into()),
                }
            }
        }
        corpus
    }

    fn add(&mut self, folder: &str, text: &'a RuleText, tree: Tree) {
        let entry = |tree| Entry { file: &text.shown, tree, built_in: text.built_in };
        match folder {
            "causes" => insert(&mut self.causes, entry(Arc::new(tree))),
            "playbooks" => insert(&mut self.playbooks, entry(Arc::new(tree))),
            _ => {
                for key in ["signals", "correlations"] {
                    for item in items(get(&tree, key)) {
                        insert(&mut self.signals, entry(Arc::new(item.clone())));
                    }
                }
            }
        }
    }

    /// The signals that causes and correlations name, and where.
    pub(super) fn used_signals(&self, rules: &RuleSet) -> BTreeSet<String> {
        let known = |text: &str| is_signal(rules, text);
        let in_causes = self.causes.values().flat_map(|cause| {
            let parts =
                ["evidence", "excludes", "until", "explains"].map(|key| get(&cause.tree, key));
            parts.into_iter().flatten().flat_map(|part| mentions(part, &PROSE, &known))
        });
        let in_correlations = self.signals.values().flat_map(|signal| {
            let body = get(&signal.tree, "correlation");
            body.into_iter().flat_map(|body| mentions(body, &PROSE, &known))
        });
        in_causes.chain(in_correlations).map(|(id, _)| id.to_owned()).collect()
    }
}

/// Adds a definition; a user's goes before one that is built in.
fn insert<'a>(entries: &mut BTreeMap<String, Entry<'a>>, entry: Entry<'a>) {
    let Some(id) = text_at(&entry.tree, "id").map(str::to_owned) else { return };
    if entries.get(&id).is_none_or(|other| other.built_in) {
        entries.insert(id, entry);
    }
}

/// Whether it is the id of a signal of any kind.
pub(super) fn is_signal(rules: &RuleSet, id: &str) -> bool {
    let signal = SignalId::from(id);
    drawn::ALL.contains(&id)
        || rules.signals.get(&signal).is_some()
        || rules.correlation(&signal).is_some()
}

/// The channels whose logs hold the signal's events; none for those drawn from attempts or
/// from facts beside logs.
pub(super) fn channels_of<'r>(rules: &'r RuleSet, id: &str) -> BTreeSet<&'r str> {
    let signal = SignalId::from(id);
    let of = |id: &SignalId| {
        let channel = rules.signals.get(id).map(|rule| &*rule.channel);
        channel.filter(|channel| FactKind::of(channel).is_none())
    };
    match rules.correlation(&signal) {
        Some(correlation) => correlation.rules.iter().filter_map(of).collect(),
        None => of(&signal).into_iter().collect(),
    }
}

//! Checks causes as a whole: whether they can be concluded, told apart and mended.

use super::corpus::{Corpus, Entry};
use super::finding::{Finding, Level, Sheet};
use super::tree::{entries, get, is_blank, items, place, text};
use crate::model::Kind;
use crate::rules::catalogue::Catalogue;
use crate::rules::{Cause, ItemRole, Place, RuleSet};

/// From here on a cause is possible.
const POSSIBLE: i32 = 0;

/// Checks every cause.
pub(super) fn check(corpus: &Corpus<'_>, rules: &RuleSet, findings: &mut Vec<Finding>) {
    // A damaged catalogue fails the tests of a release; here it knows no cause.
    let catalogue = Catalogue::embedded().ok();
    for cause in &rules.causes {
        let Some(entry) = corpus.causes.get(&*cause.id) else { continue };
        let mut sheet = Sheet::new(entry.file, findings);
        in_catalogue(cause, entry, catalogue.as_ref(), &mut sheet);
        reachable(cause, entry, &mut sheet);
        told_apart(cause, entry, corpus, rules, &mut sheet);
        mended(cause, entry, &mut sheet);
        references(entry, &mut sheet);
        advice_with_reason(entry, &mut sheet);
    }
}

/// Reports promise the causes of the catalogue.
fn in_catalogue(
    cause: &Cause,
    entry: &Entry<'_>,
    catalogue: Option<&Catalogue>,
    sheet: &mut Sheet<'_>,
) {
    let Some(known) = catalogue.and_then(|catalogue| catalogue.get(&cause.id)) else {
        sheet.add(
            Level::Note,
            "uncatalogued",
            place(&entry.tree, &["id"]),
            format!("`{}` is not in the catalogue of causes", cause.id),
            "fine for a cause of your own; `lookup` and other tools will not know it",
        );
        return;
    };
    if (known.stage, known.kind) != (cause.stage, cause.kind) {
        sheet.add(
            Level::Error,
            "uncatalogued",
            place(&entry.tree, &["stage"]),
            format!(
                "the catalogue says stage {} and kind {}, the rule {} and {}",
                known.stage,
                known.kind.name(),
                cause.stage,
                cause.kind.name()
            ),
            "reports and code tables go by the catalogue: use its stage and kind",
        );
    }
}

/// The most that a cause can score.
fn best_score(cause: &Cause) -> i32 {
    let mut groups = std::collections::BTreeMap::new();
    let mut alone = 0;
    for item in cause.items.iter().filter(|item| item.weight > 0) {
        match &item.group {
            Some(group) => {
                let best = groups.entry(group).or_insert(0);
                *best = item.weight.max(*best);
            }
            None => alone += item.weight,
        }
    }
    cause.prior + alone + groups.into_values().sum::<i32>()
}

fn reachable(cause: &Cause, entry: &Entry<'_>, sheet: &mut Sheet<'_>) {
    let best = best_score(cause);
    if best < POSSIBLE {
        sheet.add(
            Level::Error,
            "unreachable",
            place(&entry.tree, &["evidence"]),
            format!("the cause can never be concluded: were all its evidence there, it would score {best}"),
            "from 0 on a cause is possible, from 6 on likely: weigh its evidence, or raise `prior`",
        );
    }
    let mut speaks_for = cause.items.iter().filter(|item| item.weight > 0);
    if speaks_for.all(|item| item.role == ItemRole::Absent) {
        sheet.add(
            Level::Error,
            "unreachable",
            place(&entry.tree, &["evidence"]),
            "nothing but absence speaks for the cause",
            "give it an item that something in a log shows",
        );
    }
}

/// Look-alikes name each other, so that whoever reads one page finds the other. What comes with
/// the program cannot name a user's own cause.
fn told_apart(
    cause: &Cause,
    entry: &Entry<'_>,
    corpus: &Corpus<'_>,
    rules: &RuleSet,
    sheet: &mut Sheet<'_>,
) {
    let is_built_in = |id: &str| corpus.causes.get(id).is_some_and(|other| other.built_in);
    let look_alikes = get(&entry.tree, "not-to-be-confused-with");
    for (id, difference) in look_alikes.map_or(&[][..], entries) {
        let at = Place::from(id);
        if is_blank(difference) {
            sheet.add(
                Level::Error,
                "unexplained-look-alike",
                at,
                format!("nothing tells `{}` apart", id.value),
                "say in a clause which record decides",
            );
        }
        match rules.cause(&id.value) {
            _ if *id.value == *cause.id => sheet.add(
                Level::Error,
                "one-sided-look-alike",
                at,
                "a cause is no look-alike of itself",
                "remove the line",
            ),
            None => sheet.add(
                Level::Note,
                "look-alike-without-rule",
                at,
                format!("no rule concludes the look-alike `{}` yet", id.value),
                "reports can name it, and cannot weigh it",
            ),
            Some(other) if !other.not_to_be_confused_with.contains_key(&cause.id) => sheet.add(
                if is_built_in(&id.value) && !entry.built_in {
                    Level::Note
                } else {
                    Level::Warning
                },
                "one-sided-look-alike",
                at,
                format!("`{}` does not name `{}` as its look-alike in turn", id.value, cause.id),
                format!("add it under `not-to-be-confused-with` of `{}`", id.value),
            ),
            Some(_) => {}
        }
    }
    if cause.kind == Kind::Fault && cause.not_to_be_confused_with.is_empty() {
        sheet.add(
            Level::Warning,
            "no-look-alike",
            place(&entry.tree, &["id"]),
            "the cause has no look-alike",
            "ask what else looks like this, and name it under `not-to-be-confused-with`",
        );
    }
}

fn mended(cause: &Cause, entry: &Entry<'_>, sheet: &mut Sheet<'_>) {
    if cause.kind != Kind::Benign && cause.playbooks.is_empty() {
        sheet.add(
            Level::Error,
            "no-playbook",
            place(&entry.tree, &["id"]),
            "the cause has no playbook",
            "say under `playbook` how to mend it, or whom to ask",
        );
    }
}

fn references(entry: &Entry<'_>, sheet: &mut Sheet<'_>) {
    for reference in items(get(&entry.tree, "references")) {
        let is_link = text(reference).is_some_and(|text| text.starts_with("https://"));
        if !is_link {
            sheet.add(
                Level::Warning,
                "reference",
                Place::from(reference),
                "a reference that begins with `https://` can be followed, this one cannot",
                "give the address of a public document",
            );
        }
    }
}

/// Whoever is told not to do something wants to know why.
fn advice_with_reason(entry: &Entry<'_>, sheet: &mut Sheet<'_>) {
    for (advice, reason) in get(&entry.tree, "never").map_or(&[][..], entries) {
        if is_blank(reason) {
            sheet.add(
                Level::Error,
                "never-without-reason",
                Place::from(advice),
                format!("nothing says why `{}` does harm", advice.value),
                "write the reason behind it",
            );
        }
    }
}

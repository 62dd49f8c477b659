//! Checks that the cases beside a cause show what they must: that it fires, that its nearest
//! neighbor does not fire it, and what comes out when a log is missing.

use super::corpus::{Corpus, Entry};
use super::finding::{Finding, Level, Sheet};
use super::tree::place;
use crate::cases::{CaseError, CaseOutline, outlines};
use crate::rules::events::Catalogue;
use crate::rules::{Cause, RuleSet};

/// Checks the cases of every cause, and that none stands beside nothing.
pub(super) fn check(corpus: &Corpus<'_>, rules: &RuleSet, findings: &mut Vec<Finding>) {
    // Damaged layouts fail the tests of a release, and every run of the cases.
    let Ok(catalogue) = Catalogue::embedded() else { return };
    for cause in &rules.causes {
        let Some(entry) = corpus.causes.get(&*cause.id) else { continue };
        match corpus.cases.get(&*cause.id) {
            Some(cases) => {
                let mut sheet = Sheet::new(&cases.shown, findings);
                match outlines(cases, &catalogue) {
                    Ok(outlines) => of_cause(cause, &outlines, rules, &mut sheet),
                    Err(error) => broken(&error, &mut sheet),
                }
            }
            None => without(cause, entry, &mut Sheet::new(entry.file, findings)),
        }
    }
    for (cause, cases) in &corpus.cases {
        if rules.cause(cause).is_none() {
            beside_nothing(cause, &mut Sheet::new(&cases.shown, findings));
        }
    }
}

fn broken(error: &CaseError, sheet: &mut Sheet<'_>) {
    let (message, hint) = error.parts();
    let hint = hint.unwrap_or_else(|| "`rdpwhy rules test` runs the cases".to_owned());
    sheet.add(Level::Error, "unloadable", error.place(), message, hint);
}

fn without(cause: &Cause, entry: &Entry<'_>, sheet: &mut Sheet<'_>) {
    sheet.add(
        Level::Error,
        "no-cases",
        place(&entry.tree, &["id"]),
        "no cases stand beside the cause",
        format!("write `{}.test.yml` in the same folder, the nearest neighbor first", cause.id),
    );
}

fn beside_nothing(cause: &str, sheet: &mut Sheet<'_>) {
    sheet.add(
        Level::Error,
        "no-cases",
        None,
        format!("the cases stand beside no cause: there is no rule for `{cause}`"),
        "cases bear the name of their cause",
    );
}

fn of_cause(cause: &Cause, cases: &[CaseOutline], rules: &RuleSet, sheet: &mut Sheet<'_>) {
    if !cases.iter().any(|case| case.must_fire) {
        sheet.add(
            Level::Error,
            "no-firing-case",
            None,
            "no case shows that the cause is concluded",
            "add one under `fires`, with the records that Windows writes",
        );
    }
    if cases.iter().all(|case| case.must_fire) {
        sheet.add(
            Level::Error,
            "no-silent-case",
            None,
            "no case shows that the cause stays silent",
            "add its nearest neighbor under `silent`",
        );
        return;
    }
    if !has_neighbor(cause, cases, rules) {
        sheet.add(
            Level::Warning,
            "no-neighbor-case",
            None,
            "no silent case is a look-alike that has a rule of its own",
            "add one under `silent`, with `instead: <cause>` for what must come first",
        );
    }
    if !cause.needs.is_empty() && !cases.iter().any(|case| case.lacks_a_log(cause)) {
        sheet.add(
            Level::Warning,
            "no-missing-log-case",
            None,
            "every case has all the logs that the cause needs",
            "add one without a needed log: what then must come out, or must not",
        );
    }
}

/// Whether a silent case names a look-alike that must come instead; where no look-alike has a
/// rule, none can come.
fn has_neighbor(cause: &Cause, cases: &[CaseOutline], rules: &RuleSet) -> bool {
    let look_alikes = &cause.not_to_be_confused_with;
    let can_come = look_alikes.keys().any(|id| rules.cause(id).is_some());
    let comes = cases.iter().filter(|case| !case.must_fire).any(|case| {
        case.instead.as_deref().is_some_and(|instead| look_alikes.contains_key(instead))
    });
    comes || !can_come
}

//! Checks playbooks: every step can be verified and taken back, and none lowers security
//! without saying so.

use std::collections::BTreeSet;

use super::corpus::{Corpus, Entry};
use super::finding::{Finding, Level, Sheet};
use super::security::weakening;
use super::tree::{Tree, get, items, place};
use crate::rules::schema::StepDocument;
use crate::rules::{Place, Playbook, RuleSet};

/// Checks every playbook.
pub(super) fn check(corpus: &Corpus<'_>, rules: &RuleSet, findings: &mut Vec<Finding>) {
    let used: BTreeSet<&str> =
        rules.causes.iter().flat_map(|cause| &cause.playbooks).map(|id| &**id).collect();
    for (id, playbook) in &rules.playbooks {
        let Some(entry) = corpus.playbooks.get(&**id) else { continue };
        let mut sheet = Sheet::new(entry.file, findings);
        if !used.contains(&**id) {
            unused(entry, &mut sheet);
        }
        steps(playbook, entry, &mut sheet);
    }
}

fn unused(entry: &Entry<'_>, sheet: &mut Sheet<'_>) {
    sheet.add(
        Level::Warning,
        "unused-playbook",
        place(&entry.tree, &["id"]),
        "no cause uses the playbook",
        "name it under `playbook` of a cause, or remove it",
    );
}

fn steps(playbook: &Playbook, entry: &Entry<'_>, sheet: &mut Sheet<'_>) {
    for (step, tree) in playbook.steps.iter().zip(items(get(&entry.tree, "steps"))) {
        complete(step, tree, sheet);
        reversible(step, tree, sheet);
        honest(step, tree, sheet);
        one_shell(step, tree, sheet);
    }
}

fn complete(step: &StepDocument, tree: &Tree, sheet: &mut Sheet<'_>) {
    for (key, text, what) in [
        ("do", &step.action, "what to do"),
        ("expected", &step.expected, "what it shows when all is well"),
        ("verify", &step.verify, "how to see that it worked"),
        ("undo", &step.undo, "the way back, or `nothing to undo`"),
    ] {
        if text.trim().is_empty() {
            sheet.add(
                Level::Error,
                "incomplete-step",
                Place::from(tree),
                format!("the step has nothing under `{key}`"),
                format!("say {what}"),
            );
        }
    }
}

/// What reads can leave nothing behind; all else can, and the way back is worth a word.
fn reversible(step: &StepDocument, tree: &Tree, sheet: &mut Sheet<'_>) {
    let changes = !step.risk.trim_start().starts_with("none");
    let commands = step.command.as_deref().unwrap_or_default().to_ascii_lowercase();
    let lasting = LASTING.iter().any(|word| commands.contains(word));
    if changes && lasting && step.undo.trim().starts_with("nothing to undo") {
        sheet.add(
            Level::Warning,
            "no-way-back",
            place(tree, &["undo"]),
            "the step changes something that stays, and names no way back",
            "say under `undo` how to restore the former state",
        );
    }
}

/// Commands whose effect outlasts a restart.
const LASTING: [&str; 12] = [
    "set-itemproperty",
    "new-itemproperty",
    "remove-item",
    "reg add",
    "reg delete",
    "set-netfirewall",
    "new-netfirewall",
    "disable-",
    "icacls",
    "set-ad",
    "set-service",
    "remove-",
];

/// Commands are pasted into PowerShell, where `&` and `%NAME%` mean something else than in cmd.
fn one_shell(step: &StepDocument, tree: &Tree, sheet: &mut Sheet<'_>) {
    let command = step.command.as_deref().unwrap_or_default();
    let parts = command.split('%').count();
    let mut between_percents = command.split('%').skip(1).take(parts.saturating_sub(2));
    let variable = between_percents.any(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    if command.contains(" & ") || variable {
        sheet.add(
            Level::Warning,
            "not-powershell",
            place(tree, &["command"]),
            "the command is written for cmd",
            "commands run in PowerShell: `;` in place of `&`, `$env:TEMP` in place of `%TEMP%`",
        );
    }
}

fn honest(step: &StepDocument, tree: &Tree, sheet: &mut Sheet<'_>) {
    let says_so = step.security_impact.as_deref().is_some_and(|text| !text.trim().is_empty());
    let command = step.command.as_deref().unwrap_or_default();
    if let Some(weakened) = weakening(command).filter(|_| !says_so) {
        sheet.add(
            Level::Error,
            "silent-weakening",
            place(tree, &["command"]),
            format!("the step lowers security and does not say so: it {weakened}"),
            "say how under `security-impact`, and make the step `temporary: true` with an `undo`",
        );
    }
}

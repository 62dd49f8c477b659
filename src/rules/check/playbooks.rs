//! Checks playbooks: a step that lowers security is temporary and has a way back.

use crate::model::Text;
use crate::rules::schema::Spanned;

use crate::rules::Playbook;
use crate::rules::error::Faults;
use crate::rules::schema::{PlaybookDocument, StepDocument};

/// The words that a step's risk begins with.
const RISKS: [&str; 4] = ["none", "low", "medium", "high"];

/// Checks a playbook.
pub(super) fn playbook(id: &Text, document: PlaybookDocument, faults: &mut Faults) -> Playbook {
    if document.steps.is_empty() {
        faults.add(&document.id, "a playbook needs at least one step");
    }
    for step in &document.steps {
        check_step(step, faults);
    }
    let steps = document.steps.into_iter().map(|step| step.value).collect();
    Playbook { id: id.clone(), title: document.title, steps }
}

fn check_step(step: &Spanned<StepDocument>, faults: &mut Faults) {
    let StepDocument { risk, temporary, security_impact, undo, .. } = &step.value;
    let first_word = risk.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if !RISKS.contains(&first_word) {
        faults.add(step, format!("`risk` begins with one of `{}`", RISKS.join("`, `")));
    }
    let has_way_back = !undo.trim().is_empty() && !undo.trim().starts_with("nothing to undo");
    if security_impact.is_some() && !temporary {
        faults.add(step, "a step with `security-impact` must be `temporary: true`");
    }
    if (security_impact.is_some() || *temporary) && !has_way_back {
        faults.add(step, "a step that lowers security or is temporary needs an `undo`");
    }
}

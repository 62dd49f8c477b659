//! What speaks for a conclusion, what against it, and what could not be looked at.

use super::cite::{Context, cite};
use super::diagnosis::{LABEL, TEXT, row};
use super::page::{Page, Paint, Piece};
use crate::model::{Candidate, Evidence, Role};

/// The rows `for`, `against` and `missing`.
pub(super) fn write(page: &mut Page<'_>, context: &Context<'_>, candidate: &Candidate) {
    let of = |roles: &[Role]| -> Vec<&Evidence> {
        candidate.evidence.iter().filter(|item| roles.contains(&item.role)).collect()
    };
    let speaking_for = of(&[Role::Decisive, Role::Supporting, Role::Absent]);
    write_items(page, context, "for", Paint::Plain, &speaking_for);
    let against = of(&[Role::Contradicting]);
    if against.is_empty() {
        row(page, "against", &[Piece::dim("nothing found")]);
    } else {
        write_items(page, context, "against", Paint::Warn, &against);
    }
    write_items(page, context, "missing", Paint::Dim, &of(&[Role::Untestable]));
    if page.style().all && !candidate.explains.is_empty() {
        row(page, "explains", &[Piece::plain(candidate.explains.join(", "))]);
    }
}

/// The strongest item for it, alone.
pub(super) fn write_best(page: &mut Page<'_>, context: &Context<'_>, candidate: &Candidate) {
    let best = candidate
        .evidence
        .iter()
        .filter(|item| matches!(item.role, Role::Decisive | Role::Supporting))
        .max_by_key(|item| (item.role == Role::Decisive, item.weight));
    write_items(page, context, "for", Paint::Plain, best.as_slice());
}

fn write_items(
    page: &mut Page<'_>,
    context: &Context<'_>,
    label: &str,
    paint: Paint,
    items: &[&Evidence],
) {
    // What another item of its group told already has no weight of its own.
    let telling = |item: &&Evidence| {
        let elsewhere = !item.episodes.is_empty();
        item.weight != 0 || item.role == Role::Untestable || elsewhere
    };
    let (telling, told): (Vec<&Evidence>, Vec<&Evidence>) =
        items.iter().copied().partition(telling);
    let most = page.style().max_evidence.min(telling.len());
    let items: Vec<&Evidence> = telling.into_iter().chain(told).collect();
    let shown = page.shown(items.len(), most);
    for (number, evidence) in items.iter().take(shown).enumerate() {
        let label = if number == 0 { label } else { "" };
        let body = item(page, context, paint, evidence);
        bullet(page, label, &body);
    }
    if shown < items.len() {
        let hidden = items.len() - shown;
        row(page, "", &[Piece::dim(format!("… and {hidden} more (--all)"))]);
    }
}

/// A row that shows where each item begins when several wrap.
fn bullet(page: &mut Page<'_>, label: &str, body: &[Piece]) {
    let prefix = Piece::dim(format!("{:LABEL$}{label:<width$}•", "", width = TEXT - LABEL));
    page.hanging(&[prefix], TEXT + 2, body);
}

/// The statement, then the records that show it.
fn item(page: &Page<'_>, context: &Context<'_>, paint: Paint, evidence: &Evidence) -> Vec<Piece> {
    let paint = if evidence.role == Role::Decisive { Paint::Strong } else { paint };
    let mut body = vec![Piece::new(paint, &evidence.statement)];
    if evidence.role == Role::Absent {
        body.push(Piece::dim(" · by absence"));
    }
    if context.report.facts.rests_on_recovered(&evidence.records) {
        body.push(Piece::new(Paint::Warn, " · recovered records only"));
    }
    if context.report.facts.rests_on_damaged(&evidence.records) {
        body.push(Piece::new(Paint::Warn, " · records of damaged chunks only"));
    }
    if !evidence.episodes.is_empty() && evidence.episodes.len() < context.episodes {
        let numbers: Vec<String> = evidence.episodes.iter().map(ToString::to_string).collect();
        let word = if numbers.len() == 1 { "spell" } else { "spells" };
        body.push(Piece::dim(format!(" · in {word} {}", numbers.join(", "))));
    }
    if page.style().all && evidence.weight != 0 {
        body.push(Piece::dim(format!(" ({:+})", evidence.weight)));
    }
    let citations = cite(page, context, &evidence.records);
    if !citations.is_empty() {
        body.push(Piece::dim(" · "));
        body.extend(citations);
    }
    body
}

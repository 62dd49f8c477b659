//! What to do: the steps of playbooks, with their risk, their proof and their way back.

use super::diagnosis::{LABEL, TEXT, row};
use super::page::{Page, Paint, Piece};
use crate::model::{Diagnosis, Fix};

/// Playbooks remembered, so that a page of thousands of conclusions takes linear time.
const REMEMBERED: usize = 64;

/// Playbooks already shown step by step, with the rank of their conclusion.
#[derive(Default)]
pub(super) struct Told<'r>(Vec<(Vec<&'r Fix>, usize)>);

impl Told<'_> {
    /// The conclusion under which exactly these steps stand.
    fn rank_of(&self, steps: &[&Fix]) -> Option<usize> {
        self.0.iter().find(|(told, _)| told == steps).map(|(_, rank)| *rank)
    }
}

/// The best playbook step by step, the others by name; all of them where all was asked for.
pub(super) fn write<'r>(page: &mut Page<'_>, diagnosis: &'r Diagnosis, told: &mut Told<'r>) {
    for (number, steps) in playbooks(diagnosis).into_iter().enumerate() {
        let label = if number == 0 { "fix" } else { "or" };
        if let Some(rank) = told.rank_of(&steps) {
            row(page, label, &[title(&steps), Piece::dim(format!(" · steps under {rank}"))]);
        } else if number == 0 || page.style().all {
            row(page, label, &[title(&steps)]);
            steps.iter().for_each(|step| write_step(page, step));
            if told.0.len() < REMEMBERED {
                told.0.push((steps, diagnosis.rank));
            }
        } else {
            row(page, label, &[title(&steps), hidden(steps.len())]);
        }
    }
}

/// The first step in one line.
pub(super) fn write_first(page: &mut Page<'_>, diagnosis: &Diagnosis, told: &Told<'_>) {
    let Some(steps) = playbooks(diagnosis).into_iter().next() else { return };
    let pointer = match told.rank_of(&steps) {
        Some(rank) => Piece::dim(format!(" · steps under {rank}")),
        None => hidden(steps.len()),
    };
    row(page, "fix", &[title(&steps), pointer]);
}

/// Steps by playbook, in order.
fn playbooks(diagnosis: &Diagnosis) -> Vec<Vec<&Fix>> {
    let same = |left: &Fix, right: &Fix| left.playbook == right.playbook;
    diagnosis.fixes.chunk_by(same).map(|steps| steps.iter().collect()).collect()
}

fn title(steps: &[&Fix]) -> Piece {
    Piece::prose(Paint::Strong, steps.first().map_or("", |step| step.title.as_str()))
}

fn hidden(steps: usize) -> Piece {
    let plural = if steps == 1 { "" } else { "s" };
    Piece::dim(format!(" · {steps} step{plural} (--all)"))
}

fn write_step(page: &mut Page<'_>, step: &Fix) {
    let prefix = [
        Piece::plain(format!("{:LABEL$}", "")),
        Piece::strong(step.step.to_string()),
        Piece::dim(format!(" {}", step.target)),
    ];
    page.hanging(&prefix, TEXT, &[Piece::prose(Paint::Plain, &step.action)]);
    if let Some(command) = &step.command {
        page.verbatim(TEXT, Paint::Command, command);
    }
    if let Some(impact) = &step.security_impact {
        let body = [Piece::new(Paint::Bad, "lowers security: "), Piece::prose(Paint::Bad, impact)];
        page.paragraph(TEXT, &body);
    }
    if step.temporary {
        page.paragraph(TEXT, &[Piece::new(Paint::Warn, "temporary: take it back afterwards")]);
    }
    let risky = !step.risk.trim_start().starts_with("none");
    let undoable = !step.undo.trim_start().starts_with("nothing");
    let all = page.style().all;
    note(page, "expect", &step.expected, all);
    note(page, "verify", &step.verify, true);
    note(page, "risk", &step.risk, risky || all);
    note(page, "undo", &step.undo, undoable || all || step.temporary);
}

fn note(page: &mut Page<'_>, label: &str, text: &str, wanted: bool) {
    if wanted && !text.trim().is_empty() {
        let prefix = [Piece::dim(format!("{:TEXT$}{label}", ""))];
        page.hanging(&prefix, TEXT + 8, &[Piece::prose(Paint::Plain, text)]);
    }
}

//! Why a cause was concluded, or why not: its proof trees, scope by scope.

use super::TerminalStyle;
use super::cite::{Context, cite};
use super::clock::Clock;
use super::diagnosis::{TEXT, row};
use super::page::{Page, Paint, Piece};
use crate::model::{Confidence, Proof, ProofPart, ProofStep, Report, Ruling, StepResult, channel};

/// Scopes on a page unless all are asked for.
const SCOPES: usize = 8;
/// Items in each row unless all are asked for.
const ITEMS: usize = 6;

/// The proof trees of one cause, nearest to a conclusion first, with a newline at the end.
pub fn render_proofs(
    report: &Report,
    title: &str,
    proofs: &[Proof],
    style: &TerminalStyle,
) -> String {
    let mut page = Page::new(style);
    page.paragraph(0, &[Piece::prose(Paint::Strong, title)]);
    if proofs.is_empty() {
        let none = "nobody tried to connect, and nothing that it asks for was seen";
        page.paragraph(0, &[Piece::plain(none)]);
    }
    let shown = page.shown(proofs.len(), SCOPES);
    for proof in proofs.iter().take(shown) {
        page.blank();
        write(&mut page, report, proof);
    }
    if shown < proofs.len() {
        page.blank();
        let hidden = format!("… and {} more scopes (--all, or --scope NAME)", proofs.len() - shown);
        page.paragraph(0, &[Piece::dim(hidden)]);
    }
    page.finish()
}

fn write(page: &mut Page<'_>, report: &Report, proof: &Proof) {
    let paint = match proof.ruling {
        Ruling::Found => Paint::Bad,
        Ruling::Suspected => Paint::Warn,
        Ruling::RuledOut => Paint::Good,
        Ruling::NotTested => Paint::Strong,
    };
    page.paragraph(
        0,
        &[
            Piece::strong(proof.scope.to_string()),
            Piece::plain(proof.episode.map_or(String::new(), |number| format!(", spell {number}"))),
            Piece::plain("   "),
            Piece::new(paint, proof.ruling.name()),
            Piece::plain(": "),
            Piece::plain(&proof.reason),
        ],
    );
    row(page, "sum", &[Piece::plain(sum(proof))]);
    if let Some(told) = told_under(report, proof) {
        row(page, "told", &[Piece::plain(told)]);
    }
    let context = Context {
        report,
        machine: proof.scope.machine().map(AsRef::as_ref).unwrap_or_default(),
        clock: Clock::default(),
        episodes: 0,
    };
    let of = |wanted: &dyn Fn(&ProofStep) -> bool| -> Vec<&ProofStep> {
        proof.steps.iter().filter(|step| wanted(step)).collect()
    };
    let holds = |step: &ProofStep| step.result == StepResult::Holds;
    let is_for = |step: &ProofStep| {
        matches!(step.part, ProofPart::Confirms | ProofPart::Supports | ProofPart::Absent)
    };
    let speaks_against = |step: &ProofStep| step.part == ProofPart::Contradicts;
    let untestable = |step: &ProofStep| matches!(step.result, StepResult::Untestable(_));
    for (label, steps) in [
        ("gate", of(&|step| step.part.is_condition())),
        ("for", of(&|step| is_for(step) && holds(step))),
        ("against", of(&|step| speaks_against(step) && holds(step))),
        ("missing", of(&|step| !step.part.is_condition() && untestable(step))),
        ("not met", of(&|step| is_for(step) && step.result == StepResult::Fails)),
    ] {
        write_steps(page, &context, label, steps);
    }
}

/// Prior, weights and band: `-10 +20 -8 = 2, possible`.
fn sum(proof: &Proof) -> String {
    let mut text = format!("{} before any evidence", proof.prior);
    for step in proof.steps.iter().filter(|step| step.counted != 0) {
        text.push_str(&format!(", {:+}", step.counted));
    }
    let band = proof.band.map_or("less than possible", Confidence::name);
    text.push_str(&format!(" = {} ({band})", proof.score));
    text
}

/// Under which other conclusion it is told, where it was concluded and has no place of its own.
fn told_under(report: &Report, proof: &Proof) -> Option<String> {
    proof.band?;
    let of_cause = |cause: &str| cause == &*proof.cause;
    let own = report.diagnoses.iter().any(|diagnosis| {
        of_cause(&diagnosis.candidate.cause) && diagnosis.candidate.scope == proof.scope
    });
    if own {
        return None;
    }
    let other = report.diagnoses.iter().find(|diagnosis| {
        diagnosis.candidate.explains.iter().any(|explained| of_cause(explained))
            && diagnosis.candidate.scope.machine() == proof.scope.machine()
    })?;
    Some(format!("under {}, which explains it", other.id))
}

fn write_steps(
    page: &mut Page<'_>,
    context: &Context<'_>,
    label: &str,
    mut steps: Vec<&ProofStep>,
) {
    // Of conditions the first that hold say most; of items the weightiest.
    steps.sort_by_key(|step| {
        let fails = step.result != StepResult::Holds;
        (fails, step.part.is_condition().then_some(step.part), -step.weight.abs())
    });
    let shown = page.shown(steps.len(), ITEMS);
    for (number, step) in steps.iter().take(shown).enumerate() {
        let label = if number == 0 { label } else { "" };
        let body = body(page, context, step);
        let prefix = Piece::dim(format!("   {label:<width$}•", width = TEXT - 3));
        page.hanging(&[prefix], TEXT + 2, &body);
    }
    if shown < steps.len() {
        row(page, "", &[Piece::dim(format!("… and {} more (--all)", steps.len() - shown))]);
    }
}

fn body(page: &Page<'_>, context: &Context<'_>, step: &ProofStep) -> Vec<Piece> {
    let mut body = Vec::new();
    if step.part.is_condition() {
        let result = match step.result {
            StepResult::Holds => "yes",
            StepResult::Fails => "no",
            StepResult::Untestable(_) => "cannot tell",
        };
        body.push(Piece::dim(format!("{}: ", step.part.name())));
        body.push(Piece::strong(result));
        body.push(Piece::dim(" · "));
    }
    body.push(Piece::plain(&step.question));
    if step.signals > 1 {
        body.push(Piece::plain(format!(" ×{}", step.signals)));
    }
    if let Some(because) = &step.because {
        body.push(Piece::plain(format!("; {because}")));
    }
    if let StepResult::Untestable(channels) = &step.result {
        let names: Vec<_> = channels.iter().map(|name| channel::short(name)).collect();
        body.push(Piece::new(Paint::Warn, format!(" · needs {}", names.join(", "))));
    }
    if step.weight != 0 {
        body.push(Piece::dim(weight(step)));
    }
    let citations = cite(page, context, &step.records);
    if !citations.is_empty() {
        body.push(Piece::dim(" · "));
        body.extend(citations);
    }
    body
}

/// What a step weighs, and why less of it counts.
fn weight(step: &ProofStep) -> String {
    let told = step.result == StepResult::Holds && step.counted != step.weight;
    match (&step.group, told) {
        (Some(group), true) => {
            format!(" ({:+}, not counted: `{group}` counts once)", step.weight)
        }
        _ => format!(" ({:+})", step.weight),
    }
}

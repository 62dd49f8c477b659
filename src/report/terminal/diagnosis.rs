//! One conclusion: what, how sure, whom it hits, why, what shows it, what to do.

use std::collections::BTreeSet;

use super::cite::Context;
use super::clock::{self, Clock};
use super::page::{Page, Paint, Piece};
use super::{evidence, fix};
use crate::model::{Candidate, Confidence, Diagnosis, Kind, Outcome, Report};

/// Where the rows of a conclusion begin, and their text.
pub(super) const LABEL: usize = 3;
pub(super) const TEXT: usize = 13;
/// Longest cause id that the others are aligned to.
const CAUSE: usize = 36;
/// Users and clients named unless all are asked for.
const NAMES: usize = 4;
/// Spells told unless all are asked for.
const EPISODES: usize = 4;

/// Widths that align the first lines of all conclusions.
pub(super) struct Columns {
    rank: usize,
    cause: usize,
}

impl Columns {
    pub(super) fn of<'r>(diagnoses: impl Iterator<Item = &'r &'r Diagnosis>) -> Self {
        let mut columns = Self { rank: 1, cause: 0 };
        for diagnosis in diagnoses {
            columns.rank = columns.rank.max(diagnosis.rank.to_string().len());
            let cause = diagnosis.candidate.cause.chars().count();
            columns.cause = columns.cause.max(cause.min(CAUSE));
        }
        columns
    }
}

/// What stands further up on the page and need not be said again.
#[derive(Default)]
pub(super) struct Told<'r> {
    diagnoses: usize,
    causes: BTreeSet<&'r str>,
    pub(super) fixes: fix::Told<'r>,
}

pub(super) fn write<'r>(
    page: &mut Page<'_>,
    report: &'r Report,
    diagnosis: &'r Diagnosis,
    columns: &Columns,
    told: &mut Told<'r>,
) {
    let candidate = &diagnosis.candidate;
    // The first is the answer, however weak; after it only what is at least likely.
    let in_full =
        page.style().all || told.diagnoses == 0 || candidate.confidence >= Confidence::Likely;
    let first_of_cause = told.causes.insert(&candidate.cause);
    told.diagnoses += 1;

    write_head(page, diagnosis, columns);
    page.paragraph(LABEL, &[Piece::prose(Paint::Strong, &diagnosis.title)]);
    page.paragraph(LABEL, &[Piece::plain(&diagnosis.summary)]);
    if in_full {
        if first_of_cause {
            row(page, "why", &[Piece::prose(Paint::Plain, &diagnosis.why)]);
        }
        row(page, "when", &[Piece::plain(clock::range(candidate.first, candidate.last))]);
        write_episodes(page, report, candidate);
        write_names(page, candidate);
    }
    let context = Context {
        report,
        machine: candidate.scope.machine().map(AsRef::as_ref).unwrap_or_default(),
        clock: if in_full {
            Clock::between(candidate.first, candidate.last)
        } else {
            Clock::default()
        },
        episodes: candidate.episodes.len(),
    };
    if in_full {
        evidence::write(page, &context, candidate);
        write_look_alikes(page, diagnosis);
        fix::write(page, diagnosis, &mut told.fixes);
    } else {
        evidence::write_best(page, &context, candidate);
        fix::write_first(page, diagnosis, &told.fixes);
    }
}

/// `1  certificate-key-unreadable   confirmed   SRV01`.
fn write_head(page: &mut Page<'_>, diagnosis: &Diagnosis, columns: &Columns) {
    let candidate = &diagnosis.candidate;
    let cause = format!("{:<width$}   ", candidate.cause, width = columns.cause);
    let kind = if candidate.kind == Kind::Attack { "attack   " } else { "" };
    let confidence = match candidate.confidence {
        Confidence::Confirmed => Paint::Bad,
        Confidence::Likely => Paint::Warn,
        Confidence::Possible => Paint::Dim,
    };
    page.hanging(
        &[Piece::strong(diagnosis.rank.to_string())],
        LABEL.max(columns.rank + 1),
        &[
            Piece::strong(cause),
            Piece::new(confidence, format!("{:<9}   ", candidate.confidence.name())),
            Piece::new(Paint::Bad, kind),
            Piece::plain(candidate.scope.to_string()),
        ],
    );
}

/// A row with its label; no label continues the row above.
pub(super) fn row(page: &mut Page<'_>, label: &str, body: &[Piece]) {
    page.hanging(&[Piece::dim(format!("{:LABEL$}{label}", ""))], TEXT, body);
}

fn write_names(page: &mut Page<'_>, candidate: &Candidate) {
    let users: Vec<String> = candidate.users.iter().map(ToString::to_string).collect();
    let clients: Vec<String> = candidate.clients.iter().map(ToString::to_string).collect();
    // A scope that is one user or one client names it already.
    let named = |kind: &str, names: &[String]| {
        names.is_empty() || (names.len() == 1 && candidate.scope.kind() == kind)
    };
    for (label, kind, names) in [("users", "account", users), ("clients", "client", clients)] {
        if named(kind, &names) {
            continue;
        }
        let shown = page.shown(names.len(), NAMES);
        let mut body = Vec::new();
        for name in names.iter().take(shown) {
            if !body.is_empty() {
                body.push(Piece::plain(", "));
            }
            body.push(Piece::plain(name));
        }
        if shown < names.len() {
            body.push(Piece::dim(format!(", … and {} more (--all)", names.len() - shown)));
        }
        row(page, label, &body);
    }
}

/// What it could be instead, and how to tell.
fn write_look_alikes(page: &mut Page<'_>, diagnosis: &Diagnosis) {
    for (number, other) in diagnosis.separate_from.iter().enumerate() {
        let label = if number == 0 { "or maybe" } else { "" };
        row(
            page,
            label,
            &[
                Piece::new(Paint::Warn, &other.cause),
                Piece::plain(", told apart by: "),
                Piece::prose(Paint::Plain, &other.by),
            ],
        );
        for log in &other.collect {
            row(page, "", &[Piece::plain(format!("collect on {}", log.machine))]);
            page.verbatim(TEXT + 2, Paint::Command, &log.command);
        }
    }
}

/// The spells of a fault that went away and came back.
fn write_episodes(page: &mut Page<'_>, report: &Report, candidate: &Candidate) {
    let shown = page.shown(candidate.episodes.len(), EPISODES);
    for (number, episode) in candidate.episodes.iter().enumerate().take(shown) {
        let label = if number == 0 { "spells" } else { "" };
        let failed = |index: &&usize| {
            report.attempts.get(**index).is_some_and(|one| one.outcome == Outcome::Failed)
        };
        let tries = match episode.attempts.iter().filter(failed).count() {
            0 => String::new(),
            1 => ", 1 try".to_owned(),
            count => format!(", {count} tries"),
        };
        let when = clock::range(episode.first, episode.last);
        let text = format!("{}. {when}{tries}, {}", number + 1, episode.confidence.name());
        row(page, label, &[Piece::plain(text)]);
    }
    if shown < candidate.episodes.len() {
        let hidden = candidate.episodes.len() - shown;
        row(page, "", &[Piece::dim(format!("… and {hidden} more (--all)"))]);
    }
}

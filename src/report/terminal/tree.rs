//! The proof tree of a saved conclusion, down to its records.

use std::borrow::Cow;

use super::TerminalStyle;
use super::diagnosis::{TEXT, row};
use super::page::{Page, Paint, Piece};
use crate::model::channel;
use crate::report::sanitize;
use crate::report::saved::{
    SavedCollect, SavedCondition, SavedDiagnosis, SavedEvidence, SavedRecord,
};

/// Items for or against unless all are asked for.
const ITEMS: usize = 30;
/// Longest running text and command.
const TEXT_CHARS: usize = 4000;
/// Records under one item unless all are asked for.
const RECORDS: usize = 4;
/// Questions that one missing log would answer, and attempts, unless all are asked for.
const LISTED: usize = 6;
/// Where what belongs to an item begins.
const BELOW: usize = TEXT + 2;

/// The tree as a page, with a newline at the end.
pub fn render_tree(found: &SavedDiagnosis, style: &TerminalStyle) -> String {
    let mut page = Page::new(style);
    write(&mut page, found);
    page.finish()
}

fn write(page: &mut Page<'_>, found: &SavedDiagnosis) {
    page.hanging(
        &[Piece::strong(found.rank.to_string())],
        3,
        &[
            Piece::strong(&found.cause),
            Piece::plain("   "),
            Piece::new(Paint::Bad, &found.confidence),
            Piece::plain("   "),
            Piece::plain(&found.scope.key),
            Piece::dim(format!("   {} · {}", found.kind, found.id)),
        ],
    );
    page.paragraph(3, &[Piece::prose(Paint::Strong, &bounded(&found.title))]);
    page.paragraph(3, &[Piece::plain(&found.summary)]);
    row(page, "why", &[Piece::prose(Paint::Plain, &bounded(&found.why))]);
    row(page, "when", &[Piece::plain(format!("{} … {}", found.first, found.last))]);
    row(page, "sum", &[Piece::plain(sum(found))]);
    if let Some(because) = &found.confidence_because {
        row(page, "because", &[Piece::plain(because)]);
    }
    write_episodes(page, found);
    write_gate(page, &found.gate);
    for (label, roles) in [
        ("for", &["decisive", "supporting", "absent"][..]),
        ("against", &["contradicting"]),
        ("missing", &["untestable"]),
    ] {
        let of_roles = |item: &&SavedEvidence| roles.contains(&item.role.as_str());
        let items: Vec<&SavedEvidence> = found.evidence.iter().filter(of_roles).collect();
        let shown = page.shown(items.len(), ITEMS);
        for (number, item) in items.iter().take(shown).enumerate() {
            write_item(page, if number == 0 { label } else { "" }, item);
        }
        if shown < items.len() {
            write_more(page, items.len() - shown);
        }
    }
    if !found.evidence.iter().any(|item| item.role == "contradicting") {
        row(page, "against", &[Piece::dim("nothing found")]);
    }
    for other in &found.separate_from {
        let cause = Piece::new(Paint::Warn, &other.cause);
        let by = Piece::plain(format!(", told apart by: {}", other.by));
        row(page, "or maybe", &[cause, by]);
        write_collect(page, &other.collect);
    }
    write_list(page, "explains", &found.explains);
    write_list(page, "attempts", &found.attempts);
}

/// As much of a text as any rule has; what a file says may be of any length.
fn bounded(text: &str) -> Cow<'_, str> {
    sanitize::shorten(text, TEXT_CHARS)
}

/// Prior, weights and sum: `-10 before any evidence, +20, -8 = 2 (possible)`.
fn sum(found: &SavedDiagnosis) -> String {
    let counted = found.evidence.iter().map(|item| item.weight).filter(|weight| *weight != 0);
    let mut text = match found.prior {
        Some(prior) => format!("{prior} before any evidence"),
        None => "the prior is not in this report".to_owned(),
    };
    for weight in counted {
        text.push_str(&format!(", {weight:+}"));
    }
    text.push_str(&format!(" = {} ({})", found.score, found.confidence));
    text
}

fn write_episodes(page: &mut Page<'_>, found: &SavedDiagnosis) {
    for (number, episode) in found.episodes.iter().enumerate() {
        let label = if number == 0 { "spells" } else { "" };
        let text = format!(
            "{}. {} … {}, {} attempts, {} ({})",
            number + 1,
            episode.first,
            episode.last,
            episode.attempts.len(),
            episode.confidence,
            episode.score
        );
        row(page, label, &[Piece::plain(text)]);
    }
}

fn write_gate(page: &mut Page<'_>, gate: &[SavedCondition]) {
    for (number, condition) in gate.iter().enumerate() {
        let answer = match condition.result.as_str() {
            "holds" => "yes",
            "fails" => "no",
            _ => "cannot tell",
        };
        let mut body = vec![
            Piece::dim(format!("{}: ", condition.part.replace('-', " "))),
            Piece::strong(answer),
            Piece::dim(" · "),
            Piece::plain(&condition.question),
        ];
        if let Some(because) = &condition.because {
            body.push(Piece::plain(format!("; {because}")));
        }
        if !condition.missing.is_empty() {
            let names: Vec<_> = condition.missing.iter().map(|name| channel::short(name)).collect();
            body.push(Piece::new(Paint::Warn, format!(" · needs {}", names.join(", "))));
        }
        bullet(page, if number == 0 { "gate" } else { "" }, &body);
        write_records(page, &condition.records, condition.records_total);
    }
}

fn write_item(page: &mut Page<'_>, label: &str, item: &SavedEvidence) {
    let paint = match item.role.as_str() {
        "decisive" => Paint::Strong,
        "contradicting" => Paint::Warn,
        "untestable" => Paint::Dim,
        _ => Paint::Plain,
    };
    let mut body = vec![Piece::new(paint, &item.statement), Piece::dim(weight(item))];
    if !item.episodes.is_empty() {
        let numbers: Vec<String> = item.episodes.iter().map(ToString::to_string).collect();
        body.push(Piece::dim(format!(" · in spell {}", numbers.join(", "))));
    }
    bullet(page, label, &body);
    for log in &item.covered {
        let text = format!(
            "rests on {} of {}, which covers {} … {}",
            channel::short(&log.channel),
            log.machine,
            log.from,
            log.to
        );
        page.paragraph(BELOW, &[Piece::dim(text)]);
    }
    let shown = page.shown(item.would_tell.len(), LISTED);
    for question in item.would_tell.iter().take(shown) {
        let text = format!("{:+} {}: {}", question.weight, question.role, question.question);
        page.hanging(&[Piece::dim(format!("{:BELOW$}?", ""))], BELOW + 2, &[Piece::dim(text)]);
    }
    if shown < item.would_tell.len() {
        write_more(page, item.would_tell.len() - shown);
    }
    write_collect(page, &item.collect);
    write_records(page, &item.records, item.records_total);
}

/// Role and weight, and why less of it counts.
fn weight(item: &SavedEvidence) -> String {
    let rule = item.rule_weight.unwrap_or(item.weight);
    let group = item.group.as_deref();
    match (item.role.as_str(), item.weight == rule, group) {
        ("untestable", ..) => String::new(),
        (role, true, None) => format!(" ({role} {rule:+})"),
        (role, true, Some(group)) => format!(" ({role} {rule:+}, group `{group}`)"),
        (role, false, Some(group)) if item.episodes.is_empty() => {
            format!(" ({role} {rule:+}, not counted: `{group}` counts once)")
        }
        (role, false, _) => format!(" ({role} {rule:+}, not counted for the surest)"),
    }
}

fn write_collect(page: &mut Page<'_>, logs: &[SavedCollect]) {
    for log in logs {
        let name = channel::short(&log.channel);
        let text = format!("collect {name} on {}", log.machine);
        page.paragraph(BELOW, &[Piece::dim(text)]);
        page.verbatim(BELOW + 2, Paint::Command, &bounded(&log.command));
    }
}

fn write_records(page: &mut Page<'_>, records: &[SavedRecord], total: u64) {
    let shown = page.shown(records.len(), RECORDS);
    for record in records.iter().take(shown) {
        let SavedRecord { machine, file, channel, event_id, record_id, time, codes } = record;
        let channel = channel::short(channel);
        let text = format!("{machine} {channel} {event_id} #{record_id} {time} in {file}");
        page.hanging(
            &[Piece::dim(format!("{:BELOW$}-", ""))],
            BELOW + 2,
            &[Piece::dim(text), Piece::dim(spell_out(codes))],
        );
    }
    let hidden = total.saturating_sub(shown as u64);
    if hidden > 0 {
        write_more(page, usize::try_from(hidden).unwrap_or(usize::MAX));
    }
}

/// The codes of a record: ` (SubStatus 0xC000006A STATUS_WRONG_PASSWORD)`.
fn spell_out(codes: &serde_json::Map<String, serde_json::Value>) -> String {
    let named = codes.iter().filter_map(|(field, note)| {
        let text = |key: &str| note.get(key).and_then(serde_json::Value::as_str);
        let name = text("symbol").or_else(|| text("meaning"))?;
        Some(format!("{field} {} {}", text("code")?, name.trim_end_matches('.')))
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) }
}

fn write_list(page: &mut Page<'_>, label: &str, names: &[String]) {
    let shown = page.shown(names.len(), LISTED);
    if shown > 0 {
        let names: Vec<&str> = names.iter().take(shown).map(String::as_str).collect();
        row(page, label, &[Piece::plain(names.join(", "))]);
    }
    if shown < names.len() {
        write_more(page, names.len() - shown);
    }
}

fn write_more(page: &mut Page<'_>, hidden: usize) {
    page.paragraph(BELOW, &[Piece::dim(format!("… and {hidden} more (--all, or the report)"))]);
}

fn bullet(page: &mut Page<'_>, label: &str, body: &[Piece]) {
    page.hanging(&[Piece::dim(format!("   {label:<width$}•", width = TEXT - 3))], BELOW, body);
}

//! `rdpwhy rules list`: what the knowledge base holds.

use std::collections::BTreeMap;
use std::io::Write;

use clap::{Args, ValueEnum};
use comfy_table::{Table, presets};
use serde::Serialize;

use super::{Format, Source};
use crate::cases::{CaseOutline, cause_of, outlines};
use crate::cli::{Console, Exit, Failure, knowledge, output};
use crate::model::{SignalId, Text, channel};
use crate::report::sanitize;
use crate::rules::events::Catalogue;
use crate::rules::{RuleSet, rule_texts};

/// Lists causes with their cases, signals or playbooks
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    source: Source,
    /// What to list
    #[arg(value_enum, default_value_t, value_name = "WHAT")]
    what: What,
    /// How to write the list
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    format: Format,
}

/// The kinds of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum What {
    /// Root causes
    #[default]
    Causes,
    /// Facts drawn from events, and correlations of them
    Signals,
    /// Steps that fix
    Playbooks,
}

/// One row; what a kind of rule does not have is left out.
#[derive(Debug, Default, Serialize)]
struct Row {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fires: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    silent: Option<usize>,
    /// Cases without a log that the cause needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    without_log: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    of: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
    title: String,
}

/// Version 1: keys may be added, never renamed or removed.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    rules: &'a [Row],
}

/// Runs the command.
pub(super) fn run(args: &ListArgs, console: &Console) -> Result<Exit, Failure> {
    let rules = knowledge::rules(args.source.rules.as_deref(), console)?;
    let rows = match args.what {
        What::Causes => causes(rules, args, console)?,
        What::Signals => signals(rules),
        What::Playbooks => playbooks(rules),
    };
    let width = u16::try_from(console.width(false)).unwrap_or(u16::MAX);
    output::to_stdout(console.stdout_color(), |out| match args.format {
        Format::Terminal => Ok(write(out, &rows, args.what, width)?),
        Format::Json => {
            let document = Document { schema: "rdpwhy.rules/1", rules: &rows };
            serde_json::to_writer_pretty(&mut *out, &document)?;
            Ok(writeln!(out)?)
        }
    })?;
    Ok(Exit::Done)
}

fn causes(rules: &RuleSet, args: &ListArgs, console: &Console) -> Result<Vec<Row>, Failure> {
    let texts = rule_texts(args.source.rules.as_deref())
        .map_err(|wrong| knowledge::bad_rules(wrong, console))?;
    let layouts = Catalogue::embedded().map_err(anyhow::Error::from)?;
    let mut cases: BTreeMap<&str, Vec<CaseOutline>> = BTreeMap::new();
    for text in &texts {
        // What is wrong with cases is told by `rules test` and `rules lint`.
        if let (Some(cause), Ok(outlines)) = (cause_of(&text.path), outlines(text, &layouts)) {
            cases.insert(cause, outlines);
        }
    }
    let mut causes: Vec<_> = rules.causes.iter().collect();
    causes.sort_by_key(|cause| (cause.stage, cause.id.clone()));
    Ok(causes
        .into_iter()
        .map(|cause| {
            let cases = cases.get(&*cause.id).map(Vec::as_slice).unwrap_or_default();
            let fires = cases.iter().filter(|case| case.must_fire).count();
            let without_log = cases.iter().filter(|case| case.lacks_a_log(cause)).count();
            Row {
                id: cause.id.to_string(),
                stage: Some(cause.stage.name()),
                kind: Some(cause.kind.name()),
                fires: Some(fires),
                silent: Some(cases.len() - fires),
                without_log: Some(without_log),
                title: cause.title.to_string(),
                ..Row::default()
            }
        })
        .collect())
}

fn signals(rules: &RuleSet) -> Vec<Row> {
    let single = rules.signals.rules().iter().map(|rule| Row {
        id: rule.id.to_string(),
        channel: Some(channel::short(&rule.channel).into_owned()),
        events: rule.event_ids().collect(),
        title: rule.title.to_string(),
        ..Row::default()
    });
    let several = rules.correlations.iter().map(|correlation| Row {
        id: correlation.id.to_string(),
        of: correlation.rules.iter().map(SignalId::to_string).collect(),
        title: correlation.title.to_string(),
        ..Row::default()
    });
    let mut rows: Vec<Row> = single.chain(several).collect();
    rows.sort_by(|left, right| left.id.cmp(&right.id));
    rows
}

fn playbooks(rules: &RuleSet) -> Vec<Row> {
    let row = |(id, playbook): (&Text, &crate::rules::Playbook)| Row {
        id: id.to_string(),
        steps: Some(playbook.steps.len()),
        title: playbook.title.to_string(),
        ..Row::default()
    };
    rules.playbooks.iter().map(row).collect()
}

fn write(out: &mut dyn Write, rows: &[Row], what: What, width: u16) -> std::io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic).set_width(width);
    let heads: &[&str] = match what {
        What::Causes => &["STAGE", "CAUSE", "KIND", "FIRES", "SILENT", "NO LOG", "TITLE"],
        What::Signals => &["SIGNAL", "FROM", "TITLE"],
        What::Playbooks => &["PLAYBOOK", "STEPS", "TITLE"],
    };
    table.set_header(heads.to_vec());
    for row in rows {
        let number = |number: Option<usize>| number.map(|n| n.to_string()).unwrap_or_default();
        let text = |text: &str| sanitize::line(text).into_owned();
        table.add_row(match what {
            What::Causes => vec![
                row.stage.unwrap_or_default().to_owned(),
                row.id.clone(),
                row.kind.unwrap_or_default().to_owned(),
                number(row.fires),
                number(row.silent),
                number(row.without_log),
                text(&row.title),
            ],
            What::Signals => {
                let events: Vec<String> = row.events.iter().map(u32::to_string).collect();
                let from = match &row.channel {
                    Some(channel) => format!("{channel} {}", events.join(", ")),
                    None => row.of.join(", "),
                };
                vec![row.id.clone(), text(&from), text(&row.title)]
            }
            What::Playbooks => vec![row.id.clone(), number(row.steps), text(&row.title)],
        });
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "{} rules", rows.len())
}

//! `rdpwhy rules lint`: what is wrong with rules although they may load.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde::Serialize;

use super::{Format, Source};
use crate::cli::{Console, Exit, Failure, knowledge, output};
use crate::lint::{Finding, Level, lint};
use crate::report::sanitize;
use crate::rules::{RuleSet, RuleText, most_similar, rule_texts};

/// Finds what is wrong with rules
///
/// Errors: unknown keys and ids, causes that can never be concluded, weights without a reason,
/// steps that cannot be verified or that lower security without saying so, causes without
/// cases, matching on rendered text. Warnings: logs that evidence needs and the cause does not
/// ask for, look-alikes that do not name each other, cases that are missing, steps without a
/// way back, playbooks that nobody uses. Notes: signals that nobody uses.
///
/// Ends with 1 when there is an error.
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    #[command(flatten)]
    source: Source,
    /// Only findings about these causes, playbooks, signal files or paths that contain the text
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Show notes as well
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// How to write the findings; JSON has the notes as well
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(args: &LintArgs, console: &Console) -> Result<Exit, Failure> {
    let folder = args.source.rules.as_deref();
    let texts = rule_texts(folder).map_err(|wrong| knowledge::bad_rules(wrong, console))?;
    let is_there = |name: &&String| texts.iter().any(|text| text.shown.contains(&***name));
    if let Some(name) = args.names.iter().find(|name| !is_there(name)) {
        return Err(unknown(name, &texts));
    }
    let rules = folder.map_or_else(RuleSet::embedded, RuleSet::with_overlay);
    let mut findings = lint(rules.as_ref().map_err(Clone::clone), &texts);
    if !args.names.is_empty() {
        findings.retain(|finding| args.names.iter().any(|name| finding.file.contains(name)));
    }
    let exit = if count(&findings, Level::Error) > 0 { Exit::Failed } else { Exit::Done };
    output::to_stdout(console.stdout_color(), |out| match args.format {
        Format::Terminal => Ok(write(out, &findings, args.all)?),
        Format::Json => write_json(out, &findings),
    })?;
    Ok(exit)
}

/// A name that is in no path of a document.
fn unknown(name: &str, texts: &[RuleText]) -> Failure {
    let failure = Failure::usage(format!("no rule document has `{name}` in its path"));
    let names: Vec<&str> =
        texts.iter().filter_map(|text| text.path.rsplit('/').next()?.split('.').next()).collect();
    match most_similar(name, &names) {
        Some(name) => failure.hint(format!("did you mean `{name}`?")),
        None => failure.hint("`rdpwhy rules list` names the causes that there are"),
    }
}

fn count(findings: &[Finding], level: Level) -> usize {
    findings.iter().filter(|finding| finding.level == level).count()
}

/// Findings as editors and terminals recognize them, then the sum.
fn write(out: &mut dyn Write, findings: &[Finding], all: bool) -> io::Result<()> {
    for finding in findings.iter().filter(|finding| all || finding.level < Level::Note) {
        let style = style(finding.level);
        let place = match finding.place {
            Some(place) => format!(":{}:{}", place.line, place.column),
            None => String::new(),
        };
        write!(out, "{style}{}{style:#}: ", finding.level.name())?;
        writeln!(out, "{}{place}: [{}]", sanitize::line(&finding.file), finding.check)?;
        writeln!(out, "  {}", sanitize::line(&finding.message))?;
        if let Some(hint) = &finding.hint {
            writeln!(out, "  hint: {}", sanitize::line(hint))?;
        }
    }
    let counts = [Level::Error, Level::Warning, Level::Note].map(|level| {
        let count = count(findings, level);
        format!("{count} {}{}", level.name(), if count == 1 { "" } else { "s" })
    });
    let hidden = if all || count(findings, Level::Note) == 0 { "" } else { " (--all shows notes)" };
    writeln!(out, "{}{hidden}", counts.join(", "))
}

const fn style(level: Level) -> Style {
    match level {
        Level::Error => AnsiColor::Red.on_default().bold(),
        Level::Warning => AnsiColor::Yellow.on_default().bold(),
        Level::Note => AnsiColor::Cyan.on_default(),
    }
}

/// Version 1: keys may be added, never renamed or removed.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    findings: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    level: Level,
    check: &'a str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

fn write_json(out: &mut dyn Write, findings: &[Finding]) -> anyhow::Result<()> {
    let findings = findings.iter().map(|finding| FindingJson {
        level: finding.level,
        check: finding.check,
        file: &finding.file,
        line: finding.place.map(|place| place.line),
        column: finding.place.map(|place| place.column),
        message: &finding.message,
        hint: finding.hint.as_deref(),
    });
    let document = Document { schema: "rdpwhy.lint/1", findings: findings.collect() };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    Ok(writeln!(out)?)
}

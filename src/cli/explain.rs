//! `rdpwhy explain`: the page of a cause, or the proof of a saved conclusion.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::lookup::page::{FAINT, ID, Page, TITLE, WARNING};
use super::{Console, Exit, Failure, knowledge, output};
use crate::handbook::{Part, parts, playbooks};
use crate::report::sanitize;
use crate::report::saved::{self, Saved};
use crate::report::terminal::{TerminalStyle, render_tree};
use crate::rules::schema::StepDocument;
use crate::rules::{Cause, RuleSet, most_similar};

/// Ids of a report that an error names.
const IDS: usize = 8;
/// Longest id in an error.
const ID_CHARS: usize = 100;

/// Tells about a cause, or why a saved report concluded what it did
///
/// A cause: what shows it, what looks like it, how to mend it, what not to do. Everything stands
/// in its rule.
///
/// A conclusion of a report that was saved with `--format json`: its proof down to the records.
/// The sum of prior and weights, what opened the gate, what speaks for it and against it, which
/// of it did not count because its group had counted, on which logs an absence rests, and what
/// could not be tested for want of which log.
///
/// Weights are decibans: 10 is ten to one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rdpwhy explain certificate-expired
  rdpwhy case --format json -o report.json
  rdpwhy explain --report report.json                                the first conclusion
  rdpwhy explain --report report.json certificate-expired-1a2b3c4d")]
pub(super) struct ExplainArgs {
    /// The cause's id, as reports name it; with --report, a conclusion's id or rank [default: the
    /// first]
    #[arg(value_name = "CAUSE|ID", required_unless_present = "report")]
    subject: Option<String>,
    /// Explain a conclusion of this saved report
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    report: Option<PathBuf>,
    /// Show every record and every question
    #[arg(long, requires = "report", help_heading = "Output")]
    all: bool,
    /// Use the rules of a folder over the built-in ones of the same id
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    rules: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, console: &Console) -> Result<Exit, Failure> {
    if let Some(path) = &args.report {
        return explain_saved(args, path, console);
    }
    let rules = knowledge::rules(args.rules.as_deref(), console)?;
    let cause = knowledge::cause(rules, args.subject.as_deref().unwrap_or_default())?;
    let width = console.width(false).clamp(40, 100);
    output::to_stdout(console.stdout_color(), |out| Ok(write(out, rules, cause, width)?))?;
    Ok(Exit::Done)
}

/// The proof of one conclusion of a saved report.
fn explain_saved(args: &ExplainArgs, path: &Path, console: &Console) -> Result<Exit, Failure> {
    let wanted = args.subject.as_deref();
    let read = || anyhow::Ok(saved::read(File::open(path)?, wanted)?);
    let saved = read().with_context(|| format!("cannot use `{}`", path.display()));
    let hint = "save a report with `rdpwhy PATH --format json -o FILE`";
    let saved = saved.map_err(|error| Failure::new(Exit::NoInput, error).hint(hint))?;
    let Some(found) = &saved.found else { return Err(not_there(&saved, wanted)) };
    if found.prior.is_none() {
        let version = &saved.version;
        console.warn(&format!(
            "the report was written by version {version}, which saved less of the proof"
        ));
    }
    let style = TerminalStyle {
        width: console.width(false),
        color: console.wants_color(false),
        all: args.all,
        ..TerminalStyle::default()
    };
    let text = render_tree(found, &style);
    output::to_stdout(console.stdout_color(), |out| Ok(out.write_all(text.as_bytes())?))?;
    Ok(Exit::Done)
}

/// A conclusion that a report does not have.
fn not_there(saved: &Saved, wanted: Option<&str>) -> Failure {
    let Some(wanted) = wanted else {
        return Failure::usage("the report has no conclusion".to_owned());
    };
    let failure = Failure::usage(format!("the report has no conclusion `{wanted}`"));
    let ids: Vec<&str> = saved.ids.iter().map(String::as_str).collect();
    let shown: Vec<_> = ids.iter().take(IDS).map(|id| sanitize::shorten(id, ID_CHARS)).collect();
    let more = match ids.len().saturating_sub(IDS) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let listed = format!("it has {}{more}", shown.join(", "));
    match most_similar(wanted, &ids) {
        Some(id) => {
            failure.hint(format!("did you mean `{}`? {listed}", sanitize::shorten(id, ID_CHARS)))
        }
        None if ids.is_empty() => failure.hint("it has none at all"),
        None => failure.hint(listed),
    }
}

fn write(out: &mut dyn Write, rules: &RuleSet, cause: &Cause, width: usize) -> std::io::Result<()> {
    let mut page = Page { out, width, indent: 0 };
    writeln!(page.out, "{TITLE}{}{TITLE:#}", cause.id)?;
    page.text(&sanitize::paragraph(&cause.title))?;
    let (stage, kind) = (cause.stage, cause.kind.name());
    page.text(&format!("stage {stage} · {kind} · concluded {}", cause.scope.phrase()))?;
    writeln!(page.out)?;
    page.text(&sanitize::paragraph(&cause.why))?;
    let (never, told): (Vec<Part>, Vec<Part>) =
        parts(rules, cause).into_iter().partition(|part| part.heading == "Never");
    for part in &told {
        page.part(part, TITLE)?;
    }
    for playbook in playbooks(rules, cause) {
        let title = sanitize::paragraph(&playbook.title);
        let is_long = 5 + title.chars().count() + 2 + playbook.id.chars().count() > width;
        let gap = if is_long { "\n     " } else { "  " };
        writeln!(page.out, "\n{TITLE}Fix{TITLE:#}  {title}{gap}{FAINT}{}{FAINT:#}", playbook.id)?;
        for (number, step) in (1..).zip(&playbook.steps) {
            page.step(number, step)?;
        }
    }
    for part in &never {
        page.part(part, WARNING)?;
    }
    if !cause.references.is_empty() {
        writeln!(page.out, "\n{TITLE}Read more{TITLE:#}")?;
        page.indent = 2;
        for reference in &cause.references {
            page.text(&sanitize::paragraph(reference))?;
        }
    }
    Ok(())
}

impl Page<'_> {
    fn part(&mut self, part: &Part, style: anstyle::Style) -> std::io::Result<()> {
        write!(self.out, "\n{style}{}{style:#}", part.heading)?;
        match part.about {
            "" => writeln!(self.out)?,
            about => {
                let at = part.heading.chars().count() + 2;
                write!(self.out, "  {FAINT}")?;
                self.flowing(at, 2, about)?;
                write!(self.out, "{FAINT:#}")?;
            }
        }
        for item in &part.items {
            let mut column = 4;
            write!(self.out, "  - ")?;
            if !item.label.is_empty() {
                let label = sanitize::paragraph(&item.label);
                write!(self.out, "{ID}{label}{ID:#}  ")?;
                column += label.chars().count() + 2;
            }
            let mut text = sanitize::paragraph(&item.text);
            if !item.reason.is_empty() {
                text.push_str(": ");
                text.push_str(&sanitize::paragraph(&item.reason));
            }
            self.flowing(column, column.min(8), &text)?;
        }
        Ok(())
    }

    fn step(&mut self, number: usize, step: &StepDocument) -> std::io::Result<()> {
        let target = step.target.name();
        write!(self.out, "{number:>3} {ID}{target}{ID:#}  ")?;
        let at = 4 + target.chars().count() + 2;
        self.flowing(at, 4, &sanitize::paragraph(&step.action))?;
        for line in step.command.iter().flat_map(|command| command.trim_end().lines()) {
            writeln!(self.out, "      {}", sanitize::line(line))?;
        }
        self.indent = 4;
        self.label("expected", &sanitize::paragraph(&step.expected))?;
        self.label("verify", &sanitize::paragraph(&step.verify))?;
        self.label("risk", &sanitize::paragraph(&step.risk))?;
        if let Some(impact) = &step.security_impact {
            self.label("security", &sanitize::paragraph(impact))?;
        }
        self.label("undo", &sanitize::paragraph(&step.undo))?;
        self.indent = 0;
        Ok(())
    }
}

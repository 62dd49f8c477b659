//! `rdpwhy explain`: the page of a cause.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::lookup::page::{FAINT, ID, Page, TITLE, WARNING};
use super::{Console, Exit, Failure, knowledge, output};
use crate::handbook::{Part, parts, playbooks};
use crate::report::sanitize;
use crate::rules::schema::StepDocument;
use crate::rules::{Cause, RuleSet};

/// Tells about a cause: what shows it, what looks like it, how to mend it, what not to do
///
/// Everything stands in the cause's rule. Weights are decibans: 10 is ten to one.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The cause's id, as reports name it
    #[arg(value_name = "CAUSE")]
    cause: String,
    /// Use the rules of a folder over the built-in ones of the same id
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    rules: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, console: &Console) -> Result<Exit, Failure> {
    let rules = knowledge::rules(args.rules.as_deref(), console)?;
    let cause = knowledge::cause(&rules, &args.cause)?;
    let width = console.width(false).clamp(40, 100);
    output::to_stdout(console.stdout_color(), |out| Ok(write(out, &rules, cause, width)?))?;
    Ok(Exit::Done)
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
        writeln!(page.out, "\n{TITLE}Fix{TITLE:#}  {title}  {FAINT}{}{FAINT:#}", playbook.id)?;
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
            about => writeln!(self.out, "  {FAINT}{about}{FAINT:#}")?,
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
            self.hanging(column.min(8), &text)?;
        }
        Ok(())
    }

    fn step(&mut self, number: usize, step: &StepDocument) -> std::io::Result<()> {
        let target = step.target.name();
        write!(self.out, "{number:>3} {ID}{target}{ID:#}  ")?;
        self.hanging(4, &sanitize::paragraph(&step.action))?;
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

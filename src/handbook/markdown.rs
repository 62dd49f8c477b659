//! Writes pages in Markdown.

use std::fmt::Write as _;

use super::{Line, Part, parts, playbooks};
use crate::model::Stage;
use crate::report::sanitize;
use crate::rules::schema::StepDocument;
use crate::rules::{Cause, Playbook, RuleSet};

/// What stands at the top of every page.
const MADE: &str = "<!-- Made by `rdpwhy rules doc` from the rules; changes here are lost. -->\n\n";

/// The page of a cause.
pub fn page(rules: &RuleSet, cause: &Cause) -> String {
    let mut text = MADE.to_owned();
    add(&mut text, &format!("# {}\n\n{}.\n\n", cause.id, escape(&cause.title)));
    let (stage, kind) = (cause.stage, cause.kind.name());
    add(&mut text, &format!("Stage {stage} · {kind} · concluded {}\n\n", cause.scope.phrase()));
    add(&mut text, &format!("{}\n", escape(&cause.why)));
    let (after, before): (Vec<Part>, Vec<Part>) =
        parts(rules, cause).into_iter().partition(|part| part.heading == "Never");
    before.iter().for_each(|part| self::part(&mut text, part));
    for playbook in playbooks(rules, cause) {
        self::playbook(&mut text, playbook);
    }
    after.iter().for_each(|part| self::part(&mut text, part));
    if !cause.references.is_empty() {
        add(&mut text, "\n## References\n\n");
        for reference in &cause.references {
            add(&mut text, &format!("- {}\n", link(reference)));
        }
    }
    text
}

/// The list of all causes, by stage.
pub fn index(rules: &RuleSet) -> String {
    let mut text = MADE.to_owned();
    add(
        &mut text,
        "# Root causes\n\nEach page says what tells a cause, what looks like it, how \
                    to mend it and what not to do. `rdpwhy explain CAUSE` shows the same.\n",
    );
    for stage in Stage::PATH.into_iter().chain([Stage::Transport]) {
        let causes: Vec<&Cause> =
            rules.causes.iter().filter(|cause| cause.stage == stage).collect();
        if causes.is_empty() {
            continue;
        }
        add(&mut text, &format!("\n## {stage}\n\n"));
        for cause in causes {
            let title = escape(&cause.title);
            add(&mut text, &format!("- [{id}]({id}.md): {title}\n", id = cause.id));
        }
    }
    text
}

fn add(text: &mut String, more: &str) {
    text.push_str(more);
}

fn part(text: &mut String, part: &Part) {
    add(text, &format!("\n## {}\n\n", part.heading));
    if !part.about.is_empty() {
        add(text, &format!("{}\n\n", part.about));
    }
    for Line { label, text: what, reason } in &part.items {
        add(text, "- ");
        if !label.is_empty() {
            add(text, &format!("**{}** ", escape(label)));
        }
        add(text, &escape(what));
        if !reason.is_empty() {
            add(text, &format!(": *{}*", escape(reason)));
        }
        add(text, "\n");
    }
}

fn playbook(text: &mut String, playbook: &Playbook) {
    add(text, &format!("\n## Fix: {}\n", escape(&playbook.title)));
    for (number, step) in (1..).zip(&playbook.steps) {
        self::step(text, number, step);
    }
}

fn step(text: &mut String, number: usize, step: &StepDocument) {
    let _ = write!(text, "\n{number}. **{}**: {}\n", step.target.name(), escape(&step.action));
    if let Some(command) = &step.command {
        add(text, "\n   ```\n");
        for line in command.trim_end().lines() {
            add(text, &format!("   {}\n", sanitize::line(line)));
        }
        add(text, "   ```\n\n");
    }
    let mut facts = vec![
        ("expected", step.expected.as_str()),
        ("risk", step.risk.as_str()),
        ("verify", step.verify.as_str()),
        ("undo", step.undo.as_str()),
    ];
    facts.extend(step.security_impact.as_deref().map(|impact| ("lowers security", impact)));
    if step.temporary {
        facts.push(("temporary", "take it back after the repair"));
    }
    for (label, fact) in facts {
        add(text, &format!("   - {label}: {}\n", escape(fact)));
    }
}

/// Running text with what Markdown would act on written out.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in sanitize::paragraph(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

/// A link where it is one that Markdown reads as such, else its text.
fn link(reference: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>');
    if reference.starts_with("https://") && reference.chars().all(plain) {
        format!("<{reference}>")
    } else {
        escape(reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_rule_becomes_markup() {
        for (text, shown) in [
            ("a <script> b", r"a \<script\> b"),
            ("[x](javascript:1)", r"\[x\](javascript:1)"),
            ("two\n\nlines # no", r"two lines \# no"),
            ("\u{202e}x", r"\\u{202e}x"),
        ] {
            assert_eq!(escape(text), shown);
        }
        assert_eq!(link("https://a.example/b_c"), "<https://a.example/b_c>");
        assert_eq!(link("https://a.example/ <b>"), r"https://a.example/ \<b\>");
        assert_eq!(link("javascript:1"), "javascript:1");
    }
}

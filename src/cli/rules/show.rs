//! `rdpwhy rules show`: a rule as its author wrote it.

use crate::rules::schema::Spanned;
use clap::Args;

use super::Source;
use crate::cli::{Console, Exit, Failure, knowledge, output};
use crate::report::sanitize;
use crate::rules::schema::Node;
use crate::rules::{Place, RuleText, most_similar, rule_texts};

/// Shows a rule as its author wrote it, and the file it stands in
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    source: Source,
    /// The id of a cause, signal, correlation, playbook or code table
    #[arg(value_name = "ID")]
    id: String,
}

/// A definition: its id, and its lines in a document.
struct Definition<'a> {
    id: String,
    text: &'a RuleText,
    lines: (usize, usize),
}

/// Runs the command.
pub(super) fn run(args: &ShowArgs, console: &Console) -> Result<Exit, Failure> {
    let texts = rule_texts(args.source.rules.as_deref())
        .map_err(|wrong| knowledge::bad_rules(wrong, console))?;
    let all: Vec<Definition<'_>> = texts.iter().flat_map(definitions).collect();
    let found = all.iter().filter(|definition| definition.id == args.id);
    // What a user's folder defines goes before what is built in.
    let Some(found) = found.min_by_key(|definition| definition.text.built_in) else {
        let failure = Failure::usage(format!("there is no rule `{}`", args.id));
        let names: Vec<&str> = all.iter().map(|definition| &*definition.id).collect();
        return Err(match most_similar(&args.id, &names) {
            Some(name) => failure.hint(format!("did you mean `{name}`?")),
            None => failure.hint("`rdpwhy rules list` names those that there are"),
        });
    };
    output::to_stdout(console.stdout_color(), |out| {
        let (first, last) = found.lines;
        writeln!(out, "# {}:{first}", sanitize::line(&found.text.shown))?;
        for line in found.text.text.lines().skip(first - 1).take(last + 1 - first) {
            writeln!(out, "{}", sanitize::line(line))?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}

/// The definitions of a document. A document that cannot be read has none.
fn definitions(text: &RuleText) -> Vec<Definition<'_>> {
    let Ok(tree) = text.read::<Spanned<Node>>() else { return Vec::new() };
    let end = text.text.lines().count().max(1);
    let whole = |id: &str| vec![Definition { id: id.to_owned(), text, lines: (1, end) }];
    let id = |tree: &Spanned<Node>, key: &str| match find(tree, key).map(|found| &found.value) {
        Some(Node::Text(id)) => Some(id.clone()),
        _ => None,
    };
    match text.path.split('/').next().unwrap_or_default() {
        "causes" | "playbooks" => id(&tree, "id").map(|id| whole(&id)).unwrap_or_default(),
        "codes" => id(&tree, "space").map(|id| whole(&id)).unwrap_or_default(),
        "signals" => {
            let lists = ["signals", "correlations"].map(|key| find(&tree, key));
            let items = lists.into_iter().flatten().flat_map(|list| match &list.value {
                Node::List(items) => items.as_slice(),
                _ => &[],
            });
            let definition = |item: &Spanned<Node>| {
                let first = usize::try_from(Place::from(item).line).unwrap_or(1).max(1);
                let lines = (first, first + length_of_item(&text.text, first).saturating_sub(1));
                Some(Definition { id: id(item, "id")?, text, lines })
            };
            items.filter_map(definition).collect()
        }
        _ => Vec::new(),
    }
}

fn find<'t>(tree: &'t Spanned<Node>, key: &str) -> Option<&'t Spanned<Node>> {
    let Node::Map(entries) = &tree.value else { return None };
    entries.iter().find(|(name, _)| name.value == key).map(|(_, value)| value)
}

/// How many lines the item of a list takes that begins on line `first`: itself, and what is
/// indented deeper than its dash.
fn length_of_item(text: &str, first: usize) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().skip(first - 1);
    let Some(start) = lines.next() else { return 1 };
    let depth = indent(start);
    1 + lines.take_while(|line| !line.trim().is_empty() && indent(line) > depth).count()
}

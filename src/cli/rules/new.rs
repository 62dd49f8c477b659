//! `rdpwhy rules new`: a skeleton of a cause to fill in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::cli::{Console, Exit, Failure, output};
use crate::model::{Kind, Stage};
use crate::rules::catalogue::Catalogue;
use crate::rules::{RuleSet, rule_texts};

/// Writes a skeleton to fill in
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    #[command(subcommand)]
    what: NewWhat,
}

#[derive(Debug, Subcommand)]
enum NewWhat {
    Cause(CauseArgs),
}

/// A cause with its signal, playbook and cases, which pass `rules lint` and `rules test`
///
/// Replace the example's channel, provider and event by those that show your cause, and write
/// its nearest neighbor as the first silent case.
#[derive(Debug, Args)]
struct CauseArgs {
    /// The cause's id: lower-case words and hyphens; it names the fault, not the fix
    #[arg(value_name = "ID")]
    id: String,
    /// The stage in which attempts die of it; that of the catalogue where it has the id
    #[arg(long, value_enum, value_name = "STAGE", hide_possible_values = true)]
    stage: Option<Stage>,
    /// The cause that it is most easily taken for; unless stated, the one of its stage that most
    /// others are taken for
    #[arg(long, value_name = "CAUSE")]
    looks_like: Option<String>,
    /// The folder of your rules; made where it is missing
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &NewArgs, console: &Console) -> Result<Exit, Failure> {
    let NewWhat::Cause(args) = &args.what;
    let id = &args.id;
    if !id.split('-').all(is_word) {
        return Err(Failure::usage(format!("`{id}` is no id"))
            .hint("use lower-case letters, digits and single hyphens: `certificate-expired`"));
    }
    let rules = RuleSet::embedded().map_err(anyhow::Error::from)?;
    if rules.cause(id).is_some() {
        return Err(Failure::usage(format!("there is a rule for `{id}` already")).hint(format!(
            "`rdpwhy rules show {id}` shows it; a file of the same id replaces it"
        )));
    }
    let catalogue = Catalogue::embedded().map_err(anyhow::Error::from)?;
    let known = catalogue.get(id);
    let Some(stage) = args.stage.or_else(|| known.map(|entry| entry.stage)) else {
        return Err(Failure::usage("say with `--stage` in which stage attempts die of it")
            .hint("resolve, reach, negotiate, tls, nla, license, authorize, logon, session"));
    };
    let look_alike = match &args.looks_like {
        Some(other) if rules.cause(other).is_none() => {
            return Err(Failure::usage(format!("there is no rule for `{other}`"))
                .hint("`rdpwhy rules list` shows the causes"));
        }
        Some(other) => other.as_str(),
        None => usual_look_alike(&rules, stage).unwrap_or_default(),
    };
    let neighbor = first_case(look_alike)?;
    let title = known.map_or("Say in one line what is wrong", |entry| entry.title.as_str());
    let kind = known.map_or("fault", |entry| entry.kind.name());
    let fill = |template: &str| {
        let text = template.replace("{id}", id).replace("{stage}", stage.name());
        let text = text.replace("{look-alike}", look_alike);
        text.replace("{kind}", kind).replace("{title}", title)
    };
    let files = [
        (format!("signals/{id}.yml"), fill(SIGNALS)),
        (format!("causes/{stage}/{id}.yml"), fill(CAUSE)),
        (format!("causes/{stage}/{id}.test.yml"), fill(CASES) + &neighbor),
        (format!("playbooks/{id}-fix.yml"), fill(PLAYBOOK)),
    ];
    if let Some((path, _)) = files.iter().find(|(path, _)| args.out.join(path).exists()) {
        let path = args.out.join(path);
        return Err(Failure::usage(format!("`{}` exists already", path.display())));
    }
    for (path, text) in &files {
        write(&args.out.join(path), text, console)?;
    }
    output::to_stdout(console.stdout_color(), |out| {
        for (path, _) in &files {
            writeln!(out, "{}", args.out.join(path).display())?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}

/// The fault of a stage that most other causes name as their look-alike; of any stage where that
/// one has none.
fn usual_look_alike(rules: &RuleSet, stage: Stage) -> Option<&str> {
    let named = |id: &str| {
        let naming = rules.causes.iter();
        naming.filter(|other| other.not_to_be_confused_with.contains_key(id)).count()
    };
    let faults = rules.causes.iter().filter(|cause| cause.kind == Kind::Fault);
    let most = faults.max_by_key(|cause| (cause.stage == stage, named(&cause.id), &cause.id));
    most.map(|cause| &*cause.id)
}

/// The first case in which a built-in cause is concluded, as one in which the new cause stays
/// silent and that one comes first.
fn first_case(look_alike: &str) -> Result<String, Failure> {
    let texts = rule_texts(None).map_err(anyhow::Error::from)?;
    let file = format!("/{look_alike}.test.yml");
    let text = texts.iter().find(|text| text.path.ends_with(&file));
    let lines = text.map_or("", |text| &text.text).lines();
    let mut case = lines.skip_while(|line| !line.starts_with("  - name:")).skip(1);
    let own = case.by_ref().take_while(|line| line.starts_with("    "));
    // What must come of it is said anew.
    let said = ["    confidence:", "    scope:", "    instead:"];
    let kept = own.filter(|line| !said.iter().any(|key| line.starts_with(key)));
    let head = format!("  - name: {look_alike}\n    instead: {look_alike}\n");
    Ok(kept.fold(head, |case, line| case + line + "\n"))
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn write(path: &Path, text: &str, console: &Console) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    }
    output::to_file(path, console.unfinished(), |out| out.write_all(text.as_bytes()))?;
    Ok(())
}

const SIGNALS: &str = "\
# The events that show the cause: which channel, which provider, which values.
logsource: { product: windows, channel: Contoso-Product/Operational, provider: Contoso-Product }
signals:
  - id: {id}-seen
    title: say as a clause what the event tells
    detection:
      selection: { EventID: 1 }
      condition: selection
";

const CAUSE: &str = "\
id: {id}
title: \"{title}\"
stage: {stage}
kind: {kind}
scope: machine
why: Say how it makes a connection fail, for somebody who does not know the component.
needs: [Contoso-Product/Operational]
evidence:
  requires:
    any: [{id}-seen]
  supports:
    - { signal: {id}-seen, weight: 12, because: say why it counts }
explains: [attempt-dropped-early]
# What else looks like this, and the record that decides.
not-to-be-confused-with:
  {look-alike}: say which record tells it apart
playbook: [{id}-fix]
";

const CASES: &str = "\
fires:
  - name: say what the case shows
    events:
      - { event: Contoso-Product/Operational/1, provider: Contoso-Product, at: +1s }
silent:
  - name: the nearest neighbor, without the needed log
    events:
      - { event: RdpCoreTS/131, at: +0s, activity: a1, ConnType: TCP, ClientIP: '10.0.0.5:50001' }
      - { event: RdpCoreTS/103, at: +1s, activity: a1, ReasonCode: 14 }
";

const PLAYBOOK: &str = "\
id: {id}-fix
title: Say what the steps achieve
steps:
  - do: Say what to do, in the imperative
    target: host
    expected: what it shows when all is well
    risk: low, say what can go wrong
    verify: how to see that it worked
    undo: the way back
";

//! A comparison for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::diff::{CauseChange, Count, Diff, Group, LeftOut};
use crate::model::Confidence;
use crate::report::json_v1::write_shown;

/// The value of the key `schema`.
pub const SCHEMA: &str = "rdpwhy.diff/1";

/// `{schema, until, later, tries, causes, groups, left_out}`. `fate` is `new`, `unchanged`,
/// `cannot-tell` or `gone`. `tries.after` counts those that BEFORE has not, `tries.shared`
/// those that both have. `counted` are tries of floods, of which only the number is known.
/// `left_out` is what filters took out of either side. Within version 1 keys are added, never
/// renamed or removed.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    until: Option<String>,
    later: bool,
    tries: Tries,
    causes: Vec<CauseJson<'a>>,
    groups: Vec<GroupJson<'a>>,
    left_out: Sides,
}

#[derive(Serialize)]
struct Sides {
    before: LeftOutJson,
    after: LeftOutJson,
}

#[derive(Serialize)]
struct LeftOutJson {
    tries: usize,
    causes: usize,
    far_unread: bool,
}

impl From<LeftOut> for LeftOutJson {
    fn from(LeftOut { tries, found, unread }: LeftOut) -> Self {
        Self { tries, causes: found, far_unread: unread }
    }
}

#[derive(Serialize)]
struct Tries {
    before: CountJson,
    after: CountJson,
    shared: usize,
}

#[derive(Serialize)]
struct CountJson {
    failed: usize,
    succeeded: usize,
    undecided: usize,
    counted: usize,
}

impl From<Count> for CountJson {
    fn from(Count { failed, succeeded, undecided, counted }: Count) -> Self {
        Self { failed, succeeded, undecided, counted }
    }
}

#[derive(Serialize)]
struct CauseJson<'a> {
    id: &'a str,
    cause: &'a str,
    scope: &'a str,
    fate: &'static str,
    why: &'a str,
    before: Option<&'static str>,
    after: Option<&'static str>,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    host: &'a str,
    client: &'a str,
    user: &'a str,
    fate: &'static str,
    before: CountJson,
    after: CountJson,
}

/// Writes the document with a newline at its end.
///
/// # Errors
/// Only those of `out`.
pub fn write(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let [before, after] = diff.left_out;
    let document = Document {
        schema: SCHEMA,
        until: diff.until.map(|until| until.to_string()),
        later: diff.is_later,
        tries: Tries { before: diff.before.into(), after: diff.after.into(), shared: diff.shared },
        causes: diff.causes.iter().map(cause).collect(),
        groups: diff.groups.iter().map(group).collect(),
        left_out: Sides { before: before.into(), after: after.into() },
    };
    write_shown(&document, out)
}

fn cause(change: &CauseChange) -> CauseJson<'_> {
    CauseJson {
        id: &change.id,
        cause: &change.cause,
        scope: &change.scope,
        fate: change.fate.name(),
        why: &change.detail,
        before: change.before.map(Confidence::name),
        after: change.after.map(Confidence::name),
    }
}

fn group(group: &Group) -> GroupJson<'_> {
    GroupJson {
        host: &group.host,
        client: &group.client,
        user: &group.user,
        fate: group.fate.name(),
        before: group.before.into(),
        after: group.after.into(),
    }
}

//! A comparison for people: the answer first.

use crate::diff::{CauseChange, Count, Diff, Fate, Group, LeftOut};
use crate::model::Confidence;
use crate::report::Zone;
use crate::report::grid::{self, Column};

/// Groups of tries on a page.
const GROUPS: usize = 20;

/// The page.
pub fn render(diff: &Diff, width: usize) -> String {
    let mut text = String::new();
    let until = diff
        .until
        .map_or(String::new(), |until| format!(", until {} UTC", Zone::default().second(until)));
    text.push_str(&format!("Before  {}{until}\n", tries(diff.before)));
    text.push_str(&format!("After   {}\n", since(diff)));
    if !diff.is_later {
        text.push_str(
            "Note    AFTER ends no later than BEFORE: were they given in the wrong order?\n",
        );
    }
    for (name, left_out) in ["BEFORE", "AFTER"].into_iter().zip(diff.left_out) {
        if let Some(what) = filtered(left_out) {
            text.push_str(&format!("Note    {name} was made with filters; not compared: {what}\n"));
        }
    }
    text.push('\n');
    if diff.after.total() == 0 {
        text.push_str("Nothing was tried since BEFORE: whether a repair worked cannot be told.\n");
    }
    write_causes(&mut text, &diff.causes, width);
    write_groups(&mut text, &diff.groups, width);
    text
}

fn since(diff: &Diff) -> String {
    let shared = match diff.shared {
        0 => String::new(),
        1 => "; 1 more is in BEFORE, too".to_owned(),
        shared => format!("; {shared} more are in BEFORE, too"),
    };
    format!("{}{shared}", tries(diff.after))
}

/// `12 tries and 1 conclusion`; `None` where filters took nothing out.
fn filtered(LeftOut { tries, found, unread }: LeftOut) -> Option<String> {
    let tries = match tries {
        0 => None,
        1 => Some("1 try".to_owned()),
        many => Some(format!("{many} tries")),
    };
    let found = match found {
        0 => None,
        1 => Some("1 conclusion".to_owned()),
        many => Some(format!("{many} conclusions")),
    };
    let unread = unread.then(|| "what was too far away to be read".to_owned());
    let parts: Vec<String> = [tries, found, unread].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// `31 tries: 29 failed, 2 succeeded`.
fn tries(count: Count) -> String {
    let mut parts = Vec::new();
    for (number, what) in [
        (count.failed, "failed"),
        (count.succeeded, "succeeded"),
        (count.undecided, "undecided"),
        (count.counted, "only counted"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    match count.total() {
        0 => "no tries".to_owned(),
        1 => format!("1 try: {}", parts.join(", ")),
        total => format!("{total} tries: {}", parts.join(", ")),
    }
}

fn fate(fate: Fate) -> String {
    fate.name().replace('-', " ")
}

fn write_causes(text: &mut String, causes: &[CauseChange], width: usize) {
    if causes.is_empty() {
        text.push_str("No cause was found on either side.\n");
        return;
    }
    let columns = [
        Column::new("cause", 0),
        Column::new("became", 0),
        Column::new("whom", 1).wrapped_at(20),
        Column::new("before", 2),
        Column::new("after", 2),
        Column::new("why", 0).wrapped_at(30),
    ];
    let band = |band: Option<Confidence>| band.map_or("-", Confidence::name).to_owned();
    let rows: Vec<Vec<String>> = causes
        .iter()
        .map(|change| {
            vec![
                change.cause.clone(),
                fate(change.fate),
                change.scope.clone(),
                band(change.before),
                band(change.after),
                change.detail.clone(),
            ]
        })
        .collect();
    text.push_str(&grid::render(&columns, &rows, width));
}

fn write_groups(text: &mut String, groups: &[Group], width: usize) {
    if groups.is_empty() {
        return;
    }
    text.push('\n');
    let columns = [
        Column::new("failing tries", 0),
        Column::new("user", 0),
        Column::new("client", 0),
        Column::new("host", 1),
        Column::new("failed before", 0),
        Column::new("failed since", 0),
    ];
    let of = |count: Count| match count.total() {
        0 => "not tried".to_owned(),
        total if count.counted > 0 => format!("{total}, {} only counted", count.counted),
        total => format!("{} of {total}", count.failed),
    };
    let rows: Vec<Vec<String>> = groups
        .iter()
        .take(GROUPS)
        .map(|group| {
            vec![
                fate(group.fate),
                group.user.clone(),
                group.client.clone(),
                group.host.clone(),
                of(group.before),
                of(group.after),
            ]
        })
        .collect();
    text.push_str(&grid::render(&columns, &rows, width));
    if let Some(more @ 1..) = groups.len().checked_sub(GROUPS) {
        text.push_str(&format!("… and {more} more; --format json has them all\n"));
    }
}

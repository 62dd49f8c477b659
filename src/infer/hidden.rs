//! Finds the look-alikes that a missing log could show in a cause's place.
//!
//! That nothing weighty contradicts is a statement about absence, and absence counts only where
//! the log was supplied. What contradicts may say which look-alike it shows (`instead`): while
//! its log is missing for the latest evidence, the cause is not told from that look-alike, and
//! nothing proves it.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Ground;
use super::pattern::Tested;
use super::sheet::Sheet;
use crate::model::{Hidden, Side, Text};
use crate::rules::Cause;
use crate::rules::schema::At;

/// The look-alikes, each with the numbers of the items that would show it.
pub(super) type LookAlikes = BTreeMap<Text, Vec<usize>>;

/// The look-alikes of a cause that no log at hand shows or rules out. The items that would show
/// them become untestable on the sheet, so that their logs are named.
pub(super) fn look_alikes(cause: &Cause, sheet: &mut Sheet, ground: &Ground<'_>) -> LookAlikes {
    let mut hidden = LookAlikes::new();
    let Some((_, latest)) = sheet.span else { return hidden };
    let held = sheet.entries.iter().filter_map(|entry| cause.items.get(entry.item));
    let told_from: BTreeSet<&Text> = held.filter_map(|item| item.tells_from.as_ref()).collect();
    let mut shown: BTreeSet<&Text> = BTreeSet::new();
    for (number, item) in cause.items.iter().enumerate() {
        let Some(other) = &item.instead else { continue };
        if told_from.contains(other) {
            continue;
        }
        if sheet.entries.iter().any(|entry| entry.item == number) {
            shown.insert(other);
            continue;
        }
        let pattern = &item.pattern;
        let can_stand = !ground.reach(pattern.at, &pattern.position).is_empty();
        if !can_stand || !ground.any_in_logs(&pattern.signals) {
            continue;
        }
        let at = pattern.at.filter(|at| !is_itself(*at, ground));
        match ground.unseen(at, &pattern.signals, Some((latest, latest))) {
            Tested::Untestable(logs) => sheet.unseen.insert(number, logs),
            _ => continue,
        };
        hidden.entry(other.clone()).or_default().push(number);
    }
    hidden.retain(|other, _| !shown.contains(other));
    hidden
}

/// Whether the end of the attempts at which an item looks is the scope's own machine.
fn is_itself(at: At, ground: &Ground<'_>) -> bool {
    let side = match at {
        At::Client => Side::Client,
        At::Host => Side::Host,
        _ => return false,
    };
    let own = ground.place.scope.machine();
    ground.peers(at).next().is_none()
        && ground.attempts().any(|one| one.side == side && Some(&one.machine) == own)
}

/// The look-alikes in words, with the logs that would tell.
pub(super) fn told(cause: &Cause, sheet: &Sheet, ground: &Ground<'_>) -> Vec<Hidden> {
    let tell = |(other, items): (&Text, &Vec<usize>)| {
        let first = cause.items.get(*items.first()?)?;
        let logs = items.iter().filter_map(|number| sheet.unseen.get(number)).flatten();
        let mut collect: Vec<_> = logs.flat_map(|log| ground.collect(log)).collect();
        collect.sort();
        collect.dedup();
        let question = ground.words.of(&first.pattern);
        Some(Hidden { cause: other.clone(), question, collect })
    };
    sheet.hidden.iter().filter_map(tell).collect()
}

//! Says in words what a pattern asks for.

use std::fmt::Write as _;

use crate::model::SignalId;
use crate::rules::schema::{At, Side};
use crate::rules::{Anchor, Pattern, Position, RuleSet, Without};

/// What a pattern asks for, as a clause: `TLS failed, at least 3 times, within 2s of: …`.
pub(super) fn describe(pattern: &Pattern, rules: &RuleSet) -> String {
    let joint = if pattern.sequence.is_some() { ", then " } else { " or " };
    let mut text = titles(&pattern.signals, joint, rules);
    if let Some(length) = pattern.sequence {
        push(&mut text, format_args!("all within {length}"));
    }
    if let Some(place) = pattern.at.map(place) {
        push(&mut text, format_args!("{place}"));
    }
    describe_position(&mut text, &pattern.position, rules);
    if let Some(without) = &pattern.without {
        describe_absence(&mut text, without, rules);
    }
    if pattern.at_least > 1 {
        push(&mut text, format_args!("at least {} times", pattern.at_least));
    }
    if let Some(most) = pattern.at_most {
        push(&mut text, format_args!("at most {most} times"));
    }
    if let Some((entity, least)) = pattern.distinct {
        push(&mut text, format_args!("of at least {least} different values of {}", entity.name()));
    }
    if let Some(share) = &pattern.share {
        let (least, most) = (share.at_least * 100.0, share.at_most * 100.0);
        let of = rules.title_of(&share.of);
        push(&mut text, format_args!("{least:.0} to {most:.0} % of: {of}"));
    }
    text
}

fn describe_position(text: &mut String, position: &Position, rules: &RuleSet) {
    let Position { near, after, before, during, within } = position;
    let within = within.map(|within| format!("within {within} ")).unwrap_or_default();
    if let Some(near) = near {
        push(text, format_args!("{within}of: {}", rules.title_of(near)));
    }
    if let Some(after) = after {
        push(text, format_args!("{within}after {}", anchor(after, rules)));
    }
    if let Some(before) = before {
        push(text, format_args!("{within}before {}", anchor(before, rules)));
    }
    if let Some(during) = during {
        let during = rules.title_of(during);
        push(text, format_args!("between the first and the last of: {during}"));
    }
}

fn describe_absence(text: &mut String, without: &Without, rules: &RuleSet) {
    let titles = titles(&without.signals, " or ", rules);
    let side = match without.side {
        Side::After => "after it",
        Side::Before => "before it",
        Side::Near => "of it",
    };
    let place = without.at.map(|at| format!(" {}", place(at))).unwrap_or_default();
    push(text, format_args!("and none within {} {side}{place} of: {titles}", without.within));
}

fn push(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = write!(text, ", {part}");
}

fn titles(ids: &[SignalId], joint: &str, rules: &RuleSet) -> String {
    let titles: Vec<&str> = ids.iter().map(|id| rules.title_of(id)).collect();
    titles.join(joint)
}

fn anchor(anchor: &Anchor, rules: &RuleSet) -> String {
    match anchor {
        Anchor::First(id) => format!("the first of: {}", rules.title_of(id)),
        Anchor::Last(id) => format!("the last of: {}", rules.title_of(id)),
    }
}

const fn place(at: At) -> &'static str {
    match at {
        At::Attempt => "in the same attempt",
        At::Machine => "anywhere on the machine",
        At::Peers => "on the other machines of its attempts",
        At::Client => "on the client",
        At::Host => "on the host",
        At::Gateway => "on the gateway",
        At::Broker => "on the connection broker",
        At::Dc => "on a domain controller",
        At::Fleet => "on any machine",
    }
}

//! Says in words what a pattern looks for: on the page of a cause, and in proofs.

use super::schema::{At, Entity, Side};
use super::{Anchor, Pattern, RuleSet};
use crate::model::{SignalId, Span};

/// What the pattern looks for, as a clause: `TLS failed, at least 3 times; within 2 s of: …`.
pub fn describe(rules: &RuleSet, pattern: &Pattern) -> String {
    let titles = |ids: &[SignalId], join: &str| {
        ids.iter().map(|id| rules.title_of(id)).collect::<Vec<_>>().join(join)
    };
    let mut text = match pattern.sequence {
        Some(within) => {
            format!("{}, within {}", titles(&pattern.signals, ", then "), span(within))
        }
        None => titles(&pattern.signals, ", or "),
    };
    text.push_str(&counts(rules, pattern));
    text.push_str(&place(rules, pattern));
    if let Some(without) = &pattern.without {
        let side = match without.side {
            Side::After => "after it",
            Side::Before => "before it",
            Side::Near => "of it",
        };
        let missing = titles(&without.signals, ", or ");
        text.push_str(&format!("; and within {} {side} not: {missing}", span(without.within)));
        text.push_str(without.at.map_or("", at));
    }
    text.push_str(pattern.at.map_or("", at));
    text.push_str(&turns(rules, pattern));
    if let Some(unless) = &pattern.unless {
        text.push_str(&format!("; unless {}", rules.title_of(unless)));
    }
    text
}

fn turns(rules: &RuleSet, pattern: &Pattern) -> String {
    let titles = |ids: &[SignalId]| {
        ids.iter().map(|id| rules.title_of(id)).collect::<Vec<_>>().join(", or ")
    };
    let turns =
        [("before it", "since then", &pattern.latest), ("after it", "until then", &pattern.next)];
    let told = turns.into_iter().filter_map(|(side, between, turn)| {
        let turn = turn.as_ref()?;
        let within = turn.within.map(|within| format!("within {} ", span(within)));
        let mut text = format!("; {}{side} {}", within.unwrap_or_default(), titles(&turn.signals));
        if !turn.not.is_empty() {
            text.push_str(&format!(", and {between} not: {}", titles(&turn.not)));
        }
        text.push_str(turn.at.map_or("", at));
        Some(text)
    });
    told.collect()
}

fn counts(rules: &RuleSet, pattern: &Pattern) -> String {
    let mut text = match (pattern.at_least, pattern.at_most) {
        (0 | 1, None) => String::new(),
        (0 | 1, Some(most)) => format!(", at most {most} times"),
        (least, None) => format!(", at least {least} times"),
        (least, Some(most)) => format!(", {least} to {most} times"),
    };
    if let Some((entity, least)) = pattern.distinct {
        text.push_str(&format!(", with at least {least} different {}", entities(entity)));
    }
    if let Some(part) = pattern.evenly {
        text.push_str(&format!(", {:.0} % of the pauses between them alike", part * 100.0));
    }
    if let Some(share) = &pattern.share {
        let percent = |part: f64| format!("{:.0} %", part * 100.0);
        let (least, most) = (percent(share.at_least), percent(share.at_most));
        text.push_str(&format!(", {least} to {most} as often as: {}", rules.title_of(&share.of)));
    }
    text
}

fn place(rules: &RuleSet, pattern: &Pattern) -> String {
    let position = &pattern.position;
    let within = position.within.map(|within| format!("within {} ", span(within)));
    let within = within.unwrap_or_default();
    let mut text = String::new();
    if let Some(near) = &position.near {
        text.push_str(&format!("; {within}of: {}", rules.title_of(near)));
    }
    for (word, anchor) in [("after", &position.after), ("before", &position.before)] {
        if let Some(anchor) = anchor {
            let (which, id) = match anchor {
                Anchor::First(id) => ("first", id),
                Anchor::Last(id) => ("last", id),
            };
            text.push_str(&format!(
                "; {within}{word} the {which} time that {}",
                rules.title_of(id)
            ));
        }
    }
    if let Some(during) = &position.during {
        let title = rules.title_of(during);
        text.push_str(&format!("; between the first and the last time that {title}"));
    }
    text
}

const fn at(at: At) -> &'static str {
    match at {
        At::Attempt => " (in the same attempt)",
        At::Machine => " (anywhere on the machine)",
        At::Peers => " (on the other machines of its attempts)",
        At::Client => " (on the client)",
        At::Host => " (on the host)",
        At::Gateway => " (on the gateway)",
        At::Broker => " (on the broker)",
        At::Dc => " (on a domain controller)",
        At::Fleet => " (on any machine of the case)",
    }
}

const fn entities(entity: Entity) -> &'static str {
    match entity {
        Entity::Machine => "machines",
        Entity::ClientAddress => "client addresses",
        Entity::ClientName => "client names",
        Entity::User => "users",
        Entity::Domain => "domains",
        Entity::Target => "hosts",
        Entity::Session => "sessions",
        Entity::Connection => "connections",
        Entity::LogonId => "logons",
    }
}

/// A length of time as an author would write it: `3 s`, `15 min`, `1 h`.
fn span(span: Span) -> String {
    let text = span.to_string().replace(".0 s", " s");
    let short = [" 0 s", " 0 m", " 0 h"].iter().find_map(|zero| text.strip_suffix(zero));
    let text = short.unwrap_or(&text);
    text.strip_suffix(" m").map_or_else(|| text.to_owned(), |minutes| format!("{minutes} min"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_well() {
        for (seconds, text) in
            [(3, "3 s"), (90, "1 m 30 s"), (900, "15 min"), (3600, "1 h"), (5400, "1 h 30 min")]
        {
            assert_eq!(span(Span::seconds(seconds)), text);
        }
    }
}

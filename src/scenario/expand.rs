//! Groups and repetitions unrolled: from entries to single events with their times.

use serde_saphyr::Spanned;

use super::Context;
use super::entry::{Entry, Repeat};
use super::error::{ScenarioError, did_you_mean};
use super::placeholder::Turns;
use crate::model::{Span, Time};

/// More events, and passes of groups, than any scenario needs; a slip in `times` should neither
/// fill the memory nor take forever.
const MAX_PASSES: usize = 500_000;
/// Groups within groups.
const MAX_DEPTH: usize = 8;

/// A single event with its time and what its placeholders stand for.
#[derive(Clone, Debug)]
pub(super) struct Planned<'a> {
    pub(super) entry: &'a Entry,
    pub(super) event: &'a Spanned<String>,
    pub(super) time: Time,
    pub(super) turns: Turns<'a>,
}

/// Unrolls entries in the order in which they are written.
pub(super) fn expand<'a>(
    entries: &'a [Entry],
    context: &Context<'a>,
) -> Result<Vec<Planned<'a>>, ScenarioError> {
    let mut expander =
        Expander { file: context.file, previous: context.start, planned: Vec::new(), passes: 0 };
    expander.entries(entries, context.start, &Turns::default(), 0)?;
    Ok(expander.planned)
}

struct Expander<'a> {
    file: &'a str,
    /// The time of the event before.
    previous: Time,
    planned: Vec<Planned<'a>>,
    /// Events and passes of groups so far.
    passes: usize,
}

impl<'a> Expander<'a> {
    fn entries(
        &mut self,
        entries: &'a [Entry],
        base: Time,
        turns: &Turns<'a>,
        depth: usize,
    ) -> Result<(), ScenarioError> {
        for entry in entries {
            self.entry(entry, base, turns, depth)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        entry: &'a Entry,
        base: Time,
        turns: &Turns<'a>,
        depth: usize,
    ) -> Result<(), ScenarioError> {
        let first = self.time(entry, base)?;
        let Some(repeat) = &entry.repeat else {
            return self.once(entry, first, turns, depth);
        };
        let every = self.every(&repeat.value)?;
        self.check_names(&repeat.value)?;
        for number in 0..repeat.value.times {
            let time = Time(first.0.saturating_add(every.0.saturating_mul(i64::from(number))));
            self.once(entry, time, &turns.and(number, &repeat.value), depth)?;
        }
        Ok(())
    }

    /// One pass of an entry.
    fn once(
        &mut self,
        entry: &'a Entry,
        time: Time,
        turns: &Turns<'a>,
        depth: usize,
    ) -> Result<(), ScenarioError> {
        let error = |problem: &str| Err(ScenarioError::at(self.file, &entry.place, problem));
        self.passes += 1;
        if self.passes > MAX_PASSES {
            return error("the scenario has more than 500,000 events and repetitions");
        }
        match (&entry.event, &entry.events) {
            (Some(event), None) => {
                self.previous = time;
                self.planned.push(Planned { entry, event, time, turns: turns.clone() });
                Ok(())
            }
            (None, Some(events)) => {
                if depth >= MAX_DEPTH {
                    return error("groups are nested more than 8 deep");
                }
                if let Some((field, _)) = entry.fields.first() {
                    let problem = format!("a group of events has no field `{}`", field.value);
                    let keys = ["event", "at", "repeat", "events"].as_slice();
                    return Err(ScenarioError::at(self.file, field, problem)
                        .with_hint(did_you_mean(&field.value, keys)));
                }
                self.previous = time;
                self.entries(events, time, turns, depth + 1)
            }
            (Some(_), Some(_)) => error("an entry has `event` or `events`, not both"),
            (None, None) => {
                let keys = ["event", "events"].as_slice();
                let names = entry.fields.iter().map(|(name, _)| name.value.as_str());
                let hint = names.filter_map(|name| did_you_mean(name, keys)).next();
                error("an entry needs `event` or `events`").map_err(|error| error.with_hint(hint))
            }
        }
    }

    /// When an entry happens for the first time: `+…` after `base`, `~+…` after the event
    /// before, at a time of its own, or else together with the event before; a group without
    /// a time begins at `base`.
    fn time(&self, entry: &Entry, base: Time) -> Result<Time, ScenarioError> {
        let Some(at) = &entry.at else {
            return Ok(if entry.events.is_some() { base } else { self.previous });
        };
        let text = at.value.trim();
        let bad = |problem: String| ScenarioError::at(self.file, at, problem);
        let span = |span: &str| span.parse::<Span>().map_err(|error| bad(error.to_string()));
        if let Some(after) = text.strip_prefix("~+") {
            return Ok(self.previous + span(after)?);
        }
        if let Some(after) = text.strip_prefix('+') {
            return Ok(base + span(after)?);
        }
        Time::parse_rfc3339(text).ok_or_else(|| {
            bad(format!("`{text}` is no time; write +1.5s, ~+20ms or 2026-03-04T02:11:07Z"))
        })
    }

    fn every(&self, repeat: &Repeat) -> Result<Span, ScenarioError> {
        let Some(every) = &repeat.every else { return Ok(Span::seconds(1)) };
        every.value.parse().map_err(|error| ScenarioError::at(self.file, every, format!("{error}")))
    }

    /// Names of `vary` must be usable in braces and stand for something.
    fn check_names(&self, repeat: &Repeat) -> Result<(), ScenarioError> {
        for (name, texts) in &repeat.vary.0 {
            let plain = name.value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let problem = match name.value.as_str() {
                "i" => "`i` is the number of the repetition; choose another name",
                "" => "a name of `vary` is empty",
                _ if !plain => "names of `vary` have lower-case letters and `_` only",
                _ if texts.is_empty() => "this name of `vary` stands for nothing",
                _ => continue,
            };
            return Err(ScenarioError::at(self.file, name, problem));
        }
        Ok(())
    }
}

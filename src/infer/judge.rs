//! Judges a cause in a scope: over all the time, or spell by spell where the fault went away and
//! came back.

use std::collections::BTreeSet;

use super::explain::{self, People};
use super::ground::Ground;
use super::sheet::Sheet;
use super::{episodes, gate, hidden, tell};
use crate::model::{Candidate, Confidence, Episode, Time};
use crate::rules::Cause;

/// A cause that is at least possible in a scope, or in one spell there.
pub(super) struct Weighed {
    pub sheet: Sheet,
    pub confidence: Confidence,
    pub score: i32,
    /// Times of the first and last signal that speaks for it.
    pub span: (Time, Time),
}

impl Weighed {
    const fn rank(&self) -> (Confidence, i32) {
        (self.confidence, self.score)
    }
}

/// What a conclusion rests on: where it was looked, and what came of it.
pub(super) type Part<'a> = (Ground<'a>, Weighed);

/// What came of a cause in a scope.
pub(super) struct Judged<'a> {
    /// What the conclusion rests on; empty where there is none.
    pub parts: Vec<Part<'a>>,
    /// Where there is none although its gate holds over all the time: what was found too light.
    pub light: Option<(Ground<'a>, Sheet)>,
}

/// The spells in which a cause is at least possible; one for all the time where nothing parts
/// it, or where it is surer as a whole; none where it is not concluded.
pub(super) fn judge<'a>(cause: &Cause, ground: Ground<'a>) -> Judged<'a> {
    let windows = episodes::windows(cause, &ground);
    let mut parts: Vec<Part<'a>> = Vec::new();
    for window in &windows {
        let ground = ground.within(*window);
        if let Some(Ok(weighed)) = weigh(cause, &ground) {
            parts.push((ground, weighed));
        }
    }
    let (whole, light) = match weigh(cause, &ground) {
        Some(Ok(weighed)) => (Some(weighed), None),
        Some(Err(sheet)) => (None, Some(sheet)),
        None => (None, None),
    };
    let surest = parts.iter().map(|(_, weighed)| weighed.confidence).max();
    // A slow attack may be seen only as a whole, and a spell without evidence of its own must
    // not be lost beside another.
    let by_parts = match (&whole, surest) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(whole), Some(surest)) => {
            surest > whole.confidence
                || (surest == whole.confidence && parts.len() == windows.len())
        }
    };
    if by_parts {
        return Judged { parts, light: None };
    }
    match (whole, light) {
        (Some(weighed), _) => Judged { parts: vec![(ground, weighed)], light: None },
        (None, light) => Judged { parts: Vec::new(), light: light.map(|sheet| (ground, sheet)) },
    }
}

/// Weighs a cause: its sheet alone where it is less than possible, nothing where its gate does
/// not hold.
fn weigh(cause: &Cause, ground: &Ground<'_>) -> Option<Result<Weighed, Sheet>> {
    if !gate::holds(cause, ground) {
        return None;
    }
    let sheet = Sheet::of(cause, ground);
    let score = sheet.score(cause);
    Some(match (sheet.band(score), sheet.span) {
        (Some(confidence), Some(span)) => Ok(Weighed { confidence, score, sheet, span }),
        _ => Err(sheet),
    })
}

/// The conclusion that the spells make together; `None` where there are none.
pub(super) fn candidate(cause: &Cause, mut parts: Vec<Part<'_>>) -> Option<Candidate> {
    let mut episodes = Vec::new();
    let mut people = People::default();
    for (ground, weighed) in &mut parts {
        weighed.sheet.note_coverage(cause, ground);
        let attempts = explain::attempts(cause, weighed, ground);
        people.add(weighed, &attempts, ground);
        episodes.push(Episode {
            first: weighed.span.0,
            last: weighed.span.1,
            attempts,
            confidence: weighed.confidence,
            score: weighed.score,
        });
    }
    // The first of the surest: the earlier one is the better known.
    let ranks = parts.iter().map(|(_, weighed)| weighed.rank());
    let surest = ranks.enumerate().rev().max_by_key(|(_, rank)| *rank).map(|(number, _)| number)?;
    let attempts: BTreeSet<usize> =
        episodes.iter().flat_map(|episode| episode.attempts.iter().copied()).collect();
    let first = episodes.iter().map(|episode| episode.first).min()?;
    let last = episodes.iter().map(|episode| episode.last).max()?;
    if episodes.len() < 2 {
        episodes.clear();
    }
    let (grounds, weighed): (Vec<Ground<'_>>, Vec<Weighed>) = parts.into_iter().unzip();
    let ground = grounds.into_iter().nth(surest)?;
    let (confidence, score) = weighed.get(surest)?.rank();
    let because = tell::because(cause, &weighed.get(surest)?.sheet, &ground, confidence, score);
    let mut sheets: Vec<Sheet> = weighed.into_iter().map(|weighed| weighed.sheet).collect();
    let sheet = match sheets.len() {
        1 => sheets.pop()?,
        _ => Sheet::join(sheets, surest),
    };
    let signals = cause.explains_attempts.iter().map(|id| id.0.clone());
    Some(Candidate {
        cause: cause.id.clone(),
        kind: cause.kind,
        stage: cause.stage,
        scope: ground.place.scope.clone(),
        confidence,
        score,
        prior: cause.prior,
        gate: gate::opened(cause, &ground),
        because,
        hidden: hidden::told(cause, &sheet, &ground),
        evidence: tell::evidence(cause, &sheet, &ground),
        attempts: attempts.into_iter().collect(),
        users: people.users.into_iter().collect(),
        clients: people.clients.into_iter().collect(),
        explains: signals.chain(cause.explains_causes.iter().cloned()).collect(),
        first,
        last,
        episodes,
    })
}

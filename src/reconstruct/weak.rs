//! Joins records that carry no activity of their own: Security, Schannel and other channels
//! that know nothing of Remote Desktop connections.

use std::cmp::Reverse;

use super::draft::{Draft, taken_in};
use super::going::{Going, Margins};
use super::keys::{Bears, Keys};
use super::sides::side;
use crate::model::{Facts, JoinedBy, SessionChange, Signal, Span, Stage};

/// How long before an attempt's first record a record may still belong to it. Channels are
/// written by different processes, so their clocks' readings can cross by a little.
const BEFORE: Span = Span::milliseconds(500);
/// How long after an attempt's last record a record may still belong to it.
const AFTER: Span = Span::seconds(3);
/// Where nothing but time speaks for a join, the record may come so long after the attempt's last
/// one, by which clocks' readings cross: whoever is refused is refused before the connection ends.
const AFTER_BY_TIME: Span = BEFORE;
/// So long a connection whose end is not told, as it goes on when the logs are exported, may stand
/// at the logon screen while somebody types a password.
const AT_SCREEN: Span = Span::seconds(300);

/// Where a record only names somebody and says nothing about a stage, it must be this close to
/// the attempt's beginning, which is when accounts are checked.
const AFTER_BEGINNING: Span = Span::seconds(30);

/// Gives each signal that has no attempt yet to the attempt whose keys it bears, else to the
/// attempt that fits best: one that has no such record yet, by address before name before user
/// before time, then the one that was going on, then the one that is closest to it.
pub(super) fn join(drafts: &mut [Draft], facts: &Facts) {
    let joined = taken_in(drafts, facts);
    let mut going = Going::of(drafts, Margins { before: BEFORE, after: AFTER, open: AT_SCREEN });
    let mut keys = Keys::of(drafts);
    for ((index, signal), _) in
        facts.signals.iter().enumerate().zip(joined).filter(|(_, joined)| !joined)
    {
        let found = keys.holder(signal, drafts).or_else(|| best(drafts, signal, &mut going, facts));
        if let Some((number, by)) = found
            && let Some(draft) = drafts.get_mut(number)
        {
            let bore = Bears::of(draft);
            draft.join(index, signal, by);
            if Bears::of(draft) != bore {
                keys.learn(number, draft);
            }
        }
    }
}

fn best(
    drafts: &[Draft],
    signal: &Signal,
    going: &mut Going,
    facts: &Facts,
) -> Option<(usize, JoinedBy)> {
    let side = side(signal, facts);
    going
        .around(signal)
        .filter_map(|number| Some((number, drafts.get(number)?)))
        .filter(|(_, draft)| draft.side == side)
        .filter_map(|(number, draft)| Some((fit(draft, signal, facts)?, number)))
        .min()
        .map(|(fit, number)| (number, fit.by))
}

/// How well a signal fits a draft; the smallest is best.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// A draft that has a record of this kind already comes last: a tool's refusals are all of
    /// one user, and each belongs to an attempt of its own.
    taken: bool,
    by: JoinedBy,
    /// A draft that died in the stage that the signal names comes first.
    same_stage: Reverse<bool>,
    /// A draft that was over already, or had not begun yet, comes last.
    outside: bool,
    /// The closest comes first.
    apart: Span,
}

fn fit(draft: &Draft, signal: &Signal, facts: &Facts) -> Option<Fit> {
    let after = if stands_at_screen(draft, signal) { AT_SCREEN } else { AFTER };
    if signal.time < draft.started - BEFORE || signal.time > draft.last + after {
        return None;
    }
    let entities = &signal.entities;
    let address = agree(draft.client_address.as_ref(), entities.client_address.as_ref())?;
    let user = agree(draft.user.as_ref(), entities.user.as_ref())?;
    let name = agree(draft.client_name.as_ref(), entities.client_name.as_ref())?;
    let target = agree(draft.target.as_ref(), entities.target.as_ref())?;
    let by = match (address, name, user || target) {
        (true, ..) => JoinedBy::ClientAddress,
        (false, true, _) => JoinedBy::ClientName,
        (false, false, true) => JoinedBy::User,
        (false, false, false) => JoinedBy::Time,
    };
    let speaks = signal.effect.proves.is_some() || signal.effect.fails.is_some();
    if !speaks && signal.time > draft.started + AFTER_BEGINNING {
        return None;
    }
    // A failure cannot belong to an attempt that passed the stage it failed in.
    if let Some(fails) = signal.effect.fails
        && fails != Stage::Session
        && draft.reached >= Some(fails)
    {
        return None;
    }
    // Who was refused was not sent on.
    let sends_on = signal.effect.session == Some(SessionChange::HandedOver);
    if sends_on && draft.is_refused() {
        return None;
    }
    // Time alone never proves progress: the logon may be anybody's.
    let ends_it = signal.effect.fails.is_some() || sends_on;
    if by == JoinedBy::Time && (!ends_it || signal.time > draft.last + AFTER_BY_TIME) {
        return None;
    }
    Some(Fit {
        taken: draft.kinds.contains(&signal.id),
        by,
        same_stage: Reverse(signal.effect.fails.is_some_and(|stage| draft.fails.contains(&stage))),
        outside: signal.time > draft.last || signal.time < draft.started,
        apart: apart(draft, signal, facts),
    })
}

/// Whether a record that only Remote Desktop writes names the client of a connection whose end is
/// not told: who logs on at its screen may take long over it.
fn stands_at_screen(draft: &Draft, signal: &Signal) -> bool {
    let address = signal.entities.client_address;
    signal.effect.witnesses && !draft.ended && address.is_some() && draft.client_address == address
}

/// How far a record is from the moment at which the draft would have had it. What failed is told by
/// several processes at once, and ends the attempt soon: of two clients that try together the one
/// that is refused is not the one that came last. All else stands near the beginning: a session of
/// the same client may be hours old.
fn apart(draft: &Draft, signal: &Signal, facts: &Facts) -> Span {
    let from = |time| signal.time.since(time).abs();
    let Some(stage) = signal.effect.fails else { return from(draft.started) };
    let own = draft.signals.iter().filter_map(|joined| facts.signals.get(joined.signal));
    let failed = own.filter(|own| own.effect.fails == Some(stage)).map(|own| from(own.time));
    let end = if draft.ended { draft.last } else { draft.started };
    failed.min().unwrap_or_else(|| from(end))
}

/// Whether two names are known to be the same; `None` when they are known to differ.
pub(super) fn agree<T: PartialEq>(left: Option<&T>, right: Option<&T>) -> Option<bool> {
    match (left, right) {
        (Some(left), Some(right)) => (left == right).then_some(true),
        _ => Some(false),
    }
}

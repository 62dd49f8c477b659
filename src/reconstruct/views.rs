//! Makes one attempt of what the client, the gateway and the host saw of it.
//!
//! Knows names and clocks. First the offset of each two clocks is estimated from all pairs that
//! can be the same attempt; then each view is given to the one attempt that fits it, or to none:
//! a wrong join would blame a stranger.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::clocks::{self, Possible};
use super::draft::Draft;
use super::links::{Link, link};
use crate::model::{ClockOffset, Confidence, Facts, MachineRole, Side, Span, Time, View};

/// How far apart two clocks are believed to be where only the host's name agrees.
const REACH: Span = Span::seconds(15 * 60);
/// The same where both ends are named: a wrong time zone or date.
const REACH_NAMED: Span = Span::seconds(26 * 3600);
/// How far apart both machines may have logged the beginning where their clocks' offset is not
/// known. Wider would join strangers.
const UNKNOWN: Span = Span::seconds(5);
/// The same where it is known: before, as far as the estimate errs.
const BEFORE: Span = Span::seconds(2);
/// And after: the client asks for names, sends a probe, and waits for somebody to type.
const AFTER: Span = Span::seconds(30);
/// Of so many attempts around its own a view is compared with at most.
const MOST_COMPARED: usize = 128;
/// The same for all views together. Attempts made up in one second by the thousand would else cost
/// the square of their number.
const MOST_PAIRS: usize = 500_000;
/// And so many each view is compared with at least.
const LEAST_COMPARED: usize = 16;

/// Unites views: gateways with hosts, clients with hosts, what is left with gateways.
pub(super) fn unite(drafts: Vec<Draft>, facts: &Facts) -> (Vec<Draft>, Vec<ClockOffset>) {
    let mut offsets = Vec::new();
    // Most cases are of one side, and attempts are large.
    if drafts.windows(2).all(|two| matches!(two, [one, other] if one.side == other.side)) {
        return (drafts, offsets);
    }
    let mut drafts: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
    for (viewer, lead) in
        [(Side::Gateway, Side::Host), (Side::Client, Side::Host), (Side::Client, Side::Gateway)]
    {
        let is_there = |side| drafts.iter().flatten().any(|draft| draft.side == side);
        if !is_there(viewer) || !is_there(lead) {
            continue;
        }
        let pass = Pass::of(&drafts, viewer, lead);
        let known = pass.offsets(&drafts);
        for join in pass.joins(&drafts, &known) {
            let taken = drafts.get_mut(join.viewer).and_then(Option::take);
            let lead = drafts.get_mut(join.lead).and_then(Option::as_mut);
            if let (Some(taken), Some(lead)) = (taken, lead) {
                lead.absorb(&taken, join.view, &facts.signals);
            }
        }
        offsets.extend(known.into_values());
    }
    (drafts.into_iter().flatten().collect(), offsets)
}

/// A view that is given to an attempt.
struct Join {
    viewer: usize,
    lead: usize,
    view: View,
}

/// The machines whose views may be of each attempt.
fn wanted(
    open: &[(usize, Vec<Fitting>)],
    taken: &BTreeSet<usize>,
    drafts: &[Option<Draft>],
) -> BTreeMap<usize, BTreeSet<Arc<str>>> {
    let mut wanted: BTreeMap<usize, BTreeSet<Arc<str>>> = BTreeMap::new();
    for (viewer, found) in open {
        let Some(view) = at(drafts, *viewer) else { continue };
        for fit in found.iter().filter(|fit| !taken.contains(&fit.lead)) {
            wanted.entry(fit.lead).or_default().insert(view.machine.clone());
        }
    }
    wanted
}

/// An attempt that a view may be of.
#[derive(Clone, Copy)]
struct Fitting {
    lead: usize,
    /// Whether both ends are named, and how much they have in common.
    named: bool,
    ties: usize,
    /// How much later the lead's machine logged the beginning, the offset taken off.
    late: Span,
}

/// The attempts of one side that views of another side are compared with.
struct Pass {
    viewers: Vec<usize>,
    /// By machine: start and number, ascending.
    leads: BTreeMap<Arc<str>, Vec<(Time, usize)>>,
    /// So many of each machine's a view is compared with.
    compared: usize,
}

type Offsets = BTreeMap<(Arc<str>, Arc<str>), ClockOffset>;

impl Pass {
    fn of(drafts: &[Option<Draft>], viewer: Side, lead: Side) -> Self {
        let mut pass = Self { viewers: Vec::new(), leads: BTreeMap::new(), compared: 0 };
        for (number, draft) in drafts.iter().enumerate() {
            let Some(draft) = draft else { continue };
            if draft.side == viewer {
                pass.viewers.push(number);
            } else if draft.side == lead {
                let machine = pass.leads.entry(draft.machine.clone()).or_default();
                machine.push((draft.started, number));
            }
        }
        pass.compared = compared(pass.viewers.len());
        pass.leads.values_mut().for_each(|starts| starts.sort_unstable());
        pass.viewers.sort_by_key(|number| {
            drafts.get(*number).and_then(Option::as_ref).map(|draft| (draft.started, *number))
        });
        pass
    }

    /// The offset of each two machines that logged the same attempts.
    fn offsets(&self, drafts: &[Option<Draft>]) -> Offsets {
        let mut possible: BTreeMap<(Arc<str>, Arc<str>), Vec<Possible>> = BTreeMap::new();
        for viewer in &self.viewers {
            let Some(view) = at(drafts, *viewer) else { continue };
            for (machine, starts) in &self.leads {
                let near = around(starts, view.started, REACH_NAMED);
                for lead in closest(near, view.started, self.compared) {
                    let Some(draft) = at(drafts, lead) else { continue };
                    let difference = draft.started.since(view.started);
                    let Some(link) = link(view, draft) else { continue };
                    if link.named || difference.abs() <= REACH {
                        let pair = (view.machine.clone(), machine.clone());
                        possible.entry(pair).or_default().push(Possible {
                            viewer: *viewer,
                            lead,
                            difference,
                            named: link.named,
                        });
                    }
                }
            }
        }
        possible
            .into_iter()
            .filter(|((viewer, lead), _)| viewer != lead)
            .filter_map(|((viewer, lead), pairs)| {
                let offset = clocks::estimate(&viewer, &lead, pairs)?;
                Some(((viewer, lead), offset))
            })
            .collect()
    }

    /// Gives each view to the attempt that fits it best, each attempt to one view of a side.
    /// Names decide first; what they took no longer competes for what is left.
    fn joins(&self, drafts: &[Option<Draft>], offsets: &Offsets) -> Vec<Join> {
        let mut open: Vec<(usize, Vec<Fitting>)> = self
            .viewers
            .iter()
            .filter_map(|viewer| {
                let view = at(drafts, *viewer)?;
                Some((*viewer, self.fitting(view, drafts, offsets)))
            })
            .collect();
        let mut taken = BTreeSet::new();
        let mut joins = Vec::new();
        for by_name in [true, false] {
            let wanted = wanted(&open, &taken, drafts);
            open.retain_mut(|(viewer, found)| {
                found.retain(|fit| !taken.contains(&fit.lead));
                let Some(view) = at(drafts, *viewer) else { return true };
                let fits = found.iter().filter(|fit| fit.named || !by_name);
                // Two machines that both may have seen it leave it open without a name. Then the
                // view is not of one that fits it less well.
                let alone = |lead| wanted.get(lead).is_some_and(|all| all.len() == 1);
                let Some(fit) = choose(view, fits.collect(), drafts)
                    .filter(|fit| fit.named || alone(&fit.lead))
                else {
                    return true;
                };
                let Some(lead) = at(drafts, fit.lead) else { return true };
                taken.insert(fit.lead);
                let offset = offsets.get(&(view.machine.clone(), lead.machine.clone()));
                let seen = seen(view, link(view, lead).unwrap_or_default(), offset);
                joins.push(Join { viewer: *viewer, lead: fit.lead, view: seen });
                false
            });
        }
        joins
    }

    fn fitting(&self, view: &Draft, drafts: &[Option<Draft>], offsets: &Offsets) -> Vec<Fitting> {
        let mut found = Vec::new();
        for (machine, starts) in &self.leads {
            let offset = offsets.get(&(view.machine.clone(), machine.clone()));
            let (begun, before, after) = match offset {
                Some(offset) => (view.started + offset.offset, BEFORE, AFTER),
                None => (view.started, UNKNOWN, UNKNOWN),
            };
            // Nothing that began after the view's end belongs to it.
            let lasted = view.last.since(view.started) + UNKNOWN;
            let near = around(starts, begun, after);
            for lead in closest(near, begun, self.compared) {
                let Some(draft) = at(drafts, lead) else { continue };
                let late = draft.started.since(begun);
                if late < Span(-before.0) || late > after.min(lasted) {
                    continue;
                }
                // Nobody gets a session after the client has given up.
                let ended = begun + view.last.since(view.started);
                if view.ended && draft.entered.is_some_and(|entered| entered > ended + before) {
                    continue;
                }
                if let Some(Link { ties, named }) = link(view, draft) {
                    found.push(Fitting { lead, named, ties: ties.len(), late });
                }
            }
        }
        // Of one client's attempts on very many hosts those that fit best.
        found.sort_by_key(|fit| (Reverse((fit.named, fit.ties)), fit.late.abs(), fit.lead));
        found.truncate(self.compared);
        found
    }
}

fn at(drafts: &[Option<Draft>], number: usize) -> Option<&Draft> {
    drafts.get(number).and_then(Option::as_ref)
}

/// The one that the view is of. mstsc's first probe and the connection proper come from one
/// address, and the one that came farther is meant; but a view that ended without a session is
/// of a try that got none, if there is one. Where strangers fit alike, none is.
fn choose<'f>(
    view: &Draft,
    found: Vec<&'f Fitting>,
    drafts: &[Option<Draft>],
) -> Option<&'f Fitting> {
    let named = found.iter().any(|fit| fit.named);
    let found: Vec<&Fitting> = found.into_iter().filter(|fit| fit.named || !named).collect();
    let clients: BTreeSet<Option<IpAddr>> = found
        .iter()
        .filter_map(|fit| at(drafts, fit.lead))
        .map(|draft| draft.client_address)
        .collect();
    if clients.len() > 1 && !named {
        return None;
    }
    let failed = view.ended && view.entered.is_none();
    found.into_iter().min_by_key(|fit| {
        let lead = at(drafts, fit.lead);
        let other_end = failed && lead.is_some_and(|lead| lead.entered.is_some());
        let reached = lead.and_then(|lead| lead.reached);
        (other_end, Reverse((fit.ties, reached)), fit.late.abs(), fit.lead)
    })
}

/// The view, and how sure it is.
fn seen(view: &Draft, link: Link, offset: Option<&ClockOffset>) -> View {
    let confidence = match (offset.map(|offset| offset.confidence), link.named) {
        (Some(Confidence::Confirmed), true) => Confidence::Confirmed,
        (Some(Confidence::Confirmed | Confidence::Likely), _) | (Some(_), true) => {
            Confidence::Likely
        }
        _ => Confidence::Possible,
    };
    View {
        machine: view.machine.clone(),
        role: match view.side {
            Side::Host => MachineRole::Host,
            Side::Gateway => MachineRole::Gateway,
            Side::Client => MachineRole::Client,
        },
        offset: offset
            .map(|offset| offset.offset)
            .filter(|offset| offset.abs() >= clocks::NO_OFFSET)
            .unwrap_or_default(),
        confidence,
        ties: link.ties,
    }
}

/// The entries of a list that is ascending by time, at most `reach` before or after a time.
pub(super) fn around<T>(list: &[(Time, T)], time: Time, reach: Span) -> &[(Time, T)] {
    let first = list.partition_point(|(at, _)| *at < time - reach);
    let last = list.partition_point(|(at, _)| *at <= time + reach);
    list.get(first..last).unwrap_or_default()
}

/// With how many attempts around its own each of so many views is compared at most.
pub(super) fn compared(views: usize) -> usize {
    (MOST_PAIRS / views.max(1)).clamp(LEAST_COMPARED, MOST_COMPARED)
}

/// The numbers of the entries closest to a time, at most so many.
pub(super) fn closest(
    list: &[(Time, usize)],
    time: Time,
    most: usize,
) -> impl Iterator<Item = usize> + '_ {
    let middle = list.partition_point(|(at, _)| *at < time);
    let first = middle.saturating_sub(most / 2);
    let last = middle.saturating_add(most / 2).min(list.len());
    list.get(first..last).unwrap_or_default().iter().map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attempts of a side, a millisecond apart, all of one name.
    fn crowd(side: Side, machine: &str, count: i64) -> impl Iterator<Item = Option<Draft>> {
        let machine: Arc<str> = machine.into();
        (0..count).map(move |number| {
            let time = Time::default() + Span::milliseconds(number);
            let mut draft = Draft::new(machine.clone(), side, time);
            draft.target = Some("SRV01".into());
            Some(draft)
        })
    }

    #[test]
    fn a_view_is_compared_with_few_however_many_there_are() {
        let (client, host) = (Side::Client, Side::Host);
        let drafts: Vec<_> =
            crowd(client, "PC-17", 2000).chain(crowd(host, "SRV01", 2000)).collect();
        let pass = Pass::of(&drafts, client, host);
        let view = at(&drafts, 1000).unwrap();
        let fits = pass.fitting(view, &drafts, &Offsets::new());
        assert_eq!(fits.len(), MOST_COMPARED);
        let own = fits.iter().find(|fit| fit.late == Span::default());
        assert!(own.is_some_and(|own| own.lead == 3000), "the closest are among them");
        assert_eq!((compared(0), compared(MOST_PAIRS)), (MOST_COMPARED, LEAST_COMPARED));
    }
}

//! Estimates how far the clocks of two machines are apart.
//!
//! Two machines that logged the same attempts differ by one constant; what they logged of
//! different attempts differs by anything. So the differences of all possible pairs are
//! collected, and the narrow window that holds most of them tells the offset.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::draft::Draft;
use crate::model::{ClockOffset, Confidence, Facts, Span};

/// The differences of one offset lie this close together: the client waits for names, probes
/// and prompts before the host hears of it.
const WIDTH: Span = Span::seconds(3);
/// Clocks that differ by less are taken as equal: Windows keeps domain members this close, and
/// the time between the first records of both machines is of that order.
const EQUAL: Span = Span::seconds(5);
/// Offsets below this are the noise of the estimate.
pub(super) const NO_OFFSET: Span = Span::seconds(2);
/// Without a name in common, this many attempts must agree on an offset.
const WITHOUT_NAMES: usize = 3;

/// Two records, one of each machine, that may tell of the same attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Possible {
    /// The attempt or record of the machine whose clock is asked for.
    pub viewer: usize,
    /// The attempt of the machine that it is compared with.
    pub lead: usize,
    /// The lead's time less the viewer's.
    pub difference: Span,
    /// Whether names of both ends agree, not only that of the host.
    pub named: bool,
}

/// The offset that most of the pairs agree on; `None` where they tell nothing.
pub(super) fn estimate(
    machine: &Arc<str>,
    relative_to: &Arc<str>,
    mut pairs: Vec<Possible>,
) -> Option<ClockOffset> {
    pairs.sort_by_key(|pair| (pair.difference, pair.viewer, pair.lead));
    let windows = windows(&pairs);
    let best = windows.iter().max_by_key(|window| window.rank())?;
    // A second window that is about as good means that the pairs do not tell.
    let rival = windows
        .iter()
        .filter(|window| Span(window.middle.0 - best.middle.0).abs() > WIDTH)
        .map(|window| window.matches)
        .max()
        .unwrap_or_default();
    let near = best.middle.abs() <= EQUAL;
    let enough = near || best.named > 0 || best.matches >= WITHOUT_NAMES;
    let clear = near || rival * 2 <= best.matches || best.named > rival;
    if !enough || !clear {
        return None;
    }
    let confidence = match (best.matches, best.named) {
        (3.., 1..) => Confidence::Confirmed,
        (2.., 1..) | (WITHOUT_NAMES.., _) => Confidence::Likely,
        _ => Confidence::Possible,
    };
    Some(ClockOffset {
        machine: machine.clone(),
        relative_to: relative_to.clone(),
        offset: best.middle,
        spread: best.spread,
        matches: best.matches,
        confidence,
    })
}

/// Puts what machines whose clock is off logged to the time of the machine that they were compared
/// with most: their attempts, whose records tell their times, and all other signals. Nobody after
/// this adds an offset again.
pub(super) fn set(facts: &mut Facts, drafts: &mut [Draft], clocks: &[ClockOffset]) {
    let mut best: BTreeMap<&Arc<str>, &ClockOffset> = BTreeMap::new();
    for clock in clocks.iter().filter(|clock| clock.offset.abs() >= NO_OFFSET) {
        let known = best.entry(&clock.machine).or_insert(clock);
        if clock.matches > known.matches {
            *known = clock;
        }
    }
    if best.is_empty() {
        return;
    }
    for signal in &mut facts.signals {
        if let Some(clock) = best.get(&signal.machine) {
            signal.time = signal.time + clock.offset;
        }
    }
    for draft in drafts {
        if let Some(clock) = best.get(&draft.machine) {
            draft.shift(clock.offset);
        }
    }
}

/// A stretch of differences, and how many attempts agree on it.
struct Window {
    /// Distinct attempts on either side, the fewer.
    matches: usize,
    /// How many of them have names in common.
    named: usize,
    middle: Span,
    spread: Span,
}

impl Window {
    /// More names, then more attempts, then the smaller offset: clocks mostly agree.
    fn rank(&self) -> impl Ord + use<> {
        (self.named, self.matches, std::cmp::Reverse(self.middle.abs()))
    }
}

/// The window that begins at each pair.
fn windows(pairs: &[Possible]) -> Vec<Window> {
    let (viewer_of, viewer_count) = numbered(pairs.iter().map(|pair| pair.viewer));
    let (lead_of, lead_count) = numbered(pairs.iter().map(|pair| pair.lead));
    let [mut viewers, mut named_viewers] = [viewer_count; 2].map(Distinct::of);
    let [mut leads, mut named_leads] = [lead_count; 2].map(Distinct::of);
    // The least difference of each viewer, ascending. A try that another client makes just after it
    // gives its viewer a second pair, which is no match.
    let mut own: Vec<Span> = Vec::new();
    let mut windows = Vec::with_capacity(pairs.len());
    for (start, first) in pairs.iter().enumerate() {
        let inside = pairs
            .iter()
            .zip(viewer_of.iter().zip(&lead_of))
            .skip(start)
            .take_while(|(pair, _)| pair.difference.0 - first.difference.0 <= WIDTH.0)
            .take(MOST_IN_WINDOW);
        own.clear();
        [&mut viewers, &mut leads, &mut named_viewers, &mut named_leads]
            .into_iter()
            .for_each(Distinct::begin);
        for (pair, (viewer, lead)) in inside {
            if viewers.enter(*viewer) {
                own.push(pair.difference);
            }
            leads.enter(*lead);
            if pair.named {
                named_viewers.enter(*viewer);
                named_leads.enter(*lead);
            }
        }
        let (Some(middle), Some(last)) = (own.get(own.len() / 2), own.last()) else {
            continue;
        };
        windows.push(Window {
            matches: viewers.count.min(leads.count),
            named: named_viewers.count.min(named_leads.count),
            middle: *middle,
            spread: Span(last.0 - first.difference.0),
        });
    }
    windows
}

/// Small numbers for values, and how many there are.
fn numbered(values: impl Iterator<Item = usize>) -> (Vec<usize>, usize) {
    let mut known: HashMap<usize, usize, RandomState> = HashMap::default();
    let number = |value| {
        let next = known.len();
        *known.entry(value).or_insert(next)
    };
    let numbers = values.map(number).collect();
    (numbers, known.len())
}

/// Counts how many different numbers a window has. Each pair is of hundreds of windows.
struct Distinct {
    /// By number the last window that had it, counted from 1.
    last: Vec<usize>,
    window: usize,
    count: usize,
}

impl Distinct {
    fn of(numbers: usize) -> Self {
        Self { last: vec![0; numbers], window: 0, count: 0 }
    }

    /// Begins the next window.
    const fn begin(&mut self) {
        self.window += 1;
        self.count = 0;
    }

    /// Enters a number; `false` if the window has it.
    fn enter(&mut self, number: usize) -> bool {
        let last = self.last.get_mut(number);
        let is_new = last.is_some_and(|last| std::mem::replace(last, self.window) != self.window);
        self.count += usize::from(is_new);
        is_new
    }
}

/// So many pairs of one window are looked at; more tell nothing new.
const MOST_IN_WINDOW: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(usize, usize, i64, bool)], expected: Option<(i64, usize, Confidence)>) {
        let pairs = pairs
            .iter()
            .map(|(viewer, lead, seconds, named)| Possible {
                viewer: *viewer,
                lead: *lead,
                difference: Span::seconds(*seconds),
                named: *named,
            })
            .collect();
        let found = estimate(&"PC".into(), &"SRV".into(), pairs);
        let found =
            found.map(|found| (found.offset.0 / 10_000_000, found.matches, found.confidence));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_offset_that_most_attempts_agree_on() {
        // Three attempts at 0, 40 and 100 s; the host's clock is 90 s ahead.
        let starts = [0, 40, 100];
        let mut pairs = Vec::new();
        for (viewer, client) in starts.iter().enumerate() {
            for (lead, host) in starts.iter().enumerate() {
                pairs.push((viewer, lead, host + 90 - client, false));
            }
        }
        check(&pairs, Some((90, 3, Confidence::Likely)));
    }

    #[test]
    fn one_pair_tells_only_with_names_or_with_equal_clocks() {
        check(&[(0, 0, 90, false)], None);
        check(&[(0, 0, 90, true)], Some((90, 1, Confidence::Possible)));
        check(&[(0, 0, 1, false)], Some((1, 1, Confidence::Possible)));
    }

    #[test]
    fn a_try_just_after_does_not_move_the_offset() {
        check(&[(0, 0, 0, false), (0, 1, 3, false)], Some((0, 1, Confidence::Possible)));
        check(&[(0, 0, 90, true), (0, 1, 93, true)], Some((90, 1, Confidence::Possible)));
    }

    #[test]
    fn two_offsets_that_are_about_as_good_tell_nothing() {
        let pairs = [
            (0, 0, 90, false),
            (1, 1, 90, false),
            (2, 2, 90, false),
            (0, 3, 300, false),
            (1, 4, 300, false),
            (2, 5, 300, false),
        ];
        check(&pairs, None);
        check(&[], None);
    }
}

//! Of whom enough is kept, so that more of the same is counted only.
//!
//! Entered by whoever keeps records, and asked by all threads before they decode a record. A record
//! is counted only where there is enough of its kind within its hour, or, as no more than some hours
//! are kept whole, within each of the longer windows. What stands here stays, and hours and windows
//! of which more is kept only get fewer, so that it does not matter when a thread sees it.

use std::hash::BuildHasher as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering};

use foldhash::fast::RandomState;

use super::Window;
use super::mark::{Mark, mixed};
use crate::model::{Time, WholeHours};

/// Places for entries: 512 KiB of memory, once there is one.
const PLACES: usize = 1 << 16;
/// So many places behind its own an entry may stand at.
const REACH: usize = 16;

/// Whose records are counted only, of a kind and within a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those that name nobody.
    Nobodys,
    /// All that name somebody.
    Anybodys,
    /// Those of one client among these.
    Clients,
    /// Those of one client and user.
    Users,
}

/// What of records enough is kept. It holds a limited number of entries: what finds no place is
/// merely asked about again.
#[derive(Debug)]
pub struct Enough {
    entries: OnceLock<Box<[AtomicU64]>>,
    /// A bit for each window of which there is an entry, by [`bit`].
    windows: AtomicU8,
    /// A bit for each window for whose sake no record is kept that names nobody, and the same for
    /// those that name somebody.
    closed: [AtomicU8; 2],
    /// Of the hours that are kept whole, the limit.
    hours: AtomicU16,
}

impl Default for Enough {
    /// Of nobody.
    fn default() -> Self {
        Self {
            entries: OnceLock::new(),
            windows: AtomicU8::new(0),
            closed: [const { AtomicU8::new(0) }; 2],
            hours: AtomicU16::new(WholeHours::default().limit()),
        }
    }
}

/// The bit that stands for everything, and the one that stands for nothing yet.
const EVERYTHING: u8 = 1 << 7;
const ASKED: u8 = 1 << 6;

impl Enough {
    /// Whether it has to be asked: there is more than is kept, though there need not be an entry.
    pub fn is_asked(&self) -> bool {
        self.windows.load(Ordering::Relaxed) != 0
    }

    /// Has it asked from now on.
    pub fn ask(&self) {
        self.windows.fetch_or(ASKED, Ordering::Relaxed);
    }

    /// Whether everything is counted only.
    pub fn has_all(&self) -> bool {
        self.windows.load(Ordering::Relaxed) & EVERYTHING != 0
    }

    /// Whether a record with that mark, of that time, is counted only.
    pub fn has(&self, mark: &Mark, time: Time) -> bool {
        self.has_in_hour(mark) || !self.keeps_whole(time) && self.has_beyond_hour(mark)
    }

    /// Whether a record with that mark is counted only, whether or not its hour is kept whole.
    fn has_in_hour(&self, mark: &Mark) -> bool {
        self.has_all() || self.has_within(mark, Window::Hour)
    }

    /// Whether a record of that time is kept if there is room within its hour.
    fn keeps_whole(&self, time: Time) -> bool {
        WholeHours::below(self.hours.load(Ordering::Relaxed)).has(time)
    }

    /// Whether no window that is longer than an hour has a record with that mark kept.
    fn has_beyond_hour(&self, mark: &Mark) -> bool {
        let [_, longer @ ..] = Window::ALL;
        let [unnamed, named] = &self.closed;
        let closed = if mark.is_named { named } else { unnamed }.load(Ordering::Relaxed);
        longer.into_iter().all(|window| closed & bit(window) != 0 || self.has_within(mark, window))
    }

    /// Whether a record with that mark is one of those of whom there is enough within a window.
    fn has_within(&self, mark: &Mark, window: Window) -> bool {
        if self.windows.load(Ordering::Relaxed) & bit(window) == 0 {
            return false;
        }
        if !mark.is_named {
            return self.holds(entry(mark, window, Whose::Nobodys));
        }
        let whose = [Whose::Anybodys, Whose::Clients, Whose::Users];
        whose.into_iter().any(|whose| self.holds(entry(mark, window, whose)))
    }

    /// From now on no more hours are kept whole than these, which are fewer than before.
    pub fn narrow(&self, hours: WholeHours) {
        self.hours.store(hours.limit(), Ordering::Relaxed);
    }

    /// From now on no record is kept for the sake of that window, of those that name somebody or of
    /// those that name nobody.
    pub fn close(&self, window: Window, is_named: bool) {
        let [unnamed, named] = &self.closed;
        let closed = if is_named { named } else { unnamed };
        closed.fetch_or(bit(window), Ordering::Relaxed);
    }

    /// Enters everything.
    pub fn enter_all(&self) {
        self.windows.fetch_or(EVERYTHING, Ordering::Relaxed);
    }

    /// Enters those of whom a record with that mark is one, for as long as its window lasts.
    pub fn enter(&self, mark: &Mark, window: Window, whose: Whose) {
        let entry = entry(mark, window, whose);
        let new = || (0..PLACES + REACH).map(|_| AtomicU64::new(0)).collect();
        for place in places(self.entries.get_or_init(new), entry) {
            match place.load(Ordering::Relaxed) {
                0 => {
                    place.store(entry, Ordering::Relaxed);
                    self.windows.fetch_or(bit(window), Ordering::Relaxed);
                    return;
                }
                known if known == entry => return,
                _ => {}
            }
        }
    }

    fn holds(&self, entry: u64) -> bool {
        let Some(entries) = self.entries.get() else { return false };
        let known = places(entries, entry).map(|place| place.load(Ordering::Relaxed));
        known.take_while(|known| *known != 0).any(|known| known == entry)
    }
}

/// The bit that stands for a window.
const fn bit(window: Window) -> u8 {
    1 << window as u8
}

/// The places at which an entry can stand, in order.
fn places(entries: &[AtomicU64], entry: u64) -> impl Iterator<Item = &AtomicU64> {
    let first = usize::try_from(entry % PLACES as u64).unwrap_or_default();
    entries.get(first..).unwrap_or_default().iter().take(REACH)
}

/// The number that stands for those of whom a record is one; not zero.
const fn entry(mark: &Mark, window: Window, whose: Whose) -> u64 {
    let (whose, number) = match whose {
        Whose::Nobodys => (1, mark.kind),
        Whose::Anybodys => (2, mark.kind),
        Whose::Clients => (3, mark.client),
        Whose::Users => (4, mark.user),
    };
    let number = mixed(number, window.number(mark.hour) ^ whose << 61);
    if number == 0 { 1 } else { number }
}

/// Users that a thread remembers: 32 KiB, once there is one. Five times as much, with all numbers as
/// they are, made floods take half as long again.
const LATELY: usize = 4096;

/// Whom a thread met lately of whom there is enough beyond the hour: to ask for each window takes up
/// to ten places in memory. It holds for a day, the shortest of these windows.
#[derive(Debug, Default)]
pub(super) struct Lately {
    /// Numbers for all on which it depends whether there is enough. They are others in every run, so
    /// that nobody can make up a record that has the number of another one.
    met: Box<[u64]>,
    state: RandomState,
}

impl Lately {
    /// What [`Enough::has`] says.
    pub(super) fn has(&mut self, enough: &Enough, mark: &Mark, time: Time) -> bool {
        if enough.keeps_whole(time) {
            return enough.has_in_hour(mark);
        }
        let Mark { kind, client, user, is_named, hour, .. } = *mark;
        let day = Window::Day.number(hour);
        // Zero stands for nobody.
        let met = self.state.hash_one((kind, client, user, is_named, day)).max(1);
        let place = usize::try_from(met).unwrap_or_default() % LATELY;
        if self.met.get(place) == Some(&met) {
            return true;
        }
        let has = enough.has_beyond_hour(mark);
        if has {
            if self.met.is_empty() {
                self.met = [0; LATELY].into();
            }
            if let Some(known) = self.met.get_mut(place) {
                *known = met;
            }
        }
        has || enough.has_in_hour(mark)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn mark(kind: u64, client: u64, user: u64) -> Mark {
        let (client, user) = (mixed(kind, client), mixed(mixed(kind, client), user));
        Mark { machine: 1, channel: 2, kind, client, user, hour: 9, is_named: true }
    }

    /// A time within that hour.
    const fn within(hour: i64) -> Time {
        Time(hour * 36_000_000_000 + 1)
    }

    #[test]
    fn an_entry_stands_for_its_own_and_no_others() {
        let enough = Enough::default();
        enough.enter(&mark(1, 0, 0), Window::Hour, Whose::Anybodys);
        enough.enter(&mark(2, 7, 0), Window::Hour, Whose::Clients);
        enough.enter(&mark(3, 7, 8), Window::Hour, Whose::Users);
        enough.enter(&mark(4, 0, 0), Window::Hour, Whose::Nobodys);
        for (mark, expected) in [
            (mark(1, 5, 6), true),
            (mark(2, 7, 9), true),
            (mark(2, 8, 9), false),
            (mark(3, 7, 8), true),
            (mark(3, 7, 9), false),
            (mark(4, 5, 6), false),
            (Mark { is_named: false, ..mark(4, 5, 6) }, true),
            (Mark { is_named: false, ..mark(1, 5, 6) }, false),
            (Mark { hour: 10, ..mark(1, 5, 6) }, false),
        ] {
            assert_eq!(enough.has(&mark, within(mark.hour)), expected, "{mark:?}");
        }
        assert!(!enough.has_all());
        enough.enter_all();
        assert!(enough.has_all() && enough.has(&mark(9, 9, 9), within(9)));
    }

    /// Beyond an hour there has to be enough within each longer window, and the hour must not be
    /// one that is kept whole.
    #[test]
    fn there_is_enough_where_no_window_has_room() {
        let enough = Enough::default();
        let own = mark(5, 7, 6);
        let lately = RefCell::new(Lately::default());
        let has = |mark: Mark| {
            let has = enough.has(&mark, within(mark.hour));
            for _ in 0..2 {
                assert_eq!(lately.borrow_mut().has(&enough, &mark, within(mark.hour)), has);
            }
            has
        };
        enough.enter(&own, Window::Day, Whose::Clients);
        enough.enter(&own, Window::Ever, Whose::Users);
        enough.close(Window::Month, true);
        assert!(!has(own), "all hours are kept whole");
        enough.narrow(WholeHours::below(0));
        for (mark, expected) in [
            (own, true),
            (Mark { hour: 10, ..own }, true),
            (Mark { hour: 24, ..own }, false),
            (mark(5, 7, 8), false),
            (mark(5, 8, 6), false),
            (Mark { is_named: false, ..own }, false),
        ] {
            assert_eq!(has(mark), expected, "{mark:?}");
        }
        enough.enter(&own, Window::Ever, Whose::Anybodys);
        assert!(has(mark(5, 7, 8)) && !has(mark(5, 8, 6)));
        for window in [Window::Day, Window::Month, Window::Ever] {
            assert!(!has(Mark { is_named: false, ..own }), "{window:?}");
            enough.close(window, false);
        }
        assert!(has(Mark { is_named: false, ..own }));
        // Whoever has the user's number is not the user: each number counts.
        let other = Mark { kind: 9, client: 9, ..own };
        assert!(has(own) && !has(other));
        let half = WholeHours::below(1 << 15);
        enough.narrow(half);
        let hours = (0..24).map(|hour| Mark { hour, ..own });
        let (kept, counted): (Vec<Mark>, Vec<Mark>) = hours.partition(|mark| !has(*mark));
        assert!(kept.iter().all(|mark| half.has(within(mark.hour))) && !kept.is_empty());
        assert!(counted.iter().all(|mark| !half.has(within(mark.hour))) && !counted.is_empty());
    }

    #[test]
    fn what_stands_stays_however_much_comes() {
        let enough = Enough::default();
        let has = |mark: &Mark| enough.has(mark, within(mark.hour));
        let mut standing = Vec::new();
        for kind in 0..3 * PLACES as u64 {
            let mark = mark(kind, 0, 0);
            enough.enter(&mark, Window::Hour, Whose::Anybodys);
            if kind % 64 == 0 && has(&mark) {
                standing.push(mark);
            }
        }
        assert!(standing.len() > PLACES / 128 && standing.iter().all(has));
    }
}

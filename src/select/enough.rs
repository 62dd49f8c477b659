//! Of whom enough is kept, so that more of the same is counted only.
//!
//! Entered by whoever keeps records, and asked by all threads before they decode a record. What
//! stands here stays, so that it does not matter when a thread sees it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use super::Window;
use super::mark::{Mark, mixed};

/// Places for entries: 512 KiB of memory, once there is one.
const PLACES: usize = 1 << 16;
/// So many places behind its own an entry may stand at.
const REACH: usize = 16;

/// Whose records are counted only, of a kind and within a window. Each is
/// fewer than those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Debug, Default)]
pub struct Enough {
    entries: OnceLock<Box<[AtomicU64]>>,
    /// A bit for each window of which there is an entry, by [`bit`].
    windows: AtomicU8,
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

    /// Whether a record with that mark is counted only.
    pub fn has(&self, mark: &Mark) -> bool {
        let windows = self.windows.load(Ordering::Relaxed);
        if windows & EVERYTHING != 0 {
            return true;
        }
        // Mostly there are entries of one window, or of none.
        let is_entered = |window: &Window| windows & bit(*window) != 0;
        Window::ALL.into_iter().filter(is_entered).any(|window| {
            if !mark.is_named {
                return self.holds(entry(mark, window, Whose::Nobodys));
            }
            let whose = [Whose::Anybodys, Whose::Clients, Whose::Users];
            whose.into_iter().any(|whose| self.holds(entry(mark, window, whose)))
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(kind: u64, client: u64, user: u64) -> Mark {
        let (client, user) = (mixed(kind, client), mixed(mixed(kind, client), user));
        Mark { machine: 1, channel: 2, kind, client, user, hour: 9, is_named: true }
    }

    #[test]
    fn an_entry_stands_for_its_own_and_no_others() {
        let enough = Enough::default();
        enough.enter(&mark(1, 0, 0), Window::Hour, Whose::Anybodys);
        enough.enter(&mark(2, 7, 0), Window::Hour, Whose::Clients);
        enough.enter(&mark(3, 7, 8), Window::Hour, Whose::Users);
        enough.enter(&mark(4, 0, 0), Window::Hour, Whose::Nobodys);
        enough.enter(&mark(5, 7, 0), Window::Day, Whose::Clients);
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
            (Mark { hour: 10, ..mark(5, 7, 6) }, true),
            (Mark { hour: 24, ..mark(5, 7, 6) }, false),
            (mark(5, 8, 6), false),
        ] {
            assert_eq!(enough.has(&mark), expected, "{mark:?}");
        }
        assert!(!enough.has_all());
        enough.enter_all();
        assert!(enough.has_all() && enough.has(&mark(9, 9, 9)));
    }

    #[test]
    fn what_stands_stays_however_much_comes() {
        let enough = Enough::default();
        let mut standing = Vec::new();
        for kind in 0..3 * PLACES as u64 {
            let mark = mark(kind, 0, 0);
            enough.enter(&mark, Window::Hour, Whose::Anybodys);
            if kind % 64 == 0 && enough.has(&mark) {
                standing.push(mark);
            }
        }
        assert!(standing.len() > PLACES / 128 && standing.iter().all(|mark| enough.has(mark)));
    }
}

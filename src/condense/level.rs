//! How much is kept of whom.
//!
//! Each level keeps a part of what the one before it kept, so that a record's rank tells up to
//! which level it is kept, and going up needs nothing else.

use super::rank::{Before, Rank};
use crate::model::WholeHours;
use crate::select::{Enough, Whose, Window};

/// How much is kept: all at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Level(u8);

/// Whose records a level keeps.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Within an hour: what goes beyond is not kept.
    hour: Most,
    /// Hours of which all else is kept: those with a smaller lot.
    hours: u16,
    /// Of the records of other hours, those are kept that are one of the first within one of
    /// these: so a fault that began late shows, and so do those who seldom come.
    coarse: [Most; 3],
}

/// The limits within a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Most {
    /// Records of a kind on a machine that name nobody.
    unnamed: u16,
    /// Records of a kind on a machine, whoever wrote them.
    on_machine: u16,
    /// Clients whose records are told apart.
    clients: u16,
    /// Records of one client.
    of_client: u16,
    /// Users of one client whose records are told apart.
    users: u16,
    /// Records of one user.
    of_user: u16,
}

const ALL: Most = most(u16::MAX, u16::MAX, u16::MAX, u16::MAX, u16::MAX, u16::MAX);

/// What a flood may keep within an hour once days count, too. The rates that rules look for (120
/// in a minute, 50 in an hour) still show.
const BUSY_HOUR: Most = most(250, 250, 250, 200, 50, 10);

/// The same where there are many such hours.
const MANY_HOURS: Most = most(64, 64, 64, 64, 16, 4);

/// First to go are records that name nobody, then those of busy hours, then those of long times,
/// in steps that leave about seven tenths. The last levels are for cases of very many machines:
/// they keep no record for the sake of its day, then none for that of its month.
static LEVELS: [Limits; 26] = [
    within_hour(ALL),
    within_hour(Most { unnamed: 2000, ..ALL }),
    within_hour(most(1000, 1000, 500, 500, 200, 50)),
    within_hour(BUSY_HOUR),
    of_each_day(BUSY_HOUR, 256),
    of_each_day(BUSY_HOUR, 128),
    of_each_day(MANY_HOURS, 64),
    of_each_day(MANY_HOURS, 32),
    of_each_day(MANY_HOURS, 23),
    of_each_day(MANY_HOURS, 16),
    of_each_day(MANY_HOURS, 11),
    of_each_day(MANY_HOURS, 8),
    of_each_day(MANY_HOURS, 6),
    of_each_day(MANY_HOURS, 4),
    of_each_day(MANY_HOURS, 3),
    of_each_day(MANY_HOURS, 2),
    of_each_day(MANY_HOURS, 1),
    Limits { hours: 512, ..of_each_day(MANY_HOURS, 1) },
    beyond_day(512, 4, 16),
    beyond_day(256, 2, 8),
    beyond_day(128, 1, 4),
    beyond_day(0, 1, 4),
    beyond_day(0, 0, 4),
    beyond_day(0, 0, 2),
    beyond_day(0, 0, 1),
    FIRST_OF_EACH_KIND,
];

/// The first record of each kind of a machine.
const FIRST_OF_EACH_KIND: Limits =
    Limits { hour: MANY_HOURS, hours: 0, coarse: [first(0, 0, 0), first(0, 0, 0), first(1, 0, 0)] };

const fn within_hour(hour: Most) -> Limits {
    Limits { hour, hours: u16::MAX, coarse: [ALL; 3] }
}

/// A share of the hours: three quarters, then 1/32 for each of the count. Of other hours the first
/// records within a day, a month and ever, and of each client and user.
const fn of_each_day(hour: Most, count: u16) -> Limits {
    let (month, ever) = (4 * count, 16 * count);
    let clients = if count < 8 { count } else { 2 * count };
    let coarse = [
        of_attempts(count, clients, at_least_one(count / 16)),
        of_attempts(month, TOLD_APART, at_least_one(month / 32)),
        Most { unnamed: FIRST_EVER, ..first(ever, TOLD_APART, at_least_one(ever / 64)) },
    ];
    let hours = if count < 24 { count } else { 24 };
    Limits { hour, hours: 2048 * hours, coarse }
}

/// Records of a kind that are kept because there had been none: with so few, it shows that a cause
/// began, and how often it came does not seem other than it was.
const FIRST_EVER: u16 = 16;

/// The first of a kind, if they name somebody: an attempt that is one of the first has records that
/// are among the first of theirs. Those that name nobody would be of later attempts than the ones
/// kept, and seem to happen without any.
const fn of_attempts(count: u16, clients: u16, few: u16) -> Most {
    Most { unnamed: 0, ..first(count, clients, few) }
}

/// So many of each month, and of all.
const fn beyond_day(hours: u16, month: u16, ever: u16) -> Limits {
    let coarse = [first(0, 0, 0), of_attempts(month, 8 * month, 1), first(ever, 8 * ever, 1)];
    Limits { hour: MANY_HOURS, hours, coarse }
}

/// Clients that are told apart within longer times: on most machines all that there are.
const TOLD_APART: u16 = 1000;

/// The first of a kind on a machine, and beyond them the first of so many clients, few of each.
const fn first(count: u16, clients: u16, few: u16) -> Most {
    most(count, count, clients, few, few, few)
}

const fn at_least_one(count: u16) -> u16 {
    if count == 0 { 1 } else { count }
}

const fn most(
    unnamed: u16,
    on_machine: u16,
    clients: u16,
    of_client: u16,
    users: u16,
    of_user: u16,
) -> Most {
    Most { unnamed, on_machine, clients, of_client, users, of_user }
}

impl Level {
    /// The first, which keeps all.
    pub(super) const ALL: Self = Self(0);

    /// The next one; `None` after the last.
    pub(super) fn next(self) -> Option<Self> {
        let next = self.0 + 1;
        (usize::from(next) < LEVELS.len()).then_some(Self(next))
    }

    /// The hours of which it keeps all but floods.
    pub(super) fn hours(self) -> WholeHours {
        let limits = self.limits();
        limits.map_or_else(WholeHours::default, |limits| WholeHours::below(limits.hours))
    }

    /// Whether it keeps a record of that rank; the first keeps all.
    pub(super) fn keeps(self, rank: &Rank) -> bool {
        self == Self::ALL || self.limits().is_some_and(|limits| limits.keep(rank))
    }

    /// The last level that keeps a record of that rank, which this one keeps.
    pub(super) fn last(self, rank: &Rank) -> Self {
        let later = LEVELS.get(usize::from(self.0) + 1..).unwrap_or_default();
        let keeping = later.partition_point(|limits| limits.keep(rank));
        Self(self.0 + u8::try_from(keeping).unwrap_or_default())
    }

    /// Whose further records of the hour are not kept either, by this level or a later one, where
    /// it does not keep one before which that came within the hour, whatever came before that.
    pub(super) fn enough_of_hour(self, is_named: bool, hour: &Before) -> Option<Whose> {
        let most = &self.limits()?.hour;
        (self != Self::ALL && !most.keeps(is_named, hour)).then(|| most.enough(is_named, hour))
    }

    fn limits(self) -> Option<&'static Limits> {
        LEVELS.get(usize::from(self.0))
    }

    /// Whose further records are not kept either for the sake of a window that is longer than an
    /// hour, by this level or a later one, where none of these has this one kept: ranks only grow.
    pub(super) fn enough(self, rank: &Rank) -> impl Iterator<Item = (Window, Whose)> {
        let [_, longer @ ..] = rank.within;
        let named = rank.named;
        let windows = self.limits().into_iter().flat_map(Limits::longer).zip(longer);
        let counting = windows.filter(move |((_, most), _)| !most.keeps_none(named));
        counting.map(move |((window, most), before)| (window, most.enough(named, &before)))
    }

    /// Tells what it keeps nothing of.
    pub(super) fn tell(self, enough: &Enough) {
        enough.narrow(self.hours());
        for (window, most) in self.limits().into_iter().flat_map(Limits::longer) {
            for is_named in [false, true].into_iter().filter(|named| most.keeps_none(*named)) {
                enough.close(window, is_named);
            }
        }
    }
}

impl Limits {
    fn keep(&self, rank: &Rank) -> bool {
        let [hour, coarse @ ..] = &rank.within;
        let mut coarse = self.coarse.iter().zip(coarse);
        self.hour.keeps(rank.named, hour)
            && (rank.lot < self.hours || coarse.any(|(most, own)| most.keeps(rank.named, own)))
    }

    /// The limits within windows that are longer than an hour.
    fn longer(&self) -> impl Iterator<Item = (Window, &Most)> {
        let [_, longer @ ..] = Window::ALL;
        longer.into_iter().zip(&self.coarse)
    }
}

impl Most {
    /// Whether a record is kept: one of the first on its machine, or of a client or user that is
    /// still told apart.
    const fn keeps(&self, is_named: bool, before: &Before) -> bool {
        if !is_named {
            return before.on_machine < self.unnamed;
        }
        let client_counts = before.clients < self.clients;
        let user_counts = client_counts && before.users < self.users;
        before.on_machine < self.on_machine
            || (client_counts && before.of_client < self.of_client)
            || (user_counts && before.of_user < self.of_user)
    }

    /// Whether it keeps nothing of records that name somebody, or of those that name nobody.
    const fn keeps_none(&self, is_named: bool) -> bool {
        const FIRST: Before =
            Before { on_machine: 0, clients: 0, of_client: 0, users: 0, of_user: 0 };
        !self.keeps(is_named, &FIRST)
    }

    /// Whose further records within the window are not kept where one is not.
    const fn enough(&self, is_named: bool, before: &Before) -> Whose {
        if !is_named {
            Whose::Nobodys
        } else if before.clients >= self.clients {
            Whose::Anybodys
        } else if before.users >= self.users {
            Whose::Clients
        } else {
            Whose::Users
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: [u16; 14] = [0, 1, 2, 4, 8, 16, 50, 64, 200, 250, 500, 1000, 2000, 40_000];

    /// Numbers below many, the same in each run.
    fn numbers() -> impl FnMut() -> u16 {
        let mut state: u64 = 1;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            NUMBERS[usize::try_from(state >> 33).unwrap() % NUMBERS.len()]
        }
    }

    /// Ranks as they can be: in a longer window there is no less.
    fn ranks() -> impl Iterator<Item = Rank> {
        let mut number = numbers();
        (0..20_000_u32).map(move |round| {
            let lot = u16::try_from(round.wrapping_mul(40_503) % 65_536).unwrap();
            let mut within = [Before::default(); 4];
            let mut last = Before::default();
            for before in &mut within {
                let (of_user, users, clients) = (number(), number(), number());
                last.of_user = last.of_user.max(of_user);
                last.users = last.users.max(users);
                last.of_client = last.of_client.max(last.of_user).max(number());
                last.clients = last.clients.max(clients);
                last.on_machine = last.on_machine.max(last.of_client).max(last.clients);
                *before = last;
            }
            Rank { named: round % 4 != 0, lot, within }
        })
    }

    #[test]
    fn each_level_keeps_a_part_of_the_one_before() {
        for rank in ranks() {
            for levels in LEVELS.windows(2) {
                let [level, next] = levels else { unreachable!() };
                assert!(level.keep(&rank) || !next.keep(&rank), "{rank:?} {level:?} {next:?}");
            }
            let Level(last) = Level::ALL.last(&rank);
            assert!(LEVELS[usize::from(last)].keep(&rank), "{rank:?}");
            assert!(LEVELS.get(usize::from(last) + 1).is_none_or(|next| !next.keep(&rank)));
        }
    }

    /// What a level says of whom enough is kept within a window holds whatever came from others
    /// since, for later levels, too.
    #[test]
    fn enough_stays_enough() {
        for rank in ranks() {
            for (position, limits) in LEVELS.iter().enumerate() {
                let level = Level(u8::try_from(position).unwrap());
                let [hour, ..] = &rank.within;
                let of_hour = level.enough_of_hour(rank.named, hour);
                let within = of_hour.map(|whose| (Window::Hour, whose)).into_iter();
                let is_kept = limits.keep(&rank);
                let longer = level.enough(&rank).filter(|_| of_hour.is_none() && !is_kept);
                for (window, whose) in within.chain(longer) {
                    let mut others = rank.within[window as usize];
                    match whose {
                        Whose::Nobodys | Whose::Users => {}
                        Whose::Anybodys => {
                            (others.of_client, others.users, others.of_user) = (0, 0, 0);
                        }
                        Whose::Clients => others.of_user = 0,
                    }
                    for later in &LEVELS[position..] {
                        let mut limits = [&later.hour].into_iter().chain(&later.coarse);
                        let most = limits.nth(window as usize).unwrap();
                        assert!(!most.keeps(rank.named, &others), "{later:?} {window:?} {rank:?}");
                    }
                }
            }
        }
    }

    /// A level counts a record only if its hour has enough of it, or if no longer window keeps it
    /// and its hour is not whole; a window that keeps nothing never keeps anything later.
    #[test]
    fn what_has_enough_everywhere_is_not_kept() {
        for rank in ranks() {
            for (position, limits) in LEVELS.iter().enumerate() {
                let is_whole = Level(u8::try_from(position).unwrap()).hours().limit() > rank.lot;
                let [hour, longer @ ..] = &rank.within;
                let mut each = limits.coarse.iter().zip(longer);
                let is_left_out = !limits.hour.keeps(rank.named, hour)
                    || !is_whole && each.all(|(most, before)| !most.keeps(rank.named, before));
                assert_eq!(limits.keep(&rank), !is_left_out, "{limits:?} {rank:?}");
                for later in &LEVELS[position..] {
                    for (most, later) in limits.coarse.iter().zip(&later.coarse) {
                        assert!(!most.keeps_none(rank.named) || later.keeps_none(rank.named));
                    }
                }
            }
        }
    }

    /// Rare users and clients keep their records longest, and each day keeps something.
    #[test]
    fn what_is_rare_stays_longest() {
        let many = Before { on_machine: 9000, clients: 9, of_client: 9000, users: 9, of_user: 900 };
        let flood = |within| Rank { named: true, lot: 60_000, within };
        let usual = Level::ALL.last(&flood([many; 4]));
        let rare_user = Level::ALL.last(&flood([Before { of_user: 0, ..many }; 4]));
        let alone = Before { of_client: 0, users: 0, of_user: 0, ..many };
        let rare_client = Level::ALL.last(&flood([alone; 4]));
        assert!(usual < rare_user && rare_user <= rare_client, "{usual:?} {rare_user:?}");
        let first = Before::default();
        let first_of_day = Level::ALL.last(&flood([first, first, many, many]));
        let first_of_month = Level::ALL.last(&flood([first, first, first, many]));
        let first_ever = Level::ALL.last(&flood([first; 4]));
        assert!(usual < first_of_day && first_of_day < first_of_month);
        assert!(first_of_month < first_ever && first_ever.next().is_none());
        // What names nobody goes with its hour, unless there had been none.
        let unnamed = |within| Level::ALL.last(&Rank { named: false, lot: 60_000, within });
        assert_eq!(unnamed([first, first, first, many]), unnamed([first, many, many, many]));
        assert_eq!(unnamed([first; 4]), first_ever);
    }
}

//! How much is kept.
//!
//! Each level keeps a part of what the one before it kept, so that going up needs nothing but
//! the ranks of what is there.

use super::rank::Rank;
use crate::select::Whose;

/// Which ranks are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    number: usize,
    most: Most,
}

/// The limits of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Most {
    /// Records of a kind on a machine that name nobody.
    unnamed: u32,
    /// Records of a kind on a machine, whoever wrote them.
    on_machine: u32,
    /// Clients whose records are told apart.
    clients: u32,
    /// Records of one client.
    of_client: u32,
    /// Users of one client whose records are told apart.
    users: u32,
    /// Records of one user.
    of_user: u32,
}

const ALL: Most = Most {
    unnamed: u32::MAX,
    on_machine: u32::MAX,
    clients: u32::MAX,
    of_client: u32::MAX,
    users: u32::MAX,
    of_user: u32::MAX,
};

/// First to go are records that name nobody. The rates that rules look for (120 in a minute, 50
/// in an hour) still show on the two levels after that; the last ones are for cases of very many
/// machines.
const LEVELS: [Most; 7] = [
    ALL,
    Most { unnamed: 2000, ..ALL },
    most(1000, 1000, 500, 500, 200, 50),
    most(250, 250, 250, 200, 50, 10),
    most(64, 64, 64, 64, 16, 4),
    most(16, 16, 16, 8, 4, 2),
    most(2, 2, 2, 2, 1, 1),
];

const fn most(
    unnamed: u32,
    on_machine: u32,
    clients: u32,
    of_client: u32,
    users: u32,
    of_user: u32,
) -> Most {
    Most { unnamed, on_machine, clients, of_client, users, of_user }
}

impl Default for Level {
    fn default() -> Self {
        Self { number: 0, most: ALL }
    }
}

impl Level {
    /// The next one; `None` after the last.
    pub(super) fn next(self) -> Option<Self> {
        let number = self.number + 1;
        LEVELS.get(number).map(|most| Self { number, most: *most })
    }

    /// Whether a record of that rank is kept: one of the first on its machine, or of a client
    /// or user that is still told apart.
    pub(super) const fn keeps(&self, rank: &Rank) -> bool {
        let most = &self.most;
        if !rank.named {
            return rank.on_machine < most.unnamed;
        }
        let client_counts = rank.clients < most.clients;
        let user_counts = client_counts && rank.users < most.users;
        rank.on_machine < most.on_machine
            || (client_counts && rank.of_client < most.of_client)
            || (user_counts && rank.of_user < most.of_user)
    }

    /// Whose further records are not kept either, by this level or a later one, where it does
    /// not keep one of that rank: ranks only grow.
    pub(super) const fn enough(&self, rank: &Rank) -> Whose {
        let most = &self.most;
        if !rank.named {
            Whose::Nobodys
        } else if rank.clients >= most.clients {
            Whose::Anybodys
        } else if rank.users >= most.users {
            Whose::Clients
        } else {
            Whose::Users
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a level says of whom enough is kept holds whatever came from others since.
    #[test]
    fn enough_stays_enough() {
        let numbers = [0, 1, 2, 4, 8, 16, 50, 64, 200, 250, 500, 1000, 2000];
        let mut level = Level::default();
        while let Some(next) = level.next() {
            level = next;
            let pairs = || numbers.iter().flat_map(|a| numbers.iter().map(move |b| (*a, *b)));
            for ((clients, of_client), (users, of_user)) in
                pairs().flat_map(|first| pairs().map(move |second| (first, second)))
            {
                let on_machine = clients.max(of_client);
                let rank = Rank { named: true, on_machine, clients, of_client, users, of_user };
                if level.keeps(&rank) {
                    continue;
                }
                let rare = match level.enough(&rank) {
                    Whose::Nobodys => unreachable!(),
                    Whose::Anybodys => Rank { of_client: 0, users: 0, of_user: 0, ..rank },
                    Whose::Clients => Rank { of_user: 0, ..rank },
                    Whose::Users => rank,
                };
                assert!(!level.keeps(&rare), "{level:?} {rank:?}");
            }
        }
    }

    #[test]
    fn each_level_keeps_a_part_of_the_one_before() {
        let ranks = [0, 1, 3, 10, 40, 60, 150, 300, 700, 2000];
        let mut level = Level::default();
        while let Some(next) = level.next() {
            for (clients, users) in ranks.iter().flat_map(|a| ranks.iter().map(move |b| (*a, *b))) {
                for (of_client, of_user) in
                    ranks.iter().flat_map(|a| ranks.iter().map(move |b| (*a, *b)))
                {
                    for named in [false, true] {
                        let on_machine = of_client;
                        let rank = Rank { named, on_machine, clients, of_client, users, of_user };
                        assert!(level.keeps(&rank) || !next.keeps(&rank), "{rank:?}");
                    }
                }
            }
            level = next;
        }
        assert_eq!(level.number, LEVELS.len() - 1);
    }
}

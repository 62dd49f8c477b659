//! How much is kept.
//!
//! Each level keeps a part of what the one before it kept, so that going up needs nothing but
//! the ranks of what is there.

use super::rank::Rank;

/// Which ranks are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    number: usize,
    most: Most,
}

/// The limits of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Most {
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
    on_machine: u32::MAX,
    clients: u32::MAX,
    of_client: u32::MAX,
    users: u32::MAX,
    of_user: u32::MAX,
};

/// The rates that rules look for (120 in a minute, 50 in an hour) still show on the first two
/// levels; the later ones are for cases of very many machines.
const LEVELS: [Most; 6] = [
    ALL,
    Most { on_machine: 1000, clients: 500, of_client: 500, users: 200, of_user: 50 },
    Most { on_machine: 250, clients: 250, of_client: 200, users: 50, of_user: 10 },
    Most { on_machine: 64, clients: 64, of_client: 64, users: 16, of_user: 4 },
    Most { on_machine: 16, clients: 16, of_client: 8, users: 4, of_user: 2 },
    Most { on_machine: 2, clients: 2, of_client: 2, users: 1, of_user: 1 },
];

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
        let client_counts = rank.clients < most.clients;
        let user_counts = client_counts && rank.users < most.users;
        rank.on_machine < most.on_machine
            || (client_counts && rank.of_client < most.of_client)
            || (user_counts && rank.of_user < most.of_user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_keeps_a_part_of_the_one_before() {
        let ranks = [0, 1, 3, 10, 40, 60, 150, 300, 700, 2000];
        let mut level = Level::default();
        while let Some(next) = level.next() {
            for (clients, users) in ranks.iter().flat_map(|a| ranks.iter().map(move |b| (*a, *b))) {
                for (of_client, of_user) in
                    ranks.iter().flat_map(|a| ranks.iter().map(move |b| (*a, *b)))
                {
                    let rank = Rank { on_machine: of_client, clients, of_client, users, of_user };
                    assert!(level.keeps(&rank) || !next.keeps(&rank), "{rank:?}");
                }
            }
            level = next;
        }
        assert_eq!(level.number, LEVELS.len() - 1);
    }
}

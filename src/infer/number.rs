//! The numbers of signals, in half the memory of an index: each is listed in many scopes.

/// The number of a signal among the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Number(u32);

impl Number {
    /// The number of the signal at an index. Four thousand million signals fit in no memory.
    pub(super) fn of(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The index of the signal.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The numbers of so many signals.
    pub(super) fn all(count: usize) -> impl Iterator<Item = Self> {
        (0..u32::try_from(count).unwrap_or(u32::MAX)).map(Self)
    }
}

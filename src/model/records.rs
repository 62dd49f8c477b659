//! The records that a signal stands on: mostly one.

use std::ops::Deref;
use std::{cmp, slice};

/// Indices into [`super::Facts::events`]. One takes no memory of its own.
#[derive(Clone, Debug)]
pub enum Records {
    /// The only one.
    One(usize),
    /// Several, or none.
    Many(Box<[usize]>),
}

impl Deref for Records {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        match self {
            Self::One(record) => slice::from_ref(record),
            Self::Many(records) => records,
        }
    }
}

impl From<Vec<usize>> for Records {
    fn from(records: Vec<usize>) -> Self {
        match records.as_slice() {
            [record] => Self::One(*record),
            _ => Self::Many(records.into()),
        }
    }
}

impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Records {}

impl PartialOrd for Records {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Records {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        (**self).cmp(&**other)
    }
}

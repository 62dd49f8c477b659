//! What was counted instead of kept.

use std::net::IpAddr;
use std::sync::Arc;

use super::Time;

/// So many clients are counted apart; the others of a machine count together.
pub const COUNTED_APART: usize = 4096;

/// Records of one client on one machine that were so many of a kind that only the first of them
/// were kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flood {
    /// The machine that logged them.
    pub machine: Arc<str>,
    /// The client's address; `None` for records that name none, and for clients beyond those
    /// that are counted apart.
    pub client_address: Option<IpAddr>,
    /// Attempts that were counted and are not among the case's attempts.
    pub attempts: u64,
    /// Records that were counted and not kept.
    pub records: u64,
    /// Time of the earliest of them.
    pub first: Time,
    /// Time of the latest of them.
    pub last: Time,
}

//! Checked settings of a run. Steps take these and never see the command line.

use std::net::IpAddr;
use std::num::NonZeroUsize;

use crate::model::{Confidence, Time};

/// What to look at, and how sure a conclusion must be.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only events at or after this time.
    pub since: Option<Time>,
    /// Only events before this time.
    pub until: Option<Time>,
    /// Only these machines; names compare without case and domain suffix. Empty: all.
    pub machines: Vec<String>,
    /// Only conclusions and attempts of these users. Empty: all.
    pub users: Vec<String>,
    /// Only conclusions and attempts of these client addresses. Empty: all.
    pub clients: Vec<IpAddr>,
    /// Leave out conclusions below this band.
    pub min_confidence: Confidence,
    /// Threads that read; all cores when `None`.
    pub threads: Option<NonZeroUsize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            since: None,
            until: None,
            machines: Vec::new(),
            users: Vec::new(),
            clients: Vec::new(),
            min_confidence: Confidence::Possible,
            threads: None,
        }
    }
}

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
    /// Pass over records by a few of their bytes where that decides. Off, every record is walked:
    /// slower, with the same result, which is what it is for.
    pub fast_path: bool,
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
            fast_path: true,
        }
    }
}

impl Options {
    /// Whether a machine is to be looked at.
    pub fn has_machine(&self, name: &str) -> bool {
        self.machines.is_empty() || self.machines.iter().any(|wanted| same_machine(wanted, name))
    }

    /// Whether a user is asked for by name; see [`same_user`].
    pub fn has_user(&self, account: &str) -> bool {
        self.users.iter().any(|wanted| same_user(wanted, account))
    }
}

/// Whether `wanted` means that account: `corp\joe` means that one, `joe` those of the name in
/// any domain.
pub fn same_user(wanted: &str, account: &str) -> bool {
    let bare = |name: &str| name.rsplit('\\').next().unwrap_or_default().to_lowercase();
    if wanted.contains('\\') && account.contains('\\') {
        wanted.eq_ignore_ascii_case(account)
    } else {
        bare(wanted) == bare(account)
    }
}

/// Compares machine names without case; where either has no domain suffix, without suffix.
pub fn same_machine(left: &str, right: &str) -> bool {
    if left.contains('.') && right.contains('.') {
        return left.eq_ignore_ascii_case(right);
    }
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    short(left) == short(right)
}

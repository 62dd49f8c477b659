//! Checked settings of a run. Steps take these and never see the command line.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroUsize;

use crate::model::{Attempt, Confidence, Time};

/// What to look at, and how sure a conclusion must be.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only attempts begun at or after this time, and what records show from then on.
    pub since: Option<Time>,
    /// Only attempts begun before this time, and what records show until then.
    pub until: Option<Time>,
    /// Only what these machines saw; names compare without case and domain suffix. Empty: all.
    pub machines: Vec<String>,
    /// Only conclusions and attempts of these users. Empty: all.
    pub users: Vec<String>,
    /// Only conclusions and attempts of these client addresses. Empty: all.
    pub clients: Vec<IpAddr>,
    /// Leave out conclusions below this band; they are told apart.
    pub min_confidence: Confidence,
    /// Threads that work; all cores when `None`.
    pub threads: Option<NonZeroUsize>,
    /// How far archives are looked into.
    pub archives: ArchiveOptions,
    /// Look for records that are no longer live, too.
    pub recover: bool,
    /// Read logs whole, even if no rule asks for their channel.
    pub read_all: bool,
    /// Pass over records by a few of their bytes where that decides, and read what is wanted where
    /// it stands. Off, every record is walked: slower, with the same result, which is what it is
    /// for.
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
            archives: ArchiveOptions::default(),
            recover: false,
            read_all: false,
            fast_path: true,
        }
    }
}

/// How far archives are looked into. The limits hold back archives that were made to fill
/// memory or to run forever.
#[derive(Clone, PartialEq, Eq)]
pub struct ArchiveOptions {
    /// Archives inside archives, counted from the one that was given; a compressed tar counts
    /// twice.
    pub max_depth: u32,
    /// Files in all archives.
    pub max_members: u64,
    /// Bytes unpacked from all archives.
    pub max_unpacked: u64,
    /// Unpacked bytes for each packed one, at least 1.
    pub max_ratio: u64,
    /// Bytes of archives held in memory, because they stand compressed in other archives or
    /// come from standard input and can be read only with their end at hand.
    pub max_buffer: u64,
    /// Passwords to try on what is encrypted.
    pub passwords: Vec<Vec<u8>>,
}

impl Default for ArchiveOptions {
    fn default() -> Self {
        Self {
            max_depth: 8,
            max_members: 250_000,
            max_unpacked: 256 << 30,
            max_ratio: 250,
            max_buffer: 1 << 30,
            passwords: Vec::new(),
        }
    }
}

/// Without passwords.
impl fmt::Debug for ArchiveOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveOptions")
            .field("max_depth", &self.max_depth)
            .field("max_members", &self.max_members)
            .field("max_unpacked", &self.max_unpacked)
            .field("max_ratio", &self.max_ratio)
            .field("max_buffer", &self.max_buffer)
            .field("passwords", &self.passwords.len())
            .finish()
    }
}

impl Options {
    /// Whether a machine is to be looked at.
    pub fn has_machine(&self, name: &str) -> bool {
        self.machines.is_empty() || self.machines.iter().any(|wanted| same_machine(wanted, name))
    }

    /// Whether a time is to be looked at.
    pub fn has_time(&self, time: Time) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }

    /// Whether not all machines or not all times are asked for.
    pub const fn is_partial(&self) -> bool {
        self.since.is_some() || self.until.is_some() || !self.machines.is_empty()
    }

    /// Whether a user is asked for by name; see [`same_user`].
    pub fn has_user(&self, account: &str) -> bool {
        self.users.iter().any(|wanted| same_user(wanted, account))
    }
}

/// Whether `wanted` means that account: `corp\joe` means that one, `joe` those of the name in
/// any domain. `joe@corp.example` means `joe` in any domain, too, as the suffix need not be the
/// name of one; two names with a suffix must be the same.
pub fn same_user(wanted: &str, account: &str) -> bool {
    let (wanted, account) = (wanted.to_lowercase(), account.to_lowercase());
    let qualified = |mark: char| wanted.contains(mark) && account.contains(mark);
    if qualified('\\') || qualified('@') {
        return wanted == account;
    }
    fn bare(name: &str) -> &str {
        let name = name.rsplit('\\').next().unwrap_or_default();
        // An `@` at the start is part of the name.
        name.rsplit_once('@').map(|(user, _)| user).filter(|user| !user.is_empty()).unwrap_or(name)
    }
    bare(&wanted) == bare(&account)
}

/// Whether a machine of that name saw an attempt, or it was made to a host of that name.
pub fn saw(attempt: &Attempt, name: &str) -> bool {
    let mut views = attempt.views.iter().map(|view| &*view.machine);
    same_machine(name, &attempt.machine)
        || attempt.host.as_deref().is_some_and(|host| same_machine(name, host))
        || views.any(|machine| same_machine(name, machine))
}

/// Compares machine names without case; where either has no domain suffix, without suffix.
pub fn same_machine(left: &str, right: &str) -> bool {
    if left.contains('.') && right.contains('.') {
        return left.eq_ignore_ascii_case(right);
    }
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    short(left) == short(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_meant_as_people_write_them() {
        for (wanted, account) in [
            ("joe", "joe"),
            ("JOE", "corp\\joe"),
            ("CORP\\Joe", "corp\\joe"),
            ("corp\\joe", "joe"),
            ("joe@corp.example", "corp\\joe"),
            ("joe@corp.example", "Joe@CORP.example"),
            ("joe", "joe@corp.example"),
            ("\u{d6}zg\u{fc}r", "corp\\\u{f6}zg\u{dc}r"),
        ] {
            assert!(same_user(wanted, account), "{wanted} {account}");
        }
        for (wanted, account) in [
            ("corp\\joe", "other\\joe"),
            ("joe@corp.example", "joe@other.example"),
            ("jo", "joe"),
            ("@", "joe"),
        ] {
            assert!(!same_user(wanted, account), "{wanted} {account}");
        }
    }
}

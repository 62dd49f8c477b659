//! What a record was when it came: how many of its kind there had been.

use crate::select::Window;

/// Numbers of earlier records of the same kind, window by window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rank {
    /// Whether the record names a client, a user or a connection. One that names nobody, such
    /// as a TLS error, says no more than the thousand of its kind before it.
    pub named: bool,
    /// The lot of its hour, the same for all machines: of the hours below a limit the records are
    /// kept, so that the attempts in them stay whole wherever they were logged.
    pub lot: u16,
    /// Within the hour, the day, the month, and ever.
    pub within: [Before; Window::ALL.len()],
}

impl Rank {
    /// What came before in all of time.
    pub(super) const fn ever(&self) -> &Before {
        let [.., ever] = &self.within;
        ever
    }
}

/// Numbers of earlier records within one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Before {
    /// On the same machine.
    pub on_machine: u16,
    /// Clients that had written such records on the machine.
    pub clients: u16,
    /// Of the same client.
    pub of_client: u16,
    /// Users that the client had named in such records.
    pub users: u16,
    /// Of the same client and user.
    pub of_user: u16,
}

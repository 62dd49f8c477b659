//! What a record was when it came: how many of its kind there had been within the hour.

/// Numbers of earlier records of the same kind within the same hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rank {
    /// Whether the record names a client, a user or a connection. One that names nobody, such
    /// as a TLS error, says no more than the thousand of its kind before it.
    pub named: bool,
    /// On the same machine.
    pub on_machine: u32,
    /// Clients that had written such records on the machine.
    pub clients: u32,
    /// Of the same client.
    pub of_client: u32,
    /// Users that the client had named in such records.
    pub users: u32,
    /// Of the same client and user.
    pub of_user: u32,
}

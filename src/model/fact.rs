//! Facts that stand beside logs: what a machine was set to when its logs were collected.
//!
//! A fact is an [`super::Event`] like a record, so that rules match it and reports cite it like
//! one: its channel is the kind of fact, it has no provider, its event ID is 0, its record
//! number is the line of the file that states it, and its time is that of the machine's last
//! record, which is as near to the collection as logs tell. A certificate that had run out by
//! then stands where it ran out.

/// What a fact is about; its name stands in the place of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// A value of the registry: `Key`, `Name`, `Value`.
    Registry,
    /// A rule of the firewall, in the words of the registry: `Rule`, `Action`, `Active`,
    /// `Direction`, `Protocol`, `LocalPort`, `RemoteAddress`, `Profile`.
    FirewallRule,
    /// Whether something listens on the port of Remote Desktop: `Port`, `Listens`.
    Listening,
    /// A certificate that Remote Desktop uses: `Role`, `Thumbprint`, `Listed`, `Store`,
    /// `EndsBefore`, `Expired`, `PrivateKey`.
    Certificate,
    /// An update that is installed: `Article`.
    Hotfix,
}

impl FactKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Registry, Self::FirewallRule, Self::Listening, Self::Certificate, Self::Hotfix];

    /// The name that rules and reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::FirewallRule => "firewall-rule",
            Self::Listening => "listening",
            Self::Certificate => "certificate",
            Self::Hotfix => "hotfix",
        }
    }

    /// The kind of that name, in any case.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

//! The shape of `rules/playbooks/*.yml`: steps that fix a fault, shared by causes.

use super::Spanned;
use crate::model::Text;
use serde::{Deserialize, Serialize};

/// Steps that belong together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlaybookDocument {
    /// Unique, kebab-case; the file bears the same name.
    pub id: Spanned<String>,
    /// One line: what it achieves.
    pub title: Text,
    /// In the order in which to take them.
    pub steps: Vec<Spanned<StepDocument>>,
}

/// One step, for a person to take. rdpwhy never takes it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepDocument {
    /// What to do, in the imperative.
    #[serde(rename = "do")]
    pub action: Text,
    /// On which machine.
    pub target: Target,
    /// The command, ready to paste; `<HOST>`-style placeholders where a value is the user's.
    #[serde(default)]
    pub command: Option<Text>,
    /// What it shows or does when all is well.
    pub expected: Text,
    /// What can go wrong, beginning with `none`, `low`, `medium` or `high`.
    pub risk: Text,
    /// To be taken back after the repair.
    #[serde(default)]
    pub temporary: bool,
    /// How it lowers security; such a step must be temporary and have an `undo`.
    #[serde(default)]
    pub security_impact: Option<Text>,
    /// How to see that it worked.
    pub verify: Text,
    /// The way back; `nothing to undo` for a step that only looks.
    pub undo: Text,
}

/// The machine that a step is taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the roles of machines, as reports name them")]
pub enum Target {
    Client,
    Host,
    Network,
    Gateway,
    Dc,
    Broker,
    Pam,
}

impl Target {
    /// The name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Host => "host",
            Self::Network => "network",
            Self::Gateway => "gateway",
            Self::Dc => "dc",
            Self::Broker => "broker",
            Self::Pam => "pam",
        }
    }
}

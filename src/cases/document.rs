//! The shape of `causes/<stage>/<id>.test.yml`: the cases beside a cause.

use crate::rules::schema::Spanned;
use serde::Deserialize;

use crate::model::Confidence;
use crate::scenario::Entry;

/// The cases of one cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CasesDocument {
    /// The cause must be concluded.
    pub fires: Vec<CaseDocument>,
    /// The cause must not be concluded; the nearest neighbor first.
    pub silent: Vec<CaseDocument>,
}

impl CasesDocument {
    /// All cases, with whether the cause must be concluded.
    pub(super) fn cases(&self) -> impl Iterator<Item = (bool, &CaseDocument)> {
        let fires = self.fires.iter().map(|case| (true, case));
        fires.chain(self.silent.iter().map(|case| (false, case)))
    }
}

/// One case: events, and what must come of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CaseDocument {
    /// What the case shows, unique within the file.
    pub name: Spanned<String>,
    /// Where the cause must fire: the band it must come out in; any when left out. Where it
    /// must be silent: the highest band that still counts as silence; none when left out.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// The cause that must be ranked first instead.
    #[serde(default)]
    pub instead: Option<Spanned<String>>,
    /// The scope that it must be concluded for, as reports show it; any when left out.
    #[serde(default)]
    pub scope: Option<String>,
    /// The events, in the notation of scenarios.
    pub events: Vec<Entry>,
    /// Channels that were supplied beside those of the events, and are silent.
    #[serde(default)]
    pub supplied: Vec<String>,
}

//! What the cases beside a cause look at, without running them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::CaseError;
use super::document::{CaseDocument, CasesDocument};
use crate::rules::events::Catalogue;
use crate::rules::{Cause, Place, RuleText};
use crate::scenario::{Context, events};

/// One case, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseOutline {
    /// What the case shows.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whether the cause must be concluded.
    pub must_fire: bool,
    /// The cause that must be ranked first instead.
    pub instead: Option<String>,
    /// The channels of its events, and those that were supplied and are silent.
    pub channels: BTreeSet<Arc<str>>,
}

impl CaseOutline {
    /// Whether a channel that the cause needs was not supplied.
    pub fn lacks_a_log(&self, cause: &Cause) -> bool {
        let is_there =
            |needed: &str| self.channels.iter().any(|had| had.eq_ignore_ascii_case(needed));
        cause.needs.iter().any(|needed| !is_there(needed))
    }
}

/// The cases of a file.
///
/// # Errors
/// When the file is no list of cases, or the events of one cannot be understood.
pub fn outlines(document: &RuleText, catalogue: &Catalogue) -> Result<Vec<CaseOutline>, CaseError> {
    let cases: CasesDocument = document.read().map_err(CaseError::Document)?;
    let context = Context::new(&document.shown);
    cases.cases().map(|(must_fire, case)| outline(case, must_fire, &context, catalogue)).collect()
}

fn outline(
    case: &CaseDocument,
    must_fire: bool,
    context: &Context<'_>,
    catalogue: &Catalogue,
) -> Result<CaseOutline, CaseError> {
    let events = events(&case.events, context, catalogue)
        .map_err(|source| CaseError::Events { case: case.name.value.clone(), source })?;
    let channels = events.into_iter().map(|event| event.event.channel);
    let supplied = case.supplied.iter().map(|channel| Arc::from(channel.as_str()));
    Ok(CaseOutline {
        name: case.name.value.clone(),
        place: Place::from(&case.name),
        must_fire,
        instead: case.instead.as_ref().map(|instead| instead.value.clone()),
        channels: channels.chain(supplied).collect(),
    })
}

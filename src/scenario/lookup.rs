//! Which event an entry means: its source in the catalogue, and its layout.

use std::sync::Arc;

use super::Context;
use super::error::{ScenarioError, did_you_mean};
use super::expand::Planned;
use crate::rules::events::{Catalogue, Container, Envelope, Layout, LookupError};

/// What the catalogue knows about an event, and what it does not.
pub(super) struct Kind<'a> {
    pub(super) channel: Arc<str>,
    pub(super) provider: Arc<str>,
    pub(super) event_id: u32,
    /// What text fields without a value hold.
    pub(super) blank: &'a str,
    /// Of an event that the catalogue does not know: how its source's others stand in a log.
    pub(super) default: Arc<Envelope>,
    layouts: Vec<&'a Layout>,
}

/// Splits `channel/id` and looks it up.
pub(super) fn kind_of<'a>(
    planned: &Planned<'_>,
    context: &Context<'_>,
    catalogue: &'a Catalogue,
) -> Result<Kind<'a>, ScenarioError> {
    let Planned { entry, event, .. } = planned;
    let bad = |problem: String| ScenarioError::at(context.file, event, problem);
    let parts = event.value.rsplit_once('/');
    let parts = parts.and_then(|(channel, id)| Some((channel, id.parse::<u32>().ok()?)));
    let (channel, event_id) = parts.ok_or_else(|| {
        bad(format!("`{}` is no event; write channel/id: RdpCoreTS/131", event.value))
    })?;
    let provider = entry.provider.as_ref().map(|provider| provider.value.as_str());
    match catalogue.find(channel, event_id, provider) {
        Ok(source) => Ok(Kind {
            channel: Arc::clone(&source.channel),
            provider: Arc::clone(&source.provider),
            event_id,
            blank: &source.blank,
            default: Arc::clone(&source.default),
            layouts: source.layouts_of(event_id).collect(),
        }),
        // Anything goes where nothing is known, as long as the author names the provider.
        Err(
            LookupError::UnknownChannel { similar: None, .. }
            | LookupError::UnknownProvider { similar: None, .. },
        ) if let Some(provider) = provider => Ok(Kind {
            channel: channel.into(),
            provider: provider.into(),
            event_id,
            blank: "",
            default: Arc::new(Envelope::unknown()),
            layouts: Vec::new(),
        }),
        Err(error) => {
            let hint = match &error {
                LookupError::UnknownChannel { similar: Some(name), .. } => {
                    Some(format!("did you mean `{name}/{event_id}`?"))
                }
                LookupError::UnknownProvider { similar: Some(name), .. } => {
                    Some(format!("did you mean `{name}`?"))
                }
                LookupError::UnknownChannel { similar: None, .. } => {
                    Some("for a channel of your own, add `provider`".to_owned())
                }
                _ => None,
            };
            Err(bad(error.to_string()).with_hint(hint))
        }
    }
}

impl<'a> Kind<'a> {
    /// Chooses among an event's layouts: those of the version and name asked for; then the
    /// one the document prefers; then the first that has all the given fields.
    pub(super) fn layout(
        &self,
        planned: &Planned<'_>,
        context: &Context<'_>,
    ) -> Result<Option<&'a Layout>, ScenarioError> {
        let entry = planned.entry;
        let mut layouts = self.layouts.clone();
        if layouts.is_empty() {
            return Ok(None);
        }
        if let Some(version) = &entry.version {
            let known: Vec<_> =
                layouts.iter().filter_map(|layout| layout.version).map(|v| v.to_string()).collect();
            layouts.retain(|layout| layout.version == Some(version.value));
            if layouts.is_empty() {
                let problem = format!(
                    "{} has no version {}, but {}",
                    planned.event.value,
                    version.value,
                    if known.is_empty() { "none at all".to_owned() } else { known.join(", ") }
                );
                return Err(ScenarioError::at(context.file, version, problem));
            }
        }
        if let Some(name) = &entry.layout {
            let known: Vec<_> =
                layouts.iter().filter_map(|layout| layout.name.as_deref()).collect();
            layouts.retain(|layout| layout.name.as_deref() == Some(&name.value));
            if layouts.is_empty() {
                let problem = format!("{} has no layout `{}`", planned.event.value, name.value);
                return Err(ScenarioError::at(context.file, name, problem)
                    .with_hint(did_you_mean(&name.value, &known)));
            }
        } else if let Some(preferred) = context.layout {
            // Only a wish: most events have one layout, without a name.
            layouts.sort_by_key(|layout| layout.name.as_deref() != Some(preferred));
        }
        let fits = |layout: &&&Layout| {
            entry.fields.iter().all(|(name, _)| layout.accepts(&name.value))
                && (entry.data.is_none() || layout.envelope.container == Container::Unnamed)
        };
        Ok(layouts.iter().find(fits).or_else(|| layouts.first()).copied())
    }
}

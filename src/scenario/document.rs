//! A scenario document as a whole.

use std::sync::Arc;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Context, Entry, ScenarioError, ScenarioEvent};
use crate::model::Time;
use crate::rules::events::Catalogue;

/// A scenario: events, and the logs they go to.
#[derive(Clone, Debug)]
pub struct Scenario {
    name: String,
    start: Option<Time>,
    document: Document,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    about: Option<String>,
    start: Option<Spanned<String>>,
    machine: Option<Arc<str>>,
    layout: Option<Arc<str>>,
    strict: Option<bool>,
    #[serde(default)]
    log: Log,
    #[serde(default)]
    files: Vec<LogFile>,
    events: Vec<Entry>,
}

/// What kind of log the events go to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The kind.
    #[serde(default)]
    pub form: LogForm,
    /// How many chunks of 64 KiB a live log has before it replaces the oldest.
    pub max_chunks: Option<u16>,
    /// The language of the rendered messages in forwarded records, `de-DE`; without it, no
    /// record carries any.
    pub culture: Option<String>,
}

/// The kinds of logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogForm {
    /// Exported from the event log service.
    #[default]
    Export,
    /// Copied while the service had it open.
    Live,
    /// Exported from an event collector, which stores what other machines forward.
    Forwarded,
}

/// A log of its own for some of the events.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFile {
    /// The file's name.
    pub name: String,
    /// The machines whose events it holds; empty for all.
    #[serde(default)]
    pub machines: Vec<Arc<str>>,
    /// The channels whose events it holds, as records name them or by short name; empty
    /// for all.
    #[serde(default)]
    pub channels: Vec<Arc<str>>,
}

impl Scenario {
    /// Reads a scenario. `name` is the document's name in messages.
    ///
    /// # Errors
    /// When the text is no scenario; the error says where.
    pub fn parse(text: &str, name: &str) -> Result<Self, ScenarioError> {
        let document: Document = serde_saphyr::from_str(text).map_err(|error| {
            ScenarioError::Yaml { file: name.to_owned(), source: Box::new(error) }
        })?;
        let start = document.start.as_ref().map(|start| {
            Time::parse_rfc3339(&start.value).ok_or_else(|| {
                let problem = format!("`{}` is no time; write 2026-03-04T02:11:07Z", start.value);
                ScenarioError::at(name, start, problem)
            })
        });
        Ok(Self { name: name.to_owned(), start: start.transpose()?, document })
    }

    /// What the scenario shows, in its author's words.
    pub fn about(&self) -> Option<&str> {
        self.document.about.as_deref()
    }

    /// What kind of log the events go to.
    pub fn log(&self) -> &Log {
        &self.document.log
    }

    /// The logs that the author wants; empty for the usual one a channel.
    pub fn files(&self) -> &[LogFile] {
        &self.document.files
    }

    /// All events, ordered by time.
    ///
    /// # Errors
    /// At the first entry that says something impossible, with its line and column.
    pub fn events(&self, catalogue: &Catalogue) -> Result<Vec<ScenarioEvent>, ScenarioError> {
        let Document { machine, layout, strict, events, .. } = &self.document;
        let default = Context::new(&self.name);
        let context = Context {
            start: self.start.unwrap_or(default.start),
            machine: machine.as_deref().unwrap_or(default.machine),
            layout: layout.as_deref(),
            strict: strict.unwrap_or(default.strict),
            ..default
        };
        super::events(events, &context, catalogue)
    }
}

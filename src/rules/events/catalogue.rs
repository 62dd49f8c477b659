//! All known event layouts, found by channel and event ID.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::layout::{Envelope, Layout};
use crate::built_in;
use crate::rules::{most_similar, stored};

/// The folder of the rules that holds event layouts.
const FOLDER: &str = "events/";

/// All known event layouts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Catalogue {
    sources: Vec<Source>,
}

/// One provider's events in one channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Source {
    /// The channel, as records name it.
    pub channel: Arc<str>,
    /// The provider, as records name it.
    pub provider: Arc<str>,
    /// Short names, such as `RdpCoreTS` or `System/Schannel`.
    pub aliases: Vec<Arc<str>>,
    /// What the provider writes into text fields that it has nothing to say in.
    pub blank: Arc<str>,
    /// How events that `layouts` does not list stand in a log.
    pub default: Arc<Envelope>,
    /// The known events. Of one event's layouts, the first is the one to take when nothing
    /// says otherwise.
    pub layouts: Vec<Layout>,
}

/// A file of event layouts that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The YAML is not what a file of event layouts looks like.
    #[error("cannot read the event layouts `{name}`")]
    Yaml {
        /// The file.
        name: String,
        /// What is wrong, with line and column.
        source: Box<serde_saphyr::Error>,
    },
    /// A layout contradicts itself.
    #[error("cannot use the event layouts `{name}`: {problem}")]
    Layout {
        /// The file.
        name: String,
        /// What is wrong.
        problem: String,
    },
}

/// Why no source could be found for an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// No channel or alias of that name.
    #[error("no channel `{name}` is known")]
    UnknownChannel {
        /// The name that was looked up.
        name: String,
        /// A known name that is much like it.
        similar: Option<String>,
    },
    /// No provider of that name logs to the channel.
    #[error("no provider `{provider}` is known for `{channel}`")]
    UnknownProvider {
        /// The channel.
        channel: String,
        /// The provider that was looked up.
        provider: String,
        /// A known provider of the channel that is much like it.
        similar: Option<String>,
    },
    /// More than one provider logs that event to the channel, or none of several.
    #[error("`{channel}/{event_id}` does not say which provider; write one of {choices}")]
    Ambiguous {
        /// The channel.
        channel: String,
        /// The event.
        event_id: u32,
        /// Names to write instead, joined by commas.
        choices: String,
    },
}

impl Catalogue {
    /// The layouts built into the program.
    ///
    /// # Errors
    /// When a built-in file is broken, which the tests rule out.
    pub fn embedded() -> Result<Self, CatalogueError> {
        stored::read(built_in::EVENTS)
            .map_or_else(|| Self::load(built_in::TEXTS.iter().copied()), Ok)
    }

    /// Reads files of event layouts, given as (name for messages, text).
    ///
    /// # Errors
    /// At the first file that is no file of event layouts.
    pub fn parse<'a>(
        documents: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CatalogueError> {
        let mut sources = Vec::new();
        for (name, text) in documents {
            let document: Document = serde_saphyr::from_str(text).map_err(|error| {
                CatalogueError::Yaml { name: name.to_owned(), source: Box::new(error) }
            })?;
            sources.push(
                document
                    .into_source()
                    .map_err(|problem| CatalogueError::Layout { name: name.to_owned(), problem })?,
            );
        }
        Ok(Self { sources })
    }

    /// Reads those of the documents, given as (path, text), that are files of event layouts.
    pub(crate) fn load<'a>(
        documents: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CatalogueError> {
        Self::parse(documents.into_iter().filter(|(path, _)| path.starts_with(FOLDER)))
    }

    /// All sources, in the order of their files' names.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Finds who logs `event_id` to `channel`, which is a channel, an alias, or a channel and
    /// a provider joined by a slash; ASCII case does not count. `provider` narrows it down.
    ///
    /// # Errors
    /// When the channel or provider is not known, or several providers come into question.
    pub fn find(
        &self,
        channel: &str,
        event_id: u32,
        provider: Option<&str>,
    ) -> Result<&Source, LookupError> {
        let named: Vec<_> = self.sources.iter().filter(|source| source.has_name(channel)).collect();
        if named.is_empty() {
            let names: Vec<_> = self.sources.iter().flat_map(Source::names).collect();
            return Err(LookupError::UnknownChannel {
                name: channel.to_owned(),
                similar: most_similar(channel, &names).map(str::to_owned),
            });
        }
        let candidates: Vec<_> = named
            .iter()
            .copied()
            .filter(|source| provider.is_none_or(|name| source.is_provider(name)))
            .collect();
        match (candidates.as_slice(), provider) {
            ([], Some(provider)) => {
                let names: Vec<_> = named.iter().map(|source| &*source.provider).collect();
                Err(LookupError::UnknownProvider {
                    channel: channel.to_owned(),
                    provider: provider.to_owned(),
                    similar: most_similar(provider, &names).map(str::to_owned),
                })
            }
            ([only], _) => Ok(only),
            _ => the_one_with(&candidates, channel, event_id),
        }
    }
}

/// The only candidate that knows the event. One that bears the channel's name as its alias
/// goes before the others: `Security/1102` may be ambiguous, `Security/4625` is not.
fn the_one_with<'a>(
    candidates: &[&'a Source],
    channel: &str,
    event_id: u32,
) -> Result<&'a Source, LookupError> {
    let knowing: Vec<_> = candidates
        .iter()
        .copied()
        .filter(|source| source.layouts_of(event_id).next().is_some())
        .collect();
    let aliased = || {
        candidates
            .iter()
            .copied()
            .find(|source| source.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(channel)))
    };
    match knowing.as_slice() {
        [only] => Ok(only),
        [] if let Some(source) = aliased() => Ok(source),
        _ => {
            let choices: Vec<_> = if knowing.is_empty() { candidates } else { &knowing }
                .iter()
                .filter_map(|source| Some(format!("`{}/{event_id}`", source.aliases.first()?)))
                .collect();
            Err(LookupError::Ambiguous {
                channel: channel.to_owned(),
                event_id,
                choices: choices.join(", "),
            })
        }
    }
}

impl Source {
    /// The layouts of one event, the preferred one first.
    pub fn layouts_of(&self, event_id: u32) -> impl Iterator<Item = &Layout> {
        self.layouts.iter().filter(move |layout| layout.event_id == event_id)
    }

    /// The names by which [`Catalogue::find`] knows this source, without the joined one.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.aliases.iter().chain([&self.channel]).map(|name| &**name)
    }

    fn has_name(&self, name: &str) -> bool {
        let joined = || {
            let (channel, provider) = name.split_at_checked(self.channel.len())?;
            let provider = provider.strip_prefix('/')?;
            Some(channel.eq_ignore_ascii_case(&self.channel) && self.is_provider(provider))
        };
        self.names().any(|own| own.eq_ignore_ascii_case(name)) || joined().unwrap_or(false)
    }

    fn is_provider(&self, name: &str) -> bool {
        self.provider.eq_ignore_ascii_case(name)
            || self.default.source.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::events::{Container, FieldType, SystemShape};

    fn catalogue() -> Catalogue {
        Catalogue::embedded().unwrap()
    }

    #[test]
    fn finds_by_alias_channel_and_provider() {
        let catalogue = catalogue();
        for (channel, id, provider) in [
            ("RdpCoreTS", 131, "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS"),
            ("rcm/admin", 20499, "Microsoft-Windows-TerminalServices-RemoteConnectionManager"),
            ("System/Schannel", 36870, "Schannel"),
            ("System", 36870, "Schannel"),
            ("System", 7036, "Service Control Manager"),
            ("System/Service Control Manager", 7036, "Service Control Manager"),
            ("Security", 4625, "Microsoft-Windows-Security-Auditing"),
            ("Security", 1102, "Microsoft-Windows-Eventlog"),
            (
                "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
                40,
                "Microsoft-Windows-TerminalServices-LocalSessionManager",
            ),
        ] {
            let source = catalogue.find(channel, id, None).unwrap();
            assert_eq!(&*source.provider, provider, "{channel}/{id}");
            assert!(source.layouts_of(id).next().is_some(), "{channel}/{id} has no layout");
        }
    }

    #[test]
    fn says_what_to_write_instead() {
        let catalogue = catalogue();
        let error = catalogue.find("RdpCorTS", 131, None).unwrap_err();
        assert!(
            matches!(&error, LookupError::UnknownChannel { similar: Some(name), .. } if name == "RdpCoreTS"),
            "{error:?}"
        );
        // Kernel-General, DNS-Client and others all log to System; none of them an event 9999.
        let error = catalogue.find("System", 9999, None).unwrap_err();
        assert!(error.to_string().contains("`System/Schannel/9999`"), "{error}");
        let error = catalogue.find("System", 7036, Some("Schanel")).unwrap_err();
        assert!(
            matches!(&error, LookupError::UnknownProvider { similar: Some(name), .. } if name == "Schannel"),
            "{error:?}"
        );
    }

    #[test]
    fn schannel_has_both_layouts_of_the_same_version() {
        let catalogue = catalogue();
        let source = catalogue.find("System/Schannel", 36888, None).unwrap();
        let layouts: Vec<_> = source
            .layouts_of(36888)
            .map(|layout| {
                (
                    layout.name.as_deref().unwrap(),
                    layout.version,
                    layout.field("callerprocessid").is_some(),
                )
            })
            .collect();
        assert_eq!(
            layouts,
            [("caller", Some(0), true), ("plain", Some(0), false), ("2012r2", Some(0), false)]
        );
    }

    #[test]
    fn shapes_follow_real_records() {
        let catalogue = catalogue();
        let layout = |channel: &str, id| {
            catalogue.find(channel, id, None).unwrap().layouts_of(id).next().unwrap().clone()
        };
        let termdd = layout("System", 56);
        assert_eq!(termdd.envelope.system, SystemShape::Classic);
        assert_eq!(termdd.envelope.container, Container::Unnamed);
        assert_eq!((termdd.version, termdd.qualifiers), (None, Some(49162)));
        let scm = layout("System", 7036);
        assert_eq!(scm.envelope.system, SystemShape::Literal);
        assert_eq!(scm.field("Binary").unwrap().kind, FieldType::Binary);
        let client = layout("RDPClient", 226);
        assert_eq!(&*client.field("ErrorCode").unwrap().name, "Error Code");
        assert!(matches!(
            &layout("Gateway", 302).envelope.container,
            Container::UserData { namespace: Some(namespace), .. } if **namespace == *"aag"
        ));
        assert_eq!(layout("LSM", 34).fields, Some(vec![]));
        assert_eq!(layout("CAPI2", 11).fields, None);
    }

    #[test]
    fn broken_files_name_file_and_place() {
        let head = "channel: C\nprovider: P\nalias: [A]\nsystem: literal\nkeywords: 0x1\n";
        for (text, expected) in [
            (format!("{head}container: event-data\nevents:\n  - {{id: 1, fieds: []}}\n"), "fieds"),
            (format!("{head}container: user-data\nevents:\n  - {{id: 7}}\n"), "event 7"),
            (
                format!(
                    "{head}container: event-data\nevents:\n  - {{id: 1, fields: [A: Texts]}}\n"
                ),
                "Texts",
            ),
        ] {
            let error = Catalogue::parse([("events/x.yml", text.as_str())]).unwrap_err();
            let shown = match &error {
                CatalogueError::Yaml { source, .. } => format!("{error}: {source}"),
                CatalogueError::Layout { .. } => error.to_string(),
            };
            assert!(shown.contains("events/x.yml") && shown.contains(expected), "{shown}");
        }
    }
}

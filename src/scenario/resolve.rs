//! Fields given a type, and everything an entry leaves out filled in.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_saphyr::Spanned;

use super::entry::{Entry, Text};
use super::error::{ScenarioError, did_you_mean};
use super::expand::Planned;
use super::{Context, ScenarioEvent, activity_id};
use crate::model::{Event, Field, Value, same_name};
use crate::rules::events::{
    Catalogue, Container, Envelope, FieldType, Layout, LookupError, SystemShape,
};

/// Makes an event of each planned one; they must be in order of time, which is the order of
/// record IDs.
pub(super) fn resolve(
    planned: &[Planned<'_>],
    context: &Context<'_>,
    catalogue: &Catalogue,
) -> Result<Vec<ScenarioEvent>, ScenarioError> {
    let mut resolver = Resolver { context, catalogue, record_ids: BTreeMap::new() };
    planned.iter().map(|planned| resolver.event(planned)).collect()
}

struct Resolver<'a> {
    context: &'a Context<'a>,
    catalogue: &'a Catalogue,
    /// The last ID of each machine's channel.
    record_ids: BTreeMap<(Arc<str>, Arc<str>), u64>,
}

/// What the catalogue knows about an event, and what it does not.
struct Kind<'a> {
    channel: Arc<str>,
    provider: Arc<str>,
    event_id: u32,
    /// What text fields without a value hold.
    blank: &'a str,
    /// Of an event that the catalogue does not know: how its source's others stand in a log.
    default: Arc<Envelope>,
    layouts: Vec<&'a Layout>,
}

impl<'a> Resolver<'a> {
    fn event(&mut self, planned: &Planned<'_>) -> Result<ScenarioEvent, ScenarioError> {
        let Planned { entry, time, turns, .. } = planned;
        let file = self.context.file;
        let fill = |text: &Spanned<String>| turns.fill(&text.value, file, text);
        let kind = self.kind(planned)?;
        let layout = self.layout(entry, planned, &kind)?;
        let envelope = layout.map_or(&kind.default, |layout| &layout.envelope);
        let machine: Arc<str> = match &entry.machine {
            Some(machine) => fill(machine)?.into(),
            None => self.context.machine.into(),
        };
        let classic = envelope.system == SystemShape::Classic;
        let data = self.payload(planned, &kind, layout, envelope)?;
        let version = entry.version.as_ref().map(|version| version.value);
        let event = Event {
            record_id: self.record_id(entry, &machine, &kind.channel),
            machine,
            event_id: kind.event_id,
            qualifiers: entry.qualifiers.or(match layout {
                Some(layout) => layout.qualifiers,
                None => classic.then_some(0),
            }),
            version: match layout {
                Some(layout) => layout.version,
                None => (!classic).then(|| version.unwrap_or(0)),
            },
            level: Some(entry.level.or(layout.and_then(|layout| layout.level)).unwrap_or(0)),
            time: *time,
            activity_id: match &entry.activity {
                Some(name) if !classic => Some(activity_id(&fill(name)?)),
                _ => None,
            },
            process_id: (!classic).then(|| entry.pid.unwrap_or(0)),
            thread_id: (!classic).then(|| entry.tid.unwrap_or(0)),
            user_sid: match &entry.user_sid {
                Some(sid) => Some(self.sid(sid, &fill(sid)?)?),
                None => None,
            },
            data,
            source: crate::model::Source::default(),
            channel: kind.channel,
            provider: kind.provider,
        };
        let message = entry.message.as_ref().map(fill).transpose()?.map(Arc::from);
        Ok(ScenarioEvent { event, envelope: Arc::clone(envelope), message })
    }

    fn sid(&self, place: &Spanned<String>, sid: &str) -> Result<Arc<str>, ScenarioError> {
        match FieldType::Sid.read(sid) {
            Some(Value::Sid(sid)) => Ok(sid.into()),
            _ => Err(ScenarioError::at(
                self.context.file,
                place,
                format!("`user_sid` must be {}, not `{sid}`", FieldType::Sid.expected()),
            )),
        }
    }

    fn record_id(&mut self, entry: &Entry, machine: &Arc<str>, channel: &Arc<str>) -> u64 {
        let key = (Arc::clone(machine), Arc::clone(channel));
        let last = self.record_ids.entry(key).or_default();
        *last = entry.record_id.unwrap_or(last.saturating_add(1));
        *last
    }

    /// Splits `channel/id` and looks it up.
    fn kind(&self, planned: &Planned<'_>) -> Result<Kind<'a>, ScenarioError> {
        let Planned { entry, event, .. } = planned;
        let bad = |problem: String| ScenarioError::at(self.context.file, event, problem);
        let parts = event.value.rsplit_once('/');
        let parts = parts.and_then(|(channel, id)| Some((channel, id.parse::<u32>().ok()?)));
        let (channel, event_id) = parts.ok_or_else(|| {
            bad(format!("`{}` is no event; write channel/id: RdpCoreTS/131", event.value))
        })?;
        let provider = entry.provider.as_ref().map(|provider| provider.value.as_str());
        match self.catalogue.find(channel, event_id, provider) {
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

    /// Chooses among an event's layouts: those of the version and name asked for; then the
    /// one the document prefers; then the first that has all the given fields.
    fn layout<'k>(
        &self,
        entry: &Entry,
        planned: &Planned<'_>,
        kind: &Kind<'k>,
    ) -> Result<Option<&'k Layout>, ScenarioError> {
        let mut layouts = kind.layouts.clone();
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
                return Err(ScenarioError::at(self.context.file, version, problem));
            }
        }
        if let Some(name) = &entry.layout {
            let known: Vec<_> =
                layouts.iter().filter_map(|layout| layout.name.as_deref()).collect();
            layouts.retain(|layout| layout.name.as_deref() == Some(&name.value));
            if layouts.is_empty() {
                let problem = format!("{} has no layout `{}`", planned.event.value, name.value);
                return Err(ScenarioError::at(self.context.file, name, problem)
                    .with_hint(did_you_mean(&name.value, &known)));
            }
        } else if let Some(preferred) = self.context.layout {
            // Only a wish: most events have one layout, without a name.
            layouts.sort_by_key(|layout| layout.name.as_deref() != Some(preferred));
        }
        let fits = |layout: &&&Layout| {
            entry.fields.iter().all(|(name, _)| layout.accepts(&name.value))
                && (entry.data.is_none() || layout.envelope.container == Container::Unnamed)
        };
        Ok(layouts.iter().find(fits).or_else(|| layouts.first()).copied())
    }

    fn payload(
        &self,
        planned: &Planned<'_>,
        kind: &Kind<'_>,
        layout: Option<&Layout>,
        envelope: &Envelope,
    ) -> Result<Vec<Field>, ScenarioError> {
        if envelope.container == Container::Unnamed {
            return self.unnamed(planned);
        }
        let entry = planned.entry;
        if let Some(data) = &entry.data {
            let problem = format!("{} has named fields, no `data`", planned.event.value);
            return Err(ScenarioError::at(self.context.file, data, problem));
        }
        let known = layout.and_then(|layout| layout.fields.as_deref());
        let mut used = vec![false; entry.fields.len()];
        let mut fields = Vec::new();
        for field in known.unwrap_or_default() {
            // A name that the layout has twice takes its values in the order given.
            let given = entry
                .fields
                .iter()
                .zip(&mut used)
                .find(|((name, _), used)| !**used && same_name(&name.value, &field.name));
            let value = match given {
                Some(((name, text), used)) => {
                    *used = true;
                    self.value(planned, name, text, field.kind)?
                }
                None => match &entry.binary {
                    Some(bytes) if &*field.name == "Binary" => self.binary(planned, bytes)?,
                    _ if field.kind == FieldType::UnicodeString => Value::text(kind.blank),
                    _ => field.kind.neutral(),
                },
            };
            fields.push(Field { name: Arc::clone(&field.name), value });
        }
        let strict = entry.strict.unwrap_or(self.context.strict);
        for ((name, text), _) in entry.fields.iter().zip(used).filter(|(_, used)| !used) {
            if strict && let Some(known) = known {
                let problem = format!("{} has no field `{}`", planned.event.value, name.value);
                return Err(ScenarioError::at(self.context.file, name, problem)
                    .with_hint(self.field_hint(&name.value, known)));
            }
            let value = self.value(planned, name, text, FieldType::UnicodeString)?;
            fields.push(Field { name: name.value.as_str().into(), value });
        }
        Ok(fields)
    }

    /// The field that was meant, or else all there are.
    fn field_hint(
        &self,
        name: &str,
        known: &[crate::rules::events::FieldLayout],
    ) -> Option<String> {
        let names: Vec<_> = known.iter().map(|field| &*field.name).collect();
        did_you_mean(name, &names)
            .or_else(|| (!names.is_empty()).then(|| format!("it has {}", names.join(", "))))
    }

    /// The payload of a classic event: strings by position, and bytes.
    fn unnamed(&self, planned: &Planned<'_>) -> Result<Vec<Field>, ScenarioError> {
        let entry = planned.entry;
        if let Some((name, _)) = entry.fields.first() {
            let problem =
                format!("{} is a classic event, whose fields have no names", planned.event.value);
            return Err(ScenarioError::at(self.context.file, name, problem)
                .with_hint(Some("give its strings in order: data: [first, second]".to_owned())));
        }
        let mut fields = Vec::new();
        if let Some(data) = &entry.data {
            let mut items = Vec::with_capacity(data.value.len());
            for text in &data.value {
                let filled = match &text.value {
                    Some(value) => planned.turns.fill(value, self.context.file, text)?,
                    None => String::new(),
                };
                items.push(Value::text(filled));
            }
            fields.push(Field { name: "".into(), value: Value::List(items.into()) });
        }
        if let Some(bytes) = &entry.binary {
            let value = self.binary(planned, bytes)?;
            fields.push(Field { name: "Binary".into(), value });
        }
        Ok(fields)
    }

    fn binary(
        &self,
        planned: &Planned<'_>,
        bytes: &Spanned<String>,
    ) -> Result<Value, ScenarioError> {
        let text = planned.turns.fill(&bytes.value, self.context.file, bytes)?;
        FieldType::Binary.read(&text).ok_or_else(|| {
            let problem = format!("`binary` must be {}", FieldType::Binary.expected());
            ScenarioError::at(self.context.file, bytes, problem)
        })
    }

    fn value(
        &self,
        planned: &Planned<'_>,
        name: &Spanned<String>,
        text: &Text,
        kind: FieldType,
    ) -> Result<Value, ScenarioError> {
        let Some(value) = &text.value else { return Ok(Value::Null) };
        let filled = planned.turns.fill(value, self.context.file, text)?;
        kind.read(&filled).ok_or_else(|| {
            let problem = format!(
                "`{}` of {} must be {}, not `{filled}`",
                name.value,
                planned.event.value,
                kind.expected()
            );
            ScenarioError::at(self.context.file, text, problem)
        })
    }
}

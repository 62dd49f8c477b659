//! Fields given a type, and everything an entry leaves out filled in.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_saphyr::Spanned;

use super::entry::{Entry, KEYS, Text};
use super::error::{ScenarioError, did_you_mean};
use super::expand::Planned;
use super::lookup::{Kind, kind_of};
use super::{Context, ScenarioEvent, activity_id};
use crate::model::{Event, Field, Value, same_name};
use crate::rules::events::{
    Catalogue, Container, Envelope, FieldLayout, FieldType, Layout, SystemShape,
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

impl Resolver<'_> {
    fn event(&mut self, planned: &Planned<'_>) -> Result<ScenarioEvent, ScenarioError> {
        let Planned { entry, time, turns, .. } = planned;
        let file = self.context.file;
        let fill = |text: &Spanned<String>| turns.fill(&text.value, file, text);
        let kind = kind_of(planned, self.context, self.catalogue)?;
        let layout = kind.layout(planned, self.context)?;
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

    /// The field or key that was meant, or else all fields there are.
    fn field_hint(&self, name: &str, known: &[FieldLayout]) -> Option<String> {
        let names: Vec<_> = known.iter().map(|field| &*field.name).collect();
        did_you_mean(name, &names)
            .or_else(|| did_you_mean(name, &KEYS))
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

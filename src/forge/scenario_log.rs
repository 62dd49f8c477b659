//! A scenario's events as a log.

use std::borrow::Borrow;
use std::io::{Seek, Write};

use super::{ForgeError, ForgedEvent, Form, Options, RecordForm, Rendering, Writer};
use crate::scenario::{Log, LogForm, ScenarioEvent};

impl Options {
    /// How a scenario wants its logs.
    pub fn of(log: &Log) -> Self {
        match log.form {
            LogForm::Export => Self::default(),
            LogForm::Live => {
                Self { form: Form::Live { max_chunks: log.max_chunks }, records: RecordForm::Typed }
            }
            LogForm::Forwarded => Self { form: Form::Export, records: RecordForm::Forwarded },
        }
    }
}

/// Writes events as one log to `out`, which it gives back.
///
/// # Errors
/// [`ForgeError::Event`] for an event that cannot be written; others when `out` fails.
pub fn write_log<W: Write + Seek>(
    out: W,
    events: impl IntoIterator<Item: Borrow<ScenarioEvent>>,
    log: &Log,
) -> Result<W, ForgeError> {
    let mut writer = Writer::new(out, Options::of(log))?;
    for item in events {
        let scenario_event = item.borrow();
        let rendering = rendering(scenario_event, log);
        let forged = ForgedEvent {
            rendering: rendering.as_ref(),
            ..ForgedEvent::new(&scenario_event.event, &scenario_event.envelope)
        };
        writer.push(&forged).map_err(|source| ForgeError::Event {
            channel: scenario_event.event.channel.to_string(),
            event_id: scenario_event.event.event_id,
            time: scenario_event.event.time,
            source: Box::new(source),
        })?;
    }
    writer.finish()
}

/// The rendered text of an event, in a log whose records carry any.
fn rendering(scenario_event: &ScenarioEvent, log: &Log) -> Option<Rendering> {
    Some(Rendering {
        culture: log.culture.clone()?,
        message: scenario_event.message.as_deref().unwrap_or_default().to_owned(),
    })
}

//! The `System` part of a record that is read where it stands: what does not decide about the record
//! is read when somebody asks.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::bare::Texts;
use super::binxml::{Raw, push_utf16};
use super::content::Content;
use super::intern::Interner;
use super::layout::Part;
use super::spots::Placed;
use crate::model::{Event, Frame, Guid, Source, Time};

/// The `System` part of a record that is wanted.
pub(super) struct Unread<'r> {
    /// Its machine, channel and provider.
    pub(super) names: [&'r Arc<str>; 3],
    pub(super) event_id: u32,
    pub(super) time: Time,
    pub(super) record_id: u64,
    pub(super) source: Source,
    /// Where the other parts stand.
    pub(super) rest: Rest<'r>,
}

/// Where the parts of a record's `System` stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rest<'r> {
    /// In an instance of a template.
    Instance(Placed<'r>),
    /// In a record without a template.
    Texts(Texts<'r, 'r>),
}

impl<'r> Rest<'r> {
    /// What stands in a part.
    pub(super) fn part(&self, part: Part) -> Option<Raw<'r>> {
        match self {
            Self::Instance(placed) => placed.part(part),
            Self::Texts(texts) => texts.part(part),
        }
    }
}

impl fmt::Debug for Unread<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Unread").field(&self.frame()).finish()
    }
}

impl Unread<'_> {
    /// The connection that it belongs to.
    pub(super) fn activity_id(&self) -> Option<Guid> {
        self.rest.part(Part::ActivityId).and_then(Raw::guid).filter(|id| !id.is_nil())
    }

    /// A part that is a number.
    fn number<T: TryFrom<u64>>(&self, part: Part) -> Option<T> {
        self.rest.part(part)?.number()?.try_into().ok()
    }

    /// What stands for the user, if anything does.
    fn user(&self) -> Option<Raw<'_>> {
        self.rest.part(Part::UserId).filter(|raw| !raw.is_nothing())
    }

    /// The frame, as rules see it.
    pub(super) fn frame(&self) -> Frame<'_> {
        let [machine, channel, provider] = self.names;
        Frame {
            machine,
            channel,
            provider,
            event_id: self.event_id,
            qualifiers: self.number(Part::Qualifiers),
            version: self.number(Part::Version),
            level: self.number(Part::Level),
            record_id: self.record_id,
            activity_id: self.activity_id(),
            process_id: self.number(Part::ProcessId),
            thread_id: self.number(Part::ThreadId),
            user_sid: self.user().map(|raw| Cow::Owned(text(raw))),
        }
    }

    /// The whole event, with its payload.
    pub(super) fn with<D>(self, interner: &mut Interner, data: D) -> Event<D> {
        let [machine, channel, provider] = self.names.map(Arc::clone);
        Event {
            machine,
            channel,
            provider,
            event_id: self.event_id,
            qualifiers: self.number(Part::Qualifiers),
            version: self.number(Part::Version),
            level: self.number(Part::Level),
            time: self.time,
            record_id: self.record_id,
            activity_id: self.activity_id(),
            process_id: self.number(Part::ProcessId),
            thread_id: self.number(Part::ThreadId),
            user_sid: self.user().map(|raw| Content::from(raw).shared(interner)),
            data,
            source: self.source,
        }
    }
}

/// A value as text, as an [`Interner`] shares it.
fn text(raw: Raw<'_>) -> String {
    let Some(utf16) = raw.utf16() else { return raw.value().to_text().into_owned() };
    let mut text = String::new();
    push_utf16(utf16, &mut text);
    text
}

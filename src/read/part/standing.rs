//! Reads records that are wanted where they stand: instances of a template by its plan, and those
//! without one by their form.

use super::super::bare::Heading;
use super::super::batch::List;
use super::super::chunk;
use super::super::glance::{Asked, Sight};
use super::super::record::{Record, Tools};
use super::super::run::Select;
use super::super::unread::{Rest, Unread};
use super::{InChunk, Part};
use crate::model::Source;

impl<L: List> Part<L> {
    /// Reads a record where it stands. `None`, and nothing has changed, where it has to be walked.
    pub(super) fn take_sight<'c, S: Select<Kept = L::Item>>(
        &mut self,
        sight: &Sight<'_, 'c>,
        asked: &Asked,
        source: Source,
        read: &mut InChunk<'_, 'c, S::Memory>,
        select: &S,
    ) -> Option<()> {
        let InChunk { document, glance, plans, tally, memory, scratch, laying, .. } = read;
        let definition = sight.definition();
        let chunk = document.chunk();
        let value = |index| sight.value(index, chunk);
        let (layout, place) = (sight.layout()?, sight.place());
        let measured = plans.measure(definition, layout, place, value, document)?;
        let payload = plans.payload(definition, &measured, chunk)?;
        let (event_id, time, record_id) = sight.own();
        glance.names(asked)?;
        if !document.take(sight.count() + measured.tokens, sight.size() + measured.bytes) {
            return None;
        }
        glance.count((time, record_id), asked, tally);
        self.decoded += 1;
        let (names, rest) = (glance.names(asked)?, Rest::Instance(sight.placed(chunk)));
        let system = Unread { names, event_id, time, record_id, source, rest };
        let tools = Tools { scratch, laying: Some(laying), interner: document.interner() };
        let record = Record::standing(system, payload, tools);
        if let Some(kept) = select.take(record, asked.kind, memory) {
            self.batch.kept.push(kept);
        }
        Some(())
    }

    /// Reads a record without a template where it stands. `None`, and nothing has changed, where
    /// it has to be walked.
    pub(super) fn take_bare<S: Select<Kept = L::Item>>(
        &mut self,
        record: chunk::Record,
        source: Source,
        read: &mut InChunk<'_, '_, S::Memory>,
        select: &S,
    ) -> Option<()> {
        let InChunk { document, glance, tally, memory, scratch, laying, bare, .. } = read;
        let heading = bare.heading(record.content(), document)?;
        let Heading { event_id, time, record_id, machine, channel, provider, .. } = heading;
        let asked = (select.wants_id(event_id.into()) && select.wants_time(time))
            .then(|| glance.ask((machine, channel), (provider, event_id), document, select));
        let Some(asked) = asked.flatten() else {
            let is_allowed = document.take(heading.tokens, heading.bytes);
            return is_allowed.then(|| {
                glance.count_unasked(
                    (machine, channel),
                    (time, record_id),
                    document,
                    tally,
                    select,
                );
            });
        };
        let measured = bare.measure(&heading, document)?;
        let chunk = document.chunk();
        let payload = bare.payload(&measured, chunk)?;
        glance.names(&asked)?;
        let (tokens, bytes) = (heading.tokens + measured.tokens, heading.bytes + measured.bytes);
        if !document.take(tokens, bytes) {
            return None;
        }
        glance.count((time, record_id), &asked, tally);
        self.decoded += 1;
        let (event_id, names) = (event_id.into(), glance.names(&asked)?);
        let rest = Rest::Texts(bare.texts(&heading, chunk)?);
        let system = Unread { names, event_id, time, record_id, source, rest };
        let tools = Tools { scratch, laying: Some(laying), interner: document.interner() };
        let record = Record::standing(system, payload, tools);
        if let Some(kept) = select.take(record, asked.kind, memory) {
            self.batch.kept.push(kept);
        }
        Some(())
    }
}

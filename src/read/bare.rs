//! Reads records without a template where they stand.
//!
//! Event collectors, and some that export logs, write records that spell out each element. Those
//! of one source are built alike: their form is learned from the first of them, kept from chunk
//! to chunk, and tells where the others have their texts. What a record's `System` says decides
//! whether it is wanted, as for a glance, and its payload is read as by a plan. A record of no
//! known form is walked, so that forms never say anything that the walk would not; they take as
//! much from the chunk's budget.

mod learn;

use std::collections::HashMap;
use std::iter;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::binxml::{Document, Fit, Form, Raw, Symbols};
use super::layout::Part;
use super::plan::{self, FreePlan, Present};
use super::values::Slots;
use crate::model::Time;

/// What a record begins with that has no template: the header of its stream, which takes so
/// many bytes, then an element with or without attributes.
const HEADER: (u8, usize) = (0x0f, 4);
const OPEN: [u8; 2] = [0x01, 0x41];
/// Bytes that forms take before all are forgotten. All of the real logs' take a tenth of that.
const MOST_BYTES: usize = 1 << 20;
/// Forms of `System`: a part that some records lack makes another one.
const MOST_SYSTEMS: usize = 16;
/// Sizes of `System` that are told apart: records of one event mostly have the same.
const SIZES: usize = 256;
/// Forms of payloads with one event ID.
const MOST_PAYLOADS: usize = 8;
/// Records with one event ID of which no form could be learned, before no other is learned.
const MOST_IN_VAIN: u32 = 32;
/// Tokens that may be looked at in vain in one chunk: in records that have no known form.
const PATIENCE: usize = 1 << 16;

/// The forms of records that one worker has met.
#[derive(Debug, Default)]
pub(super) struct Bare {
    symbols: Symbols,
    systems: Vec<SystemForm>,
    /// Which of them a `System` had last, by the lowest bits of its size.
    by_size: BySize,
    /// By the event ID.
    payloads: HashMap<u16, Payloads, RandomState>,
    /// Bytes that all of them take.
    size: usize,
    /// What is left of [`PATIENCE`].
    patience: usize,
    /// The texts of the `System` and of the payload of the record at hand.
    system: Slots,
    payload: Slots,
    present: Present,
}

/// How a record is built up to the end of `System`.
#[derive(Debug)]
struct SystemForm {
    form: Form,
    /// The slot that each part is in.
    parts: [Option<u8>; Part::COUNT],
}

/// The positions of forms, by the lowest bits of a size.
#[derive(Debug)]
struct BySize([u8; SIZES]);

impl Default for BySize {
    fn default() -> Self {
        Self([0; SIZES])
    }
}

/// How records with one event ID are built behind `System`.
#[derive(Debug, Default)]
struct Payloads {
    /// The one that fitted last comes first.
    forms: Vec<PayloadForm>,
    /// How many records had no form that could be learned.
    in_vain: u32,
}

/// How a record is built behind `System`.
#[derive(Debug)]
struct PayloadForm {
    form: Form,
    plan: Arc<FreePlan>,
}

/// What decides about a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heading<'c> {
    pub(super) event_id: u16,
    pub(super) time: Time,
    pub(super) record_id: u64,
    pub(super) machine: &'c [u8],
    pub(super) channel: &'c [u8],
    pub(super) provider: &'c [u8],
    /// What a walk takes from the budget up to the end of `System`.
    pub(super) tokens: usize,
    pub(super) bytes: usize,
    /// Position of the form of its `System`.
    form: usize,
    /// Where its `System` ends, and where it ends.
    rest: (usize, usize),
}

/// A payload that was found, and what a walk takes for it from the budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    event_id: u16,
    pub(super) tokens: usize,
    pub(super) bytes: usize,
}

impl Bare {
    /// Begins another chunk.
    pub(super) fn begin(&mut self) {
        if self.is_full() {
            self.forget();
        }
        self.symbols.begin();
        self.patience = PATIENCE;
    }

    /// What decides about the record of `length` bytes at `at`, if it has no template and a form
    /// that is known or can be learned. `None` where a part is not as usual, too.
    pub(super) fn heading<'c>(
        &mut self,
        (at, length): (usize, usize),
        document: &mut Document<'c>,
    ) -> Option<Heading<'c>> {
        let chunk = document.chunk();
        let head = chunk.get(at..)?.get(..length)?.first_chunk::<{ HEADER.1 + 1 }>()?;
        let [header, .., first] = *head;
        if header != HEADER.0 || !OPEN.contains(&first) || self.patience == 0 {
            return None;
        }
        let place = (at, at + length);
        let (form, fit) = match self.fit_system(chunk, place) {
            Some(known) => known,
            None => {
                self.learn_system(place, document)?;
                self.fit_system(chunk, place)?
            }
        };
        let SystemForm { parts, .. } = self.systems.get(form)?;
        let texts = Texts { parts, texts: &self.system, chunk };
        let part = |part| texts.part(part);
        let text = |of| part(of).and_then(Raw::utf16);
        let sizes = parts.iter().flatten().map(|slot| self.system.size(usize::from(*slot)));
        Some(Heading {
            event_id: part(Part::EventId)?.number()?.try_into().ok()?,
            time: part(Part::TimeCreated)?.time()?,
            record_id: part(Part::RecordId)?.number()?,
            machine: text(Part::Computer)?,
            channel: text(Part::Channel)?,
            provider: text(Part::Provider)?,
            tokens: fit.tokens,
            bytes: sizes.sum(),
            form,
            rest: (fit.behind, place.1),
        })
    }

    /// The position of the form that the record has up to the end of `System`, if it is known.
    fn fit_system(&mut self, chunk: &[u8], place: (usize, usize)) -> Option<(usize, Fit)> {
        let Self { symbols, systems, by_size: BySize(by_size), system, patience, .. } = self;
        let likely = usize::from(system_size(chunk, place.0).unwrap_or_default()) % SIZES;
        let likely = by_size.get_mut(likely)?;
        let first = usize::from(*likely);
        let others = (0..systems.len()).filter(|position| *position != first);
        for position in iter::once(first).chain(others) {
            let Some(SystemForm { form, .. }) = systems.get(position) else { continue };
            let fit = form.fit(chunk, place, symbols, system);
            if fit.is_whole {
                *likely = u8::try_from(position).ok()?;
                return Some((position, fit));
            }
            *patience = patience.saturating_sub(fit.tokens + 1);
        }
        None
    }

    /// The parts of the `System` of the record whose heading was read last.
    pub(super) fn texts<'c>(
        &self,
        heading: &Heading<'_>,
        chunk: &'c [u8],
    ) -> Option<Texts<'_, 'c>> {
        let SystemForm { parts, .. } = self.systems.get(heading.form)?;
        Some(Texts { parts, texts: &self.system, chunk })
    }

    /// Finds the payload of the record whose heading was read last; `None` where it has no form
    /// that is known or can be learned.
    pub(super) fn measure<'c>(
        &mut self,
        heading: &Heading<'c>,
        document: &mut Document<'c>,
    ) -> Option<Measured> {
        let chunk = document.chunk();
        let tokens = match self.fit_payload(heading, chunk) {
            Some(tokens) => tokens,
            None => {
                self.learn_payload(heading, document)?;
                self.fit_payload(heading, chunk)?
            }
        };
        let event_id = heading.event_id;
        let PayloadForm { plan, .. } = self.payloads.get(&event_id)?.forms.first()?;
        let bytes = plan.present(&self.payload.told(), &mut self.present)?;
        Some(Measured { event_id, tokens, bytes })
    }

    /// The number of tokens of the payload, if it has a known form, which then comes first.
    fn fit_payload(&mut self, heading: &Heading<'_>, chunk: &[u8]) -> Option<usize> {
        let Self { symbols, payloads, payload, patience, .. } = self;
        let Payloads { forms, .. } = payloads.get_mut(&heading.event_id)?;
        for position in 0..forms.len() {
            let fit = forms.get(position)?.form.fit(chunk, heading.rest, symbols, payload);
            if fit.is_whole {
                forms.swap(0, position);
                return Some(fit.tokens);
            }
            *patience = patience.saturating_sub(fit.tokens + 1);
        }
        None
    }

    /// The payload that was found last, which stands in that chunk.
    pub(super) fn payload<'r>(
        &'r self,
        measured: &Measured,
        chunk: &'r [u8],
    ) -> Option<plan::Payload<'r>> {
        let PayloadForm { plan, .. } = self.payloads.get(&measured.event_id)?.forms.first()?;
        Some(plan.payload(&self.present, self.payload.values(chunk)))
    }
}

/// The lowest bits of the size of the second element of the record that stands there: of its
/// `System`, which the event has behind its attributes. `None` where that is not at hand, or names
/// stand in between.
fn system_size(chunk: &[u8], at: usize) -> Option<u16> {
    let (_, event) = chunk.get(at..)?.split_at_checked(HEADER.1)?;
    let (head, attributes) = event.split_first_chunk::<13>()?;
    let [_, _, _, _, _, _, _, _, _, length @ ..] = *head;
    let behind = attributes.get(usize::try_from(u32::from_le_bytes(length)).ok()?..)?;
    let [_, _, size @ ..] = *behind.first_chunk::<4>()?;
    Some(u16::from_le_bytes(size))
}

/// The parts of a `System` that has no template, where they stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts<'r, 'c> {
    /// The slot that each part is in.
    parts: &'r [Option<u8>; Part::COUNT],
    texts: &'r Slots,
    chunk: &'c [u8],
}

impl<'c> Texts<'_, 'c> {
    /// What stands in a part.
    pub(super) fn part(&self, part: Part) -> Option<Raw<'c>> {
        let slot = (*self.parts.get(part as usize)?)?;
        self.texts.raw(self.chunk, slot.into())
    }
}

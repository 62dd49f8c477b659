//! Where a template has the fields of a payload.
//!
//! Most payloads are instances of a template whose elements each hold one value. For those the
//! fields' names and the places of their values are looked up once for a chunk; a record's
//! payload is then read where it stands, field by field as somebody asks for it. A payload of
//! any other shape has no plan and is walked. A plan says nothing that the walk would not, and
//! takes as much from the chunk's budget.

mod compile;
mod payload;
mod present;
mod tail;

use std::sync::Arc;

pub(super) use payload::{Payload, Scratch};
pub(super) use present::Present;
pub(super) use tail::FreeTail;

use tail::Tail;

use super::binxml::{Document, Raw};
use super::definition::{DEFINITION_HEADER, Definitions};
use super::layout::{Found, Layout};
use super::values::{Slots, Starts, Told, Values};
use crate::model::FieldNames;

/// Tokens that reading a record takes at most besides those of its payload's definition.
const SPARE: usize = 4096;
/// What a fragment begins with: perhaps a header, then an instance.
const FRAGMENT_HEADER: u8 = 0x0f;
const INSTANCE: u8 = 0x0c;
const END: u8 = 0;
/// The plans of one chunk.
#[derive(Debug)]
pub(super) struct Plans<'c> {
    /// Those of other chunks.
    known: &'c mut Definitions<Shared>,
    /// What follows `System`, by the offset of the record's definition.
    tails: Vec<(u32, Option<Tail<'c>>)>,
    /// By the offset of the payload's own definition, and by where it stands.
    payloads: Vec<(u32, Around, Option<Held<'c>>)>,
    /// The fields that the record at hand has, and where its values begin.
    present: Present,
    starts: Starts,
}

/// What a payload stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    /// The event: the payload is `EventData` or `UserData`.
    Event,
    /// `UserData`, which the record's template holds: the payload is its content.
    UserData,
}

/// The fields of a payload.
#[derive(Debug, Default)]
struct Plan<'c> {
    fields: Vec<Planned<'c>>,
    /// Number of the definition's tokens.
    tokens: usize,
    /// Bytes that a walk charges for whatever the values are.
    bytes: usize,
    /// The names of all fields.
    names: FieldNames,
    /// The number of values, where every record has all fields and each field a value of its own;
    /// and the bytes that a walk charges besides twice these.
    even: Option<usize>,
    fixed: usize,
}

/// The plan of a payload, of this chunk alone or of others, too.
#[derive(Debug)]
enum Held<'c> {
    Own(Plan<'c>),
    Shared(Arc<FreePlan>),
}

/// The plan of a payload, whichever chunk it stands in.
#[derive(Debug)]
pub(super) struct FreePlan(Plan<'static>);

/// The plan of a payload's definition that other chunks may have.
#[derive(Debug)]
pub(super) struct Shared {
    around: Around,
    plan: Arc<FreePlan>,
}

/// The plan, if the payload stands in that.
fn shared(around: Around) -> impl Fn(&Shared, &Slots) -> Option<Arc<FreePlan>> {
    move |shared, _| (shared.around == around).then(|| Arc::clone(&shared.plan))
}

/// A field of a payload.
#[derive(Debug)]
struct Planned<'c> {
    name: Arc<str>,
    /// Nothing for an element without content.
    found: Option<Found<Raw<'c>>>,
    /// The values without which the element, or one around it, is left out.
    depends_on: Vec<u16>,
    /// Bytes that a walk charges for the field besides twice its value.
    bytes: usize,
}

/// A payload's values and what reading it costs.
#[derive(Debug)]
pub(super) struct Measured<'c> {
    told: Told<'c>,
    /// Where its values stand: from their count to an offset behind which none is.
    stands: (usize, usize),
    /// The position of its plan; `None` where the record's template holds it.
    place: Option<usize>,
    pub(super) tokens: usize,
    pub(super) bytes: usize,
}

impl<'c> Held<'c> {
    fn of(plan: Plan<'c>) -> Self {
        match FreePlan::freed(plan) {
            Ok(plan) => Self::Shared(Arc::new(plan)),
            Err(plan) => Self::Own(plan),
        }
    }
}

impl Held<'_> {
    fn plan(&self) -> &Plan<'_> {
        match self {
            Self::Own(plan) => plan,
            Self::Shared(plan) => &plan.0,
        }
    }
}

impl<'c> Plans<'c> {
    /// No plans yet for a chunk.
    pub(super) fn new(known: &'c mut Definitions<Shared>) -> Self {
        known.begin();
        let (tails, payloads, present, starts) = Default::default();
        Self { known, tails, payloads, present, starts }
    }

    /// Finds the plan for a record of the definition, whose values stand from `at` to `end` at
    /// most and of which `value` finds one; `None` where a walk has to read it.
    pub(super) fn measure(
        &mut self,
        definition: u32,
        layout: &Layout,
        place: (usize, usize),
        value: impl FnOnce(u16) -> Option<Raw<'c>>,
        document: &mut Document<'c>,
    ) -> Option<Measured<'c>> {
        let tail = match self.tails.iter().position(|(known, _)| *known == definition) {
            Some(position) => position,
            None => {
                let known = layout.tail.as_ref().and_then(|FreeTail(tail)| tail.freed());
                let tail = known.or_else(|| Tail::of(definition, layout, document));
                self.tails.push((definition, tail));
                self.tails.len() - 1
            }
        };
        let (_, tail) = self.tails.get(tail)?;
        match tail.as_ref()? {
            Tail::Payload(held) if !document.allows(held.plan().tokens) => None,
            Tail::Payload(held) => {
                let plan = held.plan();
                let (told, _) = Told::read(document.chunk(), place, &mut self.starts)?;
                let bytes = self.present.note(plan, &told)?;
                Some(Measured { told, stands: place, place: None, tokens: plan.tokens, bytes })
            }
            Tail::Fragment { index, around, tokens } => {
                let raw = value(*index)?;
                if !raw.is_fragment() {
                    return None;
                }
                self.measure_fragment(raw, (*around, *tokens), document)
            }
        }
    }

    fn measure_fragment(
        &mut self,
        raw: Raw<'c>,
        (around, tokens_around): (Around, usize),
        document: &mut Document<'c>,
    ) -> Option<Measured<'c>> {
        let chunk = document.chunk();
        let end = raw.at() + raw.size();
        let header = if raw.bytes().first() == Some(&FRAGMENT_HEADER) { 4 } else { 0 };
        let at = raw.at() + header;
        let instance: &[u8; 10] = chunk.get(at..end)?.first_chunk()?;
        let [INSTANCE, _, _, _, _, _, offset @ ..] = *instance else { return None };
        let definition = u32::from_le_bytes(offset);
        let mut at = at + instance.len();
        // The definition itself stands where it is used first.
        let is_first = usize::try_from(definition) == Ok(at);
        let mut length = 0;
        if is_first {
            let (header, _) = chunk.get(at..end)?.split_first_chunk::<DEFINITION_HEADER>()?;
            length = usize::try_from(u32::from_le_bytes(*header.last_chunk()?)).ok()?;
            at = at.checked_add(header.len())?.checked_add(length)?;
        }
        let (told, behind) = Told::read(chunk, (at, end), &mut self.starts)?;
        // More elements may follow.
        if chunk.get(behind..end)?.first().is_some_and(|token| *token != END) {
            return None;
        }
        let is_known = |(known, place, _): &(u32, Around, Option<Held<'c>>)| {
            *known == definition && *place == around
        };
        let place = match self.payloads.iter().position(is_known) {
            Some(place) => place,
            None => {
                // Where the budget would end before the record does, a walk has to show where.
                // A token takes a byte at least, and is paid for when parsed and when read.
                let is_safe = document.allows(length.saturating_mul(2).saturating_add(SPARE));
                let held = if is_first {
                    is_safe.then(|| self.borne(definition, around, document))??
                } else {
                    self.parsed(definition, around, document)?
                };
                self.payloads.push((definition, around, held));
                self.payloads.len() - 1
            }
        };
        let plan = self.payloads.get(place)?.2.as_ref()?.plan();
        if !document.allows(plan.tokens) {
            return None;
        }
        let bytes = self.present.note(plan, &told)?;
        // What is in the record's template; the fragment's header, instance and end; the
        // template's end.
        let around = tokens_around + usize::from(header > 0) + 2 + 1;
        let tokens = around + plan.tokens + told.count();
        Some(Measured { told, stands: (at, behind), place: Some(place), tokens, bytes })
    }

    /// The plan for a definition that a record bears, if there is one. `None` where the record has
    /// to be walked, and nothing is taken of the budget.
    fn borne(
        &mut self,
        definition: u32,
        around: Around,
        document: &mut Document<'c>,
    ) -> Option<Option<Held<'c>>> {
        if let Some((plan, price)) = self.known.find(definition, document.chunk(), shared(around))
            && document.define_for(definition, price)
        {
            return Some(Some(Held::Shared(plan)));
        }
        document.define(definition).then_some(())?;
        self.compiled(definition, around, document)
    }

    /// The plan for a definition that was parsed, if there is one. `None` where it was not.
    fn parsed(
        &mut self,
        definition: u32,
        around: Around,
        document: &mut Document<'c>,
    ) -> Option<Option<Held<'c>>> {
        document.definition(definition)?;
        match self.known.find(definition, document.chunk(), shared(around)) {
            Some((plan, _)) => Some(Some(Held::Shared(plan))),
            None => self.compiled(definition, around, document),
        }
    }

    /// The same for one that is not known from another chunk.
    fn compiled(
        &mut self,
        definition: u32,
        around: Around,
        document: &mut Document<'c>,
    ) -> Option<Option<Held<'c>>> {
        let count = document.definition(definition)?.len();
        let plan = Plan::of(definition, 0..count, around, document);
        Some(plan.map(|plan| {
            let held = Held::of(plan);
            if let Held::Shared(plan) = &held {
                let own = (Shared { around, plan: Arc::clone(plan) }, plan.size());
                self.known.learn(definition, document, |_| false, own);
            }
            held
        }))
    }

    /// What the definition at an offset has behind `System`, if that was asked for and does not
    /// depend on the chunk.
    pub(super) fn tail(&self, definition: u32) -> Option<FreeTail> {
        let (_, tail) = self.tails.iter().find(|(known, _)| *known == definition)?;
        tail.as_ref()?.freed().map(|tail| FreeTail(Arc::new(tail)))
    }

    /// The payload that was measured last, of the record with that definition and values.
    pub(super) fn payload<'r>(
        &'r self,
        definition: u32,
        measured: &Measured<'c>,
        chunk: &'c [u8],
    ) -> Option<Payload<'r>> {
        let held = match measured.place {
            Some(place) => self.payloads.get(place)?.2.as_ref()?,
            None => {
                let (_, tail) = self.tails.iter().find(|(known, _)| *known == definition)?;
                let Some(Tail::Payload(held)) = tail else { return None };
                held
            }
        };
        let free = match held {
            Held::Own(_) => None,
            Held::Shared(plan) => Some(plan),
        };
        let values = measured.told.values(chunk, &self.starts);
        let stands = Some(measured.stands);
        Some(Payload { plan: held.plan(), free, stands, present: &self.present, values })
    }
}

impl FreePlan {
    /// Notes which fields a record with these values has: all of them. Returns the bytes that a
    /// walk charges for them.
    pub(super) fn present(&self, told: &Told<'_>, present: &mut Present) -> Option<usize> {
        present.note(&self.0, told)
    }

    /// The payload of the record whose fields were noted.
    pub(super) fn payload<'r>(
        self: &'r Arc<Self>,
        present: &'r Present,
        values: Values<'r>,
    ) -> Payload<'r> {
        Payload { plan: &self.0, free: Some(self), stands: None, present, values }
    }

    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.0.fields.iter().map(|field| size_of::<Planned<'_>>() + field.name.len()).sum()
    }
}

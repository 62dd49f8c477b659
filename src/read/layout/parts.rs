//! The parts of `System` that an event keeps: their names, their contents in one record, and the
//! walk that finds them there.

use crate::read::binxml::{Item, Known, Malformed, Result, Walk};
use crate::read::content::Content;

/// A part of `System` that an event keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(in crate::read) enum Part {
    Provider,
    EventId,
    Qualifiers,
    Version,
    Level,
    TimeCreated,
    RecordId,
    ActivityId,
    ProcessId,
    ThreadId,
    Channel,
    Computer,
    UserId,
}

impl Part {
    pub(in crate::read) const COUNT: usize = Self::UserId as usize + 1;

    /// The part that an element below `System`, or an attribute of it, holds.
    pub(in crate::read) fn at(element: Known, attribute: Option<Known>) -> Option<Self> {
        Some(match (element, attribute) {
            (Known::Provider, Some(Known::Name)) => Self::Provider,
            (Known::EventId, None) => Self::EventId,
            (Known::EventId, Some(Known::Qualifiers)) => Self::Qualifiers,
            (Known::Version, None) => Self::Version,
            (Known::Level, None) => Self::Level,
            (Known::TimeCreated, Some(Known::SystemTime)) => Self::TimeCreated,
            (Known::EventRecordId, None) => Self::RecordId,
            (Known::Correlation, Some(Known::ActivityId)) => Self::ActivityId,
            (Known::Execution, Some(Known::ProcessId)) => Self::ProcessId,
            (Known::Execution, Some(Known::ThreadId)) => Self::ThreadId,
            (Known::Channel, None) => Self::Channel,
            (Known::Computer, None) => Self::Computer,
            (Known::Security, Some(Known::UserId)) => Self::UserId,
            _ => return None,
        })
    }
}

/// The contents of the parts of one record.
#[derive(Debug, Default)]
pub(in crate::read) struct Parts<'c>([Content<'c>; Part::COUNT]);

impl<'c> Parts<'c> {
    /// What stands in a part.
    pub(in crate::read) fn of(&self, part: Part) -> &Content<'c> {
        let Self(contents) = self;
        #[expect(clippy::indexing_slicing, reason = "the array has a place for each part")]
        &contents[part as usize]
    }

    /// Takes what stands in a part.
    pub(in crate::read) fn take(&mut self, part: Part) -> Content<'c> {
        std::mem::take(self.of_mut(part))
    }

    pub(super) fn of_mut(&mut self, part: Part) -> &mut Content<'c> {
        let Self(contents) = self;
        #[expect(clippy::indexing_slicing, reason = "the array has a place for each part")]
        &mut contents[part as usize]
    }

    /// Walks from where the walk stands to the end of `System`.
    pub(super) fn walk(walk: &mut Walk<'_, 'c>) -> Result<Self> {
        let mut parts = Self::default();
        let mut place = Place::default();
        while let Some(item) = walk.next()? {
            match item {
                Item::Open(name) => place.open(walk.name(name)?.known)?,
                Item::Attribute(name) => place.attribute = Some(walk.name(name)?.known),
                Item::Content => place.attribute = None,
                Item::Close => {
                    if place.close()? {
                        return Ok(parts);
                    }
                }
                Item::Value(raw) => {
                    if let Some(part) = place.part() {
                        walk.charge(raw.size())?;
                        parts.of_mut(part).push(raw);
                    }
                }
                Item::Character(character) => {
                    if let Some(part) = place.part() {
                        parts.of_mut(part).push_char(character);
                    }
                }
            }
        }
        Err(Malformed::NoEvent)
    }
}

/// Where in `<Event><System>…</System>` a walk stands.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) depth: u32,
    /// The open element below `System`.
    element: Option<Known>,
    pub(super) attribute: Option<Known>,
}

impl Place {
    pub(super) fn open(&mut self, name: Known) -> Result<()> {
        match (self.depth, name) {
            (0, Known::Event) | (1, Known::System) | (2.., _) => self.depth += 1,
            _ => return Err(Malformed::NoEvent),
        }
        self.element = (self.depth == 3).then_some(name);
        self.attribute = None;
        Ok(())
    }

    /// Closes the innermost element. Returns whether that was `System`.
    pub(super) fn close(&mut self) -> Result<bool> {
        self.depth = self.depth.checked_sub(1).ok_or(Malformed::Unbalanced)?;
        (self.element, self.attribute) = (None, None);
        Ok(self.depth == 1)
    }

    pub(super) fn part(&self) -> Option<Part> {
        Part::at(self.element?, self.attribute)
    }
}

//! A record in Windows' XML, as `wevtutil`, Event Viewer and many tools write it.
//!
//! Only XML's own five entities and characters by number are known, so nothing expands.

use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event as Item};

use super::element::Element;
use super::value::typed;
use super::{Flaw, Found, Heading, payload};
use crate::read::intern::Interner;

/// Elements in each other; real records have fewer than ten.
const DEEPEST: usize = 64;

/// Reads an `Event` element, and its payload if that is wanted.
pub(super) fn read(
    text: &str,
    interner: &mut Interner,
    wants: &mut dyn FnMut(&Heading) -> bool,
) -> Result<Found, Flaw> {
    let mut parts = Parts::open(text)?;
    let mut heading = None;
    let mut fields = Vec::new();
    // What stands in front of `System` waits until that tells whether it is wanted.
    let mut waiting = Vec::new();
    while let Some(part) = parts.next()? {
        match &heading {
            None if part.name == "System" => {
                let found = Heading::of(&part, interner)?;
                if !wants(&found) {
                    return Ok(Found::Unwanted(found));
                }
                heading = Some(found);
            }
            None => waiting.push(part),
            Some(_) if part.name == "System" => {}
            Some(_) => payload::read(part, interner, &mut fields),
        }
    }
    for part in waiting {
        payload::read(part, interner, &mut fields);
    }
    Ok(Found::Wanted(heading.ok_or(Flaw::NoEvent)?, fields))
}

/// The elements directly in an event.
struct Parts<'t> {
    reader: Reader<&'t [u8]>,
}

impl<'t> Parts<'t> {
    /// Reads up to the first of them.
    fn open(text: &'t str) -> Result<Self, Flaw> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        match reader.read_event() {
            Ok(Item::Start(event)) if event.local_name().into_inner() == "Event" => {
                Ok(Self { reader })
            }
            _ => Err(Flaw::BadXml),
        }
    }

    /// The next of them; `None` at the event's end.
    fn next(&mut self) -> Result<Option<Element<'t>>, Flaw> {
        loop {
            match self.item()? {
                Item::Start(start) => return self.element(&start, 1).map(Some),
                Item::End(_) => return Ok(None),
                Item::Eof => return Err(Flaw::BadXml),
                _ => {}
            }
        }
    }

    fn item(&mut self) -> Result<Item<'t>, Flaw> {
        self.reader.read_event().map_err(|_| Flaw::BadXml)
    }

    /// Reads to an element's end.
    fn element(&mut self, start: &BytesStart<'t>, depth: usize) -> Result<Element<'t>, Flaw> {
        if depth > DEEPEST {
            return Err(Flaw::TooDeep);
        }
        let mut element = Element::new(start.local_name().into_inner().to_owned());
        // Names that repeat are looked up by their first; the check for them would take time
        // by the square of their number.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| Flaw::BadXml)?;
            let value = typed(&unescape(&attribute.value).map_err(|_| Flaw::BadXml)?);
            element.attributes.push((attribute.key.into_inner().to_owned().into(), value));
        }
        let mut text = String::new();
        loop {
            match self.item()? {
                Item::Start(start) => element.children.push(self.element(&start, depth + 1)?),
                // As it stands: in a log the ends of lines are data.
                Item::Text(piece) => text.push_str(&piece),
                Item::CData(piece) => text.push_str(&piece),
                Item::GeneralRef(reference) => push_reference(&reference, &mut text)?,
                Item::End(_) => break,
                Item::Eof => return Err(Flaw::BadXml),
                _ => {}
            }
        }
        element.content = typed(&text);
        Ok(element)
    }
}

fn push_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), Flaw> {
    match reference.resolve_char_ref().map_err(|_| Flaw::BadXml)? {
        Some(character) => text.push(character),
        None => text.push_str(resolve_xml_entity(reference).ok_or(Flaw::BadXml)?),
    }
    Ok(())
}

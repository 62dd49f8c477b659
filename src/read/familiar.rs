//! The definitions that chunks begin with.
//!
//! The first record of a chunk bears the definition of its template, and chunk after chunk of a
//! log that is the same one at the same place, with the same names in it. So what was found out
//! about it once holds for every chunk that begins with the same bytes: nothing in it has to be
//! parsed again, unless somebody asks for what stands behind `System`.
//!
//! Only for chunks whose checksums agree. The chunk's budget pays as if it were parsed.

use super::binxml::Document;
use super::instance::Instance;
use super::layout::{Layout, Layouts};
use super::shape::Shapes;

/// Definitions that are remembered: logs of a thousand hosts begin their chunks with a few.
const MOST: usize = 8;
/// Bytes of the longest definition that is remembered; real ones have a quarter of that.
const LONGEST: usize = 8192;

/// The definitions with which the last chunks began, the latest one first.
#[derive(Debug, Default)]
pub(super) struct Familiar {
    known: Vec<Known>,
    /// Whether the chunk at hand begins with the first of them.
    is_met: bool,
}

/// A definition that chunks begin with.
#[derive(Debug)]
struct Known {
    offset: u32,
    bytes: Vec<u8>,
    /// What parsing it takes of a chunk's budget.
    tokens: u32,
    /// What was found out about it; `None` while a chunk uses that.
    found_out: Option<(Layout, Shapes)>,
}

impl Familiar {
    /// Begins a chunk, of whose first record content and place are given.
    pub(super) fn begin(
        &mut self,
        (at, length): (usize, usize),
        document: &mut Document<'_>,
        layouts: &mut Layouts,
    ) {
        self.is_met = false;
        let Some((instance, definition)) = borne(document.chunk(), at, length) else { return };
        let is = |known: &Known| known.offset == instance.definition && known.bytes == definition;
        let Some(place) = self.known.iter().position(is) else { return };
        self.known.get_mut(..=place).unwrap_or_default().rotate_right(1);
        // Where the values do not fit, a walk fails before it parses the definition.
        let fits = instance.values().is_some();
        if let Some(known) = self.known.first_mut().filter(|_| fits)
            && let Some(found_out) =
                known.found_out.take_if(|_| document.define_for(instance.definition, known.tokens))
        {
            layouts.begin_with(instance.definition, found_out);
            self.is_met = true;
        }
    }

    /// Ends a chunk whose records were read: what was found out about the definition of the first
    /// one is remembered.
    pub(super) fn end(
        &mut self,
        (at, length): (usize, usize),
        document: &Document<'_>,
        layouts: &mut Layouts,
    ) {
        let Some((instance, definition)) = borne(document.chunk(), at, length) else { return };
        if self.is_met {
            if let Some(known) = self.known.first_mut() {
                known.found_out = layouts.first(instance.definition);
            }
            return;
        }
        if definition.len() > LONGEST || !document.stands_alone(instance.definition) {
            return;
        }
        if let Some(tokens) = document.price(instance.definition)
            && let Some(found_out) = layouts.first(instance.definition)
        {
            self.known.truncate(MOST - 1);
            let (offset, bytes) = (instance.definition, definition.to_vec());
            self.known.insert(0, Known { offset, bytes, tokens, found_out: Some(found_out) });
        }
    }
}

/// The definition that a record bears.
fn borne(chunk: &[u8], at: usize, length: usize) -> Option<(Instance<'_>, &[u8])> {
    let instance = Instance::of(chunk.get(at..)?.get(..length)?, at)?;
    Some((instance, instance.borne?))
}

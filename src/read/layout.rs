//! Where the parts of `System` stand in a record.
//!
//! Nearly all records are instances of a template, and a chunk has few of them. For each, the
//! places of the parts are looked up once; after that a record's `System` costs a dozen copies
//! in place of a walk over seventy tokens.

use super::binxml::{Document, Raw, Result, Standing, Token, Walk};
use super::definition::Definitions;
use super::instance::Instance;
use super::plan::{FreeTail, Plans};
use super::shape::{Shape, Shapes};
use super::values::Slots;

mod parts;

use parts::Place;
pub(super) use parts::{Part, Parts};

/// The layouts of the templates that a chunk's records are instances of.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    /// In the order of their use. Most chunks have one or two of them.
    used: Vec<Used>,
    shapes: Shapes,
    /// Those of other chunks.
    known: Definitions<Layout>,
}

impl Layouts {
    /// Begins another chunk.
    pub(super) fn begin(&mut self) {
        self.used.clear();
        self.shapes = Shapes::default();
        self.known.begin();
    }

    /// Reads from the start of a record to the end of its `System` part.
    pub(super) fn read<'c>(&mut self, walk: &mut Walk<'_, 'c>) -> Result<Parts<'c>> {
        if let Some(definition) = walk.enter_instance()? {
            if !self.used.iter().any(|used| used.definition == definition) {
                let layout = Layout::of(walk);
                self.used.push(Used { definition, layout, is_known: false });
            }
            let layout = self.of_definition(definition);
            if let Some(parts) = layout.and_then(|layout| layout.parts(walk)) {
                return Ok(parts);
            }
        }
        Parts::walk(walk)
    }

    /// The shape of a record of these bytes, and the bytes that begin with its first value; `None`
    /// where its template's layout is not known and simple. The record stands at `at`.
    #[inline]
    pub(super) fn shape<'c>(
        &mut self,
        (record, at): (&'c [u8], usize),
        document: &mut Document<'_>,
    ) -> Option<(&Self, &Shape, &'c [u8])> {
        if let Some(place) = self.shapes.met(record, at) {
            let shape = self.shapes.get(place)?;
            return Some((self, shape, shape.values(record)?));
        }
        let instance = Instance::of(record, at)?;
        let place = self.shape_of(&instance, document)?;
        let shape = self.shapes.get(place)?;
        Some((self, shape, shape.values_behind(instance.rest)?))
    }

    /// The place of the shape of a record whose shape was not met.
    #[cold]
    fn shape_of(&mut self, instance: &Instance<'_>, document: &mut Document<'_>) -> Option<usize> {
        let known = self.used.iter().position(|used| used.definition == instance.definition);
        let position = match known {
            None if instance.borne.is_some() => self.enter_known(instance, document)?,
            // A record that bears its definition is walked, unless that is known.
            Some(position) if instance.borne.is_some() => {
                if !self.used.get(position)?.is_known {
                    return None;
                }
                if let Some(place) = self.shapes.met_bearing(instance) {
                    return Some(place);
                }
                position
            }
            position => position?,
        };
        let layout = self.used.get(position)?.layout.as_ref()?;
        Some(self.shapes.enter(Shape::of(instance, (position, layout), document.chunk())?))
    }

    /// Enters the definition that a record bears, if one like it is known from another chunk.
    /// Returns its position.
    fn enter_known(
        &mut self,
        instance: &Instance<'_>,
        document: &mut Document<'_>,
    ) -> Option<usize> {
        let definition = instance.definition;
        // Where the values do not fit, a walk fails before it parses the definition.
        instance.values()?;
        let chunk = document.chunk();
        let moved = |layout: &Layout, texts: &Slots| layout.moved(texts, chunk);
        let (layout, price) = self.known.find(definition, chunk, moved)?;
        let all = usize::try_from(price).ok()? + instance.described()?.len();
        if !document.allows(all) || !document.define_for(definition, price) {
            return None;
        }
        self.used.push(Used { definition, layout: Some(layout), is_known: true });
        Some(self.used.len() - 1)
    }

    /// Begins with what was found out about the definition that the chunk's first record bears.
    pub(super) fn begin_with(&mut self, definition: u32, (layout, shapes): (Layout, Shapes)) {
        self.used.push(Used { definition, layout: Some(layout), is_known: true });
        self.shapes = shapes;
    }

    /// What was found out about the definition that was used first.
    pub(super) fn first(&mut self, definition: u32) -> Option<(Layout, Shapes)> {
        let first = self.used.first_mut().filter(|first| first.definition == definition)?;
        let (layout, mut shapes) = (first.layout.take()?, std::mem::take(&mut self.shapes));
        shapes.keep_of(definition);
        Some((layout, shapes))
    }

    /// Notes what was found out in this chunk about what is behind `System`, and remembers the
    /// definitions that were not known.
    pub(super) fn note(&mut self, plans: &Plans<'_>, document: &mut Document<'_>) {
        for Used { definition, layout, is_known } in &mut self.used {
            let Some(layout) = layout else { continue };
            if layout.tail.is_none() {
                layout.tail = plans.tail(*definition);
            }
            if !*is_known {
                let own = (layout.clone(), layout.bytes());
                let is_part = |raw: Raw<'_>| layout.has_literal(raw.at());
                self.known.learn(*definition, document, is_part, own);
            }
        }
    }

    /// The layout of the template that instances of that shape are of.
    pub(super) fn of_shape(&self, shape: &Shape) -> Option<&Layout> {
        self.used.get(shape.layout)?.layout.as_ref()
    }

    fn of_definition(&self, definition: u32) -> Option<&Layout> {
        self.used.iter().find(|used| used.definition == definition)?.layout.as_ref()
    }
}

/// A definition that the chunk's records use.
#[derive(Debug)]
struct Used {
    /// Its offset in the chunk.
    definition: u32,
    /// `None` where it is not simple.
    layout: Option<Layout>,
    /// Whether its layout was found by one of another chunk.
    is_known: bool,
}

/// Where a template has the parts of `System`.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    places: Vec<Placed>,
    /// Number of the values up to the last on which a part depends.
    pub(super) described: usize,
    /// Bytes of the parts that are literals; `None` where one of them depends on a value, which
    /// none of a real template does.
    pub(super) literals: Option<usize>,
    /// Number of the definition's tokens up to the end of `System`.
    pub(super) length: usize,
    /// What is behind `System`, where that is known from another chunk.
    pub(super) tail: Option<FreeTail>,
}

/// Where a part stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) part: Part,
    pub(super) found: Found<Standing>,
    /// The value without which the element is left out.
    pub(super) dependency: Option<u16>,
}

/// Where something stands in a record: in its template, or in one of its values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<L> {
    Literal(L),
    Value(u16),
}

impl Layout {
    /// The layout of the template that the walk has entered, if it is a simple one: each part
    /// is one literal or one value. All real ones are.
    fn of(walk: &Walk<'_, '_>) -> Option<Self> {
        let mut places: Vec<Placed> = Vec::new();
        let mut place = Place::default();
        let mut depends_on = None;
        for (position, token) in walk.definition().iter().enumerate() {
            let found = match *token {
                Token::Open { name, dependency } => {
                    place.open(walk.name(name).ok()?.known).ok()?;
                    match place.depth {
                        // The root cannot be left out.
                        1 => {}
                        3 => depends_on = dependency,
                        _ if dependency.is_some() => return None,
                        _ => {}
                    }
                    continue;
                }
                Token::Attribute(name) => {
                    place.attribute = Some(walk.name(name).ok()?.known);
                    continue;
                }
                Token::Content => {
                    place.attribute = None;
                    continue;
                }
                Token::Close => {
                    if place.close().ok()? {
                        return Some(Self::with(places, position + 1));
                    }
                    continue;
                }
                Token::Value(raw) if !raw.is_fragment() => Found::Literal(raw.place()),
                // A value between the elements may be a fragment with more of them.
                Token::Substitution(index) if place.depth > 2 || place.attribute.is_some() => {
                    Found::Value(index)
                }
                _ => return None,
            };
            if let Some(part) = place.part() {
                if places.iter().any(|placed| placed.part == part) {
                    return None;
                }
                places.push(Placed { part, found, dependency: depends_on });
            }
        }
        None
    }

    /// The layout of a definition that is built alike, whose literals are these texts, in their
    /// order; `None` where one is missing.
    fn moved(&self, texts: &Slots, chunk: &[u8]) -> Option<Self> {
        let mut literals = 0..;
        let mut places = self.places.clone();
        for placed in &mut places {
            if let Found::Literal(standing) = &mut placed.found {
                *standing = texts.raw(chunk, literals.next()?)?.place();
            }
        }
        Some(Self { tail: self.tail.clone(), ..Self::with(places, self.length) })
    }

    /// Whether a literal that stands at an offset of the chunk is a part of `System`.
    fn has_literal(&self, at: usize) -> bool {
        let is_it = |placed: &Placed| matches!(placed.found, Found::Literal(own) if own.at() == at);
        self.places.iter().any(is_it)
    }

    /// Bytes that it takes.
    fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(self.places.as_slice())
    }

    fn with(places: Vec<Placed>, length: usize) -> Self {
        let (mut described, mut literals) = (0, Some(0));
        for placed in &places {
            let own = match placed.found {
                Found::Literal(_) if placed.dependency.is_some() => {
                    literals = None;
                    None
                }
                Found::Literal(standing) => {
                    literals = literals.map(|sum| sum + standing.size());
                    None
                }
                Found::Value(index) => Some(index),
            };
            let last = own.into_iter().chain(placed.dependency).map(usize::from).max();
            described = described.max(last.map_or(0, |last| last + 1));
        }
        Self { places, described, literals, length, tail: None }
    }

    /// Where the parts stand.
    pub(super) fn places(&self) -> &[Placed] {
        &self.places
    }

    /// The parts of the record that the walk has entered, which is left behind `System`;
    /// `None`, and nothing is passed over, where a value is a fragment.
    fn parts<'c>(&self, walk: &mut Walk<'_, 'c>) -> Option<Parts<'c>> {
        let mut parts = Parts::default();
        let mut size = 0;
        for Placed { part, found, dependency } in &self.places {
            let missing = dependency.and_then(|index| walk.value(index)).is_some_and(Raw::is_null);
            let raw = match found {
                Found::Literal(standing) => standing.within(walk.chunk()),
                Found::Value(index) => walk.value(*index),
            };
            let Some(raw) = raw.filter(|_| !missing) else { continue };
            if raw.is_fragment() {
                return None;
            }
            size += raw.size();
            parts.of_mut(*part).push(raw);
        }
        walk.charge(size).ok()?;
        walk.pass_over(self.length);
        Some(parts)
    }
}

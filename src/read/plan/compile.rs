//! Makes the plan of a payload out of the tokens of a definition.
//!
//! Follows a definition as the walk follows a record, and gives up where what a record holds
//! would decide more than the fields' values. Knows nothing of records.

use std::sync::Arc;

use super::super::binxml::{Document, Known, NameId, Raw, Token};
use super::super::layout::Found;
use super::{Around, FreePlan, Plan, Planned};
use crate::model::Field;

/// Elements in each other that a plan describes.
const DEEPEST: usize = 8;
/// Fields that a plan describes. Each is looked at for each record, before the budget is asked.
const MOST_FIELDS: usize = 128;

impl<'c> Plan<'c> {
    /// The plan for some of a definition's tokens, if it has one.
    pub(super) fn of(
        definition: u32,
        tokens: std::ops::Range<usize>,
        around: Around,
        document: &mut Document<'c>,
    ) -> Option<Self> {
        // What is at the start of a definition is never left out.
        let is_root = tokens.start == 0;
        let tokens: Vec<Token<'c>> = document.definition(definition)?.get(tokens)?.to_vec();
        Self::of_tokens(&tokens, is_root, around, document)
    }

    /// The plan for these tokens, if they have one; whether the first of them is never left out.
    fn of_tokens(
        tokens: &[Token<'c>],
        is_root: bool,
        around: Around,
        document: &mut Document<'c>,
    ) -> Option<Self> {
        let mut compiler = Compiler {
            plan: Self { tokens: tokens.len(), ..Self::default() },
            document,
            tokens: tokens.iter(),
            path: String::new(),
            depends_on: Vec::new(),
        };
        let mut is_first = is_root;
        while let Some(token) = compiler.tokens.next() {
            let Token::Open { name, dependency } = *token else { return None };
            let dependency = dependency.filter(|_| !std::mem::take(&mut is_first));
            match around {
                Around::Event => compiler.top(name, dependency)?,
                Around::UserData => compiler.in_user_data(dependency)?,
            }
        }
        let mut plan = compiler.plan;
        if plan.fields.len() > MOST_FIELDS {
            return None;
        }
        let names: Vec<Arc<str>> = plan.fields.iter().map(|field| field.name.clone()).collect();
        plan.names = document.interner().list(names);
        plan.even = plan.evenly();
        let sizes = plan.fields.iter().map(|field| match field.found {
            Some(Found::Literal(raw)) => field.bytes + 2 * raw.size(),
            Some(Found::Value(_)) | None => field.bytes,
        });
        plan.fixed = plan.bytes + sizes.sum::<usize>();
        Some(plan)
    }

    /// The number of values, if no field is ever left out and each value is that of one field.
    fn evenly(&self) -> Option<usize> {
        let mut values = Vec::with_capacity(self.fields.len());
        for Planned { found, depends_on, .. } in &self.fields {
            depends_on.is_empty().then_some(())?;
            if let Some(Found::Value(index)) = found {
                values.push(usize::from(*index));
            }
        }
        values.sort_unstable();
        values.iter().copied().eq(0..values.len()).then_some(values.len())
    }
}

impl FreePlan {
    /// The plan for what a record without a template has behind `System`, each text that may
    /// differ taken for a value; `None` where there is none or it would depend on the chunk.
    pub(in crate::read) fn of<'c>(
        tokens: &[Token<'c>],
        document: &mut Document<'c>,
    ) -> Option<Self> {
        Self::freed(Plan::of_tokens(tokens, false, Around::Event, document)?).ok()
    }

    /// The plan without its chunk; as it was where it depends on that.
    pub(super) fn freed(plan: Plan<'_>) -> Result<Self, Plan<'_>> {
        let is_bound = |field: &Planned<'_>| matches!(field.found, Some(Found::Literal(_)));
        if plan.fields.iter().any(is_bound) {
            return Err(plan);
        }
        let Plan { fields, tokens, bytes, names, even, fixed } = plan;
        let freed = |Planned { name, found, depends_on, bytes }: Planned<'_>| {
            let found = match found {
                Some(Found::Value(index)) => Some(Found::Value(index)),
                Some(Found::Literal(_)) | None => None,
            };
            Planned { name, found, depends_on, bytes }
        };
        let fields = fields.into_iter().map(freed).collect();
        Ok(Self(Plan { fields, tokens, bytes, names, even, fixed }))
    }
}

/// A definition that is followed, and the plan so far.
struct Compiler<'k, 'c> {
    plan: Plan<'c>,
    document: &'k mut Document<'c>,
    tokens: std::slice::Iter<'k, Token<'c>>,
    /// The path of the innermost open element below the container.
    path: String,
    /// What the open elements depend on.
    depends_on: Vec<u16>,
}

/// An element that is open.
#[derive(Default)]
struct Element<'c> {
    is_data: bool,
    /// The name that a `Data` element was given.
    data_name: Option<Arc<str>>,
    /// Bytes of that name as it stands there.
    name_bytes: usize,
    has_attributes: bool,
    has_children: bool,
    content: Option<Found<Raw<'c>>>,
    attribute: Option<(NameId, Option<Found<Raw<'c>>>)>,
}

impl<'c> Compiler<'_, 'c> {
    fn known(&self, name: NameId) -> Option<Known> {
        Some(self.document.name(name).ok()?.known)
    }

    /// An element right below the event.
    fn top(&mut self, name: NameId, dependency: Option<u16>) -> Option<()> {
        let known = self.known(name)?;
        self.depends_on.extend(dependency);
        match known {
            Known::RenderingInfo | Known::System => return None,
            Known::UserData => self.user_data()?,
            known => self.element(known == Known::EventData, 0, Element::default())?,
        }
        self.depends_on.truncate(0);
        Some(())
    }

    fn user_data(&mut self) -> Option<()> {
        loop {
            match *self.tokens.next()? {
                Token::Open { dependency, .. } => self.in_user_data(dependency)?,
                Token::Content | Token::Attribute(_) => {}
                Token::Value(raw) if !raw.is_fragment() => {}
                Token::Close => return Some(()),
                _ => return None,
            }
        }
    }

    /// An element right below `UserData`: the container.
    fn in_user_data(&mut self, dependency: Option<u16>) -> Option<()> {
        let outer = self.depends_on.len();
        self.depends_on.extend(dependency);
        self.element(false, 0, Element::default())?;
        self.depends_on.truncate(outer);
        Some(())
    }

    /// Reads to the element's end. The one at depth 0 is the container.
    fn element(&mut self, in_event_data: bool, depth: usize, own: Element<'c>) -> Option<()> {
        let mut element = own;
        let outer_path = self.path.len();
        if depth >= DEEPEST {
            return None;
        }
        loop {
            match *self.tokens.next()? {
                Token::Open { name, dependency } => {
                    self.end_attribute(&mut element)?;
                    // An element whose children are all left out becomes a field.
                    let is_uncertain = depth > 0 && dependency.is_some();
                    if is_uncertain || element.is_data || element.content.is_some() {
                        return None;
                    }
                    element.has_children = true;
                    self.child(name, dependency, in_event_data, depth)?;
                }
                Token::Attribute(name) => {
                    self.end_attribute(&mut element)?;
                    element.attribute = Some((name, None));
                }
                Token::Content => self.end_attribute(&mut element)?,
                Token::Value(raw) if !raw.is_fragment() => {
                    add(&mut element, Found::Literal(raw))?;
                }
                Token::Substitution(index) => add(&mut element, Found::Value(index))?,
                Token::Close => {
                    self.end_attribute(&mut element)?;
                    self.end(element, depth)?;
                    self.path.truncate(outer_path);
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn child(
        &mut self,
        name: NameId,
        dependency: Option<u16>,
        in_event_data: bool,
        depth: usize,
    ) -> Option<()> {
        let is_data = in_event_data && depth == 0 && self.known(name)? == Known::Data;
        let (outer, outer_path) = (self.depends_on.len(), self.path.len());
        self.depends_on.extend(dependency);
        if !is_data {
            let name = self.document.name(name).ok()?;
            if !self.path.is_empty() {
                self.path.push('/');
            }
            self.path.push_str(&name.text);
        }
        self.element(in_event_data, depth + 1, Element { is_data, ..Element::default() })?;
        self.depends_on.truncate(outer);
        self.path.truncate(outer_path);
        Some(())
    }

    fn end_attribute(&mut self, element: &mut Element<'c>) -> Option<()> {
        let Some((name, content)) = element.attribute.take() else { return Some(()) };
        let raw = match content {
            None => None,
            Some(Found::Literal(raw)) => Some(raw),
            Some(Found::Value(_)) => return None,
        };
        let size = raw.map_or(0, Raw::size);
        match self.known(name)? {
            Known::Namespace => self.charge(size)?,
            Known::Name if element.is_data => {
                let interner = self.document.interner();
                let text = match raw {
                    Some(raw) => interner.utf16(raw.utf16()?),
                    None => interner.text(""),
                };
                self.path.push_str(&text);
                element.data_name = Some(text);
                element.name_bytes += size;
            }
            _ if raw.is_none_or(Raw::is_nothing) => self.charge(size)?,
            _ => {
                element.has_attributes = true;
                let separator = if self.path.is_empty() { "@" } else { "/@" };
                let name = &self.document.name(name).ok()?.text;
                let path = [&self.path, separator, name].concat();
                let name = self.document.interner().text(&path);
                self.field(name, content, 0);
            }
        }
        Some(())
    }

    /// Notes what a walk charges for every record; none of it may depend on values.
    fn charge(&mut self, bytes: usize) -> Option<()> {
        self.plan.bytes += bytes;
        (bytes == 0 || self.depends_on.is_empty()).then_some(())
    }

    /// Ends an element, which is a field if it has no children.
    fn end(&mut self, element: Element<'c>, depth: usize) -> Option<()> {
        if element.has_children || depth == 0 {
            // Text in the container itself, or between children, is no layout of a real one.
            return element.content.is_none().then_some(());
        }
        if element.has_attributes && !element.is_data {
            match element.content {
                None => return Some(()),
                Some(Found::Literal(raw)) if !raw.is_nothing() => {}
                Some(_) => return None,
            }
        }
        let name = match element.data_name {
            Some(name) => name,
            None => self.document.interner().text(&self.path),
        };
        self.field(name, element.content, element.name_bytes);
        Some(())
    }

    fn field(&mut self, name: Arc<str>, found: Option<Found<Raw<'c>>>, bytes: usize) {
        let bytes = bytes + size_of::<Field>() + name.len();
        let depends_on = self.depends_on.clone();
        self.plan.fields.push(Planned { name, found, depends_on, bytes });
    }
}

/// Adds a value to what is open: the attribute, else the element.
fn add<'c>(element: &mut Element<'c>, found: Found<Raw<'c>>) -> Option<()> {
    let content = match &mut element.attribute {
        Some((_, content)) => content,
        None if element.has_children => return None,
        None => &mut element.content,
    };
    content.replace(found).is_none().then_some(())
}

//! Learns forms: how the records are built of which one is at hand.
//!
//! Follows a record as the walk does and gives up on all that is not plain: text in pieces, text
//! beside elements, parts that come twice. Whether the record then fits the form is not known
//! here; whoever reads it by the form finds out.

use std::sync::Arc;

use super::super::binxml::{Document, Form, Known, NameId, Step, Symbols, Token};
use super::super::layout::Part;
use super::super::plan::FreePlan;
use super::{
    Bare, Heading, MOST_BYTES, MOST_IN_VAIN, MOST_PAYLOADS, MOST_SYSTEMS, PayloadForm, Payloads,
    SystemForm,
};

/// Tokens that a record of a form has at most. Real ones have up to four hundred.
const MOST_TOKENS: usize = 2048;
/// Bytes in the longest text that all records of a form have: the name of a field, a namespace.
const LONGEST: usize = 1024;

impl Bare {
    /// Learns how the record that stands there is built up to the end of `System`.
    pub(super) fn learn_system(
        &mut self,
        place: (usize, usize),
        document: &mut Document<'_>,
    ) -> Option<()> {
        if self.is_full() || self.systems.len() >= MOST_SYSTEMS {
            self.forget();
        }
        let tokens = self.tokens(place, document);
        let mut learner = Learner::of(&tokens, document, &mut self.symbols);
        let parts = learner.system()?;
        let form = learner.form;
        self.size += form.size() + size_of::<SystemForm>();
        self.systems.push(SystemForm { form, parts });
        Some(())
    }

    /// Learns how the record with that heading is built behind `System`. Of the forms with its
    /// event ID, the new one comes first.
    pub(super) fn learn_payload(
        &mut self,
        heading: &Heading<'_>,
        document: &mut Document<'_>,
    ) -> Option<()> {
        // To forget others would forget the form of the heading, too.
        let is_full = self.is_full();
        let known = self.payloads.entry(heading.event_id).or_default();
        if is_full || known.in_vain >= MOST_IN_VAIN {
            return None;
        }
        known.in_vain += 1;
        self.size += size_of::<Payloads>();
        let tokens = self.tokens(heading.rest, document);
        let mut learner = Learner::of(&tokens, document, &mut self.symbols);
        learner.event()?;
        let Learner { form, planned, .. } = learner;
        let plan = Arc::new(FreePlan::of(&planned, document)?);
        self.size += form.size() + plan.size() + size_of::<PayloadForm>();
        let known = self.payloads.entry(heading.event_id).or_default();
        known.in_vain -= 1;
        known.forms.truncate(MOST_PAYLOADS - 1);
        known.forms.insert(0, PayloadForm { form, plan });
        Some(())
    }

    /// The tokens that stand there.
    fn tokens<'c>(&mut self, place: (usize, usize), document: &mut Document<'c>) -> Vec<Token<'c>> {
        let tokens = document.tokens(place, MOST_TOKENS);
        self.patience = self.patience.saturating_sub(tokens.len());
        tokens
    }

    pub(super) const fn is_full(&self) -> bool {
        self.size + self.symbols.size() > MOST_BYTES
    }

    /// Forgets all forms.
    pub(super) fn forget(&mut self) {
        self.symbols = Symbols::default();
        self.systems.clear();
        self.payloads.clear();
        self.size = 0;
    }
}

/// A record whose form is learned.
struct Learner<'k, 'c> {
    /// What is left of its tokens.
    tokens: &'k [Token<'c>],
    document: &'k Document<'c>,
    symbols: &'k mut Symbols,
    form: Form,
    /// Number of the form's slots.
    slots: u16,
    /// The tokens of the payload, each text that may differ replaced by the place of a value.
    planned: Vec<Token<'c>>,
}

impl<'k, 'c> Learner<'k, 'c> {
    fn of(tokens: &'k [Token<'c>], document: &'k Document<'c>, symbols: &'k mut Symbols) -> Self {
        let (form, planned) = (Form::default(), Vec::new());
        Self { tokens, document, symbols, form, slots: 0, planned }
    }

    fn next(&mut self) -> Option<Token<'c>> {
        let (token, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(*token)
    }

    fn known(&self, name: NameId) -> Option<Known> {
        Some(self.document.name(name).ok()?.known)
    }

    fn open(&mut self, name: NameId) -> Option<()> {
        let symbol = self.symbols.of(&self.document.name(name).ok()?.text)?;
        self.form.push(Step::Open(symbol));
        Some(())
    }

    fn attribute(&mut self, name: NameId) -> Option<()> {
        let symbol = self.symbols.of(&self.document.name(name).ok()?.text)?;
        self.form.push(Step::Attribute(symbol));
        Some(())
    }

    /// The text of an attribute, which may differ. Returns its slot.
    fn slot(&mut self) -> Option<u16> {
        let Token::Value(raw) = self.next()? else { return None };
        raw.utf16()?;
        self.form.push(Step::Slot);
        Some(self.take_slot())
    }

    const fn take_slot(&mut self) -> u16 {
        self.slots += 1;
        self.slots - 1
    }

    /// An element's end, if it has no children and at most one text. Returns the slot of that.
    fn leaf(&mut self) -> Option<u16> {
        let length = match self.tokens {
            [Token::Close, ..] => 1,
            [Token::Content, Token::Close, ..] => 2,
            [Token::Content, Token::Value(raw), Token::Close, ..] if raw.utf16().is_some() => 3,
            _ => return None,
        };
        self.tokens = self.tokens.get(length..)?;
        self.form.push(Step::Leaf);
        Some(self.take_slot())
    }

    /// A record up to the end of `System`. Returns the slots of its parts.
    fn system(&mut self) -> Option<[Option<u8>; Part::COUNT]> {
        let Token::Nothing = self.next()? else { return None };
        self.form.push(Step::Header);
        self.start_of(Known::Event)?;
        self.start_of(Known::System)?;
        let mut parts = [None; Part::COUNT];
        loop {
            match self.next()? {
                Token::Open { name, .. } => self.part(name, &mut parts)?,
                Token::Close => break,
                _ => return None,
            }
        }
        self.form.push(Step::Close);
        Some(parts)
    }

    /// The start of an element that has children.
    fn start_of(&mut self, due: Known) -> Option<()> {
        let Token::Open { name, .. } = self.next()? else { return None };
        if self.known(name)? != due {
            return None;
        }
        self.open(name)?;
        loop {
            match self.next()? {
                Token::Attribute(name) => {
                    self.attribute(name)?;
                    self.slot()?;
                }
                Token::Content => break,
                _ => return None,
            }
        }
        self.form.push(Step::Content);
        Some(())
    }

    /// An element of `System`.
    fn part(&mut self, name: NameId, parts: &mut [Option<u8>; Part::COUNT]) -> Option<()> {
        let element = self.known(name)?;
        self.open(name)?;
        while let [Token::Attribute(name), ..] = *self.tokens {
            self.next()?;
            self.attribute(name)?;
            let slot = self.slot()?;
            note(parts, Part::at(element, Some(self.known(name)?)), slot)?;
        }
        let slot = self.leaf()?;
        note(parts, Part::at(element, None), slot)
    }

    /// What follows of a record behind `System`.
    fn event(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                Token::Open { name, .. } => match self.known(name)? {
                    Known::RenderingInfo => {
                        self.open(name)?;
                        self.form.push(Step::PassOver);
                        self.pass_over()?;
                    }
                    Known::System => return None,
                    Known::UserData => self.element(name, 2)?,
                    _ => self.element(name, 1)?,
                },
                Token::Close => break,
                _ => return None,
            }
        }
        self.form.push(Step::Close);
        Some(())
    }

    /// Passes over the rest of an element.
    fn pass_over(&mut self) -> Option<()> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next()? {
                Token::Open { .. } => depth += 1,
                Token::Close => depth -= 1,
                _ => {}
            }
        }
        Some(())
    }

    /// An element of the payload. Those `containers` deep hold fields; what has no children and
    /// stands deeper is one.
    fn element(&mut self, name: NameId, containers: u32) -> Option<()> {
        let mut depth = 0_u32;
        self.start(name, &mut depth)?;
        while depth > 0 {
            if depth > containers && self.field().is_some() {
                depth -= 1;
                continue;
            }
            let token = self.next()?;
            match token {
                Token::Open { name, .. } => {
                    self.start(name, &mut depth)?;
                    continue;
                }
                Token::Content => self.form.push(Step::Content),
                Token::Close => {
                    self.form.push(Step::Close);
                    depth -= 1;
                }
                _ => return None,
            }
            self.planned.push(token);
        }
        Some(())
    }

    /// The start of an element, with its attributes: fields are known by them, so that their
    /// texts do not differ.
    fn start(&mut self, name: NameId, depth: &mut u32) -> Option<()> {
        self.open(name)?;
        self.planned.push(Token::Open { name, dependency: None });
        while let [token @ Token::Attribute(name), text @ Token::Value(raw), ..] = *self.tokens {
            self.attribute(name)?;
            let bytes = raw.utf16().filter(|_| raw.size() <= LONGEST)?;
            // What is cut off of it would be compared, too.
            (bytes.len() == raw.size()).then_some(())?;
            self.form.push_fixed(bytes)?;
            self.planned.extend([token, text]);
            self.tokens = self.tokens.get(2..)?;
        }
        *depth += 1;
        Some(())
    }

    /// The end of an element that is a field.
    fn field(&mut self) -> Option<()> {
        let slot = self.leaf()?;
        self.planned.extend([Token::Content, Token::Substitution(slot), Token::Close]);
        Some(())
    }
}

/// Notes the slot of a part, if it is one; `None` for one that there was before.
fn note(parts: &mut [Option<u8>; Part::COUNT], part: Option<Part>, slot: u16) -> Option<()> {
    let Some(part) = part else { return Some(()) };
    let place = parts.get_mut(part as usize)?;
    let slot = u8::try_from(slot).ok()?;
    place.replace(slot).is_none().then_some(())
}

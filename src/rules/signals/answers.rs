//! Remembers what records gave, for the records after them that say the same.
//!
//! Rules look at few fields, and most records of a log repeat in these what others said. How the
//! questions about a field are answered is remembered by the field's value: a record whose port
//! nobody had before costs the questions about that one field. Which rules fit follows from all
//! the answers, of which there are few. Knows nothing about what is made of signals. Records whose
//! payload does not stand in its log as Windows wrote it are not remembered.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::index::{Found, Kind, Places, SignalIndex, Who};
use super::recent::Recent;
use crate::model::{FieldNames, Observed};
use crate::rules::detection::{FieldName, Held};

/// Answers kept before all are forgotten.
const MOST: usize = 4096;
/// Bytes in the longest key worth keeping. With [`MOST`], this bounds the memory.
const LONGEST: usize = 512;
/// Layouts whose places are kept before all are forgotten.
const MOST_LAYOUTS: usize = 256;
/// Sets of rules that fit records of a layout, before all are forgotten.
const MOST_FITS: usize = 128;
/// After so many records of a kind and layout it shows whether they repeat each other: a flood
/// comes from hundreds of addresses, of which each comes again.
const TRIED: u32 = 2048;

/// What records gave that were asked about before: `T` is made of their signals, `W` of whom
/// they name.
#[derive(Debug)]
pub struct Answers<T, W> {
    /// The positions of what is asked of payloads of a layout, by the number of the kind and the
    /// address of the layout.
    layouts: HashMap<(usize, usize), usize, RandomState>,
    asked: Vec<Asked>,
    /// The last of these.
    last: Option<((usize, usize), usize)>,
    /// How the questions about a field are answered, by its value.
    held: Recent<Held>,
    /// By the rules that fit, and the values that name a client or user.
    whose: Recent<W>,
    /// By the number of the layout, the rules that fit, and the values that name somebody.
    known: HashMap<Box<[u8]>, T, RandomState>,
    /// The key of the record at hand.
    key: Vec<u8>,
    /// The number that was given last.
    number: u32,
}

/// Which rules fit a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    kind: usize,
    asked: usize,
    number: usize,
    /// Whether one of them opens an attempt.
    pub opens: bool,
    /// Whether one of them shows that somebody got past the handshake.
    pub is_progress: bool,
}

impl<T, W> Default for Answers<T, W> {
    fn default() -> Self {
        let (layouts, asked, known) = Default::default();
        let (held, whose) = Default::default();
        Self { layouts, asked, last: None, held, whose, known, key: Vec::new(), number: 0 }
    }
}

impl<T: Clone, W: Copy> Answers<T, W> {
    /// Which rules fit a record of the kind with that number, if any. An error where nothing can
    /// be remembered about it, because its payload has no layout.
    pub fn fit(
        &mut self,
        rules: &SignalIndex,
        number: usize,
        record: Observed<'_>,
    ) -> Result<Option<Fit>, NoLayout> {
        let kind = rules.numbered(number).ok_or(NoLayout)?;
        let layout = record.fields.layout().ok_or(NoLayout)?;
        let position = self.asked(rules, number, kind, layout);
        let Self { asked, held, key, .. } = self;
        let asked = asked.get_mut(position).ok_or(NoLayout)?;
        let fit = asked.fit(kind, rules, record, held, key);
        let fitting = asked.fitting(fit).ok_or(NoLayout)?;
        let Fitting { rules, opens, is_progress } = fitting;
        let (opens, is_progress) = (*opens, *is_progress);
        let is_any = !rules.is_empty();
        Ok(is_any.then_some(Fit { kind: number, asked: position, number: fit, opens, is_progress }))
    }

    /// What `of` makes of whom a record names that was just asked about: remembered, or made now.
    pub fn whose(
        &mut self,
        rules: &SignalIndex,
        fit: Fit,
        record: Observed<'_>,
        of: impl FnOnce(Who) -> W,
    ) -> Option<W> {
        let Self { asked, whose, key, .. } = self;
        let kind = rules.numbered(fit.kind)?;
        let Asked { number, fits, forgotten, naming, places, .. } = asked.get_mut(fit.asked)?;
        let Fitting { rules: fitting, .. } = fits.get(fit.number.checked_sub(*forgotten)?)?;
        let find = || of(kind.who(rules, fitting, record, places));
        key.clear();
        if naming.is_in_vain() || !naming.write_key(record, key) {
            return Some(find());
        }
        let owner = u64::from(*number) << 32 | fit.number as u64;
        let (answer, is_new) = whose.recall(owner, key, find);
        naming.tell(is_new);
        Some(answer)
    }

    /// What `answer` makes of the signals, in rule order, of a record that was just asked about:
    /// remembered, or made now.
    pub fn of<'r>(
        &mut self,
        rules: &'r SignalIndex,
        fit: Fit,
        record: Observed<'_>,
        answer: impl FnOnce(Vec<Found<'r>>) -> T,
    ) -> Option<T> {
        let Self { asked, known, key, .. } = self;
        let kind = rules.numbered(fit.kind)?;
        let Asked { number, fits, forgotten, bound, places, .. } = asked.get_mut(fit.asked)?;
        let Fitting { rules: fitting, .. } = fits.get(fit.number.checked_sub(*forgotten)?)?;
        let found = || answer(rules.found(kind, fitting, record, places));
        key.clear();
        key.extend(number.to_le_bytes());
        key.extend(fitting.len().to_le_bytes());
        key.extend(fitting.iter().flat_map(|number| number.to_le_bytes()));
        if bound.is_in_vain() || !bound.write_key(record, key) {
            return Some(found());
        }
        if let Some(known) = known.get(key.as_slice()) {
            bound.tell(false);
            return Some(known.clone());
        }
        bound.tell(true);
        let found = found();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key.as_slice().into(), found.clone());
        Some(found)
    }

    /// The position of what is asked of payloads of a layout.
    fn asked(
        &mut self,
        rules: &SignalIndex,
        number: usize,
        kind: &Kind,
        layout: &FieldNames,
    ) -> usize {
        let place = (number, Arc::as_ptr(layout).addr());
        if let Some((_, position)) = self.last.filter(|(last, _)| *last == place) {
            return position;
        }
        let position = self.layouts.get(&place).copied().unwrap_or_else(|| {
            if self.asked.len() >= MOST_LAYOUTS {
                self.layouts.clear();
                self.asked.clear();
            }
            let position = self.asked.len();
            self.number = self.number.wrapping_add(1);
            self.asked.push(Asked::of(kind, rules, layout, self.number));
            self.layouts.insert(place, position);
            position
        });
        self.last = Some((place, position));
        position
    }
}

/// A record's payload has no layout: its fields have to be looked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLayout;

/// What is asked of payloads of one layout.
#[derive(Debug)]
struct Asked {
    number: u32,
    /// Kept so that its address stays its own.
    _layout: FieldNames,
    /// The fields on which it depends which rules fit; nothing where there are too many questions
    /// to remember the answers.
    columns: Option<Vec<Column>>,
    /// The sets of rules that fit, of which each has a number of its own: so many were forgotten
    /// before the first of these.
    fits: Vec<Fitting>,
    forgotten: usize,
    /// Their numbers by the answers.
    by_answers: HashMap<Held, usize, RandomState>,
    /// The last of these.
    last: Option<(Held, usize)>,
    /// Who and what is named.
    bound: Values,
    /// Which client and user are named.
    naming: Values,
    /// Where all of this stands.
    places: Places,
}

/// Rules that fit, by their numbers among those of the kind, and what they say together.
#[derive(Debug)]
struct Fitting {
    rules: Box<[usize]>,
    opens: bool,
    is_progress: bool,
}

impl Asked {
    fn of(kind: &Kind, rules: &SignalIndex, layout: &FieldNames, number: u32) -> Self {
        let questions = kind.questions(rules);
        let columns = questions
            .map(|fields| fields.map(|fields| Column::of(Values::of(fields, layout))).collect());
        let bound = Values::of(kind.bound(rules).iter().cloned(), layout);
        let naming = Values::of(kind.naming(rules).cloned(), layout);
        let places = kind.places(rules, layout);
        let (fits, by_answers) = Default::default();
        Self {
            number,
            _layout: Arc::clone(layout),
            columns,
            fits,
            forgotten: 0,
            by_answers,
            last: None,
            bound,
            naming,
            places,
        }
    }

    fn fitting(&self, number: usize) -> Option<&Fitting> {
        self.fits.get(number.checked_sub(self.forgotten)?)
    }

    /// The number of the rules that fit a record.
    fn fit(
        &mut self,
        kind: &Kind,
        rules: &SignalIndex,
        record: Observed<'_>,
        remembered: &mut Recent<Held>,
        key: &mut Vec<u8>,
    ) -> usize {
        let Self { number, columns, places, fits, forgotten, by_answers, last, .. } = self;
        let Some(columns) = columns else {
            *forgotten += fits.len();
            *fits = vec![Fitting::of(kind, rules, rules.fitting(kind, record, places))];
            return *forgotten;
        };
        let mut held = 0;
        for (field, column) in columns.iter_mut().enumerate() {
            let owner = u64::from(*number) << 32 | field as u64;
            let ask = || kind.answers(rules, field, record, places);
            held |= column.answers(owner, record, remembered, key, ask);
        }
        if let Some((_, fit)) = last.filter(|(answers, _)| *answers == held) {
            return fit;
        }
        let fit = by_answers.get(&held).copied().unwrap_or_else(|| {
            if fits.len() >= MOST_FITS {
                *forgotten += fits.len();
                fits.clear();
                by_answers.clear();
            }
            let fit = *forgotten + fits.len();
            fits.push(Fitting::of(kind, rules, kind.fitting_by(rules, held)));
            by_answers.insert(held, fit);
            fit
        });
        *last = Some((held, fit));
        fit
    }
}

impl Fitting {
    fn of(kind: &Kind, all: &SignalIndex, rules: Vec<usize>) -> Self {
        let effects = || kind.effects(all, &rules);
        let opens = effects().any(|effect| effect.opens);
        let is_progress = effects().any(|effect| effect.is_progress());
        Self { opens, is_progress, rules: rules.into() }
    }
}

/// The values on which the answers to the questions about a field depend.
#[derive(Debug)]
struct Column {
    values: Values,
    /// The place of the value, where it is only one.
    only: Option<usize>,
    /// The type and the bytes that this had in the last record, and the answers.
    last: (u8, Vec<u8>),
    held: Option<Held>,
}

impl Column {
    fn of(values: Values) -> Self {
        let only = match *values.places {
            [only] if values.frame.is_empty() => Some(only),
            _ => None,
        };
        Self { values, only, last: (0, Vec::new()), held: None }
    }

    fn answers(
        &mut self,
        owner: u64,
        record: Observed<'_>,
        remembered: &mut Recent<Held>,
        key: &mut Vec<u8>,
        ask: impl FnOnce() -> Held,
    ) -> Held {
        let Self { values, only, last, held } = self;
        let raw = only.map(|place| record.fields.raw(place));
        if let (Some(held), Some((kind, bytes))) = (*held, raw)
            && last.0 == kind
            && *last.1 == *bytes
        {
            return held;
        }
        key.clear();
        if values.is_in_vain() || !values.write_key(record, key) {
            return ask();
        }
        let (answers, is_new) = remembered.recall(owner, key, ask);
        values.tell(is_new);
        if let Some((kind, bytes)) = raw {
            last.0 = kind;
            last.1.clear();
            last.1.extend_from_slice(bytes);
            *held = Some(answers);
        }
        answers
    }
}

/// The values on which an answer depends.
#[derive(Debug)]
struct Values {
    /// Places of fields in the layout, ascending.
    places: Box<[usize]>,
    frame: Vec<FieldName>,
    /// Records that were asked about, and those of them whose answer was not known.
    records: u32,
    unknown: u32,
}

impl Values {
    fn of(fields: impl IntoIterator<Item = FieldName>, layout: &FieldNames) -> Self {
        let (mut places, mut frame) = (BTreeSet::new(), Vec::new());
        for field in fields {
            match field.places(layout) {
                Some(own) => places.extend(own),
                None => frame.push(field.clone()),
            }
        }
        Self { places: places.into_iter().collect(), frame, records: 0, unknown: 0 }
    }

    /// Notes that an answer was asked for, and whether it had to be found.
    const fn tell(&mut self, is_new: bool) {
        self.records = self.records.saturating_add(1);
        if is_new {
            self.unknown = self.unknown.saturating_add(1);
        }
    }

    /// Whether so many differ that remembering them costs more than it spares.
    const fn is_in_vain(&self) -> bool {
        self.records >= TRIED && self.unknown > self.records / 4 * 3
    }

    /// Adds what tells the record from those with another answer. `false` if it is too long.
    fn write_key(&self, record: Observed<'_>, key: &mut Vec<u8>) -> bool {
        for field in &self.frame {
            match field.read(record) {
                None => key.push(0),
                Some(value) => {
                    let text = value.to_text();
                    key.push(1);
                    key.extend(text.len().to_le_bytes());
                    key.extend(text.as_bytes());
                }
            }
        }
        for place in &self.places {
            let (kind, bytes) = record.fields.raw(*place);
            if bytes.len() > LONGEST {
                return false;
            }
            key.push(kind);
            key.extend(bytes.len().to_le_bytes());
            key.extend_from_slice(bytes);
        }
        key.len() <= LONGEST
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::model::{Fields, Frame, Value};
    use crate::rules::RuleSet;

    const RULES: &str = "\
logsource: { channel: Some/Operational, provider: Some-Provider }
signals:
  - id: bad-code
    title: a bad code
    detection: { s: { EventID: 5, Code: 7, Level: 2 }, condition: s }
    binds: { user: User }
  - id: same-names
    title: both names are the same
    detection: { s: { EventID: 5, User|fieldref: Other }, condition: s }
  - id: first-is-x
    title: the first unnamed value is x
    detection: { s: { EventID: 5, 'Data[1]': x }, condition: s }
";

    /// A payload with a layout; fields of it may be missing.
    struct Standing<'a>(&'a FieldNames, Vec<Option<Value>>, Vec<String>);

    impl<'a> Standing<'a> {
        fn new(layout: &'a FieldNames, values: Vec<Option<Value>>) -> Self {
            let told = values.iter().map(|value| format!("{value:?}")).collect();
            Self(layout, values, told)
        }

        fn present(&self) -> impl Iterator<Item = (&str, &Value)> {
            let fields = self.0.iter().zip(&self.1);
            fields.filter_map(|(name, value)| Some((&**name, value.as_ref()?)))
        }
    }

    impl Fields for Standing<'_> {
        fn name(&self, position: usize) -> Option<&str> {
            self.present().nth(position).map(|(name, _)| name)
        }

        fn value(&self, position: usize) -> Option<Cow<'_, Value>> {
            self.present().nth(position).map(|(_, value)| Cow::Borrowed(value))
        }

        fn layout(&self) -> Option<&FieldNames> {
            Some(self.0)
        }

        fn at(&self, place: usize) -> Option<Cow<'_, Value>> {
            self.1.get(place)?.as_ref().map(Cow::Borrowed)
        }

        fn raw(&self, place: usize) -> (u8, &[u8]) {
            (0, self.2.get(place).map_or(&[], |told| told.as_bytes()))
        }
    }

    /// Asks about all records that can be made of the layouts and few values, thrice.
    #[test]
    fn an_answer_that_is_known_is_the_one_that_would_be_found() {
        let rules = RuleSet::from_documents([("signals/some.yml", RULES)]).unwrap().signals;
        let layouts = [
            ["Code", "User", "Other", "Vain"],
            ["User", "Code", "Vain", "Other"],
            ["", "Code", "User", "Code"],
            ["param1", "User", "Other", ""],
        ]
        .map(|names| names.map(Arc::from).into_iter().collect::<FieldNames>());
        let values = [None, Some(Value::UInt32(7)), Some(Value::text("x")), Some(Value::text("7"))];
        let (mut answers, mut asked, mut named, mut found) = (Answers::default(), 0, 0, 0);
        let kind = rules.kind("Some/Operational", "Some-Provider", 5).unwrap();
        for round in 0..20 {
            for number in 0..layouts.len() * 4_usize.pow(4) * 2 {
                let (layout, rest) = (&layouts[number % 4], number / 4);
                let mut payload = [0, 1, 2, 3].map(|at| values[rest / 4_usize.pow(at) % 4].clone());
                if number % 4 == 1 {
                    // The user, whom no other record names.
                    payload[0] = Some(Value::text(format!("{round} {number}")));
                }
                let fields = Standing::new(layout, payload.into());
                let frame = Frame {
                    channel: "Some/Operational",
                    provider: "Some-Provider",
                    event_id: 5,
                    level: Some(if rest / 256 > 0 { 2 } else { 4 }),
                    record_id: (round * 10_000 + number) as u64,
                    ..Frame::default()
                };
                let record = Observed { frame, fields: &fields };
                let told = |found: Vec<Found<'_>>| format!("{found:?}");
                let fit = answers.fit(&rules, kind, record).unwrap();
                let answer = fit.map_or("[]".to_owned(), |fit| {
                    let who = answers.whose(&rules, fit, record, |who| {
                        named += 1;
                        who.address.is_some()
                    });
                    assert_eq!(who, Some(false));
                    let of = answers.of(&rules, fit, record, |found| {
                        asked += 1;
                        told(found)
                    });
                    of.unwrap()
                });
                assert_eq!(answer, told(rules.find(record)), "{:?} {:?}", fields.0, fields.1);
                found += usize::from(answer != "[]");
            }
        }
        // One layout has a user of its own in each record, so that it is given up to remember
        // its answers; records of the others repeat each other.
        assert!((2048..6000).contains(&asked) && found > 10_000, "{asked} asked, {found} found");
        assert!((2048..6000).contains(&named), "{named} named");
    }

    #[test]
    fn memory_is_bounded() {
        let rules = RuleSet::from_documents([("signals/some.yml", RULES)]).unwrap().signals;
        let mut answers = Answers::default();
        let kind = rules.kind("Some/Operational", "Some-Provider", 5).unwrap();
        let frame = Frame {
            channel: "Some/Operational",
            provider: "Some-Provider",
            event_id: 5,
            ..Frame::default()
        };
        for number in 0..3 * MOST {
            // A layout of its own for each, and a value of its own.
            let layout: FieldNames = ["Code", "User"].map(Arc::from).into_iter().collect();
            let code = if number % 3 > 0 {
                Value::UInt32(7)
            } else {
                Value::text("7".repeat(1 + number % (2 * LONGEST)))
            };
            let fields =
                Standing::new(&layout, vec![Some(code), Some(Value::UInt64(number as u64))]);
            let record = Observed { frame, fields: &fields };
            if let Some(fit) = answers.fit(&rules, kind, record).unwrap() {
                answers.whose(&rules, fit, record, |_| ());
                answers.of(&rules, fit, record, |found| found.len());
            }
            let Answers { known, held, whose, layouts, asked, .. } = &answers;
            assert!(known.len() <= MOST && layouts.len().max(asked.len()) <= MOST_LAYOUTS);
            if number % 512 == 0 {
                let keys = held.keys().chain(whose.keys()).chain(known.keys().map(|key| &**key));
                assert!(keys.map(<[u8]>::len).all(|length| length <= LONGEST));
            }
        }
    }
}

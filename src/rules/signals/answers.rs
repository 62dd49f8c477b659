//! Remembers what records gave, for the records after them that say the same.
//!
//! Rules look at few fields, and most records of a log repeat in these what others said: the
//! hundred thousandth sign-in of a service is found out by comparing some bytes. Knows nothing
//! about what an answer is. Records whose payload does not stand in its log as Windows wrote it
//! are not remembered.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::index::{Found, Kind, Places, SignalIndex};
use crate::model::{FieldNames, Observed};
use crate::rules::detection::FieldName;

/// Answers kept before all are forgotten.
const MOST: usize = 4096;
/// Bytes in the longest key worth keeping. With [`MOST`], this bounds the memory.
const LONGEST: usize = 512;
/// Layouts whose places are kept before all are forgotten.
const MOST_LAYOUTS: usize = 1024;
/// After so many records of a kind and layout it shows whether they repeat each other.
const TRIED: u32 = 256;

/// What records gave that were asked about before.
#[derive(Debug)]
pub struct Answers<T> {
    /// Where payloads of a layout have what rules ask, by the number of the kind and the
    /// address of the layout.
    layouts: HashMap<(usize, usize), Asked, RandomState>,
    /// The rules that fit, by the number of the layout and the values tested.
    fitting: HashMap<Box<[u8]>, Arc<[usize]>, RandomState>,
    /// By the number of the layout, the rules that fit, and the values that name somebody.
    known: HashMap<Box<[u8]>, T, RandomState>,
    /// The key of the record at hand.
    key: Vec<u8>,
    /// The number of the last layout.
    last: u32,
}

impl<T> Default for Answers<T> {
    fn default() -> Self {
        let (layouts, fitting, known) = Default::default();
        Self { layouts, fitting, known, key: Vec::new(), last: 0 }
    }
}

impl<T: Clone> Answers<T> {
    /// The answer for a record of the kind with that number: one that is known, else what
    /// `answer` makes of the signals that the record carries, in rule order.
    pub fn of<'r>(
        &mut self,
        rules: &'r SignalIndex,
        number: usize,
        record: Observed<'_>,
        answer: impl FnOnce(Vec<Found<'r>>) -> T,
    ) -> T {
        let Some(kind) = rules.numbered(number) else { return answer(Vec::new()) };
        let Self { layouts, fitting, known, key, last } = self;
        let Some(layout) = record.fields.layout() else { return answer(rules.find(record)) };
        let place = (number, Arc::as_ptr(layout).addr());
        if layouts.len() >= MOST_LAYOUTS && !layouts.contains_key(&place) {
            layouts.clear();
        }
        let asked = layouts.entry(place).or_insert_with(|| {
            *last = last.wrapping_add(1);
            Asked::of(kind, rules, layout, *last)
        });
        key.clear();
        key.extend(asked.number.to_le_bytes());
        let fits = || rules.fitting(kind, record, &asked.places).into();
        let fitting = asked.tested.recall(fitting, record, key, fits);
        let found = || answer(rules.found(kind, &fitting, record, &asked.places));
        if fitting.is_empty() {
            // Whoever is named there, nobody asks.
            return found();
        }
        key.clear();
        key.extend(asked.number.to_le_bytes());
        key.extend(fitting.len().to_le_bytes());
        key.extend(fitting.iter().flat_map(|number| number.to_le_bytes()));
        asked.bound.recall(known, record, key, found)
    }
}

/// What is asked of payloads of one layout.
#[derive(Debug)]
struct Asked {
    number: u32,
    /// Kept so that its address stays its own.
    _layout: FieldNames,
    /// On which it depends which rules fit.
    tested: Values,
    /// Who and what is named.
    bound: Values,
    /// Where both stand.
    places: Places,
}

impl Asked {
    fn of(kind: &Kind, rules: &SignalIndex, layout: &FieldNames, number: u32) -> Self {
        let tested = Values::of(kind.tested(rules), layout);
        let bound = Values::of(kind.bound(rules), layout);
        let places = kind.places(rules, layout);
        Self { number, _layout: Arc::clone(layout), tested, bound, places }
    }
}

/// The values on which an answer depends.
#[derive(Debug)]
struct Values {
    /// Places of fields in the layout, ascending.
    places: Vec<usize>,
    frame: Vec<FieldName>,
    /// Records that were asked about, and those of them whose answer was not known.
    records: u32,
    unknown: u32,
}

impl Values {
    fn of(fields: &[FieldName], layout: &FieldNames) -> Self {
        let (mut places, mut frame) = (BTreeSet::new(), Vec::new());
        for field in fields {
            match field.places(layout) {
                Some(own) => places.extend(own),
                None => frame.push(field.clone()),
            }
        }
        Self { places: places.into_iter().collect(), frame, records: 0, unknown: 0 }
    }

    /// The answer that is `known` by the key with these values of the record, which are added
    /// to it; else one that is found now.
    fn recall<T: Clone>(
        &mut self,
        known: &mut HashMap<Box<[u8]>, T, RandomState>,
        record: Observed<'_>,
        key: &mut Vec<u8>,
        find: impl FnOnce() -> T,
    ) -> T {
        if self.is_in_vain() || !self.write_key(record, key) {
            return find();
        }
        self.records = self.records.saturating_add(1);
        if let Some(known) = known.get(key.as_slice()) {
            return known.clone();
        }
        self.unknown = self.unknown.saturating_add(1);
        let found = find();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key.as_slice().into(), found.clone());
        found
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
            record.fields.stamp(*place, key);
            if key.len() > LONGEST {
                return false;
            }
        }
        true
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
    struct Standing<'a>(&'a FieldNames, Vec<Option<Value>>);

    impl Standing<'_> {
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

        fn stamp(&self, place: usize, stamp: &mut Vec<u8>) {
            stamp.extend(format!("{:?};", self.1.get(place)).bytes());
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
        let (mut answers, mut asked, mut found) = (Answers::default(), 0, 0);
        let kind = rules.kind("Some/Operational", "Some-Provider", 5).unwrap();
        for round in 0..3 {
            for number in 0..layouts.len() * 4_usize.pow(4) * 2 {
                let (layout, rest) = (&layouts[number % 4], number / 4);
                let payload = [0, 1, 2, 3].map(|at| values[rest / 4_usize.pow(at) % 4].clone());
                let fields = Standing(layout, payload.into());
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
                let answer = answers.of(&rules, kind, record, |found| {
                    asked += 1;
                    told(found)
                });
                assert_eq!(answer, told(rules.find(record)), "{:?} {:?}", fields.0, fields.1);
                found += usize::from(answer != "[]");
            }
        }
        // Two layouts have a field that is nothing to any rule, so that their records repeat each
        // other; the records of the other two differ, and it is given up to remember them.
        assert!((256..3400).contains(&asked) && found > 1000, "{asked} asked, {found} found");
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
            let code = Value::text("7".repeat(1 + number % (2 * LONGEST)));
            let fields = Standing(&layout, vec![Some(code), Some(Value::UInt64(number as u64))]);
            answers.of(&rules, kind, Observed { frame, fields: &fields }, |found| found.len());
            let Answers { known, fitting, layouts, .. } = &answers;
            assert!(known.len().max(fitting.len()) <= MOST && layouts.len() <= MOST_LAYOUTS);
            let mut keys = known.keys().chain(fitting.keys());
            assert!(number % 512 > 0 || keys.all(|key| key.len() <= LONGEST));
        }
    }
}

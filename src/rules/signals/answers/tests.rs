//! What is remembered is what would be found.

use std::borrow::Cow;

use super::values::LONGEST;
use super::*;
use crate::model::{Fields, Frame, RawType, Value};
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

/// None of these fits without a code that is asked for.
const RULES_WITH_A_CODE: &str = "\
logsource: { channel: Some/Operational, provider: Some-Provider }
signals:
  - id: seven-of-x
    title: seven of x
    detection: { s: { EventID: 5, Code: 7, User: x }, condition: s }
    binds: { user: User }
  - id: x-of-others
    title: x of others
    detection: { s: { EventID: 5, Code: x }, own: { EventID: 5, User: x }, condition: s and not own }
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

    fn raw(&self, place: usize) -> (RawType, &[u8]) {
        (RawType::of(0), self.2.get(place).map_or(&[], |told| told.as_bytes()))
    }
}

/// Asks about all records that can be made of the layouts and few values, and gives how many were
/// made signals of, how many carried some, and how many of these named a user.
fn ask_all(rules: &str, rounds: usize) -> [usize; 3] {
    let rules = RuleSet::from_documents([("signals/some.yml", rules)]).unwrap().signals;
    let layouts = [
        ["Code", "User", "Other", "Vain"],
        ["User", "Code", "Vain", "Other"],
        ["", "Code", "User", "Code"],
        ["param1", "User", "Other", ""],
    ]
    .map(|names| names.map(Arc::from).into_iter().collect::<FieldNames>());
    let values = [None, Some(Value::UInt32(7)), Some(Value::text("x")), Some(Value::text("7"))];
    let (mut answers, mut asked, mut users, mut found) = (Answers::default(), 0, 0, 0);
    let kind = rules.kind("Some/Operational", "Some-Provider", 5).unwrap();
    for round in 0..rounds {
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
            let record = Observed { frame: &frame, fields: &fields };
            let told = |found: Vec<Found<'_>>| format!("{found:?}");
            let gist = answers.gist(&rules, kind, record, Who::clone).unwrap();
            let fit = answers.fit(&rules, kind, record).unwrap();
            assert_eq!(gist.is_some(), fit.is_some());
            let answer = fit.map_or("[]".to_owned(), |fit| {
                let own = rules.find(record);
                let Gist { party: who, said, .. } = gist.unwrap();
                assert_eq!(
                    said,
                    super::super::said(own.iter().map(|found| found.rule.id.as_str()))
                );
                let user = own.iter().find_map(|found| found.entities.user.clone());
                users += usize::from(user.is_some());
                assert_eq!(who, Who { user, ..Who::default() });
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
    [asked, found, users]
}

#[test]
fn an_answer_that_is_known_is_the_one_that_would_be_found() {
    // One layout has a user of its own in each record, so that it is given up to remember
    // its answers; records of the others repeat each other.
    let [asked, found, users] = ask_all(RULES, 20);
    assert!((2048..6000).contains(&asked) && found > 10_000, "{asked} asked, {found} found");
    assert!(users > 2048, "{users} users");
}

#[test]
fn what_is_not_asked_any_more_changes_nothing() {
    let [_, found, users] = ask_all(RULES_WITH_A_CODE, 2);
    assert!(found > 500 && users > 50, "{found} found, {users} users");
}

/// Both fields decide, and the port is asked about first as long as nothing else is known.
const RULES_WITH_A_PORT: &str = "\
logsource: { channel: Some/Operational, provider: Some-Provider }
signals:
  - id: no-port
    title: no port
    detection: { s: { EventID: 5, Port: '-', User: x }, condition: s }
";

#[test]
fn what_hardly_two_records_share_is_asked_about_last() {
    let rules = RuleSet::from_documents([("signals/some.yml", RULES_WITH_A_PORT)]).unwrap().signals;
    let mut answers = Answers::<usize, Who>::default();
    let kind = rules.kind("Some/Operational", "Some-Provider", 5).unwrap();
    let frame = Frame { event_id: 5, ..Frame::default() };
    let layout: FieldNames = ["Port", "User"].map(Arc::from).into_iter().collect();
    let mut fits = |port: String, user: &str| {
        let values = [port, user.to_owned()].map(|value| Some(Value::text(value)));
        let fields = Standing::new(&layout, values.into());
        let record = Observed { frame: &frame, fields: &fields };
        answers.fit(&rules, kind, record).unwrap().is_some()
    };
    assert!(!(0..1000).any(|port| fits(port.to_string(), "y")));
    assert!(fits("-".to_owned(), "x") && !fits("1000".to_owned(), "x"));
    // Of most records the user was asked about, and the port no more.
    let remembered = answers.held.keys().count();
    assert!((100..200).contains(&remembered), "{remembered}");
}

/// A field that says nothing, of a type that no value has, and none.
struct OfOddType<'a>(&'a FieldNames, Option<Value>);

impl Fields for OfOddType<'_> {
    fn name(&self, position: usize) -> Option<&str> {
        self.0.get(position).filter(|_| self.1.is_some()).map(|name| &**name)
    }

    fn value(&self, position: usize) -> Option<Cow<'_, Value>> {
        self.at(position)
    }

    fn layout(&self) -> Option<&FieldNames> {
        Some(self.0)
    }

    fn at(&self, place: usize) -> Option<Cow<'_, Value>> {
        self.1.as_ref().filter(|_| place == 0).map(Cow::Borrowed)
    }

    fn raw(&self, _: usize) -> (RawType, &[u8]) {
        (if self.1.is_some() { RawType::of(u8::MAX) } else { RawType::LACKING }, &[])
    }
}

#[test]
fn a_type_that_a_log_states_stands_for_no_lack() {
    let rules = RULES_WITH_A_PORT.replace("Port: '-', User: x", "Port: ''");
    let rules = RuleSet::from_documents([("signals/some.yml", &*rules)]).unwrap().signals;
    let kind = rules.kind("Some/Operational", "Some-Provider", 5).unwrap();
    let (channel, provider) = ("Some/Operational", "Some-Provider");
    let frame = Frame { channel, provider, event_id: 5, ..Frame::default() };
    let layout: FieldNames = ["Port"].map(Arc::from).into_iter().collect();
    let mut answers = Answers::<usize, Who>::default();
    for round in 0..4 {
        let fields = OfOddType(&layout, (round % 2 > 0).then(|| Value::text("")));
        let record = Observed { frame: &frame, fields: &fields };
        let fits = answers.fit(&rules, kind, record).unwrap().is_some();
        let comes_to_something = answers.gist(&rules, kind, record, Who::clone).unwrap().is_some();
        let found = !rules.find(record).is_empty();
        assert_eq!((fits, comes_to_something, found), (found, found, round % 2 > 0));
    }
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
        let fields = Standing::new(&layout, vec![Some(code), Some(Value::UInt64(number as u64))]);
        let record = Observed { frame: &frame, fields: &fields };
        answers.gist(&rules, kind, record, Who::clone).unwrap();
        if let Some(fit) = answers.fit(&rules, kind, record).unwrap() {
            answers.of(&rules, fit, record, |found| found.len());
        }
        let Answers { known, held, whose, gists, layouts, asked, .. } = &answers;
        assert!(known.len() <= MOST && layouts.len().max(asked.len()) <= MOST_LAYOUTS);
        if number % 512 == 0 {
            let keys = held
                .keys()
                .chain(whose.keys())
                .chain(gists.keys())
                .chain(known.keys().map(|key| &**key));
            assert!(keys.map(<[u8]>::len).all(|length| length <= LONGEST));
        }
    }
}

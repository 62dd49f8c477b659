//! What is kept of floods.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::model::{
    Effect, Entities, Field, Guid, PackedEvent, Payload, Span, Stage, Time, Value, channel,
};
use crate::read::List as _;
use crate::select::{Match, Taken};

const OPENS: Effect = Effect {
    opens: true,
    witnesses: false,
    ends: false,
    proves: Some(Stage::Reach),
    fails: None,
    session: None,
};
const ENDS: Effect = Effect { opens: false, ends: true, proves: None, ..OPENS };
const REFUSES: Effect = Effect { ends: false, fails: Some(Stage::Nla), ..ENDS };

/// One record: seconds, event ID, connection, client, user.
fn record(
    seconds: i64,
    event_id: u32,
    connection: Option<u32>,
    client: Option<&str>,
    user: Option<&str>,
    effect: Effect,
) -> Selected {
    let activity_id = connection.map(|number| {
        let mut bytes = [7; 16];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        Guid(bytes)
    });
    let channel: Arc<str> = match event_id {
        261 => channel::REMOTE_CONNECTION_MANAGER,
        4625 => channel::SECURITY,
        _ => channel::RDP_CORE_TS,
    }
    .into();
    let time = Time(0) + Span::seconds(seconds);
    let event = PackedEvent {
        machine: "SRV".into(),
        channel,
        event_id,
        time,
        activity_id,
        ..PackedEvent::default()
    };
    let entities = Entities {
        client_address: client.and_then(|client| client.parse().ok()),
        user: user.map(Arc::from),
        ..Entities::default()
    };
    let id = format!("s{event_id}").as_str().into();
    Selected::new(event, vec![Match { id, effect, entities: entities.into() }])
}

/// A refused connection: accepted, announced, refused, closed.
fn attempt(seconds: i64, number: u32, client: &str, user: &str) -> [Selected; 4] {
    let activity = Some(number);
    [
        record(seconds, 131, activity, Some(client), None, OPENS),
        record(seconds, 261, activity, None, None, OPENS),
        record(seconds, 4625, None, None, Some(user), REFUSES),
        record(seconds, 103, activity, None, None, ENDS),
    ]
}

fn batch(taken: Taken<'_>) -> Batch<TakenList<'_>> {
    let mut batch = Batch::<TakenList<'_>>::default();
    batch.kept.push(taken);
    batch
}

fn check(records: Vec<Selected>, most: usize) -> Condensed {
    check_within(records, Bounds { records: most, bytes: usize::MAX })
}

fn check_within(records: impl IntoIterator<Item = Selected>, most: Bounds) -> Condensed {
    let enough = Enough::default();
    let mut condenser = Condenser::within(most, &enough);
    for record in records {
        condenser.take(&mut batch(Taken::Kept(record)));
    }
    condenser.finish()
}

#[test]
fn little_is_kept_whole() {
    let records: Vec<Selected> = (0..200)
        .flat_map(|number| attempt(number.into(), number, "203.0.113.9", "admin"))
        .collect();
    let condensed = check(records, 1000);
    assert_eq!((condensed.kept.len(), condensed.floods.len()), (800, 0));
}

#[test]
fn of_a_flood_the_first_stay_whole_and_the_rest_is_counted() {
    let flood = (0..20_000).flat_map(|number| attempt(1, number, "203.0.113.9", "admin"));
    let genuine = attempt(2, 1_000_000, "10.0.0.5", "joe");
    let condensed = check(flood.chain(genuine).collect(), 8000);
    assert!(condensed.kept.len() <= 8000, "{}", condensed.kept.len());
    let kept = |event_id: u32| {
        condensed.kept.iter().filter(move |kept| kept.event.event_id == event_id).count() as u64
    };
    let counted: u64 = condensed.floods.iter().map(|flood| flood.attempts).sum();
    assert_eq!(kept(131) + counted, 20_001);
    // Each connection that is kept has its end, and none is there without its beginning.
    assert_eq!(kept(131), kept(103));
    assert!(kept(261) <= kept(131));
    let all: u64 = condensed.floods.iter().map(|flood| flood.records).sum();
    assert_eq!(condensed.kept.len() as u64 + all, 80_004);
    let is_genuine = |kept: &&Selected| kept.event.time == Time(0) + Span::seconds(2);
    assert!(condensed.kept.iter().filter(is_genuine).count() >= 3);
}

#[test]
fn a_guess_that_succeeds_stays() {
    let flood = (0..20_000).flat_map(|number| attempt(1, number, "203.0.113.9", "admin"));
    let success = Effect { opens: true, proves: Some(Stage::Nla), ..OPENS };
    let entered = record(1, 1149, Some(19_999), Some("203.0.113.9"), Some("admin"), success);
    let condensed = check(flood.chain([entered]).collect(), 8000);
    assert!(condensed.kept.iter().any(|kept| kept.event.event_id == 1149));
}

#[test]
fn names_out_of_a_dictionary_are_a_flood_too() {
    let flood = (0..20_000)
        .flat_map(|number| attempt(1, number, "203.0.113.9", format!("user{number}").as_str()));
    let condensed = check(flood.collect(), 8000);
    assert!(condensed.kept.len() <= 8000, "{}", condensed.kept.len());
}

/// What comes after a copy of what opened a connection: a reader may know that there is enough of
/// that, which it does not know to be a copy, or may not know it yet.
#[test]
fn after_a_copy_it_does_not_matter_what_a_reader_knew() {
    let outcome = |take: fn(Selected) -> Taken<'static>| {
        let enough = Enough::default();
        let bounds = Bounds { records: 8000, bytes: usize::MAX };
        let mut condenser = Condenser::within(bounds, &enough);
        let flood = (0..10_000).flat_map(|number| attempt(1, number, "203.0.113.9", "admin"));
        let mut numbers = 1..;
        let mut feed = |mut selected: Selected, number, take: fn(Selected) -> Taken<'static>| {
            selected.event.record_id = number;
            condenser.take(&mut batch(take(selected)));
        };
        for record in flood {
            feed(record, numbers.next().unwrap(), Taken::Kept);
        }
        let opening = || record(1, 131, Some(0), Some("203.0.113.9"), None, OPENS);
        assert!(enough.has(&opening().mark, opening().event.time));
        feed(opening(), 1, take);
        feed(record(1, 103, Some(0), None, None, ENDS), numbers.next().unwrap(), take);
        let Condensed { kept, floods, .. } = condenser.finish();
        let kept: Vec<u64> = kept.iter().map(|kept| kept.event.record_id).collect();
        assert!(kept.contains(&1));
        (kept, floods)
    };
    let unaware = outcome(Taken::Kept);
    let aware = outcome(|selected| Taken::Counted(Counted::of(&selected)));
    assert!(unaware == aware, "{:?} {:?}", unaware.0.last(), aware.0.last());
}

#[test]
fn a_copy_is_no_second_flood() {
    let numbered = |records: Vec<Selected>| -> Vec<Selected> {
        (1..)
            .zip(records)
            .map(|(number, mut selected)| {
                selected.event.record_id = number;
                selected
            })
            .collect()
    };
    let flood = |count: u32| {
        let attempts = (0..count).flat_map(|number| attempt(1, number, "203.0.113.9", "admin"));
        numbered(attempts.collect())
    };
    let outcome = |condensed: Condensed| {
        let kept = condensed.kept.iter().map(|kept| kept.event.record_id).collect::<Vec<_>>();
        (kept, condensed.floods)
    };
    let twice = |count: u32| flood(count).into_iter().chain(flood(count)).collect();
    assert_eq!(outcome(check(twice(20_000), 8000)), outcome(check(flood(20_000), 8000)));
    // What fits without its copy is not condensed.
    let (kept, floods) = outcome(check(twice(1500), 8000));
    assert_eq!((kept.len(), floods.len()), (6000, 0));
}

const DAY: i64 = 86_400;

/// A year in which ten clients fail every three hours, each with a user of its own.
fn year() -> impl Iterator<Item = Selected> {
    (0..365 * 8).flat_map(|quarter| {
        (0..10).flat_map(move |client| {
            let number = u32::try_from(quarter * 10 + client).unwrap();
            let (client, user) = (format!("10.0.0.{client}"), format!("user{client}"));
            attempt(quarter * 10_800 + i64::from(number % 3600), number, &client, &user)
        })
    })
}

#[test]
fn each_day_of_a_year_keeps_something() {
    let condensed = check(year().collect(), 6000);
    let kept = condensed.kept.len();
    assert!((3000..=6000).contains(&kept), "{kept}");
    for event_id in [131, 4625, 103] {
        let own = condensed.kept.iter().filter(|kept| kept.event.event_id == event_id);
        let days: BTreeSet<i64> =
            own.map(|kept| kept.event.time.since(Time(0)).0 / Span::seconds(DAY).0).collect();
        assert_eq!(days.len(), 365, "{event_id}");
    }
    let counted: u64 = condensed.floods.iter().map(|flood| flood.records).sum();
    assert_eq!(kept as u64 + counted, 365 * 8 * 40);
    assert_eq!(condensed.closed, None);
}

#[test]
fn a_fault_that_begins_late_stays() {
    // In the last week the same event says something else.
    let locked = (358..365).flat_map(|day| {
        (0..20).map(move |number| {
            let mut selected =
                record(day * DAY + number * 600, 4625, None, None, Some("user3"), REFUSES);
            let signals = vec![Match { id: "locked".into(), ..selected.signals[0].clone() }];
            selected = Selected::new(*selected.event, signals);
            selected
        })
    });
    let mut all: Vec<Selected> = year().chain(locked).collect();
    all.sort_by_key(|selected| selected.event.time);
    let condensed = check(all, 6000);
    let is_locked = |kept: &&Selected| kept.signals[0].id.as_str() == "locked";
    let days: BTreeSet<i64> = condensed
        .kept
        .iter()
        .filter(is_locked)
        .map(|kept| kept.event.time.since(Time(0)).0 / Span::seconds(DAY).0)
        .collect();
    assert_eq!(days, (358..365).collect());
}

/// Failures with a payload of so many bytes.
fn large(seconds: i64, bytes: usize, user: &str) -> Selected {
    let mut selected = record(seconds, 4625, None, None, Some(user), REFUSES);
    let value = Value::text("x".repeat(bytes).as_str());
    selected.event.data = Payload::from([Field { name: "x".into(), value }].as_slice());
    selected
}

#[test]
fn large_records_give_way_before_small_ones() {
    let bounds = Bounds { records: 8000, bytes: 8 << 20 };
    let small = |number: u32| attempt(number.into(), number, "10.0.0.5", "joe");
    // Nobody's name comes again, but each record is of 25 KB.
    let huge = |number: u32| large(number.into(), 25_000, "eve");
    let mixed = (0..1000).flat_map(|number| small(number).into_iter().chain([huge(number)]));
    let condensed = check_within(mixed, bounds);
    let (mut bytes, mut smalls) = (0, 0);
    for kept in &condensed.kept {
        bytes += kept.event.bytes();
        smalls += usize::from(kept.event.data.size() < 25_000);
    }
    assert!(bytes < bounds.bytes, "{bytes}");
    assert_eq!(smalls, 4000);
    // The first of their kind stay.
    assert!(condensed.kept.len() > smalls);
}

#[test]
fn where_nothing_can_give_way_nothing_more_is_kept() {
    // Each machine has one record of each kind.
    let machines = (0..6000_u32).map(|number| {
        let machine = format!("SRV{number}");
        let mut event = record(number.into(), 4625, None, None, Some("joe"), REFUSES).event;
        event.machine = machine.as_str().into();
        let id = "s4625".into();
        Selected::new(*event, vec![Match { id, effect: REFUSES, entities: Arc::default() }])
    });
    let condensed = check(machines.collect(), 2000);
    let kept = condensed.kept.len();
    assert!((1000..=2001).contains(&kept), "{kept}");
    let closed = condensed.closed.unwrap();
    let counted: u64 = condensed.floods.iter().map(|flood| flood.records).sum();
    assert_eq!(kept as u64 + counted, 6000);
    assert!(closed.records > 3000 && closed.records <= counted, "{closed:?}");
}

#[test]
fn a_connection_without_end_is_no_way_around() {
    let client = Some("203.0.113.9");
    let opener = record(1, 131, Some(1), client, None, OPENS);
    let rest = (0..20_000).map(|number| record(number, 103, Some(1), None, None, ENDS));
    let condensed = check([opener].into_iter().chain(rest).collect(), 1000);
    assert!(condensed.kept.len() <= 1000, "{}", condensed.kept.len());
}

//! Counts: so many signals, or so many values of an entity, within a window.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::member::Member;
use crate::infer::entity::Named;
use crate::rules::Correlation;
use crate::rules::schema::CorrelationType;

/// The bursts of a group, whose members come in time order.
pub(super) fn bursts<'a, 'b>(
    correlation: &Correlation,
    members: &'b [Member<'a>],
) -> Vec<Vec<&'b Member<'a>>> {
    if *correlation.count.end() == usize::MAX {
        sliding(correlation, members)
    } else {
        in_turn(correlation, members)
    }
}

/// Windows that reach the count; those that overlap are one burst.
fn sliding<'a, 'b>(
    correlation: &Correlation,
    members: &'b [Member<'a>],
) -> Vec<Vec<&'b Member<'a>>> {
    let mut bursts: Vec<Vec<&Member<'_>>> = Vec::new();
    let mut window = Window::new(correlation);
    let mut burst: Vec<&Member<'_>> = Vec::new();
    for member in members {
        window.push(member);
        if !window.reached() {
            if !burst.is_empty() && !window.holds(burst.last().copied()) {
                bursts.push(std::mem::take(&mut burst));
            }
            continue;
        }
        if burst.is_empty() {
            burst.extend(window.members.iter().copied());
        } else {
            burst.push(member);
        }
    }
    if !burst.is_empty() {
        bursts.push(burst);
    }
    bursts
}

/// Where the count has an upper bound, windows do not overlap: each begins with the first
/// signal after the one before, so that no part of a crowd passes for a few.
fn in_turn<'a, 'b>(
    correlation: &Correlation,
    members: &'b [Member<'a>],
) -> Vec<Vec<&'b Member<'a>>> {
    let mut bursts = Vec::new();
    let mut rest = members;
    while let Some(first) = rest.first() {
        let length = rest
            .partition_point(|member| member.time.since(first.time) <= correlation.timespan)
            .max(1);
        let (window, later) = rest.split_at(length);
        let mut counted = Window::new(correlation);
        window.iter().for_each(|member| counted.push(member));
        if counted.reached() {
            bursts.push(window.iter().collect());
        }
        rest = later;
    }
    bursts
}

/// The members within the timespan before the latest one.
struct Window<'c, 'a, 'b> {
    correlation: &'c Correlation,
    members: VecDeque<&'b Member<'a>>,
    /// How often each value of the counted entity stands in the window.
    values: HashMap<Named<'a>, usize, RandomState>,
}

impl<'c, 'a, 'b> Window<'c, 'a, 'b> {
    fn new(correlation: &'c Correlation) -> Self {
        Self { correlation, members: VecDeque::new(), values: HashMap::default() }
    }

    fn push(&mut self, member: &'b Member<'a>) {
        while let Some(oldest) = self.members.front()
            && member.time.since(oldest.time) > self.correlation.timespan
        {
            if let Some(value) = self.value(oldest)
                && let Some(count) = self.values.get_mut(&value)
            {
                *count -= 1;
                if *count == 0 {
                    self.values.remove(&value);
                }
            }
            self.members.pop_front();
        }
        if let Some(value) = self.value(member) {
            *self.values.entry(value).or_default() += 1;
        }
        self.members.push_back(member);
    }

    fn reached(&self) -> bool {
        let count = match self.correlation.kind {
            CorrelationType::ValueCount => self.values.len(),
            _ => self.members.len(),
        };
        self.correlation.count.contains(&count)
    }

    fn holds(&self, member: Option<&Member<'_>>) -> bool {
        match (self.members.front(), member) {
            (Some(oldest), Some(member)) => oldest.time <= member.time,
            _ => false,
        }
    }

    fn value(&self, member: &Member<'a>) -> Option<Named<'a>> {
        self.correlation.field.and_then(|field| member.value(field))
    }
}

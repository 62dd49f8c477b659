//! Finds the attempts that were going on when a record was written.
//!
//! Knows that signals come in time order, so that an attempt is met when it begins and forgotten
//! when it is over: what a record costs depends on how much went on, not on how much there is.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::draft::Draft;
use crate::model::{Signal, Span, Time};

/// The drafts of each machine, on the way from what is to come to what is over.
pub(super) struct Going {
    by_machine: HashMap<Arc<str>, Machine, RandomState>,
}

/// How long before its first record an attempt counts as begun, and after its last as going on;
/// longer where no record tells its end.
#[derive(Clone, Copy)]
pub(super) struct Margins {
    pub before: Span,
    pub after: Span,
    pub open: Span,
}

#[derive(Default)]
struct Machine {
    /// From when, until when and which; the next one stands last.
    coming: Vec<(Time, Time, usize)>,
    /// Until when, and which.
    going: Vec<(Time, usize)>,
}

impl Going {
    pub(super) fn of(drafts: &[Draft], Margins { before, after, open }: Margins) -> Self {
        let mut by_machine: HashMap<Arc<str>, Machine, RandomState> = HashMap::default();
        for (number, draft) in drafts.iter().enumerate() {
            let after = if draft.ended { after } else { open };
            let stretch = (draft.started - before, draft.last + after, number);
            match by_machine.get_mut(&draft.machine) {
                Some(machine) => machine.coming.push(stretch),
                None => {
                    let machine = Machine { coming: vec![stretch], going: Vec::new() };
                    by_machine.insert(draft.machine.clone(), machine);
                }
            }
        }
        by_machine.values_mut().for_each(|machine| {
            machine.coming.sort_unstable_by_key(|stretch| Reverse(*stretch));
        });
        Self { by_machine }
    }

    /// The drafts on a signal's machine that it may belong to by its time. Signals must come in
    /// time order: what is over once is not found again.
    pub(super) fn around(&mut self, signal: &Signal) -> impl Iterator<Item = usize> {
        let machine = self.by_machine.get_mut(&signal.machine);
        let going = machine.map(|machine| machine.at(signal.time)).unwrap_or_default();
        going.iter().map(|(_, number)| *number)
    }
}

impl Machine {
    fn at(&mut self, time: Time) -> &[(Time, usize)] {
        while let Some((_, until, number)) = self.coming.pop_if(|(from, ..)| *from <= time) {
            self.going.push((until, number));
        }
        self.going.retain(|(until, _)| time <= *until);
        &self.going
    }
}

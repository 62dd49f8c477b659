//! What is taken of the records of a span, in their order.

use std::mem;

use super::{Counted, Pending, Selected, Taken};
use crate::read::List;

/// What was taken of a span. What is taken whole, laid aside and counted only stands in a list of
/// its own each, so that none takes the room of the largest: of a flood nearly all is counted.
#[derive(Debug, Default)]
pub struct TakenList<'a> {
    kept: Vec<Selected>,
    pending: Vec<Pending<'a>>,
    counted: Vec<Counted>,
    /// From which of these the next ones are, and how many.
    order: Vec<(What, usize)>,
}

/// How records are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Kept,
    Pending,
    Counted,
}

/// The next ones of a list.
#[derive(Debug)]
pub enum Next<'l, 'a> {
    /// An event with its signals.
    Kept(Selected),
    /// A record that was laid aside.
    Pending(&'l Pending<'a>),
    /// Records that are counted only.
    Counted(&'l [Counted]),
}

impl<'a> TakenList<'a> {
    /// Takes everything out, in its order.
    pub fn drain(&mut self, mut each: impl FnMut(Next<'_, 'a>)) {
        let Self { kept, pending, counted, order } = self;
        let (mut all_kept, mut all_pending) = (kept.drain(..), pending.iter());
        let mut all_counted = counted.as_slice();
        for (what, many) in order.drain(..) {
            match what {
                What::Kept => all_kept.by_ref().take(many).map(Next::Kept).for_each(&mut each),
                What::Pending => {
                    all_pending.by_ref().take(many).map(Next::Pending).for_each(&mut each);
                }
                What::Counted => {
                    let (next, rest) = all_counted.split_at_checked(many).unwrap_or_default();
                    all_counted = rest;
                    each(Next::Counted(next));
                }
            }
        }
        drop(all_kept);
        pending.clear();
        counted.clear();
    }

    /// Takes out what is chosen of what is kept whole.
    pub fn extract_if(&mut self, mut is_chosen: impl FnMut(&Selected) -> bool) -> Vec<Selected> {
        let mut all = mem::take(&mut self.kept).into_iter();
        let mut chosen = Vec::new();
        for (_, many) in self.order.iter_mut().filter(|(what, _)| *what == What::Kept) {
            let next = all.by_ref().take(*many);
            let (own, others): (Vec<_>, Vec<_>) = next.partition(&mut is_chosen);
            *many = others.len();
            chosen.extend(own);
            self.kept.extend(others);
        }
        chosen
    }

    /// The records that are counted only.
    pub fn counted(&self) -> &[Counted] {
        &self.counted
    }
}

impl<'a> List for TakenList<'a> {
    type Item = Taken<'a>;

    #[inline]
    fn push(&mut self, taken: Taken<'a>) {
        let what = match taken {
            Taken::Kept(selected) => {
                self.kept.push(selected);
                What::Kept
            }
            Taken::Pending(pending) => {
                self.pending.push(pending);
                What::Pending
            }
            Taken::Counted(counted) => {
                self.counted.push(counted);
                What::Counted
            }
        };
        match self.order.last_mut() {
            Some((last, many)) if *last == what => *many += 1,
            _ => self.order.push((what, 1)),
        }
    }

    fn len(&self) -> usize {
        self.kept.len() + self.pending.len() + self.counted.len()
    }

    fn truncate(&mut self, len: usize) {
        let mut excess = self.len().saturating_sub(len);
        while let Some((what, many)) = self.order.last_mut().filter(|_| excess > 0) {
            let less = excess.min(*many);
            match what {
                What::Kept => self.kept.truncate(self.kept.len() - less),
                What::Pending => self.pending.truncate(self.pending.len() - less),
                What::Counted => self.counted.truncate(self.counted.len() - less),
            }
            excess -= less;
            *many -= less;
            self.order.pop_if(|(_, many)| *many == 0);
        }
    }

    fn take_over(&mut self, other: &mut Self) {
        self.kept.append(&mut other.kept);
        self.pending.append(&mut other.pending);
        self.counted.append(&mut other.counted);
        self.order.append(&mut other.order);
    }

    fn capacity(&self) -> usize {
        let Self { kept, pending, counted, order } = self;
        kept.capacity() * size_of::<Selected>()
            + pending.capacity() * size_of::<Pending<'_>>()
            + counted.capacity() * size_of::<Counted>()
            + order.capacity() * size_of::<(What, usize)>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mark;
    use super::*;
    use crate::model::{PackedEvent, Time};

    /// Of five records that follow each other three are counted only, the others kept.
    fn taken(number: u64) -> Taken<'static> {
        if number % 5 < 3 {
            Taken::Counted(counted(number))
        } else {
            let event = PackedEvent { record_id: number, ..PackedEvent::default() };
            Taken::Kept(Selected::new(event, Vec::new()))
        }
    }

    fn counted(record_id: u64) -> Counted {
        let (machine, channel, kind, client, user) = (1, 2, 3, 4, 5);
        Counted {
            mark: Mark { machine, channel, kind, client, user, hour: 0, is_named: true },
            event_id: 131,
            time: Time(0),
            record_id,
            activity_id: None,
            address: None,
            opens: true,
            is_progress: false,
        }
    }

    fn list(numbers: impl IntoIterator<Item = u64>) -> TakenList<'static> {
        let mut list = TakenList::default();
        numbers.into_iter().for_each(|number| list.push(taken(number)));
        list
    }

    /// The numbers of all records, in order.
    fn numbers(list: &mut TakenList<'_>) -> Vec<u64> {
        let mut numbers = Vec::new();
        list.drain(|next| match next {
            Next::Kept(selected) => numbers.push(selected.event.record_id),
            Next::Pending(pending) => panic!("{pending:?}"),
            Next::Counted(counted) => numbers.extend(counted.iter().map(|one| one.record_id)),
        });
        assert!(list.is_empty());
        numbers
    }

    #[test]
    fn records_keep_their_order() {
        let mut list = list(0..23);
        assert_eq!((list.len(), list.counted().len()), (23, 15));
        assert_eq!(numbers(&mut list), (0..23).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_ones_stay() {
        for len in 0..25 {
            let mut list = list(0..23);
            list.truncate(len);
            (100..105).for_each(|number| list.push(taken(number)));
            let first = 0..23.min(len as u64);
            assert_eq!(numbers(&mut list), first.chain(100..105).collect::<Vec<_>>(), "{len}");
        }
    }

    #[test]
    fn all_of_a_list_goes_to_another() {
        let (mut full, mut empty) = (list(0..23), TakenList::default());
        empty.take_over(&mut full);
        assert!(full.is_empty() && full.capacity() >= 15 * size_of::<Counted>());
        assert_eq!(numbers(&mut empty), (0..23).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_chosen_leaves_the_others_in_their_places() {
        let mut list = list(0..23);
        let is_chosen = |selected: &Selected| selected.event.record_id.is_multiple_of(2);
        assert_eq!(list.extract_if(is_chosen).len(), 4);
        let left = (0..23).filter(|number| number % 5 < 3 || number % 2 == 1);
        assert_eq!(numbers(&mut list), left.collect::<Vec<_>>());
    }
}

//! Which question to ask next, by the answers so far: a tree that grows with the records that come.

use super::super::SignalIndex;
use super::super::kind::Kind;
use crate::rules::detection::Held;

/// Nodes kept before all are forgotten.
const MOST: usize = 512;

/// Ways through the questions about records of one kind.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

/// What is known at some point.
#[derive(Debug)]
struct Node {
    /// The questions that were asked, and those that were answered with yes, a bit for each.
    asked: Held,
    held: Held,
    next: Next,
}

/// What comes next.
#[derive(Debug)]
enum Next {
    /// A topic, and the nodes to go to by its answers.
    Ask(usize, Vec<(Held, usize)>),
    /// Nothing: what fits has that number.
    Done(usize),
}

impl Tree {
    /// Whether there is no room to grow.
    pub(super) fn is_full(&self) -> bool {
        self.nodes.len() >= MOST
    }

    /// What the answers lead to. `answer` gives the bits of a topic and of the questions about it
    /// that the record answers with yes; `enter` gives a number to answers that were not met. Topics
    /// with a bit of `later` are asked about after all others.
    pub(super) fn walk(
        &mut self,
        (kind, rules): (&Kind, &SignalIndex),
        later: Held,
        mut answer: impl FnMut(usize) -> (Held, Held),
        enter: impl FnOnce(Held) -> usize,
    ) -> usize {
        let (mut asked, mut held, mut from) = (0, 0, None);
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let (topic, branches) = match &node.next {
                Next::Done(fit) => return *fit,
                Next::Ask(topic, branches) => (*topic, branches),
            };
            let (bits, own) = answer(topic);
            let known = branches.iter().find(|(answers, _)| *answers == own);
            (asked, held, from) = (node.asked | bits, node.held | own, Some((at, own)));
            at = known.map_or(self.nodes.len(), |(_, next)| *next);
        }
        // From here on nobody went this way before.
        loop {
            let place = self.nodes.len();
            if let Some(Node { next: Next::Ask(_, branches), .. }) =
                from.and_then(|(from, _)| self.nodes.get_mut(from))
            {
                branches.extend(from.map(|(_, own)| (own, place)));
            }
            let Some(topic) = kind.next(rules, (asked, held), later) else {
                let fit = enter(held);
                self.nodes.push(Node { asked, held, next: Next::Done(fit) });
                return fit;
            };
            self.nodes.push(Node { asked, held, next: Next::Ask(topic, Vec::new()) });
            let (bits, own) = answer(topic);
            (asked, held, from) = (asked | bits, held | own, Some((place, own)));
        }
    }
}

//! Which question to ask next, by the answers so far: a tree that grows with the records that come.
//! Topics of which hardly two records say the same are asked about last.

use super::super::SignalIndex;
use super::super::kind::Kind;
use crate::rules::detection::Held;

/// Nodes kept before all are forgotten.
const MOST: usize = 512;

/// Ways through the questions about records of one kind.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// The topics that are asked about after all others, a bit for each.
    later: Held,
    /// Those of which it showed since that they should be.
    varied: Held,
}

/// What a record answers about a topic.
pub(super) struct Answer {
    /// The bits of the questions about the topic.
    pub(super) bits: Held,
    /// Those that the record answers with yes.
    pub(super) held: Held,
    /// Whether hardly two records say the same of the topic.
    pub(super) is_varied: bool,
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
    /// Whether it should grow anew: there is no room, or another order is better.
    pub(super) fn is_over(&self) -> bool {
        self.nodes.len() >= MOST || self.varied != self.later
    }

    /// Forgets all ways, to grow by what it learned.
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.later = self.varied;
    }

    /// What the answers lead to. `answer` tells what the record answers about a topic; `enter` gives
    /// a number to answers that were not met.
    pub(super) fn walk(
        &mut self,
        kind: &Kind,
        rules: &SignalIndex,
        mut answer: impl FnMut(usize) -> Answer,
        enter: impl FnOnce(Held) -> usize,
    ) -> usize {
        let Self { nodes, later, varied } = self;
        let mut answer = |topic: usize| {
            let Answer { bits, held, is_varied } = answer(topic);
            *varied |= Held::from(is_varied) << topic;
            (bits, held)
        };
        let (mut asked, mut held, mut from) = (0, 0, None);
        let mut at = 0;
        while let Some(node) = nodes.get(at) {
            let (topic, branches) = match &node.next {
                Next::Done(fit) => return *fit,
                Next::Ask(topic, branches) => (*topic, branches),
            };
            let (bits, own) = answer(topic);
            let known = branches.iter().find(|(answers, _)| *answers == own);
            (asked, held, from) = (node.asked | bits, node.held | own, Some((at, own)));
            at = known.map_or(nodes.len(), |(_, next)| *next);
        }
        // From here on nobody went this way before.
        loop {
            let place = nodes.len();
            if let Some(Node { next: Next::Ask(_, branches), .. }) =
                from.and_then(|(from, _)| nodes.get_mut(from))
            {
                branches.extend(from.map(|(_, own)| (own, place)));
            }
            let Some(topic) = kind.next(rules, (asked, held), *later) else {
                let fit = enter(held);
                nodes.push(Node { asked, held, next: Next::Done(fit) });
                return fit;
            };
            nodes.push(Node { asked, held, next: Next::Ask(topic, Vec::new()) });
            let (bits, own) = answer(topic);
            (asked, held, from) = (asked | bits, held | own, Some((place, own)));
        }
    }
}

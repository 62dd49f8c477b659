//! What a record's definition has behind `System`: the payload, or the place of it.

use std::sync::Arc;

use super::super::binxml::{Document, Known, Token};
use super::super::layout::Layout;
use super::{Around, Held, Plan};

/// What a record's definition has behind `System`.
#[derive(Debug)]
pub(super) enum Tail<'c> {
    /// A value with the payload, and the number of tokens around it.
    Fragment { index: u16, around: Around, tokens: usize },
    /// The payload itself.
    Payload(Held<'c>),
}

/// What a record's definition has behind `System`, whichever chunk it stands in.
#[derive(Clone, Debug)]
pub(in crate::read) struct FreeTail(pub(super) Arc<Tail<'static>>);

impl<'c> Tail<'c> {
    pub(super) fn of(
        definition: u32,
        layout: &Layout,
        document: &mut Document<'c>,
    ) -> Option<Self> {
        if !document.define(definition) {
            return None;
        }
        let tokens = document.definition(definition)?;
        let (start, end) = (layout.length, tokens.len());
        let tail = tokens.get(start..)?;
        let count = tail.len();
        let fragment = |index, around| Some(Self::Fragment { index, around, tokens: count });
        match *tail {
            [Token::Substitution(index), Token::Close] => fragment(index, Around::Event),
            [
                Token::Open { name, dependency },
                ref content @ ..,
                Token::Substitution(index),
                Token::Close,
                Token::Close,
            ] if matches!(content, [] | [Token::Content])
                // A value that is there is not null.
                && dependency.is_none_or(|dependency| dependency == index)
                && document.name(name).ok()?.known == Known::UserData =>
            {
                fragment(index, Around::UserData)
            }
            [.., Token::Close] => {
                let mut plan = Plan::of(definition, start..end - 1, Around::Event, document)?;
                // The end of the event.
                plan.tokens += 1;
                Some(Self::Payload(Held::of(plan)))
            }
            _ => None,
        }
    }

    /// The same, whichever chunk the definition stands in; `None` where it depends on this one.
    pub(super) fn freed(&self) -> Option<Tail<'static>> {
        match self {
            Self::Fragment { index, around, tokens } => {
                Some(Tail::Fragment { index: *index, around: *around, tokens: *tokens })
            }
            Self::Payload(Held::Shared(plan)) => {
                Some(Tail::Payload(Held::Shared(Arc::clone(plan))))
            }
            Self::Payload(Held::Own(_)) => None,
        }
    }
}

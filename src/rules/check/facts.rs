//! Checks signals.

use std::collections::BTreeMap;

use crate::rules::schema::Spanned;

use super::drafts::SignalDraft;
use crate::model::{Effect, FactKind, SignalId, Span, Stage, Text, drawn};
use crate::rules::detection::{Detection, FieldName};
use crate::rules::error::{Faults, Mistake};
use crate::rules::schema::{AttemptPart, Entity, LogSource, SignalDocument};
use crate::rules::{Binding, SignalRule};

/// Checks and compiles a signal.
pub(super) fn signal(id: &str, draft: SignalDraft, faults: &mut Faults) -> Option<SignalRule> {
    let SignalDraft { document, source } = draft;
    refuse_drawn(&document.id, faults);
    let effect = effect(&document, faults);
    let binds = bindings(&document.binds, faults);
    let is_fact = source.as_ref().is_some_and(|source| source.fact.is_some());
    let detection = Detection::compile(&document.detection, is_fact.then_some(0), faults);
    let (channel, provider) = origin(&document, source.as_ref(), faults)?;
    Some(SignalRule {
        id: SignalId::from(id),
        title: document.title,
        channel,
        provider,
        effect,
        binds,
        detection: detection?,
    })
}

/// Ids of signals that are drawn from attempts cannot be defined a second time.
pub(super) fn refuse_drawn(id: &Spanned<String>, faults: &mut Faults) {
    if drawn::ALL.contains(&id.value.as_str()) {
        faults.add(
            id,
            format!("id `{}` belongs to a signal that attempts give by themselves", id.value),
        );
    }
}

/// The channel and provider of a signal.
fn origin(
    document: &SignalDocument,
    source: Option<&LogSource>,
    faults: &mut Faults,
) -> Option<(Text, Text)> {
    let Some(source) = source else {
        faults.add(&document.id, "the file has no `logsource` to say which channel is meant");
        return None;
    };
    if let Some(product) = source.product.as_ref().filter(|product| product.value != "windows") {
        faults.add(product, format!("`{}` is no product here: only `windows` is", product.value));
    }
    if let Some(fact) = &source.fact {
        if FactKind::of(fact.value.trim()).is_none() {
            let kinds = FactKind::ALL.into_iter().map(FactKind::name);
            faults.add(fact, Mistake::unknown("kind of facts", &fact.value, kinds));
        }
        if source.channel.is_some() || source.provider.is_some() || document.provider.is_some() {
            faults.add(fact, "facts beside logs have neither `channel` nor `provider`");
        }
        return Some((fact.value.trim().into(), "".into()));
    }
    let Some(channel) = &source.channel else {
        faults.add(&document.id, "the file's `logsource` names neither `channel` nor `fact`");
        return None;
    };
    let Some(provider) = document.provider.as_ref().or(source.provider.as_ref()) else {
        faults.add(
            &document.id,
            "field `provider` is missing, both here and in the file's `logsource`",
        );
        return None;
    };
    Some((channel.trim().into(), provider.trim().into()))
}

fn effect(document: &SignalDocument, faults: &mut Faults) -> Effect {
    if let (Some(proves), Some(fails)) = (document.proves, document.fails)
        && fails != Stage::Transport
        && proves >= fails
    {
        faults.add(
            &document.id,
            format!("an attempt that passed `{proves}` cannot have died in `{fails}`"),
        );
    }
    Effect {
        opens: document.attempt == Some(AttemptPart::Opens),
        ends: document.attempt == Some(AttemptPart::Ends),
        witnesses: document.attempt == Some(AttemptPart::Witnesses),
        proves: document.proves,
        fails: document.fails,
        session: document.session,
    }
}

fn bindings(document: &BTreeMap<Entity, Spanned<String>>, faults: &mut Faults) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for (entity, field) in document {
        if *entity == Entity::Machine {
            faults.add(field, "`machine` is bound by itself, to the record's computer");
        }
        let name = faults.check(field, FieldName::parse(&field.value));
        bindings.extend(name.map(|field| Binding { entity: *entity, field }));
    }
    bindings
}

/// Reads a length of time, which must be more than zero.
pub(super) fn span(text: &Spanned<String>, faults: &mut Faults) -> Option<Span> {
    let span = text.value.parse::<Span>().map_err(|error| Mistake::new(error.to_string()));
    let span = faults.check(text, span)?;
    if span <= Span::default() {
        faults.add(text, "a time span must be longer than nothing");
    }
    Some(span)
}

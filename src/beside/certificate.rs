//! The certificates of a machine, and what follows for the one that Remote Desktop uses.
//!
//! Which that is the registry tells by its thumbprint: the one that somebody configured, or the
//! one that Windows made for itself. Facts are told of these two alone.

use super::dates::{Moment, Order, Written};
use super::{Fact, value_of};
use crate::model::{FactKind, Time, Value};

/// The store of machine certificates, and the one of those that Windows makes for Remote Desktop.
const PERSONAL: &str = "My";
const REMOTE_DESKTOP: &str = "Remote Desktop";

/// A certificate that a listing holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Certificate {
    pub(super) line: u64,
    /// The store's name, which is not translated.
    pub(super) store: Option<String>,
    /// 40 digits in upper case.
    pub(super) thumbprint: String,
    /// When it runs out.
    pub(super) ends: Option<Moment>,
    /// Whether a private key belongs to it.
    pub(super) has_key: Option<bool>,
}

/// A certificate whose dates are not understood yet.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) line: u64,
    pub(super) store: Option<String>,
    pub(super) thumbprint: String,
    pub(super) begins: Option<Written>,
    pub(super) ends: Option<Written>,
    pub(super) has_key: Option<bool>,
}

/// The certificates of one listing: all its dates together tell how they are written.
pub(super) fn dated(entries: Vec<Entry>) -> Vec<Certificate> {
    let order = Order::of(entries.iter().flat_map(|entry| [entry.begins, entry.ends]).flatten());
    let certificate = |entry: Entry| {
        let Entry { line, store, thumbprint, ends, has_key, .. } = entry;
        let ends = ends.and_then(|ends| ends.moment(order));
        Certificate { line, store, thumbprint, ends, has_key }
    };
    entries.into_iter().map(certificate).collect()
}

/// A thumbprint in its normal form; it may be written with blanks.
pub(super) fn thumbprint(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_sha1 = digits.len() == 40 && digits.chars().all(|c| c.is_ascii_hexdigit());
    is_sha1.then(|| digits.to_ascii_uppercase())
}

/// What is known of the certificates that Remote Desktop uses. Each item and each fact bears
/// the number of the file that states it.
pub(super) fn facts(
    settings: &[(usize, Fact)],
    listed: &[(usize, &Certificate)],
    collected: Time,
) -> Vec<(usize, Fact)> {
    let of = |name: &str| settings.iter().find_map(|(_, fact)| of_listener(fact, name));
    let configured = of("SSLCertificateSHA1Hash");
    let own = of("SelfSignedCertificate").or_else(|| only_own(listed));
    let roles = [("configured", configured, PERSONAL), ("self-signed", own, REMOTE_DESKTOP)];
    roles
        .into_iter()
        .filter_map(|(role, thumbprint, store)| {
            let thumbprint = thumbprint?;
            let mut found = listed.iter().filter(|(_, listed)| listed.thumbprint == thumbprint);
            let Some((file, first)) = found.next() else {
                let (file, beside) = listed.iter().find(|(_, listed)| is_in(listed, store))?;
                return Some((*file, fact(role, &thumbprint, beside.line, [Value::text("no")])));
            };
            let whole = found.try_fold((*first).clone(), |known, (_, also)| united(known, also))?;
            Some((*file, known(role, &whole, collected)))
        })
        .collect()
}

/// What two listings say of one certificate; `None` where they contradict each other.
fn united(known: Certificate, also: &Certificate) -> Option<Certificate> {
    let ends = match (known.ends, also.ends) {
        (Some(one), Some(other)) => Some(one.both(other)?),
        (one, other) => one.or(other),
    };
    let agree = known.has_key == also.has_key || known.has_key.is_none() || also.has_key.is_none();
    agree.then(|| Certificate { ends, has_key: known.has_key.or(also.has_key), ..known })
}

/// A thumbprint that the listener's key in the registry names.
fn of_listener(fact: &Fact, name: &str) -> Option<String> {
    let is_key = value_of(fact, "Key")?.to_text().to_lowercase().ends_with(r"\winstations\rdp-tcp");
    let is_value = value_of(fact, "Name")?.to_text().eq_ignore_ascii_case(name);
    (is_key && is_value).then(|| thumbprint(&value_of(fact, "Value")?.to_text())).flatten()
}

/// The certificate that Windows made for itself, where the store for it holds one alone.
fn only_own(listed: &[(usize, &Certificate)]) -> Option<String> {
    let mut own = listed.iter().filter(|(_, listed)| is_in(listed, REMOTE_DESKTOP));
    let (_, first) = own.next()?;
    own.all(|(_, other)| other.thumbprint == first.thumbprint).then(|| first.thumbprint.clone())
}

fn is_in(certificate: &Certificate, store: &str) -> bool {
    certificate.store.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(store))
}

fn known(role: &str, certificate: &Certificate, collected: Time) -> Fact {
    let Certificate { line, store, thumbprint, ends, has_key } = certificate;
    let word = |known: Option<bool>| {
        known.map_or(Value::Null, |known| Value::text(if known { "yes" } else { "no" }))
    };
    let is_over = ends.and_then(|ends| {
        let is_certain = ends.latest < collected || ends.earliest > collected;
        is_certain.then_some(ends.latest < collected)
    });
    let until = ends.map_or(Value::Null, |ends| Value::FileTime(ends.latest));
    let store = store.as_deref().map_or(Value::Null, Value::text);
    let mut fact = fact(
        role,
        thumbprint,
        *line,
        [Value::text("yes"), store, until, word(is_over), word(*has_key)],
    );
    // That it is over holds since then.
    fact.since = ends.filter(|_| is_over == Some(true)).map(|ends| ends.latest);
    fact
}

fn fact<const N: usize>(role: &str, thumbprint: &str, line: u64, rest: [Value; N]) -> Fact {
    let names = ["Listed", "Store", "EndsBefore", "Expired", "PrivateKey"];
    let mut fields = vec![("Role", Value::text(role)), ("Thumbprint", Value::text(thumbprint))];
    let mut rest = rest.into_iter();
    fields.extend(names.map(|name| (name, rest.next().unwrap_or(Value::Null))));
    Fact { kind: FactKind::Certificate, line, since: None, fields }
}

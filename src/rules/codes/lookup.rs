//! Answers questions about codes.
//!
//! Knows the spaces and their order. Knows nothing about files or screens.

use std::collections::BTreeSet;

use super::load::CodeBook;
use super::query::{Asked, CodeQuery};
use super::schema::{Code, Notation, Place, Space};
use super::space::Read;
use crate::model::Value;

/// How alike two symbols must be to be suggested, from 0 to 1.
const ALIKE: f64 = 0.85;
/// How many symbols are suggested at most.
const SUGGESTIONS: usize = 4;

/// A meaning of a code in one number space.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'a> {
    /// The number space.
    pub space: &'a Space,
    /// The code in it.
    pub code: &'a Code,
    /// How the number asked for led to it.
    pub read: Read,
}

/// What may be said of a number that is not listed.
#[derive(Debug, Clone, Copy)]
pub struct Resemblance<'a> {
    /// The number space it seems to be of.
    pub space: &'a Space,
    /// What such numbers are about.
    pub of: &'a str,
}

impl CodeBook {
    /// The meaning of a value in a known number space, or in the space it continues in.
    /// Wrapped values are unwrapped. `None` when the space or the value is unknown.
    pub fn meaning(&self, space: &str, value: u32) -> Option<&Code> {
        let space = self.space(space)?;
        let next = || self.space(space.continues_in.as_deref()?)?.find(value);
        space.find(value).or_else(next).map(|(code, _)| code)
    }

    /// The meaning of a field of an event, for notes beside values in reports. Channel and
    /// provider are compared without case. `None` when the field holds no code, or an
    /// unknown one.
    pub fn annotate(
        &self,
        channel: &str,
        provider: &str,
        event_id: u32,
        field: &str,
        value: &Value,
    ) -> Option<&Code> {
        self.note(channel, provider, event_id, field, value).map(|(hit, _)| hit.code)
    }

    /// The same with the number space in which the code has its meaning, and as people write
    /// it there.
    pub fn note(
        &self,
        channel: &str,
        provider: &str,
        event_id: u32,
        field: &str,
        value: &Value,
    ) -> Option<(Hit<'_>, String)> {
        self.note_of(channel, provider, event_id, field, code_of(value)?)
    }

    /// The same for the number that is a field's code.
    pub fn note_of(
        &self,
        channel: &str,
        provider: &str,
        event_id: u32,
        field: &str,
        code: u32,
    ) -> Option<(Hit<'_>, String)> {
        let holds =
            |place: &Place| place.is_of(channel, provider, event_id) && place.field == field;
        self.spaces()
            .iter()
            .filter(|space| space.fields.iter().any(holds))
            .find_map(|space| self.hit_in(&space.id, code))
            .map(|hit| (hit, hit.space.write(code)))
    }

    /// The fields of a kind of event that hold codes, each once.
    pub fn fields_of(&self, channel: &str, provider: &str, event_id: u32) -> Vec<&str> {
        let places = self.spaces().iter().flat_map(|space| &space.fields);
        let own = places.filter(|place| place.is_of(channel, provider, event_id));
        let fields: BTreeSet<&str> = own.map(|place| place.field.as_str()).collect();
        fields.into_iter().collect()
    }

    /// Every meaning of what was asked, one for each number space, the closest to Remote
    /// Desktop first. Of a pair, the meanings of its two halves in their own spaces; the pair
    /// itself is [`CodeBook::pair`].
    pub fn lookup(&self, query: &CodeQuery) -> Vec<Hit<'_>> {
        match query.asked {
            Asked::Value { value, or_hex } => {
                let hits = self.hits(value);
                match or_hex {
                    Some(hex) if hits.is_empty() => self.hits(hex),
                    _ => hits,
                }
            }
            Asked::MessageId(id) => self
                .all()
                .filter(|hit| hit.space.notation == Notation::MessageId && hit.code.value == id)
                .collect(),
            Asked::Symbol => self
                .all()
                .filter(|hit| {
                    let symbol = hit.code.symbol.as_deref();
                    symbol.is_some_and(|symbol| symbol.eq_ignore_ascii_case(&query.text))
                })
                .collect(),
            Asked::Pair(primary, extended) => {
                [("mstsc-disconnect", primary), ("extended-disconnect", extended)]
                    .into_iter()
                    .filter_map(|(space, value)| self.hit_in(space, value))
                    .collect()
            }
        }
    }

    /// Number spaces whose patterns fit a value that is not listed.
    pub fn resembles(&self, value: u32) -> Vec<Resemblance<'_>> {
        let spaces = self.spaces().iter();
        let fitting = spaces.flat_map(|space| space.shapes.iter().map(move |shape| (space, shape)));
        fitting
            .filter(|(_, shape)| value & shape.mask == shape.value)
            .map(|(space, shape)| Resemblance { space, of: &shape.of })
            .collect()
    }

    /// Symbols like the text or with it inside, the likest first.
    pub fn similar_symbols(&self, text: &str) -> Vec<&str> {
        let wanted = text.to_ascii_lowercase();
        let mut symbols: Vec<(f64, &str)> = self
            .all()
            .filter_map(|hit| hit.code.symbol.as_deref())
            .map(|symbol| (likeness(&wanted, &symbol.to_ascii_lowercase()), symbol))
            .filter(|(likeness, _)| *likeness >= ALIKE)
            .collect();
        symbols.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
        symbols.dedup_by_key(|(_, symbol)| *symbol);
        symbols.into_iter().map(|(_, symbol)| symbol).take(SUGGESTIONS).collect()
    }

    /// The meanings of a number in all spaces.
    fn hits(&self, value: u32) -> Vec<Hit<'_>> {
        let found = self.spaces().iter().filter_map(|space| {
            let (code, read) = space.find(value)?;
            Some(Hit { space, code, read })
        });
        found.collect()
    }

    /// The meaning of a number in a space or the space it continues in.
    fn hit_in(&self, id: &str, value: u32) -> Option<Hit<'_>> {
        let space = self.space(id)?;
        let in_space =
            |space| Space::find(space, value).map(|(code, read)| Hit { space, code, read });
        in_space(space).or_else(|| in_space(self.space(space.continues_in.as_deref()?)?))
    }

    /// Every code of every space.
    fn all(&self) -> impl Iterator<Item = Hit<'_>> {
        self.spaces().iter().flat_map(|space| {
            space.codes.iter().map(move |code| Hit { space, code, read: Read::Plain })
        })
    }
}

/// The code in a field: a number, or a message number such as `%%2313`. Negative numbers are
/// read as their 32 bits.
pub fn code_of(value: &Value) -> Option<u32> {
    if let Value::Text(text) = value
        && let Some(id) = text.trim().strip_prefix("%%")
    {
        return id.parse().ok();
    }
    let number = value.as_number()?;
    u32::try_from(number).or_else(|_| i32::try_from(number).map(i32::cast_unsigned)).ok()
}

impl Place {
    /// Whether it is a field of that kind of event.
    fn is_of(&self, channel: &str, provider: &str, event_id: u32) -> bool {
        self.events.contains(&event_id)
            && self.channel.eq_ignore_ascii_case(channel)
            && self.provider.as_deref().is_none_or(|name| name.eq_ignore_ascii_case(provider))
    }
}

/// How alike two lower-case symbols are, from 0 to 1. Part of a symbol counts as much as a
/// good but not perfect likeness of the whole.
fn likeness(wanted: &str, symbol: &str) -> f64 {
    let part = if wanted.len() >= 4 && symbol.contains(wanted) { 0.9 } else { 0.0 };
    strsim::jaro_winkler(wanted, symbol).max(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::codes::parse_code;

    /// The first lines of a table with wraps, in place of the embedded ones.
    fn book() -> CodeBook {
        let table = |id: &str, rank: u16, rest: &str| {
            format!("space: {id}\ntitle: T\nrank: {rank}\n{rest}")
        };
        let files = [
            table("far", 9, "notation: hex\ncodes: [{ code: 5, symbol: E_FIVE, meaning: far }]"),
            table(
                "near",
                1,
                "notation: hex\ncontinues-in: far\nfields: [{ channel: C, events: [7], field: F }]\n\
                 shapes: [{ mask: 0xFF00, value: 0x900, of: nines }]\n\
                 codes: [{ code: 6, meaning: near }]",
            ),
            table(
                "errors",
                5,
                "notation: decimal\nfamily: win32\ncodes: [{ code: 64, meaning: e }]",
            ),
            table(
                "nt",
                4,
                "notation: hex\nfamily: ntstatus\ncodes: [{ code: 0xC0000001, meaning: nt }]",
            ),
            table(
                "short",
                6,
                "notation: hex\nshort-form: true\ncodes: [{ code: 0x800759DA, meaning: s }]",
            ),
            table("ids", 7, "notation: message-id\ncodes: [{ code: 2313, meaning: id }]"),
        ];
        let names = ["far", "near", "errors", "nt", "short", "ids"];
        let paths = names.map(|name| format!("codes/{name}.yml"));
        let paths = paths.iter().map(String::as_str);
        CodeBook::load(paths.zip(files.iter().map(String::as_str))).unwrap()
    }

    #[test]
    fn wrapped_and_short_numbers_are_found() {
        for (asked, found) in [
            ("5", vec![("far", Read::Plain)]),
            ("64", vec![("errors", Read::Plain)]),
            ("0x80070040", vec![("errors", Read::Win32InHresult)]),
            ("-2147024832", vec![("errors", Read::Win32InHresult)]),
            ("0xD0000001", vec![("nt", Read::NtstatusInHresult)]),
            ("23002", vec![("short", Read::LowHalf)]),
            ("2313", vec![("ids", Read::Plain)]),
            ("%%2313", vec![("ids", Read::Plain)]),
            ("%%64", vec![]),
            ("e_five", vec![("far", Read::Plain)]),
            ("800759DA", vec![("short", Read::Plain)]),
            ("0x40000040", vec![]),
        ] {
            let book = book();
            let hits = book.lookup(&parse_code(asked).unwrap());
            let hits: Vec<_> = hits.iter().map(|hit| (hit.space.id.as_str(), hit.read)).collect();
            assert_eq!(hits, found, "{asked}");
        }
    }

    #[test]
    fn a_space_continues_in_another_and_fields_name_their_space() {
        let book = book();
        assert_eq!(book.meaning("near", 6).unwrap().meaning, "near");
        assert_eq!(book.meaning("near", 5).unwrap().meaning, "far");
        assert!(book.meaning("far", 6).is_none() && book.meaning("no", 6).is_none());
        let note = |event, field, value| book.annotate("c", "any", event, field, &value);
        assert_eq!(note(7, "F", Value::UInt32(6)).unwrap().meaning, "near");
        assert_eq!(note(7, "F", Value::text("0x5")).unwrap().meaning, "far");
        assert!(note(8, "F", Value::UInt32(6)).is_none());
        assert!(note(7, "G", Value::UInt32(6)).is_none());
        assert!(note(7, "F", Value::text("six")).is_none());
    }

    #[test]
    fn unknown_codes_get_hints() {
        let book = book();
        let of: Vec<_> = book.resembles(0x904).iter().map(|seems| seems.of.to_owned()).collect();
        assert_eq!(of, ["nines"]);
        assert!(book.resembles(0x804).is_empty());
        assert_eq!(book.similar_symbols("E_FIEV"), ["E_FIVE"]);
        assert_eq!(book.similar_symbols("five"), ["E_FIVE"]);
        assert!(book.similar_symbols("unrelated").is_empty());
    }
}

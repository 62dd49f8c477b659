//! The modifiers behind a field's name, as Sigma 2.1 defines them: `Binary|wide|startswith`.

use serde::{Deserialize, Serialize};

use super::glob::Position;
use super::matcher::Order;
use crate::rules::error::Mistake;

/// How the values of a field are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Modifiers {
    pub(super) comparison: Comparison,
    /// Encodings, in the order of the document.
    pub(super) transforms: Vec<Transform>,
    /// All values must match instead of one.
    pub(super) all: bool,
    /// Letters count as written.
    pub(super) cased: bool,
    /// The field is there and none of the values matches.
    pub(super) negated: bool,
}

/// The kind of comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Text, number, `null`; text at a position.
    Value(Position),
    Exists,
    Regex(RegexFlags),
    Network,
    Order(Order),
    FieldReference,
}

/// The flags of `re`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RegexFlags {
    pub(super) case_insensitive: bool,
    pub(super) multi_line: bool,
    pub(super) dot_matches_line_end: bool,
}

/// A change of the value before it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transform {
    Windash,
    Utf16,
    Utf16Le,
    Utf16Be,
    Base64,
    Base64Offset,
}

/// Every modifier of Sigma, for suggestions.
const KNOWN: [&str; 25] = [
    "all",
    "base64",
    "base64offset",
    "cased",
    "cidr",
    "contains",
    "endswith",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "i",
    "lt",
    "lte",
    "m",
    "neq",
    "re",
    "s",
    "startswith",
    "utf16",
    "utf16be",
    "utf16le",
    "wide",
    "windash",
];

/// Reads the modifiers of a field.
pub(super) fn parse(words: &[&str]) -> Result<Modifiers, Mistake> {
    let mut comparison = None;
    let mut modifiers = Modifiers {
        comparison: Comparison::Value(Position::Whole),
        transforms: Vec::new(),
        all: false,
        cased: false,
        negated: false,
    };
    for (index, word) in words.iter().enumerate() {
        if words.iter().skip(index + 1).any(|other| other == word) {
            return Err(format!("modifier `{word}` stands twice").into());
        }
        if let Some(kind) = comparison_of(word) {
            if let Some((other, _)) = comparison.replace((word, kind)) {
                return Err(format!("modifiers `{other}` and `{word}` exclude each other").into());
            }
        } else if let Some(transform) = transform_of(word) {
            modifiers.transforms.push(transform);
        } else {
            match (*word, &mut comparison) {
                ("all", _) => modifiers.all = true,
                ("cased", _) => modifiers.cased = true,
                ("neq", _) => modifiers.negated = true,
                ("i" | "m" | "s", Some((_, Comparison::Regex(flags)))) => flags.set(word),
                _ => return Err(refused(word)),
            }
        }
    }
    if let Some((_, kind)) = comparison {
        modifiers.comparison = kind;
    }
    modifiers.check()
}

fn comparison_of(word: &str) -> Option<Comparison> {
    Some(match word {
        "contains" => Comparison::Value(Position::Anywhere),
        "startswith" => Comparison::Value(Position::Start),
        "endswith" => Comparison::Value(Position::End),
        "exists" => Comparison::Exists,
        "re" => Comparison::Regex(RegexFlags::default()),
        "cidr" => Comparison::Network,
        "lt" => Comparison::Order(Order::Less),
        "lte" => Comparison::Order(Order::LessOrEqual),
        "gt" => Comparison::Order(Order::Greater),
        "gte" => Comparison::Order(Order::GreaterOrEqual),
        "fieldref" => Comparison::FieldReference,
        _ => return None,
    })
}

fn transform_of(word: &str) -> Option<Transform> {
    Some(match word {
        "windash" => Transform::Windash,
        "wide" | "utf16le" => Transform::Utf16Le,
        "utf16be" => Transform::Utf16Be,
        "utf16" => Transform::Utf16,
        "base64" => Transform::Base64,
        "base64offset" => Transform::Base64Offset,
        _ => return None,
    })
}

/// Why a word is no modifier here.
fn refused(word: &str) -> Mistake {
    match word {
        "expand" => "modifier `expand` is not supported because placeholders are filled in by a \
                     site's own configuration, which rules do not read"
            .into(),
        "minute" | "hour" | "day" | "week" | "month" | "year" => format!(
            "modifier `{word}` is not supported because a cause never depends on the \
                 calendar: position evidence in time with `after`, `before` and `within`"
        )
        .into(),
        "i" | "m" | "s" => format!("modifier `{word}` belongs behind `re`").into(),
        _ => Mistake::unknown("modifier", word, KNOWN),
    }
}

impl RegexFlags {
    fn set(&mut self, flag: &str) {
        match flag {
            "i" => self.case_insensitive = true,
            "m" => self.multi_line = true,
            _ => self.dot_matches_line_end = true,
        }
    }
}

impl Modifiers {
    /// Refuses combinations that mean nothing.
    fn check(self) -> Result<Self, Mistake> {
        let compares_values = matches!(self.comparison, Comparison::Value(_));
        let compares_whole = matches!(
            self.comparison,
            Comparison::Value(Position::Whole) | Comparison::FieldReference
        );
        if !self.transforms.is_empty() && !compares_values {
            return Err("an encoding goes only with `contains`, `startswith`, `endswith` or no \
                        comparison"
                .into());
        }
        if self.cased && !compares_values && !compares_whole {
            return Err("modifier `cased` goes only with comparisons of text".into());
        }
        if self.negated && !compares_whole {
            return Err("modifier `neq` goes only with whole values and `fieldref`: negate other \
                        comparisons in the condition"
                .into());
        }
        if self.negated && self.all {
            return Err("modifiers `neq` and `all` exclude each other: with `neq` no value may \
                        match anyway"
                .into());
        }
        Ok(self)
    }
}

//! The shapes of `rules/codes/*.yml`, as authors write them. Unknown keys are errors.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::model::{Stage, Text};
use crate::rules::schema::Target;

/// A number space and the codes known in it: one file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Space {
    /// Unique, kebab-case; the file bears the same name.
    #[serde(rename = "space")]
    pub id: Text,
    /// One line for reports.
    pub title: Text,
    /// Order among spaces: the lower, the closer to Remote Desktop.
    pub rank: u16,
    /// The event fields that hold such codes.
    #[serde(default)]
    pub fields: Vec<Place>,
    /// Where else such codes are seen: dialogs, captures, other programs.
    #[serde(default)]
    pub seen: Vec<Text>,
    /// How people write these codes.
    pub notation: Notation,
    /// The system of numbers the codes belong to, when it is one of Windows' own.
    #[serde(default)]
    pub family: Option<Family>,
    /// Logs also hold the low 16 bits of these codes alone, where the code is 0x8007xxxx.
    #[serde(default)]
    pub short_form: bool,
    /// The space in which numbers not listed here have their meaning.
    #[serde(default)]
    pub continues_in: Option<Text>,
    /// Patterns of numbers: what may be said of a code that is not listed.
    #[serde(default)]
    pub shapes: Vec<Shape>,
    /// Public documents.
    #[serde(default)]
    pub references: Vec<Text>,
    /// The codes; sorted by value once loaded.
    pub codes: Vec<Code>,
}

/// A field of events that holds codes of a space.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Place {
    /// The channel.
    pub channel: Text,
    /// The provider, where the channel has many.
    #[serde(default)]
    pub provider: Option<Text>,
    /// The event IDs.
    pub events: Vec<u32>,
    /// The field's name.
    pub field: Text,
}

/// Numbers with the same bits under a mask belong together.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// The bits that count.
    pub mask: u32,
    /// Their value.
    pub value: u32,
    /// What such numbers are about.
    pub of: Text,
}

/// One code and its meaning.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The number. Negative numbers are kept as their 32 bits.
    #[serde(rename = "code", deserialize_with = "code_value", serialize_with = "wide")]
    pub value: u32,
    /// The published name, if there is one.
    #[serde(default)]
    pub symbol: Option<Text>,
    /// What it says, in plain words.
    pub meaning: Text,
    /// The stages an attempt can be in; `None` when the code is bound to none.
    #[serde(default)]
    pub stage: Option<StageRange>,
    /// Root causes that can be behind it, likeliest first.
    #[serde(default)]
    pub causes: Vec<Text>,
    /// How well the meaning is known.
    #[serde(default)]
    pub status: Status,
    /// A warning or a hint.
    #[serde(default)]
    pub note: Option<Text>,
}

/// The file of pairs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PairsDocument {
    pub(super) pairs: Vec<Pair>,
}

/// What a disconnect reason and an extended reason say together.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pair {
    /// The disconnect reason, first in the client's dialog.
    pub primary: u32,
    /// The extended reason, second in the client's dialog.
    pub extended: u32,
    /// Many causes end like this; the pair names none of them.
    #[serde(default)]
    pub symptom: bool,
    /// What it says, in plain words.
    pub meaning: Text,
    /// The stages an attempt can be in.
    #[serde(default)]
    pub stage: Option<StageRange>,
    /// Root causes that can be behind it, likeliest first.
    pub causes: Vec<Text>,
    /// How well the meaning is known.
    #[serde(default)]
    pub status: Status,
    /// A warning or a hint.
    #[serde(default)]
    pub note: Option<Text>,
    /// What follows from the pair.
    #[serde(default)]
    pub proves: Vec<Text>,
    /// What does not follow, although people often think so.
    #[serde(default)]
    pub does_not_prove: Vec<Text>,
    /// What tells the causes apart, in the order in which to look.
    #[serde(default)]
    pub tell_apart: Vec<Clue>,
    /// What to say or do when none of that is found.
    #[serde(default)]
    pub otherwise: Option<Text>,
}

/// Evidence that tells causes apart, and where to find it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Clue {
    /// The machine whose log is needed.
    pub on: Target,
    /// The channels; where it is no Windows log, a few words.
    pub logs: Vec<Text>,
    /// What to look for there.
    pub evidence: Text,
    /// The causes it speaks for, likeliest first.
    pub points_to: Vec<Text>,
}

/// How people write the codes of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notation {
    /// 2308
    Decimal,
    /// 0x904
    Hex,
    /// -7
    Signed,
    /// %%2313
    MessageId,
}

/// The systems of numbers that Windows wraps into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Win32 errors; 0x8007xxxx as an HRESULT.
    Win32,
    /// NT status codes; 0xD… as an HRESULT stands for 0xC….
    Ntstatus,
    /// HRESULTs.
    Hresult,
}

/// How well a meaning is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// A vendor's document, a protocol's table or a published header says so.
    #[default]
    Confirmed,
    /// Only reports from the field say so.
    Unconfirmed,
}

/// One stage, or the first and last of several: `tls`, `nla..logon`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageRange {
    /// The earliest stage.
    pub first: Stage,
    /// The latest stage; the same as `first` for one stage.
    pub last: Stage,
}

impl StageRange {
    /// Reads `tls` or `nla..logon`; `None` for unknown names and for ranges that run backwards.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let range = Self { first: stage(first)?, last: stage(last)? };
        (range.first <= range.last).then_some(range)
    }
}

impl fmt::Display for StageRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}..{}", self.first, self.last)
        }
    }
}

impl<'de> Deserialize<'de> for StageRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format_args!("`{text}` is no stage and no range of stages"))
        })
    }
}

impl Serialize for StageRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The stage of that name.
fn stage(name: &str) -> Option<Stage> {
    Stage::PATH.into_iter().chain([Stage::Transport]).find(|stage| stage.name() == name)
}

/// Accepts what fits into 32 bits, signed or not.
fn code_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let value = i64::deserialize(deserializer)?;
    u32::try_from(value)
        .or_else(|_| i32::try_from(value).map(i32::cast_unsigned))
        .map_err(|_| de::Error::custom(format_args!("`{value}` does not fit into 32 bits")))
}

/// Writes a number as it is read.
fn wide<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(i64::from(*value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_ranges_read_and_print() {
        for text in ["tls", "negotiate..nla", "transport", "resolve..session"] {
            assert_eq!(StageRange::parse(text).unwrap().to_string(), text);
        }
        for bad in ["", "..", "tls..", "nla..tls", "credssp", "tls..nla..logon"] {
            assert_eq!(StageRange::parse(bad), None, "{bad}");
        }
    }
}

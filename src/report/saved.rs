//! Reads a saved report back, as much of it as tells one conclusion.
//!
//! A file that somebody sends is not to be trusted: it is read in one pass, only the conclusion
//! asked for is kept, and all that is missing or of another shape is an error or left out.

use std::fmt;
use std::io::{self, Read};

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::json_v1;

/// Reports of more bytes than this are not read.
pub const MOST_BYTES: u64 = 1 << 30;
/// Ids that are remembered to tell which there are.
const MOST_IDS: usize = 100_000;

/// What was found in a report.
#[derive(Debug, Default)]
pub struct Saved {
    /// The version of the program that wrote it.
    pub version: String,
    /// The ids of its conclusions, by rank.
    pub ids: Vec<String>,
    /// The one that was asked for.
    pub found: Option<SavedDiagnosis>,
}

/// Why a saved report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// It is no JSON, or not of the shape.
    #[error("is not a report of rdpwhy")]
    Shape(#[source] serde_json::Error),
    /// It is of another version.
    #[error("is `{0}`, and only `{schema}` can be explained", schema = json_v1::SCHEMA)]
    Schema(String),
    /// It is too large.
    #[error("is larger than {} MiB", MOST_BYTES >> 20)]
    TooLarge,
}

/// Reads a report that `rdpwhy --format json` wrote, for the conclusion of that id or rank; the
/// first where none is asked for.
///
/// # Errors
/// When it is none, of another version, or too large.
pub fn read(report: impl Read, wanted: Option<&str>) -> Result<Saved, SavedError> {
    let mut bounded = report.take(MOST_BYTES + 1);
    let mut json = serde_json::Deserializer::from_reader(io::BufReader::new(&mut bounded));
    let read = Document { wanted }.deserialize(&mut json).and_then(|found| {
        json.end()?;
        Ok(found)
    });
    drop(json);
    if bounded.limit() == 0 {
        return Err(SavedError::TooLarge);
    }
    let (schema, saved) = read.map_err(SavedError::Shape)?;
    if schema != json_v1::SCHEMA {
        return Err(SavedError::Schema(schema));
    }
    Ok(saved)
}

/// A conclusion as it was saved. Keys that came later are missing in older reports.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report, which its schema describes")]
pub struct SavedDiagnosis {
    pub id: String,
    pub rank: usize,
    pub cause: String,
    pub title: String,
    pub kind: String,
    pub confidence: String,
    pub score: i64,
    pub scope: SavedScope,
    pub summary: String,
    pub why: String,
    pub first: String,
    pub last: String,
    pub attempts: Vec<String>,
    pub explains: Vec<String>,
    pub evidence: Vec<SavedEvidence>,
    #[serde(default)]
    pub separate_from: Vec<SavedSeparation>,
    pub prior: Option<i64>,
    pub confidence_because: Option<String>,
    #[serde(default)]
    pub gate: Vec<SavedCondition>,
    #[serde(default)]
    pub episodes: Vec<SavedEpisode>,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report")]
pub struct SavedScope {
    pub kind: String,
    pub key: String,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report")]
pub struct SavedEvidence {
    pub role: String,
    pub statement: String,
    pub weight: i64,
    pub records: Vec<SavedRecord>,
    pub records_total: u64,
    pub rule_weight: Option<i64>,
    pub group: Option<String>,
    #[serde(default)]
    pub covered: Vec<SavedCoverage>,
    #[serde(default)]
    pub would_tell: Vec<SavedQuestion>,
    #[serde(default)]
    pub collect: Vec<SavedCollect>,
    #[serde(default)]
    pub episodes: Vec<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report")]
pub struct SavedCondition {
    pub part: String,
    pub question: String,
    pub result: String,
    pub because: Option<String>,
    #[serde(default)]
    pub missing: Vec<String>,
    pub records: Vec<SavedRecord>,
    pub records_total: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report")]
pub struct SavedRecord {
    pub machine: String,
    pub file: String,
    pub channel: String,
    pub event_id: u64,
    pub record_id: u64,
    pub time: String,
    #[serde(default)]
    pub codes: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report")]
pub struct SavedCoverage {
    pub machine: String,
    pub channel: String,
    pub from: String,
    pub to: String,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report")]
pub struct SavedQuestion {
    pub role: String,
    pub question: String,
    pub weight: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report")]
pub struct SavedCollect {
    pub machine: String,
    pub channel: String,
    pub command: String,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report")]
pub struct SavedSeparation {
    pub cause: String,
    pub by: String,
    #[serde(default)]
    pub collect: Vec<SavedCollect>,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the keys of the report")]
pub struct SavedEpisode {
    pub first: String,
    pub last: String,
    pub attempts: Vec<String>,
    pub confidence: String,
    pub score: i64,
}

/// The top level, of which most is passed over.
struct Document<'w> {
    wanted: Option<&'w str>,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = (String, Saved);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = (String, Saved);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        struct Tool {
            version: String,
        }
        let mut schema = None;
        let mut saved = Saved::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "schema" => schema = Some(map.next_value()?),
                "tool" => saved.version = map.next_value::<Tool>()?.version,
                "diagnoses" => {
                    map.next_value_seed(Diagnoses { wanted: self.wanted, saved: &mut saved })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok((schema.ok_or_else(|| A::Error::missing_field("schema"))?, saved))
    }
}

/// The conclusions, of which one is kept.
struct Diagnoses<'w, 's> {
    wanted: Option<&'w str>,
    saved: &'s mut Saved,
}

impl<'de> DeserializeSeed<'de> for Diagnoses<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Diagnoses<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of conclusions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(diagnosis) = list.next_element::<SavedDiagnosis>()? {
            let is_wanted = self.wanted.is_none_or(|wanted| {
                diagnosis.id == wanted || wanted.parse() == Ok(diagnosis.rank)
            });
            if self.saved.ids.len() < MOST_IDS {
                self.saved.ids.push(diagnosis.id.clone());
            }
            if is_wanted && self.saved.found.is_none() {
                self.saved.found = Some(diagnosis);
            }
        }
        Ok(())
    }
}

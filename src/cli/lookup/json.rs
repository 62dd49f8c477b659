//! The answer of `lookup` as JSON. The types are the contract; keys may be added, never
//! renamed or removed.

use std::io::{self, Write};

use serde::Serialize;

use super::{Answer, CodeAnswer, PairAnswer};
use crate::model::Text;
use crate::rules::catalogue::Catalogue;
use crate::rules::codes::{Clue, Hit, Read, StageRange, Status};
use crate::rules::schema::Target;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<PairJson<'a>>,
    codes: Vec<CodeJson<'a>>,
}

#[derive(Serialize)]
struct PairJson<'a> {
    primary: u32,
    extended: u32,
    known: bool,
    #[serde(flatten)]
    says: Option<PairSays<'a>>,
}

#[derive(Serialize)]
struct PairSays<'a> {
    symptom: bool,
    meaning: &'a str,
    stage: Option<StageRange>,
    status: Status,
    causes: Vec<CauseJson<'a>>,
    proves: &'a [Text],
    does_not_prove: &'a [Text],
    tell_apart: Vec<ClueJson<'a>>,
    otherwise: Option<&'a str>,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct ClueJson<'a> {
    on: Target,
    logs: &'a [Text],
    evidence: &'a str,
    points_to: &'a [Text],
}

#[derive(Serialize)]
struct CauseJson<'a> {
    id: &'a str,
    title: Option<&'a str>,
}

#[derive(Serialize)]
struct CodeJson<'a> {
    query: &'a str,
    hits: Vec<HitJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resembles: Vec<ResemblanceJson<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    similar: &'a [&'a str],
}

#[derive(Serialize)]
struct ResemblanceJson<'a> {
    space: &'a str,
    of: &'a str,
}

#[derive(Serialize)]
struct HitJson<'a> {
    space: &'a str,
    space_title: &'a str,
    /// As the people who meet it write it.
    code: String,
    hex: String,
    decimal: u32,
    read: Read,
    symbol: Option<&'a str>,
    meaning: &'a str,
    stage: Option<StageRange>,
    status: Status,
    causes: Vec<CauseJson<'a>>,
    note: Option<&'a str>,
}

/// Writes the answer as one object and a line feed.
pub(super) fn write(
    out: &mut dyn Write,
    answer: &Answer<'_>,
    catalogue: &Catalogue,
) -> io::Result<()> {
    let document = Document {
        schema: "rdpwhy.lookup/1",
        pair: answer.pair.as_ref().map(|pair| pair_json(pair, catalogue)),
        codes: answer.codes.iter().map(|code| code_json(code, catalogue)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn pair_json<'a>(pair: &PairAnswer<'a>, catalogue: &'a Catalogue) -> PairJson<'a> {
    let says = pair.known.map(|pair| PairSays {
        symptom: pair.symptom,
        meaning: &pair.meaning,
        stage: pair.stage,
        status: pair.status,
        causes: causes(&pair.causes, catalogue),
        proves: &pair.proves,
        does_not_prove: &pair.does_not_prove,
        tell_apart: pair.tell_apart.iter().map(clue_json).collect(),
        otherwise: pair.otherwise.as_deref(),
        note: pair.note.as_deref(),
    });
    PairJson { primary: pair.primary, extended: pair.extended, known: says.is_some(), says }
}

fn clue_json(clue: &Clue) -> ClueJson<'_> {
    ClueJson { on: clue.on, logs: &clue.logs, evidence: &clue.evidence, points_to: &clue.points_to }
}

fn code_json<'a>(code: &'a CodeAnswer<'a>, catalogue: &'a Catalogue) -> CodeJson<'a> {
    let resembles = code.resembles.iter();
    CodeJson {
        query: &code.query.text,
        hits: code.hits.iter().map(|hit| hit_json(hit, catalogue)).collect(),
        resembles: resembles
            .map(|seems| ResemblanceJson { space: &seems.space.id, of: seems.of })
            .collect(),
        similar: &code.similar,
    }
}

fn hit_json<'a>(hit: &Hit<'a>, catalogue: &'a Catalogue) -> HitJson<'a> {
    let value = hit.code.value;
    HitJson {
        space: &hit.space.id,
        space_title: &hit.space.title,
        code: hit.space.write(value),
        hex: format!("0x{value:X}"),
        decimal: value,
        read: hit.read,
        symbol: hit.code.symbol.as_deref(),
        meaning: &hit.code.meaning,
        stage: hit.code.stage,
        status: hit.code.status,
        causes: causes(&hit.code.causes, catalogue),
        note: hit.code.note.as_deref(),
    }
}

fn causes<'a>(ids: &'a [Text], catalogue: &'a Catalogue) -> Vec<CauseJson<'a>> {
    let title = |id: &str| catalogue.get(id).map(|entry| entry.title.as_str());
    ids.iter().map(|id| CauseJson { id, title: title(id) }).collect()
}

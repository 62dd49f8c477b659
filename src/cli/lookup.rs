//! `rdpwhy lookup`: what a code means, in any number space and notation.
//!
//! Knows which questions were asked. The tables know the answers.

mod json;
pub(super) mod page;
mod terminal;

use std::io::Write;

use anyhow::Result;

use crate::rules::catalogue::Catalogue;
use crate::rules::codes::{Asked, CodeBook, CodeQuery, Hit, Pair, Resemblance};

/// Columns where no terminal says otherwise, and the widest lines that read well.
const WIDEST: usize = 100;

/// What `rdpwhy lookup` is asked.
#[derive(Debug, Clone, clap::Args)]
pub struct LookupArgs {
    /// Codes as found in logs and dialogs
    ///
    /// Decimal (2308), hex (0x904, C000006A), negative (-2146893044), a message number (%%2313)
    /// or a symbol (WSAETIMEDOUT). Two numbers, or 0x904/0x7, are also read as the
    /// error code and extended error code of the client's dialog.
    #[arg(required = true, value_name = "CODE", allow_negative_numbers = true)]
    pub codes: Vec<CodeQuery>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub format: LookupFormat,
}

/// The formats of the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LookupFormat {
    /// Text for people
    #[default]
    Terminal,
    /// One JSON object
    Json,
}

/// How a lookup ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupOutcome {
    /// Every code is known.
    Known,
    /// At least one code is in no table.
    Unknown,
}

/// Everything there is to say.
struct Answer<'a> {
    pair: Option<PairAnswer<'a>>,
    codes: Vec<CodeAnswer<'a>>,
}

/// What two codes say together.
struct PairAnswer<'a> {
    primary: u32,
    extended: u32,
    /// `None` when no table has the pair.
    known: Option<&'a Pair>,
}

/// What one code says.
struct CodeAnswer<'a> {
    query: &'a CodeQuery,
    hits: Vec<Hit<'a>>,
    /// Only for unknown numbers.
    resembles: Vec<Resemblance<'a>>,
    /// Only for unknown symbols.
    similar: Vec<&'a str>,
}

/// Looks the codes up and writes the answer. Text for people carries color codes; a stream
/// that shows none must strip them.
///
/// # Errors
/// When the embedded tables are damaged or the answer cannot be written.
pub fn run(args: &LookupArgs, out: &mut dyn Write) -> Result<LookupOutcome> {
    let book = CodeBook::embedded()?;
    let catalogue = Catalogue::embedded()?;
    let answer = answer(&book, &args.codes);
    match args.format {
        LookupFormat::Terminal => terminal::write(out, &answer, &book, &catalogue, width())?,
        LookupFormat::Json => json::write(out, &answer, &catalogue)?,
    }
    let unknown = answer.codes.iter().any(|code| code.hits.is_empty());
    Ok(if unknown { LookupOutcome::Unknown } else { LookupOutcome::Known })
}

/// Asks the tables.
fn answer<'a>(book: &'a CodeBook, queries: &'a [CodeQuery]) -> Answer<'a> {
    Answer {
        pair: pair(book, queries),
        codes: queries.iter().map(|query| code(book, query)).collect(),
    }
}

/// Reads a pair out of one pair or two numbers.
fn pair<'a>(book: &'a CodeBook, queries: &[CodeQuery]) -> Option<PairAnswer<'a>> {
    let known = |primary, extended| {
        let known = book.pair(primary, extended);
        PairAnswer { primary, extended, known }
    };
    match queries {
        [CodeQuery { asked: Asked::Pair(primary, extended), .. }] => {
            Some(known(*primary, *extended))
        }
        [
            CodeQuery { asked: Asked::Value { value: primary, or_hex: primary_hex }, .. },
            CodeQuery { asked: Asked::Value { value: extended, or_hex: extended_hex }, .. },
        ] => {
            // `904 7` is how the dialog's numbers are often told: both are hex.
            let in_hex = primary_hex.zip(*extended_hex).map(|(first, second)| known(first, second));
            let as_written = known(*primary, *extended);
            // Two numbers need not be a pair: say so only of those that could be one.
            let could_be = book.meaning("mstsc-disconnect", *primary).is_some()
                && book.meaning("extended-disconnect", *extended).is_some();
            match in_hex {
                _ if as_written.known.is_some() => Some(as_written),
                Some(in_hex) if in_hex.known.is_some() => Some(in_hex),
                _ => could_be.then_some(as_written),
            }
        }
        _ => None,
    }
}

/// Looks one code up; for unknown ones, what may be said of them.
fn code<'a>(book: &'a CodeBook, query: &'a CodeQuery) -> CodeAnswer<'a> {
    let hits = book.lookup(query);
    let (mut resembles, mut similar) = (Vec::new(), Vec::new());
    if hits.is_empty() {
        match query.asked {
            Asked::Value { value, or_hex } => {
                resembles = book.resembles(value);
                if let Some(hex) = or_hex.filter(|_| resembles.is_empty()) {
                    resembles = book.resembles(hex);
                }
            }
            Asked::Symbol => similar = book.similar_symbols(&query.text),
            Asked::MessageId(_) | Asked::Pair(..) => {}
        }
    }
    CodeAnswer { query, hits, resembles, similar }
}

/// The width of the terminal, but no wider than reads well.
fn width() -> usize {
    comfy_table::Table::new().width().map_or(WIDEST, usize::from).clamp(40, WIDEST)
}

//! Cuts a stream of text into blocks of whole records.
//!
//! Knows where a record begins and ends, and how to find the next one behind damage. Knows
//! nothing of what a record says. Holds one block at a time, however large the text is.

use std::io::Read;
use std::ops::Range;

use super::{Flaw, json_cut, xml_cut};
use crate::model::LogForm;

/// Bytes of text that are read at once; a block is about that large.
const BLOCK: usize = 256 * 1024;
/// Bytes of the largest record. A record of a log has 64 KiB, most of which its text doubles,
/// and a rendered message may stand beside it.
const LARGEST: usize = 1 << 20;

/// Some records in a row.
#[derive(Debug, Default)]
pub(in crate::read) struct Block {
    /// Where the text stands in the whole of it.
    offset: u64,
    text: Vec<u8>,
    records: Vec<Range<usize>>,
    /// Records that are torn.
    pub(in crate::read) torn: u64,
    /// The first of them, by its offset.
    pub(in crate::read) first_torn: Option<(u64, Flaw)>,
    /// What ended the text before its time.
    pub(in crate::read) error: Option<String>,
    /// Number of bytes of text.
    pub(in crate::read) bytes: u64,
}

impl Block {
    /// The records, each with its offset in the text.
    pub(in crate::read) fn records(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.records.iter().filter_map(|range| {
            Some((self.offset + range.start as u64, self.text.get(range.clone())?))
        })
    }

    /// What is known of a text that cannot be read at all.
    pub(in crate::read) fn failed(error: &std::io::Error) -> Self {
        Self { error: Some(error.to_string()), ..Self::default() }
    }

    fn tear(&mut self, at: u64, flaw: Flaw) {
        self.torn += 1;
        self.first_torn.get_or_insert((at, flaw));
    }
}

/// What stands at a place of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A whole record.
    Record(Range<usize>),
    /// Something that should be a record and is none; the search goes on at `next`.
    Torn {
        /// Where it begins.
        at: usize,
        /// Where to go on, always behind the place that was asked for.
        next: usize,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// What begins here is not whole yet.
    More(usize),
}

/// A text that is cut.
#[derive(Debug)]
pub(in crate::read) struct Cutter<R> {
    content: R,
    form: LogForm,
    /// What was read and not handed on.
    text: Vec<u8>,
    /// Where it stands in the whole text.
    offset: u64,
    is_over: bool,
}

impl<R: Read> Cutter<R> {
    /// Cuts text of that form, which must be UTF-8 where it is more than ASCII.
    pub(in crate::read) const fn new(content: R, form: LogForm) -> Self {
        Self { content, form, text: Vec::new(), offset: 0, is_over: false }
    }

    /// Reads more text; returns the error that ended it.
    fn fill(&mut self) -> Option<String> {
        let before = self.text.len();
        let outcome = self.content.by_ref().take(BLOCK as u64).read_to_end(&mut self.text);
        self.is_over = outcome.is_err() || self.text.len() == before;
        outcome.err().map(|error| error.to_string())
    }

    fn step(&self, from: usize) -> Step {
        let rest = self.text.get(from..).unwrap_or_default();
        let step =
            if self.form == LogForm::Xml { xml_cut::step(rest) } else { json_cut::step(rest) };
        match step {
            Step::Record(range) => Step::Record(range.start + from..range.end + from),
            Step::Torn { at, next, flaw } => Step::Torn { at: at + from, next: next + from, flaw },
            Step::More(at) => Step::More(at + from),
        }
    }

    /// Cuts what is at hand. Returns where the rest begins.
    fn cut(&self, block: &mut Block) -> usize {
        let mut from = 0;
        loop {
            match self.step(from) {
                Step::Record(range) => {
                    from = range.end;
                    block.records.push(range);
                }
                Step::Torn { at, next, flaw } => {
                    block.tear(self.offset + at as u64, flaw);
                    from = next.max(from + 1);
                }
                Step::More(at) => return at.max(from),
            }
        }
    }
}

impl<R: Read> Iterator for Cutter<R> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        if self.is_over {
            return None;
        }
        let mut block = Block { offset: self.offset, ..Block::default() };
        block.error = self.fill();
        let mut rest = self.cut(&mut block);
        let left = self.text.len().saturating_sub(rest);
        if self.is_over && left > 0 {
            // A cut inside white space or a closing bracket loses nothing.
            let tail = self.text.get(rest..).unwrap_or_default();
            if begins_record(self.form, tail) {
                block.tear(self.offset + rest as u64, Flaw::Cut);
            }
            rest = self.text.len();
        } else if left > LARGEST {
            block.tear(self.offset + rest as u64, Flaw::TooLong);
            rest = self.text.len();
        }
        let kept = self.text.split_off(rest.min(self.text.len()));
        block.text = std::mem::replace(&mut self.text, kept);
        block.bytes = block.text.len() as u64;
        self.offset += block.bytes;
        Some(block)
    }
}

/// Whether a text that ends too soon has begun a record.
fn begins_record(form: LogForm, text: &[u8]) -> bool {
    if form == LogForm::Xml { xml_cut::begins(text) } else { !text.is_empty() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: LogForm, text: &str, records: &[&str], torn: &[Flaw]) {
        let blocks: Vec<Block> = Cutter::new(text.as_bytes(), form).collect();
        let found: Vec<String> = blocks
            .iter()
            .flat_map(Block::records)
            .map(|(_, record)| String::from_utf8_lossy(record).into_owned())
            .collect();
        assert_eq!(found, records, "{text}");
        let flaws: Vec<Flaw> =
            blocks.iter().filter_map(|block| Some(block.first_torn?.1)).collect();
        assert_eq!(flaws.first(), torn.first(), "{text}");
        assert_eq!(blocks.iter().map(|block| block.torn).sum::<u64>(), torn.len() as u64, "{text}");
        for (at, record) in blocks.iter().flat_map(Block::records) {
            let at = usize::try_from(at).unwrap();
            assert_eq!(&text.as_bytes()[at..at + record.len()], record);
        }
    }

    #[test]
    fn xml_is_cut_at_its_events() {
        let xml = |text, records: &[&str], torn: &[Flaw]| check(LogForm::Xml, text, records, torn);
        xml(
            "<Events>\n<Event a='1'><x/></Event>\r\n<Event>b</Event></Events>",
            &["<Event a='1'><x/></Event>", "<Event>b</Event>"],
            &[],
        );
        xml(
            "<?xml version='1.0'?><Event><EventData><EventID>1</EventID></EventData></Event >",
            &["<Event><EventData><EventID>1</EventID></EventData></Event >"],
            &[],
        );
        // What is commented out or quoted is no record.
        xml(
            "<!-- <Event>a</Event> --><Event><![CDATA[</Event><Event>]]></Event>",
            &["<Event><![CDATA[</Event><Event>]]></Event>"],
            &[],
        );
        // Behind a torn record the next one is found.
        xml("<Event>a<Event>b</Event>", &["<Event>b</Event>"], &[Flaw::Cut]);
        xml("<Event>a</Event><Event>b</Eve", &["<Event>a</Event>"], &[Flaw::Cut]);
        xml("<Event>a</Event><!-- b", &["<Event>a</Event>"], &[]);
        xml("</Event></Events>", &[], &[]);
        xml("", &[], &[]);
    }

    #[test]
    fn json_is_cut_at_its_objects() {
        let json =
            |text, records: &[&str], torn: &[Flaw]| check(LogForm::Json, text, records, torn);
        json("{\"a\":1}\n{\"a\":\"}\\\"{\"}\r\n\n", &["{\"a\":1}", "{\"a\":\"}\\\"{\"}"], &[]);
        json("[\n  {\n    \"a\": {}\n  },\n  {}\n]\n", &["{\n    \"a\": {}\n  }", "{}"], &[]);
        json("[{\"a\":[{}]},{}]", &["{\"a\":[{}]}", "{}"], &[]);
        json("Record 1\n{\n \"a\": 1\n}\nRecord 2\n{}\n", &["{\n \"a\": 1\n}", "{}"], &[]);
        // Behind a torn record the next one is found.
        json("{\"a\":{\"b\n{\"c\":1}\n", &["{\"c\":1}"], &[Flaw::Cut]);
        json("{\"a\":{\n{\"c\":1}\n", &["{\"c\":1}"], &[Flaw::Cut]);
        json("{\"a\":1}}\nnot json\n{}", &["{\"a\":1}", "{}"], &[Flaw::NoRecord, Flaw::NoRecord]);
        json("{}\n{\"a\":", &["{}"], &[Flaw::Cut]);
        json("", &[], &[]);
    }

    #[test]
    fn blocks_are_bounded() {
        let record = format!("<Event>{}</Event>\n", "x".repeat(1000));
        let giant = format!("<Event>{}</Event>\n", "x".repeat(3 << 20));
        let text = record.repeat(2000) + &giant + &record.repeat(2000);
        let mut records = 0;
        let mut torn = 0;
        for block in Cutter::new(text.as_bytes(), LogForm::Xml) {
            assert!(block.text.len() <= LARGEST + 2 * BLOCK, "{}", block.text.len());
            records += block.records.len();
            torn += block.torn;
        }
        assert!(records >= 3990, "{records}");
        assert!((1..=3).contains(&torn), "{torn}");
        let comments = "<!--".repeat(4 << 20);
        assert_eq!(
            Cutter::new(comments.as_bytes(), LogForm::Xml).map(|b| b.records.len()).sum::<usize>(),
            0
        );
    }
}

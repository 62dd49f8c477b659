//! The answer of `lookup` for people.
//!
//! Knows what is said in which order. The page knows columns and colors.

use std::io::{self, Write};

use super::page::{FAINT, ID, Page, TITLE, WARNING};
use super::{Answer, CodeAnswer, PairAnswer};
use crate::model::Text;
use crate::rules::catalogue::Catalogue;
use crate::rules::codes::{Clue, CodeBook, CodeQuery, Hit, Pair, Read, Space, Status};
use crate::rules::schema::Target;

/// The column of clues, behind their numbers.
const CLUE: usize = 6;

/// Writes the answer, at most `width` columns wide where words allow it.
pub(super) fn write(
    out: &mut dyn Write,
    answer: &Answer<'_>,
    book: &CodeBook,
    catalogue: &Catalogue,
    width: usize,
) -> io::Result<()> {
    let mut page = Page { out, width, indent: 2 };
    if let Some(pair) = &answer.pair {
        page.pair(pair, catalogue)?;
        writeln!(page.out)?;
    }
    for (number, code) in answer.codes.iter().enumerate() {
        if number > 0 {
            writeln!(page.out)?;
        }
        page.code(code, book)?;
    }
    Ok(())
}

impl Page<'_> {
    fn pair(&mut self, pair: &PairAnswer<'_>, catalogue: &Catalogue) -> io::Result<()> {
        let (primary, extended) = (pair.primary, pair.extended);
        write!(self.out, "{TITLE}Pair 0x{primary:X} / 0x{extended:X}{TITLE:#}")?;
        let Some(known) = pair.known else {
            writeln!(self.out)?;
            return self.text("Nothing is known of the two together; read each alone.");
        };
        if known.symptom {
            write!(self.out, "  {WARNING}a symptom, not a cause{WARNING:#}")?;
        }
        self.status(known.status)?;
        self.text(&known.meaning)?;
        if let Some(stage) = known.stage {
            self.label("stage", &stage.to_string())?;
        }
        self.list("proves", &known.proves)?;
        self.list("not proven", &known.does_not_prove)?;
        self.causes_with_titles(&known.causes, catalogue)?;
        self.tell_apart(known)?;
        if let Some(note) = &known.note {
            self.label("note", note)?;
        }
        Ok(())
    }

    /// Ids in one column, titles in the next.
    fn causes_with_titles(&mut self, causes: &[Text], catalogue: &Catalogue) -> io::Result<()> {
        let column = causes.iter().map(|id| id.len()).max().unwrap_or_default();
        for (number, id) in causes.iter().enumerate() {
            let title = catalogue.get(id).map_or("", |entry| entry.title.as_str());
            self.start_label(if number == 0 { "causes" } else { "" })?;
            write!(self.out, "{ID}{id:column$}{ID:#}  ")?;
            self.hanging(self.labeled() + column + 2, title)?;
        }
        Ok(())
    }

    fn tell_apart(&mut self, pair: &Pair) -> io::Result<()> {
        if pair.tell_apart.is_empty() {
            return Ok(());
        }
        self.label("tell apart", "in this order; the first evidence that holds decides")?;
        for (number, clue) in pair.tell_apart.iter().enumerate() {
            write!(self.out, "{:>4}  ", number + 1)?;
            self.clue(clue)?;
        }
        if let Some(otherwise) = &pair.otherwise {
            self.label("otherwise", otherwise)?;
        }
        for (number, (machine, logs)) in needed(&pair.tell_apart).into_iter().enumerate() {
            self.start_label(if number == 0 { "collect" } else { "" })?;
            write!(self.out, "{machine:8}")?;
            self.hanging(self.labeled() + 8, &logs.join(", "))?;
        }
        Ok(())
    }

    fn clue(&mut self, clue: &Clue) -> io::Result<()> {
        let machine = machine(clue.on);
        write!(self.out, "{FAINT}{machine}:{FAINT:#} ")?;
        self.hanging(CLUE + machine.len() + 2, &clue.logs.join(", "))?;
        write!(self.out, "{:CLUE$}", "")?;
        self.hanging(CLUE, &clue.evidence)?;
        write!(self.out, "{:CLUE$}-> {ID}", "")?;
        self.hanging(CLUE + 3, &clue.points_to.join(", "))?;
        write!(self.out, "{ID:#}")
    }

    fn code(&mut self, code: &CodeAnswer<'_>, book: &CodeBook) -> io::Result<()> {
        writeln!(self.out, "{TITLE}{}{TITLE:#}{}", code.query, also(code.query, &code.hits))?;
        if code.hits.is_empty() {
            return self.unknown(code, book);
        }
        self.indent = 4;
        let written = code.hits.iter().try_for_each(|hit| self.hit(hit));
        self.indent = 2;
        written
    }

    fn unknown(&mut self, code: &CodeAnswer<'_>, book: &CodeBook) -> io::Result<()> {
        let spaces = book.spaces().len();
        self.text(&format!("Not known in any of {spaces} number spaces."))?;
        for seems in &code.resembles {
            let (id, title) = (&seems.space.id, &seems.space.title);
            self.label("looks like", &format!("{}; see {id}: {title}", seems.of))?;
        }
        if !code.similar.is_empty() {
            self.label("similar", &code.similar.join(", "))?;
        }
        Ok(())
    }

    fn hit(&mut self, hit: &Hit<'_>) -> io::Result<()> {
        let Hit { space, code, .. } = hit;
        write!(self.out, "  {ID}{}{ID:#}  ", space.id)?;
        self.hanging(2 + space.id.len() + 2, &space.title)?;
        let name = code.symbol.as_deref().unwrap_or("no published name");
        write!(self.out, "    {}  {name}", both(space, code.value))?;
        self.status(code.status)?;
        if let Some(how) = how(hit.read) {
            self.text(how)?;
        }
        self.text(&code.meaning)?;
        if let Some(stage) = code.stage {
            self.label("stage", &stage.to_string())?;
        }
        if !code.causes.is_empty() {
            self.label("causes", &code.causes.join(", "))?;
        }
        self.label("seen in", &seen(space))?;
        if let Some(note) = &code.note {
            self.label("note", note)?;
        }
        Ok(())
    }

    /// Ends a line, saying what is not confirmed.
    fn status(&mut self, status: Status) -> io::Result<()> {
        match status {
            Status::Confirmed => writeln!(self.out),
            Status::Unconfirmed => writeln!(self.out, "  {FAINT}(unconfirmed){FAINT:#}"),
        }
    }
}

/// The logs that clues need, by machine, in the order of the clues.
fn needed(clues: &[Clue]) -> Vec<(&'static str, Vec<&str>)> {
    let mut needed: Vec<(&'static str, Vec<&str>)> = Vec::new();
    for clue in clues {
        let name = machine(clue.on);
        let position = needed.iter().position(|(machine, _)| *machine == name);
        let logs = clue.logs.iter().map(Text::as_str);
        match position.and_then(|position| needed.get_mut(position)) {
            Some((_, known)) => {
                for log in logs {
                    if !known.contains(&log) {
                        known.push(log);
                    }
                }
            }
            None => needed.push((name, logs.collect())),
        }
    }
    needed
}

/// The machine's name in an answer.
const fn machine(target: Target) -> &'static str {
    match target {
        Target::Client => "client",
        Target::Host => "host",
        Target::Network => "network",
        Target::Gateway => "gateway",
        Target::Dc => "dc",
        Target::Broker => "broker",
        Target::Pam => "pam",
    }
}

/// A code as the people who meet it write it, and in the other notation.
fn both(space: &Space, value: u32) -> String {
    let own = space.write(value);
    let hex = format!("0x{value:X}");
    if own == hex { format!("{hex} ({value})") } else { format!("{own} ({hex})") }
}

/// The other notation of a number asked for, and whether it was read as hex.
fn also(query: &CodeQuery, hits: &[Hit<'_>]) -> String {
    let Some(value) = query.value() else { return String::new() };
    let as_hex = hits.first().is_some_and(|hit| hit.read == Read::Plain && hit.code.value != value);
    if as_hex {
        return format!("  read as hex, 0x{}", query.text);
    }
    let hex = format!("0x{value:X}");
    if query.text.to_ascii_lowercase().starts_with("0x") {
        format!(" = {value}")
    } else {
        format!(" = {hex}")
    }
}

/// How a wrapped number was read.
const fn how(read: Read) -> Option<&'static str> {
    match read {
        Read::Plain => None,
        Read::Win32InHresult => Some("The HRESULT holds this Win32 error."),
        Read::NtstatusInHresult => Some("The HRESULT holds this NT status."),
        Read::LowHalf => Some("The number is the low half of this HRESULT."),
    }
}

/// Where codes of a space are seen, on one line.
fn seen(space: &Space) -> String {
    let fields = space.fields.iter().map(|place| {
        let provider = place.provider.as_deref().filter(|_| place.channel == "System");
        let events: Vec<_> = place.events.iter().map(u32::to_string).collect();
        let source = provider.map_or(String::new(), |provider| format!(" {provider}"));
        format!("{}{source} {}: {}", place.channel, events.join(", "), place.field)
    });
    let all: Vec<_> = fields.chain(space.seen.iter().map(Text::to_string)).collect();
    all.join("; ")
}

//! Lines of a page: indents, hanging paragraphs, wrapping, colors.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::TerminalStyle;
use crate::report::sanitize;

/// Longest text of one piece; a hostile value must not fill the page.
const PIECE_CHARS: usize = 600;
/// Stands for a blank where no line may break; becomes a blank on the page.
const TIED: char = '\u{a0}';

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Strong,
    Dim,
    Good,
    Warn,
    Bad,
    Command,
}

impl Paint {
    const fn style(self) -> Style {
        let style = Style::new();
        match self {
            Self::Plain => style,
            Self::Strong => style.bold(),
            Self::Dim => style.dimmed(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warn => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Command => AnsiColor::Cyan.on_default(),
        }
    }
}

/// Text of one look, safe to show.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    text: String,
    paint: Paint,
}

impl Piece {
    /// The only way for text onto a page: deceptive characters are written out, and text of
    /// any length becomes bounded.
    pub(super) fn new(paint: Paint, text: impl AsRef<str>) -> Self {
        let text = sanitize::shorten(text.as_ref(), PIECE_CHARS);
        Self { text: sanitize::line(&text).into_owned(), paint }
    }

    pub(super) fn plain(text: impl AsRef<str>) -> Self {
        Self::new(Paint::Plain, text)
    }

    pub(super) fn strong(text: impl AsRef<str>) -> Self {
        Self::new(Paint::Strong, text)
    }

    pub(super) fn dim(text: impl AsRef<str>) -> Self {
        Self::new(Paint::Dim, text)
    }

    /// Running text of a rule document, whose line breaks mean nothing.
    pub(super) fn prose(paint: Paint, text: &str) -> Self {
        Self { text: sanitize::paragraph(text), paint }
    }

    /// The same text, kept on one line where it fits on one.
    pub(super) fn tied(mut self) -> Self {
        self.text = self.text.replace(' ', TIED.encode_utf8(&mut [0; 4]));
        self
    }
}

/// A page in the making.
pub(super) struct Page<'s> {
    style: &'s TerminalStyle,
    width: usize,
    text: String,
}

impl<'s> Page<'s> {
    pub(super) fn new(style: &'s TerminalStyle) -> Self {
        Self { style, width: style.width.clamp(60, 120), text: String::new() }
    }

    pub(super) const fn style(&self) -> &'s TerminalStyle {
        self.style
    }

    /// How many of `total` to show where `limit` is the usual bound. One more than the bound
    /// is shown rather than a line that says so.
    pub(super) const fn shown(&self, total: usize, limit: usize) -> usize {
        if self.style.all || total <= limit + 1 { total } else { limit }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Text from column `indent` on, wrapped there.
    pub(super) fn paragraph(&mut self, indent: usize, body: &[Piece]) {
        self.hanging(&[], indent, body);
    }

    /// A prefix, then text that begins at column `at` and is wrapped there. A prefix that
    /// leaves no blank before that column stands on a line of its own.
    pub(super) fn hanging(&mut self, prefix: &[Piece], at: usize, body: &[Piece]) {
        let mut line = Line::new(self.style.color);
        let mut used = 0;
        for piece in prefix {
            piece.text.chars().for_each(|c| line.push(c, piece.paint));
            used += width_of(&piece.text);
        }
        if used > 0 && used >= at {
            line.end(&mut self.text);
            used = 0;
        }
        (used..at).for_each(|_| line.push(' ', Paint::Plain));
        let mut painted = body
            .iter()
            .flat_map(|piece| piece.text.chars().map(|c| (c, piece.paint)))
            .filter(|(c, _)| !c.is_whitespace());
        let text: String = body.iter().map(|piece| piece.text.as_str()).collect();
        for (number, wrapped) in wrap(&text, self.width.saturating_sub(at)).iter().enumerate() {
            if number > 0 {
                (0..at).for_each(|_| line.push(' ', Paint::Plain));
            }
            let mut paint = Paint::Plain;
            for c in wrapped.chars() {
                // Wrapping moves blanks only, so the other characters keep their order.
                if !c.is_whitespace() {
                    paint = painted.next().map_or(Paint::Plain, |(_, paint)| paint);
                }
                line.push(if c == TIED { ' ' } else { c }, paint);
            }
            line.end(&mut self.text);
        }
    }

    /// Lines that a person copies: never wrapped, never cut.
    pub(super) fn verbatim(&mut self, indent: usize, paint: Paint, text: &str) {
        for source in text.lines() {
            let mut line = Line::new(self.style.color);
            (0..indent).for_each(|_| line.push(' ', Paint::Plain));
            sanitize::line(source.trim_end()).chars().for_each(|c| line.push(c, paint));
            line.end(&mut self.text);
        }
    }

    /// A table below a header, for those who asked for everything.
    pub(super) fn table(&mut self, indent: usize, header: &[&str], rows: &[Vec<String>]) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).force_no_tty().set_header(header);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(to_u16(self.width.saturating_sub(indent)));
        for row in rows {
            table.add_row(row.iter().map(|cell| sanitize::line(cell).into_owned()));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for (number, text) in table.lines().enumerate() {
            let paint = if number == 0 { Paint::Dim } else { Paint::Plain };
            let mut line = Line::new(self.style.color);
            (0..indent).for_each(|_| line.push(' ', Paint::Plain));
            text.chars().for_each(|c| line.push(c, paint));
            line.end(&mut self.text);
        }
    }
}

/// One line with its colors; blanks at its end are dropped.
struct Line {
    color: bool,
    text: String,
    paint: Paint,
    blanks: usize,
}

impl Line {
    const fn new(color: bool) -> Self {
        Self { color, text: String::new(), paint: Paint::Plain, blanks: 0 }
    }

    fn push(&mut self, c: char, paint: Paint) {
        if c == ' ' {
            self.blanks += 1;
            return;
        }
        self.text.extend(std::iter::repeat_n(' ', std::mem::take(&mut self.blanks)));
        self.change(paint);
        self.text.push(c);
    }

    fn change(&mut self, paint: Paint) {
        if self.color && paint != self.paint {
            // Writing to a String cannot fail.
            let _ = write!(self.text, "{:#}{}", self.paint.style(), paint.style());
        }
        self.paint = paint;
    }

    fn end(&mut self, page: &mut String) {
        self.change(Paint::Plain);
        self.blanks = 0;
        page.push_str(&self.text);
        page.push('\n');
        self.text.clear();
    }
}

/// The text in lines of at most `width` columns, broken at blanks, and within words that are
/// longer than a line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.add_row([text]);
    let width = to_u16(width.max(1));
    for column in table.column_iter_mut() {
        column.set_padding((0, 0));
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    table.lines().map(|line| line.trim_end_matches(' ').to_owned()).collect()
}

/// Columns that the text takes on a terminal.
pub(super) fn width_of(text: &str) -> usize {
    let mut table = Table::new();
    table.add_row([text]);
    table.column_max_content_widths().first().copied().map_or(0, usize::from)
}

fn to_u16(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(color: bool, write: impl FnOnce(&mut Page<'_>)) -> String {
        let style = TerminalStyle { width: 60, color, ..TerminalStyle::default() };
        let mut page = Page::new(&style);
        write(&mut page);
        page.finish()
    }

    #[test]
    fn paragraphs_hang_and_wrap() {
        let words = "word ".repeat(20);
        let text = page(false, |page| {
            page.hanging(&[Piece::strong("   for")], 12, &[Piece::plain(&words)]);
        });
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("   for      word word"), "{text}");
        assert!(lines[1].starts_with("            word"), "{text}");
        assert!(lines.iter().all(|line| line.len() <= 60 && !line.ends_with(' ')), "{text}");
    }

    #[test]
    fn wide_characters_count_twice_and_long_words_break() {
        let text = page(false, |page| page.paragraph(2, &[Piece::plain("漢".repeat(40))]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0].chars().filter(|c| *c == '漢').count(), 29);
        assert_eq!(width_of("漢a"), 3);
    }

    #[test]
    fn tied_text_moves_to_the_next_line_whole() {
        let text = page(false, |page| {
            let long = Piece::plain("x".repeat(50));
            page.paragraph(0, &[long, Piece::plain(" "), Piece::plain("System 1057 #1").tied()]);
        });
        assert_eq!(text, format!("{}\nSystem 1057 #1\n", "x".repeat(50)));
    }

    #[test]
    fn colors_follow_their_piece_through_wrapping() {
        let text = page(true, |page| {
            page.paragraph(0, &[Piece::plain("a ".repeat(29)), Piece::new(Paint::Bad, "red text")]);
        });
        let red = Paint::Bad.style();
        let plain = "a ".repeat(29);
        assert_eq!(text, format!("{plain}\n{red}red text{red:#}\n").replace(" \n", "\n"));
        let text = page(true, |page| {
            page.paragraph(0, &[Piece::plain("a ".repeat(28)), Piece::new(Paint::Bad, "red text")]);
        });
        let plain = "a ".repeat(28);
        assert_eq!(text, format!("{plain}{red}red{red:#}\n{red}text{red:#}\n"));
    }

    #[test]
    fn nothing_written_acts_on_the_terminal() {
        let evil = "\u{1b}[2J\r\n\u{9b}m\u{202e}";
        let text = page(false, |page| {
            page.paragraph(0, &[Piece::plain(evil), Piece::prose(Paint::Dim, evil)]);
            page.hanging(&[Piece::plain(evil)], 4, &[Piece::plain(evil)]);
            page.verbatim(0, Paint::Command, evil);
            page.table(0, &["a"], &[vec![evil.to_owned()]]);
        });
        let lines: Vec<&str> = text.split('\n').collect();
        assert!(lines.iter().all(|line| !line.contains(sanitize::is_deceptive)), "{text:?}");
    }
}

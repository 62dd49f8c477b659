//! Lines of text with labels and hanging indents, wrapped at a width.
//!
//! Knows columns and colors, no codes. Color codes are always written; the stream strips them
//! where they are not wanted.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::model::Text;

/// What stands at the top of an answer.
pub(in crate::cli) const TITLE: Style = Style::new().bold();
/// Cause ids and spaces.
pub(in crate::cli) const ID: Style = AnsiColor::Cyan.on_default();
/// Labels, and what is less sure.
pub(in crate::cli) const FAINT: Style = Style::new().dimmed();
/// What people get wrong.
pub(in crate::cli) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Columns of a label with the gap behind it.
const LABEL: usize = 12;

/// Where to write, how wide, and from which column.
pub(in crate::cli) struct Page<'a> {
    pub(in crate::cli) out: &'a mut dyn Write,
    /// Lines are broken before they grow wider, unless a single word is.
    pub(in crate::cli) width: usize,
    /// The column of labels and paragraphs.
    pub(in crate::cli) indent: usize,
}

impl Page<'_> {
    /// The column in which labeled text begins.
    pub(in crate::cli) fn labeled(&self) -> usize {
        self.indent + LABEL
    }

    /// A paragraph.
    pub(in crate::cli) fn text(&mut self, text: &str) -> io::Result<()> {
        write!(self.out, "{:1$}", "", self.indent)?;
        self.hanging(self.indent, text)
    }

    /// A label and a text beside it.
    pub(in crate::cli) fn label(&mut self, label: &str, text: &str) -> io::Result<()> {
        self.start_label(label)?;
        self.hanging(self.labeled(), text)
    }

    /// A label and a list beside it; nothing for no items.
    pub(in crate::cli) fn list(&mut self, label: &str, items: &[Text]) -> io::Result<()> {
        for (number, item) in items.iter().enumerate() {
            self.start_label(if number == 0 { label } else { "" })?;
            write!(self.out, "- ")?;
            self.hanging(self.labeled() + 2, item)?;
        }
        Ok(())
    }

    /// A label alone; what follows stands in column [`Page::labeled`].
    pub(in crate::cli) fn start_label(&mut self, label: &str) -> io::Result<()> {
        write!(self.out, "{:1$}{FAINT}{label:LABEL$}{FAINT:#}", "", self.indent)
    }

    /// Text that begins in column `column`, where the line already is, and goes on there in
    /// the next lines; ends the last one.
    pub(in crate::cli) fn hanging(&mut self, column: usize, text: &str) -> io::Result<()> {
        self.flowing(column, column, text)
    }

    /// Text that begins in column `at`, where the line already is, and goes on in column `column`;
    /// ends the last line.
    pub(in crate::cli) fn flowing(
        &mut self,
        at: usize,
        column: usize,
        text: &str,
    ) -> io::Result<()> {
        let mut used = at;
        for (number, word) in text.split_whitespace().enumerate() {
            let length = word.chars().count();
            let gap = usize::from(number > 0 && used > column);
            if used > column && used + gap + length > self.width {
                write!(self.out, "\n{:column$}", "")?;
                used = column;
            } else {
                write!(self.out, "{:gap$}", "")?;
                used += gap;
            }
            write!(self.out, "{word}")?;
            used += length;
        }
        writeln!(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_flows_from_where_the_line_is() {
        let mut out = Vec::new();
        let mut page = Page { out: &mut out, width: 20, indent: 0 };
        page.flowing(12, 4, "one two three four five").unwrap();
        page.flowing(18, 4, "three").unwrap();
        assert_eq!(out, b"one two\n    three four five\n\n    three\n");
    }

    #[test]
    fn text_hangs_in_its_column_and_long_words_stay_whole() {
        let mut out = Vec::new();
        let mut page = Page { out: &mut out, width: 24, indent: 2 };
        page.label("stage", "one two three four").unwrap();
        page.list("", &["anextremelylongword".into(), "end".into()]).unwrap();
        page.text("").unwrap();
        let text = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
        let expected = "  stage       one two\n              three four\n\
                        \x20             - anextremelylongword\n              - end\n  \n";
        assert_eq!(text, expected);
    }
}

//! Rows for spreadsheets: RFC 4180, and no cell that a spreadsheet would take for a formula.

use std::io::{self, Write};

use super::sanitize;

/// Writes rows as CSV: a header, then the rows. Text is quoted, numbers are not.
///
/// Spreadsheets run a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break; a name
/// from a log may begin so. Such a cell gets an apostrophe in front, which marks text.
/// Quotes around all text keep a cell whole where semicolons part the columns.
///
/// # Errors
/// Only those of `out`.
pub(super) fn write(
    out: &mut dyn Write,
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::NonNumeric)
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| inert(cell)))?;
    }
    writer.flush()
}

/// The text as a cell that shows it and does nothing.
fn inert(text: &str) -> String {
    let acts = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
    let safe = sanitize::line(text);
    if acts && !is_number { format!("'{safe}") } else { safe.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_shown_not_run() {
        let rows = [["=1+1", "-2.5"], ["@x", "a,\"b\";=c"], ["\t=1", "joe"]];
        let rows = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect());
        let mut bytes = Vec::new();
        write(&mut bytes, &["one", "two"], rows).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "\"one\",\"two\"\r\n\"'=1+1\",-2.5\r\n\"'@x\",\"a,\"\"b\"\";=c\"\r\n\"'\\u{9}=1\",\"joe\"\r\n"
        );
    }
}

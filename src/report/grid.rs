//! Tables for people: rows below a header, fitted to the width of the terminal.
//!
//! What does not fit goes in order of importance: the least important columns are left out,
//! and a line below says which. What is still too wide is wrapped within its cell.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};

use super::sanitize;

/// Columns between two cells.
const PADDING: u16 = 2;
/// Longest text of a cell; a hostile value must not fill the table.
const CELL: usize = 200;

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its header.
    pub(super) title: String,
    /// Columns of rank 0 are always shown; the highest rank goes first where space is short.
    pub(super) rank: u8,
    /// Longer cells are rather wrapped than that another column is left out.
    pub(super) wraps: usize,
}

impl Column {
    /// A column with that header and rank.
    pub(super) fn new(title: impl Into<String>, rank: u8) -> Self {
        Self { title: title.into(), rank, wraps: usize::MAX }
    }

    /// The same, wrapped at that width where space is short.
    pub(super) const fn wrapped_at(mut self, width: usize) -> Self {
        self.wraps = width;
        self
    }
}

/// The table with a newline at its end; nothing but the header where there are no rows. Empty
/// columns of a rank other than 0 are left out without a word.
pub(super) fn render(columns: &[Column], rows: &[Vec<String>], width: usize) -> String {
    let cells: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|text| cell(text)).collect()).collect();
    let widths = widths(columns, &cells);
    let empty =
        |index: usize| cells.iter().all(|row| row.get(index).is_none_or(|cell| cell.is_empty()));
    let mut kept: Vec<usize> = (0..columns.len())
        .filter(|index| {
            columns.get(*index).is_some_and(|column| column.rank == 0 || !empty(*index))
        })
        .collect();
    let mut hidden = Vec::new();
    while total(&kept, &widths) > width {
        let rank = |index: &usize| columns.get(*index).map_or(0, |column| column.rank);
        let last = kept.iter().copied().max_by_key(|index| (rank(index), *index));
        let Some(least) = last.filter(|index| rank(index) > 0) else { break };
        kept.retain(|index| *index != least);
        hidden.push(least);
    }
    let mut text = draw(columns, &cells, &kept, width);
    if !hidden.is_empty() {
        hidden.sort_unstable();
        let names: Vec<&str> = hidden
            .iter()
            .filter_map(|index| columns.get(*index))
            .map(|column| column.title.as_str())
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "Left out for want of space: {}.", names.join(", "));
    }
    text
}

fn cell(text: &str) -> String {
    sanitize::line(&sanitize::shorten(text, CELL)).into_owned()
}

/// The columns of the terminal that each column asks for.
fn widths(columns: &[Column], cells: &[Vec<String>]) -> Vec<usize> {
    let mut table = Table::new();
    table.set_header(columns.iter().map(|column| column.title.as_str()));
    for row in cells {
        table.add_row(row);
    }
    let widest = table.column_max_content_widths().into_iter().map(usize::from);
    widest.zip(columns).map(|(width, column)| width.min(column.wraps)).collect()
}

fn total(kept: &[usize], widths: &[usize]) -> usize {
    let cells: usize = kept.iter().filter_map(|index| widths.get(*index)).sum();
    cells + usize::from(PADDING) * kept.len().saturating_sub(1)
}

fn draw(columns: &[Column], cells: &[Vec<String>], kept: &[usize], width: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    // The padding of the last column is drawn beyond the edge and cut off below.
    let width = u16::try_from(width).unwrap_or(u16::MAX).saturating_add(PADDING);
    table.set_width(width);
    table.set_header(
        kept.iter().filter_map(|index| columns.get(*index)).map(|column| column.title.as_str()),
    );
    for row in cells {
        table.add_row(kept.iter().map(|index| row.get(*index).map_or("", String::as_str)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, PADDING));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        vec![Column::new("when", 0), Column::new("whom", 2), Column::new("why", 0)]
    }

    fn rows(whom: &str) -> Vec<Vec<String>> {
        vec![vec!["02:11".to_owned(), whom.to_owned(), "no key".to_owned()]]
    }

    #[test]
    fn the_least_important_columns_go_first() {
        let wide = render(&columns(), &rows("joe"), 40);
        assert_eq!(wide, "when   whom  why\n02:11  joe   no key\n");
        let narrow = render(&columns(), &rows("joe"), 16);
        assert_eq!(narrow, "when   why\n02:11  no key\nLeft out for want of space: whom.\n");
        let empty = render(&columns(), &rows(""), 40);
        assert_eq!(empty, "when   why\n02:11  no key\n");
    }

    #[test]
    fn what_must_stay_is_wrapped() {
        let rows = vec![vec!["02:11".to_owned(), String::new(), "word ".repeat(20)]];
        let text = render(&columns(), &rows, 40);
        assert!(text.lines().count() > 3, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
    }

    #[test]
    fn nothing_acts_on_the_terminal() {
        let text = render(&columns(), &rows("\u{1b}[2J\r\n\u{202e}"), 80);
        assert!(text.lines().all(|line| !line.contains(sanitize::is_deceptive)), "{text:?}");
        assert_eq!(text.lines().count(), 2);
    }
}

//! The report as a page for people: the answer first, then what it rests on, what to do, and
//! what could not be seen.
//!
//! Knows layout only. Whether there is a terminal, how wide it is and whether it shows colors
//! is the caller's business. All text passes [`crate::report::sanitize`] on its way to the
//! page, in one place: where a [`page::Piece`] is made.

mod case;
mod cite;
mod clock;
mod diagnosis;
mod evidence;
mod fix;
mod left_out;
mod open;
mod page;
mod proof;
mod tree;

use std::collections::BTreeMap;

use crate::model::{Diagnosis, Kind, Report};
use page::{Page, Piece};

pub use proof::render_proofs;
pub use tree::render_tree;

/// Conclusions on a page unless all are asked for.
const DIAGNOSES: usize = 12;

/// How a page looks.
#[derive(Clone, Debug)]
pub struct TerminalStyle {
    /// Columns; the page is at least 60 and at most 120 wide, as longer lines read badly.
    pub width: usize,
    /// Write ANSI colors.
    pub color: bool,
    /// Show everything, however long.
    pub all: bool,
    /// Items of evidence for and against each conclusion unless all are asked for.
    pub max_evidence: usize,
}

impl Default for TerminalStyle {
    fn default() -> Self {
        Self { width: 100, color: false, all: false, max_evidence: 4 }
    }
}

/// The page, with a newline at its end.
pub fn render(report: &Report, style: &TerminalStyle) -> String {
    let mut page = Page::new(style);
    case::write(&mut page, report);
    let (benign, found): (Vec<_>, Vec<_>) =
        report.diagnoses.iter().partition(|diagnosis| diagnosis.candidate.kind == Kind::Benign);
    if found.is_empty() {
        open::write_no_fault(&mut page, report, left_out::no_fault(report));
    } else {
        write_found(&mut page, report, &found);
    }
    open::write_benign(&mut page, &benign);
    open::write_undecided(&mut page, report);
    left_out::write(&mut page, report);
    open::write_not_tested(&mut page, report);
    open::write_problems(&mut page, report);
    page.finish()
}

fn write_found(page: &mut Page<'_>, report: &Report, found: &[&Diagnosis]) {
    let shown = page.shown(found.len(), DIAGNOSES);
    let columns = diagnosis::Columns::of(found.iter().take(shown));
    let mut told = diagnosis::Told::default();
    for diagnosis in found.iter().take(shown) {
        page.blank();
        diagnosis::write(page, report, diagnosis, &columns, &mut told);
    }
    let mut rest: BTreeMap<&str, usize> = BTreeMap::new();
    for diagnosis in found.iter().skip(shown) {
        *rest.entry(&diagnosis.candidate.cause).or_default() += 1;
    }
    if !rest.is_empty() {
        let causes: Vec<String> = rest.iter().map(|(cause, n)| format!("{cause} ×{n}")).collect();
        let hidden = found.len() - shown;
        page.blank();
        page.paragraph(
            3,
            &[Piece::dim(format!("… and {hidden} more (--all): {}", causes.join(", ")))],
        );
    }
}

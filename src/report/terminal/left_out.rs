//! What there is besides, and was not asked for: a page that shows a part says so.

use super::case::grouped;
use super::open::{block_line, block_rest};
use super::page::{Page, Paint, Piece};
use crate::model::{Diagnosis, Kind, Report};

/// Conclusions below the band that are named unless all are asked for.
const BELOW: usize = 5;

/// The headline of a page without a fault.
pub(super) fn no_fault(report: &Report) -> &'static str {
    let left_out = &report.left_out;
    if is_fault_below(report) {
        "No fault found that is as sure as asked for; see Left out."
    } else if left_out.attempts > 0 && report.attempts.is_empty() {
        "Nothing in what was supplied is as asked for."
    } else if left_out.attempts > 0 || left_out.diagnoses > 0 || left_out.far_unread {
        "No fault found in what was asked for."
    } else {
        "No fault found in what was supplied."
    }
}

fn is_fault_below(report: &Report) -> bool {
    report.left_out.below.iter().any(|found| found.candidate.kind != Kind::Benign)
}

pub(super) fn write(page: &mut Page<'_>, report: &Report) {
    let left_out = &report.left_out;
    let mut lines = 0;
    let others = others(report);
    if !others.is_empty() {
        block_line(page, "Left out", lines, &[Piece::plain(others)]);
        lines += 1;
    }
    let shown = page.shown(left_out.below.len(), BELOW);
    for found in left_out.below.iter().take(shown) {
        block_line(page, "Left out", lines, &below(found));
        lines += 1;
    }
    block_rest(page, left_out.below.len() - shown);
}

/// `None of the 6 tries is as asked for; without the filters there is 1 conclusion more`.
fn others(report: &Report) -> String {
    let (shown, others) = (report.attempts.len(), report.left_out.attempts);
    let left_out = match (others, shown) {
        (0, _) => None,
        (1, 0) => Some("The one try is not as asked for".to_owned()),
        (_, 0) => Some(format!("None of the {} is as asked for", tries(others))),
        (1, _) => Some(format!("1 of {} is not as asked for", tries(shown + others))),
        _ => Some(format!(
            "{} of {} are not as asked for",
            grouped(others as u64),
            tries(shown + others)
        )),
    };
    let conclusions = match report.left_out.diagnoses {
        0 => None,
        1 => Some("without the filters there is 1 conclusion more".to_owned()),
        more => {
            let more = grouped(more as u64);
            Some(format!("without the filters there are {more} conclusions more"))
        }
    };
    let far = report.left_out.far_unread;
    let far =
        far.then(|| "what is more than a day away, or of other machines, was not read".to_owned());
    left_out.into_iter().chain(conclusions).chain(far).collect::<Vec<_>>().join("; ")
}

fn tries(count: usize) -> String {
    if count == 1 { "1 try".to_owned() } else { format!("{} tries", grouped(count as u64)) }
}

/// `pam-password-stale, likely (svc on SRV01, 4 tries): below the band asked for`.
fn below(found: &Diagnosis) -> [Piece; 3] {
    let candidate = &found.candidate;
    let explained = match candidate.attempts.len() {
        0 => String::new(),
        count => format!(", {}", tries(count)),
    };
    [
        Piece::new(Paint::Warn, format!("{}, {}", candidate.cause, candidate.confidence.name())),
        Piece::plain(format!(" ({}{explained})", candidate.scope)),
        Piece::dim(": below the band asked for"),
    ]
}

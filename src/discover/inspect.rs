//! Tells logs from other files by their first bytes.

use std::path::Path;

use super::Objection;
use super::export;
use crate::model::{LogForm, ProblemKind};
use crate::text;

pub(super) const FILE_MAGIC: &[u8] = b"ElfFile\0";
pub(super) const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
/// Size of the file header, behind which the first chunk starts.
const FILE_HEADER: u16 = 4096;

/// By what a log was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// How it is written.
    pub(super) form: LogForm,
    /// Whether nothing is missing at its start.
    has_header: bool,
}

impl Marks {
    /// What is wrong with a log of these marks and that size.
    pub(super) fn flaw(self, bytes: u64) -> Option<(ProblemKind, &'static str)> {
        if !matches!(self.form, LogForm::Evtx { .. }) {
            return None;
        }
        if !self.has_header {
            let detail = "the file header is lost; the chunks are read";
            return Some((ProblemKind::NoFileHeader, detail));
        }
        let is_cut = bytes < u64::from(FILE_HEADER);
        is_cut.then_some((ProblemKind::Truncated, "the file ends inside its header"))
    }
}

/// The marks of a log in the first bytes of a file; `None` where it is none.
pub(super) fn marks(head: &[u8]) -> Option<Marks> {
    let header = u64::from(FILE_HEADER);
    if head.starts_with(FILE_MAGIC) {
        return Some(Marks { form: LogForm::Evtx { first_chunk: header }, has_header: true });
    }
    let has_chunk_at = |at: u64| {
        let rest = usize::try_from(at).ok().and_then(|at| head.get(at..));
        rest.is_some_and(|rest| rest.starts_with(CHUNK_MAGIC))
    };
    match [0, header].into_iter().find(|at| has_chunk_at(*at)) {
        Some(first_chunk) => Some(Marks { form: LogForm::Evtx { first_chunk }, has_header: false }),
        None => export::form(head).map(|form| Marks { form, has_header: true }),
    }
}

/// Why a file that tells of events or settings is left alone all the same; `None` for others.
pub(super) fn left_alone(head: &[u8]) -> Option<Objection> {
    let detail = if export::is_choice(head) {
        "is a table with a choice of each record's values, of which no record can be made again; \
         bring the logs themselves"
    } else if is_netsh(&text::start(head)) {
        "lists rules of the firewall as `netsh` does, in words of one language, which are not \
         read; bring a `reg export` of the key \
         HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy"
    } else {
        return None;
    };
    Some((ProblemKind::FactsUnused, detail.to_owned()))
}

/// Whether a text lists things as `netsh` does, in whatever language: a name behind a colon, a
/// line of dashes, and lines with a colon each, among them a port's number or a protocol's name.
fn is_netsh(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_pair =
        |line: &str| line.split_once([':', '\u{ff1a}']).is_some_and(|(_, value)| !value.is_empty());
    let (Some(name), Some(dashes)) = (lines.next(), lines.next()) else { return false };
    let is_rule = |line: &str| {
        let value = line.rsplit([':', '\u{ff1a}']).next().unwrap_or_default().trim();
        ["TCP", "UDP", "3389"].contains(&value)
    };
    let block: Vec<&str> = lines.by_ref().take_while(|line| is_pair(line)).take(20).collect();
    is_pair(name)
        && dashes.len() >= 20
        && dashes.chars().all(|c| c == '-')
        && block.len() >= 3
        && block.into_iter().any(is_rule)
}

/// What a file without a log's marks seems to be.
pub(super) fn guess(head: &[u8]) -> Objection {
    if head.is_empty() {
        return (ProblemKind::EmptyFile, "is empty".to_owned());
    }
    if let Some(objection) = left_alone(head) {
        return objection;
    }
    let head = head.get(..64).unwrap_or(head);
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let what = match head {
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => "a RAR archive, which cannot be opened",
        [_, _, _, _, b'L', b'f', b'L', b'e', ..] => "a log of Windows XP or older (EVT)",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "text",
        _ if start.starts_with(b"<") => "XML text",
        _ if start.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace()) => {
            "text"
        }
        _ if head.iter().all(|byte| *byte == 0) => "zeros at its start",
        _ => "data of an unknown kind",
    };
    (ProblemKind::NotALog, format!("is no event log but {what}"))
}

/// Whether a log is expected behind the name.
pub fn has_log_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("evtx"))
}

//! Lists of installed updates, by the numbers of their articles: `Get-HotFix` and `wmic qfe` as
//! tables, and the list in `systeminfo`.
//!
//! A list names the updates that are on record, not those that they contain: what it lacks may be
//! installed as a part of a later one.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::lines::each_line;
use super::{Fact, MOST_FACTS};
use crate::model::{FactKind, Value};

/// Whether a text begins like a table of updates: the names of its columns are not translated.
pub(super) fn is_table(text: &str) -> bool {
    let Some(head) = text.lines().find(|line| !line.trim().is_empty()) else { return false };
    let mut columns = head.split_whitespace();
    let is_head = head.split_whitespace().all(|name| name.chars().all(|c| c.is_ascii_alphabetic()));
    is_head && columns.any(|name| name.eq_ignore_ascii_case("HotFixID"))
}

/// Reads a table.
pub(super) fn read(content: &mut dyn Read) -> io::Result<Vec<Fact>> {
    let mut found = BTreeMap::new();
    each_line(content, |number, line| {
        if let Some(article) = line.split_whitespace().find_map(article) {
            take(&mut found, article, number);
        }
    })?;
    Ok(facts(found))
}

/// The update in a line of `systeminfo`, such as `[01]: KB5012170`.
pub(super) fn listed(line: &str) -> Option<String> {
    let (index, rest) = line.trim().strip_prefix('[')?.split_once("]:")?;
    index.parse::<u32>().ok()?;
    article(rest.trim())
}

/// Remembers an update by the first line that names it.
pub(super) fn take(found: &mut BTreeMap<String, u64>, article: String, line: u64) {
    if found.len() < MOST_FACTS {
        found.entry(article).or_insert(line);
    }
}

/// The facts that a list tells, by line.
pub(super) fn facts(found: BTreeMap<String, u64>) -> Vec<Fact> {
    let mut facts: Vec<_> = found.into_iter().map(|(article, line)| fact(line, article)).collect();
    facts.sort_by_key(|fact| fact.line);
    facts
}

pub(super) fn fact(line: u64, article: String) -> Fact {
    let fields = vec![("Article", Value::text(article))];
    Fact { kind: FactKind::Hotfix, line, since: None, fields }
}

/// `KB` and the number of an article.
pub(super) fn article(text: &str) -> Option<String> {
    let number = text.strip_prefix("KB").or_else(|| text.strip_prefix("kb"))?;
    let is_number = (6..=8).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| format!("KB{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_in_any_language() {
        let table = "\nSource        Description      HotFixID      InstalledBy          InstalledOn\n\
                     ------        -----------      --------      -----------          -----------\n\
                     SRV01         S\u{e9}curit\u{e9} KB5055523     AUTORITE NT\\Syst\u{e8}me  08/04/2025\n\
                     DESKTOP-R...  Update           KB5051987                          2025/2/11\n";
        let wmic = "Caption                                     CSName  HotFixID\r\r\n\
                    http://support.microsoft.com/?kbid=5055523  SRV01   KB5055523\r\r\n\
                    KB12 KB5055523X                             SRV01   KB5051987\r\r\n";
        for (text, lines) in [(table, [4, 5]), (wmic, [2, 3])] {
            assert!(is_table(text));
            let facts = read(&mut text.as_bytes()).unwrap();
            let shown: Vec<_> =
                facts.iter().map(|fact| (fact.line, fact.fields[0].1.to_text())).collect();
            assert_eq!(shown, [(lines[0], "KB5055523".into()), (lines[1], "KB5051987".into())]);
        }
        for text in
            ["", "if ($_.HotFixID -eq 'KB5055523')", "HotFix Article\n", "a HotFixID, KB5055523"]
        {
            assert!(!is_table(text), "{text}");
        }
    }
}
